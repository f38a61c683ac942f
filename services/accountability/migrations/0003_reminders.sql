-- Who decided a finding's limit, and what the public may read of it. What was written before has neither until its case is next
-- written.
ALTER TABLE ledger ADD COLUMN officer TEXT NOT NULL DEFAULT ''; -- who decided the limit
ALTER TABLE ledger ADD COLUMN published TEXT NOT NULL DEFAULT ''; -- YYYY-MM-DD of the result's publication; '' if there is none to read
ALTER TABLE ledger ADD COLUMN result TEXT NOT NULL DEFAULT ''; -- the result in words for the public
CREATE INDEX ledger_by_officer ON ledger (county, officer, due, case_code, at);
CREATE INDEX ledger_by_publication ON ledger (county, published, case_code, at);

-- The moments of limits that were told of: each once for each limit, however often and by however many it is looked for.
CREATE TABLE reminders (
    county   TEXT   NOT NULL,
    resource TEXT   NOT NULL, -- the last part of the name of a case; the whole name of anything else
    matter   TEXT   NOT NULL, -- a finding's identity, or the clock
    due      TEXT   NOT NULL, -- YYYY-MM-DD
    moment   TEXT   NOT NULL,
    fell_us  BIGINT NOT NULL, -- when it was noticed
    PRIMARY KEY (county, resource, matter, due, moment)
);
