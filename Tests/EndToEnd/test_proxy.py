"""The suite behind nginx as deploy/proxy/dayu.conf sets it up: the stories at one address, and what the proxy keeps away."""

import getpass
import pathlib
import re
import resource
import socket
import ssl
import subprocess
import sys

import pytest
import requests

from suite import ROOT, Suite
from test_desk import Desk
from test_stories import *  # noqa: F403 - the same stories, with the suite below
from waiting import free_port, wait_until

NGINX = pathlib.Path(sys.executable).parents[1] / "nginx" / "usr" / "sbin" / "nginx"
CONF = (ROOT / "deploy" / "proxy" / "dayu.conf").read_text()
MAIN = (ROOT / "deploy" / "proxy" / "nginx.conf").read_text()
pytestmark = pytest.mark.skipif(not NGINX.exists(), reason="needs Debian's nginx, which Tests/run unpacks")


class Proxy:
    """nginx with the configuration of the handbook; only ports, names of files and the certificate are of the tests."""

    def __init__(self, folder, intake, disclosure, desk):
        self.folder, self.port, self.plain = folder, free_port(), free_port()
        self.certificate = folder / "fullchain.pem"
        folder.mkdir()
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-keyout", folder / "privkey.pem", "-out", self.certificate, "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)  # fmt: skip
        changes = [
            (r"127\.0\.0\.1:8080", f"127.0.0.1:{intake}"),
            (r"127\.0\.0\.1:8081", f"127.0.0.1:{disclosure}"),
            (r"127\.0\.0\.1:8085", f"127.0.0.1:{desk}"),
            (r"listen 443", f"listen 127.0.0.1:{self.port}"),
            (r"listen 80;", f"listen 127.0.0.1:{self.plain};"),
            (r" *listen \[::\].*\n", ""),
            (r"/etc/ssl/dayu|/var/log/nginx|/var/cache/nginx", str(folder)),
        ]
        conf = CONF
        for old, new in changes:
            conf, count = re.subn(old, new, conf)
            assert count, old
        own = "".join(
            f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "dayu.conf").write_text(own + conf)
        # One worker: its limit is the one that counts.
        changes = [
            (r"user www-data", f"user {getpass.getuser()}"),
            (r"worker_processes auto", "daemon off; worker_processes 1"),
            (r"pid \S+;", f"pid {folder}/pid;"),
            (r"/var/log/nginx/error\.log", f"{folder}/nginx.log"),
            (r" *include /etc/nginx/mime\.types;\n", ""),
            (r"/etc/nginx/conf\.d/\*\.conf", f"{folder}/dayu.conf"),
        ]
        main = MAIN
        for old, new in changes:
            main, count = re.subn(old, new, main)
            assert count == 1, old
        (folder / "nginx.conf").write_text(main)
        self.url = f"https://127.0.0.1:{self.port}"
        self.server = None

    def __enter__(self):
        command = [NGINX, "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", self.folder / "start.log"]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        self.server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        wait_until("nginx answers", lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0, 20)
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait(timeout=20)

    @property
    def log(self):
        return (self.folder / "dayu.log").read_text()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    ports = free_port(), free_port(), free_port()
    with Proxy(tmp_path_factory.mktemp("proxy") / "nginx", *ports) as running:
        running.behind = dict(zip(("intake", "disclosure", "desk"), ports))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("REQUESTS_CA_BUNDLE", str(running.certificate))
            yield running


@pytest.fixture(scope="module")
def suite_kind(proxy):
    class Proxied(Suite):
        """A suite that everybody reaches through the proxy."""

        def __init__(self, kafka, folder, settings, **more):
            own = {
                "DAYU_INTAKE_PROXIES": "127.0.0.1",
                "DAYU_DISCLOSURE_PROXIES": "127.0.0.1",
                "DAYU_DISCLOSURE_INTAKE": proxy.url,
            }
            super().__init__(kafka, folder, settings | own, **more)
            self.ports |= {name: proxy.behind[name] for name in ("intake", "disclosure")}
            self.intake = self.site = proxy.url

    return Proxied


