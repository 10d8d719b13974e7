#!/usr/bin/python3
"""What changed between two runs."""
import collections
import json
import os
import random
import re
import subprocess
import xml.sax.saxutils

import jsonschema

import tap

TMP = tap.scratch()
SANITIZED = os.path.basename(os.environ.get("BUILD", "release")) == "asan"
SCHEMA = json.loads(tap.read(os.path.join(tap.TOP, "doc",
                                          "diff.schema.json")))
KINDS = ("newly_failing", "still_failing", "doubtful", "fixed",
         "newly_skipped", "slower", "removed", "added")


def write(name, data):
    return tap.write(os.path.join(TMP, name), data)


def case(name, how="p", more="", **attributes):
    """A test, by a letter for how it ended."""
    message = xml.sax.saxutils.quoteattr(more or "no")
    body = {"p": "", "f": f"<failure message={message}/>",
            "e": f"<error message={message}/>", "s": "<skipped/>",
            "?": "<risky/>"}[how]
    attributes = {"name": name, "classname": "c", "time": "0.1", **attributes}
    return "<testcase %s>%s</testcase>" % (" ".join(
        f"{k}={xml.sax.saxutils.quoteattr(v)}" for k, v in attributes.items()
        if v is not None), body)


def suite(*cases, **attributes):
    attributes = {"name": "s", **attributes}
    return "<testsuite %s>%s</testsuite>" % (" ".join(
        f'{k}="{v}"' for k, v in attributes.items()), "".join(cases))


def diff(old, new, *args):
    """The status, the JSON, and the names by what became of them."""
    write("old.xml", old)
    write("new.xml", new)
    return compare("old.xml", "new.xml", *args)


def compare(old, new, *args):
    status, out, err = tap.run("diff", "--format=json", *args, old, new,
                               cwd=TMP)
    data = json.loads(out) if out else None
    if data:
        jsonschema.validate(data, SCHEMA)
    got = {k: [t["name"] for t in data[k]] for k in KINDS
           if data[k]} if data else err.decode()
    return status, got, data


# --- one test on each side ------------------------------------------------------

WANT = {"pf": "newly_failing", "sf": "newly_failing", "?e": "newly_failing",
        "-f": "newly_failing", "ff": "still_failing", "fe": "still_failing",
        "fp": "fixed", "fs": "newly_skipped", "ps": "newly_skipped",
        "f?": "doubtful", "p?": "doubtful", "f-": "removed", "p-": "removed",
        "s-": "removed", "-p": "added", "-s": "added", "pp": None, "ss": None,
        "sp": None, "??": None}
for pair, kind in WANT.items():
    old, new = (suite(case("other"), *([case("t", how)] if how != "-" else []))
                for how in pair)
    status, got, data = diff(old, new)
    tap.ok(got == ({kind: ["t"]} if kind else {})
           and status == (kind == "newly_failing"),
           f"{pair}: {kind or 'nothing'}", status, got)
status, got, data = diff(suite(case("t", "f", "why")),
                         suite(case("t", "e", "else")))
t = data["still_failing"][0]
tap.ok(t["before"]["outcome"] == "failed" and t["before"]["message"] == "why"
       and t["after"]["outcome"] == "error" and t["after"]["line"] == 1
       and t["same_failure"] is False and t["id"] == "c::t",
       "both failures are told", t)
status, got, data = diff(suite(case("t", "f", "why")),
                         suite(case("t", "f", "why")))
tap.ok(data["still_failing"][0]["same_failure"] is True,
       "the same failure is told from another one", data)
status, got, _ = diff(suite(case("t", "p"), case("t2", "s")),
                      suite(case("t", "p"), case("t2", "f")), "--exit-zero")
tap.ok(status == 0 and got == {"newly_failing": ["t2"]}, "--exit-zero")

# --- times -------------------------------------------------------------------------

