#!/usr/bin/env python3
"""One report out of several: nothing is lost, and the sums are right."""
import collections
import os
import re
import subprocess
import xml.etree.ElementTree as ET

import model
import tap

TMP = tap.scratch()


def path(name):
    return os.path.join(TMP, name)


def merge(*args, name="m.xml"):
    """Status, the merged report's bytes, and what was said."""
    out = path(name)
    if os.path.exists(out):
        os.remove(out)
    status, _, err = tap.run("merge", *args, "-o", out, cwd=TMP)
    return status, tap.read(out), err.decode()


def cases(data):
    """Each case as it is, under the names of the suites around it."""
    found = []

    def walk(e, names):
        for c in e:
            if model.local(c) == "testsuite":
                walk(c, names + (c.get("name"),))
            elif model.local(c) == "testcase":
                text = ET.tostring(c, encoding="unicode")
                found.append((names, text[:text.rindex(">") + 1]))
    root = ET.fromstring(data)
    top = (root.get("name"),) if model.local(root) == "testsuite" else ()
    walk(root, top)
    return found


def by_suite(found):
    suites = collections.defaultdict(list)
    for names, case in found:
        suites[names].append(case)
    return suites


def halves(data):
    """A report without its last cases, and one without its first."""
    text = model.text(data)
    spans = [m.span() for m in model.CASE.finditer(text)]
    middle = len(spans) // 2
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1"

    def without(out):
        parts, at = [], 0
        for a, b in out:
            parts.append(text[at:a])
            at = b
        return ("".join(parts) + text[at:]).encode(encoding)
    return without(spans[middle:]), without(spans[:middle])


for name, folder in tap.cases():
    whole = tap.read(os.path.join(folder, "original.xml"))
    if tap.options(folder):
        continue
    status, same, err = merge(os.path.join(folder, "original.xml"))
    if status == 3:
        continue
    first, second = halves(whole)
    tap.write(path("a.xml"), first)
    tap.write(path("b.xml"), second)
    want = collections.Counter(cases(whole))
    problems = []
    if collections.Counter(cases(same)) != want:
        problems.append("one report alone is not itself")
    for options in ([], ["--join-suites"]):
        status, both, err = merge("a.xml", "b.xml", *options)
        if both is None:
            problems.append(f"{options}: {err}")
            continue
        got = cases(both)
        if collections.Counter(got) != want:
            lost = list((want - collections.Counter(got)).items())[:2]
            problems.append(f"{options}: not the whole: {lost}")
        if not options:
            continue
        # what is joined stands in the order of the whole
        suites = len(model.Report(whole).suites())
        now = len(model.Report(both).suites())
        covered = model.local(ET.fromstring(whole)) == "testsuite"
        if now != suites + covered:
            problems.append(f"{now} suites, not {suites + covered}")
        elif by_suite(got) != by_suite(cases(whole)):
            problems.append("the cases have another order")
    tap.ok(not problems, f"{name}: the halves make the whole", *problems)


def write(name, text):
    tap.write(path(name), text)


write("s1.xml", '<testsuites name="t" id="1" time="1.5" tests="9" failures="1" '
      'errors="0">\n  <testsuite name="s" tests="2" time="0.25" '
      'hostname="h1"><testcase name="a"><failure/></testcase>'
      '<testcase name="b"/></testsuite>\n</testsuites>\n')
write("s2.xml", '<testsuites name="t" id="2"><testsuite name="s" tests="1" '
      'failures="2" errors="1" time="0.125" hostname="h2">'
      '<testcase name="c"/><testcase name="a"/></testsuite><testsuite '
      'name="n"><testcase name="d" time="1e-3"><error/></testcase>'
      '</testsuite></testsuites>')
status, data, err = merge("s1.xml", "s2.xml")
root = ET.fromstring(data)
tap.ok(status == 1, "what is failing is said", err)
tap.ok([root.get(k) for k in ("name", "tests", "failures", "errors", "time")]
       == ["t", "11", "3", "2", "1.626"], "the root sums up what the inputs "
       "count, and their cases where they do not", ET.tostring(root)[:200])
tap.ok(root.get("id") is None and '"id"' in err,
       "what the roots do not agree on is left out aloud", err)
tap.ok('"a" is in s1.xml' in err, "a test in two reports is named", err)
write("named.xml", '<testsuites name="AllTests"><testsuite name="A">'
      '<testcase name="a"/></testsuite></testsuites>')
