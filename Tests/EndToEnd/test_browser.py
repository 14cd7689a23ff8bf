"""The site as people use it: a citizen reports, a chief acts, the citizen rates; an office withholds and releases."""

import csv
import datetime
import io
import json
import re
import secrets
import time
from zoneinfo import ZoneInfo

import pytest
import requests
from selenium.webdriver.common.keys import Keys

from browser import LANGUAGES, NARROW, SCREENS, SIZES, Person, available
from keys import compact, tracking_code, word
from pictures import photo, png
from suite import SAMPLE, Suite, free_port, number_handle, wait_until

pytestmark = pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")

SETTINGS = {"DAYU_LINK_KEY": secrets.token_hex(32), "DAYU_INTAKE_ORIGIN": "*"}
PICTURE = "https://example.org/before.jpg"
#: What stands on the pages, as people read it.
WORDS = {
    "zh": {
        "report": "我要投诉", "one-tap": "一键投诉", "group": "河岸", "category": "岸边垃圾", "what": "情况说明", "river": "西湖",
        "phone": "电话", "send": "提交投诉", "need": "请写明情况。", "sent": "投诉已提交", "code": "凭受理编号查进度", "find": "查询",
        "assigned": "已交办", "urge": "催办", "accept": "受理这件投诉", "accepted": "已受理。", "resolve": "办结",
        "done": "处理结果", "no-photo": "请附上处理后的现场照片。", "report-done": "提交办理结果", "resolved": "办理结果已登记。",
        "chief": "区级河长 王测试", "grade": "比较满意", "rate": "提交评价", "thanks": "评价已登记，谢谢。", "closed": "已办结",
        "timeline": ["办结归档", "群众评价", "处理完成", "受理", "交办", "收到投诉"],
        "withhold": "不公开某项内容", "which": "哪项内容", "report-itself": "收到投诉", "personal": "涉及个人信息", "hide": "不公开",
        "hidden": "已转为不公开。", "absent": "内容未公开：涉及个人信息。", "release": "公开某项内容", "show": "公开", "shown": "已公开。",
        "waits": "内容未公开：等待河长办审核。", "unseen": "公众看不到：等待河长办审核。",
    },
    "en": {
        "report": "Report", "one-tap": "Report a problem", "group": "Banks", "category": "Litter on the bank", "what": "What is wrong",
        "river": "West Lake", "phone": "Phone", "send": "Send the complaint", "need": "Please say what is wrong.",
        "sent": "Your complaint has been received", "code": "Follow a complaint by its tracking code", "find": "Find",
        "assigned": "Assigned", "urge": "Urge", "accept": "Accept this complaint", "accepted": "Accepted.",
        "resolve": "Resolve", "done": "What was done", "no-photo": "Please add a photo of the place as it is now.",
        "report-done": "Report the outcome", "resolved": "The outcome is registered.", "chief": "District river chief Wang Ceshi",
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
    body = {"category": "bank-litter", "text": f"岸边堆着垃圾{word()}", "media": [PICTURE], "river": "west-lake"} | more
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
def test_report_track_act_rate(suite, browser, tmp_path, language, width):
    say, text = WORDS[language], f"岸边堆着垃圾 litter {word()}"
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
    citizen.press(say["group"], within="form.report")
    citizen.press(say["category"], within="form.report")
    citizen.sees(say["category"], ".category-chosen:not(:empty)")
    citizen.press(say["send"])
    citizen.sees(say["need"], ".summary")
    citizen.check()
    assert citizen.barriers() == []
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
    (tmp_path / "after.jpg").write_bytes(photo((1200, 900)))
    chief.find(".act [open] input[type=file]").send_keys(str(tmp_path / "after.jpg"))
    chief.wait("the photo is sent", lambda: chief.all(".act .pick progress[hidden]"))
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
    # The complaint's id is his proof. It stands in no address, where every proxy on the way would note it.
    (own,) = citizen.driver.execute_script("return JSON.parse(localStorage['dayu.complaints'])")
    asked = citizen.asked()
    assert len(own["id"]) == 36 and any(f"{suite.intake}/v1/actions" in one for one in asked), asked
    assert not any(own["id"] in one for one in [*asked, *citizen.addresses])
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


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.slow)])
def test_no_page_has_a_barrier(suite, browser, open_complaint, language):
    """Whole pages, among them a section with its figures and its chart, and every form of two people."""
    person = browser(390)
    token = open_complaint["link"].partition("#")[2]
    pages = [
        "/", "/report", "/rivers/fuchun-river", "/rivers/west-lake", "/rivers/qiandao-lake", "/reaches/fuchun-river.tonglu",
        "/ranking", "/ranking?scope=chief", "/ranking?scope=department", "/enterprises", "/enterprises/fanli-paper",
        "/bulletins", "/bulletins/2026-08", "/trends?scope=lake", "/trends?scope=city",
        "/complaints", "/about", "/review", "/review?office=hangzhou", f"{open_complaint['url']}#{token}", open_complaint["act"],
    ]  # fmt: skip
    wait_until("the bulletin's month is added up", lambda: suite.public("/api/bulletins/2026-08").status_code == 200)
    person.open(suite.site, language)
    found = {}
    for page in pages:
        person.open(page if page.startswith("http") else suite.site + page)
        person.wait_for_all()
        assert person.pressed_language() == LANGUAGES[language]
        for width in SIZES:
            person.resize(width)
            person.check()
            found[page, width] = person.barriers()
        for name in [one.text for one in person.all(".act summary")]:
            person.unfold(name)
            person.wait("the form is there", lambda: person.all(".act [open] form"))
            for width in SIZES:
                person.resize(width)
                person.check()
            found[page, name] = person.barriers(".act")
        person.resize(390)
    assert {page: barriers for page, barriers in found.items() if barriers} == {}
    assert len(found) == len(pages) * len(SIZES) + 2 + 4


