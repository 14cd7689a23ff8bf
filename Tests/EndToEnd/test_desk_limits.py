"""What the desk does at its limits: a note for many waits until Intake takes it, a long list of one number says that it is cut,
and a stream of news that ends more than once is told each time."""

import re

import pytest

from browser import available
from keys import word
from suite import Suite, wait_until
from test_desk import SETTINGS, WORDS, Desk, compact, complain
from test_desk_news import CITY, bearer, watching

pytestmark = pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")
BUSY, FOUND_AT_MOST = "+86 000 0000 7742", 100


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("desk-limits"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    suite.desk = Desk(suite)
    with suite:
        suite.desk.start()
        yield suite


@pytest.fixture
def hurried(suite):
    """Intake lets one person act 20 times in a minute: once in three seconds."""
    usual = dict(suite.environment)

    def restart():
        suite.terminate("intake")
        suite.start("intake")
        suite.wait_ready("intake")

    suite.environment |= {"DAYU_INTAKE_GATEWAY_REQUESTS_PER_MINUTE": "20"}
    restart()
    yield
    suite.environment.clear()
    suite.environment |= usual
    restart()


#: The answers that a page got from Intake to a note for many: status, and how long it is asked to wait.
ANSWERS = """
window.answers = []
const real = window.fetch
window.fetch = async (address, options) => {
  const answer = await real(address, options)
  if (String(address).endsWith("/v1/complaints/actions"))
    window.answers.push([answer.status, Number(answer.headers.get("Retry-After"))])
  return answer
}
"""


def test_a_note_for_many_waits_while_intake_is_asked_too_often(suite, hurried, browser):
    found = [complain(suite) for _ in range(3)]
    who = ("chief", found[0]["assignee"]["id"])
    codes = [one["trackingCode"] for one in found if one["assignee"]["id"] == who[1]]
    client = suite.desk.sign_in(*who)
    wait_until("the desk has them", lambda: set(codes) <= set(suite.desk.codes(client, whose="mine", limit=200)))
    passed = bearer(suite, *who)
    person = browser(1280)
    person.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": ANSWERS})
    person.open(suite.desk.link(*who))
    person.sees(WORDS["zh"]["desk"], "h1")
    person.wait_for_all()

    # He has acted as often as he may; what he asks for is refused, and counts all the same.
    def is_refused():
        return suite.post(f"/v1/complaints/{'0' * 13}/actions", {"action": "accept"}, passed).status_code == 429

    wait_until("he has acted as often as he may", is_refused)
    person.press(WORDS["zh"]["hand-over"])
    note = f"施工队周三到场{word()}"
    person.fill(WORDS["zh"]["hand-note"], note)
    person.press(WORDS["zh"]["hand-send"])
    answers = lambda: person.driver.execute_script("return window.answers")
    person.wait("he is asked to wait", lambda: answers())
    [status, seconds] = answers()[0]
    assert status == 429 and seconds >= 1, "and the page may read how long"
    person.PATIENCE = 120
    # Nobody presses again.
    person.wait("it is taken", lambda: answers()[-1][0] == 202)
    person.wait("all done", lambda: re.search(r"已完成 (\d+) 件，共 \1 件", person.text(".desk-handover")))
    for code in codes:
        timeline = suite.desk.get(client, f"/api/desk/complaints/{compact(code)}").json()["timeline"]
        assert [note in (one["text"] or "") for one in timeline if one["type"] == "noted"] == [True], "once"
    person.check_but_for(429)


def test_more_complaints_of_a_number_than_are_listed(suite, browser):
    def told(n):
        for _ in range(n):
            body = {"category": "bank-litter", "text": f"岸边堆着垃圾{word()}", "river": "west-lake",
                    "contact": {"name": "某甲", "phone": BUSY}}  # fmt: skip
            answer = suite.post("/v1/complaints", body)
            assert answer.status_code == 201, answer.text

    client = suite.desk.sign_in(*CITY)

    def known():
        answer = client.post(f"{suite.desk.address}/api/desk/find", json={"phone": BUSY}, timeout=20).json()
        return len(answer["complaints"]), answer["more"]

    def listed(person, language="zh"):
        person.fill(WORDS[language]["search"], BUSY)
        person.press(WORDS[language]["find"], ".desk-search")
        person.wait("all are listed", lambda: len(person.all(".desk-search + div .desk-card")) == FOUND_AT_MOST)
        return person.text(".desk-search + div [role=status]")

    told(FOUND_AT_MOST)
    wait_until("the desk has a hundred", lambda: known() == (FOUND_AT_MOST, False))
    person = watching(suite, browser, CITY)
    assert listed(person) == "此号码的投诉 100 件（已记录查看）"
    told(1)
    wait_until("there is one more", lambda: known() == (FOUND_AT_MOST, True))
    person.reload()
    assert listed(person) == "此号码的投诉 100 件（已记录查看） 只列出最新的 100 件，更早的未列出。"
    person.choose_language("en")
    assert "Only the newest 100 are listed; there are older ones." in listed(person, "en")
    person.check()


#: Listens to a stream that the test feeds, and gives what the page was told.
FED = """(it, steps) => {
  const told = []
  const real = [window.EventSource, window.setTimeout]
  let source
  window.EventSource = class extends EventTarget {
    static CLOSED = 2
    constructor() { super(); this.readyState = 1; source = this }
    close() { this.readyState = 2 }
  }
  // It connects anew at once.
  window.setTimeout = (act) => act()
  const end = new AbortController()
  const say = (name) => () => told.push(name)
  it.listen(end.signal, "x-1", { arrived: say("arrived"), again: say("again"), ended: say("ended"), resumed: say("resumed") })
  for (const step of steps) {
    if (step === "lost") source.readyState = 2
    source.dispatchEvent(step === "lost" ? new Event("error") : new MessageEvent(step))
  }
  end.abort();
  [window.EventSource, window.setTimeout] = real
  return told
}"""


def test_a_stream_that_was_lost_is_told_once_until_it_is_back(suite, browser):
    person = watching(suite, browser, CITY)
    told = lambda *steps: person.from_module("/desk/news.js", FED, list(steps))
    assert told("here") == []
    assert told("lost", "lost", "here") == ["ended", "resumed"]
    # After a long break some may have been missed: the list is to be read anew, so nothing need be said of the break.
    assert told("lost", "again", "here") == ["ended", "again"]
    # And the next break is told like the first.
    assert told("lost", "again", "lost") == ["ended", "again", "ended"]
    person.check()
