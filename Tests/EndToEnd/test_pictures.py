"""Pictures: uploaded, used, shown, withheld, erased, left unused; bombs and garbage; a store that is a bucket."""

import base64
import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import random
import re
import secrets
import stat
import subprocess
import sys
import time
import uuid

import pytest
import requests
from PIL import Image

from keys import add_gateway, word
from pictures import MAKER, black, hostile, looks_upright, photo, png
from suite import Suite, free_port, wait_until

OFFICE = {"role": "office", "id": "hangzhou"}
CHIEF = {"role": "chief", "id": "chief-xihu"}
REACH = "west-lake.xihu"
PHONE = "+8600000007797"
SETTINGS = {
    # Everybody here has the same address.
    "DAYU_INTAKE_PICTURES_UNUSED_BYTES_PER_ADDRESS": "0", "DAYU_INTAKE_BODY_BYTES_PER_ADDRESS": "0", "DAYU_LINK_KEY": secrets.token_hex(32), "DAYU_INTAKE_ORIGIN": "*",
}  # fmt: skip


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("pictures"), SETTINGS)
    suite.app = add_gateway(suite.registry, "photo-app", ["complaints"], "open311")
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    with suite:
        yield suite


def upload(suite, data, patience=60, **headers):
    """As a client does that waits when it is told to."""
    end = time.monotonic() + patience
    while True:
        answer = requests.post(f"{suite.intake}/v1/pictures", data=data, headers=headers, timeout=180)
        if answer.status_code not in (429, 503) or time.monotonic() > end:
            return answer
        time.sleep(float(answer.headers.get("Retry-After", 1)) * random.uniform(1, 4))


def name_of(answer):
    assert answer.status_code == 201, answer.text
    return answer.json()["name"]


def public_name(name):
    return hashlib.sha256(f"dayu picture\n{name}".encode()).hexdigest()[:32] + ".jpg"


def complaint(text, **more):
    return {"category": "sewage-discharge", "text": text, "reach": REACH} | more


def complain(suite, media, **more):
    answer = suite.post("/v1/complaints", complaint("管口流灰白色的水", media=media, **more))
    assert answer.status_code in (201, 202), answer.text
    return answer.json()


def page(suite, code, what=lambda page: True, seconds=60):
    def found():
        answer = suite.public(f"/api/complaints/{code}")
        return answer.status_code == 200 and what(answer.json()) and answer.json()

    return wait_until("the page shows it", found, seconds)


def stored(suite):
    return sorted(path for path in pathlib.Path(suite.environment["DAYU_MEDIA"]).glob("*/*") if path.is_file())


def together(suite, part, body, pictures, path="/v1/complaints", **headers):
    files = [(part, (None, json.dumps(body), "application/json"))]
    files += [("picture", (f"{n}.jpg", data, "image/jpeg")) for n, data in enumerate(pictures)]
    return requests.post(suite.intake + path, files=files, headers=headers, timeout=60)