@pytest.mark.parametrize("language", WORDS)
def test_a_bulletin_can_be_printed(suite, browser, language):
    """On paper stands the bulletin alone: no navigation, no button, nothing that only a screen has a use for."""
    person = browser(1280)
    wait_until("its month is added up", lambda: suite.public("/api/bulletins/2026-08").status_code == 200)
    person.open(suite.site, language)
    person.open(suite.site + "/bulletins/2026-08")
    person.wait_for_all()
    words = person.text()
    person.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert not any(one.is_displayed() for one in person.all(".no-print, .nav, .languages, .report-button"))
        assert all(table.is_displayed() for table in person.all("#main table")) and person.all("#main table")
        assert len(person.text()) > len(words) / 2
    finally:
        person.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


#: What the form offers and says.
FORM = {
    "zh": {
        "locate": "使用我的位置", "outside": "这个位置不在本市范围内，请重新选择。", "area": "请加上区号。", "digits": "号码位数不对，请核对。",
        "alarm": "自动监测超标", "urgent": "紧急", "clear": "清除位置",
    },
    "en": {
        "locate": "Use my position", "outside": "This place is outside the city. Please choose another.",
        "area": "Please add the area code.", "digits": "The number has too many or too few digits.",
        "alarm": "Alarm of a monitoring station", "urgent": "emergency",
        "clear": "Clear the place",
    },
}  # fmt: skip
SHANGHAI = (121.4737, 31.2304)


@pytest.mark.parametrize("language", WORDS)
def test_the_form_says_what_is_wrong_before_anything_is_sent(suite, browser, language):
    say, form = WORDS[language], FORM[language]
    citizen = browser(NARROW)
    citizen.open(f"{suite.site}/report", language)
    everything = citizen.driver.execute_script("return document.querySelector('form.report').textContent")
    assert say["category"] in everything and form["alarm"] not in everything and form["urgent"] not in everything
    assert citizen.driver.execute_script("return document.body.scrollHeight") < 3300, "the form is short again"

    citizen.be_at(*SHANGHAI)
    citizen.press(form["locate"])
    citizen.sees(form["outside"], "form.report")
    citizen.fill(say["phone"], "8765 4321")
    citizen.leave_field()
    citizen.sees(form["area"], "form.report")
    citizen.find("input[type=tel]").clear()
    citizen.wait("nothing is wrong with no number", lambda: form["area"] not in citizen.text("form.report"))
    citizen.fill(say["phone"], "+86 000 0000 77")
    citizen.press(say["send"])
    for one in (form["outside"], form["digits"], say["need"]):
        citizen.sees(one, ".summary")
    citizen.check()
    assert citizen.barriers() == []
    assert not any("/v1/" in one for one in citizen.asked()), "it was sent"

    citizen.press(form["clear"])
    citizen.wait("no place is wrong", lambda: form["outside"] not in citizen.text("fieldset"))


