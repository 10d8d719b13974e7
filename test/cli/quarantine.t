#!/usr/bin/env python3
"""Tests that may fail for a while: who is excused, and who is not."""
import datetime
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

import history
import tap

TMP = tempfile.mkdtemp(prefix="rejunit-test-")
NONE = history.NONE
LATER = "2099-12-31"
CASES = {
    "ok": "", "flaky": '<failure message="assert 1 == 2">trace</failure>'
    "<system-out>out</system-out>",
    "bad": '<failure message="assert x">trace</failure>',
    "err": '<error message="failed on setup">trace</error>',
}


def path(name):
    return os.path.join(TMP, name)


def report(name, cases, suite=""):
    bad = [c for c in cases.values() if "<failure" in c]
    errors = [c for c in cases.values() if "<error" in c]
    tap.write(path(name), (
        '<?xml version="1.0" encoding="utf-8"?>\n<testsuites><testsuite '
        f'name="pytest" errors="{len(errors)}" failures="{len(bad)}" '
        f'skipped="0" tests="{len(cases)}" time="1" hostname="h" {suite}>\n'
        + "".join(f'<testcase classname="tests.test_a" name="{n}" time="0.1"'
                  + (f">{c}</testcase>\n" if c else "/>\n")
                  for n, c in cases.items())
        + "</testsuite></testsuites>\n").encode())
    return path(name)


def listed(name, *entries):
    """Entries: ids of tests, or the lines of a file as they are."""
    tap.write(path(name), "".join(
        (f"# until={LATER}\ntests/test_a.py::{e}\n" if "\n" not in e else e)
        for e in entries).encode())
    return path(name)


def run(command, *args, cwd=None):
    status, out, err = tap.run(command, *args, env=NONE, cwd=cwd or TMP)
    return status, out.decode("utf-8", "replace"), err.decode()


def told(err):
    """What is said of each entry."""
    return {m[2]: m[1].strip() for m in re.finditer(
        r"^  ([a-z ]{22})(\S.*?)(?:  until.*|, .*)?$", err, re.M)}


original = report("o.xml", CASES)
rerun = report("r.xml", {n: c for n, c in CASES.items() if c})
both = (original, rerun)

# --- who is excused ---------------------------------------------------------------
q = listed("q.txt", "flaky", "bad", "err")
status, out, err = run("update", f"--quarantine={q}", *both)
tap.ok(status == 0 and out == tap.read(original).decode()
       and "3 failures excused" in err,
       "what is listed sets no status, and stays red", status, err)
tap.ok(run("show", f"--quarantine={q}", original)[0] == 0
       and run("show", original)[0] == 1, "nor is it shown as one")
status, out, err = run("update", f"--quarantine={listed('1.txt', 'flaky')}",
                       *both)
tap.ok(status == 1 and "1 failure excused" in err, "who is not listed counts",
       err)
p = "tests/test_a.py::"
day = (datetime.datetime.utcnow().date())
for entry, want, green in (
        (f"# until={LATER} owner=@shop why=#7\n{p}flaky\n", "excused", True),
        (f"# until={day}\n{p}flaky\n", "excused", True),
        (f"# until={day - datetime.timedelta(days=1)}\n{p}flaky\n", "expired",
         False),
        (f"# owner=@shop\n{p}flaky\n", "without a day", False),
        (f"{p}flaky\n", "without a day", False),
        (f"# until={LATER}\n\n{p}flaky\n", "without a day", False),
        (f"# until={LATER}\n{p}gone\n", "matches nothing", False),
        (f"# until={LATER}\n{p}ok\n", "passes", False),
        (f"# until={LATER} signature=v2:0123456789abcdef\n{p}flaky\n",
         "another failure", False)):
    tap.write(path("e.txt"), entry.encode())
    alone = report("alone.xml", {"ok": "", "flaky": CASES["flaky"]})
    copy = report("copy.xml", {"ok": "", "flaky": CASES["flaky"]})
    for command, args in (("show", (alone,)), ("update", (alone, copy))):
        status, _, err = run(command, "--quarantine=e.txt", *args)
        got = list(told(err).values())
        tap.ok(got == [want] and status == (0 if green else 1),
               f"{command}: {want}", status, err, entry)

