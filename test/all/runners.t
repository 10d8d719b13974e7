#!/usr/bin/env python3
"""The loop with real runners: what failed is selected by name, and no more."""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))
import tap

TMP = tap.scratch()
NPM = os.path.join(tap.TOP, "build", "runners")
BIN = os.path.join(NPM, "node_modules", ".bin")
# names that a filter, a shell or a report could take for something else
ODD = ["plain", "a b", "q\"uo'te", "sl/ash", "br[ack]et", "co::lon",
       "re.g*ex+ (x|y)? ^$", "semi; $(touch pwned) `touch pwned`", "ünï çødé"]


def fails(name, attempt):
    """Which tests fail in the first run, and which then, too."""
    return name.startswith("never") or (attempt == 0 and
                                        not name.startswith("good"))


def project(name, files):
    folder = f"{TMP}/{name}"
    os.makedirs(folder)
    for path, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        tap.write(f"{folder}/{path}", text.encode())
    return folder


def run(folder, *args, **more):
    env = {**os.environ, "LC_ALL": "C.UTF-8", "CI": "true", **more}
    env.pop("REJUNIT_ATTEMPT", None)
    status, out, err = tap.run("run", *args, cwd=folder, env=env)
    return status, out.decode("utf-8", "replace"), err.decode(
        "utf-8", "replace")


def show(folder, report):
    status, out, err = tap.run("show", "--json", report, cwd=folder)
    return json.loads(out) if out else {"error": err.decode()}


def ran(folder):
    """What each attempt ran, as the tests themselves say."""
    made = {}
    for line in (tap.read(f"{folder}/ran") or b"").decode().splitlines():
        attempt, name = line.split(" ", 1)
        made.setdefault(int(attempt), []).append(name)
    return made


def loop(name, files, *command, report=None, odd=ODD, options=(), own=None,
         extra=(), **more):
    """All that fails at first recovers; what never passes stays red."""
    folder = project(name, files)
    status, out, err = run(folder, "--keep-reports=kept", "--flakes=flaky.txt",
                           "--retries=1", "--max-rerun=100", *options, "--",
                           *command, **more)
    report = report or "rejunit-report.xml"
    made = ran(folder)
    first, then = (sorted(made.get(k, [])) for k in (0, 1))
    want = sorted([*odd, "never"])
    said = show(folder, report)
    counts = said.get("outcomes", said)
    tap.ok(status == 1, f"{name}: one still fails", status, out[-800:], err)
    tap.ok(first == sorted([*want, "good"]), f"{name}: all ran", first)
    tap.ok(set(want) <= set(then) and set(then) <= {*want, *extra},
           f"{name}: then what failed, and nothing else", set(then) ^ set(want),
           err)
    flaky = (tap.read(f"{folder}/flaky.txt") or b"").decode().splitlines()
    tap.ok(len(flaky) == len(odd), f"{name}: the others recovered", flaky, err,
           counts)
    tap.ok("did not run" not in err, f"{name}: what was asked for ran", err)
    tap.ok(not os.path.exists(f"{folder}/pwned"), f"{name}: no shell saw it")
    # by hand, of the reports that were kept
    kept = sorted(glob.glob(f"{folder}/kept/attempt-*"))
    status, out, err = tap.run("update", "-q", "-o", f"{folder}/byhand", *kept,
                               cwd=folder)
    same = [f for f in glob.glob(f"{folder}/byhand/**", recursive=True)
            or [f"{folder}/byhand"] if os.path.isfile(f)]
    if os.path.isdir(f"{folder}/byhand"):
        pairs = [(f, os.path.join(folder, report, os.path.relpath(
            f, f"{folder}/byhand"))) for f in same]
    else:
        pairs = [(f"{folder}/byhand", os.path.join(folder, report))]
    tap.ok(pairs and all(tap.read(a) == tap.read(b) for a, b in pairs),
           f"{name}: the report is that of an update by hand", err, kept, pairs)
    return folder


def wanted(name):
    return not sys.argv[1:] or name in sys.argv[1:]


def has(*programs):
    return all(shutil.which(p) for p in programs)


def skip(name):
    tap.ok(True, f"{name} # SKIP it is not here")


NAMES = ["good", "never", *ODD]
LOG = ('import os\nA = int(os.environ["REJUNIT_ATTEMPT"])\n'
       'def took_part(name):\n'
       '    with open("ran", "a") as f: f.write(f"{A} {name}\\n")\n'
       '    assert not (name.startswith("never") or A == 0 and '
       'not name.startswith("good")), "no luck"\n')


