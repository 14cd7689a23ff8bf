"""What a gateway may do by its key, and for how long: rotation, expiry and revocation, over HTTP."""

import datetime
import time

import pytest
import requests

from keys import Key, add_gateway, add_key, compact, remove_key
from suite import Suite, wait_until

TOPICS = ["complaints.submissions", "complaints.contacts", "complaints.words", "complaints.actions", "readings.reports"]
GOOD = {"category": "odour", "text": "河水发臭", "reach": "west-lake.xihu"}


def reading(section, **more):
    return {"section": section, "observedAt": "2026-08-20T00:00:00+08:00", "values": {"w01001": 7.0}} | more


@pytest.fixture(scope="module")
def gateways(kafka, tmp_path_factory):
    """A suite and the keys of gateways that may do little each."""
    with Suite(kafka, tmp_path_factory.mktemp("keys")) as suite:
        keys = {
            "hotline": add_gateway(suite.registry, "hotline", ["complaints"], "hotline"),
            "device": add_gateway(suite.registry, "device", ["readings:section/tonglu"], "station"),
            "xihu": add_gateway(suite.registry, "xihu", ["actions:office/xihu"], "web"),
            "chief": add_gateway(suite.registry, "chief", ["actions:chief/chief-xihu"], "app"),
            "elsewhere": add_gateway(suite.registry, "elsewhere", ["complaints"], "app", addresses="192.0.2.0/24"),
        }
        suite.publish()
        known(suite, keys["elsewhere"])
        yield suite, keys


def ask(suite, key, path, body):
    return suite.post(path, body, key.bearer)


def is_valid(suite, key):
    """Whether Intake takes the key for somebody's, whatever that one may do."""
    return ask(suite, key, "/v1/complaints", {}).status_code != 401


def known(suite, key):
    wait_until("the key is known", lambda: is_valid(suite, key), 20)


def refused(suite, key):
    wait_until("the key is refused", lambda: not is_valid(suite, key), 20)
    answer = ask(suite, key, "/v1/complaints", GOOD)
    assert answer.status_code == 401 and answer.json()["type"] == "urn:dayu:key-not-valid"


def test_the_registry_says_who_brings_a_complaint(gateways):
    suite, keys = gateways
    claim = GOOD | {"channel": "station", "gateway": "dayu-analytics"}
    brought = {}
    for name, proof in [("hotline", keys["hotline"].bearer), ("nobody", {})]:
        answer = suite.post("/v1/complaints", claim, proof)
        assert answer.status_code == 201, answer.text
        brought[compact(answer.json()["trackingCode"])] = name
    said = {brought.get(r.key): (r.value["channel"], r.value.get("gateway")) for r in suite.read(TOPICS[0])}
    assert said == {"hotline": ("hotline", "hotline"), "nobody": ("web", None)}


def test_a_key_is_good_for_its_scopes_alone(gateways):
    suite, keys = gateways
    complaint = suite.post("/v1/complaints", GOOD).json()
    code, actions = complaint["trackingCode"], f"/v1/complaints/{complaint['trackingCode']}/actions"
    wait_until("assigned", lambda: suite.public(f"/api/complaints/{code}").json().get("status") == "assigned")

    def note(role, official):
        by = {"role": role} | ({"id": official} if official else {})
        return {"action": "note", "text": "记录", "by": by}

    before = suite.ends(TOPICS)
    beyond = [
        ("hotline", "/v1/readings", {"readings": [reading("tonglu")]}),
        ("hotline", actions, note("chief", "chief-xihu")),
        ("device", "/v1/complaints", GOOD),
        ("device", "/v1/readings", {"readings": [reading("fengkou")]}),
        # One that is not allowed spoils the request; nothing of it is taken.
        ("device", "/v1/readings", {"readings": [reading("tonglu"), reading("fengkou")]}),
        ("xihu", "/v1/complaints", GOOD),
        ("xihu", actions, note("office", "fuyang")),
        ("xihu", actions, note("office", "hangzhou")),
        ("xihu", actions, note("citizen", None)),
        ("chief", actions, note("office", "xihu")),
        ("elsewhere", "/v1/complaints", GOOD),
    ]
    for name, path, body in beyond:
        answer = ask(suite, keys[name], path, body)
        assert answer.status_code == 403, (name, body, answer.text)
        assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert suite.ends(TOPICS) == before, "nothing of it is on the log"

    assert ask(suite, keys["device"], "/v1/readings", {"readings": [reading("tonglu")]}).status_code == 201
    for name, role, official in [("xihu", "office", "xihu"), ("xihu", "chief", "chief-xihu"), ("chief", "chief", "chief-xihu")]:
        answer = ask(suite, keys[name], actions, note(role, official))
        assert answer.status_code == 202, answer.text
        assert answer.json()["trackingCode"] == code and complaint["id"] not in answer.text

        def outcome():
            asked = requests.get(suite.intake + answer.headers["Location"], headers=keys[name].bearer, timeout=30)  # noqa: B023
            return asked.json()["state"] != "pending" and asked.json()["state"]

        assert wait_until("an outcome", outcome) == "done"
        # What became of it is told to whoever has a key, and to nobody else.
        assert requests.get(suite.intake + answer.headers["Location"], timeout=30).status_code == 401


