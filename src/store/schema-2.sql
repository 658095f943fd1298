-- linkmon.db, schema 2: what is wrong while the link is up, and this host's own traffic.

-- Loss that is no silence, delay, another route, IPv6 or DNS alone, a portal, ICMP filtered, some
-- anchors out of reach. Loss that proves to be late answers is the same one as before.
CREATE TABLE impairment(
  id                INTEGER PRIMARY KEY AUTOINCREMENT,
  key_us            INTEGER NOT NULL,
  kind              TEXT NOT NULL,             -- 'loss', 'late', 'slow', 'route-step', 'ipv6', 'dns',
                                               -- 'captive-portal', 'icmp-filtered', 'partial'
  target            INTEGER,                   -- NULL: it is about the link
  onset_earliest_us INTEGER NOT NULL,
  onset_latest_us   INTEGER NOT NULL,
  end_earliest_us   INTEGER,                   -- both NULL while it lasts
  end_latest_us     INTEGER,
  unobserved_us     INTEGER NOT NULL,
  places            TEXT NOT NULL,             -- JSON array: 'lan', 'modem', 'access', 'isp-core', 'beyond'
  detail            TEXT NOT NULL) STRICT;     -- JSON: its figures; counts, and delays in microseconds
CREATE UNIQUE INDEX impairment_identity ON impairment(
  key_us, CASE kind WHEN 'late' THEN 'loss' ELSE kind END, coalesce(target, 0));
CREATE INDEX impairment_onset ON impairment(onset_earliest_us);

-- Bytes through the interface of the default route, between two readings of its counters that lie
-- about a minute apart; the minute is that of the earlier. No row: not known, never 0.
CREATE TABLE traffic(
  minute    INTEGER NOT NULL,
  interface TEXT NOT NULL,
  length_us INTEGER NOT NULL,                  -- between the readings
  rx_bytes  INTEGER NOT NULL,
  tx_bytes  INTEGER NOT NULL,
  PRIMARY KEY(minute, interface)) STRICT, WITHOUT ROWID;

CREATE VIEW v_impairment AS
SELECT i.id, i.kind, t.name AS target,
       strftime('%Y-%m-%dT%H:%M:%fZ', i.onset_earliest_us/1e6, 'unixepoch') AS onset_earliest,
       strftime('%Y-%m-%dT%H:%M:%fZ', i.onset_latest_us/1e6, 'unixepoch') AS onset_latest,
       strftime('%Y-%m-%dT%H:%M:%fZ', i.end_earliest_us/1e6, 'unixepoch') AS end_earliest,
       strftime('%Y-%m-%dT%H:%M:%fZ', i.end_latest_us/1e6, 'unixepoch') AS end_latest,
       round((i.end_earliest_us + i.end_latest_us - i.onset_earliest_us - i.onset_latest_us)/2e6, 1) AS seconds,
       i.unobserved_us/1e6 AS unobserved_s, i.places,
       json_extract(i.detail, '$.lost') AS lost, json_extract(i.detail, '$.late') AS late,
       json_extract(i.detail, '$.sent') AS sent, json_extract(i.detail, '$.bearing') AS bearing,
       coalesce(json_extract(i.detail, '$."usual-us"'), json_extract(i.detail, '$.before_us'))/1e3 AS usual_ms,
       coalesce(json_extract(i.detail, '$."median-us"'), json_extract(i.detail, '$.after_us'))/1e3 AS median_ms,
       json_extract(i.detail, '$."worst-us"')/1e3 AS worst_ms,
       json_extract(i.detail, '$."own-queue-us"')/1e3 AS own_queue_ms
FROM impairment i LEFT JOIN target t ON t.id = i.target;
