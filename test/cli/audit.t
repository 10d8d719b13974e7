#!/usr/bin/python3
"""What is wrong with reports is found, and no forged update is proved."""
import collections
import json
import os
import re

import jsonschema

import model
import tap

TMP = tap.scratch()


def write(name, data):
    return tap.write(os.path.join(TMP, name), data)


def audit(*args):
    """Exit status, and the findings as (code, line, message)."""
    status, out, err = tap.run("audit", "--format=json", *args, cwd=TMP)
    found = json.loads(out)["findings"] if out else []
    return status, [(f["code"], f.get("line"), f["message"])
                    for f in found], err.decode()


def codes(*args):
    return [c for c, _, _ in audit(*args)[1]]


# --- what is wrong with one report

ONE = {
    "wrong-counter": '<testsuite name="s" tests="2" failures="0">\n'
                     '<testcase name="a"><failure/></testcase></testsuite>',
    "loose-failure": '<testsuite name="s">\n<error/><testcase name="a"/>'
                     '</testsuite>',
    "nameless-case": '<testsuite name="s">\n<testcase/></testsuite>',
    "duplicate-case": '<testsuite name="s"><testcase name="a"/>\n'
                      '<testcase name="a"/></testsuite>',
    "bad-time": '<testsuite name="s" time="1.5">\n'
                '<testcase name="a" time="14,029.255"/></testsuite>',
    "bad-counter": '<testsuites>\n<testsuite name="s" tests="many"/>'
                   '</testsuites>',
    "odd-outcome": '<testsuite name="s">\n<testcase name="a"><failure/>'
                   '<error/></testcase></testsuite>',
    "misplaced": '<testsuite name="s"><testcase name="a">\n'
                 '<testcase name="b"/></testcase></testsuite>',
    "illegal-character": '<testsuite name="s">\n<testcase name="a">'
                         '\x1b</testcase></testsuite>',
    "bad-encoding": b'<testsuite name="s">\n<testcase name="\xe9"/>'
                    b'</testsuite>',
    "malformed": '<testsuite name="s">\n<testcase name="a">',
}
for code, text in ONE.items():
    write("one.xml", text)
    status, found, err = audit("one.xml")
    tap.ok(status == 1 and {c for c, _, _ in found} == {code}
           and found[0][1] in (1, 2) and (code == "wrong-counter"
                                          or found[0][1] == 2),
           f"{code} is found, in its line", found, err)
name = "a" * 79 + "é"
write("one.xml", f'<testsuite name="s"><testcase name="{name}"/><testcase '
      f'name="{name}"/></testsuite>')
tap.ok(f'"{name[:-1]}" ' in audit("one.xml")[1][0][2],
       "a long name is cut between two characters")


def of_pipe(name):
    """The findings of a file, and of a pipe that holds the same."""
    _, file, _ = tap.run("audit", name, cwd=TMP)
    _, pipe, _ = tap.run("audit", "-", cwd=TMP, stdin=tap.read(
        os.path.join(TMP, name)))
    return file.decode(), pipe.decode()


for code, text in ONE.items():
    write("one.xml", text)
    file, pipe = of_pipe("one.xml")
    tap.ok(code in pipe and file.replace("one.xml:", "<stdin>:") == pipe,
           f"{code} is found in a pipe as well", file, pipe)
# suites come to their end, and to what is wrong with them, in another order
# than they begin
nest = ""
for k in range(40):
    nest = (f'<testsuite name="s{k}é" tests="9">' + "\n" * (k % 3 == 0) +
            f'<testcase name="ü" time="x{k}"/>{nest}' + "\n" * (k % 5 == 0) +
            '<testcase name="ü" time="-"/></testsuite>')
text = f"\ufeff<testsuites>\n{nest}{nest}</testsuites>"
write("one.xml", text)
found = json.loads(tap.run("audit", "--format=json", "one.xml",
                           cwd=TMP)[1])["findings"]
lines = text.replace("\ufeff", "").split("\n")
tap.ok(len(found) > 200 and all(
    lines[f["line"] - 1].startswith(("<testc", "<tests"), f["column"] - 1)
    for f in found), "every finding has its line and column")
