#!/usr/bin/env python3
"""Folders and patterns: one report in many files."""
import os
import shutil
import subprocess

import tap

FIXTURES = tap.FIXTURES


def put(folder, fixture, which, name):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    shutil.copy(os.path.join(FIXTURES, fixture, which + ".xml"), path)


def make():
    """Two classes that were rerun, one that was not, and one that is new."""
    top = tap.scratch()
    for which, folder in (("original", "o/"), ("rerun", "r/")):
        put(top, "surefire-basic", which, folder + "TEST-A.xml")
        put(top, "surefire-basic-BTest", which, folder + "sub/TEST-B.xml")
    put(top, "ctest-rerun-failed", "rerun", "o/untouched.xml")
    put(top, "surefire-basic-ParamTest", "rerun", "r/sub/TEST-New.xml")
    return top


def tree(folder):
    return {os.path.relpath(os.path.join(at, f), folder):
            tap.read(os.path.join(at, f))
            for at, _, files in os.walk(folder) for f in files}


def expected(fixture):
    return tap.read(os.path.join(FIXTURES, fixture, "expected.xml"))


WANT = {
    "TEST-A.xml": expected("surefire-basic"),
    "sub/TEST-B.xml": expected("surefire-basic-BTest"),
    "sub/TEST-New.xml": tap.read(os.path.join(
        FIXTURES, "surefire-basic-ParamTest", "rerun.xml")),
}

top = make()
before = tree(top + "/o")
kept = os.stat(top + "/o/untouched.xml")
status, _, err = tap.run("update", "-i", "o", "r", "-q", cwd=top)
after = tree(top + "/o")
tap.ok(status == 1, "a folder is updated in place", err.decode())
tap.ok(after == {**before, **WANT},
       "each file as if it were alone, and a new class has its own",
       *[k for k in after if after[k] != {**before, **WANT}.get(k)])
now = os.stat(top + "/o/untouched.xml")
tap.ok((kept.st_ino, kept.st_mtime_ns) == (now.st_ino, now.st_mtime_ns),
       "a file in which nothing changes is not written")
tap.run("update", "-i", "o", "r", "-q", cwd=top)
tap.ok(tree(top + "/o") == after, "a second time changes nothing")

top = make()
tap.run("update", "o", "r", "-q", "-o", "out", cwd=top)
tap.ok(tree(top + "/out") == after and tree(top + "/o") == before,
       "-o writes the whole set into another folder")
tap.run("update", "o/*.xml", "r/*.xml", "-q", "-o", "some", cwd=top)
tap.ok(sorted(tree(top + "/some")) == ["TEST-A.xml", "untouched.xml"],
       "a pattern means what it matches", *tree(top + "/some"))

os.remove(top + "/some/untouched.xml")
os.mkfifo(top + "/some/untouched.xml")
status, _, err = tap.run("update", "o/*.xml", "r/*.xml", "-q", "-o", "some",
                         cwd=top)
tap.ok(status == 4 and b"some/untouched.xml: is not a file" in err,
       "a pipe in the way keeps nobody waiting", status, err.decode())

tap.write(top + "/o/coverage.xml", '<?xml version="1.0" ?>\n<!DOCTYPE coverage '
          'SYSTEM "coverage.dtd">\n<coverage/>\n')
status, _, err = tap.run("update", "-i", "o", "r", cwd=top)
tap.ok(status == 1 and b"coverage.xml: no JUnit report" in err,
       "so is one with a DOCTYPE for something else", err.decode())
tap.write(top + "/o/coverage.xml", "<!DOCTYPE testsuite>\n<testsuite/>\n")
status, _, err = tap.run("update", "-i", "o", "r", cwd=top)
tap.ok(status == 3 and b"DOCTYPE" in err, "but no report", err.decode())
os.remove(top + "/o/coverage.xml")

CASE = ('<testsuite name="m.Smoke" tests="1" failures="%d">'
        '<testcase classname="m.Smoke" name="t">%s</testcase></testsuite>')
modules = tap.scratch()
for name, bad in (("o/a/S.xml", 0), ("o/b/S.xml", 1), ("r/b/S.xml", 0),
                  ("q/a/S.xml", 0)):
    os.makedirs(os.path.dirname(os.path.join(modules, name)), exist_ok=True)
    tap.write(os.path.join(modules, name),
              CASE % (bad, "<failure/>" if bad else ""))
