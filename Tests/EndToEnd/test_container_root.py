"""The images of the Containerfile, built and run without an engine: the same steps in Debian roots, read-only, as nobody.

Before them nginx as the compose file starts it.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
import requests

from containerfile import Image, build
from root import MINIMAL, QUICKLY, make_minimal, need_root, run
from secure_door import Certificates
from suite import IDENTITY_KEY, NUMBER_KEY, ROOT, SAMPLE, free_port, wait_until

pytestmark = pytest.mark.slow

CONTAINERS = ROOT / "deploy" / "containers"
CONTAINERFILE = CONTAINERS / "Containerfile"
SECRETS = {"DAYU_INTAKE_IDENTITY_KEY": IDENTITY_KEY, "DAYU_NUMBER_KEY": NUMBER_KEY, "DAYU_LINK_KEY": "5f" * 32}
#: The services that run, and the image of each.
SERVICES = {"intake": "intake", "routing": "routing", "disclosure": "disclosure", "desk": "disclosure"}
ALL = ["intake", "routing", "notification", "disclosure", "analytics", "operator"]
SITE, DESK = "https://rivers.localhost", "https://desk.localhost"


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    need_root()
    if os.environ.get("DAYU_TEST_PACKAGES"):
        return pathlib.Path(os.environ["DAYU_TEST_PACKAGES"]) / "old"
    folder = tmp_path_factory.mktemp("image-packages")
    programs = os.environ.get("DAYU_STATIC_PROGRAMS")
    built = ["--programs", programs] if programs else []
    run(*QUICKLY, ROOT / "deploy" / "package" / "build", *built, "--out", folder, seconds=3000)
    return folder


@pytest.fixture(scope="module")
def images(packages, tmp_path_factory):
    make_minimal()
    return build(CONTAINERFILE, ROOT, ALL, MINIMAL, packages, tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="module")
def nginx(tmp_path_factory):
    """A Debian root with nginx, in place of its image."""
    make_minimal()
    image = Image(MINIMAL).copy(tmp_path_factory.mktemp("image-nginx"))
    shutil.copy("/etc/resolv.conf", image.folder / "etc" / "resolv.conf")
    image.run("apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx && rm -f /etc/nginx/sites-enabled/*", [])
    return image.folder


class Proxy:
    """nginx started by `deploy/containers/proxy`; a context manager. Only its ports are of the tests."""

    def __init__(self, root, folder, addresses):
        self.port, self.log = free_port(), folder / "nginx.log"
        certificates = Certificates(folder / "certificates")
        certificate, key = certificates.issue("proxy", "DNS:rivers.localhost,DNS:desk.localhost")
        self.authority = certificates.authority
        (root / "etc/ssl/dayu").mkdir(parents=True)
        shutil.copy(certificate, root / "etc/ssl/dayu/fullchain.pem")
        shutil.copy(key, root / "etc/ssl/dayu/privkey.pem")
        conf = (ROOT / "deploy" / "proxy" / "dayu.conf").read_text()
        conf = re.sub(r" *listen \[::\].*\n", "", conf)
        conf = conf.replace("listen 443", f"listen 127.0.0.1:{self.port}").replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
        (root / "dayu.conf").write_text(conf)
        shutil.copy(CONTAINERS / "proxy", root / "proxy")
        script = 'mount --make-rprivate /; mount -t proc proc "$IMAGE/proc"; mount --rbind /dev "$IMAGE/dev"; exec chroot "$IMAGE" /bin/sh /proxy'
        settings = {f"DAYU_PROXY_{name.upper()}": address for name, address in addresses.items()}
        settings |= {"DAYU_SITE": SITE, "DAYU_DESK_SITE": DESK, "IMAGE": str(root), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        self.command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", script]
        self.settings = settings

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.settings, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until("nginx answers", lambda: self.ask(SITE, "/") is not None, 30)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def ask(self, site, path, *options):
        """As a browser does that finds the site's name; the status and the body."""
        assert self.process.poll() is None, self.log.read_text()
        name = site.removeprefix("https://")
        done = subprocess.run(
            ["curl", "-sS", "--cacert", self.authority, "--resolve", f"{name}:{self.port}:127.0.0.1", "-w", "\n%{http_code}",
             *options, f"{site}:{self.port}{path}"], capture_output=True, text=True)  # fmt: skip
        body, _, status = done.stdout.rpartition("\n")
        return (int(status), body) if done.returncode == 0 else None