def test_the_form_judges_places_and_phones_as_intake_does(suite, browser):
    """Whatever Intake refuses is found in the form, and nothing that it takes is called wrong."""
    citizen = browser(390)
    citizen.open(f"{suite.site}/report")
    post = lambda **more: suite.post("/v1/complaints", {"category": "bank-litter", "river": "west-lake"} | more).json()["errors"]
    # Without a text nothing is taken; what else is wrong is said all the same.
    fields = lambda **more: {fault["field"] for fault in post(**more)} - {"text"}
    numbers = [
        "+86 000 0000 7741", "000 0000 7741", "0571 8765 4321", "+86 (0)571 8765 4321", "8765 4321", "12345", "12", "+8612",
        "0086 138 0013", "+44 (0)20 7946 0958", "+0 123 4567", "+1234567890123456", "1380013800", "12+34", "一二三", "打我 110",
        "０５７１－８７６５４３２１", "+", "8" * 33, "861380013800000",
    ]  # fmt: skip
    refused = {one: bool(fields(contact={"phone": one})) for one in numbers}
    found = {one: citizen.from_module("/phone.js", "(it, number) => it.phoneFault(number) !== null", one) for one in numbers}
    assert found == refused and set(refused.values()) == {True, False}

    shapes = [suite.public(f"/api/{one}.geojson").json()["features"] for one in ("regions", "reaches")]
    ours = """(it, [regions, reaches], place) => regions.some((one) => it.holds(one.geometry, place))
        || reaches.some((one) => it.metresTo(one.geometry, place) < 1000)"""
    random = secrets.SystemRandom()
    places = [{"longitude": round(random.uniform(118.3, 121), 5), "latitude": round(random.uniform(29, 31), 5)} for _ in range(60)]
    refused = [bool(fields(place=place)) for place in places]
    assert [not citizen.from_module("/geometry.js", ours, shapes, place) for place in places] == refused, places
    assert set(refused) == {True, False}


def test_every_fault_that_intake_names_is_said_in_both_languages(suite, browser):
    complaint = {"category": "bank-litter", "text": "垃圾", "river": "west-lake"}
    bodies = [
        {}, complaint | {"category": "station-alarm"}, complaint | {"category": "none"}, complaint | {"category": "A B"},
        complaint | {"river": "none"}, complaint | {"reach": "none"}, complaint | {"river": None},
        complaint | {"place": {"longitude": 121.4737, "latitude": 31.2304}}, complaint | {"place": {"longitude": 900, "latitude": 0}},
        complaint | {"text": "长" * 4001}, complaint | {"text": " "}, complaint | {"text": "a\u0007"}, complaint | {"text": 1},
        complaint | {"address": "长" * 301}, complaint | {"media": ["ftp://example.org/a"]}, complaint | {"media": [PICTURE] * 10},
        complaint | {"media": ["http://example.org/a", f"upload-{32 * '0'}", f"{32 * '0'}.jpg"]},
        complaint | {"media": [f"upload-{32 * '0'}"]},
        *(complaint | {"contact": {"phone": one}} for one in ("87654321", "12", "+8612", "+1", "1+2", "打我", "8" * 33)),
        complaint | {"contact": {"name": "名" * 121}},
    ]  # fmt: skip
    faults = [fault for body in bodies for fault in suite.post("/v1/complaints", body).json()["errors"]]
    for data in (b"no picture", photo()[:900], png(9000, 9000, b""), photo()[:400] + bytes(99) + b"\xff\xd9"):
        answer = requests.post(f"{suite.intake}/v1/pictures", data=data, timeout=30)
        faults += answer.json()["errors"]
    code = complain(suite)["trackingCode"]
    office = {"by": {"role": "office", "id": "hangzhou"}}
    actions = [
        {"action": "accept "}, {"action": "rate", "grade": "bad"}, {"action": "extend", "until": "soon"}, {"action": "edit", "text": "x"},
        {"action": "merge", "into": "x"}, {"action": "transfer", "to": {}, "text": "x"}, {"action": "reject", "reason": "x"},
        {"action": "release", "passage": {"version": 1, "part": "x"}},
    ]  # fmt: skip
    for action in actions:
        faults += suite.post(f"/v1/complaints/{compact(code)}/actions", action | office).json().get("errors", [])
    person = browser(390)
    said = lambda: person.from_module("/faults.js", "(it, faults) => faults.map((one) => it.faultText(one))", faults)
    for language, general in (("zh", "此项未被接受，请修改后重试。"), ("en", "Not accepted: ")):
        person.open(suite.site, language)
        unknown = [fault for fault, text in zip(faults, said(), strict=True) if text.startswith(general) or "fault." in text]
        assert unknown == []
    person.choose_language("zh")
    latin = [text for text in said() if re.search("[a-z]{3}", text.replace("https", ""))]
    assert len(faults) > len(bodies) and latin == []
    # A sentence that nobody has translated is not shown to those who may not be able to read it.
    strange = {"status": 400, "faults": [{"field": "contact.phone", "detail": "is on the moon"}]}
    assert person.from_module("/faults.js", "(it, one) => it.problem(one)", strange) == "电话：此项未被接受，请修改后重试。"


