"""Kafka away, slow or refusing: Intake takes complaints to its disk, tells so, and brings them to the log once, in order."""

import contextlib
import shutil

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic

from keys import compact
from suite import PARTITIONS, Suite, wait_until

SUBMISSIONS, WORDS = "complaints.submissions", "complaints.words"
#: Of a complaint without contact: what was said, and the submission that tells of it.
RECORDS = 2
GOOD = {
    "category": "odour",
    "text": "河水发臭",
    "place": {"longitude": 120.1384, "latitude": 30.3205},
}


@contextlib.contextmanager
def intake(broker, folder, **settings):
    with Suite(broker.kafka, folder, settings, services=["intake"]) as running:
        yield running


def submit(suite, number, status, timeout=30):
    answer = suite.post("/v1/complaints", GOOD | {"idempotencyKey": f"spool-{number}"}, suite.bearer, timeout)
    assert answer.status_code == status, (number, answer.status_code, answer.text)
    return compact(answer.json()["trackingCode"]) if status in (201, 202) else answer


def restart(suite):
    suite.kill("intake")
    suite.start("intake")
    wait_until("intake is back", lambda: suite.health("intake")[0] in (200, 503), 30)


def listens(suite):
    wait_until("intake listens", lambda: suite.post("/v1/complaints", {}).status_code in (422, 503), 30)


def takes(suite):
    """Intake listens and knows a registry."""
    wait_until("intake takes complaints", lambda: suite.is_ready("intake"), 30)


def drained(suite):
    wait_until("the spool is empty", lambda: suite.figure("intake", "dayu_spool_records") == 0, 60)


def submitted(suite):
    """The complaints on the log, each as often as it is there, in the order of their offsets, partition by partition."""
    return [record.key for record in suite.read(SUBMISSIONS)]


def said(suite):
    """The complaints whose words are on the log, each as often as they are there."""
    return [record.key.partition("/")[0] for record in suite.read(WORDS)]


def by_partition(suite, order):
    """The numbers of the complaints in each partition, without repetitions."""
    found = {}
    for record in suite.read(SUBMISSIONS):
        numbers = found.setdefault(record.partition, [])
        if order[record.key] not in numbers:
            numbers.append(order[record.key])
    return found


def test_intake_starts_and_takes_complaints_without_kafka(broker, tmp_path):
    with intake(broker, tmp_path / "suite") as suite:
        complaints = [submit(suite, 0, 201)]
        assert suite.terminate("intake") == 0
        broker.stop()

        # The registry as it was last read: what is wrong is still told, what is right is kept.
        suite.start("intake")
        takes(suite)
        assert "uses the registry as last read" in suite.health("intake")[1]
        assert suite.post("/v1/complaints", GOOD | {"category": "volcano"}).status_code == 422
        complaints += [submit(suite, number, 202) for number in range(1, 41)]
        assert submit(suite, 7, 202) == complaints[7], "the same key is the same complaint"
        assert suite.figure("intake", "dayu_spool_records") == 41 * RECORDS
        assert f"{41 * RECORDS} records wait for Kafka" in suite.health("intake")[1]

        # On the disk means on the disk.
        restart(suite)
        takes(suite)
        assert suite.figure("intake", "dayu_spool_records") == 41 * RECORDS
        complaints.append(submit(suite, 41, 202))

        broker.start()
        drained(suite)
        # Number 7 was sent twice, and nothing else.
        assert sorted(submitted(suite)) == sorted([*complaints, complaints[7]])
        assert sorted(said(suite)) == sorted([*complaints, complaints[7]])
        order = {complaint: number for number, complaint in enumerate(complaints)}
        for numbers in by_partition(suite, order).values():
            assert numbers == sorted(numbers), "the spool keeps the order"
        submit(suite, 42, 201)
        wait_until("the registry is read", lambda: "uses the registry as last read" not in suite.health("intake")[1], 30)


def test_without_a_registry_nothing_can_be_checked(broker, tmp_path):
    with intake(broker, tmp_path / "suite") as suite:
        assert suite.terminate("intake") == 0
        shutil.rmtree(suite.data("intake"))
        broker.stop()
        suite.start("intake")
        listens(suite)
        answer = submit(suite, 1, 503)
        assert int(answer.headers["Retry-After"]) > 0 and "registry" in answer.json()["detail"]
        wait_until("Intake says why", lambda: "the registry was never read" in suite.health("intake")[1])
        assert suite.health("intake")[0] == 503
        # Nobody needs to start it again.
        broker.start()
        takes(suite)
        submit(suite, 1, 201)


def test_a_broker_that_does_not_answer(broker, tmp_path):
    with intake(broker, tmp_path / "suite") as suite:
        complaints = [submit(suite, 0, 201)]
        broker.freeze()
        # Connections are open and nothing comes back: the caller has his answer when the message has timed out.
        complaints += [submit(suite, number, 202, timeout=12) for number in range(1, 6)]
        assert suite.figure("intake", "dayu_spool_records") == 5 * RECORDS
        broker.thaw()
        drained(suite)
        for found in (submitted(suite), said(suite)):
            assert set(found) == set(complaints)
            # What the broker had in its socket may be on the log twice, under the same identity; nothing else may.
            assert len(found) <= len(complaints) + 1
        submit(suite, 6, 201)


