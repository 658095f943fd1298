-- linkmon.db, schema 3: hours that are summed up, and the chain that shows a later change.

-- One row per hour (Unix seconds / 3600) and target, over all runs, written when the hour is over:
-- any longer span is a sum of these. Quantiles are exact for the hour; those of longer spans come
-- out of the sketches, which add up.
CREATE TABLE hour(
  hour       INTEGER NOT NULL,
  target     INTEGER NOT NULL,
  sent       INTEGER NOT NULL,
  received   INTEGER NOT NULL,
  lost       INTEGER NOT NULL,
  late       INTEGER NOT NULL,          -- of the lost
  not_sent   INTEGER NOT NULL,
  loss_runs  INTEGER NOT NULL,          -- stretches of consecutive lost probes within the hour
  damaged    INTEGER NOT NULL,          -- rows of raw that could not be read and are not in it
  rtt_min INTEGER, rtt_p50 INTEGER, rtt_p95 INTEGER, rtt_p99 INTEGER, rtt_max INTEGER,
  rtt_sum    INTEGER NOT NULL,          -- of the received, for means of longer spans
  jitter_sum INTEGER NOT NULL,          -- of |differences| of successive probes both answered
  jitter_n   INTEGER NOT NULL,          -- how many such pairs
  sketch     BLOB NOT NULL,             -- counts by delay: 1, lowest bucket, counts; 64 buckets per octave
  seconds    BLOB,                      -- of anchors: lost and sent of each second; else NULL
  PRIMARY KEY(hour, target)) STRICT, WITHOUT ROWID;

-- Hours whose raw rows changed since they were last summed up; rows of such an hour are out of date.
CREATE TABLE hour_due(hour INTEGER PRIMARY KEY) STRICT;
WITH RECURSIVE has(minute) AS (
  SELECT min(minute) FROM raw
  UNION ALL
  SELECT (SELECT min(minute) FROM raw WHERE minute >= 60*(has.minute/60 - (has.minute%60 < 0) + 1))
  FROM has WHERE has.minute IS NOT NULL)
INSERT INTO hour_due SELECT minute/60 - (minute%60 < 0) FROM has WHERE minute IS NOT NULL;

-- Each hour that was summed up, in the order in which that was done; an hour that changed later is
-- in it again, and its last entry counts.
--   content = SHA-256 of 'linkmon hour 1' and a line feed, then hour (8 bytes), then for each row of raw
--             of that hour, in the order of minute, target and run: minute (8), target (1), run (8),
--             length of samples (4), samples
--   head    = SHA-256 of the head before (32; zeros before the first), seq (8), hour (8), content (32)
-- Numbers are big-endian. Whoever noted a head can tell later whether what led to it is unchanged.
CREATE TABLE chain(
  seq     INTEGER PRIMARY KEY,          -- 1, 2, 3 without a hole
  hour    INTEGER NOT NULL,
  rows    INTEGER NOT NULL,             -- rows of raw in it
  content BLOB NOT NULL,
  head    BLOB NOT NULL) STRICT;
CREATE INDEX chain_hour ON chain(hour);

CREATE VIEW v_hour AS
SELECT strftime('%Y-%m-%dT%H:%M:%SZ', h.hour*3600, 'unixepoch') AS utc, h.hour*3600 AS time, t.name AS target,
       h.sent, h.received, h.lost, h.late, h.not_sent, h.loss_runs, round(100.0*h.lost/h.sent, 3) AS loss_pct,
       h.rtt_min/1000.0 AS min_ms, h.rtt_p50/1000.0 AS p50_ms, h.rtt_p95/1000.0 AS p95_ms,
       h.rtt_p99/1000.0 AS p99_ms, h.rtt_max/1000.0 AS max_ms,
       h.rtt_sum/1000.0/h.received AS mean_ms, h.jitter_sum/1000.0/h.jitter_n AS jitter_ms
FROM hour h JOIN target t ON t.id = h.target;