write("unnamed.xml", '<testsuites><testsuite name="B"><testcase name="b"/>'
      '</testsuite></testsuites>')
status, data, err = merge("named.xml", "unnamed.xml")
tap.ok(ET.fromstring(data).get("name") is None and '"name"' in err,
       "and a name that only some have is not that of all", err)
status, data, err = merge("s1.xml", "s2.xml", "--join-suites")
root = ET.fromstring(data)
tap.ok([s.get("name") for s in root] == ["s", "n"]
       and [c.get("name") for c in root[0]] == ["a", "b", "c", "a"]
       and root[0].get("tests") == "3" and root[0].get("time") == "0.375",
       "joined suites have one tag and all cases", data)

write("as1.xml", '<testsuites assertions="3"><testsuite name="s" tests="1" '
      'assertions="3"><testcase name="a"/></testsuite></testsuites>')
write("as2.xml", '<testsuites assertions="5"><testsuite name="s" failures="1" '
      'assertions="5" time="2"><testcase name="b"><failure/></testcase>'
      '</testsuite></testsuites>')
_, data, err = merge("as1.xml", "as2.xml", "--join-suites")
root = ET.fromstring(data)
tap.ok(root.get("assertions") == root[0].get("assertions") == "8"
       and root[0].get("tests") == "2" and root[0].get("failures") == "1"
       and root[0].get("time") == "2.000",
       "what only one of them says is said, and assertions add up", data, err)
write("n1.xml", '<testsuites><testsuite xmlns:z="urn:1" name="s"><testcase '
      'name="a" z:k="1"/></testsuite></testsuites>')
write("n2.xml", '<testsuites><testsuite xmlns:z="urn:2" name="s"><testcase '
      'name="b" z:k="2"/></testsuite></testsuites>')
_, data, err = merge("n1.xml", "n2.xml", "--join-suites")
tap.ok([s[0].get("{urn:%d}k" % (i + 1)) for i, s in
        enumerate(ET.fromstring(data))] == ["1", "2"] and "apart" in err,
       "suites that mean different things by a prefix are kept apart", data)
write("t1.xml", "<testsuites>" + '<testsuite tests="1000000000"/>' * 9300 +
      '<testsuite tests="1%s"/></testsuites>' % ("0" * 15))
write("t2.xml", "<testsuites>" + '<testsuite time="9e8"/>' * 11 +
      "</testsuites>")
_, data, _ = merge("t1.xml", "t2.xml")
root = ET.fromstring(data)
tap.ok(root.get("tests") == "9300000000000"
       and root.get("time") == "9223372036.854775807",
       "sums stay sums, whatever their parts say", root.attrib)
write("t1.xml", '<testsuites><testsuite name="s" tests="2" errors="2">'
      '<testcase name="a"><failure/></testcase><testcase name="b"><failure/>'
      '</testcase></testsuite></testsuites>')
for args in ((), ("--join-suites",)):
    root = ET.fromstring(merge("t1.xml", *args)[1])
    tap.ok(root.get("errors") == "2" and root.get("failures") == "0"
           and root.get("tests") == "2",
           "what is counted as an error is no failure besides", root.attrib)
write("t1.xml", '<testsuite name="s"><testcase name="a\x01"/></testsuite>')
status, data, err = merge("--repair", "t1.xml")
tap.ok(status == 0 and b'"a\\x01"' in data
       and "t1.xml:1: illegal characters replaced: 1" in err,
       "what is repaired is said", data, err)
write("t1.xml", '<testsuite name="s" time="-1"><testcase name="a" time="2"/>'
      '<testcase name="b" time="-4"/></testsuite>')
_, data, _ = merge("t1.xml")
tap.ok(ET.fromstring(data).get("time") == "2.000", "less than nothing is no "
       "time", data)

PLAYWRIGHT = '<testsuites>%s</testsuites>'
PROJECT = '<testsuite name="a.js" hostname="%s"><testcase name="%s"/></testsuite>'
write("p1.xml", PLAYWRIGHT % (PROJECT % ("chromium", "x")
                              + PROJECT % ("firefox", "x")))
write("p2.xml", PLAYWRIGHT % (PROJECT % ("firefox", "y")
                              + PROJECT % ("chromium", "y")))
