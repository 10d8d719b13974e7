#!/usr/bin/env python3
"""The plugin for pytest: what it notes, what it keeps, and --update-xml."""
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import tap

sys.dont_write_bytecode = True
TMP = tap.scratch()
PYTHON = "/usr/bin/python3"
PLUGIN = os.path.join(tap.TOP, "src", "pytest")
SUITE = '''import os, pytest
N = {}
def nth(name):
    N[name] = N.get(name, 0) + 1
    return N[name]
def again(): return os.path.exists("again")
def test_ok(): pass
def test_flaky(): assert again(), "no luck"
@pytest.mark.parametrize("x", ["a b", "c::d", "e[f]", "é"])
def test_param(x): assert again()
class TestClass:
    def test_in(self): assert again()
@pytest.fixture
def broken(): assert again()
def test_setup(broken): pass
'''
number = 0


def project(text=SUITE):
    global number
    number += 1
    os.makedirs(f"{TMP}/{number}/t")
    tap.write(f"{TMP}/{number}/t/test_a.py", text.encode())
    return f"{TMP}/{number}"


def sh(folder, script, **more):
    env = {"PATH": f"{os.path.dirname(tap.REJUNIT)}:/usr/bin:/bin",
           "PYTHONPATH": PLUGIN, "PYTHONDONTWRITEBYTECODE": "1",
           "LANG": "C.UTF-8", "REJUNIT": tap.REJUNIT, **more}
    p = subprocess.run(["sh", "-c", script], cwd=folder, env=env,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    return p.returncode, p.stdout.decode()


def pytest(folder, *args, **more):
    return sh(folder, f"{PYTHON} -m pytest -p pytest_rejunit -q " + " ".join(
        args), **more)


def has(module):
    return subprocess.run([PYTHON, "-c", f"import {module}"],
                          stderr=subprocess.DEVNULL).returncode == 0


def cases(folder, name="pytest.xml"):
    """Each case's children, in the order of the report."""
    return [(c.get("name"), [e.tag for e in c if e.tag != "properties"])
            for c in ET.parse(f"{folder}/{name}").iter("testcase")]


# --- --update-xml ----------------------------------------------------------------------
SCRIPT = '''#!/bin/sh
pytest() { %s -m pytest -p pytest_rejunit -q "$@"; }
pytest t --junit-xml pytest.xml
status=$?
touch again
if [ $status -eq 1 ]
then
    # re-run failed tests, and update the report of the run before
    pytest t --last-failed --update-xml pytest.xml
    exit $?
fi
exit $status
''' % PYTHON
f = project()
status, said = sh(f, SCRIPT)
tap.ok(status == 0 and all(c in ([], ["flakyFailure"], ["flakyError"])
                           for _, c in cases(f)) and len(cases(f)) == 8,
       "the script that users have: what failed has passed", status,
       said[-900:], cases(f))
tap.ok("recovered            7  t/test_a.py::test_flaky" in said
       and not re.search("generated xml file: .*pytest-rejunit-", said),
       "and it is told", said[-900:])
g = project()
status, _ = sh(g, f"{PYTHON} -m pytest -q t --junit-xml=pytest.xml; touch again;"
               f"{PYTHON} -m pytest -q t --last-failed --junit-xml=r.xml;"
               "$REJUNIT update -q -i pytest.xml r.xml", PYTHONPATH="")
hide = re.compile(rb'(time|timestamp|hostname)="[^"]*"|0x[0-9a-f]+|<properties>'
                  rb"<property name=.rejunit.collected.*?</properties>")
tap.ok(hide.sub(b"", tap.read(f"{f}/pytest.xml"))
       == hide.sub(b"", tap.read(f"{g}/pytest.xml")),
       "as the command itself does it")
f = project(SUITE + "def test_bad(): assert 0\n")
status, said = sh(f, SCRIPT)
tap.ok(status == 1 and dict(cases(f))["test_bad"] == ["failure"],
       "what fails again fails", said[-600:])
f = project(SUITE + "def test_bad(): assert 0\n")
pytest(f, "t", "--junit-xml=pytest.xml")
tap.write(f"{f}/again", b"")
status, said = pytest(f, "t/test_a.py::test_flaky", "--update-xml=pytest.xml",
                      "--junit-xml=rerun.xml")
tap.ok(status == 1 and dict(cases(f))["test_bad"] == ["failure"]
       and dict(cases(f))["test_flaky"] == ["flakyFailure"]
       and os.path.exists(f"{f}/rerun.xml"),
       "what was not run again fails still", status, said[-600:])
for args, words, code in (
        (("--update-xml=none.xml",), "none.xml", 4),
        (("--update-xml=pytest.xml", "--junit-xml=./pytest.xml"), "same", 4)):
    before = tap.read(f"{f}/pytest.xml")
    status, said = pytest(f, "t", *args)
    tap.ok(status == code and words in said
           and tap.read(f"{f}/pytest.xml") == before, f"{args}", status, said)
status, said = pytest(f, "t", "--update-xml=pytest.xml", REJUNIT="", PATH="/bin")
tap.ok(status == 4 and "PATH" in said or os.path.exists("/bin/rejunit"),
       "no command: an error before anything runs", status, said)
tap.write(f"{f}/pytest.xml", b"<testsuite><testcase")
status, said = pytest(f, "t", "--update-xml=pytest.xml")
tap.ok(status == 3 and "cut off" in said
       and tap.read(f"{f}/pytest.xml") == b"<testsuite><testcase",
       "a report that cannot be read: it stays", status, said[-400:])
before = tap.read(f"{f}/pytest.xml")
status, said = pytest(f, "t", "-k", "none", "--update-xml=pytest.xml")
tap.ok(status == 5 and tap.read(f"{f}/pytest.xml") == before,
       "nothing ran: nothing is updated", status, said[-400:])
tap.ok(not [n for n in os.listdir("/tmp") if n.startswith("pytest-rejunit-")
            and os.stat("/tmp/" + n).st_uid == os.getuid()],
       "and nothing is left behind")

# --- what it notes ------------------------------------------------------------------------
f = project()
pytest(f, "t", "--junit-xml=pytest.xml", PYTHONHASHSEED="7")
text = tap.read(f"{f}/pytest.xml").decode()
tap.ok('name="seed" value="7"' in text
       and 'name="rejunit.collected" value="8"' in text
       and "rejunit.position" not in text, "a seed, and how many there were",
       text[:500])
pytest(f, "t", "--junit-xml=pytest.xml", "--rejunit-state")
text = tap.read(f"{f}/pytest.xml").decode()
numbers = re.findall(r'name="rejunit\.(\w+)_(before|after)" value="(\d+)"', text)
tap.ok(len(numbers) == 8 * 10 and {n for n, _, _ in numbers} == {
    "modules", "objects", "threads", "files", "memory"} and all(
        int(v) > 0 for _, _, v in numbers), "--rejunit-state", len(numbers))
status, out, err = tap.run("record", "--history=h.db", "-q", "pytest.xml",
                           cwd=f)
status, out, err = tap.run("export", "--history=h.db", cwd=f)
tap.ok(b"rejunit.memory_after" in out, "which are facts of a history", err)
f = project("def test_first(): assert 0\ndef test_second(): assert 0\n"
            "def test_third(): pass\n")
pytest(f, "-x", "t", "--junit-xml=pytest.xml")
text = tap.read(f"{f}/pytest.xml").decode()
tap.ok('"rejunit.collected" value="3"' in text and text.count("<testcase") == 1,
       "a run that ended early says so", text[:400])
RUN = (f"$REJUNIT run --runner=pytest -- {PYTHON} -m pytest -p pytest_rejunit -q "
       "-p no:cacheprovider t --junit-xml=pytest.xml ")
ONCE = ("import os\ndef once(n):\n    if os.path.exists(n): return True\n"
        "    open(n, 'w').close()\ndef test_a(): assert once('a')\n")
f = project(ONCE + "def test_b(): pass\n")
status, said = sh(f, RUN + "-x")
tap.ok(status == 1 and "collected" in said, "the loop knows what did not run",
       status, said[-500:])
f = project("def test_b(): pass\n" + ONCE)
status, said = sh(f, RUN + "-x")
tap.ok(status == 0, "and what did, whatever the options", status, said[-500:])
f = project("import pytest, os\ndef twice():\n    if os.path.exists('n'): return True"
            "\n    open('n', 'w').close()\nFIRST = not twice()\n@pytest.fixture\n"
            "def fx():\n    yield\n    assert not FIRST\ndef test_a(fx): assert not"
            " FIRST\ndef test_b(): assert 0\n")
status, said = sh(f, RUN + "-x")
tap.ok(status == 1, "two failures of a test are not two tests", status,
       said[-500:])
for option in "--setup-only", "--setup-plan", "--collect-only":
    f = project("def test_a(): assert 0\n")
    pytest(f, "t", "--junit-xml=pytest.xml")
    status, said = pytest(f, "t", option, "--update-xml=pytest.xml")
    tap.ok(status == 4 and dict(cases(f))["test_a"] == ["failure"],
           f"{option}: what is not run turns nothing green", status, said)
os.symlink("pytest.xml", f"{f}/link.xml")
before = tap.read(f"{f}/pytest.xml")
for log in "link.xml", "'$PWD/pytest.xml'":
    status, said = pytest(f, "t", "--update-xml=pytest.xml",
                          f"--junit-xml={log}")
    tap.ok(status == 4 and tap.read(f"{f}/pytest.xml") == before,
           f"the same report, called {log}", status, said)
status, said = pytest(f, "t", "--update-xml=pytest.xml", REJUNIT="/etc/passwd")
tap.ok(status == 3 and "--update-xml" in said, "a command that is none", status,
       said[-300:])
if has("pytest_subtests"):
    f = project("def test_a(subtests):\n    for n in range(3):\n        with "
                "subtests.test(n=n): assert n != 1\n")
    pytest(f, "t", "--junit-xml=pytest.xml", "-p", "no:flaky")
    tap.ok(all(t == "failure" for _, c in cases(f) for t in c),
           "parts of a test are no attempts", cases(f))
if has("xdist"):
    f = project()
    pytest(f, "-n2", "t", "--junit-xml=pytest.xml")
    text = tap.read(f"{f}/pytest.xml").decode()
    tap.ok(text.count('"worker" value="gw') == 8
           and text.count("rejunit.position") == 8
           and '"rejunit.collected" value="8"' in text,
           "workers, and the order in each", text[:600])
    tap.write(f"{f}/again", b"")
    status, said = pytest(f, "-n2", "--last-failed", "t",
                          "--update-xml=pytest.xml")
    tap.ok(status == 0 and "recovered            7" in said,
           "--update-xml with workers", status, said[-500:])
else:
    tap.ok(True, "workers # SKIP pytest-xdist is not here")

# --- attempts that are made in one process --------------------------------------------------
ATTEMPTS = SUITE.split("def again")[0] + '''
def test_ok(): pass
def test_recovers(): assert nth("r") > 2, f"try {N['r']}"
def test_never(): assert 0, f"try {nth('n')}"
@pytest.fixture
def fix(): assert nth("f") > 1, "fixture"
def test_fix(fix): pass
@pytest.mark.skip
def test_skip(): pass
'''
WANT = [("test_fix", ["flakyFailure"]), ("test_never", [
    "failure", "rerunFailure", "rerunFailure"]), ("test_ok", []),
        ("test_recovers", ["flakyFailure", "flakyFailure"]),
        ("test_skip", ["skipped"])]
for plugin, module, args in (
        ("pytest-rerunfailures", "pytest_rerunfailures",
         ("-p", "no:flaky", "--reruns=2")),
        ("flaky", "flaky", ("-p", "no:rerunfailures", "--force-flaky",
                            "--max-runs=3", "--no-success-flaky-report"))):
    if not has(module):
        tap.ok(True, f"{plugin} # SKIP it is not here")
        continue
    for more in ((), ("-n2",))[:1 + has("xdist")]:
        f = project(ATTEMPTS)
        status, said = pytest(f, *args, *more, "t", "--junit-xml=pytest.xml")
        text = tap.read(f"{f}/pytest.xml").decode()
        tap.ok(sorted(cases(f)) == WANT and "try 1" in text and "try 3" in text
               and 'tests="5"' in text, f"{plugin} {more}: a case each, and "
               "what failed before it", cases(f), said[-300:])
        status, out, _ = tap.run("show", "-q", "--json", "pytest.xml", cwd=f)
        tap.ok(status == 1 and b'"flaky": 2' in out, "as Surefire has it",
               out[:300])
f = project(ATTEMPTS)
plain = pytest(f, "t", "--junit-xml=pytest.xml")
again = sh(f, f"{PYTHON} -m pytest -q t --junit-xml=other.xml", PYTHONPATH="")
tap.ok(hide.sub(b"", tap.read(f"{f}/pytest.xml"))
       == hide.sub(b"", tap.read(f"{f}/other.xml")),
       "where nobody asks for anything, reports are pytest's own")
tap.done()
