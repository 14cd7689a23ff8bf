"""Measures the built suite on one broker in one run; every figure stands beside another of the same run."""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

import city  # noqa: E402
import lives  # noqa: E402
from brokers import Broker, available  # noqa: E402
from confluent_kafka import Consumer, Producer, TopicPartition  # noqa: E402
from confluent_kafka.admin import AdminClient, NewTopic  # noqa: E402
from measuring import Stream, log_line, memory, metric, percentiles, processor_seconds  # noqa: E402
from suite import BIN, PARTITIONS, SERVICES, Suite  # noqa: E402
from trial import Trial  # noqa: E402
from waiting import wait_until  # noqa: E402

#: How much of everything; the quick one is for trying, its figures say little.
FULL = {"complaints": 500_000, "lives": 166_700, "copied": 200_000, "readings": 1_000_000, "wrk": 15, "stream": 20, "idle": 5}
QUICK = {"complaints": 30_000, "lives": 5_000, "copied": 20_000, "readings": 100_000, "wrk": 4, "stream": 4, "idle": 1}
RATES = (100, 1000)
REACHES, BATCH, TEMPLATES = 10_000, 10_000, 2_000
WRK_CONNECTIONS = 64
#: noida-db 0.2.3 heeds no limit of a fetch, so that the first answer holds the whole backlog, where librdkafka takes
#: 100 MB; and it holds a fetch for the whole wait, which Apache Kafka ends when there is something to read.
FOR_NOIDA = {"receive.message.max.bytes": "2147483647", "fetch.wait.max.ms": "20"}


class Table:
    """The figures, each with what it is a ratio to."""

    def __init__(self):
        self.rows = []

    def add(self, key, what, value, unit, beside=None, of=None):
        ratio = None if not beside else value / beside
        self.rows.append({"key": key, "what": what, "value": value, "unit": unit, "ratio": ratio, "of": of})
        print("  " + " | ".join(self.cells(self.rows[-1])), flush=True)

    def cells(self, row):
        ratio = f"{short(row['ratio'])} × {row['of']}" if row["ratio"] is not None else ""
        return row["key"], row["what"], f"{short(row['value'])} {row['unit']}", ratio

    def markdown(self):
        lines = ["| | what | figure | beside |", "|---|---|---:|---|"]
        rows = sorted(self.rows, key=lambda row: row["key"])
        return "\n".join(lines + [f"| {' | '.join(self.cells(row))} |" for row in rows])


