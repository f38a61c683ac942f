-- The register of official documents, and their frozen copies (crate dudao-chancery). Rows never change.
CREATE TABLE document_numbers (
    county   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    year     INTEGER NOT NULL,
    serial   INTEGER NOT NULL, -- 1, 2, 3 … without gaps
    document TEXT NOT NULL,    -- the last part of the document's name
    PRIMARY KEY (county, kind, year, serial),
    UNIQUE (county, document)
);
CREATE TABLE document_copies (
    county   TEXT  NOT NULL,
    document TEXT  NOT NULL,
    form     TEXT  NOT NULL, -- docx, pdf
    content  BYTEA NOT NULL,
    PRIMARY KEY (county, document, form)
);
