"""What is in the Debian packages, and what their units may do. `test_package_root.py` installs and runs them."""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess

import pytest

from root import QUICKLY, run
from suite import BIN, ROOT

SYSTEMD = ROOT / "deploy" / "systemd"
SERVICES = ["intake", "routing", "notification", "disclosure", "desk", "analytics"]
PACKAGES = ["dayu", "dayu-analytics", "dayu-common", "dayu-disclosure", "dayu-intake", "dayu-notification", "dayu-routing"]
#: `systemd-analyze security` of each unit, at most.
EXPOSURE = 1.5
#: Lintian's tags that these packages accept, with the reason.
ACCEPTED = {
    "non-standard-file-perm": "settings may hold secrets: only root reads them",
    "systemd-service-file-refers-to-unusual-wantedby-target": "dayu.target starts and stops them together",
    "custom-library-search-path": "of programs that are linked with Swift's shared libraries, in this test alone",
}


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("debs")
    said = run(*QUICKLY, ROOT / "deploy" / "package" / "build", "--programs", BIN, "--out", folder).stdout
    files = {path.split("/")[-1].split("_")[0]: path for path in said.splitlines() if path.endswith(".deb")}
    assert sorted(files) == PACKAGES, said
    return files


@pytest.fixture(scope="module")
def tree(packages, tmp_path_factory):
    """Everything in one place, as after an installation."""
    folder = tmp_path_factory.mktemp("tree")
    for file in packages.values():
        run("dpkg-deb", "-x", file, folder)
    return folder


def help_of(name):
    program = [BIN / "dayu-disclosure", "--audience", "officials"] if name == "desk" else [BIN / f"dayu-{name}"]
    return run("env", "-i", *program, "--help").stdout


def settings_of(name):
    return re.findall(r"^  ([A-Z]\S*)$", help_of(name), re.MULTILINE)


def field(packages, name, what):
    return run("dpkg-deb", "-f", packages[name], what).stdout.strip()


def test_every_setting_is_a_comment_in_its_file_and_no_other_is(tree):
    said = {name: (tree / "etc" / "dayu" / f"{name}.env").read_text() for name in [*SERVICES, "dayu"]}
    found = {name: re.findall(r"^#([A-Z]\S*?)=", text, re.MULTILINE) for name, text in said.items()}
    settings = {name: settings_of(name) for name in SERVICES}
    every = [one for names in settings.values() for one in names]
    for name in SERVICES:
        own = [one for one in settings[name] if every.count(one) == 1]
        assert found[name] == own, name
    assert set(found["dayu"]) == {one for one in every if every.count(one) > 1}
    assert len(found["dayu"]) == len(set(found["dayu"]))
    for name, text in said.items():
        # Nothing is set, and nothing tells where it was built.
        assert all(line.startswith("#") or not line for line in text.splitlines()), name
        assert str(ROOT) not in text and ".run" not in text


def test_a_default_in_a_file_is_the_default(tree):
    """systemd reads each line, without its #, as the value that the program has anyway."""
    for name in SERVICES:
        lines = []
        for file in ("dayu", name):
            text = (tree / "etc" / "dayu" / f"{file}.env").read_text()
            lines += re.findall(r"^#([A-Z][A-Z0-9_]*=.+)$", text, re.MULTILINE)
        values = {line.partition("=")[0]: line.partition("=")[2].strip("'") for line in lines}
        presets = dict(re.findall(r"^  ([A-Z]\S*)\n      .*\] default: (.*)$", help_of(name), re.MULTILINE))
        for setting, preset in presets.items():
            if preset != "not set" and ".run/" not in preset and "/Site" not in preset:
                assert values[setting] == preset, (name, setting)