# its own signature, of this version and of an earlier one
shown = json.loads(run("show", "--json", alone)[1])["failing"][0]["signature"]
for signature in (shown, "v1:" + shown[3:], "v2:0123456789abcdef," + shown):
    tap.write(path("e.txt"), (f"# until={LATER} signature={signature}\n"
                              f"{p}flaky\n").encode())
    status, _, err = run("update", "--quarantine=e.txt", alone, copy)
    tap.ok(status == 0, f"signature={signature}", err)
# one failure in a rerun that is not listed is enough
other = report("other.xml", {"flaky": '<failure message="boom">t</failure>'})
status, _, err = run("update", "--quarantine=e.txt", alone, other)
tap.ok(status == 1 and list(told(err).values()) == ["another failure"],
       "never another failure", err)

many = report("many.xml", {f"t{i}": CASES["bad"] for i in range(11)})
q11 = listed("11.txt", *[f"t{i}" for i in range(11)])
status, _, err = run("show", f"--quarantine={q11}", many)
tap.ok(status == 1 and set(told(err).values()) == {"too many fail"}
       and "0 failures excused" in err, "of too many, none is excused", err)
tap.ok(run("show", f"--quarantine={q11}", "--max-quarantined=11", many)[0] == 0,
       "unless more may be")
twice = report("twice.xml", {"flaky": CASES["flaky"]})
data = tap.read(twice).replace(b"</testsuite>", b'<testcase classname="tests.'
                               b'test_a" name="flaky" file="x"/></testsuite>')
tap.write(path("twice.xml"), data)
status, _, err = run("show", f"--quarantine={listed('f.txt', 'flaky')}", twice)
tap.ok(status == 1 and list(told(err).values()) == ["matches several tests"],
       "an entry that matches two tests excuses none", err)
phases = report("phases.xml", {"flaky": CASES["flaky"]})
data = tap.read(phases).replace(
    b"</testsuite>", b'<testcase classname="tests.test_a" name="flaky" '
    b'time="0.1"><error message="failed on teardown with &quot;x&quot;">t'
    b"</error></testcase>"
    b"</testsuite>")
tap.write(path("phases.xml"), data)
tap.write(path("phases2.xml"), data)
for command, args in (("show", (phases,)), ("update", (phases, path("phases2.xml")))):
    status, _, err = run(command, "--quarantine=f.txt", *args)
    tap.ok(status == 0 and "2 failures excused" in err,
           f"{command}: a failure and its teardown are one test", err)
status, _, err = run("update", "--quarantine=f.txt", original, rerun)
tap.ok(status == 1 and "\n  excused " in err and err.count("still failing") == 1,
       "the summary names both", err)

def holds(name, entry, *args, why=None, status=1, also_update=True):
    """A report with this entry on the list: what show and update come to."""
    tap.write(path("h.txt"), entry.encode())
    tap.write(path("twin.xml"), tap.read(path(name)) + b"<!-- -->\n")
    commands = [("show", (path(name),))] + [
        ("update", ("-o", "ho.xml", path(name), path("twin.xml")))] * also_update
    for command, more in commands:
        got, _, err = run(command, "--quarantine=h.txt", *args, *more)
        tap.ok(got == status and (why is None or why in told(err).values()),
               f"{command} of {name}: {why or status}", got, err)


entry = f"# until={LATER} signature={shown}\n{p}flaky\n"
report("more.xml", {"flaky": CASES["flaky"].replace(
    "<system", '<failure message="boom">t</failure><system')})
