#!/usr/bin/env python3
"""What many runs tell: planted truths come out, whatever the order."""
import gzip
import json
import os
import random
import re
import sqlite3
import subprocess

import history
import jsonschema
import tap
from history import NONE, at, run

TMP = tap.scratch()
PASSED, FAILED = ["passed"], ["failed"]


def path(name):
    return os.path.join(TMP, name)


def write(name, records):
    return history.write(path(name), records)


def record(name, *args, env=NONE):
    return history.record(path(name), *args, cwd=TMP, env=env)


def rank(name, *args):
    return history.rank(path(name), *args)


# --- planted truths -----------------------------------------------------------
records = []
for day in range(40):
    for job in "abc":
        t = {k: PASSED for k in ("ok", "rerun", "commit", "jobs", "isolated",
                                 "broken", "environment", "bug")}
        t.update({f"outage{i}": PASSED for i in range(60)})
        if (day, job) == (20, "a"):
            t["rerun"] = ["failed", "passed"]
        if (day, job) == (22, "b"):
            t["jobs"] = FAILED
        if day == 25 and job == "a":
            t["isolated"] = FAILED
        elif day == 25:
            del t["isolated"]
        if day >= 36:
            t["broken"] = FAILED
        if job == "c":
            t["environment"] = FAILED
        if (day, job) == (30, "b"):
            t.update({f"outage{i}": FAILED for i in range(40)})
        records.append(run(day, job, t))
records.append(run(24, "a", {"commit": FAILED}, run="24/a/again", at=at(24, 9)))
for day in (26, 27):
    records.append(run(day, "a", {"bug": FAILED}, run=f"{day}/bug",
                       branch="feature", commit=f"f{day}"))
status, err = record("all.db", write("all.jsonl", records))
tap.ok(status == 0 and " new executions in " in err, "records are kept", err)
first = rank("all.db", "--all")
tests = {t["name"]: t for t in json.loads(first)["tests"]}
for name, state, event in (("rerun", "flaky", "S"), ("commit", "flaky", "C"),
                           ("jobs", "flaky", "J"),
                           ("isolated", "suspect", "I"),
                           ("broken", "broken", None),
                           ("environment", "environment", None),
                           ("bug", "healthy", None), ("ok", "healthy", None)):
    t = tests[name]
    want = {e: int(e == event) for e in "SCJI"}
    tap.ok(t["state"] == state and t["events"] == want,
           f"{name} is {state}, by {event or 'nothing'}", t)
tap.ok({t["state"] for n, t in tests.items() if n.startswith("outage")}
       == {"healthy"} and json.loads(first)["outages"] == 1,
       "an outage makes no test flaky")
tap.ok(all(0 < t["rate_low"] < t["rate"] < t["rate_high"] < 1
           for t in tests.values() if t["state"] in ("flaky", "healthy")),
       "no rate is none, and each has its interval")
tap.ok(tests["rerun"]["missing_passes"] > 0, "so many passes are missing")
listed = [t["name"] for t in json.loads(rank("all.db"))["tests"]]
tap.ok(sorted(listed) == ["broken", "commit", "environment", "isolated",
                          "jobs", "rerun"], "what is listed is worth a look",
       listed)

def planted(name, runs):
    """The ranking of a history of one test, "t", at its end."""
    record(name, "-q", write(f"{name}.jsonl", runs))
    tests = {t["name"]: t for t in json.loads(rank(name, "--all"))["tests"]}
    return tests["t"]


def one(day, job, outcomes, n=0, **more):
    return run(day, job, {"t": outcomes, "u": PASSED}, **{
        "run": f"{day}/{job}/{n}", "at": at(day, n), **more})


BEFORE = [one(d, "u", PASSED) for d in range(20)]
t = planted("streak1.db", BEFORE + [one(d, j, FAILED, n) for n, (d, j) in
            enumerate((d, j) for j in "uv" for d in (30, 31))])
tap.ok(t["state"] != "broken", "two commits in two jobs are no streak", t)
t = planted("streak2.db", BEFORE + [one(d, "v", PASSED) for d in range(20)]
            + [one(d, j, PASSED if j == "u" else FAILED, d) for d in
               range(30, 34) for j in "uv"])
tap.ok(t["state"] != "broken", "what passed in another job is not broken", t)
t = planted("streak3.db", BEFORE + [one(d, j, FAILED) for d in range(30, 33)
                                    for j in "uv"])
tap.ok(t["state"] == "broken", "three commits that no job passed are", t)
legs = [one(d, "test", FAILED if h == "old" else PASSED, run=f"g/{d}/test/{h}",
            host=h) for d in range(20) for h in ("new", "old")]
t = planted("legs.db", legs)
tap.ok(t["events"]["C"] == 0, "legs of a matrix are no runs of one job", t)
late = [one(d, "u", FAILED if d in (0, 39) else PASSED) for d in range(-1, 41)]
t = planted("suspects.db", [{**r, "commit": "" if i > 30 else r["commit"]}
                            for i, r in enumerate(late)])