def test_an_office_reviews_measurements(suite, browser, tmp_path):
    waiting = lambda: suite.public("/api/regions/hangzhou/provisional").json()["readings"]

    def settled():
        """What waits, when everything that was posted has arrived."""
        found = waiting()
        time.sleep(2)
        return found if found == waiting() else []

    first = wait_until("something waits", settled)[0]
    office = browser(1280)
    office.open(f"{suite.site}/review")
    office.choose("辖区", "杭州市")
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

    # By table: the list as it is downloaded, with two verdicts; a table with a fault is not sent in part.
    def filled(*verdicts):
        rows = list(csv.DictReader(io.StringIO(suite.public("/api/regions/hangzhou/provisional.csv").content.decode("utf-8-sig"))))
        for one, verdict in zip(rows, verdicts):
            one["verdict"] = verdict
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
        file = tmp_path / "verdicts.csv"
        file.write_bytes(text.getvalue().encode("gb18030"))
        return file, rows

    office.open(f"{suite.site}/review?office=hangzhou")
    office.fill("河长办密钥", suite.key.text)
    office.press("提交表格")
    office.sees("请选择表格文件。")
    # A refusal of chosen measurements does not speak of a table. Intake takes all that the page offers, so it is staged.
    office.driver.execute_script(
        """const real = fetch
        window.fetch = (...asked) => String(asked[0]).includes("/v1/reviews") ? (window.fetch = real, Promise.resolve(
          new Response(JSON.stringify({ errors: [{ field: "reviews.0", detail: "is staged" }] }), { status: 422 }))) : real(...asked)"""
    )
    office.find(".review tbody input").click()
    office.press("标为有效")
    office.sees("未被接受，一项也未提交：")
    office.sees("reviews.0: is staged")
    wrong, rows = filled("valid", "perhaps")
    chooser = office.driver.find_element("css selector", "input[type=file]")
    chooser.send_keys(str(wrong))
    office.press("提交表格")
    office.sees("表格未被接受，一行也未提交：")
    office.sees("line 3, verdict")
    assert [" 422 " in error for error in office.errors()] == [True], "Intake was asked, and nothing else failed"
    office.check()
    right, rows = filled("valid", "withdrawn")
    chooser.send_keys(str(right))
    office.press("提交表格")
    office.sees(f"已提交 2 项，{len(rows) - 2} 行未填")
    known = lambda one: (one["section"], one["observedAt"], one["parameter"])
    left_now = lambda: {(r["section"]["id"], r["observedAt"], m["parameter"]) for r in waiting() for m in r["measurements"]}
    wait_until("both are decided", lambda: not left_now() & {known(rows[0]), known(rows[1])})


@pytest.fixture(scope="module")
def open_complaint(suite):
    complaint = complain(suite)
    return complaint | {"act": link_in_sms(suite, complaint["trackingCode"], "/act")[0]}


