"""deploy/up refuses what the broker in memory would lose."""

import os
import pathlib
import subprocess

import pytest

UP = pathlib.Path(__file__).resolve().parents[2] / "deploy" / "up"


@pytest.mark.parametrize(("complaints", "said"), [("2401", "2400 complaints at the most"), ("many", "is no number")])
def test_a_year_that_does_not_fit_is_refused(complaints, said):
    environment = {name: value for name, value in os.environ.items() if name != "DAYU_KAFKA"}
    done = subprocess.run(
        [UP, "--once"], env=environment | {"DAYU_UP_COMPLAINTS": complaints}, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1 and said in done.stderr, done.stdout + done.stderr
