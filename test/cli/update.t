#!/usr/bin/env python3
"""What the command does with its options, its files and bad input."""
import fcntl
import json
import os
import pty
import resource
import signal
import stat
import struct
import subprocess
import tempfile
import termios
import threading
import time

import tap

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
PASS = '<testcase classname="m" name="%s" time="0.5"/>'
FAIL = ('<testcase classname="m" name="%s" time="0.1">'
        '<failure message="no">why\nnot</failure></testcase>')
ERROR = ('<testcase classname="m" name="%s" time="0.1">'
         '<error message="broken" type="E">trace</error></testcase>')
SKIP = '<testcase classname="m" name="%s"><skipped/></testcase>'


def suite(*cases, name="s", failures=None, errors=None):
    f = sum("<failure" in c for c in cases) if failures is None else failures
    e = sum("<error" in c for c in cases) if errors is None else errors
    s = sum("<skipped" in c for c in cases)
    return (f'<testsuite name="{name}" tests="{len(cases)}" failures="{f}" '
            f'errors="{e}" skipped="{s}">\n' + "\n".join(cases) +
            "\n</testsuite>")


def report(*suites):
    return HEAD + "<testsuites>\n" + "\n".join(suites) + "\n</testsuites>\n"


def pair(original, rerun):
    """A folder with two reports, o.xml and r.xml."""
    folder = tap.scratch()
    tap.write(os.path.join(folder, "o.xml"), original)
    tap.write(os.path.join(folder, "r.xml"), rerun)
    return folder


def update(folder, *args, **kw):
    return tap.run("update", *args, cwd=folder, **kw)


ORIGINAL = report(suite(PASS % "a", FAIL % "b", ERROR % "c", SKIP % "d"))
RERUN = report(suite(PASS % "b", ERROR % "c"))
FIXED = report(suite(PASS % "b", PASS % "c"))


def text(data):
    return data.decode("utf-8", "replace")


# --- where the output goes

folder = pair(ORIGINAL, RERUN)
status, out, err = update(folder, "o.xml", "r.xml")
tap.ok(status == 1 and b"flakyFailure" in out and b"rejunit: 4 cases" in err,
       "the report goes to standard output, the summary to standard error",
       text(out), text(err))
status, listed, _ = update(folder, "o.xml", "r.xml", "-o", "new.xml", "-q")
tap.ok(tap.read(folder + "/new.xml") == out and listed == b"m::b\n",
       "with -o the report goes there, the flake list to standard output")
status, again, _ = update(folder, "o.xml", "r.xml", "-o", "new.xml", "-q",
                          "--flakes=-")
tap.ok(again == listed and update(folder, "o.xml", "r.xml", "--flakes=-")[0]
       == update(folder, "o.xml", "r.xml", "--decisions=-")[0] == 2,
       "- is standard output for the list, if the report goes elsewhere")
tap.ok(tap.read(folder + "/o.xml").decode() == ORIGINAL,
       "the original stays as it was")
_, piped, _ = update(folder, "-", "r.xml", "-q", stdin=ORIGINAL.encode())
tap.ok(piped == out, "- is standard input")
_, piped, _ = update(folder, "o.xml", "-", "-q", stdin=RERUN.encode())
tap.ok(piped == out, "also for a rerun")
with tempfile.TemporaryFile(buffering=0) as two:
    two.write((ORIGINAL + RERUN).encode())
    two.seek(len(ORIGINAL.encode()))
    p = subprocess.run([tap.REJUNIT, "update", "o.xml", "-", "-q"], stdin=two,
                       stdout=subprocess.PIPE, cwd=folder)
tap.ok(p.stdout == out, "which is read from where it stands")
status, said, _ = update(folder, "o.xml", "r.xml", "--dry-run", "-q")
tap.ok(status == 1 and [d["after"] for d in json.loads(said)["decisions"]]
       == ["passed", "error"],
       "--dry-run prints the decisions", text(said))

status, again, _ = update(folder, "-n", "-i", "o.xml", "r.xml", "-q",
                          "--flakes=no.txt")
