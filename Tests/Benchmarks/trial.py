"""The suite as somebody tries it: on librdkafka's mock cluster, which `dayu broker` hosts."""

import subprocess

from suite import BIN, PARTITIONS, Suite
from waiting import wait_until


class Trial(Suite):
    """A suite with a mock cluster of its own; what needs transactions can't be measured on it.

    The mock holds every fetch for the whole wait, where Apache Kafka answers when there is something to read; and it
    keeps 5 MiB of a partition, so it is the sample's registry that fits.
    """

    FETCH_WAIT = {"KAFKA_FETCH_WAIT_MAX_MS": "20"}

    def __init__(self, folder, services):
        super().__init__("127.0.0.1:0", folder, self.FETCH_WAIT, services=services)
        self.mock = None

    def __enter__(self):
        try:
            return super().__enter__()
        except BaseException:
            self.stop_all()
            raise

    def create_topics(self):
        address = self.folder / "address"
        command = [BIN / "dayu", "broker", "--partitions", str(PARTITIONS), "--address-file", address]
        self.mock = subprocess.Popen(command, env=self.environment, stdout=subprocess.DEVNULL)
        wait_until("the mock's address", address.exists, 20)
        self.kafka = address.read_text().strip()
        self.environment["DAYU_KAFKA"] = self.operators["DAYU_KAFKA"] = self.kafka

    def broker_tells_of_ended_aborts(self):
        return False

    def stop_all(self):
        super().stop_all()
        if self.mock:
            self.mock.terminate()
            self.mock.wait()
