#!/usr/bin/env python3
"""A board without a battery clock, at real speed: a power cut, a start with a wrong clock, a drop, NTP.

    clock.py BINARY

The clock of this machine is not touched.  linkmon runs under qemu-user, whose clock libfaketime
sets (packages qemu-user and libfaketime); the second boot has a boot clock and a boot ID of its
own (a time and a mount namespace).  Plays a clock that is 20 minutes late, and one in 1970, each
set after a drop of 12 s, and a start in the same boot with the clock put back.  Prints a JSON line
for each, and fails if a drop is not where it was.  Needs root; about four minutes each.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import bed

FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"

# The first commit, and two answers of each web check.
FIRST_LIFE = 70

OTHER_BOOT = "00000000-0000-4000-8000-00000000000b"


def main():
    binary = Path(sys.argv[1]).resolve()
    failed = False
    with bed.test_bed("clock"):
        for name, offset, new_boot in (("late", "-1200", True), ("1970", "-20786d", True),
                                       ("same boot", "-1200", False)):
            found = play(binary, offset, new_boot)
            print(json.dumps({"case": name, **found}), flush=True)
            failed |= not found["right"]
    sys.exit(failed)


def play(binary, offset, new_boot):
    with tempfile.TemporaryDirectory() as directory:
        board = Board(binary, Path(directory))
        board.sets_clock("+0")
        with board.running(new_boot=False):
            time.sleep(FIRST_LIFE)
            board.loses_power()
        time.sleep(20)
        board.sets_clock(offset)
        with board.running(new_boot):
            time.sleep(25)
            began = set_line("blackhole=on")
            time.sleep(12)
            ended = set_line("blackhole=default")
            time.sleep(15)
            before = board.reads("drops", "--since", "1d")
            board.sets_clock("+0")
            time.sleep(75)
        return board.verdict(began, ended, before)


def set_line(how):
    subprocess.run([bed.TESTBED, "set", "line", how], check=True)
    return time.time()


class Board:
    """A host in the test-bed's home with a clock of its own."""

    def __init__(self, binary, directory):
        self.binary = binary
        self.directory = directory
        self.clock = directory / "clock"
        self.database = directory / "linkmon.db"
        configuration = directory / "linkmon.toml"
        # qemu has no sockets with kernel time stamps.
        configuration.write_text('[probe]\nengine = "portable"\n[web]\nenabled = false\n')
        (directory / "boot_id").write_text(OTHER_BOOT + "\n")
        self.files = ("--db", self.database, "--config", configuration)

    def sets_clock(self, offset):
        self.clock.write_text(offset + "\n")

    @contextmanager
    def running(self, new_boot):
        environment = {**os.environ, "FAKETIME_TIMESTAMP_FILE": str(self.clock),
                       "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR"):
            environment.pop(name, None)
        linkmon = ("env", f"LD_PRELOAD={FAKETIME}", "qemu-x86_64", "-U", "LD_PRELOAD", self.binary,
                   *self.files, "run")
        boot = ()
        if new_boot:
            uptime = int(time.clock_gettime(time.CLOCK_BOOTTIME)) - 10
            script = 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"'
            boot = ("unshare", "--mount", "--time", "--fork", "--kill-child", f"--boottime=-{uptime}",
                    f"--monotonic=-{uptime}", "sh", "-c", script, self.directory / "boot_id")
        with open(self.directory / "log", "ab") as log, bed.in_home(
                *boot, *linkmon, stdout=log, stderr=log, env=environment):
            yield
            self.ends(signal.SIGTERM)

    def ends(self, how):
        """Ends linkmon itself, not what it runs in."""
        try:
            pid = int(Path(f"{self.database}.lock").read_text().split()[0])
            os.kill(pid, how)
            for _ in range(100):
                os.kill(pid, 0)
                time.sleep(0.1)
        except (ProcessLookupError, FileNotFoundError):
            pass

    def loses_power(self):
        self.ends(signal.SIGKILL)

    def reads(self, *command):
        return subprocess.run([self.binary, *self.files, *command], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def verdict(self, began, ended, before):
        report = json.loads(self.reads("report", "--since", "1d", "--format", "json"))
        edges = [[unix(drop[edge]) for edge in
                  ("onset_earliest", "onset_latest", "end_earliest", "end_latest")]
                 for drop in report["drops"]]
        # The packets that were on their way, and the time that the command took.
        slack = 0.5
        right = len(edges) == 1 and (
            edges[0][0] - slack <= began <= edges[0][1] + slack
            and edges[0][2] - slack <= ended <= edges[0][3] + slack)
        oldest = self.reads("sql", "SELECT min(started_us)/1000000 FROM run", "--format", "csv")
        right = right and time.time() - int(oldest.split()[-1]) < 3600
        right = right and report["clock"]["provisional"] == [] and report["clock"]["dated"] != []
        return {"right": right, "began": began, "ended": ended, "drops": edges,
                "clock": report["clock"], "before it was set": before.splitlines()[1:2]}


def unix(text):
    return datetime.fromisoformat(text).timestamp()


if __name__ == "__main__":
    main()
