-- Where a passage points in an embedding model's space: float scale, then whole numbers of eight bits. A cache that can be made
-- again: vectors of a model that is no longer used are removed once those of the new one are all there.
CREATE TABLE passage_vector (
  passage_id TEXT NOT NULL REFERENCES passage(id) ON DELETE CASCADE,
  model TEXT NOT NULL, -- SHA-256 of its file.
  vector BLOB NOT NULL,
  PRIMARY KEY (passage_id, model)
) STRICT, WITHOUT ROWID;
