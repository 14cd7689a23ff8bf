"""A Debian root of its own with systemd as its first process, into which packages are installed for real."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

import pytest

from waiting import wait_until

HERE = pathlib.Path(__file__).parent
#: Made once by debootstrap, and then only read.
BASE = pathlib.Path(os.environ.get("DAYU_TEST_ROOT", HERE.parents[1] / ".venv" / "root-systemd"))
#: The same without systemd, as the image of a container begins.
MINIMAL = BASE.with_name("root-minimal")
RELEASE = "bookworm"
#: Small packages take long to make, and here nobody downloads them (dpkg-deb(1)).
QUICKLY = ["env", "DPKG_DEB_COMPRESSOR_TYPE=gzip", "DPKG_DEB_COMPRESSOR_LEVEL=1"]


def need_root():
    """Skips what needs a root where none can be made; also where Debian's mirror, which debootstrap asks, does not answer."""
    reason = why_not() or unreachable()
    if reason:
        pytest.skip(reason)


def unreachable():
    uri = mirrors().get(RELEASE, "")
    if not uri.startswith("http"):
        return None
    asked = ["wget", "-q", "-T", "20", "-t", "3", "-O", "/dev/null", f"{uri.rstrip('/')}/dists/{RELEASE}/Release"]
    return None if run(*asked, check=False).returncode == 0 else f"needs Debian's mirror: {uri} does not answer"


def why_not():
    """Why no root can be booted here; None if one can."""
    if os.geteuid() != 0:
        return "needs root's rights for name spaces and mounts"
    if not shutil.which("unshare") or not shutil.which("nsenter"):
        return "needs util-linux"
    if "cgroup2" not in pathlib.Path("/proc/mounts").read_text():
        return "needs cgroup v2"
    if not BASE.exists() and not shutil.which("debootstrap"):
        return "needs debootstrap"
    if not BASE.exists() and RELEASE not in mirrors():
        return f"needs a machine whose apt knows Debian's {RELEASE}"
    return None


def mirrors():
    """Where this machine's own apt gets each part of Debian 12: {"bookworm": "http://…", "bookworm-security": …}."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    rows = [line.split() for line in listed.splitlines()]
    return {release: uri for release, component, uri in rows if component == "main" and release.startswith(RELEASE)}


def make_minimal():
    """Debian 12 with nothing but what every Debian has."""
    with made(MINIMAL) as draft:
        if draft:
            found = mirrors()
            run("debootstrap", "--variant=minbase", RELEASE, draft, found[RELEASE])
            sources = [f"deb {uri} {release} main" for release, uri in found.items()]
            (draft / "etc" / "apt" / "sources.list").write_text("\n".join(sources) + "\n")
            (draft / "etc" / "apt" / "apt.conf.d" / "90retries").write_text('Acquire::Retries "5";\n')
            (draft / "var" / "lib" / "apt" / "lists").mkdir(exist_ok=True)


def make_base():
    """The same with systemd; what Dayu needs comes with its packages."""
    if BASE.exists():
        return
    make_minimal()
    with made(BASE) as draft:
        if draft:
            run("cp", "-a", f"{MINIMAL}/.", draft)
            shutil.copy("/etc/resolv.conf", draft / "etc" / "resolv.conf")
            script = "apt-get -qq update && apt-get -qq install -y --no-install-recommends systemd systemd-sysv dbus"
            run("chroot", draft, "env", "DEBIAN_FRONTEND=noninteractive", "sh", "-ec", script)


@contextlib.contextmanager
def made(folder):
    """A folder that gets its name when it is whole; nothing if it is there. Of several processes one makes it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            yield None
            return
        draft = pathlib.Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            yield draft
            draft.chmod(0o755)
            draft.rename(folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def run(*command, seconds=600, check=True, said=""):
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=seconds, input=said)
    assert not check or done.returncode == 0, f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done


class Root:
    """A booted root; a context manager. What happens in it stays in `folder`."""

    def __init__(self, folder, packages):
        self.folder, self.packages = pathlib.Path(folder), pathlib.Path(packages)
        self.boot = None

    def __enter__(self):
        make_base()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.boot = subprocess.Popen(
            [HERE / "boot.sh", BASE, self.folder], env=os.environ | {"PACKAGES": str(self.packages)},
            stdin=subprocess.DEVNULL, stdout=open(self.folder / "boot.log", "ab"), stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            wait_until("systemd is up", self.is_up, 60)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def systemd(self):
        """The number of the root's first process, as this machine counts."""
        children = pathlib.Path(f"/proc/{self.boot.pid}/task/{self.boot.pid}/children").read_text().split()
        return int(children[0]) if children else None

    def is_up(self):
        assert self.boot.poll() is None, (self.folder / "boot.log").read_text()
        if self.systemd is None or pathlib.Path(f"/proc/{self.systemd}/comm").read_text() != "systemd\n":
            return False
        return self.run("systemctl", "is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def end(self):
        """Ends what was started: the first process of a name space takes all others with it."""
        if self.boot.poll() is None:
            os.kill(self.systemd or self.boot.pid, signal.SIGKILL)
        self.boot.wait()
        group = pathlib.Path((self.folder / "cgroup").read_text().strip())
        for child in sorted(group.rglob("*"), reverse=True):
            if child.is_dir():
                child.rmdir()
        group.rmdir()

    def run(self, *command, **more):
        """A command in the root."""
        inside = ["nsenter", "-t", self.systemd, "-m", "-p", "-i", "-u", "-C", "-r", "-w", "--", "env", "-i"]
        inside += ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive"]
        return run(*inside, *command, **more)

    def shell(self, script, **more):
        return self.run("sh", "-ec", script, **more).stdout

    def write(self, path, text, mode=0o644):
        self.run("sh", "-ec", f"mkdir -p $(dirname {path}); umask 077; cat >{path}; chmod {mode:o} {path}", said=text)

    def property(self, unit, name):
        return self.run("systemctl", "show", "-P", name, unit).stdout.strip()

    def process(self, unit):
        """The service's main process as this machine counts: its last number in the root's name space is MainPID."""
        inside = self.property(unit, "MainPID")
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                status = (entry / "status").read_text()
            except OSError:
                continue
            line = next((line for line in status.splitlines() if line.startswith("NSpid:")), "")
            words = line.split()[1:]
            if len(words) == 2 and words[1] == inside and self.shares(int(entry.name)):
                return int(entry.name)
        raise AssertionError(f"{unit} has no process")

    def shares(self, process):
        return os.readlink(f"/proc/{process}/ns/pid") == os.readlink(f"/proc/{self.systemd}/ns/pid")
