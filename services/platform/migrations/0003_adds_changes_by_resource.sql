-- The history of one resource is read the newest first.
CREATE INDEX events_by_resource ON events (resource, county_sequence);
