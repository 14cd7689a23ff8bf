"""Keys lie where their hash and the number of partitions say; what does not is told, and never called unknown."""

import json
import subprocess

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

