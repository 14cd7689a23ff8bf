"""A city's log is backed up, its cluster is destroyed, and the log is restored on another: a drill of what the handbook says.

What leaves the suite is counted outside: on the file that stands for the SMS gateway, and on the public site.
"""

import collections
import json
import shutil
import stat
import subprocess
import time

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from brokers import Broker, available
from suite import BIN, PARTITIONS, SERVICES, Suite
from test_gateway import Gateway, outcomes, suite_of
from test_gateway import complain as flood
from waiting import free_port, wait_until

TEXT = "演练用投诉，请勿当真。"
PLACES = [(120.1384, 30.3205), (120.1386, 30.3207), (120.139, 30.321)]


def dayu(suite, *arguments):
    done = subprocess.run([BIN / "dayu", *arguments], env=suite.operators, capture_output=True, text=True, timeout=180)
    return done.returncode, done.stdout + done.stderr


def everything(suite):
    """All committed records, by a client that is not ours: of each partition, in their order, with headers and times."""
    consumer = Consumer(
        {
            "bootstrap.servers": suite.kafka, "group.id": "drill", "enable.partition.eof": True,
            "isolation.level": "read_committed", "fetch.wait.max.ms": 20,
        }
    )  # fmt: skip
    found = consumer.list_topics(timeout=10).topics
    places = {
        (name, number)
        for name in found if name.startswith(suite.prefix) and not name.endswith("clocks")
        for number in found[name].partitions
    }  # fmt: skip
    consumer.assign([TopicPartition(name, number, 0) for name, number in places])
    records, open_places = collections.defaultdict(list), set(places)
    while open_places:
        message = consumer.poll(10)
        assert message is not None, f"{open_places} could not be read to their ends"
        place = message.topic(), message.partition()
        if message.error():
            open_places.discard(place)
        else:
            kept = message.key(), message.value(), tuple(message.headers() or []), message.timestamp()[1]
            records[place[0][len(suite.prefix) :], place[1]].append(kept)
    consumer.close()
    return dict(records)


def complain(suite, number, **more):
    longitude, latitude = PLACES[number % len(PLACES)]
    form = {
        "category": "sewage-discharge", "text": TEXT, "place": {"longitude": longitude, "latitude": latitude},
        "contact": {"name": "演练样例", "phone": f"+86 000 0000 {7100 + number}"}, **more,
    }  # fmt: skip
    answer = suite.post("/v1/complaints", form)
    assert answer.status_code == 201, answer.text
    return answer.json()


def shown(suite, code):
    answer = suite.public(f"/api/complaints/{code}")
    return answer.json() if answer.status_code == 200 else {}


def comes_to(suite, code, status):
    return wait_until(f"{code} is {status}", lambda: (p := shown(suite, code)).get("status") == status and p)


def board(suite):
    """What the public sees of every complaint."""
    listed = suite.public("/api/complaints", limit=100).json()["complaints"]
    return {complaint["trackingCode"]: shown(suite, complaint["trackingCode"]) for complaint in listed}


def settle(suite, seconds=4):
    """Waits until nobody is told anything more."""
    count = -1
    while count != len(suite.messages()):
        count = len(suite.messages())
        time.sleep(seconds)


