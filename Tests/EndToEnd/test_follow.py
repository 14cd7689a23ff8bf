"""People who find their problem among the complaints nearby follow one of them, hear of it by SMS and stop when they like."""

import secrets
import time

import pytest
import requests

from browser import available
from keys import compact, tracking_code
from suite import Suite, number_handle, wait_until

PLACE = {"longitude": 120.1485, "latitude": 30.2547}
#: About 70 metres to the north, and far beyond what counts as near.
NEAR, FAR = PLACE | {"latitude": 30.2553}, PLACE | {"latitude": 30.2647}
PHONE = "+86 000 0000 7801"
SETTINGS = {"DAYU_LINK_KEY": secrets.token_hex(32), "DAYU_INTAKE_ORIGIN": "*"}
OFFICE = {"by": {"role": "office", "id": "hangzhou"}}


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("follow"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    with suite:
        yield suite


def complain(suite, **more):
    answer = suite.post("/v1/complaints", {"category": "odour", "text": "河水发臭", "place": PLACE} | more)
    assert answer.status_code == 201, answer.text
    code = answer.json()["trackingCode"]
    wait_until("the complaint is public", lambda: shown(suite, code)["status"] == "assigned")
    return answer.json()


def shown(suite, code):
    answer = suite.public(f"/api/complaints/{compact(code)}")
    return answer.json() if answer.status_code == 200 else {"status": None, "follows": None}


def similar(suite, category="odour", place=PLACE):
    return suite.public("/api/complaints/similar", category=category, **place).json()["complaints"]


def follow(suite, code, phone=PHONE):
    return suite.post("/v1/follows", {"complaint": code, "phone": phone})


def act(suite, code, action, **more):
    answer = suite.act(code, OFFICE | {"action": action} | more)
    assert answer.status_code == 202, answer.text


def told(suite, code, phone):
    """The texts that the number got about the complaint."""
    number = phone.replace(" ", "")
    return [one["text"] for one in suite.messages(code) if one["phone"] == number]


def test_similar_complaints_are_near_open_and_of_the_group(suite):
    here = complain(suite)
    colour = complain(suite, category="discolouration", place=NEAR)
    complain(suite, category="bank-litter")
    complain(suite, place=FAR)
    found = [one["trackingCode"] for one in similar(suite)]
    assert found[0] == here["trackingCode"] and colour["trackingCode"] in found and len(found) == 2
    assert similar(suite)[1]["metres"] == pytest.approx(67, abs=2)
    # The name and the number of who complained are nowhere in it.
    assert set(similar(suite)[0]) >= {"text", "status", "category", "metres", "follows"} and "contact" not in similar(suite)[0]
    act(suite, here["trackingCode"], "reject", reason="not-water", text="不是")
    wait_until("it is rejected", lambda: [one["trackingCode"] for one in similar(suite)] == [colour["trackingCode"]])


def test_who_follows_is_told_once_until_he_confirms_and_no_more_when_he_stops(suite):
    complaint = complain(suite, place=FAR | {"longitude": 120.16})
    code = complaint["trackingCode"]
    assert follow(suite, code).status_code == 201 and follow(suite, code, "0086 000 0000 7801").status_code == 201
    assert follow(suite, code, "+86 000 0000 7802").status_code == 201
    wait_until("two follow it", lambda: shown(suite, code)["follows"] == 2)
    # The topic for the public has the count, and nobody's number.
    public = [record for record in suite.read("follows.counts") if record.key == compact(code)]
    assert public[-1].value["follows"] == 2
    assert "7801" not in str([record.bytes for record in suite.read("follows.counts") + suite.read("complaints.events")])

    act(suite, code, "accept")
    text = wait_until("he is told", lambda: told(suite, code, PHONE))[0]
    assert f"您关注的投诉{code}已由河长办受理" in text and "取消关注" in text
    token = text.rpartition("#")[2]
    bearer = {"Authorization": f"Bearer {token}"}
    held = requests.get(f"{suite.intake}/v1/link", headers=bearer, timeout=30)
    assert held.json() | {"expiresAt": 0} == {"trackingCode": code, "role": "follower", "expiresAt": 0}
    # Who follows may do nothing to the complaint.
    refused = requests.post(f"{suite.intake}/v1/actions", headers=bearer, json={"action": "urge"}, timeout=30)
    assert refused.status_code == 403

    # One of them opens the link, and the other never does: he has had his one message in 30 days.
    assert requests.post(f"{suite.intake}/v1/confirmations", headers=bearer, timeout=30).status_code == 204
    confirmed = lambda: [r for r in suite.read("notices.events") if r.kind == "confirmed" and r.key == number_handle(PHONE)]
    wait_until("the number is confirmed", confirmed)
    act(suite, code, "resolve", text="已清理", media=["https://example.org/after.jpg"])
    wait_until("he is told again", lambda: len(told(suite, code, PHONE)) == 2)
    assert "已办结" in told(suite, code, PHONE)[1] and "已清理" not in told(suite, code, PHONE)[1]

    assert requests.post(f"{suite.intake}/v1/unfollows", headers=bearer, timeout=30).status_code == 204
    wait_until("one follows it", lambda: shown(suite, code)["follows"] == 1)
    act(suite, code, "reopen", text="还是臭")
    wait_until("it is reopened", lambda: shown(suite, code)["status"] in ("assigned", "accepted"))
    time.sleep(3)
    assert len(told(suite, code, PHONE)) == 2 and len(told(suite, code, "+86 000 0000 7802")) == 1


@pytest.mark.parametrize(
    "wish, field, code",
    [
        ({"phone": PHONE}, "complaint", "missing"), ({"complaint": "none", "phone": PHONE}, "complaint", "unknown"),
        ({"complaint": tracking_code(), "phone": "12345"}, "phone", "phone-without-messages"),
        ({"complaint": tracking_code(), "phone": "87654321"}, "phone", "phone-without-area"), ({"complaint": tracking_code()}, "phone", "missing"),
    ],
)  # fmt: skip
def test_bad_wishes_are_named_and_write_nothing(suite, wish, field, code):
    before = suite.ends(["follows"])
    answer = suite.post("/v1/follows", wish)
    assert answer.status_code == 422
    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert suite.ends(["follows"]) == before


def test_erasing_a_number_ends_what_it_follows_and_leaves_the_complaint_alone(suite):
    phone = "+86 000 0000 7803"
    complaint = complain(suite, place=FAR | {"longitude": 120.17})
    code = complaint["trackingCode"]
    assert follow(suite, code, phone).status_code == 201
    wait_until("it is followed", lambda: shown(suite, code)["follows"] == 1)
    said = suite.operate("erase", "--number", phone)
    assert f"{code}: follows it no longer" in said and "7803" not in said
    wait_until("nobody follows it", lambda: shown(suite, code)["follows"] == 0)
    assert suite.read("follows")[-1].bytes is None
    assert shown(suite, code)["text"] == "河水发臭" and all(one["type"] != "erased" for one in shown(suite, code)["timeline"])


@pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")
@pytest.mark.parametrize(
    "language, words",
    [
        ("zh", ["使用我的位置", "水体", "水体异味", "就是这一件", "电话", "关注", "已关注。", "您在关注这件投诉", "取消关注", "已取消关注"]),
        ("en", ["Use my position", "Water", "Bad smell of the water", "It is this one", "Phone", "Follow", "You follow it now.",
                "You follow this complaint", "Stop following", "You no longer follow it"]),
    ],
)  # fmt: skip
def test_the_form_offers_what_is_near_and_the_page_ends_it(suite, browser, language, words):
    locate, group, category, this, phone, press, done, yours, stop, stopped = words
    number = {"zh": "+86 000 0000 7804", "en": "+86 000 0000 7805"}[language]
    place = FAR | {"longitude": {"zh": 120.18, "en": 120.19}[language]}
    complaint = complain(suite, place=place)
    code = complaint["trackingCode"]
    citizen = browser(390)
    citizen.open(f"{suite.site}/report", language)
    citizen.be_at(place["longitude"], place["latitude"])
    citizen.press(locate)
    citizen.press(group, "form.report")
    citizen.press(category, "form.report")
    citizen.press(this, ".similar")
    citizen.fill(phone, number, ".similar")
    for width in (320, 390, 1280):
        citizen.resize(width)
        citizen.check()
    assert citizen.barriers() == []
    citizen.press(press, ".similar")
    citizen.sees(done, ".similar")
    wait_until("it is followed", lambda: shown(suite, code)["follows"] == 1)
    assert not any("/v1/complaints" in one for one in citizen.asked()), "no second complaint was sent"

    act(suite, code, "accept")
    link = wait_until("he is told", lambda: told(suite, code, number))[0].splitlines()[-1]
    citizen.open(link)
    citizen.sees(yours, ".follow")
    assert citizen.barriers() == []
    citizen.press(stop, ".follow")
    citizen.sees(stopped, ".follow")
    wait_until("nobody follows it", lambda: shown(suite, code)["follows"] == 0)