OLD = suite(*[case(f"t{i}", time=t) for i, t in enumerate(
    ("1", "1", "0.1", "10", "0", "1,000.5", "1"))])
NEW = suite(*[case(f"t{i}", time=t) for i, t in enumerate(
    ("2", "1.999", "1", "19", "1", "2,001.0", None))])
for option, want in ((None, ["t5", "t0", "t4"]),
                     ("2x,1s", ["t5", "t0", "t4"]),
                     ("2x", ["t5", "t0", "t4", "t2"]),
                     ("1s", ["t5", "t3", "t0", "t4"]),
                     ("1.5x,0.5s", ["t5", "t3", "t0", "t4", "t1", "t2"]),
                     ("100x,0s", ["t4"]), ("none", [])):
    _, got, _ = diff(OLD, NEW, *([f"--slower={option}"] if option else []))
    want = sorted(want, key=lambda n: -1000 if n == "t5" else 0)
    tap.ok(sorted(got.get("slower", [])) == sorted(want)
           and got.get("slower", [""])[0] in ("", *want[:1]),
           f"slower by {option or 'twice and a second'}, the slowest first",
           got)
for option in ("2x,3x", "1s,1s", "", "x", "s", "2", "2x,", ",1s", "2y", "-1x", "nanx", "1e99s",
               "2x;1s", "x" * 100):
    status, _, err = tap.run("diff", f"--slower={option}", "old.xml",
                             "new.xml", cwd=TMP)
    tap.ok(status == 2 and b"--slower" in err, f"--slower={option[:9]}: usage",
           status, err)
status, got, _ = diff(suite(case("t", "f", time="1")),
                      suite(case("t", time="9")))
tap.ok(got == {"fixed": ["t"]}, "what failed was not slower")

for option in ("2x", "1x", "0s", "0x"):
    _, got, _ = diff(OLD, OLD, f"--slower={option}")
    tap.ok(got == {}, f"nothing is slower than itself, by {option}", got)
_, got, _ = diff(suite(case("t", time=None), case("u", time="-5")),
                 suite(case("t", time="9"), case("u", time="9")))
tap.ok(got == {}, "nor than what nobody knows", got)
_, got, _ = diff(suite(case("a", file="x.py"), case("a", file="y.py")),
                 suite(case("a", file="x.py"), case("a", file="y.py",
                                                    time="60")))
two = [suite(case("a", file="x.py", time=t), case("a", file="y.py", time=u))
       for t, u in (("60", "0.1"), ("0.1", "60"))]
_, swapped, _ = diff(*two)
tap.ok(got == swapped == {"slower": ["a"]}, "a namesake that is told apart is slower", got)

# --- which test is which -------------------------------------------------------------

status, got, _ = diff(
    suite(case("t", "f", file="a.py"), case("t", file="b.py")),
    suite(case("t", file="a.py"), case("t", "f", file="b.py")))
tap.ok(got == {"newly_failing": ["t"], "fixed": ["t"]} and status == 1,
       "files tell namesakes apart", got)
status, got, data = diff(suite(case("t", "f"), case("t")),
                         suite(case("t"), case("t", "f")))
tap.ok(got == {"doubtful": ["t"]} and status == 0
       and data["doubtful"][0]["after"]["tests"] == 2,
       "what nothing tells apart is in doubt", got)
for o, n, want in (("fp", "ff", "newly_failing"), ("ff", "pp", "fixed"),
                   ("ff", "p", "doubtful"), ("pp", "ps", "newly_skipped"),
                   ("ff", "ff", "still_failing"), ("pp", "ppp", "added"),
                   ("ppp", "pp", "removed"), ("fp", "ps", "doubtful"),
                   ("pp", "p?", "doubtful"), ("sp", "ps", None)):
    status, got, _ = diff(suite(*[case("t", h) for h in o]),
                          suite(*[case("t", h) for h in n]))
    tap.ok(got == ({want: ["t"]} if want else {})
           and status == (want == "newly_failing"), f"namesakes: {o}, {n}", got)
