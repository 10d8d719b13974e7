#!/usr/bin/env python3
"""What many runs tell: planted truths come out, whatever the order."""
import datetime
import gzip
import json
import os
import random
import sqlite3
import subprocess

import tap

TMP = tap.scratch()
START = datetime.datetime(2026, 1, 1)
PASSED, FAILED = ["passed"], ["failed"]


def path(name):
    return os.path.join(TMP, name)


def at(day, minute=0):
    return (START + datetime.timedelta(days=day, minutes=minute)
            ).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(day, job, tests, **more):
    """A run record: each test's outcomes, attempt by attempt."""
    return {"version": 1, "run": f"{day}/{job}", "at": at(day),
            "commit": f"c{day}", "branch": "main", "job": job, "tests": [
                {"classname": "m", "name": name, "executions": [
                    {"outcome": o, "time": 1} for o in outcomes]}
                for name, outcomes in tests.items()], **more}


def write(name, records):
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    with open(path(name), "wb") as f:
        f.write(gzip.compress(data) if name.endswith(".gz") else data)
    return path(name)


def record(history, *args, env=None):
    status, _, err = tap.run("record", f"--history={path(history)}", *args,
                             cwd=TMP, env=env)
    return status, err.decode()


def rank(history, *args):
    status, out, err = tap.run("rank", f"--history={path(history)}",
                               "--format=json", f"--at={at(41)}", "--top=0",
                               *args, cwd=TMP)
    assert status == 0, err
    return out


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


NONE = {"PATH": os.environ["PATH"]}
record("r1.db", "--run=r", "fail.xml", "pass.xml", env=NONE)
both = executions("r1.db")
tap.ok(both == [("r", "c.a", 0, "failed"), ("r", "c.a", 1, "passed"),
                ("r", "c.b", 0, "passed")],
       "the reports of a call are attempts", both)
for report in ("fail.xml", "pass.xml", "fail.xml", "pass.xml"):
    record("r2.db", "--run=r", report, env=NONE)
tap.ok(executions("r2.db") == both,
       "and of one call after the other, once each", executions("r2.db"))
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
    "jenkins": ("JENKINS_URL", {"JOB_NAME": "o", "BUILD_NUMBER": "5",
                "GIT_COMMIT": "abc", "BRANCH_NAME": "main",
                "BUILD_URL": "https://example.org/5"},
                ("jenkins/o/5/h", "abc", "main", "",
                 "https://example.org/5")),
}
for name, (proof, variables, want) in SYSTEMS.items():
    record(f"{name}.db", "--host=h", "fail.xml",
           env={**NONE, **variables, proof: "true"})
    db = sqlite3.connect(path(f"{name}.db"))
    got = db.execute("SELECT run, commit_id, branch, job, url FROM run"
                     ).fetchone()
    db.close()
    tap.ok(got == want, f"{name} says what run it is", got)

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
    history = path(f"git{int(packed)}.db")
    tap.run("record", f"--history={history}", path("fail.xml"),
            cwd=os.path.join(repo, "deep/er"), env=NONE)
    db = sqlite3.connect(history)
    got = db.execute("SELECT commit_id, branch FROM run").fetchone()
    db.close()
    tap.ok(got == (sha, "trunk"), "the checkout says commit and branch", got)
tap.done()