tap.ok(t["events"]["I"] == 2 and t["state"] == "suspect",
       "two isolated failures far from each other are no flake", t)
t = planted("hunt.db", BEFORE + [one(30, "u", ["failed", "passed"], n,
            kind="hunt") for n in range(9)])
tap.ok(sum(t["events"].values()) == 0 and t["runs"] == 20 and t["rate"] < 0.05,
       "a hunt is no evidence, and no sample", t)
for n in (4, 5):
    t = planted(f"few{n}.db", BEFORE + [one(d, "only", FAILED)
                                        for d in range(20 - n, 20)])
    tap.ok((t["state"] == "environment") == (n == 5),
           f"{n} failures of one job are {'' if n == 5 else 'not yet '}its "
           "environment's", t)
t = planted("between.db", [one(d, j, FAILED if j == "a" and 9 <= d <= 11
                               else PASSED) for d in range(20) for j in "abc"])
tap.ok(t["events"]["J"] == 2, "a failure between two others of its job is no J",
       t)
t = planted("several.db", [{**one(5, "u", PASSED), "tests": [
    {"name": "t", "executions": [{"attempt": a, "outcome": o} for a, o in (
        (0, "failed"), (0, "passed"), (1, "passed"))]}]}])
tap.ok(t["events"]["S"] == 0, "of entries that nothing tells apart, a pass "
       "again proves nothing", t)
broad = {f"o{i}": FAILED for i in range(40)}
t = planted("outage.db", [one(0, "u", PASSED), one(1, "u", FAILED),
            run(2, "u", {"t": PASSED, **broad}, run="2/u/0"),
            one(3, "u", FAILED), one(4, "u", PASSED)])
tap.ok(sum(t["events"].values()) == 0,
       "a pass in an outage is no neighbour of a failure", t)
t = planted("strongest.db", [
    one(5, "u", FAILED, 1), one(5, "u", ["failed", "passed"], 2),
    one(5, "u", PASSED, 3)])
tap.ok(t["events"] == {"S": 1, "C": 0, "J": 0, "I": 0},
       "of several events of a commit and job, the strongest counts", t)

# --- whatever the order, and however often -----------------------------------
status, err = record("all.db", path("all.jsonl"))
tap.ok(status == 0 and "rejunit: 0 new" in err and rank("all.db", "--all")
       == first, "recorded again, nothing changes", err)
shuffled = records[:]
random.Random(1).shuffle(shuffled)
record("other.db", write("half.jsonl.gz", shuffled[::2]),
       write("rest.jsonl", shuffled[1::2]))
tap.ok(rank("other.db", "--all") == first,
       "in another order, the ranking has the same bytes")
status, err = record("all.db", write("contradiction.jsonl", [
    run(3, "a", {"ok": FAILED})]))
tap.ok(status == 3 and "3/a" in err and rank("all.db", "--all") == first,
       "a contradiction is an error, and nothing is kept", err)

# --- a union of what records say -------------------------------------------------
DETAILS = [{"outcome": "failed", **d} for d in (
    {}, {"time": 2}, {"message": "m", "type": "T"},
    {"signature": "v1:1", "message": "n"}, {"position": 3, "facts": {"a": 1}},
    {"facts": {"b": 2, "a": 0}})]
for i, x in enumerate(DETAILS):
    write(f"part{i}.jsonl", [{
        **run(1, "a", {}), "facts": {f"f{i}": i}, "host": f"h{i}", "tests": [
            {"name": "t", "executions": [x],
             **({"file": "f"} if i == 2 else {})}]}])
unions = set()
for n in range(6):
    order = list(range(6))
    random.Random(n).shuffle(order)
    record(f"union{n}.db", "-q", *(f"part{i}.jsonl" for i in order))
    unions.add(history.export(path(f"union{n}.db")))
tap.ok(len(unions) == 1 and all(w in min(unions) for w in (
    b'"time":2', b'"message":"m"', b'"signature":"v1:1"', b'"position":3',
    b'"file":"f"', b'"facts":{"a":0,"b":2}', b'"f5":5', b'"host":"h0"')),
    "what one record does not say is taken over, in any order", *unions)

# --- bad input ------------------------------------------------------------------
for text, column in (('{"version":1', 13), ("{}", 3), ("[]", 1),
                     ('{"version":1,"run":"x","at":"soon"}', 35)):
    with open(path("bad.jsonl"), "w") as f:
        f.write("\n" + text + "\n")
    status, err = record("bad.db", path("bad.jsonl"))
    tap.ok(status == 3 and f"bad.jsonl:2:{column}: " in err,
           f"{text} is refused where it is wrong", err)
with open(path("half.gz.jsonl.gz"), "wb") as f:
    f.write(gzip.compress(b"x" * 100000)[:60])
status, err = record("bad.db", path("half.gz.jsonl.gz"))
tap.ok(status == 3, "what is cut off is refused", err)
with open(path("foreign.db"), "wb") as f:
    f.write(b"no history at all" * 100)
