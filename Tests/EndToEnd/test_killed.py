"""Killing any service at any moment changes nothing: every complaint ends with the events of an undisturbed run."""

import collections
import concurrent.futures
import json
import os
import random
import threading
import time

import pytest

from keys import compact
from suite import Reading, SERVICES, Suite, wait_until
from waiting import Lines

COMPLAINTS = int(os.environ.get("E2E_COMPLAINTS", "1000"))
SEED = int(os.environ.get("E2E_SEED", str(random.getrandbits(32))))
EXPECTED = ["received", "assigned", "accepted", "resolved", "rated", "closed"]
SETTINGS = {"DAYU_ROUTING_ACCEPT_WITHIN": "7d"}


def phone(number):
    return f"+86 000 0000 {number:04}"


#: Every fifth complainant wants to hear of it.
PHONES = [phone(number) for number in range(0, COMPLAINTS, 5)]


def one_life(suite, lines, number):
    place = {"longitude": round(119.9 + number % 97 * 0.003, 4), "latitude": round(30.2 + number % 31 * 0.003, 4)}
    body = {
        "category": "odour",
        "text": f"第{number}号投诉",
        "place": place,
        "idempotencyKey": f"life-{number}",
    }
    if number % 5 == 0:
        body["contact"] = {"phone": phone(number)}
    answer = lines.persist("/v1/complaints", body, suite.bearer)[1]
    complaint = compact(answer["trackingCode"])
    office = {"role": "office", "id": "hangzhou"}
    actions = [
        {"action": "accept", "by": office},
        {"action": "resolve", "by": office, "text": "已处理", "media": ["https://example.org/after.jpg"]},
        {"action": "rate", "grade": "satisfied"},
    ]
    for step, action in enumerate(actions):
        # The gateway acts for the office and names the complaint by its code; the citizen's identity says it all.
        citizen = {"Authorization": f"Bearer {answer['id']}"}
        path, proof = (f"/v1/complaints/{complaint}/actions", suite.bearer) if "by" in action else ("/v1/actions", citizen)
        lines.persist(path, action, proof | {"Idempotency-Key": f"{number}-{step}"})
    return complaint


def run(suite):
    lines = Lines(suite.intake)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda number: one_life(suite, lines, number), range(COMPLAINTS)))


def without_times(value):
    if isinstance(value, dict):
        return {k: without_times(v) for k, v in value.items() if k not in ("submittedAt", "due", "closesAt", "reopensUntil")}
    return value


def lives(suite, complaints):
    """The events of each complaint, once all are closed."""
    events = Reading(suite.kafka, suite.prefix + "complaints.events")

    def all_closed():
        return sum(record.kind == "closed" for record in events.update()) >= len(complaints)

    wait_until("every complaint closed", all_closed, 120)
    events.close()
    found = {}
    for record in events.records:
        found.setdefault(record.key, []).append(record)
    return {
        key: [(record.version, record.kind, json.dumps(without_times(record.value), sort_keys=True)) for record in records]
        for key, records in found.items()
    }


@pytest.mark.slow
def test_killing_services_changes_nothing(kafka, tmp_path):
    print(f"E2E_SEED={SEED} E2E_COMPLAINTS={COMPLAINTS}")
    with Suite(kafka, tmp_path / "calm", SETTINGS) as calm:
        calm.confirm(*PHONES)
        undisturbed = lives(calm, run(calm))

    chance = random.Random(SEED)
    with Suite(kafka, tmp_path / "killed", SETTINGS) as suite:
        suite.confirm(*PHONES)
        done = threading.Event()
        killed = collections.Counter()

        def slaughter():
            victims = SERVICES * 2
            chance.shuffle(victims)
            while victims or not done.is_set():
                name = victims.pop() if victims else chance.choice(SERVICES)
                time.sleep(chance.uniform(0.1, 1.5))
                suite.kill(name)
                killed[name] += 1
                time.sleep(chance.uniform(0, 0.5))
                suite.start(name)

        killer = threading.Thread(target=slaughter)
        killer.start()
        try:
            complaints = run(suite)
        finally:
            done.set()
            killer.join()
        assert all(killed[name] >= 2 for name in SERVICES)
        for name in SERVICES:
            suite.wait_ready(name)
        disturbed = lives(suite, complaints)

        assert set(disturbed) == set(complaints) == set(undisturbed)
        for key, events in disturbed.items():
            assert [version for version, _, _ in events] == list(range(1, len(events) + 1)), events
            assert [kind for _, kind, _ in events] == EXPECTED, events
        assert disturbed == undisturbed
        assert suite.read("dead-letters") == []

        # Every notice was accepted once; an attempt repeats only under its own reference.
        expected = COMPLAINTS + 3 * len(range(0, COMPLAINTS, 5))

        asked = Reading(suite.kafka, suite.prefix + "notices.requests")
        told = Reading(suite.kafka, suite.prefix + "notices.events")

        def settled():
            requested = {record.value["reference"] for record in asked.update() if record.kind == "requested"}
            outcomes = collections.Counter(r.value["reference"] for r in told.update() if r.kind == "accepted")
            return (requested, outcomes) if set(outcomes) == requested and len(requested) >= expected else None

        requested, outcomes = wait_until("every notice accepted", settled, 150)
        assert set(outcomes.values()) == {1}
        assert len(requested) == expected
        sent = [json.loads(line)["reference"] for line in suite.sms.read_text().splitlines()]
        assert set(sent) == requested

        # The read models say what a recount of the log says.
        def city():
            answer = suite.public("/api/indicators", scope="city")
            rows = answer.json()["indicators"] if answer.status_code == 200 else []
            totals = {k: sum(row[k] for row in rows) for k in ("received", "resolved", "open", "satisfied")}
            return totals == {"received": COMPLAINTS, "resolved": COMPLAINTS, "open": 0, "satisfied": COMPLAINTS}

        wait_until("the indicators", city, 60)
        shown, cursor = 0, None
        while True:
            page = suite.public("/api/complaints", status="closed", limit=500, **({"before": cursor} if cursor else {})).json()
            shown, cursor = shown + len(page["complaints"]), page["next"]
            if not cursor:
                break
        assert shown == COMPLAINTS
        for name in SERVICES:
            assert suite.terminate(name) == 0, f"{name}: {suite.log_tail(name)}"
