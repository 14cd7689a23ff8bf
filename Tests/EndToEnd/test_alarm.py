"""A falling oxygen curve: the station's readings become one complaint to the chief, and resolve it when they are good."""

import datetime
import shutil

import pytest

from keys import compact
from suite import Suite, wait_until

SECTION = "tonglu"
FALLING = [8.2, 6.4, 4.1, 1.9, 1.6]
RISING = [1.8, 2.1, 3.4, 5.2, 6.3]
SETTINGS = {"DAYU_ANALYTICS_ALARM_GOOD_READINGS": "3"}
START = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) - datetime.timedelta(hours=12)


def readings(values, first, start=START):
    moments = [start + datetime.timedelta(hours=first + index) for index in range(len(values))]
    return [
        {"section": SECTION, "observedAt": moment.isoformat(), "values": {"w01001": 7.4, "w01009": value}}
        for moment, value in zip(moments, values)
    ]


@pytest.fixture(scope="module")
def story(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("alarm"), SETTINGS) as running:
        yield running


def measure(suite, values, first, **more):
    answer = suite.measure(readings(values, first, **more))
    assert answer.status_code == 201, answer.text


def complaints(suite):
    return suite.public("/api/complaints").json()["complaints"]


def test_a_falling_oxygen_curve(story):
    # What an importer tells of last year alarms nobody.
    measure(story, [1.0] * 5, 0, start=START - datetime.timedelta(days=365))
    measure(story, FALLING, 0)
    (complaint,) = wait_until("the complaint", lambda: complaints(story))
    code = complaint["trackingCode"]

    def shown(status):
        page = story.public(f"/api/complaints/{code}").json()
        return page if page["status"] == status else None

    page = wait_until("assigned", lambda: shown("assigned"))
    assert page["category"]["code"] == "station-alarm"
    assert page["text"].startswith("溶解氧1.6 mg/L，低于警戒限值2，连续2次。富春江桐庐断面自动监测：溶解氧█▅▃▁▁ ")
    assert page["reach"]["id"] == "fuchun-river.tonglu" and page["assignee"]["kind"] == "chief"
    (message,) = wait_until("the chief's SMS", lambda: story.messages(code))
    assert "溶解氧1.6 mg/L，低于警戒限值2" in message["text"] and "桐庐断面" in message["text"]

    # Told twice, and by an analytics that forgot everything: the alarm is known from the log.
    assert story.terminate("analytics") == 0
    shutil.rmtree(story.data("analytics") / "dayu-analytics")
    story.start("analytics")
    story.wait_ready("analytics")
    measure(story, FALLING, 0)

    measure(story, RISING, len(FALLING))
    page = wait_until("resolved by itself", lambda: shown("resolved"))
    assert [entry["type"] for entry in page["timeline"]] == ["received", "assigned", "resolved"]
    resolution = page["timeline"][-1]
    assert resolution["by"]["role"] == "system"
    assert "最近连续3次读数符合要求，自动办结。溶解氧█▅▃▁▁▁▁▃▄▅ " in resolution["text"]
    assert all(str(value) in resolution["text"] for value in FALLING + RISING)

    assert len(complaints(story)) == 1, "one alarm is one complaint"
    told = story.read("readings.alarms")
    assert [record.kind for record in told] == ["raised", "cleared"]
    assert all(record.key == SECTION and record.value["complaint"] == compact(code) for record in told)
    assert told[0].value["limit"] == {"atLeast": 2} and told[0].value["alarm"]["item"] == "w01009"
    assert story.read("dead-letters") == []

    # Bad again is another alarm.
    measure(story, [1.2, 1.1], 10)
    wait_until("the next complaint", lambda: len(complaints(story)) == 2)
