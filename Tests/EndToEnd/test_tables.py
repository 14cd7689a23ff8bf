"""Tables as laboratories have them, from the file to the public page; and what is no table, refused with its line and column."""

import io
import json
import zipfile

import pytest
import requests

from keys import add_gateway
from suite import Suite, wait_until

#: As a laboratory's program saves it: GB18030, semicolons, a title, a header in two rows, dates in words.
MONTHLY = """\
新安江、富春江水质监测月报（2026年7月）;;;;;;;
点位;采样日期;水温;氨氮;总磷;粪大肠菌群;水质类别;备注
;;℃;μg/L;mg/L;个/L;;
街口;2026年7月2日;24.5;150;0.01L;2.4×10^3;Ⅱ;
桐庐;2026年7月2日;25.1;210*;停测;>24000;Ⅱ;见附注
"""
#: The same laboratory's shifts, with date and time apart and the last minute of a day.
SHIFTS = "监测断面\t日期\t时间\t溶解氧 mg/L\tpH\n街口\t2026-7-3\t8:03\t8.1\t7.2\n街口\t2026/7/3\t24:00\t7.9\t7.1\n"
HEAD = "断面,时间,pH\n"
GOOD = HEAD + "街口,2026-07-05 08:00,7.1\n"


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("tables"), services=["intake", "analytics", "disclosure"]) as running:
        running.narrow = add_gateway(running.registry, "narrow", ["readings:section/tonglu"])
        running.publish()
        yield running


@pytest.fixture
def unwritten(suite):
    """Fails the test if it put anything on the log."""
    before = suite.ends(["readings.reports"])
    yield
    assert suite.ends(["readings.reports"]) == before
    assert suite.processes["intake"].poll() is None


def send(suite, table, content_type="text/csv", key=None, **query):
    body = table if isinstance(table, bytes) else table.encode()
    headers = (key.bearer if key else suite.bearer) | {"Content-Type": content_type}
    return requests.post(suite.intake + "/v1/readings", params=query, data=body, headers=headers, timeout=60)


def published(suite, section):
    found = suite.public(f"/api/sections/{section}/readings").json()["readings"]
    return {reading["observedAt"].replace(".000Z", "Z"): reading for reading in found}


def test_a_month_from_the_file_to_the_page(suite):
    file = MONTHLY.encode("gb18030")
    before = suite.ends(["readings.reports"])
    trial = send(suite, file, **{"dry-run": "true"})
    assert trial.status_code == 200 and trial.json()["dryRun"] and suite.ends(["readings.reports"]) == before
    answer = send(suite, file)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["accepted"], told["encoding"], told["separator"], told["starredValues"]) == (2, "GB18030", ";", 1)
    assert told["ignoredColumns"] == ["备注"] and {**told, "dryRun": True} == trial.json()
    # A day of Hangzhou begins at 16:00 of the day before.
    day = "2026-07-01T16:00:00Z"
    wait_until("the month is published", lambda: day in published(suite, "jiekou") and day in published(suite, "tonglu"))
    reading = published(suite, "jiekou")[day]
    assert (reading["period"], reading["origin"], reading["publishedClass"]) == ("day", "manual", "II"), reading
    assert reading["values"]["w21003"] == 0.15 and reading["values"]["w02003"] == 2400
    assert reading["written"] == {"w21011": "0.01L"}
    other = published(suite, "tonglu")[day]
    assert "w21011" not in other["values"] and other["flagged"]["w02003"]["flag"] == "overRange"
    assert other["values"]["w21003"] == 0.21

    # Our own table of it can be sent in again, and changes nothing.
    table = suite.public("/api/sections/jiekou/readings.csv").content
    again = send(suite, table)
    assert again.status_code == 201, again.text
    assert published(suite, "jiekou")[day]["values"] == reading["values"]


def measured(suite, section):
    """What is published of a section, without who sent it and when."""
    kept = ["period", "origin", "class", "decisive", "values", "below", "written", "publishedClass", "source", "provisional", "status"]
    return {at: {name: one.get(name) for name in kept} for at, one in published(suite, section).items()}


