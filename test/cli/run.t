#!/usr/bin/env python3
"""The loop, with a runner that does as it is told, and with a real one."""
import json
import os
import pty
import random
import re
import select
import signal
import subprocess
import sys
import time

import tap

sys.dont_write_bytecode = True
TMP = tap.scratch()
NAMES = ("ok", "a", "b")
RUNNER = '''#!%s
import json, os, signal, sys, time
plan = json.load(open("plan.json"))
attempt = int(os.environ["REJUNIT_ATTEMPT"])
with open("log", "a") as f:
    f.write(json.dumps([attempt, sys.argv[1:]]) + "\\n")
step = plan[min(attempt, len(plan) - 1)]
got = []
for number in (signal.SIGINT, signal.SIGTERM):
    if "waits" in step:
        signal.signal(number, lambda n, _: got.append(n))
report = step.get("to")
for i, word in enumerate(sys.argv):
    if word.startswith("--junit-xml="):
        report = word.split("=", 1)[1]
asked = [w.split("::")[-1] for w in sys.argv[1:] if "::" in w]
if "waits" in step:
    print("ready", flush=True)
    end = time.time() + 20
    while not got and time.time() < end:
        time.sleep(.01)
    time.sleep(.1)
    with open("got", "w") as f:
        json.dump(got, f)
cases = step.get("cases", {})
if step.get("asked_alone"):
    cases = {n: o for n, o in cases.items() if n in asked}
if not step.get("no_report"):
    text = "".join(
        '<testcase classname="t.m" name="%%s" time="0.1">%%s</testcase>' %% (
            n.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;"),
            {"f": '<failure message="no">t</failure>', "p": "", "s":
             "<skipped/>", "e": '<error message="no">t</error>'}[o])
        for n, o in cases.items())
    text = ('<testsuites><testsuite name="pytest" errors="%%d" failures="%%d" '
            'skipped="%%d" tests="%%d" time="1">%%s</testsuite></testsuites>'
            %% (*(list(cases.values()).count(x) for x in "efs"), len(cases),
               text))
    with open(report, "w", encoding="utf-8") as f:
        f.write(step.get("text", text))
if "signal" in step:
    os.kill(os.getpid(), step["signal"])
if got and not step.get("survives"):
    signal.signal(got[0], signal.SIG_DFL)
    os.kill(os.getpid(), got[0])
sys.exit(step.get("status", 0))
''' % sys.executable
number = 0


def project(*plan, files=None):
    """A folder with a runner in it that does one step after the other."""
    global number
    number += 1
    folder = f"{TMP}/{number}"
    os.makedirs(folder + "/bin")
    os.makedirs(folder + "/t")
    tap.write(folder + "/bin/pytest", RUNNER)
    os.chmod(folder + "/bin/pytest", 0o755)
    tap.write(folder + "/plan.json", json.dumps(plan))
    tap.write(folder + "/t/m.py", "")
    for name, text in (files or {}).items():
        tap.write(f"{folder}/{name}", text)
    return folder


def env(folder, **more):
    return {"PATH": f"{folder}/bin:{os.environ['PATH']}", "LANG": "C.UTF-8",
            "TMPDIR": folder, **more}


def run(folder, *args, **more):
    status, out, err = tap.run("run", *args, cwd=folder, env=env(folder, **more))
    return status, out.decode(), err.decode("utf-8", "replace")


def calls(folder):
    log = tap.read(folder + "/log") or b""
    return [json.loads(line) for line in log.decode().splitlines()]


def cases(folder, name="r.xml"):
    text = (tap.read(f"{folder}/{name}") or b"").decode()
    return {n: "f" if "<failure" in c or "<error" in c else "s"
            if "<skipped" in c else "p" for n, c in re.findall(
                r'<testcase classname="t.m" name="([^"]*)"[^>]*>(.*?)</testcase>',
                text, re.S)}


def step(outcomes, status=None, **more):
    """Outcomes of ok, a and b; the status that a runner gives them."""
    named = dict(zip(NAMES, outcomes)) if isinstance(outcomes, str) \
        else outcomes
    bad = any(o in "fe" for o in named.values())
    return {"cases": named, "status": int(bad) if status is None else status,
            **more}


def again(outcomes, status=None, **more):
    return step(outcomes, status, asked_alone=True, **more)


def left_nothing(folder):
    return not [n for n in os.listdir(folder) if n.startswith("rejunit-")]


PYTEST = ("--", "pytest", "t", "-q", "--junit-xml=r.xml")

# --- the loop -----------------------------------------------------------------------
f = project(step("ppp"))
status, out, err = run(f, *PYTEST)
tap.ok((status, out, err) == (0, "", "") and calls(f) == [
    [0, ["t", "-q", "--junit-xml=r.xml"]]], "nothing failed: as without us",
    status, out, err, calls(f))
f = project(step("ppp"))
tap.ok(run(f, *PYTEST, "-x") == (0, "", ""), "nor is anything said of -x then")
f = project(step("pff"), again("ppf"), again("ppp"))
status, out, err = run(f, "--keep-reports=kept", "--flakes=flaky.txt", *PYTEST)
made = calls(f)
tap.ok(status == 0 and [c[0] for c in made] == [0, 1, 2]
       and [[w for w in c[1] if "::" in w] for c in made[1:]]
       == [["t/m.py::a", "t/m.py::b"], ["t/m.py::b"]]
       and all(c[1][:1] == ["-q"] for c in made[1:]),
       "what failed is run again, and what still fails, too", status, made)
tap.ok(cases(f) == {"ok": "p", "a": "p", "b": "p"} and "recovered            2"
       in err and tap.read(f + "/flaky.txt") == b"t/m.py::a\nt/m.py::b\n"
       and left_nothing(f), "and the report is updated", err)
by_hand = tap.run("update", "-q", "-o", "hand.xml", "--flakes=/dev/null",
                  *(f"kept/attempt-{k}.xml" for k in range(3)), cwd=f)
