-- Version 2: how a runner takes a test back.

SET LOCAL search_path TO rejunit;

-- Empty where it is the class and the name, with "::" between them.
ALTER TABLE place ADD COLUMN id_of_runner text COLLATE "C" NOT NULL DEFAULT '';

DROP VIEW executions;

CREATE VIEW executions AS
SELECT r.run, r.kind, r.at, r.commit_id, r.branch, r.job, r.host, r.url,
	t.classname, t.name, t.told,
	e.part / 4294967296 AS attempt, e.part % 4294967296 AS entry,
	CASE e.outcome WHEN 1 THEN 'passed' WHEN 2 THEN 'failed'
		WHEN 3 THEN 'error' WHEN 4 THEN 'skipped' ELSE 'unknown' END
		AS outcome,
	e.time / 1000000.0 AS seconds, e.position,
	coalesce(p.file, '') AS file, coalesce(p.suite_path, '[]') AS suite_path,
	coalesce(p.facts, '{}') AS facts,
	CASE WHEN p.id_of_runner <> '' THEN p.id_of_runner
		WHEN t.classname = '' THEN t.name
		ELSE t.classname || '::' || t.name END AS id
FROM execution e JOIN run r ON r.id = e.run JOIN test t ON t.id = e.test
	LEFT JOIN place p ON p.id = e.place;

UPDATE history SET version = 2;
