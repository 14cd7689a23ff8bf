"""The Debian packages in a root of their own, under systemd: installed, started, upgraded, taken back, removed, purged."""

import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import threading

import pytest
import requests

from pictures import photo
from root import QUICKLY, Root, need_root, run
from suite import IDENTITY_KEY, NUMBER_KEY, ROOT, SAMPLE, SAMPLE_NUMBERS, UNLIMITED, Reading, free_port, wait_until
from waiting import Lines

pytestmark = pytest.mark.slow

PACKAGES = ["dayu-common", "dayu-intake", "dayu-routing", "dayu-notification", "dayu-disclosure", "dayu-analytics", "dayu"]
SERVICES = ["intake", "routing", "notification", "disclosure", "desk", "analytics"]
FREEZE = pathlib.Path(__file__).parent / "freeze.py"
LINK_KEY = "5f" * 32
SECRETS = {"DAYU_INTAKE_IDENTITY_KEY": IDENTITY_KEY, "DAYU_NUMBER_KEY": NUMBER_KEY, "DAYU_LINK_KEY": LINK_KEY}
NEWER = "+1"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """The packages as a city gets them, and as its next version: `old/` and `new/`."""
    need_root()
    if os.environ.get("DAYU_TEST_PACKAGES"):
        return pathlib.Path(os.environ["DAYU_TEST_PACKAGES"])
    folder = tmp_path_factory.mktemp("packages")
    build = [*QUICKLY, ROOT / "deploy" / "package" / "build"]
    # Programs that were built before, by this script; else it builds them, which takes a while.
    if os.environ.get("DAYU_STATIC_PROGRAMS"):
        build += ["--programs", os.environ["DAYU_STATIC_PROGRAMS"]]
    run(*build, "--out", folder / "old", seconds=3000)
    version = run("dpkg-deb", "-f", next((folder / "old").glob("dayu_*.deb")), "Version").stdout.strip()
    programs = os.environ.get("DAYU_STATIC_PROGRAMS") or ROOT / ".build-static" / "release"
    run(*QUICKLY, ROOT / "deploy" / "package" / "build", "--programs", programs, "--out", folder / "new", "--version", version + NEWER)
    return folder


class City:
    """A city on the packages: its settings, its addresses, its topics."""

    def __init__(self, root, kafka):
        self.root, self.kafka = root, kafka
        self.prefix = f"root-{os.getpid()}."
        names = [*SERVICES, "routing2"]
        self.ports, self.admin = ({name: free_port() for name in names} for _ in range(2))
        self.intake = f"http://127.0.0.1:{self.ports['intake']}"
        self.site = f"http://127.0.0.1:{self.ports['disclosure']}"

    def configure(self):
        desk = f"http://127.0.0.1:{self.ports['desk']}"
        common = UNLIMITED | {
            "DAYU_KAFKA": self.kafka, "DAYU_PREFIX": self.prefix, "DAYU_STUCK_AFTER": "3s", "DAYU_SITE": self.site,
            "DAYU_DESK_SITE": desk, "DAYU_DISCLOSURE_INTAKE": self.intake, "DAYU_SMS_ALSO_TO": SAMPLE_NUMBERS,
            # As Suite.start has them for the tests' broker.
            "KAFKA_MAX_POLL_INTERVAL_MS": "12000", "KAFKA_SESSION_TIMEOUT_MS": "10000", "KAFKA_FETCH_WAIT_MAX_MS": "20",
        }  # fmt: skip
        for name in SERVICES:
            own = {f"DAYU_{name.upper()}_ADMIN_PORT": self.admin[name]}
            if name in ("intake", "disclosure", "desk"):
                own[f"DAYU_{name.upper()}_PORT"] = self.ports[name]
            self.settings(name, own | {"KAFKA_GROUP_INSTANCE_ID": f"root-{name}"})
        self.settings("dayu", common)
        self.settings("routing@2", {"DAYU_ROUTING_ADMIN_PORT": self.admin["routing2"], "KAFKA_GROUP_INSTANCE_ID": "root-2"})
        for name, value in SECRETS.items():
            self.root.write(f"/etc/credstore/{name}", value + "\n", 0o600)

    def settings(self, name, values):
        """Below what the package brought, as an operator does who leaves the comments."""
        path = f"/etc/dayu/{name}.env"
        lines = "".join(f"{setting}='{value}'\n" for setting, value in values.items())
        self.root.run("sh", "-ec", f"cat >>{path}; chmod 640 {path}", said=lines)

    def dayu(self, *words):
        return self.root.run("sh", "-ec", 'set -a; . /etc/dayu/dayu.env; exec dayu "$@"', "dayu", *words).stdout

    def ready(self, name):
        return requests.get(f"http://127.0.0.1:{self.admin[name]}/readyz", timeout=5).status_code == 200

    def wait_ready(self, *names):
        for name in names:
            try:
                wait_until(f"{name} is ready", lambda: self.ready(name), 120)
            except AssertionError:
                unit = f"dayu-{name}"
                raise AssertionError(self.root.shell(f"systemctl status -n 40 --no-pager -l {unit} || true")) from None

    def complain(self, number, **more):
        body = {"category": "odour", "text": f"第{number}号投诉", "place": {"longitude": 120.1384, "latitude": 30.3205}}
        body |= {"idempotencyKey": f"root-{number}"} | more
        return Lines(self.intake).persist("/v1/complaints", body)[1]

    def shown(self, code, what=lambda page: page["status"] != "received", seconds=60):
        def page():
            answer = requests.get(f"{self.site}/api/complaints/{code}", timeout=10)
            return answer.status_code == 200 and what(answer.json()) and answer.json()

        return wait_until(f"{code} is shown", page, seconds)

    def events(self):
        """The kinds of events of each complaint, read by a client that is not ours."""
        reading = Reading(self.kafka, self.prefix + "complaints.events")
        try:
            found = {}
            for record in reading.update():
                found.setdefault(record.key, []).append(record.kind)
            return found
        finally:
            reading.close()


