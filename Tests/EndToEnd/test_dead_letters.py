"""What can't be taken is set aside, the partition moves on, and the operator can send it again: it takes effect once."""

import base64
import json
import subprocess

import pytest

from keys import tracking_code
from suite import BIN, Suite, wait_until

PLACE = {"longitude": 120.1384, "latitude": 30.3205}
SECRET = "+86 000 0000 4242"


@pytest.fixture
def suite(kafka, tmp_path):
    with Suite(kafka, tmp_path) as running:
        yield running


def encoded(data):
    return base64.b64encode(data).decode()


def dayu(suite, *arguments, code=0):
    done = subprocess.run([BIN / "dayu", *arguments], env=suite.operators, capture_output=True, text=True, timeout=90)
    # 2: something will be wrong soon. Whether the sample's calendar reaches far enough depends on the day.
    allowed = (0, 2) if arguments[0] == "status" and code == 0 else (code,)
    assert done.returncode in allowed, done.stdout + done.stderr
    return done.stdout if code == 0 else done.stdout + done.stderr


def letters(suite, *options):
    """The list: origin, what follows, a line each; its last line counts."""
    lines = dayu(suite, "dead-letters", "list", *options).splitlines()
    return [line.split(maxsplit=1) for line in lines[:-1]]


def status(suite, code=0):
    return json.loads(dayu(suite, "status", "--json", code=code).split("\n")[0])


class Writer:
    """A client that is not ours and writes to the suite's own topics, as only the suite may where Kafka has ACLs."""

    def __init__(self, suite):
        self.suite = suite

    def send(self, topic, key, value, headers=()):
        self.last = key, value, headers
        return self.suite.write(topic, key, value, headers, settings={"partitioner": "murmur2_random"})

    def event(self, topic, kind, key, data, identity):
        headers = [
            ("ce_specversion", b"1.0"), ("ce_id", identity.encode()), ("ce_source", b"e2e"),
            ("ce_type", f"org.dayu.{kind}.v1".encode()), ("ce_time", b"2026-08-20T00:00:00Z"),
            ("content-type", b"application/json"),
        ]
        return self.send(topic, key, json.dumps(data).encode(), headers)

    def submit(self, complaint, identity="submission", **changes):
        data = {
            "complaint": complaint, "category": "odour", "place": PLACE, "datum": "wgs84", "channel": "web",
            "anonymous": False, "contactable": False, "submittedAt": "2026-08-20T00:00:00.000Z",
        }
        return self.event("complaints.submissions", "complaint.submitted", complaint, data | changes, identity)

    def accept(self, complaint, identity="accept"):
        data = {"complaint": complaint, "action": "accept", "by": {"role": "office", "id": "hangzhou"}}
        return self.event("complaints.actions", "action.accept", complaint, data, identity)


def kinds(suite, complaint):
    return [record.kind for record in suite.read("complaints.events") if record.key == complaint]


@pytest.mark.slow
def test_dead_letters(suite):
    writer = Writer(suite)
    good, early = tracking_code(), tracking_code()

    # Garbage and a malformed submission, in the way of a good one; an action for a complaint that is not there yet.
    garbage = writer.send("complaints.submissions", good, b"\xff\x00\x1b[31m" + SECRET.encode(), [("ce_type", b"\x1b[2J")])
    wrong = writer.submit(good, "wrong", place={"longitude": 1200, "latitude": 30})
    contact = writer.send("complaints.contacts", good, b"not JSON: " + SECRET.encode())
    writer.submit(good)
    action = writer.accept(early)

    # The partition moved on.
    wait_until("assigned", lambda: kinds(suite, good) == ["received", "assigned"])
    expected = {garbage, wrong, contact, action}
    listed = wait_until("listed", lambda: (l := letters(suite)) and {o for o, _ in l} == expected and dict(l))
    assert "dayu-routing" in listed[garbage] and "ce_" in listed[garbage]
    assert "place.longitude: is outside -180…180" in listed[wrong]
    assert "dayu-notification.addressing" in listed[contact]
    # What was refused on a restricted topic may hold personal data, and is restricted too.
    assert {r.key for r in suite.read("dead-letters.restricted")} == {contact}
    assert contact not in {r.key for r in suite.read("dead-letters")}
    assert "there is no such complaint" in listed[action]
    assert SECRET not in json.dumps(listed)
    assert [o for o, _ in letters(suite, "--topic", "complaints.actions")] == [action]
    assert {o for o, _ in letters(suite, "--reason", "LONGITUDE")} == {wrong}
    assert len(letters(suite, "--limit", "1")) == 1

    # All of one; what a terminal would obey is spelt out, personal data is shown on demand.
    shown = dayu(suite, "dead-letters", "show", garbage)
    assert "\x1b" not in shown and "\\u{1B}[2J" in shown and "base64" in shown
    assert SECRET not in dayu(suite, "dead-letters", "show", contact)
    assert SECRET in dayu(suite, "dead-letters", "show", contact, "--reveal")
    assert "no such dead letter" in dayu(suite, "dead-letters", "show", "complaints.actions/0/999", code=1)

    now = status(suite)
    assert now["well"] and now["deadLetters"]["open"] == 4
    assert now["complaints"]["open"] == 1 and now["complaints"]["oldest"]["status"] == "assigned"

    # The complaint comes late; its action takes effect once it is sent again, and only then, and once.
    writer.submit(early, "late")
    wait_until("assigned", lambda: kinds(suite, early) == ["received", "assigned"])
    assert "would be sent" in dayu(suite, "dead-letters", "replay", action, "--dry-run")
    assert kinds(suite, early) == ["received", "assigned"]
    went = dayu(suite, "dead-letters", "replay", action)
    assert f"{action} went to complaints.actions/" in went and "1 replayed" in went
    wait_until("accepted", lambda: kinds(suite, early) == ["received", "assigned", "accepted"])
    again = dayu(suite, "dead-letters", "replay", action)
    assert f"{action} was not sent: replayed" in again and "0 replayed" in again
    sent = [r for r in suite.read("complaints.actions") if r.key == early]
    assert len(sent) == 2 and sent[0].headers == sent[1].headers and sent[0].value == sent[1].value
    assert sent[0].partition == sent[1].partition
    assert f"{action} went to" in dayu(suite, "dead-letters", "replay", action, "--again")

    # What is wrong stays wrong: it is refused again, as another letter.
    dayu(suite, "dead-letters", "replay", "--topic", "complaints.submissions", "--reason", "longitude")

    def refused_again():
        found = [o for o, rest in letters(suite) if "longitude" in rest]
        return found if found and found != [wrong] else None

    second = wait_until("refused again", refused_again)
    assert len(second) == 1 and second[0] != wrong
    assert any(o == wrong and "replayed" in rest for o, rest in letters(suite, "--all"))
    everything = dict(letters(suite, "--all"))
    assert {o for o, _ in letters(suite)} == {garbage, contact, second[0]} and set(everything) == expected | set(second)

    # Nobody will.
    dayu(suite, "dead-letters", "dismiss", garbage, second[0], "--reason", "a test of the gateway")
    assert [o for o, _ in letters(suite)] == [contact]
    assert "a test of the gateway" in dayu(suite, "dead-letters", "show", garbage)
    assert "not an open dead letter" in dayu(suite, "dead-letters", "dismiss", garbage, "--reason", "again", code=1)

    def settled():
        now = status(suite)
        return all(lag["records"] == 0 and lag["isExact"] for group in now["groups"] for lag in group["lag"])

    wait_until("nothing waits", settled)
    assert kinds(suite, early) == ["received", "assigned", "accepted"]
    assert kinds(suite, good) == ["received", "assigned"]