def test_a_picture_goes_the_whole_way_upright_small_and_without_notes(suite):
    name = name_of(upload(suite, photo((3000, 2000), orientation=6)))
    picture = public_name(name)
    for path in stored(suite):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    # Nobody sees it before somebody uses it, and nobody else can.
    assert suite.public(f"/pictures/{picture}").status_code == 404
    assert suite.post("/v1/complaints", complaint("x", media=[picture])).status_code == 422
    assert suite.post("/v1/complaints", complaint("x", media=[f"upload-{secrets.token_hex(16)}"])).status_code == 422
    code = complain(suite, [name, "https://example.org/two.jpg"])["trackingCode"]
    shown = page(suite, code)
    assert shown["media"] == [f"/pictures/{picture}", "https://example.org/two.jpg"]
    assert name not in json.dumps(shown)
    listed = suite.public("/api/complaints").json()["complaints"][0]
    assert listed["media"] == shown["media"]
    for path, longest in [(f"/pictures/{picture}", 2048), (f"/pictures/{picture}/small", 480)]:
        answer = suite.public(path)
        assert answer.status_code == 200 and answer.headers["Content-Type"] == "image/jpeg"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert 0 < int(answer.headers["Cache-Control"].rpartition("max-age=")[2]) <= 3600
        image = Image.open(io.BytesIO(answer.content))
        assert max(image.size) == longest and image.size[0] > image.size[1] and looks_upright(answer.content)
        assert not image.getexif() and MAKER.encode() not in answer.content and b"Exif" not in answer.content
        again = requests.get(suite.site + path, headers={"If-None-Match": answer.headers["ETag"]}, timeout=30)
        assert again.status_code == 304 and not again.content
    assert suite.public(f"/pictures/{picture}/large").status_code == 404
    assert suite.public("/pictures/..%2f..%2fetc%2fpasswd").status_code == 404


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_of_every_format(suite, form):
    names = [name_of(upload(suite, photo((600, 400), form=form, orientation=n))) for n in range(1, 9)]
    shown = page(suite, complain(suite, names)["trackingCode"])
    for address in shown["media"]:
        data = suite.public(address).content
        assert Image.open(io.BytesIO(data)).size == (600, 400) and looks_upright(data), address


def test_a_complaint_brings_its_pictures_and_the_same_again_is_the_same(suite):
    before = len(stored(suite))
    pictures, key = [photo((500, 300)), photo((300, 500), form="PNG")], uuid.uuid4().hex
    first = together(suite, "complaint", complaint("同一件"), pictures, **{"Idempotency-Key": key})
    assert first.status_code == 201, first.text
    again = together(suite, "complaint", complaint("同一件"), pictures, **{"Idempotency-Key": key})
    assert again.json()["id"] == first.json()["id"]
    other = together(suite, "complaint", complaint("同一件"), pictures[:1], **{"Idempotency-Key": key})
    assert other.json()["id"] != first.json()["id"]
    assert len(stored(suite)) == before + 2 * 3
    shown = page(suite, first.json()["trackingCode"])
    assert [Image.open(io.BytesIO(suite.public(one).content)).size for one in shown["media"]] == [(500, 300), (300, 500)]


def test_a_wrong_picture_or_field_refuses_the_whole_request_and_leaves_nothing(suite):
    before, ends = stored(suite), suite.ends(["complaints.submissions", "complaints.words"])
    answers = [
        together(suite, "complaint", complaint("坏图"), [photo((50, 50)), b"no picture"]),
        together(suite, "complaint", complaint("", category="none"), [photo((50, 50))]),
        together(suite, "complaint", complaint("太多"), [photo((50, 50))] * 10),
        together(suite, "complaint", complaint("http", media=["http://example.org/1.jpg"]), []),
    ]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert [answers[n].json()["errors"][0]["field"] for n in (0, 2, 3)] == ["picture.1", "picture", "media.0"]
    assert suite.ends(["complaints.submissions", "complaints.words"]) == ends
    assert stored(suite) == before


def test_an_uploaded_picture_is_the_photo_that_a_category_asks_for(suite):
    code = complain(suite, [])["trackingCode"]
    page(suite, code, lambda p: p["status"] == "assigned")

    def outcome(answer):
        assert answer.status_code == 202, answer.text
        address = suite.intake + answer.headers["Location"]
        ask = lambda: requests.get(address, headers=suite.bearer, timeout=30).json()  # noqa: E731
        return wait_until("it is decided", lambda: (o := ask())["state"] != "pending" and o)

    by = page(suite, code)["assignee"]
    actor = {"role": by["kind"], "id": by["id"]}
    assert outcome(suite.act(code, {"action": "accept", "by": actor}))["state"] == "done"
    resolved = {"action": "resolve", "text": "已封堵", "by": actor}
    assert outcome(suite.act(code, resolved))["reason"] == "photo"
    path = f"/v1/complaints/{code.replace('-', '')}/actions"
    answer = together(suite, "action", resolved, [photo((800, 600))], path, **suite.bearer)
    assert outcome(answer)["state"] == "done"
    shown = page(suite, code, lambda p: p["status"] in ("resolved", "verifying"))
    event = next(one for one in shown["timeline"] if one["type"] == "resolved")
    assert looks_upright(suite.public(event["media"][0] + "/small").content)


