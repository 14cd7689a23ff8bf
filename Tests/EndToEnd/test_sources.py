"""Other systems are asked for readings: each by one instance of Intake, nothing twice, whatever they answer."""

import collections
import contextlib
import http.server
import json
import subprocess
import threading
import time

import pytest

from brokers import fences_former_members
from keys import Table
from suite import BIN, SAMPLE, Suite, wait_until

REPORTS = "readings.reports"
CREDENTIAL = "X-Key: not-a-real-key"


class System(http.server.ThreadingHTTPServer):
    """A system of somebody else, with a document at each path."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.documents = {}
        #: What was asked: path → a list of (time, headers, status).
        self.asked = collections.defaultdict(list)
        #: The paths that are answered only when somebody sets the event, and those that wait now.
        self.slow, self.waiting = {}, set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, path):
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def put(self, path, body=b"", status=200, tag=None, **headers):
        self.documents[path] = (status, body.encode() if isinstance(body, str) else body, tag, headers)

    def count(self, path, status=None):
        return sum(1 for _, _, answered in self.asked[path] if status in (None, answered))


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, body, tag, headers = self.server.documents.get(self.path, (404, b"", None, {}))
        if status == 200 and tag and self.headers["If-None-Match"] == tag:
            status, body = 304, b""
        self.server.asked[self.path].append((time.monotonic(), dict(self.headers), status))
        if self.path in self.server.slow:
            self.server.waiting.add(self.path)
            self.server.slow[self.path].wait(120)
            self.server.waiting.discard(self.path)
        self.send_response(status)
        for name, value in ({"ETag": tag} if tag else {}).items() | headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        with contextlib.suppress(OSError):
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def table(*rows, section="jiekou"):
    return "断面,时间,pH,氨氮(μg/L)\n" + "".join(f"{section},2026-07-{day:02} 08:00,{ph},{value}\n" for day, ph, value in rows)


def readings(*rows, section="tonglu"):
    return json.dumps({
        "readings": [
            {"section": section, "observedAt": f"2026-07-{day:02}T08:00:00+08:00", "values": {"w01001": ph}}
            for day, ph in rows
        ]
    })  # fmt: skip


def row(source, address, shape, **more):
    return {"id": source, "gateway": "centre", "address": address, "interval": "1s", "shape": shape} | more


@contextlib.contextmanager
def asking(kafka, folder, rows, settings=None, services=("intake",), **more):
    """A suite whose registry has these sources, all of a gateway without a key."""
    settings = {"DAYU_SOURCE_CENTRE": CREDENTIAL} | (settings or {})
    suite = Suite(kafka, folder, settings, services=list(services), **more)
    Table(suite.registry, "gateways").add(
        id="centre", name="数据中心（样例）", channel="app", scopes="readings:section/jiekou readings:section/tonglu"
    )
    for fields in rows:
        Table(suite.registry, "sources").add(**fields)
    with suite:
        yield suite


def of_sources(suite):
    """Section, time and parameter of everything that sources brought, with how often it is on the log."""
    found = collections.Counter()
    for record in suite.read(REPORTS):
        assert record.value["gateway"] == "centre"
        for parameter, measurement in record.value["measurements"].items():
            found[record.value["section"], record.value["observedAt"][:10], parameter, measurement["value"]] += 1
    return found


def sources(suite, *options):
    done = subprocess.run([BIN / "dayu", "sources", *options], env=suite.operators, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def standings(suite):
    found = json.loads(sources(suite, "--json")[1])["sources"]
    return {entry["source"]: entry.get("standing") for entry in found}


@pytest.fixture(scope="module")
def system():
    server = System()
    yield server
    server.shutdown()
    server.server_close()


def test_json_and_csv_with_304_500_and_wrong_bodies(kafka, tmp_path, system):
    system.put("/table", table((1, 7.1, 120), (2, 7.2, 130)), tag='"1"')
    system.put("/json", readings((1, 7.5)))
    system.put("/away", status=301, Location=system.url("/moved"))
    system.put("/moved", readings((9, 7.9)))
    system.put("/abroad", status=302, Location="http://localhost:9/elsewhere")
    system.put("/busy", status=503, Retry_After="3600")
    system.put("/broken", "<html>Welcome!</html>")
    system.put("/foreign", readings((1, 7.0), section="fengkou"))
    system.put("/huge", b"x" * 8_388_609)
    rows = [
        row("table", system.url("/table"), "csv", credential="DAYU_SOURCE_CENTRE"),
        row("json", system.url("/json"), "json"), row("away", system.url("/away"), "json"),
        row("abroad", system.url("/abroad"), "json", credential="DAYU_SOURCE_CENTRE"),
        row("busy", system.url("/busy"), "json"), row("broken", system.url("/broken"), "csv"),
        row("foreign", system.url("/foreign"), "json"), row("huge", system.url("/huge"), "csv"),
        row("nobody", "http://127.0.0.1:9/", "json"),
        row("unset", system.url("/unset"), "json", credential="DAYU_SOURCE_OTHER"),
    ]  # fmt: skip
    with asking(kafka, tmp_path / "suite", rows, services=("intake", "analytics", "disclosure")) as suite:
        wait_until("every source is asked", lambda: all(standings(suite).values()), 60)
        expected = {
            ("jiekou", "2026-07-01", "w01001", 7.1): 1, ("jiekou", "2026-07-01", "w21003", 0.12): 1,
            ("jiekou", "2026-07-02", "w01001", 7.2): 1, ("jiekou", "2026-07-02", "w21003", 0.13): 1,
            ("tonglu", "2026-07-01", "w01001", 7.5): 1, ("tonglu", "2026-07-09", "w01001", 7.9): 1,
        }  # fmt: skip
        wait_until("the log has the readings", lambda: of_sources(suite) == expected)
        # What does not change is asked with its tag, and costs no reading.
        wait_until("the tag is sent back", lambda: system.count("/table", 304) >= 3)
        assert all(headers["X-Key"] == "not-a-real-key" for _, headers, _ in system.asked["/table"])
        wait_until("the same bytes are told", lambda: system.count("/json") >= 4)
        assert of_sources(suite) == expected

        told = standings(suite)
        assert told["table"]["outcome"] == "unchanged" and told["table"]["brought"] == 2
        assert told["broken"]["outcome"] == told["foreign"]["outcome"] == "refused"
        assert "may not post readings of fengkou" in told["foreign"]["reason"]
        assert told["huge"]["outcome"] == "failed" and "8388608" in told["huge"]["reason"]
        assert told["abroad"]["outcome"] == "failed" and "302" in told["abroad"]["reason"]
        assert told["nobody"]["reason"] == "connection refused"
        assert told["unset"]["reason"] == "DAYU_SOURCE_OTHER is not set here" and system.count("/unset") == 0
        assert told["busy"]["status"] == 503 and system.count("/busy") == 1
        # The second question waits longer than the first, and the credential went nowhere else.
        assert system.count("/broken") < system.count("/json")
        assert CREDENTIAL.split(": ")[1] not in suite.log_tail("intake", 10_000)

        # A window that moves on, a correction, and a source that was away for a moment.
        system.put("/table", table((2, 7.2, 130), (3, 7.3, 140)), tag='"2"')
        system.put("/json", status=500)
        wait_until("the source fails", lambda: standings(suite)["json"]["failures"] >= 2)
        system.put("/json", readings((1, 7.6), (2, 7.7)))
        expected |= {
            ("jiekou", "2026-07-03", "w01001", 7.3): 1, ("jiekou", "2026-07-03", "w21003", 0.14): 1,
            ("tonglu", "2026-07-01", "w01001", 7.6): 1, ("tonglu", "2026-07-02", "w01001", 7.7): 1,
        }  # fmt: skip
        wait_until("what is new is on the log", lambda: of_sources(suite) == expected)
        wait_until("it is well again", lambda: standings(suite)["json"]["failures"] == 0)
        code, text = sources(suite)
        assert code == 0 and "nobody" in text and "connection refused" in text, text
        assert suite.is_ready("intake")

        # Everybody reads it, with who sent it.
        def published():
            found = suite.public("/api/sections/tonglu/readings", versions="true").json()["readings"]
            return {reading["observedAt"][:10]: reading["versions"][-1]["sender"]["id"] for reading in found}

        wait_until("it is published", lambda: published().get("2026-07-02") == "centre")
        assert suite.figure("intake", "dayu_sources") == len(rows)
        # A restart asks nothing again before its time, and takes nothing again.
        suite.terminate("intake")
        suite.start("intake")
        suite.wait_ready("intake")
        before = system.count("/table")
        wait_until("it is asked again", lambda: system.count("/table") > before)
        assert system.count("/busy") == 1
        assert of_sources(suite) == expected


@pytest.mark.slow
def test_a_slow_source_one_that_wants_a_password_and_one_that_is_removed(kafka, tmp_path, system):
    lazy = System()
    names = ["slow-1", "slow-2", "slow-3"]
    for name in names:
        lazy.put(f"/{name}", readings((1, 7.1), section="jiekou"))
        lazy.slow[f"/{name}"] = threading.Event()
    system.put("/quick", readings((2, 7.2)))
    system.put("/gone", readings((3, 7.3)))
    system.put("/secret", "<html>Sign in</html>", status=401, WWW_Authenticate='Basic realm="data"')
    system.put("/named", readings((4, 7.4)), Content_Disposition="attachment; filename=\xcb\xb5\xc3\xf7.json")
    rows = [row(name, lazy.url(f"/{name}"), "json", interval="1s") for name in names] + [
        row(name, system.url(f"/{name}"), "json") for name in ("quick", "gone", "secret", "named")
    ]
    # Four at once: three slow ones would leave one place for all others, and may hold only two.
    with lazy, asking(
        kafka, tmp_path / "suite", rows, {"DAYU_SOURCES_AT_ONCE": "4"}, ("intake", "analytics", "disclosure")
    ) as suite:
        wait_until("two wait", lambda: len(lazy.waiting) == 2, 60)
        began = time.monotonic()
        # A challenge is an answer, and costs nobody half a minute.
        wait_until("the password is wanted", lambda: standings(suite)["secret"], 15)
        secret = standings(suite)["secret"]
        assert secret["status"] == 401 and "does not accept the credential" in secret["reason"]
        assert "header" in wait_until("it is told", lambda: standings(suite)["named"])["reason"]
        before = system.count("/quick")
        wait_until("the quick one is asked all the same", lambda: system.count("/quick") >= before + 3, 15)
        code, text = sources(suite)
        assert code == 0 and text.count("not asked yet") == 3, text
        assert time.monotonic() - began < 28 and sum(lazy.count(f"/{name}") for name in names) == 2

        # Its time begins when it is asked: the third has all of its thirty seconds after the first two had theirs.
        (third,) = [name for name in names if lazy.count(f"/{name}") == 0]
        wait_until("the third is asked", lambda: f"/{third}" in lazy.waiting, 60)
        assert lazy.asked[f"/{third}"][0][0] - began > 25
        time.sleep(5)
        lazy.slow[f"/{third}"].set()
        wait_until("the third brings its reading", lambda: of_sources(suite)["jiekou", "2026-07-01", "w01001", 7.1] >= 1)
        late = [standings(suite)[name] for name in names if name != third]
        assert [one["reason"] for one in late] == ["no answer in time"] * 2, late
        for event in lazy.slow.values():
            event.set()

        # A removed row is asked no more, and is not shown; with its row it comes back, and brings nothing twice.
        table = Table(suite.registry, "sources")
        kept = table.rows
        table.write([fields for fields in kept if fields["id"] != "gone"])
        suite.publish()
        wait_until("it is gone", lambda: suite.figure("intake", "dayu_sources") == len(rows) - 1)
        asked = system.count("/gone")
        time.sleep(3)
        assert system.count("/gone") == asked and "gone" not in standings(suite)
        table.write(kept)
        suite.publish()
        wait_until("it is asked again", lambda: system.count("/gone") > asked)
        wait_until("its answer is written", lambda: standings(suite)["gone"])
        # Three sources had the same document: the log has each report, and the public one reading that nobody corrected.
        wait_until("each brought it", lambda: of_sources(suite)["jiekou", "2026-07-01", "w01001", 7.1] == 3, 90)
        shown = lambda: suite.public("/api/sections/jiekou/readings", versions="true").json()["readings"]
        (reading,) = wait_until("it is public", shown)
        assert reading["values"] == {"w01001": 7.1} and [one["parameter"] for one in reading["versions"]] == ["w01001"]
        assert of_sources(suite)["tonglu", "2026-07-03", "w01001", 7.3] == 1


@pytest.mark.slow
def test_each_source_is_asked_by_one_instance_and_another_takes_over(kafka, tmp_path, system):
    names = [f"shared-{number}" for number in range(12)]

    def document(name, days):
        return readings(*[(day, 7.0 + names.index(name) / 100) for day in range(1, days + 1)], section="jiekou")

    for name in names:
        system.put(f"/{name}", document(name, 1))
    rows = [row(name, system.url(f"/{name}"), "json") for name in names]
    with asking(kafka, tmp_path / "suite", rows, second=["intake"]) as suite:
        instances = ["intake", "intake.2"]

        def shares():
            return [suite.figure(name, "dayu_sources") or 0 for name in instances]

        wait_until("both have a share", lambda: min(shares()) > 0 and sum(shares()) == len(names), 60)
        # Each is asked once in its interval.
        start = {name: system.count(f"/{name}") for name in names}
        time.sleep(5)
        for name in names:
            assert 2 <= system.count(f"/{name}") - start[name] <= 6, name

        def whole(days):
            """Twelve sources correct one another's section; each writes each of its documents once."""
            ids = [record.id for record in suite.read(REPORTS)]
            return len(ids) == len(set(ids)) == days * len(names)

        wait_until("each document is there once", lambda: whole(1))
        for name in names:
            system.put(f"/{name}", document(name, 2))
        # A broker that never gives up a dead member keeps its partitions for it.
        suite.kill("intake") if fences_former_members(kafka) else suite.terminate("intake")
        wait_until("the other one asks all", lambda: suite.figure("intake.2", "dayu_sources") == len(names), 60)
        wait_until("what is new is there", lambda: whole(2), 60)
        for name in names:
            system.put(f"/{name}", document(name, 3))
        suite.start("intake")
        suite.wait_ready("intake")
        wait_until("both have a share", lambda: min(shares()) > 0 and sum(shares()) == len(names), 60)
        wait_until("what is new is there", lambda: whole(3), 60)
        before = [system.count(f"/{name}") for name in names]
        wait_until("all are asked", lambda: all(system.count(f"/{n}") > b + 2 for n, b in zip(names, before)), 60)
        assert whole(3)
        # Killed in the middle, both come back and double nothing.
        for name in names:
            system.put(f"/{name}", document(name, 4))
        for name in instances:
            suite.kill(name)
        for name in instances:
            suite.start(name)
        wait_until("what is new is there", lambda: whole(4), 90)
        before = [system.count(f"/{name}") for name in names]
        wait_until("all are asked", lambda: all(system.count(f"/{n}") > b + 2 for n, b in zip(names, before)), 90)
        assert whole(4)
        assert sources(suite)[0] == 0
