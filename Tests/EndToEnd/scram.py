"""The broker's side of SASL/SCRAM-SHA-512 (RFC 5802) in Kafka's protocol, for the door of secure_door.py."""

import base64
import hashlib
import hmac
import os
import struct

API_VERSIONS, HANDSHAKE, AUTHENTICATE = 18, 17, 36
UNSUPPORTED_VERSION, NOT_AUTHENTICATED = 35, 58
MECHANISM = "SCRAM-SHA-512"
ITERATIONS = 4096


def digest(key, text):
    return hmac.digest(key, text, "sha512")


class Refused(Exception):
    """The client did not prove who it is."""


class Exchange:
    """One client's proof: two messages of his, each with its answer."""

    def __init__(self, passwords):
        self.passwords = passwords
        self.first = self.answer = self.user = None

    @property
    def is_over(self):
        return self.first is not None and self.user is None

    def take(self, message):
        if self.first is None:
            return self.begin(message.decode())
        return self.end(message.decode())

    def begin(self, message):
        gs2, self.first = message[:3], message[3:]
        fields = dict(part.split("=", 1) for part in self.first.split(","))
        if gs2 != "n,," or fields["n"] not in self.passwords:
            raise Refused(f"nobody is called {fields['n']}")
        self.user, self.salt = fields["n"], os.urandom(16)
        self.nonce = fields["r"] + base64.b64encode(os.urandom(12)).decode()
        self.answer = f"r={self.nonce},s={base64.b64encode(self.salt).decode()},i={ITERATIONS}"
        return self.answer.encode()

    def end(self, message):
        without, _, proof = message.rpartition(",p=")
        fields = dict(part.split("=", 1) for part in without.split(","))
        salted = hashlib.pbkdf2_hmac("sha512", self.passwords[self.user].encode(), self.salt, ITERATIONS)
        signed = f"{self.first},{self.answer},{without}".encode()
        key = digest(salted, b"Client Key")
        signature = digest(hashlib.sha512(key).digest(), signed)
        expected = bytes(one ^ other for one, other in zip(key, signature))
        # As Kafka's own server looks at it: librdkafka before 2.6.1 puts the client's part before it once more.
        if not fields["r"].endswith(self.nonce) or not hmac.compare_digest(base64.b64decode(proof), expected):
            raise Refused(f"the password of {self.user} is another")
        self.user = None
        return b"v=" + base64.b64encode(digest(digest(salted, b"Server Key"), signed))


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


def versions(answer):
    """The broker's answer about versions (ApiVersions 0), but for the two requests that are answered here."""
    (count,) = struct.unpack_from(">i", answer, 6)
    known = [answer[10 + 6 * number : 16 + 6 * number] for number in range(count)]
    ours = [struct.pack(">hhh", HANDSHAKE, 0, 1), struct.pack(">hhh", AUTHENTICATE, 0, 1)]
    told = [one for one in known if struct.unpack_from(">h", one)[0] not in (HANDSHAKE, AUTHENTICATE)] + ours
    return answer[:6] + struct.pack(">i", len(told)) + b"".join(told)


async def admit(frame, reader, writer, upstream, downstream, passwords):
    """Lets a client through that proves who it is; what it asks before that, but for versions, ends the connection.

    - Parameter frame: reads one request or answer: its length's bytes and its own.
    """
    exchange = Exchange(passwords)

    async def say(correlation, body):
        writer.write(struct.pack(">ii", len(body) + 4, correlation) + body)
        await writer.drain()

    while not exchange.is_over:
        head, request = await frame(reader)
        key, version, correlation, length = struct.unpack_from(">hhih", request)
        rest = request[10 + max(0, length) :]
        if key == API_VERSIONS and version:
            # The client asks again with version 0 (KIP-511), whose answer is easily made longer.
            await say(correlation, struct.pack(">hi", UNSUPPORTED_VERSION, 0))
        elif key == API_VERSIONS:
            downstream.writelines((head, request))
            _, answer = await frame(upstream)
            await say(correlation, versions(answer)[4:])
        elif key == HANDSHAKE:
            (size,) = struct.unpack_from(">h", rest)
            known = rest[2 : 2 + size].decode() == MECHANISM
            await say(correlation, struct.pack(">hi", 0 if known else 33, 1) + text(MECHANISM))
        elif key == AUTHENTICATE:
            # Since version 1 it ends with the time that the session may last, in milliseconds; 0: for ever.
            lifetime = bytes(8 if version else 0)
            try:
                proof = exchange.take(rest[4:])
            except Refused as refusal:
                await say(correlation, struct.pack(">h", NOT_AUTHENTICATED) + text(str(refusal)) + bytes(4) + lifetime)
                raise
            await say(correlation, struct.pack(">hhi", 0, -1, len(proof)) + proof + lifetime)
        else:
            raise Refused(f"request {key} before any proof")
