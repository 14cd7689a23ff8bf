"""Ports nobody else takes, conditions that come true, requests that are sent until they are answered."""

import random
import socket
import time

import requests

_given = set()


def free_port():
    """Below the ports that the system gives to connections (ip_local_port_range): nobody takes it meanwhile."""
    while True:
        port = random.randrange(20_000, 32_000)
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