tap.ok(by_hand[0] == 0 and tap.read(f + "/hand.xml") == tap.read(f + "/r.xml"),
       "to what update makes of the attempts, byte for byte", by_hand[2])
f = project(step("pff"), again("ppf"), again("ppp"))
tap.ok(run(f, "--retries=1", *PYTEST)[0] == 1 and len(calls(f)) == 2
       and cases(f) == {"ok": "p", "a": "p", "b": "f"}, "--retries")
f = project(step("pff"))
tap.ok(run(f, "--retries=0", *PYTEST)[0] == 1 and len(calls(f)) == 1
       and cases(f)["a"] == "f", "none at all")
f = project(step("pfp"), again("ppp"))
status, out, err = run(f, "-q", "--record=h.db", "--job=j", *PYTEST)
ranked = tap.run("rank", "--history=h.db", "--all", "--format=json", cwd=f)
tap.ok((status, err) == (0, "") and b'"S": 1' in ranked[1], "--record", err,
       ranked)

# --- the status, and what it says ------------------------------------------------------
for n in (2, 3, 4, 5, 77):
    f = project(step("pfp", n))
    status, _, err = run(f, *PYTEST)
    tap.ok(status == n and len(calls(f)) == 1 and "no verdict" in err
           and cases(f)["a"] == "f", f"{n} is no verdict, and stays", err)
f = project(step("ppp", 1))
status, _, err = run(f, *PYTEST)
tap.ok(status == 1 and len(calls(f)) == 1 and "no test failed" in err,
       "1 without a failure stays", err)
f = project(step("pfp", 0))
status, _, err = run(f, *PYTEST)
tap.ok(status == 1 and len(calls(f)) == 1 and "ended with 0" in err,
       "0 with one is 1", err)
for what, plan, words in (
        ("no report", {"no_report": True, "status": 1}, "no new report"),
        ("no report, and 0", {"no_report": True, "status": 0}, "no new report"),
        ("a broken report", {"text": "<testsuite><x", "status": 1}, "r.xml:1:"),
        ("another file", {"text": "<html/>", "status": 1}, "not a JUnit")):
    f = project(plan)
    status, _, err = run(f, *PYTEST)
    tap.ok(status == plan["status"] and err.count("\n") == 1 and words in err,
           f"{what}: the runner's status, and a line", status, err)
f = project({"no_report": True, "status": 1},
            files={"r.xml": '<testsuite name="s"><testcase name="old"/>'
                   "</testsuite>"})
status, _, err = run(f, *PYTEST)
tap.ok(status == 1 and "no new report" in err, "an old report is none", err)
for n in (signal.SIGKILL, signal.SIGSEGV):
    f = project(step("pfp", signal=n))
    status, _, err = run(f, *PYTEST)
    tap.ok(status == 128 + n and cases(f)["a"] == "f" and len(calls(f)) == 1,
           f"signal {n}: {128 + n}", status, err)
for program, code in (("no-such-program", 127), ("./plan.json", 126)):
    f = project(step("ppp"))
    status, _, err = run(f, "--runner=pytest", program, "--junit-xml=r.xml")
    tap.ok(status in (code, 126) and err.count("\n") == 1 and program in err,
           f"{program}: {code}", status, err)

# --- what a rerun proves -----------------------------------------------------------------
for what, rerun, words in (
        ("a green report, and a status that is not",
         again("ppp", 1), "does not explain"),
        ("a crash after the report", again("ppp", signal=signal.SIGABRT),
         "does not explain"),
        ("no verdict", again("ppp", 3), "does not explain"),
        ("no report", {"no_report": True, "status": 0}, "no report"),
        ("a broken report", {"text": "<testsuite>", "status": 0}, "nothing"),
        ("a filter that matches nothing", step({}, 0), "did not run"),
        ("another test", step({"ok": "p"}), "t/m.py::a"),
        ("a namesake elsewhere", step({"a2": "p", "aa": "p"}), "did not run"),
        ("it was skipped", again("psp"), "did not run")):
    f = project(step("pfp"), rerun)
    status, _, err = run(f, "--retries=1", *PYTEST)
    tap.ok(status == 1 and cases(f)["a"] == "f" and words in err
           and left_nothing(f), f"nothing turns green: {what}", status, err,
           cases(f))
f = project(step("pfp"), step("ppp"))
tap.ok(run(f, *PYTEST)[0] == 0 and cases(f) == dict.fromkeys(NAMES, "p"),
       "too much may run")
f = project(step("pfp"), step("fpp"))
status, _, err = run(f, "--retries=1", *PYTEST)
tap.ok(cases(f) == dict.fromkeys(NAMES, "p") and "regressed" in err,
       "what fails in a rerun that was not asked for is a flake", err)

f = project(step("pfs"), step({"a": "p", "b": "f"}))
status, _, err = run(f, "--retries=1", *PYTEST)
tap.ok(status == 1 and cases(f)["b"] == "f" and "t/m.py::b" in calls(f)[1][1],
       "what was skipped since another test failed is run, too", status, err,
       calls(f))
f = project(step("pfs"), step({"a": "p", "b": "s"}))
tap.ok(run(f, *PYTEST)[0] == 0 and cases(f) == {"ok": "p", "a": "p", "b": "s"},
       "and may be skipped again")

# --- when nothing is rerun, and when it does not help -----------------------------------
many = {f"t{k}": "f" if k < 20 else "p" for k in range(100)}
f = project(step(many), again(dict.fromkeys(many, "p")))
status, _, err = run(f, *PYTEST)
tap.ok(status == 1 and len(calls(f)) == 1 and "20 of 100" in err,
       "an outage is not rerun", err)
tap.ok(run(f, "--max-rerun=20", *PYTEST)[0] == 0
       and run(f, "--max-rerun=20%", *PYTEST)[0] == 0
       and run(f, "--max-rerun=19", *PYTEST)[0] == 1, "--max-rerun")