write("one.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<project/>')
tap.ok(codes("one.xml") == ["not-junit"], "so is what is no report")
for value in ("0", "0.5", "12", "4e-05", "-0.000000", ".5", "1."):
    write("one.xml", f'<testsuite name="s"><testcase name="a" time="{value}"/>'
          '</testsuite>')
    tap.ok(audit("one.xml")[0] == 0, f"a time may be {value}")
for value in ("", "-1", "0,03", "1.2.3", "1s", "NaN", "0x10", "1e", "9" * 400):
    write("one.xml", f'<testsuite name="s"><testcase name="a" time="{value}"/>'
          '</testsuite>')
    tap.ok(codes("one.xml") == ["bad-time"], f"but not {value[:20]!r}")
for attribute, body in (("status=\"failed\"", ""), ("result=\"fail\"", ""),
                        ("status=\"passed\"", "<failure/>"),
                        ("", "<skipped/><failure/>"), ("", "<warning/>"),
                        ("", "<flakyError/><error/>"), ("", "<rerunError/>")):
    write("one.xml", f'<testsuite name="s"><testcase name="a" {attribute}>'
          f'{body}</testcase></testsuite>')
    tap.ok(codes("one.xml") == ["odd-outcome"],
           f"an outcome is odd: {attribute}{body}")
write("one.xml", '<testsuite name="s" skipped="3" disabled="1" tests="1">'
      '<testcase name="a" status="notrun"/></testsuite>')
tap.ok(codes("one.xml") == ["wrong-counter"], "skipped ones are counted, too")
write("nested.xml", '<testsuites tests="9">\n<testsuite name="a" tests="2">\n'
      '<testsuite name="b" tests="3"><testcase name="x"/></testsuite>'
      '<testcase name="y"/></testsuite></testsuites>')
tap.ok([(c, n) for c, n, _ in audit("nested.xml")[1]]
       == [("wrong-counter", 1), ("wrong-counter", 3)],
       "counters are checked at every level")

TORN = ('<testsuite name="pytest" tests="%d"><testcase name="a"><error message='
        '"failed on teardown with &quot;x&quot;"/></testcase></testsuite>')
for tests, want in ((1, []), (2, []), (3, ["wrong-counter"])):
    write("torn.xml", TORN % tests)
    tap.ok(codes("torn.xml") == want,
           f"pytest counts a test and its teardown: {tests}")
tap.ok(codes("--repair", "nested.xml") == codes("nested.xml"),
       "what can be repaired is looked at with and without --repair")

NASTY = "\u202e::error::x\n`<b>%0A"
write("nasty.xml", f'<testsuite name="s"><testcase name="{NASTY}"/><testcase '
      f'name="{NASTY}"/></testsuite>')
for form in ("text", "github"):
    _, out, _ = tap.run("audit", "-q", "--format=" + form, "nasty.xml", cwd=TMP)
    tap.ok(len(out.splitlines()) == 1 and b"\xe2\x80\xae" not in out
           and not out.startswith(b"::error::"),
           f"{form}: a finding is one line, whatever a name holds", out)
write("many.xml", '<testsuite name="s">' + "<testcase/>\n" * 20000
      + "</testsuite>")
status, out, err = tap.run("audit", "--format=github", "many.xml", cwd=TMP)
tap.ok(len(out.splitlines()) == 10 and b"20000 findings" in err,
       "GitHub gets as many annotations as it shows", err)
status, found, _ = audit("many.xml")
tap.ok(len(found) == 10001 and found[-1][0] == "more",
       "more than ten thousand findings are counted")
_, out, _ = tap.run("audit", "-q", "nested.xml", cwd=TMP)
tap.ok(re.fullmatch(r"nested.xml:1:1: wrong-counter: tests is 9, and there "
                    r"are 2\nnested.xml:3:1: wrong-counter: [^\n]*\n",
                    out.decode()), "text has file, line, column and code", out)
schema = json.loads(tap.read(os.path.join(tap.TOP, "doc",
                                          "findings.schema.json")))
_, out, _ = tap.run("audit", "--format=json", "nasty.xml", "many.xml", cwd=TMP)
try:
    jsonschema.validate(json.loads(out), schema)
    why = None
except jsonschema.ValidationError as e:
    why = e.message
tap.ok(why is None, "JSON follows its schema", why)
tap.ok(tap.run("audit", "absent.xml", cwd=TMP)[0] == 3, "what cannot be read "
       "is an error, and no finding")
tap.ok(tap.run("audit", "--exit-zero", "nested.xml", cwd=TMP)[0] == 0,
       "findings may be no reason to fail")

# --- structure

SOUND = {
    "junit10": '<testsuites><testsuite name="s" tests="1" failures="0" '
               'errors="0" time="1,234.567"><properties><property name="a" '
               'value="b"/></properties><testcase name="t"><flakyError '
               'type="e">text<stackTrace>x</stackTrace></flakyError>'
               '<system-out>o</system-out></testcase></testsuite></testsuites>',
    "surefire": '<testsuite xmlns:xsi="urn:x" xsi:x="1" name="s" tests="1" '
                'failures="0" errors="0" skipped="0" time="1e-3" '
                'timestamp="2026-01-01T00:00:00.5+01:00"><properties/>'
                '<testcase name="t" time="0"><failure/><failure/><rerunFailure>'
                '<stackTrace/></rerunFailure><system-out>o</system-out>'
                '</testcase></testsuite>',
}
BROKEN = {
    "junit10": [(' tests="1"', ""), ("<testcase", "<x/><testcase"),
                (' name="t"', ' name="t" x="1"'), ("1,234.567", "1.2345"),
                (' type="e"', ""), ("<properties>", "text<properties>"),
                ("text<stackTrace>x</stackTrace>",
                 "<system-out/><stackTrace/>")],
    "surefire": [(' skipped="0"', ""), (' time="0"', ""), ("1e-3", "1,000"),
                 ("<properties/>", ""), ("2026-01", "26-01"),
                 ("<stackTrace/>", ""), ("<failure/><failure/>", "<error/>"),
                 ("</system-out>", "</system-out><system-out/>"),
                 ("<rerunFailure>", "<rerunFailure>text")],
}
for profile, text in SOUND.items():
    write("sound.xml", text)
    flag = "--profile=" + profile
    tap.ok("structure" not in codes(flag, "sound.xml"),
           f"{profile}: a report of its kind is sound", *audit(flag, "sound.xml"))
    for old, new in BROKEN[profile]:
        broken = text.replace(old, new, 1)
        if old == "<properties/>":
            broken = text.replace("<properties/>", "").replace(
                "</testsuite>", "<properties/></testsuite>")
        write("broken.xml", broken)
        tap.ok(codes(flag, "broken.xml").count("structure") == 1,
               f"{profile}: {old} for {new!r} is found",
               *audit(flag, "broken.xml")[1])

# --- proofs

PLAN = ("--evidence", "--match", "--assume", "--append", "--recount",
        "--repair")


def first(pattern, new):
    return lambda t: re.sub(pattern, new, t, count=1, flags=re.S)


def drop_case(t):
    m = list(model.CASE.finditer(t))[-1]
    return t[:m.start()] + t[m.end():]


def add_case(t):
    m = model.CASE.search(t)
    return t[:m.end()] + '<testcase name="forged"/>' + t[m.end():]


def move_case(t):
    m = list(model.CASE.finditer(t))
    a, b = m[0], m[-1]
    if a.group() == b.group() or len(m) < 2:
        return t
    return (t[:a.start()] + b.group() + t[a.end():b.start()] + a.group()
            + t[b.end():])


def paint_green(t):
    """The first case that still fails turns into one that recovered."""
    for m in model.CASE.finditer(t):
        case = m.group()
        if len(re.findall(r"<(?:failure|error)\b", case)) != 1 or \
                "<skipped" in case or case not in original or \
                not re.search(r'\sname=("[^"]|\'[^\'])', case):
            continue
        case = re.sub(r"<(failure|error)\b[^<>]*?(?:/>|>.*?</\1>)",
                      '<flakyFailure type="failure"><stackTrace/>'
                      '</flakyFailure>', case, flags=re.S)
        case = re.sub(r"\s(?:status|result|outcome)=(\"[^\"]*\"|'[^']*')", "",
                      case)
        return t[:m.start()] + case + t[m.end():]
    return t


FORGERIES = {
    "a failure is painted green": paint_green,
    "a failure is removed": first(r"<(failure|error)\b[^<>]*(/>|>.*?</\1>)", ""),
    "a counter is changed": first(r'(<testsuite\b[^<>]*?\bfailures=["\'])',
                                  r"\g<1>1"),
    "evidence is edited": first(r"(<stackTrace>)", r"\1 "),
    "evidence is removed": first(r"<flaky(\w+)\b.*?</flaky\1>", ""),
    "a case is dropped": drop_case,
    "a case is added": add_case,
    "a case is moved": move_case,
    "a time is changed": first(r'(<testcase\b[^<>]*?\stime=["\'])',
                               r"\g<1>7"),
    "a name is changed": first(r'(<testcase\b[^<>]*?\bname=["\'])', r"\g<1>x"),
    "a comment is added": first(r"(<testsuite\b)", r"<!-- x -->\1"),
    "an attribute is added": first(r"(<testsuite)\b", r"\1 forged='1'"),
    "a failure turns up": first(r"</testcase>", "<failure/></testcase>"),
    "the end is cut off": lambda t: t.rstrip()[:-1],
    "a byte is added at the end": lambda t: t + "\n",
}
WANT = {
    "a failure is painted green": {"unproved-green"},
    "a failure is removed": {"wrong-verdict", "changed-case", "changed-bytes"},
    "a counter is changed": {"wrong-counter"},
    "a case is dropped": {"lost-case"},
    "a case is added": {"added-case"},
    "a time is changed": {"changed-case"},
    "evidence is edited": {"changed-case"},
    "evidence is removed": {"changed-case", "wrong-verdict"},
    "the end is cut off": {"malformed"},
}
caught = collections.Counter()
for name, folder in tap.cases():
    options = [o for o in tap.options(folder) if o.startswith(PLAN)]
    base = ["--original=" + os.path.join(folder, "original.xml"),
            *("--rerun=" + os.path.join(folder, r) for r in tap.reruns(folder)),
            *options]
    at = os.path.join(folder, "expected.xml")
    data = tap.read(at)
    if data is None:
        continue
    status, found, err = audit(*base, at)
    problems = [] if status == 0 and not found else [f"no proof: {found}", err]
    text = model.text(data)
    original = model.text(tap.read(os.path.join(folder, "original.xml")))
    coding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"
    for what, forge in FORGERIES.items():
        forged = forge(text)
        if forged == text:
            continue
        bytes_ = forged.encode(coding)
        if coding == "utf-16" and data[:2] == b"\xfe\xff":
            bytes_ = b"\xfe\xff" + forged.encode("utf-16-be")
        write("forged.xml", bytes_)
        status, found, err = audit(*base, "forged.xml")
        got = {c for c, _, _ in found}
        if status != 1 or not got & WANT.get(what, got):
            problems.append(f"{what}: {status} {found[:3]} {err}")
        caught[what] += status == 1
    # what is wrong after an update was wrong before
    if not options:
        was = collections.Counter(
            c for c in codes(os.path.join(folder, "original.xml")))
        for r in tap.reruns(folder):
            was += collections.Counter(codes(os.path.join(folder, r)))
        now = collections.Counter(codes(at))
        if now - was:
            problems.append(f"new findings: {now - was} {audit(at)[1][:4]}")
    tap.ok(not problems, f"{name}: proved, and no forgery of it", *problems)
folder = os.path.join(tap.FIXTURES, "pytest-flaky-plugin-assumed")
status, _, err = tap.run(
    "audit", "--original=original.xml", "--rerun=rerun.xml",
    "--assume=attempts", "expected.xml", cwd=folder)
tap.ok(status == 0 and b"proved, assuming attempts" in err,
       "a proof names what it takes for true", err)
tap.ok(all(caught[w] > 10 for w in FORGERIES),
       f"{sum(caught.values())} forgeries were caught", caught)

# --- sets

os.makedirs(os.path.join(TMP, "o"))
os.makedirs(os.path.join(TMP, "r"))
BAD = '<testsuite name="%s"><testcase name="t"><failure/></testcase></testsuite>'
for n in "ab":
    write(f"o/{n}.xml", BAD % n)
    write(f"r/{n}.xml", f'<testsuite name="{n}"><testcase name="t"/></testsuite>')
tap.run("update", "-q", "o", "r", "-o", "u", cwd=TMP)
tap.ok(audit("--original=o", "--rerun=r", "u")[0] == 0, "a folder is proved")
write("u/b.xml", BAD % "b")
status, found, _ = audit("--original=o", "--rerun=r", "u")
tap.ok([c for c, _, _ in found] == ["wrong-verdict"], "file by file", found)
tap.run("update", "-q", "o", "r", "-o", "u", cwd=TMP)
write("u/c.xml", BAD % "c")
os.unlink(os.path.join(TMP, "u", "a.xml"))
status, found, _ = audit("--original=o", "--rerun=r", "u")
tap.ok(status == 1 and [c for c, _, _ in found]
       == ["lost-report", "added-report"],
       "what is missing from a folder, or too much, is found", found)
for data, column in ((b"<testsuite tests='2'/>", 1),
                     (b"\xef\xbb\xbf<testsuite tests='2'/>", 1),
                     ("<testsuite tests='2'/>".encode("utf-16"), 1)):
    write("bom.xml", data)
    _, out, _ = tap.run("audit", "-q", "bom.xml", cwd=TMP)
    tap.ok(out.startswith(b"bom.xml:1:%d: " % column),
           "a byte order mark takes up no column", out)
for args in (["audit"], ["audit", "--original=o", "u"],
             ["audit", "--rerun=r", "u"], ["audit", "--profile=x", "u"],
             ["audit", "--original=o", "--rerun=r", "u", "u"],
             ["audit", "--format=csv", "u"], ["audit", "--recount", "u"]):
    tap.ok(tap.run(*args, cwd=TMP)[0] == 2, f"wrong usage: {args}")
tap.done()
