"""The officials' desk in a city that has lived for a year: a clerk works off fifty complaints, a chief has three."""

import datetime
import time

import pytest
import requests

from browser import SCREENS, available
from suite import SERVICES, Suite, wait_until
from test_desk import SETTINGS, Desk, compact

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver"),
]
COMPLAINTS, DAYS, NEW = 1000, 365, 55


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("desk-year"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    suite.desk = Desk(suite)
    suite.create_topics()
    suite.publish()
    until = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:00Z")
    suite.operate("simulate", "--complaints", str(COMPLAINTS), "--days", str(DAYS), "--until", until)
    try:
        for name in SERVICES:
            suite.start(name)
        for name in SERVICES:
            suite.wait_ready(name)
        suite.desk.start()
        yield suite
    finally:
        suite.stop_all()


def complain(suite, number, **more):
    body = {"category": "bank-litter", "text": f"岸边第{number}堆垃圾", "river": "west-lake"} | more
    answer = suite.post("/v1/complaints", body)
    assert answer.status_code == 201, answer.text
    return answer.json()["trackingCode"]


@pytest.mark.parametrize("width", [1280, pytest.param(390, marks=pytest.mark.slow)])
def test_a_clerk_works_off_fifty_complaints(suite, browser, width):
    desk = suite.desk
    client = desk.sign_in("clerk", "hangzhou-1")

    def counts():
        return {one["id"]: one["count"] for one in desk.get(client, "/api/desk/complaints").json()["counts"]["statuses"]}

    before = counts().get("assigned", 0)
    for number in range(NEW):
        complain(suite, number)
    wait_until("all are assigned", lambda: counts().get("assigned", 0) >= before + NEW and not counts().get("received"), 120)
    asked = {"status": "assigned", "limit": 50}
    first = desk.codes(client, **asked)
    person = browser(width)
    began = time.monotonic()
    person.open(desk.link("clerk", "hangzhou-1"))
    person.wait_for_all()
    person.open(f"{desk.address}/desk?status=assigned")
    person.wait("fifty cards", lambda: len(person.all(".desk-card")) == 50)
    shown = time.monotonic() - began
    person.driver.save_screenshot(str(suite.folder / f"year-list-{width}.png"))
    for words in ["批量办理", "选择本页全部", "受理所选投诉"]:
        person.press(words)
    person.PATIENCE = 240
    done = "return [...document.querySelectorAll('.desk-said')].filter((one) => one.innerText === '已受理。').length"
    person.wait("all fifty are accepted", lambda: person.driver.execute_script(done) == 50)
    print(f"{width} px: 50 accepted with 3 taps; {shown:.1f} s to the list, {time.monotonic() - began:.1f} s in all")
    assert person.barriers() == []
    person.check()
    ended = ("accepted", "resolved", "verifying", "closed")
    for code in first:
        path = f"/api/complaints/{compact(code)}"
        wait_until(f"the public sees {code}", lambda path=path: suite.public(path).json()["status"] in ended)
    assert not set(first) & set(desk.codes(client, **asked))


def test_what_comes_stands_in_the_list_once_also_where_further_pages_are_read(suite, browser):
    desk = suite.desk
    person = browser(1280)
    person.PATIENCE = 60
    person.open(desk.link("clerk", "hangzhou-1"))
    person.wait("a page of cards", lambda: len(person.all(".desk-columns .desk-card")) == 50)
    person.wait_for_all()
    came = complain(suite, "新")
    person.wait("it came", lambda: len(person.all(".desk-card.fresh")) >= 1)
    for pages in range(2, 5):
        if not person.all(".list-foot button"):
            break
        person.press("更多", ".list-foot")
        person.wait_for_all()
    codes = person.driver.execute_script("return [...document.querySelectorAll('.desk-columns .desk-card .code')].map((one) => one.innerText)")
    assert len(codes) > 50 and len(set(codes)) == len(codes) and codes.count(came) == 1
    # The table holds them all.
    table = desk.get(desk.sign_in("clerk", "hangzhou-1"), "/api/desk/complaints.csv").content.decode("utf-8-sig")
    assert len(table.split("\r\n")) - 2 == desk.get(desk.sign_in("clerk", "hangzhou-1"), "/api/desk/complaints").json()["counts"]["all"]
    person.check()


@pytest.mark.parametrize("width", SCREENS)
def test_a_chief_with_three_has_cards_with_two_buttons(suite, browser, width):
    desk = suite.desk
    client = desk.sign_in("clerk", "hangzhou-1")
    codes = [complain(suite, f"{width}-{one}", river="grand-canal") for one in range(3)]

    def holders():
        answers = [suite.public(f"/api/complaints/{compact(code)}") for code in codes]
        found = [one.json().get("assignee") for one in answers if one.status_code == 200]
        return found if len(found) == 3 and all(found) else None

    [chief] = {one["id"] for one in wait_until("assigned", holders)}
    person = browser(width)
    person.open(desk.link("chief", chief))
    person.wait_for_all()
    mine = desk.codes(desk.sign_in("chief", chief), whose="mine", limit=200)
    assert set(codes) <= set(mine)
    for code in codes:
        card = person.driver.execute_script(
            "return [...document.querySelectorAll('.desk-card')].find((one) => one.innerText.includes(arguments[0]))", code)  # fmt: skip
        buttons = card.find_elements("css selector", ".desk-buttons > *")
        assert [one.text for one in buttons] == ["受理", "查看办理"], code
        assert all(one.size["height"] >= 24 for one in buttons)
    assert person.barriers() == []
    person.check()
    person.driver.save_screenshot(str(suite.folder / f"year-chief-{width}.png"))
    # A chief of another district sees none of them, and no contact.
    other = desk.sign_in("chief", "chief-tonglu" if chief != "chief-tonglu" else "chief-xihu")
    for code in codes:
        path = f"/api/desk/complaints/{compact(code)}"
        assert desk.get(other, path).status_code == 403
        assert other.post(f"{desk.address}{path}/contact", timeout=20).status_code == 403
    assert desk.get(client, f"/api/desk/complaints/{compact(codes[0])}").status_code == 200


@pytest.mark.parametrize("width", SCREENS)
def test_a_years_figures(suite, browser, width):
    desk = suite.desk
    person = browser(width)
    person.open(desk.link("office", "hangzhou"))
    person.open(f"{desk.address}/desk/figures?by=month")
    person.wait_for_all()
    assert person.barriers() == []
    person.check()
    person.driver.save_screenshot(str(suite.folder / f"year-figures-{width}.png"))
    client = desk.sign_in("office", "hangzhou")
    figures = desk.get(client, "/api/desk/figures", by="month").json()
    total = figures["total"]
    assert total["arrived"] > COMPLAINTS * 0.8 and total["satisfied"] > total["dissatisfied"] > 0
    assert sum(one["arrived"] for one in figures["periods"]) == total["arrived"]
    # The same, counted from the log itself.
    codes = {one.key for one in suite.read("complaints.events") if one.kind == "assigned"}
    since = figures["from"]
    young = {one.key for one in suite.read("complaints.events") if one.kind == "received" and one.headers["ce_time"][:10] > since}
    assert len(codes & young) <= total["arrived"] <= len(codes)
    # The region's own officials alone.
    district = desk.get(client, "/api/desk/figures", by="month", region="xihu").json()["total"]["arrived"]
    assert 0 < district < total["arrived"]
    assert requests.get(f"{desk.address}/api/desk/figures", timeout=20).status_code == 401
