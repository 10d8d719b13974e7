#!/usr/bin/python3
"""The README's recipes, with a real pytest and the accidents of real jobs."""
import concurrent.futures
import os
import re
import shutil
import subprocess

import tap

README = tap.read(os.path.join(tap.TOP, "README.md")).decode()
MANUAL = tap.read(os.path.join(tap.TOP, "doc", "rejunit.1")).decode()
SHELLS = (("sh", "-e"), ("dash",), ("bash",))
CASES = 19
SHOP = """
def used(x):
    return x


def used_by_the_flaky_one(x):
    y = x
    z = y
    return z


def used_by_nobody(x):
    return x
"""
TESTS = """
import os
import pytest
import shop

ROUND = "first"
if os.path.exists("round"):
    ROUND = "second"


def teardown_module():
    open("round", "w").close()


@pytest.mark.parametrize("n", range(16))
def test_passes(n):
    assert shop.used(n) == n


@pytest.mark.parametrize("n", range(3))
def test_flaky(n):
    if "DIES" in os.environ and ROUND == "second":
        os._exit(0)
    assert "PASSES" in os.environ or ROUND == "second"
    assert shop.used_by_the_flaky_one(n) == n


if "FAILS" in os.environ:
    def test_fails():
        assert False
"""
# as left by a build before this one, in which everything went well
STALE = ('<testsuite name="pytest" tests="1"><testcase classname="test_shop" '
         'name="test_flaky[0]" time="0"/></testsuite>')


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.M | re.S)


def scripts():
    """Whole scripts of the manual."""
    return [b.replace("\\e", "\\") for b in re.findall(
        r"^\.Bd -literal -offset indent\n(.*?)^\.Ed", MANUAL, re.M | re.S)]


SCRIPT = next(b for b in scripts() if "--last-failed" in b)
LINE = next(b for b in blocks("sh") if "rejunit run" in b).strip()
BIN = tap.scratch()
os.symlink(os.path.abspath(tap.REJUNIT), BIN + "/rejunit")
tap.write(BIN + "/pytest", "#!/bin/sh\nexec /usr/bin/python3 -m pytest -q "
          "-p no:faulthandler \"$@\"\n")
os.chmod(BIN + "/pytest", 0o755)
ENV = {"PATH": BIN + ":/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1",
       "LANG": "C.UTF-8"}


class Job:
    """A project whose job was run, and what it left."""

    def __init__(self, command, script=SCRIPT, files=(), **env):
        self.folder = tap.scratch()
        for name, data in {"shop.py": SHOP, "test_shop.py": TESTS,
                           "test.sh": script, "pytest.xml": STALE,
                           "rerun.xml": STALE, "flaky.txt": "an old one\n",
                           **dict(files)}.items():
            tap.write(f"{self.folder}/{name}", data)
        p = subprocess.run(command, cwd=self.folder, env={**ENV, **env},
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                           stderr=subprocess.STDOUT, timeout=300)
        self.status, self.out = p.returncode, p.stdout.decode()

    def has(self, name):
        return os.path.exists(f"{self.folder}/{name}")

    def cases(self):
        data = tap.read(self.folder + "/pytest.xml") or b""
        return data.count(b"<testcase "), data.count(b"<flakyFailure"), \
            data.count(b"<failure")

    def flaky(self):
        data = tap.read(self.folder + "/flaky.txt")
        return None if data is None else len(data.splitlines())


def ini(addopts):
    return {"pytest.ini": f"[pytest]\naddopts = {addopts}\n"}


