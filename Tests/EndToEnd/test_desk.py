"""The officials' desk: who gets in, who sees what, and a day's work at it."""

import csv
import io
import json
import re
import secrets
import subprocess
import time

import pytest
import requests

from browser import SCREENS, available
from keys import word
from suite import BIN, Suite, free_port, wait_until

SETTINGS = {"DAYU_LINK_KEY": secrets.token_hex(32), "DAYU_INTAKE_ORIGIN": "*"}
needs_browser = pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")
PHONE = "+86 000 0000 7741"
WORDS = {
    "zh": {"desk": "工作台", "accept": "受理", "accepted": "已受理。", "bulk": "批量办理", "choose": "选择本页全部", "accept-all": "受理所选投诉",
           "show": "查看投诉人联系方式", "note": "添加说明", "internal": "内部", "foreign": "这件投诉不归您办理", "closed": "请用短信或管理员给您的链接进入工作台",
           "revoked": "链接已失效", "messages": "短信通知", "search": "查找", "find": "查询", "reason": "原因", "extend": "为所选投诉延期", "extended": "期限已延长。", "chief-told": "河长", "merge": "并案", "merged": "已并案。",
           "unread": "未读", "new": "新", "hand-over": "交班", "hand-note": "交班说明", "hand-send": "加到我的全部在办投诉", "figures": "办理统计", "ask": "发送链接",
           "phone": "登记的手机号", "asked": "已收到请求", "arrived": "已列在最上方"},
    "en": {"desk": "Desk", "accept": "Accept", "accepted": "Accepted.", "bulk": "Several at once", "choose": "Choose all on this page",
           "accept-all": "Accept the chosen ones", "show": "Show who complained", "note": "Add a note", "internal": "internal",
           "foreign": "This complaint is not yours", "closed": "Please open the desk by your link", "revoked": "Your link was taken back",
           "messages": "message", "search": "Search", "find": "Find", "reason": "Reason", "extend": "Extend the chosen ones", "extended": "The deadline is extended.", "chief-told": "River chief", "merge": "Merge", "merged": "Merged.",
           "unread": "Unread", "new": "New", "hand-over": "Hand over", "hand-note": "What your deputy", "hand-send": "Add it to all my open complaints", "figures": "Figures",
           "ask": "Send me my link", "phone": "Your registered phone", "asked": "Your request was taken", "arrived": "at the top of the list"},
}  # fmt: skip
everybody = pytest.mark.parametrize("language, width", [(one, width) for one in WORDS for width in SCREENS])


