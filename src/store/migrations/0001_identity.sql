-- People, groups, and the hashes of what they sign in with. Levels are stored by name, roles as the bits of gate::Role.
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  display_name TEXT NOT NULL,
  password_hash TEXT,
  roles INTEGER NOT NULL,
  clearance TEXT NOT NULL,
  suspended INTEGER NOT NULL DEFAULT 0,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE reader_group (
  name TEXT PRIMARY KEY,
  created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE membership (
  user_id TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  group_name TEXT NOT NULL REFERENCES reader_group(name),
  PRIMARY KEY (user_id, group_name)
) STRICT;

CREATE TABLE session (
  token_sha256 TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  created_ms INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX session_by_user ON session(user_id);

CREATE TABLE api_key (
  id TEXT PRIMARY KEY,
  owner_id TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  secret_sha256 TEXT NOT NULL UNIQUE,
  hint TEXT NOT NULL,
  shelves TEXT,
  expires_ms INTEGER,
  created_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX api_key_by_owner ON api_key(owner_id);

CREATE TABLE password_link (
  token_sha256 TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES account(id) ON DELETE CASCADE,
  expires_ms INTEGER NOT NULL
) STRICT;
