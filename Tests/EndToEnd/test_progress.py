"""A loop that reads nothing although records wait: the service says so, and says when it is over."""

import pytest
import requests
from confluent_kafka import Producer

from suite import Suite, wait_until


def readiness(suite, name):
    answer = requests.get(f"http://127.0.0.1:{suite.admin[name]}/readyz", timeout=5)
    return answer.status_code, answer.text


def test_a_loop_that_stands_still_is_not_ready(kafka, tmp_path):
    with Suite(kafka, tmp_path / "still", {"DAYU_STUCK_AFTER": "3s"}) as suite:
        # A transaction that nobody ends holds back all readers of the partition; to them nothing is wrong.
        foreign = Producer({"bootstrap.servers": kafka, "transactional.id": suite.prefix + "foreign"})
        foreign.init_transactions()
        foreign.begin_transaction()
        foreign.produce(suite.prefix + "complaints.submissions", b"no submission", partition=0)
        foreign.flush()
        wait_until("Routing is not ready", lambda: readiness(suite, "routing")[0] == 503, 30)
        said = readiness(suite, "routing")[1]
        assert "progress: nothing was read for 3 s: dayu-routing at " in said, said
        assert "complaints.submissions" in said and "1 offsets wait" in said, said
        assert suite.is_ready("notification"), "nobody else reads that topic"
        code, faults = suite.status()
        assert code == 1
        assert any("behind an open transaction on " in fault and "submissions" in fault for fault in faults), faults
        foreign.commit_transaction()
        wait_until("Routing is ready again", lambda: suite.is_ready("routing"), 30)
        wait_until("it went on to read", lambda: len(suite.read("dead-letters")) == 1, 30)
        assert suite.status() == (0, [])


@pytest.mark.slow
def test_a_gateway_whose_topic_stands_still_is_told(kafka, tmp_path):
    """Intake can do without it, so it stays ready; but it says so, and so does the operator's command."""
    with Suite(kafka, tmp_path / "door", {"DAYU_STUCK_AFTER": "3s"}, services=["intake"]) as suite:
        suite.create_topics("--gateway", "e2e", "--gateway-partitions", "1")
        foreign = Producer({"bootstrap.servers": kafka, "transactional.id": suite.prefix + "foreign"})
        foreign.init_transactions()
        foreign.begin_transaction()
        foreign.produce(suite.prefix + "gateways.e2e", b"no complaint", partition=0)
        foreign.flush()
        wait_until("Intake tells", lambda: "standstill" in readiness(suite, "intake")[1], 40)
        ready, said = readiness(suite, "intake")
        assert ready == 200 and "dayu-intake.gateways at " in said and "1 offsets wait" in said, said
        code, faults = suite.status()
        assert code == 1
        assert any("behind an open transaction on " in fault and "gateways.e2e" in fault for fault in faults), faults
        foreign.abort_transaction()
        wait_until("it is over", lambda: "standstill" not in readiness(suite, "intake")[1], 40)


@pytest.mark.slow
def test_a_copy_of_the_registry_that_stands_still_is_told(kafka, tmp_path):
    """Routing decides by its copy of the registry. What is published behind an open transaction does not reach it.

    Intake takes complaints all the same, by the copy that it has: it stays ready, and says so.
    """
    services = ["intake", "routing"]
    with Suite(kafka, tmp_path / "registry", {"DAYU_STUCK_AFTER": "3s"}, services=services) as suite:
        foreign = Producer({"bootstrap.servers": kafka, "transactional.id": suite.prefix + "foreign"})
        foreign.init_transactions()
        foreign.begin_transaction()
        foreign.produce(suite.prefix + "registry", b"news/none", b"no entity", partition=0)
        foreign.flush()
        wait_until("Routing is not ready", lambda: readiness(suite, "routing")[0] == 503, 40)
        said = readiness(suite, "routing")[1]
        assert "dayu-routing.registry at " in said and "1 offsets wait" in said, said
        wait_until("Intake tells", lambda: "dayu-intake.registry at " in readiness(suite, "intake")[1], 40)
        assert readiness(suite, "intake")[0] == 200
        foreign.commit_transaction()
        wait_until("Intake tells no more", lambda: "standstill" not in readiness(suite, "intake")[1], 40)
        wait_until("Routing is ready again", lambda: suite.is_ready("routing"), 40)