def test_a_broker_that_goes_away_under_way(broker, tmp_path):
    with intake(broker, tmp_path / "suite") as suite:
        complaints = [submit(suite, 0, 201)]
        broker.stop()
        # A record has 3 s, and librdkafka looks at its time once a second.
        complaints += [submit(suite, number, 202, timeout=8) for number in range(1, 13)]
        broker.start()
        drained(suite)
        assert set(submitted(suite)) == set(said(suite)) == set(complaints)


def test_a_topic_that_is_gone_and_comes_back(broker, tmp_path):
    admin = AdminClient({"bootstrap.servers": broker.kafka})
    with intake(broker, tmp_path / "suite") as suite:
        topic = suite.prefix + SUBMISSIONS
        first = submit(suite, 0, 201)
        admin.delete_topics([topic])[topic].result(30)
        wait_until("the topic is gone", lambda: topic not in admin.list_topics(timeout=5).topics)
        complaints = [submit(suite, number, 202) for number in range(1, 11)]
        text = suite.health("intake")[1]
        assert "records wait for Kafka: " in text and "opic" in text, text
        assert suite.figure("intake", "dayu_spool_records") >= 10
        # Somebody can make it again, so it is worth waiting.
        admin.create_topics([NewTopic(topic, PARTITIONS, 1)])[topic].result(30)
        drained(suite)
        assert sorted(submitted(suite)) == sorted(complaints)
        assert first not in submitted(suite), "what was deleted is gone"
        submit(suite, 11, 201)


def test_a_full_spool(broker, tmp_path):
    # Room for five complaints and for half a one: what fits by half is refused all the same.
    limit = 5 * RECORDS + 1
    with intake(broker, tmp_path / "suite", DAYU_INTAKE_SPOOL_RECORDS=str(limit)) as suite:
        assert suite.figure("intake", "dayu_spool_limit_records") == limit
        broker.stop()
        complaints = [submit(suite, number, 202) for number in range(5)]

        def refuses():
            answer = submit(suite, 5, 503)
            assert int(answer.headers["Retry-After"]) > 0
            status, text = suite.health("intake")
            assert status == 503 and f"the spool is full ({limit})" in text, text
            assert suite.figure("intake", "dayu_spool_records") == limit

        refuses()
        # One complaint too many is no reason to forget the others.
        restart(suite)
        listens(suite)
        refuses()
        broker.start()
        drained(suite)
        takes(suite)
        complaints.append(submit(suite, 5, 201))
        assert sorted(submitted(suite)) == sorted(complaints)


def test_a_record_that_kafka_refuses_is_in_nobodys_way(broker, tmp_path):
    """The words of one complaint are too large for their topic: all else arrives, they are set aside and told of."""
    admin = AdminClient({"bootstrap.servers": broker.kafka})
    with intake(broker, tmp_path / "suite") as suite:
        topic = suite.prefix + "complaints.small"
        admin.create_topics([NewTopic(topic, 1, 1, config={"max.message.bytes": "300"})])[topic].result(30)
        if not refuses_large(broker.kafka, topic):
            pytest.skip("this broker does not heed max.message.bytes")
        topic = suite.prefix + WORDS
        admin.delete_topics([topic])[topic].result(30)
        wait_until("the topic is gone", lambda: topic not in admin.list_topics(timeout=5).topics)
        complaints = [submit(suite, number, 202) for number in range(6)]
        large = suite.post("/v1/complaints", GOOD | {"text": "臭" * 1500, "idempotencyKey": "large"}, suite.bearer)
        assert large.status_code == 202
        large = compact(large.json()["trackingCode"])
        complaints += [submit(suite, number, 202) for number in range(6, 12)]
        small = NewTopic(topic, PARTITIONS, 1, config={"max.message.bytes": "3000"})
        admin.create_topics([small])[topic].result(30)
        drained(suite)
        assert sorted(said(suite)) == sorted(complaints)
        assert sorted(submitted(suite)) == sorted([*complaints, large])
        assert suite.figure("intake", "dayu_spool_aside_records") == 1
        status, text = suite.health("intake")
        assert status == 200 and "1 records that Kafka refused are set aside" in text
        submit(suite, 13, 201)
        # Whoever mends the topic starts Intake again, and it goes.
        larger = ConfigEntry("max.message.bytes", "1000000", incremental_operation=AlterConfigOpType.SET)
        mended = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[larger])
        admin.incremental_alter_configs([mended])[mended].result(30)
        restart(suite)
        wait_until("it went", lambda: large in said(suite), 30)
        assert suite.figure("intake", "dayu_spool_aside_records") == 0


def refuses_large(kafka, topic):
    errors = []
    producer = Producer({"bootstrap.servers": kafka, "message.timeout.ms": 5000})
    producer.produce(topic, b"x" * 1000, on_delivery=lambda error, _: errors.append(error))
    producer.flush(10)
    return len(errors) == 1 and errors[0] is not None
