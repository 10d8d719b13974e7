-- The history of rejunit in SQLite, version 1. What is meant to be read from
-- outside are the views; the tables may change with the version.

CREATE TABLE history (version INTEGER NOT NULL);

INSERT INTO history VALUES (1);

-- One execution of a test command in one environment. Text is empty where
-- nothing says it.
CREATE TABLE run (
	id INTEGER PRIMARY KEY,
	hash INTEGER NOT NULL, -- of the name
	run TEXT NOT NULL, -- its name
	kind TEXT NOT NULL, -- ci, or hunt
	at INTEGER NOT NULL, -- seconds since 1970, UTC
	zoneless INTEGER NOT NULL, -- 1: the time had no zone
	commit_id TEXT NOT NULL,
	branch TEXT NOT NULL,
	job TEXT NOT NULL,
	host TEXT NOT NULL,
	url TEXT NOT NULL,
	facts TEXT NOT NULL -- a JSON object
);

CREATE INDEX run_at ON run (at);

CREATE INDEX run_hash ON run (hash);

-- Which reports a run is made of.
CREATE TABLE report (
	run INTEGER NOT NULL REFERENCES run (id),
	digest TEXT NOT NULL,
	PRIMARY KEY (digest, run)
) WITHOUT ROWID;

CREATE TABLE test (
	id INTEGER PRIMARY KEY,
	hash INTEGER NOT NULL, -- of all the others, as below
	classname TEXT NOT NULL,
	name TEXT NOT NULL,
	told TEXT NOT NULL -- what tells it from its namesakes
);

CREATE INDEX test_hash ON test (hash);

-- Where an execution stood in its report, and what is known of it besides.
CREATE TABLE place (
	id INTEGER PRIMARY KEY,
	hash INTEGER NOT NULL,
	file TEXT NOT NULL,
	suite_path TEXT NOT NULL, -- a JSON array of names
	facts TEXT NOT NULL -- a JSON object
);

CREATE INDEX place_hash ON place (hash);

-- What a failure said; equal ones stand once.
CREATE TABLE words (
	id INTEGER PRIMARY KEY,
	hash INTEGER NOT NULL,
	type TEXT NOT NULL,
	message TEXT NOT NULL,
	trace TEXT NOT NULL,
	signature TEXT NOT NULL
);

CREATE INDEX words_hash ON words (hash);

-- One test in one attempt.
CREATE TABLE execution (
	run INTEGER NOT NULL REFERENCES run (id),
	test INTEGER NOT NULL REFERENCES test (id),
	part INTEGER NOT NULL, -- the attempt, times 2^32, and the entry in it
	outcome INTEGER NOT NULL, -- 1 passed 2 failed 3 error 4 skipped 5 unknown
	time INTEGER, -- microseconds
	position INTEGER, -- in its report, from 0
	words INTEGER REFERENCES words (id),
	place INTEGER REFERENCES place (id),
	PRIMARY KEY (run, test, part)
) WITHOUT ROWID;

CREATE VIEW tests AS
SELECT id, classname, name, told FROM test;

CREATE VIEW executions AS
SELECT r.run, r.kind, r.at, r.commit_id, r.branch, r.job, r.host, r.url,
	t.classname, t.name, t.told,
	e.part / 4294967296 AS attempt, e.part % 4294967296 AS entry,
	CASE e.outcome WHEN 1 THEN 'passed' WHEN 2 THEN 'failed'
		WHEN 3 THEN 'error' WHEN 4 THEN 'skipped' ELSE 'unknown' END
		AS outcome,
	e.time / 1e6 AS seconds, e.position,
	coalesce(p.file, '') AS file, coalesce(p.suite_path, '[]') AS suite_path,
	coalesce(p.facts, '{}') AS facts
FROM execution e JOIN run r ON r.id = e.run JOIN test t ON t.id = e.test
	LEFT JOIN place p ON p.id = e.place;

CREATE VIEW failures AS
SELECT r.run, r.at, r.commit_id, r.branch, r.job, r.host,
	t.classname, t.name, t.told, e.part / 4294967296 AS attempt,
	coalesce(w.type, '') AS type, coalesce(w.message, '') AS message,
	coalesce(w.trace, '') AS trace, coalesce(w.signature, '') AS signature
FROM execution e JOIN run r ON r.id = e.run JOIN test t ON t.id = e.test
	LEFT JOIN words w ON w.id = e.words
WHERE e.outcome IN (2, 3);