tap.write(modules + "/q/a/S.xml", CASE % (0, "<system-out/>"))
tap.ok(tap.run("update", "-q", "o", "q", "-o", "out", cwd=modules)[0] == 1,
       "a module's pass says nothing of another's failure")
tap.ok(tap.run("update", "-q", "o", "r", "-o", "out", cwd=modules)[0] == 0,
       "the file in the set tells which module it is of")

tap.write(top + "/o/other.xml", "<no-report/>")
status, _, err = tap.run("update", "-i", "o", "r", cwd=top)
tap.ok(status == 1 and b"other.xml: no JUnit report" in err
       and tap.read(top + "/o/other.xml") == b"<no-report/>",
       "what is no JUnit report is passed over", err.decode())

top = tap.scratch()
for name, text in (("o/a.xml", "<other/>"),
                   ("o/b.xml", '<testsuite name="s" tests="0"/>'),
                   ("r/a.xml", '<testsuite name="s2" tests="1">'
                    '<testcase name="u"/></testsuite>')):
    os.makedirs(os.path.dirname(os.path.join(top, name)), exist_ok=True)
    tap.write(os.path.join(top, name), text)
status, _, err = tap.run("update", "-i", "o", "r", "-q", cwd=top)
tap.ok(status == 0 and tap.read(top + "/o/a.xml") == b"<other/>" and
       b'name="u"' in tap.read(top + "/o/b.xml"),
       "what is new in a rerun's file of its name goes elsewhere",
       err.decode())

top = make()
tap.write(top + "/o/zz.xml", "<testsuites>")
status, _, err = tap.run("update", "-i", "o", "r", cwd=top)
tap.ok(status == 3 and b"zz.xml:1:" in err
       and {**before, "zz.xml": b"<testsuites>"} == tree(top + "/o"),
       "one that is cut off refuses them all", err.decode())

top = make()
os.mkdir(top + "/out")
os.mkdir(top + "/out/sub")
os.mkdir(top + "/out/sub/TEST-B.xml")
status, _, err = tap.run("update", "o", "r", "-q", "-o", "out", cwd=top)
tap.ok(status == 4 and tree(top + "/out") == {},
       "one that cannot be written leaves them all unwritten", err.decode())

if os.geteuid() == 0:
    top = make()
    for at, folders, files in os.walk(top):
        os.chmod(at, 0o777)
    exe = shutil.copy(tap.REJUNIT, top + "/exe")
    p = subprocess.run([exe, "update", "-i", "o", "r"], cwd=top, user=65534,
                       group=65534, extra_groups=[], stderr=subprocess.PIPE,
                       stdout=subprocess.PIPE)
    tap.ok(p.returncode == 1 and tree(top + "/o") == after and
           b"TEST-A.xml: its owner cannot be kept, nor those of 1 more"
           in p.stderr, "a set of another user's is updated, with a warning",
           p.stderr.decode())

top = make()
os.link(top + "/o/TEST-A.xml", top + "/o/TEST-Twin.xml")
status, _, err = tap.run("update", "-i", "o", "r", "-q", cwd=top)
tap.ok(status == 2 and b"another name" in err
       and tree(top + "/o")["TEST-A.xml"] == before["TEST-A.xml"],
       "two names of one file are not both replaced", err.decode())

top = make()
os.mkdir(top + "/links")
os.symlink("../r/sub", top + "/links/sub")
tap.write(top + "/one.xml", before["TEST-A.xml"])
os.link(top + "/r/TEST-A.xml", top + "/same.xml")
files = tree(top)
for args in (("o", "r", "-o", "r"), ("o", "r", "-o", "links"),
             ("one.xml", "r", "-o", "r/TEST-A.xml"),
             ("one.xml", "r/TEST-A.xml", "-o", "r/TEST-A.xml"),
             ("one.xml", "r/TEST-A.xml", "-o", "same.xml")):
    status, _, err = tap.run("update", *args, "--flakes=f.txt", cwd=top)
    tap.ok(status == 2 and b"would be overwritten" in err
           and tree(top) == files,
           f"no rerun is written to: {' '.join(args)}", status, err.decode())
