"""Another member takes the identity of a running service: the service ends, so that a supervisor starts it again."""

import pytest
from confluent_kafka import Consumer

from suite import PARTITIONS, Suite, wait_until

INPUTS = ["complaints.submissions", "complaints.actions"]


def instance(suite):
    """Under which name Routing is a member of its group."""
    if suite.broker_tells_of_ended_aborts():
        return "e2e-routing"
    return (suite.data("routing") / "dayu-routing" / "instance").read_text()


def test_a_fenced_routing_ends_with_1(kafka, tmp_path):
    with Suite(kafka, tmp_path / "fenced", services=["routing"]) as suite:
        heard = []
        usurper = Consumer(
            {
                "bootstrap.servers": kafka, "group.id": suite.prefix + "dayu-routing",
                "group.instance.id": instance(suite), "partition.assignment.strategy": "range",
                "session.timeout.ms": 10_000, "heartbeat.interval.ms": 1_000, "enable.auto.commit": False,
                "error_cb": heard.append,
            }  # fmt: skip
        )
        try:
            usurper.subscribe([suite.prefix + topic for topic in INPUTS])

            def over():
                usurper.poll(0.2)
                return suite.processes["routing"].poll() is not None or 0 < len(usurper.assignment()) < 2 * PARTITIONS

            wait_until("Routing ends", over, 60)
            if suite.processes["routing"].poll() is None:
                pytest.skip(f"this broker lets two members have one group.instance.id: {heard}")
            assert suite.processes["routing"].returncode == 1
            assert "FENCED" in suite.log_tail("routing", 20), suite.log_tail("routing", 20)
        finally:
            usurper.close()
        # Whoever is started again is the one that has the identity.
        suite.start("routing")
        suite.wait_ready("routing")