tap.ok(again == said and not os.path.exists(folder + "/no.txt")
       and tap.read(folder + "/o.xml").decode() == ORIGINAL,
       "whatever it was to write", text(again))

os.chmod(folder + "/o.xml", 0o640)
os.symlink("o.xml", folder + "/link.xml")
status, _, err = update(folder, "-i", "link.xml", "r.xml", "-q")
tap.ok(status == 1 and os.path.islink(folder + "/link.xml")
       and tap.read(folder + "/o.xml") == out,
       "--in-place follows a symbolic link to its target", text(err))
mode = stat.S_IMODE(os.stat(folder + "/o.xml").st_mode)
tap.ok(mode == 0o640, "and keeps the mode", oct(mode))
before = os.stat(folder + "/o.xml")
update(folder, "-i", "o.xml", "r.xml", "-q")
after = os.stat(folder + "/o.xml")
tap.ok((before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns),
       "nothing is written where nothing changes")
tap.ok(sorted(os.listdir(folder)) == ["link.xml", "new.xml", "o.xml", "r.xml"],
       "no other file is left behind", os.listdir(folder))

folder = pair(ORIGINAL, FIXED)
tap.write(folder + "/.rejunit-o.xml", "left by a crash")
status, _, err = update(folder, "-i", "o.xml", "r.xml", "-q")
tap.ok(status == 0 and not os.path.exists(folder + "/.rejunit-o.xml"),
       "what a crash left behind is taken over", text(err))

folder = pair(ORIGINAL, FIXED)
with open(folder + "/.rejunit-o.xml", "w") as lock:
    fcntl.flock(lock, fcntl.LOCK_EX)
    done = []
    second = threading.Thread(target=lambda: done.append(
        update(folder, "-i", "o.xml", "r.xml", "-q")))
    second.start()
    time.sleep(0.3)
    waited = not done and tap.read(folder + "/o.xml").decode() == ORIGINAL
second.join()
tap.ok(waited and done[0][0] == 0
       and b"flakyError" in tap.read(folder + "/o.xml"),
       "a second update of the same file waits for the first")

many = [FAIL % f"t{i}" for i in range(8)]
folder = pair(report(suite(*many)), FIXED)
threads = []
for i in range(8):
    tap.write(f"{folder}/r{i}.xml", report(suite(PASS % f"t{i}")))
    threads.append(threading.Thread(target=update, args=(
        folder, "-i", "o.xml", f"r{i}.xml", "-q")))
for t in threads:
    t.start()
for t in threads:
    t.join()
result = tap.read(folder + "/o.xml")
tap.ok(result.count(b"<flakyFailure") == 8 and b'failures="0"' in result,
       "eight at once: none is lost", text(result))

# --- a long report: threads of its own read and write it

cases = [(FAIL if i % 1000 == 7 else PASS) % f"t{i}" + "\n" + " " * (i % 300)
         for i in range(40000)]
folder = pair(report(suite(*cases)),
              report(suite(*(PASS % f"t{i}" for i in range(7, 40000, 1000)))))
status, piped, err = update(folder, "o.xml", "r.xml", "-q")
tap.ok(status == 0 and len(piped) > 8000000 and piped.count(b"<testcase") == 40000
       and piped.count(b"<flakyFailure") == 40 and b'failures="0"' in piped,
       "a long report to a pipe", text(err))
with open(folder + "/out.xml", "wb") as out:
    subprocess.run([tap.REJUNIT, "update", "o.xml", "r.xml", "-q"],
                   cwd=folder, stdout=out, check=True)
tap.ok(tap.read(folder + "/out.xml") == piped, "the same to a file")
update(folder, "o.xml", "r.xml", "-q", "-o", "new.xml")
tap.ok(tap.read(folder + "/new.xml") == piped, "the same with -o")


def limit_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6000000, 6000000))


