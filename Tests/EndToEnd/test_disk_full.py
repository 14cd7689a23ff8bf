"""A full disk: nothing is lost, nothing is half written, somebody is told, and all goes on when there is room again."""

import json
import os
import resource
import signal
import subprocess
import time

import pytest

from suite import Suite, wait_until

COMPLAINT = {"category": "odour", "text": "河水发臭", "place": {"longitude": 120.2, "latitude": 30.25}}


@pytest.fixture
def disk(tmp_path):
    """A disk of 64 MB in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", place]).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def fill(disk):
    with open(disk / "filler", "wb", buffering=0) as filler:
        for size in (65536, 4096, 1):
            try:
                while filler.write(bytes(size)):
                    pass
            except OSError:
                pass


def test_a_full_disk(kafka, disk):
    with Suite(kafka, disk / "suite") as suite:
        first = suite.post("/v1/complaints", COMPLAINT | {"idempotencyKey": "first"}).json()["trackingCode"]
        wait_until("the first SMS", lambda: len(suite.messages(first)) >= 1)
        fill(disk)
        given = []

        def complain():
            answer = suite.post("/v1/complaints", COMPLAINT | {"idempotencyKey": f"more {len(given)}"})
            assert answer.status_code == 201, "Kafka has room"
            given.append(answer.json()["trackingCode"])

        def is_told():
            # A store's journal has some room that it already owns.
            complain()
            return "can't be written" in suite.health("routing")[1]

        wait_until("Routing says that it can't write", is_told, 60)
        complain()
        second = given[-1]
        code, faults = suite.status()
        assert code == 1
        assert any("disk is nearly full" in fault for fault in faults), faults
        assert suite.messages(second) == []

        # One that waits for its disk stops at once when it is asked to, and loses nothing.
        asked = time.monotonic()
        assert suite.terminate("routing") == 0
        assert time.monotonic() - asked < 2

        (disk / "filler").unlink()
        suite.start("routing")
        for name in suite.instances:
            suite.wait_ready(name)
        wait_until("the second SMS", lambda: len(suite.messages(second)) >= 1, 120)
        wait_until("the page", lambda: suite.public(f"/api/complaints/{second}").json().get("assignee"), 60)
        # Every line is whole.
        for line in suite.sms.read_text().splitlines():
            json.loads(line)
        # Every complaint went out, and none used up its attempts.
        for code in given:
            wait_until(f"the SMS about {code}", lambda code=code: suite.messages(code), 60)
        wait_until("nothing is wrong", lambda: suite.status()[0] in (0, 2), 60)


def test_a_read_model_that_can_not_grow(kafka, tmp_path):
    """What was committed can't be moved from the file's log into the file. Disclosure waits and goes on serving."""
    with Suite(kafka, tmp_path / "suite") as suite:
        assert suite.terminate("disclosure") == 0
        # A write beyond the limit is an error then, and not a signal.
        suite.start("disclosure", through=["sh", "-c", 'trap "" XFSZ; exec "$0"'])
        suite.wait_ready("disclosure")
        codes = []

        def complain():
            given = COMPLAINT | {"idempotencyKey": f"{len(codes)}", "text": "河水发臭" * 100}
            codes.append(suite.post("/v1/complaints", given).json()["trackingCode"])

        complain()
        wait_until("the first is shown", lambda: suite.public(f"/api/complaints/{codes[0]}").status_code == 200)
        process = suite.processes["disclosure"].pid
        model = max(suite.data("disclosure").rglob("*"), key=lambda file: file.stat().st_size)
        grown = model.stat().st_size

        def show(codes):
            for code in codes:
                page = f"/api/complaints/{code}"
                wait_until("its page", lambda page=page: suite.public(page).status_code == 200, 60)

        # What comes meanwhile is one batch, too large for the pages that the file has.
        os.kill(process, signal.SIGSTOP)
        for _ in range(20):
            complain()
        for code in codes:
            wait_until("its SMS", lambda code=code: suite.messages(code))
        was = resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        os.kill(process, signal.SIGCONT)
        wait_until("Disclosure can't write", lambda: "can't be written" in suite.health("disclosure")[1], 60)
        # Now the file's log may grow, and the file itself may not.
        resource.prlimit(process, resource.RLIMIT_FSIZE, (grown, resource.RLIM_INFINITY))
        suite.wait_ready("disclosure")
        show(codes)
        assert model.stat().st_size == grown

        resource.prlimit(process, resource.RLIMIT_FSIZE, was)
        complain()
        show(codes)
        wait_until("the file has grown", lambda: model.stat().st_size > grown)