status, got, _ = diff(suite(case("t", file="a.py")),
                      suite(case("t", "f", file="b.py")))
tap.ok(got == {"newly_failing": ["t"], "removed": ["t"]},
       "another file's test is another test", got)
status, got, _ = diff(suite(case("t", file="a.py")),
                      suite(case("t", file="b.py")))
tap.ok(got == {"removed": ["t"], "added": ["t"]}, "also where both pass", got)
status, got, _ = diff(suite(case("t", file="./a.py")),
                      suite(case("t", file="a.py")))
tap.ok(got == {}, "however its path is spelled", got)
status, got, _ = diff(suite(case("t", "f", file="/ci/1/p/a.py")),
                      suite(case("t", file="/home/me/p/a.py")))
tap.ok(got == {"fixed": ["t"]}, "and whatever machine it is on", got)
NFC, NFD = "caf\u00e9", "cafe\u0301"
status, got, _ = diff(suite(case(NFC, "f")), suite(case(NFD)))
tap.ok(got == {"fixed": [NFD]}, "another normal form is the same test", got)
status, got, _ = diff(suite(case(NFC, "f"), case(NFD)),
                      suite(case(NFC), case(NFD, "f")))
tap.ok(got == {"newly_failing": [NFD], "fixed": [NFC]},
       "unless both forms are there", got)
PHASES = case("t", "f") + case("t", "e", 'failed on teardown with "x"')
status, got, _ = diff(suite(case("t")), suite(PHASES))
tap.ok(got == {"newly_failing": ["t"]}, "a failing teardown is no other test",
       got)
status, got, _ = diff(suite(case("x")), suite(case("x"), PHASES))
tap.ok(got == {"newly_failing": ["t"]}, "nor is it where both are new", got)
status, got, _ = diff(suite(PHASES), suite(case("x")))
tap.ok(got == {"removed": ["t"], "added": ["x"]}, "nor where both are gone",
       got)
LEGS = [suite(case("t", h, classname=None), name=n)
        for n, h in (("a", "f"), ("b", "p"))]
status, got, _ = diff("<testsuites>%s</testsuites>" % "".join(LEGS),
                      "<testsuites>%s</testsuites>" % "".join(
                          x.replace("<failure", "<skipped")
                          for x in reversed(LEGS)))
tap.ok(got == {"newly_skipped": ["t"]},
       "where names have no class, suites tell them apart", got)
status, got, _ = diff(
    "<testsuites>%s</testsuites>" % suite(
        case("t", "f", classname=None), name="a"),
    "<testsuites>%s%s</testsuites>" % (
        suite(case("u", classname=None), name="a"),
        suite(case("t", classname=None), name="b")))
tap.ok(got == {"removed": ["t"], "added": ["u", "t"]},
       "and another suite's test is none that failed", got)

ATTEMPTS = case("t", "f", file="a.py", classname="a") + case(
    "t", "p", file="a.py", classname="a")
status, got, _ = diff(suite(case("t", file="a.py", classname="a")),
                      suite(ATTEMPTS))
tap.ok(got == {"newly_failing": ["t"]}, "the worst of a test's entries counts",
       got)
status, got, _ = diff(
    "<testsuites>%s%s</testsuites>" % (
        suite(case("t", "f", classname=None), name="a"),
        suite(case("u", classname=None), name="b")),
    "<testsuites>%s</testsuites>" % suite(
        case("t", classname=None), case("u", classname=None), name="b"))
tap.ok(got == {"doubtful": ["t"]}, "what may have moved is in doubt", got)
status, got, _ = diff(*("<testsuites>%s</testsuites>" % "".join(
    suite(case("t", how), name=n) for n in names)
    for how, names in (("f", "ab"), ("p", "ac"))))
