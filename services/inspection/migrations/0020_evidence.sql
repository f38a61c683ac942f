-- Contents of evidence files: how many files hold one, and how often it was removed. One text for SQLite and PostgreSQL.
CREATE TABLE contents (
    sha256     TEXT   NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL, -- the part of its name that changes when it is removed
    holders    BIGINT NOT NULL  -- files of any county whose content it is
);
-- Contents that no file holds any more and that have yet to be removed from where they lie.
CREATE TABLE removals (
    sha256     TEXT   NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (sha256, generation)
);