holds("more.xml", entry, why="another failure")
report("both.xml", {"flaky": CASES["flaky"].replace(
    "<system", '<error message="boom">t</error><system')})
holds("both.xml", entry, why="another failure")
report("errors.xml", {"flaky": CASES["err"]})
tap.write(path("errors.xml"), tap.read(path("errors.xml")).replace(
    b"</testsuite>", b'<testcase classname="tests.test_a" name="flaky" file="x">'
    + CASES["err"].encode() + b"</testcase></testsuite>"))
holds("errors.xml", f"# until={LATER}\n{p}flaky\n",
      why="matches several tests")
report("unnamed.xml", {"": CASES["bad"]})
holds("unnamed.xml", f"# until={LATER}\n{p}\n")
report("crash.xml", {"ok": ""})
tap.write(path("crash.xml"), tap.read(path("crash.xml")).replace(
    b"</testsuite>", b'<testcase classname="" name="tests.test_m" time="0">'
    b'<error message="collection failure">E</error></testcase></testsuite>'))
holds("crash.xml", f"# until={LATER}\ntests.test_m\n", why="another failure")
# which test was running when a worker died, it does not know
report("worker.xml", {"flaky": '<error message="failed on setup with &quot;'
                      "worker 'gw0' crashed while running it&quot;\">x</error>"})
holds("worker.xml", entry.splitlines()[0] + f"\n{p}flaky\n",
      why="another failure")
# two tests of one id, of which one passed and did not run again
surefire = (
    '<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:no'
    'NamespaceSchemaLocation="https://maven.apache.org/surefire/maven-surefire'
    '-plugin/xsd/surefire-test-report.xsd" name="a.P" tests="%d" errors="0" '
    'skipped="0" failures="1" time="1">%s</testsuite>')
bad, good = ('<testcase name="p(int)[1]" classname="a.P" time="1"><failure '
             'message="m" type="E">t</failure></testcase>',
             '<testcase name="p(int)[2]" classname="a.P" time="1"/>')
tap.write(path("s1.xml"), surefire % (2, bad + good))
tap.write(path("s2.xml"), surefire % (1, bad))
tap.write(path("s.txt"), f"# until={LATER}\na.P#p*\n".encode())
for command, args in (("show", ("s1.xml",)), ("update", ("s1.xml", "s2.xml"))):
    status, _, err = run(command, "--quarantine=s.txt", *args)
    tap.ok(status == 1 and list(told(err).values()) == [
        "matches several tests"], f"{command}: an id of many parameters", err)
run("update", *(f"--quarantine={q}", "--quarantined=skip"), "--append-reruns",
    "-o", "later.xml", alone, other)
tap.ok(b"boom" in tap.read(path("later.xml")), "later failures are kept, too")
run("update", f"--quarantine={q}", "--quarantined=skip", "-o", "sk1.xml", alone,
    copy)
run("update", "-o", "sk2.xml", "sk1.xml", other)
tap.ok(b"rerunFailure" in tap.read(path("sk2.xml")) and run(
    "show", "sk2.xml")[0] == 1, "what was kept stays when it counts again",
    tap.read(path("sk2.xml")))
tap.ok(run("update", "--in-place", "sk1.xml", report("pass.xml", {"flaky": ""}))
       and b"rerunFailure" in tap.read(path("sk1.xml")),
       "nothing that was skipped turns green")
for lines in (f'# until={LATER} why="x signature={shown}\n{p}flaky\n',
              f"# until={LATER} signature=\n{p}flaky\n",
              f"# until={LATER}\tsignature=v2:zz\n{p}flaky\n",
              "".join(f"t{i}\n" for i in range(256)) + "t0\n"):
    tap.write(path("wrong.txt"), lines.encode())
    tap.ok(run("show", "--quarantine=wrong.txt", alone)[0] == 3,
           "nothing is dropped without a word", lines[:60])
tap.write(path("tab.txt"), (f"# until={LATER}\tSignature=v2:0123456789abcdef\n"
                            f"{p}flaky\n").encode())
