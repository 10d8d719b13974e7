#!/usr/bin/python3
"""The lists are read back by programs that nobody here wrote."""
import csv
import html
import io
import json
import os
import re
import subprocess
import xml.sax.saxutils

import jsonschema

import tap

NASTY = [
    "plain", "=cmd|' /C calc'!A0", "+1", "-rf", "@SUM(A1)", "\t=1",
    "`x`", "``", "<img src=x onerror=alert(1)>", "a|b", "**bold** _it_",
    "[a](http://x.invalid)", "::error::pwned", "%0A::error::pwned",
    "line\nbreak", "\x85next", "quote\"d", "comma,semi;colon", "caf\u00e9",
    "\u202egnp.exe", "# head", "- item", "| a | b |", "&lt;&amp;",
]


def attribute(s):
    return xml.sax.saxutils.quoteattr(
        s, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;", "\x85": "&#x85;"})


def report(outcome):
    body = '<failure type="E" message=%s>trace</failure>' \
        if outcome == "failed" else ""
    return "<testsuite name=\"s\" failures=\"%d\">%s</testsuite>" % (
        len(NASTY) if body else 0,
        "".join("<testcase classname=%s name=%s file=%s>%s</testcase>" % (
            attribute(n), attribute("t " + n), attribute(n),
            body % attribute("why " + n) if body else "") for n in NASTY))


folder = tap.scratch()
tap.write(folder + "/o.xml", report("failed"))
tap.write(folder + "/r.xml", report("passed"))


def listed(form):
    status, out, err = tap.run("update", "o.xml", "r.xml", "-q", "-o",
                               "new.xml", "--flakes-format=" + form,
                               cwd=folder)
    tap.ok(status == 0, f"{form}: exit 0", err.decode())
    return out.decode("utf-8")


schema = {n: json.load(open(os.path.join(tap.TOP, "doc", n + ".schema.json")))
          for n in ("flakes", "decisions")}
data = json.loads(listed("json"))
names = [f["name"] for f in data["flaky"]]
tap.ok(names == ["t " + n for n in NASTY], "JSON has every name as it is",
       *set(names) ^ {"t " + n for n in NASTY})
ids = [f["id"] for f in data["flaky"]]

lines = listed("text").split("\n")
tap.ok(lines.pop() == "" and lines == ids, "an id is one line")
tap.ok(not any(re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", i) for i in ids)
       and not any(i.startswith("-") for i in ids),
       "with nothing in it that a terminal or a command line acts on", *ids)

rows = list(csv.DictReader(io.StringIO(listed("csv"), newline="")))
plain = [re.sub(r"^'(?=[=+\-@\t\r\n|%])", "", r["name"]) for r in rows]
tap.ok(plain == names and [r["id"].lstrip("'") for r in rows] == ids,
       "CSV says the same")
tap.ok(not any(v[:1] in "=+-@\t\r\n" for r in rows
               for v in r.values() if v), "and no cell is a formula")
tap.ok([r["signature"] for r in rows]
       == [f["executions"][0]["signature"] for f in data["flaky"]],
       "and has the same signatures")

text = listed("github")
commands = text.splitlines()
tap.ok(len(commands) == 10 and all(c.startswith("::warning ")
                                   for c in commands)
       and commands[-1].endswith(f"{len(NASTY) - 9} more"),
       "ten annotations, and how many more there are", text)
tap.ok(all(re.fullmatch(r"::warning [^\x00-\x1f]*::[^\x00-\x1f]*", c)
           for c in commands), "each on a line of its own", text)

markdown = listed("markdown")
page = subprocess.run(["cmark", "--unsafe"], input=markdown.encode(),
                      stdout=subprocess.PIPE).stdout.decode()
spans = [html.unescape(s) for s in re.findall(r"<code>(.*?)</code>", page)]
shown = [re.sub(r"^\./", "", i) for i in ids]  # a name for people
tap.ok([s for s in spans if s in shown] == shown, "a Markdown renderer shows "
       "the same tests", page[:2000])
rest = re.sub(r"<code>.*?</code>", "", page)
tap.ok(not re.search(r"<(img|a|strong|em)\b|onerror", rest)
       and rest.count("<li>") == len(NASTY),
       "and nothing else is markup", rest[:1500])

# --- two lists at once, and a filter that several tests share

ROWS = "".join(f'<testcase classname="com.acme.BarTest" name="y(int)[{i}]">'
               "%s</testcase>" for i in (1, 2, 3))
SUREFIRE = ('<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            'xsi:noNamespaceSchemaLocation="https://maven.apache.org/surefire/'
            'maven-surefire-plugin/xsd/surefire-test-report.xsd" '
            'name="com.acme.BarTest" tests="3" failures="%d">%s</testsuite>')
tap.write(folder + "/o.xml", SUREFIRE % (3, ROWS % (
    ('<failure message="no" type="E"/>',) * 3)))
tap.write(folder + "/r.xml", SUREFIRE % (1, ROWS % (
    "", "", '<failure message="no" type="E"/>')))
status, out, err = tap.run(
    "update", "o.xml", "r.xml", "-o", "new.xml", "--flakes=all.json",
    "--flakes=plain", "--flakes=sum", "--flakes-format=markdown",
    "--flakes=a.csv", "--flakes=note", "--flakes-format=github", cwd=folder)
got = {n: (tap.read(f"{folder}/{n}") or b"").decode()
       for n in ("all.json", "plain", "sum", "a.csv", "note")}
tap.ok(status == 1 and out == b"" and len(json.loads(got["all.json"])["flaky"])
       == 2 and got["a.csv"].startswith("id,") and "### Flaky: 2" in got["sum"],
       "each --flakes has its own format", err.decode(), got)
tap.ok(got["plain"] == "com.acme.BarTest#y*\n" * 2,
       "a list of ids has the runner's filter", got["plain"])
names = [f"com.acme.BarTest#y(int)[{i}]" for i in (1, 2, 3)]
for what, text in (("the summary", err.decode()), ("Markdown", got["sum"]),
                   ("annotations", got["note"])):
    tap.ok(all(text.count(n) == 1 for n in names) and "#y*" not in text,
           f"{what}: every test by its name", text)
tap.ok(re.findall(r"^::(\w+) title=([^:]*)::.*#y\(int\)\[(\d)\]", got["note"],
                  re.M) == [("warning", "Flaky test (recovered)", "1"),
                            ("warning", "Flaky test (recovered)", "2"),
                            ("error", "Failing test (still-failing)", "3")],
       "what still fails is annotated, too", got["note"])
tap.ok("[3]` (still failing, same failure): `no`" in got["sum"],
       "a summary says that it failed in the same way", got["sum"])
tap.write(folder + "/r2.xml", SUREFIRE % (1, ROWS % (
    "", "", '<failure message="another" type="F"/>')))
_, out, _ = tap.run("update", "-q", "o.xml", "r2.xml", "-o", "new.xml",
                    "--flakes-format=markdown", cwd=folder)
tap.ok(b"[3]` (still failing, in another way): `no`" in out,
       "or in another one", out)
_, out, _ = tap.run("show", "o.xml", cwd=folder)
tap.ok(all(n.encode() in out for n in names), "show names them", out)
_, out, _ = tap.run("update", "-q", "o.xml", "r.xml", "-o", "new.xml",
                    "--flakes=x", "--flakes=-", "--flakes-format=csv",
                    cwd=folder)
tap.ok(out.startswith(b"id,") and tap.read(folder + "/x").startswith(b"com."),
       "so has standard output", out)
os.unlink(folder + "/x")
status, _, err = tap.run("update", "o.xml", "r.xml", "-o", "new.xml",
                         "--flakes=x.json", "--flakes=x.json", cwd=folder)
tap.ok(status == 2 and b"named twice" in err, "two lists are two files", err)
status, _, err = tap.run("update", "o.xml", "r.xml", "-o", "new.xml",
                         *[f"--flakes=l{i}" for i in range(9)], cwd=folder)
tap.ok(status == 2 and b"8" in err and not os.path.exists(folder + "/l0"),
       "there is an end to it", err)

# --- a file where pytest's node id has one

PYTEST = ('<testsuites><testsuite name="pytest" hostname="h" tests="1" '
          'failures="%d"><testcase classname="tests.test_a.TestX" name="t">%s'
          '</testcase></testsuite></testsuites>')
tap.write(folder + "/o.xml", PYTEST % (1, '<failure message="no"/>'))
tap.write(folder + "/r.xml", PYTEST % (0, ""))
text = listed("github")
tap.ok(text == "::warning file=tests/test_a.py,title=Flaky test (recovered)::"
       "tests/test_a.py::TestX::t: no\n", "annotations name pytest's file", text)

many = [f'<testcase classname="c" name="{"x" * 200}{i}">%s</testcase>'
        for i in range(9000)]
suite = "<testsuite name=\"s\">%s</testsuite>"
tap.write(folder + "/o.xml", suite % "".join(
    c % '<failure message="m"/>' for c in many))
tap.write(folder + "/r.xml", suite % "".join(c % "" for c in many))
text = listed("markdown")
tap.ok(len(text) < 1 << 20 and re.search(r"^- and \d+ more$", text, re.M),
       "a job summary stays below its limit", len(text))

for name, at in tap.cases():
    for which in ("flakes", "decisions"):
        found = tap.read(os.path.join(at, f"expected.{which}.json"))
        if found is None:
            continue
        try:
            jsonschema.validate(json.loads(found), schema[which])
        except jsonschema.ValidationError as e:
            tap.ok(False, f"{name}: {which} follow their schema", e.message)
            break
tap.ok(True, "the golden lists follow their schemas")
tap.done()