_, data, _ = merge("p1.xml", "p2.xml", "--join-suites")
tap.ok([(s.get("hostname"), [c.get("name") for c in s])
        for s in ET.fromstring(data)]
       == [("chromium", ["x", "y"]), ("firefox", ["x", "y"])],
       "suites on several hosts are joined host by host", data)

PROPERTIES = ('<testsuite name="s"><properties><property name="os" '
              'value="%s"/></properties><testcase name="%s"/></testsuite>')
write("q1.xml", PROPERTIES % ("linux", "a"))
write("q2.xml", PROPERTIES % ("linux", "b"))
write("q3.xml", PROPERTIES % ("macos", "c"))
_, data, err = merge("q1.xml", "q2.xml", "q3.xml", "--join-suites")
root = ET.fromstring(data)
tap.ok([[model.local(e) for e in s] for s in root]
       == [["properties", "testcase", "testcase"], ["properties", "testcase"]]
       and "kept apart" in err, "what ran elsewhere is kept apart", data, err)

write("l.xml", '<?xml version="1.0" encoding="ISO-8859-1"?><testsuite '
      'name="caf\xe9"><testcase name="\xe9"/></testsuite>'.encode("latin-1"))
write("u.xml", '\ufeff<testsuite name="caf\xe9"><testcase name="e"/>'
      '</testsuite>')
write("w.xml", '<testsuite name="caf\xe9"><testcase name="w"/></testsuite>'
      .encode("utf-16"))
_, data, err = merge("l.xml", "u.xml", "w.xml", "--join-suites")
tap.ok([c.get("name") for c in ET.fromstring(data)[0]] == ["\xe9", "e", "w"],
       "encodings are brought together", data, err)

write("x1.xml", '<testsuites xmlns:a="urn:1"><testsuite name="s"><testcase '
      'name="n" a:x="1"/></testsuite></testsuites>')
write("x2.xml", '<testsuites xmlns:a="urn:2"><testsuite name="s"><testcase '
      'name="m" a:x="1"/></testsuite></testsuites>')
status, data, err = merge("x1.xml", "x2.xml")
tap.ok(status == 3 and data is None, "a prefix that means two things is "
       "refused", err)
status, data, _ = merge("x1.xml", "p1.xml")
tap.ok(ET.fromstring(data)[0][0].get("{urn:1}x") == "1", "and kept otherwise")

write("bad.xml", "<testsuite><testcase name='x'/>")
status, data, err = merge("s1.xml", "bad.xml")
tap.ok(status == 3 and data is None and "bad.xml:1:" in err,
       "a report that is cut off is refused, and nothing is written", err)

os.mkdir(path("shards"))
for i in range(3):
    write(f"shards/{i}.xml", f'<testsuite name="s{i}"><testcase name="t{i}"/>'
          '</testsuite>')
write("shards/other.xml", "<project/>")
for _ in range(2):
    status, _, err = tap.run("merge", "shards", "-o", "shards/all.xml", cwd=TMP)
tap.ok(status == 0 and b"3 reports, 3 cases" in err
       and b"other.xml: no JUnit report" in err
       and len(cases(tap.read(path("shards/all.xml")))) == 3,
       "a result that lies among its inputs is none of them", err)
status, out, err = tap.run("merge", "-i", "q1.xml", "q2.xml", cwd=TMP)
tap.ok(status == 0 and out == b"" and len(cases(tap.read(path("q1.xml")))) == 2,
       "in place, the first report becomes the whole", err)
status, out, err = tap.run("merge", "-", "q3.xml", cwd=TMP,
                           stdin=tap.read(path("q2.xml")))
tap.ok(status == 0 and len(cases(out)) == 2, "standard input is a report", err)
p = subprocess.run([tap.REJUNIT, "merge", "q2.xml"], cwd=TMP,
                   stdout=open("/dev/full", "w"), stderr=subprocess.PIPE)
tap.ok(p.returncode == 4 and b"standard output" in p.stderr,
       "a full disk is an output error", p.stderr)
for args in (["merge"], ["merge", "-", "-"], ["merge", "-i", "-"],
             ["merge", "-i", "-o", "x", "a.xml"], ["merge", "--what"]):
    tap.ok(tap.run(*args, cwd=TMP)[0] == 2, f"wrong usage: {args}")
tap.done()