for args, what in (((), "standard output"), (("-o", "new.xml"), "-o")):
    with open(folder + "/out.xml", "wb") as out:
        p = subprocess.run([tap.REJUNIT, "update", "o.xml", "r.xml", "-q",
                            *args], cwd=folder, stdout=out, check=False,
                           stderr=subprocess.PIPE, preexec_fn=limit_size)
    tap.ok(p.returncode == 4 and p.stderr.count(b"\n") == 1,
           f"a file that grows too large, {what}: exit 4", text(p.stderr))
tap.ok(tap.read(folder + "/new.xml") == piped and
       sorted(os.listdir(folder)) == ["new.xml", "o.xml", "out.xml", "r.xml"],
       "and what was there before stays", str(os.listdir(folder)))

# --- output that cannot be written

folder = pair(ORIGINAL, RERUN)
status, _, err = update(folder, "o.xml", "r.xml", "-o", "/dev/full", "-q")
tap.ok(status == 4 and b"/dev/full" in err, "/dev/full: exit 4", text(err))
with open("/dev/full", "w") as full:
    p = subprocess.run([tap.REJUNIT, "update", "o.xml", "r.xml", "-q"],
                       cwd=folder, stdout=full, stderr=subprocess.PIPE)
tap.ok(p.returncode == 4 and p.stderr.count(b"\n") == 1,
       "a full standard output: exit 4", text(p.stderr))
for name, where in (("a folder", "."), ("no folder", "none/x.xml")):
    status, _, err = update(folder, "o.xml", "r.xml", "-o", where, "-q")
    tap.ok(status == 4, f"-o {name}: exit 4", text(err))
os.mkfifo(folder + "/fifo")
status, _, err = update(folder, "o.xml", "r.xml", "-o", "fifo", "-q")
tap.ok(status == 4, "-o a FIFO: exit 4", text(err))

# --- input that cannot be trusted

GOOD = ORIGINAL
BROKEN = {
    "not well-formed": (GOOD.replace("</failure>", "</fail>"), ":6:"),
    "truncated": (GOOD[:-30], ":"),
    "empty": ("", ":1:1:"),
    "not XML": ("hello\n", ":1:1:"),
    "not JUnit": ("<html/>", ":1:1:"),
    "a DOCTYPE": (GOOD.replace("?>\n", '?>\n<!DOCTYPE x [<!ENTITY e "e">]>', 1),
                  ":2:"),
    "an entity": (GOOD.replace("why", "&why;"), ":5:"),
    "two reports": (GOOD + GOOD, ":11:"),
    "an illegal character": (GOOD.replace("why", "wh\x01y"), ":5:"),
    "wrong encoding": (GOOD.replace("why", "\xff").encode("latin-1"), ":5:"),
    "unknown encoding": (GOOD.replace("utf-8", "x-none"), ":1:1:"),
    "depth": ("<testsuites>" + "<a>" * 600 + "</a>" * 600 + "</testsuites>",
              ":1:"),
}
for what, (data, place) in BROKEN.items():
    for bad, other in (("o.xml", "r.xml"), ("r.xml", "o.xml")):
        folder = pair(GOOD, RERUN)
        tap.write(f"{folder}/{bad}", data)
        status, out, err = update(folder, "o.xml", "r.xml", "-o", "new.xml")
        tap.ok(status == 3 and out == b"" and err.count(b"\n") == 1
               and (bad + place).encode() in err
               and not os.path.exists(folder + "/new.xml"),
               f"{what} in {bad}: exit 3, one message with its place",
               status, text(err))
