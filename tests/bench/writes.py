#!/usr/bin/env python3
"""What a day of the writer costs its disk and the processor: six targets at 1 Hz, a commit a minute.

    writes.py [HOURS]

The clock is simulated and runs at full speed; each 30 simulated seconds the file system is synced,
as the kernel does by itself in that time.  The database lies on an ext4 of its own, whose block
device counts what reaches it; strace counts the calls, by file.  Beside it, in the same run, a
table with a row for each probe, an index and a commit a minute as well.  Hour 1 (the making of the
file and its reserve) is measured apart and taken off.  Prints JSON, a day each.  Needs root and
strace.
"""

import collections
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WHO = {"linkmon": "the_writer_lives_for_hours", "row_per_probe": "a_naive_table_lives_for_hours"}
CALL = re.compile(r"(pwrite64|write|fsync|fdatasync|ftruncate)\((\d+)<([^>]*)>.*= (\d+)$")


def main():
    hours = int(sys.argv[1]) if len(sys.argv) > 1 else 24
    binary = built()
    result = {"hours": hours}
    for name, test in WHO.items():
        first, all_of_it = (measured(binary, test, h) for h in (1, 1 + hours))
        per_day = {key: round((all_of_it[key] - first.get(key, 0)) * 24 / hours, 3)
                   for key in all_of_it}
        result[name] = dict(sorted(per_day.items()))
    ours, naive = result["linkmon"], result["row_per_probe"]
    result["ratio_to_row_per_probe"] = {
        "cpu": round(ours["cpu_s"] / naive["cpu_s"], 3),
        # Without the tail of each second, which saves from a kill and has no equal there.
        "cpu_of_commits": round(ours["cpu_of_commits_s"] / naive["cpu_s"], 3),
        "device_mb": round(ours["device_mb"] / naive["device_mb"], 3),
    }
    print(json.dumps(result, indent=1))


def built():
    command = ["cargo", "test", "--release", "--lib", "--no-run", "--message-format=json"]
    said = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in said.splitlines()]
    return next(m["executable"] for m in messages if m.get("executable"))


def measured(binary, test, hours):
    """Twice: counted at the device without a tracer, then by call with one."""
    found = {}
    with file_system() as (place, device):
        before = sectors(device)
        said = run([], binary, test, hours, place)
        subprocess.run(["sync", "-f", place], check=True)
        after = sectors(device)
        found.update((name, float(value)) for name, value in re.findall(r"(cpu\w*_s) ([\d.]+)", said))
        found["device_mb"] = (after[1] - before[1]) * 512 / 1e6
        found["device_writes"] = after[0] - before[0]
    with file_system() as (place, _), tempfile.NamedTemporaryFile("r") as log:
        tracer = ["strace", "-f", "-y", "-o", log.name,
                  "-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate"]
        run(tracer, binary, test, hours, place)
        found.update(calls(log, place))
    return found


def run(tracer, binary, test, hours, place):
    command = [*tracer, binary, "--ignored", "--nocapture", "--exact", f"store::tests::measure::{test}"]
    environment = {**os.environ, "LINKMON_HOURS": str(hours), "LINKMON_PLACE": place}
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True,
                          stdout=subprocess.PIPE, text=True)
    return done.stdout


def calls(log, place):
    found = collections.Counter()
    for line in log:
        call = CALL.search(line)
        if not call or not call[3].startswith(place):
            continue
        kind, path, result = call[1], call[3], int(call[4])
        part = "wal" if path.endswith("-wal") else "database" if path.endswith(".db") else "other"
        if kind in ("pwrite64", "write"):
            found[f"{part}_mb"] += result / 1e6
        elif kind in ("fsync", "fdatasync"):
            found[f"{kind}s_of_{part}"] += 1
            found["fsyncs"] += 1
    return found


class file_system:
    """An ext4 on a loop device in memory, and the name of that device."""

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory(dir="/dev/shm")
        image, self.place = f"{self.home.name}/image", f"{self.home.name}/mounted"
        os.mkdir(self.place)
        with open(image, "wb") as file:
            file.truncate(1 << 30)
        subprocess.run(["mkfs.ext4", "-q", image], check=True)
        subprocess.run(["mount", "-o", "loop,noatime", image, self.place], check=True)
        source = subprocess.run(["findmnt", "-no", "SOURCE", self.place], check=True,
                                stdout=subprocess.PIPE, text=True).stdout.strip()
        # What mkfs left to be done later is done before it counts.
        subprocess.run(["sync", "-f", self.place], check=True)
        return self.place, Path(source).name

    def __exit__(self, *_):
        subprocess.run(["umount", self.place], check=True)
        self.home.cleanup()


def sectors(device):
    """Writes completed, and sectors of 512 bytes written."""
    fields = Path(f"/sys/block/{device}/stat").read_text().split()
    return int(fields[4]), int(fields[6])


if __name__ == "__main__":
    main()