tap.ok(got == {"doubtful": ["t"]}, "and so is what may be another one", got)
status, got, _ = diff(*("<testsuites>%s</testsuites>" % "".join(sides)
                        for sides in (
    (suite(case("y"), name="s"), suite(case("x", "f"), name="t")),
    (suite(case("y"), case("x"), name="s"), suite(case("x"), name="t")))))
tap.ok(got == {"fixed": ["x"]}, "unless all of them passed", got)

# --- what no test says ---------------------------------------------------------------

status, got, data = diff(suite(case("t")), suite(
    case("t"), '<error message="no"/>'))
tap.ok(status == 1 and got == {} and data["after"]["loose"] == 1,
       "a failure of no test is new, too", got, data["after"])
for form, word in (("github", b"::error "), ("markdown", b"1 new failure"),
                   ("text", b"no case")):
    _, out, err = tap.run("diff", f"--format={form}", "old.xml", "new.xml",
                          cwd=TMP)
    tap.ok(word in out and b'the first in suite "s"' in err,
           f"as {form}, too", out, err)
status, got, data = diff(suite(case("t")), suite(case("t"), case("", "f")))
tap.ok(status == 1 and data["after"]["loose"] == 1, "and one without a name")
status, got, data = diff(suite(case("t"), case("", "f")),
                         suite(case("t"), case("", "f")))
tap.ok(status == 0 and got == {}, "the same ones are not")
status, got, data = diff(suite(case("t", "f")), suite(
    case("t"), case("u"), tests="2", failures="1"))
tap.ok(got == {"doubtful": ["t"], "added": ["u"]},
       "a pass that its suite's counters contradict is none", got)

SAID = {"p": "passed", "f": "failed", ".": None}
for old, new, want in (("ppf", "pp.", {"doubtful": ["2"]}),
                       ("ppf", "ppp", {"fixed": ["2"]}),
                       ("pp", "p.", {"doubtful": ["1"]}),
                       ("pp", ".p", {"doubtful": ["0"]}),
                       ("..f", "...", {"fixed": ["2"]}),
                       ("...", "...", {})):
    status, got, _ = diff(*(suite(*[
        case(str(i), "f" if h == "f" else "p", status=SAID[h])
        for i, h in enumerate(side)]) for side in (old, new)))
    tap.ok(got == want and status == 0,
           f"a case that says nothing, where others do: {old}, {new}", got)

# --- against a count by other means ---------------------------------------------------


def count_kinds(old, new):
    """What is to be listed: of random tests that only their names tell apart."""
    want = collections.Counter()
    for name in set(old) | set(new):
        o, n = old.get(name, []), new.get(name, [])
        if not o or not n:
            for how in o:
                want["removed", name] += 1
            for how in n:
                want["newly_failing" if how in "fe" else "added", name] += 1
            continue
        if len(o) == len(n) == 1:
            kind = WANT.get(o[0].replace("e", "f") + n[0].replace("e", "f"))
            if o[0] + n[0] in ("?f", "?e"):
                kind = "newly_failing"
            if kind:
                want[kind, name] += 1
            continue
        bad, now = (sum(h in "fe" for h in side) for side in (o, n))
        if now > bad:
            kind = "newly_failing"
        elif bad and bad == len(o) and now == len(n):
            kind = "still_failing"
        elif now or (bad and not (len(n) >= len(o) and set(n) == {"p"})):
            kind = "doubtful"
        elif bad:
            kind = "fixed"
        elif n.count("?") > o.count("?"):
            kind = "doubtful"
        elif n.count("s") > o.count("s"):
            kind = "newly_skipped"
        else:
            kind = ("added" if len(n) > len(o) else
                    "removed" if len(n) < len(o) else None)
        if kind:
            want[kind, name] += 1
    return want