status, err = record("foreign.db", path("all.jsonl"))
tap.ok(status == 3 and "is no history" in err,
       "what is no history is left alone", err)
status, _, err = tap.run("rank", f"--history={path('none.db')}")
tap.ok(status == 3 and not os.path.exists(path("none.db")),
       "a history that is not there is not made by looking", err)

# --- reports: attempts, parts, legs -------------------------------------------
FAIL = ('<testsuite name="s" timestamp="2026-01-31T23:59:59" hostname="h">'
        '<testcase classname="c" name="a" time="1"><failure message="m"/>'
        '</testcase><testcase classname="c" name="b" time="2"/></testsuite>')
PASS = ('<testsuite name="s" timestamp="2026-01-31T23:59:59" hostname="h">'
        '<testcase classname="c" name="a" time="1"/></testsuite>')
PART = ('<testsuite name="s" hostname="h"><testcase classname="d" name="x"/>'
        '</testsuite>')
for name, text in (("fail", FAIL), ("pass", PASS), ("part", PART)):
    tap.write(path(f"{name}.xml"), text)


def executions(history):
    db = sqlite3.connect(path(history))
    rows = db.execute("SELECT run, classname || '.' || name, attempt, outcome "
                      "FROM executions ORDER BY 1, 2, 3").fetchall()
    db.close()
    return rows


record("r1.db", "--run=r", "fail.xml", "pass.xml", env=NONE)
both = executions("r1.db")
tap.ok(both == [("r", "c.a", 0, "failed"), ("r", "c.a", 1, "passed"),
                ("r", "c.b", 0, "passed")],
       "the reports of a call are attempts", both)
for report in ("fail.xml", "pass.xml", "fail.xml", "pass.xml"):
    record("r2.db", "--run=r", report, env=NONE)
tap.ok(executions("r2.db") == both,
       "and of one call after the other, once each", executions("r2.db"))
record("r3.db", "--run=r", "fail.xml", env=NONE)
for _ in range(2):
    record("r3.db", "--run=r", "fail.xml", "pass.xml", env=NONE)
tap.ok(executions("r3.db") == both,
       "nor does it matter in which groups they come", executions("r3.db"))
for host, report in (("h1", "fail.xml"), ("h2", "pass.xml")):
    record("leg.db", "--run=r", f"--host={host}", report, env=NONE)
tap.ok({x[0] for x in executions("leg.db")} == {"r", "r~2"},
       "another host's is another run, and no attempt", executions("leg.db"))
tap.write(path("late.xml"), FAIL.replace("23:59:59", "23:59:58"))
for report in ("late.xml", "fail.xml", "pass.xml"):
    record("r4.db", "--run=r", report, env=NONE)
tap.ok([x[2:] for x in executions("r4.db") if x[1] == "c.a"] == [
    (0, "failed"), (1, "passed")] and ("r~2", "c.a", 0, "failed")
       in executions("r4.db") or len(executions("r4.db")) > 3,
       "a rerun that failed the same way is not the same report",
       executions("r4.db"))
TWINS = ('<testsuites>' + "".join(
    f'<testsuite name="{n}" hostname="h"><testcase classname="a" name="t">%s'
    '</testcase></testsuite>' for n in "xy") + '</testsuites>')
tap.write(path("ns1.xml"), TWINS % ("", "<failure/>"))
tap.write(path("ns2.xml"), '<testsuites><testsuite name="y" hostname="h">'
          '<testcase classname="a" name="t"/></testsuite></testsuites>')
for name, calls in (("ns1.db", (("ns1.xml", "ns2.xml"),)),
                    ("ns2.db", (("ns1.xml",), ("ns2.xml",)))):
    for reports in calls:
        record(name, "--run=r", "--at=2026-01-01T00:00:00Z", *reports, env=NONE)
    tests = {t["id"]: t for t in json.loads(rank(name, "--all"))["tests"]}
    tap.ok(set(tests) == {"a::t @ x", "a::t @ y"}
           and tests["a::t @ y"]["events"]["S"] == 1,
           "a namesake that stands alone in the rerun is known again", tests)
tap.run("record", f"--history={path('pipe.db')}", "--run=r", "-", cwd=TMP,
        stdin=FAIL.encode(), env=NONE)
tap.ok([x[1] for x in executions("pipe.db")] == ["c.a", "c.b"],
       "standard input is a report, too", executions("pipe.db"))
for host in ("h1", "h2"):
    tap.write(path(f"{host}.xml"), (FAIL if host == "h1" else PASS).replace(
        'hostname="h"', f'hostname="{host}"'))
    record("hosts.db", f"{host}.xml", env={
        **NONE, "GITHUB_ACTIONS": "1", "GITHUB_RUN_ID": "1",
        "GITHUB_JOB": "j", "GITHUB_SHA": "s"})
tap.ok({x[0] for x in executions("hosts.db")} == {
    "github/1/j/h1", "github/1/j/h2"},
       "a report's own host tells legs apart", executions("hosts.db"))
record("r2.db", "--run=r", "part.xml", env=NONE)
tap.ok(("r", "d.x", 0, "passed") in executions("r2.db"),
       "other tests are a part of it")
