-- The history of rejunit in PostgreSQL, version 1. What is meant to be read from
-- outside are the views; the tables may change with the version. All of it
-- stands in a schema of its own.

CREATE SCHEMA IF NOT EXISTS rejunit;

SET LOCAL search_path TO rejunit;

CREATE TABLE history (version integer NOT NULL);

INSERT INTO history VALUES (1);

-- One execution of a test command in one environment. Text is empty where
-- nothing says it.
CREATE TABLE run (
	id bigint PRIMARY KEY,
	hash bigint NOT NULL, -- of the name
	run text COLLATE "C" NOT NULL, -- its name
	kind text COLLATE "C" NOT NULL, -- ci, or hunt
	at bigint NOT NULL, -- seconds since 1970, UTC
	zoneless smallint NOT NULL, -- 1: the time had no zone
	commit_id text COLLATE "C" NOT NULL,
	branch text COLLATE "C" NOT NULL,
	job text COLLATE "C" NOT NULL,
	host text COLLATE "C" NOT NULL,
	url text COLLATE "C" NOT NULL,
	facts text COLLATE "C" NOT NULL -- a JSON object
);

CREATE INDEX run_at ON run (at);

CREATE INDEX run_hash ON run (hash);

-- Which reports a run is made of.
CREATE TABLE report (
	run bigint NOT NULL REFERENCES run (id),
	digest text COLLATE "C" NOT NULL,
	PRIMARY KEY (digest, run)
);

CREATE TABLE test (
	id bigint PRIMARY KEY,
	hash bigint NOT NULL, -- of all the others, as below
	classname text COLLATE "C" NOT NULL,
	name text COLLATE "C" NOT NULL,
	told text COLLATE "C" NOT NULL -- what tells it from its namesakes
);

CREATE INDEX test_hash ON test (hash);

-- Where an execution stood in its report, and what is known of it besides.
CREATE TABLE place (
	id bigint PRIMARY KEY,
	hash bigint NOT NULL,
	file text COLLATE "C" NOT NULL,
	suite_path text COLLATE "C" NOT NULL, -- a JSON array of names
	facts text COLLATE "C" NOT NULL -- a JSON object
);

CREATE INDEX place_hash ON place (hash);

-- What a failure said; equal ones stand once.
CREATE TABLE words (
	id bigint PRIMARY KEY,
	hash bigint NOT NULL,
	type text COLLATE "C" NOT NULL,
	message text COLLATE "C" NOT NULL,
	trace text COLLATE "C" NOT NULL,
	signature text COLLATE "C" NOT NULL
);

CREATE INDEX words_hash ON words (hash);

-- One test in one attempt; a partition a month is made when it is needed.
CREATE TABLE execution (
	run bigint NOT NULL,
	test bigint NOT NULL,
	part bigint NOT NULL, -- the attempt, times 2^32, and the entry in it
	outcome smallint NOT NULL, -- 1 passed 2 failed 3 error 4 skipped 5 unknown
	time bigint, -- microseconds
	position integer, -- in its report, from 0
	words bigint,
	place bigint,
	month integer NOT NULL, -- of the run, as 202601
	PRIMARY KEY (run, test, part, month)
) PARTITION BY LIST (month);

CREATE VIEW tests AS
SELECT id, classname, name, told FROM test;

CREATE VIEW executions AS
SELECT r.run, r.kind, r.at, r.commit_id, r.branch, r.job, r.host, r.url,
	t.classname, t.name, t.told,
	e.part / 4294967296 AS attempt, e.part % 4294967296 AS entry,
	CASE e.outcome WHEN 1 THEN 'passed' WHEN 2 THEN 'failed'
		WHEN 3 THEN 'error' WHEN 4 THEN 'skipped' ELSE 'unknown' END
		AS outcome,
	e.time / 1000000.0 AS seconds, e.position,
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
