-- What people think of an answer: one rating a turn, by the one who asked. It goes with its turn.
CREATE TABLE rating (
  turn_id TEXT PRIMARY KEY REFERENCES turn(id) ON DELETE CASCADE,
  good INTEGER NOT NULL CHECK (good IN (0, 1)),
  reason TEXT NOT NULL,
  note TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX rating_by_time ON rating(created_ms DESC, turn_id DESC);