COV = ["--cov=shop", "--cov-append"]
FLAKY = (CASES, 3, 0)
# what happens: arguments, files, environment; then the exit status, the
# entries, the flaky and failed ones in the report, lines of the flake list,
# whether there was a rerun
ACCIDENTS = {
    "everything passes":
        ([], {}, {"PASSES": "1"}, 0, (CASES, 0, 0), None, False),
    "three tests are flaky": ([], {}, {}, 0, FLAKY, 3, True),
    "one fails still":
        ([], {}, {"FAILS": "1"}, 1, (CASES + 1, 3, 1), 3, True),
    "a gate beside tests that pass":
        ([*COV, "--cov-fail-under=100"], {}, {"PASSES": "1"}, 1,
         (CASES, 0, 0), None, False),
    "a gate beside flaky tests":
        ([*COV, "--cov-fail-under=100"], {}, {}, 1, FLAKY, 3, True),
    "a gate that holds beside flaky tests":
        ([*COV, "--cov-fail-under=80"], {}, {}, 0, FLAKY, 3, True),
    "a gate from a file beside flaky tests":
        ([], ini("--cov=shop --cov-fail-under=100"), {}, 1, FLAKY, 3, True),
    "-x": (["-x"], {}, {}, 0, FLAKY, 3, True),
    "-x from a file": ([], ini("-x"), {}, 0, FLAKY, 3, True),
    "--maxfail from the environment":
        ([], {}, {"PYTEST_ADDOPTS": "--maxfail=2"}, 0, FLAKY, 3, True),
    "a module that cannot be collected":
        ([], {"test_broken.py": "import nothing_of_that_name\n"}, {}, 2,
         (1, 0, 0), None, False),
    "wrong usage":
        (["--no-such-option"], {}, {}, 4, (0, 0, 0), None, False),
    "a rerun that dies with 0":
        ([], {}, {"DIES": "1"}, 3, (CASES, 0, 3), None, False),
}


def accident(shell, what):
    args, files, env, *want = ACCIDENTS[what]
    job = Job([*shell, "test.sh", *args], files=files, **env)
    return [job.status, job.cases(), job.flaky(), job.has("rerun.xml")] \
        == want, f"{' '.join(shell)}, {what}: exit {want[0]}", job.status, \
        job.cases(), job.flaky(), job.has("rerun.xml"), job.out


with concurrent.futures.ThreadPoolExecutor(2) as two:
    for result in two.map(lambda x: accident(*x), [
            (s, what) for what in ACCIDENTS for s in SHELLS]):
        tap.ok(*result)

# --- a gate that is a step of its own

tap.write(BIN + "/coverage", "#!/bin/sh\nexec /usr/bin/python3 -m coverage "
          "\"$@\"\n")
os.chmod(BIN + "/coverage", 0o755)
gate = re.search(r'"(coverage report --fail-under=)\d+"', MANUAL)[1]
for least, want in ((80, 0), (100, 2)):
    job = Job(["sh", "-ec", f"sh test.sh {' '.join(COV)}\n{gate}{least}"])
    tap.ok(job.status == want and job.cases() == FLAKY,
           f"{gate}{least} behind it: exit {want}", job.status, job.out)

# --- what the services are told to run


def told(language, has, pattern):
    found = [m[1] for block in [*blocks(language), *re.findall(
                 r"^\.Bd -literal -offset indent\n(.*?)^\.Ed", MANUAL,
                 re.M | re.S)] if has in block
             for m in [re.search(pattern, block, re.M)] if m]
    tap.ok(len(found) == 1, f"{has} is told what to run", found)
    return found[0] if found else "exit 99"


for service, command in (
        ("GitHub", told("yaml", "- name: Test", r"^ *run: (.*)$")),
        ("GitLab", told("yaml", "script:", r"^ *script: (.*)$")),
        ("Jenkins", told("groovy", "steps", r"sh '(.*)'"))):
    job = Job(["bash", "-eo", "pipefail", "-c", command], FAILS="1")
    tap.ok(job.status == 1 and job.cases()[1] == 3 and job.flaky() == 3
           and command.replace(" --evidence=jenkins", "") == LINE,
           f"{service} runs the line", job.out)

makefile = {"Makefile": told("make", "check:", r"((?:.*\n)*)")}
for env, want in (({}, 0), ({"FAILS": "1"}, 2)):
    job = Job(["make", "check"], files=makefile, **env)
    tap.ok(job.status == want and job.cases()[1] == 3,
           f"make {env}: exit {want}", job.out)

# pytest comes from this system, not from the network
tox = {"tox.ini": "[tox]\nskipsdist = true\n" + told(
    "ini", "[testenv]", r"((?:.*\n)*)").replace("deps = pytest\n", "")
    + "setenv = PYTHONDONTWRITEBYTECODE = 1\nsitepackages = true\n"}
if shutil.which("tox", path=ENV["PATH"]):
    for args, want in (["-x"], 0), ([*COV, "--cov-fail-under=100"], 1):
        job = Job(["tox", "-q", "--", *args], files=tox)
        tap.ok(job.status == want and job.cases() == FLAKY,
               f"tox {args}: exit {want}", job.status, job.out)
