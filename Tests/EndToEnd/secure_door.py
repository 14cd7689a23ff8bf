"""TLS in front of a broker that has none, for clients with a certificate or a password; and certificates."""

import json
import pathlib
import socket
import subprocess
import sys

from brokers import PATIENCE
from waiting import free_port, wait_until


class Certificates:
    """An authority, and what it issued: `NAME.pem` and `NAME.key` in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.authority = self.folder / "authority.pem"
        self._make("authority", "-x509", "-days", "2", "-out", self.authority)

    def issue(self, name, places="IP:127.0.0.1"):
        """A certificate for a client, or for a server at these places; its two files."""
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        self._make(
            name, "-x509", "-CA", self.authority, "-CAkey", self.folder / "authority.key", "-days", "2", "-out", files[0],
            "-addext", f"subjectAltName={places}", "-addext", "basicConstraints=critical,CA:FALSE",
        )  # fmt: skip
        return files

    def _make(self, name, *how):
        command = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        command += ["-keyout", self.folder / f"{name}.key", "-subj", f"/CN={name}", *how]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


class SecureDoor:
    """A second way to a broker: by TLS, for clients with a certificate of the authority; a context manager.

    With `passwords` (by user) it asks for no certificate, but for SASL/SCRAM-SHA-512.
    """

    def __init__(self, broker, certificates, passwords=None):
        self.broker, self.certificates, self.passwords = broker, certificates, passwords
        self.port = free_port()
        self.kafka = f"127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        self.certificates.issue("broker")
        if self.passwords:
            (self.certificates.folder / "passwords.json").write_text(json.dumps(self.passwords))
        command = [sys.executable, "-B", PATIENCE, str(self.port), str(self.broker.inner), self.certificates.folder]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the door is open", lambda: socket.socket().connect_ex(("127.0.0.1", self.port)) == 0, 30)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def settings(self, name):
        """What the client `name` sets to come in, but for its password, which is a secret."""
        if self.passwords:
            return {
                "DAYU_KAFKA": self.kafka,
                "KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
                "KAFKA_SSL_CA_LOCATION": str(self.certificates.authority),
                "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
                "KAFKA_SASL_USERNAME": name,
            }
        certificate, key = self.certificates.issue(name)
        return {
            "DAYU_KAFKA": self.kafka,
            "KAFKA_SECURITY_PROTOCOL": "ssl",
            "KAFKA_SSL_CA_LOCATION": str(self.certificates.authority),
            "KAFKA_SSL_CERTIFICATE_LOCATION": str(certificate),
            "KAFKA_SSL_KEY_LOCATION": str(key),
        }
