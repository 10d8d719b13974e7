#!/usr/bin/env python3
"""A history and a machine that fails: it is the old one or the new one."""
import glob
import os
import signal
import sqlite3
import subprocess

import history
import tap
from faulty import SANITIZED, can_trace, strace
from history import NONE, run

TMP = tap.scratch()
RECORDS = [run(d, "a", {f"t{i}": ["failed", "passed"] if i == d else ["passed"]
                        for i in range(20)}) for d in range(6)]
FIRST = history.write(f"{TMP}/first.jsonl", RECORDS[:3])
REST = history.write(f"{TMP}/rest.jsonl", RECORDS[3:])


def copy_of(name):
    """A history with the first runs in it, as a command leaves it."""
    path = f"{TMP}/{name}.db"
    for f in glob.glob(path + "*"):
        os.unlink(f)
    history.record(path, "-q", FIRST)
    return path


def state(path):
    """What it holds; whatever was left beside it is taken in."""
    status, out, err = tap.run("record", f"--history={path}", "--check", "-q")
    if status:
        return status, out + err
    return history.export(path)


OLD = state(copy_of("old"))
history.record(f"{TMP}/old.db", "-q", REST)
NEW = state(f"{TMP}/old.db")
assert OLD != NEW


def calls_of(path):
    """The system calls of a record, each with its number among its kind."""
    log = f"{TMP}/log"
    subprocess.run([*strace("none:error=EIO", log=log)[:4], tap.REJUNIT,
                    "record", "-q", f"--history={path}", REST], env=NONE,
                   check=True)
    seen, calls = {}, []
    for line in tap.read(log).decode("utf-8", "replace").splitlines():
        name = line.split("(")[0].split()[-1] if "(" in line else ""
        if name.isidentifier():
            seen[name] = seen.get(name, 0) + 1
            calls.append((name, seen[name]))
    return calls


def tried(path, inject):
    return subprocess.run(
        [*strace(inject), tap.REJUNIT, "record", "-q", "--require-history",
         f"--history={path}", REST], env=NONE, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, timeout=60)


def sweep(what, calls, inject, allowed):
    wrong = []
    for name, n in calls:
        path = copy_of("sweep")
        p = tried(path, f"{name}:{inject}:when={n}")
        got = state(path)
        if got not in (OLD, NEW) or p.returncode not in allowed or \
                (p.returncode == 0 and got != NEW):
            wrong.append((name, n, p.returncode, p.stderr, got[:200]))
        # and the next one finds whatever was left
        if history.record(path, "-q", REST)[0] or state(path) != NEW:
            wrong.append((name, n, "the next one", state(path)[:200]))
    tap.ok(len(calls) > 20 and not wrong,
           f"{what} at each of {len(calls)} calls: the old history or the new "
           "one", *wrong[:5])


if SANITIZED:
    tap.skip("system calls that fail", "sanitizers cannot be traced")
elif not can_trace():
    tap.skip("system calls that fail", "no strace that works")
