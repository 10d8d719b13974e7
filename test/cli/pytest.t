#!/usr/bin/env python3
"""The main job with a real pytest: run, rerun the failed, update, act on it."""
import os
import subprocess
import xml.etree.ElementTree as ET

import model
import tap

TESTS = '''
import os
import pytest

FIRST = os.environ.get("ATTEMPT") == "1"


def test_always_passes():
    pass


def test_flaky():
    assert not FIRST


def test_always_fails():
    assert False


@pytest.fixture
def flaky_fixture():
    if FIRST:
        raise RuntimeError("setup")
    yield


def test_setup_error(flaky_fixture):
    pass


@pytest.fixture
def flaky_teardown():
    yield
    if FIRST:
        raise RuntimeError("teardown")


def test_fails_twice_over(flaky_teardown):
    assert not FIRST


@pytest.mark.parametrize(
    "value", ["a b", "a::b", "[x]", "it's", 'say "hi"', "caf\\u00e9", "$HOME"])
def test_parameters(value):
    assert not FIRST


class TestOuter:
    class TestInner:
        def test_nested(self):
            assert not FIRST
'''
PYTEST = ["/usr/bin/python3", "-m", "pytest"]


def pytest(folder, attempt, *args):
    p = subprocess.run([*PYTEST, "-q", *args], cwd=folder,
                       env={**os.environ, "ATTEMPT": str(attempt),
                            "PYTHONDONTWRITEBYTECODE": "1"},
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return p.returncode, p.stdout.decode()


def outcomes(path):
    return {k: model.worst(v) for k, v in
            model.Report(tap.read(path)).outcomes().items()}


# What a quarantine plugin does: the tests of a list may fail.
QUARANTINE = '''
import pytest


def pytest_addoption(parser):
    parser.addoption("--quarantine")


def pytest_collection_modifyitems(config, items):
    path = config.getoption("quarantine")
    listed = set(open(path).read().splitlines()) if path else ()
    for item in items:
        if item.nodeid in listed:
            item.add_marker(pytest.mark.xfail(strict=False))
'''


def quarantine(folder, family):
    tap.write(os.path.join(folder, "conftest.py"), QUARANTINE)
    code, out = pytest(folder, 1, "--quarantine=flaky.txt")
    tap.ok(code == 1 and "1 failed, 1 passed" in out,
           f"{family}: a quarantine file takes it, too", out)


def prefixed(family):
    """junit_prefix stands in front of every class name."""
    folder = tap.scratch()
    os.makedirs(os.path.join(folder, "sub", "tests"))
    tap.write(os.path.join(folder, "sub", "tests", "checks.py"), TESTS)
    args = ("--junit-prefix=job.linux", "-o", "python_files=checks.py",
            "-o", f"junit_family={family}")
    pytest(folder, 1, "--junit-xml=o.xml", *args)
    pytest(folder, 2, "--last-failed", "--junit-xml=r.xml", *args)
    _, out, _ = tap.run("update", "-q", "o.xml", "r.xml", "-o", "new.xml",
                        "--rootdir=.", cwd=folder)
    lines = out.decode().splitlines()
    tap.ok(len(lines) == 11 and all(
        x.startswith("sub/tests/checks.py::") for x in lines),
        f"{family}: a prefix of the class names is no part of the id", *lines)


def story(family):
    folder = tap.scratch()
    os.mkdir(os.path.join(folder, "tests"))
    tap.write(os.path.join(folder, "tests", "test_story.py"), TESTS)
    tap.write(os.path.join(folder, "pytest.ini"),
              f"[pytest]\njunit_family = {family}\n"
              "disable_test_id_escaping_and_forfeit_all_rights_to_community_"
              "support = true\n")
    at = lambda name: os.path.join(folder, name)

    code, out = pytest(folder, 1, "--junit-xml=pytest.xml")
    tap.ok(code == 1, f"{family}: failed tests make pytest exit 1", out)
    code, out = pytest(folder, 2, "--last-failed", "--junit-xml=rerun.xml")
    tap.ok(code == 1, f"{family}: so does the rerun", out)
    before, reran = outcomes(at("pytest.xml")), outcomes(at("rerun.xml"))
    status, _, err = tap.run("update", "--in-place", "pytest.xml", "rerun.xml",
                             "--flakes=flaky.txt", cwd=folder)
    tap.ok(status == 1, f"{family}: one test fails still", err.decode())
    after = outcomes(at("pytest.xml"))
    want = {k: reran.get(k, v) for k, v in before.items()}
    tap.ok(after == want, f"{family}: every verdict is pytest's last word",
           f"want {want}", f"got  {after}")
    suite = ET.parse(at("pytest.xml")).getroot()[0]
    tap.ok((suite.get("failures"), suite.get("errors")) == ("1", "0"),
           f"{family}: one failure is counted", ET.tostring(suite)[:200])

    flaky = tap.read(at("flaky.txt")).decode().splitlines()
    tap.ok(len(flaky) == 11, f"{family}: eleven tests are flaky", flaky)
    p = subprocess.run(
        ["xargs", "-r", "-d", "\n", *PYTEST, "-q", "--junit-xml=again.xml"],
        input="\n".join(flaky).encode(), cwd=folder, stdout=subprocess.PIPE,
        env={**os.environ, "ATTEMPT": "2", "PYTHONDONTWRITEBYTECODE": "1"})
    tap.ok(p.returncode == 0 and "11 passed" in p.stdout.decode(),
           f"{family}: pytest takes the flake list back", p.stdout.decode())
    quarantine(folder, family)
    prefixed(family)


if subprocess.run([*PYTEST, "--version"], stdout=subprocess.DEVNULL,
                  stderr=subprocess.DEVNULL).returncode:
    tap.ok(False, "pytest is there", "test/deps test installs it")
else:
    story("xunit1")
    story("xunit2")

# modules that are not named like tests: only the working folder knows them
folder = tap.scratch()
os.mkdir(folder + "/checks")
tap.write(folder + "/pytest.ini", "[pytest]\npython_files = *.py\n")
tap.write(folder + "/checks/shop.py", TESTS)
pytest(folder, 1, "--junit-xml=o.xml", "checks")
pytest(folder, 2, "--last-failed", "--junit-xml=r.xml", "checks")
tap.run("update", "-q", "-i", "o.xml", "r.xml", "--flakes=flaky.txt",
        cwd=folder)
ids = tap.read(folder + "/flaky.txt").decode().splitlines()
status, out = pytest(folder, 2, *ids)
tap.ok(len(ids) > 10 and status == 0 and f"{len(ids)} passed" in out and
       all(i.startswith("checks/shop.py::") for i in ids),
       "a module of any name is found in the working folder", out, *ids[:3])
elsewhere = tap.scratch()
pytest(folder, 1, "--junit-xml=o.xml", "checks")
_, out, err = tap.run("update", folder + "/o.xml", folder + "/r.xml", "-o",
                      "u.xml", cwd=elsewhere)
tap.ok(out == b"" and b"whose file is not known" in err,
       "no line stands in the list that pytest would choke on", out, err)
tap.done()
