-- What is asked of an entry without reading it is generated from its JSON, so that the two cannot disagree.
CREATE TABLE entries (
    seq INTEGER PRIMARY KEY,
    json TEXT NOT NULL,
    hash TEXT NOT NULL,
    at TEXT NOT NULL GENERATED ALWAYS AS (json ->> '$.at') STORED,
    version INTEGER NOT NULL GENERATED ALWAYS AS (json ->> '$.version') STORED,
    event TEXT NOT NULL GENERATED ALWAYS AS (json ->> '$.event.event') STORED
) STRICT;

-- Free text and customers' data: the entry holds the hash, so that erasing a text keeps the chain.
CREATE TABLE texts (
    hash TEXT PRIMARY KEY,
    text TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoints (
    seq INTEGER PRIMARY KEY,
    state TEXT NOT NULL
) STRICT;