def test_the_images_run_a_complaint(images, nginx, kafka, tmp_path):
    prefix = f"images-{os.getpid()}."
    admin = {name: free_port() for name in SERVICES}
    ports = {name: free_port() for name in SERVICES}
    secrets, registry, media = tmp_path / "secrets", tmp_path / "registry", tmp_path / "media"
    secrets.mkdir()
    for name, value in SECRETS.items():
        (secrets / name).write_text(value + "\n")
    shutil.copytree(SAMPLE, registry)
    media.mkdir()
    shutil.chown(media, 10001, 10001)
    # What pytest makes is for its own user alone; an engine's volumes are not.
    for folder in [tmp_path, *tmp_path.parents][:4]:
        folder.chmod(0o755)
    common = {"DAYU_KAFKA": kafka, "DAYU_PREFIX": prefix, "KAFKA_FETCH_WAIT_MAX_MS": "20", "DAYU_SITE": SITE, "DAYU_DESK_SITE": DESK}

    def operate(*words):
        with open(tmp_path / "operator.log", "ab") as log:
            mounts = [(registry, "/registry"), (secrets, "/run/secrets")]
            process = images["operator"].start(words, common, mounts, log=log)
        said = (tmp_path / "operator.log").read_text
        assert process.wait(timeout=120) == 0, said()
        return said().split()

    operate("topics", "create", "--partitions", "4")
    operate("registry", "publish", "/registry")
    running = {}
    try:
        for name, target in SERVICES.items():
            data = tmp_path / name
            data.mkdir()
            shutil.chown(data, 10001, 10001)
            own = common | {f"DAYU_{name.upper()}_ADMIN_PORT": str(admin[name]), "DAYU_ADMIN_ADDRESS": "127.0.0.1"}
            if name != "routing":
                own |= {f"DAYU_{name.upper()}_PORT": str(ports[name]), f"DAYU_{name.upper()}_ADDRESS": "127.0.0.1"}
                own[f"DAYU_{name.upper()}_PROXIES"] = "127.0.0.1"
            if name in ("disclosure", "desk"):
                own["DAYU_DISCLOSURE_INTAKE"] = SITE if name == "disclosure" else DESK
            mounts = [(data, "/var/lib/dayu"), (media, "/var/lib/media"), (secrets, "/run/secrets")]
            arguments = ("--audience", "officials") if name == "desk" else ()
            running[name] = images[target].start(arguments, own, mounts, log=open(tmp_path / f"{name}.log", "ab"))

        def ready(name):
            assert running[name].poll() is None, (tmp_path / f"{name}.log").read_text()[-2000:]
            return requests.get(f"http://127.0.0.1:{admin[name]}/readyz", timeout=5).status_code == 200

        for name, target in SERVICES.items():
            wait_until(f"{name} is ready", lambda: ready(name), 120)
            # The health check asks the port that the service has in an image.
            check = [word for word in images[target].health if not word.isdigit()] + [str(admin[name])]
            assert images[target].healthy(running[name], check), f"{name}'s health check fails"
            child = pathlib.Path(f"/proc/{running[name].pid}/task/{running[name].pid}/children").read_text().split()[0]
            status = pathlib.Path(f"/proc/{child}/status").read_text()
            assert "\nUid:\t10001\t10001" in status and "\nCapEff:\t0000000000000000\n" in status
            assert "\nNoNewPrivs:\t1\n" in status
        addresses = {name: f"127.0.0.1:{ports[name]}" for name in SERVICES if name != "routing"}
        with Proxy(nginx, tmp_path, addresses) as proxy:
            goes_through(proxy, operate)
        # Nothing was written but what is mounted.
        for target in set(SERVICES.values()):
            assert not any((images[target].folder / "var/lib/dayu").iterdir())
    finally:
        for process in running.values():
            if process.poll() is None:
                end(process)


def goes_through(proxy, operate):
    """A complaint under the site's name, and the official's session under the desk's."""
    body = {"category": "odour", "text": "映像里的投诉", "place": {"longitude": 120.1384, "latitude": 30.3205}}
    json_body = ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    status, answer = proxy.ask(SITE, "/v1/complaints", *json_body)
    assert status in (201, 202), answer
    code = json.loads(answer)["trackingCode"]

    def assigned():
        status, page = proxy.ask(SITE, f"/api/complaints/{code}")
        return status == 200 and json.loads(page)["status"] == "assigned"

    wait_until("the complaint is assigned", assigned, 60)
    assert proxy.ask(SITE, "/")[0] == 200 and proxy.ask(SITE, "/api/desk/me")[0] == 404
    status, page = proxy.ask(DESK, "/desk")
    assert status == 200 and f'content="{DESK}"' in page, "its pages send what officials do to their own address"
    assert proxy.ask(DESK, "/v1/complaints", "-H", "Content-Type: application/json", "-d", "{}")[0] == 422
    link = next(word for word in operate("link", "office", "hangzhou") if word.startswith(f"{DESK}/desk#"))
    enter = ["-X", "POST", "-H", f"Authorization: Bearer {link.partition('#')[2]}", "-H", "Dayu-Desk: 1", "-H", f"Origin: {DESK}"]
    wait_until("the link opens a session", lambda: proxy.ask(DESK, "/api/desk/session", *enter)[0] == 204, 30)


def end(process):
    """unshare passes no signal on; its child is the program."""
    children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    run("kill", "-TERM", *children, check=False)
    try:
        process.wait(timeout=30)
    except Exception:
        process.kill()
        process.wait()
        raise


@pytest.mark.parametrize("name", ALL)
def test_a_program_runs_without_swift(images, name, tmp_path):
    """Swift's libraries are in the program, and what else it is linked with came with its package."""
    root = images[name].folder
    assert not any(root.rglob("libswift*")) and not any(root.rglob("libFoundation*"))
    program = images[name].entrypoint[0]
    with open(tmp_path / "said", "wb") as said:
        assert images[name].start(("--version",), log=said).wait(timeout=60) == 0
    assert (tmp_path / "said").read_text().startswith(program.rpartition("/")[2])
    linked = run("chroot", root, "ldd", program).stdout
    assert "libc.so.6" in linked and "not found" not in linked


def test_an_unhealthy_service_is_seen(images, tmp_path):
    """Nothing listens where the health check asks."""
    image = images["routing"]
    done = run("chroot", image.folder, "dayu-health", str(free_port()), check=False)
    assert done.returncode == 1
