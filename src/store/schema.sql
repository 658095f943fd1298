-- linkmon.db, schema 1. Times are INTEGER, UTC: *_us Unix microseconds, *_ms Unix milliseconds,
-- minute = Unix seconds / 60. Delays (rtt_*, jitter) are INTEGER microseconds. NULL: there is none.

CREATE TABLE meta(                      -- min_reader: the least schema a program must know to read this file
  key   TEXT NOT NULL PRIMARY KEY,
  value ANY) STRICT, WITHOUT ROWID;

CREATE TABLE target(
  id          INTEGER PRIMARY KEY,      -- 1..255, never given to another target
  name        TEXT NOT NULL,            -- 'gateway', 'cloudflare', ...; unique among those not retired
  kind        TEXT NOT NULL,            -- 'icmp', 'http', 'dns', 'tcp'
  role        TEXT NOT NULL,            -- 'gateway', 'modem', 'isp', 'anchor', 'service'
  address     TEXT NOT NULL,
  interval_ms INTEGER NOT NULL,
  added_ms    INTEGER NOT NULL,
  retired_ms  INTEGER) STRICT;

CREATE TABLE reason(code INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
INSERT INTO reason VALUES
 (1,'no answer'), (2,'host unreachable'), (3,'net unreachable'), (4,'prohibited or port unreachable'),
 (5,'time to live exceeded'), (6,'other ICMP error'), (7,'answered late'),
 (8,'name not resolved'), (9,'refused or reset'), (10,'TLS failure'), (11,'HTTP status'),
 (12,'wrong answer'), (13,'no answer in time'), (15,'not sent');

-- Who watched, and when: one row per life of the daemon between steps of the clock. Time that no
-- run covers is "not measured", never "up".
CREATE TABLE run(
  id           INTEGER PRIMARY KEY,
  started_us   INTEGER NOT NULL,
  boot_us      INTEGER,                 -- CLOCK_BOOTTIME at started_us; NULL for imports
  boot_id      TEXT,
  last_seen_us INTEGER NOT NULL,        -- brought forward by every commit
  ended        TEXT,                    -- 'clean', 'crash', 'clock-step', 'import'; NULL while it runs
  version      TEXT NOT NULL,
  first_minute INTEGER,                 -- of its rows in raw; NULL while it has none
  last_minute  INTEGER) STRICT;

-- Every probe: one BLOB per minute, target and run; time first, so that all targets of a minute
-- share a page. v_sample_last_hour shows how it is read.
CREATE TABLE raw(
  minute  INTEGER NOT NULL,
  target  INTEGER NOT NULL,
  run     INTEGER NOT NULL,
  samples BLOB    NOT NULL,
  PRIMARY KEY(minute, target, run)) STRICT, WITHOUT ROWID;

-- One summary per minute and target, over all runs. A ratio of loss is lost / sent.
CREATE TABLE minute(
  minute   INTEGER NOT NULL,
  target   INTEGER NOT NULL,
  sent     INTEGER NOT NULL,            -- those not sent are not in it
  received INTEGER NOT NULL,
  lost     INTEGER NOT NULL,
  late     INTEGER NOT NULL,            -- of the lost
  not_sent INTEGER NOT NULL,
  rtt_min INTEGER, rtt_p50 INTEGER, rtt_p95 INTEGER, rtt_max INTEGER, rtt_mean INTEGER,
  jitter   INTEGER,                     -- mean |difference| of successive probes both answered
  PRIMARY KEY(minute, target)) STRICT, WITHOUT ROWID;

-- No anchor answered: blips, drops and outages, with the bounds between which each edge lies.
CREATE TABLE link_drop(
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  key_us            INTEGER NOT NULL UNIQUE,   -- send time of its first silent probe
  kind              TEXT NOT NULL,             -- 'blip', 'drop', 'outage'
  onset_earliest_us INTEGER NOT NULL,
  onset_latest_us   INTEGER NOT NULL,
  end_earliest_us   INTEGER,                   -- both NULL while it lasts
  end_latest_us     INTEGER,
  min_us            INTEGER NOT NULL,          -- least and most time the link was down
  max_us            INTEGER NOT NULL,
  unobserved_us     INTEGER NOT NULL,
  places            TEXT NOT NULL,             -- JSON arrays: 'lan', 'modem', 'access', 'isp-core', 'beyond'
  answered          TEXT NOT NULL,             -- numbers of targets
  silent            TEXT NOT NULL,
  flaps             INTEGER NOT NULL) STRICT;
CREATE INDEX link_drop_onset ON link_drop(onset_earliest_us);

CREATE TABLE gap(
  from_us INTEGER NOT NULL PRIMARY KEY,
  to_us   INTEGER NOT NULL,
  reason  TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE trouble(                   -- one target in trouble while the link was up
  target  INTEGER NOT NULL,
  from_us INTEGER NOT NULL,
  to_us   INTEGER,                      -- NULL while it lasts
  lost    INTEGER NOT NULL,
  sent    INTEGER NOT NULL,
  PRIMARY KEY(from_us, target)) STRICT, WITHOUT ROWID;

CREATE TABLE event(                     -- carrier, addresses, default route, sleep, clock
  id      INTEGER PRIMARY KEY,
  time_us INTEGER NOT NULL,
  kind    TEXT NOT NULL,
  detail  TEXT NOT NULL,                -- JSON
  UNIQUE(time_us, kind, detail)) STRICT;

CREATE TABLE note(
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  time_us  INTEGER NOT NULL,
  text     TEXT NOT NULL,
  added_us INTEGER NOT NULL) STRICT;

CREATE VIEW v_minute AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', m.minute*60, 'unixepoch') AS utc, m.minute*60 AS time, t.name AS target,
       m.sent, m.received, m.lost, m.late, m.not_sent, round(100.0*m.lost/m.sent, 2) AS loss_pct,
       m.rtt_min/1000.0 AS min_ms, m.rtt_p50/1000.0 AS p50_ms, m.rtt_p95/1000.0 AS p95_ms,
       m.rtt_max/1000.0 AS max_ms, m.rtt_mean/1000.0 AS mean_ms, m.jitter/1000.0 AS jitter_ms
FROM minute m JOIN target t ON t.id = m.target;

CREATE VIEW v_drop AS
SELECT id, kind,
       strftime('%Y-%m-%dT%H:%M:%fZ', onset_earliest_us/1e6, 'unixepoch') AS onset_earliest,
       strftime('%Y-%m-%dT%H:%M:%fZ', onset_latest_us/1e6, 'unixepoch') AS onset_latest,
       strftime('%Y-%m-%dT%H:%M:%fZ', end_earliest_us/1e6, 'unixepoch') AS end_earliest,
       strftime('%Y-%m-%dT%H:%M:%fZ', end_latest_us/1e6, 'unixepoch') AS end_latest,
       min_us/1e6 AS min_s, max_us/1e6 AS max_s, unobserved_us/1e6 AS unobserved_s,
       places, answered, silent, flaps
FROM link_drop;

-- Every probe of the last hour in the database, decoded by SQL alone. x: the BLOB in hex, p: position,
-- b: byte there, acc and sh: the varint so far, f: which field of the header, i: slot, w: whether the
-- next number is an offset, o: that offset, code: set on the rows that are a probe.
CREATE VIEW v_sample_last_hour AS
WITH RECURSIVE v(minute,target,run,x,p,b,acc,sh,f,iv,ph,n,i,w,o,rtt,code) AS (
  SELECT minute, target, run, hex(samples), 2,
   (instr('123456789ABCDEF',substr(hex(samples),3,1))<<4)|instr('123456789ABCDEF',substr(hex(samples),4,1)),
   0,0,0,0,0,0,-1,0,0,0,NULL
  FROM raw WHERE minute >= (SELECT max(minute) FROM raw) - 59
  UNION ALL
  SELECT minute, target, run, x, p+1,
   (instr('123456789ABCDEF',substr(x,2*p+1,1))<<4)|instr('123456789ABCDEF',substr(x,2*p+2,1)),
   CASE WHEN b<128 THEN 0 ELSE acc|((b&127)<<sh) END,
   CASE WHEN b<128 THEN 0 ELSE sh+7 END,
   f+(b<128 AND f<3),
   CASE WHEN b<128 AND f=0 THEN acc|(b<<sh) ELSE iv END,
   CASE WHEN b<128 AND f=1 THEN acc|(b<<sh) ELSE ph END,
   CASE WHEN b<128 AND f=2 THEN acc|(b<<sh) ELSE n END,
   i+(b<128 AND f>2 AND w=0 AND (acc|(b<<sh))<>14),
   CASE WHEN b<128 AND f>2 THEN w=0 AND (acc|(b<<sh))=14 ELSE w END,
   CASE WHEN b<128 AND w THEN CASE WHEN (acc|(b<<sh))&1 THEN -(((acc|(b<<sh))+1)>>1) ELSE (acc|(b<<sh))>>1 END
        WHEN code IS NOT NULL THEN 0 ELSE o END,
   CASE WHEN b<128 AND f>2 AND w=0 AND (acc|(b<<sh))>=16
        THEN rtt+CASE WHEN (acc|(b<<sh))&1 THEN -(((acc|(b<<sh))-15)>>1) ELSE ((acc|(b<<sh))-16)>>1 END ELSE rtt END,
   CASE WHEN b<128 AND f>2 AND w=0 AND (acc|(b<<sh))<>14 THEN CASE WHEN (acc|(b<<sh))<16 THEN acc|(b<<sh) ELSE 0 END END
  FROM v WHERE f<3 OR i+1<n)
SELECT minute*60000+ph+i*iv+o AS time_ms,
       (SELECT name FROM target WHERE id=v.target) AS target, run,
       CASE WHEN code=0 THEN rtt/1000.0 END AS rtt_ms,
       (SELECT name FROM reason WHERE reason.code=v.code) AS lost_because
FROM v WHERE code IS NOT NULL AND code<>15;
