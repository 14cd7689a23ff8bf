"""The images of the Containerfile, built and run without an engine: the same steps in Debian roots, read-only, as nobody."""

import os
import pathlib
import shutil

import pytest
import requests

from containerfile import build
from root import MINIMAL, make_minimal, run, why_not
from suite import IDENTITY_KEY, NUMBER_KEY, ROOT, SAMPLE, free_port, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(why_not() is not None, reason=why_not() or "")]

CONTAINERFILE = ROOT / "deploy" / "containers" / "Containerfile"
SECRETS = {"DAYU_INTAKE_IDENTITY_KEY": IDENTITY_KEY, "DAYU_NUMBER_KEY": NUMBER_KEY}
SERVICES = ["intake", "routing", "disclosure"]


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    if os.environ.get("DAYU_TEST_PACKAGES"):
        return pathlib.Path(os.environ["DAYU_TEST_PACKAGES"]) / "old"
    folder = tmp_path_factory.mktemp("image-packages")
    run(ROOT / "deploy" / "package" / "build", "--out", folder, seconds=3000)
    return folder


@pytest.fixture(scope="module")
def images(packages, tmp_path_factory):
    make_minimal()
    made = {}
    for target in [*SERVICES, "operator"]:
        folder = tmp_path_factory.mktemp(f"image-{target}")
        made[target] = build(CONTAINERFILE, ROOT, target, MINIMAL, packages, folder)
    return made


def test_the_images_run_a_complaint(images, kafka, tmp_path):
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
    common = {"DAYU_KAFKA": kafka, "DAYU_PREFIX": prefix, "KAFKA_FETCH_WAIT_MAX_MS": "20"}

    def operate(*words):
        process = images["operator"].start(words, common, [(registry, "/registry")], log=open(tmp_path / "operator.log", "ab"))
        assert process.wait(timeout=120) == 0, (tmp_path / "operator.log").read_text()

    operate("topics", "create", "--partitions", "4")
    operate("registry", "publish", "/registry")
    running = {}
    try:
        for name in SERVICES:
            data = tmp_path / name
            data.mkdir()
            shutil.chown(data, 10001, 10001)
            own = common | {f"DAYU_{name.upper()}_ADMIN_PORT": str(admin[name]), f"DAYU_{name.upper()}_PORT": str(ports[name])}
            own |= {"DAYU_ADMIN_ADDRESS": "127.0.0.1", "DAYU_INTAKE_ADDRESS": "127.0.0.1", "DAYU_DISCLOSURE_ADDRESS": "127.0.0.1"}
            if name == "routing":
                del own["DAYU_ROUTING_PORT"]
            mounts = [(data, "/var/lib/dayu"), (media, "/var/lib/media"), (secrets, "/run/secrets")]
            image = images[name]
            # The health check asks the port that the service has in an image.
            image.health = [str(admin[name]) if word.isdigit() else word for word in image.health]
            running[name] = image.start((), own, mounts, log=open(tmp_path / f"{name}.log", "ab"))

        def ready(name):
            assert running[name].poll() is None, (tmp_path / f"{name}.log").read_text()[-2000:]
            return requests.get(f"http://127.0.0.1:{admin[name]}/readyz", timeout=5).status_code == 200

        for name in SERVICES:
            wait_until(f"{name} is ready", lambda: ready(name), 120)
            assert images[name].healthy(running[name]), f"{name}'s health check fails"
            child = pathlib.Path(f"/proc/{running[name].pid}/task/{running[name].pid}/children").read_text().split()[0]
            status = pathlib.Path(f"/proc/{child}/status").read_text()
            assert "\nUid:\t10001\t10001" in status and "\nCapEff:\t0000000000000000\n" in status
            assert "\nNoNewPrivs:\t1\n" in status
        body = {"category": "odour", "text": "映像里的投诉", "place": {"longitude": 120.1384, "latitude": 30.3205}}
        answer = requests.post(f"http://127.0.0.1:{ports['intake']}/v1/complaints", json=body, timeout=30)
        assert answer.status_code in (201, 202), answer.text
        page = f"http://127.0.0.1:{ports['disclosure']}/api/complaints/{answer.json()['trackingCode']}"

        def assigned():
            found = requests.get(page, timeout=10)
            return found.status_code == 200 and found.json()["status"] == "assigned"

        wait_until("the complaint is assigned", assigned, 60)
        # Nothing was written but what is mounted.
        for name in SERVICES:
            assert not any((images[name].folder / "var/lib/dayu").iterdir())
    finally:
        for process in running.values():
            if process.poll() is None:
                end(process)


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


def test_an_unhealthy_service_is_seen(images, tmp_path):
    """Nothing listens where the health check asks."""
    image = images["routing"]
    done = run("chroot", image.folder, "dayu-health", str(free_port()), check=False)
    assert done.returncode == 1
