"""A complaint reaches its chief and the public; a reading gets its class."""

import csv
import datetime
import json

from suite import SAMPLE, wait_until

COMPLAINT = {
    "category": "sewage-discharge",
    "text": "河边水泥管口一直在流灰白色的水。我的电话13000000000。",
    "place": {"longitude": 120.1384, "latitude": 30.3205},
    "address": "拱宸桥东侧",
    "contact": {"name": "秘密样例", "phone": "+86 000 0000 7777"},
    "idempotencyKey": "whole-way",
}


def test_a_complaint_goes_the_whole_way(suite):
    suite.confirm(COMPLAINT["contact"]["phone"])
    first = suite.post("/v1/complaints", COMPLAINT)
    assert first.status_code == 201, first.text
    again = suite.post("/v1/complaints", COMPLAINT)
    assert again.json()["id"] == first.json()["id"], "the same key is the same complaint"
    other = suite.post("/v1/complaints", COMPLAINT | {"text": "另一处也在流。"})
    assert other.json()["id"] != first.json()["id"], "with other words it is another"
    complaint, code = first.json()["id"], first.json()["trackingCode"]

    def shown(status):
        answer = suite.public(f"/api/complaints/{code}")
        return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

    chief = wait_until("assigned", lambda: shown("assigned"))["assignee"]["id"]
    by = {"role": "chief", "id": chief}
    assert suite.act(code, {"action": "accept", "by": by}).status_code == 202
    wait_until("accepted", lambda: shown("accepted"))
    assert suite.act(code, {"action": "resolve", "by": by, "text": "已封堵排口", "media": ["https://example.org/after.jpg"]}).status_code == 202
    wait_until("resolved", lambda: shown("resolved"))
    rating = {"action": "rate", "grade": "dissatisfied", "text": "还在流"}
    assert suite.act_as_citizen(complaint, rating).status_code == 202
    page = wait_until("assigned again", lambda: shown("assigned"))
    kinds = [entry["type"] for entry in page["timeline"]]
    assert kinds == ["received", "assigned", "accepted", "resolved", "rated", "reopened", "assigned"]

    wait_until("the messages", lambda: len(suite.messages(code)) >= 5)
    messages = suite.messages(code)
    assert "+8600000007777" in {message["phone"] for message in messages}, "the complainant is told"
    assert len({message["reference"] for message in messages}) == len(messages)

    # No personal data and no capability on the public side, and none in any log.
    everything = page | {"list": suite.public("/api/complaints").json()}
    for secret in ["秘密样例", "7777", "13000000000", complaint]:
        assert secret not in json.dumps(everything, ensure_ascii=False)
        for log in suite.folder.glob("*.log"):
            assert secret not in log.read_text(), f"{secret} in {log.name}"


def test_readings_get_the_class_that_was_published(suite):
    table = (SAMPLE / "readings.csv").read_bytes()
    answer = suite.measure(table)
    assert answer.status_code == 201, answer.text
    rows = [row for row in csv.DictReader(table.decode().splitlines()) if row["水质类别"] not in ("", "-1")]
    assert answer.json()["accepted"] >= len(rows) > 500
    names = {row["name"]: row["id"] for row in csv.DictReader((SAMPLE / "sections.csv").open())}

    def shown():
        graded = {}
        for section in names.values():
            page = suite.public(f"/api/sections/{section}/readings", limit=500)
            for reading in page.json()["readings"]:
                graded[section, reading["observedAt"]] = reading["class"]
        return graded if len(graded) == answer.json()["accepted"] else None

    graded = wait_until("all readings graded and shown", shown)
    classes = ["I", "II", "III", "IV", "V", "worseThanV"]
    for row in rows:
        date, time = row["监测时间"].split(" ")
        local = f"{date}T{time}"
        found = [c for (s, at), c in graded.items() if s == names[row["断面名称"]] and local_time(at) == local]
        assert found == [classes[int(row["水质类别"]) - 1]], row


def local_time(instant):
    moment = datetime.datetime.fromisoformat(instant.replace("Z", "+00:00"))
    return (moment + datetime.timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M")