tap.ok(run("show", "--quarantine=tab.txt", alone)[0] == 1,
       "tabs part attributes, too, and their case makes no difference")
for option in ("-o", "--flakes", "--decisions"):
    status, _, err = run("update", f"--quarantine={path('f.txt')}",
                         f"{option}={path('f.txt')}" if option != "-o"
                         else "-of.txt", alone, copy)
    tap.ok(status == 2 and "twice" in err, f"{option}: not over the list", err)
status, _, err = run("show", "--quarantine=f.txt", "--history=/no/h.db", alone)
tap.ok(status == 0 and "warning" in err and "/no/h.db" in err,
       "a history that cannot be reached is a warning", status, err)

# --- as skipped tests ----------------------------------------------------------------
SKIP = (f"--quarantine={q}", "--quarantined=skip")
status, out, err = run("update", *SKIP, "-o", "u.xml", *both)
tree = ET.parse(path("u.xml")).getroot()[0]
tap.ok(status == 0 and (tree.get("failures"), tree.get("errors"),
                        tree.get("skipped")) == ("0", "0", "3"),
       "they count as skipped", err)
kinds = {c.get("name"): [e.tag for e in c] for c in tree}
tap.ok(kinds == {"ok": [], "flaky": ["rerunFailure", "skipped"],
                 "bad": ["rerunFailure", "skipped"],
                 "err": ["skipped", "rerunError"]}
       and "assert 1 == 2" in tap.read(path("u.xml")).decode()
       and f'message="quarantined: until {LATER}"' in
       tap.read(path("u.xml")).decode(), "and keep their failures", kinds)
tap.ok(run("show", "u.xml")[0] == 0 and run("audit", "u.xml")[0] == 0,
       "the result is sound")
PROOF = (f"--original={original}", f"--rerun={rerun}")
tap.ok(run("audit", *PROOF, *SKIP, "u.xml")[0] == 0, "an audit proves it")
status, out, _ = run("audit", *PROOF, f"--quarantine={q}", "u.xml")
tap.ok(status == 1 and out, "and not under another way")
status, out, _ = run("audit", *PROOF, "u.xml")
tap.ok(status == 1 and out, "nor without the list")
run("update", *SKIP, "-o", "again.xml", "u.xml", rerun)
tap.ok(tap.read(path("again.xml")) == tap.read(path("u.xml")),
       "the same update again changes nothing")
run("update", *SKIP, "--evidence=none", "-o", "n.xml", *both)
tap.ok(b"<rerunFailure" in tap.read(path("n.xml")), "whatever the evidence")
says = report("says.xml", {"flaky": ""})
tap.write(says, tap.read(says).replace(b'time="0.1"', b'status="failed"'))
tap.write(path("says2.xml"), tap.read(says))
run("update", *SKIP, "-o", "s.xml", says, path("says2.xml"))
tap.ok(run("show", "s.xml")[0] == 0 and b"<rerunFailure" in
       tap.read(path("s.xml")) and b'status="failed"' not in
       tap.read(path("s.xml")).split(b"<rerun")[0],
       "what only says that it failed no longer does", tap.read(path("s.xml")))
tap.write(path("x.txt"), f'# until={LATER} why="a < b & \'c\' \x1b"\n{p}flaky\n'
          .encode())
run("update", "--quarantine=x.txt", "--quarantined=skip", "-o", "x.xml", *both)
tap.ok(ET.parse(path("x.xml")).getroot()[0][1][1].get("message") ==
       f"quarantined: a < b & 'c' \\x1b, until {LATER}", "a reason is text",
       tap.read(path("x.xml")))