WANT["?s"], WANT["s?"], WANT["?p"] = "newly_skipped", "doubtful", None
luck = random.Random(7)
wrong = None
for turn in range(300):
    sides = []
    for _ in range(2):
        side = [(f"t{luck.randrange(luck.choice((8, 60, 600)))}",
                 luck.choices("pfes?", (luck.choice((3, 60)), 2, 1, 2, 1))[0])
                for _ in range(luck.randrange(1, 120))]
        sides.append(side)
    if luck.random() < .5:  # mostly the same, as two runs are
        sides[1] = [x if luck.random() < .9 else luck.choice(sides[1])
                    for x in sides[0]]
    by_name = []
    for side in sides:
        by = collections.defaultdict(list)
        for name, how in side:
            by[name].append(how)
        by_name.append(by)
    _, _, data = diff(*(suite(*[case(*x) for x in side]) for side in sides))
    got = collections.Counter(
        (kind, t["name"]) for kind in KINDS for t in data[kind])
    want = count_kinds(*by_name)
    if got != want:
        wrong = (turn, want - got, got - want)
        break
tap.ok(not wrong, "300 random pairs come to what another count says", wrong)

# --- folders, and what is no report -----------------------------------------------------

for side, hows in (("o", "ppf"), ("n", "pfp")):
    os.mkdir(os.path.join(TMP, side))
    for i, how in enumerate(hows):
        write(f"{side}/TEST-{i}.xml", suite(case("t", how, classname=f"c{i}")))
write("n/build.xml", "<project/>")
os.mkfifo(TMP + "/fifo")
status, got, data = compare("o", "n")
tap.ok(status == 1 and got == {"newly_failing": ["t"], "fixed": ["t"]}
       and data["newly_failing"][0]["after"]["report"] == "n/TEST-1.xml",
       "folders are compared file by file", got)
status, _, err = tap.run("diff", "o", "n", cwd=TMP)
tap.ok(b"n/build.xml: no JUnit report, passed over" in err,
       "what is no report among them is named", err)
status, out, err = tap.run("diff", "o/TEST-0.xml", "-", cwd=TMP,
                           stdin=tap.read(TMP + "/n/TEST-1.xml"))
tap.ok(status == 1 and b"Newly failing: 1" in out, "standard input is read",
       out, err)
for args, want in ((("old.xml",), 2), (("a", "b", "c"), 2), (("-", "-"), 2),
                   (("old.xml", "not-there.xml"), 3), (("o", "broken.xml"), 3),
                   (("build.xml", "old.xml"), 3), (("--limit=x", "o", "n"), 2),
                   (("--format=csv", "o", "n"), 2),
                   (("--quarantine=q", "o", "-"), 2),
                   (("--quarantine=q", "o", "fifo"), 2)):
    write("broken.xml", "<testsuite><testcase name='a'>")
    write("build.xml", "<project/>")
    status, out, err = tap.run("diff", *args, cwd=TMP)
    tap.ok(status == want and not out and err.startswith(b"rejunit: "),
           f"{' '.join(args)}: {want}", status, out, err)
write("u16.xml", ('<?xml version="1.0" encoding="utf-16"?>'
                  + suite(case(NFC, "f"))).encode("utf-16"))
write("new.xml", suite(case(NFD)))
status, got, _ = compare("u16.xml", "new.xml")
tap.ok(got == {"fixed": [NFD]}, "encodings meet", got)
write("raw.xml", suite(case("t", "f", "\x1b")))
status, got, _ = compare("raw.xml", "raw.xml")
fixed, _, _ = compare("raw.xml", "raw.xml", "--repair")
tap.ok(status == 3 and fixed == 0, "--repair", status, fixed)

write("n/t.xml", suite(case("t")))
os.makedirs(TMP + "/n2")
write("n2/r-2026.xml", suite(case("t"), case("u")))
status, got, _ = compare("n/t.xml", "n2")
tap.ok(got == {"added": ["u"]}, "a file is compared with a folder", got)
os.makedirs(TMP + "/m/a")
os.makedirs(TMP + "/m/b")
os.makedirs(TMP + "/k/a")
os.makedirs(TMP + "/k/b")
for path, how in (("m/a", "f"), ("m/b", "p"), ("k/a", "p"), ("k/b", "f")):
    write(path + "/r.xml", suite(case("t", how)))
