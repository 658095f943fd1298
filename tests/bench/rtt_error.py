#!/usr/bin/env python3
"""How far linkmon's stored RTTs are from those of the packets.

    rtt_error.py BINARY [SECONDS]

In the test-bed, tcpdump takes the kernel's time of every echo request and reply on home's
interface; the RTTs in the database are compared with them, first on an idle machine, then
with two busy loops.  Prints a JSON line for each.  Needs root and tcpdump.
"""

import ipaddress
import json
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import bed

# A stored send time is that of the slot when the probe left at most 5 ms after it.
SAME_PROBE = 0.006


def main():
    binary = sys.argv[1]
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 120
    with bed.test_bed("rtt-error"):
        for loops in (0, 2):
            print(json.dumps({"busy_loops": loops, **measure(binary, seconds, loops)}), flush=True)


def measure(binary, seconds, loops):
    with bed.fresh_linkmon(binary) as linkmon, tempfile.TemporaryDirectory() as directory:
        capture = Path(directory, "capture.pcap")
        with capturing(capture), bed.busy_loops(loops), linkmon.running():
            began = time.time()
            time.sleep(seconds)
            ended = time.time()
        packets = [p for p in round_trips(capture) if began < p[0] < ended - 3]
        return compare(packets, linkmon.samples())


@contextmanager
def capturing(path):
    with open(path.with_suffix(".err"), "wb") as messages, bed.in_home(
            "tcpdump", "-i", "lan0", "-n", "-U", "-s", "128", "--time-stamp-precision=nano", "-w", path,
            "icmp or icmp6", stderr=messages):
        deadline = time.monotonic() + 10
        while b"listening" not in path.with_suffix(".err").read_bytes():
            if time.monotonic() > deadline:
                sys.exit("tcpdump does not listen")
            time.sleep(0.05)
        yield


def round_trips(path):
    """[(time of the request, address, RTT in us)] of the answered echo requests in a capture."""
    waiting, result = {}, []
    for stamp, frame in frames(path):
        found = echo(frame)
        if not found:
            continue
        is_request, peer, key = found
        if is_request:
            waiting[peer, key] = stamp
        elif (peer, key) in waiting:
            sent = waiting.pop((peer, key))
            result.append((sent / 1e9, peer, (stamp - sent) / 1e3))
    return sorted(result)


def frames(path):
    """(time in ns, frame) of a pcap file with nanoseconds, written on this machine."""
    data = path.read_bytes()
    magic, = struct.unpack_from("=I", data)
    assert magic == 0xA1B23C4D, "a pcap file with nanoseconds"
    at = 24
    while at + 16 <= len(data):
        seconds, nanoseconds, length, _ = struct.unpack_from("=IIII", data, at)
        yield seconds * 10**9 + nanoseconds, data[at + 16:at + 16 + length]
        at += 16 + length


def echo(frame):
    """(is it a request, address of the other side, what pairs request and reply)."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[23] == 1:
        source, destination = (str(ipaddress.ip_address(frame[a:a + 4])) for a in (26, 30))
        icmp = frame[14 + 4 * (frame[14] & 15):]
        request, reply = 8, 0
    elif kind == b"\x86\xdd" and frame[20] == 58:
        source, destination = (str(ipaddress.ip_address(frame[a:a + 16])) for a in (22, 38))
        icmp = frame[54:]
        request, reply = 128, 129
    else:
        return None
    if icmp[0] == request:
        return True, destination, icmp[4:8]
    if icmp[0] == reply:
        return False, source, icmp[4:8]
    return None


def compare(packets, samples):
    """Errors in us of the stored RTTs, the packets' word being the truth."""
    stored = {}
    for sent, address, rtt in samples:
        stored.setdefault(address, []).append((sent, rtt))
    errors, missing, wrong = [], 0, 0
    for sent, address, rtt in packets:
        nearest = min(stored.get(address, []), key=lambda sample: abs(sample[0] - sent), default=None)
        if nearest is None or abs(nearest[0] - sent) > SAME_PROBE:
            missing += 1
        elif nearest[1] is None:
            wrong += 1
        else:
            errors.append(nearest[1] - rtt)
    if not errors:
        sys.exit("no stored sample belongs to a captured packet")
    sizes = sorted(map(abs, errors))
    return {"probes": len(errors), "not_stored": missing, "stored_as_lost": wrong,
            "error_us": {"p50": round(bed.quantile(sizes, 0.5), 1), "p99": round(bed.quantile(sizes, 0.99), 1),
                         "max": round(sizes[-1], 1), "bias": round(sum(errors) / len(errors), 1)},
            "rtt_us": {"p50": round(bed.quantile(sorted(p[2] for p in packets), 0.5), 1)}}


if __name__ == "__main__":
    main()