class Desk:
    """The desk of a suite, and its people."""

    def __init__(self, suite, port=None, address=None):
        self.suite = suite
        port, suite.admin["desk"] = port or free_port(), free_port()
        self.address = address or f"http://127.0.0.1:{port}"
        suite.environment |= {
            "DAYU_DESK_SITE": self.address, "DAYU_DESK_PORT": str(port), "DAYU_DESK_ADMIN_PORT": str(suite.admin["desk"]),
            "DAYU_DESK_REQUESTS_PER_MINUTE": "0",
        }  # fmt: skip
        suite.operators |= {"DAYU_DESK_SITE": self.address}

    def start(self):
        log = open(self.suite.folder / "desk.log", "ab")
        self.suite.processes["desk"] = subprocess.Popen(
            [BIN / "dayu-disclosure", "--audience", "officials"], env=self.suite.environment, stderr=log, stdout=log
        )
        log.close()
        self.suite.wait_ready("desk")

    def link(self, kind, name, valid="8h"):
        """As an operator prints it; usable at once."""
        link = self.suite.operate("link", kind, name, "--valid", valid).strip()
        assert link.startswith(f"{self.address}/desk#"), link
        wait_until("the desk knows the link", lambda: self.session(link))
        return link

    def session(self, link):
        """A client with a session, or nothing."""
        client = requests.Session()
        client.headers["Dayu-Desk"] = "1"
        handle = link.partition("#")[2]
        answer = client.post(f"{self.address}/api/desk/session", headers={"Authorization": f"Bearer {handle}"}, timeout=20)
        return client if answer.status_code == 204 else None

    def sign_in(self, kind, name):
        return self.session(self.link(kind, name))

    def get(self, client, path, **parameters):
        return client.get(self.address + path, params=parameters, timeout=20)

    def codes(self, client, **parameters):
        return [one["trackingCode"] for one in self.get(client, "/api/desk/complaints", **parameters).json()["complaints"]]


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("desk"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    suite.desk = Desk(suite)
    with suite:
        suite.desk.start()
        yield suite


def complain(suite, river="west-lake", **more):
    body = {
        "category": "bank-litter", "text": f"岸边堆着垃圾{word()}", "river": river,
        "contact": {"name": "某甲", "phone": PHONE},
    } | more  # fmt: skip
    answer = suite.post("/v1/complaints", body)
    assert answer.status_code == 201, answer.text
    code = answer.json()["trackingCode"]

    def assigned():
        found = suite.public(f"/api/complaints/{code.replace('-', '')}")
        return found.json() if found.status_code == 200 and found.json()["status"] == "assigned" else None

    return wait_until("assigned", assigned) | {"said": body["text"]}


def compact(code):
    return code.replace("-", "")


def test_who_gets_in_and_sees_what(suite):
    desk = suite.desk
    found = complain(suite)
    code, chief = found["trackingCode"], found["assignee"]["id"]
    for path in ["/api/desk/me", "/api/desk/complaints", "/api/complaints", "/api/about", f"/api/complaints/{compact(code)}"]:
        assert requests.get(desk.address + path, timeout=20).status_code == 401, path
    page = requests.get(f"{desk.address}/desk", timeout=20)
    assert page.status_code == 200 and "Access-Control-Allow-Origin" not in page.headers

    mine, other, office = desk.sign_in("chief", chief), desk.sign_in("chief", "chief-tonglu"), desk.sign_in("clerk", "xihu-1")
    wait_until("the desk has it", lambda: code in desk.codes(mine, whose="mine"))
    assert code in desk.codes(office) and code not in desk.codes(other, limit=200)
    contact = f"{desk.address}/api/desk/complaints/{compact(code)}/contact"
    refused = other.post(contact, timeout=20)
    assert refused.status_code == 403 and PHONE not in refused.text
    assert other.get(f"{desk.address}/api/desk/complaints/{compact(code)}", timeout=20).status_code == 403
    seen = office.post(contact, timeout=20)
    assert seen.status_code == 200 and seen.json()["name"] == "某甲" and "no-store" in seen.headers["Cache-Control"]
    views = suite.operate("access")
    assert re.search(rf"office/xihu/xihu-1 +{code}", views) and "某甲" not in views
    assert "chief-tonglu" not in views
    # No log of the suite has a name, a number or what lets anybody in.
    for log in suite.folder.glob("*.log"):
        text = log.read_text(errors="replace")
        assert "desk_" not in text and "某甲" not in text and "00000007741" not in text, log
    rows = list(csv.DictReader(io.StringIO(desk.get(office, "/api/desk/complaints.csv").content.decode("utf-8-sig"))))
    assert code in [row["code"] for row in rows] and PHONE not in str(rows)


def test_acts_name_the_clerk_and_end_with_him(suite):
    desk = suite.desk
    code = complain(suite)["trackingCode"]
    link = desk.link("clerk", "xihu-1")
    clerk = desk.session(link)
    wait_until("the desk has it", lambda: code in desk.codes(clerk, limit=200))
    taken = clerk.post(f"{desk.address}/api/desk/pass", timeout=20).json()["pass"]
    bearer = {"Authorization": f"Bearer {taken}"}

    def note(text):
        body = {"action": "note", "text": text, "public": False}
        return suite.post(f"/v1/complaints/{compact(code)}/actions", body, bearer)

    wait_until("Intake knows the link", lambda: note("内部：先核实").status_code == 202)
    noted = wait_until("noted", lambda: [one for one in suite.read("complaints.events") if one.kind == "noted" and one.key == compact(code)])
    assert noted[0].value["by"] == {"clerk": "xihu-1", "id": "xihu", "role": "office"}
    answer = desk.get(clerk, f"/api/desk/complaints/{compact(code)}").json()
    assert any(one.get("internal") and "先核实" in (one["text"] or "") for one in answer["timeline"])
    public = suite.public(f"/api/complaints/{compact(code)}").text
    assert "先核实" not in public and "xihu-1" not in public and "internal" not in public
    # The same file shows the public's view to whoever has a session.
    assert "先核实" not in desk.get(desk.sign_in("chief", "chief-tonglu"), f"/api/complaints/{compact(code)}").text

    suite.operate("link", "revoke", "--of", "office/xihu")
    wait_until("the session is over", lambda: desk.get(clerk, "/api/desk/me").status_code == 401)
    assert desk.session(link) is None
    wait_until("the pass is over", lambda: note("还在吗").status_code == 401)


@needs_browser
@everybody
def test_a_clerk_works_off_a_list(suite, browser, language, width):
    desk, say = suite.desk, WORDS[language]
    places = [{"longitude": 120.14 + number / 10_000, "latitude": 30.245} for number in range(4)]
    texts = [complain(suite, place=place)["said"] for place in places]
    clerk = browser(width)
    link = desk.link("clerk", "xihu-1")
    clerk.open(link, language)
    clerk.sees(say["desk"], "h1")
    token = link.partition("#")[2]
    clerk.wait("the handle is taken out", lambda: not any(token in one for one in clerk.addresses))
    assert not any(token in one for one in clerk.asked())
    for text in texts:
        clerk.sees(text)
    clerk.wait_for_all()
    clerk.check()
    assert clerk.barriers() == []
    clerk.driver.save_screenshot(str(suite.folder / f"desk-{language}-{width}.png"))

    # One by its button, the rest together.
    clerk.driver.execute_script("""[...document.querySelectorAll('.desk-card')]
        .find((one) => one.innerText.includes(arguments[0])).querySelector('button').click()""", texts[0])
    card = lambda text: clerk.driver.execute_script("""return [...document.querySelectorAll('.desk-card')]
        .find((one) => one.closest('.desk-columns') && one.innerText.includes(arguments[0])).querySelector('.desk-said').innerText""", text)
    clerk.PATIENCE = 60
    clerk.wait("accepted", lambda: card(texts[0]) == say["accepted"])
    clerk.press(say["bulk"])
    clerk.driver.execute_script("""for (const one of document.querySelectorAll('.desk-card'))
        one.querySelector('input').checked = arguments[0].some((text) => one.innerText.includes(text))""", texts[1:])
    clerk.press(say["accept-all"])
    clerk.wait("all accepted", lambda: all(card(text) == say["accepted"] for text in texts))
    clerk.check()
    assert clerk.barriers() == []

    # One of them: the contact, which is written down, and the forms that are the office's.
    clerk.driver.execute_script("""[...document.querySelectorAll('.desk-card a.complaint-text')]
        .find((one) => one.innerText.includes(arguments[0])).click()""", texts[0])
    clerk.press(say["show"])
    clerk.sees("某甲", ".desk-contact")
    clerk.wait_for_all()
    clerk.check()
    assert clerk.barriers() == []
    clerk.driver.save_screenshot(str(suite.folder / f"desk-one-{language}-{width}.png"))
    assert suite.operate("access").count("office/xihu/xihu-1") > 0
    clerk.find(".desk-messages summary").click()
    assert say["messages"] in clerk.text(".desk-messages summary")
    clerk.sees(say["chief-told"], ".desk-messages")

    # The same problem, reported again nearby: one press, and nobody types a code.
    clerk.press(say["merge"], ".desk-similar")
    clerk.driver.switch_to.alert.accept()
    clerk.sees(say["merged"], ".desk-similar")
    clerk.check()

    # A number is searched for and stands in no address.
    clerk.open(f"{desk.address}/desk")
    clerk.fill(say["search"], PHONE)
    clerk.press(say["find"], ".desk-search")
    clerk.wait("its complaints are shown", lambda: len(clerk.all(".desk-search + div .desk-card")) >= 4)
    digits = PHONE.replace(" ", "")
    assert not any(digits[1:] in one.replace("%20", "").replace("+", "") for one in [*clerk.addresses, *clerk.asked()])

    # Several get more time at once, each with its reason on its page.
    clerk.press(say["bulk"])
    clerk.driver.execute_script("""for (const one of document.querySelectorAll('.desk-columns .desk-card'))
        one.querySelector('input').checked = arguments[0].some((text) => one.innerText.includes(text))""", texts[1:3])
    until = time.strftime("%Y-%m-%dT17:00", time.gmtime(time.time() + 12 * 86_400))
    clerk.driver.execute_script("document.querySelector('.desk-bulk [type=datetime-local]').value = arguments[0]", until)
    clerk.fill(say["reason"], "等待施工")
    clerk.press(say["extend"])
    clerk.wait("extended", lambda: all(card(text) == say["extended"] for text in texts[1:3]))
    clerk.check()

    # What he looks for stands in the address, and can be kept.
    clerk.open(f"{desk.address}/desk?q={texts[1][-8:]}")
    clerk.sees(texts[1])
    assert len(clerk.all(".desk-card")) == 1 and texts[2] not in clerk.text()
    assert bool(clerk.all(".desk-map .leaflet-container")) == (width > 1000)
    clerk.check()


@needs_browser
@pytest.mark.parametrize("width", SCREENS)
def test_others_and_those_who_left_see_nothing(suite, browser, width):
    desk, say = suite.desk, WORDS["zh"]
    found = complain(suite)
    stranger = browser(width)
    stranger.open(desk.link("chief", "chief-tonglu"))
    stranger.sees(say["desk"], "h1")
    assert found["said"] not in stranger.text()
    stranger.open(f"{desk.address}/desk/{compact(found['trackingCode'])}")
    stranger.sees(say["foreign"])
    stranger.check_but_for(403)
    suite.operate("link", "revoke", "--of", "chief/chief-tonglu")
    stranger.wait("out", lambda: (stranger.open(f"{desk.address}/desk"), say["revoked"] in stranger.text())[1])
    stranger.check_but_for(401)


def outcome(suite, code, bearer, action):
    """What became of an action from the desk."""
    taken = suite.post(f"/v1/complaints/{compact(code)}/actions", action, bearer)
    assert taken.status_code == 202, taken.text
    where = suite.intake + taken.headers["Location"]

    def settled():
        found = requests.get(where, headers=bearer, timeout=20).json()
        return found if found["state"] != "pending" else None

    return wait_until("settled", settled)


def test_of_two_clerks_who_accept_the_same_the_second_is_told(suite):
    desk = suite.desk
    code = complain(suite)["trackingCode"]
    bearers = []
    for kind, name in [("clerk", "xihu-1"), ("office", "hangzhou")]:
        client = desk.sign_in(kind, name)
        wait_until("the desk has it", lambda client=client: code in desk.codes(client, limit=200))
        bearers.append({"Authorization": f"Bearer {client.post(f'{desk.address}/api/desk/pass', timeout=20).json()['pass']}"})
    for bearer in bearers:
        path = f"/v1/complaints/{compact(code)}/actions/none"
        wait_until("Intake knows the link", lambda bearer=bearer, path=path: requests.get(suite.intake + path, headers=bearer, timeout=20).status_code == 404)
    assert outcome(suite, code, bearers[0], {"action": "accept"})["state"] == "done"
    second = outcome(suite, code, bearers[1], {"action": "accept"})
    assert (second["state"], second["reason"]) == ("refused", "status")


@needs_browser
def test_from_the_link_to_the_tenth_accepted_complaint(suite, browser):
    """Counts what a chief has to press on his phone, and measures how long he waits."""
    desk, say = suite.desk, WORDS["zh"]
    found = [complain(suite, river="grand-canal") for _ in range(10)]
    chief = found[0]["assignee"]["id"]
    texts = [one["said"] for one in found if one["assignee"]["id"] == chief]
    person = browser(390)
    link = desk.link("chief", chief)
    began, taps = time.monotonic(), 0
    person.open(link)
    for text in texts:
        person.sees(text)
    shown = time.monotonic() - began
    for words in [say["bulk"], say["choose"], say["accept-all"]]:
        person.press(words)
        taps += 1
    person.PATIENCE = 90
    told = "return [...document.querySelectorAll('.desk-said')].filter((one) => one.innerText === arguments[0]).length"
    person.wait("all accepted", lambda: person.driver.execute_script(told, say["accepted"]) >= len(texts))
    print(f"{len(texts)} accepted with {taps} taps after the link; {shown:.1f} s to the list, {time.monotonic() - began:.1f} s in all")
    assert taps == 3
    person.check()


# Asking for a link

CLERK, NOBODY = "+86 000 0000 6202", "+86 000 0000 6299"


def links_sent(suite, phone):
    """The links that the gateway was given for a number."""
    number = phone.replace(" ", "")
    return [re.search(r"https?://\S+/desk#\S+", one["text"])[0] for one in suite.messages("/desk#") if one["phone"] == number]


def test_whoever_asks_with_a_registered_number_gets_his_link_and_nobody_learns_which_are(suite):
    desk = suite.desk
    answers = {phone: suite.post("/v1/access", {"phone": phone}) for phone in [CLERK, NOBODY]}
    seen = {(one.status_code, one.content, *sorted(set(one.headers) - {"Date"})) for one in answers.values()}
    assert len(seen) == 1 and answers[CLERK].status_code == 202
    [link] = wait_until("the link is at the gateway", lambda: links_sent(suite, CLERK))
    # A program that shows a preview fetches the link, however often; it opens no session and uses nothing up.
    for _ in range(3):
        preview = requests.get(link.partition("#")[0], timeout=20)
        assert preview.status_code == 200 and "Set-Cookie" not in preview.headers
    client = wait_until("it opens the desk", lambda: desk.session(link))
    me = desk.get(client, "/api/desk/me").json()
    assert (me["role"], me["id"], me["clerk"]["zh"]) == ("office", "xihu", "许经办（样例）")
    assert desk.session(link), "and opens it again"

    # The fourth request in a row is refused, for both alike; the first three went to one phone alone.
    for phone in [CLERK, NOBODY]:
        statuses = [suite.post("/v1/access", {"phone": phone}).status_code for _ in range(3)]
        assert statuses == [202, 202, 429], phone
    wait_until("three in all", lambda: len(links_sent(suite, CLERK)) == 3)
    assert len(set(links_sent(suite, CLERK))) == 3 and not links_sent(suite, NOBODY)
    refused = suite.post("/v1/access", {"phone": CLERK})
    assert int(refused.headers["Retry-After"]) > 60
    assert suite.post("/v1/access", {"phone": "12345"}).status_code == 422
    # It is about no complaint, so nothing of it is among the notices, and no log shows the number or the link.
    assert not [one for one in suite.read("notices.events") if "desk/" in json.dumps(one.value or {})]
    for log in suite.folder.glob("*.log"):
        written = log.read_text(errors="replace")
        assert link.partition("#")[2] not in written and "00000006202" not in written, log


@needs_browser
@everybody
def test_the_first_page_asks_for_the_number(suite, browser, language, width):
    desk, say = suite.desk, WORDS[language]
    person = browser(width)
    person.open(f"{desk.address}/desk", language)
    person.sees(say["closed"], "h1")
    phone = f"+86 000 0000 63{list(WORDS).index(language)}{list(SCREENS).index(width)}"
    person.press(say["ask"])
    assert person.all(".access-form .fault")[0].text
    person.fill(say["phone"], phone)
    assert person.barriers() == []
    person.driver.save_screenshot(str(suite.folder / f"access-{language}-{width}.png"))
    person.press(say["ask"])
    person.sees(say["asked"])
    assert phone.replace(" ", "")[1:] not in " ".join([*person.addresses, *person.asked()]).replace("%20", "")
    person.check_but_for(401)


# What comes, and what is new to whom


def test_news_come_at_once_and_what_was_missed_is_told_again(suite):
    desk = suite.desk
    clerk, stranger = desk.sign_in("office", "xihu"), desk.sign_in("chief", "chief-tonglu")

    def listen(client, last=None):
        headers = {"Last-Event-ID": last} if last else {}
        answer = client.get(f"{desk.address}/api/desk/news", stream=True, headers=headers, timeout=60)
        assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/event-stream")
        return answer, answer.iter_lines(decode_unicode=True, chunk_size=1)

    def until(lines, word):
        """The last id before the line that has the word."""
        last = None
        for line in lines:
            if line.startswith("id: "):
                last = line[4:]
            if word in line:
                return last

    answer, lines = listen(clerk)
    until(lines, "event: here")
    # One that is not his hears nothing of it.
    other, theirs = listen(stranger)
    until(theirs, "event: here")
    first = complain(suite)["trackingCode"]
    last = until(lines, first)
    answer.close()
    second = complain(suite)["trackingCode"]
    again, lines = listen(clerk, last)
    until(lines, second)
    again.close()
    suite.operate("link", "revoke", "--of", "chief/chief-tonglu")
    heard = "\n".join(line for line in theirs)
    assert first not in heard and second not in heard, "it has ended, and told nothing"
    assert clerk.get(f"{desk.address}/api/desk/news", headers={"Last-Event-ID": "x-1"}, stream=True, timeout=20).raw.read(45).count(b"again") == 1


@needs_browser
@everybody
def test_a_new_complaint_appears_and_is_unread_until_it_is_opened(suite, browser, language, width):
    desk, say = suite.desk, WORDS[language]
    found = complain(suite)
    chief = found["assignee"]["id"]
    person = browser(width)
    person.open(desk.link("chief", chief), language)
    person.sees(found["said"])
    person.wait_for_all()
    came = complain(suite)
    person.PATIENCE = 40
    person.sees(came["said"], ".desk-card.fresh")
    person.sees(say["arrived"], ".desk-news")
    assert say["new"] in person.text(".desk-card.fresh .desk-new")
    assert person.barriers() == []
    person.driver.save_screenshot(str(suite.folder / f"news-{language}-{width}.png"))
    # Unread is what he has not opened; on another device, too.
    person.press_card(say["unread"], ".desk-views")
    person.wait("those alone are shown", lambda: person.text(".desk-views [aria-current]").startswith(say["unread"]))
    person.sees(came["said"], ".desk-columns")
    person.driver.execute_script("""[...document.querySelectorAll('.desk-card a.complaint-text')]
        .find((one) => one.innerText.includes(arguments[0])).click()""", came["said"])
    person.sees(came["said"], "#main")
    client = desk.sign_in("chief", chief)
    wait_until("it is read", lambda: came["trackingCode"] not in desk.codes(client, unread="true", limit=200))
    assert came["trackingCode"] in desk.codes(client, whose="mine", limit=200)
    opened = [one for one in suite.read("access") if one.kind == "opened" and compact(one.value["complaint"]) == compact(came["trackingCode"])]
    assert len(opened) == 1
    assert came["trackingCode"] not in suite.operate("access"), "no contact was looked at"
    person.check()


@needs_browser
@pytest.mark.parametrize("width", SCREENS)
def test_a_chief_hands_over_before_his_leave(suite, browser, width):
    """On the first day of the leave Routing hands his complaints to the deputy, who finds the note with each."""
    desk, say = suite.desk, WORDS["zh"]
    people = suite.folder / "published"

    def day(after):
        return time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 + after * 86_400))

    def leave(*rows):
        (people / "absences.csv").write_text("\n".join(["chief,from,to,deputy", *rows, ""]))
        suite.operate("registry", "publish", str(people))

    leave()

    # The leave of the run before may still be known to Routing.
    def held():
        one = complain(suite, river="grand-canal", place={"longitude": 120.1365, "latitude": 30.3195})
        return one if one["assignee"]["id"] != deputy else None

    deputy = "chief-tonglu"
    found = wait_until("nobody stands in any more", held)
    holder = found["assignee"]["id"]
    leave(f"{holder},{day(2)},{day(20)},{deputy}")
    person = browser(width)
    person.open(desk.link("chief", holder))
    person.sees(found["said"])
    person.press(say["hand-over"])
    person.sees(day(20), ".desk-handover")
    person.fill(say["hand-note"], "施工队周三到场，请跟进")
    assert person.barriers() == []
    person.press(say["hand-send"])
    person.PATIENCE = 90
    person.wait("all done", lambda: re.search(r"已完成 (\d+) 件，共 \1 件", person.text(".desk-handover")))
    # All in one request, so nothing is lost with the page.
    asked = [one for one in person.asked() if "/v1/" in one and "/actions" in one]
    assert [one for one in asked if not one.endswith("/outcomes")] == [f"{suite.intake}/v1/complaints/actions"]
    person.driver.save_screenshot(str(suite.folder / f"handover-{width}.png"))
    client = desk.sign_in("chief", deputy)
    assert found["trackingCode"] not in desk.codes(client, limit=200)
    leave(f"{holder},{day(0)},{day(20)},{deputy}")
    wait_until("the deputy has it, unread", lambda: found["trackingCode"] in desk.codes(client, unread="true", limit=200))
    timeline = desk.get(client, f"/api/desk/complaints/{compact(found['trackingCode'])}").json()["timeline"]
    note = next(one for one in timeline if one["type"] == "noted")
    assert "施工队周三到场" in note["text"] and note["internal"] and note["by"]["role"] == "chief"
    assert holder in [one["id"] for one in desk.get(client, "/api/desk/me").json()["standsInFor"]]
    leave()
    person.check()


@needs_browser
@everybody
def test_a_supervisor_sees_and_prints_his_figures(suite, browser, language, width):
    desk, say = suite.desk, WORDS[language]
    person = browser(width)
    person.open(desk.link("office", "hangzhou"), language)
    person.press(say["figures"])
    person.sees(say["figures"], "h1")
    person.wait_for_all()
    tables = len(person.all(".desk-figures table"))
    assert tables == 4
    person.check()
    assert person.barriers() == []
    person.driver.save_screenshot(str(suite.folder / f"figures-{language}-{width}.png"))
    person.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert not any(one.is_displayed() for one in person.all(".desk-figures .no-print"))
    person.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    client = desk.sign_in("office", "hangzhou")
    figures = desk.get(client, "/api/desk/figures", by="month").json()
    assert len(figures["periods"]) == 12 and figures["total"]["arrived"] > 0
    assert sum(one["open"] for one in figures["ages"]) == desk.get(client, "/api/desk/complaints").json()["counts"]["all"]
    rows = list(csv.reader(io.StringIO(desk.get(client, "/api/desk/figures.csv", table="officials").content.decode("utf-8-sig"))))
    assert rows[0][:4] == ["official", "name", "open", "overdue"] and len(rows) > 1
