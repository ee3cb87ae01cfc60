-- Names, numbers and facts that belong to the database as a whole: `generation` (16 random bytes, BLOB) is replaced
-- when history is restored; `commit_no` counts group commits; `ready` is written to see whether writing works.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('generation', randomblob(16)), ('commit_no', 0), ('ready', 0);

CREATE TABLE sites (
    key       INTEGER NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    created   INTEGER NOT NULL,
    -- The newest version in the site's thread list, and how many threads it has.
    inbox_ver INTEGER NOT NULL DEFAULT 0,
    threads   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE origins (
    site   INTEGER NOT NULL REFERENCES sites (key),
    origin TEXT NOT NULL,
    PRIMARY KEY (site, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE threads (
    key            INTEGER NOT NULL PRIMARY KEY,
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    site           INTEGER NOT NULL REFERENCES sites (key),
    number         INTEGER NOT NULL,
    salt           BLOB NOT NULL CHECK (length(salt) = 16),
    head           INTEGER NOT NULL CHECK (head >= 0),
    last_ts        INTEGER NOT NULL,
    customer_read  INTEGER NOT NULL CHECK (customer_read <= head),
    customer_deliv INTEGER NOT NULL CHECK (customer_deliv <= head),
    agent_read     INTEGER NOT NULL CHECK (agent_read <= head),
    agent_deliv    INTEGER NOT NULL CHECK (agent_deliv <= head),
    inbox_ver      INTEGER NOT NULL,
    day            INTEGER NOT NULL,
    day_count      INTEGER NOT NULL,
    UNIQUE (site, number),
    UNIQUE (site, inbox_ver)
) STRICT;

-- A removed device keeps its row, so that it is never silently made again.
CREATE TABLE devices (
    site        INTEGER NOT NULL REFERENCES sites (key),
    did         BLOB NOT NULL CHECK (length(did) = 8),
    secret_hash BLOB NOT NULL CHECK (length(secret_hash) = 32),
    thread      INTEGER NOT NULL REFERENCES threads (key),
    created     INTEGER NOT NULL,
    revoked     INTEGER,
    PRIMARY KEY (site, did)
) STRICT, WITHOUT ROWID;

CREATE TABLE agents (
    id        BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    site      INTEGER NOT NULL REFERENCES sites (key),
    email     TEXT NOT NULL,
    -- The address in lower case: what it is compared by.
    email_key TEXT NOT NULL UNIQUE,
    name      TEXT NOT NULL,
    created   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE links (
    hash  BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    agent BLOB NOT NULL REFERENCES agents (id),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    hash  BLOB NOT NULL PRIMARY KEY CHECK (length(hash) = 32),
    agent BLOB NOT NULL REFERENCES agents (id),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The logs. `side` is 0 for the customer and 1 for agents; `hash` is of who said what, to tell a resend from another
-- message under the same id. Clustered by thread and place, because that is how a log is read.
CREATE TABLE events (
    thread INTEGER NOT NULL REFERENCES threads (key),
    seq    INTEGER NOT NULL CHECK (seq >= 1),
    id     BLOB NOT NULL CHECK (length(id) = 16),
    ts     INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    side   INTEGER NOT NULL CHECK (side IN (0, 1)),
    agent  BLOB REFERENCES agents (id),
    cid    BLOB NOT NULL CHECK (length(cid) = 16),
    body   TEXT NOT NULL,
    hash   BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (thread, seq),
    UNIQUE (thread, side, cid)
) STRICT, WITHOUT ROWID;
