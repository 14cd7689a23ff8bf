"""What a complaint means to each who has a part in it, told over HTTP and by the messages they get.

Nobody here looks behind the services: people post to Intake, read the public site, and act by the link in their SMS.
"""

import datetime
import itertools
import pathlib
import re
import shutil

import pytest
import requests

from keys import Table, compact
from suite import SAMPLE, Suite, persist, wait_until

SITE = "https://rivers.example.org"
NAME = "苏秘密"
PHOTO = ["https://example.org/after.jpg"]
CITY, XIHU, FUYANG = "hangzhou", "xihu", "fuyang"


class Registry:
    """The registry's folder, to be changed as an operator would change it."""

    def __init__(self, folder):
        self.folder = folder

    def table(self, name):
        return Table(self.folder, name)

    def phone(self, key):
        """Of a chief or a department, or of the duty office of a region."""
        phones = {row["id"]: row["phone"] for name in ("chiefs", "departments") for row in self.table(name).rows}
        return phones.get(key) or next(row["duty_phone"] for row in self.table("regions").rows if row["id"] == key)


class Complaint:
    """A complaint as it is made, acted upon, told of and shown."""

    numbers = itertools.count(7000)

    def __init__(self, story, category, reach, **more):
        self.suite, self.registry = story
        self.phone = f"+86 000 0000 {next(self.numbers)}"
        self.suite.confirm(self.phone)
        form = {"category": category, "reach": reach, "text": "这里的水有问题。", **more}
        answer = self.suite.post("/v1/complaints", form | {"contact": {"name": NAME, "phone": self.phone}})
        assert answer.status_code == 201, answer.text
        self.id, self.code, self.url, self.own_link = (
            answer.json()[field] for field in ("id", "trackingCode", "url", "link")
        )

    # What is shown.

    def page(self):
        answer = self.suite.public(f"/api/complaints/{self.code}")
        return answer.json() if answer.status_code == 200 else None

    def shown(self, what, condition):
        """The public page once the condition holds for it."""
        return wait_until(what, lambda: (page := self.page()) and condition(page) and page)

    def is_now(self, status):
        return self.shown(status, lambda page: page["status"] == status)

    def comes_to(self, holder):
        return self.shown(f"it is {holder}'s", lambda page: page["assignee"] and page["assignee"]["id"] == holder)

    # What is told.

    def messages(self, to):
        """What the SMS to a phone say of it, or those to whoever the registry knows by that name."""
        phone = to if to.startswith("+") else self.registry.phone(to)
        # Where two complaints are merged, a message about the one names the other; its reference names its own.
        own = compact(self.code) + "."
        sent = [line for line in self.suite.messages() if line["reference"].startswith(own)]
        return [line["text"] for line in sent if line["phone"] == phone.replace(" ", "")]

    def tells(self, to, words):
        return wait_until(
            f"an SMS to {to} with {words}",
            lambda: next((text for text in reversed(self.messages(to)) if words in text), None),
        )

    def link(self, to):
        """The link in the latest SMS to somebody that has one."""
        links = re.compile(rf"{re.escape(SITE)}/\S+#[\w-]+$")
        found = lambda: [link for text in self.messages(to) for link in links.findall(text)]
        return wait_until(f"a link for {to}", lambda: next(reversed(found()), None))

    # What is done; each answers "done", or the reason why not.

    def by_link(self, link, action, **more):
        bearer = {"Authorization": f"Bearer {link.partition('#')[2]}"}
        # 503: Intake has not read the link yet.
        return self.outcome(persist(lambda: self.suite.post("/v1/actions", {"action": action, **more}, bearer)), bearer)

    def by(self, who, action, **more):
        """By the link that somebody was sent."""
        return self.by_link(self.link(who), action, **more)

    def by_citizen(self, action, **more):
        return self.by_link(self.own_link, action, **more)

    def by_office(self, office, action, **more):
        """At a desk, by the system that the office has."""
        by = {"role": "office", "id": office}
        return self.outcome(self.suite.act(self.code, {"action": action, "by": by, **more}), self.suite.bearer)

    def outcome(self, taken, headers):
        assert taken.status_code == 202, taken.text

        def told():
            answer = requests.get(self.suite.intake + taken.headers["Location"], headers=headers, timeout=30)
            assert answer.status_code == 200, answer.text
            return answer.json() if answer.json()["state"] != "pending" else None

        outcome = wait_until(f"the outcome of {taken.text}", told)
        return outcome["state"] if outcome["state"] == "done" else outcome["reason"]

    def resolve(self, who):
        assert self.by(who, "accept") == "done"
        assert self.by(who, "resolve", text="已处理", media=PHOTO) == "done"