skipped = report("skipped.xml", {"flaky": "<skipped/>"})
run("update", *SKIP, "-o", "sk.xml", skipped, rerun)
tap.ok(run("show", "sk.xml")[0] == 0 and
       b"<rerunFailure" in tap.read(path("sk.xml")) and
       tap.read(path("sk.xml")).count(b"<skipped") == 3,
       "one that was skipped, and fails in the rerun",
       tap.read(path("sk.xml")))

# every pair of reports, with all that fails on the list
wrong = []
for folder in sorted(glob.glob(os.path.join(tap.FIXTURES, "*"))):
    o, r = folder + "/original.xml", folder + "/rerun.xml"
    if not (os.path.isfile(o) and os.path.isfile(r)):
        continue
    status, out, _ = tap.run("show", "--json", o, cwd=folder)
    if status not in (0, 1):
        continue
    ids = {t["id"] for t in json.loads(out)["failing"]}
    with open(path("all.txt"), "w", encoding="utf-8") as f:
        f.writelines(f"# until={LATER}\n{i}\n" for i in sorted(ids) if i)
    args = (f"--quarantine={path('all.txt')}", "--quarantined=skip",
            "--max-quarantined=1000000")
    before = tap.run("audit", o, cwd=folder)[1].count(b"\n")
    plain = tap.run("update", "-q", "-o", path("plain.xml"), o, r, cwd=folder)
    status, _, err = tap.run("update", *args, "-o", path("all.xml"), o, r,
                             cwd=folder)
    if status not in (0, 1):
        if plain[0] in (0, 1):
            wrong.append((folder, "update", err))
        continue
    proof, out, _ = tap.run("audit", *args, f"--original={o}", f"--rerun={r}",
                            path("all.xml"), cwd=folder)
    if proof:
        wrong.append((folder, "proof", out))
    if tap.run("audit", path("all.xml"), cwd=folder)[1].count(b"\n") > max(
            before, tap.run("audit", path("plain.xml"),
                            cwd=folder)[1].count(b"\n")):
        wrong.append((folder, "audit",
                      tap.run("audit", path("all.xml"))[1]))
    tap.run("update", "-q", *args, "-o", path("all2.xml"), path("all.xml"), r,
            cwd=folder)
    tap.run("update", "-q", "-o", path("plain2.xml"), path("plain.xml"), r,
            cwd=folder)
    if tap.read(path("all2.xml")) != tap.read(path("all.xml")) and \
            tap.read(path("plain.xml")) == tap.read(path("plain2.xml")):
        wrong.append((folder, "again"))
tap.ok(not wrong, "every fixture can be quarantined, proved, and is sound",
       len(wrong), *wrong[:6])

# --- the list itself -------------------------------------------------------------------
for lines, place in ((b"# until=2026-02-30\nx\n", ":1:3"),
                     (b"\n# a until=soon\nx\n", ":2:5"),
                     (b"x\ny\nx\n", ":3:1"),
                     (b"# signature=abc\nx\n", ":1:3")):
    tap.write(path("wrong.txt"), lines)
    for command, args in (("show", (original,)), ("update", both)):
        status, out, err = run(command, "--quarantine=wrong.txt", *args)
        tap.ok(status == 3 and not out and f"wrong.txt{place}" in err
               and err.count("\n") == 1, f"{command}: {lines}", status, err)
status, out, err = run("update", "--quarantine=none.txt", *both)
tap.ok(status == 3 and not out and "none.txt" in err, "a list that is not there")
tap.write(path("crlf.txt"), f"\ufeff# until={LATER}\r\n{p}flaky\r\n\r\n#x\r\n"
          .encode())
tap.ok(run("show", "--quarantine=crlf.txt", alone)[0] == 0,
       "with a mark at its front, and lines as Windows ends them")
js = report("js.xml", {"#add works": CASES["bad"]})
tap.write(js, tap.read(js).replace(b'classname="tests.test_a" ', b"")
          .replace(b'hostname="h"', b""))
tap.write(path("js.txt"), f"# until={LATER}\n#add works\n".encode())
tap.ok(run("show", "--quarantine=js.txt", js)[0] == 0,
       "a name may begin like a comment")