def short(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


@contextlib.contextmanager
def broker(folder, use_tansu):
    """Tansu if asked for, else what DAYU_KAFKA names, else a broker with transactions, else none: then the suite is
    tried on the mock."""
    if use_tansu:
        import tansu

        with tansu.running(folder) as address:
            yield address, tansu.NAME, {}
    elif os.environ.get("DAYU_KAFKA"):
        yield os.environ["DAYU_KAFKA"], "the one at DAYU_KAFKA", {}
    elif available():
        with Broker(folder, bare=True) as running:
            yield running.kafka, "noida-db 0.2.3, in memory, on the same machine", FOR_NOIDA
    else:
        yield None, "librdkafka's mock: no transactions, so (a), (b) and (e) are left out", {}


class Run:
    def __init__(self, kafka, settings, counts, folder, tells_its_end=True):
        """`tells_its_end`: whether the high watermark lies behind the last record, as it should."""
        self.tells_its_end = tells_its_end
        self.kafka, self.settings, self.counts, self.folder = kafka, settings, counts, folder
        self.registry = city.build(folder / "city", REACHES)
        self.table = Table()

    def suite(self, name, services, registry=None, on_mock=False):
        """A suite under a prefix of its own, on the same broker."""
        settings = {f"KAFKA_{key.upper().replace('.', '_')}": value for key, value in self.settings.items()}
        others = {"services": services, "registry": registry or self.registry}
        if on_mock or not self.kafka:
            return Trial(self.folder / name, services=services)
        return Suite(self.kafka, self.folder / name, settings, **others)

    # MARK: (f) and (d), on an empty log

    def idle(self):
        with self.suite("idle", SERVICES, registry=city.SAMPLE) as suite, empty_route() as (_, empty):
            time.sleep(self.counts["idle"])
            for name in SERVICES:
                self.resident(suite, name, "idle, the sample's registry", memory(empty)[0])

    def whole_way(self, again=False):
        """Of a city, or of what fits on the mock; `again`: on the mock beside a broker that has had its turn."""
        on_mock = again or not self.kafka
        where = " on the mock" if on_mock else ""
        with self.suite(f"way{where[-4:]}", SERVICES, on_mock=on_mock) as suite, empty_route() as (_, empty):
            time.sleep(self.counts["idle"])
            bare = memory(empty)[0]
            for name in [] if on_mock else SERVICES:
                self.resident(suite, name, f"idle, {REACHES:,} reaches", bare)
            # The first ones wait for groups that are still being joined and connections that are still being made.
            Stream(suite, 10, 1).run().told()
            for rate in RATES:
                stream = Stream(suite, rate, self.counts["stream"]).run()
                answered, told = percentiles(stream.answered), percentiles(stream.told())
                for share in ("p50", "p99"):
                    what = f"POST to gateway at {rate}/s{where}, {share}"
                    self.table.add("d", what, told[share], "ms", answered[share], f"201's {share}")
            for name in [] if on_mock else SERVICES:
                self.resident(suite, name, f"after {RATES[-1]}/s", bare)
            if not again:
                self.json(suite)

    def resident(self, suite, name, when, bare):
        now, _ = memory(suite.processes[name])
        self.table.add("f", f"{name}, {when}", now, "MB", bare, "empty route")

    # MARK: (c)

    def intake(self, suite):
        with empty_route() as (port, _):
            empty = self.wrk(f"http://127.0.0.1:{port}")
        taken = self.wrk(suite.intake, suite.bearer["Authorization"])
        connections = f"{WRK_CONNECTIONS} connections"
        self.table.add("c", f"empty route, {connections}", empty["rate"], "requests/s")
        self.table.add("c", f"Intake, {connections}", taken["rate"], "complaints/s", empty["rate"], "empty route")
        for share in ("p50", "p99"):
            self.table.add("c", f"Intake, {share}", taken[share], "ms", empty[share], "empty route")
        self.table.add("f", "intake, after wrk", memory(suite.processes["intake"])[0], "MB")

    def wrk(self, url, proof=""):
        place = [str(number) for number in (city.WEST, city.SOUTH, city.EAST, city.NORTH)]
        script = pathlib.Path(__file__).with_name("complaint.lua")
        command = ["wrk", "-t", "2", "-c", str(WRK_CONNECTIONS), "-d", f"{self.counts['wrk']}s", "-s", script]
        done = subprocess.run(
            [*command, f"{url}/v1/complaints", "--", *place, proof], check=True, capture_output=True, text=True, timeout=120
        )
        figures = json.loads(done.stdout.splitlines()[-1])
        assert figures["failed"] == 0, done.stdout
        return figures | {"rate": figures["requests"] / figures["seconds"]}

    # MARK: (a), (b), (e), on one log of submissions

    def stateful(self):
        with self.suite("log", ["intake"]) as suite:
            self.intake(suite)
            suite.terminate("intake")
            if not self.kafka:
                return
            # wrk does not count what it was still waiting for.
            posted = length(suite, "complaints.submissions")
            wanted = max(posted, self.counts["complaints"])
            multiply(suite, wanted - posted, self.settings)
            # Before and after, because the broker has more to save, and less time, the more it holds.
            before = [self.copy(suite, times) for times in (1, 2)]
            worked = self.work_off(suite, wanted)
            after = [self.copy(suite, times, " again") for times in (1, 2)]
            self.routing(worked, wanted, *((first + second) / 2 for first, second in zip(before, after)))
            self.restore(suite, "complaints just received")

    def copy(self, suite, times, again=""):
        target = suite.prefix + f"copy-{times}{again.replace(' ', '-')}"
        admin = AdminClient({"bootstrap.servers": self.kafka})
        admin.create_topics([NewTopic(target, PARTITIONS, 1)])[target].result()
        settings = [f"{key}={value}" for key, value in self.settings.items()]
        # The topics that Routing reads; one of them is empty, which costs a reader something, too.
        topics = ",".join(suite.prefix + name for name in ("complaints.submissions", "complaints.actions"))
        words = [self.kafka, topics, target, self.counts["copied"], BATCH, times]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [BIN / "RawCopy", *map(str, words), *settings], check=True, capture_output=True, text=True, timeout=300
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        # A broker that saves what it holds over and over is not to have more to save for what comes after.
        admin.delete_topics([target])[target].result()
        figures = json.loads(done.stdout.splitlines()[-1])
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        rate = figures["out"] / figures["seconds"]
        self.table.add("a", f"raw copy{again}, each record {times}×, records out", rate, "records/s")
        self.table.add("a", "  its batch", figures["in"] / figures["batches"], "records")
        self.table.add("a", "  its transaction", figures["committing"] / figures["batches"] * 1000, "ms")
        self.table.add("a", "  its processor time", spent / figures["out"] * 1e6, "µs/record out")
        return rate

    def work_off(self, suite, wanted):
        suite.start("routing")
        seen = []

        def done():
            seen.append((metric(suite, "routing", "dayu_records_taken_total"), time.time()))
            return seen[-1][0] >= wanted

        wait_until("that routing has worked off everything", done, 600)
        # From the first commit on: joining the group and the first fetch are the broker's.
        first = next(sample for sample in seen if sample[0] > 0)
        names = ("records_emitted_total", "batch_records_sum", "batch_records_count", "commit_seconds_sum")
        worked = {name: metric(suite, "routing", f"dayu_{name}") for name in names} | {
            "rate": (seen[-1][0] - first[0]) / (seen[-1][1] - first[1]),
            "processor": processor_seconds(suite.processes["routing"].pid),
        }
        self.most(suite, f"routing, after {wanted:,} complaints")
        suite.terminate("routing")
        return worked

    def routing(self, worked, wanted, limit, twice):
        rate, share = worked["rate"], worked["records_emitted_total"] / wanted
        self.table.add("b", "Routing, records in", rate, "records/s", limit, "(a) in")
        self.table.add("b", "Routing, events out", rate * share, "records/s", limit, "(a) out")
        self.table.add("b", "Routing, events out", rate * share, "records/s", twice, "(a) 2× out")
        batches = worked["batch_records_count"]
        self.table.add("b", "  its batch", worked["batch_records_sum"] / batches, "records")
        self.table.add("b", "  its transaction", worked["commit_seconds_sum"] / batches * 1000, "ms")
        self.table.add("b", "  its processor time", worked["processor"] / wanted * 1e6, "µs/complaint")

    def lived(self):
        with self.suite("lives", ["intake", "routing"]) as suite:
            examples = lives.live(suite, 50)
            suite.terminate("intake")
            suite.terminate("routing")
            lives.multiply(suite, examples, self.counts["lives"])
            events = self.restore(suite, "complaints lived to their end")
            suite.terminate("routing")
            for name in ("notification", "disclosure"):
                self.rebuild(suite, name, events)

    def rebuild(self, suite, name, events):
        """A service that has nothing yet, until it is ready; Notification goes on to tell everybody, and is ended."""
        started = time.time()
        suite.start(name)
        suite.wait_ready(name, 600)
        self.table.add("e", f"{name}, from nothing to ready", time.time() - started, "s")
        spent = processor_seconds(suite.processes[name].pid)
        self.table.add("e", "  its processor time", spent / events * 1e6, "µs/event")
        suite.kill(name)

    def restore(self, suite, of):
        wanted, limit = read_through(suite, "complaints.events", self.settings)
        shutil.rmtree(suite.data("routing") / "dayu-routing")
        started = time.time()
        suite.start("routing")
        suite.wait_ready("routing", 300)
        ready = time.time() - started
        spent = processor_seconds(suite.processes["routing"].pid)
        line = log_line(suite, "routing", "restored")
        restored, seconds = line["records"], line["milliseconds"] / 1000
        assert 0 <= wanted - restored <= (0 if self.tells_its_end else PARTITIONS * BATCH), line
        self.table.add("e", f"reading {wanted:,} events of {of}", limit, "s")
        self.table.add("e", "  restore of them", seconds, "s", limit, "reading them")
        self.table.add("e", "  events", restored / seconds, "records/s", wanted / limit, "reading them")
        self.table.add("e", "  its processor time", spent / restored * 1e6, "µs/event")
        self.table.add("e", "  from start to ready", ready, "s", seconds, "the restore")
        self.most(suite, f"routing, restored from {of}")
        return wanted

    def most(self, suite, when):
        now, most = memory(suite.processes["routing"])
        self.table.add("f", when, now, "MB")
        self.table.add("f", "  its most", most, "MB")

    # MARK: (g) and (h), in one process

    def json(self, suite):
        events = sample(suite, "complaints.events", TEMPLATES, self.settings)
        kind = {id(m): dict(m.headers())["ce_type"].decode().split(".")[3] for m in events}
        lines = [json.dumps({"kind": kind[id(m)], "data": m.value().decode()}, ensure_ascii=False) for m in events]
        figures = measure("json", "\n".join(lines) + "\n")
        texts = [m.value() for m in events]
        values = [json.loads(text) for text in texts]
        compact = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
        python = {"decoded": rate_of(json.loads, texts), "encoded": rate_of(lambda v: json.dumps(v, **compact), values)}
        for what in ("decoded", "encoded"):
            self.table.add("g", f"events {what}", figures[what], "events/s", python[what], "Python's json")

    def reaches(self):
        figures = measure("reaches")
        what = f"nearest of {figures['reaches']:,.0f} reaches"
        self.table.add("h", what, figures["microseconds"], "µs", figures["measuringAllMicroseconds"], "measuring all")

    def parsers(self):
        figures = measure("parsers")
        for parser in sorted({name.rpartition(",")[0] for name in figures}):
            ratio = figures[f"{parser}, ratio"]
            self.table.add("i", f"{parser}, its worst input", figures[f"{parser}, ns/byte"], "ns/byte", ratio, "a 16th of it")

    def tables(self):
        figures = measure("tables")
        self.table.add("j", "readings of a table", figures["rows"], "rows/s", figures["splitting"], "splitting into fields")

    def frames(self):
        """The decoder beside reading the same bytes one by one, and beside finding the ends of lines in them."""
        figures = measure("frames")
        for what, rate in [("frames of stations", figures["frames"]), ("  and their fields", figures["packets"])]:
            self.table.add("l", what, rate, "frames/s", figures["bytes"], "reading the bytes")
            self.table.add("l", what, rate, "frames/s", figures["lines"], "finding the lines")

    def desk(self):
        figures = measure("desk")
        questions = {"list": "a list with its counts", "region": "  of one region and state", "overdue": "  of what is overdue",
                     "search": "  searched, found often", "rare": "  searched, found once", "absent": "  searched, not found",
                     "unread": "  of what is unread", "figures": "a supervisor's figures of 30 days"}  # fmt: skip
        for name, what in questions.items():
            self.table.add("m", what, figures[f"{name}Milliseconds"], "ms")
            self.table.add("m", "  its processor time", figures[f"{name}ProcessorMilliseconds"], "ms")

    def summaries(self):
        """Readings added up beside only decoding them, and summaries read back beside only decoding those."""
        figures = measure("summaries", arguments=[self.counts["readings"]], timeout=1800)

        def each(name, of):
            return 1e6 * figures[f"{name}Seconds"] / figures[of]

        what = f"{figures['readings']:,.0f} readings added up"
        self.table.add("n", what, each("summarising", "readings"), "µs/reading", each("decoding", "readings"), "decoding them")
        self.table.add("n", "  memory that this takes", figures["summarisingMegabytes"], "MB")
        beside = each("decodingSummaries", "summaries"), "decoding them"
        for where, name in [("analytics", "restore"), ("disclosure", "disclosure")]:
            what = f"{figures['summaries']:,.0f} summaries read back, {where}"
            self.table.add("n", what, each(name, "summaries"), "µs/summary", *beside)

    def answers(self):
        past = self.folder / "past.jsonl"
        command = ["simulate", ROOT / "deploy" / "sample", "--out", past, "--complaints", "500", "--days", "100"]
        subprocess.run([BIN / "dayu", *command], check=True, capture_output=True, timeout=120)
        figures = measure("answers", past.read_text())
        what = "a list of 20 complaints"
        self.table.add("k", what, figures["microseconds"], "µs", figures["reading"], "reading them")


def measure(name, lines="", arguments=(), timeout=120):
    command = [BIN / "Measures", name, *map(str, arguments)]
    done = subprocess.run(command, input=lines, check=True, capture_output=True, text=True, timeout=timeout)
    return json.loads(done.stdout)


def rate_of(work, values):
    started = time.perf_counter()
    for value in values:
        work(value)
    return len(values) / (time.perf_counter() - started)


@contextlib.contextmanager
def empty_route():
    process = subprocess.Popen([BIN / "Measures", "empty"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline()), process
    finally:
        process.terminate()
        process.wait()


def sample(suite, topic, count, settings):
    """The first records of a topic."""
    consumer = Consumer({"bootstrap.servers": suite.kafka, "group.id": "benchmark", **settings})
    consumer.assign([TopicPartition(suite.prefix + topic, number, 0) for number in range(PARTITIONS)])
    try:
        messages = consumer.consume(count, 60)
        assert len(messages) == count and not any(m.error() for m in messages), f"{topic} has too few records"
        return messages
    finally:
        consumer.close()


def length(suite, topic):
    """How many records a topic holds to which nothing was written in transactions."""
    consumer = Consumer({"bootstrap.servers": suite.kafka, "group.id": "benchmark"})
    places = [TopicPartition(suite.prefix + topic, number) for number in range(PARTITIONS)]
    try:
        return sum(high - low for low, high in map(consumer.get_watermark_offsets, places))
    finally:
        consumer.close()


def read_through(suite, topic, settings):
    """How many records a topic holds, and the seconds from the first request on in which librdkafka reads them."""
    quiet = {"group.id": "benchmark", "isolation.level": "read_committed", "enable.partition.eof": True}
    consumer = Consumer({"bootstrap.servers": suite.kafka, **quiet, **settings})
    consumer.assign([TopicPartition(suite.prefix + topic, number, 0) for number in range(PARTITIONS)])
    started, read, ended = time.time(), 0, set()
    while len(ended) < PARTITIONS:
        for message in consumer.consume(5000, 1):
            if message.error():
                ended.add(message.partition())
            else:
                read += 1
    seconds = time.time() - started
    consumer.close()
    return read, seconds


def multiply(suite, count, settings):
    """What Intake wrote, again under other identities: as real as the first, and quicker."""
    templates = sample(suite, "complaints.submissions", min(TEMPLATES, 1000), settings) if count > 0 else []
    producer = Producer({"bootstrap.servers": suite.kafka, "linger.ms": 20})
    for number in range(count):
        lives.produce(producer, templates[number % len(templates)], number)
    assert producer.flush(120) == 0, "the submissions did not reach the log"


def machine():
    model = next(line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name"))
    kilobytes = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal"))
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memoryGB": round(kilobytes / 1e6, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small counts, for trying")
    parser.add_argument("--tansu", action="store_true", help="on a broker that is quick, and not a whole one")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / ".run" / "benchmarks.json", help="where to")
    options = parser.parse_args()
    counts = QUICK if options.quick else FULL
    load = os.getloadavg()[0]
    # The broker's own files lie in memory, where the machine has such a folder: no disk is to be measured.
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with (
        tempfile.TemporaryDirectory() as name,
        tempfile.TemporaryDirectory(dir=in_memory) as place,
        broker(pathlib.Path(place), options.tansu) as (kafka, kind, settings),
    ):
        print(f"Broker: {kind}", flush=True)
        run = Run(kafka, settings, counts, pathlib.Path(name), tells_its_end=not options.tansu)
        run.reaches()
        run.parsers()
        run.tables()
        run.frames()
        run.desk()
        run.summaries()
        run.answers()
        run.idle()
        run.whole_way()
        if kafka:
            run.whole_way(again=True)
        run.stateful()
        if kafka:
            run.lived()
    report = {
        "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "broker": kind,
        "quick": options.quick,
        "loadBefore": load,
        "figures": run.table.rows,
    }
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps(report, ensure_ascii=False, indent=2) + "\n")
    print(f"\n{report['at']}, {report['machine']}, broker: {kind}, load before: {load}\n\n{run.table.markdown()}")


if __name__ == "__main__":
    main()
