"""Stations call by HJ 212: what they say is on the log or in the spool before they are answered, and once."""

import contextlib
import datetime
import json
import random
import subprocess
import threading
import time

import pytest
import requests

from stations import Station, check_sum, device, frame, password, with_stations
from suite import BIN, Suite, wait_until
from waiting import free_port

REPORTS = "readings.reports"


@contextlib.contextmanager
def calling(kafka, folder, count, settings=None, services=("intake",), **columns):
    registry = with_stations(folder / "registry", count, **columns)
    port = free_port()
    settings = {"DAYU_STATIONS_PORT": str(port), "DAYU_STATIONS_ASK_BACK": "0s"} | (settings or {})
    with Suite(kafka, folder / "suite", settings, services=list(services), registry=registry) as suite:
        suite.station_port = port
        yield suite


def hour(number):
    """The DataTime of an hour that is over, by the clocks of Beijing."""
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)
    return (now - datetime.timedelta(hours=number + 2)).strftime("%Y%m%d%H0000")


def reports(suite, station):
    return [record for record in suite.read(REPORTS) if record.value.get("station") == station]


def stations(suite, *options):
    done = subprocess.run([BIN / "dayu", "stations", *options], env=suite.operators, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout


def standing(suite, station):
    found = json.loads(stations(suite, "--json")[1])["stations"]
    return next(entry for entry in found if entry["station"] == station)


@pytest.fixture(scope="module")
def suite(kafka, tmp_path_factory):
    with calling(kafka, tmp_path_factory.mktemp("stations"), 8) as running:
        yield running


def test_an_hour_is_on_the_log_before_it_is_answered(suite):
    station = Station(suite.station_port, 0).connect()
    inside = f"DataTime={hour(0)};w01001-Avg=7.1,w01001-Flag=N;w21003-Avg=0.4,w21003-Flag=D;w01009-SampleTime={hour(1)},w01009-Avg=8"
    answer = station.ask(2061, inside)
    assert answer == {
        "QN": "20261129100000001", "ST": "91", "CN": "9014", "PW": "pw-0", "MN": device(0), "Flag": "8", "CP": "",
    }  # fmt: skip
    (record,) = reports(suite, "e2e-0")
    assert record.key == "jiekou" and record.value["period"] == "hour" and record.value["source"] == "测试站0"
    measurements = record.value["measurements"]
    assert measurements["w01001"]["value"] == 7.1 and measurements["w21003"]["flag"] == "fault"
    assert "sampledAt" in measurements["w01009"] and "sampledAt" not in measurements["w01001"]
    # Sent again, it has the same identity.
    assert station.ask(2061, inside)["CN"] == "9014"
    assert len({record.id for record in reports(suite, "e2e-0")}) == 1


def test_notices_the_time_and_other_data(suite):
    station = Station(suite.station_port, 1).connect()
    assert station.ask(9015, "")["CN"] == "9013"
    assert station.ask(1013, "PolId=w01018", flag=5)["CN"] == "9013"
    time_ = station.hear()
    assert time_["CN"] == "1012" and time_["CP"].startswith("PolId=w01018;SystemTime=20")
    assert station.ask(2011, f"DataTime={hour(0)};w01001-Rtd=7.1")["CN"] == "9014"
    assert reports(suite, "e2e-1") == []
    # Neither is answered: an answer, and what asks for no answer.
    station.say(9014, "")
    station.say(9015, "", flag=8)
    assert station.ask(9015, "", request="20261129100000009")["QN"] == "20261129100000009"


def test_strangers_and_broken_frames_are_refused_and_cost_nobody_else(suite):
    station = Station(suite.station_port, 2).connect()
    inside = f"DataTime={hour(0)};w01001-Avg=7.1"
    assert station.ask(2061, inside, MN="nobody")["CP"] == "QnRtn=4"
    assert station.ask(2061, inside, PW="123456")["CP"] == "QnRtn=3"
    assert station.ask(7777, inside)["CP"] == "QnRtn=8"
    text = station.text(2061, inside)
    station.send(frame(text, check_sum(b"other")))
    assert station.hear()["CP"] == "QnRtn=99"
    assert reports(suite, "e2e-2") == []
    for noise in (b"GET / HTTP/1.1\r\n\r\n", b"##", b"##ABCD", b"##9999", b"##0888" + text.encode(), b"##0000", bytes(range(256))):
        station.send(noise + frame(text))
        assert station.hear()["CN"] == "9014", noise
    assert len({record.id for record in reports(suite, "e2e-2")}) == 1
    # It is sent by now, and told a second later at the most.
    wait_until("the broken frame is told", lambda: standing(suite, "e2e-2")["badFrames"] >= 2)
    told = json.loads(stations(suite, "--json")[1])
    assert [entry["device"] for entry in told["unknown"]] == ["nobody"]
    code, text = stations(suite)
    assert code == 0 and "e2e-2" in text and "connected" in text and "Not in the registry:" in text


def test_data_without_a_time_that_can_be_right_are_refused_and_told(suite):
    station = Station(suite.station_port, 5).connect()
    wrong = ["w01001-Avg=7.1", "DataTime=;w01001-Avg=7.1", "DataTime=20261329090000;w01001-Avg=7.1", "DataTime=20990101000000;w01001-Avg=7.1"]
    for inside in [*wrong, "q83vEjRWeJCrze8SNFZ4kA=="]:
        answer = station.ask(2061, inside)
        assert (answer["CN"], answer["CP"]) == ("9011", "QnRtn=2"), (inside, answer)
    assert reports(suite, "e2e-5") == []
    told = wait_until("they are counted", lambda: (one := standing(suite, "e2e-5"))["badFrames"] == 5 and one)
    assert "encrypted" in told["lastError"] and told["readings"] == 0
    log = suite.log_tail("intake", 1000)
    assert "DataTime is missing" in log and "is in the future" in log and "e2e-5" in log
    assert "encrypted" in stations(suite)[1]
    # It has kept them, and sends them again when its clock is right.
    assert station.ask(2061, f"DataTime={hour(0)};w01001-Avg=7.1")["CN"] == "9014"
    assert len(reports(suite, "e2e-5")) == 1


def test_who_guesses_is_slowed_down_and_every_caller_is_in_the_security_log(kafka, tmp_path):
    with calling(kafka, tmp_path, 2, {"DAYU_STATIONS_ATTEMPTS_PER_MINUTE": "6"}) as suite:
        good = Station(suite.station_port, 0).connect()
        assert good.ask(9015, "")["CN"] == "9013"
        guesser = Station(suite.station_port, 1).connect()
        for number in range(6):
            assert guesser.ask(9015, "", PW=f"guess-{number}")["CP"] == "QnRtn=3"
        began = time.monotonic()
        guesser.say(9015, "", PW="guess-6")
        with pytest.raises(ConnectionError):
            guesser.hear()
        # Nor does a new connection help, not even with the right password, before the address has waited.
        with pytest.raises(OSError):
            Station(suite.station_port, 1).connect().ask(9015, "")
        assert good.ask(9015, "")["CN"] == "9013", "whoever is proved is not concerned"

        def returns():
            try:
                return Station(suite.station_port, 1).connect().ask(9015, "")["CN"] == "9013"
            except OSError:
                return False

        wait_until("it may try again", returns, 60)
        assert time.monotonic() - began > 5, "six a minute are one in ten seconds"

        path = suite.data("intake") / "dayu-intake" / "security.log"
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert all(line["request"] == "HJ 212" and line["address"] == "127.0.0.1" for line in lines)
        proved = [line["station"] for line in lines if line["proof"] == "password"]
        assert sorted(set(proved)) == ["e2e-0", "e2e-1"]
        refused = [(line.get("station"), line["refusal"]) for line in lines if line["proof"] == "none"]
        assert ("e2e-1", "neither its password nor its address is that of stations.csv") in refused
        assert any("too many attempts" in reason for _, reason in refused)
        text = path.read_text() + (suite.folder / "intake.log").read_text()
        assert not any(secret in text for secret in ("guess-", password(0), password(1), device(0)))
        assert len(refused) < 9, "they are folded"
        metrics = requests.get(f"http://127.0.0.1:{suite.admin['intake']}/metrics", timeout=5).text
        count = lambda name: int(next(line for line in metrics.splitlines() if line.startswith(name)).split()[-1])
        assert count('dayu_station_frames_total{what="unproved"}') >= 6
        assert count('dayu_station_frames_total{what="limited"}') >= 1
        assert count("dayu_station_connections_refused_total") >= 1


def test_parts_of_one_reading_in_any_order(suite):
    station = Station(suite.station_port, 3).connect()
    parts = [f"DataTime={hour(0)};w01001-Avg=7.1", f"DataTime={hour(0)};w01009-Avg=8.2", f"DataTime={hour(0)};w21003-Avg=0.2"]
    for number in (3, 1, 2, 3):
        text = station.text(2061, parts[number - 1], flag=11, PNUM=3, PNO=number)
        station.send(frame(text))
        assert station.hear()["CN"] == "9014"
    found = reports(suite, "e2e-3")
    assert len({record.value["observedAt"] for record in found}) == 1 and len({record.id for record in found}) == 3


def test_a_second_connection_takes_the_place_of_a_dead_one(suite):
    first = Station(suite.station_port, 4).connect()
    assert first.ask(9015, "")["CN"] == "9013"
    second = Station(suite.station_port, 4).connect()
    assert second.ask(9015, "")["CN"] == "9013"
    first.close()
    wait_until("two frames are told", lambda: standing(suite, "e2e-4")["frames"] == 2)
    assert standing(suite, "e2e-4")["isConnected"]
    second.close()
    wait_until("it is away", lambda: not standing(suite, "e2e-4")["isConnected"])


def test_missed_hours_are_asked_for(kafka, tmp_path):
    with calling(kafka, tmp_path, 1, {"DAYU_STATIONS_ASK_BACK": "6h"}) as suite:
        station = Station(suite.station_port, 0).connect()
        assert station.ask(2061, f"DataTime={hour(0)};w01001-Avg=7")["CN"] == "9014"
        request = station.hear()
        assert request["CN"] == "2061" and request["PW"] == "pw-0" and request["Flag"] == "9"
        assert request["CP"] == f"BeginTime={hour(6)},EndTime={hour(1)}"
        station.say(9011, "QnRtn=1", request=request["QN"], flag=8, ST=91)
        for number in range(6, 0, -1):
            assert station.ask(2061, f"DataTime={hour(number)};w01001-Avg=7.{number}")["CN"] == "9014"
        station.say(9012, "ExeRtn=1", request=request["QN"], flag=8, ST=91)
        assert len({record.value["observedAt"] for record in reports(suite, "e2e-0")}) == 7


def test_kafka_away_the_spool_stands_for_it(broker, tmp_path):
    with calling(broker.kafka, tmp_path, 1) as suite:
        station = Station(suite.station_port, 0).connect()
        assert station.ask(2061, f"DataTime={hour(5)};w01001-Avg=7")["CN"] == "9014"
        broker.stop()
        for number in (4, 3, 2):
            station.say(2061, f"DataTime={hour(number)};w01001-Avg=7.{number}")
            assert station.hear(60)["CN"] == "9014"
        suite.kill("intake")
        broker.start()
        suite.start("intake")
        wait_until("four hours are on the log", lambda: len({r.id for r in reports(suite, "e2e-0")}) == 4, 120)


def each(count, work):
    """Runs it in a thread for each number, and raises what failed."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_a_thousand_stations_at_once(kafka, tmp_path):
    count, hours = 1000, 3
    # They all come from one address here, as behind a network's one address, and say nothing for a while.
    with calling(kafka, tmp_path, count, {"DAYU_STATIONS_STRANGERS_PER_ADDRESS": str(count)}) as suite:
        together = threading.Barrier(count)

        def work(number):
            station = Station(suite.station_port, number, seed=7).connect()
            together.wait(120)
            for back in range(hours):
                inside = f"DataTime={hour(back)};w01001-Avg={7 + back / 10},w01001-Flag=N;w01009-Avg={number / 100}"
                station.say(2061, inside, request=f"2026112910000{back:04}")
                answer = station.hear(60)
                assert (answer["CN"], answer["MN"], answer["QN"]) == ("9014", device(number), f"2026112910000{back:04}")
            station.close()

        each(count, work)

        def found():
            records = (record.value for record in suite.read(REPORTS))
            return [(value["station"], value["observedAt"]) for value in records if value.get("station", "").startswith("e2e-")]

        # What the log did not take at once is answered from the spool, and comes a little later.
        wait_until("the log has them all", lambda: len(set(found())) == count * hours)
        assert len(found()) == count * hours


def test_killed_between_the_log_and_the_answer_nothing_is_lost_or_doubled(kafka, tmp_path):
    count, hours, seed = 40, 24, random.getrandbits(32)
    print(f"seed {seed}")
    answered = [0] * count
    with calling(kafka, tmp_path, count) as suite:

        def work(number):
            station = Station(suite.station_port, number, seed).connect()
            for back in range(hours):
                inside = f"DataTime={hour(back)};w01001-Avg={6 + back / 10:.1f};w01009-Avg={number / 10}"
                while True:
                    try:
                        assert station.ask(2061, inside)["CN"] == "9014"
                        break
                    except OSError:
                        station.connect(120)
                answered[number] += 1
                time.sleep(0.02)

        def kill():
            chance = random.Random(seed)
            for _ in range(5):
                time.sleep(chance.uniform(0.1, 1.0))
                suite.kill("intake")
                suite.start("intake")
                suite.wait_ready("intake")

        killer = threading.Thread(target=kill)
        killer.start()
        each(count, work)
        killer.join()
        assert answered == [hours] * count

        def all_there():
            return len({record.id for record in suite.read(REPORTS)}) >= count * hours

        wait_until("every hour is on the log", all_there, 60)
        said = {}
        for record in suite.read(REPORTS):
            if "station" in record.value:
                place = (record.value["station"], record.value["observedAt"])
                said.setdefault(place, set()).add((record.id, json.dumps(record.value, sort_keys=True)))
        # A frame that was sent again may be there twice, with the same identity and the same words.
        assert len(said) == count * hours and all(len(contents) == 1 for contents in said.values())