tap.write(path("again.xml"), FAIL.replace('time="2"', 'time="3"'))
status, err = record("r2.db", "--run=r", "again.xml", env=NONE)
tap.ok(("r~2", "c.b", 0, "passed") in executions("r2.db") and "r~2" in err,
       "a run of all tests again is another run", err)

# --- CI systems, row by row ------------------------------------------------------
SYSTEMS = {
    "github": ("GITHUB_ACTIONS", {"GITHUB_REPOSITORY": "o/r",
               "GITHUB_RUN_ID": "5", "GITHUB_RUN_ATTEMPT": "2",
               "GITHUB_JOB": "unit", "GITHUB_SHA": "abc",
               "GITHUB_REF_NAME": "main",
               "GITHUB_SERVER_URL": "https://example.org"},
               ("github/o/r/5/2/unit/h", "abc", "main", "unit",
                "https://example.org/o/r/actions/runs/5")),
    "gitlab": ("GITLAB_CI", {"CI_PROJECT_PATH": "o/r", "CI_PIPELINE_ID": "5",
               "CI_JOB_ID": "7", "CI_JOB_NAME": "unit", "CI_NODE_INDEX": "1",
               "CI_COMMIT_SHA": "abc", "CI_COMMIT_REF_NAME": "main",
               "CI_JOB_URL": "https://example.org/7"},
               ("gitlab/o/r/5/7/unit/1/h", "abc", "main", "unit",
                "https://example.org/7")),
    "circleci": ("CIRCLECI", {"CIRCLE_PROJECT_REPONAME": "r",
                 "CIRCLE_WORKFLOW_ID": "5", "CIRCLE_BUILD_NUM": "7",
                 "CIRCLE_JOB": "unit", "CIRCLE_NODE_INDEX": "1",
                 "CIRCLE_SHA1": "abc", "CIRCLE_BRANCH": "main",
                 "CIRCLE_BUILD_URL": "https://example.org/7"},
                 ("circleci/r/5/7/unit/1/h", "abc", "main", "unit",
                  "https://example.org/7")),
    "buildkite": ("BUILDKITE", {"BUILDKITE_PIPELINE_SLUG": "r",
                  "BUILDKITE_BUILD_NUMBER": "5", "BUILDKITE_RETRY_COUNT": "1",
                  "BUILDKITE_LABEL": "unit", "BUILDKITE_PARALLEL_JOB": "2",
                  "BUILDKITE_COMMIT": "abc", "BUILDKITE_BRANCH": "main",
                  "BUILDKITE_BUILD_URL": "https://example.org/5"},
                  ("buildkite/r/5/1/unit/2/h", "abc", "main", "unit",
                   "https://example.org/5")),
    "azure": ("TF_BUILD", {"BUILD_DEFINITIONNAME": "r", "BUILD_BUILDID": "5",
              "SYSTEM_JOBATTEMPT": "2", "SYSTEM_JOBNAME": "unit",
              "SYSTEM_JOBPOSITIONINPHASE": "3",
              "BUILD_SOURCEVERSION": "abc",
              "BUILD_SOURCEBRANCH": "refs/heads/main"},
              ("azure/r/5/2/unit/3/h", "abc", "main", "unit", "")),
    "bitbucket": ("BITBUCKET_BUILD_NUMBER",
                  {"BITBUCKET_REPO_FULL_NAME": "o/r",
                   "BITBUCKET_STEP_RUN_NUMBER": "2",
                   "BITBUCKET_STEP_UUID": "{s}",
                   "BITBUCKET_PARALLEL_STEP": "1", "BITBUCKET_COMMIT": "abc",
                   "BITBUCKET_BRANCH": "main"},
                  ("bitbucket/o/r/true/2/{s}/1/h", "abc", "main", "{s}", "")),
    "teamcity": ("TEAMCITY_VERSION", {"TEAMCITY_BUILDCONF_NAME": "unit",
                 "BUILD_NUMBER": "5", "BUILD_VCS_NUMBER": "abc",
                 "BUILD_URL": "https://example.org/5"},
                 ("teamcity/unit/5/unit/h", "abc", "", "unit",
                  "https://example.org/5")),
    "travis": ("TRAVIS", {"TRAVIS_REPO_SLUG": "o/r", "TRAVIS_BUILD_ID": "5",
               "TRAVIS_JOB_NAME": "unit", "TRAVIS_JOB_NUMBER": "5.1",
               "TRAVIS_COMMIT": "abc", "TRAVIS_BRANCH": "main",
               "TRAVIS_JOB_WEB_URL": "https://example.org/5"},
               ("travis/o/r/5/unit/5.1/h", "abc", "main", "unit",
                "https://example.org/5")),
    "drone": ("DRONE", {"DRONE_REPO": "o/r", "DRONE_BUILD_NUMBER": "5",
              "DRONE_STAGE_NAME": "unit", "DRONE_STAGE_NUMBER": "1",
              "DRONE_COMMIT_SHA": "abc", "DRONE_BRANCH": "main",
              "DRONE_BUILD_LINK": "https://example.org/5"},
              ("drone/o/r/5/unit/1/h", "abc", "main", "unit",
               "https://example.org/5")),
    "woodpecker": ("CI_PIPELINE_NUMBER", {"CI_REPO": "o/r",
                   "CI_WORKFLOW_NAME": "unit", "CI_COMMIT_SHA": "abc",
                   "CI_COMMIT_BRANCH": "main",
                   "CI_PIPELINE_URL": "https://example.org/5"},
                   ("woodpecker/o/r/true/unit/h", "abc", "main", "unit",
                    "https://example.org/5")),
    "jenkins": ("JENKINS_URL", {"JOB_NAME": "o", "BUILD_NUMBER": "5",
                "STAGE_NAME": "unit", "GIT_COMMIT": "abc",
                "BRANCH_NAME": "main", "BUILD_URL": "https://example.org/5"},
                ("jenkins/o/5/unit/h", "abc", "main", "unit",
                 "https://example.org/5")),
}
for name, (proof, variables, want) in SYSTEMS.items():
    legs = []
    for host in ("h", "i"):
        record(f"{name}.db", f"--host={host}", "fail.xml",
               env={**NONE, **variables, proof: "true"})
    db = sqlite3.connect(path(f"{name}.db"))
    got = db.execute("SELECT run, commit_id, branch, job, url FROM run "
                     "ORDER BY run").fetchall()
    db.close()
    tap.ok(got[:1] == [want] and len(got) == 2 and got[1][0][-2:] == "/i",
           f"{name} says what run it is, and legs are runs of their own", got)

