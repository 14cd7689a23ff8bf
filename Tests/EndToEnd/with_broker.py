"""Runs a command with DAYU_KAFKA naming a broker of the tests' own: with_broker.py COMMAND... Exits as the command does.

SIGTERM ends the command and the broker.
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile

from brokers import Broker, available

signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
if os.environ.get("DAYU_KAFKA") or not available():
    sys.exit(subprocess.run(sys.argv[1:]).returncode)
with tempfile.TemporaryDirectory() as folder, Broker(pathlib.Path(folder)) as broker:
    sys.exit(subprocess.run(sys.argv[1:], env=os.environ | {"DAYU_KAFKA": broker.kafka}).returncode)
