"""Kafka behind TLS, for clients with certificates or with passwords (SCRAM): the suite works there, and nobody else comes in."""

import os
import subprocess

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from secure_door import Certificates, SecureDoor
from suite import BIN, Suite
from waiting import wait_until


@pytest.fixture
def door(broker, tmp_path):
    with SecureDoor(broker, Certificates(tmp_path / "certificates")) as running:
        yield running


def test_the_suite_works_with_certificates_of_clients(broker, door, tmp_path):
    goes_the_whole_way(broker, door.settings("suite"), tmp_path)


@pytest.mark.slow
def test_the_suite_works_with_passwords_that_stand_in_files(broker, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "KAFKA_SASL_PASSWORD").write_text("fisch, und=fleisch\n")
    with SecureDoor(broker, Certificates(tmp_path / "certificates"), {"suite": "fisch, und=fleisch"}) as door:
        settings = door.settings("suite") | {"CREDENTIALS_DIRECTORY": str(secrets)}
        goes_the_whole_way(broker, settings, tmp_path)

        def asked(**changes):
            return subprocess.run(
                [BIN / "dayu", "topics", "list"], env=os.environ | settings | changes, capture_output=True, text=True, timeout=120
            )

        assert asked().returncode == 0
        (secrets / "KAFKA_SASL_PASSWORD").write_text("another")
        for refused, why in ((asked(), "the password of suite is another"), (asked(KAFKA_SASL_USERNAME="nobody"), "nobody is called nobody")):
            assert refused.returncode == 1 and why in refused.stderr, refused.stdout + refused.stderr
            assert "another\n" not in refused.stderr.replace("is another\n", "")
        with pytest.raises(KafkaException):
            open_to_all = {"security.protocol": "ssl", "ssl.ca.location": str(door.certificates.authority)}
            AdminClient({"bootstrap.servers": door.kafka} | open_to_all).list_topics(timeout=3)


def goes_the_whole_way(broker, settings, tmp_path):
    """A complaint comes in, is assigned, and its chief is told."""
    with Suite(broker.kafka, tmp_path / "suite", settings=settings) as suite:
        assert suite.environment["DAYU_KAFKA"] != broker.kafka
        phone = "+86 000 0000 4777"
        suite.confirm(phone)
        form = {
            "category": "odour", "text": "样例", "place": {"longitude": 120.1384, "latitude": 30.3205},
            "contact": {"name": "样例", "phone": phone},
        }  # fmt: skip
        answer = suite.post("/v1/complaints", form)
        assert answer.status_code == 201, answer.text
        code = answer.json()["trackingCode"]
        wait_until("it is assigned", lambda: suite.public(f"/api/complaints/{code}").json().get("status") == "assigned")
        wait_until("its chief is told", lambda: suite.messages(code))
        assert suite.status()[0] == 0


@pytest.mark.slow
def test_nobody_comes_in_without_a_certificate_or_trusts_another_broker(broker, door, tmp_path):
    settings = door.settings("operator")
    strangers = Certificates(tmp_path / "strangers")
    certificate, key = strangers.issue("operator")

    def asked(**changes):
        environment = {name: value for name, value in (os.environ | settings | changes).items() if value}
        command = [BIN / "dayu", "topics", "list"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)

    assert asked().returncode == 0
    none = asked(KAFKA_SSL_CERTIFICATE_LOCATION="", KAFKA_SSL_KEY_LOCATION="")
    other = asked(KAFKA_SSL_CERTIFICATE_LOCATION=str(certificate), KAFKA_SSL_KEY_LOCATION=str(key))
    untrusting = asked(KAFKA_SSL_CA_LOCATION=str(strangers.authority))
    plain = asked(KAFKA_SECURITY_PROTOCOL="plaintext")
    for refused in (none, other, untrusting, plain):
        assert refused.returncode == 1 and door.kafka in refused.stderr, refused.stdout + refused.stderr
    # So it is the door that refuses, and not our client alone.
    with pytest.raises(KafkaException):
        AdminClient({"bootstrap.servers": door.kafka}).list_topics(timeout=3)
    assert AdminClient({"bootstrap.servers": broker.kafka}).list_topics(timeout=10).topics is not None
