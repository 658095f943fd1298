-- linkmon.db, schema 6: who decided.

-- The targets in use from from_us on, until the next row of the run or of a later one. A record
-- without a row before some time does not say: every target it ever had is then taken to be in use.
CREATE TABLE roster(
  run     INTEGER NOT NULL,             -- the run in which they came into use
  from_us INTEGER NOT NULL,
  targets TEXT NOT NULL,                -- JSON array: target (number), standing, decides
                                        -- standing: 'far', 'unproven', 'trusted', 'private', 'near',
                                        -- 'false-witness', 'no-anchor'; the first three may vote
  PRIMARY KEY(run, from_us)) STRICT, WITHOUT ROWID;
