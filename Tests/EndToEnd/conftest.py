"""A broker with transactions: the one that DAYU_KAFKA names, else noida-db, else the tests are skipped."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from suite import Suite, free_port


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    if os.environ.get("DAYU_KAFKA"):
        yield os.environ["DAYU_KAFKA"]
        return
    program = pathlib.Path(sys.executable).parent / "noida-db"
    if not program.exists():
        pytest.skip("no broker with transactions: set DAYU_KAFKA")
    port, folder = free_port(), tmp_path_factory.mktemp("broker")
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(
            [program, "start", "--only", "kafka", "--kafka-port", str(port), "--data-dir", str(folder / "data")],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    deadline = time.monotonic() + 30
    while not answers(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.skip("noida-db does not start here: " + (folder / "log").read_text()[-300:])
        time.sleep(0.1)
    yield f"127.0.0.1:{port}"
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    """One undisturbed suite for the tests of a file."""
    with Suite(kafka, tmp_path_factory.mktemp("suite")) as running:
        yield running