def test_a_letter_about_a_complaint_that_was_taken_meanwhile(suite):
    """The submission itself was refused, and the citizen sent it again: its replay is no second complaint."""
    writer = Writer(suite)
    complaint = tracking_code()
    refused = writer.send("complaints.submissions", complaint, b"{", [("ce_specversion", b"1.0")])
    wait_until("refused", lambda: letters(suite))
    origin = writer.submit(complaint)
    wait_until("assigned", lambda: kinds(suite, complaint) == ["received", "assigned"])

    # As an operator's own tool might have written it: the letter of a submission that has been applied since.
    topic, partition, offset = origin.split("/")
    key, value, headers = writer.last
    letter = {
        "origin": {"topic": topic, "partition": int(partition), "offset": int(offset)},
        "key": encoded(key.encode()), "value": encoded(value),
        "headers": [{"name": name, "value": encoded(value)} for name, value in headers],
        "reason": "a test", "refusedBy": "e2e", "refusedAt": "2026-08-20T00:00:00.000Z", "omittedBytes": 0,
    }
    writer.event("dead-letters", "dead-letter.refused", origin, letter, "applied")
    lost = f"{topic}/{partition}/9999"
    cut = letter | {"origin": letter["origin"] | {"offset": 9999}, "omittedBytes": 12}
    writer.event("dead-letters", "dead-letter.refused", lost, cut, "cut")
    assert f"{origin} went to" in dayu(suite, "dead-letters", "replay", origin)
    assert "12 bytes" in dayu(suite, "dead-letters", "replay", lost, code=1)
    dayu(suite, "dead-letters", "replay", "--again", origin)

    def worked_off():
        waiting = next(g for g in status(suite)["groups"] if g["name"] == "dayu-routing")["lag"]
        return all(lag["records"] == 0 for lag in waiting)

    wait_until("worked off", worked_off)
    assert kinds(suite, complaint) == ["received", "assigned"]
    assert {o for o, _ in letters(suite)} == {refused, lost}


def test_status(suite):
    screen = dayu(suite, "status")
    assert screen.rstrip().endswith(("All is well.", "There are only warnings."))
    assert len(screen.splitlines()) <= 33
    now = status(suite)
    assert {service["name"]: service["state"] for service in now["services"]} == {
        f"dayu-{name}": "ready" for name in suite.admin
    }
    # No gateway has a topic here and there is no source, so nobody is in the groups for those.
    idle = ("dayu-intake.gateways", "dayu-intake.sources")
    always = [group for group in now["groups"] if group["name"] not in idle]
    assert always and all(group["members"] == 1 for group in always)
    assert now["spool"] == 0 and now["deadLetters"]["open"] == 0 and now["complaints"]["open"] == 0
    assert suite.terminate("analytics") == 0
    assert "dayu-analytics" in dayu(suite, "status", code=1)
    assert status(suite, code=1)["faults"]
    elsewhere = dict(suite.environment, DAYU_KAFKA="127.0.0.1:1", DAYU_STATUS_HOSTS="volcano=x:1")
    done = subprocess.run([BIN / "dayu", "status"], env=elsewhere, capture_output=True, text=True, timeout=60)
    assert done.returncode == 78 and "volcano" in done.stderr
    del elsewhere["DAYU_STATUS_HOSTS"]
    done = subprocess.run([BIN / "dayu", "status"], env=elsewhere, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "not reachable" in done.stdout
