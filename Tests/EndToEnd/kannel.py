"""Kannel's bearerbox and smsbox, with a link to a message centre of ours."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import requests

from waiting import free_port, wait_until

CONFIGURATION = """
group = core
admin-port = {admin}
admin-interface = "127.0.0.1"
admin-password = admin
status-password = status
smsbox-port = {box}
smsbox-interface = "127.0.0.1"
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 1
store-type = file
store-location = "{folder}/store"
store-dump-freq = 1
dlr-storage = spool
dlr-spool = "{folder}/dlr"
sms-resend-freq = 1
sms-resend-retry = 3
http-timeout = 10

group = smsc
smsc = smpp
smsc-id = CENTRE
host = 127.0.0.1
port = {centre}
transceiver-mode = true
smsc-username = dayu
smsc-password = secret
system-type = ""
interface-version = 34
address-range = ""
dest-addr-ton = 1
dest-addr-npi = 1
enquire-link-interval = 5
reconnect-delay = 1
throughput = 200

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-interface = "127.0.0.1"
sendsms-port = {send}
sendsms-chars = "0123456789 +"
global-sender = 10690000
log-file = "{folder}/smsbox.log"
log-level = 1
http-request-retry = 10
http-queue-delay = 1
mo-recode = {recode}

group = sendsms-user
username = dayu
password = secret
max-messages = 10
concatenation = true
"""

#: As the handbook has it; the address is that of `dayu sms address kannel-1 --messages`.
SERVICE = """
group = sms-service
keyword = default
catch-all = true
max-messages = 0
omit-empty = true
get-url = "{messages}"
"""


def missing():
    """Why Kannel can't be run here; nil where it can."""
    lacking = [name for name in ("bearerbox", "smsbox") if not find(name)]
    return f"Kannel is not installed: no {', '.join(lacking)} (Debian's package kannel)" if lacking else None


def find(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")


class Kannel:
    """A context manager that ends what it started."""

    def __init__(self, folder, centre_port, messages, recode=True):
        """`messages`: the address to which it hands over what phones send. `recode`: whether in UTF-8."""
        self.folder = pathlib.Path(folder)
        (self.folder / "dlr").mkdir(parents=True)
        self.ports = {name: free_port() for name in ("admin", "box", "send")}
        self.configuration = self.folder / "kannel.conf"
        values = dict(self.ports, folder=self.folder, centre=centre_port, recode=str(recode).lower())
        text = CONFIGURATION.format(**values) + SERVICE.format(messages=messages)
        self.configuration.write_text(text)
        self.url = f"http://127.0.0.1:{self.ports['send']}/cgi-bin/sendsms"
        self.health = f"http://127.0.0.1:{self.ports['admin']}/status.txt?password=status"
        self.processes = {}

    def __enter__(self):
        self.start("bearerbox")
        wait_until("bearerbox listens", self.listens(self.health))
        self.start("smsbox")
        wait_until("smsbox listens", self.listens(self.url))
        wait_until("the link is up", self.is_online)
        return self

    def __exit__(self, *_):
        for name in ("smsbox", "bearerbox"):
            self.kill(name)

    def start(self, name):
        log = open(self.folder / f"{name}.out", "ab")
        self.processes[name] = subprocess.Popen(
            [find(name), "-v", "4", str(self.configuration)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        log.close()

    def kill(self, name, number=signal.SIGKILL):
        """The whole group: a smsbox whose bearerbox is gone starts itself anew under another id."""
        process = self.processes.pop(name, None)
        if process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            process.wait(timeout=20)

    def restart(self, name):
        """As a supervisor does, which also starts a smsbox that ended because its bearerbox was gone."""
        self.kill(name)
        self.start(name)

        def works():
            if self.processes["smsbox"].poll() is not None:
                self.start("smsbox")
            return self.listens(self.url)() and self.is_online()

        wait_until("Kannel works again", works, 120)

    @staticmethod
    def listens(url):
        def asked():
            try:
                return requests.get(url, timeout=2)
            except requests.ConnectionError:
                return None

        return lambda: asked() is not None

    def is_online(self):
        try:
            return "online" in requests.get(self.health, timeout=2).text
        except requests.ConnectionError:
            return False
