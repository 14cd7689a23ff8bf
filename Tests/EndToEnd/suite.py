"""Runs the built suite against a broker, each test under a topic prefix of its own."""

import base64
import functools
import hashlib
import hmac
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import time

import requests
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from brokers import tells_of_ended_aborts
from keys import add_gateway
from waiting import free_port, persist, wait_until  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ["DAYU_BIN"])
SAMPLE = ROOT / "deploy" / "sample"
#: The gateway of the tests: it brings complaints and readings, and acts for everybody from the city's office down.
GATEWAY, TOPMOST = "e2e", "hangzhou"
SCOPES = ["complaints", "readings", "messages", f"actions:office/{TOPMOST}"]
#: How the sample's numbers begin: they are nobody's.
SAMPLE_NUMBERS = "+86000"
IDENTITY_KEY, NUMBER_KEY = "1d" * 32, "4e" * 32
#: The tests ask more often than people do, all from one address, and have the same few officials told.
UNLIMITED = {
    "DAYU_INTAKE_REQUESTS_PER_MINUTE": "0", "DAYU_INTAKE_GATEWAY_REQUESTS_PER_MINUTE": "0",
    "DAYU_INTAKE_READS_PER_MINUTE": "0", "DAYU_DISCLOSURE_REQUESTS_PER_MINUTE": "0",
    "DAYU_SMS_PER_OFFICIAL": "none", "DAYU_SMS_PER_COMPLAINANT": "none", "DAYU_SMS_PER_CITY": "none",
    "DAYU_NOTIFICATION_TABLE": "every", "DAYU_NOTIFICATION_QUIET": "none", "DAYU_NOTIFICATION_SEGMENTS": "10",
}  # fmt: skip
SERVICES = ["routing", "notification", "analytics", "disclosure", "intake"]
PARTITIONS = 4
TRANSACTIONAL_LOOPS = {
    "routing": ["dayu-routing"],
    "intake": ["dayu-intake.gateways", "dayu-intake.sources"],
    "notification": [f"dayu-notification.{loop}" for loop in ("addressing", "dispatch", "pusher", "urgent-pusher")],
    "analytics": [f"dayu-analytics.{loop}" for loop in ("grading", "alarming", "summarising", "inspecting")],
}


