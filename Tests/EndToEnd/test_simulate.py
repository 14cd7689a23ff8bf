"""An invented past is taken for done: nobody is told of it, and what is due after its end still happens."""

import collections
import datetime
import json
import re
import subprocess

import pytest

from suite import BIN, SERVICES, Suite, wait_until

COMPLAINTS, DAYS = 300, 60
#: So long ago that deadlines which ran then have passed by now.
ENDED = datetime.timedelta(days=4)
#: `7KQ29XM4T1H0C.3/chief/chief-gongshu`: the complaint, the version of its event, and who is told.
REFERENCE = re.compile(r"([0-9A-Z]{13})\.(\d+)/")


def versions(records):
    """How far each complaint has come."""
    reached = collections.Counter()
    for record in records:
        reached[record.key] = max(reached[record.key], record.version)
    return reached


def past(suite):
    until = (datetime.datetime.now(datetime.timezone.utc) - ENDED).strftime("%Y-%m-%dT%H:%M:00Z")
    return suite.operate("simulate", "--complaints", str(COMPLAINTS), "--days", str(DAYS), "--until", until)


@pytest.fixture(scope="module")
def lived(kafka, tmp_path_factory):
    """A suite that starts on a log with a past, and how far each complaint had come when it did."""
    suite = Suite(kafka, tmp_path_factory.mktemp("lived"))
    suite.create_topics()
    suite.publish()
    past(suite)
    events = suite.read("complaints.events")
    with_past = versions(events)
    assert len(with_past) >= COMPLAINTS
    assert not suite.read("notices.requests") and not suite.read("sms.jobs") and not suite.read("sms.jobs.urgent")
    try:
        for name in SERVICES:
            suite.start(name)
        for name in SERVICES:
            suite.wait_ready(name)
        yield suite, events, with_past
    finally:
        suite.stop_all()


def test_nobody_is_told_of_the_past_and_its_deadlines_come(lived):
    suite, events, reached = lived
    ended = {"closed", "rejected", "merged"}
    last = {record.key: record.kind for record in events}
    open_then = [code for code in last if last[code] not in ended | {"informed", "joined", "withheld", "released"}]
    assert len(open_then) > 5, "some complaints were open when the past ended"

    def moved_on():
        now = versions(suite.read("complaints.events"))
        return now if sum(now[code] > reached[code] for code in open_then) >= 3 else None

    wait_until("deadlines that ran when the past ended have come", moved_on, 120)
    # An official is told of each. Everything older would have been told by now: it stands before it on the log.
    wait_until("somebody is told", lambda: suite.messages(), 120)
    told = [REFERENCE.match(message["reference"]) for message in suite.messages()]
    requested = [REFERENCE.match(record.id) for record in suite.read("notices.requests")]
    assert all(told) and all(requested)
    of_the_past = [m.group(0) for m in told + requested if int(m.group(2)) <= reached[m.group(1)]]
    assert of_the_past == []


def test_it_is_shown_and_counted_like_any_other(lived):
    suite, _, _ = lived
    wait_until("every complaint is shown", lambda: shown(suite) >= COMPLAINTS, 120)
    page = suite.public("/api/complaints", limit=20).json()
    assert all(c["text"] is None or "模拟" in c["text"] or "Simulated" in c["text"] for c in page["complaints"])
    # Analytics counts by itself, and may be later than the pages.
    wait_until(
        "they are counted", lambda: "received" in json.dumps(suite.public("/api/indicators", scope="city").json()), 120
    )


def shown(suite):
    seen, cursor = 0, None
    while True:
        answer = suite.public("/api/complaints", limit=100, **({"before": cursor} if cursor else {})).json()
        seen += len(answer["complaints"])
        cursor = answer.get("next")
        if not cursor:
            return seen


def test_there_is_one_past_and_it_comes_first(lived):
    suite, _, _ = lived
    again = subprocess.run([BIN / "dayu", "simulate"], env=suite.operators, capture_output=True, text=True, timeout=60)
    assert again.returncode == 1 and "already holds records" in again.stderr


def test_a_file_needs_no_broker(kafka, tmp_path):
    suite = Suite(kafka, tmp_path / "suite")
    nowhere = suite.operators | {"DAYU_KAFKA": "127.0.0.1:1"}
    lines = []
    for name in ("one", "two"):
        file = tmp_path / name
        command = ["simulate", suite.registry, "--out", file, "--complaints", "20", "--days", "20", "--until", "2026-11-29T00:00:00Z"]
        subprocess.run([BIN / "dayu", *command], env=nowhere, check=True, capture_output=True, timeout=60)
        lines.append(file.read_text().splitlines())
    assert lines[0] == lines[1] and len(lines[0]) > 500
    assert {"topic", "key", "headers", "value"} >= set(json.loads(lines[0][0]))
