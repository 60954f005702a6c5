-- The order that people bring into their conversations, the words by which they find them again, papers of one conversation, and
-- versions of a document. What is deleted stays until it is swept, so that it can be taken back.
CREATE TABLE folder (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  UNIQUE (owner_id, name)
) STRICT;

ALTER TABLE conversation ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1));
ALTER TABLE conversation ADD COLUMN archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1));
ALTER TABLE conversation ADD COLUMN folder_id TEXT REFERENCES folder(id) ON DELETE SET NULL;
ALTER TABLE conversation ADD COLUMN deleted_ms INTEGER;
-- The shelf of what was attached to it.
ALTER TABLE conversation ADD COLUMN attachments TEXT;
DROP INDEX conversation_by_owner;
CREATE INDEX conversation_by_owner ON conversation(owner_id, archived, pinned DESC, updated_ms DESC, id DESC) WHERE deleted_ms IS NULL;
CREATE INDEX conversation_deleted ON conversation(owner_id, deleted_ms) WHERE deleted_ms IS NOT NULL;
CREATE INDEX conversation_by_folder ON conversation(folder_id) WHERE folder_id IS NOT NULL;
CREATE INDEX conversation_by_attachments ON conversation(attachments) WHERE attachments IS NOT NULL;
CREATE INDEX turn_running ON turn(conversation_id, sequence) WHERE state = 'running';

-- What is searched: a row a title (no turn) and a row a turn, with the keys of its terms. A text that changes loses its row until the
-- next search makes it again.
CREATE TABLE said (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
  turn_id TEXT UNIQUE REFERENCES turn(id) ON DELETE CASCADE,
  terms_version TEXT NOT NULL
) STRICT;
CREATE INDEX said_by_conversation ON said(conversation_id);
CREATE VIRTUAL TABLE said_terms USING fts5(terms, tokenize = 'ascii', detail = none, columnsize = 0);
-- Terms that are to go: a trigger may not touch a virtual table under trusted_schema = OFF.
CREATE TABLE said_gone (id INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER said_ends AFTER DELETE ON said BEGIN INSERT INTO said_gone (id) VALUES (old.id); END;
CREATE TRIGGER said_otherwise AFTER UPDATE OF answer ON turn WHEN old.answer <> new.answer BEGIN DELETE FROM said WHERE turn_id = old.id; END;
CREATE TRIGGER said_title AFTER UPDATE OF title ON conversation WHEN old.title <> new.title
BEGIN DELETE FROM said WHERE conversation_id = old.id AND turn_id IS NULL; END;

-- Papers that one person attached for themselves; nothing: a shelf of the office.
ALTER TABLE shelf ADD COLUMN owner_id TEXT;
ALTER TABLE document ADD COLUMN deleted_ms INTEGER;
-- The version before, and since when a newer one stands in its place.
ALTER TABLE document ADD COLUMN replaces TEXT;
ALTER TABLE document ADD COLUMN replaced_ms INTEGER;
CREATE INDEX document_by_replaces ON document(replaces) WHERE replaces IS NOT NULL;
CREATE INDEX document_deleted ON document(deleted_ms) WHERE deleted_ms IS NOT NULL;
