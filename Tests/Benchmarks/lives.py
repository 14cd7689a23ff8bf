"""Complaints that were lived to their end, for the log of a city that has run for years."""

import random

from city import REGION, complaint
from confluent_kafka import Consumer, Producer, TopicPartition
from keys import compact, partition, written
from suite import PARTITIONS
from waiting import wait_until

OFFICE = {"role": "office", "id": REGION}
STEPS = [
    {"action": "accept", "by": OFFICE},
    {"action": "resolve", "by": OFFICE, "text": "已封堵排口，水质恢复", "media": ["https://example.org/after.jpg"]},
    {"action": "rate", "grade": "satisfied"},
]
#: Received, assigned, accepted, resolved, rated, closed.
EVENTS = 6
#: Complaints that are open at the same time: the next step of one comes when so many others have had theirs.
OPEN = 20_000


WORDS, EVENTS_TOPIC = "complaints.words", "complaints.events"


def live(suite, count):
    """Takes complaints through the running suite, and returns what was said in each and its events, as they came."""
    chance, lives = random.Random(EVENTS), {}
    taken = [suite.post("/v1/complaints", complaint(number, chance), suite.bearer).json() for number in range(count)]
    codes = [compact(answer["trackingCode"]) for answer in taken]
    consumer = Consumer({"bootstrap.servers": suite.kafka, "group.id": "benchmark", "isolation.level": "read_committed"})
    topics = {suite.prefix + name: name for name in (WORDS, EVENTS_TOPIC)}
    consumer.assign([TopicPartition(topic, number, 0) for topic in topics for number in range(PARTITIONS)])

    def have(events):
        for message in consumer.consume(1000, 0.2):
            assert not message.error(), message.error()
            life = lives.setdefault(message.key().decode().partition("/")[0], {WORDS: [], EVENTS_TOPIC: []})
            life[topics[message.topic()]].append(message)
        found = [lives.get(code, {WORDS: [], EVENTS_TOPIC: []}) for code in codes]
        said = 1 + sum("text" in step for step in STEPS[: events - 2])
        return all(len(life[EVENTS_TOPIC]) >= events and len(life[WORDS]) >= said for life in found)

    for number, step in enumerate(STEPS):
        wait_until(f"{number + 2} events of each", lambda: have(number + 2), 60)  # noqa: B023
        for answer in taken:
            done = suite.act(answer["trackingCode"], step) if "by" in step else suite.act_as_citizen(answer["id"], step)
            assert done.status_code in (201, 202), done.text
    wait_until("the end of each", lambda: have(EVENTS), 60)
    consumer.close()
    return [lives[code] for code in codes]


def multiply(suite, lives, count):
    """Writes so many lives, each of them one of these under another code; returns how many events they have."""
    # Batches as large as transactions make them.
    settings = {"linger.ms": 500, "batch.num.messages": 10_000, "queue.buffering.max.messages": 500_000}
    producer = Producer({"bootstrap.servers": suite.kafka, **settings})
    for first in range(0, count, OPEN):
        numbers = range(first, min(first + OPEN, count))
        for number in numbers:
            for message in lives[number % len(lives)][WORDS]:
                produce(producer, message, number)
        for step in range(EVENTS):
            for number in numbers:
                produce(producer, lives[number % len(lives)][EVENTS_TOPIC][step], number)
    assert producer.flush(120) == 0, "the lives did not reach the log"
    return count * EVENTS


def produce(producer, message, number):
    """The same record, of another complaint, on its partition."""
    old, new = message.key().partition(b"/")[0], written(37 * number).encode()
    place = partition(new.decode(), PARTITIONS)
    headers = [(name, value.replace(old, new)) for name, value in message.headers()]
    key, value = message.key().replace(old, new), message.value().replace(old, new)
    while True:
        try:
            producer.produce(message.topic(), value, key, partition=place, headers=headers)
            break
        except BufferError:
            producer.poll(0.1)
    producer.poll(0)
