"""Ports nobody else takes, conditions that come true, requests that are sent until they are answered."""

import http.client
import json
import os
import random
import socket
import threading
import time
import urllib.parse

import requests

_given = set()
#: Below the ports that the system gives to connections (ip_local_port_range). Each worker of pytest-xdist has its own.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = range(20_000 + _worker % 6 * 2000, 22_000 + _worker % 6 * 2000)


def free_port():
    """A port that nobody takes meanwhile."""
    while True:
        port = random.choice(PORTS)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port


def wait_until(what, condition, seconds=60):
    """Polls a condition until it holds; what it returned last is given back."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            result = condition()
        except (requests.ConnectionError, requests.Timeout):
            result = None
        if result:
            return result
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)


def persist(send, seconds=180):
    """What a gateway does: the same request again until it is answered."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            answer = send()
            if answer.status_code in (201, 202):
                return answer
            assert answer.status_code == 503, answer.text
        except (requests.ConnectionError, requests.Timeout):
            pass
        assert time.monotonic() < deadline, "intake did not come back"
        time.sleep(0.2)


class Lines:
    """Keep-alive connections to one server, one for each thread: a fifth of what `requests` costs."""

    def __init__(self, url, timeout=30):
        parts = urllib.parse.urlsplit(url)
        self.place, self.timeout = (parts.hostname, parts.port), timeout
        self.local = threading.local()

    def post(self, path, body, headers=None):
        """The status and what was said; a connection that is gone is made anew by the next request."""
        if getattr(self.local, "line", None) is None:
            self.local.line = http.client.HTTPConnection(*self.place, timeout=self.timeout)
        line = self.local.line
        try:
            line.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | (headers or {}))
            answer = line.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        except BaseException:
            line.close()
            self.local.line = None
            raise

    def persist(self, path, body, headers=None, seconds=300):
        """What a gateway does: the same request again until it is answered."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                status, said = self.post(path, body, headers)
                if status in (201, 202):
                    return status, said
                assert status == 503, (status, said)
            except (OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < deadline, "intake did not come back"
            time.sleep(0.1)
