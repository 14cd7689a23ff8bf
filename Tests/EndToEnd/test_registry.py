"""A registry goes to the topic and back, a large one in good time."""

import os
import random
import subprocess
import time

import pytest
from registries import write_large
from suite import BIN, SAMPLE

REACHES = 50_000


@pytest.fixture
def operate(kafka):
    environment = dict(
        os.environ,
        DAYU_KAFKA=kafka,
        DAYU_PREFIX=f"e2e-{random.getrandbits(40):x}.",
        KAFKA_FETCH_WAIT_MAX_MS="20",
    )

    def run(*arguments, code=0):
        """What the command said, and in how many seconds."""
        start = time.monotonic()
        done = subprocess.run(
            [BIN / "dayu", *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=300
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr, time.monotonic() - start

    run("topics", "create", "--partitions", "4")
    return run


@pytest.mark.slow
def test_fifty_thousand_reaches_are_published_in_less_than_a_minute(operate, tmp_path):
    count = write_large(tmp_path / "registry", REACHES)
    said, seconds = operate("registry", "check", tmp_path / "registry")
    # Behind it, on standard error, are warnings: invented numbers get no message.
    assert said.startswith(f"{count} entities, no fault\n")
    assert seconds < 30
    said, seconds = operate("registry", "publish", tmp_path / "registry")
    assert said.startswith(f"{count} new, 0 changed, 0 removed, 0 unchanged\n")
    assert seconds < 60

    operate("registry", "export", tmp_path / "exported")
    said, _ = operate("registry", "publish", tmp_path / "exported")
    assert said.startswith(f"0 new, 0 changed, 0 removed, {count} unchanged\n")


def test_only_what_is_different_is_written(operate, tmp_path):
    operate("registry", "publish", SAMPLE)
    folder = tmp_path / "exported"
    operate("registry", "export", folder)
    said, _ = operate("registry", "export", folder, code=1)
    assert "--overwrite replaces them" in said
    said, _ = operate("registry", "diff", SAMPLE)
    assert "What would change: 0 new, 0 changed, 0 removed, " in said

    chiefs = (folder / "chiefs.csv").read_text()
    (folder / "chiefs.csv").write_text(chiefs.replace("+86 000 0000 0101", "+86 000 0000 0177"))
    days = (folder / "calendar.csv").read_text().splitlines(keepends=True)
    (folder / "calendar.csv").write_text("".join(days[:-1]))
    (folder / "news.csv").unlink()
    said, _ = operate("registry", "publish", folder)
    assert "0 new, 1 changed, 1 removed, " in said
    assert "there is no news.csv: the topic keeps its 5 entities of this kind" in said
    said, _ = operate("registry", "diff", SAMPLE)
    assert 'changed chief/chief-city: phone "+86 000 0000 0177" → "+86 000 0000 0101"' in said
    assert "new calendar-day/2026-10-10" in said and "What would change: 1 new, 1 changed, 0 removed, " in said
    operate("registry", "export", folder, "--overwrite")
    assert "0177" in (folder / "chiefs.csv").read_text() and (folder / "news.csv").exists()
