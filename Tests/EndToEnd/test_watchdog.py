"""A loop that hangs is noticed and the service started again, with a socket that stands for systemd's.

`test_package_root.py` shows the same under systemd itself.
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from suite import Suite, wait_until

FREEZE = pathlib.Path(__file__).parent / "freeze.py"
PATIENCE_SECONDS = 4


class Systemd:
    """Hears what a service says of itself; `fed` is when it last said that it is alive."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.path, self.fed, self.said = str(path), None, []

    def listen(self):
        while True:
            try:
                words = self.socket.recv(4096).decode().splitlines()
            except BlockingIOError:
                return self
            self.said += words
            if "WATCHDOG=1" in words:
                self.fed = time.monotonic()

    def silent(self):
        return time.monotonic() - self.listen().fed

    @property
    def settings(self):
        return {"NOTIFY_SOCKET": self.path, "WATCHDOG_USEC": str(PATIENCE_SECONDS * 1_000_000)}


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="stops a thread as a debugger does")
def test_a_loop_that_hangs_is_not_fed_and_its_complaint_waits_for_the_next_process(kafka, tmp_path):
    systemd = Systemd(tmp_path / "notify")
    with Suite(kafka, tmp_path / "suite", {"DAYU_STUCK_AFTER": "3s"}, services=["intake", "disclosure"]) as suite:
        suite.environment |= systemd.settings
        suite.start("routing")
        suite.wait_ready("routing")
        wait_until("systemd hears of it", lambda: "READY=1" in systemd.listen().said)
        wait_until("systemd hears that it is ready", lambda: "STATUS=ready" in systemd.listen().said)
        # While nothing is wrong, it is never silent for long.
        end = time.monotonic() + 2 * PATIENCE_SECONDS
        while time.monotonic() < end:
            assert systemd.silent() < PATIENCE_SECONDS
            time.sleep(0.1)
        process = suite.processes["routing"]
        freezer = subprocess.Popen(
            [sys.executable, FREEZE, str(process.pid), "routing-0"], stdout=subprocess.PIPE, text=True
        )
        assert freezer.stdout.readline() == "stopped\n"
        answer = suite.post("/v1/complaints", {"category": "odour", "text": "循环停住时的投诉", "reach": "west-lake.xihu"})
        code = answer.json()["trackingCode"]
        wait_until("nobody feeds the watchdog", lambda: systemd.silent() > PATIENCE_SECONDS, 60)
        assert any(word.startswith("STATUS=progress: nothing was read for 3 s") for word in systemd.said), systemd.said
        assert suite.public(f"/api/complaints/{code}").status_code == 404
        # What systemd does then (WatchdogSignal=SIGKILL).
        process.send_signal(signal.SIGKILL)
        freezer.wait(timeout=30)
        process.wait(timeout=30)
        suite.start("routing")
        wait_until("the complaint is decided", lambda: suite.public(f"/api/complaints/{code}").status_code == 200, 90)
        assert suite.terminate("routing") == 0
        assert "STOPPING=1" in systemd.listen().said


def test_secrets_may_be_files(kafka, tmp_path):
    """The keys stand in no environment, and a wrong one is refused as it is there."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "DAYU_INTAKE_IDENTITY_KEY").write_text("short\n")
    with Suite(kafka, tmp_path / "suite", services=[]) as suite:
        suite.environment["CREDENTIALS_DIRECTORY"] = str(folder)
        suite.start("intake")
        assert suite.processes["intake"].wait(timeout=60) == 78
        assert "DAYU_INTAKE_IDENTITY_KEY: it is set in the environment and, otherwise, in" in suite.log_tail("intake")
        del suite.environment["DAYU_INTAKE_IDENTITY_KEY"]
        suite.start("intake")
        assert suite.processes["intake"].wait(timeout=60) == 78
        assert "DAYU_INTAKE_IDENTITY_KEY" in suite.log_tail("intake") and "short" not in suite.log_tail("intake")
        (folder / "DAYU_INTAKE_IDENTITY_KEY").write_text("1d" * 32 + "\n")
        suite.start("intake")
        suite.wait_ready("intake")
        environment = pathlib.Path(f"/proc/{suite.processes['intake'].pid}/environ").read_text()
        assert "1d1d" not in environment
