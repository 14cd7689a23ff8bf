"""What Intake bears from one address, from a gateway and from somebody who means harm, over HTTP."""

import contextlib
import json
import random
import re
import socket
import subprocess
import time

import pytest
import requests

from suite import BIN, Suite, wait_until

GOOD = {"category": "odour", "text": "河水发臭", "reach": "west-lake.xihu"}
LIMITS = {
    "DAYU_INTAKE_REQUESTS_PER_MINUTE": "5",
    "DAYU_INTAKE_READS_PER_MINUTE": "20",
    "DAYU_INTAKE_GATEWAY_REQUESTS_PER_MINUTE": "10",
    "DAYU_INTAKE_PROXIES": "127.0.0.1",
    "DAYU_INTAKE_HEAD_TIME": "2s",
    "DAYU_INTAKE_BODY_TIME": "2s",
}


@pytest.fixture(scope="module")
def intake(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("limits"), LIMITS, services=["intake"]) as suite:
        yield suite


def post(suite, client, headers=None, body=GOOD):
    return suite.post("/v1/complaints", body, {"X-Forwarded-For": client} | (headers or {}))


def limited(suite, whose):
    text = requests.get(f"http://127.0.0.1:{suite.admin['intake']}/metrics", timeout=5).text
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    return float(lines[f'dayu_requests_limited_total{{of="{whose}"}}'])


def test_an_address_has_its_rate(intake):
    before = limited(intake, "address")
    assert [post(intake, "192.0.2.1").status_code for _ in range(5)] == [201] * 5
    refused = post(intake, "192.0.2.1")
    assert refused.status_code == 429 and 1 <= int(refused.headers["Retry-After"]) <= 13
    assert refused.headers["Content-Type"] == "application/problem+json" and refused.json()["status"] == 429
    # What a client invents before the proxy's own word makes him nobody else.
    assert post(intake, "203.0.113.5, 192.0.2.1").status_code == 429
    assert post(intake, "192.0.2.2").status_code == 201
    assert limited(intake, "address") == before + 2


def test_a_gateway_has_its_own(intake):
    statuses = [post(intake, "192.0.2.3", intake.bearer).status_code for _ in range(11)]
    assert statuses[:10] == [201] * 10 and statuses[10] == 429
    assert post(intake, "192.0.2.3").status_code == 201


READS = ["/v1/link", "/v1/actions/0", "/v1/complaints/0/actions/0", "/no-such-page"]


@pytest.mark.parametrize("path", READS)
def test_an_address_reads_at_its_rate_and_its_refusals_are_one_line(intake, path):
    client = f"198.51.100.{READS.index(path)}"
    headers = {"X-Forwarded-For": client, "Authorization": "Bearer hunter2"}
    answers = [requests.get(intake.intake + path, headers=headers, timeout=10) for _ in range(24)]
    assert all(answer.status_code in (401, 404) for answer in answers[:20])
    assert [answer.status_code for answer in answers[21:]] == [429] * 3
    assert answers[-1].headers["Content-Type"] == "application/problem+json"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 4
    assert limited(intake, "reader") >= 3
    log = (intake.data("intake") / "dayu-intake" / "security.log").read_text()
    assert log.count(client) <= 2, "one for what was refused, one for what came too often"


def test_the_site_has_a_rate_as_well(kafka, tmp_path):
    settings = {"DAYU_DISCLOSURE_REQUESTS_PER_MINUTE": "30", "DAYU_DISCLOSURE_PROXIES": "127.0.0.1"}
    with Suite(kafka, tmp_path, settings, services=["disclosure"]) as suite:
        script = re.search(r'src="(/[^"]+\.js)"', requests.get(suite.site + "/", timeout=10).text).group(1)
        for paths in (["/", script, "/api/rivers"], ["/nothing/here"]):
            headers = {"X-Forwarded-For": f"192.0.2.{len(paths)}"}
            asked = [paths[number % len(paths)] for number in range(33)]
            answers = [requests.get(suite.site + path, headers=headers, timeout=10) for path in asked]
            assert all(answer.status_code in (200, 404) for answer in answers[:30])
            assert answers[-1].status_code == 429 and 1 <= int(answers[-1].headers["Retry-After"]) <= 3
        assert requests.get(suite.site + "/", headers={"X-Forwarded-For": "192.0.2.9"}, timeout=10).status_code == 200


@pytest.mark.parametrize("more", [b"Expect: 100-continue\r\n\r\n", b"\r\n", b"\r\n" + b"x" * 4_000_000])
def test_readings_without_a_key_are_refused_before_they_are_read(intake, more):
    with connection(intake) as door:
        door.sendall(
            b"POST /v1/readings HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.4\r\nContent-Type: text/csv\r\n"
            b"Content-Length: 8000000\r\n" + more
        )
        assert door.recv(4096).startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("path", ["actions", "confirmations", "complaints/7KQ29XM4T1H0C/actions"])