# the words are our own, whichever libxml2 finds it
CUT = "the report is cut off"
ESCAPE = '"<" or "&" stands for itself, and has to be escaped'
NO_VALUE = "an attribute has no value in quotes"
NO_END = "an end tag is not that of the last element that was opened"
BAD_CHARACTER = "a character that XML forbids; repairing makes it visible"
for old, new, words in (
        ("why", "a & b", ESCAPE), ("why", "a < b", ESCAPE),
        ("why", "if (a<1)", ESCAPE), ("why", "&amp b", ESCAPE),
        ("why", "List<String>", NO_END), ("</failure>", "", NO_END),
        ("why", "&nbsp;", "an entity that XML does not know"),
        ("why", "&#xzz;", "a character's number is none"),
        ("why", "&#x1b;", BAD_CHARACTER), ("why", "\0", BAD_CHARACTER),
        ("why", "\ufffe", BAD_CHARACTER),
        ("why", "a ]]> b", '"]]>" stands in plain text, or ended a CDATA '
         "section early"),
        ("why", "<!-- a -- b -->", '"--" stands in a comment'),
        ("why", "<?xml version='1.0'?>", "an XML declaration that is not at "
         "the beginning; several reports in one file have to be split"),
        ("<failure ", "<failure a ", NO_VALUE),
        ("<failure ", "<failure a=b ", NO_VALUE),
        ("<failure ", '<failure a="say "no"" ', NO_VALUE),
        ("<failure ", '<failure a="" a="" ',
         "an attribute stands twice in one tag"),
        ('">why', ">why", '"<" stands in the value of an '
         "attribute, or a quote is missing"),
        ("</failure>", "</failure x>", "a tag does not end"),
        ("?>", ">", "the XML declaration has not its form")):
    folder = pair(GOOD.replace(old, new, 1), RERUN)
    status, _, err = update(folder, "o.xml", "r.xml", "-q")
    said = err.decode().rstrip("\n").split(": ", 2)[-1]
    tap.ok(status == 3 and said.replace("not well-formed: ", "") == words,
           f"{new!r} for {old!r}: {words}", text(err))
found = []
start, end = GOOD.index("?>") + 2, GOOD.rindex(">")
for n in [*range(1, start), *range(GOOD.index(" ", start), end)]:
    folder = pair(GOOD[:n], RERUN)
    status, _, err = update(folder, "o.xml", "r.xml", "-q")
    if status != 3 or not err.decode().endswith(f": {CUT}\n"):
        found.append((GOOD[max(n - 20, 0):n], text(err)))
tap.ok(not found, f"wherever a report ends: {CUT}", *found)
folder = pair(GOOD, GOOD.replace("why", "wh\x01y"))
status, out, err = update(folder, "-i", "o.xml", "r.xml")
tap.ok(status == 3 and tap.read(folder + "/o.xml").decode() == GOOD
       and sorted(os.listdir(folder)) == ["o.xml", "r.xml"],
       "a refused update in place leaves nothing behind", text(err))
for what, path in (("missing", "none.xml"), ("a folder", "."),
                   ("a device", "/dev/zero")):
    status, _, err = update(folder, path, "r.xml")
    tap.ok(status == 3 and err.count(b"\n") == 1, f"{what}: exit 3", text(err))

# --- reruns that prove nothing

INTERNAL = report('<testsuite name="pytest" tests="1"><testcase '
                  'classname="pytest" name="internal"><error message='
                  '"internal error">x</error></testcase></testsuite>')
for what, rerun in (
        ("no test case", report(suite())),
        ("pytest's internal error", INTERNAL),
        ("no relation", report(suite(PASS.replace('"m"', '"n"') % "z")))):
    folder = pair(ORIGINAL, rerun)
    status, out, err = update(folder, "o.xml", "r.xml")
    tap.ok(status == 3 and out == b"" and b"r.xml: " in err,
           f"a rerun that is {what} is refused", text(err))
folder = pair(ORIGINAL, ORIGINAL)
os.link(os.path.join(folder, "o.xml"), os.path.join(folder, "link.xml"))
os.symlink("o.xml", os.path.join(folder, "symlink.xml"))
for name in ("o.xml", "./o.xml", "link.xml", "symlink.xml"):
    status, out, err = update(folder, "o.xml", name)
    tap.ok(status == 3 and out == b"" and b"is the original itself" in err,
           f"a rerun that is the original itself is refused: {name}",
           text(err))
status, out, err = update(folder, "o.xml", "r.xml")
tap.ok(status == 1 and out == ORIGINAL.encode() and b"still failing" in err,
       "one that fails byte for byte as before is a rerun", text(err))
