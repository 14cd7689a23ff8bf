"""A chief acts by the link in his SMS, and a complainant by the one in his; nobody by a link that is not ours."""

import base64
import datetime
import json
import re
import secrets
import time

import pytest
import requests

from keys import compact, link_handle
from suite import Suite, number_handle, wait_until

SITE = "https://rivers.example.org"
SECRET = secrets.token_bytes(32)
SETTINGS = {"DAYU_LINK_KEY": SECRET.hex(), "DAYU_SITE": SITE}
ANYBODY = {"role": "chief", "id": "anybody"}


def moment(seconds):
    """So many seconds from now, as JSON has it."""
    at = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=seconds)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def random_handle():
    """Sixteen bytes that nobody wrote a link for."""
    return base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")


def write(suite, handle, link):
    """A link's record as the suite itself writes it; None is a tombstone."""
    headers = [
        ("ce_specversion", b"1.0"), ("ce_id", secrets.token_hex(8).encode()), ("ce_source", b"e2e"),
        ("ce_type", b"org.dayu.link.written.v1"), ("ce_time", moment(0).encode()),
    ]  # fmt: skip
    suite.write("links", handle, None if link is None else json.dumps(link).encode(), headers,
                settings={"partitioner": "murmur2_random"})


def made(suite, code, actor, expires_at, **more):
    """A link that the suite could have written: its handle."""
    handle = link_handle(SECRET, code, actor, expires_at)
    write(suite, handle, {"complaint": compact(code), "actor": actor, "expiresAt": expires_at} | more)
    return handle


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("links"), SETTINGS) as running:
        yield running


