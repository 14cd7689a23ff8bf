"""Months of sections and rivers against a second implementation of the rules, in Python, from the same table.

`E2E_READINGS` may name another table of the national platform for the sample's sections.
"""

import collections
import csv
import decimal
import math
import os
import pathlib

import pytest

from suite import SAMPLE, Suite, wait_until

CLASSES = ["I", "II", "III", "IV", "V", "worseThanV"]
# GB 3838-2002 table 1, written down again: the five items that stations measure, and nitrogen beside the class.
UPPER = {
    "w01019": [2, 4, 6, 10, 15],
    "w21003": [0.15, 0.5, 1.0, 1.5, 2.0],
    "w21011": [0.02, 0.1, 0.2, 0.3, 0.4],
}
LAKE = UPPER | {"w21011": [0.01, 0.025, 0.05, 0.1, 0.2]}
DECIMALS = {"w01001": 0, "w01009": 1, "w01019": 1, "w21003": 2, "w21011": 3}
COLUMNS = {
    "w01001": "pH(无量纲)",
    "w01009": "溶解氧(mg/L)",
    "w01019": "高锰酸盐指数(mg/L)",
    "w21003": "氨氮(mg/L)",
    "w21011": "总磷(mg/L)",
}


def half_even(value, places):
    quantum = decimal.Decimal(1).scaleb(-places)
    rounded = decimal.Decimal(repr(round(value, 12))).quantize(quantum, decimal.ROUND_HALF_EVEN)
    if rounded == 0 and value != 0:
        return half_even(value, places + 1)
    return float(rounded)


def grade(code, mean, body):
    if code == "w01001":
        return 1 if 6 <= mean <= 9 else 6
    if code == "w01009":
        return next((n for n, limit in enumerate([7.5, 6, 5, 3, 2], 1) if mean >= limit), 6)
    limits = (LAKE if body == "lake" else UPPER)[code]
    return next((n for n, limit in enumerate(limits, 1) if mean <= limit), 6)


def basis(code, value):
    return 10**-value if code == "w01001" else value


def judged(bases, body):
    """Of the mean of each item, in hydrogen ions for pH: the rounded means and the class."""
    means = {code: half_even(-math.log10(b) if code == "w01001" else b, DECIMALS[code]) for code, b in bases.items()}
    return means, CLASSES[max(grade(code, mean, body) for code, mean in means.items()) - 1]


def months(table):
    """By section and month: the mean of each item as a basis, and how many values it has."""
    sections = {row["name"]: row for row in csv.DictReader((SAMPLE / "sections.csv").open())}
    values = collections.defaultdict(lambda: collections.defaultdict(list))
    for row in csv.DictReader(table.splitlines()):
        key = sections[row["断面名称"]]["id"], row["监测时间"][:7]
        for code, column in COLUMNS.items():
            if row.get(column):
                values[key][code].append(basis(code, float(row[column])))
    return {
        key: ({code: math.fsum(found) / len(found) for code, found in items.items()}, {code: len(found) for code, found in items.items()})
        for key, items in values.items()
    }


@pytest.fixture(scope="module")
def table():
    return pathlib.Path(os.environ.get("E2E_READINGS", SAMPLE / "readings.csv")).read_text("utf-8-sig")


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory, table):
    with Suite(kafka, tmp_path_factory.mktemp("evaluations"), services=["intake", "analytics", "disclosure"]) as running:
        answer = running.measure(table.encode())
        assert answer.status_code == 201, answer.text
        yield running