def test_who_opens_the_link_in_his_sms_confirms_his_number(suite, browser):
    phone = "+86 000 0000 7742"
    complaint = complain(suite, contact={"phone": phone})
    address, token = link_in_sms(suite, complaint["trackingCode"], "/c")
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


@pytest.mark.parametrize("language", WORDS)
def test_whoever_asks_too_often_is_told_when_to_come_again(suite, browser, language):
    """What he wrote is kept, and he is told in words of his own language."""
    words = {
        "zh": ("您所在的网络发来的请求太多，请", "秒后再试。", "草稿已保存"),
        "en": ("Too many requests came from your network. Please try again in", "second", "Your draft is safe"),
    }[language]
    person = browser(390)
    person.open(f"{suite.site}/report?river=west-lake", language)
    # As a limit answers: the page's own requests are told to come again in 17 seconds.
    person.driver.execute_script(
        """const real = window.fetch
        window.fetch = (address, options) => String(address).includes(arguments[0])
          ? Promise.resolve(new Response(JSON.stringify({ status: 429, detail: "60 requests a minute" }),
            { status: 429, headers: { "Retry-After": "17", "Content-Type": "application/problem+json" } }))
          : real(address, options)""".replace("arguments[0]", repr(suite.intake)),
    )  # fmt: skip
    person.press(WORDS[language]["group"], within="form.report")
    person.press(WORDS[language]["category"], within="form.report")
    person.fill(WORDS[language]["what"], "水面漂着垃圾")
    person.press(WORDS[language]["send"])
    for one in (*words, "17"):
        person.sees(one, ".summary")
    assert "60 requests" not in person.text()
    person.check()


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


def answering(person, script):
    """Has the next pages ask `script` instead of the server: a function of the address and the real `fetch`."""
    source = f"(() => {{ const real = window.fetch; window.fetch = (address, options) => ({script})(String(address), () => real(address, options)) }})()"
    person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": source})


def test_a_complaint_that_is_not_visible_yet_appears_by_itself(suite, browser, tmp_path):
    """Whoever has only the code, of a complaint that was sent a moment ago."""
    complaint = complain(suite)
    person = Person(tmp_path)
    try:
        person.resize(390)
        missing = """(address, ask) => address.includes("/api/complaints/") && performance.now() < 6000
            ? Promise.resolve(new Response("{}", { status: 404 })) : ask()"""
        answering(person, missing)
        person.open(suite.site + complaint["url"])
        person.sees("正在查找这件投诉", "h1")
        person.sees("稍后就会显示")
        person.check()
        person.sees(complaint["text"])
        # A code that can be no complaint's is said to be wrong at once.
        code = complaint["url"].rpartition("/")[2]
        other = {"0": "1"}.get(code[0], "0") + code[1:]
        person.open(f"{suite.site}/complaints/{other}")
        person.sees("没有找到编号", "h1")
    finally:
        person.leave()


def test_a_long_timeline_folds(suite, browser, tmp_path):
    complaint = complain(suite)
    found = suite.public(f"/api/complaints/{compact(complaint['trackingCode'])}").json()
    official = {"kind": "office", "id": "hangzhou", "name": {"zh": "杭州市", "en": "Hangzhou"}, "level": "city"}
    for number in range(20):
        kind = ("lapsed", "escalated", "supervised")[number % 3]
        found["timeline"].append(
            {"at": f"2027-01-{number + 1:02}T08:00:00Z", "version": 10 + number, "type": kind, "by": {"role": "system"}, "words": None,
             "withheld": [], "media": [], "to": official, "order": number, "deadline": "resolve"}
        )  # fmt: skip
    person = Person(tmp_path)
    try:
        person.resize(390)
        answering(person, """(address, ask) => address.includes("/api/complaints/")
            ? Promise.resolve(new Response(JSON.stringify(%s))) : ask()""" % json.dumps(found))
        person.open(suite.site + complaint["url"])
        person.sees("其间还有 18 条", ".timeline")
        shown = lambda: person.driver.execute_script(
            "return [...document.querySelectorAll('.event-title')].filter((one) => one.checkVisibility()).length")
        # The newest and the oldest of the twenty, the assignment and the reception.
        assert shown() == 4
        person.find(".event-run summary").click()
        assert shown() == 22
        person.check()
        assert person.barriers() == []
    finally:
        person.leave()