def test_withheld_pictures_disappear_and_come_back_and_erased_ones_are_gone(suite):
    names = [name_of(upload(suite, photo((400, 300)))) for _ in range(2)]
    paths = [f"/pictures/{public_name(name)}" for name in names]
    taken = complain(suite, names, contact={"name": "高样例", "phone": PHONE})
    code = taken["trackingCode"]
    page(suite, code, lambda p: p["status"] == "assigned")
    tag = suite.public(paths[0]).headers["ETag"]

    def served():
        return [suite.public(path + size).status_code for path in paths for size in ("", "/small")]

    suite.act(code, {"action": "withhold", "passage": {"version": 1, "part": "picture-1"}, "reason": "personal-data",
                     "by": OFFICE})  # fmt: skip
    wait_until("it is withheld", lambda: served() == [404, 404, 200, 200])
    # Nor does a copy count as good any more.
    again = requests.get(suite.site + paths[0], headers={"If-None-Match": tag}, timeout=30)
    assert again.status_code == 404
    suite.act(code, {"action": "release", "passage": {"version": 1, "part": "picture-1"}, "by": OFFICE})
    wait_until("it is released", lambda: served() == [200] * 4)
    files = [path for path in stored(suite) if any(public_name(n)[:32] in path.name for n in names)]
    assert len(files) == 4
    suite.operate("erase", code)
    wait_until("it is erased", lambda: served() == [404] * 4)
    wait_until("the bytes are gone", lambda: not any(path.exists() for path in files))


@pytest.mark.slow
def test_bombs_and_garbage_cost_one_upload_and_nothing_else(suite):
    before = stored(suite)
    for what, (data, reason) in hostile().items():
        answer = upload(suite, data)
        assert answer.status_code == 422, f"{what}: {answer.status_code} {answer.text}"
        assert reason in answer.json()["errors"][0]["detail"], what
    # A tiny file of many pixels, but within the limit, is a picture.
    assert upload(suite, png(8192, 8192, black(8192, 8192, 4), colour=6)).status_code == 201
    assert upload(suite, b"").status_code == 400
    assert upload(suite, bytes(21_500_000)).status_code == 413
    assert len(stored(suite)) == len(before) + 2
    assert suite.health("intake")[0] == 200 and suite.processes["intake"].poll() is None
    assert not [path for path in stored(suite) if path.name.startswith(".")]


