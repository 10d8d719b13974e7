#!/usr/bin/python3
"""Recipes for CI systems: what they say, and that it runs."""
import configparser
import os
import re
import subprocess

import yaml

import tap

SYSTEMS = ("github", "gitlab", "jenkins", "circleci", "azure", "buildkite",
           "make", "tox")
SHELLS = (("sh", "-e"), ("dash",), ("bash",))


def init(folder, *args):
    status, out, err = tap.run("init", *args, cwd=folder)
    return status, out.decode(), err.decode()


def commands(system, text):
    """What a recipe runs, and the reports that it keeps."""
    if system == "jenkins":
        groovy = {n: re.sub(r"\\(.)", r"\1", v) for n, v in re.findall(
            r"(sh|junit) '((?:[^'\\]|\\.)*)'", text)}
        return groovy["sh"], [groovy["junit"]]
    if system == "make":
        return text.split("\t")[1].strip(), []
    if system == "tox":
        ini = configparser.RawConfigParser()
        ini.read_string(text)
        return re.sub(r"\\(.)", r"\1", ini["testenv"]["commands"].replace(
            " {posargs}", "")), []
    data = yaml.safe_load(text)
    if system == "github":
        return data[0]["run"], data[1]["with"]["path"].split()
    if system == "gitlab":
        return (data["test"]["script"][0],
                [data["test"]["artifacts"]["reports"]["junit"]])
    if system == "circleci":
        # it takes << for something else
        return data[0]["run"]["command"].replace("\\<<", "<<"), [data[1]["store_test_results"]["path"]]
    if system == "azure":
        return data[0]["script"], [data[1]["inputs"]["testResultsFiles"]]
    # an agent fills in variables
    return (data["steps"][0]["command"].replace("$$", "$"),
            data["steps"][0]["artifact_paths"])


PROJECTS = [
    ({"pytest.ini": ""}, "pytest --junit-xml=pytest.xml", "pytest.xml"),
    ({"pyproject.toml": "[tool.pytest.ini_options]\n"},
     "pytest --junit-xml=pytest.xml", "pytest.xml"),
    ({"package.json": '{"devDependencies":{"vitest":"1"}}'}, "npx vitest run",
     "rejunit-report.xml"),
    ({"package.json": '{"devDependencies":{"jest":"1"}}'}, "npx jest",
     "junit.xml"),
    ({"pom.xml": ""}, "mvn -B test", "**/target/surefire-reports/*.xml"),
    ({"CMakeLists.txt": ""}, "ctest --test-dir build", "rejunit-report.xml"),
    ({"meson.build": ""}, "meson test -C build",
     "build/meson-logs/testlog.junit.xml"),
    ({"go.mod": ""}, "gotestsum ./...", "rejunit-report.xml"),
    ({".rspec": ""}, "bundle exec rspec", "rejunit-report.xml"),
    ({"phpunit.xml.dist": ""}, "vendor/bin/phpunit", "rejunit-report.xml"),
]
for files, command, reports in PROJECTS:
    folder = tap.scratch()
    for name, text in files.items():
        tap.write(os.path.join(folder, name), text)
    wrong = []
    for system in SYSTEMS:
        status, out, err = init(folder, system)
        script, kept = commands(system, out) if status == 0 else ("", [])
        options = "--flakes=flaky.txt"
        if system == "jenkins":
            options = "--evidence=jenkins " + options
        if system == "circleci":
            kept = [] if reports.replace("**/", "").startswith(
                kept[0].lstrip(".")) else kept
        if (script.strip() != f"rejunit run {options} -- {command}"
                or kept and reports not in kept):
            wrong.append((system, out, err))
    tap.ok(not wrong, f"{', '.join(files)}: {command}", *wrong)

folder = tap.scratch()
status, out, err = init(folder, "github")
tap.ok(status == 2 and not out and "--command" in err,
       "where nothing shows the runner, it is asked for", status, err)
for args, word in (((), "github"), (("githup",), "there is one for github"),
                   (("a", "b"), "github"),
                   (("--command=a\nb", "make"), "one line"),
                   (("--command=", "make"), "one line"),
                   (("--command=pytest 'a", "make"), "a quote does not end"),
                   (("--command=./mine", "make"), "--report"),
                   (("--command=npx playwright test", "make"), "--report"),
                   (("--command=a\x1bb", "github"), "one line"),
                   (("--command=a\x85b", "github"), "one line"),
                   (("--command=a\u2028b", "github"), "one line")):
    status, out, err = init(folder, *args)
    tap.ok(status == 2 and not out and word in err, f"usage: {args}", err)

odd = tap.scratch()
os.mkfifo(odd + "/pytest.ini")
os.mkdir(odd + "/conftest.py")
tap.write(odd + "/go.mod", "")
status, out, err = init(odd, "make")
tap.ok(status == 0 and "gotestsum" in out, "a pipe and a folder show nothing",
       out, err)
