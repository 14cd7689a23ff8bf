"""Brokers of the tests' own, that they may stop and freeze; and what a broker checks."""

import functools
import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time
import uuid

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from waiting import free_port, wait_until

NOIDA = pathlib.Path(sys.executable).parent / "noida-db"
PATIENCE = pathlib.Path(__file__).parent / "patience.py"
#: A command that runs a broker in the foreground until SIGINT or SIGTERM, on 127.0.0.1:{port}, and keeps its records
#: in {data} over an orderly stop; such as a script around kafka-server-start.sh. Without it, noida-db.
COMMAND = os.environ.get("E2E_BROKER")
#: Gives a process another clock (Debian's package faketime).
FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def available():
    return bool(COMMAND) or NOIDA.exists()


class Broker:
    """A broker on a port of the loopback interface; a context manager.

    `clock` is how far its clock is off: "-90s". noida-db stands behind patience.py, unless it is to be measured `bare`.
    """

    def __init__(self, folder, clock=None, bare=False):
        self.folder = pathlib.Path(folder)
        self.environment = dict(os.environ)
        if clock:
            self.environment |= {"LD_PRELOAD": str(FAKETIME), "FAKETIME": clock, "DONT_FAKE_MONOTONIC": "1"}
        self.port = free_port()
        #: Where noida-db listens itself.
        self.inner = self.port if bare or COMMAND else free_port()
        self.kafka = f"127.0.0.1:{self.port}"
        self.server = None
        self.proxy = None

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.launch()
        return self

    def __exit__(self, *_):
        self.thaw()
        self.end()

    def launch(self):
        if COMMAND:
            command = shlex.split(COMMAND.format(port=self.port, data=self.folder / "data"))
        else:
            command = [NOIDA, "start", "--only", "kafka", "--kafka-port", str(self.inner), *self.place]
        with open(self.folder / "broker.log", "ab") as log:
            # A group of its own, so that a wrapper and what it wraps can be frozen together.
            self.server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                env=self.environment,
                # Whoever runs the tests in the background of a shell ignores it, and so would the broker.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
            if self.inner != self.port:
                self.proxy = subprocess.Popen(
                    [sys.executable, "-B", PATIENCE, str(self.port), str(self.inner)],
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                )

        def ready():
            assert self.server.poll() is None, (self.folder / "broker.log").read_text(errors="replace")[-500:]
            return self.answers()

        wait_until("the broker answers", ready, 60)

    def end(self):
        if self.proxy:
            self.proxy.kill()
            self.proxy.wait()
        if self.server.poll() is not None:
            return
        # noida-db's wrapper waits for ever for a broker that gets no signal of its own.
        os.killpg(self.server.pid, signal.SIGINT)
        try:
            self.server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.server.wait()

    @property
    def place(self):
        return ["--data-dir", str(self.folder / "data")]

    def stop(self):
        """Orderly: noida-db loses records when it is killed, and must not be waited for by its wrapper."""
        if COMMAND:
            self.end()
        else:
            subprocess.run([NOIDA, "stop", "kafka", *self.place], check=True, capture_output=True, timeout=60)
        wait_until("the broker is gone", lambda: not self.answers(), 30)

    def start(self):
        if COMMAND:
            return self.launch()
        subprocess.run([NOIDA, "start", "kafka", *self.place], check=True, capture_output=True, timeout=60)
        wait_until("the broker answers", self.answers, 30)

    def freeze(self):
        """Connections stay open, and nothing is answered."""
        os.killpg(self.server.pid, signal.SIGSTOP)
        if self.proxy:
            self.proxy.send_signal(signal.SIGSTOP)

    def thaw(self):
        if self.proxy:
            self.proxy.send_signal(signal.SIGCONT)
        # A broker that was stopped has no process any more.
        if self.server.poll() is None:
            os.killpg(self.server.pid, signal.SIGCONT)

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


def made(kafka, topic):
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result()
    return topic


@functools.cache
def tells_of_ended_aborts(kafka):
    """Whether the broker hides committed records behind an abort that ended before them.

    A fetch names the aborted transactions that overlap it. noida-db 0.2.3 also names those that ended earlier, and a
    reader that starts behind their end takes what the same producer committed later for aborted. Apache Kafka doesn't.
    """
    topic = made(kafka, f"abort-probe-{uuid.uuid4().hex}")
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": topic})
    producer.init_transactions()
    for end in (producer.abort_transaction, producer.commit_transaction):
        producer.begin_transaction()
        producer.produce(topic, b"record")
        producer.flush()
        end()
    reader = Consumer({"bootstrap.servers": kafka, "group.id": topic, "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, 2)])
    message = reader.poll(10)
    reader.close()
    return message is None or message.error() is not None


@functools.cache
def fences_former_members(kafka):
    """Whether offsets that a transaction sends as a member the group has given up are refused (KIP-447)."""
    topic = made(kafka, f"fence-probe-{uuid.uuid4().hex}")

    def member():
        joined = Consumer({"bootstrap.servers": kafka, "group.id": topic, "session.timeout.ms": 6000})
        joined.subscribe([topic])
        deadline = time.monotonic() + 20
        while not joined.assignment():
            assert time.monotonic() < deadline, "nobody could join a group"
            joined.poll(0.1)
        return joined

    former = member()
    metadata = former.consumer_group_metadata()
    former.close()
    present = member()
    producer = Producer({"bootstrap.servers": kafka, "transactional.id": topic})
    producer.init_transactions()
    producer.begin_transaction()
    try:
        producer.send_offsets_to_transaction([TopicPartition(topic, 0, 1)], metadata, 10)
        return False
    except KafkaException:
        return True
    finally:
        producer.abort_transaction()
        present.close()


@functools.cache
def times_out_transactions(kafka):
    """Whether an open transaction ends by itself, so that readers of committed records get past it."""
    topic = made(kafka, f"timeout-probe-{uuid.uuid4().hex}")
    frozen = Producer(
        {
            "bootstrap.servers": kafka,
            "transactional.id": topic,
            "transaction.timeout.ms": 1000,
            "message.timeout.ms": 1000,
        }
    )
    frozen.init_transactions()
    frozen.begin_transaction()
    frozen.produce(topic, b"open")
    frozen.flush()
    plain = Producer({"bootstrap.servers": kafka})
    plain.produce(topic, b"after it")
    plain.flush()
    reader = Consumer({"bootstrap.servers": kafka, "group.id": topic})
    reader.assign([TopicPartition(topic, 0, 0)])
    # Apache Kafka looks for such transactions every ten seconds.
    deadline = time.monotonic() + 25
    message = None
    while message is None and time.monotonic() < deadline:
        message = reader.poll(0.5)
    reader.close()
    return message is not None and message.value() == b"after it"


def keeps_open_transactions(broker):
    """Whether a transaction that is open when the broker stops is still there when it is back; it is stopped for this.

    noida-db 0.2.3 aborts it as it stops, and later says yes to its commit: the producer can't know that its records
    are gone. Apache Kafka keeps its transactions on the log.
    """
    topic = made(broker.kafka, f"stop-probe-{uuid.uuid4().hex}")
    producer = Producer({"bootstrap.servers": broker.kafka, "transactional.id": topic})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(topic, b"open")
    producer.flush()
    broker.stop()
    broker.start()
    try:
        producer.commit_transaction(30)
    except KafkaException:
        return True
    reader = Consumer({"bootstrap.servers": broker.kafka, "group.id": topic, "enable.partition.eof": True})
    reader.assign([TopicPartition(topic, 0, 0)])
    message = reader.poll(10)
    reader.close()
    return message is not None and message.error() is None
