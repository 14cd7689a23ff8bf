"""A gateway that is slow, or that does not answer: what it receives, and how the pusher stops meanwhile."""

import collections
import http.server
import threading
import time
import urllib.parse

import pytest
from suite import Suite
from waiting import wait_until

COMPLAINTS = 20


class Gateway:
    """Counts what it is given. It answers when it is allowed to; a context manager."""

    def __init__(self):
        self.received = collections.Counter()
        self.open = threading.Event()
        self.seconds = 0
        counts = self

        class Door(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                counts.received[urllib.parse.parse_qs(body)["ref"][0]] += 1
                counts.open.wait(60)
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


def complain(suite, count):
    for number in range(count):
        form = {
            "category": "odour", "text": "气味", "idempotencyKey": f"gateway-{number}",
            "place": {"longitude": 120.1, "latitude": 30.25},
        }
        assert suite.post("/v1/complaints", form, suite.bearer).status_code == 201


def outcomes(suite, kind):
    return collections.Counter(r.value["reference"] for r in suite.read("notices.events") if r.kind == kind)


def test_asked_to_stop_while_the_gateway_hangs(kafka, tmp_path):
    with Gateway() as gateway, suite_of(kafka, tmp_path / "hangs", gateway) as suite:
        complain(suite, COMPLAINTS)
        wait_until("the window is full", lambda: sum(gateway.received.values()) == 4)
        wait_until("all wait", lambda: len(suite.read("sms.jobs")) >= COMPLAINTS)
        started = time.monotonic()
        assert suite.terminate("notification") == 0
        assert time.monotonic() - started < 2
        hung = set(gateway.received)
        assert len(hung) == 4

        gateway.open.set()
        suite.start("notification")
        wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == COMPLAINTS, 150)
        assert set(outcomes(suite, "accepted").values()) == {1}
        assert all(count == (2 if reference in hung else 1) for reference, count in gateway.received.items())
        assert len(gateway.received) == COMPLAINTS


@pytest.mark.slow
def test_a_slow_gateway_gets_each_message_once(kafka, tmp_path):
    with Gateway() as gateway, suite_of(kafka, tmp_path / "slow", gateway, DAYU_SMS_WINDOW="1") as suite:
        # The last one waits longer than the gateway's time to answer.
        gateway.seconds = 4
        gateway.open.set()
        complain(suite, COMPLAINTS)
        wait_until("every notice is accepted", lambda: len(outcomes(suite, "accepted")) == COMPLAINTS, 240)
        assert set(gateway.received.values()) == {1} and len(gateway.received) == COMPLAINTS
