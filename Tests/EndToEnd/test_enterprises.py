"""An enterprise's outfall: hours by HJ 212 over TCP and by a table; the page shows them, and a breach is a complaint."""

import csv
import datetime
import io
import shutil

import pytest

from keys import compact
from stations import Station, with_stations
from suite import Suite, wait_until
from waiting import free_port

HERE = datetime.timezone(datetime.timedelta(hours=8))
NOW = datetime.datetime.now(HERE).replace(minute=0, second=0, microsecond=0)
OUTFALL, ENTERPRISE = "lan-industry", "fanli-paper"
ENTERPRISE_PAGE = f"/api/enterprises/{ENTERPRISE}"


def hour(number):
    """The hour that began so many hours before this one."""
    return NOW - datetime.timedelta(hours=number)


def inside(number, demand, flag="N"):
    return f"DataTime={hour(number):%Y%m%d%H0000};w00000-Avg=12.5,w00000-Flag=N;w01018-Avg={demand},w01018-Flag={flag}"


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    folder = tmp_path_factory.mktemp("enterprises")
    registry = with_stations(folder / "registry", 1, section=OUTFALL, takes="2061 2031")
    port = free_port()
    settings = {"DAYU_STATIONS_PORT": str(port), "DAYU_STATIONS_ASK_BACK": "0s"}
    with Suite(kafka, folder / "suite", settings, registry=registry) as running:
        running.station_port = port
        yield running


def outfalls(suite):
    """What the page has of the outfall in the months that the test's hours may lie in."""
    months = sorted({f"{hour(number):%Y-%m}" for number in range(50)})
    return [suite.public(f"{ENTERPRISE_PAGE}?period={month}").json()["outfalls"][0] for month in months]


def total(suite, figure):
    return sum(outfall[figure] for outfall in outfalls(suite))


def test_an_outfall_from_the_frame_to_the_complaint(suite):
    station = Station(suite.station_port, 0).connect()
    # An outfall's device says that it is a source of waste water.
    assert station.ask(2061, inside(2, 95), ST=21)["CP"] == "QnRtn=5"
    for number, demand, flag in [(6, 61, "N"), (5, 80, "N"), (4, 500, "M")]:
        assert station.ask(2061, inside(number, demand, flag), ST=32)["CN"] == "9014"
    wait_until("the hours are shown", lambda: total(suite, "hoursReported") == 3)
    assert (total(suite, "hoursJudged"), total(suite, "hoursAbove"), total(suite, "hoursFlagged")) == (2, 0, 0)
    item = next(item for item in outfalls(suite)[-1]["items"] if item["parameter"] == "w01018")
    assert item["hoursFlagged"] == 1 and item["unit"] == "mg/L"
    assert suite.public("/api/complaints").json()["complaints"] == []

    # Three hours above the limit of 80 are one complaint, to the department that the enterprise's row names.
    for number, demand in [(3, 100), (2, 120), (1, 96)]:
        assert station.ask(2061, inside(number, demand), ST=32)["CN"] == "9014"
    wait_until("they are above", lambda: total(suite, "hoursAbove") == 3)
    (listed,) = wait_until("the complaint", lambda: suite.public("/api/complaints").json()["complaints"])
    code = listed["trackingCode"]

    def assigned():
        page = suite.public(f"/api/complaints/{code}").json()
        return page if page["status"] == "assigned" else None

    page = wait_until("it is assigned", assigned)
    assert (page["assignee"]["kind"], page["assignee"]["id"]) == ("department", "jiande-ecology")
    assert page["text"].startswith(
        f"范例造纸有限公司（样例）范例造纸厂排口化学需氧量时均值100 mg/L，超过许可限值80 mg/L 0.25倍（{hour(3):%m-%d %H:%M}）。"
    )
    (message,) = wait_until("the department's SMS", lambda: suite.messages(code))
    assert "化学需氧量时均值100 mg/L" in message["text"]
    breach = wait_until("the page leads to it", lambda: [one for outfall in outfalls(suite) for one in outfall["breaches"]])[0]
    assert (breach["trackingCode"], breach["parameter"], breach["value"], breach["limit"]) == (code, "w01018", 100, "80")
    wait_until("its status", lambda: [one["status"] for outfall in outfalls(suite) for one in outfall["breaches"]] == ["assigned"])

    # An analytics that forgot everything makes no other complaint of the same hours.
    assert suite.terminate("analytics") == 0
    shutil.rmtree(suite.data("analytics") / "dayu-analytics")
    suite.start("analytics")
    suite.wait_ready("analytics")

    # A correction comes by a table of the gateway.
    rows = [["排放口", "监测时间", "period", "w01018"], ["范例造纸厂排口", hour(2).isoformat(), "hour", "70"]]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    answer = suite.measure(text.getvalue().encode())
    assert answer.status_code == 201 and answer.json()["accepted"] == 1, answer.text
    wait_until("it is corrected", lambda: total(suite, "hoursAbove") == 2)

    assert len(suite.public("/api/complaints").json()["complaints"]) == 1
    told = suite.read("readings.breaches")
    assert [record.kind for record in told] == ["raised"]
    assert told[0].key == OUTFALL and told[0].value["complaint"] == compact(code)
    assert suite.read("dead-letters") == []


def test_an_outfall_is_no_section(suite):
    wait_until("the hours are shown", lambda: total(suite, "hoursReported") >= 6)
    assert suite.public(f"/api/sections/{OUTFALL}/readings").status_code == 404
    for scope in ("section", "river", "region", "city"):
        assert suite.public(f"/api/evaluations?scope={scope}").json()["evaluations"] == []
    assert all(record.value.get("class") is None for record in suite.read("readings.assessments"))
    rows = list(csv.reader(io.StringIO(suite.public("/api/enterprises.csv").text.lstrip("\ufeff"))))
    assert {row[1] for row in rows[1:]} == {ENTERPRISE, "yangli-water"}
    assert "enterprises" in suite.public("/api/about").json()
    assert suite.public(f"/enterprises/{ENTERPRISE}").status_code == 200