status, got, _ = compare("m", "k")
tap.ok(got == {"fixed": ["t"], "newly_failing": ["t"]},
       "reports of one name, in two folders, are of two modules", got)

for path in ("l/a", "j/b"):
    os.makedirs(f"{TMP}/{path}")
    write(path + "/r.xml", suite(case("t")))
status, got, _ = compare("l", "j")
tap.ok(got == {"removed": ["t"], "added": ["t"]}, "also where all pass", got)

# --- a quarantine --------------------------------------------------------------------

write("q.txt", "# until=9999-12-31\nc::a\n")
old = suite(case("a"), case("b"))
status, got, data = diff(old, suite(case("a", "f"), case("b")),
                         "--quarantine=q.txt")
tap.ok(status == 0 and data["newly_failing"][0]["excused"] is True,
       "what is excused sets no status, and is told", status, data)
status, got, data = diff(old, suite(case("a", "f"), case("b", "f")),
                         "--quarantine=q.txt")
tap.ok(status == 1, "what is not does")
status, got, data = diff(old, suite(case("a", "f"), case("b")),
                         "--quarantine=q.txt", "--max-quarantined=0")
tap.ok(status == 1 and "excused" not in data["newly_failing"][0],
       "nothing is excused where too many fail", status)
out = tap.run("diff", "--format=github", "--quarantine=q.txt", "old.xml",
              "new.xml", cwd=TMP)[1]
tap.ok(out == b"", "and no annotation is made of it", out)

# --- for people ------------------------------------------------------------------------

MANY = [f"test_{i}" for i in range(3000)]
status, got, _ = diff(suite(*[case(n) for n in MANY], case("gone")),
                      suite(*[case(n, "f", "x" * 400) for n in MANY]))
status, out, err = tap.run("diff", "--format=markdown", "old.xml", "new.xml",
                           cwd=TMP)
text = out.decode()
told = len(re.findall(r"^- `c::test_", text, re.M))
tap.ok(len(text) < 65536 and f"- and {3000 - told} more\n" in text and told > 90
       and text.startswith("## Tests: 3000 newly failing, 0 fixed\n")
       and "<summary>Removed: 1</summary>\n\n- and 1 more\n\n</details>" in text,
       "markdown stays below what GitHub takes, and is whole", len(text), told,
       text[-300:])
status, out, err = tap.run("diff", "--format=github", "old.xml", "new.xml",
                           cwd=TMP)
tap.ok(out.count(b"\n") == 10 and out.count(b"::error ") == 10
       and b"2991" in out.splitlines()[-1], "annotations are as many as shown",
       out.splitlines()[-1])
write("more.xml", tap.read(TMP + "/new.xml").replace(
    b"</testsuite>", b"<error message='x'/></testsuite>"))
out = tap.run("diff", "--format=github", "old.xml", "more.xml", cwd=TMP)[1]
tap.ok(out.count(b"::error ") == 10 and b"2992" in out.splitlines()[-1],
       "also with one that belongs to no test", out)
status, out, err = tap.run("diff", "--limit=2", "old.xml", "new.xml", cwd=TMP)
tap.ok(out.count(b"c::test_") == 2 and b"... and 2998 more" in out,
       "--limit", out)
status, out, err = tap.run("diff", "-q", "old.xml", "new.xml", cwd=TMP)
tap.ok((status, out, err) == (1, b"", b""), "-q says nothing", out, err)
write("old.xml", suite(*[case("`" * 600 + str(i)) for i in range(99)]))
write("new.xml", suite(*[case("`" * 600 + str(i), "f", "\x7f" * 400)
                         for i in range(99)], case("z", "f"), case("y")))
