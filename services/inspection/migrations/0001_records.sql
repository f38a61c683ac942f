-- Every resource: a document with a version, as platform::document says. One text for SQLite and PostgreSQL.
CREATE TABLE records (
    county     TEXT    NOT NULL, -- six digits of GB/T 2260
    collection TEXT    NOT NULL, -- as in resource names
    code       TEXT    NOT NULL, -- the last part of the resource's name
    version    BIGINT  NOT NULL, -- 1 when created, one more with each change
    created_us BIGINT  NOT NULL,
    updated_us BIGINT  NOT NULL,
    ended      BOOLEAN NOT NULL, -- concluded, cancelled, withdrawn
    place      TEXT    NOT NULL, -- what lists choose by; '' for the rest
    kind       TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    day        TEXT    NOT NULL,
    content    TEXT    NOT NULL, -- JSON of the domain type
    PRIMARY KEY (county, collection, code)
);
CREATE INDEX records_by_collection ON records (collection, county, code);
CREATE INDEX records_by_subject ON records (county, collection, subject);
CREATE INDEX records_by_day ON records (county, collection, day);
