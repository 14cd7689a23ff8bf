"""A gateway that is slow, or that does not answer: what it receives, and how the pusher stops meanwhile."""

import collections
import contextlib
import http.server
import json
import os
import pathlib
import threading
import time
import urllib.parse

import pytest
import requests
from suite import Suite
from waiting import wait_until

COMPLAINTS, QUICK = 20, 8
#: A message takes a second: that many ordinary ones, and so many urgent ones behind them.
FLOOD, URGENT = 1000, 20


class Gateway:
    """Counts what it is given. It answers when it is allowed to; a context manager."""

    def __init__(self):
        self.received = collections.Counter()
        self.order = []
        self.open = threading.Event()
        self.seconds = 0
        #: A lock, where it takes one message after another.
        self.turn = contextlib.nullcontext()
        counts = self

        class Door(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                reference = urllib.parse.parse_qs(body)["ref"][0]
                counts.received[reference] += 1
                counts.order.append(reference)
                counts.open.wait(60)
                with counts.turn:
                    time.sleep(counts.seconds)
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except BrokenPipeError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.open.set()
        self.server.shutdown()


def suite_of(kafka, folder, gateway, **more):
    settings = {
        "DAYU_SMS_GATEWAY": "http", "DAYU_SMS_URL": gateway.url, "DAYU_SMS_FIELDS": "ref={reference}",
        "DAYU_SMS_WINDOW": "4", "DAYU_SMS_TIMEOUT": "30s",
    }
    return Suite(kafka, folder, settings | more, services=["routing", "notification", "intake"])


def complain(suite, count, category="odour", first=0):
    for number in range(first, first + count):
        form = {
            "category": category, "text": "气味", "idempotencyKey": f"gateway-{number}",
            # All over the city, so that many officials are told.
            "place": {"longitude": round(119.9 + number % 97 * 0.003, 4), "latitude": round(30.2 + number % 31 * 0.003, 4)},
        }
        assert suite.post("/v1/complaints", form, suite.bearer).status_code == 201


def outcomes(suite, kind):
    return collections.Counter(r.value["reference"] for r in suite.read("notices.events") if r.kind == kind)


@pytest.mark.slow
def test_asked_to_stop_while_the_gateway_hangs(kafka, tmp_path):
    with Gateway() as gateway, suite_of(kafka, tmp_path / "hangs", gateway) as suite:
        # The window opens while the gateway is quick.
        gateway.open.set()
        complain(suite, QUICK)
        wait_until("the quick ones", lambda: len(outcomes(suite, "accepted")) == QUICK)
        gateway.open.clear()
        gateway.received.clear()
        complain(suite, COMPLAINTS, first=QUICK)
        wait_until("the window is full", lambda: sum(gateway.received.values()) == 4)
        wait_until("all wait", lambda: len(suite.read("sms.jobs")) >= QUICK + COMPLAINTS)
        started = time.monotonic()
        assert suite.terminate("notification") == 0
        assert time.monotonic() - started < 2
        hung = set(gateway.received)
        assert len(hung) == 4

        gateway.open.set()
        suite.start("notification")
        wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == QUICK + COMPLAINTS, 150)
        assert set(outcomes(suite, "accepted").values()) == {1}
        assert all(count == (2 if reference in hung else 1) for reference, count in gateway.received.items())
        assert len(gateway.received) == COMPLAINTS


def test_a_gateway_that_takes_one_after_another_gets_each_message_once(kafka, tmp_path):
    """With the window that is preset, the last of sixteen would wait longer than the gateway's time to answer."""
    preset = {"DAYU_SMS_WINDOW": "16", "DAYU_SMS_TIMEOUT": "2s"}
    with Gateway() as gateway, suite_of(kafka, tmp_path / "turns", gateway, **preset) as suite:
        gateway.seconds, gateway.turn = 0.3, threading.Lock()
        gateway.open.set()
        complain(suite, 30)
        wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == 30)
        assert set(gateway.received.values()) == {1} and len(gateway.received) == 30