def test_the_ranking_compares_one_level(suite, browser):
    complain(suite)
    wait_until("figures", lambda: len(suite.public("/api/indicators?scope=region").json()["indicators"]) > 2)
    person = browser(390)
    month = datetime.datetime.now(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m")
    person.open(f"{suite.site}/ranking?period={month}")
    names = lambda: [one.text for one in person.all(".ranking tbody th")]
    person.wait("districts", lambda: names())
    assert all(name.endswith(("区", "县", "市")) and name != "杭州市" for name in names()), names()
    person.press("市级", within=".levels")
    person.wait("the city alone", lambda: names() == ["杭州市"])
    person.sees("未受理", ".ranking thead")
    person.check()


@pytest.mark.parametrize(
    "language, reason, missing", [("zh", "没有统一的均值", ["铜", "氰化物"]), ("en", "no common means", ["Copper", "Cyanide"])]
)
def test_what_can_not_be_told_is_said_with_its_reason(suite, browser, language, reason, missing):
    """The city is judged by the shares of its sections, and stations do not measure the 21 items of its index."""
    wait_until("a bulletin", lambda: suite.public("/api/bulletins/2026-08").status_code == 200, seconds=120)
    person = browser(390)
    person.open(suite.site, language)
    person.open(f"{suite.site}/trends?scope=city")
    person.sees(reason)
    person.open(f"{suite.site}/bulletins/2026-08")
    for name in missing:
        person.sees(name)
    person.check()


LEADING = """
const [moment, done] = arguments
const { leadingMonth } = await import(new URL("period.js", document.querySelector("script[src$='/app.js']").src))
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...parts) { super(...(parts.length ? parts : [moment])) }
  static now() { return new RealDate(moment).getTime() }
}
try { done(leadingMonth()) } finally { globalThis.Date = RealDate }
"""


def test_in_the_first_week_of_a_month_the_month_before_is_shown(suite, browser):
    """The week of the city's clocks: in Hangzhou it is the first of December when it is 16:00 UTC on the day before."""
    person = browser(1280)
    person.open(f"{suite.site}/about")
    script = f"(async (...arguments) => {{ {LEADING} }})(...arguments)"
    for moment, month in [
        ("2026-11-30T15:59:00Z", "2026-11"), ("2026-11-30T16:00:00Z", "2026-11"), ("2026-12-07T15:59:00Z", "2026-11"),
        ("2026-12-07T16:00:00Z", "2026-12"), ("2027-01-03T12:00:00Z", "2026-12"),
    ]:  # fmt: skip
        assert person.driver.execute_async_script(script, moment) == month, moment


def test_the_map_of_a_complaint_shows_what_is_around(suite, browser):
    """Ungraded water is a quiet line without a mark; the rivers in view and the district have their names."""
    person = browser(390)
    complaint = complain(suite, river=None, place={"longitude": 120.1384, "latitude": 30.3205})
    person.open(suite.site + complaint["url"])
    script = "return [...document.querySelectorAll(arguments[0])].filter((one) => one.checkVisibility()).map((one) => one.textContent)"
    seen = lambda selector: person.driver.execute_script(script, selector)
    person.wait("rivers have names", lambda: len(seen(".map .river-label")) >= 2)
    assert len(set(seen(".map .river-label"))) == len(seen(".map .river-label")), "each river once"
    person.wait("the district has its name", lambda: "拱墅区" in seen(".map .region-label"))
    assert person.all(".map .reach-own")
    person.check()
    person.open(suite.site)
    person.wait("classes are marked", lambda: seen(".map .reach-mark"))
    assert person.all(".map .reach-quiet.class-none") and not person.all(".map .reach-line.class-none")
    assert "–" not in seen(".map .reach-mark")


def test_an_office_merges_a_complaint_into_another(suite, browser):
    other = complain(suite)
    complaint, address = office_with_a_complaint(suite)
    office = browser(390)
    office.open(address)
    office.unfold("并入另一投诉")
    office.fill("另一投诉的受理编号", complaint["trackingCode"], within=".act [open]")
    office.press("并案", within=".act [open] form")
    office.sees("这就是本件的编号")
    # Of a complaint that nobody made.
    office.find(".act [open] input").clear()
    office.fill("另一投诉的受理编号", tracking_code(), within=".act [open]")
    office.press("并案", within=".act [open] form")
    office.sees("没有这个受理编号的投诉。")
    office.find(".act [open] input").clear()
    office.fill("另一投诉的受理编号", other["trackingCode"].lower(), within=".act [open]")
    office.press("并案", within=".act [open] form")
    office.sees("已并案。")
    assert public(suite, complaint["trackingCode"], "merged")["into"]
    office.check_but_for(404)


def test_an_office_corrects_the_place(suite, browser):
    complaint, link = office_with_a_complaint(suite)
    before = suite.public(f"/api/complaints/{compact(complaint['trackingCode'])}").json().get("place")
    office = browser(1280)
    office.open(link)
    office.unfold("更正类别、河段或位置")
    office.sees("位置不变。", ".act [open]")
    # Those who use no mouse move the map by its arrow keys.
    office.find(".act [open] .leaflet-container").send_keys(Keys.ARROW_DOWN * 3)
    time.sleep(1)
    office.press("以地图中心为准", within=".act [open]")
    office.sees("已选位置", ".act [open]")
    office.fill("更正理由", "到现场看过", within=".act [open]")
    office.press("更正", within=".act [open]")
    office.sees("已更正。")

    def moved():
        page = suite.public(f"/api/complaints/{compact(complaint['trackingCode'])}").json()
        return page.get("place") and page["place"] != before

    wait_until("the place is another one", moved)


def test_a_form_that_was_only_looked_at_leaves_no_draft(suite, browser):
    """What a link to a river had chosen is not in the next complaint; what somebody wrote is."""
    citizen = browser(390)
    chosen = "return document.querySelector('[name=river]').value"
    citizen.open(f"{suite.site}/report?river=west-lake")
    citizen.wait("the river is chosen", lambda: citizen.driver.execute_script(chosen) == "west-lake")
    citizen.open(f"{suite.site}/report")
    citizen.wait("no river is chosen", lambda: citizen.driver.execute_script(chosen) == "")
    citizen.fill("情况说明", "水面有油")
    citizen.open(f"{suite.site}/report?river=west-lake")
    written = "return document.querySelector('[name=text]').value"
    citizen.wait("what was written is there", lambda: citizen.driver.execute_script(written) == "水面有油")


def test_a_place_far_from_the_river_that_was_chosen_is_said(suite, browser):
    citizen = browser(390)
    citizen.be_at(120.1384, 30.3205)
    citizen.open(f"{suite.site}/report?river=west-lake")
    citizen.press("使用我的位置")
    # West Lake is an area, and lies some seven kilometres to the south.
    citizen.sees("距所选河流约 7.")
    citizen.choose("河流", "不确定")
    citizen.wait("nothing is said any more", lambda: "距所选河流约" not in citizen.text())


def test_an_official_leads_to_all_his_complaints(suite, browser, open_complaint):
    reader = browser(390)
    reader.open(f"{suite.site}/complaints/{compact(open_complaint['trackingCode'])}")
    reader.press("区级河长 王测试")
    reader.sees("责任人 区级河长 王测试 ×", ".chosen")
    reader.open(f"{suite.site}/complaints?assignee=bogus")
    reader.sees("筛选条件有误")
    reader.check_but_for("400")


@pytest.mark.parametrize("language", WORDS)
def test_an_office_withholds_and_releases(suite, browser, language):
    say = WORDS[language]
    complaint, address = office_with_a_complaint(suite)
    office, anybody = browser(390), browser(1280)
    anybody.open(suite.site + complaint["url"], language)
    anybody.sees(complaint["text"])

    # What the complaint's state excludes is not offered: there is nothing to release yet.
    office.open(address, language)
    office.unfold(say["withhold"])
    assert say["release"] not in [one.text for one in office.all(".act summary")]
    assert len(office.all(".act details[open]")) == 1, "one form is unfolded at a time"
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