def test_the_same_request_again_and_another_under_the_same_key(gateways):
    suite, keys = gateways
    body = GOOD | {"idempotencyKey": "call-0001"}
    first, again = (ask(suite, keys["hotline"], "/v1/complaints", body) for _ in range(2))
    assert first.json() == again.json()
    other = ask(suite, keys["hotline"], "/v1/complaints", body | {"text": "另一件事"})
    assert other.status_code == 201 and other.json()["id"] != first.json()["id"]
    assert suite.post("/v1/complaints", body).json()["id"] != first.json()["id"], "another's key is another's"


def test_a_key_is_replaced_without_a_gap(gateways):
    suite, keys = gateways
    old, new = keys["hotline"], Key()
    add_key(suite.registry, "hotline", new)
    suite.publish()
    known(suite, new)
    assert is_valid(suite, old), "both are valid until the operator takes the old one away"
    remove_key(suite.registry, old)
    suite.publish()
    refused(suite, old)
    assert ask(suite, new, "/v1/complaints", GOOD).status_code == 201
    keys["hotline"] = new


def test_a_key_ends_by_itself(gateways):
    suite, _ = gateways
    end = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=6)
    brief = Key()
    add_key(suite.registry, "hotline", brief, until=end.isoformat())
    suite.publish()
    known(suite, brief)
    while datetime.datetime.now(datetime.timezone.utc) < end - datetime.timedelta(seconds=0.5):
        assert is_valid(suite, brief)
        time.sleep(0.1)
    refused(suite, brief)


def test_a_gateway_that_leaves_the_registry_is_nobody(gateways):
    suite, keys = gateways
    gone = add_gateway(suite.registry, "gone", ["complaints"])
    suite.publish()
    known(suite, gone)
    remove_key(suite.registry, gone)
    table = suite.registry / "gateways.csv"
    table.write_text("".join(line for line in table.open() if not line.startswith("gone,")))
    suite.publish()
    refused(suite, gone)
    assert is_valid(suite, keys["hotline"])


def test_no_log_and_no_metric_holds_a_key(gateways):
    suite, keys = gateways
    places = {log.name: log.read_text() for log in suite.folder.glob("*.log")}
    for name in suite.instances:
        places[f"metrics of {name}"] = requests.get(f"http://127.0.0.1:{suite.admin[name]}/metrics", timeout=5).text
    places["the registry's topic"] = repr([record.bytes for record in suite.read("registry")])
    for place, text in places.items():
        assert not any(key.text in text for key in [*keys.values(), suite.key]), place


def test_two_instances_of_intake_give_one_complaint(kafka, tmp_path):
    """They share the identity key: whichever takes a request, it is the same complaint, the same action and one event."""
    with Suite(kafka, tmp_path / "two", second=["intake"], services=["intake", "routing"]) as suite:
        doors = [f"http://127.0.0.1:{suite.ports[name]}" for name in ("intake", "intake.2")]

        def both(path, body, key, proof={}):
            headers = proof | {"Idempotency-Key": key}
            answers = [requests.post(door + path, json=body, headers=headers, timeout=30) for door in doors]
            assert {answer.status_code for answer in answers} <= {201, 202}, [answer.text for answer in answers]
            return [answer.json() for answer in answers]

        one, other = both("/v1/complaints", GOOD, "the-same")
        assert one["id"] == other["id"] and one["trackingCode"] == other["trackingCode"]
        assert both("/v1/complaints", GOOD | {"text": "另一件"}, "the-same")[0]["id"] != one["id"]
        citizen = {"Authorization": f"Bearer {one['id']}"}
        first, second = both("/v1/actions", {"action": "urge", "text": "请快一点"}, "urge", citizen)
        assert first["action"] == second["action"]
        code = compact(one["trackingCode"])

        def events():
            return [r.kind for r in suite.read("complaints.events") if r.key == code]

        wait_until("it is urged", lambda: "urged" in events())
        wait_until("the second submission is read", lambda: len(suite.read("complaints.submissions")) == 4)
        time.sleep(1)
        assert events() == ["received", "assigned", "urged"]
        assert suite.read("dead-letters") == []
