-- linkmon.db, schema 5: what was taken over from the files of other linkmons.

-- Runs that were measured elsewhere; run.ended is 'merged'. Each is the part of a run of that file in
-- which nobody watched here. Programs that know schema 4 alone do not know the word: meta.min_reader
-- rises when the first is written.
CREATE TABLE merged_run(
  run       INTEGER PRIMARY KEY,        -- its number here
  source    INTEGER NOT NULL,           -- meta.identity of the other file
  their_run INTEGER NOT NULL,           -- its number there
  merged_us INTEGER NOT NULL) STRICT;

-- Instants between what was measured here and what was taken over, whose drops are to be judged anew.
CREATE TABLE seam(at_us INTEGER PRIMARY KEY) STRICT;