def kinds(page):
    return [entry["type"] for entry in page["timeline"]]


def assignments(page):
    return [(entry["to"]["id"], entry["reason"]) for entry in page["timeline"] if entry["type"] == "assigned"]


@pytest.fixture(scope="module")
def suite_kind():
    """How people reach the suite; test_proxy.py tells the same stories through a proxy."""
    return Suite


@pytest.fixture(scope="module")
def story(kafka, tmp_path_factory, suite_kind):
    """The running suite, and the registry that it was given."""
    folder = tmp_path_factory.mktemp("stories")
    registry = Registry(pathlib.Path(shutil.copytree(SAMPLE, folder / "registry")))
    # Whoever is on leave in the sample is so on certain days; here nobody is, until a story says so.
    registry.table("absences").write([])
    registry.table("categories").change("toxic-spill", responsible="city-emergency")
    # Of one category silence is seen within seconds.
    promise = {"category": "odour", "urgency": "ordinary", "accept": "0.0015 hours", "resolve": "24 hours"}
    registry.table("service-levels").add(id="odour", **promise)
    settings = {"DAYU_SITE": SITE, "DAYU_LINK_KEY": "5a" * 32}
    with suite_kind(kafka, folder, settings, registry=registry.folder) as suite:
        yield suite, Registry(suite.registry)


@pytest.fixture(scope="module", autouse=True)
def unanswered(story):
    """Complained of before anything else, so that nobody answers while the other stories are told."""
    return Complaint(story, "odour", "grand-canal.gongchenqiao")


def test_a_citizen(story):
    # Given somebody who complains with his name and his phone
    text = "水发黑，请回电13000000000。"
    complaint = Complaint(story, "black-water", "grand-canal.wulin", text=text)
    assert re.fullmatch(r"\w{4}-\w{4}-\w{4}-\w", complaint.code), "a code that one can read out"
    assert complaint.own_link.startswith(f"{SITE}{complaint.url}#")
    complaint.is_now("assigned")
    assert complaint.link(complaint.phone).startswith(f"{SITE}/c#"), "by SMS he gets a short link too"

    # When he urges, and urges again at once
    assert complaint.by_citizen("urge", text="还没人来") == "done"
    assert complaint.by_citizen("urge") == "often"
    # And adds what he saw since
    assert complaint.by_citizen("note", text="今天气味更重，电话+86 000 0000 7999") == "done"

    # Then the chief is reminded, and the public sees all but who it was
    assert "还没人来" in complaint.tells("chief-gongshu", "催办")
    page = complaint.shown("his note", lambda page: "noted" in kinds(page))
    assert kinds(page) == ["received", "assigned", "urged", "noted"] and page["marks"] == ["urged"]
    assert page["timeline"][-1]["text"].startswith("今天气味更重") and page["timeline"][-1]["by"]["role"] == "citizen"
    suite, _ = story
    paths = [f"/api/complaints/{complaint.code}", "/api/complaints", "/api/rivers/grand-canal", complaint.url]
    for path in paths:
        answer = suite.public(path)
        assert answer.status_code == 200, path
        assert not re.search(f"{NAME}|{complaint.phone[-4:]}|7999|13000000000|{complaint.id}", answer.text), path