for what, args, files, more in (
        ("-x", ("-x",), {}, {}),
        ("--maxfail=2", ("--maxfail=2",), {}, {}),
        ("--maxfail 2", ("--maxfail", "2"), {}, {}),
        ("PYTEST_ADDOPTS", (), {}, {"PYTEST_ADDOPTS": "-v -x"}),
        ("pytest.ini", (), {"pytest.ini": "[pytest]\naddopts =\n  -v\n  -x\n"},
         {}),
        ("pyproject.toml", (), {"pyproject.toml":
         '[tool.pytest.ini_options]\naddopts = ["-v", "--exitfirst"]\n'}, {}),
        ("-xvs", ("-xvs",), {}, {}),
        ("-qx", ("-qx",), {}, {}),
        ("-xvs in a list", (), {"pyproject.toml": "# addopts are below\n"
         '[tool.pytest.ini_options]\naddopts = [\n# c\n\n"-ra",\n"-xvs",\n]\n'},
         {}),
        ("lines of TOML", (), {"pyproject.toml": '[tool.pytest.ini_options]\n'
                               'addopts = """\n-ra\n-x\n"""\n'}, {}),
        ("blank lines", (), {"pytest.ini": "# addopts\n[pytest]\naddopts =\n"
                             "# c\n\n    -ra\n    -x\n"}, {}),
        ("beside the tests", (), {"t/tox.ini": "[pytest]\naddopts = -x\n"},
         {}),
        ("another file", ("-c", "o.ini"), {"o.ini": "[pytest]\naddopts: -x\n"},
         {}),
        ("an option of an option", ("-o", "addopts=-x"), {}, {}),
        ("--override-ini", ("--override-ini=addopts=-v -x",), {}, {}),
        ("--cov-fail-under", ("--cov-fail-under=90",), {}, {}),
        (".coveragerc", ("--cov=t",),
         {".coveragerc": "[report]\nfail_under = 90\n"}, {})):
    f = project(step("pfp"), again("ppp"), files=files)
    status, _, err = run(f, *PYTEST, *args, **more)
    tap.ok(status == 1 and cases(f)["a"] == "p" and "stays 1" in err,
           f"{what}: the report is green, and the status is not", status, err)
for args, files in ((("-x", "--maxfail=0"), {}),
                    (("--maxfail=0",), {"pytest.ini": "[pytest]\naddopts=-x\n"}),
                    (("-x", "--maxfail", "0"), {}),
                    (("-k", "x"), {}), (("-kx",), {}), (("--xvs",), {}),
                    ((), {"pytest.ini": "[pytest]\n# addopts = -x\n"}),
                    ((), {"pyproject.toml": "[tool.pytest.ini_options]\n"
                          'addopts = [ # not "-x"\n"-v"]\n'}),
                    ((), {"pytest.ini": "[pytest]\n[other]\naddopts = -x\n"}),
                    ((), {"pytest.ini": "", "tox.ini":
                          "[pytest]\naddopts = -x\n"}),
                    ((), {"pyproject.toml": "[tool.coverage.report]\n"
                          "fail_under = 90\n"}),
                    ((), {"pytest.ini": "[pytest]\nmarkers = -x: not so\n"})):
    f = project(step("pfp"), again("ppp"), files=files)
    tap.ok(run(f, *PYTEST, *args)[0] == 0, f"{args} {files}: nothing is stopped")
CUT = ('<testsuite name="pytest" tests="3" failures="1"><testcase '
       'classname="t.m" name="a"><failure/></testcase><testcase classname="t.m" '
       'name="ok"/><testcase classname="" name=""/></testsuite>')
f = project({"text": CUT, "status": 1}, again("ppp"))
status, _, err = run(f, *PYTEST)
tap.ok(status == 1 and cases(f)["a"] == "p" and "cut off" in err,
       "a test that was cut off keeps the status", status, err)
f = project(step("pfp"), again("ppp"))
status, _, err = run(f, "--budget=0m", "--delay=0.01", *PYTEST)
tap.ok(status == 1 and len(calls(f)) == 1 and "time is up" in err, "--budget",
       err)

# --- names, and how many of them ----------------------------------------------------------
HOSTILE = ["a b", "'", '"', "$(touch pwned)", ";touch pwned", "`x`", "*", "[a]",
           "a::b", "a/b", "é", "&&", "%s%n", "<x>", "-k", "--x=y",
           "{ids}", "\\", "a" * 3000]
f = project(step(dict.fromkeys(HOSTILE, "f") | {"ok": "p"}),
            step(dict.fromkeys(HOSTILE, "p")))
status, _, err = run(f, "--max-rerun=100%", *PYTEST)
asked = [w for w in calls(f)[1][1] if "::" in w]
tap.ok(status == 0 and sorted(asked) == sorted("t/m.py::" + n for n in HOSTILE)
       and not os.path.exists(f + "/pwned"), "names are words, and nothing more",
       status, err[-500:], [w[:60] for w in asked])
long = {f"t{k}" + "x" * 90: "f" for k in range(3000)}
f = project(step(long), again(dict.fromkeys(long, "p")))
status, _, err = run(f, "--max-rerun=100%", "--retries=1", *PYTEST)
tap.ok(status == 0 and len(calls(f)) == 5 and sum(
    "::" in w for c in calls(f)[1:] for w in c[1]) == 3000
    and all(len(" ".join(c[1])) < 131072 for c in calls(f)),
    "many are asked for in several calls", status, len(calls(f)), err[-300:])

# --- other runners ----------------------------------------------------------------------------
f = project(step("pff", to="r.xml"), again("ppp"))
os.rename(f + "/bin/pytest", f + "/bin/odd")
status, _, err = run(f, "odd", "t")
tap.ok(status == 2 and err.startswith("rejunit: odd is no runner"),
       "a runner that nobody knows", err)
status, _, err = run(
    f, "--report=r.xml", "--rerun-command=odd 'a b' {ids} --junit-xml={report}",
    "odd", "t")
made = calls(f)
tap.ok(status == 0 and made[1][1][:3] == ["a b", "t/m.py::a", "t/m.py::b"]
       and cases(f)["a"] == "p", "--rerun-command", err, made)
