"""A station that speaks HJ 212, written from the standard's annex A and C and nothing else of ours."""

import csv
import hashlib
import random
import shutil
import socket
import time

from suite import SAMPLE


def check_sum(data):
    register = 0xFFFF
    for byte in data:
        register = register >> 8 ^ byte
        for _ in range(8):
            register = register >> 1 ^ 0xA001 if register & 1 else register >> 1
    return f"{register:04X}"


def frame(text, sum_=None):
    data = text.encode()
    return f"##{len(data):04}".encode() + data + (sum_ or check_sum(data)).encode() + b"\r\n"


def fields(text):
    """The fields of an answer's head, and what stands between its `&&`."""
    head, _, inside = text.partition("CP=")
    return dict(part.split("=", 1) for part in head.strip(";").split(";")) | {"CP": inside.removeprefix("&&").removesuffix("&&")}


def with_stations(folder, count, **more):
    """The sample registry with so many stations that can call; returns its folder."""
    registry = shutil.copytree(SAMPLE, folder)
    with open(registry / "stations.csv", newline="", encoding="utf-8") as file:
        columns, *rows = list(csv.reader(file))
    for number in range(count):
        row = {
            "id": f"e2e-{number}", "section": "jiekou", "name": f"测试站{number}", "device_number": device(number),
            "password_sha256": hashlib.sha256(password(number).encode()).hexdigest(),
        } | more  # fmt: skip
        rows.append([row.get(column, "") for column in columns])
    with open(registry / "stations.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *rows])
    return registry


def device(number):
    return f"E2E{number:021}"


def password(number):
    return f"pw-{number}"


class Station:
    """One station on a connection of its own, that splits what it sends at random."""

    def __init__(self, port, number=0, seed=1):
        self.port, self.number = port, number
        self.chance = random.Random(seed * 1_000_003 + number)
        self.line, self.heard = None, b""

    def connect(self, seconds=30):
        self.close()
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.line = socket.create_connection(("127.0.0.1", self.port), timeout=10)
                self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return self
            except OSError:
                assert time.monotonic() < deadline, "nobody listens for stations"
                time.sleep(0.05)

    def close(self):
        if self.line:
            self.line.close()
        self.line, self.heard = None, b""

    def text(self, command, inside, request="20261129100000001", flag=9, **more):
        said = {"QN": request, "ST": 21, "CN": command, "PW": password(self.number), "MN": device(self.number), "Flag": flag} | more
        return "".join(f"{name}={value};" for name, value in said.items() if value is not None) + f"CP=&&{inside}&&"

    def send(self, data):
        while data:
            count = self.chance.choice([1, 2, 3, 7, 50, len(data)])
            self.line.sendall(data[:count])
            data = data[count:]
            if self.chance.random() < 0.05:
                time.sleep(0.002)

    def say(self, *arguments, **more):
        self.send(frame(self.text(*arguments, **more)))

    def hear(self, seconds=20):
        """The next frame's fields; nothing but frames with right sums may come."""
        self.line.settimeout(seconds)
        while True:
            if len(self.heard) >= 6:
                end = 6 + int(self.heard[2:6]) + 6
                if len(self.heard) >= end:
                    said, self.heard = self.heard[:end], self.heard[end:]
                    text = said[6:-6]
                    assert said == frame(text.decode()), said
                    return fields(text.decode())
            piece = self.line.recv(4096)
            if not piece:
                raise ConnectionError("closed")
            self.heard += piece

    def ask(self, *arguments, **more):
        self.say(*arguments, **more)
        return self.hear()
