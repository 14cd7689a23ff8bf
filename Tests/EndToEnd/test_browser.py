"""The site as people use it: a citizen reports, a chief acts, the citizen rates; an office withholds and releases."""

import re
import secrets
import uuid

import pytest

from browser import LANGUAGES, SCREENS, Person, available
from keys import compact
from suite import SAMPLE, Suite, free_port, number_handle, wait_until

pytestmark = pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")

SETTINGS = {"DAYU_LINK_KEY": secrets.token_hex(32), "DAYU_INTAKE_ORIGIN": "*"}
PICTURE = "https://example.org/before.jpg"
#: What stands on the pages, as people read it.
WORDS = {
    "zh": {
        "report": "我要投诉", "one-tap": "一键投诉", "category": "岸边垃圾", "what": "情况说明", "river": "西湖",
        "phone": "电话", "send": "提交投诉", "need": "请写明情况。", "sent": "投诉已提交", "code": "凭受理编号查进度", "find": "查询",
        "assigned": "已交办", "urge": "催办", "accept": "受理这件投诉", "accepted": "已受理。", "resolve": "办结",
        "done": "处理结果", "no-photo": "请附上处理后的照片链接。", "report-done": "提交办理结果", "resolved": "办理结果已登记。",
        "chief": "区级河长 王测试", "grade": "比较满意", "rate": "提交评价", "thanks": "评价已登记，谢谢。", "closed": "已办结",
        "timeline": ["办结归档", "群众评价", "处理完成", "受理", "交办", "收到投诉"],
        "withhold": "不公开某项内容", "which": "哪项内容", "report-itself": "收到投诉", "personal": "涉及个人信息", "hide": "不公开",
        "hidden": "已转为不公开。", "absent": "内容未公开：涉及个人信息。", "release": "公开某项内容", "show": "公开", "shown": "已公开。",
        "waits": "内容未公开：等待河长办审核。", "unseen": "公众看不到：等待河长办审核。",
    },
    "en": {
        "report": "Report", "one-tap": "Report a problem", "category": "Litter on the bank", "what": "What is wrong",
        "river": "West Lake", "phone": "Phone", "send": "Send the complaint", "need": "Please say what is wrong.",
        "sent": "Your complaint has been received", "code": "Follow a complaint by its tracking code", "find": "Find",
        "assigned": "Assigned", "urge": "Urge", "accept": "Accept this complaint", "accepted": "Accepted.",
        "resolve": "Resolve", "done": "What was done", "no-photo": "Please add a link to a photo of the place as it is now.",
        "report-done": "Report the outcome", "resolved": "The outcome is registered.", "chief": "District chief Wang Ceshi",
        "grade": "Satisfied", "rate": "Send the rating", "thanks": "Your rating is registered. Thank you.", "closed": "Closed",
        "timeline": ["Closed", "Rated by the citizen", "Resolved", "Accepted", "Assigned", "Complaint received"],
        "withhold": "Withhold content", "which": "Which content", "report-itself": "Complaint received",
        "personal": "it contains personal data", "hide": "Withhold", "hidden": "The content is withheld.",
        "absent": "This content is not public: it contains personal data.", "release": "Release content", "show": "Release",
        "shown": "The content is public.", "waits": "This content is not public: the river chief office has not reviewed it yet.",
        "unseen": "The public can’t see this: the river chief office has not reviewed it yet.",
    },
}  # fmt: skip
everybody = pytest.mark.parametrize("language, width", [(one, width) for one in WORDS for width in SCREENS])


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    """The links in messages lead to the suite's own site, and its pages write to its own Intake."""
    suite = Suite(kafka, tmp_path_factory.mktemp("browser"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    with suite:
        assert suite.measure((SAMPLE / "readings.csv").read_bytes()).status_code == 201
        yield suite


def public(suite, code, status):
    def shown():
        answer = suite.public(f"/api/complaints/{compact(code)}")
        return answer.json() if answer.status_code == 200 and answer.json()["status"] == status else None

    return wait_until(status, shown)


def complain(suite, **more):
    body = {"category": "bank-litter", "text": f"岸边堆着垃圾{uuid.uuid4().hex[:8]}", "media": [PICTURE], "river": "west-lake"} | more
    answer = suite.post("/v1/complaints", body)
    assert answer.status_code == 201, answer.text
    public(suite, answer.json()["trackingCode"], "assigned")
    return answer.json() | {"text": body["text"]}


def link_in_sms(suite, code, page):
    """The address in the first message about a complaint that leads to this page, and its token."""

    def found():
        texts = [message["text"] for message in suite.messages(code)]
        return next((link for text in texts if (link := re.search(rf"{re.escape(suite.site + page)}#([\w-]+)", text))), None)

    link = wait_until(f"an SMS with a link to {page}", found)
    return link[0], link[1]


def keeps_no_token(person, token):
    """Neither the address bar nor the history has the token; both would show it to whoever takes the device next."""
    return person.wait("the token is taken out", lambda: not any(token in one for one in person.addresses))


@everybody
def test_report_track_act_rate(suite, browser, language, width):
    say, text = WORDS[language], f"岸边堆着垃圾 litter {uuid.uuid4().hex[:8]}"
    citizen = browser(width)
    citizen.open(suite.site)
    assert citizen.pressed_language() == "中文", "Chinese comes first, whatever the browser prefers"
    citizen.choose_language(language)
    citizen.check()

    # He finds the river, and reports from its sign board. What is missing is said before anything is sent.
    citizen.press_card(say["river"], ".river-list")
    citizen.sees(say["one-tap"])
    citizen.check()
    citizen.press_card(say["one-tap"], ".board")
    citizen.press(say["category"], within="form.report")
    citizen.press(say["send"])
    citizen.sees(say["need"], ".summary")
    citizen.check()
    citizen.fill(say["what"], text)
    citizen.fill(say["phone"], "+86 000 0000 7741")
    citizen.press(say["send"])
    citizen.sees(say["sent"])
    code = citizen.text(".big-code")
    citizen.check()
    shown = public(suite, code, "assigned")
    assert (shown["text"], shown["river"]["id"]) == (text, "west-lake")

    # Another day he looks it up by the code, as he wrote it down.
    citizen.open(suite.site)
    citizen.fill(say["code"], code.lower().replace("-", " "))
    citizen.press(say["find"])
    citizen.sees(say["assigned"], ".complaint-line .status")
    citizen.sees(text)
    citizen.sees(say["urge"], ".act")
    citizen.check()

    # The chief has not been here before; the link in his message is all that he has.
    chief = browser(width)
    address, token = link_in_sms(suite, code, "/act")
    chief.open(address, language)
    keeps_no_token(chief, token)
    chief.sees(say["chief"], ".holder")
    chief.sees(text)
    chief.check()
    chief.press(say["accept"])
    chief.sees(say["accepted"])
    public(suite, code, "accepted")
    chief.unfold(say["resolve"])
    chief.fill(say["done"], "已清运 removed", within=".act")
    chief.press(say["report-done"])
    chief.sees(say["no-photo"], ".act")
    chief.find(".act [open] input[type=url]").send_keys("https://example.org/after.jpg")
    chief.check()
    chief.press(say["report-done"])
    chief.sees(say["resolved"])
    public(suite, code, "resolved")

    citizen.reload()
    citizen.sees("已清运 removed", ".timeline")
    citizen.press(say["grade"], within=".act")
    citizen.press(say["rate"])
    citizen.sees(say["thanks"])
    public(suite, code, "closed")
    # Without a reload: the page follows what happens.
    citizen.sees(say["closed"], ".complaint-line .status")
    citizen.check()
    titles = [one.text for one in citizen.all(".event-title")]
    assert [title.startswith(words) for title, words in zip(titles, say["timeline"], strict=True)] == [True] * 6, titles

    # Anybody else sees the same, and has nothing to act with.
    anybody = chief.become_somebody_else(width)
    anybody.open(f"{suite.site}/complaints/{compact(code)}", language)
    anybody.sees(say["grade"], ".facts")
    assert text in anybody.text() and anybody.all(".act") == []
    anybody.check()


@pytest.mark.parametrize("language", WORDS)
def test_no_page_has_a_barrier(suite, browser, open_complaint, language):
    """Whole pages, among them a section with its figures and its chart, and every form of two people."""
    person = browser(390)
    token = open_complaint["link"].partition("#")[2]
    pages = [
        "/", "/report", "/rivers/fuchun-river", "/reaches/fuchun-river.tonglu", "/ranking", "/ranking?scope=chief",
        "/complaints", "/about", "/review", "/review?office=hangzhou", f"{open_complaint['url']}#{token}", open_complaint["act"],
    ]  # fmt: skip
    person.open(suite.site, language)
    found = {}
    for page in pages:
        person.open(page if page.startswith("http") else suite.site + page)
        person.wait_for_all()
        assert person.pressed_language() == LANGUAGES[language]
        for width in SCREENS:
            person.resize(width)
            person.check()
            found[page, width] = person.barriers()
        for name in [one.text for one in person.all(".act summary")]:
            person.unfold(name)
            person.wait("the form is there", lambda: person.all(".act [open] form"))
            for width in SCREENS:
                person.resize(width)
                person.check()
            found[page, name] = person.barriers(".act")
        person.resize(390)
    assert {page: barriers for page, barriers in found.items() if barriers} == {}
    assert len(found) == 12 * 2 + 2 + 4


def test_an_office_reviews_measurements(suite, browser):
    waiting = lambda: suite.public("/api/regions/hangzhou/provisional").json()["readings"]
    first = wait_until("something waits", waiting)[0]
    office = browser(1280)
    office.open(f"{suite.site}/review")
    office.fill("辖区代码", "hangzhou")
    office.press("查看待审核数据")
    office.find(".review tbody input").click()
    office.sees("已选 1 项")
    office.press("标为有效")
    office.sees("请填写密钥。")
    office.fill("河长办密钥", suite.key.text)
    office.press("标为有效")
    office.sees("已提交 1 项")
    assert suite.key.text not in office.driver.current_url
    office.check()
    left = len(first["measurements"]) - 1
    wait_until("one is valid", lambda: len(waiting()[0]["measurements"]) == left)


@pytest.fixture(scope="module")
def open_complaint(suite):
    complaint = complain(suite)
    return complaint | {"act": link_in_sms(suite, complaint["trackingCode"], "/act")[0]}


def test_who_opens_the_link_in_his_sms_confirms_his_number(suite, browser):
    phone = "+86 000 0000 7742"
    complaint = complain(suite, contact={"phone": phone})
    address, token = link_in_sms(suite, complaint["trackingCode"], complaint["url"])
    confirmed = lambda: [r for r in suite.read("notices.events") if r.kind == "confirmed" and r.key == number_handle(phone)]
    assert confirmed() == []

    citizen = browser(390)
    citizen.open(suite.site)
    citizen.open(address)
    citizen.sees(WORDS["zh"]["urge"], ".act")
    keeps_no_token(citizen, token)
    wait_until("the number is confirmed", confirmed)
    # This browser may act on it from now on, by the page's bare address; a step back finds no token either.
    citizen.reload()
    citizen.sees(WORDS["zh"]["urge"], ".act")
    citizen.driver.back()
    assert not any(token in one for one in citizen.addresses)


@pytest.mark.parametrize("page", ["/act", "/complaints"])
def test_the_list_of_visited_pages_shows_no_token(suite, open_complaint, tmp_path, page):
    """What a browser keeps on its disk, beside the history of the tab."""
    link = {"/act": open_complaint["act"], "/complaints": open_complaint["link"]}[page]
    person = Person(tmp_path)
    try:
        person.open(suite.site)
        # As a message opens it: by a link, not typed.
        person.driver.execute_script("location.assign(arguments[0])", link)
        person.sees("岸边垃圾", "h1")
        person.sees("收到投诉", ".timeline")
    finally:
        visited = person.leave()
    bare = link.partition("#")[0]
    assert bare in visited and not any("#" in one for one in visited), visited


def test_a_browser_that_keeps_nothing_can_use_a_link(suite, browser, open_complaint):
    """Storage may be forbidden or full: the page goes on with the link that it has read."""
    full = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    official = browser(390)
    official.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": full})
    official.open(open_complaint["act"])
    official.sees(WORDS["zh"]["chief"], ".holder")
    keeps_no_token(official, open_complaint["act"].partition("#")[2])


def test_a_link_that_is_no_good_says_so(suite, browser):
    person = browser(390)
    token = secrets.token_urlsafe(16)
    person.open(f"{suite.site}/act#{token}")
    person.sees("链接无效", "h1")
    keeps_no_token(person, token)
    person.choose_language("en")
    person.sees("This link isn’t valid", "h1")
    assert any(" 401 " in error for error in person.errors()), "Intake was asked"


def office_with_a_complaint(suite):
    """No reach lies near this place, so the district's office has the complaint; the link in its SMS."""
    complaint = complain(suite, river=None, place={"longitude": 119.55, "latitude": 30.08})
    return complaint, link_in_sms(suite, complaint["trackingCode"], "/act")[0]


@pytest.mark.parametrize("language", WORDS)
def test_an_office_withholds_and_releases(suite, browser, language):
    say = WORDS[language]
    complaint, address = office_with_a_complaint(suite)
    office, anybody = browser(390), browser(1280)
    anybody.open(suite.site + complaint["url"], language)
    anybody.sees(complaint["text"])

    # There is nothing to release yet. Who has looked is offered what there is later all the same.
    office.open(address, language)
    office.unfold(say["release"])
    office.unfold(say["withhold"])
    office.press(say["hide"], within=".act [open] form")
    office.choose(say["which"], say["report-itself"], within=".act [open]")
    office.press(say["personal"], within=".act [open]")
    assert office.barriers() == []
    office.press(say["hide"], within=".act [open] form")
    office.sees(say["hidden"])
    anybody.reload()
    anybody.sees(say["absent"])
    assert complaint["text"] not in anybody.text() and anybody.all(".media a"), "the picture was not withheld"
    anybody.check()

    office.unfold(say["release"])
    office.choose(say["which"], say["report-itself"], within=".act [open]")
    office.press(say["show"], within=".act [open] form")
    office.sees(say["shown"])
    office.check()
    anybody.reload()
    anybody.sees(complaint["text"])


def test_words_wait_until_an_office_releases_them(suite, browser):
    """The office reads them at a second instance, which shows all. The last test of the file: the suite stays like that."""
    say = WORDS["zh"]
    suite.terminate("disclosure")
    suite.environment["DAYU_DISCLOSURE_REVIEW"] = "true"
    inner = "disclosure.inner"
    suite.ports[inner], suite.admin[inner] = free_port(), free_port()
    suite.start("disclosure")
    suite.environment["DAYU_DISCLOSURE_HIDDEN"] = "true"
    suite.start(inner)
    for name in ("disclosure", inner):
        suite.wait_ready(name)

    complaint, address = office_with_a_complaint(suite)
    anybody, office = browser(390), browser(1280)
    anybody.open(suite.site + complaint["url"])
    anybody.sees(say["waits"])
    assert complaint["text"] not in anybody.text() and "example.org" not in anybody.text()
    anybody.check()

    office.open(address.replace(suite.site, f"http://127.0.0.1:{suite.ports[inner]}"))
    office.sees(complaint["text"])
    office.sees(say["unseen"])
    office.check()
    office.unfold(say["release"])
    office.choose(say["which"], say["report-itself"], within=".act [open]")
    office.press(say["show"], within=".act [open] form")
    office.sees(say["shown"])
    anybody.reload()
    anybody.sees(complaint["text"])
    assert "example.org" not in anybody.text(), "the picture still waits"
