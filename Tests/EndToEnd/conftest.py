"""A broker with transactions: the one that DAYU_KAFKA names, else one of the tests' own, else they are skipped."""

import os

import pytest

from brokers import Broker, available
from browser import browser, people  # noqa: F401
from suite import Suite


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="also the tests that take long")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes twenty seconds or more, or a quicker test tries its kind; runs with --all")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--all"):
        return
    for item in items:
        # test_proxy.py tells the stories once more.
        is_told_again = item.module.__name__ == "test_proxy" and item.function.__module__ != "test_proxy"
        if item.get_closest_marker("slow") or is_told_again:
            item.add_marker(pytest.mark.skip(reason="slow: runs with --all"))


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    if os.environ.get("DAYU_KAFKA"):
        yield os.environ["DAYU_KAFKA"]
        return
    if not available():
        pytest.skip("no broker with transactions: set DAYU_KAFKA")
    with Broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker.kafka


@pytest.fixture
def broker(tmp_path):
    """A broker that the test may stop and freeze."""
    if os.environ.get("DAYU_KAFKA"):
        pytest.skip("a broker that somebody else runs is not ours to stop")
    if not available():
        pytest.skip("no broker that could be stopped: install noida-db or set E2E_BROKER")
    with Broker(tmp_path / "broker") as running:
        yield running


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    """One undisturbed suite for the tests of a file."""
    with Suite(kafka, tmp_path_factory.mktemp("suite")) as running:
        yield running
