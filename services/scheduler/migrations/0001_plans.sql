-- Plans of both kinds (zoning, year), and their solves. One text for SQLite and PostgreSQL; JSON is kept as text.

-- What a planner asked for and what came of it, without the heavy parts.
CREATE TABLE plans (
    county     TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    -- Time-ordered: the newest is the greatest.
    plan       TEXT   NOT NULL,
    -- The calendar year that it plans; 0 for zoning plans. One plan a county, kind and year is in force.
    year       BIGINT NOT NULL,
    state      TEXT   NOT NULL,
    limits     TEXT   NOT NULL,
    inputs     TEXT   NOT NULL,
    left_out   TEXT   NOT NULL,
    report     TEXT   NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    version    BIGINT NOT NULL,
    PRIMARY KEY (county, kind, plan)
);
CREATE INDEX plans_by_age ON plans (kind, plan);
CREATE INDEX plans_by_state ON plans (county, kind, year, state);

-- How a plan is solved: the frozen problem, and whoever holds the lease on it.
CREATE TABLE solves (
    county         TEXT    NOT NULL,
    kind           TEXT    NOT NULL,
    plan           TEXT    NOT NULL,
    open           BOOLEAN NOT NULL,
    problem        TEXT    NOT NULL,
    -- The best solution so far; '' while there is none.
    solution       TEXT    NOT NULL,
    -- The figures so far.
    figures        TEXT    NOT NULL,
    -- Who solves it; '' while nobody does.
    holder         TEXT    NOT NULL,
    lease_until_us BIGINT  NOT NULL,
    cancelled      BOOLEAN NOT NULL,
    PRIMARY KEY (county, kind, plan)
);
CREATE INDEX solves_open ON solves (open, plan);

-- The moments of a solve, in order: what its watchers are told.
CREATE TABLE incumbents (
    plan    TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    figures TEXT   NOT NULL,
    PRIMARY KEY (plan, number)
);
