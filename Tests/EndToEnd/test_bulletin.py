"""The monthly bulletin of the sample's real readings: a draft, released by the city's office, and corrected afterwards."""

import collections
import csv
import io

import pytest

from keys import add_gateway
from suite import SAMPLE, Suite, wait_until

CLASSES = ["I", "II", "III", "IV", "V", "worseThanV"]


@pytest.fixture(scope="module")
def city(kafka, tmp_path_factory):
    services = ["intake", "analytics", "disclosure"]
    with Suite(kafka, tmp_path_factory.mktemp("bulletin"), services=services) as suite:
        keys = {
            name: add_gateway(suite.registry, f"desk-{name}", [f"actions:office/{name}"], "web")
            for name in ("hangzhou", "xihu")
        }
        suite.publish()
        readings = (SAMPLE / "readings.csv").read_bytes()
        assert suite.measure(readings).status_code == 201
        rows = len(readings.decode("utf-8-sig").strip().splitlines()) - 1
        wait_until("all readings are counted", lambda: counted(suite) >= rows - 60, seconds=180)
        yield suite, keys


def counted(suite):
    """The values of oxygen, which nearly every reading has."""
    found = suite.public("/api/evaluations", scope="section", **{"from": "2026"}).json()["evaluations"]
    return sum(one["items"].get("w01009", {}).get("values", 0) for one in found)


def bulletin(suite, month):
    answer = suite.public(f"/api/bulletins/{month}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def publish(suite, key, **more):
    body = {"office": "hangzhou", "kind": "bulletin", "verdict": "released"} | more
    return suite.post("/v1/publications", body, key.bearer)


def test_a_draft_is_released_and_corrected(city):
    suite, keys = city
    months = suite.public("/api/bulletins").json()["bulletins"]
    assert months and all(one["state"] == "draft" for one in months)
    month = months[0]["period"]
    draft = bulletin(suite, month)

    # Its figures are those of the sections.
    sections = suite.public("/api/evaluations", scope="section", **{"from": month, "to": month}).json()["evaluations"]
    classes = collections.Counter(one["class"] for one in sections)
    good = sum(classes[name] for name in CLASSES[:3])
    year, number = month.split("-")
    assert draft["text"][0]["text"]["zh"].startswith(f"{year}年{int(number)}月，杭州市参与评价的{len(sections)}个断面中，Ⅰ～Ⅲ类{good}个")
    assert [one["title"]["zh"] for one in draft["text"]][:2] == ["总体情况", "河流"]
    assert {one["id"] for one in draft["sections"]} == {one["id"] for one in sections}
    assert draft["city"]["shares"]["byClass"] == {name: classes[name] for name in CLASSES}
    table = suite.public(f"/api/bulletins/{month}/sections.csv").content.decode("utf-8-sig")
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO(table))}
    assert {name: row["class"] for name, row in rows.items()} == {one["id"]: one["class"] or "" for one in sections}

    # Only the office of the city releases it.
    what = {"month": month, "fingerprint": draft["fingerprint"]}
    assert publish(suite, keys["xihu"], **what).status_code == 403
    assert publish(suite, keys["xihu"], **what, office="xihu").status_code == 403
    assert publish(suite, keys["hangzhou"], month="August", fingerprint="x").status_code == 422
    assert publish(suite, keys["hangzhou"], **what).status_code == 202
    released = wait_until("it is released", lambda: (b := bulletin(suite, month))["state"] == "released" and b)
    assert released["release"]["current"] and released["release"]["office"]["id"] == "hangzhou"

    # A correction after the release is told.
    section = sections[0]["id"]
    reading = suite.public(f"/api/sections/{section}/readings").json()["readings"][0]
    wrong = {"section": section, "observedAt": reading["observedAt"], "values": {"w21003": 55}}
    assert suite.measure([wrong]).status_code == 201
    changed = wait_until("the correction is told", lambda: (b := bulletin(suite, month)) and not b["release"]["current"] and b)
    assert changed["state"] == "released" and changed["fingerprint"] != draft["fingerprint"]

    assert publish(suite, keys["hangzhou"], **what, verdict="withdrawn").status_code == 202
    wait_until("it is a draft again", lambda: bulletin(suite, month)["state"] == "draft")


def test_what_is_no_bulletin(city):
    suite, _ = city
    for path in ("1999-01", "2026", "x", "2026-08/fish.csv"):
        assert suite.public(f"/api/bulletins/{path}").status_code == 404, path


def test_coverage_of_the_township_rivers(city):
    suite, _ = city
    month = suite.public("/api/bulletins").json()["bulletins"][0]["period"]
    answer = suite.public("/api/coverage", period=month, level="city").json()
    rivers = {row["id"] for row in csv.DictReader((SAMPLE / "rivers.csv").open()) if row["level"] == "city"}
    assert {one["id"] for one in answer["entries"]} == rivers
    assert 0 < answer["measured"] <= answer["rivers"] == len(rivers)
    with_sections = {row["river"] for row in csv.DictReader((SAMPLE / "sections.csv").open())}
    assert {one["id"] for one in answer["entries"] if one["sections"]} == rivers & with_sections