def memory(suite, name="VmRSS"):
    status = pathlib.Path(f"/proc/{suite.processes['intake'].pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(name))


@pytest.mark.slow
def test_memory_stays_flat_during_a_hundred_uploads_at_once(suite):
    data = photo((2400, 1800), noise=80, quality=95)
    assert 2_000_000 < len(data) < 10_000_000
    upload(suite, data)
    before, highest = memory(suite), 0
    pathlib.Path(f"/proc/{suite.processes['intake'].pid}/clear_refs").write_text("5")
    with concurrent.futures.ThreadPoolExecutor(100) as clients:
        answers = list(clients.map(lambda _: upload(suite, data, patience=600), range(100)))
    highest = memory(suite, "VmHWM")
    print(f"100 uploads of {len(data)} bytes: {before} kB before, {highest} kB at the most, {memory(suite)} kB after")
    assert all(answer.status_code == 201 for answer in answers)
    # All bodies together may hold 64 MB, and a body that is being decoded is there twice.
    assert highest - before < 250_000


def test_intake_killed_between_upload_and_use_loses_nothing(suite):
    name = name_of(upload(suite, photo((640, 480))))
    suite.kill("intake")
    suite.start("intake")
    suite.wait_ready("intake")
    code = complain(suite, [name])["trackingCode"]
    assert looks_upright(suite.public(page(suite, code)["media"][0]).content)


def test_what_nobody_uses_is_removed_and_leaves_nothing(kafka, tmp_path):
    settings = {
        "DAYU_INTAKE_PICTURES_UNUSED_FOR": "6s", "DAYU_INTAKE_PICTURES_UNUSED_BYTES_PER_ADDRESS": "150000",
    }  # fmt: skip
    with Suite(kafka, tmp_path / "unused", settings, services=["routing", "disclosure", "intake"]) as suite:
        first, second, third = (name_of(upload(suite, photo((300, 200 + n)))) for n in range(3))
        # Three count as 64 KiB each, which is too much for one address until one of them is used.
        assert upload(suite, photo(), patience=0).status_code == 429
        code = complain(suite, [first])["trackingCode"]
        page(suite, code)
        wait_until("there is room again", lambda: upload(suite, photo((310, 200)), patience=0).status_code == 201, 20)
        # Killed while two of them wait: what is left behind goes, too.
        (stored(suite)[0].parent / ".new-left").write_bytes(b"half")
        suite.kill("intake")
        suite.start("intake")
        suite.wait_ready("intake")
        used = {public_name(first), public_name(first).replace(".jpg", ".small.jpg")}
        wait_until("the others are removed", lambda: {path.name for path in stored(suite)} == used, 60)
        assert suite.public(page(suite, code)["media"][0]).status_code == 200
        late = suite.post("/v1/complaints", complaint("过期", media=[second]))
        assert late.status_code == 422 and late.json()["errors"][0]["field"] == "media.0", third
        wait_until("nothing counts", lambda: suite.figure("intake", "dayu_pictures_unused_bytes") == 0)


def test_links_to_other_sites_can_be_switched_off(kafka, tmp_path):
    settings = {"DAYU_MEDIA_LINKS": "false"}
    with Suite(kafka, tmp_path / "links", settings, services=["intake"]) as suite:
        name = name_of(upload(suite, photo((300, 200))))
        answer = suite.post("/v1/complaints", complaint("链接", media=[name, "https://example.org/1.jpg"]))
        assert answer.status_code == 422 and answer.json()["errors"][0]["field"] == "media.1"
        complain(suite, [name])


@pytest.mark.parametrize("taken", [True, False])
def test_the_site_asks_for_links_where_they_are_taken(kafka, tmp_path, browser, taken):
    settings = {"DAYU_MEDIA_LINKS": str(taken).lower(), "DAYU_INTAKE_ORIGIN": "*"}
    with Suite(kafka, tmp_path / "links", settings, services=["intake", "disclosure"]) as suite:
        person = browser(390)
        person.open(f"{suite.site}/report")
        person.find(".pick-links")
        person.wait("the site knows it", lambda: person.find(".pick-links").is_displayed() == taken)
        person.wait_for_all()
        assert person.find(".pick-links").is_displayed() == taken
        person.check()


@pytest.fixture
def bucket():
    """An S3 of moto's, on this machine."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    endpoint = f"http://127.0.0.1:{port}"
    try:
        wait_until("moto answers", lambda: requests.get(endpoint, timeout=5).status_code < 500)
        assert requests.put(f"{endpoint}/city-pictures", timeout=10).status_code == 200
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def test_a_bucket_of_s3_is_a_store_like_the_folder(kafka, tmp_path, bucket):
    secret = secrets.token_hex(20)
    settings = {
        "DAYU_MEDIA": "s3://city-pictures/a/b", "DAYU_MEDIA_ENDPOINT": bucket, "DAYU_MEDIA_KEY_ID": "AKIATEST",
        "DAYU_MEDIA_SECRET": secret, "DAYU_INTAKE_PICTURES_UNUSED_FOR": "12s",
    }  # fmt: skip

    def keys():
        return requests.get(f"{bucket}/city-pictures?list-type=2", timeout=10).text.count("<Key>a/b/")

    with Suite(kafka, tmp_path / "s3", settings) as suite:
        used, unused = (name_of(upload(suite, photo((900, 600), orientation=n))) for n in (3, 8))
        assert keys() == 4
        taken = complain(suite, [used], contact={"phone": PHONE})
        media = page(suite, taken["trackingCode"])["media"]
        assert media == [f"/pictures/{public_name(used)}"]
        for size, longest in [("", 900), ("/small", 480)]:
            answer = suite.public(media[0] + size)
            assert looks_upright(answer.content) and max(Image.open(io.BytesIO(answer.content)).size) == longest
            assert answer.headers["ETag"] and answer.headers["Content-Type"] == "image/jpeg"
        wait_until("the unused one is removed", lambda: keys() == 2)
        assert suite.post("/v1/complaints", complaint("过期", media=[unused])).status_code == 422
        suite.operate("erase", taken["trackingCode"])
        wait_until("the erased one is removed", lambda: keys() == 0)
        for name in ("intake", "disclosure"):
            assert secret not in (suite.folder / f"{name}.log").read_text()


def test_an_open311_client_uploads_media(suite):
    form = {"service_code": "odour", "address_string": "文一路桥下", "api_key": suite.app.text}
    answer = requests.post(f"{suite.intake}/open311/v2/requests.json", data=form,
                           files={"media": ("1.jpg", photo((700, 500)), "image/jpeg")}, timeout=60)  # fmt: skip
    assert answer.status_code == 201, answer.text
    number = answer.json()[0]["service_request_id"]
    media = page(suite, number)["media"]
    assert looks_upright(suite.public(media[0]).content)
    read = suite.public(f"/open311/v2/requests/{number}.json").json()[0]
    assert read["media_url"].endswith(media[0])
    refused = requests.post(f"{suite.intake}/open311/v2/requests.json", data=form,
                            files={"media": ("1.jpg", os.urandom(100), "image/jpeg")}, timeout=60)  # fmt: skip
    assert refused.status_code == 400 and refused.json()[0]["description"].startswith("media")


WORDS = {
    "zh": {
        "group": "排污口", "category": "污水直排", "what": "情况说明", "send": "提交投诉", "sent": "投诉已提交", "remove": "删除第 2 张照片",
        "bad": "只能上传 JPEG、PNG 或 WebP 格式的照片。", "back": "已恢复您上次没有提交的草稿。", "before": "处理前", "after": "处理后",
        "accept": "受理这件投诉", "accepted": "已受理。", "resolve": "办结", "done": "处理结果", "report": "提交办理结果",
        "resolved": "办理结果已登记。",
    },
    "en": {
        "group": "Outfalls", "category": "Direct discharge of sewage", "what": "What is wrong", "send": "Send the complaint",
        "sent": "Your complaint has been received", "remove": "Remove photo 2",
        "bad": "Only photos in the formats JPEG, PNG and WebP.", "back": "Your unsent draft is back.", "before": "Before",
        "after": "After", "accept": "Accept this complaint", "accepted": "Accepted.", "resolve": "Resolve", "done": "What was done",
        "report": "Report the outcome", "resolved": "The outcome is registered.",
    },
}  # fmt: skip


def picture_of(person, name):
    """For whoever wants to look: the page, in the folder that E2E_SCREENSHOTS names."""
    folder = os.environ.get("E2E_SCREENSHOTS")
    if folder:
        height = person.driver.execute_script("return document.documentElement.scrollHeight")
        shot = person.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": person.width, "height": min(height, 4000), "scale": 1},
        })  # fmt: skip
        (pathlib.Path(folder) / f"{name}-{person.width}.png").write_bytes(base64.b64decode(shot["data"]))


@pytest.mark.parametrize("language, width", [("zh", 320), ("zh", 390), ("en", 390), ("zh", 1280), ("en", 1280)])
def test_a_citizen_and_a_chief_add_photos_on_the_site(suite, browser, tmp_path, language, width):
    say, text = WORDS[language], f"管口流灰白色的水 {word()}"
    files = {name: tmp_path / name for name in ("one.jpg", "two.png", "after.webp", "film.gif")}
    files["one.jpg"].write_bytes(photo((4000, 3000), orientation=6))
    files["two.png"].write_bytes(photo((900, 1200), form="PNG"))
    files["after.webp"].write_bytes(photo((1600, 1200), form="WEBP"))
    files["film.gif"].write_bytes(b"no film")
    citizen = browser(width)
    citizen.open(f"{suite.site}/report?reach={REACH}", language)
    chooser = "form.report input[type=file]"
    sent = lambda person, count: len(person.all(".pick progress[hidden]")) == count  # noqa: E731
    citizen.find(chooser).send_keys("\n".join(str(files[name]) for name in ("one.jpg", "two.png")))
    citizen.wait("both are sent", lambda: sent(citizen, 2))
    # What is no photo is said to be, at once, and can be removed.
    citizen.find(chooser).send_keys(str(files["film.gif"]))
    citizen.sees(say["bad"], ".pick-failed")
    picture_of(citizen, f"report-{language}")
    citizen.check_but_for("422")
    assert citizen.barriers("form.report") == []
    citizen.find(".pick-failed .pick-remove").click()
    citizen.wait("it is gone", lambda: len(citizen.all(".pick")) == 2)
    # The draft keeps the others, with what they look like.
    citizen.reload()
    citizen.sees(say["back"])
    assert [bool(one.get_attribute("src").startswith("data:")) for one in citizen.all(".pick img")] == [True, True]
    citizen.find(f".pick-remove[aria-label='{say['remove']}']").click()
    citizen.wait("it is removed", lambda: len(citizen.all(".pick")) == 1)
    citizen.press(say["group"], within="form.report")
    citizen.press(say["category"], within="form.report")
    citizen.fill(say["what"], text)
    citizen.press(say["send"])
    citizen.sees(say["sent"])
    code = citizen.text(".big-code").replace("-", "")
    shown = page(suite, code, lambda p: p["status"] == "assigned")
    assert len(shown["media"]) == 1 and looks_upright(suite.public(shown["media"][0]).content)

    link = wait_until("the chief is told", lambda: next(
        (found[1] for message in suite.messages() if code in message["text"].replace("-", "")
         and (found := re.search(rf"({re.escape(suite.site)}/act#[\w-]+)", message["text"]))), None))  # fmt: skip
    chief = browser(width)
    chief.open(link, language)
    chief.sees(text)
    chief.press(say["accept"])
    chief.sees(say["accepted"])
    page(suite, code, lambda p: p["status"] == "accepted")
    chief.unfold(say["resolve"])
    chief.fill(say["done"], "已封堵", within=".act")
    chief.find(".act [open] input[type=file]").send_keys(str(files["after.webp"]))
    chief.wait("it is sent", lambda: sent(chief, 1))
    picture_of(chief, f"act-{language}")
    chief.press(say["report"])
    chief.sees(say["resolved"])
    page(suite, code, lambda p: p["status"] in ("resolved", "verifying"))
    anybody = chief.become_somebody_else(width)
    anybody.open(f"{suite.site}/complaints/{code}", language)
    anybody.sees(say["after"], ".compared")
    anybody.sees(say["before"], ".compared")
    drawn = "return [...document.querySelectorAll('.compared img')].every((one) => one.complete && one.naturalWidth === 480)"
    anybody.wait("both are drawn", lambda: anybody.driver.execute_script(drawn))
    anybody.check()
    assert anybody.barriers() == []
    picture_of(anybody, f"complaint-{language}")
    anybody.open(f"{suite.site}/complaints", language)
    anybody.find(".complaint-item .thumbs img")
    anybody.check()
    picture_of(anybody, f"list-{language}")
