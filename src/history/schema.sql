-- The history of rejunit, version 1. What is read of it from outside are the
-- views; the tables below them may change with the version.

CREATE TABLE history (version INTEGER NOT NULL);
INSERT INTO history VALUES (1);

CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	run TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL, -- ci, or hunt
	at INTEGER NOT NULL, -- seconds since 1970, UTC
	commit_id TEXT NOT NULL, -- empty where nothing says it, as below
	branch TEXT NOT NULL,
	job TEXT NOT NULL,
	host TEXT NOT NULL,
	url TEXT NOT NULL,
	facts TEXT NOT NULL -- a JSON object
);
CREATE INDEX run_at ON run (at);

CREATE TABLE report (
	run INTEGER NOT NULL REFERENCES run (id),
	digest TEXT NOT NULL, -- of what reports said that were recorded at once
	PRIMARY KEY (run, digest)
) WITHOUT ROWID;

CREATE TABLE test (
	id INTEGER PRIMARY KEY,
	classname TEXT NOT NULL,
	name TEXT NOT NULL,
	told TEXT NOT NULL, -- what tells it from its namesakes
	UNIQUE (classname, name, told)
);

-- What a failure said; equal ones stand once.
CREATE TABLE words (
	id INTEGER PRIMARY KEY,
	type TEXT NOT NULL,
	message TEXT NOT NULL,
	trace TEXT NOT NULL,
	signature TEXT NOT NULL,
	digest TEXT NOT NULL UNIQUE
);

CREATE TABLE execution (
	run INTEGER NOT NULL REFERENCES run (id),
	attempt INTEGER NOT NULL, -- 0: the original
	test INTEGER NOT NULL REFERENCES test (id),
	entry INTEGER NOT NULL, -- among those of one test and attempt
	outcome INTEGER NOT NULL, -- 1 passed 2 failed 3 error 4 skipped 5 unknown
	time INTEGER, -- nanoseconds
	position INTEGER, -- in its report, from 0
	words INTEGER REFERENCES words (id),
	PRIMARY KEY (run, attempt, test, entry)
) WITHOUT ROWID;

CREATE VIEW tests AS
SELECT id, classname, name, told FROM test;

CREATE VIEW executions AS
SELECT r.run, r.kind, r.at, r.commit_id, r.branch, r.job, r.host, r.url,
	t.classname, t.name, t.told, e.attempt, e.entry,
	CASE e.outcome WHEN 1 THEN 'passed' WHEN 2 THEN 'failed'
		WHEN 3 THEN 'error' WHEN 4 THEN 'skipped' ELSE 'unknown' END
		AS outcome,
	e.time, e.position
FROM execution e JOIN run r ON r.id = e.run JOIN test t ON t.id = e.test;

CREATE VIEW failures AS
SELECT r.run, r.at, r.commit_id, r.branch, r.job, r.host,
	t.classname, t.name, t.told, e.attempt,
	w.type, w.message, w.trace, w.signature
FROM execution e JOIN run r ON r.id = e.run JOIN test t ON t.id = e.test
	LEFT JOIN words w ON w.id = e.words
WHERE e.outcome IN (2, 3);
