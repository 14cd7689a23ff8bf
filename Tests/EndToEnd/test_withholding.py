"""An office withholds, reviews and releases; the operator erases by number; the security log tells who did what."""

import json
import re
import secrets
import stat
import time

import pytest
import requests

from keys import compact, word
from suite import Suite, wait_until

PHONE = "+8600000007796"
OFFICE = {"role": "office", "id": "hangzhou"}
PICTURES = ["https://example.org/one.jpg", "https://example.org/two.jpg"]
SETTINGS = {
    "DAYU_LINK_KEY": secrets.token_hex(32), "DAYU_SITE": "https://rivers.example.org",
    "DAYU_DISCLOSURE_REVIEW": "true",
}  # fmt: skip


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    with Suite(kafka, tmp_path_factory.mktemp("withholding"), SETTINGS) as running:
        yield running


def complain(suite, text):
    body = {
        "category": "sewage-discharge", "text": text, "media": PICTURES, "reach": "west-lake.xihu",
        "contact": {"name": "高样例", "phone": PHONE},
    }  # fmt: skip
    return suite.post("/v1/complaints", body).json()


def page(suite, code):
    found = suite.public(f"/api/complaints/{code}")
    return found.json() if found.status_code == 200 else {}


def shows(suite, code, what):
    return wait_until("the page shows it", lambda: (p := page(suite, code)) and what(p) and p)


def security(suite):
    path = suite.data("intake") / "dayu-intake" / "security.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_words_wait_for_an_office_and_can_be_withheld_again(suite):
    text = f"内容{word()}"
    code = complain(suite, text)["trackingCode"]
    waiting = shows(suite, code, lambda p: p["status"] == "assigned" and p["words"] == "withheld")
    assert {one["reason"] for one in waiting["withheld"]} == {"review"}
    assert text not in json.dumps(waiting) and "example.org" not in json.dumps(waiting)

    def act(action, part, **more):
        body = {"action": action, "passage": {"version": 1, "part": part}, "by": OFFICE} | more
        return suite.act(code, body)

    act("release", "all")
    shows(suite, code, lambda p: p["text"] == text and p["media"] == PICTURES)
    act("withhold", "picture-1", reason="personal-data", text="车牌清晰可见")
    last = shows(suite, code, lambda p: p["media"] == PICTURES[1:])
    assert last["withheld"] == [{"part": "picture-1", "reason": "personal-data", "shown": False}]
    line = last["timeline"][-1]
    assert (line["type"], line["reason"], line["by"]["role"]) == ("withheld", "personal-data", "office")
    assert line["passage"] == {"version": 1, "part": "picture-1"} and line["text"] == "车牌清晰可见"


def test_a_number_is_erased_with_all_its_complaints_and_their_links(suite):
    texts = [f"擦除{word()}" for _ in range(2)]
    complaints = [complain(suite, text) for text in texts]
    codes = [complaint["trackingCode"] for complaint in complaints]
    for code in codes:
        shows(suite, code, lambda p: p["status"] == "assigned")
    identity = complaints[0]["id"]
    assert suite.act_as_citizen(identity, {"action": "urge"}).status_code == 202
    shows(suite, codes[0], lambda p: any(entry["type"] == "urged" for entry in p["timeline"]))
    messages = wait_until("a chief has his link", lambda: [m for m in suite.messages(codes[0]) if "/act#" in m["text"]])
    handle = re.search(r"/act#(\S{22})", messages[0]["text"])[1]
    held = {"Authorization": f"Bearer {handle}"}
    wait_until("the link is known", lambda: requests.get(f"{suite.intake}/v1/link", headers=held).status_code == 200)

    done = suite.operate("erase", "--number", PHONE)
    assert all(code in done for code in codes) and PHONE not in done
    assert "complaints.words" in done and "until 20" in done and "for ever" in done
    for code in codes:
        erased = shows(suite, code, lambda p: p["words"] == "erased" and p["timeline"][-1]["type"] == "erased")
        assert not any(text in json.dumps(erased) for text in texts)
    wait_until("the link ends", lambda: requests.get(f"{suite.intake}/v1/link", headers=held).status_code == 401)

    # The complaint's id is the proof of the same person. It ends with his links, at Intake and behind it.
    note = lambda: suite.act_as_citizen(identity, {"action": "note", "text": "还在流"})
    wait_until("the id ends", lambda: note().status_code == 401)
    refused = note()
    assert refused.json()["type"] == "urn:dayu:complaint-erased" and identity not in refused.text
    assert "还在流" not in suite.public(f"/api/complaints/{codes[0]}").text
    office = suite.act(codes[0], {"action": "note", "text": "继续办理", "by": OFFICE})
    assert office.status_code == 202, "the office goes on"

    # Words that come again, as from a backup of their topic, are not taken.
    former = next(r for r in suite.read("complaints.words") if r.key.startswith(compact(codes[0])) and r.bytes)
    again = {"headers": list(former.headers.items()), "partition": former.partition}
    suite.write("complaints.words", former.key, former.bytes, **again)
    time.sleep(3)
    assert page(suite, codes[0])["words"] == "erased"

    lines = security(suite)
    link = [line for line in lines if line["proof"] == "link" and line["complaint"] == compact(codes[0])]
    assert {line["status"] for line in link} >= {200, 401} and all(line["holder"]["role"] != "citizen" for line in link)
    keys = [line for line in lines if line.get("wanted") == "action.withhold"]
    assert keys and keys[0]["proof"] == "key" and keys[0]["by"] == OFFICE and keys[0]["gateway"]
    everything = json.dumps(lines)
    ended = [line for line in lines if line["proof"] == "id" and line["status"] == 401]
    assert ended and ended[-1]["complaint"] == compact(codes[0]) and "address" not in ended[-1]
    assert identity not in everything and handle not in everything and suite.bearer["Authorization"].split()[1] not in everything


def test_the_security_log_tells_of_refusals_and_may_be_renamed(suite):
    path = suite.data("intake") / "dayu-intake" / "security.log"
    path.rename(path.with_suffix(".1"))
    refused = requests.post(f"{suite.intake}/v1/readings", json={"readings": []}, headers={"Authorization": "Bearer nobody"})
    assert refused.status_code == 401
    line = wait_until("a line in a new file", lambda: path.exists() and security(suite))[-1]
    assert (line["proof"], line["status"]) == ("unreadable", 401) and "nobody" not in json.dumps(line)
    assert line["wanted"] == "reading.reported" and line["refusal"]