class Suite:
    """The five services on one broker and one prefix; a context manager that stops what it started."""

    def __init__(self, kafka, folder, settings=None, second=(), services=SERVICES, registry=SAMPLE, office=TOPMOST):
        """`second` names the services that run as two instances, each with a data folder of its own.

        `office` is the one for which the tests' gateway may act, and for all below it. `self.registry` is a copy of the
        registry's folder with the tests' gateway in it.
        """
        self.kafka = kafka
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.registry = pathlib.Path(shutil.copytree(registry, self.folder / "published"))
        self.key = add_gateway(self.registry, GATEWAY, [scope.replace(TOPMOST, office) for scope in SCOPES])
        self.prefix = f"e2e-{random.getrandbits(40):x}."
        self.instances = list(services) + [f"{name}.2" for name in second]
        self.ports = {name: free_port() for name in [*SERVICES, *self.instances]}
        self.admin = {name: free_port() for name in [*SERVICES, *self.instances]}
        self.sms = self.folder / "sms.jsonl"
        self.processes = {}
        self.environment = dict(os.environ)
        self.environment.update(
            DAYU_KAFKA=kafka,
            DAYU_PREFIX=self.prefix,
            DAYU_DATA=str(self.folder / "data"),
            DAYU_SMS_FILE=str(self.sms),
            DAYU_SMS_ALSO_TO=SAMPLE_NUMBERS,
            DAYU_INTAKE_PORT=str(self.ports["intake"]),
            DAYU_DISCLOSURE_PORT=str(self.ports["disclosure"]),
            DAYU_INTAKE_IDENTITY_KEY=IDENTITY_KEY,
            DAYU_NUMBER_KEY=NUMBER_KEY,
            **{f"DAYU_{name.upper()}_ADMIN_PORT": str(self.admin[name]) for name in SERVICES},
            **UNLIMITED,
            DAYU_MEDIA=str(self.folder / "media"),
        )
        self.environment.update(settings or {})
        # Whoever reads a topic to its end learns of the end with the next answer, however empty; a command needs several.
        self.operators = self.environment | {"KAFKA_FETCH_WAIT_MAX_MS": "20"}
        self.intake = f"http://127.0.0.1:{self.ports['intake']}"
        self.site = f"http://127.0.0.1:{self.ports['disclosure']}"

    def __enter__(self):
        self.create_topics()
        self.publish()
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

    def create_topics(self, *options):
        return self.operate("topics", "create", "--partitions", str(PARTITIONS), *options)

    def publish(self):
        return self.operate("registry", "publish", str(self.registry))

    def broker_tells_of_ended_aborts(self):
        return tells_of_ended_aborts(self.kafka)

    def operate(self, *arguments):
        done = subprocess.run(
            [BIN / "dayu", *arguments], env=self.operators, capture_output=True, text=True, timeout=60
        )
        # 2: something will be wrong soon. Whether the sample's calendar reaches far enough depends on the day.
        assert done.returncode in ((0, 2) if arguments[0] == "status" else (0,)), done.stdout + done.stderr
        return done.stdout

    def status(self):
        """The exit code of `dayu status` (a warning counts as 0), and the faults that it names."""
        done = subprocess.run(
            [BIN / "dayu", "status", "--json"],
            env=self.operators | {"DAYU_STATUS_DISCLOSURE": self.site},
            capture_output=True,
            text=True,
            timeout=60,
        )
        found = json.loads(done.stdout)
        assert done.returncode == (1 if found["faults"] else 2 if found["warnings"] else 0), done.stdout
        return done.returncode % 2, found["faults"]

    def data(self, name):
        return self.folder / ("data" + name.partition(".")[2])

    def start(self, name, *arguments, through=()):
        """`through` is a command that becomes the service, for instance `env`."""
        service = name.partition(".")[0]
        environment = self.environment | {
            "DAYU_DATA": str(self.data(name)),
            f"DAYU_{service.upper()}_ADMIN_PORT": str(self.admin[name]),
        }
        if service in ("intake", "disclosure"):
            environment[f"DAYU_{service.upper()}_PORT"] = str(self.ports[name])
        if self.broker_tells_of_ended_aborts():
            self.change_identity(name)
            # Nor does it answer everyone who joins while a member dies; the shorter a try, the sooner the next.
            environment |= {
                "KAFKA_GROUP_INSTANCE_ID": f"e2e-{name}",
                "KAFKA_MAX_POLL_INTERVAL_MS": "12000",
                "KAFKA_SESSION_TIMEOUT_MS": "10000",
            }
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(
            [*through, BIN / f"dayu-{service}", *arguments],
            env=environment, stderr=log, stdout=log, stdin=subprocess.DEVNULL,
        )  # fmt: skip
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

    def lose(self, name):
        """Deletes the folder of a service that was killed. The file `instance` in it names the transactions that may be open:
        on a broker that never times them out, whoever restores from the log would wait for their end for ever."""
        if self.broker_tells_of_ended_aborts():
            self.change_identity(name)
        shutil.rmtree(self.data(name) / f"dayu-{name.partition('.')[0]}")

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

    @property
    def bearer(self):
        """The proof of the tests' gateway, as a header."""
        return self.key.bearer

    def post(self, path, body, headers=None, timeout=30):
        """As the public does, unless the headers hold a proof."""
        return requests.post(self.intake + path, json=body, headers=headers or {}, timeout=timeout)

    def act(self, code, body, key=None):
        """As the tests' gateway does for officials; `key` makes the same action again the same."""
        headers = self.bearer | ({"Idempotency-Key": key} if key else {})
        return self.post(f"/v1/complaints/{code}/actions", body, headers)

    def act_as_citizen(self, identity, body, key=None):
        """As who complained does, by the complaint's id."""
        headers = {"Authorization": f"Bearer {identity}"} | ({"Idempotency-Key": key} if key else {})
        return self.post("/v1/actions", body, headers)

    def measure(self, readings):
        """As the tests' gateway does for stations and laboratories; a CSV table as bytes, or JSON."""
        if isinstance(readings, bytes):
            headers = self.bearer | {"Content-Type": "text/csv"}
            return requests.post(self.intake + "/v1/readings", data=readings, headers=headers, timeout=60)
        return self.post("/v1/readings", {"readings": readings}, self.bearer)

    def messages(self, about=""):
        """What was given to the SMS gateway, where a text holds the words."""
        lines = self.sms.read_text().splitlines() if self.sms.exists() else []
        return [line for line in map(json.loads, lines) if about in line["text"]]

    def public(self, path, **parameters):
        return requests.get(self.site + path, params=parameters, timeout=30)

    def health(self, name):
        """The status of /readyz and what it says."""
        answer = requests.get(f"http://127.0.0.1:{self.admin[name]}/readyz", timeout=5)
        return answer.status_code, answer.text

    def figure(self, name, metric):
        """What /metrics says of a series without labels."""
        text = requests.get(f"http://127.0.0.1:{self.admin[name]}/metrics", timeout=5).text
        return next((float(line.split()[1]) for line in text.splitlines() if line.startswith(metric + " ")), None)

    def topics(self):
        """The names of all topics of this suite, without the prefix."""
        found = AdminClient({"bootstrap.servers": self.kafka}).list_topics(timeout=10).topics
        return sorted(name[len(self.prefix) :] for name in found if name.startswith(self.prefix))

    def write(self, topic, key, value, headers=(), **more):
        """A record by a client that is not ours and has the settings it was born with; returns where it went."""
        went = []
        producer = Producer({"bootstrap.servers": self.kafka, **more.pop("settings", {})})
        producer.produce(
            self.prefix + topic, key=key, value=value, headers=list(headers),
            on_delivery=lambda error, message: went.append((error, message)), **more
        )  # fmt: skip
        producer.flush(20)
        error, message = went[0]
        assert error is None, error
        return f"{topic}/{message.partition()}/{message.offset()}"

    def confirm(self, *phones):
        """The numbers are from now on those of complainants who opened the link in their SMS."""
        handles = {number_handle(phone) for phone in phones}
        headers = [
            ("ce_specversion", b"1.0"), ("ce_id", b"number"), ("ce_source", b"dayu-intake"),
            ("ce_type", b"org.dayu.number.confirmed.v1"), ("ce_time", b"2026-11-23T05:41:35.000Z"),
        ]  # fmt: skip
        for handle in handles:
            value = json.dumps({"handle": handle}).encode()
            self.write("sms.messages", handle, value, headers, settings={"partitioner": "murmur2_random"})
        wait_until("the numbers are confirmed", lambda: handles <= {r.key for r in self.read("notices.events") if r.kind == "confirmed"})

    def read(self, topic):
        """Every committed record of a topic, by a client that is not ours."""
        reading = Reading(self.kafka, self.prefix + topic)
        try:
            return reading.update()
        finally:
            reading.close()

    def ends(self, topics):
        """The high watermarks of all partitions."""
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": "e2e-reader"})
        try:
            found = consumer.list_topics(timeout=10).topics
            places = [TopicPartition(self.prefix + t, n) for t in topics for n in found[self.prefix + t].partitions]
            return {(p.topic, p.partition): consumer.get_watermark_offsets(p, timeout=10)[1] for p in places}
        finally:
            consumer.close()


