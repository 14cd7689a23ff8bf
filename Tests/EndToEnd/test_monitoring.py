"""The alert rules, the dashboards and the page for the person on call, with Prometheus itself."""

import json
import re
import shutil
import subprocess

import pytest
import requests
import yaml

from suite import ROOT
from waiting import free_port, wait_until

FOLDER = ROOT / "deploy" / "monitoring"
RULES = FOLDER / "dayu.rules.yml"
PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
needs_prometheus = pytest.mark.skipif(not (PROMTOOL and PROMETHEUS), reason="needs Debian's prometheus")

#: Where a figure comes from in these cases.
ROUTING = {"service": "routing", "instance": "a:1", "job": "dayu"}
INTAKE = ROUTING | {"service": "intake"}
SITE = ROUTING | {"service": "disclosure"}
SMS = ROUTING | {"service": "notification"}
LOOP = {"loop": "dayu-routing", "topic": "complaints.actions"}


def place(labels, *names):
    return {name: labels[name] for name in names}


#: Alert: figures once a minute as promtool writes them, for the alert and without it; labels and text of the alert.
CASES = {
    "DayuServiceDown": (
        [("up", ROUTING, "1 0x60")], [("up", ROUTING, "1 0 1x60")], ROUTING, "routing at a:1 does not answer"),
    "DayuServiceNotReady": (
        [("dayu_ready", ROUTING, "0x60")], [("dayu_ready", ROUTING, "0x3 1x60")], ROUTING,
        "routing at a:1 is not ready; its /readyz says why"),
    "DayuServiceHasNotes": (
        [("dayu_notes", ROUTING, "1x60")], [("dayu_notes", ROUTING, "1x10 0x60")], ROUTING,
        "routing at a:1 works, but its /readyz reports something"),
    "DayuRestoreTakesLong": (
        [("dayu_restore_remaining", ROUTING | LOOP, "9000-1x60")],
        [("dayu_restore_remaining", ROUTING | LOOP, "9000-900x10 0x60")],
        place(ROUTING, "service", "instance") | place(LOOP, "loop"),
        "dayu-routing has been restoring its store for 30 minutes"),
    "DayuDiskNearlyFull": (
        [("dayu_disk_free_bytes", ROUTING, "1048576x60"), ("dayu_disk_least_bytes", ROUTING, "256000000x60")],
        [("dayu_disk_free_bytes", ROUTING, "256000001x60"), ("dayu_disk_least_bytes", ROUTING, "256000000x60")],
        ROUTING, "The disk of routing at a:1 has 1MiB left"),
    "DayuLoopStandsStill": (
        [("dayu_lag", ROUTING | LOOP | {"partition": "3"}, "5+1x60"),
         ("dayu_position", ROUTING | LOOP | {"partition": "3"}, "7x60")],
        [("dayu_lag", ROUTING | LOOP | {"partition": "3"}, "5+1x60"),
         ("dayu_position", ROUTING | LOOP | {"partition": "3"}, "7+1x60"),
         # A pusher that waits for its gateway.
         ("dayu_lag", SMS | {"loop": "dayu-notification.urgent-pusher"}, "5x60"),
         ("dayu_position", SMS | {"loop": "dayu-notification.urgent-pusher"}, "7x60")],
        ROUTING | LOOP | {"partition": "3"}, "dayu-routing reads nothing of complaints.actions/3, where records wait"),
    "DayuLoopFallsBehind": (
        [("dayu_lag", ROUTING | LOOP, "20000+600x60")], [("dayu_lag", ROUTING | LOOP, "60000-600x60")],
        place(ROUTING, "service") | LOOP,
        "dayu-routing is 56k records behind on complaints.actions, and falls further behind"),
    "DayuRecordsLost": (
        [("dayu_records_lost_total", ROUTING | LOOP, "3x60")], [("dayu_records_lost_total", ROUTING | LOOP, "0x60")],
        place(ROUTING, "service") | LOOP,
        "dayu-routing found up to 3 records gone from complaints.actions before it read them"),
    "DayuRecordsMisplaced": (
        [("dayu_records_misplaced_total", SITE | LOOP, "2x60")], [("dayu_records_misplaced_total", SITE | LOOP, "0x60")],
        place(SITE, "service") | LOOP,
        "dayu-routing leaves out 2 records of complaints.actions that lie on wrong partitions"),
    "DayuRecordsSkipped": (
        [("dayu_records_skipped_total", SITE, "0+1x60")], [("dayu_records_skipped_total", SITE, "9x60")], SITE,
        "disclosure could not understand 60 records in the last hour"),
    "DayuDeadLetters": (
        [("dayu_records_refused_total", ROUTING | {"loop": "dayu-routing"}, "0+1x60")],
        [("dayu_records_refused_total", ROUTING | {"loop": "dayu-routing"}, "0x40 1x20")],
        {"service": "routing", "loop": "dayu-routing"}, "dayu-routing set 60 records aside in the last hour"),
    "DayuTransactionsAborted": (
        [("dayu_transactions_aborted_total", ROUTING | {"loop": "dayu-routing"}, "0+60x60")],
        [("dayu_transactions_aborted_total", ROUTING | {"loop": "dayu-routing"}, "0+1x60")],
        {"service": "routing", "loop": "dayu-routing"}, "dayu-routing aborts 1 transactions a second"),
    "DayuCommitsSlow": (
        [("dayu_commit_seconds_bucket", ROUTING | {"loop": "dayu-routing", "le": end}, f"0+{count}x60")
         for end, count in [("1.0", 50), ("5.0", 100), ("+Inf", 100)]],
        [("dayu_commit_seconds_bucket", ROUTING | {"loop": "dayu-routing", "le": end}, f"0+{count}x60")
         for end, count in [("1.0", 100), ("5.0", 100), ("+Inf", 100)]],
        {"service": "routing", "loop": "dayu-routing"}, "One commit of dayu-routing in a hundred takes 4.92s or longer"),
    "DayuSpoolWaits": (
        [("dayu_spool_records", INTAKE, "4x60")], [("dayu_spool_records", INTAKE, "4x5 0x60")], INTAKE,
        "Kafka takes nothing from Intake at a:1: 4 records wait on its disk"),
    "DayuSpoolNearlyFull": (
        [("dayu_spool_records", INTAKE, "81x60"), ("dayu_spool_limit_records", INTAKE, "100x60")],
        [("dayu_spool_records", INTAKE, "80x60"), ("dayu_spool_limit_records", INTAKE, "100x60")], INTAKE,
        "The spool of Intake at a:1 is nearly full; soon complaints are answered with 503"),
    "DayuRecordsSetAsideOnDisk": (
        [("dayu_spool_aside_records", INTAKE, "2x60")], [("dayu_spool_aside_records", INTAKE, "0x60")], INTAKE,
        "Kafka refused 2 records of Intake at a:1 for good; they lie on its disk"),
    "DayuServerErrors": (
        [("dayu_http_requests_total", SITE | {"status": "5xx"}, "0+6x60"),
         ("dayu_http_requests_total", SITE | {"status": "2xx"}, "0+54x60")],
        [("dayu_http_requests_total", SITE | {"status": "5xx"}, "0x60"),
         ("dayu_http_requests_total", SITE | {"status": "2xx"}, "0+54x60")],
        {"service": "disclosure"}, "10% of the site's answers are errors of the server"),
    "DayuSiteSlow": (
        [("dayu_http_request_seconds_bucket", SITE | {"le": end}, f"0+{count}x60")
         for end, count in [("0.5", 50), ("1.0", 100), ("+Inf", 100)]],
        [("dayu_http_request_seconds_bucket", SITE | {"le": end}, f"0+{count}x60")
         for end, count in [("0.5", 100), ("1.0", 100), ("+Inf", 100)]],
        {"service": "disclosure"}, "One request to the site in a hundred takes 990ms or longer"),
    "DayuIntakeSlow": (
        [("dayu_request_seconds_bucket", INTAKE | {"le": end}, f"0+{count}x60")
         for end, count in [("1.0", 50), ("5.0", 100), ("+Inf", 100)]],
        [("dayu_request_seconds_bucket", INTAKE | {"le": end}, f"0+{count}x60")
         for end, count in [("1.0", 100), ("5.0", 100), ("+Inf", 100)]],
        {"service": "intake"}, "One request to Intake in a hundred takes 4.92s or longer"),
    "DayuManyRequestsLimited": (
        [("dayu_requests_limited_total", INTAKE | {"of": "address"}, "0+120x60")],
        [("dayu_requests_limited_total", INTAKE | {"of": "address"}, "0+30x60")],
        {"service": "intake", "of": "address"}, "intake refuses 2 requests a second with 429 (address)"),
    "DayuNoRoomForClients": (
        [("dayu_turned_away_total", INTAKE | {"what": "body"}, "0+60x60")],
        [("dayu_turned_away_total", INTAKE | {"what": "body"}, "0+1x60")], {"service": "intake", "what": "body"},
        "intake turns 1 clients away a second (body)"),
    "DayuSecurityLogFails": (
        [("dayu_security_lines_lost_total", INTAKE, "0+1x60")], [("dayu_security_lines_lost_total", INTAKE, "5x60")],
        INTAKE, "Intake at a:1 can't write its security log"),
    "DayuPicturesCostly": (
        [("dayu_pictures_total", INTAKE | {"outcome": "costly"}, "0+1x60")],
        [("dayu_pictures_total", INTAKE | {"outcome": "stored"}, "0+9x60")], INTAKE | {"outcome": "costly"},
        "60 pictures in an hour took too much memory or time: somebody may try it on purpose"),
    "DayuStationsSilent": (
        [("dayu_stations_silent", INTAKE, "3x90"), ("dayu_stations", INTAKE, "9x90")],
        [("dayu_stations_silent", INTAKE, "1x90"), ("dayu_stations", INTAKE, "9x90")], {},
        "3 stations are silent, more than a fifth"),
    "DayuSourcesFail": (
        [("dayu_sources_failing", INTAKE, "2x90")], [("dayu_sources_failing", INTAKE, "2x30 0x60")], {},
        "2 sources have brought nothing for long"),
    "DayuUrgentMessagesWait": (
        [("dayu_waiting_oldest_seconds", SMS | {"loop": "dayu-notification.urgent-pusher"}, "180x60")],
        [("dayu_waiting_oldest_seconds", SMS | {"loop": "dayu-notification.pusher"}, "180x60")], {},
        "An urgent message has waited for 3m 0s"),
    "DayuMessagesWait": (
        [("dayu_waiting_oldest_seconds", SMS | {"loop": "dayu-notification.pusher"}, "3600x60")],
        [("dayu_waiting_oldest_seconds", SMS | {"loop": "dayu-notification.pusher"}, "1200x60")], {},
        "A message has waited for 1h 0m 0s"),
    "DayuGatewayPaused": (
        [("dayu_sms_gateway_paused", SMS | {"gateway": "kannel"}, "1x60")],
        # Another instance reaches it.
        [("dayu_sms_gateway_paused", SMS | {"gateway": "kannel"}, "1x60"),
         ("dayu_sms_gateway_paused", SMS | {"gateway": "kannel", "instance": "b:1"}, "0x60")],
        {"gateway": "kannel"}, "The SMS gateway kannel fails and is left alone"),
    "DayuGatewayNotUnderstood": (
        [("dayu_sms_answers_not_understood", SMS, "1x60")], [("dayu_sms_answers_not_understood", SMS, "1x3 0x60")], {},
        "The SMS gateway's answers look like success but are not understood"),
    "DayuGatewayTemplateUnfit": (
        [("dayu_sms_unfit_total", SMS | {"gateway": "aliyun-1"}, "0+1x90")],
        [("dayu_sms_unfit_total", SMS | {"gateway": "aliyun-1"}, "5x90")], {"gateway": "aliyun-1"},
        "The SMS gateway aliyun-1 does not take a kind of notice: its template or a word"),
    "DayuMessagesFail": (
        [("dayu_counted_total", SMS | {"what": "notice.unconfirmed"}, "0+1x60")],
        [("dayu_counted_total", SMS | {"what": "notice.held-back"}, "0+1x60")], {},
        "60 notices failed in the last hour"),
    "DayuCitysLimitReached": (
        [("dayu_sms_held_back_partitions", SMS, "2x90")], [("dayu_sms_held_back_partitions", SMS, "2x20 0x60")], {},
        "Messages have waited for the city's limit for 30 minutes"),
}  # fmt: skip


