#!/usr/bin/env python3
"""Checks a bundle of linkmon without linkmon; Python 3.8 and its standard library are enough.

    python3 verify.py [--head NOTED]... [FOLDER]      FOLDER: where the bundle was unpacked

It recomputes: 1. the SHA-256 of every file; 2. the chain of the record (chain.jsonl), entry by entry; 3. the
digests of hours of samples (samples.bin), against the hours' last entries; 4. the probes in probes.csv sent in these
hours, against the samples; 5. of which entry each time stamp (stamp-N.tsr) is; 6. the silences of the deciding
anchors in probes.csv, against the drops in report.json. Lines with NOT say what is wrong; exit code 1 then.
What that proves, and what not: docs/evidence.md of linkmon. The signature of a stamp is checked by
    openssl ts -verify -digest HEAD -in stamp-N.tsr -CAfile ROOT_OF_THE_AUTHORITY.pem
"""
import array, bisect, calendar, csv, datetime, hashlib, itertools, json, os, struct, sys, time, zlib

WRONG, MINUTES, number = [], {}, struct.Struct(">q").pack
def wrong(text):
    WRONG.append(text)
    print("NOT", text)
def show(ms):
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)).isoformat(" ") + "Z"
def millis(text):
    """2026-11-01T05:30:00.166Z as milliseconds since 1970."""
    minute = text[:17]
    if minute not in MINUTES:
        MINUTES[minute] = calendar.timegm(time.strptime(minute, "%Y-%m-%dT%H:%M:")) * 1000
    return MINUTES[minute] + round(float(text[17:-1]) * 1000)
def end_of(spans, at):
    """The end of the span that holds an instant; 0: there is none."""
    n = bisect.bisect(spans, [at, 1 << 62]) - 1
    return spans[n][1] if n >= 0 and at < spans[n][1] else 0

def sums(folder, manifest):
    for file in manifest["files"]:
        digest, path = hashlib.sha256(), os.path.join(folder, file["name"])
        for piece in iter(lambda c=open(path, "rb"): c.read(1 << 20), b"") if os.path.isfile(path) else ():
            digest.update(piece)
        if digest.hexdigest() != file["sha256"]: wrong(f"{file['name']} was changed: its SHA-256 is {digest.hexdigest()}")
    for extra in sorted(set(os.listdir(folder)) - {f["name"] for f in manifest["files"]} - {"manifest.json"}):
        wrong(f"{extra} is not in the list")

def chain(folder, manifest):
    """The last entry of each hour, the entries by their heads, and the names of targets by number."""
    head, seq, last, heads = bytes(32), 0, {}, {}
    names = {target["id"]: target["name"] for target in manifest["targets"]}
    for line in open(os.path.join(folder, "chain.jsonl"), encoding="utf-8"):
        entry, seq = json.loads(line), seq + 1
        hour, content, targets = entry["hour"], bytes.fromhex(entry["content"]), entry["targets"] or ""
        if entry["covers"] is not None:
            lines = b"linkmon entry 2\n" + number(hour) + (entry["covers"] + targets).encode()
            if hashlib.sha256(lines).digest() != content:
                wrong(f"entry {seq} of the chain does not have the digest of what it covers")
        if entry["seq"] != seq: wrong(f"entry {seq} of the chain is missing")
        head = hashlib.sha256(head + number(seq) + number(hour) + content).digest()
        heads[head.hex()], last[hour] = (seq, hour), entry
        names.update((int(t.split(" ")[1]), t.split(" ", 4)[4]) for t in targets.splitlines())
    if head.hex() != (manifest["chain"] or {"head": bytes(32).hex()})["head"]:
        wrong("the chain does not lead to the head in manifest.json")
    print(f"  {seq} entries of the chain, head {head.hex()}")
    return last, heads, names

