"""Complaints that were lived to their end, for the log of a city that has run for years."""

import random

from city import REGION, complaint
from confluent_kafka import Consumer, Producer, TopicPartition
from suite import PARTITIONS
from waiting import wait_until

OFFICE = {"role": "office", "id": REGION}
STEPS = [
    {"action": "accept", "by": OFFICE},
    {"action": "resolve", "by": OFFICE, "text": "已封堵排口，水质恢复", "media": ["https://example.org/after.jpg"]},
    {"action": "rate", "by": {"role": "citizen"}, "grade": "satisfied"},
]
#: Received, assigned, accepted, resolved, rated, closed.
EVENTS = 6
#: Complaints that are open at the same time: the next step of one comes when so many others have had theirs.
OPEN = 20_000


def live(suite, count):
    """Takes complaints through the running suite, and returns the events of each, as they came."""
    chance, lives = random.Random(EVENTS), {}
    ids = [suite.post("/v1/complaints", complaint(number, chance)).json()["id"] for number in range(count)]
    consumer = Consumer({"bootstrap.servers": suite.kafka, "group.id": "benchmark", "isolation.level": "read_committed"})
    topic = suite.prefix + "complaints.events"
    consumer.assign([TopicPartition(topic, number, 0) for number in range(PARTITIONS)])

    def have(events):
        for message in consumer.consume(1000, 0.2):
            assert not message.error(), message.error()
            lives.setdefault(message.key().decode(), []).append(message)
        return all(len(lives.get(id, [])) >= events for id in ids)

    for number, step in enumerate(STEPS):
        wait_until(f"{number + 2} events of each", lambda: have(number + 2), 60)  # noqa: B023
        for id in ids:
            assert suite.act(id, step).status_code in (201, 202)
    wait_until("the end of each", lambda: have(EVENTS), 60)
    consumer.close()
    return [lives[id] for id in ids]


def multiply(suite, lives, count):
    """Writes the events of so many lives, each of them one of these under another identity; returns how many."""
    # Batches as large as transactions make them.
    settings = {"linger.ms": 500, "batch.num.messages": 10_000, "queue.buffering.max.messages": 500_000}
    producer = Producer({"bootstrap.servers": suite.kafka, "partitioner": "murmur2_random", **settings})
    for first in range(0, count, OPEN):
        numbers = range(first, min(first + OPEN, count))
        for step in range(EVENTS):
            for number in numbers:
                produce(producer, lives[number % len(lives)][step], number)
    assert producer.flush(120) == 0, "the events did not reach the log"
    return count * EVENTS


def produce(producer, message, number):
    old, new = message.key(), f"{number:08x}-0000-4000-8000-{number:012x}".encode()
    headers = [(name, value.replace(old, new)) for name, value in message.headers()]
    while True:
        try:
            producer.produce(message.topic(), message.value().replace(old, new), new, headers=headers)
            break
        except BufferError:
            producer.poll(0.1)
    producer.poll(0)