@pytest.mark.slow
def test_a_lost_cluster_is_restored(tmp_path):
    if not available():
        pytest.skip("no broker that could be stopped: install noida-db or set E2E_BROKER")
    copy = tmp_path / "copy"
    with Broker(tmp_path / "first") as broker:
        suite = Suite(broker.kafka, tmp_path / "suite")
        with suite:
            made = [complain(suite, number) for number in range(6)]
            codes = [complaint["trackingCode"] for complaint in made]
            chiefs = {code: comes_to(suite, code, "assigned")["assignee"]["id"] for code in codes}
            for code in codes[:3]:
                assert suite.act(code, {"action": "accept", "by": {"role": "chief", "id": chiefs[code]}}).status_code == 202
            for code in codes[:3]:
                comes_to(suite, code, "accepted")
            done = {
                "action": "resolve", "by": {"role": "chief", "id": chiefs[codes[0]]}, "text": "演练：已处理。",
                "media": ["https://example.org/after.jpg"],
            }  # fmt: skip
            assert suite.act(codes[0], done).status_code == 202
            comes_to(suite, codes[0], "resolved")
            assert dayu(suite, "erase", codes[5])[0] == 0
            wait_until("the words are gone", lambda: shown(suite, codes[5]).get("words") == "erased")
            settle(suite)

            # While everything runs.
            code, told = dayu(suite, "backup", str(copy))
            assert code == 0, told
            assert dayu(suite, "backup", str(copy), "--check")[0] == 0
            first = json.loads((copy / "manifest.json").read_text())

            # What happens while Notification is stopped is told to nobody yet.
            suite.terminate("notification")
            late = complain(suite, 6)["trackingCode"]
            comes_to(suite, late, "assigned")
            code, told = dayu(suite, "backup", str(copy))
            assert code == 0, told
            goes_on_behind(first, json.loads((copy / "manifest.json").read_text()))
            before, records, sent = board(suite), everything(suite), suite.messages()
            for name in ["intake", "routing", "analytics", "disclosure"]:
                suite.kill(name)
    assert late not in {part for line in sent for part in line["text"].split()}
    is_for_its_owner_alone(copy)
    # Nothing of the first cluster and no cache is left.
    shutil.rmtree(tmp_path / "first")
    shutil.rmtree(tmp_path / "suite" / "data")

    with Broker(tmp_path / "second") as broker:
        move(suite, broker)
        refuses(suite, copy)
        suite.create_topics()
        code, told = dayu(suite, "restore", str(copy), "--dry-run")
        assert code == 0 and "would restore" in told, told
        assert everything(suite) == {}, "a dry run writes nothing"
        restore_with_interruptions(suite, copy)
        assert everything(suite) == records, "every record is back, in its order"
        code, told = dayu(suite, "restore", str(copy))
        assert code == 1 and "has held records already" in told, told

        suite.instances = [name for name in suite.instances if name != "notification"]
        for name in suite.instances:
            suite.start(name)
        for name in suite.instances:
            suite.wait_ready(name)
        wait_until("the public sees the same", lambda: board(suite) == before, 60)
        suite.start("notification")
        suite.wait_ready("notification")
        try:
            told_once(suite, sent, late)
            goes_on_working(suite, codes, chiefs)
        finally:
            suite.stop_all()


def goes_on_behind(first, second):
    """Topics that are kept for ever go on; the others, which hold all personal data, are written anew."""
    files = [
        {topic["name"]: {file["name"] for part in topic["partitions"] for file in part["files"]} for topic in manifest["topics"]}
        for manifest in (first, second)
    ]
    assert files[0]["complaints.events"] < files[1]["complaints.events"]
    for topic in second["topics"]:
        if topic["holdsPersonalData"]:
            assert not files[0][topic["name"]] & files[1][topic["name"]]


