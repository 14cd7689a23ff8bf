"""What is seen of a running suite: metrics, log lines, memory; and requests that are sent at a fixed rate."""

import concurrent.futures
import itertools
import json
import os
import random
import re
import time
from datetime import datetime

import requests
from city import complaint
from keys import compact
from waiting import Lines, wait_until

SERIES = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


def metric(suite, service, name, **labels):
    """The sum of the series that have these labels; 0 where there are none yet."""
    text = requests.get(f"http://127.0.0.1:{suite.admin[service]}/metrics", timeout=5).text
    wanted = {f'{label}="{value}"' for label, value in labels.items()}
    return sum(
        float(value) for found, given, value in SERIES.findall(text) if found == name and wanted <= set(given.split(","))
    )


def log_line(suite, service, message):
    """The last line of a service's log with this message."""
    lines = (suite.folder / f"{service}.log").read_text(errors="replace").splitlines()
    return next(json.loads(line) for line in reversed(lines) if f'"{message}"' in line)


def memory(process):
    """Resident now and at most, in MB."""
    status = open(f"/proc/{process.pid}/status").read()
    return [int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1000 for name in ("VmRSS", "VmHWM")]


def processor_seconds(pid):
    """What a process has had of the cores so far: unlike a rate it says the same on a machine that others use, too."""
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def percentiles(values):
    ordered = sorted(values)
    return {f"p{share}": ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 99)}


class Stream:
    """Complaints at a fixed rate, whatever the answers take: each is timed from when it was due, not from when a
    connection was free for it."""

    CONNECTIONS = 32

    def __init__(self, suite, rate, seconds):
        self.suite, self.rate, self.count = suite, rate, int(rate * seconds)
        self.lines = Lines(suite.intake)
        self.chance = random.Random(rate)
        self.due, self.answered = {}, []

    def run(self):
        self.suite.sms.touch()
        numbers = itertools.count()
        begun = time.time() + 0.1

        def citizen(_):
            while (number := next(numbers)) < self.count:
                due = begun + number / self.rate
                time.sleep(max(0, due - time.time()))
                status, said = self.lines.post("/v1/complaints", complaint(number, self.chance), self.suite.bearer)
                assert status in (201, 202), (status, said)
                self.answered.append((time.time() - due) * 1000)
                self.due[compact(said["trackingCode"])] = due

        with concurrent.futures.ThreadPoolExecutor(self.CONNECTIONS) as citizens:
            list(citizens.map(citizen, range(self.CONNECTIONS)))
        return self

    def told(self, seconds=300):
        """Milliseconds until the gateway had the first message about each of them."""
        first = {}
        with open(self.suite.sms) as file:

            def all_told():
                for text in file:
                    line = json.loads(text)
                    first.setdefault(line["reference"].split(".")[0], datetime.fromisoformat(line["time"]).timestamp())
                return self.due.keys() <= first.keys()

            wait_until("that the gateway has every message", all_told, seconds)
        return [(first[code] - due) * 1000 for code, due in self.due.items()]
