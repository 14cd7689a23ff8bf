"""The Containerfile, the compose file and the Kubernetes manifests: what they say is right, as far as it shows without an engine.

`test_container_root.py` carries out the Containerfile's steps.
"""

import pathlib
import re
import subprocess
import sys

import pytest
import yaml

from suite import BIN, ROOT

CONTAINERS, KUBERNETES = ROOT / "deploy" / "containers", ROOT / "deploy" / "kubernetes"
TOOLS = pathlib.Path(sys.executable).parent
SERVICES = ["intake", "routing", "notification", "disclosure", "desk", "analytics"]
#: The schemas that the manifests are held against; any version that is maintained will do.
KUBERNETES_VERSIONS = ["1.31", "1.37"]
COMPOSE = yaml.safe_load((CONTAINERS / "compose.yaml").read_text())
CONTAINERFILE = (CONTAINERS / "Containerfile").read_text()
MANIFESTS = sorted(KUBERNETES.glob("*.yaml"))
DOCUMENTS = [one for file in MANIFESTS for one in yaml.safe_load_all(file.read_text())]


def helped(name):
    program = [BIN / "dayu-disclosure", "--audience", "officials"] if name == "desk" else [BIN / f"dayu-{name}"]
    return subprocess.run([*program, "--help"], capture_output=True, text=True, check=True, env={}).stdout


def presets(name):
    return dict(re.findall(r"^  ([A-Z]\S*)\n      .*\] default: (.*)$", helped(name), re.MULTILINE))


def stages():
    """The targets of the Containerfile, each with the lines of its own."""
    parts = re.split(r"^FROM (\S+) AS (\S+)$", CONTAINERFILE, flags=re.MULTILINE)
    return {name: text for name, text in zip(parts[2::3], parts[3::3], strict=True)}


def of(kind):
    return [one for one in DOCUMENTS if one["kind"] == kind]


def pod(document):
    return document["spec"]["template"]["spec"]