folder = pair(report(suite(PASS % "a")), report(suite()))
tap.ok(update(folder, "o.xml", "r.xml")[0] == 0,
       "over an original without bad cases an empty one is fine")

# --- cases where none belong

for what, lost in (
        ("an unknown element", f"<group>{FAIL % 'x'}</group>"),
        ("a suite in one", f"<group>{suite(FAIL % 'x')}</group>"),
        ("a case", PASS.replace("/>", ">%s</testcase>") % ("y", FAIL % "x")),
        ("one that says so",
         '<g><testcase name="x" status="Failed"/></g>')):
    folder = pair(report(suite(FAIL % "b", lost)), report(suite(PASS % "b")))
    status, out, err = update(folder, "o.xml", "r.xml")
    tap.ok(status == 1 and b"belong to no case: 1" in err and
           b"1 bad before, 0 now" in err,
           f"a failure in {what} is not forgotten", text(err))
folder = pair(report(suite(FAIL % "b", f"<group>{PASS % 'x'}</group>")),
              report(suite(PASS % "b")))
tap.ok(update(folder, "o.xml", "r.xml")[0] == 0, "a pass in one is no failure")
for command in (("update", "o.xml", "r.xml"), ("merge", "o.xml"),
                ("show", "o.xml")):
    folder = pair("<testsuites><suite><test result='failure'/></suite>"
                  "</testsuites>", report(suite(PASS % "b")))
    status, out, err = tap.run(*command, cwd=folder)
    tap.ok(status == 3 and b"o.xml:1:" in err and b"but <suite>" in err,
           f"{command[0]}: another language is no JUnit", text(err))
for empty in ("<testsuites/>", "<testsuites><datetime>x</datetime></testsuites>",
              "<testsuite><properties><property/></properties></testsuite>"):
    folder = pair(empty, report(suite(PASS % "b")))
    tap.ok(update(folder, "o.xml", "r.xml")[0] == 0,
           f"but a report may be empty: {empty[:30]}")

STAMP = 'name="s" timestamp="2026-01-01T12:00:0%d.5"'
folder = pair(ORIGINAL.replace('name="s"', STAMP % 5),
              RERUN.replace('name="s"', STAMP % 4))
status, _, err = update(folder, "o.xml", "r.xml")
tap.ok(status == 1 and b"r.xml: says that it ran at 2026-01-01T12:00:04" in err,
       "a rerun from before the original is pointed at", text(err))
folder = pair(ORIGINAL.replace('name="s"', STAMP % 5),
              RERUN.replace('name="s"', STAMP % 5))
tap.ok(b"warning" not in update(folder, "o.xml", "r.xml")[2],
       "one from the same second is not")

# --- options

folder = pair(ORIGINAL, FIXED)
for limit, want in (("2", 0), ("1", 3), ("100%", 0), ("99%", 3), ("0", 3)):
    status, out, err = update(folder, "o.xml", "r.xml",
                              f"--max-recovered={limit}")
    tap.ok(status == want and (out == b"") == (want == 3),
           f"--max-recovered={limit}: exit {want}", text(err))
tap.ok(update(folder, "o.xml", "r.xml", "--fail-on-flaky")[0] == 1,
       "--fail-on-flaky: a recovered test is an exit 1")
folder = pair(ORIGINAL, RERUN)
tap.ok(update(folder, "o.xml", "r.xml", "--exit-zero")[0] == 0,
       "--exit-zero makes it 0")
folder = pair(report(suite(PASS % "a")), report(suite(FAIL % "a")))
status, _, err = update(folder, "o.xml", "r.xml")
tap.ok(status == 0 and b"regressed" in err, "a regressed test still passes")
tap.ok(update(folder, "o.xml", "r.xml", "--fail-on-flaky")[0] == 1,
       "--fail-on-flaky: a regressed test is an exit 1")

folder = pair(ORIGINAL, FIXED)
for style, want in (("surefire", (1, 1)), ("jenkins", (2, 0)),
                    ("none", (0, 0))):
    _, out, _ = update(folder, "o.xml", "r.xml", f"--evidence={style}")
    got = out.count(b"<flakyFailure"), out.count(b"<flakyError")
    tap.ok(got == want, f"--evidence={style}", got, text(out))