for command, args in (("show", both), ("update", both),
                      ("audit", (*PROOF, original))):
    status, _, err = run(command, "--max-quarantined=3", *args)
    tap.ok(status == 2 and "quarantine" in err, f"{command}: which list?", err)
status, out, err = tap.run("show", f"--quarantine={q}", "-",
                           stdin=tap.read(original))
tap.ok(status == 2, "standard input is read once", status, err)

# --- only what is listed may turn green ------------------------------------------------
recovered = {**CASES, "rec": CASES["bad"], "rec2": CASES["err"]}
o2 = report("o2.xml", recovered)
r2 = report("r2.xml", {**{n: c for n, c in CASES.items() if c}, "rec": "",
                       "rec2": ""})
tap.write(path("only.txt"), f"{p}rec\n".encode())
status, out, err = run("update", "--recover-only=only.txt", o2, r2)
red = [c.get("name") for c in ET.fromstring(out.split("\n", 1)[1])[0]
       if c.find("failure") is not None or c.find("error") is not None]
tap.ok(status == 1 and red == ["flaky", "bad", "err", "rec2"]
       and re.search(rf"not listed +1  {re.escape(p)}rec2", err),
       "nobody else turns green, and is named", red, err)
status, out, _ = run("update", "--recover-only=only.txt", "-n", o2, r2)
reasons = {d["name"]: d["reason"] for d in json.loads(out)["decisions"]}
tap.ok(reasons["rec"] == "recovered" and reasons["rec2"] == "not-listed",
       "the decisions say so", reasons)
run("update", "--recover-only=only.txt", "-o", "u2.xml", o2, r2)
tap.ok(run("audit", f"--original={o2}", f"--rerun={r2}",
           "--recover-only=only.txt", "u2.xml")[0] == 0
       and run("audit", f"--original={o2}", f"--rerun={r2}", "u2.xml")[0] == 1,
       "and an audit proves it")
tap.write(path("past.txt"), f"# until=2020-01-01\n{p}rec\n".encode())
status, out, err = run("update", "--recover-only=past.txt", o2, r2)
tap.ok("recovered" not in err and "not listed           2" in err,
       "what is over is not listed", err)
module = ('<testcase classname="" name="tests.test_m" time="0.0"><error '
          'message="collection failure">E</error></testcase>')
broken = report("collect.xml", {"ok": ""})
tap.write(broken, tap.read(broken).replace(b"</testsuite>", module.encode()
                                           + b"</testsuite>"))
whole = report("whole.xml", {"ok": ""})
tap.write(whole, tap.read(whole).replace(
    b"</testsuite>", b'<testcase classname="tests.test_m" name="test_x" '
    b'time="0"/></testsuite>'))
_, out, _ = run("update", "-q", broken, whole)
_, only, _ = run("update", "-q", "--recover-only=only.txt", broken, whole)
tap.ok("collection failure" in only and
       run("update", "-q", "--recover-only=only.txt", broken, whole)[0] == 1,
       "a module that could not be collected is no exception", only)

# --- kept by a history -------------------------------------------------------------------
NOW = "--at=" + history.at(41)


def runs(flaky, days=40, name="m"):
    """A test that fails on these days, and passes when it is run again."""
    return [history.run(d, "j", {}, branch="main") | {"tests": [
        {"classname": "tests.test_a", "name": n, "id": p + n, "executions": [
            {"outcome": "failed", "message": f"no {n}"}, {"outcome": "passed"}]
            if d in bad else [{"outcome": "passed"}]}
        for n, bad in flaky.items()]} for d in range(days)]


history.write(path("k.jsonl"), runs({
    "often": {30, 33, 38}, "once": {35}, "healed": {1, 2}, "fine": set(),
    "mine": {31, 36}}))
