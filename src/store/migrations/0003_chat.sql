-- Conversations and their turns: a row a message, appended. A turn that says `running` after a restart was broken off.
CREATE TABLE conversation (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL,
  title TEXT NOT NULL,
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_by_owner ON conversation(owner_id, updated_ms DESC, id);

CREATE TABLE turn (
  id TEXT PRIMARY KEY,
  conversation_id TEXT NOT NULL REFERENCES conversation(id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  parent_id TEXT,
  question TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('shelves', 'none')),
  shelves TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'stopped', 'failed')),
  answer TEXT NOT NULL DEFAULT '',
  claims TEXT NOT NULL DEFAULT '[]',
  sources TEXT NOT NULL DEFAULT '[]',
  summary TEXT NOT NULL DEFAULT '{}',
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX turn_by_conversation ON turn(conversation_id, sequence);
