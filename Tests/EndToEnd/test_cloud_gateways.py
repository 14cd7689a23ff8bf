"""The recipes of Aliyun and Tencent against servers that check the signatures by themselves."""

import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import re
import subprocess
import threading
import time
import urllib.parse

import pytest
import requests
from suite import BIN, SAMPLE_NUMBERS, Suite
from waiting import wait_until

SECRET = "a secret of the tests"
SERVICES = ["routing", "notification", "intake"]


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


class Cloud:
    """A server that answers signed requests only, with what it is told; a context manager."""

    def __init__(self):
        self.received, self.refused, self.asked = [], [], []
        #: What became of each message, for whoever asks.
        self.fates = {}
        self.code = None
        cloud = self

        class Door(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                fault = cloud.check(self.path, self.headers, body)
                if fault:
                    cloud.refused.append(fault)
                    status, answer = cloud.unsigned()
                elif cloud.action(self.headers) == "SendSms":
                    status, answer = cloud.take(self.path, body)
                else:
                    status, answer = cloud.tell(self.path, body)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError):
                    self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


class Aliyun(Cloud):
    def check(self, path, headers, body):
        """ACS3-HMAC-SHA256, from the vendor's description; nil if the signature is right."""
        found = re.fullmatch(r"ACS3-HMAC-SHA256 Credential=(\w+),SignedHeaders=([^,]+),Signature=(\w{64})", headers["Authorization"] or "")
        if not found or found[1] != "keyid":
            return "no credential"
        names = found[2].split(";")
        if not {"host", "x-acs-action", "x-acs-content-sha256", "x-acs-date", "x-acs-signature-nonce", "x-acs-version"} <= set(names):
            return "a header is not signed"
        if headers["x-acs-content-sha256"] != hashlib.sha256(body).hexdigest():
            return "another body"
        parts = urllib.parse.urlsplit(path)
        query = sorted(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
        canonical = "\n".join([
            "POST", parts.path, "&".join(f"{quote(k)}={quote(v)}" for k, v in query),
            "".join(f"{name}:{headers[name].strip()}\n" for name in names), found[2], headers["x-acs-content-sha256"],
        ])  # fmt: skip
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        right = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
        age = abs(time.time() - time.mktime(time.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")) + time.timezone)
        return None if hmac.compare_digest(right, found[3]) and age < 900 else "a wrong signature"

    def unsigned(self):
        return 400, {"Code": "SignatureDoesNotMatch", "Message": "m", "RequestId": "r"}

    def take(self, path, _):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        if self.code:
            return 200, {"Code": self.code, "Message": "m", "RequestId": "r"}
        self.received.append(query | {"blanks": json.loads(query["TemplateParam"])})
        return 200, {"Code": "OK", "Message": "OK", "BizId": f"{len(self.received)}^0", "RequestId": "r"}

    def action(self, headers):
        return headers["x-acs-action"]

    def tell(self, path, _):
        """QuerySendDetails."""
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query))
        self.asked.append(query)
        sent = self.received[int(query["BizId"].split("^")[0]) - 1]
        state, code = self.fates.get(sent["OutId"], (1, ""))
        detail = {
            "PhoneNum": query["PhoneNumber"], "Content": "words of the message", "SendStatus": state, "ErrCode": code,
            "OutId": sent["OutId"], "TemplateCode": "SMS_1", "SendDate": "2026-11-23 08:00:00", "ReceiveDate": "",
        }  # fmt: skip
        return 200, {"Code": "OK", "Message": "OK", "TotalCount": 1, "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail]}}

    settings = {
        "GATEWAY": "aliyun", "USER": "keyid", "SECRET": SECRET, "SIGN_NAME": "河长办",
        "TEMPLATES": "assigned=SMS_1:code,place,due&*=SMS_2:sentence",
    }  # fmt: skip


class Tencent(Cloud):
    def check(self, path, headers, body):
        """TC3-HMAC-SHA256, from the vendor's description; nil if the signature is right."""
        found = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=keyid/([\d-]+)/sms/tc3_request, SignedHeaders=content-type;host, Signature=(\w{64})",
            headers["Authorization"] or "",
        )
        if not found:
            return "no credential"
        stamp = headers["X-TC-Timestamp"]
        if abs(time.time() - int(stamp)) > 300 or time.strftime("%Y-%m-%d", time.gmtime(int(stamp))) != found[1]:
            return "another time"
        canonical = "\n".join([
            "POST", "/", "", f"content-type:{headers['Content-Type']}\nhost:{headers['Host']}\n", "content-type;host",
            hashlib.sha256(body).hexdigest(),
        ])  # fmt: skip
        text = "\n".join(["TC3-HMAC-SHA256", stamp, f"{found[1]}/sms/tc3_request", hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"TC3{SECRET}".encode()
        for part in (found[1], "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        right = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(right, found[2]) else "a wrong signature"

    def unsigned(self):
        return 200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "m"}, "RequestId": "r"}}

    def take(self, _, body):
        if self.code:
            return 200, {"Response": {"Error": {"Code": self.code, "Message": "m"}, "RequestId": "r"}}
        self.received.append(json.loads(body))
        status = {"SerialNo": f"2026:{len(self.received):030d}", "PhoneNumber": "", "Fee": 1, "Code": "Ok", "Message": "m"}
        return 200, {"Response": {"SendStatusSet": [status], "RequestId": "r"}}

    def action(self, headers):
        return headers["X-TC-Action"]

    def tell(self, _, body):
        """PullSmsSendStatus: each report once."""
        self.asked.append(json.loads(body))
        told, self.fates = self.fates, {}
        reports = [
            {"SerialNo": name, "PhoneNumber": number, "CountryCode": "86", "ReportStatus": state, "Description": said}
            for name, (number, state, said) in told.items()
        ]
        return 200, {"Response": {"PullSmsSendStatusSet": reports, "RequestId": "r"}}

    settings = {
        "GATEWAY": "tencent", "USER": "keyid", "SECRET": SECRET, "SIGN_NAME": "河长办", "APPLICATION": "1400006666",
        "TEMPLATES": "*=1110:code,sentence",
    }  # fmt: skip


def named(settings, prefix="DAYU_SMS"):
    return {f"{prefix}_{name}": value for name, value in settings.items()}


def suite_of(kafka, folder, first, second=None, **more):
    """The callback's address is not used by a gateway that has its own; that it is set says that reports come."""
    settings = named(first.settings | {"URL": first.url, "CALLBACK": "http://127.0.0.1:1/v1/receipts"})
    if second:
        settings |= named(second.settings | {"URL": second.url, "CALLBACK": "http://127.0.0.1:1/v1/receipts"}, "DAYU_SMS2")
    return Suite(kafka, folder, settings | more, services=SERVICES)


def complain(suite, key):
    form = {"category": "odour", "text": "气味", "idempotencyKey": key, "place": {"longitude": 120.1384, "latitude": 30.3205}}
    answer = suite.post("/v1/complaints", form, suite.bearer)
    assert answer.status_code == 201
    return answer.json()["trackingCode"]


def kinds(suite, code):
    return [r.kind for r in suite.read("notices.events") if r.value["reference"].startswith(code.replace("-", ""))]


def address(suite, gateway):
    """What `dayu sms address` prints, at Intake's own address."""
    printed = suite.operate("sms", "address", gateway).strip()
    return suite.intake + printed.removeprefix("http://127.0.0.1:1")


def test_aliyun_from_the_notice_to_its_receipt(kafka, tmp_path):
    with Aliyun() as cloud, suite_of(kafka, tmp_path / "suite", cloud) as suite:
        code = complain(suite, "aliyun-1")
        sent = wait_until("it is sent", lambda: cloud.received)[0]
        assert cloud.refused == [] and sent["TemplateCode"] == "SMS_1" and sent["SignName"] == "河长办"
        assert sent["blanks"]["code"] == code and re.fullmatch(r"\d\d-\d\d \d\d:\d\d", sent["blanks"]["due"])
        assert "气味" not in json.dumps(sent, ensure_ascii=False), "nobody's words are in a template's blanks"
        wait_until("it is accepted", lambda: kinds(suite, code)[-1:] == ["accepted"])
        report = [{"phone_number": sent["PhoneNumbers"], "success": True, "err_code": "DELIVERED", "biz_id": "1^0", "out_id": sent["OutId"]}]
        url = address(suite, "aliyun-1")
        for _ in range(2):
            answer = requests.post(url, json=report, timeout=10)
            assert answer.status_code == 200 and answer.json() == {"code": 0, "msg": "接收成功"}
        wait_until("it is delivered", lambda: kinds(suite, code)[-1] == "delivered")
        assert kinds(suite, code).count("delivered") == 1
        forged = [report[0] | {"out_id": report[0]["out_id"][:-2] + "AA"}]
        assert requests.post(url, json=forged, timeout=10).status_code == 422
        assert requests.post(f"{suite.intake}/v1/receipts", json=forged, timeout=10).status_code == 401


def test_tencent_from_the_notice_to_its_receipt(kafka, tmp_path):
    with Tencent() as cloud, suite_of(kafka, tmp_path / "suite", cloud) as suite:
        code = complain(suite, "tencent-1")
        sent = wait_until("it is sent", lambda: cloud.received)[0]
        assert cloud.refused == [] and sent["TemplateParamSet"][0] == code and sent["SmsSdkAppId"] == "1400006666"
        wait_until("it is accepted", lambda: kinds(suite, code)[-1:] == ["accepted"])
        number = sent["PhoneNumberSet"][0]
        report = [{
            "nationcode": "86", "mobile": number.removeprefix("+86"), "report_status": "FAIL", "errmsg": "MK:0001",
            "sid": f"2026:{1:030d}",
        }]  # fmt: skip
        answer = requests.post(address(suite, "tencent-1"), json=report, timeout=10)
        assert answer.status_code == 200 and answer.json() == {"result": 0, "errmsg": "OK"}
        wait_until("it failed", lambda: "failed" in kinds(suite, code))
        wait_until("his complaint goes up", lambda: [r for r in suite.read("complaints.events") if r.kind == "unreached"])
        assert not [r for r in suite.read("sms.receipts") if number[3:] in str(r.value)]


def polled(kafka, folder, cloud, second=None):
    """No cloud can call this city's Intake."""
    settings = named(cloud.settings | {"URL": cloud.url, "POLL": "1s"})
    if second:
        settings |= named(second.settings | {"URL": second.url, "POLL": "1s"}, "DAYU_SMS2")
    return Suite(kafka, folder, settings, services=SERVICES)


def test_aliyun_is_asked_what_became_of_a_message(kafka, tmp_path):
    with Aliyun() as cloud, polled(kafka, tmp_path / "suite", cloud) as suite:
        code = complain(suite, "aliyun-asked")
        sent = wait_until("it is sent", lambda: cloud.received)[0]
        question = wait_until("it is asked", lambda: cloud.asked)[0]
        assert cloud.refused == [] and question["PhoneNumber"] == sent["PhoneNumbers"] and question["BizId"] == "1^0"
        assert kinds(suite, code)[-1] == "accepted", "there is no report yet"
        cloud.fates[sent["OutId"]] = (3, "DELIVERED")
        wait_until("it is delivered", lambda: kinds(suite, code)[-1] == "delivered")
        asked = len(cloud.asked)
        time.sleep(3)
        assert len(cloud.asked) == asked and cloud.refused == [], "nobody asks about what has ended"
        assert not [r for r in suite.read("sms.receipts") if "words of the message" in str(r.value)]


@pytest.mark.slow
def test_a_blacklist_in_a_report_leads_to_the_next_gateway_and_then_up(kafka, tmp_path):
    with Aliyun() as first, Tencent() as second, polled(kafka, tmp_path / "suite", first, second) as suite:
        code = complain(suite, "black")
        sent = wait_until("it is sent", lambda: first.received)[0]
        first.fates[sent["OutId"]] = (2, "MOBILE_IN_BLACK")
        other = wait_until("the second gets it", lambda: second.received, 60)[0]
        assert other["TemplateParamSet"][0] == code and len(first.received) == 1
        assert not [r for r in suite.read("complaints.events") if r.kind == "unreached"]
        second.fates[f"2026:{1:030d}"] = (other["PhoneNumberSet"][0], "FAIL", "BLACK")
        wait_until("his complaint goes up", lambda: [r for r in suite.read("complaints.events") if r.kind == "unreached"], 120)
        assert first.refused == second.refused == []
        mine = [sent["OutId"] for sent in first.received if sent["blanks"]["code"] == code and sent["PhoneNumbers"] == first.received[0]["PhoneNumbers"]]
        assert len(mine) == 1, "nobody is asked again who declined"


@pytest.mark.parametrize("code", ["isv.AMOUNT_NOT_ENOUGH", "Throttling.User"])
def test_the_second_gateway_goes_on_when_the_first_takes_nothing(kafka, tmp_path, code):
    with Aliyun() as first, Tencent() as second, suite_of(kafka, tmp_path / "suite", first, second) as suite:
        first.code = code
        codes = [complain(suite, f"over-{number}") for number in range(4)]
        wait_until("the second has them", lambda: len(second.received) >= 4, 120)
        assert first.received == []
        texts = [sent["TemplateParamSet"][0] for sent in second.received]
        assert sorted(texts) == sorted(codes), "each once"
        failed = [r for r in suite.read("notices.events") if r.kind == "failed"]
        assert failed == [], "a gateway's own fault is nobody's failure"


def test_a_wrong_secret_is_the_gateways_fault_and_costs_no_notice(kafka, tmp_path):
    with Aliyun() as cloud:
        cloud.settings = cloud.settings | {"SECRET": "another"}
        with suite_of(kafka, tmp_path / "suite", cloud) as suite:
            complain(suite, "wrong-1")
            wait_until("it is refused there", lambda: len(cloud.refused) >= 3)
            assert [r for r in suite.read("notices.events") if r.kind in ("failed", "accepted")] == []
            wait_until("health says so", lambda: "left alone" in suite.health("notification")[1])


def test_sms_test_says_what_a_gateway_without_reports_says(kafka, tmp_path):
    with Aliyun() as cloud:
        settings = named(cloud.settings | {"URL": cloud.url})
        with Suite(kafka, tmp_path / "suite", settings, services=["notification"]) as suite:
            done = subprocess.run(
                [BIN / "dayu", "sms", "test", f"{SAMPLE_NUMBERS}00007001"], env=suite.operators, capture_output=True, text=True, timeout=60
            )
            assert done.returncode == 0 and "it reports nothing more" in done.stdout, done.stdout + done.stderr
            assert len(cloud.received) == 1
            assert base64.urlsafe_b64decode(cloud.received[0]["OutId"] + "==")[16:].startswith(b"aliyun-1\n1\n")