def test_what_we_publish_can_be_taken_by_another_city(suite, kafka, tmp_path):
    rows = "section,observedAt,period,origin,status,氨氮(μg/L),总磷(mg/L),溶解氧(mg/L),来源,水质类别\n" + "".join(
        f"fengkou,2026-07-08T{hour:02}:00:00+08:00,{rest}\n"
        for hour, rest in [
            (8, "hour,automatic,,1200,0.01L,8.1,,"), (8, "instant,automatic,,150,,7.9,,"), (9, "hour,manual,valid,,0.05,,市监测站（样例）,"),
            (10, "instant,automatic,,800,,9,,Ⅰ"),
        ]
    )  # fmt: skip
    answer = send(suite, rows)
    assert answer.status_code == 201 and answer.json()["otherClasses"] == 1, answer.text
    wait_until("all are published", lambda: len(published(suite, "fengkou")) >= 3)
    here = measured(suite, "fengkou")
    table = suite.public("/api/sections/fengkou/readings.csv").content
    with Suite(kafka, tmp_path / "other", services=["intake", "analytics", "disclosure"]) as other:
        answer = send(other, table)
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert told["accepted"] == 4 and told["ignoredColumns"] == ["assessedClass", "decisive"], told
        # Only the one whose publisher gave another class than ours: our own class is nobody's claim.
        assert [one["published"] for one in told["differences"]] == ["I"]
        wait_until("it is the same there", lambda: measured(other, "fengkou") == here)
        assert other.public("/api/sections/fengkou/readings.csv").content == table


def test_date_and_time_apart_in_utf_16(suite):
    answer = send(suite, SHIFTS.encode("utf-16"), "text/tab-separated-values")
    assert answer.status_code == 201 and answer.json()["accepted"] == 2, answer.text
    moments = {"2026-07-03T00:03:00Z": 7.2, "2026-07-03T16:00:00Z": 7.1}
    wait_until("both are published", lambda: moments.keys() <= published(suite, "jiekou").keys())
    assert all(published(suite, "jiekou")[at]["values"]["w01001"] == value for at, value in moments.items())


