"""Keys lie where their hash and the number of partitions say; what does not is told, and never called unknown."""

import json
import shutil
import subprocess
import time

import pytest
from confluent_kafka.admin import AdminClient, NewPartitions

from keys import partition
from suite import BIN, PARTITIONS, Suite
from waiting import wait_until

KEY = "01ARZ3NDEKTSV4"


@pytest.fixture(scope="module")
def routing(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("suite"), services=["routing"]) as running:
        yield running


def test_every_program_tells_the_same_version():
    programs = ["dayu", *(f"dayu-{name}" for name in ("intake", "routing", "notification", "disclosure", "analytics"))]
    told = {p: subprocess.run([BIN / p, "--version"], capture_output=True, text=True, check=True).stdout for p in programs}
    versions = {text.removeprefix(program) for program, text in told.items()}
    assert len(versions) == 1, told
    assert versions.pop().strip(" \n").endswith(")")


def test_a_record_on_a_partition_that_is_not_its_keys(routing):
    home = partition(KEY, PARTITIONS)
    origin = routing.write("complaints.actions", KEY, b"{}", partition=(home + 1) % PARTITIONS)

    def reason():
        letters = [record.value for record in routing.read("dead-letters")]
        return next((x["reason"] for x in letters if "{topic}/{partition}/{offset}".format(**x["origin"]) == origin), None)

    told = wait_until("the dead letter", reason, 60)
    assert told == f"is on partition {(home + 1) % PARTITIONS}, but its key belongs on {home} of {PARTITIONS} (murmur2)"


def test_a_topic_with_more_partitions_than_the_caches(routing):
    admin = AdminClient({"bootstrap.servers": routing.kafka})
    topic = routing.prefix + "complaints.actions"
    try:
        admin.create_partitions([NewPartitions(topic, PARTITIONS + 1)])[topic].result(30)
    except Exception as error:
        pytest.skip(f"this broker adds no partitions: {error}")
    fault = f"complaints.actions has {PARTITIONS + 1} partitions, but had {PARTITIONS} when the caches were made"
    wait_until("not ready", lambda: fault in routing.health("routing")[1], 40)
    assert routing.health("routing")[0] == 503
    status = subprocess.run([BIN / "dayu", "status", "--json"], env=routing.operators, capture_output=True, timeout=60)
    told = json.loads(status.stdout)
    assert status.returncode == 1
    assert any("have different numbers of partitions" in fault for fault in told["faults"])
    assert any(fault in note for service in told["services"] for note in service["notes"])
    # It has stopped working, and stops as it is asked to; started again it says the same.
    assert routing.terminate("routing") == 0
    routing.start("routing")
    wait_until("not ready again", lambda: fault in routing.health("routing")[1], 40)


COMPLAINT_TOPICS = [
    *(f"complaints.{name}" for name in ("submissions", "contacts", "words", "actions", "events", "refusals")),
    "follows", "follows.counts",
]  # fmt: skip


def stopped(suite, name, told):
    """Whether the service is not ready and says so."""
    status, text = suite.health(name)
    return status == 503 and told in text


@pytest.mark.slow
def test_complaints_whose_state_lies_on_other_partitions(kafka, tmp_path):
    """Every topic of complaints got one partition more, and no data folder remembers the former number."""
    with Suite(kafka, tmp_path / "grown") as suite:
        codes = []
        for number in range(12):
            place = {"longitude": 120.05 + number * 0.01, "latitude": 30.25}
            form = {"category": "odour", "text": "气味", "idempotencyKey": f"grown-{number}", "place": place}
            answer = suite.post("/v1/complaints", form, suite.bearer)
            assert answer.status_code == 201
            codes.append(answer.json()["trackingCode"])
        wait_until("all are shown", lambda: all(suite.public(f"/api/complaints/{c}").status_code == 200 for c in codes))
        suite.stop_all()
        admin = AdminClient({"bootstrap.servers": kafka})
        try:
            for topic in COMPLAINT_TOPICS:
                name = suite.prefix + topic
                admin.create_partitions([NewPartitions(name, PARTITIONS + 1)])[name].result(30)
        except Exception as error:
            pytest.skip(f"this broker adds no partitions: {error}")
        names = ["routing", "analytics", "disclosure", "intake"]
        for name in names:
            shutil.rmtree(suite.data(name) / f"dayu-{name}")
        # Started again with --rebuild, they say the same.
        for arguments in ([], ["--rebuild"]):
            for name in names:
                suite.start(name, *arguments)
            for name in names:
                told = "its key belongs on"
                wait_until(f"{name} is not ready and says why", lambda name=name: stopped(suite, name, told), 90)
            for code in codes:
                answer = suite.public(f"/api/complaints/{code}")
                assert answer.status_code == 503 and "its key belongs on" in answer.json()["detail"], answer.text
                answer = suite.act(code, {"action": "accept", "by": "office/hangzhou"})
                assert answer.status_code == 503 and "its key belongs on" in answer.json()["detail"], answer.text
            assert suite.status()[0] == 1
            for name in names:
                assert suite.terminate(name) == 0


@pytest.mark.slow
def test_events_that_were_deleted_and_made_again(kafka, tmp_path):
    """Routing says so within seconds, at the latest when it is started again; --rebuild makes it work with what is left."""
    with Suite(kafka, tmp_path / "again", services=["routing", "intake"]) as suite:

        def complain(key):
            place = {"longitude": 120.05, "latitude": 30.25}
            form = {"category": "odour", "text": "气味", "idempotencyKey": key, "place": place}
            assert suite.post("/v1/complaints", form, suite.bearer).status_code == 201

        for number in range(6):
            complain(f"before-{number}")
        wait_until("they are routed", lambda: len({r.key for r in suite.read("complaints.events")}) == 6)
        # The service has looked at the end of the log.
        time.sleep(12)
        admin = AdminClient({"bootstrap.servers": kafka})
        topic = suite.prefix + "complaints.events"
        admin.delete_topics([topic], operation_timeout=10)[topic].result(30)
        wait_until("it is gone", lambda: topic not in admin.list_topics(timeout=10).topics, 30)
        suite.create_topics()

        def says():
            if suite.processes["routing"].poll() is not None:
                # It could not write, and its supervisor starts it again.
                assert suite.processes["routing"].returncode == 1
                suite.start("routing")
                wait_until("it answers", lambda: answers(suite, "routing"), 60)
            try:
                status, text = suite.health("routing")
            except OSError:
                return False
            return status == 503 and "--rebuild" in text

        wait_until("it says so", says, 120)
        for name in ("routing", "intake"):
            assert suite.terminate(name) == 0
            suite.start(name, "--rebuild")
            suite.wait_ready(name)
        complain("after")
        wait_until("it works", lambda: suite.read("complaints.events"))


def answers(suite, name):
    assert suite.processes[name].poll() is None, suite.log_tail(name)
    try:
        return suite.health(name)[0] > 0
    except OSError:
        return False
