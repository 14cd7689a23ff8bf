"""Stands before a broker without an authorizer and keeps the ACLs that it is given: authorizer.py PORT PORT_OF_THE_BROKER.

It answers CreateAcls and DescribeAcls itself (Kafka's protocol, keys 30 and 29, versions 0 and 1) and passes everything
else on. It enforces nothing: a test sees what a command asks for, not what a cluster makes of it.
"""

import asyncio
import struct
import threading

DESCRIBE_ACLS, CREATE_ACLS = 29, 30
#: Kafka's numbers of what the suite's rules name.
RESOURCES = {2: "topic", 3: "group", 4: "cluster", 5: "transactional-id"}
PATTERNS = {3: "literal", 4: "prefixed"}
OPERATIONS = {2: "All", 3: "Read", 4: "Write", 8: "Describe", 12: "IdempotentWrite"}


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Authorizer:
    """A context manager; `rules` holds (resource, name, pattern, principal, host, operation, permission), as numbers."""

    def __init__(self, port, broker):
        self.port, self.broker = port, broker
        self.rules = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        start = asyncio.start_server(self.serve, "127.0.0.1", self.port)
        self.server = asyncio.run_coroutine_threadsafe(start, self.loop).result(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)

    def named(self):
        """The rules in the words of `dayu acl print --format table`."""
        return {
            (principal, OPERATIONS[operation], RESOURCES[resource], PATTERNS[pattern], name)
            for resource, name, pattern, principal, _, operation, _ in self.rules
        }

    async def serve(self, reader, writer):
        broker, upstream = await asyncio.open_connection("127.0.0.1", self.broker)

        async def answers():
            while True:
                size = await broker.readexactly(4)
                body = await broker.readexactly(int.from_bytes(size))
                # Clients must come back here, wherever the broker says it is.
                told, ours = struct.pack(">i", self.broker), struct.pack(">i", self.port)
                body = body.replace(b"127.0.0.1" + told, b"127.0.0.1" + ours)
                writer.write(size + body)

        task = asyncio.create_task(answers())
        try:
            while True:
                size = await reader.readexactly(4)
                request = await reader.readexactly(int.from_bytes(size))
                key, version, correlation = struct.unpack_from(">hhi", request)
                if key not in (DESCRIBE_ACLS, CREATE_ACLS):
                    upstream.write(size + request)
                    continue
                assert version <= 1, f"version {version} of request {key} is not known here"
                (client,) = struct.unpack_from(">h", request, 8)
                answer = self.answer(key, version, request[10 + max(client, 0) :])
                writer.write(struct.pack(">ii", len(answer) + 4, correlation) + answer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            task.cancel()
            upstream.close()
            writer.close()

    def answer(self, key, version, body):
        if key == DESCRIBE_ACLS:
            found = b"".join(
                struct.pack(">b", resource) + text(name) + (struct.pack(">b", pattern) if version else b"")
                + struct.pack(">i", 1) + text(principal) + text(host) + struct.pack(">bb", operation, permission)
                for resource, name, pattern, principal, host, operation, permission in self.rules
            )  # fmt: skip
            return struct.pack(">ihhi", 0, 0, -1, len(self.rules)) + found
        at = 0

        def number(form, size):
            nonlocal at
            at += size
            return struct.unpack_from(form, body, at - size)[0]

        def word():
            nonlocal at
            length = number(">h", 2)
            at += length
            return body[at - length : at].decode()

        count = number(">i", 4)
        for _ in range(count):
            resource, name = number(">b", 1), word()
            pattern = number(">b", 1) if version else 3
            rule = (resource, name, pattern, word(), word(), number(">b", 1), number(">b", 1))
            # As Kafka does: a rule that is there already is no error, and is not there twice.
            if rule not in self.rules:
                self.rules.append(rule)
        return struct.pack(">ii", 0, count) + struct.pack(">hh", 0, -1) * count
