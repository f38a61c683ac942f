-- The ledger: a row for every finding of every case, written with its case. Each filter of the list has an index that also
-- gives its order: by limit, then by identity. A finding without a limit has '' and comes first.
CREATE TABLE ledger (
    county     TEXT   NOT NULL,
    case_code  TEXT   NOT NULL,
    finding    TEXT   NOT NULL, -- its identity
    at         BIGINT NOT NULL, -- its place in the case
    town       TEXT   NOT NULL,
    unit       TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    due        TEXT   NOT NULL, -- YYYY-MM-DD by when it must be put right; '' while undecided or done
    settled    BOOLEAN NOT NULL,
    title      TEXT   NOT NULL,
    unit_name  TEXT   NOT NULL,
    severity   TEXT   NOT NULL,
    urged      BIGINT NOT NULL, -- urging letters
    PRIMARY KEY (county, case_code, at)
);
CREATE INDEX ledger_by_due ON ledger (county, due, case_code, at);
CREATE INDEX ledger_by_town ON ledger (county, town, due, case_code, at);
CREATE INDEX ledger_by_unit ON ledger (county, unit, due, case_code, at);
CREATE INDEX ledger_by_state ON ledger (county, state, due, case_code, at);
