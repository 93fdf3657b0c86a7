-- SHA-256 of the state in lower-case hex; empty in checkpoints that are older than this column.
ALTER TABLE checkpoints ADD COLUMN hash TEXT NOT NULL DEFAULT '';
