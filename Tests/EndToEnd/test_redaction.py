"""What people paste and write into a text by mistake is shown to nobody, and what they hide in one deceives nobody."""

import json
import re

import pytest

from suite import Suite, wait_until

SITE = "https://rivers.example.org"
MARK = "▇▇▇"
PLACE = {"longitude": 120.1384, "latitude": 30.3205}


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    settings = {"DAYU_LINK_KEY": "5b" * 32, "DAYU_SITE": SITE}
    with Suite(kafka, tmp_path_factory.mktemp("redaction"), settings) as running:
        yield running


def complain(suite, text, **more):
    answer = suite.post("/v1/complaints", {"category": "sewage-discharge", "text": text, "place": PLACE, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def page(suite, complaint, shows):
    """The complaint's page, once it shows something."""

    def shown():
        answer = suite.public(f"/api/complaints/{complaint['trackingCode']}")
        if answer.status_code != 200 or not shows(answer.json()):
            return None
        return json.dumps(answer.json(), ensure_ascii=False)

    return wait_until("the page", shown)


def notes(shown):
    return [event.get("text") or "" for event in shown["timeline"] if event["type"] == "noted"]


def test_a_pasted_link_or_identity_lets_nobody_act(suite):
    contact = {"name": "李\u202e雷", "phone": "+86 000 0000 7802"}
    one = complain(suite, "\u202e水臭，见 https://bad.example/x", contact=contact)
    own = one["link"]

    def by_sms():
        texts = [message["text"] for message in suite.messages(one["trackingCode"])]
        return next((text for text in texts if f"{SITE}/act#" in text), None)

    sms = wait_until("the chief's SMS", by_sms)
    chiefs = sms.splitlines()[-1]
    # The SMS holds one web address, the suite's own, and nothing that turns the number behind the name.
    assert re.findall(r"https?://|bad\.example", sms) == ["https://"]
    assert "投诉人：李雷 +8600000007802" in sms, sms
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", sms)

    citizen = suite.act_as_citizen(one["id"], {"action": "note", "text": f"打不开：{own}"})
    assert citizen.status_code == 202, citizen.text
    chief = {"Authorization": "Bearer " + chiefs.partition("#")[2]}
    body = {"action": "note", "public": True, "text": f"请协助：{chiefs} 或 138-0013-8000"}
    # 503 until Intake has read the link.
    wait_until("the chief's note", lambda: suite.post("/v1/actions", body, chief).status_code == 202)
    shown = page(suite, one, lambda shown: len(notes(shown)) == 2)
    for secret in (own.partition("#")[2], chiefs.partition("#")[2], one["id"], "0013-8000", "\u202e"):
        assert secret not in shown, secret
    assert shown.count(MARK) >= 3 and f"/act#{MARK}" in shown

    two = complain(
        suite, f"补充我的投诉 {one['id']}",
        media=["https://example.org/photo_13800138000.jpg", "https://example.org/2.jpg"],
    )  # fmt: skip
    shown = page(suite, two, lambda shown: shown["text"])
    assert one["id"] not in shown and f"补充我的投诉 {MARK}" in shown and "13800138000" not in shown
    assert f"https://example.org/{MARK}" in shown and "https://example.org/2.jpg" in shown


@pytest.mark.parametrize("text", ["\u200b\u200b", "\u2800", "\u3164", "\u202e \ufeff"])
def test_a_text_of_nothing_visible_is_empty(suite, text):
    answer = suite.post("/v1/complaints", {"category": "sewage-discharge", "text": text, "place": PLACE})
    assert answer.status_code in (400, 422) and "is empty" in answer.text, answer.text
