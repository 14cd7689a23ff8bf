"""A chief acts by the link in his SMS, and a complainant by the one in his; nobody by a link that is not ours.

Links are written here a second time, from their description in `Shared/Links/LinkKey.swift` and nothing else.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
import time
import uuid

import pytest
import requests

from suite import Suite, wait_until

SITE = "https://rivers.example.org"
SECRET = secrets.token_bytes(32)
CHIEF, CITIZEN = 2, 1


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def token(complaint, role, actor, expires, secret=SECRET):
    tag_key, mask_key = (mac(secret, label + b"\x01") for label in (b"dayu action link: tag", b"dayu action link: mask"))
    head, identity = bytes([1, role]) + int(expires).to_bytes(5, "big") + actor.encode(), uuid.UUID(complaint).bytes
    tag = mac(tag_key, head + identity)[:16]
    masked = bytes(a ^ b for a, b in zip(identity, mac(mask_key, tag)))
    return base64.urlsafe_b64encode(head + tag + masked).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    # The key that signs comes first; the one after it has been replaced and still verifies.
    keys = f"{secrets.token_hex(32)},{base64.b64encode(SECRET).decode()}"
    with Suite(kafka, tmp_path_factory.mktemp("links"), {"DAYU_LINK_KEY": keys, "DAYU_SITE": SITE}) as running:
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
            "gateway": "e2e",
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


def public(suite, complaint, status):
    def shown():
        answer = suite.public(f"/api/complaints/{complaint['trackingCode']}")
        return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

    return wait_until(status, shown)


def messages(suite, complaint):
    lines = [json.loads(line) for line in suite.sms.read_text().splitlines()] if suite.sms.exists() else []
    return [line for line in lines if complaint["trackingCode"] in line["text"]]


def linked(suite, complaint, page):
    """The token of the latest message that leads to a page of the site."""

    def found():
        texts = [message["text"] for message in messages(suite, complaint)]
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
    other = token(complaint["id"], CHIEF, "anybody", time.time() + 3600)
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
    for link in [linked(suite, complaint, complaint["url"]), complaint["link"].partition("#")[2]]:
        assert look(suite, link).json()["role"] == "citizen"
    assert complaint["link"].startswith(f"{SITE}{complaint['url']}#")
    answer = act(suite, linked(suite, complaint, complaint["url"]), {"action": "rate", "grade": "satisfied"})
    assert answer.status_code == 202, answer.text
    assert public(suite, complaint, "closed")["grade"] == "satisfied"


def test_a_link_of_the_former_key_is_read_and_every_other_is_401(suite, complaint):
    now = time.time()
    good = token(complaint["id"], CHIEF, "anybody", now + 3600)
    assert look(suite, good).json()["id"] == "anybody"
    refused = {
        "expired": (token(complaint["id"], CHIEF, "anybody", now - 1), "expired"),
        "forged": (token(complaint["id"], CHIEF, "anybody", now + 3600, secrets.token_bytes(32)), "not valid"),
        "another's": (good[:12] + ("A" if good[12] != "A" else "B") + good[13:], "not valid"),
        "prolonged": (base64_with_byte(good, 6), "not valid"),
        "cut off": (good[:-1], "not valid"),
    }
    for what, (link, reason) in refused.items():
        for answer in [look(suite, link), act(suite, link, {"action": "note", "text": "x"})]:
            assert answer.status_code == 401, what
            assert reason in answer.json()["detail"] and 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert requests.get(suite.intake + "/v1/link", timeout=30).headers["WWW-Authenticate"] == 'Bearer realm="dayu"'


def base64_with_byte(link, index):
    """The same link with one byte of it one higher, such as the last of its expiry."""
    raw = bytearray(base64.urlsafe_b64decode(link + "=" * (-len(link) % 4)))
    raw[index] = (raw[index] + 1) % 256
    return base64.urlsafe_b64encode(bytes(raw)).rstrip(b"=").decode()


def test_no_log_and_nothing_public_holds_a_link(suite, complaint):
    links = {linked(suite, complaint, "/act"), linked(suite, complaint, complaint["url"])}
    links |= {message["text"].rpartition("#")[2] for message in messages(suite, complaint)}
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