def test_a_chief_who_accepts_by_link(story):
    # Given a chief who got an SMS, in which the complainant's name stands
    complaint = Complaint(story, "sewage-discharge", "east-tiaoxi.yuhang")
    chief = complaint.is_now("assigned")["assignee"]["id"]
    assert NAME in complaint.tells(chief, "新投诉")

    # When he accepts and resolves it, at first without a photo
    assert complaint.by(chief, "accept") == "done"
    complaint.tells(complaint.phone, "受理")
    assert complaint.by(chief, "resolve", text="已封堵排口") == "photo"
    assert complaint.by(chief, "resolve", text="已封堵排口", media=PHOTO) == "done"

    # Then the citizen is asked, and his grade closes it
    assert "已封堵排口" in complaint.tells(complaint.phone, "已办结")
    assert complaint.by(complaint.phone, "rate", grade="very-satisfied") == "done"
    page = complaint.is_now("closed")
    assert kinds(page) == ["received", "assigned", "accepted", "resolved", "rated", "closed"]
    assert page["grade"] == "very-satisfied" and page["timeline"][3]["media"] == PHOTO


def test_a_transfer(story):
    # Given a complaint at the canal, and its chief, who says that it is the river's
    complaint = Complaint(story, "floating-debris", "grand-canal.gongchenqiao")
    first, second, superior = "chief-gongchenqiao-1", "chief-gongchenqiao-2", "chief-gongchenqiao"
    promised = complaint.comes_to(first)["due"]
    assert complaint.by(first, "transfer", text="属上塘河", to={"reach": "shangtang-river.gongshu"}) == "done"

    # Then the river's chief has it, until the time that was promised first
    page = complaint.comes_to(second)
    assert page["reach"]["id"] == "shangtang-river.gongshu" and page["due"] == promised
    assert "属上塘河" in complaint.tells(second, "转办")
    assert complaint.by(first, "accept") == "not-in-charge"

    # And when he says that it is the canal's, it goes up and not back
    assert complaint.by(second, "transfer", text="属运河", to={"reach": "grand-canal.gongchenqiao"}) == "done"
    page = complaint.comes_to(superior)
    assert [to for to, _ in assignments(page)] == [first, second, superior]
    assert [entry["text"] for entry in page["timeline"] if entry["type"] == "transferred"] == ["属上塘河", "属运河"]
    complaint.tells(superior, "转办")


def test_a_dissatisfied_citizen(story):
    # Given a complaint that its chief says is resolved
    complaint = Complaint(story, "bank-litter", "west-lake.xihu")
    complaint.comes_to("chief-xihu")
    complaint.resolve("chief-xihu")
    complaint.is_now("resolved")

    # When the citizen says that it is not
    assert complaint.by_citizen("rate", grade="dissatisfied", text="垃圾还在原处") == "done"

    # Then it is the chief's once more, and his superior knows
    page = complaint.is_now("assigned")
    assert kinds(page)[-3:] == ["rated", "reopened", "assigned"]
    assert assignments(page)[-1] == ("chief-xihu", "reopened")
    for official in ("chief-xihu", "chief-city"):
        assert "垃圾还在原处" in complaint.tells(official, "群众不满意")
    assert complaint.by("chief-city", "note", text="已督促") == "done", "he may act by his own link"