else:
    tap.skip("tox", "it is not installed")

# --- the job summary

summary = LINE.replace("flaky.txt", "summary.md")
publish = told("yaml", "- name: Summary", r"^ *run: (.*)$")
for env, status, has in (({"PASSES": "1"}, 0, False), ({}, 0, True),
                         ({"FAILS": "1"}, 1, True)):
    job = Job(["bash", "-e", "test.sh"], script=summary,
              files={"summary.md": "an old one\n"}, **env)
    p = subprocess.run(["bash", "-e", "-c", publish], cwd=job.folder,
                       env={**ENV, "GITHUB_STEP_SUMMARY": "page"})
    page = tap.read(job.folder + "/page")
    tap.ok(job.status == status and p.returncode == 0
           and (page is not None and b"test_flaky" in page) == has,
           f"a summary {env}: exit {status}, published: {has}", job.out, page)

# --- the same as one line

# where tests may not have run, or a gate is set, the status stays what it was
SAME = {"a gate that holds beside flaky tests", "-x", "-x from a file",
        "--maxfail from the environment"}
for what, (args, files, env, status, cases, flaky, _) in ACCIDENTS.items():
    if what in SAME:
        status = 1
    if "maxfail" in what or "-x" in what:
        cases, flaky = None, None
    if what == "a rerun that dies with 0":
        status, cases = 1, (CASES, 0, 3)
    job = Job(["sh", "-ec", LINE + ' "$@"', "sh", *args], files=files, **env)
    want = flaky or 0 if status in (0, 1) and flaky is not None else None
    tap.ok(job.status == status and (cases is None or what == "wrong usage"
                                     or job.cases() == cases)
           and (want is None or job.flaky() == want)
           and not os.path.exists(job.folder + "/rejunit-report.xml"),
           f"one line, {what}: exit {status}", job.status, job.cases(),
           job.flaky(), job.out)

# --- Maven: a folder of reports, a class each

MVN = """#!/usr/bin/python3
import os, sys
only = [[t.split("#")[0] for t in a[7:].split(",")] for a in sys.argv if a.startswith("-Dtest=")]
if "BREAKS" in os.environ:
    sys.exit(1)
failed = False
os.makedirs("target/surefire-reports", exist_ok=True)
for name in only[0] if only else ["a.FooTest", "a.BarTest", "b.BazTest"]:
    fails = (name == "a.FooTest" and not only) or name in os.environ.get("RED", "")
    failed = failed or fails
    open(f"target/surefire-reports/TEST-{name}.xml", "w").write(
        f'<testsuite name="{name}" tests="1" failures="{int(fails)}" errors="0"'
        f' skipped="0"><testcase classname="{name}" name="t" time="1">'
        + ("<failure type='T'>no</failure>" if fails else "")
        + "</testcase></testsuite>")
sys.exit(failed)
"""
tap.write(BIN + "/mvn", MVN)
os.chmod(BIN + "/mvn", 0o755)
maven = next(b for b in scripts() if "mvn test" in b)
for shell in SHELLS:
    for env, want, flaky in (({}, 0, 1), ({"RED": "b.BazTest"}, 1, 1),
                             ({"BREAKS": "1"}, 1, None)):
        job = Job([*shell[:1], "maven.sh"], files={"maven.sh": maven}, **env)
        first = f"{job.folder}/first/TEST-a.FooTest.xml"
        tap.ok(job.status == want and (flaky is None or (
            job.flaky() == flaky and b"<flakyFailure" in tap.read(first))),
            f"{shell[0]}: Maven {env or 'recovers'}: exit {want}", job.status,
            job.out)
line = re.search(r"`(rejunit run [^`]* mvn test)`", README)[1]
for env, want, flaky in (({}, 0, 1), ({"RED": "b.BazTest"}, 1, 1),
                         ({"BREAKS": "1"}, 1, None)):
    job = Job(["sh", "-ec", line], **env)
    first = f"{job.folder}/target/surefire-reports/TEST-a.FooTest.xml"
    tap.ok(job.status == want and (flaky is None or (
        job.flaky() == flaky and b"<flakyFailure" in tap.read(first)
        and len(os.listdir(os.path.dirname(first))) == 3)),
        f"one line: Maven {env or 'recovers'}: exit {want}", job.status, job.out)
tap.done()
