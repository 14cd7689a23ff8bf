"""Runs the built suite against a broker, each test under a topic prefix of its own."""

import functools
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time
import uuid

import requests
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["DAYU_BIN"])
SAMPLE = ROOT / "deploy" / "sample"
SERVICES = ["routing", "notification", "analytics", "disclosure", "intake"]
PARTITIONS = 4
TRANSACTIONAL_LOOPS = {
    "routing": ["dayu-routing"],
    "notification": [f"dayu-notification.{loop}" for loop in ("addressing", "dispatch", "pusher")],
    "analytics": ["dayu-analytics.grading"],
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(what, condition, seconds=60):
    """Polls a condition until it holds; what it returned last is given back."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = condition()
        except requests.ConnectionError:
            result = None
        if result:
            return result
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


def persist(send, seconds=180):
    """What a gateway does: the same request again until it is answered."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = send()
            if answer.status_code in (201, 202):
                return answer
            assert answer.status_code == 503, answer.text
        except (requests.ConnectionError, requests.Timeout):
            pass
        assert time.monotonic() < deadline, "intake did not come back"
        time.sleep(0.2)


@functools.cache
def tells_of_ended_aborts(kafka):
    """Whether the broker hides committed records behind an abort that ended before them.

    A fetch names the aborted transactions that overlap it. noida-db 0.2.3 also names those that ended earlier, and a
    reader that starts behind their end takes what the same producer committed later for aborted. Apache Kafka doesn't.
    """
    topic = f"abort-probe-{uuid.uuid4().hex}"
    admin = AdminClient({"bootstrap.servers": kafka})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result()
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


class Suite:
    """The five services on one broker and one prefix; a context manager that stops what it started."""

    def __init__(self, kafka, folder, settings=None, second=()):
        """`second` names the services that run as two instances, each with a data folder of its own."""
        self.kafka = kafka
        self.folder = pathlib.Path(folder)
        self.prefix = f"e2e-{random.getrandbits(40):x}."
        self.instances = SERVICES + [f"{name}.2" for name in second]
        self.ports = {name: free_port() for name in SERVICES}
        self.admin = {name: free_port() for name in self.instances}
        self.token = f"{random.getrandbits(64):x}"
        self.sms = self.folder / "sms.jsonl"
        self.processes = {}
        self.environment = dict(os.environ)
        self.environment.update(
            DAYU_KAFKA=kafka,
            DAYU_PREFIX=self.prefix,
            DAYU_DATA=str(self.folder / "data"),
            DAYU_SMS_FILE=str(self.sms),
            DAYU_INTAKE_PORT=str(self.ports["intake"]),
            DAYU_DISCLOSURE_PORT=str(self.ports["disclosure"]),
            DAYU_INTAKE_OFFICER_TOKEN=self.token,
            **{f"DAYU_{name.upper()}_ADMIN_PORT": str(self.admin[name]) for name in SERVICES},
            **(settings or {}),
        )
        self.intake = f"http://127.0.0.1:{self.ports['intake']}"
        self.site = f"http://127.0.0.1:{self.ports['disclosure']}"

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.operate("topics", "create", "--partitions", str(PARTITIONS))
        self.operate("registry", "publish", str(SAMPLE))
        try:
            for name in self.instances:
                self.start(name)
            for name in self.instances:
                self.wait_ready(name)
        except BaseException:
            self.stop_all()
            raise
        return self

    def __exit__(self, *_):
        self.stop_all()

    def operate(self, *arguments):
        done = subprocess.run(
            [BIN / "dayu", *arguments], env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def data(self, name):
        return self.folder / ("data" + name.partition(".")[2])

    def start(self, name):
        service = name.partition(".")[0]
        environment = self.environment | {
            "DAYU_DATA": str(self.data(name)),
            f"DAYU_{service.upper()}_ADMIN_PORT": str(self.admin[name]),
        }
        if tells_of_ended_aborts(self.kafka):
            self.change_identity(name)
            # Nor does it answer everyone who joins while a member dies; the shorter a try, the sooner the next.
            environment |= {
                "KAFKA_GROUP_INSTANCE_ID": f"e2e-{name}",
                "KAFKA_MAX_POLL_INTERVAL_MS": "12000",
                "KAFKA_SESSION_TIMEOUT_MS": "10000",
            }
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(
            [BIN / f"dayu-{service}"], env=environment, stderr=log, stdout=log, stdin=subprocess.DEVNULL
        )
        log.close()

    def change_identity(self, name):
        """Ends what the former process left open and lets the next one write under another transactional id.

        On such a broker no producer may follow its own abort, and it never times out a transaction either.
        """
        service = name.partition(".")[0]
        file = self.data(name) / f"dayu-{service}" / "instance"
        if not file.exists():
            return
        for loop in TRANSACTIONAL_LOOPS.get(service, []):
            transactional_id = f"{self.prefix}{loop}.{file.read_text()}"
            Producer({"bootstrap.servers": self.kafka, "transactional.id": transactional_id}).init_transactions(30)
        file.unlink()

    def kill(self, name):
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes[name].wait()

    def terminate(self, name, seconds=20):
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes[name].wait(timeout=seconds)

    def stop_all(self):
        running = {n: p for n, p in self.processes.items() if p.poll() is None}
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        for process in running.values():
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def is_ready(self, name):
        return requests.get(f"http://127.0.0.1:{self.admin[name]}/readyz", timeout=5).status_code == 200

    def wait_ready(self, name, seconds=120):
        def ready():
            assert self.processes[name].poll() is None, f"{name} stopped: {self.log_tail(name)}"
            return self.is_ready(name)

        wait_until(f"{name} ready", ready, seconds)

    def log_tail(self, name, lines=8):
        text = (self.folder / f"{name}.log").read_text(errors="replace")
        return "\n".join(text.splitlines()[-lines:])

    def post(self, path, body, headers=None, timeout=30):
        return requests.post(self.intake + path, json=body, headers=headers or {}, timeout=timeout)

    def act(self, complaint, body, key=None):
        headers = {"Authorization": f"Bearer {self.token}"}
        if key:
            headers["Idempotency-Key"] = key
        return self.post(f"/v1/complaints/{complaint}/actions", body, headers)

    def public(self, path, **parameters):
        return requests.get(self.site + path, params=parameters, timeout=30)

    def read(self, topic):
        """Every committed record of a topic, by a client that is not ours."""
        name = self.prefix + topic
        consumer = Consumer(
            {
                "bootstrap.servers": self.kafka,
                "group.id": "e2e-reader",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
            }
        )
        try:
            partitions = consumer.list_topics(name, timeout=10).topics[name].partitions
            consumer.assign([TopicPartition(name, number, 0) for number in partitions])
            records, ended = [], set()
            deadline = time.monotonic() + 60
            while len(ended) < len(partitions):
                assert time.monotonic() < deadline, f"{name} could not be read to its end"
                message = consumer.poll(1.0)
                if message is None:
                    continue
                if message.error():
                    ended.add(message.partition())
                    continue
                records.append(Record(message))
            return records
        finally:
            consumer.close()


class Record:
    def __init__(self, message):
        self.partition, self.offset = message.partition(), message.offset()
        self.key = message.key().decode()
        self.headers = {name: value.decode() for name, value in message.headers() or []}
        self.value = json.loads(message.value()) if message.value() is not None else None

    @property
    def kind(self):
        return self.headers["ce_type"].split(".")[3]

    @property
    def version(self):
        return int(self.headers["ce_version"])


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    return folder
