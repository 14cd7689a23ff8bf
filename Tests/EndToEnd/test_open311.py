"""Open311 GeoReport v2 with clients that we did not write: civicbot files and reads requests, georeport reads both formats."""

import secrets
import xml.etree.ElementTree

import pytest
import requests
from civicbot.http import HttpTransport
from civicbot.open311 import Open311Client
from civicbot.registry import Endpoint
from georeport import GeoReport

from keys import add_gateway
from suite import Suite, wait_until

PLACE = {"lat": 30.2547, "lng": 120.1485}


@pytest.fixture(scope="module")
def city(kafka, tmp_path_factory):
    suite = Suite(kafka, tmp_path_factory.mktemp("open311"), {"DAYU_LINK_KEY": secrets.token_hex(32)})
    suite.environment |= {"DAYU_SITE": suite.site, "DAYU_DISCLOSURE_INTAKE": suite.intake}
    with suite:
        key = add_gateway(suite.registry, "partner", ["complaints"], "open311")
        suite.publish()
        wait_until("the key is known",
                   lambda: suite.post("/v1/complaints", {}, key.bearer).status_code != 401, 20)
        yield suite, key


def client(address):
    return Open311Client(Endpoint(id="city", name="city", base_url=f"{address}/open311/v2", write=True))


def test_a_client_finds_the_services_files_a_request_and_follows_it(city):
    suite, key = city
    # The client knows Intake's address alone; what it reads is at the site, where it is sent.
    filer = client(suite.intake)
    services = filer.list_services()
    assert {"odour", "sewage-discharge"} <= {one["service_code"] for one in services}
    assert "station-alarm" not in {one["service_code"] for one in services}
    definition = filer.get_service_definition("odour")
    assert "west-lake" in {one["key"] for one in definition["attributes"][0]["values"]}
    filed = filer.create_request(
        "odour", dry_run=False, confirm="SEND", api_key=key.text, validate_remote=True, **PLACE,
        description="桥下有臭味", attributes={"river": "west-lake"}, phone="+86 000 0000 7003", first_name="高样例")
    number = filed.response[0]["service_request_id"]
    reader = client(suite.site)
    wait_until("the request is public", lambda: found(reader, number), 30)
    request = reader.get_request(number)
    assert request["service_code"] == "odour" and request["status"] == "open"
    assert request["description"] == "桥下有臭味" and abs(request["lat"] - PLACE["lat"]) < 1e-6
    assert reader.get_token(number)[0]["service_request_id"] == number
    assert number in {one["service_request_id"] for one in reader.list_requests(status="open", service_code="odour")}
    assert number not in {one["service_request_id"] for one in reader.list_requests(status="closed")}
    # What it is on the log: the gateway's channel, and the contact that nobody is shown.
    assert suite.public(f"/api/complaints/{number}")["river"]["id"] == "west-lake"
    wait_until("somebody has it", lambda: reader.get_request(number)["agency_responsible"], 30)


def found(reader, number):
    try:
        return reader.get_request(number)
    except Exception:
        return None


def test_both_formats_say_the_same(city):
    suite, key = city
    form = {"service_code": "oil-film", "address_string": "文一路桥下", "api_key": key.text, "description": "有油污 & <泡沫>"}
    answer = requests.post(f"{suite.intake}/open311/v2/requests.xml", data=form, timeout=30)
    assert answer.status_code == 201 and answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    number = xml.etree.ElementTree.fromstring(answer.content).find("request/service_request_id").text
    wait_until("the request is public", lambda: found(client(suite.site), number), 30)
    for form in ["json", "xml"]:
        reader = GeoReport(f"{suite.site}/open311/v2", output_format=form)
        one = reader.get_service_request(number)
        assert number in str(one) and "有油污 & <泡沫>" in str(one), form
        assert "odour" in str(reader.get_service_list())
        assert "west-lake" in str(reader.get_service_definition("oil-film"))
        assert number in str(reader.get_service_requests())


def test_who_posts_to_the_site_is_sent_to_intake_and_keeps_his_form(city):
    suite, key = city
    form = {"service_code": "oil-film", "address_string": "文一路桥下", "api_key": key.text}
    sent = requests.post(f"{suite.site}/open311/v2/requests.json", data=form, allow_redirects=False, timeout=30)
    assert sent.status_code == 307
    assert requests.post(sent.headers["Location"], data=form, timeout=30).status_code == 201


BAD = [
    ({}, 403), ({"service_code": "oil-film"}, 403), ({"api_key": "dayu_nonsense"}, 403), ({"api_key": True}, 400),
    ({"api_key": True, "service_code": "none", "lat": 30.25, "long": 120.15}, 404),
    ({"api_key": True, "service_code": "oil-film", "lat": 30.25}, 400),
    ({"api_key": True, "service_code": "oil-film", "lat": 0, "long": 0}, 400),
    ({"api_key": True, "service_code": "oil-film", "lat": 30.25, "long": 120.15, "phone": "x"}, 400),
    ({"api_key": True, "service_code": "oil-film", "lat": 30.25, "long": 120.15, "description": "长" * 4001}, 400),
]


@pytest.mark.parametrize("fields, status", BAD)
def test_bad_input_is_told_in_the_standards_form_and_publishes_nothing(city, fields, status):
    suite, key = city
    before = suite.ends(["complaints.submissions"])
    form = {name: key.text if value is True else value for name, value in fields.items()}
    for files in [None, {"unused": (None, "x")}]:
        answer = requests.post(f"{suite.intake}/open311/v2/requests.json", data=form, files=files, timeout=30)
        assert answer.status_code == status, answer.text
        assert [set(one) for one in answer.json()] and all(one["description"] for one in answer.json())
    assert suite.ends(["complaints.submissions"]) == before
