"""A real Kannel with a message centre of ours behind it: what the centre does with a message decides what becomes of it.

Everything is counted at the centre: what it took would be on phones.
"""

import collections
import csv
import os
import subprocess
import time

import pytest
import requests
from kannel import Kannel, missing
from smsc import Centre
from suite import BIN, NUMBER_KEY, SAMPLE_NUMBERS, Suite
from waiting import free_port, wait_until

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

SERVICES = ["routing", "notification", "intake"]


def settings(kannel, callback):
    return {
        "DAYU_SMS_GATEWAY": "kannel", "DAYU_SMS_URL": kannel.url, "DAYU_SMS_USER": "dayu", "DAYU_SMS_SECRET": "secret",
        "DAYU_SMS_CALLBACK": callback, "DAYU_NOTIFICATION_LANGUAGE": "zh",
    }  # fmt: skip


def address_of_messages(callback):
    """As an operator asks for it."""
    done = subprocess.run(
        [BIN / "dayu", "sms", "address", "kannel-1", "--messages"],
        env=os.environ | {"DAYU_NUMBER_KEY": NUMBER_KEY, "DAYU_SMS_CALLBACK": callback},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


class City:
    """A suite whose pusher speaks to Kannel; a context manager."""

    def __init__(self, kafka, folder, recode=True, **more):
        self.centre = Centre(free_port())
        intake = free_port()
        callback = f"http://127.0.0.1:{intake}/v1/receipts"
        self.address = address_of_messages(callback)
        self.kannel = Kannel(folder / "kannel", self.centre.port, self.address, recode)
        environment = settings(self.kannel, callback) | more
        self.suite = Suite(kafka, folder / "suite", environment, services=SERVICES)
        self.suite.ports["intake"] = intake
        self.suite.intake = f"http://127.0.0.1:{intake}"

    def __enter__(self):
        self.kannel.__enter__()
        self.suite.__enter__()
        return self

    def __exit__(self, *_):
        self.suite.__exit__()
        self.kannel.__exit__()
        self.centre.close()

    def test(self, number, seconds=120, text=None, **more):
        """`dayu sms test`: its exit code and what it said."""
        done = subprocess.run(
            [BIN / "dayu", "sms", "test", number, "--within", str(seconds)] + (["--text", text] if text else []),
            env=self.suite.operators | more, capture_output=True, text=True, timeout=seconds + 30,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def city(kafka, tmp_path_factory):
    with City(kafka, tmp_path_factory.mktemp("kannel")) as running:
        yield running


@pytest.mark.parametrize(
    "ending, code, word, taken",
    [
        ("00", 0, "it is on the phone: DELIVRD/000", 1),
        ("01", 1, "it will not reach the phone: UNDELIV/042", 1),
        ("02", 1, "it will not reach the phone: EXPIRED/042", 1),
        ("03", 1, "it will not reach the phone: REJECTD/042", 1),
        ("04", 1, "the gateway refused it: NACK/0xb/Invalid Destination Address", 0),
        ("05", 0, "it is on the phone: DELIVRD/000", 1),
        ("07", 0, "it is on the phone: DELIVRD/000", 1),
        ("08", 0, "it is on the phone: DELIVRD/000", 1),
        ("09", 1, "the network does not know what became of it: UNKNOWN/042", 1),
        ("10", 1, "the gateway took it and could not hand it on: NACK/Retries Exceeded", 0),
        ("11", 1, "the gateway took it and could not hand it on: NACK/Retries Exceeded", 0),
        ("12", 1, "it will not reach the phone: DELETED/042", 1),
    ],
)
def test_a_message_ends_as_the_centre_decides(city, ending, code, word, taken):
    number = f"{SAMPLE_NUMBERS}000077{ending}"
    found, said = city.test(number)
    assert word in said and found == code, said
    assert number not in said
    messages = city.centre.messages(number[1:])
    assert len(messages) == taken, messages
    if taken:
        assert messages[0][1] == "【大禹】测试短信，无需处理。A test of the messages."


#: The last event of a complainant's notice, by what the centre does with its message. 06 and 13: the network may still report.
#: 10 and 11: Kannel gives up, and the next attempt comes later.
ENDS = {
    "00": "delivered", "01": "failed/undelivered", "02": "failed/undelivered", "03": "failed/undelivered", "04": "failed/refused",
    "05": "delivered", "06": "accepted", "07": "delivered", "08": "delivered", "09": "unknown", "10": "deferred", "11": "deferred",
    "12": "failed/undelivered", "13": "accepted",
}  # fmt: skip


def test_a_notice_ends_as_the_centre_decides(city):
    suite, codes = city.suite, {}
    for ending in ENDS:
        contact = {"name": "高样例", "phone": f"{SAMPLE_NUMBERS}000076{ending}"}
        answer = suite.post("/v1/complaints", complaint(f"ends-{ending}", len(codes)) | {"contact": contact}, suite.bearer)
        codes[ending] = answer.json()["trackingCode"].replace("-", "")

    def last(ending):
        events = [r for r in suite.read("notices.events") if r.value.get("reference", "").startswith(f"{codes[ending]}.1/complainant/")]
        return "/".join(filter(None, [events[-1].kind, events[-1].value.get("why")])) if events else None

    for ending, end in ENDS.items():
        wait_until(f"the notice to …{ending} is {end}", lambda: last(ending) == end, 60)
        taken = [text for _, text in city.centre.messages(f"76{ending}") if codes[ending] in text.replace("-", "")]
        assert len(taken) == (0 if ending in ("04", "10", "11") else 1), (ending, taken)


@pytest.mark.parametrize("ending", ["06", "13"])
def test_without_a_last_word_nobody_knows(city, ending):
    found, said = city.test(f"{SAMPLE_NUMBERS}000078{ending}", seconds=5)
    assert found == 1 and "unknown" in said, said
    assert len(city.centre.messages(f"78{ending}")) == 1


@pytest.mark.parametrize(
    "ending, text, coding, parts",
    [
        ("01", "A" * 160, 0, 1), ("02", "A" * 161, 0, 2), ("03", "€[]{}~^|\\ Ärger", 0, 1),
        ("04", "水" * 70, 8, 1), ("05", "水" * 71, 8, 2), ("06", "A" * 100 + "’", 8, 2),
    ],
)  # fmt: skip
def test_a_text_has_the_coding_in_which_it_is_counted(city, ending, text, coding, parts):
    number = f"{SAMPLE_NUMBERS}000073{ending}"
    found, said = city.test(number, text=text, DAYU_NOTIFICATION_SIGNATURE="none")
    assert found == 0, said
    sent = [(at, said) for at, (to, said) in enumerate(city.centre.messages()) if to == number[1:]]
    assert [said for _, said in sent] == [text]
    assert city.centre.codings[sent[0][0]] == (coding, parts)


def test_what_a_chief_sends_from_his_phone_is_an_action(kafka, tmp_path):
    """The message comes from the centre through Kannel's sms-service; nothing but Kannel calls Intake."""
    with City(kafka, tmp_path, DAYU_NOTIFICATION_ANSWERS="all") as city:
        suite = city.suite
        form = {"category": "odour", "text": "气味", "place": {"longitude": 120.1384, "latitude": 30.3205}}
        code = suite.post("/v1/complaints", form, suite.bearer).json()["trackingCode"]
        asked = lambda: [n for n, text in city.centre.messages() if "新投诉" in text and code.replace("-", "")[-4:] in text.replace("-", "")]
        number = wait_until("the chief is told", asked)[0]
        city.centre.say(number, "1")
        wait_until("he has accepted", lambda: [r for r in timeline(suite, code) if r.kind == "accepted"])
        # The centre may write the number without saying that it is an international one.
        city.centre.say(number, "2 已到现场。", known=False)
        wait_until("he has told how it stands", lambda: [r for r in timeline(suite, code) if r.kind == "noted"])
        said = [r.value.get("text") for r in suite.read("complaints.words") if r.value]
        assert "已到现场。" in said
        heard = [r for r in suite.read("sms.messages") if r.kind == "message"]
        assert len(heard) == 2 and number not in str([r.value for r in heard])
        # A short number writes, too: it is nobody's answer, and Kannel is not to send it again.
        city.centre.say("10086", "您的余额不足", known=False)
        city.centre.say(number, "2 完工")
        wait_until("he has told more", lambda: len([r for r in timeline(suite, code) if r.kind == "noted"]) == 2)
        assert len([r for r in suite.read("sms.messages") if r.kind == "message"]) == 3


@pytest.mark.parametrize("recode", [True, False])
def test_ten_segments_from_a_phone_arrive_in_kannels_charset(kafka, tmp_path, recode):
    """Without mo-recode Kannel hands them over in UTF-16BE."""
    with City(kafka, tmp_path, recode=recode) as city:
        suite, number = city.suite, f"{SAMPLE_NUMBERS[1:]}00007003"
        said = ["1", "收到，已处置", "水" * 670]
        for text in said:
            city.centre.say(number, text)
        heard = lambda: [r.value["text"] for r in suite.read("sms.messages") if r.kind == "message"]
        wait_until("all have come", lambda: len(heard()) == len(said))
        assert sorted(heard()) == sorted(said)
        # What a message from elsewhere is refused for is counted, and a line of the log.
        assert requests.get(city.address.replace("%b", "%E6%B2%B3" * 800), timeout=10).status_code == 414
        assert requests.put(city.address.replace("%b", "1"), timeout=10).status_code == 405
        figures = requests.get(f"http://127.0.0.1:{suite.admin['intake']}/metrics", timeout=5).text
        assert 'dayu_messages_refused_total{status="414"} 1' in figures
        assert 'dayu_messages_refused_total{status="405"} 1' in figures
        assert "messages of phones are refused" in suite.log_tail("intake", 1000)


def renumber(suite, official, number):
    """An official's number from now on."""
    path = suite.registry / "chiefs.csv"
    rows = list(csv.DictReader(path.open()))
    for row in rows:
        if row["id"] == official:
            row["phone"] = number
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    suite.publish()


def timeline(suite, code):
    return [record for record in suite.read("complaints.events") if record.key == code.replace("-", "")]


def test_a_dead_number_takes_the_complaint_up_and_the_office_is_told_which(city):
    suite = city.suite
    form = {"category": "odour", "text": "气味", "place": {"longitude": 120.1384, "latitude": 30.3205}}
    first = suite.post("/v1/complaints", form, suite.bearer).json()["trackingCode"]
    holder = wait_until("it is assigned", lambda: [r for r in timeline(suite, first) if r.kind == "assigned"])[0].value["assignee"]
    assert holder["kind"] == "chief"
    dead = f"{SAMPLE_NUMBERS}00009901"
    renumber(suite, holder["id"], dead)
    # Notification reads the registry beside everything else.
    time.sleep(5)
    code = suite.post("/v1/complaints", form | {"text": "气味又来了"}, suite.bearer).json()["trackingCode"]
    events = wait_until("it goes up", lambda: [r for r in timeline(suite, code) if r.kind == "unreached"] and timeline(suite, code), 120)
    unreached = next(r.value for r in events if r.kind == "unreached")
    assert unreached["official"]["id"] == holder["id"] and unreached["to"]["id"] != holder["id"]
    assigned = wait_until("the next one has it", lambda: [r for r in timeline(suite, code) if r.kind == "assigned"][1:])
    assert assigned[0].value["why"] == "unreached" and assigned[0].value["assignee"] == unreached["to"]
    wait_until("the office is told", lambda: [text for _, text in city.centre.messages() if "短信未能送达" in text and dead in text])
    # The number is on no topic that anybody but Notification may read.
    for topic in ("complaints.events", "complaints.actions", "notices.events", "sms.receipts"):
        assert not [r for r in suite.read(topic) if "9901" in str(r.value)], topic


def complaint(key, number):
    return {
        "category": "odour", "text": "气味", "idempotencyKey": key,
        "place": {"longitude": round(119.9 + number % 97 * 0.003, 4), "latitude": round(30.2 + number % 31 * 0.003, 4)},
    }  # fmt: skip


def complain(suite, count, first=0):
    for number in range(first, first + count):
        # 202 while a part or the broker is busy: then it is in the spool.
        assert suite.post("/v1/complaints", complaint(f"kannel-{number}", number), suite.bearer).status_code in (201, 202)


def ends(suite):
    """The last word about each notice."""
    found = {}
    for record in suite.read("notices.events"):
        if record.kind in ("accepted", "delivered", "failed", "unknown"):
            found[record.value["reference"]] = record.kind
    return found


def requested(suite):
    return {r.value["reference"] for r in suite.read("notices.requests") if r.kind == "requested"}


@pytest.mark.slow
@pytest.mark.parametrize("out", [0, 3, 10], ids=["before-a-message-is-out", "under-way", "while-reports-come"])
@pytest.mark.parametrize("part", ["centre", "bearerbox", "smsbox", "notification", "intake"])
def test_a_part_that_is_killed_loses_nothing(kafka, tmp_path, part, out):
    """What the centre got twice must be what Kannel doubles: the requests that were in flight when smsbox died."""
    with City(kafka, tmp_path, DAYU_SMS_WINDOW="4", DAYU_SMS_RATE="20") as city:
        suite = city.suite
        complain(suite, 10)
        wait_until("so many are out", lambda: len(city.centre.messages()) >= out)
        if part == "centre":
            port, before = city.centre.port, city.centre
            before.close()
            city.centre = Centre(port)
            city.centre.count = before.count + 1000
            city.centre.received, city.centre.codings = before.received, before.codings
        elif part in ("bearerbox", "smsbox"):
            city.kannel.restart(part)
        else:
            suite.kill(part)
            suite.start(part)
            suite.wait_ready(part)
        complain(suite, 5, first=10)

        # What the centre or bearerbox knew of receipts dies with it; such a notice is accepted, and nobody knows more.
        known = {"delivered", "accepted"} if part in ("centre", "bearerbox") else {"delivered"}

        def ended():
            asked = requested(suite)
            return len(asked) >= 15 and asked == {r for r, kind in ends(suite).items() if kind in known} and asked

        asked = wait_until("every notice has its end", ended, 240)
        assert set(ends(suite).values()) <= known
        texts = collections.Counter(
            (r.value["recipient"]["phone"][1:], r.value["text"])
            for r in suite.read("notices.requests") if r.kind == "requested"
        )  # fmt: skip
        wait_until("nothing is lost", lambda: set(texts) <= set(city.centre.messages()), 120)
        got = collections.Counter(city.centre.messages())
        assert set(got) == set(texts), "nothing is made up"
        doubled = sum((got - texts).values())
        assert len(asked) == sum(texts.values())
        receipts = [r.value for r in suite.read("sms.receipts")]
        told = lambda outcome: {(r["reference"], r["attempt"]) for r in receipts if r["outcome"] == outcome}
        given = told("taken") - told("unsent")
        again = len(given) - len({reference for reference, _ in given})
        twice = len(told("accepted")) - len({reference for reference, _ in told("accepted")})
        # The suite gives Kannel a message again only where no answer came, and those are the four under way at most.
        assert twice <= again <= (4 if part in ("bearerbox", "smsbox", "notification") else 0), (twice, again)
        # Kannel doubles what was in flight when one of its own parts, or the link, died. It writes its store once a second, so
        # bearerbox sends again what went out in its last one.
        assert part in ("centre", "bearerbox", "smsbox") or doubled == 0, doubled
