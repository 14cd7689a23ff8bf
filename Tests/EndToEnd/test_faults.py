"""A flood through all five services while they are killed, stopped and started again, and a broker that goes away."""

import collections
import concurrent.futures
import os
import random
import signal
import socket
import subprocess
import sys
import pathlib
import threading
import time

import pytest
import requests

from suite import SERVICES, Suite, free_port, persist, wait_until

FLOOD = int(os.environ.get("E2E_FLOOD", "3000"))
OUTAGE_SECONDS = int(os.environ.get("E2E_OUTAGE", "20"))
SEED = int(os.environ.get("E2E_SEED", str(random.getrandbits(32))))
SETTINGS = {"DAYU_ROUTING_ACCEPT_WITHIN": "7d"}


def body(number):
    place = {"longitude": round(119.9 + number % 97 * 0.003, 4), "latitude": round(30.2 + number % 31 * 0.003, 4)}
    return {
        "category": "odour",
        "text": f"第{number}号投诉",
        "place": place,
        "channel": "app",
        "gateway": "flood",
        "idempotencyKey": f"flood-{number}",
    }


def submit(suite, session, number):
    answer = persist(lambda: session.post(suite.intake + "/v1/complaints", json=body(number), timeout=30))
    return answer.json()["id"]


def flood(suite, count):
    local = threading.local()

    def one(number):
        if not hasattr(local, "session"):
            local.session = requests.Session()
        return submit(suite, local.session, number)

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        return list(pool.map(one, range(count)))


def events_by_complaint(suite):
    lives = collections.defaultdict(list)
    for record in suite.read("complaints.events"):
        lives[record.key].append(record)
    return lives


def check(suite, complaints):
    """Everything accepted was received once and assigned; the read models equal a recount of the log."""

    def assigned():
        lives = events_by_complaint(suite)
        return lives if sum(len(life) >= 2 for life in lives.values()) >= len(complaints) else None

    lives = wait_until("every complaint assigned", assigned, 240)
    assert set(lives) == set(complaints)
    for life in lives.values():
        assert [(record.version, record.kind) for record in life] == [(1, "received"), (2, "assigned")]

    def told():
        requested = {record.value["reference"] for record in suite.read("notices.requests")}
        accepted = collections.Counter(
            record.value["reference"] for record in suite.read("notices.events") if record.kind == "accepted"
        )
        return (requested, accepted) if len(requested) == len(accepted) >= len(complaints) else None

    requested, accepted = wait_until("every notice accepted", told, 240)
    assert len(requested) == len(complaints)
    assert set(accepted) == requested and set(accepted.values()) == {1}
    attempts = [(r.value["reference"], r.value["attempt"]) for r in suite.read("notices.events") if r.kind == "attempted"]
    assert len(attempts) == len(set(attempts)) and {reference for reference, _ in attempts} == requested

    def counted():
        rows = suite.public("/api/indicators", scope="city").json()["indicators"]
        return sum(row["received"] for row in rows) == sum(row["open"] for row in rows) == len(complaints)

    wait_until("the indicators equal a recount", counted, 120)
    shown, cursor = 0, None
    while True:
        more = {"before": cursor} if cursor else {}
        page = suite.public("/api/complaints", limit=500, **more).json()
        shown, cursor = shown + len(page["complaints"]), page["next"]
        if not cursor:
            break
    assert shown == len(complaints)
    assert suite.read("dead-letters") == []


def test_a_flood_while_services_die(kafka, tmp_path):
    print(f"E2E_SEED={SEED} E2E_FLOOD={FLOOD}")
    chance = random.Random(SEED)
    with Suite(kafka, tmp_path / "flood", SETTINGS, second=["routing", "notification"]) as suite:
        done = threading.Event()

        def faults():
            while not done.wait(chance.uniform(1, 4)):
                name = chance.choice(suite.instances)
                if chance.random() < 0.7:
                    suite.kill(name)
                else:
                    suite.terminate(name)
                done.wait(chance.uniform(0, 1))
                suite.start(name)

        trouble = threading.Thread(target=faults)
        trouble.start()
        try:
            complaints = flood(suite, FLOOD)
        finally:
            done.set()
            trouble.join()
        for name in suite.instances:
            suite.wait_ready(name)
        check(suite, complaints)
        for name in suite.instances:
            assert suite.terminate(name) == 0, f"{name}: {suite.log_tail(name)}"


class OwnBroker:
    """A broker of the test's own, that it may stop: orderly, for this one loses records when it is killed."""

    def __init__(self, folder):
        self.program = pathlib.Path(sys.executable).parent / "noida-db"
        self.folder = folder
        self.port = free_port()
        self.kafka = f"127.0.0.1:{self.port}"

    def __enter__(self):
        with open(self.folder / "broker.log", "ab") as log:
            self.server = subprocess.Popen(
                [self.program, "start", "--only", "kafka", "--kafka-port", str(self.port), *self.place],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        wait_until("the broker answers", self.answers, 30)
        return self

    def __exit__(self, *_):
        self.server.send_signal(signal.SIGINT)
        self.server.wait(timeout=60)

    @property
    def place(self):
        return ["--data-dir", str(self.folder / "broker")]

    def stop(self):
        subprocess.run([self.program, "stop", "kafka", *self.place], check=True, capture_output=True, timeout=60)
        wait_until("the broker is gone", lambda: not self.answers(), 30)

    def start(self):
        subprocess.run([self.program, "start", "kafka", *self.place], check=True, capture_output=True, timeout=60)
        wait_until("the broker answers", self.answers, 30)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@pytest.mark.skipif(bool(os.environ.get("DAYU_KAFKA")), reason="a broker that somebody else runs is not ours to stop")
def test_a_broker_that_goes_away(tmp_path):
    broker = OwnBroker(tmp_path)
    if not broker.program.exists():
        pytest.skip("noida-db is not installed")
    with broker:
        with Suite(broker.kafka, tmp_path / "outage", SETTINGS) as suite:
            done = threading.Event()

            def supervise():
                # What an operator's supervisor does; while there is no broker a start is in vain.
                while not done.wait(0.5):
                    for name, process in list(suite.processes.items()):
                        if process.poll() is not None and broker.answers():
                            suite.start(name)

            supervisor = threading.Thread(target=supervise)
            supervisor.start()
            complaints, answers = [], collections.Counter()
            started = time.monotonic()

            def one(number):
                time.sleep(max(0, started + number / 50 - time.monotonic()))
                answer = persist(lambda: suite.post("/v1/complaints", body(number)))
                answers[answer.status_code] += 1
                return answer.json()["id"]

            try:
                with concurrent.futures.ThreadPoolExecutor(250) as pool:
                    futures = [pool.submit(one, number) for number in range(50 * (OUTAGE_SECONDS + 20))]
                    time.sleep(8)
                    broker.stop()
                    time.sleep(OUTAGE_SECONDS)
                    assert suite.processes["intake"].poll() is None, suite.log_tail("intake")
                    broker.start()
                    complaints = [future.result() for future in futures]
                print(answers)
                assert answers[202] > 20 * OUTAGE_SECONDS, "the spool took what came meanwhile"
                for name in SERVICES:
                    wait_until(f"{name} ready", lambda: suite.is_ready(name), 90)

                def drained():
                    text = requests.get(f"http://127.0.0.1:{suite.admin['intake']}/metrics", timeout=5).text
                    return "dayu_spool_records 0.0" in text

                wait_until("the spool is empty", drained, 60)
                check(suite, complaints)
            finally:
                done.set()
                supervisor.join()