def test_rows_left_out_and_columns_explained(suite):
    table = GOOD + "某桥,2026-07-05 08:00,7\n街口,2026-07-05 09:00,x\n"
    refused = send(suite, table)
    assert refused.status_code == 422 and [error["field"] for error in refused.json()["errors"]] == ["line 3, 断面", "line 4, pH"]
    assert send(suite, table, **{"skip-unknown": "true"}).status_code == 422
    answer = send(suite, table, **{"skip-unknown": "true", "on-fault": "skip"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["accepted"], told["faultyRows"]) == (1, 1)
    assert told["unknownSections"] == [{"name": "某桥", "firstLine": 3, "rows": 1}]
    assert [error["field"] for error in told["errors"]] == ["line 4, pH"]

    strange = "采样位置,什么时候,NH4,X7\n桐庐,2026-07-06 08:00,0.4,1\n"
    assert send(suite, strange).status_code == 422
    columns = "采样位置:断面;什么时候:时间;NH4:氨氮(mg/L);#4:ignore"
    answer = send(suite, strange, columns=columns)
    assert answer.status_code == 201, answer.text
    at = "2026-07-06T00:00:00Z"
    wait_until("it is published", lambda: at in published(suite, "tonglu"))
    assert published(suite, "tonglu")[at]["values"] == {"w21003": 0.4}


def workbook():
    """The beginning of what a spreadsheet program saves by itself."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


def test_a_spreadsheet_is_refused_with_advice(suite, unwritten):
    kinds = ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]
    for body, kind in [(workbook(), kind) for kind in kinds] + [(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), kinds[0])]:
        answer = send(suite, body, kind)
        assert answer.status_code in (400, 415) and " as CSV" in answer.text, (kind, answer.text)


#: What is no table or has a fault, and what the answer names.
BAD_TABLES = [
    ("", "no header"), ("\n\n\n", "no header"), ("断面", "监测时间"), ("断面,时间", "氨氮(mg/L)"), ("时间,pH\n2026-07-05 08:00,7", "section"),
    (HEAD + "街口,2026-07-05 08:00", "fields"), (HEAD + "街口,2026-07-05 08:00,7,8", "fields"),
    (HEAD + '街口,"2026-07-05 08:00,7', "quote"), (HEAD + '街口,2026"07,7', "quote"), ("断面,时间,pH\r街口", "carriage return"),
    (HEAD + "街口,2026-07-05 08:00,7.1.2", "pH"), (HEAD + "街口,2026-07-05 08:00,七", "pH"), (HEAD + "街口,2026-07-05 08:00,15", "pH"),
    (HEAD + "街口,2026-07-05 08:00,-1", "pH"), (HEAD + "街口,2026-13-05 08:00,7", "时间"), (HEAD + "街口,2026-02-30 08:00,7", "时间"),
    (HEAD + "街口,昨天,7", "时间"), (HEAD + "街口,2099-07-05 08:00,7", "future"), (HEAD + "街口,,7", "时间"),
    (HEAD + ",2026-07-05 08:00,7", "断面"), (HEAD + "街口镇,2026-07-05 08:00,7", "街口镇"),
    ("断面,时间,pH,pH值\n街口,2026-07-05 08:00,7,7", "pH值"), ("断面,时间,氨氮(kg)\n街口,2026-07-05 08:00,7", "氨氮"),
    ("断面,时间,氨氮\n街口,2026-07-05 08:00,1e999", "氨氮"), ("断面,时间,氨氮\n街口,2026-07-05 08:00,>", "氨氮"),
    ("断面,时间,period,pH\n街口,2026-07-05 08:00,week,7", "period"), ("断面,时间,status,pH\n街口,2026-07-05 08:00,good,7", "status"),
    ("断面,时间,类别,pH\n街口,2026-07-05 08:00,VI,7", "类别"), ("断面;时间;氨氮\n街口;2026-07-05 08:00;0,5", "point before decimals"),
    (HEAD + "街口,2026-07-05 08:00,7\n街口,2026-07-05 08:00,8", "same section and time"), (HEAD + "街口,2026-07-05 08:00,7\n街口,2026-07-06,8", "时间"),
    ("断\x00面,时间,pH\n街口,2026-07-05 08:00,7", "zero bytes"), ("%PDF-1.7\n", "section"), ("<html><body>404</body></html>", "HTML"),
    ("," * 600, "fields"), ("断面,时间,pH\n街口,2026-07-05 08:00," + "7" * 600, "bytes"),
]  # fmt: skip
TIME = "2026-07-05T08:00:00+08:00"
BAD_READINGS = [
    ({}, "readings"), ({"readings": []}, "empty"), ({"readings": {}}, "readings"), ({"readings": [7]}, "readings.0"),
    ({"readings": [{"observedAt": TIME, "values": {"w01001": 7}}]}, "section"),
    ({"readings": [{"section": "jiekou", "values": {"w01001": 7}}]}, "observedAt"),
    ({"readings": [{"section": "jiekou", "observedAt": "2026-07-05T08:00:00", "values": {"w01001": 7}}]}, "offset"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME}]}, "values"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "values": {}}]}, "readings.0.values"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "values": {"w01001": None}}]}, "readings.0.values"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "measurements": {}}]}, "readings.0.measurements"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "values": {"w01001": 7}, "pariod": "hour"}]}, "readings.0.pariod"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "values": {"w01001": 7}}], "dry-run": True}, "dry-run"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "measurements": {"w21003": {"value": 7, "Unit": "μg/L"}}}]}, "w21003.Unit"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "measurements": {"w01001": {}}}]}, "w01001"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "measurements": {"w01001": {"value": 7, "below": 1}}}]}, "w01001"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "measurements": {"w21003": {"value": 7, "unit": "kg"}}}]}, "unit"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "period": "week", "values": {"w01001": 7}}]}, "period"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "publishedClass": "VI", "values": {"w01001": 7}}]}, "publishedClass"),
    ({"readings": [{"section": "jiekou", "observedAt": TIME, "values": {"w01001": 7}}] * 10_001}, "10000"),
]  # fmt: skip


def test_bad_tables_and_readings(suite, unwritten):
    assert len(BAD_TABLES) + len(BAD_READINGS) >= 40
    for table, named in BAD_TABLES:
        answer = send(suite, table)
        assert answer.status_code in (400, 422), (table, answer.status_code, answer.text)
        assert named in json.dumps(answer.json(), ensure_ascii=False), (table, answer.text)
    for body, named in BAD_READINGS:
        answer = send(suite, json.dumps(body), "application/json")
        assert answer.status_code in (400, 422), (body, answer.status_code, answer.text)
        assert named in answer.text, (str(body)[:200], answer.text)
    for query in [{"dry_run": "true"}, {"dry-run": "yes"}, {"on-fault": "ignore"}, {"columns": "x"}, {"columns": "pH:whatever"}]:
        answer = send(suite, GOOD, **query)
        assert answer.status_code == 422 and next(iter(query)) in answer.text, (query, answer.text)
    wait_until("the key is known", lambda: send(suite, GOOD, key=suite.narrow).status_code == 403)
    assert send(suite, GOOD, "text/csv; charset=big5").status_code == 415
