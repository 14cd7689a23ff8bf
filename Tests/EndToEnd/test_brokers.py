"""The harness itself: a broker that a command of somebody else's runs can be stopped, started and left stopped."""

import json
import sys
import time

import pytest
from confluent_kafka import Consumer, Producer

import brokers

#: Listens on a port and ends at SIGINT; that is all the harness asks of a broker.
LISTENER = f"{sys.executable} -m http.server {{port}} --bind 127.0.0.1"


@pytest.fixture
def external(monkeypatch):
    monkeypatch.setattr(brokers, "COMMAND", LISTENER)


def test_an_external_broker_stops_and_starts(external, tmp_path):
    with brokers.Broker(tmp_path / "broker") as broker:
        assert broker.answers()
        broker.stop()
        assert not broker.answers()
        broker.start()
        assert broker.answers()
        broker.freeze()
        broker.thaw()
        broker.stop()


def test_one_that_ends_at_once_is_told_of(monkeypatch, tmp_path):
    monkeypatch.setattr(brokers, "COMMAND", f"{sys.executable} -c 'print(\"no such broker\")'")
    with pytest.raises(AssertionError, match="no such broker"):
        brokers.Broker(tmp_path / "broker").__enter__()


@pytest.mark.skipif(bool(brokers.COMMAND) or not brokers.available(), reason="needs noida-db")
def test_an_idle_consumer_asks_seldom_and_has_a_record_soon(tmp_path):
    """noida-db alone is asked hundreds of times a second, and the suite with it takes the tests' processors."""
    asked = []
    with brokers.Broker(tmp_path / "broker") as broker:
        topic = brokers.made(broker.kafka, "idle")
        consumer = Consumer(
            {
                "bootstrap.servers": broker.kafka,
                "group.id": "idle",
                "auto.offset.reset": "earliest",
                "statistics.interval.ms": 1000,
                "stats_cb": lambda text: asked.append(
                    sum(peer["req"].get("Fetch", 0) for peer in json.loads(text)["brokers"].values())
                ),
            }
        )
        consumer.subscribe([topic])
        deadline = time.monotonic() + 30
        while len(asked) < 8 and time.monotonic() < deadline:
            assert consumer.poll(0.1) is None
        producer = Producer({"bootstrap.servers": broker.kafka})
        producer.produce(topic, b"record")
        producer.flush()
        message = consumer.poll(10)
        consumer.close()
    assert message.value() == b"record"
    assert 0 < asked[7] - asked[4] < 3 * 100