for command, want in (
        ("pytest --junit-xml out/r.xml", "out/r.xml"),
        ('pytest --junit-xml="my dir/p.xml"', "my dir/p.xml"),
        ("pytest --junit-xml=", "rejunit-report.xml"),
        ("pytest --junit-xml=a.xml --junit-xml=b.xml", "b.xml"),
        ("pytest --junit-xml=$OUT/r.xml", "**/*.xml"),
        ("npx vitest run --outputFile.junit=v.xml", "v.xml"),
        ("python3 -m xmlrunner --output-file=u.xml", "u.xml"),
        ("./mvnw test", "**/target/surefire-reports/*.xml"),
        ("gradle test", "**/build/test-results/test/*.xml"),
        ("meson test -C out", "out/meson-logs/testlog.junit.xml"),
        ("pytest", "rejunit-report.xml"),
        ("mvn -B verify", "**/target/surefire-reports/*.xml"),
        ("ctest --output-junit c.xml", "c.xml"),
        ("ctest --test-dir build --output-junit r.xml", "build/r.xml"),
        ("pytest --junit-xml=" + "x" * 2000 + ".xml", "x" * 2000 + ".xml")):
    status, out, err = init(odd, f"--command={command}", "gitlab")
    tap.ok(status == 0 and commands("gitlab", out)[1] == [want],
           f"{command[:40]}: {want}", out, err)
status, out, err = init(odd, "--command=pytest --junit-xml=/r.xml", "circleci")
tap.ok(commands("circleci", out)[1] == ["/"], "a report in the root", out)

# --- they run, whatever the command is ----------------------------------------------

os.mkdir(folder + "/bin")
os.symlink(tap.REJUNIT, folder + "/bin/rejunit")
tap.write(folder + "/bin/pytest", """#!/usr/bin/python3
import os, sys
again = os.environ["REJUNIT_ATTEMPT"] != "0"
open("said", "a").write(repr(sys.argv[1:]) + "\\n")
path = [a for a in sys.argv if a.startswith("--junit-xml=")][0][12:]
open(path, "w").write('<testsuite name="pytest" tests="1"><testcase '
    'classname="t" name="a" file="t.py">%s</testcase></testsuite>' % (
    "" if again else "<failure/>"))
sys.exit(0 if again else 1)
""")
os.chmod(folder + "/bin/pytest", 0o755)
ENV = {**os.environ, "PATH": f"{folder}/bin:{os.environ['PATH']}"}
COMMAND = """pytest -k 'it'"'"'s $x: {y} # "z" << \\\\' --junit-xml=r.xml"""
WANT = """["-k", "it's $x: {y} # \\"z\\" << \\\\\\\\", "--junit-xml=r.xml"]"""


def tried(argv, inputs=None):
    for name in ("said", "flaky.txt", "r.xml"):
        if os.path.exists(f"{folder}/{name}"):
            os.unlink(f"{folder}/{name}")
    p = subprocess.run(argv, cwd=folder, env=ENV, input=inputs, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = (tap.read(folder + "/said") or b"").decode()
    flaky = tap.read(folder + "/flaky.txt")
    return (p.returncode == 0 and flaky and said and eval(
        said.splitlines()[0]) == eval(WANT)), p.stdout, said, flaky


for system in SYSTEMS:
    if system in ("make", "tox"):
        continue
    status, out, _ = init(folder, f"--command={COMMAND}", system)
    script, kept = commands(system, out)
    for shell in SHELLS:
        ok, *why = tried([*shell, "-c", script])
        tap.ok(ok and (not kept or "r.xml" in kept or kept == ["."]),
               f"{system}: {' '.join(shell)}", script, kept, *why)
status, out, _ = init(folder, f"--command={COMMAND}", "make")
tap.write(folder + "/Makefile", out)
ok, *why = tried(["make", "test"])
tap.ok(ok, "make", out, *why)
tox = COMMAND.replace("#", "")
status, out, _ = init(folder, f"--command={tox}", "tox")
tap.write(folder + "/tox.ini", out)
p = subprocess.run(["/usr/bin/tox", "--showconfig"], cwd=folder, text=True,
                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
said = re.search(r"^commands = \[(\[.*\])\]$", p.stdout, re.M)
want = subprocess.run(["sh", "-c", "for i; do printf '%s\\0' \"$i\"; done"
                       .replace("for i", f"set -- {tox}; for i")],
                      stdout=subprocess.PIPE, text=True, env={"x": "$x"},
                      check=True)
tap.ok(said and eval(said[1])[4:] == want.stdout.split("\0")[:-1],
       "tox reads what was meant", out, p.stdout[-800:], want.stdout)
tap.done()
