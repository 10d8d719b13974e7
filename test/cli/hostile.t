#!/usr/bin/python3
"""What reports from untrusted code can do: nothing but be refused, or work."""
import concurrent.futures
import itertools
import os
import re
import shutil
import subprocess
import threading

import tap

MEMORY = 64 << 20
HANGS = 120  # seconds: more is not slow, but never comes back
BUILD = os.path.basename(os.environ.get("BUILD", "release"))
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
SUITE = '<testsuite name="s" tests="%d" failures="%d" errors="0" skipped="0">\n'
PASS = '<testcase classname="m" name="%s" time="0.5"/>\n'
FAIL = ('<testcase classname="m" name="%s" time="0.1">'
        '<failure message="no">why\nnot</failure></testcase>\n')
PLACE = re.compile(rb"rejunit: [^:\n]*([or]\.xml):(\d+):(\d+): [^\n]+\n\Z")


def report(*cases):
    bad = sum("<failure" in c for c in cases)
    return HEAD + SUITE % (len(cases), bad) + "".join(cases) + "</testsuite>\n"


ORIGINAL = report(PASS % "a", FAIL % "b")
RERUN = report(PASS % "b")


def text(data):
    return data.decode("utf-8", "replace")[:2000]


def run(folder, *args, command="update"):
    """Exit status, both outputs and the peak of memory."""
    with open(folder + "/stdout", "wb") as out, \
            open(folder + "/stderr", "wb") as err:
        p = subprocess.Popen([tap.REJUNIT, command, *args], cwd=folder,
                             stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        guard = threading.Timer(HANGS, p.kill)
        guard.start()
        _, status, usage = os.wait4(p.pid, 0)
        guard.cancel()
        p.returncode = os.waitstatus_to_exitcode(status)
    out, err = tap.read(folder + "/stdout"), tap.read(folder + "/stderr")
    os.remove(folder + "/stdout")
    os.remove(folder + "/stderr")
    return p.returncode, out, err, usage.ru_maxrss << 10


def work(files, *args, command="update"):
    """Exit status, and how many instructions it takes."""
    folder = tap.scratch()
    for name, data in files.items():
        tap.write(f"{folder}/{name}", data)
    try:
        p = subprocess.run(
            ["valgrind", "--tool=cachegrind", "--cache-sim=no",
             f"--cachegrind-out-file={folder}/counted", tap.REJUNIT, command,
             *args], cwd=folder, stdin=subprocess.DEVNULL, timeout=HANGS,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return "timeout", 0
    counted = re.search(rb"^summary: (\d+)", tap.read(folder + "/counted") or
                        b"", re.M)
    shutil.rmtree(folder)
    return p.returncode, int(counted[1]) if counted else 0


def problems(bad, data, line=None, says=b""):
    """Refused with its place, and nothing written, whichever way it goes."""
    folder, found = tap.scratch(), []
    tap.write(folder + "/o.xml", ORIGINAL)
    tap.write(folder + "/r.xml", RERUN)
    tap.write(f"{folder}/{bad}", data)
    before = tap.read(folder + "/o.xml")
    tap.write(folder + "/old.xml", "old")
    names = sorted(os.listdir(folder))
    for to in (("-o", "old.xml", "--flakes=f"), ("-o", "new.xml"),
               ("--in-place", "--decisions=d"), ()):
        status, out, err, _ = run(folder, *to, "o.xml", "r.xml")
        place = PLACE.match(err)
        if status != 3 or out != b"" or not place \
                or place[1].decode() != bad \
                or line not in (None, int(place[2])) or says not in err:
            found.append(f"{bad} {to}: {status} {text(out)}{text(err)}")
        if tap.read(folder + "/o.xml") != before \
                or tap.read(folder + "/old.xml") != b"old" \
                or sorted(os.listdir(folder)) != names:
            found.append(f"{bad} {to}: something was written: "
                         f"{os.listdir(folder)}")
    return found


def refused(what, data, line=None, says=b""):
    found = problems("o.xml", data, line, says) + \
        problems("r.xml", data, line, says)
    tap.ok(not found, f"{what}: refused with its place, nothing written",
           *found)


def updated(what, status, out, err, peak, good):
    tap.ok(status == 0 and good, what, status, text(out), text(err))
    if BUILD != "asan":
        tap.ok(peak < MEMORY, "and in less than 64 MiB", peak >> 20)


# --- size: first, for a process starts with its parent's peak of memory

def write_large(path, before, chunk, times, after):
    with open(path, "w", encoding="utf-8") as f:
        f.write(before)
        for _ in range(times):
            f.write(chunk)
        f.write(after)


folder = tap.scratch()
count = 300000
for what, case in (
        ("each slower than the one before",
         '<testcase classname="m" name="t%d" time="%d"/>\n'),
        ("all failing", '<testcase classname="m" name="t%d" time="%d">'
         '<failure message="no"/></testcase>\n'),
        ("all flaky", '<testcase classname="m" name="t%d" time="%d">'
         '<flakyFailure message="no"/></testcase>\n')):
    with open(folder + "/many.xml", "w", encoding="utf-8") as f:
        f.write('<testsuite name="s">')
        for i in range(count):
            f.write(case % (i, i))
        f.write("</testsuite>\n")
    status, out, err, peak = run(folder, "many.xml", command="show")
    lines = out.count(b"\n")
    good = b"  299999.000 s  m::t299999\n" in out and lines < 60
    if "flaky" in case or "failure" in case:
        good = good and b"\n  m::t19\n      no\n  ... and 299980 more\n" in out
    tap.ok(status in (0, 1) and good,
           f"of {count} cases, {what}, a few are shown", status, text(out))
    if BUILD != "asan":
        tap.ok(peak < 20 << 20, "in memory for no more", peak >> 10)
os.remove(folder + "/many.xml")
output = "a line that some test has printed, <![CDATA[as <it> is]]> &amp;\n"
write_large(folder + "/o.xml",
            HEAD + SUITE % (2, 1) + FAIL % "b" + PASS[:-3] % "a" +
            "><system-out>", output * 1000, 200000000 // len(output) // 1000,
            "</system-out></testcase></testsuite>\n")
tap.write(folder + "/r.xml", RERUN)
status, out, err, peak = run(folder, "--in-place", "o.xml", "r.xml")
size = os.path.getsize(folder + "/o.xml")
with open(folder + "/o.xml", "rb") as f:
    good = size > 199000000 and b"<flakyFailure" in f.read(1000)
updated("200 MB that a passing test printed", status, out, err, peak, good)
# cases within CDATA that look like cases with CDATA, and none has an end
seem = "<testcase name='ab'><system-out><![CDATA[" * 3000
window = seem + "]" * ((1 << 18) - len(seem))
write_large(folder + "/o.xml",
            HEAD + SUITE % (2, 1) + FAIL % "b" + PASS[:-3] % "a" +
            "><system-out><![CDATA[", window, 100,
            "]]></system-out></testcase></testsuite>\n")
status, out, err, peak = run(folder, "--in-place", "o.xml", "r.xml")
size = os.path.getsize(folder + "/o.xml")
with open(folder + "/o.xml", "rb") as f:
    good = size > 26000000 and b"<flakyFailure" in f.read(1000)
updated("26 MB that look like cases and are none", status, out, err, peak,
        good)
write_large(folder + "/o.xml",
            HEAD + SUITE % (1, 1) + FAIL[:-12] % "b" + "<system-out>",
            output * 1000, 200000000 // len(output) // 1000,
            "</system-out></testcase></testsuite>\n")
status, out, err, peak = run(folder, "--in-place", "o.xml", "r.xml")
size = os.path.getsize(folder + "/o.xml")
with open(folder + "/o.xml", "rb") as f:
    good = size > 199000000 and b"<flakyFailure" in f.read(1000)
updated("200 MB that a recovered test printed", status, out, err, peak, good)
os.remove(folder + "/o.xml")

count = 1000000
with open(folder + "/o.xml", "w", encoding="utf-8") as f:
    f.write(HEAD + SUITE % (count, count // 1000))
    for i in range(count):
        f.write((FAIL if i % 1000 == 7 else PASS) % i)
    f.write("</testsuite>\n")
with open(folder + "/r.xml", "w", encoding="utf-8") as f:
    f.write(HEAD + SUITE % (count // 1000, 0))
    for i in range(7, count, 1000):
        f.write(PASS % i)
    f.write("</testsuite>\n")
status, out, err, peak = run(folder, "-q", "--in-place", "o.xml", "r.xml")
found = 0
with open(folder + "/o.xml", "rb") as f:
    for line in f:
        found += line.count(b"<flakyFailure")
updated("a million cases", status, out, err, peak,
        found == count // 1000)

# --- DOCTYPE

folder = tap.scratch()
secret = tap.write(folder + "/secret", "a-secret-word")
tap.write(folder + "/evil.dtd", '<!ENTITY e "expanded-entity">')
LAUGHS = '<!ENTITY l0 "expanded-entity">' + "".join(
    f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
DOCTYPES = {
    "bare": ("<!DOCTYPE testsuite>", "why"),
    "an internal subset":
        ('<!DOCTYPE testsuite [<!ENTITY e "expanded-entity">]>', "&e;"),
    "billion laughs": (f"<!DOCTYPE testsuite [{LAUGHS}]>", "&l9;"),
    "quadratic blow-up":
        (f'<!DOCTYPE t [<!ENTITY e "{"expanded-entity" * 5000}">]>',
         "&e;" * 5000),
    "an external file":
        (f'<!DOCTYPE t [<!ENTITY e SYSTEM "file://{secret}">]>', "&e;"),
    "an external file by its path":
        (f'<!DOCTYPE t [<!ENTITY e SYSTEM "{secret}">]>', "&e;"),
    "a public external entity":
        (f'<!DOCTYPE t [<!ENTITY e PUBLIC "x" "{secret}">]>', "&e;"),
    "a network entity":
        ('<!DOCTYPE t [<!ENTITY e SYSTEM "http://127.0.0.1:9/">]>', "&e;"),
    "SYSTEM": (f'<!DOCTYPE t SYSTEM "{folder}/evil.dtd">', "&e;"),
    "PUBLIC": (f'<!DOCTYPE t PUBLIC "-//x//y" "{folder}/evil.dtd">', "&e;"),
    "an external parameter entity":
        (f'<!DOCTYPE t [<!ENTITY % p SYSTEM "{folder}/evil.dtd"> %p;]>',
         "&e;"),
    "an internal parameter entity":
        ("<!DOCTYPE t [<!ENTITY % p '<!ENTITY e \"expanded-entity\">'> %p;]>",
         "&e;"),
    "an entity for itself":
        ('<!DOCTYPE t [<!ENTITY e "&e;">]>', "&e;"),
    "default attributes":
        ('<!DOCTYPE t [<!ATTLIST testcase name CDATA "expanded-entity">]>',
         "why"),
}
for what, (doctype, reference) in DOCTYPES.items():
    data = ORIGINAL.replace("?>\n", f"?>\n{doctype}", 1) \
        .replace("why", reference)
    refused(f"DOCTYPE: {what}", data, 2, b"DOCTYPE")
    seen = []
    for names in (("o.xml", "r.xml"), ("r.xml", "o.xml")):
        folder = tap.scratch()
        tap.write(f"{folder}/{names[0]}", data)
        tap.write(f"{folder}/{names[1]}", RERUN)
        _, out, err, peak = run(folder, "-n", "o.xml", "r.xml")
        seen += [w for w in (b"expanded-entity", b"a-secret-word")
                 if w in out + err]
        if BUILD != "asan" and peak > MEMORY:
            seen.append(f"{peak >> 20} MiB")
    tap.ok(not seen, "and nothing of it comes out", *seen)
refused("an entity nobody declared", ORIGINAL.replace("why", "&why;"), 4)

# --- limits

for depth, fits in ((400, True), (600, False), (200000, False)):
    deep = ORIGINAL.replace(
        "</testsuite>", "<x>" * depth + "</x>" * depth + "</testsuite>")
    if not fits:
        refused(f"{depth} elements in one another", deep, 6, b"deep")
        refused(f"{depth} suites in one another",
                HEAD + "<testsuite>" * depth + "</testsuite>" * depth, 2,
                b"deep")
        continue
    folder = tap.scratch()
    tap.write(folder + "/o.xml", deep)
    tap.write(folder + "/r.xml", RERUN)
    status, out, err, _ = run(folder, "o.xml", "r.xml")
    tap.ok(status == 0, f"{depth} elements in one another work", text(err))

refused("a value of 70 MB", ORIGINAL.replace('"no"', f'"{"v" * 70000000}"'),
        None, b"too long")
refused("1001 attributes", ORIGINAL.replace(
    "<failure", "<failure " + " ".join(f'a{i}=""' for i in range(1000))), 4,
    b"attributes")
many = [f"<n{i}/>" for i in range(60000)]
refused("60,000 different elements",
        ORIGINAL.replace("</testsuite>", "\n".join(many) + "</testsuite>"),
        None, b"names")
many = [f'<n a{i}="" b{i}="" c{i}="" d{i}=""/>' for i in range(20000)]
refused("80,000 different attributes",
        ORIGINAL.replace("</testsuite>", "\n".join(many) + "</testsuite>"),
        None, b"names")
many = " ".join(f'a{i}=""' for i in range(200000))
refused("200,000 attributes in one tag",
        ORIGINAL.replace("<failure", "<failure " + many), None,
        b"attributes")


folder, name = tap.scratch(), "n" * 1000000 + "é"
tap.write(folder + "/o.xml", report(FAIL % name, FAIL % (name + "x")))
tap.write(folder + "/r.xml", report(PASS % name, FAIL % (name + "x")))
status, out, err, _ = run(folder, "o.xml", "r.xml",
                          "--flakes=f.json", "--decisions=d.json")
tap.ok(status == 1 and out.count(name.encode()) == 2
       and out.count(b"<flakyFailure") == 1 and out.count(b"<failure") == 1
       and name.encode() in tap.read(folder + "/f.json"),
       "names of a megabyte are told apart to the end",
       status, text(err))

# --- many of a name

# strings that many a hash function takes for one
folder = tap.scratch()
names = ["".join(w) for w in itertools.product(("Aa", "BB"), repeat=17)]
names = names[:100000]
tap.write(folder + "/o.xml", report(*[FAIL % n for n in names]))
tap.write(folder + "/r.xml", report(*[PASS % n for n in names]))
status, out, err, _ = run(folder, "-q", "-i", "o.xml", "r.xml")
result = tap.read(folder + "/o.xml")
tap.ok(status == 0 and result.count(b"<flakyFailure") == 100000
       and b'failures="0"' in result,
       "100,000 names that look like collisions", status, text(err))
tap.write(folder + "/o.xml", report(*[FAIL % "same"] * 100000))
tap.write(folder + "/r.xml", report(*[FAIL % "same"] * 100001))
status, out, err, _ = run(folder, "-q", "--append-reruns", "o.xml", "r.xml")
tap.ok(status == 1 and out.count(b"<rerunFailure") == 100001,
       "100,000 later failures of one test", status, text(err))

# --- the other commands

for command in ("merge", "show", "audit"):
    tap.write(folder + "/o.xml", "<testsuite>" * 200000)
    status, out, err, _ = run(folder, "o.xml", command=command)
    tap.ok(status == (1 if command == "audit" else 3)
           and b"deep" in out + err, f"{command}: 200,000 suites in one "
           "another", status, text(out), text(err))

# --- bytes

for code in [*range(0, 9), 11, 12, *range(14, 32)]:
    found = problems("o.xml", ORIGINAL.replace("why", f"wh{chr(code)}y"), 4)
    if not found:
        found = problems("r.xml", ORIGINAL.replace("no", f"n{chr(code)}"), 4)
    tap.ok(not found, f"the character {code:#04x}", *found)
for what, data in {
        "a byte that UTF-8 has not": b"\xff",
        "a lone continuation": b"\x80",
        "a lead without its continuation": b"\xc3(",
        "an overlong slash": b"\xc0\xaf",
        "an overlong NUL": b"\xc0\x80",
        "a surrogate": b"\xed\xa0\x80",
        "beyond Unicode": b"\xf4\x90\x80\x80",
        "U+FFFE": b"\xef\xbf\xbe"}.items():
    refused(what, ORIGINAL.encode().replace(b"why", b"wh" + data + b"y"), 4)
    refused(what + " in a name",
            ORIGINAL.encode().replace(b'"b"', b'"b' + data + b'"'), 4)
for what, reference in (("NUL", "&#0;"), ("ESC", "&#x1b;"),
                        ("a surrogate", "&#xD800;"),
                        ("beyond Unicode", "&#x110000;"),
                        ("a huge number", "&#99999999999999999999;")):
    refused(f"a reference to {what}", ORIGINAL.replace("why", reference), 4)
refused("NUL bytes behind the report", ORIGINAL + "\0" * 100, 7)
refused("NUL bytes in front of it", "\0" * 100 + ORIGINAL, 1)

# --- no report

for what, data in {
        "an empty file": "", "white space": " \n\t\n", "a newline": "\n",
        "plain text": "hello\n", "JSON": '{"a": 1}\n',
        "another language": "<html><body/></html>",
        "a case without a suite": "<testcase name='a'/>",
        "only a declaration": HEAD, "only a comment": "<!-- -->",
        "only a byte order mark": "\ufeff",
        "half of UTF-16": b"\xff\xfe<\0", "zeros": b"\0" * 4096,
        "two roots": "<testsuite/><testsuite/>",
        "an end without a start": "</testsuite>"}.items():
    refused(what, data)

data = report(PASS % "é", FAIL % "b", "<!-- c --><testcase name='d'>"
              "<system-out><![CDATA[x]]></system-out></testcase>\n").encode()
end = data.rindex(b">")
cuts = sorted({end * i // 50 for i in range(51)})
found = []
for cut in cuts:
    found += problems("o.xml", data[:cut]) + problems("r.xml", data[:cut])
tap.ok(not found, f"a report that is cut off, at {len(cuts)} places", *found)

# --- the work: instructions, which no load of the machine changes

FAILED = FAIL % "b"
ODD_TIME = '<testcase name="a" time="x"/>'
COUNTS = BUILD == "release" and shutil.which("valgrind") is not None
START = work({"o.xml": ORIGINAL, "r.xml": RERUN}, "o.xml", "r.xml")[1] \
    if COUNTS else 0


def grows(what, n, files, *args, command="update"):
    """Four times as much of it is four times the work, and not sixteen."""
    what = f"the work grows with the size: {what}"
    if not START:
        tap.skip(what, "no valgrind that can run this")
        return
    with concurrent.futures.ThreadPoolExecutor(2) as two:
        some, many = two.map(lambda n: work(files(n), *args, command=command),
                             (n, 4 * n))
    tap.ok(some[0] == many[0] and some[0] in (0, 1, 3)
           and many[1] - START <= 5 * max(some[1] - START, START),
           what, START, some, many)


def original(*cases, rerun=RERUN):
    return {"o.xml": report(*cases), "r.xml": rerun}


def printed(what):
    """By a test that passed, and by one that recovers."""
    return original(*(form + f"<system-out>{what}</system-out></testcase>\n"
                      for form in (PASS[:-3] % "a" + ">", FAIL[:-12] % "b")))


def suites(n):
    """Of one case each, and one of which all cases have one name."""
    return {"o.xml": "<testsuites>" + "".join(
        f'<testsuite name="s{i}" tests="1"><testcase name="a"/></testsuite>'
        for i in range(n)) + f'<testsuite tests="{n}" failures="{n}">'
        + FAIL % "same" * n + "</testsuite></testsuites>"}


def alike(form, again, more=0):
    return lambda n: original(*[form % "same"] * n, rerun=report(
        *[again % "same"] * (n + more)))


def named(names):
    return original(*[FAIL % n for n in names],
                    rerun=report(*[PASS % n for n in names]))


def long_names(n):
    name = "n" * n + "é"
    return original(FAIL % name, FAIL % (name + "x"), rerun=report(
        PASS % name, FAIL % (name + "x")))


UPDATE = ("-q", "o.xml", "r.xml")
grows("what tests printed", 200000,
      lambda n: printed(output * (n // len(output))), *UPDATE)
# read ahead from 4 MiB on
grows("windows of what looks like cases and is none", 17, lambda n: printed(
    "<![CDATA[" + window * n + "]]>"), *UPDATE)
grows("cases", 3000, lambda n: original(
    FAILED, *[PASS % i for i in range(n)]), *UPDATE)
grows("names that look like collisions", 800, lambda n: named(names[:n]),
      *UPDATE)
grows("long names", 10000, long_names, *UPDATE, "--decisions=d.json")
grows("entries of one test", 800, alike(FAIL, PASS), *UPDATE)
grows("later failures of one test", 800, alike(FAIL, FAIL, 1),
      "--append-reruns", *UPDATE)
grows("findings in one line", 1000, lambda n: {
    "o.xml": report(*[ODD_TIME] * n).replace("\n", "")}, "o.xml",
    command="audit")
grows("cases that an update lost", 1000, lambda n: {
    **original(FAIL % "a", *[PASS % i for i in range(n)],
               rerun=report(PASS % "a")), "u.xml": report(PASS % "a")},
      "--original=o.xml", "--rerun=r.xml", "u.xml", command="audit")
grows("components of a class name", 500, lambda n: original(
    *[FAIL.replace('"m"', '"%s"' % ("t." * n + str(i))) % "a"
      for i in range(30)]), "--json", "--rootdir=.", "o.xml", command="show")
for command in ("merge", "show", "audit"):
    options = ("--join-suites",) if command == "merge" else ()
    grows(f"{command}, suites and entries of one test", 600, suites, *options,
          "o.xml", command=command)
grows("audit, suites in one another", 3000, lambda n: {
    "o.xml": "<testsuite>" * n}, "o.xml", command="audit")
grows("different elements and attributes", 1000, lambda n: original(FAILED, *[
    f'<n{i} a{i}="" b{i}="" c{i}="" d{i}=""/>' for i in range(n)]), *UPDATE)
tap.done()