def js(name):
    return json.dumps(name, ensure_ascii=False)


JS = ("const fs = require('fs');\nconst A = +process.env.REJUNIT_ATTEMPT;\n"
      "function took(name) { fs.appendFileSync('ran', `${A} ${name}\\n`);\n"
      "  if (name.startsWith('never') || A === 0 && !name.startsWith('good'))\n"
      "    throw new Error('no luck'); }\n")

# --- Python -----------------------------------------------------------------------
if wanted("pytest"):
    loop("pytest", {
        "helper.py": LOG,
        "t/test_a.py": "import pytest, helper\n"
        f"NAMES = {NAMES!r}\n"
        "@pytest.mark.parametrize('name', NAMES, ids=NAMES)\n"
        "def test_it(name):\n    helper.took_part(name)\n"},
         "/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider", "t",
         PYTHONPATH=".")
if wanted("pytest-xdist"):
    loop("pytest-xdist", {
        "helper.py": LOG,
        "t/test_a.py": "import pytest, helper\n"
        f"NAMES = {NAMES!r}\n"
        "@pytest.mark.parametrize('name', NAMES, ids=NAMES)\n"
        "def test_it(name):\n    helper.took_part(name)\n"},
         "/usr/bin/python3", "-m", "pytest", "-q", "-n", "2", "t",
         PYTHONPATH=".", options=("--jobs-for-rerun=1",))
if wanted("pytest-subtests"):
    # the test that a subtest is of is run again
    folder = project("pytest-subtests", {"helper.py": LOG, "t/test_a.py": (
        "import helper\ndef test_it(subtests):\n"
        "    for n in ('good', 'one', 'two'):\n"
        "        with subtests.test(n): helper.took_part(n)\n"
        "def test_other(): helper.took_part('good2')\n")})
    status, out, err = run(folder, "--", "/usr/bin/python3", "-m", "pytest",
                           "-q", "t", PYTHONPATH=".")
    made = ran(folder)
    tap.ok(made.get(0) == ["good", "one", "two", "good2"]
           and made.get(1) == ["good", "one", "two"]
           and status == 0 and "recovered" in err, "pytest-subtests", status,
           made, err, out[-600:])
if wanted("pytest-bdd"):
    odd = [n for n in ODD if "$" not in n and '"' not in n]
    loop("pytest-bdd", {
        "helper.py": LOG,
        "t/test_a.py": "import helper\nfrom pytest_bdd import given, "
        "scenarios, parsers\nscenarios('a.feature')\n@given(parsers.re("
        "r'it runs: (?P<what>.*)'))\ndef it(what):\n"
        "    helper.took_part(what)\n",
        "t/a.feature": "Feature: f\n" + "".join(
            f"  Scenario: s{k}\n    Given it runs: {n}\n"
            for k, n in enumerate(["good", "never", *odd]))},
         "/usr/bin/python3", "-m", "pytest", "-q", "t", PYTHONPATH=".", odd=odd)
if wanted("unittest"):
    plain = ["plain", "two"]
    loop("unittest", {
        "helper.py": LOG,
        "test_a.py": "import unittest, helper\nclass T(unittest.TestCase):\n"
        + "".join(f"    def test_{n}(self): helper.took_part({n!r})\n"
                  for n in ["good", "never", *plain])},
         "/usr/bin/python3", "-m", "xmlrunner", "discover", odd=plain)
if wanted("behave"):
    odd = [n for n in ODD if "$" not in n]
    loop("behave", {
        "features/steps/s.py": "import sys\nsys.path[:0] = ['.']\n"
        "import helper\nfrom behave import given\n"
        "@given('it runs')\ndef it(context):\n"
        "    helper.took_part(context.scenario.name)\n",
        "helper.py": LOG,
        "features/a.feature": "Feature: f\n" + "".join(
            f"  Scenario: {n}\n    Given it runs\n"
            for n in ["good", "never", *odd])},
         "behave", "-q", report="reports", odd=odd)

# --- C and C++ ----------------------------------------------------------------------
CXX = ("#include <cstdlib>\n#include <cstdio>\n#include <cstring>\n"
       "static bool took(const char *n) { int a = atoi(getenv("
       "\"REJUNIT_ATTEMPT\"));\n FILE *f = fopen(\"ran\", \"a\"); fprintf(f, "
       "\"%d %s\\n\", a, n); fclose(f);\n return !(!strncmp(n, \"never\", 5) "
       "|| (a == 0 && strncmp(n, \"good\", 4))); }\n")


