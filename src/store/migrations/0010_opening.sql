-- Who asked to read the sealed content of an Entry, why, and who else agreed. Each step is an Entry too.
CREATE TABLE opening (
  id TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  subject TEXT NOT NULL,
  level TEXT NOT NULL,
  place TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_by TEXT NOT NULL REFERENCES account(id),
  asked_ms INTEGER NOT NULL,
  approved_by TEXT REFERENCES account(id),
  approved_ms INTEGER,
  CHECK (approved_by IS NULL OR approved_by <> asked_by)
) STRICT;
CREATE INDEX opening_by_time ON opening(asked_ms DESC, id);