# --- git, without calling it ------------------------------------------------------
repo = path("repo")
subprocess.run(["git", "init", "-q", "-b", "trunk", repo], check=True)
subprocess.run(["git", "-C", repo, "-c", "user.name=x", "-c", "user.email=y",
                "commit", "-q", "--allow-empty", "-m", "x"], check=True)
sha = subprocess.run(["git", "-C", repo, "rev-parse", "HEAD"], check=True,
                     stdout=subprocess.PIPE, text=True).stdout.strip()
for packed in (False, True):
    if packed:
        subprocess.run(["git", "-C", repo, "pack-refs", "--all"], check=True)
    os.makedirs(os.path.join(repo, "deep/er"), exist_ok=True)
    there = path(f"git{int(packed)}.db")
    tap.run("record", f"--history={there}", path("fail.xml"),
            cwd=os.path.join(repo, "deep/er"), env=NONE)
    db = sqlite3.connect(there)
    got = db.execute("SELECT commit_id, branch FROM run").fetchone()
    db.close()
    tap.ok(got == (sha, "trunk"), "the checkout says commit and branch", got)

# --- runs that travel ------------------------------------------------------------
RICH = [{**run(1, "rich", {}), "host": "h", "url": "https://example.org/1",
         "facts": {"seed": "7"}, "zoneless": True, "kind": "hunt", "tests": [
    {"classname": "c\u00e9\"\\", "name": "n\ttab\nline", "told": "f.py",
     "file": "tests/f.py", "suite_path": ["s", "t\"u"], "executions": [
         {"attempt": 0, "outcome": "failed", "time": 0.012, "position": 3,
          "type": "T", "message": "m\u0001\ufffd|", "trace": "a\nb",
          "signature": "v1:0123456789abcdef", "facts": {"worker": "gw1"}},
         {"attempt": 1, "outcome": "passed", "time": 3}]},
    {"name": "only", "executions": [{"outcome": "unknown"},
                                    {"outcome": "skipped", "attempt": 0}]}]}]
write("rich.jsonl", RICH + records[:40])
record("rich.db", "rich.jsonl")
once = history.export(path("rich.db"))
tap.write(path("once.jsonl"), once)
record("again.db", "once.jsonl")
tap.ok(history.export(path("again.db")) == once and once.count(b"\n") == 41,
       "what is exported comes back the same", once[:300])
schema = json.loads(tap.read(os.path.join(tap.TOP, "doc/run.schema.json")))
for line in once.splitlines():
    jsonschema.validate(json.loads(line), schema)
rich = next(r for r in map(json.loads, once.splitlines()) if r["kind"] == "hunt")
told = next(t for t in rich["tests"] if "told" in t)
tap.ok(rich["facts"] == {"seed": "7"} and rich["zoneless"]
       and told == {**RICH[0]["tests"][0], "executions": told["executions"]}
       and told["executions"][0] == RICH[0]["tests"][0]["executions"][0],
       "nothing is lost of a run record, nor of its texts", told)
half = len(records) // 2
write("shard1.jsonl", records[half:])
write("shard2.jsonl", records[:half + 20])
record("shard1.db", "shard1.jsonl")
record("shard2.db", "shard2.jsonl")
record("union.db", "shard1.db", "shard2.db")
os.makedirs(path("downloads/x"))
write("downloads/x/1.jsonl.gz", records[half:])
write("downloads/2.jsonl", records[:half + 20])
tap.write(path("downloads/x/report.xml"), "<testsuite/>")
record("folder.db", "downloads")
tap.ok(rank("union.db", "--all") == first == rank("folder.db", "--all"),
       "histories and folders of run records make a union")
