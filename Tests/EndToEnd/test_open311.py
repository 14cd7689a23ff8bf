"""Open311 GeoReport v2 with clients that we did not write: civicbot files and reads requests, georeport reads both formats."""

import secrets
import xml.etree.ElementTree

import jsonschema
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
    assert suite.public(f"/api/complaints/{number}").json()["river"]["id"] == "west-lake"
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


# What each answer in JSON must be: the standard's fields by its tables and its "Spark" convention, and ours beside them.

TEXT, MAYBE, MOMENT = {"type": "string"}, {"type": ["string", "null"]}, {"type": "string", "pattern": r"T\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$"}
FLAG, DEGREES = {"type": "boolean"}, {"type": ["number", "null"]}


def record(required, optional=()):
    """An object with these fields and no others."""
    optional = dict(optional)
    return {"type": "object", "properties": required | optional, "required": list(required), "additionalProperties": False}


def listed(items, **more):
    return {"type": "array", "items": items, **more}


REQUEST = {
    "service_request_id": TEXT, "status": {"enum": ["open", "closed"]}, "status_notes": MAYBE, "service_name": TEXT, "service_code": TEXT,
    "description": MAYBE, "agency_responsible": MAYBE, "service_notice": MAYBE, "requested_datetime": MOMENT, "updated_datetime": MOMENT,
    "expected_datetime": {"anyOf": [MOMENT, {"type": "null"}]}, "address": MAYBE, "address_id": MAYBE, "zipcode": MAYBE,
    "lat": DEGREES, "long": DEGREES, "media_url": MAYBE,
}  # fmt: skip
EXTENSIONS = {
    "extended_attributes": record({
        "state": TEXT, "marks": listed(TEXT), "river": MAYBE, "reach": MAYBE, "region": MAYBE, "grade": MAYBE, "media_urls": listed(TEXT),
    }),
    "notes": listed(record({"datetime": MOMENT, "description": MAYBE, "type": TEXT}), minItems=1),
}  # fmt: skip
SCHEMAS = {
    "discovery": record({
        "changeset": MOMENT, "contact": TEXT, "key_service": TEXT,
        "endpoints": listed(record({
            "specification": {"const": "http://wiki.open311.org/GeoReport_v2"}, "url": TEXT, "changeset": MOMENT,
            "type": {"enum": ["production", "test"]}, "formats": listed(TEXT, minItems=2),
        }), minItems=1),
    }),
    "services": listed(record({
        "service_code": TEXT, "service_name": TEXT, "description": MAYBE, "metadata": FLAG,
        "type": {"enum": ["realtime", "batch", "blackbox"]}, "keywords": MAYBE, "group": MAYBE,
    }), minItems=1),
    "definition": record({
        "service_code": TEXT,
        "attributes": listed(record({
            "variable": FLAG, "code": TEXT, "datatype": {"enum": ["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]},
            "required": FLAG, "datatype_description": MAYBE, "order": {"type": "integer", "minimum": 1}, "description": MAYBE,
            "values": listed(record({"key": TEXT, "name": TEXT})),
        }), minItems=1),
    }),
    "requests": listed(record(REQUEST), minItems=1),
    "extended": listed(record(REQUEST | EXTENSIONS), minItems=1, maxItems=1),
    "tokens": listed(record({"service_request_id": TEXT, "token": TEXT}), minItems=1, maxItems=1),
    "posted": listed(record({"service_request_id": TEXT, "service_notice": MAYBE, "account_id": MAYBE}), minItems=1, maxItems=1),
    "updates": listed(record({
        "update_id": TEXT, "service_request_id": TEXT, "status": {"enum": [
            "OPEN", "ACTION_SCHEDULED", "IN_PROGRESS", "INVESTIGATING", "FIXED", "CLOSED", "NO_FURTHER_ACTION", "DUPLICATE"]},
        "updated_datetime": MOMENT, "description": MAYBE, "media_url": MAYBE, "external_status_code": TEXT,
    }), minItems=1),
    "updated": listed(record({"update_id": TEXT, "service_request_id": TEXT}), minItems=1, maxItems=1),
    "errors": listed(record({"code": TEXT, "description": TEXT}), minItems=1),
}  # fmt: skip


def fits(answer, schema, status=200):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    jsonschema.validate(answer.json(), SCHEMAS[schema], jsonschema.Draft202012Validator)
    return answer.json()


def post(suite, path, expected, schema, /, **fields):
    answer = requests.post(f"{suite.intake}/open311/v2/{path}.json", data=fields, timeout=30)
    return fits(answer, schema, expected)


def filed(suite, key, **more):
    """The id of a request that is public."""
    fields = {"service_code": "odour", "lat": 30.2547, "long": 120.1485, "description": "河水发臭"} | more
    number = post(suite, "requests", 201, "posted", api_key=key.text, **fields)[0]["service_request_id"]
    wait_until("the request is public", lambda: found(client(suite.site), number), 30)
    return number


def test_every_answer_has_the_standards_form(city):
    suite, key = city
    number = filed(suite, key, address_string="桥下", media_url="https://example.org/a.jpg")
    asked = lambda path, **parameters: suite.public(f"/open311/v2/{path}.json", **parameters)
    fits(suite.public("/open311/discovery.json"), "discovery")
    fits(asked("discovery"), "discovery")
    fits(asked("services"), "services")
    fits(asked("services/odour"), "definition")
    fits(asked("requests"), "requests")
    assert fits(asked(f"requests/{number}"), "requests")[0]["media_url"] == "https://example.org/a.jpg"
    extended = fits(asked(f"requests/{number}", extensions="true"), "extended")[0]
    assert extended["notes"][0]["type"] == "received" and extended["extended_attributes"]["state"] in ("received", "assigned")
    fits(asked(f"tokens/{number}"), "tokens")
    fits(asked("servicerequestupdates"), "updates")
    for path, status in [("requests/none", 404), ("services/none", 404), ("tokens/none", 404)]:
        fits(asked(path), "errors", status)
    # Whatever is below the standard's folder is refused in the standard's form, by both services.
    for service in (suite.site, suite.intake):
        address = f"{service}/open311"
        fits(requests.get(f"{address}/v2/nothing.json", timeout=10), "errors", 404)
        assert requests.get(f"{address}/v3/requests.xml", timeout=10).text.count("<error>") == 1
        answer = requests.put(f"{address}/v2/requests.json", json={}, timeout=10)
        fits(answer, "errors", 405)
        assert answer.headers["Allow"] == "GET, HEAD, POST, OPTIONS"
    fits(asked("requests", start_date="yesterday"), "errors", 400)
    fits(asked("requests", nonsense="1"), "errors", 400)


def test_what_is_no_address_or_method_of_the_standard_is_told_in_its_form(city):
    suite, _ = city
    for address in (suite.intake, suite.site):
        for method, path, status in [
            ("GET", "nothing.json", 404), ("GET", "a/b/c.json", 404), ("PUT", "requests.json", 405), ("DELETE", "services.json", 405),
        ]:  # fmt: skip
            answer = requests.request(method, f"{address}/open311/v2/{path}", allow_redirects=False, timeout=20)
            assert answer.status_code == status, (address, path)
            [fault] = answer.json()
            assert fault["code"] == str(status) and fault["description"], answer.text
            assert ("Allow" in answer.headers) == (status == 405)
        answer = requests.put(f"{address}/open311/v2/requests.xml", timeout=20)
        assert xml.etree.ElementTree.fromstring(answer.content).find("error/code").text == "405"


def test_pages_and_moments_divide_the_list(city):
    suite, key = city
    numbers = [filed(suite, key, service_code="algal-bloom", long=120.1485 + step / 1000) for step in range(3)]
    asked = lambda **more: [
        one["service_request_id"]
        for one in suite.public("/open311/v2/requests.json", service_code="algal-bloom", **more).json()
    ]
    assert asked() == numbers[::-1]
    assert [asked(page=page, page_size=2) for page in (1, 2, 3)] == [[numbers[2], numbers[1]], [numbers[0]], []]
    wait_until("all are assigned", lambda: all(found(client(suite.site), one)["agency_responsible"] for one in numbers))
    moment = found(client(suite.site), numbers[2])["updated_datetime"]
    # Something happens to the first one, and it is newer than all the others.
    suite.act(numbers[0], {"action": "accept", "by": {"role": "office", "id": "hangzhou"}})
    wait_until("it is newer", lambda: asked(updated_after=moment)[-1:] == numbers[:1])


def test_the_gateway_that_brought_a_request_adds_to_it_and_another_can_not(city):
    suite, key = city
    number = filed(suite, key)
    wait_until("somebody has it", lambda: found(client(suite.site), number)["agency_responsible"])
    fields = {"service_request_id": number, "status": "OPEN", "description": "今天更臭了", "update_id": "17"}
    given = post(suite, "servicerequestupdates", 201, "updated", api_key=key.text, **fields)
    # The same again is the same.
    assert post(suite, "servicerequestupdates", 201, "updated", api_key=key.text, **fields) == given
    updates = lambda: suite.public("/open311/v2/servicerequestupdates.json", service_request_id=number)
    shown = lambda: [one for one in fits(updates(), "updates") if one["description"] == "今天更臭了"]
    wait_until("the update is public", shown)
    assert [one["update_id"] for one in shown()] == [given[0]["update_id"]]
    # The tests' own gateway may post complaints, too. It did not bring this one, so nothing comes of it.
    post(suite, "servicerequestupdates", 201, "updated", api_key=suite.key.text, service_request_id=number, description="别的网关")
    refused = lambda: [one for one in suite.read("complaints.refusals") if one.value["reason"] == "not-in-charge"]
    wait_until("it is refused", refused)
    # But it may act for an office, which the status asks for.
    post(suite, "servicerequestupdates", 201, "updated", api_key=suite.key.text, service_request_id=number, status="IN_PROGRESS")
    wait_until("it is accepted", lambda: fits(updates(), "updates")[-1]["status"] == "IN_PROGRESS")
    assert all(one["description"] != "别的网关" for one in fits(updates(), "updates"))
    for fields, status in [
        ({"service_request_id": number, "description": "x"}, 403), ({"api_key": key.text, "service_request_id": "none", "description": "x"}, 404),
        ({"api_key": key.text, "service_request_id": number}, 400), ({"api_key": key.text, "description": "x"}, 400),
        ({"api_key": key.text, "service_request_id": number, "description": "x", "status": "GONE"}, 400),
    ]:  # fmt: skip
        post(suite, "servicerequestupdates", status, "errors", **fields)
