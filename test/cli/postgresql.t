#!/usr/bin/env python3
"""Histories on a server: a real PostgreSQL says the same as a file."""
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import threading
import time

import history
import server
import tap
from faulty import SANITIZED
from history import NONE, run

MODULE = os.path.join(os.path.dirname(tap.REJUNIT), "rejunit-postgresql.so")
if SANITIZED:
    tap.skip("histories on a server", "the module is built for the release")
    tap.done()
if not os.path.exists(MODULE) or not server.is_there():
    tap.skip("histories on a server", "no libpq, or no PostgreSQL")
    tap.done()
TMP = tap.scratch()
S = server.Server()
WORDS = ["caf\u00e9", "e\u0301", "a'b\"c", "tab\there", "line\nend", "\\.",
         "\\N", "%", "Z", "a", "_", "\U0001f600", "x" * 5000]
R = random.Random(7)
RECORDS = []
for day in range(50):
    for job in "abc":
        tests = {}
        for w in WORDS:
            bad = R.random() < 0.1
            tests[w] = ["failed", "passed"] if bad else ["passed"]
        record = run(day, job, tests, host="h", url="u\u00e9\t",
                     facts={"seed": str(day)})
        for t in record["tests"]:
            t["file"] = "f" + t["name"]
            t["suite_path"] = ["s", t["name"]]
            if len(t["executions"]) > 1:
                t["executions"][0].update(
                    message=t["name"] + str(R.randrange(3)), type="T",
                    trace="a\n\tb\\n", signature="v1:" + t["name"][:3])
        RECORDS.append(record)
FILE = history.write(f"{TMP}/all.jsonl", RECORDS)
history.record(f"{TMP}/file.db", "-q", FILE)


def database(name):
    assert S.sql(f"CREATE DATABASE {name}").returncode == 0
    return S.address(name)


# --- the same as a file ---------------------------------------------------------
main = database("main")
status, err = history.record(main, FILE)
tap.ok(status == 0 and f"new executions in postgresql://admin@{S.folder}" in
       err,
       "a server takes run records", err)
for args in (("--all",), ("--by=signature",), ("--by=cost", "--job=a")):
    want = history.rank(f"{TMP}/file.db", *args)
    tap.ok(want[:1] == b"{" and history.rank(main, *args) == want,
           f"rank {' '.join(args)} has the same bytes")
looked = f"--at={history.at(51)}"
for command in (*(("investigate", "m::" + w) for w in WORDS[:6]
                  if "\0" not in w), ("html",),
                ("quarantine", "--check", "none.txt")):
    want = tap.run(*command, looked, f"--history={TMP}/file.db", cwd=TMP,
                   env=NONE)
    got = tap.run(*command, looked, f"--history={main}", cwd=TMP, env=NONE)
    # a page says which history it is of
    plain = [re.sub(rb"--<wbr>history=|<wbr>|--history=\S+", b"", x[1])
             for x in (got, want)]
    tap.ok((got[0], got[2], plain[0]) == (want[0], want[2], plain[1])
           and len(want[1]) > 100,
           f"{' '.join(command)} has the same bytes", got[2], want[2])
export = history.export(f"{TMP}/file.db")
tap.ok(history.export(main) == export, "and so have the runs themselves")
status, err = history.record(main, FILE)
tap.ok(status == 0 and "rejunit: 0 new" in err, "recorded again, nothing "
       "changes", err)
shuffled = RECORDS[:]
R.shuffle(shuffled)
other = database("other")
history.record(other, "-q", history.write(f"{TMP}/1.jsonl", shuffled[::2]),
               history.write(f"{TMP}/2.jsonl", shuffled[1::2]))
tap.ok(history.export(other) == export, "nor does another order change any")
history.record(f"{TMP}/back.db", "-q", other)
tap.ok(history.export(f"{TMP}/back.db") == export,
       "a server's history goes into a file")
parts = S.sql("SELECT relname FROM pg_class WHERE relname ~ '^execution_2' "
              "AND relkind = 'r' ORDER BY 1", database="main").stdout.split()
tap.ok(parts == ["execution_202601", "execution_202602"],
       "a partition a month", parts)