status, _, err = tap.run("export", f"--history={path('all.db')}",
                         "--format=csv", "-o", path("all.csv"))
rows = tap.read(path("all.csv")).decode().split("\r\n")
tap.ok(status == 0 and len(rows) == 2 + sum(len(t["executions"])
       for r in records for t in r["tests"]), "a row an execution", err)
tap.ok(all(r.count('"') % 2 == 0 for r in rows), "each of them whole")

# --- tending ---------------------------------------------------------------------
def tend(command, name, *args):
    status, out, err = tap.run(command, f"--history={path(name)}", *args)
    return status, (out + err).decode()


def names(name):
    return {t["id"] for t in json.loads(rank(name, "--all"))["tests"]}


record("tend.db", "all.jsonl")
before = json.loads(rank("tend.db", "--all"))["tests"]
status, said = tend("rename", "tend.db", "m::rerun", "n::again")
after = {t["id"]: t for t in json.loads(rank("tend.db", "--all"))["tests"]}
old = next(t for t in before if t["id"] == "m::rerun")
tap.ok(status == 0 and "1 test renamed" in said and after["n::again"] == {
    **old, "id": "n::again", "classname": "n", "name": "again"}
       and "m::rerun" not in after, "a past is carried over", said)
tend("rename", "tend.db", "m", "pkg.m")
tap.ok(names("tend.db") == {i.replace("m::", "pkg.m::") for i in after},
       "and that of all tests of a class")
for arguments, want in ((("nobody::x", "y::z"), 3), (("n::again", "y"), 2),
                        (("n::again", "pkg.m::ok"), 3), (("a",), 2)):
    status, said = tend("rename", "tend.db", *arguments)
    tap.ok(status == want, f"rename {' '.join(arguments)}: exit {want}", said)
write("later.jsonl", [run(50 + d, "a", {"new": PASSED}) for d in range(3)])
record("tend.db", "later.jsonl")
record("shift.db", write("shift.jsonl", [
    {**run(1, "a", {}), "tests": [{"classname": c, "name": "t", "executions": [
        {"outcome": o}]} for c, o in (("A", "passed"), ("A.B", "failed"))]},
    {**run(2, "a", {}), "tests": [{"name": "bare", "executions": [
        {"outcome": "passed"}]}]}]))
tend("rename", "shift.db", "A", "A.B")
tend("rename", "shift.db", "bare", "naked")
tend("rename", "ns1.db", "a::t @ x", "a::e\u0301")
tap.ok(names("ns1.db") == {"a::\u00e9 @ x", "a::t @ y"},
       "one of several namesakes, to a name in its normal form",
       names("ns1.db"))
tap.ok(names("shift.db") == {"A.B::t", "A.B.B::t", "naked"},
       "classes move into each other, and a test needs none",
       names("shift.db"))
status, said = tend("rename", "tend.db", "m::new", "n::again")
tap.ok(status == 0 and "m::new" not in names("tend.db"),
       "a past that went on under a new name becomes one", said)
tap.ok(tend("record", "tend.db", "--check")[0] == 0, "the history is sound")
size = os.path.getsize(path("tend.db"))
status, said = tend("prune", "tend.db", "--older-than=0d")
tap.ok(status == 0 and "forgotten" in said and not names("tend.db")
       and os.path.getsize(path("tend.db")) < size,
       "what is forgotten gives its room back", said)
tap.ok(tend("prune", "tend.db")[0] == 2, "how old has to be said")
db = sqlite3.connect(path("rich.db"))
db.execute("DELETE FROM words")
db.execute("INSERT INTO test SELECT 99, hash, classname, name, told FROM test "
           "WHERE name = 'ok'")
db.execute("UPDATE execution SET run = 777 WHERE run = 2")
db.commit()
db.close()
status, said = tend("record", "rich.db", "--check")
tap.ok(status == 1 and "words are gone" in said and "twice" in said
       and "of no run" in said, "what is wrong is found", said)
# how a runner takes a test back is known of it
for pair in ("pytest-demo", "surefire-basic", "gotestsum-rerun-fails",
             "googletest-basic"):
    folder = os.path.join(tap.FIXTURES, pair)
    record(pair + ".db", os.path.join(folder, "original.xml"))
    said = json.loads(tap.read(os.path.join(folder, "expected.flakes.json")))
    db = sqlite3.connect(path(pair + ".db"))
    known = {i for i, in db.execute("SELECT id FROM executions")}
    db.close()
    tap.ok({t["id"] for t in said["flaky"]} <= known,
           f"{pair}: ids are those of the flake list", known)
# an older history is brought to this version when it next grows
db = sqlite3.connect(path("older.db"))
db.executescript(tap.read(os.path.join(
    tap.TOP, "src/history/schema/sqlite-1.sql")).decode())
