"""What a person wrote or is, a complaint's id, a link and a key stand where they belong and on no other topic."""

import datetime
import json
import os
import pathlib
import re
import uuid

import requests

from keys import code_of, compact, word
from suite import ROOT, Suite, wait_until

SITE = "https://rivers.example.org"
UUID = re.compile(rb"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")
PLACE = {"longitude": 120.1384, "latitude": 30.3205}
#: Where what somebody wrote may be read: beside the events, in the messages, and where a gateway brought it.
JOBS = {"sms.jobs", "sms.jobs.urgent"}
WORDS = {"complaints.words", "notices.requests", *JOBS, "gateways.e2e", "dead-letters.restricted"}
CONTACTS = {"complaints.contacts", "notices.requests", *JOBS, "gateways.e2e", "dead-letters.restricted"}
LINKS = {"links", "notices.requests", *JOBS}


class Tokens:
    """Words that stand nowhere else, each remembered."""

    def __init__(self):
        self.made = []

    def __call__(self, what):
        self.made.append(f"{what}{word()}")
        return self.made[-1]

    def picture(self):
        return "https://example.org/" + self("pic") + ".jpg"


def carried(suite):
    """All that each topic holds: keys, headers, values."""
    found = {}
    for topic in suite.topics():
        parts = []
        for record in suite.read(topic):
            headers = b"\n".join(f"{name}: {value}".encode() for name, value in record.headers.items())
            parts.append(b"\n".join([(record.key or "").encode(), headers, record.bytes or b""]))
        found[topic] = b"\n".join(parts)
    return found


def written(suite):
    """The types of all records, each with its topic; not what comes from outside, or did, nor the operator's own."""
    topics = [topic for topic in suite.topics() if not topic.startswith(("gateways.", "dead-letters", "clocks"))]
    return {(re.fullmatch(r"org\.dayu\.(.+)\.v1", r.headers["ce_type"])[1], topic) for topic in topics for r in suite.read(topic)}


def record(suite, path):
    """A few records of each topic and type as the services write them, in the form of Tests/LogTests/Recorded."""
    counted, lines = {}, []
    # What a gateway brings, and that a number is confirmed, is written by the tests.
    for topic in suite.topics():
        if topic.startswith(("gateways.", "sms.messages")):
            continue
        for r in suite.read(topic):
            kind = (topic, r.headers.get("ce_type"), r.bytes is None)
            counted[kind] = counted.get(kind, 0) + 1
            if counted[kind] > 3:
                continue
            line = {"headers": [list(pair) for pair in r.headers.items()], "key": r.key, "topic": topic}
            if r.bytes is not None:
                line["value"] = r.bytes.decode()
            lines.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")))
    path.write_text("".join(f"{line}\n" for line in lines))


def described():
    """The same as the page of the log has them."""
    page = (ROOT / "Shared" / "Models" / "README.md").read_text()
    rows = [line.split("|") for line in page.partition("## Types of events")[2].splitlines() if line.startswith("| `")]
    names = re.compile(r"`([^`]+)`")
    return {(type, topic) for row in rows for type in names.findall(row[1]) for topic in names.findall(row[3])}


def where(places, text):
    forms = {text.encode(), json.dumps(text)[1:-1].encode()}
    return {topic for topic, content in places.items() if any(form in content for form in forms)}


