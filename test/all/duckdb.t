#!/usr/bin/env python3
"""Run records and CSV in a warehouse's engine: it counts what rank counts."""
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "cli"))
import history
import tap
from history import at, run

NPM = os.path.join(tap.TOP, "build", "npm")
SCRIPT = """
import { DuckDBInstance } from '@duckdb/node-api';
const db = await (await DuckDBInstance.create(':memory:')).connect();
const out = [];
for (const sql of JSON.parse(process.argv[2]))
  out.push((await db.runAndReadAll(sql)).getRowObjectsJson());
console.log(JSON.stringify(out));
"""
os.makedirs(NPM, exist_ok=True)
if not os.path.exists(NPM + "/package.json"):
    tap.write(NPM + "/package.json", '{ "private": true }\n')
subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent",
                "@duckdb/node-api"], cwd=NPM, check=True,
               stdin=subprocess.DEVNULL)
tap.write(NPM + "/duck.mjs", SCRIPT)


def duck(*queries):
    p = subprocess.run(["node", "duck.mjs", json.dumps(queries)], cwd=NPM,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert p.returncode == 0, p.stderr.decode()
    return json.loads(p.stdout)


TMP = tap.scratch()
rnd = random.Random(3)
NAMES = ["plain", "quo\"te", "com,ma", "line\nbreak", "'single'", "caf\u00e9",
         "\U0001f600", "tab\t", "-minus", "=formula"]
records = []
for day in range(40):
    for job in "ab":
        records.append(run(day, job, {
            n: ["failed", "passed"] if rnd.random() < 0.1 else
            ["failed"] if rnd.random() < 0.05 else ["passed"]
            for n in NAMES}))
db = f"{TMP}/h.db"
history.record(db, "-q", history.write(f"{TMP}/in.jsonl", records))
for name, args in (("runs.jsonl", ()), ("runs.csv", ("--format=csv",))):
    status, _, err = tap.run("export", f"--history={db}", "-o",
                             f"{TMP}/{name}", *args)
    assert status == 0, err
COUNTS = """SELECT name, count(DISTINCT run) AS runs,
    count(DISTINCT CASE WHEN attempt = 0 AND outcome = 'failed' THEN run END)
        AS bad,
    count(*) AS executions FROM %s GROUP BY name ORDER BY name"""
UNNESTED = f"""(SELECT run, t.name AS name, unnest(t.executions, recursive := true)
    FROM (SELECT run, unnest(tests) AS t
          FROM read_json_auto('{TMP}/runs.jsonl', format='newline_delimited')))"""
lines, rows = duck(COUNTS % UNNESTED,
                   COUNTS % f"read_csv('{TMP}/runs.csv', header = true)")
ranked = {t["name"]: t for t in json.loads(history.rank(db, "--all"))["tests"]}
# a spreadsheet is not to take a name for a formula
bare = {("'" + n if n[0] in "-=" else n): n for n in NAMES}


def counts(found, named=lambda n: n):
    return {named(r["name"]): (int(r["runs"]), int(r["bad"])) for r in found}


want = {n: (t["runs"], t["bad_runs"]) for n, t in ranked.items()}
tap.ok(counts(lines) == want, "run records: the counts of the ranking", lines,
       want)
tap.ok(counts(rows, lambda n: bare[n]) == want, "CSV: the same", rows, want)
total = sum(len(t["executions"]) for r in records for t in r["tests"])
tap.ok(sum(int(r["executions"]) for r in lines)
       == sum(int(r["executions"]) for r in rows) == total,
       "and all executions")
tap.done()
