#!/usr/bin/env python3
"""What two hundred clients of the page do to measuring.

    load.py BINARY [SECONDS [RECORD]]

A daemon with targets on loopback alone measures for a while without clients, then for as long
with 200: 100 have the live page open, 60 ask for the status each second, 30 load the page and
the history anew every two seconds, of any length up to five years, and 10 take nothing of what they
ask for.  Prints JSON: for both times the probes that were due, those that were not sent or lost, the
delay, and how far sending was from the schedule; and what clients were answered, histories after how
long.  A RECORD, as history.py leaves one, is gone on with.  Needs the right to send ICMP.
"""

import asyncio
import csv
import io
import json
import math
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bed import on_loopback

PORT = 18420
NAMES = ["one", "two", "three", "four", "five", "six"]
CONFIG = on_loopback(PORT) + "".join(
    f'\n[[target]]\nname = "{name}"\naddress = "127.0.0.{number}"\nrole = "service"\nkind = "icmp"\ninterval = "1s"\n'
    for number, name in enumerate(NAMES, 2))

# Opening the file, the first minute's commit and the sockets.
SETTLE = 10
HISTORY_MS = []
KINDS = ["stream"] * 100 + ["status"] * 60 + ["page"] * 30 + ["hung"] * 10


def main():
    binary = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 60
    with tempfile.TemporaryDirectory() as folder:
        config, record = Path(folder) / "linkmon.toml", Path(folder) / "linkmon.db"
        config.write_text(CONFIG)
        if len(sys.argv) > 3:
            shutil.copyfile(sys.argv[3], record)
        daemon = subprocess.Popen([binary, "--config", config, "--db", record, "run"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(SETTLE)
            calm = time.time()
            calm_use = processor_time(daemon.pid)
            time.sleep(seconds)
            loaded = time.time()
            loaded_use = processor_time(daemon.pid)
            answers = asyncio.run(clients(seconds))
            end = time.time()
            end_use = processor_time(daemon.pid)
            memory = memory_of(daemon.pid)
        finally:
            daemon.terminate()
            daemon.wait()
        rows = probes(binary, config, record)
    print(json.dumps({
        "calm": measured(rows, calm, loaded, loaded_use - calm_use),
        "with_200_clients": measured(rows, loaded, end, end_use - loaded_use),
        "answers": answers, "history_ms": spread(HISTORY_MS), "memory_kib": memory,
    }, indent=1))


async def clients(seconds):
    counts = {}

    def count(kind, what):
        counts[f"{kind} {what}"] = counts.get(f"{kind} {what}", 0) + 1

    end = time.monotonic() + seconds
    await asyncio.gather(*(client(kind, end, count) for kind in KINDS))
    return dict(sorted(counts.items()))


async def client(kind, end, count):
    try:
        await asyncio.wait_for(visit(kind, end, count), end - time.monotonic())
    except TimeoutError:
        pass
    except OSError as problem:
        count(kind, type(problem).__name__)


async def visit(kind, end, count):
    while time.monotonic() < end:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 22)
        try:
            match kind:
                case "stream":
                    ask(writer, "/api/v1/events")
                    count(kind, await head(reader))
                    while line := await reader.readline():
                        if line.startswith(b"data:"):
                            count(kind, "events")
                case "hung":
                    ask(writer, "/")
                    ask(writer, "/api/v1/events")
                    await asyncio.sleep(end - time.monotonic())
                case "status":
                    ask(writer, "/api/v1/status", close=True)
                    count(kind, await head(reader))
                    await reader.read()
                    await asyncio.sleep(1)
                case "page":
                    ask(writer, "/", close=True)
                    count(kind, await head(reader))
                    await reader.read()
                    await history(end, count)
                    await asyncio.sleep(2)
        except (asyncio.IncompleteReadError, IndexError):
            count(kind, "closed")
            await asyncio.sleep(1)
        finally:
            writer.close()


async def history(end, count):
    """What a page asks for of the last time, or of some other that it was zoomed to."""
    length = math.exp(random.uniform(math.log(3600), math.log(5 * 365 * 86400)))
    to = time.time() - random.choice([0, random.uniform(0, 5 * 365 * 86400 - length)])
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT, limit=1 << 22)
    try:
        start = time.monotonic()
        ask(writer, f"/api/v1/history?from={round((to - length) * 1000)}&to={round(to * 1000)}&columns=800", close=True)
        count("history", await head(reader))
        await reader.read()
        HISTORY_MS.append((time.monotonic() - start) * 1000)
    finally:
        writer.close()


def ask(writer, path, close=False):
    connection = "close" if close else "keep-alive"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost:{PORT}\r\nAccept-Encoding: gzip\r\n"
                 f"Connection: {connection}\r\n\r\n".encode())


async def head(reader):
    text = await reader.readuntil(b"\r\n\r\n")
    return text.split(b" ")[1].decode()


def probes(binary, config, record):
    table = subprocess.run(
        [binary, "--config", config, "--db", record, "report", "--since", "1h", "--format", "csv",
         "--what", "probes"], check=True, capture_output=True, text=True).stdout
    return list(csv.DictReader(io.StringIO(table)))


def measured(rows, start, end, used):
    from datetime import datetime
    delays, offsets, results, sent = [], [], {}, {}
    for row in rows:
        at = datetime.fromisoformat(row["time"].replace("Z", "+00:00")).timestamp()
        if not start + 1 <= at < end - 4:
            continue
        results[row["result"]] = results.get(row["result"], 0) + 1
        sent.setdefault(row["target"], []).append(at)
        if row["rtt_ms"]:
            delays.append(float(row["rtt_ms"]) * 1000)
    for times in sent.values():
        times.sort()
        offsets += [abs(b - a - 1) * 1e6 for a, b in zip(times, times[1:])]
    due = round((end - start - 5)) * len(NAMES)
    return {
        "due": due, "results": results, "rtt_us": spread(delays),
        "interval_error_us": spread(offsets),
        "longest_interval_s": round(1 + max(offsets, default=0) / 1e6, 3),
        "processor_percent": round(100 * used / (end - start), 1),
    }


def spread(values):
    values = sorted(values)
    if not values:
        return None
    return {name: round(values[min(len(values) - 1, int(len(values) * part))], 1)
            for name, part in [("median", .5), ("p99", .99), ("max", 1)]}


def processor_time(pid):
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / 100


def memory_of(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])


if __name__ == "__main__":
    main()
