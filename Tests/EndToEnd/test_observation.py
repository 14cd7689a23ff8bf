"""What an operator sees: one trace from the request to the SMS, and where every loop stands."""

import collections
import json
import re
import shutil

import requests

from suite import PARTITIONS, Suite, wait_until

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
COMPLAINTS = 600
SAMPLE_LINE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")


def body(number):
    return {
        "category": "odour",
        "text": f"第{number}号投诉",
        "place": {"longitude": 120.2, "latitude": 30.25},
        "idempotencyKey": f"observed-{number}",
    }


def metrics(suite, name):
    """The samples of a service: (name, labels) → value."""
    text = requests.get(f"http://127.0.0.1:{suite.admin[name]}/metrics", timeout=5).text
    samples = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            sample, labels, value = SAMPLE_LINE.fullmatch(line).groups()
            labels = dict(re.findall(r'(\w+)="([^"]*)"', labels or ""))
            samples[sample, tuple(sorted(labels.items()))] = float(value)
    return samples


def standing(suite, name, figure):
    """(loop, topic) → the figure, summed over the partitions, and the number of those."""
    sums, partitions = collections.Counter(), collections.Counter()
    for (sample, labels), value in metrics(suite, name).items():
        if sample == figure:
            place = dict(labels)["loop"], dict(labels)["topic"]
            sums[place] += value
            partitions[place] += 1
    return sums, partitions


def log_lines(suite, name, message):
    text = (suite.folder / f"{name}.log").read_text()
    lines = (json.loads(line) for line in text.splitlines() if line.startswith("{"))
    return [line for line in lines if line["message"] == message]


def test_what_an_operator_sees(kafka, tmp_path):
    with Suite(kafka, tmp_path / "observed") as suite:
        answer = suite.post("/v1/complaints", body(0), suite.bearer | {"traceparent": TRACEPARENT})
        assert answer.status_code == 201
        wait_until("the SMS is sent", lambda: suite.sms.exists() and suite.sms.read_text().count("\n") == 1)
        wait_until("the receipt is worked off", lambda: [r.kind for r in suite.read("notices.events")] == ["attempted", "taken", "accepted"])

        # One trace, whatever the loop: every record that came of the request carries it, and so does the log.
        for topic in ("submissions", "words", "events"):
            traces = {record.headers["traceparent"] for record in suite.read(f"complaints.{topic}")}
            assert traces == {TRACEPARENT}, topic
        for topic in ("notices.requests", "notices.events", "sms.jobs", "sms.receipts"):
            assert {record.headers["traceparent"] for record in suite.read(topic)} == {TRACEPARENT}, topic
        assert [line["trace"] for line in log_lines(suite, "notification", "sms")] == [TRACEPARENT]
        assert [line["trace"] for line in log_lines(suite, "intake", "accepted")] == [TRACEPARENT]

        # Who brings no trace is given one.
        for number in range(1, COMPLAINTS):
            suite.post("/v1/complaints", body(number), suite.bearer)
        wait_until("all are assigned", lambda: len(suite.read("complaints.events")) >= 2 * COMPLAINTS)
        traces = {record.headers["traceparent"] for record in suite.read("complaints.submissions")}
        assert len(traces) == COMPLAINTS

        # Every loop tells where it stands on each of its partitions, and in the end stands at the end. It does so once a
        # second, so it may have stood at the end before the last ones came.
        def worked_off():
            return standing(suite, "routing", "dayu_position")[0]["dayu-routing", "complaints.submissions"]

        wait_until("routing tells that it has worked off all", lambda: worked_off() >= COMPLAINTS)
        loops = {
            "routing": {("dayu-routing", "complaints.submissions"), ("dayu-routing", "complaints.actions")},
            "notification": {
                ("dayu-notification.addressing", "complaints.events"),
                ("dayu-notification.addressing", "complaints.contacts"),
                ("dayu-notification.addressing", "complaints.words"),
                ("dayu-notification.addressing", "follows"),
                ("dayu-notification.dispatch", "notices.requests"),
                ("dayu-notification.dispatch", "sms.receipts"),
                ("dayu-notification.dispatch", "sms.messages"),
                ("dayu-notification.pusher", "sms.jobs"),
                ("dayu-notification.pusher", "sms.jobs.withdrawn"),
                ("dayu-notification.urgent-pusher", "sms.jobs.urgent"),
                ("dayu-notification.urgent-pusher", "sms.jobs.withdrawn"),
            },
            "analytics": {
                ("dayu-analytics.grading", "readings.reports"),
                ("dayu-analytics.alarming", "readings.assessments"),
                ("dayu-analytics.summarising", "readings.assessments"),
                ("dayu-analytics.inspecting", "readings.summaries"),
                ("dayu-analytics.counting", "complaints.events"),
            },
        }
        for name, expected in loops.items():
            _, partitions = standing(suite, name, "dayu_position")
            copies = {place: partitions.pop(place) for place in list(partitions) if place[1] == "registry"}
            assert dict(partitions) == {place: PARTITIONS for place in expected}
            # A loop that uses the registry reads it by itself; its topic has one partition.
            assert set(copies.values()) == {1}, copies
            wait_until(f"{name} stands at the end", lambda: not any(standing(suite, name, "dayu_lag")[0].values()))
        wait_until("disclosure stands at the end", lambda: not any(standing(suite, "disclosure", "dayu_lag")[0].values()))
        figures = metrics(suite, "routing")
        own = (("loop", "dayu-routing"), ("worker", "0"))
        assert figures["dayu_batch_records_sum", own] == COMPLAINTS
        assert figures["dayu_batch_records_count", own] == figures["dayu_commit_seconds_count", own] > 0
        assert figures["dayu_facts_decided_total", own] == figures["dayu_records_emitted_total", own] == 2 * COMPLAINTS

        status = json.loads(suite.operate("status", "--json"))
        groups = {group["name"].split()[0]: group for group in status["groups"]}
        for name in ("dayu-routing", "dayu-analytics.counting", "dayu-disclosure"):
            assert groups[name]["lag"], name
            assert not any(topic["records"] for topic in groups[name]["lag"]), name

        # A folder that is deleted is read again from the log, and tells how far it is.
        assert suite.terminate("routing") == 0
        shutil.rmtree(suite.data("routing") / "dayu-routing" / "dayu-routing")
        suite.start("routing")
        suite.wait_ready("routing")
        assert log_lines(suite, "routing", "restored")[-1]["records"] == 2 * COMPLAINTS
        left, partitions = standing(suite, "routing", "dayu_restore_remaining")
        assert left["dayu-routing", "complaints.events"] == 0
        assert partitions["dayu-routing", "complaints.events"] == PARTITIONS
        suite.act(answer.json()["trackingCode"], {"action": "accept", "by": {"role": "office", "id": "hangzhou"}})
        wait_until("it goes on", lambda: len(suite.read("complaints.events")) == 2 * COMPLAINTS + 1)