def is_for_its_owner_alone(copy):
    for path in [copy, *copy.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    # What people wrote and who they are stands in the part that says so, and in its files' first lines.
    holding = {path for path in copy.rglob("*.records") if any(word.encode() in path.read_bytes() for word in (TEXT, "演练样例"))}
    assert holding
    for path in holding:
        assert copy / "personal-data" in path.parents
        assert b"HOLDS PERSONAL DATA" in path.read_bytes().partition(b"\n")[0]
    named = {file["name"] for t in json.loads((copy / "manifest.json").read_text())["topics"] for p in t["partitions"] for file in p["files"]}
    assert {str(path.relative_to(copy)) for path in copy.rglob("*.records")} == named, "files of the first backup are gone"


def refuses(suite, copy):
    code, told = dayu(suite, "restore", str(copy))
    assert code == 1 and "there is no topic" in told, told
    prefix = suite.prefix
    other = suite.operators | {"DAYU_PREFIX": "other."}
    subprocess.run([BIN / "dayu", "topics", "create", "--partitions", str(PARTITIONS + 1)], env=other, check=True, capture_output=True)
    done = subprocess.run([BIN / "dayu", "restore", copy], env=other, capture_output=True, text=True)
    assert done.returncode == 1 and f"--partitions {PARTITIONS}" in done.stderr, done.stderr
    assert suite.prefix == prefix
    # A byte that the disk has lost.
    broken = max((path for path in copy.rglob("*.records")), key=lambda path: path.stat().st_size)
    content = broken.read_bytes()
    broken.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for command in (["restore", str(copy)], ["backup", str(copy), "--check"]):
        code, told = dayu(suite, *command)
        assert code == 1 and "SHA-256 differs" in told, told
    broken.write_bytes(content)


def restore_with_interruptions(suite, copy):
    for seconds in (0.2, 0.4):
        with subprocess.Popen([BIN / "dayu", "restore", copy, "--resume"], env=suite.operators, stdout=subprocess.DEVNULL) as run:
            time.sleep(seconds)
            run.kill()
    code, told = dayu(suite, "restore", str(copy), "--resume")
    assert code == 0 and "restored the backup" in told, told


def told_once(suite, sent, late):
    """The complaint that nobody had been told of is told; nothing is told a second time."""
    wait_until("the late complaint is told", lambda: suite.messages(late), 90)
    settle(suite)
    messages = suite.messages()
    assert messages[: len(sent)] == sent
    assert all(late in message["text"] for message in messages[len(sent) :]), messages[len(sent) :]
    references = collections.Counter(message["reference"] for message in messages)
    assert max(references.values()) == 1, references


def goes_on_working(suite, codes, chiefs):
    status, faults = suite.status()
    assert status == 0, faults
    by = {"role": "chief", "id": chiefs[codes[1]]}
    assert suite.act(codes[1], {"action": "resolve", "by": by, "text": "演练后已处理。", "media": ["https://example.org/b.jpg"]}).status_code == 202
    page = comes_to(suite, codes[1], "resolved")
    kinds = [entry["type"] for entry in page["timeline"]]
    assert kinds == ["received", "assigned", "accepted", "resolved"]
    assert shown(suite, codes[5])["words"] == "erased"
    complain(suite, 8)


def move(suite, broker):
    """To another broker, and to other ports: somebody else may have taken the former ones meanwhile."""
    suite.kafka = broker.kafka
    for places in (suite.ports, suite.admin):
        places.update({name: free_port() for name in places})
    for environment in (suite.environment, suite.operators):
        environment["DAYU_KAFKA"] = broker.kafka
        environment |= {f"DAYU_{name.upper()}_ADMIN_PORT": str(suite.admin[name]) for name in SERVICES}
    suite.intake = f"http://127.0.0.1:{suite.ports['intake']}"
    suite.site = f"http://127.0.0.1:{suite.ports['disclosure']}"


@pytest.mark.slow
def test_messages_that_waited_at_the_backup_are_sent_once(tmp_path):
    """Counted at a gateway that hears both clusters: what it answered before, what it had in hand, and what waited."""
    if not available():
        pytest.skip("no broker that could be stopped: install noida-db or set E2E_BROKER")
    quick, waiting = 4, 12
    with Gateway() as gateway:
        with Broker(tmp_path / "first") as broker, suite_of(broker.kafka, tmp_path / "suite", gateway) as suite:
            gateway.open.set()
            flood(suite, quick)
            wait_until("the quick ones", lambda: len(outcomes(suite, "accepted")) == quick)
            answered = set(gateway.received)
            gateway.open.clear()
            flood(suite, waiting, first=quick)
            wait_until("all wait", lambda: len(suite.read("sms.jobs")) >= quick + waiting)
            wait_until("the window is full", lambda: len(gateway.received) == quick + 4)
            in_hand = set(gateway.received) - answered
            assert suite.terminate("notification") == 0
            code, told = dayu(suite, "backup", str(tmp_path / "copy"))
            assert code == 0, told
        shutil.rmtree(tmp_path / "suite" / "data")
        gateway.open.set()
        with Broker(tmp_path / "second") as broker:
            move(suite, broker)
            suite.create_topics()
            code, told = dayu(suite, "restore", str(tmp_path / "copy"))
            assert code == 0, told
            try:
                for name in suite.instances:
                    suite.start(name)
                for name in suite.instances:
                    suite.wait_ready(name)
                wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == quick + waiting, 150)
                settle(suite)
            finally:
                suite.stop_all()
    # What the gateway had in hand came again under the same reference; a gateway that knows references drops it.
    assert gateway.received == {reference: 2 if reference in in_hand else 1 for reference in gateway.received}
    assert len(gateway.received) == quick + waiting and len(in_hand) == 4


def test_a_backup_that_is_interrupted_goes_on(kafka, tmp_path):
    suite = Suite(kafka, tmp_path / "suite", services=[])
    suite.create_topics()
    suite.publish()
    producer = Producer({"bootstrap.servers": kafka})
    for number in range(30_000):
        producer.produce(suite.prefix + "complaints.actions", f"{number}".encode() * 40, key=f"KEY{number % 7}")
        producer.poll(0)
    producer.flush(60)
    copy = tmp_path / "copy"
    for seconds in (0.3, 0.6):
        with subprocess.Popen([BIN / "dayu", "backup", copy], env=suite.operators, stdout=subprocess.DEVNULL) as run:
            time.sleep(seconds)
            run.kill()
    code, told = dayu(suite, "backup", str(copy))
    assert code == 0, told
    manifest = json.loads((copy / "manifest.json").read_text())
    counted = {t["name"]: sum(f["records"] for p in t["partitions"] for f in p["files"]) for t in manifest["topics"]}
    found = collections.Counter()
    for (topic, _), records in everything(suite).items():
        found[topic] += len(records)
    assert {name: count for name, count in counted.items() if count} == found
    assert not (copy / "unfinished.json").exists()