folder = pair(ORIGINAL, report(suite(FAIL % "b", ERROR % "c")))
_, out, _ = update(folder, "o.xml", "r.xml", "--append-reruns")
tap.ok(out.count(b"<rerunFailure") == 1 and out.count(b"<rerunError") == 1
       and b'failures="1"' in out, "--append-reruns", text(out))
_, out, _ = update(folder, "o.xml", "r.xml")
tap.ok(out.decode() == ORIGINAL, "without it a failing case keeps its bytes")

wrong = report(suite(PASS % "a", FAIL % "b", failures=7, errors=3))
folder = pair(wrong, report(suite(PASS % "b")))
_, out, err = update(folder, "o.xml", "r.xml", "--recount")
tap.ok(b'failures="0" errors="0"' in out, "--recount counts the cases",
       text(out))
_, out, err = update(folder, "o.xml", "r.xml")
tap.ok(b'failures="6" errors="3"' in out and b"no way of counting" in err,
       "without it, unexplained counters go down by what changed", text(out))

one = PASS.replace(' name', ' file="x.py" name') % "b"
two = FAIL.replace(' name', ' file="y.py" name', 1) % "b"
folder = pair(report(suite(two)), report(suite(one)))
_, out, _ = update(folder, "o.xml", "r.xml")
tap.ok(b"<failure" in out and out.count(b"<testcase") == 2,
       "another file is another test", text(out))
_, out, _ = update(folder, "o.xml", "r.xml", "--match=classname,name")
tap.ok(b"flakyFailure" in out, "--match fixes what tells tests apart",
       text(out))

folder = pair(ORIGINAL.replace("why", "wh\x01y&#27;"), RERUN)
status, out, err = update(folder, "o.xml", "r.xml", "--repair")
tap.ok(status == 1 and b"wh\\x01y\\x1b" in out and b"o.xml:5: " in err,
       "--repair makes illegal characters visible, and says so",
       text(out), text(err))
folder = pair(ORIGINAL.replace("wh", "w]]>h"), RERUN)
status, out, err = update(folder, "o.xml", "r.xml", "--repair")
tap.ok(status == 1 and b"w]]&gt;hy" in out, "and a ]]> in plain text",
       text(out), text(err))
folder = pair(ORIGINAL.replace("why", "<![CDATA[a]]>b]]>"), RERUN)
tap.ok(update(folder, "o.xml", "r.xml", "--repair")[0] == 3,
       "but not one that ended a CDATA section early")

# --- several reruns fold from the left

folder = pair(ORIGINAL, report(suite(FAIL % "b", ERROR % "c", FAIL % "e")))
tap.write(folder + "/r2.xml", report(suite(PASS % "b", PASS % "e")))
_, out, err = update(folder, "o.xml", "r.xml", "r2.xml")
tap.write(folder + "/step.xml", update(folder, "o.xml", "r.xml")[1])
_, steps, _ = update(folder, "step.xml", "r2.xml")
tap.ok(out == steps, "two reruns at once are two updates", text(out),
       text(steps))
tap.ok(out.count(b"<flakyFailure") == 2, "a new test can recover", text(out))

# --- a rerun of something else

GREEN = '<testsuite name="s"><testcase classname="a" name="t"/></testsuite>'
OTHER = '<testsuite name="s"><testcase classname="z" name="u">%s</testcase></testsuite>'
BROKEN = ('<testsuite name="s"><testcase classname="" name="test_m">'
          '<error message="collection failure">x</error></testcase></testsuite>')