db.execute("INSERT INTO run VALUES (1, 1, 'then', 'ci', 1, 0, '', '', '', '', "
           "'', '{}')")
db.execute("INSERT INTO test VALUES (1, 1, 'm', 'n', '')")
db.execute("INSERT INTO place VALUES (1, 1, 'f', '[]', '{}')")
db.execute("INSERT INTO execution VALUES (1, 1, 0, 1, NULL, NULL, NULL, 1)")
db.commit()
db.close()
status, said = tend("export", "older.db")
tap.ok(status == 3 and "version 1" in said, "an older one is said to be", said)
record("older.db", "later.jsonl")
status, said = tend("export", "older.db")
tap.ok(status == 0 and '"run":"then"' in said and '"file":"f"' in said,
       "and keeps what it has when it becomes a newer one", said)
for name, sql in (("newer.db", "UPDATE history SET version = 3"),
                  ("foreign2.db", "DROP TABLE history")):
    record(name, "later.jsonl")
    db = sqlite3.connect(path(name))
    db.execute(sql)
    db.commit()
    db.close()
    data = tap.read(path(name))
    status, err = record(name, "all.jsonl")
    tap.ok(status == 3 and tap.read(path(name)) == data
           and ("newer" in err) == (name == "newer.db"),
           f"{name} is left alone", err)

# --- what somebody has downloaded -------------------------------------------------
for i, (folder, day) in enumerate((("a", 1), ("b", 2))):
    os.makedirs(path(f"art/{folder}"))
    for n, text in enumerate((FAIL, PASS)):
        tap.write(path(f"art/{folder}/{n}.xml"), text.replace(
            "2026-01-31T23:59:59", f"2026-01-0{day}T00:0{n}:00"))


def rank_of(*args):
    status, out, err = tap.run("rank", "--format=json", f"--at={at(41)}",
                               "--all", *args, cwd=TMP, env=NONE)
    return status, json.loads(out) if status == 0 else err


_, got = rank_of("art")
tests = {t["id"]: t for t in got["tests"]}
tap.ok(got["runs"] == 2 and tests["c::a"]["events"]["S"] == 2,
       "each folder is a run, its reports are attempts", got)
_, whole = rank_of("art", "--run-per=art")
tap.ok(whole["runs"] == 1, "or what a pattern matches is", whole)
tap.write(path("art/a/coverage.xml"), "<coverage/>")
tap.write(path("art/a/Thumbs.db"), "no database")
tap.ok(rank_of("art")[1] == got, "what is no report is passed over")
_, got2 = rank_of("art/b/1.xml", "art/a/0.xml", "art/a/1.xml", "art/b/0.xml")
tap.ok(got2 == got, "in whatever order they are named")
tap.ok(not os.path.exists(path(".rejunit")), "and nothing is kept")


def status_of(*args):
    return tap.run("rank", "-q", f"--at={at(41)}", "art", *args, cwd=TMP)[0]


tap.ok(status_of("--fail-on-recurring=1") == 1
       and status_of("--fail-on-recurring=2") == 0,
       "a failure that recovered, and was known, is a bug")
tap.ok(status_of("--fail-above=5%") == 1 and status_of("--fail-above=90%") == 0,
       "a test that fails too often sets the exit status")
_, got = rank_of("art", "--by=signature")
schema = json.loads(tap.read(os.path.join(tap.TOP, "doc/rank.schema.json")))
jsonschema.validate(got, schema)
jsonschema.validate(json.loads(first), schema)
cluster = got["signatures"][0]
tap.ok((cluster["failures"], cluster["runs"], cluster["recovered"],
        cluster["tests"], cluster["message"]) == (2, 2, 2, ["c::a"], "m"),
       "failures that are alike are put together", got)
write("unsigned.jsonl", [{**run(1, "a", {}), "tests": [
    {"name": n, "executions": [{"outcome": "failed", "message": m}]}
    for n, m in (("x", "at 0x7f01"), ("y", "at 0x7f02"), ("z", "else"))]}])
_, got2 = rank_of("unsigned.jsonl", "--by=signature")
tap.ok([c["tests"] for c in got2["signatures"]] == [["x", "y"], ["z"]],
       "a failure without a signature gets one", got2)

# an earlier version's signatures told apart what is one failure; without words
# they stay as they are
write("versions.jsonl", [{**run(d, "j", {}), "tests": [
    {"classname": "m", "name": n, "executions": [dict(
        x, outcome="failed")]} for n, x in (
            ("old", {"message": f"took {d}.5 s", "signature": f"v1:{d}"}),
            ("new", {"message": f"took {d} ms"}),
            ("mute", {"signature": f"v1:{d}"}))]} for d in range(2)])
_, got2 = rank_of("versions.jsonl", "--by=signature")
tap.ok([(c["failures"], c["tests"]) for c in got2["signatures"]] ==
       [(4, ["m::new", "m::old"]), (1, ["m::mute"]), (1, ["m::mute"])],
       "signatures of an earlier version are made anew", got2)