else:
    calls = [c for c in calls_of(copy_of("calls"))
             if c[0] not in ("execve", "exit_group", "rt_sigaction")]
    # what comes before the history is opened is loading
    begin = next(i for i, c in enumerate(calls) if c[0] == "prlimit64"
                 or c[0] == "getrandom")
    calls = calls[begin:]
    sweep("SIGKILL", calls, "signal=SIGKILL", (-signal.SIGKILL, 0))
    disk = [c for c in calls if c[0] in (
        "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "fallocate")]
    wrong = []
    for error in ("ENOSPC", "EIO"):
        for name, n in disk:
            path = copy_of("disk")
            p = tried(path, f"{name}:error={error}:when={n}+")
            got = state(path)
            if got not in (OLD, NEW) or (p.returncode == 0 and got != NEW) or (
                    p.returncode and not p.stderr):
                wrong.append((error, name, n, p.returncode, p.stderr,
                              got[:200]))
    tap.ok(len(disk) > 3 and not wrong,
           f"a disk that fails from any of {len(disk)} writes on: the old "
           "history or the new one", *wrong[:5])

# --- many at once -------------------------------------------------------------
path = f"{TMP}/many.db"
files = [history.write(f"{TMP}/w{i}.jsonl",
                       [run(i, "j", {f"t{k}": ["passed"] for k in range(50)})])
         for i in range(40)]
writers = [subprocess.Popen([tap.REJUNIT, "record", "-q", "--require-history",
                             f"--history={path}", f], env=NONE,
                            stderr=subprocess.PIPE) for f in files]
errors = [w.communicate()[1] for w in writers]
db = sqlite3.connect(path)
counted = db.execute("SELECT count(*) FROM execution").fetchone()[0]
tests = db.execute("SELECT count(*) FROM test").fetchone()[0]
db.close()
tap.ok(not any(w.returncode for w in writers) and counted == 40 * 50
       and tests == 50 and state(path)[:1] == b"{",
       "forty that write at once are all counted", counted, tests, *errors)

# --- what may only be read ----------------------------------------------------
path = copy_of("sealed")
os.makedirs(f"{TMP}/sealed", exist_ok=True)
os.rename(path, f"{TMP}/sealed/h.db")
os.chmod(f"{TMP}/sealed/h.db", 0o444)
os.chmod(f"{TMP}/sealed", 0o555)
command = [tap.REJUNIT, "rank", "--format=json", "--all",
           f"--history={TMP}/sealed/h.db", f"--at={history.at(41)}"]
want = history.rank(copy_of("open"), "--all")
if os.geteuid() == 0:
    command = ["setpriv", "--reuid=65534", "--clear-groups",
               "--bounding-set=-all", *command]
    os.chmod(TMP, 0o755)
p = subprocess.run([*command, "--top=0"], stdout=subprocess.PIPE,
                   stderr=subprocess.PIPE)
tap.ok(p.stdout == want, "who may only read can rank", p.stderr)
os.chmod(f"{TMP}/sealed", 0o755)

# --- hostile names ------------------------------------------------------------
LONG = "x" * 1000000
names = ["'; DROP TABLE run; --", '"', "\\", "a\tb\nc\rd", "\x01\x7f", "$1",
         "%s%n", "\u202eabc", "e\u0301", "\U0001f600", LONG, "", "-x", "\ufffd"]
path = f"{TMP}/hostile.db"
hostile = {"version": 1, "run": "'\\\"\t", "at": history.at(1), "branch": LONG,
           "tests": [{"classname": n, "name": "n" + n, "file": n,
                      "executions": [{"outcome": "failed", "message": n,
                                      "type": n, "trace": n,
                                      "signature": n}]} for n in names]}
status, err = history.record(path, "-q", history.write(
    f"{TMP}/hostile.jsonl", [hostile]))
once = history.export(path)
history.record(f"{TMP}/hostile2.db", "-q", tap.write(f"{TMP}/h2.jsonl", once))
tap.ok(status == 0 and history.export(f"{TMP}/hostile2.db") == once
       and state(path) == once, "hostile names come back as they were", err)
tap.write(f"{TMP}/nul.jsonl", b'{"version":1,"run":"n","at":"2026-01-01T00:00'
          b':00Z","tests":[{"name":"a\\u0000b","executions":[{"outcome":'
          b'"passed"}]}]}')
history.record(f"{TMP}/nul.db", "-q", f"{TMP}/nul.jsonl")
tap.ok("a\ufffdb".encode() in history.export(f"{TMP}/nul.db"),
       "a NUL is none")
for bad in (b'{"version":1,"run":"\xff"}', b'{"version":1,"run":"\xc3', b"\x00",
            b"[" * 100000, b'{"a":' * 100000, b'{"version":1e999}',
            b'{"version":1,"run":"r","at":"2026-01-01T00:00:00Z","tests":[{'
            b'"name":"x","executions":[{"outcome":"passed","attempt":'
            b'99999999999999999999}]}]}'):
    status, err = history.record(f"{TMP}/bad.db", tap.write(
        f"{TMP}/bad.jsonl", bad))
    tap.ok(status == 3 and "bad.jsonl:1:" in err,
           f"{bad[:24]} is refused where it is wrong", status, err)
tap.done()