f = project(step("pff", to="r.xml"), again("ppp", to="r.xml"))
os.rename(f + "/bin/pytest", f + "/bin/odd")
status, _, err = run(f, "--report=r.xml", "--rerun-command=odd {ids}", "odd")
tap.ok(status == 0 and cases(f) == dict.fromkeys(NAMES, "p"),
       "whose report takes the place of the first", status, err, cases(f))
f = project(step("pfp"), again("ppp"))
run(f, "--native", *PYTEST)
tap.ok(calls(f)[1][1][-2:] == ["--last-failed",
                               "--last-failed-no-failures=none"]
       and calls(f)[1][1][0] == "t", "--native", calls(f))
f = project(step("pfp"), again("ppp"))
status, _, err = run(f, "pytest", "t")
tap.ok(status == 0 and cases(f, "rejunit-report.xml")["a"] == "p"
       and "rejunit-report.xml" in err, "a report of our own", err)
f = project(step("pfp", to="conf.xml"), again("ppp"),
            files={"tox.ini": "[pytest]\naddopts = --junit-xml=conf.xml -v\n"})
status, _, err = run(f, "pytest", "t")
tap.ok(status == 0 and cases(f, "conf.xml")["a"] == "p" and len(calls(f)) == 2
       and not any("rejunit-report" in w for w in calls(f)[0][1]),
       "or where the configuration says", err, calls(f))
for words in (["python3", "-m", "pytest"], ["env", "A=b", "pytest"],
              ["poetry", "run", "pytest"], ["uv", "run", "pytest"],
              ["./bin/pytest"], ["coverage", "run", "-m", "pytest"]):
    status, _, err = run(f, "--report=x.xml", *words, "--version")
    tap.ok(status != 2, f"{' '.join(words)} is pytest", err)
for args in ((), ("--runner=none", "x"), ("--retries=x", "pytest"),
             ("--max-rerun=-1", "pytest"), ("--delay=", "pytest"),
             ("--no-such", "pytest"), ("--runner=googletest", "--native", "x")):
    status, out, err = run(f, *args)
    tap.ok(status == 2 and err.startswith("rejunit: "),
           f"wrong usage: {args}", status, err)
status, out, err = run(f, "--runners")
tap.ok(status == 0 and re.search(r"^pytest +1 ", out, re.M)
       and re.search(r"^ctest +8 ", out, re.M), "--runners", out, err)

# --- what is asked for binds from the first update on -----------------------------------------
f = project(step("pfp"), again("ppp"))
status, _, err = run(f, "--max-recovered=0", *PYTEST)
tap.ok(status == 3 and cases(f)["a"] == "f", "--max-recovered", status, err)
f = project(step("pff"), again("ppf"), again("ppp"))
tap.write(f + "/only.txt", "t/m.py::b\n")
status, _, err = run(f, "--recover-only=only.txt", *PYTEST)
tap.ok(status == 1 and cases(f) == {"ok": "p", "a": "f", "b": "p"},
       "--recover-only", status, err)
for option, plan in (("--retries=0", (step("pfp"),)),
                     ("--retries=2", (step("ppp"),)),
                     ("--max-rerun=0", (step("pfp"),))):
    f = project(*plan)
    tap.write(f + "/flaky.txt", "old::flake\n")
    before = None
    status, _, err = run(f, option, "--flakes=flaky.txt", *PYTEST)
    tap.ok(status == int("f" in str(plan)) and tap.read(f + "/flaky.txt") == b"",
           f"{option}: no list of an earlier run stays", status, err)
f = project(step("pfp"))
tap.write(f + "/q.txt", "# until=2999-01-01\nt/m.py::a\n")
status, _, err = run(f, "--retries=0", "--quarantine=q.txt", *PYTEST)
tap.ok(status == 0 and cases(f)["a"] == "f", "a quarantine, without a rerun",
       status, err)
f = project(step("pfp"), again("pfp"))
tap.ok(run(f, "--exit-zero", *PYTEST)[0] == 0
       and run(project(step("pfp", 3)), "--exit-zero", *PYTEST)[0] == 3,
       "--exit-zero")
for plan in ((step("ppp"),), (step("pfp"),), (step("pfp"), again("ppp"))):
    f = project(*plan)
    status, _, err = run(f, "--record=/nonexistent/h.db", "--require-history",
                         *PYTEST)
    tap.ok(status == 4, "--require-history", status, err)
for args, words in ((("--evidence=foo",), "evidence"), (("--match=foo",), "match"),
                    (("--quarantine=none",), "none"),
                    (("--rerun-command=it's {ids}",), "quote"),
                    (("--rerun-command=",), "command"),
                    (("--max-recovered=x",), "max-recovered")):
    f = project(step("pfp"))
    status, _, err = run(f, *args, *PYTEST)
    tap.ok(status == 2 and words in err and not calls(f),
           f"{args}: nothing runs", status, err, calls(f))
f = project(step("pfp"), again("ppp"))
status, _, err = run(f, "--budget=5", "--delay=6", *PYTEST)
tap.ok(status == 1 and len(calls(f)) == 1, "a delay is of the budget", err)
f = project(step("pfp"), again("ppp"))
os.chmod(f, 0o755)
status, _, err = run(f, "--keep-reports=a/b/c", *PYTEST)
tap.ok(status == 0 and sorted(os.listdir(f + "/a/b/c")) == [
    "attempt-0.xml", "attempt-1.xml"], "--keep-reports makes its folders", err)
tap.write(f + "/a/b/c/mine", "")
tap.write(f + "/plan.json", json.dumps([step("pfp")]))
run(f, "--keep-reports=a/b/c", "--retries=0", *PYTEST)
tap.ok(sorted(os.listdir(f + "/a/b/c")) == ["attempt-0.xml", "mine"],
       "which have nothing of an earlier run", os.listdir(f + "/a/b/c"))