@pytest.fixture(scope="module")
def complaint(suite):
    """What Intake answers to a complaint of somebody who gave his phone."""
    answer = suite.post(
        "/v1/complaints",
        {
            "category": "sewage-discharge",
            "text": "河边水泥管口一直在流灰白色的水。",
            "place": {"longitude": 120.1384, "latitude": 30.3205},
            "contact": {"phone": "+86 000 0000 7778"},
            "idempotencyKey": "links",
        },
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def act(suite, link, body):
    return suite.post("/v1/actions", body, {"Authorization": f"Bearer {link}"})


def look(suite, link, path="/v1/link"):
    return requests.get(suite.intake + path, headers={"Authorization": f"Bearer {link}"}, timeout=30)


def outcome(suite, link, answer):
    """What became of an action, once Routing has come to it."""

    def known():
        found = look(suite, link, answer.headers["Location"]).json()
        return found if found["state"] != "pending" else None

    return wait_until("an outcome", known)


def is_read(suite, link):
    """What Intake says of the link, once it has read it."""
    return wait_until("the link is read", lambda: (a := look(suite, link)).status_code == 200 and a.json(), 20)


def public(suite, complaint, status):
    def shown():
        answer = suite.public(f"/api/complaints/{complaint['trackingCode']}")
        return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

    return wait_until(status, shown)


def linked(suite, complaint, page):
    """The token of the latest message that leads to a page of the site."""

    def found():
        texts = [message["text"] for message in suite.messages(complaint["trackingCode"])]
        links = [re.search(rf"{re.escape(SITE + page)}#([\w-]+)$", text) for text in texts]
        return next((link[1] for link in reversed(links) if link), None)

    return wait_until(f"an SMS with a link to {page}", found)


def test_a_chief_accepts_by_his_sms(suite, complaint):
    page = public(suite, complaint, "assigned")
    link = linked(suite, complaint, "/act")
    held = look(suite, link)
    assert held.status_code == 200 and held.headers["Cache-Control"] == "no-store"
    assert held.json()["trackingCode"] == complaint["trackingCode"]
    assert (held.json()["role"], held.json()["id"]) == ("chief", page["assignee"]["id"])
    # The handle is the one that the key makes of what it stands for, and Intake knows it from the log alone.
    (record,) = [record for record in suite.read("links") if record.key == link]
    assert record.value["complaint"] == compact(complaint["trackingCode"])
    assert record.value["actor"] == {"role": "chief", "id": page["assignee"]["id"]}
    assert link == link_handle(SECRET, complaint["trackingCode"], record.value["actor"], record.value["expiresAt"])
    other = made(suite, complaint["trackingCode"], ANYBODY, moment(3600))
    is_read(suite, other)
    declined = outcome(suite, other, act(suite, other, {"action": "accept"}))
    assert (declined["state"], declined["reason"]) == ("refused", "not-in-charge"), "a link is no right by itself"

    answer = act(suite, link, {"action": "accept"})
    assert answer.status_code == 202, answer.text
    assert complaint["id"] not in answer.text + held.text, "the citizen's capability is not the chief's to know"
    assert outcome(suite, link, answer)["state"] == "done"
    timeline = public(suite, complaint, "accepted")["timeline"]
    assert timeline[-1]["type"] == "accepted" and timeline[-1]["by"]["role"] == "chief"


def test_a_complainant_rates_by_his_sms(suite, complaint):
    chief = linked(suite, complaint, "/act")
    outcome = {"action": "resolve", "text": "已封堵排口", "media": ["https://example.org/after.jpg"]}
    assert act(suite, chief, outcome).status_code == 202
    public(suite, complaint, "resolved")
    for link in [linked(suite, complaint, "/c"), complaint["link"].partition("#")[2]]:
        assert look(suite, link).json()["role"] == "citizen"
    assert complaint["link"].startswith(f"{SITE}{complaint['url']}#")
    answer = act(suite, linked(suite, complaint, "/c"), {"action": "rate", "grade": "satisfied"})
    assert answer.status_code == 202, answer.text
    assert public(suite, complaint, "closed")["grade"] == "satisfied"


def confirm(suite, link):
    """As the page of the link does when it is opened."""
    return suite.post("/v1/confirmations", None, {"Authorization": f"Bearer {link}"})


def complaint_of(phone):
    place = {"longitude": 120.1, "latitude": 30.25}
    return {"category": "odour", "text": "水臭", "place": place, "contact": {"phone": phone}}


def told_to(suite, phone, complaint):
    """The messages about a complaint that the gateway got for this number."""
    to = phone.replace(" ", "")
    return [m for m in suite.messages(complaint["trackingCode"]) if m["phone"] == to]


def unsent(suite, complaint):
    """Why the complainant's first message was not sent."""
    own = compact(complaint["trackingCode"]) + ".1/"
    return [r.value for r in suite.read("notices.events") if r.kind == "failed" and r.value["reference"].startswith(own)]


def test_only_the_link_in_the_sms_confirms_the_number(suite):
    """One message goes to a number that nobody has confirmed; who answers the complaint's own link is not asked."""
    phone = "+86 000 0000 7779"
    form = complaint_of(phone)
    told = lambda complaint: told_to(suite, phone, complaint)
    failures = lambda complaint: unsent(suite, complaint)
    one = suite.post("/v1/complaints", form).json()
    first = wait_until("the first message", lambda: told(one))
    assert "点开链接" in first[0]["text"]
    own, sent = one["link"].partition("#")[2], first[0]["text"].rpartition("#")[2]
    assert own != sent and first[0]["text"].endswith(sent)
    is_read(suite, own)
    is_read(suite, sent)
    # The answer's link goes to whoever complains, whatever number he names; a robot's GET confirms nothing either.
    refusal = confirm(suite, own)
    assert refusal.status_code == 403 and refusal.headers["Content-Type"] == "application/problem+json"
    assert requests.get(f"{suite.intake}/v1/confirmations", timeout=5).status_code == 405
    two = suite.post("/v1/complaints", form | {"text": "又臭了"}).json()
    (failed,) = wait_until("the second is not sent", lambda: failures(two))
    assert (failed["why"], failed["attempt"]) == ("unconfirmed", 0)

    for _ in range(2):
        assert confirm(suite, sent).status_code == 204
    handle = number_handle(phone)
    confirmed = lambda: [r for r in suite.read("notices.events") if r.kind == "confirmed" and r.key == handle]
    assert len(wait_until("Dispatch knows it", confirmed)) == 1
    three = suite.post("/v1/complaints", form | {"text": "还在臭"}).json()
    wait_until("now he is told", lambda: told(three))
    assert told(two) == []


def test_a_message_from_the_number_confirms_it(suite):
    # A number of its own: the fixture's has had its one message.
    phone, text = "+86 000 0000 7776", "好的，谢谢"
    message = {"id": "mo-1", "from": phone, "text": text}
    one, two = (suite.post("/v1/complaints", complaint_of(phone)).json() for _ in range(2))
    wait_until("one of two is not sent", lambda: unsent(suite, one) + unsent(suite, two))
    assert suite.post("/v1/messages", message).status_code == 401
    for _ in range(2):
        answer = suite.post("/v1/messages", message, suite.bearer)
        assert answer.status_code == 201, answer.text
    assert suite.post("/v1/messages", message | {"from": "10086"}, suite.bearer).status_code == 422
    handle = number_handle(phone)
    written = [r for r in suite.read("sms.messages") if r.key == handle]
    assert [r.value["text"] for r in written] == [text, text] and len({r.headers["ce_id"] for r in written}) == 1
    assert not any("00007776" in str(r.value) + str(r.headers) for r in written), "the number is not on the log"
    confirmed = lambda: [r for r in suite.read("notices.events") if r.kind == "confirmed" and r.key == handle]
    assert len(wait_until("Dispatch knows it", confirmed)) == 1
    three = suite.post("/v1/complaints", complaint_of(phone)).json()
    wait_until("now he is told", lambda: told_to(suite, phone, three))
    assert len(told_to(suite, phone, one) + told_to(suite, phone, two)) == 1
    security = (suite.data("intake") / "dayu-intake" / "security.log").read_text()
    assert "sms.message" in security and text not in security and "00007776" not in security


def refused(suite, link, kind):
    """401 by either way of using a link, with its reason for programs. One that nobody wrote is doubted first: 503."""
    wait_until("Intake has made up its mind", lambda: look(suite, link).status_code != 503, 10)
    for answer in [look(suite, link), act(suite, link, {"action": "note", "text": "x"})]:
        assert answer.status_code == 401 and answer.json()["type"] == f"urn:dayu:link-{kind}", answer.text
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_a_link_that_is_no_good_is_401(suite, complaint):
    code = complaint["trackingCode"]
    before = suite.ends(["complaints.actions"])
    good = made(suite, code, ANYBODY, moment(3600))
    expired = made(suite, code, ANYBODY, moment(-1))
    # Written last: once it is read, all are.
    revoked = made(suite, code, ANYBODY, moment(7200), revokedAt=moment(0))
    wait_until("the links are read", lambda: "revoked" in look(suite, revoked).json().get("type", ""))
    assert is_read(suite, good)["id"] == "anybody"
    refused(suite, expired, "expired")
    refused(suite, revoked, "revoked")
    # 22 characters have four bits more than 16 bytes: of sixteen spellings one is a handle.
    spelling = good[:-1] + chr(ord(good[-1]) + 1)
    unknown = [random_handle(), good[1:] + good[0], spelling, good[:-1], good + "A", good.swapcase(), "x", suite.key.text]
    for link in unknown:
        refused(suite, link, "not-valid")
    assert requests.get(suite.intake + "/v1/link", timeout=30).headers["WWW-Authenticate"] == 'Bearer realm="dayu"'
    assert suite.ends(["complaints.actions"]) == before


def test_a_link_is_taken_back(suite, complaint):
    link = complaint["link"].rpartition("#")[2]
    assert is_read(suite, link)["role"] == "citizen"
    (record,) = [record for record in suite.read("links") if record.key == link]
    write(suite, link, record.value | {"revokedAt": moment(0)})
    wait_until("it is refused", lambda: look(suite, link).status_code == 401)
    refused(suite, link, "revoked")
    # A tombstone forgets it, and what nobody knows is nobody's.
    write(suite, link, None)
    wait_until("it is forgotten", lambda: "not-valid" in look(suite, link).json()["type"])
    assert act(suite, linked(suite, complaint, "/act"), {"action": "note", "text": "另一人的链接仍可用"}).status_code == 202


def test_the_links_of_a_lost_phone_are_taken_back(suite, complaint):
    """Of one person, on all complaints; another's go on working, and nobody is shown a link."""
    code = complaint["trackingCode"]
    lost = [made(suite, code, {"role": "chief", "id": "lost"}, moment(seconds)) for seconds in (3600, 7200)]
    other = made(suite, code, ANYBODY, moment(3600))
    for link in [*lost, other]:
        is_read(suite, link)
    said = suite.operate("link", "revoke", "--of", "chief/lost")
    assert said.count(f"{code}: a link of chief lost, valid until") == 2 and not any(link in said for link in lost)
    for link in lost:
        wait_until("it is refused", lambda: look(suite, link).status_code == 401)  # noqa: B023
        refused(suite, link, "revoked")
    assert look(suite, other).status_code == 200


def test_a_repetition_brings_no_link_back(kafka, tmp_path):
    """Erased, and sent again: the same complaint, and no link to it, also by an Intake that was restarted."""
    with Suite(kafka, tmp_path / "suite", SETTINGS, services=["intake"]) as suite:
        body = {"category": "odour", "text": "臭", "reach": "west-lake.xihu"}
        key = {"Idempotency-Key": secrets.token_hex(16)}
        first = suite.post("/v1/complaints", body, key).json()
        link = first["link"].rpartition("#")[2]
        assert is_read(suite, link)["role"] == "citizen"
        assert suite.post("/v1/complaints", body, key).json()["link"], "before, a repetition is given it"
        suite.operate("erase", first["trackingCode"])
        wait_until("it is refused", lambda: look(suite, link).status_code == 401)
        for _ in range(2):
            again = suite.post("/v1/complaints", body, key).json()
            assert again["id"] == first["id"] and again.get("link") is None
            refused(suite, link, "revoked")
            assert suite.terminate("intake") == 0
            suite.start("intake")
            suite.wait_ready("intake")
            wait_until("the links are read", lambda: look(suite, link).status_code != 503)
        refused(suite, link, "revoked")
        assert all(record.value["revokedAt"] for record in {r.key: r for r in suite.read("links")}.values())


def test_a_link_that_intake_has_not_read_yet_is_503(broker, tmp_path):
    """Not 403: its holder did nothing wrong, and in a moment it works."""
    with Suite(broker.kafka, tmp_path / "suite", SETTINGS, services=["intake"]) as suite:
        code = suite.post("/v1/complaints", {"category": "odour", "text": "臭", "reach": "west-lake.xihu"}).json()["trackingCode"]
        read = made(suite, code, ANYBODY, moment(3600))
        is_read(suite, read)
        assert suite.terminate("intake") == 0
        unread = [made(suite, code, {"role": "office", "id": "xihu"}, moment(3600)), random_handle()]
        broker.stop()

        # What is on the disk works while Kafka is away; what may be on the log is asked for again.
        suite.start("intake")
        wait_until("intake listens", lambda: look(suite, read).status_code == 200, 30)
        for link in unread:
            for answer in [look(suite, link), act(suite, link, {"action": "accept"})]:
                assert answer.status_code == 503 and answer.json()["type"] == "urn:dayu:link-not-read", answer.text
                assert int(answer.headers["Retry-After"]) > 0
        refused(suite, "x", "not-valid")
        broker.start()
        wait_until("it is read", lambda: look(suite, unread[0]).status_code == 200, 60)
        wait_until("all are read", lambda: look(suite, unread[1]).status_code == 401, 20)
        refused(suite, unread[1], "not-valid")


def test_a_link_that_the_spool_holds_is_503(broker, tmp_path):
    """What was given out while Kafka is away is never called invalid, however often it is asked for."""
    with Suite(broker.kafka, tmp_path / "suite", SETTINGS, services=["intake"]) as suite:
        body = {"category": "odour", "text": "臭", "reach": "west-lake.xihu"}
        first = suite.post("/v1/complaints", body).json()["link"].rpartition("#")[2]
        is_read(suite, first)
        broker.stop()
        wait_until("the spool takes it", lambda: suite.post("/v1/complaints", body).status_code == 202, 30)
        link = suite.post("/v1/complaints", body).json()["link"].rpartition("#")[2]
        asked = time.monotonic()
        while time.monotonic() < asked + 8:
            assert look(suite, link).status_code == 503
            time.sleep(0.3)
        broker.start()

        def held():
            status = look(suite, link).status_code
            assert status in (200, 503), status
            return status == 200

        wait_until("it is read", held, 60)


def test_no_log_and_nothing_public_holds_a_link(suite, complaint):
    links = {linked(suite, complaint, "/act"), linked(suite, complaint, "/c")}
    links |= {message["text"].rpartition("#")[2] for message in suite.messages(complaint["trackingCode"])}
    links.add(complaint["link"].rpartition("#")[2])
    assert all(links)
    code = complaint["trackingCode"]
    places = {log.name: log.read_text() for log in suite.folder.glob("*.log")}
    places |= {f"metrics of {name}": metrics(suite, name) for name in suite.instances}
    places["the public page"] = suite.public(f"/api/complaints/{code}").text
    places["the notices' events"] = repr(suite.read("notices.events"))
    for name, text in places.items():
        assert not any(link in text for link in links), f"a link in {name}"
        assert SECRET.hex() not in text and base64.b64encode(SECRET).decode() not in text


def metrics(suite, name):
    return requests.get(f"http://127.0.0.1:{suite.admin[name]}/metrics", timeout=5).text