def test_a_merged_pair(story):
    # Given two complaints about the same, which the office joins
    one, other = (Complaint(story, "water-plants", "yanshan-river.xihu") for _ in range(2))
    for complaint in (one, other):
        complaint.comes_to("chief-xihu")
    assert other.by_office(XIHU, "merge", into=one.code) == "done"
    assert one.code in other.tells(other.phone, "并入")
    assert other.is_now("merged")["into"] == one.code
    one.shown("its follower", lambda page: page["followers"] == [other.code])

    # When the one is resolved, the other's citizen hears of it, and his page says how
    one.resolve("chief-xihu")
    other.tells(other.phone, f"并入的{one.code}已办结")
    page = other.shown("what became of the one", lambda page: "informed" in kinds(page))
    assert page["timeline"][-1]["about"] == "resolved" and page["timeline"][-1]["text"] == "已处理"
    assert one.by_citizen("rate", grade="satisfied") == "done"
    one.is_now("closed")

    # And what is merged into one that is closed is by itself again, with somebody to answer for it
    late = Complaint(story, "water-plants", "yanshan-river.xihu")
    late.comes_to("chief-xihu")
    assert late.by_office(XIHU, "merge", into=one.code) == "done"
    page = late.shown("it is by itself again", lambda page: "parted" in kinds(page))
    assert page["status"] == "assigned" and assignments(page)[-1] == ("chief-xihu", "parted")
    late.tells(late.phone, "恢复单独办理")
    assert late.by("chief-xihu", "accept") == "done"


def test_a_replaced_chief(story):
    suite, registry = story
    # Given complaints that are with a chief, one of them accepted
    former, successor = "chief-yangxi-1", "chief-yangxi-9"
    waiting, accepted = complaints = [Complaint(story, "silt", "xinan-river.yangxi") for _ in range(2)]
    for complaint in complaints:
        complaint.comes_to(former)
    assert accepted.by(former, "accept") == "done"

    # When the registry is published with another in his place
    registry.table("chiefs").add(
        id=successor, name="新样本", name_en="Xin Yangben", title="社区级河长", level="village",
        region="yangxi", superior="chief-yangxi", phone="+86 000 0000 0999",
    )  # fmt: skip
    reaches = registry.table("reaches")
    chiefs = next(row["chiefs"] for row in reaches.rows if row["id"] == "xinan-river.yangxi")
    reaches.change("xinan-river.yangxi", chiefs=chiefs.replace(former, successor, 1))
    suite.publish()

    # Then he has them, each of them once, and knows
    for complaint in complaints:
        page = complaint.comes_to(successor)
        assert [to for to, _ in assignments(page)] == [former, successor]
        assert assignments(page)[-1] == (successor, "replaced")
        complaint.tells(successor, "接任")
    assert waiting.by(former, "accept") == "not-in-charge"

    # And when the same is published again, and then that another chief is on leave from yesterday on
    suite.publish()
    today = datetime.date.today()
    leave = {"from": today - datetime.timedelta(days=1), "to": today + datetime.timedelta(days=7)}
    registry.table("absences").add(chief="chief-tongjun-1", deputy="chief-tongjun", **leave)
    suite.publish()

    # Then the next complaint at that one's reach is his deputy's, and the others are where they were
    next_one = Complaint(story, "silt", "fuchun-river.tonglu")
    next_one.comes_to("chief-tongjun")
    assert next_one.by("chief-tongjun", "accept") == "done"
    for complaint in complaints:
        assert len(assignments(complaint.page())) == 2
        assert len([text for text in complaint.messages(successor) if "接任" in text]) == 1


def test_a_category_with_a_checker(story):
    # Given a spill, for which a department answers and not the chief
    complaint = Complaint(story, "toxic-spill", "fuchun-river.fuyang")
    doer, checker = "city-emergency", "city-inspection"
    assert assignments(complaint.comes_to(doer)) == [(doer, "responsible")]

    # When it says that it is resolved, the checker is sent there, and finds that it is not
    complaint.resolve(doer)
    assert complaint.is_now("verifying")["checker"]["id"] == checker
    complaint.tells(checker, "查验")
    assert complaint.by(doer, "verify", passed=True, text="没问题") == "role", "nobody checks himself"
    assert complaint.by(checker, "verify", passed=False, text="油膜仍在") == "done"
    assert assignments(complaint.is_now("assigned"))[-1] == (doer, "unverified")
    assert "油膜仍在" in complaint.tells(doer, "查验未通过")
    assert not [text for text in complaint.messages(complaint.phone) if "办结，" in text], "the citizen hears nothing"

    # And when it is true the second time, the citizen is told
    complaint.resolve(doer)
    assert complaint.by(checker, "verify", passed=True, text="现场已清理", media=PHOTO) == "done"
    page = complaint.is_now("resolved")
    assert [entry["passed"] for entry in page["timeline"] if entry["type"] == "verified"] == [False, True]
    assert "现场已清理" in complaint.tells(complaint.phone, "经查验")


