"""The harness itself: a broker that a command of somebody else's runs can be stopped, started and left stopped."""

import sys

import pytest

import brokers

#: Listens on a port and ends at SIGINT; that is all the harness asks of a broker.
LISTENER = f"{sys.executable} -m http.server {{port}} --bind 127.0.0.1"


@pytest.fixture
def external(monkeypatch):
    monkeypatch.setattr(brokers, "COMMAND", LISTENER)


def test_an_external_broker_stops_and_starts(external, tmp_path):
    with brokers.Broker(tmp_path / "broker") as broker:
        assert broker.answers()
        broker.stop()
        assert not broker.answers()
        broker.start()
        assert broker.answers()
        broker.freeze()
        broker.thaw()
        broker.stop()


def test_one_that_ends_at_once_is_told_of(monkeypatch, tmp_path):
    monkeypatch.setattr(brokers, "COMMAND", f"{sys.executable} -c 'print(\"no such broker\")'")
    with pytest.raises(AssertionError, match="no such broker"):
        brokers.Broker(tmp_path / "broker").__enter__()
