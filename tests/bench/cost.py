#!/usr/bin/env python3
"""What a run of linkmon costs, next to fping asking the same six targets at the same time.

    cost.py BINARY [SECONDS]

Both run in the test-bed, with six ICMP targets once a second; linkmon stores and judges as
well.  Prints JSON: processor time, context switches and memory of both, the ratios, and what
linkmon stores and writes a probe.  Needs root and fping.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import bed

# With the IPv6 route gone, linkmon asks the same six targets as fping, and nothing else.
SIX_TARGETS = "[discover]\nhttp = false\ndns = false\n"

# The first commits make the file; what a probe costs is counted from here on.
SETTLE = 65


def main():
    binary = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 600
    with bed.test_bed("cost"), bed.fresh_linkmon(binary, SIX_TARGETS) as linkmon:
        with bed.in_home("ip", "-6", "route", "del", "default") as command:
            command.wait()
        print(json.dumps(measure(linkmon, seconds), indent=1))


def measure(linkmon, seconds):
    with bed.in_home("fping", "-l", "-p", "1000", *bed.ICMP_TARGETS,
                     stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as fping, \
            linkmon.running() as daemon:
        time.sleep(SETTLE)
        before = [use(fping.pid), use(daemon.pid)]
        pages_before = used_bytes(linkmon)
        time.sleep(seconds)
        after = [use(fping.pid), use(daemon.pid)]
        pages_after = used_bytes(linkmon)
        memory = [memory_of(fping.pid), memory_of(daemon.pid)]
    probes = seconds * len(bed.ICMP_TARGETS)
    rows = [{name: round((b[name] - a[name]) / probes * 1000, 3) for name in a}
            for a, b in zip(before, after)]
    written = rows[1].pop("written_bytes")
    rows[0].pop("written_bytes")
    return {
        "seconds": seconds, "probes": probes,
        "per_1000_probes": {"fping": rows[0], "linkmon": rows[1]},
        "ratio_to_fping": {name: round(rows[1][name] / rows[0][name], 3)
                           for name in rows[0] if rows[0][name]},
        "memory_kib": {"fping": memory[0], "linkmon": memory[1]},
        "stored_bytes_a_probe": round((pages_after - pages_before) / probes, 3),
        "written_bytes_a_probe": round(written / 1000, 1),
    }


def use(pid):
    """What a process has used so far, all its threads included."""
    clock = (~pid << 3) | 2          # the kernel's name of a process's CPU clock
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    switches = [int(line.split()[1]) for task in Path(f"/proc/{pid}/task").iterdir()
                for line in (task / "status").read_text().splitlines() if "ctxt_switches" in line]
    written = next(int(line.split()[1]) for line in Path(f"/proc/{pid}/io").read_text().splitlines()
                   if line.startswith("write_bytes"))
    return {"cpu_ms": time.clock_gettime(clock) * 1000, "user_ms": int(fields[11]) * tick,
            "system_ms": int(fields[12]) * tick, "context_switches": sum(switches),
            "written_bytes": written}


def memory_of(pid):
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return {name: int(status[name].split()[0]) for name in ("VmRSS", "VmHWM", "RssAnon")}


def used_bytes(linkmon):
    """Pages of the database in use, free ones of the reserve not among them."""
    with linkmon.reading() as database:
        pages, free, size = (database.execute(f"PRAGMA {name}").fetchone()[0]
                             for name in ("page_count", "freelist_count", "page_size"))
    return (pages - free) * size


if __name__ == "__main__":
    main()
