"""A short message centre that speaks SMPP 3.4, as far as Kannel needs it.

It delivers everything, except that the last two digits of the numbers …76xx, …77xx, …78xx and …99xx choose what becomes of their
messages. Everything that is submitted is counted: what is in `received` would be on phones.
"""

import contextlib
import socket
import struct
import threading
import time

BIND_TRANSCEIVER, SUBMIT, DELIVER, UNBIND, ENQUIRE, RESPONSE = 9, 4, 5, 6, 0x15, 0x80000000
#: SMPP 3.4 §5.1.3.
OK, SYSTEM_ERROR, INVALID_NUMBER, QUEUE_FULL, THROTTLED = 0, 0x08, 0x0B, 0x14, 0x58

CHOOSING = ("76", "77", "78", "99")
STATES = {"00": "DELIVRD", "01": "UNDELIV", "02": "EXPIRED", "03": "REJECTD", "09": "UNKNOWN", "12": "DELETED", "13": "ACCEPTD"}


#: 3GPP TS 23.038 §6.2.1 and §6.2.1.1.
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|", 0x65: "€"}


def gsm(octets):
    """A text in the GSM alphabet, one octet for each septet, as SMPP carries it."""
    text, septets = "", iter(octets)
    for septet in septets:
        text += EXTENSION[next(septets)] if septet == 0x1B else ALPHABET[septet]
    return text


class Centre:
    """Listens until it is closed; a context manager."""

    def __init__(self, port=0):
        self.lock = threading.Lock()
        self.received = []
        self.submitted = []
        self.tries = {}
        self.sessions = []
        #: What sends on each bound link.
        self.links = []
        #: The coding and the number of parts of each message, as `received` has them.
        self.codings = []
        self.count = int(time.time()) % 100_000 * 1000
        self.server = socket.create_server(("127.0.0.1", port))
        self.port = self.server.getsockname()[1]
        self.closed = False
        threading.Thread(target=self.listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """As if it was killed: the links break, and nobody listens."""
        self.closed = True
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for session in list(self.sessions):
            with contextlib.suppress(OSError):
                session.shutdown(socket.SHUT_RDWR)
            session.close()

    def say(self, number, text, to="10690000", known=True):
        """A phone sends a message: to Kannel, over the link that was bound last.

        `known`: whether the centre writes the sender's number as an international one (§5.2.5).
        """
        source = (b"\1\1" if known else b"\0\1") + number.encode() + b"\0"
        words = text.encode("utf-16-be")
        # A long one comes in parts of 67 units, each with a header (3GPP TS 23.040 §9.2.3.24.1).
        parts = [words] if len(words) <= 140 else [words[at : at + 134] for at in range(0, len(words), 134)]
        for place, part in enumerate(parts, 1):
            with self.lock:
                self.said = getattr(self, "said", 5000) + 1
            kind, header = (0x40, bytes([5, 0, 3, 77, len(parts), place])) if len(parts) > 1 else (0, b"")
            body = b"\0" + source + b"\1\1" + to.encode() + b"\0" + bytes([kind, 0, 0]) + b"\0\0"
            self.links[-1](DELIVER, OK, self.said, body + bytes([0, 0, 8, 0, len(header + part)]) + header + part)

    def messages(self, ending=None):
        """The messages that were taken, as pairs of number and text."""
        with self.lock:
            return [(to, text) for to, text in self.received if ending is None or to.endswith(ending)]

    def listen(self):
        while not self.closed:
            try:
                session, _ = self.server.accept()
            except OSError:
                return
            self.sessions.append(session)
            threading.Thread(target=self.serve, args=(session,), daemon=True).start()

    def serve(self, session):
        writing = threading.Lock()

        def send(command, status, sequence, body=b""):
            with writing, contextlib.suppress(OSError):
                session.sendall(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)

        try:
            while True:
                head = self.exactly(session, 16)
                length, command, _, sequence = struct.unpack(">IIII", head)
                body = self.exactly(session, length - 16)
                if command == BIND_TRANSCEIVER:
                    send(command | RESPONSE, OK, sequence, b"CENTRE\0")
                    self.links.append(send)
                elif command == SUBMIT:
                    self.submit(body, sequence, send)
                elif command == ENQUIRE:
                    send(command | RESPONSE, OK, sequence)
                elif command == UNBIND:
                    send(command | RESPONSE, OK, sequence)
                    return
        except (OSError, EOFError):
            pass
        finally:
            session.close()

    @staticmethod
    def exactly(session, count):
        data = b""
        while len(data) < count:
            piece = session.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    @staticmethod
    def fields(body):
        """The fields of a submit_sm that matter (§4.4.1): source, destination, class, coding, text."""

        def text(at):
            end = body.index(0, at)
            return body[at:end], end + 1

        _, at = text(0)
        source, at = text(at + 2)
        destination, at = text(at + 2)
        kind = body[at]
        at += 3
        _, at = text(at)
        _, at = text(at)
        wanted, coding, length = body[at], body[at + 2], body[at + 4]
        return source, destination, kind, wanted, coding, body[at + 5 : at + 5 + length]

    def submit(self, body, sequence, send):
        source, destination, kind, wanted, coding, message = self.fields(body)
        number = destination.decode()
        ending = number[-2:] if number[-4:-2] in CHOOSING else "00"
        with self.lock:
            key = (number, message)
            self.tries[key] = self.tries.get(key, 0) + 1
            self.submitted.append(number)
            refusal = {
                "04": INVALID_NUMBER, "10": QUEUE_FULL, "11": SYSTEM_ERROR,
                "05": THROTTLED if self.tries[key] <= 2 else None,
            }.get(ending)  # fmt: skip
            if refusal is None:
                self.count += 1
                # A part of a long message begins with a header of its own (3GPP TS 23.040 §9.2.3.24).
                plain = message[message[0] + 1 :] if kind & 0x40 else message
                part = message[5] if kind & 0x40 else 1
                text = plain.decode("utf-16-be") if coding == 8 else gsm(plain)
                if part == 1:
                    self.received.append((number, text))
                    self.codings.append((coding, 1))
                else:
                    at = max(i for i, (to, _) in enumerate(self.received) if to == number)
                    self.received[at] = (number, self.received[at][1] + text)
                    self.codings[at] = (coding, part)
                name = f"{self.count:010d}"
        if refusal is not None:
            return send(SUBMIT | RESPONSE, refusal, sequence, b"\0")
        send(SUBMIT | RESPONSE, OK, sequence, name.encode() + b"\0")
        if not wanted & 1 or ending == "06":
            return
        states = ["ENROUTE", "DELIVRD"] if ending == "08" else [STATES.get(ending, "DELIVRD")]
        if ending == "07":
            states *= 2
        threading.Thread(target=self.report, args=(name, source, destination, states, send), daemon=True).start()

    def report(self, name, source, destination, states, send):
        for number, state in enumerate(states):
            time.sleep(0.05 if number == 0 else 0.5)
            error = "000" if state == "DELIVRD" else "042"
            day = time.strftime("%y%m%d%H%M")
            text = f"id:{name} sub:001 dlvrd:001 submit date:{day} done date:{day} stat:{state} err:{error} text:".encode()
            body = (
                b"\0\1\1" + destination + b"\0\1\1" + source + b"\0" + bytes([4, 0, 0]) + b"\0\0" + bytes([0, 0, 0, 0, len(text)]) + text
            )
            send(DELIVER, OK, 1 + number, body)