def alerts():
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def figures():
    """The names of all figures, from the handbook, which a test compares with the code."""
    page = (ROOT / "deploy" / "README.md").read_text()
    return set(re.findall(r"`(dayu_[a-z_]+)`", page))


def used(expression):
    names = set(re.findall(r"\bdayu_[a-z_]+", expression))
    return {re.sub(r"_(bucket|sum|count)$", "", name) if name not in figures() else name for name in names}


def series(name, labels):
    return name + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


@needs_prometheus
@pytest.mark.parametrize("alert", CASES)
def test_an_alert_fires_when_it_must_and_only_then(alert, tmp_path):
    given, without, labels, summary = CASES[alert]
    severity = alerts()[alert]["labels"]["severity"]
    expected = {"exp_labels": labels | {"severity": severity}, "exp_annotations": {"summary": summary}}

    def case(values, expected):
        inputs = [{"series": series(name, labels), "values": value} for name, labels, value in values]
        rule = [{"eval_time": "60m", "alertname": alert, "exp_alerts": expected}]
        return {"interval": "1m", "input_series": inputs, "alert_rule_test": rule}

    # JSON is YAML.
    tests = {"rule_files": [str(RULES)], "tests": [case(given, [expected]), case(without, [])]}
    (tmp_path / "alerts.yml").write_text(json.dumps(tests))
    done = subprocess.run([PROMTOOL, "test", "rules", tmp_path / "alerts.yml"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_and_on_the_page():
    page = (FOLDER / "README.md").read_text()
    assert set(alerts()) == set(CASES) == set(re.findall(r"^### (Dayu\w+)", page, re.MULTILINE))
    for name, rule in alerts().items():
        assert used(rule["expr"]) <= figures(), name


def test_the_dashboards_show_figures_that_exist():
    boards = sorted((FOLDER / "dashboards").glob("*.json"))
    assert len(boards) == 3
    for path in boards:
        board = json.loads(path.read_text())
        panels = [panel for panel in board["panels"] if panel["type"] != "row"]
        assert board["uid"] and board["title"] and len(panels) >= 6
        for panel in panels:
            assert panel["title"] and panel["description"], path.name
            for target in panel["targets"]:
                names = used(target["expr"])
                assert names <= figures() and (names or "up{" in target["expr"]), (path.name, panel["title"])


@needs_prometheus
def test_prometheus_takes_the_figures_of_a_suite_that_works(suite, tmp_path):
    """A real Prometheus reads every service, evaluates every rule and every panel, and no alert is pending."""
    config = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(RULES)]
    for target in config["scrape_configs"][0]["static_configs"]:
        target["targets"] = [f"127.0.0.1:{suite.admin[target['labels']['service']]}"]
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    port = free_port()
    with open(tmp_path / "prometheus.log", "wb") as log:
        server = subprocess.Popen(
            [PROMETHEUS, f"--config.file={tmp_path / 'prometheus.yml'}", f"--storage.tsdb.path={tmp_path / 'data'}",
             f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)  # fmt: skip
    try:
        def ask(path, **parameters):
            answer = requests.get(f"http://127.0.0.1:{port}/api/v1/{path}", params=parameters, timeout=10).json()
            assert answer["status"] == "success", answer
            return answer["data"]

        wait_until("Prometheus is ready", lambda: requests.get(f"http://127.0.0.1:{port}/-/ready", timeout=10).ok)
        wait_until("all are read", lambda: len(ask("query", query='up{job="dayu"} == 1')["result"]) == 5)
        body = {"category": "odour", "text": "smells", "place": {"longitude": 120.165, "latitude": 30.262}}
        assert suite.post("/v1/complaints", body).status_code == 201
        wait_until("all say that they are ready", lambda: len(ask("query", query="dayu_ready == 1")["result"]) == 5)
        assert len(ask("query", query="dayu_notes == 0")["result"]) == 5
        assert ask("query", query='sum by (what) (dayu_turned_away_total{service="intake"})')["result"]
        wait_until("it was decided", lambda: ask("query", query='dayu_facts_decided_total{loop="dayu-routing"} > 0')["result"])
        wait_until("nothing waits", lambda: not ask("query", query="dayu_lag > 0")["result"])
        groups = ask("rules")["groups"]
        wait_until("every rule was evaluated", lambda: all(
            rule["health"] == "ok" for group in ask("rules")["groups"] for rule in group["rules"]))  # fmt: skip
        assert sum(len(group["rules"]) for group in groups) == len(CASES)
        # On a busy machine the first answers take their time.
        pending = [one["labels"]["alertname"] for one in ask("alerts")["alerts"]]
        assert [name for name in pending if not name.endswith("Slow")] == []
        for path in (FOLDER / "dashboards").glob("*.json"):
            for panel in json.loads(path.read_text())["panels"]:
                for target in panel.get("targets", []):
                    ask("query", query=target["expr"].replace("$__rate_interval", "1m"))
    finally:
        server.terminate()
        server.wait(timeout=30)