manual = tap.read(os.path.join(tap.TOP, "doc/rejunit-history.7")).decode()
queries = re.findall(r"^\.Bd [^\n]*\n(SELECT.*?;)\n\.Ed$", manual, re.M | re.S)
db = sqlite3.connect(f"{TMP}/file.db")
for q in queries:
    want = [["" if c is None else str(c) for c in row] for row in db.execute(q)]
    p = S.sql("SET search_path TO rejunit; " + q, database="main")
    got = p.stdout
    tap.ok(len(got.splitlines()) >= len(want) and all(
        w[0].split("\n")[0] in got for w in want),
        "the manual's query: " + q.split(" FROM")[0][:40], p.stderr)
db.close()

secret = main.replace("postgresql://", "postgresql://admin:hush@", 1) \
    if "@" not in main else main.replace("@", ":hush@", 1)
status, out, err = tap.run("html", looked, f"--history={secret}", cwd=TMP, env=NONE)
tap.ok(status == 0 and b"hush" not in out and b"--<wbr>history=" in out
       or b"--history=" in out and b"hush" not in out,
       "a page has no password", status, err)

# --- reports, and what tends a history -----------------------------------------
folder = os.path.join(tap.FIXTURES, "pytest-demo")
reports = database("reports")
for h in (reports, f"{TMP}/reports.db"):
    for report in ("original.xml", "rerun.xml", "original.xml"):
        status, err = history.record(h, "--run=r", "--host=h",
                                     "--at=2026-01-01T00:00:00Z",
                                     f"{folder}/{report}")
        assert status == 0, err
tap.ok(history.export(reports) == history.export(f"{TMP}/reports.db"),
       "reports come to the same runs")
for h in (other, f"{TMP}/back.db"):
    status, _, err = tap.run("rename", f"--history={h}", "m", "n.m")
    assert status == 0, err
    before = "2026-02-01T00:00:00Z"
    days = (time.time() - time.mktime(time.strptime(
        before, "%Y-%m-%dT%H:%M:%SZ")) + time.timezone) // 86400
    status, _, err = tap.run("prune", f"--history={h}",
                             f"--older-than={int(days)}d")
    assert status == 0, err
tap.ok(history.export(other) == history.export(f"{TMP}/back.db") != export,
       "what is renamed and forgotten is the same")
left = S.sql("SELECT count(*) FROM pg_class WHERE relname ~ "
             "'^execution_2' AND relkind = 'r'", database="other").stdout
tap.ok(left == "1\n", "and a partition that is empty is gone", left)
status, out, err = tap.run("record", f"--history={other}", "--check")
tap.ok(status == 0 and b"is sound" in out, "it is sound", out, err)

# --- many at once, and a pool between -------------------------------------------
for what, many in (("fifty", database("many")),
                   ("fifty, through a pool", None)):
    if many is None:
        if subprocess.run(["sh", "-c", "command -v pgbouncer"],
                          stdout=subprocess.DEVNULL).returncode:
            tap.skip("through a pool", "no pgbouncer")
            continue
        database("pooled")
        many = S.bouncer("pooled")
    files = [history.write(f"{TMP}/w{i}.jsonl", [run(
        i, "j", {f"t{k}": ["passed"] for k in range(40)})]) for i in range(50)]
    writers = [subprocess.Popen(
        [tap.REJUNIT, "record", "-q", "--require-history",
         f"--history={many}", f], env=NONE, stderr=subprocess.PIPE)
        for f in files]
    errors = {w.communicate()[1] for w in writers}
    got = history.export(many)
    tap.ok(not any(w.returncode for w in writers)
           and got.count(b'"outcome"') == 2000,
           f"{what} that write at once are all counted", *errors)

# --- a connection that dies ------------------------------------------------------
dying = database("dying")
history.record(dying, "-q", FILE)
before = history.export(dying)
big = history.write(f"{TMP}/big.jsonl", [run(
    d, "big", {f"t{k}": ["passed"] for k in range(400)}) for d in range(200)])
done = threading.Event()
kills = []


def kill():
    """Ends whatever writes, as soon as it is seen to."""
    while not done.is_set():
        p = S.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                  "WHERE datname = 'dying' AND application_name = 'rejunit' "
                  "AND (query LIKE 'COPY exec%' OR query LIKE 'INSERT%')")
        if "t" in p.stdout:
            kills.append(p.stdout)
            return


killer = threading.Thread(target=kill)
killer.start()
status, err = history.record(dying, "--require-history", big)
done.set()
killer.join()
tap.ok((status == 4 and "connection" in err
        and history.export(dying) == before) or not kills,
       "a connection that dies in the middle leaves the old history", status,
       err, kills)