def test_an_officer(story):
    # Given a complaint of the wrong category
    complaint = Complaint(story, "bank-litter", "fuchun-river.fuyang")
    chief = complaint.is_now("assigned")["assignee"]["id"]

    # When the office corrects it, it goes where it belongs now, and the chief is rid of it
    assert complaint.by_office(FUYANG, "edit", category="outfall-unmarked", text="是排口标识问题") == "done"
    page = complaint.comes_to("city-ecology")
    assert page["category"]["code"] == "outfall-unmarked" and assignments(page)[-1] == ("city-ecology", "edited")
    complaint.tells(chief, "您无需再办")
    assert "排口" in complaint.tells("city-ecology", "更正后改派")

    # And when it gives more time, both sides know until when
    until = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)
    assert complaint.by_office(FUYANG, "extend", until=until.isoformat(), text="汛期无法施工") == "done"
    page = complaint.shown("the extension", lambda page: "extended" in kinds(page))
    assert datetime.datetime.fromisoformat(page["due"]["resolve"].replace("Z", "+00:00")) == until
    for one in (complaint.phone, "city-ecology"):
        assert "汛期无法施工" in complaint.tells(one, "延期")

    # And what is not the rivers' at all is rejected with the next hop, in the words that reach the citizen
    stray = Complaint(story, "bank-litter", "fuchun-river.fuyang")
    assert stray.by_citizen("reject", reason="handled-elsewhere", text="不管了") == "role"
    stray.comes_to(chief)
    hop = "属自来水管漏水，请联系富阳供水热线（样例）"
    assert stray.by_office(FUYANG, "reject", reason="handled-elsewhere", text=hop) == "done"
    page = stray.is_now("rejected")
    assert page["timeline"][-1]["reason"] == "handled-elsewhere" and page["timeline"][-1]["text"] == hop
    assert hop in stray.tells(stray.phone, "由其他单位负责")


def test_a_chief_who_never_answers(unanswered):
    # Given a chief to whom nothing matters, and nobody above him to whom it does
    line = ["chief-gongchenqiao-1", "chief-gongchenqiao", "chief-gongshu", "chief-city", CITY]

    # Then each was warned and passed over, and at the top it is ordered to be done
    page = unanswered.shown("the order", lambda page: "supervised" in kinds(page))
    assert [to for to, _ in assignments(page)] == line
    assert {why for _, why in assignments(page)[1:]} == {"escalated"}
    assert kinds(page)[1:4] == ["assigned", "warned", "escalated"]
    order = page["timeline"][-1]
    assert (order["type"], order["order"], order["to"]["id"], order["from"]["id"]) == ("supervised", 1, CITY, line[3])
    assert page["status"] == "assigned" and page["marks"][0] == "supervised", "open, and everybody sees it"

    # And each of them was told, the first that it came and all that it passed him by
    unanswered.tells(line[0], "新投诉")
    unanswered.tells(line[0], "即将超期")
    for chief in line[:-1]:
        unanswered.tells(chief, "逾期未受理")
    for superior in line[1:]:
        unanswered.tells(superior, "逾期上报")
    for party in line[3:]:
        unanswered.tells(party, "督办第1号")
    assert unanswered.by(CITY, "accept") == "done", "the office takes it up by its link"
