#!/usr/bin/python3
"""What reports say, for a person and for a program."""
import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import termios

import jsonschema

import model
import tap

TMP = tap.scratch()
SCHEMA = json.loads(tap.read(os.path.join(tap.TOP, "doc",
                                          "show.schema.json")))


def write(name, data):
    return tap.write(os.path.join(TMP, name), data)


def show(*args):
    status, out, err = tap.run("show", "--json", *args, cwd=TMP)
    data = json.loads(out) if out else None
    if data:
        jsonschema.validate(data, SCHEMA)
    return status, data, err.decode()


for name, folder in tap.cases():
    at = os.path.join(folder, "expected.xml")
    if not os.path.exists(at):
        continue
    status, data, err = show(at)
    report = model.Report(tap.read(at))
    outcomes = [model.outcome(c) for _, c, _ in report.cases]
    flaky = sum(o == "passed" and any(model.local(x).startswith("flaky")
                                      for x in c)
                for o, (_, c, _) in zip(outcomes, report.cases))
    want = {"cases": len(outcomes), "passed": outcomes.count("passed"),
            "failed": outcomes.count("failed"),
            "errors": outcomes.count("error"),
            "skipped": outcomes.count("skipped"), "flaky": flaky}
    got = {k: data["totals"][k] for k in want}
    bad = want["failed"] + want["errors"]
    tap.ok(got == want and len(data["failing"]) == bad
           and len(data["flaky"]) == flaky
           and status == (1 if bad + data["totals"]["loose"] else 0),
           f"{name}: the numbers are right", want, got, err)

TIMES = [0.25, 3, 0, 10.5, 1.125, 2]
write("t.xml", '<testsuites>%s</testsuites>' % "".join(
    f'<testsuite name="s{i}" time="{t * 2}"><testcase name="t{i}" time="{t}"/>'
    '</testsuite>' for i, t in enumerate(TIMES)))
status, data, _ = show("t.xml", "--slowest=3")
tap.ok([e["time"] for e in data["slowest"]] == ["10.500", "3.000", "2.000"]
       and data["totals"]["time"] == "33.750" and status == 0,
       "the slowest come first, and suites say the time", data)
write("u.xml", '<testsuite name="s"><testcase name="t" time="0.5"/><testcase '
      'name="u" time="1,000.25"><failure message="why"/></testcase>'
      '</testsuite>')
status, data, _ = show("t.xml", "u.xml")
tap.ok(data["totals"]["time"] == "1034.500" and len(data["reports"]) == 2
       and data["failing"][0]["message"] == "why"
       and re.match("v2:", data["failing"][0]["signature"]) and status == 1,
       "several reports are summed up", data)

write("t.xml", '<testsuite name="s">' +
      '<testcase name="t" time="900000000"/>' * 11 + '</testsuite>')
status, data, _ = show("t.xml", "t.xml")
tap.ok(data["totals"]["time"] == "9223372036.854775807" and status == 0,
       "a sum of times ends at the largest there is", data["totals"])

EVIL = "\x85\u202e\u200bx" + "\u4e2d" * 60
write("evil.xml", f'<testsuite name="s">' + "".join(
    f'<testcase name="{EVIL}{i}" time="1"><failure message="{EVIL}"/>'
    '</testcase>' for i in range(30)) + '</testsuite>')


def on_terminal(columns, *args, **variables):
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns,
                                                       0, 0))
    env = {**os.environ, "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    env.update(variables)
    p = subprocess.Popen([tap.REJUNIT, "show", *args], cwd=TMP, stdout=slave,
                         stderr=slave, env=env)
    os.close(slave)
    out = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        out += part
    p.wait()
    os.close(master)
    return out.decode()


def width(line):
    return sum(2 if c >= "\u2e80" else 1 for c in line)


def terminals():
    tap.ok("\033[" in on_terminal(80, "u.xml")
           and "\033" not in on_terminal(80, "u.xml", NO_COLOR="1")
           and "\033" not in on_terminal(80, "u.xml", TERM="dumb")
           and b"\033" not in tap.run("show", "u.xml", cwd=TMP)[1],
           "colours are for terminals, and not for who wants none")
    for columns in (40, 80, 132):
        text = on_terminal(columns, "evil.xml")
        plain = re.sub(r"\x1b\[[\d;]*m", "", text)
        lines = plain.split("\r\n")
        tap.ok(max(map(width, lines)) <= columns and "\x1b" in text
               and not re.search("[\x85\u202e\u200b]", plain),
               f"a terminal of {columns} columns is respected",
               max(lines, key=width), max(map(width, lines)))
    tap.ok("... and 10 more" in plain, "and not flooded", plain)


def has_terminals():
    try:
        for fd in pty.openpty():
            os.close(fd)
        return True
    except OSError:
        return False


if has_terminals():
    terminals()
else:
    tap.skip("what a terminal is shown", "no terminal can be opened here")
_, out, _ = tap.run("show", "evil.xml", cwd=TMP)
tap.ok(b"\x1b" not in out and ("\u4e2d" * 60).encode() in out,
       "a file gets no colour, and whole lines")
_, out, _ = tap.run("show", "--limit=0", "--slowest=0", "evil.xml", cwd=TMP)
tap.ok(len(out.splitlines()) == 2, "lists may be left out", out)
tap.ok(show("absent.xml")[0] == 3, "what cannot be read is an error")
tap.ok(show("--exit-zero", "evil.xml")[0] == 0, "failing tests may be no "
       "reason to fail")
for args in ([], ["--limit=x", "t.xml"], ["--limit=-1", "t.xml"], ["-", "-"]):
    tap.ok(tap.run("show", *args, cwd=TMP)[0] == 2, f"wrong usage: {args}")
tap.done()