history.record(path("k.db"), "-q", path("k.jsonl"))
tap.write(path("kept.txt"), (
    "# our list\n\n"
    f"# until=2026-03-01 owner=@me\n{p}mine\n"
    f"# until=2026-03-01\n{p}fine\n"
    f"# until=2026-03-01 by=rejunit\n{p}once\n"
    f"# until=2026-03-01 by=rejunit\n{p}healed\n"
    f"# until=2026-03-01 by=rejunit\n{p}gone\n").encode())
args = (f"--history={path('k.db')}", NOW)
status, out, err = run("quarantine", "--check", *args, "kept.txt")
before = tap.read(path("kept.txt"))
tap.ok(status == 1 and out.splitlines() == [
    f"- {p}healed  (it recovered)", f"+ {p}often  (3 flakes in 40 runs)"],
    "what would change is printed", out, err)
tap.ok(tap.read(path("kept.txt")) == before, "and not done")
status, again, err = run("quarantine", *args, "kept.txt")
kept = tap.read(path("kept.txt")).decode()
tap.ok(status == 0 and again == out and kept.startswith(
    f"# our list\n\n# until=2026-03-01 owner=@me\n{p}mine\n"
    f"# until=2026-03-01\n{p}fine\n"
    f"# until=2026-03-01 by=rejunit\n{p}once\n"
    f"# until=2026-03-01 by=rejunit\n{p}gone\n# until=2026-03-13 by=rejunit "
    "signature=v2:") and kept.endswith(f'why="3 flakes in 40 runs"\n{p}often\n'),
    "what people wrote stays as it is", kept)
tap.ok(run("quarantine", "--check", *args, "kept.txt")[:2] == (0, ""),
       "then nothing is left to do")
status, out, _ = run("quarantine", f"--history={path('k.db')}",
                     "--at=2026-03-10T00:00:00Z", "kept.txt")
tap.ok(out == f"~ {p}often  (it still flakes)\n"
       and "# until=2026-04-09" in tap.read(path("kept.txt")).decode(),
       "an entry is renewed while it flakes", out)
tap.ok(run("quarantine", f"--history={path('k.db')}",
           "--at=2026-03-10T00:00:00Z", "stale.txt")[1] == "",
       "what nobody has seen for weeks is not entered")
status, out, _ = run("quarantine", "--enter=1", "--days=3", *args, "new.txt")
tap.ok(status == 0 and {line[2:].split("  ")[0] for line in out.splitlines()}
       == {p + "often", p + "once", p + "mine"}
       and "# until=2026-02-14" in tap.read(path("new.txt")).decode(),
       "a list that is new", out)
status, out, _ = run("quarantine", *args, "--enter=99", "none2.txt")
tap.ok(status == 0 and not os.path.exists(path("none2.txt")),
       "or none, if there is nothing to list")
tap.ok(run("quarantine", *args)[0] == 2 and run(
    "quarantine", f"--history={path('no.db')}", "x.txt")[0] in (3, 4)
    and run("quarantine", *args, "wrong.txt")[0] == 3, "wrong usage")

# what people wrote around our entries stays; what names hold is one line
history.write(path("odd.jsonl"), [history.run(d, "j", {}) | {"tests": [
    {"classname": "m", "name": n, "executions": [
        {"outcome": "failed"}, {"outcome": "passed"}] if d in (30, 35)
        else [{"outcome": "passed"}]}
    for n in ("t", "x\n# until=2099-01-01\nm::victim", "y")] + [
        {"name": "# z", "executions": [
            {"outcome": "failed"}, {"outcome": "passed"}] if d in (30, 35)
            else [{"outcome": "passed"}]}]} for d in range(40)])
history.record(path("odd.db"), "-q", path("odd.jsonl"))
args = (f"--history={path('odd.db')}", NOW)
tap.write(path("odd.txt"), b"# Our list. Ask @bob.\n# until=2026-02-14 "
          b'by=rejunit owner=@bob why="TICKET-7"\n# bob: look here\nm::t\n'
          b"# until=2026-03-01 signature=v2:0123456789abcdef")