def evaluations(suite, scope, **query):
    answer = suite.public("/api/evaluations", scope=scope, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()["evaluations"]


def counted(suite):
    """How many values of the five items the evaluations of all sections and months hold."""
    found = evaluations(suite, "section", **{"from": "2026"})
    return sum(one["items"][code]["values"] for one in found for code in COLUMNS if code in one["items"])


def wait_for_all(suite, expected):
    total = sum(sum(counts.values()) for _, counts in expected.values())
    wait_until("all values are counted", lambda: counted(suite) == total, seconds=300)


def test_months_of_sections_and_rivers(suite, table):
    expected = months(table)
    wait_for_all(suite, expected)
    rows = {row["id"]: row for row in csv.DictReader((SAMPLE / "sections.csv").open())}
    found = {(one["id"], one["period"]): one for one in evaluations(suite, "section", **{"from": "2026"})}
    assert set(found) == set(expected) and len(found) >= 11
    for key, (bases, counts) in expected.items():
        means, waterclass = judged(bases, rows[key[0]]["body"])
        shown = found[key]
        assert shown["class"] == waterclass, (key, means, shown)
        for code, mean in means.items():
            assert shown["items"][code]["mean"] == pytest.approx(mean, rel=1e-9), (key, code)
            assert shown["items"][code]["values"] == counts[code]
        reached = CLASSES.index(waterclass) <= CLASSES.index(rows[key[0]]["target_class"])
        assert shown["meetsTarget"] == reached

    # The rivers and lakes of the sample have fewer than five sections: the mean of each item over the sections.
    waters = evaluations(suite, "river", **{"from": "2026"}) + evaluations(suite, "lake", **{"from": "2026"})
    groups = collections.defaultdict(list)
    for (section, month), (bases, _) in expected.items():
        groups[rows[section]["river"], month].append((rows[section]["body"], bases))
    assert {(one["id"], one["period"]) for one in waters} == set(groups)
    for one in waters:
        members = groups[one["id"], one["period"]]
        if len({body for body, _ in members}) > 1:
            assert one["method"] == "shares"
            continue
        over = {code: [bases[code] for _, bases in members if code in bases] for code in COLUMNS}
        means, waterclass = judged({code: math.fsum(b) / len(b) for code, b in over.items() if b}, members[0][0])
        assert (one["method"], one["class"]) == ("means", waterclass), (one, means)

    # The city by the shares of its sections' classes.
    for one in evaluations(suite, "city", **{"from": "2026"}):
        classes = [found[key]["class"] for key in expected if key[1] == one["period"]]
        assert one["method"] == "shares"
        assert one["shares"]["byClass"] == {name: classes.count(name) for name in CLASSES}


def test_a_river_shows_its_month_beside_its_latest_reading(suite, table):
    wait_for_all(suite, months(table))
    river = suite.public("/api/rivers/fenshui-river").json()
    newest = evaluations(suite, "river", id="fenshui-river")[0]
    assert river["month"]["period"] == newest["period"] and river["month"]["class"] == newest["class"]
    assert river["classObservedAt"] and river["month"]["provisionalValues"] > 0


def test_a_correction_and_a_lost_store(suite, table):
    expected = months(table)
    wait_for_all(suite, expected)
    row = next(row for row in csv.DictReader(table.splitlines()) if row["断面名称"] == "桐君山" and row["氨氮(mg/L)"])
    original, row["氨氮(mg/L)"] = row["氨氮(mg/L)"], "60"
    head = ["断面名称", "监测时间", "氨氮(mg/L)"]
    period = row["监测时间"][:7]

    def mean(section="tongjunshan"):
        return evaluations(suite, "section", id=section, **{"from": period, "to": period})[0]["items"]["w21003"]

    before = mean()
    corrected = ",".join(head) + "\n" + ",".join(row[name] for name in head) + "\n"
    assert suite.measure(corrected.encode()).status_code == 201
    changed = wait_until("the month has the correction", lambda: mean() if mean()["unrounded"] > before["unrounded"] else None)
    assert changed["values"] == before["values"], "a correction is no further value"

    suite.kill("analytics")
    suite.lose("analytics")
    suite.start("analytics")
    suite.wait_ready("analytics")
    ends = suite.ends(["readings.summaries"])
    row["氨氮(mg/L)"] = original
    again = ",".join(head) + "\n" + ",".join(row[name] for name in head) + "\n"
    assert suite.measure(again.encode()).status_code == 201
    wait_until("the month is as at first", lambda: mean()["unrounded"] == before["unrounded"] and mean()["values"] == before["values"])
    assert suite.ends(["readings.summaries"]) != ends
