"""Runs a command with DAYU_KAFKA naming a broker of the tests' own: with_broker.py COMMAND... Exits as the command does."""

import os
import pathlib
import subprocess
import sys
import tempfile

from brokers import Broker, available

if os.environ.get("DAYU_KAFKA") or not available():
    sys.exit(subprocess.run(sys.argv[1:]).returncode)
with tempfile.TemporaryDirectory() as folder, Broker(pathlib.Path(folder)) as broker:
    sys.exit(subprocess.run(sys.argv[1:], env=os.environ | {"DAYU_KAFKA": broker.kafka}).returncode)