def test_secrets_come_as_credentials():
    """Each setting whose help speaks of a secret is one that the unit takes from /etc/credstore, and no service gets others."""
    for name in SERVICES:
        unit = (SYSTEMD / f"dayu-{name}.service").read_text()
        taken = set(re.findall(r"^LoadCredential=(\w+)$", unit, re.MULTILINE))
        known = set(settings_of(name))
        secret = {
            setting for setting, text in re.findall(r"^  (DAYU_\w+)\n      (.*)$", help_of(name), re.MULTILINE)
            if re.search(r"\bthe secret (of|from)|secret$|AccessKeySecret|'s secret", text.partition(" [")[0])
        }  # fmt: skip
        again = {f"DAYU_SMS{n}_SECRET" for n in (2, 3)} if "DAYU_SMS_GATEWAY" in known else set()
        assert secret | again <= taken | {"DAYU_SMS_SECRET"} and secret <= taken, name
        assert taken <= known | again | {"DAYU_SMS_SECRET"}, name


def test_an_instance_differs_from_the_unit_in_its_place_alone():
    for name in SERVICES:
        one, other = ((SYSTEMD / f"dayu-{name}{kind}.service").read_text().splitlines()[1:] for kind in ("", "@"))
        other = [line.replace("/instances/%i", "").replace(" (%i)", "") for line in other]
        other.remove(f"EnvironmentFile=-/etc/dayu/{name}@%i.env")
        assert one == other


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
@pytest.mark.parametrize("name", [*SERVICES, "routing@2"])
def test_a_unit_exposes_little(tree, name):
    said = run("systemd-analyze", "security", "--offline=true", f"--root={tree}", f"dayu-{name}.service", check=False)
    level = re.search(r"exposure level for \S+: ([0-9.]+)", said.stdout)
    assert level, said.stdout + said.stderr
    assert float(level.group(1)) <= EXPOSURE, said.stdout


def test_packages_depend_on_what_their_programs_are_linked_with(packages, tree):
    for name in PACKAGES:
        depends = field(packages, name, "Depends")
        if name == "dayu-common":
            continue
        assert re.search(r"\blibrdkafka1\b", depends) and re.search(r"\blibc6 \(>=", depends), depends
        assert ("libgd3" in depends) == (name in ("dayu", "dayu-intake")), depends
        assert "tzdata" in depends
        if name != "dayu":
            assert f"dayu-common (>= {field(packages, name, 'Version')}~)" in depends
    assert field(packages, "dayu", "Version") == re.search(r'^let version = "(.*)"', (ROOT / "Package.swift").read_text(), re.M)[1]


def test_settings_are_conffiles_and_belong_to_root(packages):
    for name in PACKAGES:
        files = run("dpkg-deb", "-I", packages[name], "conffiles", check=False).stdout.split()
        own = {"dayu": [], "dayu-common": ["dayu"], "dayu-disclosure": ["desk", "disclosure"]}
        wanted = own.get(name, [name.removeprefix("dayu-")])
        assert sorted(files) == [f"/etc/dayu/{one}.env" for one in wanted]
        listed = run("dpkg-deb", "-c", packages[name]).stdout.splitlines()
        assert all(line.split()[1] == "root/root" for line in listed)
        assert all(line.startswith("-rw-r-----") for line in listed if line.endswith(".env"))


def test_manual_pages_say_what_help_says(tree):
    for name in SERVICES:
        page = gzip.decompress((tree / f"usr/share/man/man8/dayu-{name}.8.gz").read_bytes()).decode()
        for setting in settings_of(name):
            assert f"\n.B {setting}\n" in page.replace("\\-", "-"), (name, setting)
        assert str(ROOT) not in page
    page = gzip.decompress((tree / "usr/share/man/man8/dayu.8.gz").read_bytes()).decode().replace("\\-", "-")
    for command in commands():
        assert f"\n.SS dayu {command}\n" in page
    if shutil.which("groff"):
        for file in (tree / "usr/share/man/man8").glob("*.gz"):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-Kutf8", "-ww", "-z"], input=gzip.decompress(file.read_bytes()), capture_output=True)
            assert done.stderr == b"", (file.name, done.stderr[:500])


