"""Stands before noida-db and lets consumers wait for records: patience.py PORT PORT_OF_THE_BROKER [FOLDER].

A fetch names a time to wait when there is nothing yet (KIP-41, max_wait_ms). noida-db 0.2.3 answers at once, so each idle
consumer asks 800 times a second, and a suite with its broker keeps a processor busy. This program passes every byte on
as it is, except two things: a fetch's answer without records is kept for up to PAUSE, and the broker's port is
replaced by its own where the broker tells its address. When the broker is gone, nobody can connect here either.

With a folder (`secure_door.py` makes it) it speaks TLS and lets in only who proves who he is: by a certificate of the
folder's authority or, where the folder has passwords, by SCRAM.
"""

import asyncio
import json
import pathlib
import ssl
import struct
import sys

import scram

#: Seconds. An idle consumer asks 50 times a second, and a record waits 10 ms longer on average.
PAUSE = 0.02
FETCH, METADATA, FIND_COORDINATOR = 1, 3, 10
#: The fetch's versions that `has_records` can read.
READABLE = range(4, 17)


class Fields:
    """Reads one field after the other. Since version 12 a fetch's lengths are varints and structures have tags (KIP-482)."""

    def __init__(self, data, version):
        self.data, self.at, self.compact = data, 0, version >= 12

    def skip(self, count):
        self.at += count

    def int(self, size):
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], signed=True)

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def length(self, size=4):
        """Of an array, a text or bytes; -1 for none. What is longer than the answer shows that it is read wrongly."""
        length = self.varint() - 1 if self.compact else self.int(size)
        if length > len(self.data):
            raise ValueError("not the answer to a fetch")
        return length

    def tags(self):
        if self.compact:
            for _ in range(self.varint()):
                self.varint()
                self.skip(self.varint())


def has_records(answer, version):
    """Whether the answer to a fetch brings records or an error. Its bytes begin behind the correlation id."""
    fields = Fields(answer, version)
    fields.tags()
    fields.skip(4)
    if version >= 7:
        if fields.int(2):
            return True
        fields.skip(4)
    for _ in range(fields.length()):
        fields.skip(16 if version >= 13 else fields.length(2))
        for _ in range(fields.length()):
            fields.skip(4)
            if fields.int(2):
                return True
            fields.skip(24 if version >= 5 else 16)
            for _ in range(fields.length()):
                fields.skip(16)
                fields.tags()
            if version >= 11:
                fields.skip(4)
            if fields.length() > 0:
                return True
            fields.tags()
        fields.tags()
    return False


def is_empty(answer, version):
    try:
        return not has_records(answer, version)
    except (ValueError, IndexError):
        return False


async def frame(reader):
    head = await reader.readexactly(4)
    return head, await reader.readexactly(int.from_bytes(head))


class Proxy:
    def __init__(self, port, broker, tls=None, passwords=None):
        self.port, self.broker, self.tls, self.passwords = port, broker, tls, passwords
        self.server = None
        self.tasks = set()

    async def run(self):
        """Listens while the broker does."""
        while True:
            if self.server is None:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.broker)
                    writer.close()
                    self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, ssl=self.tls)
                except OSError:
                    pass
            await asyncio.sleep(0.05)

    def close(self):
        if self.server:
            self.server.close()
            self.server = None

    async def serve(self, reader, writer):
        try:
            upstream, downstream = await asyncio.open_connection("127.0.0.1", self.broker, limit=1 << 20)
        except OSError:
            self.close()
            writer.close()
            return
        if self.passwords:
            try:
                await scram.admit(frame, reader, writer, upstream, downstream, self.passwords)
            except (scram.Refused, asyncio.IncompleteReadError, OSError):
                writer.close()
                downstream.close()
                return
        # By correlation id: noida-db does not answer in order.
        asked = {}
        tasks = [
            asyncio.create_task(way)
            for way in (self.ask(reader, downstream, asked), self.answer(upstream, writer, asked))
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        writer.close()
        downstream.close()

    async def ask(self, reader, broker, asked):
        while True:
            head, request = await frame(reader)
            key, version, correlation = struct.unpack_from(">hhi", request)
            if key in (FETCH, METADATA, FIND_COORDINATOR):
                asked[correlation] = key, version
            broker.writelines((head, request))
            await broker.drain()

    async def answer(self, broker, writer, asked):
        told, ours = struct.pack(">i", self.broker), struct.pack(">i", self.port)
        while True:
            try:
                head, answer = await frame(broker)
            except (asyncio.IncompleteReadError, OSError):
                await self.look()
                return
            (correlation,) = struct.unpack_from(">i", answer)
            key, version = asked.pop(correlation, (None, None))
            if key == FETCH and version in READABLE and is_empty(answer[4:], version):
                await asyncio.sleep(PAUSE)
            elif key in (METADATA, FIND_COORDINATOR):
                answer = answer.replace(b"127.0.0.1" + told, b"127.0.0.1" + ours)
            writer.writelines((head, answer))
            await writer.drain()

    async def look(self):
        """Stops listening when the broker has."""
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.broker)
            writer.close()
        except OSError:
            self.close()


def known_clients_only(folder):
    """How TLS is spoken, and the passwords of the clients, if it is by these that they are known."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "broker.pem", folder / "broker.key")
    file = folder / "passwords.json"
    if file.exists():
        return context, json.loads(file.read_text())
    context.load_verify_locations(folder / "authority.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context, None


if __name__ == "__main__":
    port, broker, *folder = sys.argv[1:]
    secure = known_clients_only(pathlib.Path(folder[0])) if folder else ()
    asyncio.run(Proxy(int(port), int(broker), *secure).run())
