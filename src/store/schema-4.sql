-- linkmon.db, schema 4: what kind of thing a note tells of, and what notes said before they were
-- changed.

ALTER TABLE note ADD COLUMN kind TEXT NOT NULL DEFAULT 'other';  -- 'call', 'visit', 'reset', 'hardware', 'weather', 'other'
ALTER TABLE note ADD COLUMN ticket TEXT;                         -- the ISP's number for it

-- A note as it stood until it was edited or removed; one that was removed is in no other table.
CREATE TABLE note_change(
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  note       INTEGER NOT NULL,          -- its number
  what       TEXT NOT NULL,             -- 'edited', 'removed'
  changed_us INTEGER NOT NULL,
  time_us    INTEGER NOT NULL,
  text       TEXT NOT NULL,
  added_us   INTEGER NOT NULL,
  kind       TEXT NOT NULL,
  ticket     TEXT) STRICT;
CREATE INDEX note_change_note ON note_change(note);