_, got = rank_of("art", "--hourly=60", "--machine-hour=3600")
tap.ok(got["tests"][0]["cost_money"] > 0, "costs are said in money", got)

# --- in the same step as an update ------------------------------------------------
tap.write(path("o.xml"), FAIL)
tap.write(path("r.xml"), PASS)
status, _, err = tap.run("update", "-q", "-i", f"--record={path('u.db')}",
                         "--run=r", "--fact=a=b", "--assume=attempts",
                         "o.xml", "r.xml", cwd=TMP, env=NONE)
tap.ok(status == 0 and executions("u.db") == both,
       "update records what it replaces", err)
facts = sqlite3.connect(path("u.db")).execute("SELECT facts FROM run"
                                              ).fetchone()[0]
tap.ok(json.loads(facts) == {"a": "b", "rejunit.assume": "attempts"},
       "and what was assumed", facts)
tap.write(path("damaged.db"), b"no history at all" * 99)
status, _, err = tap.run("update", "-q", f"--record={path('damaged.db')}",
                         "o.xml", "r.xml", cwd=TMP, env=NONE)
tap.ok(status == 0 and b"nothing is recorded" in err,
       "a history that is damaged is no failure of the tests", err)
for args in (("update", "--record=u.db", "--flakes=u.db", "o.xml", "r.xml"),
             ("update", "--record=u.db", "-o", "u.db", "o.xml", "r.xml"),
             ("export", "--history=u.db", "-o", "u.db"),
             ("rank", "--history="), ("record", "--history=", "o.xml"),
             ("rank", "--since=0d"), ("record", "--attempt=1.5", "o.xml")):
    status, _, err = tap.run(*args, cwd=TMP, env=NONE)
    tap.ok(status == 2, f"{' '.join(args)}: exit 2", status, err)
tap.ok(executions("u.db") == both, "and the history is what it was")
status, _, err = tap.run("update", "-q", "--record", "-", "r.xml", cwd=TMP)
tap.ok(status == 2, "but not what is read once", err)
for require, want in (((), 0), (("--require-history",), 4)):
    for command in (("update", "-q", "-o", "/dev/null",
                     "--record=/nowhere/h.db", "o.xml", "r.xml"),
                    ("record", "--history=/nowhere/h.db", "fail.xml")):
        status, _, err = tap.run(*command, *require, cwd=TMP, env=NONE)
        tap.ok(status == want and b"/nowhere/h.db" in err
               and (b"warning" in err) == (want == 0),
               f"{command[0]}, a history that is not there: exit {want}", err)
status, _, err = tap.run("record", f"--history={path('s.db')}", "--no-text",
                         "fail.xml", cwd=TMP, env=NONE)
kept = sqlite3.connect(path("s.db")).execute(
    "SELECT type, message, trace, signature FROM words").fetchall()
tap.ok(len(kept) == 1 and kept[0][:3] == ("", "", "")
       and kept[0][3].startswith("v2:"), "the signature alone is kept", kept)

tap.write(path("props.xml"), '<testsuite name="s"><properties><property '
          'name="seed" value="7"/><property name="TOKEN" value="secret"/>'
          '<property name="zone" value="x"/></properties>'
          '<testcase name="a"/><testcase name="b"><properties><property '
          'name="worker" value="gw1"/><property name="rejunit.rss" value="&lt;1"'
          '/><property name="seed" value="8"/></properties><failure/></testcase>'
          '<testcase name="c"><system-out><properties><property name="worker" '
          'value="no"/></properties></system-out></testcase></testsuite>')
record("props.db", "--fact-from=zone", "props.xml")
facts = dict(sqlite3.connect(path("props.db")).execute(
    "SELECT name, facts FROM executions"))
tap.ok({n: json.loads(f) for n, f in facts.items()} == {
    "a": {"seed": "7", "zone": "x"}, "c": {"seed": "7", "zone": "x"},
    "b": {"seed": "8", "zone": "x", "worker": "gw1", "rejunit.rss": "<1"}}
       and b"secret" not in tap.read(path("props.db")),
       "facts are what is listed, and no property else is kept", facts)

# --- the manual's queries ---------------------------------------------------------
manual = tap.read(os.path.join(tap.TOP, "doc/rejunit-history.7")).decode()
queries = re.findall(r"^\.Bd [^\n]*\n(SELECT.*?;)\n\.Ed$", manual, re.M | re.S)
record("manual.db", write("manual.jsonl", [
    {"version": 1, "run": str(i), "at": at(i), "host": "h", "tests": [
        {"classname": "tests.test_a", "name": "test_y", "executions": [
            {"outcome": "failed", "time": 2, "message": "m",
             "signature": "v1:1"}, {"outcome": "passed", "time": 1}]}]}
    for i in range(3)]))
db = sqlite3.connect(path("manual.db"))
got = [db.execute(q).fetchall() for q in queries]
db.close()
tap.ok(got == [[("tests.test_a", "test_y", 3, 6.0)], [("h", 3)],
               [("v1:1", "m", 3)]], "the manual's queries say what it says",
       got)
tap.done()
