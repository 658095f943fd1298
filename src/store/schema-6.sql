-- linkmon.db, schema 6: the silences that a drop is made of. Its new tables say themselves how they
-- are made.

-- JSON: each with its onset, end (null while it lasts), lengths and unobserved time, in microseconds.
-- NULL: one, which the other columns describe. min_us and max_us are the sums of their lengths; of drops
-- that an earlier schema wrote they are the length from onset to end.
ALTER TABLE link_drop ADD COLUMN stretches TEXT;

-- The first of its keys: late replies to its first probes give a drop another one, and it is the same
-- drop. NULL: it has had no other.
ALTER TABLE link_drop ADD COLUMN first_key_us INTEGER;

-- link_drop.kind may be 'possible': 2 s or more, perhaps 5 s, no drop in any count; gap.reason may be
-- 'not-sent' or 'unconfirmed'. Programs that know schema 5 alone do not know these words:
-- meta.min_reader rises when the first is written.
