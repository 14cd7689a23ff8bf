"""People answer by SMS; what can wait comes in one message, and nothing comes at night.

What a phone sends comes through /v1/messages, as a gateway brings it; what it gets is in the file gateway's file.
"""

import datetime
import pathlib
import shutil

import pytest

from keys import Table
from suite import SAMPLE, Suite, wait_until

CHIEF = "chief-gongchenqiao-1"
SETTINGS = {
    "DAYU_SITE": "https://r.example.org", "DAYU_LINK_KEY": "5a" * 32, "DAYU_NOTIFICATION_ANSWERS": "all",
    "DAYU_NOTIFICATION_TABLE": "calm", "DAYU_NOTIFICATION_WINDOW": "4s", "DAYU_NOTIFICATION_SEGMENTS": "2",
    "DAYU_DESK_SITE": "https://desk.example.org",
}  # fmt: skip


def registry(folder):
    copy = pathlib.Path(shutil.copytree(SAMPLE, folder / "registry"))
    Table(copy, "absences").write([])
    return copy


class Phone:
    """A phone: what it got, and what it sends."""

    names = iter(range(1, 10_000))

    def __init__(self, suite, number):
        self.suite, self.number = suite, number

    @property
    def got(self):
        number = self.number.replace(" ", "")
        return [line["text"] for line in self.suite.messages() if line["phone"] == number]

    def gets(self, *words):
        found = lambda: next((text for text in self.got if all(word in text for word in words)), None)
        return wait_until(f"an SMS with {words}", found)

    def says(self, text, name=None):
        message = {"id": name or f"mo-{next(self.names)}", "from": self.number, "text": text}
        answer = self.suite.post("/v1/messages", message, self.suite.bearer)
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def city(kafka, tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    published = registry(folder)
    chief = next(row for row in Table(published, "chiefs").rows if row["id"] == CHIEF)
    with Suite(kafka, folder, SETTINGS, registry=published) as suite:
        yield suite, Phone(suite, chief["phone"])


def complain(suite, number, **more):
    form = {"category": "odour", "reach": "grand-canal.gongchenqiao", "text": "这里有异味。"}
    answer = suite.post("/v1/complaints", form | {"contact": {"name": "高样例", "phone": number}} | more)
    assert answer.status_code == 201, answer.text
    return answer.json()["trackingCode"]


def tail(code):
    """What a message with one segment has room for: the end of a complaint's code."""
    return code.replace("-", "")[-4:]


def is_now(suite, code, status):
    wait_until(f"{code} is {status}", lambda: suite.public(f"/api/complaints/{code}").json().get("status") == status, 60)


def test_a_complaint_from_its_first_sms_to_its_last_without_a_link(city):
    suite, chief = city
    citizen = Phone(suite, "+86 000 0000 7601")
    suite.confirm(citizen.number)
    code = complain(suite, citizen.number)
    asked = chief.gets(tail(code), "回复1受理")
    assert asked.startswith("【大禹】") and len(asked) <= 70, asked
    chief.says("1")
    is_now(suite, code, "accepted")
    chief.says("2 已到现场查看", "twice")
    chief.says("2 已到现场查看", "twice")
    chief.says("3 已清理完毕")
    is_now(suite, code, "resolved")
    assert len(citizen.gets(tail(code), "已办结")) <= 70
    citizen.says("1 谢谢")
    is_now(suite, code, "closed")
    timeline = suite.public(f"/api/complaints/{code}").json()["timeline"]
    said = [entry["text"] for entry in timeline if entry.get("text")]
    assert said.count("已到现场查看") == 1 and "已清理完毕" in said and "谢谢" in said
    # A stranger's phone, and one that was asked about something else, do nothing.
    Phone(suite, "+86 000 0000 7699").says("1")
    answered = lambda: [r.value["outcome"] for r in suite.read("notices.events") if r.kind == "answered"]
    wait_until("all are answered", lambda: len(answered()) == 5)
    assert sorted(answered()) == ["acted"] * 4 + ["passedOver"]


def test_not_mine_not_satisfied_and_a_supplement(city):
    """The digits that the story above has no use for."""
    suite, chief = city
    citizen = Phone(suite, "+86 000 0000 7602")
    suite.confirm(citizen.number)
    kinds = lambda code: [entry["type"] for entry in suite.public(f"/api/complaints/{code}").json()["timeline"]]

    code = complain(suite, citizen.number)
    chief.gets(tail(code), "回复1受理")
    chief.says(f"0 {tail(code)} 在下游河段")
    wait_until("it is passed on", lambda: "transferred" in kinds(code))
    holder = lambda: suite.public(f"/api/complaints/{code}").json()["assignee"]["id"]
    wait_until("somebody else has it", lambda: holder() != CHIEF)
    before = len(outcomes(suite))
    chief.says(f"3 {tail(code)} 已清理")
    wait_until("nothing is made of it", lambda: len(outcomes(suite)) > before)
    assert outcomes(suite).count("acted") < len(outcomes(suite)) and "resolved" not in kinds(code)

    code = complain(suite, citizen.number)
    chief.gets(tail(code), "回复1受理")
    chief.says(f"3 {tail(code)} 已清理完毕")
    is_now(suite, code, "resolved")
    asked = len(chief.got)
    citizen.says(f"4 {tail(code)} 还在流")
    wait_until("it is to be done again", lambda: "reopened" in kinds(code))
    wait_until("the chief is asked again", lambda: any(tail(code) in text for text in chief.got[asked:]))
    chief.says(f"3 {tail(code)} 再次清理")
    is_now(suite, code, "resolved")
    citizen.says(f"{tail(code)} 明天再看看")
    wait_until("the supplement is on the page", lambda: "明天再看看" in str(suite.public(f"/api/complaints/{code}").json()["timeline"]))
    is_now(suite, code, "resolved")
    citizen.says(f"3 {tail(code)}")
    is_now(suite, code, "closed")


def outcomes(suite):
    return [r.value["outcome"] for r in suite.read("notices.events") if r.kind == "answered"]


def test_several_at_once_are_one_message_and_an_answer_says_which(city):
    suite, chief = city
    before = len(chief.got)
    codes = [complain(suite, f"+86 000 0000 76{number}") for number in (11, 12, 13)]
    together = chief.gets("新投诉3件", "https://desk.example.org")
    assert len(chief.got) == before + 1 and len(together) <= 134, chief.got
    chief.says("1")
    which = chief.gets("您指哪一件投诉")
    assert any(code in which for code in codes)
    chief.says(f"1 {codes[1][-6:]}")
    is_now(suite, codes[1], "accepted")
    assert [suite.public(f"/api/complaints/{code}").json()["status"] for code in codes] == ["assigned", "accepted", "assigned"]


def test_who_says_stop_gets_no_more(city):
    suite, chief = city
    citizen = Phone(suite, "+86 000 0000 7621")
    suite.confirm(citizen.number)
    citizen.says("TD")
    code = complain(suite, citizen.number)
    stopped = lambda: [r for r in suite.read("notices.events") if r.kind == "failed" and r.value["why"] == "stopped"]
    wait_until("his message is not sent", stopped)
    is_now(suite, code, "assigned")
    assert citizen.got == []


@pytest.mark.slow
def test_phones_are_silent_in_quiet_hours(kafka, tmp_path):
    # Quiet hours that have begun, and end soon: the test waits for the end.
    now = datetime.datetime.now(datetime.timezone(datetime.timedelta(hours=8)))
    begin, end = now - datetime.timedelta(hours=1), now + datetime.timedelta(seconds=150)
    quiet = {"DAYU_NOTIFICATION_QUIET": f"{begin:%H:%M}-{end:%H:%M}"}
    published = registry(tmp_path)
    number = next(row for row in Table(published, "chiefs").rows if row["id"] == CHIEF)["phone"]
    with Suite(kafka, tmp_path / "suite", SETTINGS | quiet, registry=published) as suite:
        chief = Phone(suite, number)
        code = complain(suite, "+86 000 0000 7631")
        waits = lambda: [r for r in suite.read("notices.events") if r.kind == "deferred" and r.value["reason"] == "quiet hours"]
        until = wait_until("it waits for the end of quiet hours", waits)[0].value["until"]
        assert chief.got == []
        # Notification is killed while it waits, and its store is gone: the log knows until when.
        suite.kill("notification")
        suite.lose("notification")
        suite.start("notification")
        wait_until("it comes when they are over", lambda: chief.got, 200)
        ended = datetime.datetime.fromisoformat(until.replace("Z", "+00:00"))
        assert datetime.datetime.now(datetime.timezone.utc) >= ended
        assert len(chief.got) == 1 and tail(code) in chief.got[0]