# --- who may read, and who may not be seen -----------------------------------------
S.sql("CREATE ROLE reader LOGIN PASSWORD 'reader'")
S.sql("GRANT USAGE ON SCHEMA rejunit TO reader; "
      "GRANT SELECT ON ALL TABLES IN SCHEMA rejunit TO reader",
      database="main")
reader = S.address("main", user="reader")
tap.ok(history.rank(reader, "--all") == history.rank(main, "--all"),
       "a role that may read can rank")
later = history.write(f"{TMP}/later.jsonl", [run(60, "a", {"x": ["passed"]})])
status, err = history.record(reader, "--require-history", later)
tap.ok(status == 4 and "permission denied" in err, "and records nothing", err)
SECRET = "Ge:heim@%1"
QUOTED = "Ge%3Aheim%40%251"
host = f"127.0.0.1:{S.port}"
status, err = history.record(f"postgresql://admin:{QUOTED}@{host}/main", later)
tap.ok(status == 0 and QUOTED not in err and SECRET not in err
       and f"postgresql://admin@{host}/main" in err,
       "a password in the address is not shown", err)
for address in (f"postgresql://admin:{QUOTED}x@{host}/main",
                f"postgresql://admin:{QUOTED}@{host}/nothing",
                f"postgresql://admin:{QUOTED}@127.0.0.1:1/main",
                f"postgresql://admin@{host}/main?password={QUOTED}x",
                f"postgresql://admin:{QUOTED}%zz@{host}/main",
                f"postgresql://admin:{QUOTED}@{host}/main?what={QUOTED}",
                f"postgresql://admin:p@heim@{host}/main",
                f"postgresql://admin:pa/heim@{host}/main",
                f"postgresql://admin:{QUOTED}@[::1"):
    for command in (("record", "--require-history", later), ("rank",)):
        status, out, err = tap.run(command[0], f"--history={address}",
                                   *command[1:], env=NONE)
        tap.ok(status in (3, 4) and b"heim" not in out + err
               and err.startswith(b"rejunit: postgresql://"),
               f"{command[0]}: no message shows it", status, err)
tap.write(f"{TMP}/pass", f"127.0.0.1:{S.port}:*:admin:"
          + SECRET.replace(":", "\\:") + "\n")
os.chmod(f"{TMP}/pass", 0o600)
tap.write(f"{TMP}/services", f"[tests]\nhost=127.0.0.1\nport={S.port}\n"
          "dbname=main\nuser=admin\n")
status, out, err = tap.run(
    "rank", "--history=postgresql://?service=tests", "-q", env={
        **NONE, "PGPASSFILE": f"{TMP}/pass", "PGSERVICEFILE":
        f"{TMP}/services"})
tap.ok(status == 0, "service and password files are used", err)

# --- without the module ---------------------------------------------------------
os.makedirs(f"{TMP}/bare")
alone = f"{TMP}/bare/rejunit"
with open(alone, "wb") as f:
    f.write(tap.read(tap.REJUNIT))
os.chmod(alone, 0o755)
status, _, err = tap.run("rank", f"--history={main}", exe=alone)
tap.ok(status in (3, 4) and err.count(b"\n") == 1 and b"libpq5" in err,
       "its absence gives one line that names the package", status, err)
needed = subprocess.run(["ldd", tap.REJUNIT], stdout=subprocess.PIPE).stdout
tap.ok(b"libpq" not in needed and b"libsqlite3" not in needed,
       "who keeps no history loads neither library", needed)
older = database("older")
S.sql(tap.read(os.path.join(
    tap.TOP, "src/history/schema/postgresql-1.sql")).decode()
    + "INSERT INTO test VALUES (1, 1, 'm', 'n', '')", database="older")
status, _, err = tap.run("rank", f"--history={older}", env=NONE)
tap.ok(status == 3 and b"version 1" in err, "an older history is said to be",
       err)
status, err = history.record(older, later)
want = history.record(f"{TMP}/older.db", later), \
    history.export(f"{TMP}/older.db")
tap.ok(status == 0 and history.export(older) == want[1],
       "and becomes a newer one", err)
S.sql("UPDATE rejunit.history SET version = 3", database="main")
status, err = history.record(main, later)
tap.ok(status == 3 and "newer" in err, "a newer history is left alone", err)
tap.done()
