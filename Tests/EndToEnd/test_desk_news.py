"""What comes to an open desk: it is told once, nothing is missed, with a sound for whoever wants one. And what a page must not do:
act for somebody else, put a number into an address, show a picture to somebody who has no right to it."""

import re
import secrets

import pytest
import requests

from browser import SCREENS, available
from pictures import photo
from suite import Suite, wait_until
from test_desk import PHONE, SETTINGS, WORDS, Desk, compact, complain, outcome

needs_browser = pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")
CITY, DISTRICT, STRANGER = ("office", "hangzhou"), ("clerk", "xihu-1"), ("chief", "chief-tonglu")
#: Counts the sounds that a page makes, instead of making them.
SPY = """
window.tones = 0
window.AudioContext = class {
  currentTime = 0
  destination = {}
  createGain() { return { gain: {}, connect: (next) => next } }
  createOscillator() { return { frequency: {}, connect: (next) => next, start: () => { window.tones += 1 }, stop() {} } }
  close() { return Promise.resolve() }
}
"""


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("desk-news"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    suite.desk = Desk(suite)
    with suite:
        suite.desk.start()
        yield suite


def bearer(suite, kind, name):
    """What Intake takes for the session of somebody at the desk."""
    desk = suite.desk
    client = desk.sign_in(kind, name)
    passed = {"Authorization": f"Bearer {client.post(f'{desk.address}/api/desk/pass', timeout=20).json()['pass']}"}
    path = f"{suite.intake}/v1/complaints/{'0' * 12}0/actions/none"
    wait_until("Intake knows the link", lambda: requests.get(path, headers=passed, timeout=20).status_code == 404)
    return passed


def cards(person, code):
    """How many cards the list has of one complaint."""
    return person.driver.execute_script(
        "return [...document.querySelectorAll('.desk-columns .desk-card')].filter((one) => one.innerText.includes(arguments[0])).length", code)  # fmt: skip


def watching(suite, browser, who, width=1280):
    """Somebody whose page listens already."""
    person = browser(width)
    person.PATIENCE = 60
    person.open(suite.desk.link(*who))
    person.sees(WORDS["zh"]["desk"], "h1")
    person.wait_for_all()
    return person


def test_one_request_acts_on_many_and_each_has_its_outcome(suite):
    desk = suite.desk
    found = [complain(suite) for _ in range(3)]
    codes = [one["trackingCode"] for one in found]
    passed = bearer(suite, *DISTRICT)
    assert outcome(suite, codes[0], passed, {"action": "accept"})["state"] == "done"
    body = {"complaints": codes, "action": "accept", "idempotencyKey": secrets.token_hex(8)}
    answers = [suite.post("/v1/complaints/actions", body, passed) for _ in range(2)]
    assert [one.status_code for one in answers] == [202, 202]
    assert answers[0].json() == answers[1].json(), "sent again, it is the same"
    given = answers[0].json()["actions"]
    assert [one["trackingCode"] for one in given] == codes

    def states():
        asked = suite.post("/v1/complaints/actions/outcomes", {"actions": given}, passed)
        assert asked.status_code == 200, asked.text
        found = [one["outcome"]["state"] for one in asked.json()["outcomes"]]
        return found if "pending" not in found else None

    assert wait_until("all are decided", states) == ["refused", "done", "done"]
    events = [one for one in suite.read("complaints.events") if one.kind == "accepted" and one.key in map(compact, codes)]
    assert len(events) == 3 and {one.value["by"]["clerk"] for one in events} == {"xihu-1"}
    assert desk.get(desk.sign_in(*STRANGER), "/api/desk/me").status_code == 200
    foreign = suite.post("/v1/complaints/actions", body, bearer(suite, *STRANGER))
    assert foreign.status_code == 202, "whether it is his is Routing's to decide"
    log = (suite.data("intake") / "dayu-intake" / "security.log").read_text()
    assert '"complaints":3' in log and "actions/outcomes" not in log


def test_a_withheld_picture_is_shown_to_those_in_charge_alone(suite):
    desk = suite.desk
    taken = requests.post(f"{suite.intake}/v1/pictures", data=photo((300, 200)), timeout=60)
    found = complain(suite, media=[taken.json()["name"]])
    code, chief = found["trackingCode"], found["assignee"]["id"]
    [path] = suite.public(f"/api/complaints/{compact(code)}").json()["media"]
    people = {one: desk.sign_in(*one) for one in [("chief", chief), DISTRICT, CITY, STRANGER]}

    def served():
        return [desk.get(client, path).status_code for client in people.values()]

    wait_until("everybody sees it", lambda: [suite.public(path).status_code, *served()] == [200] * 5)
    passed = bearer(suite, *DISTRICT)
    withheld = {"action": "withhold", "passage": {"version": 1, "part": "picture-1"}, "reason": "personal-data"}
    assert outcome(suite, code, passed, withheld)["state"] == "done"
    wait_until("it is withheld", lambda: suite.public(path).status_code == 404)
    wait_until("from strangers at the desk, too", lambda: served() == [200, 200, 200, 404])
    assert "private" in desk.get(people[CITY], path).headers["Cache-Control"]
    for client in people.values():
        answer = desk.get(client, f"/api/desk/complaints/{compact(code)}")
        if client is not people[STRANGER]:
            [hidden] = answer.json()["withheld"]
            assert (hidden["part"], hidden["reason"], hidden["shown"]) == ("picture-1", "personal-data", True)


@needs_browser
@pytest.mark.parametrize("width", SCREENS)
def test_what_comes_is_shown_once(suite, browser, width):
    """Assigned to one and passed on to another, a complaint comes twice and has one card, with its newest state."""
    person = watching(suite, browser, CITY, width)
    came = complain(suite)
    code = came["trackingCode"]
    person.wait("it came", lambda: cards(person, code) == 1)
    passed = bearer(suite, *CITY)
    moved = {"action": "transfer", "to": {"office": "gongshu"}, "text": "请拱墅区办理"}
    assert outcome(suite, code, passed, moved)["state"] == "done"
    second = complain(suite)["trackingCode"]
    person.wait("the next one came", lambda: cards(person, second) == 1)
    assert cards(person, code) == 1
    person.wait("it shows who has it now", lambda: "拱墅" in person.driver.execute_script(
        "return [...document.querySelectorAll('.desk-card')].find((one) => one.innerText.includes(arguments[0])).innerText", code))  # fmt: skip
    # Read anew, the list is the same.
    person.reload()
    person.wait("both are there", lambda: cards(person, code) == cards(person, second) == 1)
    person.check()


@needs_browser
def test_a_stream_that_ends_is_taken_up_again_and_nothing_is_missed(suite, browser):
    person = watching(suite, browser, DISTRICT)
    first = complain(suite)["trackingCode"]
    person.wait("it listens", lambda: cards(person, first) == 1)
    suite.processes["desk"].terminate()
    suite.processes["desk"].wait(timeout=30)
    missed = [complain(suite)["trackingCode"] for _ in range(2)]
    suite.desk.start()
    person.wait("what came meanwhile is there", lambda: [cards(person, one) for one in missed] == [1, 1])
    last = complain(suite)["trackingCode"]
    person.wait("and what comes after", lambda: cards(person, last) == 1)
    assert [cards(person, one) for one in (first, *missed)] == [1, 1, 1]
    # The desk was away: that is all that the console may say.
    assert all("/api/desk/news" in one for one in person.errors())


@needs_browser
def test_what_comes_while_the_page_is_being_drawn_is_told(suite, browser):
    """The list is read, then a complaint comes, and only then the page begins to listen."""
    person = browser(1280)
    person.PATIENCE = 60
    link = suite.desk.link(*DISTRICT)
    person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": """
        const Real = window.EventSource
        window.EventSource = class extends EventTarget {
          constructor(address) { super(); window.address = address; window.begin = () => { window.source = new Real(address)
            for (const name of ["here", "arrived", "again"]) window.source.addEventListener(name, (event) =>
              this.dispatchEvent(new MessageEvent(name, { data: event.data, lastEventId: event.lastEventId }))) } }
          close() { window.source?.close() }
        }"""})  # fmt: skip
    person.open(link)
    person.wait_for_all()
    assert re.search(r"after=[0-9a-f]+-\d+", person.driver.execute_script("return window.address"))
    code = complain(suite)["trackingCode"]
    client = suite.desk.sign_in(*DISTRICT)
    wait_until("the desk has it", lambda: code in suite.desk.codes(client, limit=200))
    assert cards(person, code) == 0
    person.driver.execute_script("window.begin()")
    person.wait("it is told", lambda: cards(person, code) == 1)
    person.check()


@needs_browser
def test_a_new_complaint_has_a_sound_that_can_be_turned_off(suite, browser):
    person = browser(390)
    person.PATIENCE = 60
    person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": SPY})
    tones = lambda: person.driver.execute_script("return window.tones")
    person.open(suite.desk.link(*DISTRICT))
    person.wait_for_all()
    came = lambda: person.wait("it came", lambda code=complain(suite)["trackingCode"]: cards(person, code) == 1)
    assert tones() == 0
    came()
    assert tones() == 2, "two tones for one complaint"
    person.press("有新投诉时发出提示音")
    came()
    assert tones() == 2
    person.reload()
    person.wait_for_all()
    came()
    assert tones() == 0, "it stays off"
    person.press("有新投诉时发出提示音")
    came()
    assert tones() == 2
    person.check()


@needs_browser
def test_every_filter_says_how_many_there_are(suite, browser):
    complain(suite)
    person = watching(suite, browser, CITY)
    person.driver.execute_script("document.querySelector('.filters-box').open = true")
    texts = person.driver.execute_script("return [...document.querySelectorAll('.filters option')].map((one) => one.textContent)")
    assert len(texts) > 20 and all(re.search(r" \([\d,]+\)$", one) for one in texts), texts
    client = suite.desk.sign_in(*CITY)
    counts = suite.desk.get(client, "/api/desk/complaints").json()["counts"]
    regions = {one["id"]: one["count"] for one in counts["regions"]}
    shown = person.driver.execute_script("return document.querySelector('.filters [name=region] option[value=xihu]').textContent")
    assert shown.endswith(f"({regions['xihu']})") and regions["hangzhou"] == counts["all"]
    # What comes is counted at once.
    came = complain(suite)["trackingCode"]
    person.wait("it came", lambda: cards(person, came) == 1)
    person.wait("counted", lambda: person.driver.execute_script(
        "return document.querySelector('.filters [name=region] option[value=xihu]').textContent").endswith(f"({regions['xihu'] + 1})"))  # fmt: skip
    person.check()


@needs_browser
@pytest.mark.parametrize("written", [PHONE, "投诉人 ０００ 0000 7741 打来", "0086-000-0000-7741（急）"])
def test_a_number_that_is_searched_stands_in_no_address(suite, browser, written):
    complain(suite)
    person = watching(suite, browser, DISTRICT)
    person.fill(WORDS["zh"]["search"], written)
    person.press(WORDS["zh"]["find"], ".desk-search")
    person.find(".desk-search + div :is([role=status], [role=alert], .failed)")
    person.wait_for_all()
    seen = [*person.addresses, *person.asked(), person.driver.execute_script("return JSON.stringify([history.state, document.title])")]
    assert not any("7741" in re.sub(r"%20|[-+ ]", "", one) for one in seen), seen
    log = (suite.folder / "desk.log").read_text(errors="replace")
    assert "00007741" not in log
    person.errors()


#: A browser in which the tabs can't tell each other anything.
DEAF = "window.BroadcastChannel = undefined"


def two_in_one_browser(suite, browser, script=""):
    """The page of a chief with a complaint of his, and a tab in which a clerk then opens his link."""
    came = complain(suite)
    code, chief = came["trackingCode"], came["assignee"]["id"]
    person = browser(1280)
    person.PATIENCE = 60
    person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    person.open(suite.desk.link("chief", chief))
    person.sees(WORDS["zh"]["desk"], "h1")
    person.wait("it is in the list", lambda: cards(person, code) == 1)
    first = person.driver.current_window_handle
    person.driver.execute_script("window.isFirst = true")
    person.driver.switch_to.new_window("tab")
    other = person.driver.current_window_handle
    person.open(suite.desk.link(*DISTRICT))
    person.sees("许经办", ".holder")
    return person, code, first, other


def keep(person, tab):
    """Closes all other tabs."""
    for one in person.driver.window_handles:
        if one != tab:
            person.driver.switch_to.window(one)
            person.driver.close()
    person.driver.switch_to.window(tab)


def accept(person, code):
    person.driver.execute_script("""[...document.querySelectorAll('.desk-card')]
        .find((one) => one.innerText.includes(arguments[0])).querySelector('button').click()""", code)


def alert(person):
    try:
        return person.driver.switch_to.alert
    except Exception:
        return None


def nothing_was_done(suite, code):
    assert suite.public(f"/api/complaints/{compact(code)}").json()["status"] == "assigned"
    assert not [one for one in suite.read("complaints.events") if one.kind == "accepted" and one.key == compact(code)]


@needs_browser
def test_a_page_does_not_act_for_whoever_signed_in_later(suite, browser):
    """Two links in one browser: the page of the first person says so, and does nothing in the second one's name."""
    person, code, first, other = two_in_one_browser(suite, browser, DEAF)
    person.driver.switch_to.window(first)
    assert person.driver.execute_script("return window.isFirst")
    accept(person, code)
    told = person.wait("he is told", lambda: alert(person))
    assert "没有执行" in told.text
    told.accept()
    person.sees("许经办", ".holder")
    nothing_was_done(suite, code)
    person.check_but_for(409)
    keep(person, first)


@needs_browser
def test_a_page_does_not_read_what_is_of_whoever_signed_in_later(suite, browser):
    """Its next question, here the rest of its list, is refused; nothing of the other person stands on it."""
    person, code, first, _ = two_in_one_browser(suite, browser, DEAF)
    person.driver.switch_to.window(first)
    asked = """const [done] = arguments
        const beside = document.querySelector('script[type=module]').src
        import(new URL('./api.js', beside)).then(({ desk }) => desk.complaints({})).then(() => done(200), (one) => done(one.status))"""
    try:
        assert person.driver.execute_async_script(asked) == 409
    except Exception:  # The alert may come first.
        assert alert(person) is not None
    told = person.wait("he is told", lambda: alert(person))
    told.accept()
    person.sees("许经办", ".holder")
    assert not person.driver.execute_script("return window.isFirst")
    person.check_but_for(409)
    keep(person, first)


@needs_browser
def test_the_tabs_of_one_browser_learn_who_signed_in_and_who_left(suite, browser):
    person, code, first, other = two_in_one_browser(suite, browser)
    person.driver.switch_to.window(first)
    # Nothing is pressed here.
    person.sees("许经办", ".holder")
    assert not person.driver.execute_script("return window.isFirst")
    nothing_was_done(suite, code)
    person.driver.switch_to.window(other)
    person.press("退出")
    person.sees("工作台", "h1")
    person.driver.switch_to.window(first)
    person.find(".access-form")
    person.errors()
    keep(person, first)


@needs_browser
def test_what_was_missed_is_offered_until_the_list_is_read_anew(suite, browser):
    """More come at once than are put in one by one; one that comes alone afterwards does not take the offer away."""
    person = watching(suite, browser, DISTRICT)
    codes = [complain(suite)["trackingCode"] for _ in range(7)]
    client = suite.desk.sign_in(*DISTRICT)
    wait_until("the desk has them", lambda: set(codes) <= set(suite.desk.codes(client, limit=200)))
    # As if all had come in one event.
    person.driver.execute_script("""const Real = window.EventSource
        window.EventSource = class extends Real { constructor(...all) { super(...all); window.source = this } }""")
    person.press(WORDS["zh"]["desk"], "nav")
    person.wait("it listens", lambda: person.driver.execute_script("return window.source?.readyState === 1"))
    person.wait_for_all()
    person.driver.execute_script("""window.source.dispatchEvent(new MessageEvent("arrived",
        { data: JSON.stringify({ complaints: arguments[0] }) }))""", codes)
    person.sees("有 7 件新投诉", ".desk-news")
    alone = complain(suite)["trackingCode"]
    person.wait("it came", lambda: cards(person, alone) == 1)
    assert "有 7 件新投诉" in person.text(".desk-news button")
    person.driver.execute_script("document.querySelector('.desk-news button').click()")
    person.wait("drawn anew", lambda: not person.driver.execute_script("return document.querySelector('.desk-news').innerText"))
    person.check()


#: How many streams of news a page has open, whether it is hidden, and how it becomes so.
STREAMS = """
window.streams = new Set()
const Real = window.EventSource
window.EventSource = class extends Real {
  constructor(...all) { super(...all); window.streams.add(this) }
  close() { super.close(); window.streams.delete(this) }
}
window.turn = (isHidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden })
  document.dispatchEvent(new Event("visibilitychange"))
}
"""


@needs_browser
def test_hidden_pages_leave_the_browser_its_connections(suite, browser):
    """Eight open lists: of the hidden ones one listens. One that is shown again has what came meanwhile."""
    person = browser(1280)
    person.PATIENCE = 60
    link, tabs = suite.desk.link(*DISTRICT), []
    streams = lambda: person.driver.execute_script("return window.streams.size")
    for number in range(8):
        if number:
            person.driver.switch_to.new_window("tab")
        tabs.append(person.driver.current_window_handle)
        person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": STREAMS})
        person.open(link if not number else f"{suite.desk.address}/desk")
        person.sees(WORDS["zh"]["desk"], "h1")
        person.wait("it listens", lambda: streams() == 1)
        if number < 7:
            person.driver.execute_script("window.turn(true)")
    came = complain(suite)["trackingCode"]
    person.wait("the page that is shown has it", lambda: cards(person, came) == 1)
    open_ones = []
    for tab in tabs[:-1]:
        person.driver.switch_to.window(tab)
        open_ones.append(streams())
    assert sum(open_ones) == 1, open_ones
    person.driver.switch_to.window(tabs[3])
    person.driver.execute_script("window.turn(false)")
    person.wait("it has what came meanwhile", lambda: cards(person, came) == 1 and streams() == 1)
    person.check()
    keep(person, tabs[3])


@needs_browser
def test_a_wrong_choice_can_be_put_right(suite, browser):
    """A span that is too long or turned around, and a filter that is wrong: the fields stay, with what is wrong."""
    complain(suite)
    person = watching(suite, browser, DISTRICT)
    fields = lambda: [one.get_attribute("value") for one in person.all(".filters input[type=date]")]
    for asked, said in [
        ("from=2026-03-01&to=2026-02-01", "起始日期晚于截止日期"),
        ("from=2020-03-01&to=2026-02-01", "最多 92 天"),
        ("by=month&from=2020-03-01&to=2026-02-01", "最多 36 个月"),
    ]:
        person.open(f"{suite.desk.address}/desk/figures?{asked}")
        person.sees(said, "[role=alert]")
        assert fields() == re.findall(r"\d{4}-\d\d-\d\d", asked)
    person.open(f"{suite.desk.address}/desk/figures?from=2026-03-01&to=2026-04-30")
    person.press("按月")
    person.wait("by month", lambda: "by=month" in person.driver.current_url)
    person.wait_for_all()
    assert fields() == ["2026-03-01", "2026-04-30"]
    offered = person.driver.execute_script("return [...document.querySelectorAll('.filters option')].map((one) => one.value)")
    assert "xihu" in offered and "hangzhou" not in offered and "gongshu" not in offered
    for asked, said in [("river=nowhere", "筛选条件有误"), ("region=gongshu", "不在您的辖区")]:
        person.open(f"{suite.desk.address}/desk?{asked}")
        person.sees(said, "[role=alert]")
        assert len(person.all(".filters select")) == 4
    person.press("← 返回工作台")
    person.find(".desk-card")
    person.open(f"{suite.desk.address}/desk/7KQ29XM4T1H0C")
    person.press("← 返回工作台")
    person.find(".desk-card")
    within = lambda text: person.from_module("/phone.js", "(it, text) => it.phoneWithin(text)", text)
    assert [within(one) for one in ("20261130", "2026-11-30", "二〇二六 2026.11.30 起")] == [None] * 3
    assert within("13800000000") and within("0571 0000 0000")
    assert all("status of 40" in one for one in person.errors())


@needs_browser
def test_several_at_once_are_passed_on_to_one_of_the_same_places(suite, browser):
    codes = [complain(suite)["trackingCode"] for _ in range(2)]
    person = watching(suite, browser, CITY)
    for code in codes:
        person.wait("it is in the list", lambda: cards(person, code) == 1)
        person.driver.execute_script("""[...document.querySelectorAll('.desk-card')]
            .find((one) => one.innerText.includes(arguments[0])).querySelector('input').checked = true""", code)
    person.press("批量办理")
    person.fill("原因", "请拱墅区办理", ".desk-bulk")
    person.choose("建议转给", "拱墅", ".desk-bulk")
    person.press("转办所选投诉", ".desk-bulk")
    person.sees("已完成 2 / 2 件", ".desk-bulk")
    for code in codes:
        assert suite.public(f"/api/complaints/{compact(code)}").json()["assignee"]["id"] == "gongshu"
    person.check()


@needs_browser
def test_what_comes_while_one_looks_at_a_complaint_is_seen(suite, browser):
    found = complain(suite)
    code, note = found["trackingCode"], f"请复核{secrets.token_hex(4)}"
    person = watching(suite, browser, DISTRICT)
    person.wait("it is in the list", lambda: cards(person, code) == 1)
    client = suite.desk.sign_in(*DISTRICT)
    state = lambda: suite.desk.get(client, f"/api/desk/complaints/{compact(code)}").json()
    assert outcome(suite, code, bearer(suite, *CITY), {"action": "transfer", "to": {"office": "xihu"}, "text": "请西湖区办理"})["state"] == "done"
    wait_until("it is theirs, and new", lambda: state()["unread"])
    person.open(f"{suite.desk.address}/desk/{compact(code)}")
    wait_until("it was opened", lambda: not state()["unread"])
    # The page stays open, and somebody else writes.
    assert outcome(suite, code, bearer(suite, *CITY), {"action": "note", "public": False, "text": note})["state"] == "done"
    person.sees(note)
    wait_until("it is seen", lambda: not state()["unread"])
    person.check()
