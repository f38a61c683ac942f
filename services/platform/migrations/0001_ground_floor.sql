-- What every service keeps beside its own tables. One text for SQLite and PostgreSQL: see the crate's documentation.

-- Facts in commit order: outbox, audit trail and integration feed in one. A row never changes.
CREATE TABLE events (
    sequence      BIGINT PRIMARY KEY,
    id            TEXT   NOT NULL UNIQUE,
    kind          TEXT   NOT NULL,
    resource      TEXT   NOT NULL,
    county        TEXT   NOT NULL,
    actor         TEXT   NOT NULL,
    time_us       BIGINT NOT NULL,
    type_url      TEXT   NOT NULL,
    payload       BYTEA  NOT NULL,
    previous_hash BYTEA  NOT NULL,
    hash          BYTEA  NOT NULL
);

-- The answers already given, by the id that the caller gave its request.
CREATE TABLE requests (
    county       TEXT   NOT NULL,
    request      TEXT   NOT NULL,
    request_id   TEXT   NOT NULL,
    request_hash BYTEA  NOT NULL,
    response     BYTEA  NOT NULL,
    created_us   BIGINT NOT NULL,
    PRIMARY KEY (county, request, request_id)
);
CREATE INDEX requests_by_age ON requests (created_us);

-- How far this service has followed the events of others.
CREATE TABLE cursors (
    stream TEXT PRIMARY KEY,
    cursor TEXT NOT NULL
);
