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


if subprocess.run([*PYTEST, "--version"], stdout=subprocess.DEVNULL,
                  stderr=subprocess.DEVNULL).returncode:
    tap.ok(False, "pytest is there", "test/deps test installs it")
else:
    story("xunit1")
    story("xunit2")
tap.done()
