-- Shelves (書架), documents and their passages. A document's row is also its job: `waiting` and `reading` go on after a restart.
CREATE TABLE shelf (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL
) STRICT;

CREATE TABLE document (
  id TEXT PRIMARY KEY,
  shelf_id TEXT NOT NULL REFERENCES shelf(id),
  name TEXT NOT NULL,
  blob TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'reading', 'ready', 'failed')),
  kind TEXT NOT NULL DEFAULT '',
  pages INTEGER NOT NULL DEFAULT 0,
  pages_read INTEGER NOT NULL DEFAULT 0,
  passages INTEGER NOT NULL DEFAULT 0,
  notes TEXT NOT NULL DEFAULT '[]',
  error_code TEXT,
  error_detail TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  terms_version TEXT NOT NULL DEFAULT '',
  created_ms INTEGER NOT NULL,
  added_by TEXT NOT NULL
) STRICT;
CREATE INDEX document_by_shelf ON document(shelf_id, name, id);
CREATE INDEX document_by_state ON document(state, created_ms);
CREATE INDEX document_by_blob ON document(blob);

CREATE TABLE passage (
  id TEXT PRIMARY KEY,
  document_id TEXT NOT NULL REFERENCES document(id) ON DELETE CASCADE,
  shelf_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  page_first INTEGER NOT NULL,
  page_last INTEGER NOT NULL,
  path TEXT NOT NULL,
  text TEXT NOT NULL,
  terms BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX passage_by_document ON passage(document_id, number);
CREATE INDEX passage_by_shelf ON passage(shelf_id, id);
