#!/usr/bin/env python3
"""What linkmon says of every scenario of the test-bed, next to what was done to it.

    verdicts.py BINARY [SCENARIO ...]

Each scenario is played at real speed in a test-bed of its own, three at a time; linkmon measures
for a while before and after.  Loss and delay are judged against half a minute instead of half an
hour, so that no one has to wait.  Prints a table in Markdown; ends with 1 if a verdict is wrong.
Takes about 25 minutes for all.  Needs root.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bed

AT_ONCE = 3

CONFIGURATION = '[detect]\nbaseline-after = "30s"\n'

# Calm time before, so that there is something to compare with; and after, until the late window is over.
BEFORE = 50
AFTER = 95

# An upload and a download that last long enough to be a slow period by the rules (a minute).
LONG_BUFFERBLOAT = {
    "name": "bufferbloat-long",
    "description": "A 20/4 Mbit/s line with deep queues; somebody uploads for 2.5 minutes.",
    "length": 540,
    "steps": [
        {"at": 0, "set": ["line.in rate=20mbit queue=600ms delay=8ms",
                          "line.out rate=4mbit queue=1s delay=8ms"]},
        {"at": 60, "for": 150, "set": "tv upload=2", "blame": "load"},
    ],
}

# Scenario: what must be said. "drops" as [place], "kinds" of impairments with their places, and
# "troubles" of targets.  A place in a list of several is a range that must hold the true one.
EXPECTED = {
    "modem-flap": {"drops": "modem"},
    "modem-reboot": {"drops": "modem"},
    "line-drops": {"drops": "access"},
    "gateway-dies": {"drops": "lan"},
    "isp-hop-dies": {"drops": "access"},
    "beyond-isp": {"drops": "beyond"},
    "target-dies": {"troubles": ["cloudflare", "cloudflare-v6", "dns-cloudflare"]},
    "short-glitches": {"drops": "access", "count": (1, 2)},
    "partial-loss": {"kinds": {"loss": "isp-core"}},
    # What falls into blips is told as blips, and what is left may be too little for a loss.
    "wifi-bursts": {"kinds": {"slow": "lan"}, "may": {"loss": "lan"}},
    "dns-only": {"kinds": {"dns": None}},
    "ipv6-only": {"kinds": {"ipv6": None}},
    "resolver-only": {"kinds": {"dns": None}},
    "tcp-only": {"kinds": {"tcp": None}},
    "wan-down-page": {"drops": "access", "count": (2, 2)},
    "captive-portal": {"kinds": {"captive-portal": None}},
    "icmp-filtered": {"kinds": {"icmp-filtered": None}},
    "icmp-limited": {},
    "web-trouble": {},
    # Half a minute each way is less than a slow period takes.
    "bufferbloat": {},
    "bufferbloat-long": {"kinds": {"slow": "access"}},
}


def main():
    binary = sys.argv[1]
    names = sys.argv[2:] or list(EXPECTED)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(lambda name: play(binary, name), names))
    print("| scenario | done to it | drops | apart from drops | targets in trouble | right |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    sys.exit(any(row[-1] != "yes" for row in rows))


def play(binary, name):
    """A row of the table: scenario, truth, drops, impairments, troubles, whether it is right."""
    environment = {**os.environ, "TESTBED_NAME": f"verdict-{name}"}
    with tempfile.TemporaryDirectory() as directory:
        scenario = name
        if name == LONG_BUFFERBLOAT["name"]:
            scenario = Path(directory, f"{name}.json")
            scenario.write_text(json.dumps(LONG_BUFFERBLOAT))
        linkmon = Path(directory, "linkmon.toml")
        linkmon.write_text(CONFIGURATION)
        files = ["--db", f"{directory}/linkmon.db", "--config", str(linkmon)]
        environment["RUNTIME_DIRECTORY"] = directory
        testbed = [str(bed.TESTBED)]
        subprocess.run([*testbed, "up"], check=True, env=environment, stdout=subprocess.DEVNULL)
        try:
            for setting in nature(scenario):
                subprocess.run([*testbed, "set", *setting.split()], check=True, env=environment)
            with open(f"{directory}/log", "wb") as log:
                daemon = subprocess.Popen(
                    [*testbed, "exec", "home", "--", str(Path(binary).resolve()), *files, "run"],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
            try:
                time.sleep(BEFORE)
                subprocess.run([*testbed, "play", str(scenario)], check=True, env=environment,
                               stdout=subprocess.DEVNULL)
                time.sleep(AFTER)
            finally:
                status = bed.stop(daemon)
            truth = subprocess.run([*testbed, "truth", "--intervals"], check=True, env=environment,
                                   stdout=subprocess.PIPE, text=True).stdout
            if status:
                sys.exit(f"{name}: linkmon ended with {status}: {Path(directory, 'log').read_text()}")
        finally:
            subprocess.run([*testbed, "down"], check=True, env=environment,
                           stdout=subprocess.DEVNULL)
        return judge(name, [json.loads(line) for line in truth.splitlines()],
                     f"{directory}/linkmon.db")


def nature(scenario):
    """What a scenario sets from its start to its end: it is how the line is, and is set before."""
    path = bed.TESTBED.parent / "scenarios" / f"{scenario}.json"
    steps = json.loads((scenario if isinstance(scenario, Path) else path).read_text())["steps"]
    lasting = [step["set"] for step in steps if step["at"] == 0 and "for" not in step]
    return [one for setting in lasting for one in ([setting] if isinstance(setting, str) else setting)]


def judge(name, truth, path):
    database = sqlite3.connect(path)
    drops = database.execute(
        "SELECT kind, min_us / 1e6, max_us / 1e6, places FROM link_drop ORDER BY key_us").fetchall()
    impairments = database.execute(
        "SELECT kind, (end_latest_us - onset_earliest_us) / 1e6, places FROM impairment "
        "ORDER BY key_us").fetchall()
    troubles = database.execute(
        "SELECT name, lost, sent FROM trouble JOIN target ON id = target ORDER BY from_us").fetchall()
    database.close()
    counted = [drop for drop in drops if drop[0] != "blip"]
    expected = EXPECTED[name]
    faults = [interval for interval in truth if interval.get("blame")]
    bursts = [interval for interval in truth if interval.get("event") == "burst"]
    place = expected.get("drops")
    fewest, most = expected.get("count", (len(faults), len(faults)) if place else (0, 0))
    kinds = expected.get("kinds", {})
    known = kinds | expected.get("may", {})
    right = (
        fewest <= len(counted) <= most
        and all(place in json.loads(drop[3]) for drop in counted)
        and set(kinds) <= {impairment[0] for impairment in impairments} <= set(known)
        and all(known[i[0]] is None or known[i[0]] in json.loads(i[2]) for i in impairments)
        and sorted({trouble[0] for trouble in troubles}) == expected.get("troubles", [])
    )
    where = lambda places: "\\|".join(json.loads(places)) or "-"
    return [
        name,
        ", ".join(f"{f['target']} {f['key']}={f['value']} {f['seconds']:.1f} s" for f in faults[:6])
        + (f" and {len(faults) - 6} more" if len(faults) > 6 else "")
        + (f": {len(bursts)} bursts, {sum(b['seconds'] for b in bursts):.1f} s, over "
           f"{bursts[-1]['to_unix'] - bursts[0]['from_unix']:.1f} s" if bursts else ""),
        ", ".join(f"{kind} {low:.1f}-{high:.1f} s {where(places)}"
                  for kind, low, high, places in drops) or "-",
        ", ".join(f"{kind} {'open' if seconds is None else f'{seconds:.1f} s'} {where(places)}"
                  for kind, seconds, places in impairments) or "-",
        ", ".join(f"{target} {lost} of {sent}" for target, lost, sent in troubles) or "-",
        "yes" if right else "**no**",
    ]


if __name__ == "__main__":
    main()
