-- What the search for personal data found in a document when it was read: counts, what is done, the level that is proposed. No content.
-- Null: nothing, or read before there was such a search.
ALTER TABLE document ADD COLUMN personal TEXT;
