-- What lists choose by, by the names that every service's table of records has.
ALTER TABLE records RENAME COLUMN town TO place;
ALTER TABLE records RENAME COLUMN stage TO kind;
ALTER TABLE records ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE records ADD COLUMN day TEXT NOT NULL DEFAULT '';
CREATE INDEX records_by_subject ON records (county, collection, subject);
CREATE INDEX records_by_day ON records (county, collection, day);
