#!/usr/bin/env python3
"""Sets of more files than may be open at a time."""
import os
import resource
import shutil
import subprocess
import threading

import tap

FILES = 256 # that may be open
N = 3000 # reports in a set
SUITE = ('<testsuite name="s%d" tests="2" failures="%d">\n'
         '<testcase classname="c%d" name="passes"/>\n'
         '<testcase classname="c%d" name="fails">%s</testcase>\n</testsuite>\n')
UTF16 = '<?xml version="1.0" encoding="utf-16"?>\n'


def report(i, bad):
    return SUITE % (i, bad, i, i, "<failure>no</failure>" if bad else "")


def make(folder, n, bad, encode=str.encode):
    os.makedirs(folder)
    for i in range(n):
        tap.write(f"{folder}/r{i:04}.xml", encode(report(i, bad)))


def few_files():
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, FILES))


def run(*args, **kw):
    p = subprocess.run([tap.REJUNIT, *args], cwd=top, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=60, preexec_fn=few_files, **kw)
    return p.returncode, p.stdout, p.stderr.decode()


def merge_meanwhile(change):
    """Merges many files, one of which is changed when all have been read."""
    fifo = top + "/fifo"
    os.mkfifo(fifo)
    some = [f"o/r{i:04}.xml" for i in range(100)]
    p = subprocess.Popen([tap.REJUNIT, "merge", *some, "fifo"], cwd=top,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with open(fifo, "wb") as f: # opens when it is read
        change(top + "/o/r0000.xml")
        f.write(report(N, False).encode())
    out, err = p.communicate(timeout=20)
    os.remove(fifo)
    return p.returncode, err.decode()


def overwrite(path):
    tap.write(path, report(1, False))


def turn_into_a_fifo(path):
    os.remove(path)
    os.mkfifo(path)


top = tap.scratch()
make(top + "/o", N, True)
make(top + "/r", N, False)

status, out, err = run("merge", "o", "-q")
tap.ok(status == 1 and out.count(b"<failure") == N and not err,
       f"merge of {N} reports, and {FILES} files may be open", status, err)
merged = tap.write(top + "/merged.xml", out)
status, out, err = run("merge", "--join-suites", "o", "r", "-q")
tap.ok(status == 1 and out.count(b'tests="4"') == N and not err,
       "and with their suites joined", status, err)
status, out, err = run("show", "o")
tap.ok(status == 1 and b"6000 cases in 3000 reports" in out, "show of them",
       status, out, err)
status, out, err = run("audit", "o")
tap.ok(status == 0 and "3000 reports, no findings" in err, "audit of them",
       status, out, err)
status, out, err = run("update", "merged.xml", "r", "-q")
tap.ok(status == 0 and out.count(b"<flakyFailure") == N,
       "an update of one report from as many", status, err)

wide = top + "/wide"
make(wide, 300, True, lambda s: (UTF16 + s).encode("utf-16"))
make(top + "/latin", 300, True, lambda s: (
    UTF16.replace("utf-16", "iso-8859-1") + s.replace("no<", "\xe9<")
).encode("latin-1"))
status, out, err = run("merge", "wide", "latin", "-q")
tap.ok(status == 1 and out.count(b"<failure>no<") == 300 and
       out.count("<failure>é<".encode()) == 300,
       "reports in other encodings share one temporary file", status, err)
status, out, err = run("merge", "--repair", "wide/r0000.xml", "-q")
tap.ok(status == 3 and "cannot be repaired" in err,
       "of which none is repaired in UTF-16", status, err)
make(top + "/illegal", 300, True, lambda s: s.replace("no<", "\1<").encode())
status, out, err = run("merge", "--repair", "illegal", "latin", "-q")
tap.ok(status == 1 and out.count(rb"\x01") == 300 and
       out.count("<failure>é<".encode()) == 300,
       "so do those that are repaired", status, err)
fifos = []
for i in range(100):
    os.mkfifo(f"{top}/p{i}")
    fifos.append(f"p{i}")
feeders = [threading.Thread(target=tap.write, args=(
    f"{top}/{p}", report(i, False))) for i, p in enumerate(fifos)]
for t in feeders:
    t.start()
status, out, err = run("merge", "-q", *fifos, "o")
for t in feeders:
    t.join()
tap.ok(status == 1 and out.count(b"<testsuite ") == N + 100 and
       b'name="s99"' in out, "and pipes", status, err)

status, out, err = run("update", "o", "r", "-o", "out", "-q")
names = sorted(os.listdir(top + "/out"))
tap.ok(status == 0 and names == sorted(os.listdir(top + "/o")) and
       all(b"<flakyFailure" in tap.read(f"{top}/out/{f}") for f in names),
       "an update of a set into another folder", status, err, *names[:3])
status, out, err = run("audit", "--original=o", "--rerun=r", "out")
tap.ok(status == 0 and "proved" in err, "and its proof", status, err)
status, out, err = run("update", "-i", "wide", "r", "-q")
tap.ok(status == 0 and len(os.listdir(wide)) == N and
       "<flakyFailure" in tap.read(wide + "/r0299.xml").decode("utf-16"),
       "a set in another encoding in place, with reports that are new to it",
       status, err)
shutil.copytree(top + "/o", top + "/copy")
os.chmod(top + "/copy/r0007.xml", 0o640)
status, out, err = run("update", "-i", "copy", "r")
tap.ok(status == 0 and names == sorted(os.listdir(top + "/copy")) and
       all(tap.read(f"{top}/copy/{f}") == tap.read(f"{top}/out/{f}")
           for f in names) and
       os.stat(top + "/copy/r0007.xml").st_mode & 0o777 == 0o640 and
       "3000 bad before, 0 now" in err and "::" in err,
       "an update of a set in place", status, err)

for i in range(2, N):
    tap.write(f"{top}/r/r{i:04}.xml", report(i, True).replace(
        "no<", "other<").replace("<failure>", '<failure type="T">'))
_, out, err = run("update", "o", "r", "-o", "some")
_, also_out, also_err = run("update", "-i", "o", "r", "--append-reruns")
tap.ok(out == also_out and err == also_err and
       "c9::fails (another failure)" in err,
       "the summary is the same, in place or not", err, also_err)

for change, what in ((overwrite, "changed"), (os.remove, "removed"),
                     (turn_into_a_fifo, "replaced by a FIFO")):
    status, err = merge_meanwhile(change)
    tap.ok(status == 3 and "o/r0000.xml: " in err and err.count("\n") == 1,
           f"a report that is {what} while it is closed: exit 3", status, err)
    if os.path.lexists(top + "/o/r0000.xml"):
        os.remove(top + "/o/r0000.xml")
    tap.write(top + "/o/r0000.xml", report(0, True))
tap.done()