def built(name, source, *flags):
    folder = f"{TMP}/{name}-build"
    os.makedirs(folder)
    tap.write(f"{folder}/t.cc", source.encode())
    p = subprocess.run(["c++", "-O0", "-o", "t", "t.cc", *flags], cwd=folder,
                       stderr=subprocess.PIPE)
    assert p.returncode == 0, p.stderr.decode()[-2000:]
    return f"{folder}/t"


def c_string(text):
    return json.dumps(text, ensure_ascii=False)


if wanted("googletest"):
    names = ["plain", "two"]
    t = built("googletest", "#include <gtest/gtest.h>\n" + CXX + "".join(
        f"TEST(S, {n}) {{ EXPECT_TRUE(took(\"{n}\")); }}\n"
        for n in ["good", "never", *names]) + "class P : public "
        "testing::TestWithParam<int> {};\nTEST_P(P, p) { char n[9]; "
        "snprintf(n, 9, \"p%d\", GetParam()); EXPECT_TRUE(took(n)); }\n"
        "INSTANTIATE_TEST_SUITE_P(I, P, testing::Range(0, 2));\n",
        "-lgtest", "-lgtest_main", "-lpthread")
    loop("googletest", {}, t, "--gtest_output=xml:r.xml", report="r.xml",
         odd=[*names, "p0", "p1"])
if wanted("catch2"):
    t = built("catch2", "#define CATCH_CONFIG_MAIN\n#include "
              "<catch2/catch.hpp>\n" + CXX + "".join(
                  f"TEST_CASE({c_string(n)}) {{ CHECK(took({c_string(n)})); }}\n"
                  for n in [*NAMES, "com,ma"]))
    loop("catch2", {}, t, options=("--runner=catch2",), odd=[*ODD, "com,ma"])
if wanted("doctest"):
    t = built("doctest", "#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN\n#include "
              "<doctest/doctest.h>\n" + CXX + "".join(
                  f"TEST_CASE({c_string(n)}) {{ CHECK(took({c_string(n)})); }}\n"
                  for n in [*NAMES, "com,ma"]))
    loop("doctest", {}, t, "-r=junit", "-o=r.xml", report="r.xml",
         odd=[*ODD, "com,ma"])
SCRIPT = ("#!/bin/sh\nprintf '%s %s\\n' \"$REJUNIT_ATTEMPT\" \"$1\" >>\"$RAN\"\n"
          "case $1 in never*) exit 1 ;; good*) exit 0 ;; esac\n"
          "[ \"$REJUNIT_ATTEMPT\" -gt 0 ]\n")
if wanted("ctest"):
    odd = [n for n in ODD if "`" not in n and '"' not in n]
    folder = f"{TMP}/ctest-build"
    os.makedirs(folder)
    tap.write(f"{folder}/t.sh", SCRIPT.encode())
    tap.write(f"{folder}/CMakeLists.txt", (
        "cmake_minimum_required(VERSION 3.19)\nproject(p NONE)\n"
        "enable_testing()\n" + "".join(
            f"add_test(NAME [==[{n}]==] COMMAND sh ${{CMAKE_SOURCE_DIR}}/t.sh "
            f"[==[{n}]==])\n" for n in ["good", "never", *odd])).encode())
    subprocess.run(["cmake", "-S", folder, "-B", folder + "/b"], check=True,
                   stdout=subprocess.DEVNULL)
    loop("ctest", {}, "ctest", "--test-dir", folder + "/b",
         odd=odd, RAN=f"{TMP}/ctest/ran")