def number_handle(phone):
    """What stands for a number on the log."""
    digest = hmac.digest(bytes.fromhex(NUMBER_KEY), phone.replace(" ", "").encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:16]).decode().rstrip("=")


class Reading:
    """A topic's committed records, read once each; `update` takes in what has come since."""

    BATCH = 5000

    def __init__(self, kafka, name):
        self.name = name
        self.records = []
        self.consumer = Consumer(
            {
                "bootstrap.servers": kafka,
                "group.id": "e2e-reader",
                "enable.auto.commit": False,
                "isolation.level": "read_committed",
                "enable.partition.eof": True,
                "fetch.wait.max.ms": 20,
            }
        )
        self.partitions = self.consumer.list_topics(name, timeout=10).topics[name].partitions
        self.caught_up = set()
        self.consumer.assign([TopicPartition(name, number, 0) for number in self.partitions])

    def update(self):
        deadline = time.monotonic() + 60
        while True:
            messages = self.consumer.consume(self.BATCH, 0.1)
            for message in messages:
                if message.error():
                    self.caught_up.add(message.partition())
                else:
                    self.records.append(Record(message))
            if len(messages) < self.BATCH and len(self.caught_up) == len(self.partitions):
                return self.records
            assert time.monotonic() < deadline, f"{self.name} could not be read to its end"

    def close(self):
        self.consumer.close()


class Record:
    def __init__(self, message):
        self.partition, self.offset = message.partition(), message.offset()
        self.key = message.key().decode() if message.key() is not None else None
        self.headers = {name: value.decode() for name, value in message.headers() or []}
        self.bytes = message.value()

    @functools.cached_property
    def value(self):
        return json.loads(self.bytes) if self.bytes is not None else None

    @property
    def id(self):
        return self.headers["ce_id"]

    @property
    def kind(self):
        return self.headers["ce_type"].split(".")[3]

    @property
    def version(self):
        return int(self.headers["ce_version"])
