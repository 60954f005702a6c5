-- How surely the text of a passage was recognised in a picture (OCR), 0 to 100: the least of its pages. Null: it was text already.
ALTER TABLE passage ADD COLUMN ocr INTEGER;
