"""A broker whose clock is wrong: `dayu status` tells."""

import os
import re
import subprocess

import pytest

from brokers import COMMAND, FAKETIME, Broker, available
from suite import BIN


# The difference is told as "at least": the answer's way may take up to a second of it, or more where it is ahead.
@pytest.mark.parametrize(
    ("clock", "told"),
    [("-90s", r"at least (8\d|90) s behind"), ("+75s", r"at least (6\d|7[0-5]) s ahead of"), (None, None)],
)
def test_a_brokers_wrong_clock_is_told(clock, told, tmp_path):
    if not available() or COMMAND:
        pytest.skip("needs noida-db")
    if clock and not FAKETIME:
        pytest.skip("needs Debian's package faketime")
    with Broker(tmp_path / "broker", clock) as broker:
        environment = os.environ | {"DAYU_KAFKA": broker.kafka}
        subprocess.run([BIN / "dayu", "topics", "create"], env=environment, check=True, capture_output=True)
        status = subprocess.run([BIN / "dayu", "status"], env=environment, capture_output=True, text=True)
        lines = [line for line in status.stdout.splitlines() if "clock" in line]
        assert len(lines) == (1 if told else 0), status.stdout
        assert not told or (re.search(told, lines[0]) and "broker 1" in lines[0])
