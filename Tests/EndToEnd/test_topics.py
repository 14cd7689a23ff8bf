"""`dayu topics check|diff|apply` and `dayu acl apply`, seen by a client that is not ours."""

import subprocess

import pytest
from confluent_kafka.admin import (
    AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic,
)  # fmt: skip

from authorizer import Authorizer
from suite import BIN, PARTITIONS, Suite
from waiting import free_port, wait_until


@pytest.fixture
def city(kafka, tmp_path):
    """A prefix of its own, without topics and without services."""
    return Suite(kafka, tmp_path / "suite", services=[])


def dayu(city, *arguments, **more):
    done = subprocess.run(
        [BIN / "dayu", *arguments], env=city.operators | more, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stdout, done.stderr


def settings(city, topic):
    resource = ConfigResource(ConfigResource.Type.TOPIC, city.prefix + topic)
    # The client must live until it is answered.
    admin = AdminClient({"bootstrap.servers": city.kafka})
    found = admin.describe_configs([resource])[resource].result(20)
    return {name: entry.value for name, entry in found.items()}


def change(city, topic, **values):
    entries = [
        ConfigEntry(name.replace("_", "."), value, incremental_operation=AlterConfigOpType.SET)
        for name, value in values.items()
    ]
    resource = ConfigResource(ConfigResource.Type.TOPIC, city.prefix + topic, incremental_configs=entries)
    admin = AdminClient({"bootstrap.servers": city.kafka})
    admin.incremental_alter_configs([resource])[resource].result(20)


def test_nothing_differs_after_create(city):
    city.create_topics("--gateway", "city-app", "--gateway-partitions", "2")
    code, told, _ = dayu(city, "topics", "check")
    assert code == 0, told
    assert "as they should be" in told and f"{PARTITIONS} partitions and 1 copy" in told
    assert dayu(city, "topics", "diff")[0] == 0
    assert dayu(city, "topics", "check", "--gateway-partitions", "3")[0] == 1


def test_settings_and_missing_topics_are_applied(city):
    assert dayu(city, "topics", "apply", "--partitions", str(PARTITIONS))[0] == 0
    change(city, "complaints.events", retention_ms="1000", segment_ms="3600000")
    change(city, "complaints.contacts", cleanup_policy="delete", max_compaction_lag_ms="99")
    admin = AdminClient({"bootstrap.servers": city.kafka})
    admin.delete_topics([city.prefix + "follows"])[city.prefix + "follows"].result(20)
    wait_until("the topic is gone", lambda: "follows" not in city.topics())
    assert dayu(city, "topics", "check")[0] == 2
    code, told, _ = dayu(city, "topics", "diff")
    assert code == 2
    for line in (
        "complaints.events: retention.ms: 1000, should be -1",
        "complaints.contacts: cleanup.policy: delete, should be compact",
        "complaints.contacts: max.compaction.lag.ms: 99, should be 86400000",
        "follows: is missing",
        # Somebody's own setting, about which the catalogue says nothing.
        "complaints.events: segment.ms=3600000 is set and left as it is",
    ):
        assert city.prefix + line in told, told
    assert settings(city, "complaints.events")["retention.ms"] == "1000", "a diff changes nothing"

    code, told, error = dayu(city, "topics", "apply")
    assert code == 0, told + error
    assert f"created {city.prefix}follows" in told
    assert f"{city.prefix}complaints.events: set retention.ms=-1" in told
    events, contacts = settings(city, "complaints.events"), settings(city, "complaints.contacts")
    assert (events["retention.ms"], events["segment.ms"]) == ("-1", "3600000"), "what was set besides stays"
    assert events["retention.bytes"] == "-1"
    assert (contacts["cleanup.policy"], contacts["max.compaction.lag.ms"]) == ("compact", "86400000")
    assert "follows" in city.topics()
    assert dayu(city, "topics", "check")[0] == 0


def test_partitions_and_copies_are_never_changed(city):
    city.create_topics()
    admin = AdminClient({"bootstrap.servers": city.kafka})
    name = city.prefix + "complaints.actions"
    admin.delete_topics([name])[name].result(20)
    wait_until("the topic is gone", lambda: "complaints.actions" not in city.topics())
    admin.create_topics([NewTopic(name, PARTITIONS + 1, 1)])[name].result(20)
    code, told, error = dayu(city, "topics", "apply", "--replication", "3")
    assert code == 1
    assert f"still differs: {name}: partitions: {PARTITIONS + 1}, should be {PARTITIONS}" in error
    assert f"still differs: {name}: copies: 1, should be 3" in error
    assert "kafka-reassign-partitions.sh" in error and "more partitions" in error
    assert len(admin.list_topics(timeout=10).topics[name].partitions) == PARTITIONS + 1
    # What can be set is set all the same.
    assert settings(city, "complaints.actions")["retention.ms"] == str(30 * 86_400_000)
    assert dayu(city, "topics", "diff")[0] == 1


@pytest.mark.slow
def test_the_broker_in_memory_says_what_it_does_not_know(city, tmp_path):
    """librdkafka's mock has no DescribeConfigs and no ACLs: an error says so, soon."""
    with subprocess.Popen(
        [BIN / "dayu", "broker", "--address-file", tmp_path / "address"], stdout=subprocess.PIPE, env=city.operators
    ) as broker:
        try:
            address = wait_until("the address", lambda: (tmp_path / "address").exists() and (tmp_path / "address").read_text())
            for command in (("topics", "check"), ("acl", "apply", str(city.registry))):
                code, _, error = dayu(city, *command, DAYU_KAFKA=address.strip())
                assert code == 1 and "Kafka does not tell" in error and "dayu broker" in error, error
        finally:
            broker.terminate()


def test_acls_are_added_once(city):
    city.create_topics()
    with Authorizer(free_port(), int(city.kafka.rpartition(":")[2])) as authorizer:
        address = f"127.0.0.1:{authorizer.port}"
        table = dayu(city, "acl", "print", str(city.registry), "--format", "table")[1].splitlines()[1:]
        wanted = {tuple((*line.split(), "kafka-cluster")[:5]) for line in table}
        code, told, error = dayu(city, "acl", "apply", str(city.registry), "--dry-run", DAYU_KAFKA=address)
        assert "would add User:dayu-routing" in told and authorizer.rules == []

        code, told, error = dayu(city, "acl", "apply", str(city.registry), DAYU_KAFKA=address)
        given = authorizer.named()
        assert given <= wanted
        assert all(host == "*" and permission == 3 for _, _, _, _, host, _, permission in authorizer.rules)
        left = wanted - given
        # librdkafka before 2.3 has no word for transactional ids: the commands for those rules are printed.
        assert {rule[2] for rule in left} <= {"transactional-id"}
        assert code == (1 if left else 0)
        for _, _, _, _, name in left:
            assert f"--transactional-id '{name}'" in error

        # An administrator runs that script.
        kinds = {"literal": 3, "prefixed": 4}
        authorizer.rules += [(5, name, kinds[pattern], who, "*", 4, 3) for who, _, _, pattern, name in left]
        before = list(authorizer.rules)
        code, told, error = dayu(city, "acl", "apply", str(city.registry), DAYU_KAFKA=address)
        assert (code, authorizer.rules) == (0, before), told + error
        assert f"0 added, {len(wanted)} there already" in told

        # A gateway that has left the registry.
        authorizer.rules.append((2, city.prefix + "gateways.gone", 3, "User:gateway-gone", "*", 4, 3))
        code, told, _ = dayu(city, "acl", "apply", str(city.registry), DAYU_KAFKA=address)
        assert code == 2 and "no longer needed: User:gateway-gone" in told


def test_a_cluster_without_an_authorizer_says_so(city):
    city.create_topics()
    code, _, error = dayu(city, "acl", "apply", str(city.registry))
    assert code == 1 and ("No Authorizer" in error or "SECURITY_DISABLED" in error), error