def test_every_topic_after_a_story(kafka, tmp_path):
    words, contacts = Tokens(), Tokens()
    settings = {"DAYU_LINK_KEY": "5a" * 32, "DAYU_SITE": SITE}
    recording = os.environ.get("DAYU_RECORD_LOG")
    with Suite(kafka, tmp_path / "suite", settings) as suite:
        suite.create_topics("--gateway", "e2e")
        suite.confirm(*(f"+86 000 0000 {number}" for number in (7790, 7791, 7792, 7793)))

        def status(code):
            return suite.public(f"/api/complaints/{code}").json().get("status")

        def complain(number):
            body = {
                "category": "sewage-discharge", "text": words("text"), "address": words("addr"), "place": PLACE,
                "media": [words.picture()], "contact": {"name": contacts("name"), "phone": f"+86 000 0000 {number}"},
            }  # fmt: skip
            answer = suite.post("/v1/complaints", body)
            assert answer.status_code == 201, answer.text
            wait_until("assigned", lambda: status(answer.json()["trackingCode"]) == "assigned")
            return answer.json()

        def office(code, **action):
            answer = suite.act(code, {"by": {"role": "office", "id": "hangzhou"}, **action})
            assert answer.status_code == 202, answer.text
            return answer

        def citizen(complaint, **action):
            answer = suite.act_as_citizen(complaint["id"], action)
            assert answer.status_code == 202, answer.text

        later = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=20)).isoformat()
        # Three complaints and everything that people say on the way.
        numbers = ["0790", "0791", "0792"]
        one, other, stray = (complain(number) for number in numbers)
        code = one["trackingCode"]
        office(code, action="accept")
        office(code, action="note", text=words("note"), media=[words.picture()])
        office(code, action="note", public=False, text=words("internal"))
        citizen(one, action="urge", text=words("urge"))
        office(other["trackingCode"], action="transfer", to={"reach": "shangtang-river.gongshu"}, text=words("transfer"))
        office(other["trackingCode"], action="edit", category="odour", text=words("edit"))
        office(other["trackingCode"], action="extend", until=later, text=words("extend"))
        office(other["trackingCode"], action="merge", into=code, text=words("merge"))
        office(stray["trackingCode"], action="reject", reason="handled-elsewhere", text=words("reject"))
        office(code, action="resolve", text=words("resolve"), media=[words.picture()])
        wait_until("resolved", lambda: status(code) == "resolved")
        citizen(one, action="rate", grade="dissatisfied", text=words("rate"))
        wait_until("assigned again", lambda: status(code) == "assigned")
        office(code, action="close", text=words("close"))
        wait_until("closed", lambda: status(code) == "closed")
        citizen(one, action="reopen", text=words("reopen"))
        wait_until("reopened", lambda: status(code) == "assigned")
        # What is refused by the rules was said all the same, and what a gateway brings by its own topic.
        citizen(stray, action="rate", grade="satisfied", text=words("late"))
        headers = [
            ("ce_specversion", b"1.0"), ("ce_id", b"words"), ("ce_source", b"urn:e2e"),
            ("ce_type", b"org.dayu.gateway.complaint.v1"),
        ]  # fmt: skip
        numbers.append("0793")
        brought = {
            "category": "odour", "text": words("brought"), "place": PLACE,
            "contact": {"name": contacts("name"), "phone": f"+86 000 0000 {numbers[-1]}"},
        }  # fmt: skip
        suite.write("gateways.e2e", "any", json.dumps(brought).encode(), headers)
        suite.write("gateways.e2e", "any", json.dumps(brought | {"category": "volcano"}).encode(), headers)
        wait_until("the gateway's", lambda: len(suite.read("complaints.submissions")) == 4)
        wait_until("its bad one", lambda: suite.read("dead-letters.restricted"))
        wait_until("the refusal", lambda: suite.read("complaints.refusals"))
        quiet(suite)

        # A reading is graded, and one complaint is erased.
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        answer = suite.measure([{"section": "tonglu", "observedAt": now, "values": {"w01001": 7.4, "w01009": 6.1}}])
        assert answer.status_code == 201, answer.text
        suite.operate("erase", stray["trackingCode"])
        wait_until("erased", lambda: any(r.kind == "erased" for r in suite.read("complaints.events")))
        wait_until("graded", lambda: suite.read("readings.assessments"))
        quiet(suite)
        if recording:
            record(suite, pathlib.Path(recording))

        unknown = written(suite) - described()
        assert not unknown, f"the page of the log does not know {unknown}"
        places = carried(suite)
        assert {"complaints.events", "complaints.words", "links", "dead-letters", "sms.jobs"} <= set(places)
        for token in words.made:
            found = where(places, token)
            assert "complaints.words" in found and found <= WORDS, (token, found)
        for token in contacts.made:
            found = where(places, token)
            assert "complaints.contacts" in found and found <= CONTACTS, (token, found)
        for number in numbers:
            found = where(places, f"0000000{number}") | where(places, f"000 0000 {number}")
            assert "complaints.contacts" in found and found <= CONTACTS, (number, found)

        # The capability: neither an id that was told nor any other UUID that leads to a complaint's code.
        for complaint in (one, other, stray):
            assert code_of(complaint["id"]) == compact(complaint["trackingCode"])
            assert where(places, complaint["id"]) == set()
        codes = {record.value["complaint"] for record in suite.read("complaints.submissions")}
        for topic, content in places.items():
            for text in set(UUID.findall(content)):
                assert code_of(str(uuid.UUID(text.decode()))) not in codes, topic

        handles = {record.key for record in suite.read("links")}
        assert one["link"].rpartition("#")[2] in handles and len(handles) >= 8
        for handle in handles:
            assert where(places, handle) <= LINKS, "a link"
        assert where(places, suite.key.text) == set()

        # Neither in a log nor in a metric.
        texts = {log.name: log.read_bytes() for log in suite.folder.glob("*.log")}
        for name in suite.instances:
            texts[name] = requests.get(f"http://127.0.0.1:{suite.admin[name]}/metrics", timeout=5).content
        for secret in [*words.made, *contacts.made, *handles, one["id"], other["id"], suite.key.text]:
            assert where(texts, secret) == set()


def quiet(suite):
    """Every message was given away, and nothing more comes."""

    def settled():
        asked = sum(record.kind == "requested" for record in suite.read("notices.requests"))
        ended = {r.value["reference"] for r in suite.read("notices.events") if r.kind in ("accepted", "failed")}
        lags = [suite.operate("status", "--json")]
        waiting = [topic["records"] for group in json.loads(lags[0])["groups"] for topic in group["lag"]]
        return asked == len(ended) and not any(waiting)

    wait_until("everything is worked off", settled)