def varint(blob, at):
    value = shift = 0
    while True:
        value |= (blob[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if blob[at - 1] < 128: return value, at

def decoded(minute, blob):
    """Time, outcome and delay of each probe that was sent: formats 1 and 2 of src/store/codec.rs."""
    interval, i = varint(blob, 1)
    phase, i = varint(blob, i)
    count, i = varint(blob, i)
    rtt = 0
    for slot in range(count):
        at = minute * 60000 + phase + slot * interval
        token, i = varint(blob, i)
        if token == 14:
            off, i = varint(blob, i)
            token, i = varint(blob, i)
            at += (off >> 1) ^ -(off & 1)
        if token >= 16:
            rtt += (token >> 1) - 8 if token % 2 == 0 else 7 - (token >> 1)
            yield at, "answered", f"{rtt // 1000}.{rtt % 1000:03}"
        elif token != 15:
            yield at, {1: "lost", 7: "late"}.get(token, "unreachable" if token < 7 else "failed"), ""

def rows(folder):
    with open(os.path.join(folder, "samples.bin"), "rb") as file:
        for head in iter(lambda: file.read(32), b""):
            minute, target, run, length = struct.unpack(">4q", head)
            yield minute // 60, minute, target, run, head, file.read(length)

def samples(folder, period, last, names, kept, deciding):
    """Compares samples.bin with the chain; gives the sum of the hashes of a minute's probes, or which must be packed."""
    found, seen = {}, set()
    for hour, group in itertools.groupby(rows(folder), lambda row: row[0]):
        whole, runs = hashlib.sha256(b"linkmon hour 1\n" + number(hour)), {}
        for _, minute, target, run, head, blob in group:
            whole.update(head[:8] + head[15:24] + head[28:] + blob)
            runs.setdefault(run, hashlib.sha256(b"linkmon hour 2\n" + number(hour))).update(head + blob)
            if zlib.crc32(blob[:-4] + (head[:8] + head[15:16]) * (blob[:1] != b"\1")) == int.from_bytes(blob[-4:], "little"):
                for at, outcome, rtt in decoded(minute, blob):
                    key = hash((at, names.get(target), outcome, rtt))
                    if kept:
                        must = not end_of(kept[1], at) or (outcome == "answered" and names.get(target) in deciding)
                        found.setdefault(minute, {})[key] = must and end_of(kept[0], at) > 0
                    elif period[0] <= at < period[1]:
                        found[minute] = found.get(minute, 0) + key
        entry = last.get(hour)
        seen.add(hour)
        covers, digests = entry and entry["covers"], {r: d.hexdigest() for r, d in runs.items()}
        words = (line.split(" ") for line in (covers or "").splitlines())
        is_right = covers is not None and digests == {int(w[1]): w[5] for w in words if w[0] == "run"}
        if entry and not is_right and (covers is not None or entry["content"] != whole.hexdigest()):
            wrong(f"the samples of the hour of {show(hour * 3600000)} are not those of its entry")
    oldest = min((last[hour]["seq"] for hour in seen if hour in last), default=0)
    for hour in sorted(last if not kept else ()):
        if period[0] // 3600000 <= hour < period[1] // 3600000 and hour not in seen:
            has_runs = "run " in (last[hour]["covers"] or "run ")
            if has_runs and last[hour]["seq"] > oldest and any(h in last and h < hour for h in seen):
                wrong(f"the samples of the hour of {show(hour * 3600000)} are missing")
    print(f"  {len(seen)} hours of samples, {len(seen - set(last))} of them not in the chain yet")
    return found, seen

def probes(folder, last, deciding, found, seen, kept):
    """Takes the probes of probes.csv from what was found; gives the silences of the deciding anchors."""
    silences, waiting, began, day, count = [], array.array("q"), None, None, [0, 0]
    def swept(began):
        for probe in sorted(waiting):
            at, is_answered = probe >> 1, probe & 1
            if kept and began is not None and at >= end_of(kept[0], began):
                began = silences.append((began, end_of(kept[0], began)))  # None: what came next is not packed
            if is_answered and began is not None:
                silences.append((began, at))
            began = None if is_answered else at if began is None else began
        del waiting[:]
        return began
    for row in csv.DictReader(open(os.path.join(folder, "probes.csv"), encoding="utf-8", newline="")):
        at, name, outcome = millis(row["time"]), row["target"], row["result"]
        count[at // 3600000 in last] += 1
        if outcome == "not-sent": continue
        name = name[1:] if name[:1] == "'" else name or None
        minute, key = at // 60000, hash((at, name, outcome, row["rtt_ms"] if outcome == "answered" else ""))
        if not kept:
            found[minute] = found.get(minute, 0) - key
        elif minute // 60 in seen and found.get(minute, {}).pop(key, None) is None:
            found.setdefault(minute, {})[key] = True
        if at // 86400000 != day:
            began, day = swept(began), at // 86400000
        if name in deciding: waiting.append(at << 1 | (outcome == "answered"))
    began = swept(began)
    for minute in sorted(m for m, f in found.items() if (any(f.values()) if kept else f) and m // 60 in last)[:5]:
        wrong(f"the probes of the minute of {show(minute * 60000)} in probes.csv are not those of samples.bin")
    print(f"  {count[1]} probes in hours of the chain, {count[0]} in hours that are not in it yet")
    return silences + ([(began, 1 << 62)] if began is not None else [])

def content(der, at):
    length, start = der[at + 1], at + 2
    if length > 127:
        start, length = start + length - 128, int.from_bytes(der[start:start + length - 128], "big")
    return start, start + length

def stamp(folder, name, heads):
    der, fields = open(os.path.join(folder, name), "rb").read(), []
    at = der.index(bytes.fromhex("060b2a864886f70d0109100104")) + 13  # its type, then [0] { OCTET STRING {
    at = content(der, content(der, content(der, at)[0])[0])[0]
    for _ in range(5):  # TSTInfo: version, policy, imprint (algorithm and digest), serial number, time
        start, at = content(der, at)
        fields.append(der[start:at])
    imprint, is_sha256 = fields[2][-32:].hex(), bytes.fromhex("0609608648016503040201") in fields[2]
    if not is_sha256 or imprint not in heads:
        return wrong(f"{name} is no stamp of a head of this chain")
    print(f"  {name} of {fields[4].decode()}: entry {heads[imprint][0]}, head {imprint}")

def main(arguments):
    noted = [arguments.pop(i + 1) for i in reversed(range(len(arguments))) if arguments[i] == "--head"]
    folder = ([a for a in arguments if a != "--head"] or ["."])[0]
    read = lambda name: json.load(open(os.path.join(folder, name), encoding="utf-8"))
    manifest, report = read("manifest.json"), read("report.json")
    sums(folder, manifest)
    last, heads, names = chain(folder, manifest)
    for head in noted:
        print(f"  head {head} is entry {heads[head][0]}") if head in heads else wrong(f"there was no head {head}")
    span = lambda times: [millis(times["from"]), millis(times["to"])]
    kept = manifest.get("kept") and [[span(s) for s in manifest["kept"][n]] for n in ("spans", "thinned")]
    deciding = {t["name"] for t in report["targets"] if t["decides"]}
    found, seen = samples(folder, span(manifest["period"]), last, names, kept, deciding)
    silences = probes(folder, last, deciding, found, seen, kept)
    for name in sorted(name for name in os.listdir(folder) if name.endswith(".tsr")):
        stamp(folder, name, heads)
    for drop, part in ((drop, part) for drop in report["drops"] for part in drop["stretches"]):
        start, end = millis(part["onset_latest"]), millis(part["end_earliest"] or part["onset_latest"])
        if not any(a <= start and end <= b for a, b in silences):
            wrong(f"drop {drop['id']}: the anchors were not silent from {show(start)} to {show(end)}")
    long = sum(b - a >= 5000 for a, b in silences)
    print(f"  {long} silences of 5 s and more in probes.csv, {len(report['drops'])} drops in report.json")
    print("not as it was measured and packed" if WRONG else "as it was packed, and as the chain says")
    return len(WRONG) > 0

sys.exit(main(sys.argv[1:]))