for what, before, after, want in (
        ("a failing rerun of a green report", GREEN, OTHER % "<failure/>", 3),
        ("a green rerun of a failing one", OTHER % "<failure/>", GREEN, 3),
        ("nothing bad on either side", GREEN, OTHER % "", 0),
        ("an original without a case", "<testsuite/>", OTHER % "<failure/>", 1),
        ("a module that cannot be collected any more",
         GREEN.replace('"a"', '"test_m"'), BROKEN, 1)):
    tap.write(folder + "/o.xml", before)
    tap.write(folder + "/r.xml", after)
    status, out, err = update(folder, "o.xml", "r.xml")
    tap.ok(status == want and (b"in common" in err) == (want == 3)
           and (out == b"") == (want == 3),
           f"nothing in common: {what}, exit {want}", text(err))

# --- a collection error, and a test of its module that stands there already

COMPOSED, DECOMPOSED = "test_\u00e9", "test_e\u0301"
tap.write(folder + "/o.xml", report(
    suite(BROKEN.replace("test_m", DECOMPOSED)[len('<testsuite name="s">'):
                                               -len("</testsuite>")],
          f'<testcase classname="{COMPOSED}" name="a"/>')))
tap.write(folder + "/r.xml", report(
    suite(f'<testcase classname="{DECOMPOSED}" name="a"/>')))
status, out, err = update(folder, "o.xml", "r.xml")
tap.ok(status == 1 and b"collection failure" in out
       and out.count(b"<testcase") == 2,
       "a module that the original had tests of is not retired", out, text(err))

# --- usage

for args, what in (
        ((), "no operand"), (("o.xml",), "no rerun"),
        (("-i", "-o", "x", "o.xml", "r.xml"), "-i and -o"),
        (("-i", "-", "r.xml"), "standard input in place"),
        (("-", "-"), "standard input twice"),
        (("--nonsense", "o.xml", "r.xml"), "an unknown option"),
        (("-z", "o.xml", "r.xml"), "an unknown letter"),
        (("-o",), "a missing argument"),
        (("--evidence=x", "o.xml", "r.xml"), "an unknown style"),
        (("--match=x", "o.xml", "r.xml"), "an unknown field"),
        (("--max-recovered=x", "o.xml", "r.xml"), "an unknown number"),
        (("--recount=1", "o.xml", "r.xml"), "an argument too many"),
        (("--flakes=r.xml", "o.xml", "r.xml"), "a list over a report"),
        (("--flakes=x", "--decisions=x", "o.xml", "r.xml"), "two lists in one file")):
    status, out, err = update(folder, *args)
    tap.ok(status == 2 and out == b"" and b"--help" in err,
           f"{what}: exit 2", text(err))
status, out, err = update(folder, "--password=" + "s3cret" * 200)
tap.ok(status == 2 and b"s3cret" not in err and b"password=..." in err,
       "a password that is mistyped is not shown, however long", err)
for args in (("--help",), ("update", "--help"), ("--version",)):
    status, out, err = tap.run(*args)
    tap.ok(status == 0 and b"rejunit" in out and err == b"", " ".join(args))
for width in (20, 40, 72, 132):
    screen, tty = pty.openpty()
    fcntl.ioctl(tty, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    helped = subprocess.Popen([tap.REJUNIT, "update", "--help"], stdout=tty)
    os.close(tty)
    shown = b""
    try:
        while chunk := os.read(screen, 65536):
            shown += chunk
    except OSError:  # the other end is closed
        pass
    os.close(screen)
    helped.wait()
    lines = shown.decode().replace("\r", "").split("\n")
    tap.ok(len(lines) > 20 and not [
        line for line in lines[1:] if len(line) > width and " " in line.strip()],
           f"help in {width} columns", shown.decode())
status, out, err = tap.run("frobnicate")
tap.ok(status == 2 and b"frobnicate" in err, "an unknown command: exit 2")
for args, want in ((("updat",), b'there is "update"'),
                   (("update", "--flake=x", "o.xml"), b"there is --flakes"),
                   (("merge", "--repiar"), b"there is --repair")):
    status, _, err = tap.run(*args)
    tap.ok(status == 2 and want in err,
           f"the nearest to {args[-1 if len(args) < 3 else 1]} is named", err)
status, _, err = tap.run("update", "--nonsense")
tap.ok(status == 2 and b"there is" not in err, "but not for nonsense", err)
tap.done()
