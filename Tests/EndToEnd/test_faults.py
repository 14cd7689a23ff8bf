"""A flood through all five services while they are killed, stopped, started again and frozen, and a broker that goes away."""

import collections
import concurrent.futures
import contextlib
import os
import random
import shutil
import signal
import threading
import time

import pytest
from confluent_kafka.admin import AdminClient

from brokers import fences_former_members, keeps_open_transactions, times_out_transactions
from keys import add_gateway, compact
from suite import Reading, SAMPLE, SERVICES, Suite, wait_until
from waiting import Lines

FLOOD = int(os.environ.get("E2E_FLOOD", "3000"))
OUTAGE_SECONDS = int(os.environ.get("E2E_OUTAGE", "20"))
SEED = int(os.environ.get("E2E_SEED", str(random.getrandbits(32))))
SETTINGS = {"DAYU_ROUTING_ACCEPT_WITHIN": "7d"}
OFFICE = {"role": "office", "id": "hangzhou"}
LONGER_THAN_THE_SESSION = 8
SENT = ["received", "assigned"]
#: What an officer does to some of the complaints, one request after the other; and what becomes of it.
DEEDS = [
    {"action": "accept"}, {"action": "note", "text": "第一次记录"}, {"action": "note", "text": "第二次记录"},
    {"action": "resolve", "text": "已处理", "media": ["https://example.org/after.jpg"]},
]  # fmt: skip
DONE = ["accepted", "noted", "noted", "resolved"]


def body(number):
    place = {"longitude": round(119.9 + number % 97 * 0.003, 4), "latitude": round(30.2 + number % 31 * 0.003, 4)}
    return {
        "category": "odour",
        "text": f"第{number}号投诉",
        "place": place,
        "idempotencyKey": f"flood-{number}",
    }


class Citizens:
    """Complaints through the front door; who sent what, and the events that must come of it."""

    def __init__(self, suite):
        self.suite = suite
        self.lines = Lines(suite.intake)
        self.expected = {}
        self.statuses = collections.Counter()

    def submit(self, number, deeds=()):
        status, said = self.lines.persist("/v1/complaints", body(number), self.suite.bearer)
        self.statuses[status] += 1
        complaint = compact(said["trackingCode"])
        for step, deed in enumerate(deeds):
            headers = self.suite.bearer | {"Idempotency-Key": f"{number}-{step}"}
            self.lines.persist(f"/v1/complaints/{complaint}/actions", deed | {"by": OFFICE}, headers)
        self.expected[complaint] = SENT + (DONE if deeds else [])
        return complaint


class Supervisor:
    """Starts what stopped by itself, as systemd would; what it stopped with is kept."""

    def __init__(self, suite, may_start=lambda: True):
        self.suite, self.may_start = suite, may_start
        self.ended = collections.defaultdict(list)
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()

    def run(self):
        while not self.done.wait(0.2):
            for name, process in list(self.suite.processes.items()):
                if process.poll() is not None and self.may_start():
                    self.ended[name].append(process.returncode)
                    self.suite.start(name)


def test_a_registry_topic_that_was_deleted_and_made_again(kafka, tmp_path):
    """Intake goes on with what is published in the new topic, with or without a start in between; never with the old."""
    with Suite(kafka, tmp_path / "suite", services=["intake"]) as suite, Supervisor(suite) as supervisor:
        former = suite.key
        reading = {"section": "tonglu", "observedAt": "2026-11-01T08:00:00+08:00", "values": {"w01001": 7.4}}

        def status(key):
            with contextlib.suppress(OSError):
                return suite.post("/v1/readings", {"readings": [reading]}, key.bearer).status_code

        # More records than the new topic will have, so that the old positions lie beyond its end.
        for number in range(3):
            add_gateway(suite.registry, f"e2e-{number}", ["readings"])
            suite.publish()
        wait_until("the gateway is known", lambda: status(former) == 201)
        client = AdminClient({"bootstrap.servers": kafka})
        topic = suite.prefix + "registry"
        client.delete_topics([topic], operation_timeout=10)[topic].result(30)
        wait_until("it is gone", lambda: topic not in client.list_topics(timeout=10).topics, 30)
        suite.create_topics()
        shutil.rmtree(suite.registry)
        shutil.copytree(SAMPLE, suite.registry)
        fresh = add_gateway(suite.registry, "e2e-new", ["readings"])
        suite.publish()
        wait_until("the new gateway is known", lambda: status(fresh) == 201, 90)
        assert status(former) == 401, "the old registry is gone"
        assert all(code == 1 for code in supervisor.ended["intake"]), supervisor.ended


def count(events):
    return sum(len(kinds) for kinds in events.values())


