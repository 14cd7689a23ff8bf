"""Erased is erased: after the tombstones no page, no message, no store and no restore shows what somebody wrote or is."""

import http.server
import json
import shutil
import threading
import time
import urllib.parse
import uuid

import pytest

from keys import compact, partition, word
from suite import PARTITIONS, Suite, wait_until

PHONE = "+8600000007795"
BY = {"role": "office", "id": "hangzhou"}


class Gateway:
    """Answers what it is told to, and keeps what it was asked; a context manager."""

    def __init__(self):
        self.answer, self.asked = 200, []
        #: While it is clear, nothing is answered.
        self.answers = threading.Event()
        self.answers.set()
        gateway = self

        class Door(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                gateway.asked.append({name: values[0] for name, values in urllib.parse.parse_qs(body).items()})
                gateway.answers.wait(60)
                self.send_response(gateway.answer)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.settings = {
            "DAYU_SMS_GATEWAY": "http", "DAYU_SMS_URL": f"http://127.0.0.1:{self.server.server_address[1]}/",
        }  # fmt: skip

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.answers.set()
        self.server.shutdown()


def token(what):
    return f"{what}{word()}"


def held(suite, service, secrets):
    """Which of the secrets stand in any file of a service's data folder, journals and all."""
    files = [path for path in (suite.data(service) / f"dayu-{service}").rglob("*") if path.is_file()]
    assert files, service
    contents = [path.read_bytes() for path in files]
    forms = {secret: (secret.encode(), json.dumps(secret)[1:-1].encode()) for secret in secrets}
    return {secret for secret, both in forms.items() if any(form in c for form in both for c in contents)}


def erase(suite, code):
    """What an operator's command does: a tombstone for each key, on the partition of the complaint."""
    keys = {"complaints.words": set(), "complaints.contacts": set()}
    for topic, found in keys.items():
        for record in suite.read(topic):
            if record.key.partition("/")[0] == code:
                assert record.partition == partition(record.key, PARTITIONS), "the words lie where the complaint lies"
                found.add(record.key)
        headers = [
            ("ce_specversion", b"1.0"), ("ce_source", b"e2e"), ("ce_type", b"org.dayu.words.erased.v1"),
            ("ce_time", b"2026-08-20T00:00:00Z"),
        ]  # fmt: skip
        for key in found:
            identity = ("ce_id", f"erased/{key}".encode())
            suite.write(topic, key, None, [*headers, identity], partition=partition(key, PARTITIONS))
    return keys


@pytest.mark.slow
def test_what_waits_and_what_comes_again(kafka, tmp_path):
    """A message that waits for its gateway goes out without the words; the same request again brings none back."""
    text, name = token("text"), token("name")
    with Gateway() as gateway, Suite(kafka, tmp_path / "suite", gateway.settings) as suite:
        gateway.answer = 503
        key = {"Idempotency-Key": uuid.uuid4().hex}
        body = {
            "category": "sewage-discharge", "text": text, "place": {"longitude": 120.1384, "latitude": 30.3205},
            "contact": {"name": name, "phone": PHONE},
        }  # fmt: skip
        answer = suite.post("/v1/complaints", body, key).json()
        code = answer["trackingCode"]
        # The chief's and the complainant's, in whatever order.
        wait_until("the chief's message quotes it", lambda: any(text in asked["text"] for asked in gateway.asked))

        def put_off():
            deferred = [r for r in suite.read("notices.events") if r.kind == "deferred"]
            return len({r.key for r in deferred}) == 2 and deferred

        put_off = wait_until("both are put off", put_off)
        said = suite.operate("erase", code)
        assert "2 messages withdrawn" in said, said
        wait_until("the complainant's is over", lambda: [r for r in suite.read("notices.events") if r.kind == "failed"])
        before = len(gateway.asked)
        gateway.answer = 200
        wait_until("the chief is told", lambda: len(gateway.asked) > before, 60)
        later = gateway.asked[before:]
        assert not any(secret in json.dumps(asked) for asked in later for secret in (text, name, PHONE)), put_off
        assert compact(code) in later[0]["text"] or code in later[0]["text"]
        wait_until("no store has it", lambda: held(suite, "notification", [text, name, PHONE]) == set(), 60)

        # The same request once more: the same complaint, and its words and contact are removed again.
        def last(topic):
            records = [r for r in suite.read(topic) if r.key.partition("/")[0] == compact(code)]
            return records[-1].bytes

        assert last("complaints.words") is None and last("complaints.contacts") is None
        count = len(suite.read("complaints.words"))
        again = suite.post("/v1/complaints", body, key)
        assert again.status_code == 201 and again.json()["id"] == answer["id"]
        wait_until("it wrote and removed them", lambda: len(suite.read("complaints.words")) == count + 2)
        assert last("complaints.words") is None
        wait_until("the contact is gone", lambda: last("complaints.contacts") is None)
        assert suite.public(f"/api/complaints/{code}").json()["words"] == "erased"


def test_what_waits_in_the_queue_is_not_sent(kafka, tmp_path):
    """The gateway hangs, and messages wait behind the one that it has. What is erased then never reaches it."""
    text, name = token("text"), token("name")

    def complaint(text, name, phone):
        return {
            "category": "sewage-discharge", "text": text, "place": {"longitude": 120.1384, "latitude": 30.3205},
            "contact": {"name": name, "phone": phone},
        }  # fmt: skip

    with Gateway() as gateway, Suite(kafka, tmp_path / "suite", gateway.settings | {"DAYU_SMS_TIMEOUT": "30s"}) as suite:

        def jobs():
            return suite.read("sms.jobs") + suite.read("sms.jobs.urgent")

        gateway.answers.clear()
        # The chief's and the complainant's have a pusher each; a gateway that has not answered yet gets one of each.
        suite.post("/v1/complaints", complaint("first", "first", "+8600000007796"))
        wait_until("both pushers wait for an answer", lambda: len(gateway.asked) == 2)
        code = suite.post("/v1/complaints", complaint(text, name, PHONE)).json()["trackingCode"]
        wait_until("two more messages wait", lambda: len(jobs()) == 4)
        assert any(text in job.value["text"] for job in jobs()), "the words are in the queue"
        said = suite.operate("erase", code)
        assert "2 messages withdrawn" in said, said
        wait_until("the pushers can know it", lambda: len(suite.read("sms.jobs.withdrawn")) == 2)
        gateway.answers.set()

        def told():
            outcomes = [r.value["outcome"] for r in suite.read("sms.receipts")]
            return outcomes.count("withdrawn") == 2 and outcomes.count("accepted") == 3

        wait_until("the chief is told in other words", told, 60)
        about = [asked for asked in gateway.asked if compact(code) in json.dumps(asked) or code in json.dumps(asked)]
        assert len(about) == 1 and len(gateway.asked) == 3
        assert not any(secret in json.dumps(asked) for asked in gateway.asked for secret in (text, name, PHONE))


@pytest.mark.slow
def test_folders_from_a_backup_honour_an_erasure_that_they_do_not_know(kafka, tmp_path):
    """The services' folders as they were before the erasure are put back: what they hold is dropped again."""
    text, name = token("text"), token("name")
    with Suite(kafka, tmp_path / "suite") as suite:
        body = {
            "category": "sewage-discharge", "text": text, "place": {"longitude": 120.1384, "latitude": 30.3205},
            "contact": {"name": name, "phone": PHONE},
        }  # fmt: skip
        answer = suite.post("/v1/complaints", body).json()
        code = answer["trackingCode"]
        page = lambda: (found := suite.public(f"/api/complaints/{code}")).status_code == 200 and found.json()
        wait_until("it is shown", lambda: (p := page()) and p["status"] == "assigned" and p["text"] == text)
        wait_until("the chief is told", lambda: any(text in message["text"] for message in suite.messages(code)))
        services = {"disclosure": {text}, "notification": {text, name, PHONE}}
        folder = lambda service: suite.data(service) / f"dayu-{service}"
        for service, secrets in services.items():
            wait_until("its folder holds them", lambda: held(suite, service, secrets) == secrets)
            assert suite.terminate(service) == 0
            shutil.copytree(folder(service), tmp_path / service)
            suite.start(service)
            suite.wait_ready(service)

        suite.operate("erase", code)
        wait_until("erased", lambda: page()["words"] == "erased")
        for service, secrets in services.items():
            wait_until("it has dropped them", lambda: held(suite, service, secrets) == set(), 120)
            assert suite.terminate(service) == 0
            shutil.rmtree(folder(service))
            shutil.copytree(tmp_path / service, folder(service))
            assert held(suite, service, secrets) == secrets, "the backup has them"
            suite.start(service)
            suite.wait_ready(service)
            wait_until("it has dropped them again", lambda: held(suite, service, secrets) == set(), 120)
        wait_until("the page is there", page)
        assert page()["words"] == "erased" and text not in json.dumps(page())
        before = len(suite.messages(code))
        suite.act(code, {"action": "urge", "by": BY, "text": "请尽快"})
        later = wait_until("the chief is told", lambda: suite.messages(code)[before:])
        assert not any(secret in json.dumps(later) for secret in (text, name, PHONE))
        wait_until("the id ends", lambda: suite.act_as_citizen(answer["id"], {"action": "urge"}).status_code == 401)


def test_nothing_shows_what_was_erased(kafka, tmp_path):
    text, address, note, outcome, name = (token(what) for what in ("text", "addr", "note", "outcome", "name"))
    pictures = [f"https://example.org/{token('pic')}.jpg" for _ in range(2)]
    secrets = [text, address, note, outcome, name, PHONE, *pictures]
    with Suite(kafka, tmp_path / "suite") as suite:
        body = {
            "category": "sewage-discharge", "text": text, "address": address, "media": pictures[:1],
            "place": {"longitude": 120.1384, "latitude": 30.3205}, "contact": {"name": name, "phone": PHONE},
        }  # fmt: skip
        suite.confirm(PHONE)
        answer = suite.post("/v1/complaints", body).json()
        other = suite.post("/v1/complaints", body | {"text": "另一件投诉，留着", "address": "别处", "contact": None, "media": []}).json()
        code = answer["trackingCode"]

        def page():
            found = suite.public(f"/api/complaints/{code}")
            return found.json() if found.status_code == 200 else {}

        def shows(status):
            return wait_until(status, lambda: (p := page()).get("status") == status and p)

        shows("assigned")
        suite.act(code, {"action": "accept", "by": BY})
        suite.act(code, {"action": "note", "by": BY, "text": note})
        suite.act(code, {"action": "resolve", "by": BY, "text": outcome, "media": pictures[1:]})
        shows("resolved")
        wait_until("the words are shown", lambda: all(s in json.dumps(page()) for s in [text, address, note, outcome, *pictures]))
        wait_until("he was told", lambda: any(outcome in message["text"] for message in suite.messages(code)))
        wait_until("so was the chief", lambda: any(text in message["text"] for message in suite.messages(code)))

        # Nobody else on the machine reads what a service keeps.
        for path in suite.data("intake").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path

        # Before: they are known where they are needed, or this test would show nothing.
        assert held(suite, "disclosure", secrets) == set(secrets) - {name, PHONE}
        assert {text, name, PHONE} <= held(suite, "notification", secrets)
        for service in ("routing", "analytics", "intake"):
            assert held(suite, service, secrets) == set(), service

        keys = erase(suite, compact(code))
        assert len(keys["complaints.words"]) == 3 and len(keys["complaints.contacts"]) == 1
        said = wait_until("erased", lambda: (p := page())["words"] == "erased" and p)
        said = wait_until("all", lambda: not any(s in json.dumps(p := page()) for s in secrets) and p)
        assert (said["text"], said["address"], said["media"]) == (None, None, [])
        noted = [entry for entry in said["timeline"] if entry["type"] in ("noted", "resolved")]
        assert [(entry["words"], entry["text"], entry["media"]) for entry in noted] == [("erased", None, [])] * 2
        everything = suite.public("/api/complaints").text + suite.public(f"/complaints/{compact(code)}").text
        assert not any(secret in everything for secret in secrets)
        assert "另一件投诉，留着" in everything, "another's words stay"

        # At once in Disclosure's files; and a folder that is gone comes back without them, though the log has them.
        wait_until("no file shows them", lambda: held(suite, "disclosure", secrets) == set())
        assert suite.terminate("disclosure") == 0
        shutil.rmtree(suite.data("disclosure") / "dayu-disclosure")
        suite.start("disclosure")
        suite.wait_ready("disclosure")
        assert any(record.bytes and text.encode() in record.bytes for record in suite.read("complaints.words"))
        wait_until("it is back", lambda: page().get("status") == "resolved")
        assert page()["words"] == "erased" and not any(secret in json.dumps(page()) for secret in secrets)
        wait_until("no file shows them", lambda: held(suite, "disclosure", secrets) == set())

        # Nor do the messages that follow, and he is told nothing more: nobody knows his number.
        before = len(suite.messages(code))
        suite.act_as_citizen(answer["id"], {"action": "rate", "grade": "dissatisfied", "text": "还在流"})
        shows("assigned")
        later = wait_until("the chief is told", lambda: (m := suite.messages(code)[before:]) and m)
        assert [message for message in later if any(secret in message["text"] for secret in secrets)] == []
        assert PHONE not in {message["phone"] for message in later}

        # Notification's stores, as they are, after an orderly stop, and read anew. Their journals are emptied twice a minute.
        wait_until("no store shows them", lambda: held(suite, "notification", secrets) == set(), 60)
        assert suite.terminate("notification") == 0
        assert held(suite, "notification", secrets) == set()
        shutil.rmtree(suite.data("notification") / "dayu-notification")
        suite.start("notification")
        suite.wait_ready("notification")
        assert held(suite, "notification", secrets) == set()
        suite.act(code, {"action": "accept", "by": BY})
        shows("accepted")
        time.sleep(1)
        later = suite.messages(code)[before:]
        assert [message for message in later if any(secret in message["text"] for secret in secrets)] == []
        assert other["trackingCode"] in suite.public("/api/complaints").text