@pytest.mark.parametrize("proof", [b"", b"Authorization: Bearer AAECAwQFBgcICQoLDA0ODw\r\n"])
def test_an_action_without_a_proof_is_refused_before_its_body_is_read(intake, path, proof):
    def status():
        with connection(intake) as door:
            door.sendall(
                b"POST /v1/%b HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.%d.%d\r\nContent-Type: application/json\r\n"
                b"%bContent-Length: 60000\r\nExpect: 100-continue\r\n\r\n"
                % (path.encode(), random.randrange(256), random.randrange(256), proof)
            )
            return door.recv(4096).split()[1]

    # 503 until the topic of links has been read.
    assert wait_until("an answer", lambda: (answer := status()) != b"503" and answer) == b"401"


@pytest.mark.parametrize("start", [b"POST /v1/compl", b"POST /v1/complaints HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{"])
def test_one_byte_now_and_then_keeps_no_connection_alive(intake, start):
    with connection(intake) as door:
        door.sendall(start)
        door.settimeout(0.2)
        began = time.monotonic()
        while time.monotonic() - began < 30:
            with contextlib.suppress(TimeoutError):
                if not door.recv(4096):
                    break
            try:
                door.sendall(b"a")
            except OSError:
                break
        assert time.monotonic() - began < 6


def test_marks_that_pile_up_cost_no_more_than_letters(intake):
    """A name of 60,000 bytes took a second once, and 8 MB of them hours."""
    marks = "a" + "\u0301\u0323" * 15_000
    for number, body in enumerate(['{"%s": 1}' % marks, '{"category": "%s"}' % marks]):
        began = time.monotonic()
        headers = {"X-Forwarded-For": f"192.0.2.{10 + number}", "Content-Type": "application/json"}
        answer = requests.post(intake.intake + "/v1/complaints", data=body.encode(), headers=headers, timeout=30)
        assert answer.status_code in (400, 422) and time.monotonic() - began < 0.3


def test_a_service_that_can_not_open_enough_files_does_not_start(intake, tmp_path):
    environment = intake.environment | {"DAYU_DATA": str(tmp_path)}
    # Without the capability to raise the hard limit, as a service has none.
    done = subprocess.run(
        ["setpriv", "--bounding-set", "-sys_resource", "--inh-caps", "-sys_resource",
         "sh", "-c", 'ulimit -n 2048 && exec "$0"', BIN / "dayu-intake"],
        env=environment, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 1 and "needs 8192 open files" in done.stderr and "LimitNOFILE" in done.stderr
    # A soft limit alone is raised.
    with Suite(intake.kafka, tmp_path / "raised", services=[]) as suite:
        environment = suite.environment | {"DAYU_DATA": str(tmp_path / "soft")}
        process = subprocess.Popen(["sh", "-c", 'ulimit -Sn 256 && exec "$0"', BIN / "dayu-intake"], env=environment)
        try:
            wait_until("it has started", lambda: answers(suite), 30)
            limits = open(f"/proc/{process.pid}/limits").read()
            assert next(line.split()[3] for line in limits.splitlines() if line.startswith("Max open files")) == "8192"
        finally:
            process.terminate()
            process.wait(20)


def test_one_client_can_not_fill_the_room_for_bodies(kafka, tmp_path):
    """The room for all bodies is as small as it may be, so one unfinished body is nearly a client's share."""
    room = {
        "DAYU_INTAKE_BODY_BYTES": "1048576", "DAYU_INTAKE_PROXIES": "127.0.0.1", "DAYU_INTAKE_REQUESTS_PER_MINUTE": "0",
    }  # fmt: skip
    head = (
        b"%s HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 192.0.2.1\r\n"
        b"Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
    )
    body = b"ea60\r\n" + b" " * 60_000 + b"\r\n"
    with Suite(kafka, tmp_path / "suite", room, services=["intake"]) as suite, contextlib.ExitStack() as open_ones:

        def begin(line):
            open_ones.enter_context(connection(suite)).sendall(head % line + body)

        def complain(client):
            padded = json.dumps(GOOD) + " " * 50_000
            form = {"Content-Type": "application/json", "X-Forwarded-For": client}
            return requests.post(suite.intake + "/v1/complaints", padded.encode(), headers=form, timeout=30).status_code

        # The bodies of questions are thrown away and take no room.
        for _ in range(20):
            begin(b"GET /v1/link")
        time.sleep(1)
        assert complain("192.0.2.1") == 201

        def is_full():
            # The server may read the whole complaint before the unfinished one.
            begin(b"POST /v1/complaints")
            return complain("192.0.2.1") == 429

        wait_until("he has used his share", is_full)
        assert complain("192.0.2.2") == 201


def answers(suite):
    return requests.get(f"http://127.0.0.1:{suite.admin['intake']}/healthz", timeout=5).text == "ok\n"


@contextlib.contextmanager
def connection(suite):
    with socket.create_connection(("127.0.0.1", suite.ports["intake"]), timeout=30) as door:
        yield door
