"""A gateway that speaks Kafka: what it writes to its own topic comes out where everybody looks, and what it may not do is set aside."""

import datetime
import json
import uuid

import pytest

from keys import add_gateway
from suite import Suite, wait_until

TOPIC, SOURCE = "gateways.e2e", "urn:e2e:city-hotline"
PHONE, NAME = "+86 000 0000 7781", "门样例"
SECTION = "tonglu"
BY = {"role": "office", "id": "hangzhou"}


def complaint(**more):
    return {"category": "odour", "text": "从 Kafka 来的投诉", "place": {"longitude": 120.1384, "latitude": 30.3205}} | more


def send(suite, kind, value, topic=TOPIC, key=None, identity=None, drop=()):
    """As librdkafka does by itself: whatever key, whatever partition."""
    headers = {
        "ce_specversion": "1.0", "ce_id": identity or str(uuid.uuid4()), "ce_source": SOURCE,
        "ce_type": f"org.dayu.gateway.{kind}.v1", "content-type": "application/json",
    }  # fmt: skip
    headers = [(name, text.encode()) for name, text in headers.items() if name not in drop]
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return suite.write(topic, key or str(uuid.uuid4()), body, headers)


def public(suite, code):
    answer = suite.public(f"/api/complaints/{code}")
    return answer.json() if answer.status_code == 200 else {}


def submissions(suite):
    return [record.value for record in suite.read("complaints.submissions")]


def letters(suite):
    """What was set aside: origin → reason."""
    return {record.key: record.value["reason"] for record in suite.read("dead-letters.restricted")}


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("gateway")) as running:
        # While the suite runs: the door opens by itself. The second one may bring complaints and nothing else.
        add_gateway(running.registry, "narrow", ["complaints"], "hotline")
        running.publish()
        assert "2 created" in running.create_topics(
            "--gateway", "e2e", "--gateway", "narrow", "--gateway-partitions", "4"
        )
        yield running


def test_a_complaint_an_action_and_readings(suite):
    said = complaint(contact={"name": NAME, "phone": PHONE}, channel="station", gateway="somebody-else")
    suite.confirm(PHONE)
    send(suite, "complaint", said, identity="call-1")
    (submission,) = wait_until("the complaint is taken", lambda: submissions(suite))
    assert (submission["channel"], submission["gateway"]) == ("app", "e2e"), "the registry says so, and not the body"
    code = submission["complaint"]
    page = wait_until("it is public", lambda: (p := public(suite, code)).get("status") == "assigned" and p)
    assert page["text"] == said["text"] and page["assignee"]
    own = PHONE.replace(" ", "")
    told = wait_until("the chief's SMS", lambda: [m for m in suite.messages(page["trackingCode"]) if m["phone"] != own])
    assert NAME in told[0]["text"] and "7781" in told[0]["text"], "the contact came with it"

    send(suite, "action", {"complaint": page["trackingCode"], "action": "accept", "by": BY})
    wait_until("accepted", lambda: public(suite, code)["status"] == "accepted")
    wait_until("the complainant is told", lambda: own in {m["phone"] for m in suite.messages("受理")})

    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    values = {"section": SECTION, "observedAt": now.isoformat(), "values": {"w01001": 7.4, "w01009": 8.1}}
    send(suite, "readings", {"readings": [values]})
    shown = wait_until("the reading", lambda: suite.public(f"/api/sections/{SECTION}/readings").json()["readings"])
    assert len(shown) == 1 and shown[0]["class"] == "I"

    # A correction: the former value stays visible, with who sent it and when.
    send(suite, "readings", {"readings": [values | {"values": {"w01001": 7.9}}]})
    path = f"/api/sections/{SECTION}/readings"
    (reading,) = wait_until("it is corrected", lambda: (r := suite.public(path, versions="true").json()["readings"])[0].get("corrected") and r)
    assert reading["corrected"] == ["w01001"] and reading["values"] == {"w01001": 7.9, "w01009": 8.1}
    versions = [one for one in reading["versions"] if one["parameter"] == "w01001"]
    assert [(one["value"], one["stands"]) for one in versions] == [(7.4, False), (7.9, True)]
    assert {one["sender"]["id"] for one in versions} == {"e2e"} and versions[0]["sender"]["name"]["zh"] != "e2e"
    assert versions[0]["receivedAt"] < versions[1]["receivedAt"]
    assert "versions" not in suite.public(path).json()["readings"][0]
    assert letters(suite) == {} and suite.read("dead-letters") == []