f = project(step("pfp"), again("ppp"))
tap.write(f + "/kept", "")
status, _, err = run(f, "--keep-reports=kept", *PYTEST)
tap.ok(status == 0 and "kept" in err, "and is no reason to give up", status,
       err)
f = project(step("pff"))
os.chmod(f + "/r.xml", 0o444) if os.path.exists(f + "/r.xml") else None
status, _, err = run(f, "--retries=0", *PYTEST)
then = os.stat(f + "/r.xml").st_mtime_ns
tap.ok(status == 1 and then <= os.stat(f + "/log").st_mtime_ns + 10**9,
       "a report that nothing changes is not written", status, err)

# --- which words a rerun has --------------------------------------------------------------------
for what, words, want in (
        ("a flag that nobody knows", ("--forked", "t", "-q"),
         ["--forked", "-q"]),
        ("a value that is a path", ("--alluredir", "t", "t"),
         ["--alluredir", "t"]),
        ("a value of a bundle", ("-vk", "t", "t"), ["-vk", "t"]),
        ("behind --", ("-q", "--", "t"), ["-q"]),
        ("a test of a file", ("t/m.py::a",), []),
        ("--jobs-for-rerun", ("-n", "4", "t"), ["-n", "4", "-n", "1"]),
        ("coverage", ("--cov=t", "t"), ["--cov=t", "--cov-append", "--cov-fail-under=0"])):
    f = project(step("pfp"), again("ppp"))
    options = ["--jobs-for-rerun=1"] if "jobs" in what else []
    status, _, err = run(f, *options, "--", "pytest", "--junit-xml=r.xml",
                         *words)
    made = calls(f)[1][1] if len(calls(f)) > 1 else None
    made = made and sorted(w for w in made if "junit" not in w and "::" not in w)
    tap.ok(status == 0 and made == sorted(want), f"{what}", status, err, made,
           calls(f))
f = project(step("pfp"), again("ppp"))
status, _, err = run(f, "--", "pytest", "-q", "--", "t")
tap.ok(status == 0 and calls(f)[0][1][-2:] == ["--", "t"],
       "a report is asked for before --", status, err, calls(f))
f = project(step("pff"), {"status": 4, "no_report": True})
status, _, err = run(f, "--retries=1", *PYTEST)
tap.ok([len([w for w in c[1] if "::" in w]) for c in calls(f)[1:]] == [2, 1, 1],
       "one that is not there spoils no other", err, calls(f))
for wrapper in (("timeout", "50"), ("nice", "-n", "5"), ("sh",),
                ("env", "-u", "X", "Y=1")):
    f = project(step("pfp"), again("ppp"))
    program = "pytest"
    if wrapper == ("sh",):
        tap.write(f + "/pytest", f'exec {f}/bin/pytest "$@"\n')
    status, _, err = run(f, "--", *wrapper, program, "t", "--junit-xml=r.xml")
    tap.ok(status == 0 and "t" not in calls(f)[1][1], f"behind {wrapper}",
           status, err, calls(f))
f = project(step("pfp"), again("ppp"))
os.makedirs(f + "/sub/t")
tap.write(f + "/sub/t/m.py", "")
tap.write(f + "/sub/pytest.ini", "[pytest]\n")
status, _, err = run(f, "--", "pytest", "sub", "--junit-xml=r.xml")
tap.ok(status == 0 and "sub/t/m.py::a" in calls(f)[1][1],
       "ids are below the folder of pytest's own files", status, err, calls(f))
f = project(step("pfp"), again("ppp"))
status, _, err = run(f, "--rerun-command=pytest --a={ids} --junit-xml={report}",
                     *PYTEST)
tap.ok("--a=t/m.py::a" in calls(f)[1][1], "ids within a word", err, calls(f))
f = project(step("pfp"), again("ppp"))
LONG = "x" * 20000
status, _, err = run(
    f, f"--match=name,{'file,' * 3000}suite",
    f"--rerun-command=pytest {LONG}{{report}} {{ids}} --junit-xml={{report}}",
    *PYTEST)
tap.ok(status == 0 and any(
    w.startswith(LONG + "/") and w.endswith(".xml") for w in calls(f)[1][1]),
    "words of any length", status, err[-300:])
f = project(step("pfp"))
status, _, err = run(f, "--rerun-command=./none {ids}", *PYTEST)
tap.ok(status == 1 and "./none" in err, "a rerun that cannot be", status, err)

# --- a report in many files -----------------------------------------------------------------------
CLASSES = """#!%s
import os, sys
only = [w[7:] for w in sys.argv if w.startswith("-Dtest=")]
bad = False
os.makedirs("out", exist_ok=True)
for c in "AB":
    if only and f"m.{c}#t" not in only[0].split(","):
        continue
    fails = c == "A" and not only or c in os.environ.get("RED", "")
    bad = bad or fails
    open(f"out/TEST-m.{c}.xml", "w").write(
        f'<testsuite name="m.{c}" tests="1" failures="{int(fails)}"><testcase '
        f'classname="m.{c}" name="t">' + ("<failure/>" if fails else "")
        + "</testcase></testsuite>")
sys.exit(int(bad))
""" % sys.executable
OLD = ('<testsuite name="m.Old" tests="1" failures="1"><testcase classname="m.Old"'
       ' name="t"><failure/></testcase></testsuite>')
for options, red, want in ((("--report=out",), "", 0), (("--report=out",), "B", 1),
                           (("--report=out/*.xml",), "", 0)):
    f = project(step("ppp"))
    tap.write(f + "/mvn", CLASSES)
    os.chmod(f + "/mvn", 0o755)
    os.makedirs(f + "/out")
    tap.write(f + "/out/TEST-m.Old.xml", OLD)
    os.utime(f + "/out/TEST-m.Old.xml", (1e9, 1e9))
    status, _, err = run(f, *options, "--flakes=flaky.txt", "--", "./mvn", "test",
                         RED=red)
    a = tap.read(f + "/out/TEST-m.A.xml") or b""
    tap.ok(status == want and b"flakyFailure" in a
           and tap.read(f + "/flaky.txt").count(b"\n") == 1
           and tap.read(f + "/out/TEST-m.Old.xml").decode() == OLD
           and sorted(os.listdir(f + "/out")) == [
               "TEST-m.A.xml", "TEST-m.B.xml", "TEST-m.Old.xml"]
           and left_nothing(f), f"a folder of them {options} {red}: what the run "
           "has not written is no part of it", status, err, a)