def test_open_desks_leave_room_for_everybody_else(story, proxy):
    """Each page of a desk keeps a connection; more of them than Debian's file of nginx allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 4096), most))
    waiting = []
    try:
        for _ in range(900):
            waiting.append(socket.create_connection(("127.0.0.1", proxy.port), 20))
        assert requests.get(proxy.url + "/api/about", timeout=20).status_code == 200
        # None of them was closed to make room.
        waiting[0].setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting[0].recv(1)
    finally:
        for one in waiting:
            one.close()


def test_the_site_is_served_over_http_2_and_plain_http_leads_there(story, proxy):
    done = subprocess.run(
        ["curl", "-s", "--http2", "--cacert", proxy.certificate, "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
         proxy.url + "/"], capture_output=True, text=True)  # fmt: skip
    assert done.stdout == "2 200"
    answer = requests.get(f"http://127.0.0.1:{proxy.plain}/complaints", allow_redirects=False, timeout=10)
    assert answer.status_code == 301 and answer.headers["Location"] == "https://127.0.0.1/complaints"


def test_the_access_log_holds_no_capability(story, proxy):
    requests.get(f"{proxy.url}/v1/receipts?token=Secret-Token&state=1", timeout=10)
    requests.get(f"{proxy.url}/v1/link", headers={"Authorization": "Bearer Secret-Link"}, timeout=10)
    wait_until("both are logged", lambda: "/v1/receipts" in proxy.log and "/v1/link" in proxy.log)
    assert "Secret" not in proxy.log


def test_the_services_learn_the_clients_address_and_believe_nobody_else(story, proxy):
    suite, _ = story
    with socket.create_connection(("127.0.0.1", proxy.port), 10, ("127.0.0.7", 0)) as line:
        context = ssl.create_default_context(cafile=proxy.certificate)
        with context.wrap_socket(line, server_hostname="127.0.0.1") as secure:
            secure.sendall(
                b"POST /v1/readings HTTP/1.1\r\nHost: rivers.example.org\r\nX-Forwarded-For: 203.0.113.9\r\n"
                b"Authorization: Bearer dayu_nobody\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
            )
            assert secure.recv(12) == b"HTTP/1.1 401"
    log = suite.data("intake") / "dayu-intake" / "security.log"
    wait_until("it is in the security log", lambda: "127.0.0.7" in log.read_text())
    assert "203.0.113.9" not in log.read_text()


def test_many_readers_cost_one_request_and_a_body_for_the_site_is_refused(story, proxy):
    for _ in range(5):
        assert requests.get(f"{proxy.url}/api/categories", timeout=10).status_code == 200
    statuses = re.findall(r"/api/categories HTTP/1.1\" 200 \d+ \S+ (\S+)", proxy.log)
    assert statuses.count("HIT") >= 3, statuses
    assert requests.post(f"{proxy.url}/api/complaints", data=b"x" * 100_000, timeout=10).status_code == 413


def test_open311_reads_and_writes_at_one_address(story, proxy):
    suite, _ = story
    services = requests.get(f"{proxy.url}/open311/v2/services.json", timeout=10)
    assert services.status_code == 200 and services.json()
    answer = requests.post(f"{proxy.url}/open311/v2/requests.json", data={"api_key": "nobody"}, timeout=10)
    assert answer.status_code in (400, 401, 403), "it was Intake that answered"


def test_the_desk_has_a_name_of_its_own_and_news_come_through_at_once(story, proxy):
    suite, _ = story
    desk = Desk(suite, proxy.behind["desk"], "https://desk.example.org")
    suite.environment |= {"DAYU_DESK_PROXIES": "127.0.0.1", "DAYU_DISCLOSURE_INTAKE": "https://desk.example.org"}
    desk.start()
    # Only the name tells the proxy which of the two is meant.
    named = {"Host": "desk.example.org"}
    try:
        page = requests.get(f"{proxy.url}/desk", headers=named, timeout=10)
        assert page.status_code == 200 and 'content="https://desk.example.org"' in page.text
        assert requests.get(f"{proxy.url}/api/desk/me", headers=named, timeout=10).status_code == 401
        assert requests.get(f"{proxy.url}/api/desk/me", timeout=10).status_code == 404, "the public's site has no desk"
        handle = suite.operate("link", "office", "hangzhou").strip().partition("#")[2]
        client = requests.Session()
        client.headers.update(named | {"Dayu-Desk": "1"})

        def enters():
            bearer = {"Authorization": f"Bearer {handle}"}
            return client.post(f"{proxy.url}/api/desk/session", headers=bearer, timeout=10).status_code == 204

        wait_until("the link opens a session", enters)
        cookie = next(one for one in client.cookies if one.name.startswith("__Host-"))
        assert cookie.secure
        with client.get(f"{proxy.url}/api/desk/news", stream=True, timeout=60) as news:
            assert news.headers["Content-Type"].startswith("text/event-stream")
            lines = news.iter_lines(decode_unicode=True, chunk_size=1)
            assert any(line == "event: here" for line in lines)
            complaint = Complaint(story, "odour", "grand-canal.wulin")  # noqa: F405
            told = next(line for line in lines if line.startswith("data:") and complaint.code in line)
            assert told
        # What the desk acts with goes to Intake under the same name.
        answer = requests.post(f"{proxy.url}/v1/complaints", headers=named, json={}, timeout=10)
        assert answer.status_code == 422
    finally:
        suite.processes.pop("desk").terminate()
