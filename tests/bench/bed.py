"""A test-bed and programs in its home, for the measuring scripts next to this file."""

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

TESTBED = Path(__file__).resolve().parent.parent / "testbed/testbed"
ICMP_TARGETS = ("192.168.1.1", "192.168.100.1", "203.0.113.1", "1.1.1.1", "8.8.8.8", "9.9.9.9")


@contextmanager
def test_bed(name):
    """A test-bed under this name; taken down at the end, also after ^C and SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    os.environ["TESTBED_NAME"] = name
    subprocess.run([TESTBED, "up"], check=True)
    try:
        yield
    finally:
        subprocess.run([TESTBED, "down"], check=True)


@contextmanager
def in_home(*argv, **options):
    """A program in home; `testbed exec` becomes that program, so its pid is the child's."""
    process = subprocess.Popen([TESTBED, "exec", "home", "--", *map(str, argv)],
                               stdin=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        stop(process)


def stop(process):
    """End a child with SIGTERM, if need be with SIGKILL; its exit status."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


@contextmanager
def busy_loops(count):
    """Children that only burn processor time."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


class Linkmon:
    """A daemon in home with a database in a directory of its own."""

    def __init__(self, binary, directory, runtime_directory, configuration):
        self.binary = Path(binary).resolve()
        self.database = Path(directory, "linkmon.db")
        self.configuration = Path(directory, "linkmon.toml")
        self.log = Path(directory, "log")
        self.configuration.write_text(configuration)
        self.environment = {name: value for name, value in os.environ.items()
                            if name not in ("STATE_DIRECTORY", "XDG_RUNTIME_DIR")}
        self.environment["RUNTIME_DIRECTORY"] = str(runtime_directory)

    def files(self):
        return ("--db", self.database, "--config", self.configuration)

    @contextmanager
    def running(self):
        """Runs from here on; yields the process when gateway, modem, ISP and the three anchors have answered."""
        with open(self.log, "ab") as log, in_home(
                self.binary, *self.files(), "run", stdout=subprocess.DEVNULL, stderr=log,
                env=self.environment) as process:
            deadline = time.monotonic() + 40
            while not self.all_answer():
                if process.poll() is not None or time.monotonic() > deadline:
                    sys.exit(f"linkmon does not measure:\n{self.log.read_text()}")
                time.sleep(0.5)
            yield process

    def all_answer(self):
        report = subprocess.run([self.binary, *self.files(), "report", "--since", "1h", "--format", "json"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self.environment)
        if report.returncode:
            return False
        answered = {row["address"] for row in json.loads(report.stdout)["targets"] if row["sent"] > row["lost"]}
        return answered.issuperset(ICMP_TARGETS)

    def samples(self):
        """[(Unix time of sending, address, RTT in us or None)] of ICMP, as the last hour's view has them."""
        with self.reading() as database:
            return database.execute("""
                SELECT s.time_ms / 1000.0, t.address, round(s.rtt_ms * 1000)
                FROM v_sample_last_hour s JOIN target t ON t.name = s.target
                WHERE t.kind = 'icmp' ORDER BY 1""").fetchall()

    @contextmanager
    def reading(self):
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            yield database
        finally:
            database.close()


@contextmanager
def fresh_linkmon(binary, configuration=""):
    # As a service has them: the database on disk, the open minute in memory.
    with tempfile.TemporaryDirectory() as directory, tempfile.TemporaryDirectory(dir="/dev/shm") as volatile:
        yield Linkmon(binary, directory, volatile, configuration)


def quantile(values, share):
    """The nearest-rank quantile of sorted values."""
    return values[max(0, math.ceil(share * len(values)) - 1)]


def on_loopback(port):
    """A configuration that looks for no target, keeps everything and serves its page on this port."""
    return f"""
[discover]
gateway = false
modem = false
isp-hop = false
anchors = false
http = false
dns = false

[storage]
max-size = "1024GiB"
keep-samples = "36500d"
keep-minutes = "36500d"

[web]
listen = "127.0.0.1:{port}"
"""
