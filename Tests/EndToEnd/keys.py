"""The texts that the suite's names and secrets have, written a second time from their description and nothing else.

Gateways' keys: `Shared/Links/GatewayKeyText.swift`. Tracking codes: `Shared/Models/Complaints/TrackingCode.swift`.
Links' handles: `Shared/Links/LinkKey.swift`. Numbers' handles: `Shared/Links/NumberKey.swift`.
"""

import base64
import csv
import datetime
import hashlib
import hmac
import random
import secrets
import zlib

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
WORD = "abdeimoru"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def base62(number, width):
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    assert number == 0
    return "".join(reversed(digits))


class Key:
    """A gateway's key: what its holder sends, and what the registry knows of it."""

    def __init__(self):
        body = "dayu_" + base62(int.from_bytes(secrets.token_bytes(32), "big"), 43)
        self.text = body + base62(zlib.crc32(body.encode()), 6)

    @property
    def sha256(self):
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.text}"}


def word():
    """Stands in a text that is looked for later. It has only letters: random digits now and then look like a phone's
    number, and "fb" like the word before an account's name, and the site hides both.
    """
    return "".join(secrets.choice(WORD) for _ in range(16))


def tracking_code(chance=random):
    """Of a complaint that nobody made yet; as it stands in keys."""
    value = chance.getrandbits(60)
    while value % 37 >= 32:
        value = chance.getrandbits(60)
    return written(value)


def written(value):
    return "".join(CROCKFORD[value >> shift & 31] for shift in range(55, -1, -5)) + CROCKFORD[value % 37]


def compact(code):
    """A tracking code as it stands in keys and addresses."""
    return code.replace("-", "")


def handle(secret, message):
    """128 bits of an HMAC in base64url, 22 characters."""
    return base64.urlsafe_b64encode(hmac.digest(secret, message.encode(), "sha256")[:16]).decode().rstrip("=")


def link_handle(secret, code, actor, expires_at):
    """`expires_at` as in JSON, such as 2026-08-20T00:00:00.000Z."""
    moment = datetime.datetime.fromisoformat(expires_at.replace("Z", "+00:00"))
    parts = ["dayu link", compact(code), actor["role"], actor.get("id") or "", str(round(moment.timestamp()) * 1000)]
    return handle(secret, "\n".join(parts))


class Table:
    """A CSV table of a registry's folder, to be changed as an operator would change it."""

    def __init__(self, folder, name):
        self.path = folder / f"{name}.csv"

    def read(self):
        with open(self.path, newline="") as file:
            reader = csv.DictReader(file)
            return reader.fieldnames, list(reader)

    @property
    def rows(self):
        return self.read()[1]

    def write(self, rows):
        fields, _ = self.read()
        with open(self.path, "w", newline="") as file:
            writer = csv.DictWriter(file, fields, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def add(self, **row):
        self.write(self.rows + [row])

    def change(self, key, **fields):
        """The row whose first column is the key."""
        columns, rows = self.read()
        (row,) = [row for row in rows if row[columns[0]] == key]
        row |= fields
        self.write(rows)


def add_gateway(folder, name, scopes, channel="app", **more):
    """A gateway in the registry's folder, with a key; returns the key."""
    Table(folder, "gateways").add(
        id=name, name=f"{name}（样例）", name_en=name, channel=channel, scopes=" ".join(scopes), **more
    )
    key = Key()
    add_key(folder, name, key)
    return key


def add_key(folder, gateway, key, until=""):
    Table(folder, "gateway-keys").add(gateway=gateway, key_sha256=key.sha256, valid_until=until)


def remove_key(folder, key):
    table = Table(folder, "gateway-keys")
    table.write([row for row in table.rows if row["key_sha256"] != key.sha256])


def code_of(identity):
    """The tracking code of a complaint's id; `Services/Intake/Reception/ComplaintID.swift`."""
    digest = hashlib.sha256(f"dayu tracking code\n{identity.lower()}".encode()).digest()
    value = int.from_bytes(digest[:8], "big") >> 4
    if value % 37 >= 32:
        value += -5 if value >= 5 else 5
    return written(value)


def partition(key, count):
    """Where a key's records lie: the Java client's murmur2 of the part before the first slash."""
    data = key.partition("/")[0].encode()
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    hashed = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for index in range(0, whole, 4):
        k = int.from_bytes(data[index : index + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        hashed = hashed * m & mask ^ k
    if rest := data[whole:]:
        hashed = (hashed ^ int.from_bytes(rest, "little")) * m & mask
    hashed = (hashed ^ hashed >> 13) * m & mask
    return ((hashed ^ hashed >> 15) & 0x7FFFFFFF) % count