# --- hunts ----------------------------------------------------------------------------------------
FLAKY = """#!%s
import os, sys
n = int((open("n").read() if os.path.exists("n") else "0")) + 1
open("n", "w").write(str(n))
bad = n in %%r
report = [w for w in sys.argv if w.startswith("--junit-xml=")][0][12:]
text = "".join('<testcase classname="t.m" name="%%%%s" time="1">%%%%s</testcase>'
               %%%% (t, '<failure message="no"/>' if bad and t == "a" else "")
               for t in ("a", "b"))
open(report, "w").write('<testsuite name="s" tests="2" failures="%%%%d">%%%%s'
                        '</testsuite>' %%%% (bad, text))
sys.exit(int(bad))
""" % sys.executable


def hunting(*bad):
    f = project(step("ppp"))
    tap.write(f + "/bin/pytest", FLAKY % (bad,))
    return f


def rounds(f):
    return int(tap.read(f + "/n") or b"0")


f = hunting(2, 5)
status, out, err = run(f, "--times=6", "--keep-reports=kept", *PYTEST)
lines = err.splitlines()
tap.ok(status == 1 and rounds(f) == 6 and out == ""
       and [re.search(r"; (\d of \d), \d+ %", w)[1] for w in lines[:6]] == [
           "0 of 1", "1 of 2", "1 of 3", "1 of 4", "2 of 5", "2 of 6"]
       and "t/m.py::a" in lines[1] and lines[-1].endswith("2 of 6  t/m.py::a"),
       "--times: a line a round, and the tests", status, err)
tap.ok(sorted(os.listdir(f + "/kept")) == [f"round-000{k}" for k in range(1, 7)],
       "their reports are kept", os.listdir(f + "/kept"))
status, out, err = tap.run("html", "kept", cwd=f, env=env(f))
tap.ok(status == 0 and b"in 6 runs" in re.sub(rb"<[^>]*>", b"", out), "for a page", err)
status, out, err = tap.run("rank", "kept", "--format=json", "--all", cwd=f, env=env(f))
tap.ok(status == 0 and b'"bad_runs": 2' in out, "and a ranking", out[:300], err)
f = hunting(4)
status, _, err = run(f, "--until-fail", *PYTEST)
tap.ok(status == 1 and rounds(f) == 4, "--until-fail", err)
f = hunting()
status, _, err = run(f, "--until-fail", "--times=3", *PYTEST)
tap.ok(status == 0 and rounds(f) == 3 and "63 %" in err, "with an end", err)
f = hunting()
status, _, err = run(f, "--for=1s", "-q", *PYTEST)
tap.ok(status == 0 and rounds(f) > 1 and err == "", "--for, and -q", err)
f = hunting()
status, _, err = run(f, "--flake-rate=20%", *PYTEST)
tap.ok(status == 0 and rounds(f) == 14 and "95 %" in err, "--flake-rate", err,
       rounds(f))
f = hunting(3)
status, _, err = run(f, "--flake-rate=20%", *PYTEST)
tap.ok(status == 1 and rounds(f) == 3, "and its end", err)
f = hunting(2)
status, _, err = run(f, "--times=3", "--record=h.db", *PYTEST)
status, out, _ = tap.run("export", "--history=h.db", cwd=f, env=env(f))
made = [json.loads(w) for w in out.splitlines()]
tap.ok(len(made) == 3 and {r.get("kind") for r in made} == {"hunt"},
       "a hunt is one in the history", made, err)
status, out, _ = tap.run("rank", "--history=h.db", "--format=json", "--all",
                         cwd=f, env=env(f))
tap.ok(all(not t["events"] or not sum(t["events"].values())
           for t in json.loads(out)["tests"]), "and no evidence of a flake", out)
f = hunting()
for k in range(20):
    tap.write(f"{f}/{k}.xml", (
        f'<testsuite name="s" timestamp="2026-11-{k + 1:02}T00:00:00"><testcase '
        'classname="t.m" name="a">' + ("<failure/>" if k % 4 == 1 else "")
        + '</testcase><testcase classname="t.m" name="b"/></testsuite>'))
    tap.run("record", "--history=h.db", "-q", f"--run={k}", f"{k}.xml", cwd=f,
            env=env(f))
status, _, err = run(f, "--verify-fix=a", "--history=h.db", *PYTEST)
want = re.search(r": (\d+) rounds", err)
tap.ok(status == 0 and want and rounds(f) == int(want[1]) and "95 %" in err,
       "--verify-fix takes as many rounds as the rate asks for", status, err,
       rounds(f))
os.remove(f + "/n")
status, _, err = run(f, "--verify-fix=a", "--history=h.db", "--times=2", *PYTEST)
tap.ok(status == 1 and rounds(f) == 2 and "nothing is verified" in err,
       "fewer verify nothing", status, err)
tap.write(f + "/bin/pytest", FLAKY % ((3, 4, 5),))
status, _, err = run(f, "--verify-fix=t/m.py::a", "--history=h.db", *PYTEST)
tap.ok(status == 1 and rounds(f) == 3 and "still fails" in err,
       "a failure is the end of it", status, err)
status, _, err = run(f, "--verify-fix=a", "--alone", "--times=1",
                     "--history=h.db", *PYTEST)
tap.ok(status == 1, "--alone", err)
status, _, err = run(f, "--verify-fix=none", "--history=h.db", *PYTEST)
tap.ok(status == 2 and "none" in err, "a test that nobody knows", status, err)
for args in (("--alone",), ("--times=0",), ("--flake-rate=0%",),
             ("--times=2", "--flakes=x"), ("--times=2", "--native"),
             ("--for=1x",)):
    f = hunting()
    status, _, err = run(f, *args, *PYTEST)
    tap.ok(status == 2 and rounds(f) == 0, f"{args}: no hunt", status, err)