if wanted("meson"):
    odd = ["plain", "a b", "sl-ash", "semi; x", "ünï çødé"]
    folder = project("meson", {"t.sh": SCRIPT, "meson.build": (
        "project('p')\nsh = find_program('sh')\n" + "".join(
            f"test('{n}', sh, args: [files('t.sh'), '{n}'])\n"
            for n in ["good", "never", *odd]))})
    subprocess.run(["meson", "setup", "b"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    shutil.move(folder, folder + "-made")
    shutil.copytree(folder + "-made", folder)
    shutil.rmtree(folder + "/b")
    shutil.rmtree(folder)
    os.rename(folder + "-made", folder + "-src")
    subprocess.run(["meson", "setup", "--wipe", folder + "-src/b",
                    folder + "-src"], check=True, stdout=subprocess.DEVNULL)
    loop("meson", {}, "meson", "test", "-C", folder + "-src/b",
         report=folder + "-src/b/meson-logs/testlog.junit.xml", odd=odd,
         RAN=f"{TMP}/meson/ran")

if wanted("meson"):
    folder = project("meson-tap", {"t.sh": SCRIPT, "meson.build": (
        "project('p')\nsh = find_program('sh')\n"
        "test('flaky', sh, args: [files('t.sh'), 'flaky'])\n"
        "test('tap', sh, args: ['-c', 'echo 1..1; echo ok 1 - fine; exit 1'], "
        "protocol: 'tap')\n")})
    subprocess.run(["meson", "setup", "b"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    status, _, err = run(folder, "--", "meson", "test", "-C", "b", RAN="/dev/null")
    tap.ok(status > 0 and "more failed" in err, "meson: what failed beside cases",
           status, err)

# --- Go, Java, Ruby, PHP, shell ----------------------------------------------------------
if wanted("gotestsum"):
    odd = ["TestA", "TestB"]
    loop("gotestsum", {
        "go.mod": "module example.com/p\n\ngo 1.19\n",
        "a/a_test.go": "package a\nimport (\"os\"; \"strings\"; \"testing\")\n"
        "func took(t *testing.T, n string) { f, _ := os.OpenFile("
        "os.Getenv(\"RAN\"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); "
        "a := os.Getenv(\"REJUNIT_ATTEMPT\"); f.WriteString(a + \" \" + n + "
        "\"\\n\"); f.Close(); if strings.HasPrefix(n, \"never\") || (a == \"0\" "
        "&& n != \"good\") { t.Error(\"no luck\") } }\n" + "".join(
            f"func Test{k}(t *testing.T) {{ took(t, \"{n}\") }}\n"
            for k, n in enumerate(["good", "never", "TestA"])),
        "b/b_test.go": "package b\nimport (\"os\"; \"testing\")\n"
        "func TestB(t *testing.T) { f, _ := os.OpenFile(os.Getenv(\"RAN\"), "
        "os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); a := os.Getenv("
        "\"REJUNIT_ATTEMPT\"); f.WriteString(a + \" TestB\\n\"); f.Close(); "
        "if a == \"0\" { t.Error(\"no luck\") } }\n"},
         "gotestsum", "--", "-count=1", "./...", odd=odd,
         RAN=f"{TMP}/gotestsum/ran", GOFLAGS="-mod=mod",
         GOCACHE=f"{TMP}/gocache")
if wanted("gotestsum"):
    # a subtest's run says nothing of the test that it is in
    folder = project("go-parent", {
        "go.mod": "module example.com/p\n\ngo 1.19\n", "a_test.go":
        "package a\nimport (\"os\"; \"testing\")\nvar leaked bool\nfunc TestA(t "
        "*testing.T) { t.Run(\"s1\", func(t *testing.T) { if os.Getenv("
        "\"REJUNIT_ATTEMPT\") == \"0\" { t.Error(\"no luck\") } }); t.Run(\"s2\","
        " func(t *testing.T) { leaked = true }); if leaked { t.Error(\"always\")"
        " } }\n"})
    go = {"GOFLAGS": "-mod=mod", "GOCACHE": f"{TMP}/gocache"}
    status, _, err = run(folder, "--", "gotestsum", "--", "-count=1", "./...",
                         **go)
    tap.ok(status == 1, "gotestsum: a subtest is not its parent", status, err)
    folder = project("go-cache", {
        "go.mod": "module example.com/q\n\ngo 1.19\n", "a_test.go":
        "package a\nimport (\"os\"; \"testing\")\nfunc TestR(t *testing.T) { f, _"
        " := os.OpenFile(\"/proc/self/cwd/n\", os.O_APPEND|os.O_CREATE|"
        "os.O_WRONLY, 0o644); f.WriteString(\"x\"); f.Close() }\n"})
    status, out, err = run(folder, "--times=3", "--", "gotestsum", "./...", **go)
    tap.ok(status == 0 and tap.read(folder + "/n") == b"xxx",
           "gotestsum: a hunt tells no old results", out, err)
if wanted("surefire"):
    java = ("package demo;\nimport org.junit.Test;\nimport java.nio.file.*;\n"
            "public class %s {\n static void took(String n) throws Exception {\n"
            "  String a = System.getenv(\"REJUNIT_ATTEMPT\");\n"
            "  Files.write(Paths.get(System.getenv(\"RAN\")), (a + \" \" + n + "
            "\"\\n\").getBytes(), StandardOpenOption.CREATE, "
            "StandardOpenOption.APPEND);\n  if (n.equals(\"never\") || "
            "a.equals(\"0\") && !n.equals(\"good\")) throw new "
            "AssertionError(\"no luck\");\n }\n%s}\n")
    method = " @Test public void %s() throws Exception { took(\"%s\"); }\n"
    loop("surefire", {
        "pom.xml": "<project><modelVersion>4.0.0</modelVersion><groupId>demo"
        "</groupId><artifactId>demo</artifactId><version>1</version>"
        "<properties><maven.compiler.source>11</maven.compiler.source>"
        "<maven.compiler.target>11</maven.compiler.target>"
        "<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>"
        "</properties><dependencies><dependency><groupId>junit</groupId>"
        "<artifactId>junit</artifactId><version>4.x</version></dependency>"
        "</dependencies></project>\n",
        "src/test/java/demo/ATest.java": java % ("ATest", "".join(
            method % (n, n) for n in ("good", "never", "one"))),
        "src/test/java/demo/BTest.java": java % ("BTest", "".join(
            method % (n, n) for n in ("two", "three")))},
         "mvn", "-o", "-q", "-Dmaven.repo.local=/usr/share/maven-repo", "test",
         report="target/surefire-reports", odd=["one", "two", "three"],
         RAN=f"{TMP}/surefire/ran")
if wanted("rspec"):
    loop("rspec", {"spec/a_spec.rb": (
        "A = ENV['REJUNIT_ATTEMPT'].to_i\ndef took(n)\n"
        " File.open('ran', 'a') { |f| f.puts \"#{A} #{n}\" }\n"
        " raise 'no luck' if n.start_with?('never') || "
        "(A == 0 && !n.start_with?('good'))\nend\n"
        "describe 'it' do\n" + "".join(
            f"  it({js(n).replace('#', chr(92) + '#')}) {{ took({js(n)}) }}\n"
            for n in NAMES) + "end\n")}, "rspec")
if wanted("minitest"):
    loop("minitest", {"t.rb": (
        "require 'minitest/autorun'\nrequire 'minitest/reporters'\n"
        "Minitest::Reporters.use! [Minitest::Reporters::JUnitReporter.new("
        "'test/reports')]\nA = ENV['REJUNIT_ATTEMPT'].to_i\ndef took(n)\n"
        " File.open('ran', 'a') { |f| f.puts \"#{A} #{n}\" }\n"
        " flunk 'no luck' if n.start_with?('never') || "
        "(A == 0 && !n.start_with?('good'))\nend\n"
        "class TestA < Minitest::Test\n [" + ", ".join(
            js(n).replace("#", "\\#") for n in NAMES)
        + "].each { |n| define_method(\"test_#{n}\") { took(n) } }\nend\n")},
         "ruby", "-W0", "t.rb", report="test/reports",
         options=("--runner=minitest",))
if wanted("phpunit"):
    def php(text):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    loop("phpunit", {"t/ATest.php": (
        "<?php\nnamespace My\\Space;\nclass ATest extends "
        "\\PHPUnit\\Framework\\TestCase {\n public static function names(): "
        "array { return [" + ", ".join(f"{php(n)} => [{php(n)}]" for n in NAMES)
        + "]; }\n /** @dataProvider names */\n public function testIt($n): void"
        " {\n $a = (int)getenv('REJUNIT_ATTEMPT'); file_put_contents('ran', "
        "\"$a $n\\n\", FILE_APPEND);\n $this->assertFalse($n === 'never' || "
        "$a === 0 && $n !== 'good'); }\n}\n")}, "phpunit", "t")
    folder = project("phpunit-depends", {"t/ATest.php": (
        "<?php\nclass ATest extends \\PHPUnit\\Framework\\TestCase {\n public "
        "function testA(): void { $this->assertTrue(getenv('REJUNIT_ATTEMPT') "
        "> 0); }\n /** @depends testA */\n public function testB(): void { "
        "$this->assertTrue(false); }\n}\n")})
    status, _, err = run(folder, "--", "phpunit", "t")
    tap.ok(status == 1, "phpunit: what was skipped since another failed", status,
           err)
if wanted("bats"):
    loop("bats", {"t.bats": (
        "took() { echo \"$REJUNIT_ATTEMPT $1\" >>ran; case $1 in never*) return"
        " 1 ;; good*) return 0 ;; esac; [ \"$REJUNIT_ATTEMPT\" -gt 0 ]; }\n"
        + "".join("@test " + '"' + re.sub(r'(["$`\\])', r"\\\1", n)
                  + '" { took \'' + n.replace("'", "'\\''") + "'; }\n"
                  for n in NAMES))}, "bats", "t.bats", report="report.xml")

# --- JavaScript ------------------------------------------------------------------------
SCRIPTS = {"mocha", "jest", "vitest", "node", "playwright", "cucumber"}
if any(wanted(n) for n in SCRIPTS):
    os.makedirs(NPM, exist_ok=True)
    if not os.path.exists(NPM + "/package.json"):
        tap.write(NPM + "/package.json", b'{ "private": true }\n')
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent",
                    "mocha", "jest", "jest-junit", "vitest@3",
                    "@playwright/test", "@cucumber/cucumber"], cwd=NPM,
                   check=True, stdin=subprocess.DEVNULL)


def js_project(name, files, *command, **more):
    folder = f"{TMP}/{name}"
    os.makedirs(TMP, exist_ok=True)
    if not os.path.exists(f"{TMP}/node_modules"):
        os.symlink(f"{NPM}/node_modules", f"{TMP}/node_modules")
    return loop(name, {"package.json": '{ "private": true }\n', **files},
                *command, **more)


if wanted("mocha"):
    js_project("mocha", {"t.spec.js": JS + "describe('out', () => {\n"
                         + "".join(f"it({js(n)}, () => took({js(n)}));\n"
                                   for n in NAMES) + "});\n"},
               BIN + "/mocha", "t.spec.js")
if wanted("node"):
    js_project("node", {"a.test.js": "const { test } = require('node:test');\n"
                        + JS + "".join(f"test({js(n)}, () => took({js(n)}));\n"
                                       for n in NAMES)},
               "node", "--test", "a.test.js")
if wanted("jest"):
    js_project("jest", {"a.test.js": JS + "".join(
        f"test({js(n)}, () => took({js(n)}));\n" for n in NAMES)},
        BIN + "/jest", "--ci", "--reporters=default", "--reporters=jest-junit",
        report="junit.xml")
if wanted("vitest"):
    js_project("vitest", {"a.test.mjs": (
        "import { test, describe } from 'vitest';\nimport { createRequire } "
        "from 'node:module';\nconst require = createRequire(import.meta.url);\n"
        + JS + "describe('out', () => {\n" + "".join(
            f"test({js(n)}, () => took({js(n)}));\n" for n in NAMES)
        + "});\n")}, BIN + "/vitest", "run")
if wanted("cucumber"):
    odd = [n for n in ODD if "$" not in n]
    js_project("cucumber", {
        "features/s.js": "const { Given, Before } = require("
        "'@cucumber/cucumber');\n" + JS + "let name;\nBefore(s => { name = "
        "s.pickle.name; });\nGiven('it runs', () => took(name));\n",
        "features/a.feature": "Feature: f\n" + "".join(
            f"  Scenario: {n}\n    Given it runs\n"
            for n in ["good", "never", *odd])},
        BIN + "/cucumber-js", odd=odd)
if wanted("playwright"):
    folder = project("playwright-serial", {
        "package.json": "{}",
        "playwright.config.js": "module.exports = { reporter: [['junit', { "
        "outputFile: 'r.xml' }]], workers: 1 };\n",
        "a.spec.js": "const { test, expect } = require('@playwright/test');\n"
        "test.describe.serial('s', () => { test('one', () => { expect(+"
        "process.env.REJUNIT_ATTEMPT).toBeGreaterThan(0); }); test('two', () =>"
        " { expect(1).toBe(2); }); });\n"})
    if not os.path.exists(f"{TMP}/node_modules"):
        os.symlink(f"{NPM}/node_modules", f"{TMP}/node_modules")
    status, _, err = run(folder, "--report=r.xml", "--", BIN + "/playwright",
                         "test")
    tap.ok(status == 1, "playwright: what was skipped since another failed",
           status, err)
    js_project("playwright", {
        "playwright.config.js": "module.exports = { reporter: [['junit', { "
        "outputFile: 'r.xml' }]], workers: 1 };\n",
        "a.spec.js": "const { test } = require('@playwright/test');\n" + JS
        + "test.describe('out', () => {\n" + "".join(
            f"test({js(n)}, () => took({js(n)}));\n" for n in NAMES) + "});\n"},
        BIN + "/playwright", "test", report="r.xml", options=("--report=r.xml",))
tap.done()