@pytest.fixture(scope="module")
def city(kafka, packages, tmp_path_factory):
    with Root(tmp_path_factory.mktemp("root") / "root", packages) as root:
        yield City(root, kafka)


def install(root, folder, *names, options=""):
    files = " ".join(f"/packages/{folder}/{name}_*.deb" for name in names)
    root.shell(f"apt-get -qq -o APT::Install-Recommends=false install -y {options} {files}")


def version(root, package):
    return root.run("dpkg-query", "-W", "-f", "${Version}", package).stdout


def test_installed_and_nothing_has_started(city):
    root = city.root
    root.run("apt-get", "-qq", "update")
    install(root, "old", *PACKAGES)
    assert root.shell("dpkg -l 'dayu*' | grep -c '^ii'").strip() == str(len(PACKAGES))
    assert root.run("dpkg", "--verify", *PACKAGES).stdout == ""
    users = root.shell("getent passwd | grep ^dayu- | cut -d: -f1").split()
    assert sorted(users) == sorted(f"dayu-{name}" for name in SERVICES)
    assert root.shell("systemctl list-units --plain --no-legend 'dayu-*.service'") == ""
    # Anything that a program needs and its package does not declare would be missing here.
    for name in SERVICES:
        program = "dayu-disclosure --audience officials" if name == "desk" else f"dayu-{name}"
        assert root.shell(f"{program} --version").startswith(f"dayu-{name} ")
    assert root.shell("stat -c %a:%U /etc/dayu/*.env").split() == ["640:root"] * 7
    units = [f"dayu-{name}{kind}.service" for name in SERVICES for kind in ("", "@2")]
    root.run("systemd-analyze", "verify", "--man=no", "dayu.target", *units)


def test_a_complaint_goes_through(city):
    root = city.root
    city.configure()
    copy_registry(city)
    city.dayu("topics", "create", "--partitions", "4")
    city.dayu("registry", "publish", "/root/registry")
    root.shell("systemctl enable --now " + " ".join(f"dayu-{name}" for name in SERVICES))
    city.wait_ready(*SERVICES)
    picture = requests.post(f"{city.intake}/v1/pictures", data=photo(), headers={"Content-Type": "image/jpeg"}, timeout=60)
    assert picture.status_code == 201, picture.text
    said = city.complain(1, media=[picture.json()["name"]])
    page = city.shown(said["trackingCode"])
    assert page["status"] == "assigned" and page["assignee"]["id"].startswith("chief-")
    # Intake wrote the picture as its user, Disclosure reads it as another.
    [shown] = page["media"]
    url = shown if isinstance(shown, str) else shown.get("url") or shown["href"]
    answer = requests.get(url if url.startswith("http") else city.site + url, timeout=30)
    assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg"
    sms = "cat /var/lib/dayu/dayu-notification/sms.jsonl || true"
    wait_until("its chief gets an SMS", lambda: said["trackingCode"] in root.shell(sms))


