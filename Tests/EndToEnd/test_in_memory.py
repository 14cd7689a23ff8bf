"""The broker in memory, `dayu broker`: what `dayu status` tells of it, and of the records that it drops."""

import contextlib
import json
import os
import signal
import subprocess

import pytest
from confluent_kafka import Producer

from suite import BIN, SAMPLE
from waiting import free_port, wait_until


@pytest.fixture
def memory(tmp_path):
    """Its address; it is stopped at the end."""
    address = tmp_path / "address"
    command = [BIN / "dayu", "broker", "--address-file", address]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | {"DAYU_PREFIX": "dayu."})
    try:
        wait_until("the broker", address.exists)
        yield address.read_text().strip()
    finally:
        process.terminate()
        process.wait(30)


def status(environment):
    done = subprocess.run([BIN / "dayu", "status", "--json"], env=environment, capture_output=True, timeout=90)
    return done.returncode, json.loads(done.stdout)


@contextlib.contextmanager
def routing(kafka, folder):
    port = str(free_port())
    environment = os.environ | {
        "DAYU_KAFKA": kafka, "DAYU_PREFIX": "dayu.", "DAYU_DATA": str(folder), "DAYU_ROUTING_ADMIN_PORT": port,
        "DAYU_STATUS_HOSTS": f"routing=127.0.0.1:{port}",
    }
    subprocess.run([BIN / "dayu", "registry", "publish", SAMPLE], env=environment, check=True, capture_output=True)
    with open(folder / "log", "ab") as log:
        process = subprocess.Popen([BIN / "dayu-routing"], env=environment, stdout=log, stderr=log)
    try:
        yield environment, process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(30)


def test_its_clock_is_not_known(memory, tmp_path):
    with routing(memory, tmp_path) as (environment, _):
        found = wait_until("an answer of all", lambda: told_ready(environment), 90)
        assert not any("clock" in fault for fault in found["faults"]), found["faults"]
        assert any("its clock is not known" in warning for warning in found["warnings"]), found["warnings"]


def told_ready(environment):
    _, found = status(environment)
    return found if [s for s in found["services"] if s["state"] == "ready"] else None


@pytest.mark.slow
def test_a_loss_whose_dead_letter_is_lost_too(memory, tmp_path):
    """Junk drops records that a stopped Routing has not read; the junk's own dead letters drop the letter about that."""
    with routing(memory, tmp_path) as (environment, process):
        wait_until("Routing is ready", lambda: told_ready(environment), 90)
        process.send_signal(signal.SIGSTOP)
        producer = Producer({"bootstrap.servers": memory, "linger.ms": 20})
        for number in range(90):
            producer.produce("dayu.complaints.submissions", b"\x00" * 100_000, key=str(number), partition=0)
        producer.flush(60)
        process.send_signal(signal.SIGCONT)

        def told():
            code, found = status(environment)
            lost = [f for f in found["faults"] if "submissions" in f and "lost before" in f]
            return (code, lost, found) if lost else None

        code, lost, found = wait_until("the loss is told", told, 90)
        assert code == 1 and len(lost) == 1
        if "is gone" in lost[0]:
            assert any("had no room for all dead letters" in w for w in found["warnings"]), found["warnings"]