@pytest.mark.slow
def test_a_gateway_that_was_quick_and_becomes_slow_gets_each_message_once(kafka, tmp_path):
    """The window is open when it becomes slow: the last of sixteen waits longer than the gateway may be silent."""
    preset = {"DAYU_SMS_WINDOW": "16", "DAYU_SMS_TIMEOUT": "5s"}
    with Gateway() as gateway, suite_of(kafka, tmp_path / "slower", gateway, **preset) as suite:
        gateway.turn = threading.Lock()
        gateway.open.set()
        # Each pusher's window grows by one with each quick answer.
        complain(suite, 30)
        wait_until("the quick ones", lambda: len(outcomes(suite, "accepted")) == 30)
        gateway.seconds = 1
        complain(suite, 40, first=30)
        wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == 70, 150)
        assert set(gateway.received.values()) == {1} and len(gateway.received) == 70, gateway.received


def test_asked_to_stop_while_nobody_reads_the_gateways_pipe(kafka, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    settings = {"DAYU_SMS_GATEWAY": "file", "DAYU_SMS_FILE": str(pipe)}
    with Suite(kafka, tmp_path / "pipe-suite", settings, services=["routing", "notification", "intake"]) as suite:
        complain(suite, 5)
        wait_until("it says so", lambda: "a pipe that nobody reads" in suite.health("notification")[1])
        started = time.monotonic()
        assert suite.terminate("notification") == 0
        assert time.monotonic() - started < 2
        suite.start("notification")
        # With a reader all of them come, each once.
        with open(os.open(pipe, os.O_RDWR)) as reader:
            references = [json.loads(reader.readline())["reference"] for _ in range(5)]
        assert len(set(references)) == 5


@pytest.mark.slow
def test_a_slow_gateway_gets_each_message_once_and_urgent_ones_first(kafka, tmp_path):
    with Gateway() as gateway, suite_of(kafka, tmp_path / "slow", gateway, DAYU_SMS_WINDOW="8") as suite:
        # The last one waits longer than the gateway's time to answer.
        gateway.seconds = 1
        gateway.open.set()
        complain(suite, FLOOD)
        wait_until("the flood waits", lambda: len(suite.read("sms.jobs")) == FLOOD, 60)
        assert len(gateway.order) < FLOOD - URGENT, "there is nothing to overtake"
        memory = resident(suite)
        complain(suite, URGENT, "sewage-discharge")
        # A complaint's first message is to whoever has it now.
        wait_until("the urgent wait", lambda: len(suite.read("sms.jobs.urgent")) == URGENT, 60)
        urgent = {record.value["reference"] for record in suite.read("sms.jobs.urgent")}
        wait_until("the urgent ones are received", lambda: urgent <= set(gateway.order))
        overtaken = FLOOD - (len(gateway.order) - URGENT)
        assert overtaken > FLOOD / 4, f"{overtaken} others waited"
        wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == FLOOD + URGENT, 300)
        assert set(gateway.received.values()) == {1} and len(gateway.received) == FLOOD + URGENT
        print(f"overtaken {overtaken} of {FLOOD}, memory {memory >> 10} to {resident(suite) >> 10} MB")
        assert resident(suite) < memory + 30_000, "memory stays flat"


def resident(suite):
    """Kilobytes of memory that Notification has."""
    status = pathlib.Path(f"/proc/{suite.processes['notification'].pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


def test_the_citys_limit_holds_messages_back_and_urgent_ones_pass(kafka, tmp_path):
    limit = {"DAYU_SMS_PER_CITY": "640/h"}
    with Gateway() as gateway, suite_of(kafka, tmp_path / "limit", gateway, **limit) as suite:
        gateway.open.set()
        complain(suite, 60)
        wait_until("all wait", lambda: len(suite.read("sms.jobs")) == 60)

        # A tenth of an hour's share on each of the partitions, and one in 45 s then.
        def held():
            text = requests.get(f"http://127.0.0.1:{suite.admin['notification']}/metrics", timeout=5).text
            return 'dayu_sms_held_back_partitions{loop="dayu-notification.pusher",worker="0"} 0.0' not in text

        wait_until("it holds back", lambda: held() and len(gateway.order) >= 4)
        complain(suite, 1, "sewage-discharge")
        urgent = wait_until("an urgent one", lambda: [r.value["reference"] for r in suite.read("sms.jobs.urgent")])
        wait_until("passes", lambda: urgent[0] in gateway.order)
        assert len(gateway.order) < 60, "the others wait on the log"
        assert suite.health("notification")[0] == 200
        assert "the city's limit is reached" in suite.log_tail("notification", 200)