def copy_registry(city):
    folder = city.root.packages / "registry"
    if not folder.exists():
        shutil.copytree(SAMPLE, folder)
    city.root.shell("cp -r /packages/registry /root/registry")


def test_what_a_service_may(city):
    root = city.root
    for name in SERVICES:
        process = root.process(f"dayu-{name}")
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        assert "\nSeccomp:\t2\n" in status and "\nNoNewPrivs:\t1\n" in status and "\nCapEff:\t0000000000000000\n" in status
        environment = pathlib.Path(f"/proc/{process}/environ").read_text()
        assert not any(secret in environment for secret in SECRETS.values()), name
    owners = root.shell("cd /var/lib/dayu && stat -c '%n %U:%G %a' dayu-* media").splitlines()
    assert "dayu-routing dayu-routing:dayu-routing 700" in owners and "media dayu-intake:dayu-media 750" in owners
    assert "STATUS" not in root.property("dayu-routing", "StatusText")
    assert root.property("dayu-routing", "StatusText") == "ready"
    # The site's service has neither the key of links nor that of numbers, and the desk's may not read Intake's folder.
    assert root.shell("ls /run/credentials/dayu-disclosure.service").split() == []
    assert set(root.shell("ls /run/credentials/dayu-notification.service").split()) == {"DAYU_LINK_KEY", "DAYU_NUMBER_KEY"}


@contextlib.contextmanager
def citizens(city, first, pause=0.1):
    """Complaints that keep coming, each sent until it is taken; what was taken is the list that this gives."""
    taken, over = [], threading.Event()

    def send():
        number = first
        while not over.is_set():
            taken.append(city.complain(number)["trackingCode"])
            number += 1
            over.wait(pause)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join()


def check_nothing_lost(city, taken):
    for code in taken:
        city.shown(code, seconds=120)
    events = city.events()
    compact = [code.replace("-", "") for code in taken]
    assert len(set(compact)) == len(compact)
    for code in compact:
        assert events[code].count("received") == 1 and events[code].count("assigned") == 1, (code, events[code])


def replace_one_by_one(city, folder, expected, options=""):
    root = city.root
    with citizens(city, first=1000 if folder == "new" else 5000) as taken:
        for package in PACKAGES:
            name = package.removeprefix("dayu-")
            before = root.property(package, "MainPID") if name in SERVICES else None
            install(root, folder, package, options=options)
            assert version(root, package) == expected
            if before:
                assert root.property(package, "MainPID") not in (before, "0"), f"{package} runs the former program"
                city.wait_ready(name)
    assert len(taken) > 20
    check_nothing_lost(city, taken)


def test_upgraded_one_by_one_while_complaints_come(city):
    former = version(city.root, "dayu")
    replace_one_by_one(city, "new", former + NEWER)
    assert "DAYU_KAFKA=" in city.root.shell("cat /etc/dayu/dayu.env"), "the operator's settings stay"


