"""Bad input gets a clear 4xx; nothing crashes and nothing is published."""

import json

import pytest
import requests

from keys import Key, tracking_code

GOOD = {
    "category": "odour",
    "text": "河水发臭",
    "place": {"longitude": 120.1384, "latitude": 30.3205},
}


def fields(answer):
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    return [error["field"] for error in answer.json().get("errors", [])]


@pytest.fixture
def unpublished(suite):
    """Fails the test if it put anything on the log."""
    topics = ["complaints.submissions", "complaints.contacts", "complaints.actions", "readings.reports"]
    before = suite.ends(topics)
    yield
    assert suite.ends(topics) == before
    assert suite.processes["intake"].poll() is None


def raw(suite, path, body, content_type="application/json"):
    return requests.post(suite.intake + path, data=body, headers={"Content-Type": content_type}, timeout=30)


def test_malformed_bodies(suite, unpublished):
    for body in [b"", b"{", b"[]", b'"text"', b"\xff\xfe{}", b'{"text": "\xc3\x28"}', b"null"]:
        answer = raw(suite, "/v1/complaints", body)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()["detail"]


def test_every_wrong_field_is_named(suite, unpublished):
    answer = suite.post(
        "/v1/complaints",
        {"category": "no-such", "text": "", "place": {"latitude": "x"}, "media": ["ftp://a"], "contact": {"phone": "12"}},
    )
    assert answer.status_code == 422
    named = fields(answer)
    for field in ["category", "text", "place.latitude", "place.longitude", "media.0", "contact.phone"]:
        assert field in named, named


def test_unknown_category(suite, unpublished):
    answer = suite.post("/v1/complaints", GOOD | {"category": "volcano"})
    assert answer.status_code == 422 and fields(answer) == ["category"]


def test_a_place_in_the_sea(suite, unpublished):
    answer = suite.post("/v1/complaints", GOOD | {"place": {"longitude": 122.5, "latitude": 30.0}})
    assert answer.status_code == 422 and fields(answer) == ["place"]


def test_a_body_of_ten_megabytes(suite, unpublished):
    for path in ["/v1/complaints", "/v1/readings"]:
        answer = raw(suite, path, b'{"text": "' + b"x" * 10_000_000 + b'"}')
        assert answer.status_code == 413, answer.text


def test_readings(suite, unpublished):
    def send(**values):
        reading = {"section": "fengkou", "observedAt": "2026-08-20T00:00:00+08:00", "values": {"w01001": 7.0}}
        return suite.measure([reading | values])

    assert fields(send(values={"w01001": "abc"})) == ["readings.0.values.w01001"]
    assert fields(send(values={"w99999": 1})) == ["readings.0.values.w99999"]
    assert fields(send(values={"w01001": 15})) == ["readings.0.values.w01001"]
    assert fields(send(section="nowhere")) == ["readings.0.section"]
    assert fields(send(observedAt="yesterday")) == ["readings.0.observedAt"]
    table = "断面名称,监测时间,pH(无量纲),溶解氧(mg/L)\n奉口,2026-08-20 00:00,7.1,abc\n无此断面,2026-08-20 00:00,7.1,5\n"
    answer = suite.measure(table.encode())
    assert answer.status_code == 422, answer.text
    told = json.dumps(answer.json()["errors"], ensure_ascii=False)
    assert "溶解氧" in told and "无此断面" in told


def test_no_proof_or_a_wrong_one(suite, unpublished):
    """Keys in full: test_keys.py; links: test_links.py."""
    body = {"action": "accept", "by": {"role": "chief", "id": "chief-city"}}
    identity, code = "0b1a7a3e-52f1-8cf0-9f59-d2ac24c9d76a", tracking_code()
    assert suite.act_as_citizen(identity, body).status_code == 403, "the id is the citizen's, and nobody else's"
    # Other programs make UUIDs of other versions.
    answer = suite.act_as_citizen(identity.replace("-8", "-4"), body)
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:dayu:link-not-valid")
    answer = suite.post(f"/v1/complaints/{identity}/actions", body)
    assert answer.status_code == 400 and "bearer token" in answer.json()["detail"] and identity not in answer.text
    for path, body in [(f"/v1/complaints/{code}/actions", body), ("/v1/readings", {"readings": []})]:
        answer = suite.post(path, body)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="dayu"')
        for wrong in ["wrong", Key().text, suite.key.text[:-1], suite.key.text.swapcase()]:
            answer = suite.post(path, body, {"Authorization": f"Bearer {wrong}"})
            assert answer.status_code == 401 and answer.json()["type"] == "urn:dayu:key-not-valid"
            assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert suite.post("/v1/complaints", GOOD, {"Authorization": "Bearer wrong"}).status_code == 401


def test_other_methods_and_paths(suite, unpublished):
    assert requests.get(suite.intake + "/v1/complaints", timeout=5).status_code == 405
    assert requests.post(suite.intake + "/v2/complaints", timeout=5).status_code == 404
    assert raw(suite, "/v1/complaints", b"<a/>", "text/xml").status_code == 415
    assert suite.post("/v1/complaints/not-a-uuid/actions", {}).status_code == 404