def check(suite, expected, seconds=240):
    """Everything accepted was received once and assigned; the read models equal a recount of the log."""
    with reading(suite, "complaints.events") as events:
        wait_until("every complaint decided", lambda: len(events.update()) >= count(expected), seconds)
        lives = collections.defaultdict(list)
        for record in events.records:
            lives[record.key].append(record)
    assert set(lives) == set(expected)
    for complaint, life in lives.items():
        assert [(r.version, r.kind) for r in life] == list(enumerate(expected[complaint], 1)), complaint
    assert len({record.id for life in lives.values() for record in life}) == count(expected)

    with reading(suite, "notices.requests") as requests, reading(suite, "notices.events") as outcomes:

        def told():
            requested = {record.value["reference"] for record in requests.update() if record.kind == "requested"}
            accepted = collections.Counter(r.value["reference"] for r in outcomes.update() if r.kind == "accepted")
            return (requested, accepted) if len(requested) == len(accepted) >= len(expected) else None

        requested, accepted = wait_until("every notice accepted", told, seconds)
        assert len(requested) == sum(r.kind == "requested" for r in requests.records) == len(expected)
        assert set(accepted) == requested and set(accepted.values()) == {1}
        attempts = [(r.value["reference"], r.value["attempt"]) for r in outcomes.records if r.kind == "attempted"]
        assert len(attempts) == len(set(attempts)) and {reference for reference, _ in attempts} == requested

    resolved = sum("resolved" in kinds for kinds in expected.values())

    def counted():
        rows = suite.public("/api/indicators", scope="city").json()["indicators"]
        totals = [sum(row[name] for row in rows) for name in ("received", "resolved", "open")]
        return totals == [len(expected), resolved, len(expected) - resolved]

    wait_until("the indicators equal a recount", counted, 120)
    shown, cursor = collections.Counter(), None
    while True:
        more = {"before": cursor} if cursor else {}
        page = suite.public("/api/complaints", limit=500, **more).json()
        shown.update(complaint["status"] for complaint in page["complaints"])
        cursor = page["next"]
        if not cursor:
            break
    assert shown == collections.Counter(kinds[-1] for kinds in expected.values())
    assert suite.read("dead-letters") == []


@contextlib.contextmanager
def reading(suite, topic):
    found = Reading(suite.kafka, suite.prefix + topic)
    try:
        yield found
    finally:
        found.close()


def test_a_flood_while_services_die(kafka, tmp_path):
    print(f"E2E_SEED={SEED} E2E_FLOOD={FLOOD}")
    chance = random.Random(SEED)
    with Suite(kafka, tmp_path / "flood", SETTINGS, second=["routing", "notification"]) as suite:
        done = threading.Event()
        faults = collections.Counter()

        def trouble():
            while not done.wait(chance.uniform(1, 4)):
                name = chance.choice(suite.instances)
                if chance.random() < 0.7:
                    suite.kill(name)
                else:
                    suite.terminate(name)
                faults[name] += 1
                done.wait(chance.uniform(0, 1))
                suite.start(name)

        citizens = Citizens(suite)
        troubles = threading.Thread(target=trouble)
        troubles.start()
        started = time.monotonic()
        try:
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                list(pool.map(citizens.submit, range(FLOOD)))
        finally:
            done.set()
            troubles.join()
        print(f"{FLOOD} complaints taken in {time.monotonic() - started:.1f} s, {sum(faults.values())} faults: {faults}")
        for name in suite.instances:
            suite.wait_ready(name)
        started = time.monotonic()
        check(suite, citizens.expected)
        print(f"checked in {time.monotonic() - started:.1f} s")
        for name in suite.instances:
            assert suite.terminate(name) == 0, f"{name}: {suite.log_tail(name)}"


