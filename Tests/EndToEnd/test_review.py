"""Measurements from the door to the review: an office marks one valid and withdraws one, the rest is valid by its age."""

import csv
import io
import json

import pytest
import requests

from keys import add_gateway
from suite import Suite, wait_until

SECTION, MOMENT = "tonglu", "2026-08-20T00:00:00+08:00"
#: Long enough for the office, also on a slow machine.
SETTINGS = {"DAYU_ANALYTICS_VALID_AFTER": "40s"}
#: pH, oxygen, ammonia, phosphorus; the publisher's class is another than ours.
READING = {
    "section": SECTION, "observedAt": MOMENT, "period": "hour", "publishedClass": "I", "values": {"w01001": 7.2},
    "measurements": {
        "w01009": {"value": 8.1}, "w21003": {"value": 800, "unit": "μg/L"},
        "w21011": {"written": "0.01L"}, "w01003": {"value": -99, "flag": "fault"},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def city(kafka, tmp_path_factory):
    """A suite, and the keys of the office above the section, of that above it, and of another."""
    with Suite(kafka, tmp_path_factory.mktemp("review"), SETTINGS) as suite:
        keys = {
            name: add_gateway(suite.registry, f"desk-{name}", [f"actions:office/{name}"], "web")
            for name in ("tonglu", "hangzhou", "xihu")
        }
        suite.publish()
        wait_until("the keys are known", lambda: review(suite, keys["xihu"], {}).status_code == 422, 20)
        yield suite, keys


def review(suite, key, body):
    return suite.post("/v1/reviews", body, key.bearer if key else {})


def verdict(office, parameter, decision, **more):
    one = {"section": SECTION, "observedAt": MOMENT, "period": "hour", "parameters": [parameter], "verdict": decision}
    return {"office": office, "reviews": [one | more]}


def waiting(suite, office="tonglu"):
    """What waits for an office's review, by parameter."""
    answer = suite.public(f"/api/regions/{office}/provisional")
    assert answer.status_code == 200, answer.text
    return {m["parameter"]: m for r in answer.json()["readings"] for m in r["measurements"]}


def published(suite):
    (reading,) = suite.public(f"/api/sections/{SECTION}/readings", versions="true").json()["readings"]
    return reading


@pytest.mark.slow
def test_from_provisional_to_valid(city):
    suite, keys = city
    answer = suite.measure([READING])
    assert answer.status_code == 201 and answer.json()["otherClasses"] == 1, answer.text
    assert answer.json()["differences"][0]["ours"] == "III" and answer.json()["differences"][0]["published"] == "I"

    found = wait_until("the office sees them", lambda: (w := waiting(suite)) and w)
    assert set(found) == {"w01001", "w01009", "w21003", "w21011", "w01003"}
    assert set(waiting(suite, "hangzhou")) == set(found) and waiting(suite, "xihu") == {}
    reading = published(suite)
    assert reading["provisional"] and (reading["class"], reading["publishedClass"]) == ("III", "I")
    assert reading["values"]["w21003"] == 0.8 and reading["written"] == {"w21011": "0.01L"}
    assert reading["flagged"]["w01003"]["value"] == -99

    # Nobody else decides.
    before = suite.ends(["readings.reports"])
    for key, office, status in [
        (None, "tonglu", 401), (keys["xihu"], "xihu", 403), (keys["xihu"], "tonglu", 403),
        (keys["tonglu"], "hangzhou", 403), (suite.key, "nowhere", 403),
    ]:  # fmt: skip
        assert review(suite, key, verdict(office, "w01001", "valid")).status_code == status, (office, status)
    assert suite.ends(["readings.reports"]) == before

    # One by one, and what had not been seen is not touched.
    assert review(suite, keys["tonglu"], verdict("tonglu", "w01009", "valid", receivedAt="2026-01-01T00:00:00Z")).status_code == 202
    assert review(suite, keys["tonglu"], verdict("tonglu", "w01001", "valid")).status_code == 202
    wait_until("one is valid", lambda: published(suite).get("status", {}).get("w01001") == "valid")
    assert "w01009" in waiting(suite)

    # By the table that the office downloads.
    table = suite.public("/api/regions/hangzhou/provisional.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    for row in rows:
        row["verdict"] = {"w21003": "withdrawn"}.get(row["parameter"], "")
    filled = io.StringIO()
    writer = csv.DictWriter(filled, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    answer = requests.post(
        suite.intake + "/v1/reviews?office=hangzhou", data=filled.getvalue().encode(),
        headers=keys["hangzhou"].bearer | {"Content-Type": "text/csv"}, timeout=30,
    )  # fmt: skip
    assert answer.status_code == 202 and answer.json() == {"accepted": 1, "undecidedRows": len(rows) - 1}
    wait_until("one is gone", lambda: "w21003" not in published(suite)["values"])
    assert published(suite)["class"] == "I"

    # A provisional value comes back over neither.
    suite.measure([READING | {"values": {"w01001": 6.1}}])

    wait_until("the rest is valid by its age", lambda: waiting(suite) == {}, 120)
    reading = published(suite)
    assert not reading["provisional"] and reading["values"]["w01001"] == 7.2 and "w21003" not in reading["values"]
    stands = {v["parameter"]: v for v in reading["versions"] if v["stands"]}
    assert {p: v.get("reviewer", {}).get("role") for p, v in stands.items()} == {
        "w01001": "office", "w21003": "office", "w01009": "system", "w21011": "system", "w01003": "system",
    }  # fmt: skip
    assert stands["w21003"]["withdrawn"] and stands["w21011"]["written"] == "0.01L"

    # Its author takes one back that is valid by now, and says so in a table.
    answer = suite.measure(
        f"section,observedAt,period,status,总磷(mg/L)\n{SECTION},{MOMENT},hour,withdrawn,0.01L\n".encode()
    )
    assert answer.status_code == 201, answer.text
    wait_until("its author has withdrawn it", lambda: "w21011" not in published(suite)["values"])
    assert suite.read("dead-letters") == []


def test_who_reviewed_is_in_the_security_log(city):
    suite, _ = city
    path = suite.data("intake") / "dayu-intake" / "security.log"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    reviews = [line for line in lines if line.get("wanted") == "reading.reviewed"]
    done = [(line["gateway"], line["by"]["id"]) for line in reviews if line["status"] == 202]
    assert done == [("desk-tonglu", "tonglu")] * 2 + [("desk-hangzhou", "hangzhou")]
    assert {line["status"] for line in reviews} >= {202, 401, 403}


def test_a_section_tells_how_old_its_class_is(city):
    suite, _ = city
    river = suite.public("/api/rivers/fuchun-river").json()
    (section,) = [one for one in river["sections"] if one["id"] == SECTION]
    # The hour from midnight in Beijing, and the six hours that the registry gives the section.
    assert section["latest"]["currentUntil"] == "2026-08-19T23:00:00.000Z"
    assert river["classObservedAt"] and river["classCurrentUntil"]
