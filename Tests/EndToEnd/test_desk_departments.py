"""A complaint is a department's to do: whoever has it passes it on there, alone or with others."""

import pytest

from browser import SCREENS, available
from keys import word
from suite import Suite, wait_until
from test_desk import SETTINGS, Desk, compact, complain
from test_desk_news import CITY, DISTRICT, cards, watching

pytestmark = pytest.mark.skipif(not available(), reason="no browser: install chromium and chromium-driver")
CLEANING, LAKE = "city-urban", "west-lake-office"
CLEANING_NAME, LAKE_NAME = "杭州市城区河道保洁中心", "西湖水域管理处"
OPTIONS = """return [...document.querySelectorAll(arguments[0] + " option")]
    .filter((one) => one.value.startsWith("department/")).map((one) => one.value.slice(11))"""


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("desk-departments"), SETTINGS)
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    suite.desk = Desk(suite)
    with suite:
        suite.desk.start()
        yield suite


def has(suite, code, department):
    """Whether the department has it, for everybody to see."""
    assignee = suite.public(f"/api/complaints/{compact(code)}").json()["assignee"]
    return (assignee["kind"], assignee["id"]) == ("department", department)


def transfers(suite, code):
    """Who passed it on, and to whom, as the log has it."""
    found = [one.value for one in suite.read("complaints.events") if one.kind == "transferred" and one.key == compact(code)]
    return [(one["by"]["role"], one["to"]) for one in found]


@pytest.mark.parametrize("width", SCREENS)
def test_one_complaint_is_passed_on_to_a_department(suite, browser, width):
    found, reason = complain(suite), f"岸边保洁归管理处{word()}"
    code = found["trackingCode"]
    person = watching(suite, browser, ("chief", found["assignee"]["id"]), width)
    person.open(f"{suite.desk.address}/desk/{compact(code)}")
    person.unfold("非本人职责，申请转办")
    person.fill("转办理由", reason, ".act")
    offered = lambda: person.driver.execute_script(OPTIONS, ".act")
    assert len(offered()) == len(suite.public("/api/departments").json()["departments"]) > 10
    assert offered()[0] == LAKE, "of the same district"
    person.choose("建议转给", LAKE_NAME, ".act")
    assert person.barriers() == []
    person.press("申请转办", ".act")
    person.sees("已转办。", ".act-said")
    wait_until("the department has it", lambda: has(suite, code, LAKE))
    assert transfers(suite, code) == [("chief", {"department": LAKE})]
    # It is no longer his to see at the desk, and the open page says so.
    person.sees("这件投诉不归您办理")
    person.check_but_for(403)
    # Everybody reads who has it now, and the department finds it at its desk.
    person.open(f"{suite.site}/complaints/{compact(code)}")
    person.sees(LAKE_NAME, ".timeline")
    assert reason in person.text(".timeline")
    client = suite.desk.sign_in("department", LAKE)
    wait_until("it is the department's to do", lambda: code in suite.desk.codes(client, whose="mine", limit=200))
    # An office may pass it on again. The department that has it isn't offered.
    office = watching(suite, browser, CITY, width)
    office.open(f"{suite.desk.address}/desk/{compact(code)}")
    office.unfold("非本人职责，申请转办")
    office.wait("others are offered", lambda: CLEANING in office.driver.execute_script(OPTIONS, ".act"))
    assert LAKE not in office.driver.execute_script(OPTIONS, ".act")
    office.check()


def test_several_are_passed_on_to_a_department(suite, browser):
    codes = [complain(suite)["trackingCode"] for _ in range(2)]
    person = watching(suite, browser, DISTRICT)
    for code in codes:
        person.wait("it is in the list", lambda: cards(person, code) == 1)
        person.driver.execute_script("""[...document.querySelectorAll('.desk-card')]
            .find((one) => one.innerText.includes(arguments[0])).querySelector('input').checked = true""", code)
    person.press("批量办理")
    person.fill("原因", "请保洁中心清理", ".desk-bulk")
    person.choose("建议转给", CLEANING_NAME, ".desk-bulk")
    person.press("转办所选投诉", ".desk-bulk")
    person.sees("已完成 2 / 2 件", ".desk-bulk")
    for code in codes:
        wait_until("the department has it", lambda: has(suite, code, CLEANING))
        assert transfers(suite, code) == [("office", {"department": CLEANING})]
    person.check()