for args in (("o", "r", "-o", "new", "--flakes=r/TEST-A.xml"),
             ("-i", "o", "r", "--flakes=o/sub/../TEST-A.xml"),
             ("-i", "o", "r", "--flakes=f", "--decisions=links/../same.xml")):
    status, _, err = tap.run("update", *args, cwd=top)
    tap.ok(status == 2 and b"would be overwritten" in err
           and {**tree(top), "f": None} == {**files, "f": None},
           f"nor is a list: {' '.join(args)}", status, err.decode())
status, _, err = tap.run("update", "one.xml", "r/TEST-A.xml", "-q", "-o",
                         "one.xml", cwd=top)
tap.ok(status == 1 and tree(top)["one.xml"] == WANT["TEST-A.xml"],
       "the original may be", status, err.decode())

top = make()
# --- modules: reports of one base name in different folders

PASSED = '<testcase classname="tests.test_api" name="test_b"/>'
FAILED = PASSED.replace("/>", "><failure/></testcase>")
BROKEN = ('<testcase classname="" name="tests.test_api"><error message='
          '"collection failure">x</error></testcase>')
OTHER = '<testcase classname="tests.test_o" name="test_o">%s</testcase>'


def modules(**reports):
    """Writes them below first and rerun; what updating the one says."""
    top = tap.scratch()
    for name, cases in reports.items():
        path = os.path.join(top, *name.split("_"), "junit.xml")
        os.makedirs(os.path.dirname(path))
        tap.write(path, f'<testsuite name="pytest">{cases}</testsuite>')
    return tap.run("update", "first", "rerun", "-o", "out", cwd=top)


status, _, err = modules(first_a=FAILED, rerun_b=PASSED)
tap.ok(status == 1 and b"not rerun" in err,
       "a pass of another module speaks of none", err.decode())
status, _, err = modules(first_a=FAILED, first_b=PASSED, rerun_b=PASSED)
tap.ok(status == 1 and b"not rerun" in err,
       "also where both modules are there", err.decode())
status, _, err = modules(first_a=FAILED, first_b=PASSED, rerun_a=PASSED)
tap.ok(status == 0, "but one of the module itself does", err.decode())
times = tap.scratch()
for name, cases in (("first/at-1201", FAILED), ("rerun/at-1207", PASSED)):
    os.makedirs(os.path.dirname(f"{times}/{name}"), exist_ok=True)
    tap.write(f"{times}/{name}.xml",
              f'<testsuite name="pytest">{cases}</testsuite>')
status, _, err = tap.run("update", "first", "rerun", "-o", "out", cwd=times)
tap.ok(status == 0 and b"recovered" in err,
       "reports whose names change from run to run are of one module",
       err.decode())
legs = tap.scratch()
for name, cases in (("o/py39", FAILED), ("o/py310", PASSED),
                    ("r/py39", PASSED), ("s/py310", PASSED)):
    os.makedirs(os.path.dirname(f"{legs}/{name}"), exist_ok=True)
    tap.write(f"{legs}/{name}.xml",
              f'<testsuite name="pytest">{cases}</testsuite>')
for rerun, want in (("r", 0), ("s", 1)):
    status, _, err = tap.run("update", "o", rerun, "-o", "out", cwd=legs)
    tap.ok(status == want, f"legs of a matrix are told apart by their names: "
           f"{rerun}", err.decode())
status, _, err = modules(first_a=BROKEN, first_b=OTHER % "<failure/>",
                         rerun_b=PASSED + OTHER % "")
tap.ok(status == 1 and b"coverage unknown" not in err,
       "a module that could not be collected is another's no more",
       err.decode())
status, _, err = modules(first_a=BROKEN, rerun_a=PASSED)
tap.ok(status == 0 and b"coverage unknown" in err, "but its own",
       err.decode())

tap.ok(tap.run("update", "o", "o", "-i", cwd=top)[0] == 3,
       "a folder is not its own rerun")
tap.ok(tap.run("update", "o", "r", cwd=top)[0] == 2,
       "a folder does not go to standard output")
os.mkdir(top + "/empty")
tap.ok(tap.run("update", "empty", "r", "-i", cwd=top)[0] == 3,
       "a folder without a report is refused")
tap.ok(tap.run("update", "o/nothing-*.xml", "r", "-i", cwd=top)[0] == 3,
       "so is a pattern that matches nothing")
tap.done()