def test_the_former_version_comes_back(city, tmp_path):
    root = city.root
    # What a newer version might leave: a store of another shape.
    root.shell("systemctl stop dayu-routing")
    folder = pathlib.Path(f"/proc/{root.systemd}/root/var/lib/dayu/dayu-routing/dayu-routing")
    stores = list(folder.glob("partition-*.sqlite"))
    assert stores

    def shapes(more=0):
        """What the stores say, after adding to it. SQLite does not open files by way of /proc, so it gets copies."""
        found = set()
        for store in stores:
            copy = tmp_path / "store.sqlite"
            copy.write_bytes(store.read_bytes())
            with contextlib.closing(sqlite3.connect(copy)) as database:
                database.execute("PRAGMA journal_mode = DELETE")
                with database:
                    database.execute("UPDATE shape SET number = number + ?", (more,))
                found.update(row[0] for row in database.execute("SELECT number FROM shape"))
            if more:
                store.write_bytes(copy.read_bytes())
        return found

    usual = shapes()
    assert not shapes(more=1000) & usual
    root.shell("systemctl start dayu-routing")
    city.wait_ready("routing")
    root.shell("systemctl stop dayu-routing")
    assert shapes() == usual, "the stores were built anew"
    root.shell("systemctl start dayu-routing")
    city.wait_ready("routing")
    newer = version(root, "dayu")
    replace_one_by_one(city, "old", newer.removesuffix(NEWER), options="--allow-downgrades")


def test_a_second_instance_shares_the_work(city):
    root = city.root
    root.shell("systemctl start dayu-routing@2")
    city.wait_ready("routing2")
    assert root.shell("stat -c %U:%a /var/lib/dayu/instances/2/dayu-routing").strip() == "dayu-routing:700"
    said = [city.complain(8000 + number)["trackingCode"] for number in range(20)]
    check_nothing_lost(city, said)
    root.shell("systemctl stop dayu-routing@2")


def test_a_loop_that_hangs_is_started_again(city):
    root = city.root
    root.shell("mkdir -p /etc/systemd/system/dayu-routing.service.d")
    root.write("/etc/systemd/system/dayu-routing.service.d/quick.conf", "[Service]\nWatchdogSec=5s\n")
    root.shell("systemctl daemon-reload; systemctl restart dayu-routing")
    city.wait_ready("routing")
    # Long enough for a watchdog that nothing feeds.
    wait_until("it ran", lambda: root.shell("sleep 7; echo ran"))
    assert root.property("dayu-routing", "NRestarts") == "0"
    process = root.process("dayu-routing")
    freezer = subprocess.Popen([sys.executable, FREEZE, str(process), "routing-0"], stdout=subprocess.PIPE, text=True)
    try:
        assert freezer.stdout.readline() == "stopped\n"
        code = city.complain(9000)["trackingCode"]
        wait_until("systemd starts it again", lambda: root.property("dayu-routing", "NRestarts") == "1", 90)
        city.wait_ready("routing")
        city.shown(code)
        assert "watchdog" in root.shell("journalctl -u dayu-routing --no-pager").lower()
    finally:
        freezer.wait(timeout=30)


def test_removed_and_purged(city):
    root = city.root
    root.shell("apt-get -qq remove -y dayu-routing")
    assert root.shell("ls /usr/bin/dayu-routing 2>/dev/null || true") == ""
    assert root.shell("systemctl is-active dayu-routing || true").strip() == "inactive"
    assert root.shell("test -f /etc/dayu/routing.env && test -d /var/lib/dayu/dayu-routing && echo kept") == "kept\n"
    code = city.complain(9500)["trackingCode"]
    install(root, "old", "dayu-routing")
    root.shell("systemctl start dayu-routing")
    city.wait_ready("routing")
    city.shown(code)
    root.shell("systemctl stop 'dayu-*.service'")
    root.shell("printf 'a line\\n' >/var/lib/dayu/dayu-intake/security.log")
    said = root.run("apt-get", "-qq", "purge", "-y", *PACKAGES).stdout
    assert "dayu-intake keeps" in said and "security.log" in said
    # A spool may hold records that Kafka does not have: Intake's, and the desk's about who looked at what.
    assert root.shell("ls -A /var/lib/dayu").split() == ["dayu-desk", "dayu-intake", "media"]
    assert root.shell("find /var/lib/dayu -name 'partition-*' -o -name '*.v*.sqlite'") == ""
    assert "security.log" in root.shell("ls /var/lib/dayu/dayu-intake")
    assert root.shell("ls /etc/dayu 2>/dev/null || true").split() == ["routing@2.env"], "what the operator made stays his"
    assert root.shell("find /etc/systemd/system -name 'dayu-*' | grep -v quick.conf | grep -v service.d || true") == ""
    assert root.shell("dpkg -l 'dayu*' 2>/dev/null | grep -c '^ii' || true").strip() == "0"
