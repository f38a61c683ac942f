-- Every type that services use, once.
CREATE TABLE things (
    key     TEXT             PRIMARY KEY,
    count   BIGINT           NOT NULL,
    version BIGINT           NOT NULL,
    open    BOOLEAN          NOT NULL,
    day     DATE             NOT NULL,
    part    DOUBLE PRECISION NOT NULL,
    bytes   BYTEA            NOT NULL,
    note    TEXT
);