f = hunting()
status, _, err = run(f, "--times=3", "--record=/nonexistent/h.db",
                     "--require-history", *PYTEST)
tap.ok(status == 4 and rounds(f) == 1, "a hunt that cannot be recorded", status,
       err)
f = project(step("ppp", signal=signal.SIGSEGV))
for k in range(20):
    tap.write(f"{f}/{k}.xml", (
        f'<testsuite name="s" timestamp="2026-11-{k + 1:02}T00:00:00"><testcase '
        'classname="t.m" name="a">' + ("<failure/>" if k % 4 == 1 else "")
        + '</testcase><testcase classname="t.m" name="b"/></testsuite>'))
    tap.run("record", "--history=h.db", "-q", f"--run={k}", f"{k}.xml", cwd=f,
            env=env(f))
status, _, err = run(f, "--verify-fix=t.m::a", "--history=h.db", *PYTEST)
tap.ok(status == 1 and "died" in err, "a runner that dies verifies nothing",
       status, err)
f = project(step("ppp", 3))
status, _, err = run(f, "--times=5", *PYTEST)
tap.ok(status == 3 and len(calls(f)) == 1 and "no verdict" in err
       and "would have shown" not in err,
       "a round without a verdict is the last", status, err)
tap.write(f + "/t.sh", "#!/bin/sh\necho >>n2; [ $(wc -l <n2) -lt 3 ] || kill -9 $$\n")
os.chmod(f + "/t.sh", 0o755)
status, _, err = run(f, "--until-fail", "--", "./t.sh")
tap.ok(status == 1 and "round 3 failed" in err, "a program without a report",
       status, err)

# by simulation: of tests that fail at that rate, so few hunts see nothing
f = project(step("ppp"))
tap.write(f + "/t.sh", "#!/bin/sh\nread -r n <n; echo $((n + 1)) >n\n"
          "exit $(cut -c$n bits)\n")
os.chmod(f + "/t.sh", 0o755)
for percent, most in ((50, 5), (30, 9)):
    luck = random.Random(percent)
    bits = [int(luck.random() < percent / 100) for _ in range(1200)]
    tap.write(f + "/bits", "".join(map(str, bits)))
    tap.write(f + "/n", "1\n")
    at, quiet, sound = 0, 0, True
    for k in range(120):
        status, _, err = run(f, f"--flake-rate={percent}%", "-q", "--", "./t.sh")
        rounds_made = int(tap.read(f + "/n")) - 1 - at
        seen = bits[at:at + rounds_made]
        sound = sound and status == int(1 in seen) and (
            seen.index(1) == rounds_made - 1 if 1 in seen
            else rounds_made == most)
        at += rounds_made
        quiet += status == 0
    tap.ok(sound and quiet <= 120 * .05 + 3 * (120 * .05 * .95) ** .5,
           f"a flake of {percent} % is seen in 95 of 100 hunts", quiet, at)

# --- signals, and the terminal ------------------------------------------------------------------


def start(folder, *args):
    p = subprocess.Popen([tap.REJUNIT, "run", *args], cwd=folder,
                         env=env(folder), stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE)
    while p.stdout.readline() != b"ready\n":
        pass
    return p


for n in (signal.SIGINT, signal.SIGTERM):
    f = project(step("pfp", waits=True))
    p = start(f, *PYTEST)
    p.send_signal(n)
    _, err = p.communicate(timeout=30)
    # a script that runs us is to end by the key, too
    tap.ok(p.returncode == (-n if n == signal.SIGINT else 128 + n)
           and json.loads(tap.read(f + "/got")) == [n]
           and cases(f)["a"] == "f", f"signal {n} reaches the runner once",
           p.returncode, err, tap.read(f + "/got"))
for n, plan, want in (
        (signal.SIGTERM, (step("pfp", 1, waits=True, survives=True),), "f"),
        (signal.SIGTERM, (step("pfp"), again("ppp", 0, waits=True,
                                             survives=True)), "f")):
    f = project(*plan)
    p = start(f, *PYTEST)
    p.send_signal(n)
    _, err = p.communicate(timeout=30)
    tap.ok(p.returncode == 128 + n and cases(f)["a"] == want
           and left_nothing(f), "a runner that ends as it likes hides no signal",
           p.returncode, err, cases(f))
f = project(step("pff"), again("ppf"), step("ppp", waits=True))
p = start(f, *PYTEST)
p.send_signal(signal.SIGTERM)
_, err = p.communicate(timeout=30)
tap.ok(p.returncode == 143 and cases(f) == {"ok": "p", "a": "p", "b": "f"}
       and left_nothing(f), "in a rerun, and the best report there is stays",
       p.returncode, err, cases(f))
ASKS = '''#!%s
import json, os, sys
json.dump([os.isatty(0), os.isatty(1), os.isatty(2), os.tcgetpgrp(0) ==
           os.getpgrp(), os.get_terminal_size(0).columns, sys.stdin.readline()],
          open("tty", "w"))
''' % sys.executable
f = project(step("ppp"))
tap.write(f + "/bin/pytest", ASKS)
pid, fd = pty.fork()
if pid == 0:
    os.chdir(f)
    os.execve(tap.REJUNIT, [tap.REJUNIT, "run", *PYTEST], env(f))
os.write(fd, b"hello\n")
said = b""
while select.select([fd], [], [], 30)[0]:
    try:
        more = os.read(fd, 4096)
    except OSError:
        break
    if not more:
        break
    said += more
_, ended = os.waitpid(pid, 0)
tap.ok(json.loads(tap.read(f + "/tty") or b"[]")[:4] == [True] * 4
       and json.loads(tap.read(f + "/tty"))[5] == "hello\n",
       "the runner has the terminal", tap.read(f + "/tty"), said)
