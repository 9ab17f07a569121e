-- Version 1: calls, the sessions on them with their records, and their events.
CREATE SCHEMA IF NOT EXISTS {schema};

CREATE TABLE {schema}.migrations (
    version integer     PRIMARY KEY,
    oldest  integer     NOT NULL, -- programs of this version and later can use the tables
    applied timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- A call has one row, which every write for the call locks first: its events
-- become visible in order of their numbers, and it is forgotten as a whole.
CREATE TABLE {schema}.calls (
    call_sid text COLLATE "C" PRIMARY KEY,
    born     timestamptz NOT NULL DEFAULT clock_timestamp(),
    last     bigint      NOT NULL, -- the number of the newest event
    expires  timestamptz NOT NULL  -- rarely renewed, so that the index is rarely written
) WITH (fillfactor = 70);
CREATE INDEX calls_expires ON {schema}.calls (expires);

CREATE TABLE {schema}.sessions (
    call_sid    text COLLATE "C" NOT NULL,
    account_sid text COLLATE "C" NOT NULL,
    sid         text COLLATE "C" NOT NULL,
    record      bytea,
    revision    bigint      NOT NULL DEFAULT 0, -- 0 without a record
    changed     timestamptz NOT NULL DEFAULT clock_timestamp(),
    over        boolean     NOT NULL DEFAULT false,
    PRIMARY KEY (call_sid, account_sid, sid)
) WITH (fillfactor = 70);
CREATE INDEX sessions_open ON {schema}.sessions (account_sid, call_sid, sid) WHERE NOT over;

CREATE TABLE {schema}.events (
    call_sid    text COLLATE "C" NOT NULL,
    number      bigint NOT NULL,
    account_sid text COLLATE "C" NOT NULL,
    sid         text COLLATE "C" NOT NULL,
    digest      bytea  NOT NULL, -- SHA-256 of session and ID of the delivery
    taken       timestamptz NOT NULL DEFAULT clock_timestamp(),
    data        bytea  NOT NULL,
    PRIMARY KEY (call_sid, number),
    UNIQUE (call_sid, digest)
);

INSERT INTO {schema}.migrations (version, oldest) VALUES (1, 1);