text = tap.run("diff", "--format=markdown", "old.xml", "new.xml",
               cwd=TMP)[1].decode()
tap.ok(55000 < len(text) < 65536, "however much of it is spelled out",
       len(text))
EVIL = "x`|<b>&\u202e</details> %0A::error::y\\"
status, got, _ = diff(suite(case("a"), case(EVIL + "\n\x85")),
                      suite(case("a", "f", "y`\n::error::"),
                            case(EVIL + "\n\x85", "f")))
out = tap.run("diff", "--format=markdown", "old.xml", "new.xml", cwd=TMP)[1]
bare = re.sub(r"(?<!`)(`+)(.*?[^`])\1(?!`)", "", out.decode())
tap.ok("<b>" not in bare and bare.count("</details>") == 0
       and out.decode().count("\n- ") == 2, "markdown is safe against names",
       out.decode())
out = tap.run("diff", "--format=github", "old.xml", "new.xml", cwd=TMP)[1]
tap.ok(out.count(b"\n") == 2 and all(
    line.startswith(b"::error ") for line in out.splitlines()),
       "and so are annotations", out)
out = tap.run("diff", "old.xml", "new.xml", cwd=TMP)[1]
tap.ok(not re.search("[\u202e\x85\x1b]", out.decode()),
       "and a terminal", out.decode())

# --- memory ------------------------------------------------------------------------------


# long enough for a second thread, and half of it changed
for side, word in (("old", ""), ("new", "<failure/>")):
    write(side + ".xml", suite(*[
        f"<testcase classname='{'c' * 80}{i // 9}' name='{'n' * 40}{i}' time='1'>"
        f"{word if i % 2 else ''}</testcase>" for i in range(60000)]))
_, _, data = compare("old.xml", "new.xml")
tap.ok([len(data[k]) for k in KINDS] == [30000] + [0] * 7
       and all(int(t["name"][40:]) % 2 for t in data["newly_failing"]),
       "of a long report, just what has changed", [len(data[k]) for k in KINDS])


def peak(*args):
    """The most memory that it had, as far as a look now and then shows it."""
    p = subprocess.Popen([tap.REJUNIT, *args], cwd=TMP)
    most = 0
    while p.poll() is None:
        found = re.search(rb"VmHWM:\s+(\d+) kB",
                          tap.read(f"/proc/{p.pid}/status") or b"")
        # before it is another program, it is this one
        if found and os.path.basename(tap.REJUNIT).encode() in (
                tap.read(f"/proc/{p.pid}/cmdline") or b"")[:500]:
            most = int(found[1]) * 1024
    return most, p.returncode


def big(name, of, n):
    write(name, suite(*["<testcase classname='tests.m%d' name='%s_%d' time="
                        "'0.%03d'/>" % (i // 50, of, i, i % 997)
                        for i in range(n)]))


N = 200000
big("b1.xml", "t", N)
big("b2.xml", "t", N)
if SANITIZED:
    tap.skip("40 bytes a case are enough", "sanitizers need memory of their own")
else:
    # beside what it takes to read them
    least, _ = peak("show", "-q", "b1.xml")
    most, status = peak("diff", "-q", "b1.xml", "b2.xml")
    tap.ok(status == 0 and (most - least) / N < 40,
           "40 bytes a test are enough where nothing changed",
           (most - least) / N)
    for what in ("where a test says nothing that counts",
                 "where classes are not said"):
        text = tap.read(TMP + "/b1.xml").decode()
        text = (re.sub("'/>", "'><risky/></testcase>", text) if "counts" in what
                else re.sub("classname='[^']*' ", "", text))
        write("b1.xml", text)
        write("b2.xml", text)
        most, status = peak("diff", "-q", "b1.xml", "b2.xml")
        tap.ok(status == 0 and (most - least) / N < 40, f"and {what}",
               (most - least) / N)
tap.done()
