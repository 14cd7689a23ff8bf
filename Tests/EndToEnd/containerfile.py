"""Carries out the steps of a Containerfile in a folder with a Debian root, where no engine exists.

Only what deploy/containers/Containerfile uses is known; anything else is an error, so that no step is left out.
"""

import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

from root import run

#: Where a program runs: the image below, which nobody can write, the folders that are mounted, and no rights.
ENTER = """
set -eu
mount --make-rprivate /
mount --bind "$IMAGE" "$IMAGE"
for pair in $MOUNTS; do
    mkdir -p "$IMAGE${pair#*:}"
    mount --bind "${pair%%:*}" "$IMAGE${pair#*:}"
done
mount -o remount,bind,ro "$IMAGE"
mount -t proc proc "$IMAGE/proc"
mount -t tmpfs -o mode=1777 tmpfs "$IMAGE/tmp"
mount -t tmpfs -o mode=755 tmpfs "$IMAGE/dev"
for device in null zero full random urandom; do
    touch "$IMAGE/dev/$device"
    mount --bind "/dev/$device" "$IMAGE/dev/$device"
done
exec chroot "$IMAGE" setpriv --reuid "${OWNER%:*}" --regid "${OWNER#*:}" --clear-groups --no-new-privs --bounding-set=-all \\
    --inh-caps=-all "$@"
"""


class Image:
    """A stage of the Containerfile, built."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment, self.user, self.entrypoint, self.health = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}, None, None, None

    def copy(self, folder):
        made = Image(folder)
        run("cp", "-a", f"{self.folder}/.", folder)
        made.environment, made.shell = dict(self.environment), getattr(self, "shell", ["/bin/sh", "-c"])
        return made

    def run(self, command, mounts):
        """RUN, with what the build mounts."""
        for _, target in mounts:
            (self.folder / target.lstrip("/")).mkdir(parents=True, exist_ok=True)
        script = "mount --make-rprivate /; mount -t proc proc $IMAGE/proc; mount --rbind /dev $IMAGE/dev; "
        script += "".join(f"mount --bind {source} $IMAGE{target}; " for source, target in mounts)
        script += 'exec chroot "$IMAGE" "$@"'
        words = ["unshare", "--mount", "env", f"IMAGE={self.folder}", "DEBIAN_FRONTEND=noninteractive"]
        words += [f"{name}={value}" for name, value in self.environment.items()]
        run(*words, "sh", "-ec", script, "sh", *getattr(self, "shell", ["/bin/sh", "-c"]), command)

    def start(self, arguments=(), environment=(), mounts=(), log=None):
        """What an engine starts: the entry point as the image's user, in a root that is read-only."""
        inside = dict(self.environment) | dict(environment)
        words = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts", "env", "-i"]
        words += ["IMAGE=" + str(self.folder), "OWNER=" + self.user]
        words += ["MOUNTS=" + " ".join(f"{source}:{target}" for source, target in mounts)]
        words += [f"{name}={value}" for name, value in inside.items()]
        return subprocess.Popen(
            [*words, "sh", "-ec", ENTER, "sh", *self.entrypoint, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )

    def healthy(self, process, check=None):
        """HEALTHCHECK, or a command in its place, in the name spaces of the running program."""
        child = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()[0]
        command = ["nsenter", "-t", child, "-m", "-p", "chroot", self.folder, *(check or self.health)]
        return run(*command, check=False).returncode == 0


def steps(text):
    """The instructions, one a line: (FROM, rest)."""
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, rest.strip()


def build(containerfile, context, targets, minimal, packages, folder):
    """The stages `targets` by name, from the Debian root `minimal`; `packages` stands for what the stage `build` would make."""
    arguments, stages, current, name = {}, {}, None, None
    for word, rest in steps(pathlib.Path(containerfile).read_text()):
        if word == "ARG" and name is None:
            key, _, value = rest.partition("=")
            arguments[key] = value.strip('"')
        elif word == "FROM":
            source, _, name = rest.partition(" AS ")
            source = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found[1]], source)
            place = pathlib.Path(folder) / name
            if name == "build":
                current = None
            elif source.startswith("docker.io/library/debian:bookworm"):
                place.mkdir()
                current = stages[name] = Image(minimal).copy(place)
            elif name in targets:
                place.mkdir()
                current = stages[name] = stages[source].copy(place)
            else:
                current = None
        elif current is None:
            continue
        elif word == "RUN":
            mounts = []
            while rest.startswith("--mount="):
                mount, _, rest = rest.partition(" ")
                options = dict(option.split("=", 1) for option in mount.removeprefix("--mount=").split(","))
                assert options["type"] == "bind" and options["from"] == "build" and options["source"] == "/packages", mount
                mounts.append((packages, options["target"]))
                rest = rest.strip()
            shutil.copy("/etc/resolv.conf", current.folder / "etc" / "resolv.conf")
            current.run(rest, mounts)
        elif word == "COPY":
            options = re.findall(r"--(\w+)=(\S+)", rest)
            source, goal = re.sub(r"--\w+=\S+ ", "", rest).split()
            shutil.copy(pathlib.Path(context) / source, current.folder / goal.lstrip("/"))
            os.chmod(current.folder / goal.lstrip("/"), int(dict(options).get("chmod", "644"), 8))
        elif word == "ENV":
            current.environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        elif word == "USER":
            current.user = rest
        elif word == "SHELL":
            current.shell = json.loads(rest)
        elif word == "ENTRYPOINT":
            current.entrypoint = json.loads(rest)
        elif word == "HEALTHCHECK":
            current.health = None if rest == "NONE" else json.loads(rest[rest.index("[") :])
        else:
            assert word in ("EXPOSE", "VOLUME", "ARG", "WORKDIR"), f"{word} is not known here"
    return {name: stages[name] for name in targets}
