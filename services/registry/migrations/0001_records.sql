-- Every resource of the registry: a document with a version. One text for SQLite and PostgreSQL.
CREATE TABLE records (
    county     TEXT    NOT NULL, -- six digits of GB/T 2260
    collection TEXT    NOT NULL, -- as in resource names: 'schools'; 'counties' for the county itself
    code       TEXT    NOT NULL, -- the last part of the resource's name
    version    BIGINT  NOT NULL, -- 1 when created, one more with each change
    created_us BIGINT  NOT NULL,
    updated_us BIGINT  NOT NULL,
    ended      BOOLEAN NOT NULL, -- closed, left, withdrawn
    town       TEXT    NOT NULL, -- what lists of schools choose by; '' for the rest
    stage      TEXT    NOT NULL,
    content    TEXT    NOT NULL, -- JSON of the domain type
    PRIMARY KEY (county, collection, code)
);
-- Lists over all counties.
CREATE INDEX records_by_collection ON records (collection, county, code);