status, out, err = run("quarantine", *args, "odd.txt")
text = tap.read(path("odd.txt")).decode()
tap.ok(status == 0 and text.startswith(
    "# Our list. Ask @bob.\n# bob: look here\n# until=2026-03-13 by=rejunit "
    'owner="@bob" why="TICKET-7"\nm::t\n# until=2026-03-01 signature=v2:01234567'
    "89abcdef\n\n# until=2026-03-13 by=rejunit")
    and "\nm::victim" not in text and "\n./# z\n" in text,
    "people's words stay, and names are one line", text, err)
tap.ok(run("quarantine", "--check", *args, "odd.txt")[:2] == (0, ""),
       "and are known again", run("quarantine", "--check", *args, "odd.txt"))

# a broken test is no flaky one, and the run at hand counts
old = []
today = datetime.datetime.utcnow()
for d in range(60):
    at = (today - datetime.timedelta(days=60 - d)).strftime(
        "%Y-%m-%dT%H:%M:%SZ")
    old.append({"version": 1, "run": f"d{d}", "at": at, "commit": f"c{d}",
                "branch": "main", "job": "j", "tests": [
                    {"classname": "tests.test_a", "name": "flaky",
                     "executions": [{"outcome": "failed" if d > 57
                                     else "passed"}]}]})
history.write(path("old.jsonl"), old)
history.record(path("old.db"), "-q", path("old.jsonl"))
f = listed("flaky.txt", "flaky")
status, _, err = run("show", f"--quarantine={f}",
                     f"--history={path('old.db')}", alone)
tap.ok(status == 0, "two failures in a row are no streak", err)
status, _, err = run("update", f"--quarantine={f}",
                     f"--record={path('old.db')}", "--run=d60", "--commit=c60",
                     "--branch=main", "--job=j", "-o", "b.xml", alone, copy)
tap.ok(status == 1 and list(told(err).values()) == ["broken"],
       "with the run at hand they are, and nothing is excused", err)
status, _, err = run("show", f"--quarantine={f}",
                     f"--history={path('old.db')}", alone)
tap.ok(status == 1 and list(told(err).values()) == ["broken"],
       "from then on, everywhere", err)
status, _, err = tap.run("show", f"--quarantine={f}", alone, cwd=TMP, env={
    **NONE, "REJUNIT_HISTORY": path("old.db")})
tap.ok(status == 1, "also where the environment names the history", err)

# --- the same file, for a plugin of pytest -----------------------------------------------
os.makedirs(path("project/tests"))
tap.write(path("project/tests/test_a.py"), "def test_flaky():\n    assert 0\n\n\n"
          "def test_ok():\n    pass\n")
tap.write(path("project/conftest.py"), '''
import pytest


def pytest_collection_modifyitems(items):
    with open("quarantine.txt") as f:
        ids = {line.strip() for line in f}
    for item in items:
        if item.nodeid in ids:
            item.add_marker(pytest.mark.xfail)
''')
tap.write(path("project/quarantine.txt"),
          f"# until={LATER}\ntests/test_a.py::test_flaky\n")
run_pytest = ["/usr/bin/python3", "-m", "pytest", "-q", "--junit-xml=o.xml",
              "-p", "no:cacheprovider"]
with_plugin = subprocess.run(run_pytest, cwd=path("project"),
                             stdout=subprocess.PIPE).returncode
os.unlink(path("project/conftest.py"))
without = subprocess.run(run_pytest, cwd=path("project"),
                         stdout=subprocess.PIPE).returncode
status, _, err = run("show", "--quarantine=quarantine.txt", "o.xml",
                     cwd=path("project"))
tap.ok((with_plugin, without, status) == (0, 1, 0),
       "pytest and rejunit read one file", with_plugin, without, status, err)
tap.done()