def commands():
    said = run(BIN / "dayu", "--help").stdout.partition("Settings are")[0]
    lines = re.findall(r"^  ([a-z].*)$", said, re.MULTILINE)
    return [" ".join(word for word in line.split() if re.fullmatch("[a-z-]+", word)) for line in lines]


def completed(tree, program, *words):
    file = tree / "usr/share/bash-completion/completions" / program
    function = "_" + program.replace("-", "_")
    script = f'source {file}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); {function}; printf "%s\\n" "${{COMPREPLY[@]}}"'
    return run("bash", "-euc", script, "bash", program, *words).stdout.split()


def test_completion_knows_every_command_and_option(tree):
    first = {command.split()[0] for command in commands()}
    assert set(completed(tree, "dayu", "")) == first | {"--help", "--version"}
    for command in commands():
        words = command.split()
        assert words[-1] in completed(tree, "dayu", *words[:-1], "")
        options = re.findall(r"^  (--[a-z-]+)", run(BIN / "dayu", *words, "--help").stdout, re.MULTILINE)
        assert set(completed(tree, "dayu", *words, "--")) == {*options, "--help"}, command
    assert "--workers" in completed(tree, "dayu-routing", "--w")
    assert completed(tree, "dayu-disclosure", "--audience", "o") == ["officials"]


@pytest.mark.skipif(not shutil.which("lintian"), reason="needs Debian's lintian")
def test_lintian_finds_nothing_new(packages):
    said = run("lintian", "--allow-root", "--fail-on", "none", "--tag-display-limit", "0", *packages.values()).stdout
    found = [line for line in said.splitlines() if line[:2] in ("E:", "W:")]
    new = [line for line in found if line.split()[2] not in ACCEPTED]
    assert not new, "\n".join(new)


@pytest.mark.slow
def test_the_same_input_gives_the_same_packages(packages, tmp_path):
    again = run(*QUICKLY, ROOT / "deploy" / "package" / "build", "--programs", BIN, "--out", tmp_path).stdout.split()
    for path in again:
        name = os.path.basename(path).split("_")[0]
        assert open(path, "rb").read() == open(packages[name], "rb").read(), name


@pytest.mark.slow
def test_the_bill_of_materials_names_every_library():
    """Each library that a program names is a component of that program, with the version that is installed."""
    bill = json.loads(run(ROOT / "deploy" / "package" / "sbom", BIN).stdout)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    parts = {part["bom-ref"]: part for part in bill["components"]}
    assert len(parts) == len(bill["components"])
    depends = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert {ref for refs in depends.values() for ref in refs} <= set(parts)
    for name in ("dayu", "dayu-intake", "dayu-routing", "dayu-notification", "dayu-disclosure", "dayu-analytics"):
        [program] = [part for part in bill["components"] if part["name"] == name]
        assert program["hashes"][0]["content"] == hashlib.sha256((BIN / name).read_bytes()).hexdigest()
        named = {parts[ref]["name"] for ref in depends[program["bom-ref"]]}
        assert {"swift", "libc6", "librdkafka1", "libsqlite3-0", "libssl3"} <= named, named
        assert ("libgd3" in named) == (name in ("dayu", "dayu-intake")), named
    for part in bill["components"]:
        if part["type"] == "library":
            assert part["version"] == run("dpkg-query", "-W", "-f", "${Version}\n", part["name"]).stdout.splitlines()[0]
            assert part["purl"].startswith(f"pkg:deb/debian/{part['name']}@")


@pytest.mark.parametrize("arguments", [["--programs"], ["--strange"], ["--programs", "/nowhere"]])
def test_a_wrong_call_is_refused(arguments, tmp_path):
    done = run(ROOT / "deploy" / "package" / "build", *arguments, check=False)
    assert done.returncode != 0 and (done.stderr or done.stdout)