f = project(step("pfp", waits=True))
pid, fd = pty.fork()
if pid == 0:
    os.chdir(f)
    os.execve(tap.REJUNIT, [tap.REJUNIT, "run", *PYTEST], env(f))
said = b""
while b"ready" not in said:
    said += os.read(fd, 4096)
os.write(fd, b"\x03")
try:
    while os.read(fd, 4096):
        pass
except OSError:
    pass
_, ended = os.waitpid(pid, 0)
tap.ok(json.loads(tap.read(f + "/got")) == [signal.SIGINT]
       and (os.waitstatus_to_exitcode(ended) in (130, -2)),
       "Ctrl-C reaches it once", tap.read(f + "/got"), ended)

class Shell:
    """A person at a terminal: types, and waits for what comes."""

    def __init__(self, folder):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve("/bin/bash", ["bash", "--norc", "--noediting", "-i"],
                      {**env(folder), "PS1": "$ ", "REJUNIT": tap.REJUNIT})
        self.said = ""

    def type(self, text, want):
        """The text, and whether that is answered."""
        self.said = ""
        end = time.time() + 20
        try:
            os.write(self.fd, text.encode())
            while want not in self.said and time.time() < end:
                if select.select([self.fd], [], [], .1)[0]:
                    self.said += os.read(self.fd, 4096).decode(
                        "utf-8", "replace")
        except OSError:
            pass
        return want in self.said

    def end(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


LONG = "import time\nprint('be''gun', flush=True)\ntime.sleep(%s)\n"
f = project(step("ppp"))
tap.write(f + "/slow.py", LONG % 1)
tap.write(f + "/long.py", LONG % 20)
tap.write(f + "/loop.sh", "for i in 1 2; do echo loop-$i; \"$REJUNIT\" run "
          "--runner=pytest /usr/bin/python3 long.py --junit-xml=r.xml; done\n")
RUN = '"$REJUNIT" run --runner=pytest /usr/bin/python3 slow.py --junit-xml=r.xml'
for what, line, steps in (
        ("stopped, and in the background", RUN, (
            ("\x1a", "Stopped"), ("bg\n", "&"), ("wait; echo al''ive\n",
                                               "alive"))),
        ("stopped, and in front again", RUN, (
            ("\x1a", "Stopped"), ("fg\n", "slow.py"),
            ("echo al''ive\n", "alive"))),
        ("stopped in a pipe", RUN + " | cat", (
            ("\x1a", "Stopped"), ("echo al''ive\n", "alive"))),
        ("a script that runs us is ended by the key", "bash loop.sh", (
            ("\x03", "KeyboardInterrupt"), ("echo al''ive\n", "alive")))):
    shell = Shell(f)
    made = [shell.type(line + "\n", "begun")]
    seen = shell.said
    for text, want in steps:
        made.append(shell.type(text, want))
        seen += shell.said
    tap.ok(all(made) and "loop-2" not in seen, f"a shell: {what}", made, seen)
    shell.end()

# --- a real one -------------------------------------------------------------------------------
SUITE = '''import pathlib, pytest
def once(name, times=1):
    p = pathlib.Path("state-" + str(abs(hash(name)) %% 99 if 0 else
                     "".join(c for c in name if c.isalnum())))
    n = len(p.read_text()) if p.exists() else 0
    p.write_text("x" * (n + 1))
    return n >= times
def test_ok(): pass
def test_flaky(): assert once("flaky")
def test_twice(): assert once("twice", 2)
def test_bad(): assert False
@pytest.mark.parametrize("x", %r)
def test_param(x): assert once("p" + x)
class TestClass:
    def test_in(self): assert once("in")
@pytest.fixture
def broken(): assert once("fixture")
def test_setup(broken): pass
''' % (["a b", "c::d", "e[f]", "é", "$(touch pwned)", "'q'", "k;l", "%41"],)


def real(more=""):
    global number
    number += 1
    folder = f"{TMP}/{number}"
    os.makedirs(folder + "/tests")
    tap.write(folder + "/tests/test_a.py", SUITE + more)
    return folder


def masked(text):
    return re.sub(rb'(time|timestamp|hostname)="[^"]*"|0x[0-9a-f]+|'
                  rb"/[^ ]*/tests", b"", text or b"")


PY = ("/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider")
HERE = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE":
        "1", "PYTHONHASHSEED": "0"}
f, g = real(), real()
one = subprocess.run([tap.REJUNIT, "run", "--retries=1", "--max-rerun=100%",
                      "--flakes=flaky.txt", *PY, "tests",
                      "--junit-xml=r.xml"], cwd=f, env=HERE,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
lines = f"""
status=0; python3 -m pytest -q tests --maxfail=0 --junit-xml=r.xml || status=$?
[ $status -eq 1 ] || exit $status
rerun=0; python3 -m pytest -q tests --last-failed --junit-xml=rerun.xml || rerun=$?
{tap.REJUNIT} update --in-place r.xml rerun.xml --flakes=flaky.txt || exit $?
exit $rerun
"""
other = subprocess.run(["sh", "-c", lines], cwd=g, env=HERE,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
tap.ok(one.returncode == other.returncode == 1
       and masked(tap.read(f + "/r.xml")) == masked(tap.read(g + "/r.xml"))
       and tap.read(f + "/flaky.txt") == tap.read(g + "/flaky.txt")
       and tap.read(f + "/flaky.txt").count(b"\n") == 11,
       "pytest: as the five lines of shell", one.returncode, other.returncode,
       one.stderr.decode()[-800:], tap.read(f + "/flaky.txt"))
f = real()
one = subprocess.run([tap.REJUNIT, "run", "--max-rerun=100%", "--", *PY,
                      "--deselect", "tests/test_a.py::test_bad", "tests"],
                     cwd=f, env=HERE, stdout=subprocess.PIPE,
                     stderr=subprocess.PIPE)
tap.ok(one.returncode == 0 and not os.path.exists(f + "/pwned"),
       "and two reruns mend what needs two", one.stderr.decode()[-800:])

tap.done()