def test_hadolint_finds_nothing():
    done = subprocess.run([TOOLS / "hadolint", CONTAINERS / "Containerfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["intake", "routing", "notification", "disclosure", "analytics", "operator"])
def test_an_image_runs_its_service_as_nobody(name):
    text = stages()[name]
    package = "dayu" if name == "operator" else f"dayu-{name}"
    assert f"/packages/{package}_*.deb" in text and f'ENTRYPOINT ["/usr/bin/{package}"]' in text
    assert "\nUSER 10001:10001\n" in text
    if name != "operator":
        admin = presets(name)[f"DAYU_{name.upper()}_ADMIN_PORT"]
        assert re.search(rf'^HEALTHCHECK .* CMD \["dayu-health", "{admin}"', text, re.MULTILINE)
        assert re.search(rf"^EXPOSE .*\b{admin}\b", text, re.MULTILINE)


def test_compose_runs_everything_without_rights():
    services = COMPOSE["services"]
    assert {*SERVICES, "kafka", "proxy", "prometheus", "grafana", "topics"} <= set(services)
    for name in SERVICES:
        service = services[name]
        assert service["read_only"] and service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["restart"] == "always" and service["ulimits"]["nofile"] == 8192
        known = set(re.findall(r"^  ([A-Z]\S*)$", helped(name), re.MULTILINE))
        # Shared settings that a service has no use for are no harm; its own have to exist.
        own = {setting for setting in service["environment"] if setting.startswith(f"DAYU_{name.upper()}_")}
        assert own <= known, name
        assert set(service.get("secrets", [])) <= known & set(COMPOSE["secrets"])
    assert "DAYU_NUMBER_KEY" not in services["disclosure"].get("secrets", [])
    made = subprocess.run(["bash", "-n", CONTAINERS / "secrets"], capture_output=True)
    assert made.returncode == 0
    assert all(name in (CONTAINERS / "secrets").read_text() for name in COMPOSE["secrets"])


def test_compose_puts_the_desk_behind_the_proxy(tmp_path):
    """What `proxy` makes of the handbook's configuration, with a shell that has sed, as nginx's image has."""
    service, desk = COMPOSE["services"]["proxy"], COMPOSE["services"]["desk"]
    assert {"intake", "disclosure", "desk"} <= set(service["depends_on"])
    mounted = dict(volume.split(":")[:2][::-1] for volume in service["volumes"])
    assert mounted["/proxy"] == "./proxy" and mounted["/dayu.conf"] == "../proxy/dayu.conf"
    assert service["command"] == ["/bin/sh", "/proxy"] and "ports" not in desk
    assert desk["environment"]["DAYU_DISCLOSURE_INTAKE"] == desk["environment"]["DAYU_DESK_SITE"]
    script = (CONTAINERS / "proxy").read_text()
    script = script.replace("/dayu.conf", str(ROOT / "deploy" / "proxy" / "dayu.conf")).replace(">/etc/nginx/conf.d/default.conf", "")
    script = script.partition("mkdir ")[0]
    sites = {"DAYU_SITE": "https://rivers.city.example", "DAYU_DESK_SITE": "https://desk.city.example:8443/"}
    conf = subprocess.run(["sh", "-c", script], env=sites, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"server_name (.*);", conf) == ["rivers.city.example desk.city.example", "rivers.city.example", "desk.city.example"]
    for name in ("intake", "disclosure", "desk"):
        port = presets(name)[f"DAYU_{name.upper()}_PORT"]
        assert f"server {name}:{port};" in conf
    assert "127.0.0.1:80" not in conf.replace("#", "").partition("upstream")[2]


def test_a_build_does_not_send_what_is_made_here():
    left_out = (CONTAINERS / "Containerfile.dockerignore").read_text().split()
    assert {".git", ".build*", ".venv", ".run"} <= set(left_out)


def test_compose_names_only_what_is_there():
    targets = set(stages())
    for service in COMPOSE["services"].values():
        if "build" in service:
            assert service["build"]["target"] in targets
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            # .tls is the operator's.
            if source.startswith(".") and source != "./.tls":
                assert (CONTAINERS / source).exists(), source
            elif not source.startswith((".", "$")):
                assert source in COMPOSE["volumes"]
    jobs = yaml.safe_load((CONTAINERS / "prometheus.yml").read_text())["scrape_configs"][0]["static_configs"]
    for job in jobs:
        name = job["labels"]["service"]
        assert job["targets"] == [f"{name}:{presets(name)[f'DAYU_{name.upper()}_ADMIN_PORT']}"]


@pytest.mark.parametrize("version", KUBERNETES_VERSIONS)
@pytest.mark.parametrize("file", MANIFESTS, ids=lambda file: file.name)
def test_a_manifest_follows_the_schema(file, version):
    done = subprocess.run(
        [TOOLS / "kubernetes-validate", "-k", version, "--strict", file], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_pods_have_no_rights_and_no_names_of_kubernetes():
    pods = [pod(one) for one in of("StatefulSet") + of("Job")]
    assert len(pods) == len(SERVICES) + 1
    for spec in pods:
        # Kubernetes' DAYU_INTAKE_PORT=tcp://… would be taken for a setting.
        assert spec["enableServiceLinks"] is False and spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] == 10001
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["readOnlyRootFilesystem"] and not context["allowPrivilegeEscalation"]
            assert context["capabilities"] == {"drop": ["ALL"]}


def test_each_service_has_its_ports_probes_and_budget():
    sets = {one["metadata"]["name"]: one for one in of("StatefulSet")}
    services = {one["metadata"]["name"]: one for one in of("Service")}
    budgets = {one["metadata"]["name"]: one for one in of("PodDisruptionBudget")}
    assert set(sets) == set(services) == {f"dayu-{name}" for name in SERVICES}
    for name in SERVICES:
        full, preset = f"dayu-{name}", presets(name)
        labels = sets[full]["spec"]["template"]["metadata"]["labels"]
        assert services[full]["spec"]["selector"] == labels == sets[full]["spec"]["selector"]["matchLabels"]
        [container] = pod(sets[full])["containers"]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        assert ports["admin"] == int(preset[f"DAYU_{name.upper()}_ADMIN_PORT"])
        assert ports.get("api") == (int(preset[f"DAYU_{name.upper()}_PORT"]) if f"DAYU_{name.upper()}_PORT" in preset else None)
        assert container["readinessProbe"]["httpGet"] == {"path": "/readyz", "port": "admin"}
        assert container["livenessProbe"]["httpGet"] == {"path": "/healthz", "port": "admin"}
        if sets[full]["spec"]["replicas"] > 1:
            assert budgets[full]["spec"]["selector"]["matchLabels"] == labels
        # Only a service that asks for a key in --help gets it, and each under its own name.
        for volume in pod(sets[full])["volumes"]:
            for source in volume.get("projected", {}).get("sources", []):
                for item in source["secret"]["items"]:
                    assert item["key"] == item["path"] and item["key"] in preset, (name, item)
    retention = sets["dayu-intake"]["spec"]["persistentVolumeClaimRetentionPolicy"]
    assert retention == {"whenDeleted": "Retain", "whenScaled": "Retain"}, "its spool is no cache"


def test_the_settings_of_the_manifests_exist():
    [common] = [one for one in of("ConfigMap") if one["metadata"]["name"] == "dayu"]
    known = {setting for name in SERVICES for setting in presets(name)}
    assert set(common["data"]) <= known


def test_nobody_reaches_a_pod_unless_a_policy_says_so():
    policies = {one["metadata"]["name"]: one["spec"] for one in of("NetworkPolicy")}
    assert policies["nobody"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    [rule] = policies["monitoring"]["ingress"]
    admins = [int(presets(name)[f"DAYU_{name.upper()}_ADMIN_PORT"]) for name in SERVICES]
    [port] = rule["ports"]
    assert port["port"] <= min(admins) and max(admins) <= port["endPort"]
    apis = {int(presets(name)[f"DAYU_{name.upper()}_PORT"]) for name in ("intake", "disclosure", "desk")}
    assert {port["port"] for port in policies["proxy"]["ingress"][0]["ports"]} == apis