def test_the_same_event_again_is_the_same(suite):
    before = [submission["complaint"] for submission in submissions(suite)]
    for _ in range(2):
        send(suite, "complaint", complaint(text="同一件事"), identity="call-2")
    # The same id with other words is another complaint: nothing is lost, and nothing replaced.
    send(suite, "complaint", complaint(text="另一件事"), identity="call-2")
    wait_until("all are taken", lambda: len(submissions(suite)) == len(before) + 3)
    assert len({submission["complaint"] for submission in submissions(suite)} - set(before)) == 2


def test_whatever_key_and_partition(suite):
    """Nobody has to know how the suite places its records: each of them can be acted upon."""
    before = {submission["complaint"] for submission in submissions(suite)}
    places = {send(suite, "complaint", complaint(text=f"第{number}号"), key=f"{number}") for number in range(12)}
    assert len({place.split("/")[1] for place in places}) > 1, "they lie on several partitions"
    fresh = wait_until(
        "all are taken", lambda: len(f := {s["complaint"] for s in submissions(suite)} - before) == 12 and f
    )
    for code in fresh:
        wait_until("assigned", lambda: public(suite, code).get("status") == "assigned")  # noqa: B023
        send(suite, "action", {"complaint": code, "action": "note", "text": "已联系", "by": BY})
    for code in fresh:
        wait_until("noted", lambda: public(suite, code)["timeline"][-1]["type"] == "noted")  # noqa: B023
    assert letters(suite) == {} and suite.read("dead-letters") == []


def test_what_is_beyond_its_scope_and_what_is_broken(suite):
    first = complaint(text="在前的一件")
    send(suite, "complaint", first)
    said = wait_until("it is taken", lambda: [r for r in suite.read("complaints.words") if r.value["text"] == first["text"]])
    code = said[0].key.partition("/")[0]
    topics = ["complaints.submissions", "complaints.contacts", "complaints.words", "complaints.actions", "readings.reports"]
    before = [len(suite.read(topic)) for topic in topics]
    narrow = {"topic": "gateways.narrow"}
    action = {"complaint": code, "action": "accept", "by": BY}
    reading = {"section": SECTION, "observedAt": "2026-08-20T00:00:00+08:00", "values": {"w01001": 7.0}}
    expected = {
        send(suite, "action", action, **narrow): "may not act as office hangzhou",
        send(suite, "readings", {"readings": [reading]}, **narrow): "may not post readings",
        send(suite, "action", action | {"by": {"role": "citizen"}}): "may not act as citizen",
        send(suite, "complaint", b"{"): "",
        send(suite, "complaint", complaint(category="volcano", contact={"phone": PHONE})): "category: is not a category of the registry",
        send(suite, "complaint", complaint(), drop=["ce_type"]): "ce_type: is missing",
        send(suite, "submission", complaint()): "is none of org.dayu.gateway.complaint.v1",
        send(suite, "action", {key: value for key, value in action.items() if key != "complaint"}): "complaint: is missing",
    }
    wait_until("they are set aside", lambda: set(letters(suite)) == set(expected))
    for origin, reason in letters(suite).items():
        assert expected[origin] in reason, (origin, reason)
    assert suite.read("dead-letters") == [], "a gateway's record may hold personal data"
    assert [len(suite.read(topic)) for topic in topics] == before, "nothing of it was taken"

    # The operator finds them, and the partition has moved on.
    listed = suite.operate("dead-letters", "list")
    assert all(origin in listed for origin in expected) and PHONE[-4:] not in listed
    send(suite, "complaint", complaint(text="之后的一件"), **narrow)
    (late,) = wait_until("the next one", lambda: [s for s in submissions(suite) if s["gateway"] == "narrow"])
    assert late["channel"] == "hotline"
