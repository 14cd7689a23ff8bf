"""The same programs look after the roads of a county, and the streams of a town in another country."""

import re

import pytest

from suite import ROOT, Suite
from waiting import wait_until

#: Whatever speaks of rivers or of water.
WATER = re.compile(r"河|水|\b(?:rivers?|waters?|streams?|reach(?:es)?)\b(?! you)", re.IGNORECASE)
CITIES = {
    "roads": {
        "sample": "sample-roads", "office": "lushi", "numbers": "+86000",
        "place": {"longitude": 118.05, "latitude": 29.0701}, "category": "pothole", "chief": "chief-town",
        "phone": "+86 000 0000 4777", "settings": {},
    },
    "town": {
        "sample": "sample-town", "office": "altbrueck", "numbers": "+49000",
        "place": {"longitude": 10.04, "latitude": 50.04}, "category": "litter", "chief": "warden-mill",
        "phone": "+49 000 0000 4777",
        "settings": {
            "DAYU_DISCLOSURE_LANGUAGE": "en", "DAYU_NOTIFICATION_LANGUAGE": "en", "DAYU_SMS_COUNTRIES": "49",
        },
    },
}  # fmt: skip


def running(name, kafka, folder):
    city = CITIES[name]
    settings = {"DAYU_SMS_ALSO_TO": city["numbers"], **city["settings"]}
    return Suite(
        kafka, folder, settings=settings, registry=ROOT / "deploy" / city["sample"], office=city["office"]
    )


@pytest.fixture(scope="module")
def roads(kafka, tmp_path_factory):
    with running("roads", kafka, tmp_path_factory.mktemp("roads")) as suite:
        yield suite


@pytest.fixture(scope="module")
def town(kafka, tmp_path_factory):
    with running("town", kafka, tmp_path_factory.mktemp("town")) as suite:
        yield suite


def goes_the_whole_way(suite, name):
    """A complaint is made, comes to its chief, is resolved and closed; answers with its page."""
    city = CITIES[name]
    suite.confirm(city["phone"])
    form = {
        "category": city["category"], "text": "样例。Sample.", "place": city["place"],
        "contact": {"name": "样例", "phone": city["phone"]},
    }  # fmt: skip
    answer = suite.post("/v1/complaints", form)
    assert answer.status_code == 201, answer.text
    code = answer.json()["trackingCode"]

    def shown(status):
        page = suite.public(f"/api/complaints/{code}")
        return page.json() if page.status_code == 200 and page.json()["status"] == status else None

    page = wait_until("assigned", lambda: shown("assigned"))
    assert page["assignee"]["id"] == city["chief"]
    by = {"role": "chief", "id": city["chief"]}
    done = {"action": "resolve", "text": "样例", "media": ["https://example.org/after.jpg"]}
    for status, action in (("accepted", {"action": "accept"}), ("resolved", done)):
        assert suite.act(code, action | {"by": by}).status_code == 202
        page = wait_until(status, lambda: shown(status))
    wait_until("the messages", lambda: len(suite.messages(code)) >= 4)
    # Another one is no matter of this city's.
    other = suite.post("/v1/complaints", form | {"text": "样例 2"}).json()["trackingCode"]
    office = {"role": "office", "id": city["office"]}
    rejection = {"action": "reject", "reason": "outside-jurisdiction", "text": "样例", "by": office}
    assert suite.act(other, rejection).status_code == 202
    wait_until("the refusal is told", lambda: len(suite.messages(other)) >= 3)
    return page


def test_a_county_of_road_chiefs(roads):
    goes_the_whole_way(roads, "roads")
    texts = [message["text"] for message in roads.messages()]
    assert any("路长" in text for text in texts), texts
    assert any("地点不在本市道路" in text for text in texts), texts
    assert not [text for text in texts if WATER.search(text)]
    about = roads.public("/api/about").json()
    assert about["words"]["keeper"] == {"zh": "路长", "en": "road chief", "several": "road chiefs"}
    assert about["city"] == {"zh": "路石县（样例）", "en": "Lushi County (sample)"}
    assert about["measured"] is False and about["emergencyPhone"] == "122"
    kinds = {one["id"]: (one["kind"], one["kindName"]["zh"], one["standing"]) for one in roads.public("/api/rivers").json()["rivers"]}
    assert kinds == {"x101": ("county-road", "县道", False), "y205": ("township-road", "乡道", False)}
    # No program knows these words.
    sources = [path for part in ("Services", "Shared") for path in (ROOT / part).rglob("*") if path.suffix in (".swift", ".js")]
    assert len(sources) > 100 and not [path for path in sources if "county-road" in path.read_text()]


def test_a_town_in_another_country(town):
    page = goes_the_whole_way(town, "town")
    about = town.public("/api/about").json()
    assert (about["timeZone"], about["emergencyPhone"], about["languages"][0]) == ("Europe/Berlin", "112", "en")
    assert about["city"]["en"] == "Altbrück (sample)"
    assert about["words"]["keeper"]["several"] == "stream wardens"
    texts = [message["text"] for message in town.messages()]
    assert not [text for text in texts if re.search(r"[\u4e00-\u9fff]", text.replace("样例", ""))], texts
    assert any("stream warden" in text for text in texts), texts
    assert page["region"]["id"] == "altbrueck"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_the_roads_speaks_of_water(roads, browser, language):
    if not roads.public("/api/complaints").json()["complaints"]:
        goes_the_whole_way(roads, "roads")
    code = roads.public("/api/complaints").json()["complaints"][0]["trackingCode"]
    reader = browser()
    for path in ("/", "/rivers/x101", "/reaches/x101.town", "/report", "/complaints", f"/complaints/{code}", "/ranking", "/about", "/news"):
        reader.open(f"{roads.site}{path}?lang={language}")
        reader.wait_for_all()
        text = reader.text("body")
        words = {"zh": "路长", "en": "road chief"}[language]
        assert words in text.lower(), f"{path}: {text[:300]}"
        # Names of the open API are the same for every kind of asset.
        said = re.sub(r"/(?:api|open311|pictures)/\S+|\b(?:river|reach)\b(?=[,，、;；]| or chief)", "", text)
        assert not WATER.search(said), f"{path}: {WATER.search(said)}: {said}"
        assert "{" not in said, f"{path} has a word that is not filled in: {said}"
        if path == "/rivers/x101":
            assert {"zh": "县道", "en": "county road"}[language] in reader.text(".board-facts")


def test_the_town_is_shown_in_its_language_and_on_its_clocks(town, browser):
    reader = browser()
    reader.open(f"{town.site}/report")
    text = reader.text("body")
    assert "112" in text and re.search(r"Central European|Germany", text), text
    assert "Stream wardens of Altbrück" in text
    assert not re.search(r"[\u4e00-\u9fff]", text.replace("中文", "").replace("语言", "").replace("禹", "")), text
