"""A large registry is checked, published, exported and published again."""

import os
import random
import subprocess
import time

import pytest
from registries import write_large
from suite import BIN

REACHES = 50_000


@pytest.fixture(scope="module")
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


def test_fifty_thousand_reaches_are_published_in_less_than_a_minute(operate, tmp_path):
    count = write_large(tmp_path / "registry", REACHES)
    said, seconds = operate("registry", "check", tmp_path / "registry")
    assert said == f"{count} entities, no fault\n"
    assert seconds < 30
    said, seconds = operate("registry", "publish", tmp_path / "registry")
    assert said == f"{count} new, 0 changed, 0 removed, 0 unchanged\n"
    assert seconds < 60

    operate("registry", "export", tmp_path / "exported")
    for folder in ("registry", "exported"):
        said, _ = operate("registry", "diff", tmp_path / folder)
        assert f"would be: 0 new, 0 changed, 0 removed, {count} unchanged" in said, said[-2000:]

    # Only what is different is written; what is gone is removed.
    reaches = tmp_path / "exported" / "reaches.csv"
    lines = reaches.read_text().splitlines(keepends=True)
    lines[1] = lines[1].replace("village", "town")
    reaches.write_text("".join(lines))
    (tmp_path / "exported" / "news.csv").unlink()
    said, _ = operate("registry", "publish", tmp_path / "exported")
    assert said == f"0 new, 1 changed, 0 removed, {count - 1} unchanged\n"
    said, _ = operate("registry", "diff", tmp_path / "registry")
    assert 'level "town" → "village"' in said
