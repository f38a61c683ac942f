-- On whose account something happened, what was there before, and a chain for each county. Rows of before have none of it.
ALTER TABLE events ADD COLUMN on_behalf_of TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN method TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN before_url TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN before_state BYTEA;
ALTER TABLE events ADD COLUMN county_sequence BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN county_hash BYTEA;
CREATE INDEX events_by_county ON events (county, county_sequence);

-- Where the chains begin once what lies before was archived and taken away: of each county, and of the whole under '*'.
CREATE TABLE chain_starts (
    chain    TEXT PRIMARY KEY,
    sequence BIGINT NOT NULL,
    hash     BYTEA  NOT NULL
);