def test_a_frozen_instance_comes_back_as_a_zombie(kafka, tmp_path):
    """Routing and Notification each freeze for longer than their session and their transaction, and wake up."""
    if not fences_former_members(kafka):
        pytest.skip("this broker commits offsets of members that the group has given up: a zombie can't be fenced")
    if not times_out_transactions(kafka):
        pytest.skip("this broker never ends a transaction that was left open: readers wait for the frozen one")
    print(f"E2E_SEED={SEED}")
    chance = random.Random(SEED)
    short = {
        "KAFKA_SESSION_TIMEOUT_MS": "6000",
        "KAFKA_HEARTBEAT_INTERVAL_MS": "1500",
        "KAFKA_TRANSACTION_TIMEOUT_MS": "6000",
        "KAFKA_MESSAGE_TIMEOUT_MS": "3000",
    }
    with Suite(kafka, tmp_path / "zombie", SETTINGS | short, second=["routing", "notification"]) as suite:
        citizens = Citizens(suite)
        done = threading.Event()

        def citizen(first):
            number = first
            while not done.wait(0.05):
                citizens.submit(number, DEEDS if number % 7 == 0 else ())
                number += 4

        with Supervisor(suite) as supervisor, reading(suite, "complaints.events") as events:
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                going = [pool.submit(citizen, first) for first in range(4)]
                try:
                    for second in ("", ".2"):
                        time.sleep(chance.uniform(2, 3))
                        frozen = [f"routing{second}", f"notification{second}"]
                        for name in frozen:
                            time.sleep(chance.uniform(0, 0.3))
                            suite.processes[name].send_signal(signal.SIGSTOP)
                        mark = time.monotonic()
                        time.sleep(LONGER_THAN_THE_SESSION)
                        # The other instance has all partitions, and nothing the frozen one left open is in its way.
                        waiting = set(citizens.expected)
                        wait_until("the other one decides", lambda: waiting <= {r.key for r in events.update()})
                        print(f"{frozen} were frozen for {time.monotonic() - mark:.1f} s")
                        for name in frozen:
                            suite.processes[name].send_signal(signal.SIGCONT)
                        time.sleep(chance.uniform(1, 2))
                        for name in frozen:
                            wait_until(f"{name} is back", lambda: suite.is_ready(name), 60)
                finally:
                    done.set()
                    for name in ("routing", "notification", "routing.2", "notification.2"):
                        suite.processes[name].send_signal(signal.SIGCONT)
                for future in going:
                    future.result()
            print(f"{len(citizens.expected)} complaints; stopped by themselves: {dict(supervisor.ended)}")
            assert all(code == 1 for codes in supervisor.ended.values() for code in codes), supervisor.ended
            check(suite, citizens.expected)


def wait_for_quiet(suite, citizens, under_way):
    """Waits until all that was sent is decided and told: then no transaction is open."""
    wait_until("nobody is sending", lambda: not under_way)
    with reading(suite, "complaints.events") as events, reading(suite, "notices.events") as outcomes:
        wait_until("all is decided", lambda: len(events.update()) >= count(citizens.expected))
        told = len(citizens.expected)
        wait_until("all is told", lambda: sum(r.kind == "accepted" for r in outcomes.update()) >= told)
    time.sleep(1)


@pytest.mark.slow
def test_a_broker_that_goes_away(broker, tmp_path):
    in_full_flow = keeps_open_transactions(broker)
    with Suite(broker.kafka, tmp_path / "outage", SETTINGS) as suite:
        citizens = Citizens(suite)
        answers = broker.answers
        with Supervisor(suite, may_start=answers) as supervisor:
            started = time.monotonic()
            flowing, under_way = threading.Event(), set()
            flowing.set()

            def one(number):
                time.sleep(max(0, started + number / 50 - time.monotonic()))
                flowing.wait()
                under_way.add(number)
                try:
                    return citizens.submit(number, DEEDS if number % 10 == 0 else ())
                finally:
                    under_way.remove(number)

            with concurrent.futures.ThreadPoolExecutor(250) as pool:
                futures = [pool.submit(one, number) for number in range(50 * (OUTAGE_SECONDS + 20))]
                time.sleep(8)
                if not in_full_flow:
                    flowing.clear()
                    wait_for_quiet(suite, citizens, under_way)
                broker.stop()
                flowing.set()
                time.sleep(OUTAGE_SECONDS)
                assert suite.processes["intake"].poll() is None, suite.log_tail("intake")
                broker.start()
                for future in futures:
                    future.result()
            print(f"answers: {dict(citizens.statuses)}; stopped by themselves: {dict(supervisor.ended)}")
            assert "analytics" not in supervisor.ended, "an outage does not end what publishes"
            assert citizens.statuses[202] > 20 * OUTAGE_SECONDS, "the spool took what came meanwhile"
            for name in SERVICES:
                wait_until(f"{name} ready", lambda: suite.is_ready(name), 90)
            wait_until("the spool is empty", lambda: suite.figure("intake", "dayu_spool_records") == 0, 60)
            check(suite, citizens.expected)
        # In the log too each complaint's actions stand in the order in which they were sent, repetitions apart.
        sent = collections.defaultdict(dict)
        for record in suite.read("complaints.actions"):
            sent[record.key].setdefault(record.id, record.kind)
        assert {tuple(kinds.values()) for kinds in sent.values()} == {tuple(deed["action"] for deed in DEEDS)}
        assert len(sent) == sum(len(kinds) > 2 for kinds in citizens.expected.values())
