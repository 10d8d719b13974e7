#!/usr/bin/env python3
"""The rules of the house that a compiler does not check."""
import glob
import os
import re
import subprocess

import tap

BUILD = os.environ.get("BUILD", os.path.join(tap.TOP, "build", "release"))
os.chdir(tap.TOP)


STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def grep(pattern, *files, strings=True):
    """The lines that have it; or that have it outside of string literals."""
    return [f"{f}: {line.strip()}" for f in files
            for line in open(f, encoding="utf-8")
            if re.search(pattern, line if strings else STRING.sub("", line))]


def shell(*command):
    p = subprocess.run(command, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    return p.returncode, p.stdout.decode("utf-8", "replace")


cli = sorted(glob.glob("src/cli/*.[ch]"))
library = sorted(set(glob.glob("src/*/*.[ch]")) - set(cli))

# what each room may name; above it stands what may name it
ROOMS = {
    "base": "",
    "file": "base",
    "out": "base file",
    "model": "base file",
    "read": "base file model",
    "merge": "base model",
    "write": "base file out model",
    "list": "base out model",
    "join": "base file out model read",
    "audit": "base file out model read write",
    "show": "base out",
    "diff": "base merge model out",
    "history": "base file list model out",
    "investigate": "base file history list out",
    "page": "base history investigate list out",
    "quarantine": "base history list model out",
    "postgresql": "base history",
    "api": "base file out model read merge write list join audit show "
           "history investigate quarantine page diff",
}
for name, may in ROOMS.items():
    files = glob.glob(f"src/{name}/*.[ch]")
    named = {(f, m) for f in files
             for m in re.findall(r'^#include "([^"]+)"', open(f).read(), re.M)}
    found = [f"{f}: {m}" for f, m in named if m != "rejunit.h"
             and m.split("/")[0] not in {name, *may.split()}]
    tap.ok(files and not found, f"{name} names {may or 'no other room'}", *found)
    tap.ok(all("/" in m or m == "rejunit.h" for _, m in named),
           "and every header with its room")


def dragged_in(header, seen):
    """The headers of ours that one includes, and those that they do."""
    for m in re.findall(r'^#include "([^"]+)"', open(f"src/{header}").read(),
                        re.M):
        if m != "rejunit.h" and m not in seen:
            seen.add(m)
            dragged_in(m, seen)
    return seen


# whoever wants a case gets no file, and no XML; a face, what it is made of
for header, rooms in (("model/case.h", "base model"),
                      ("model/outcome.h", "base model"),
                      ("merge/merge.h", "base file model"),
                      ("read/read.h", "base file model read"),
                      ("write/write.h", "base file model"),
                      ("list/list.h", ""), ("show/show.h", "base"),
                      ("out/out.h", "base file"), ("join/join.h",
                                                   "base file model"),
                      ("audit/audit.h", "audit base")):
    more = {m for m in dragged_in(header, set())
            if m.split("/")[0] not in rooms.split()}
    tap.ok(not more, f"{header} drags in {rooms or 'nothing'}", *more)
tap.ok({p.split("/")[1] for p in library} == set(ROOMS),
       "every file of the library has a room")
# the lists and what is shown are made of what every program can ask for
clients = ["src/list/list.c", "src/list/json.c", "src/list/csv.c",
           "src/list/markdown.c", "src/list/annotations.c",
           "src/list/lines.h", "src/list/list.h", "src/show/show.c",
           "src/show/show.h", "src/diff/write.c", "src/diff/json.c",
           "src/diff/markdown.c", "src/diff/write.h"]
found = [f for f in grep(r'^#include "', *clients) if not re.search(
    r'"(rejunit\.h|(base|out)/\w+\.h|list/(list|lines)\.h|show/show\.h|diff/write\.h)"', f)]
tap.ok(not found, "lists and show use the public header alone", *found)
found = grep(r"libxml/|\bxml[A-Z]", *(set(library + cli) - {"src/read/xml.c"}))
tap.ok(not found, "libxml2 stays in its room", *found)
found = grep(r"utf8proc", *(set(library + cli) - {
    "src/base/json_in.c", "src/base/visible.c", "src/file/repair.c", "src/model/identity.c",
    "src/model/identity.h", "src/model/markup.c", "src/out/json.c",
    "src/out/out.c", "src/read/bytemap.c"}))
tap.ok(not found, "and utf8proc in its places", *found)
found = grep(r'#include "', *cli)
tap.ok(all(re.search(r'"(cli|run|runner|rejunit)\.h"', f) for f in found),
       "the command line uses the public header alone", *found)
found = grep(r"\b((secure_)?getenv|_?_?exit|abort|v?[fd]?printf|f?puts|f?putc|"
             r"putchar|perror|setlocale)\(|[^/]\bstd(out|err)\b", *library,
             strings=False)
tap.ok(not found, "the library does not print, exit or read the environment",
       *found)
found = grep(r"\b(strcpy|strcat|sprintf|gets|strtok|atoi|alloca)\(",
             *library, *cli)
tap.ok(not found, "no function that cannot be used safely", *found)

for header in sorted(glob.glob("include/*.h") + glob.glob("src/*/*.h")):
    code, out = shell("cc", "-std=c11", "-D_POSIX_C_SOURCE=200809L",
                      "-D_DEFAULT_SOURCE", "-Iinclude", "-Isrc", "-Wall",
                      "-Wextra", "-fsyntax-only", "-x", "c", header)
    tap.ok(code == 0, f"{header} compiles alone", out)

# instruments for coverage and the like export symbols of their own
shared = glob.glob(os.path.join(BUILD, "librejunit.so.*"))
code, out = shell("nm", "-D", "--defined-only", *shared)
names = [line.split()[-1] for line in out.splitlines() if " T " in line]
if os.path.basename(BUILD) != "release":
    names = [n for n in names if n.startswith("rejunit_")]
tap.ok(shared and names and all(n.startswith("rejunit_") for n in names),
       "the shared library exports its interface and nothing else",
       *[n for n in names if not n.startswith("rejunit_")])
declared = set(re.findall(r"\b(rejunit_\w+)\(",
                          open("include/rejunit.h").read()))
tap.ok(set(names) <= declared, "and all of that is in the header",
       *(set(names) - declared))

# the option table, the help and the manual say the same
manual = open("doc/rejunit.1", encoding="utf-8").read()
for command in ("run", "update", "merge", "audit", "show", "diff", "record", "rank",
                "investigate", "html", "quarantine", "export", "prune", "rename", "init"):
    _, help_text, _ = tap.run(command, "--help")
    options = re.findall(r"^  (?:-(\w), |    )--([\w-]+)(?:\[?=(\S+))?",
                         help_text.decode(), re.M)
    tap.ok(len(options) > 3, f"{command} --help lists the options")
    tap.ok(not re.search(r"^.{81,}", help_text.decode(), re.M),
           "on lines that a terminal has room for")
    start = manual.index(f".Ss rejunit {command}\n")
    end = re.compile(r"^\.S[sh] ", re.M).search(manual, start + 5).start()
    section = manual[start:end]
    for letter, name, argument in options:
        item = rf"^\.It (?:Fl {letter} , )?(?:.*, )?Fl \\-{name}\b"
        tap.ok(re.search(item, section, re.M),
               f"the manual of {command} has --{name}")
    described = set(re.findall(r"Fl \\-([\w-]+)", " ".join(
        re.findall(r"^\.It .*", section, re.M))))
    extra = described - {n for _, n, _ in options}
    tap.ok(not extra, "and no option that is none", *extra)
found = grep(r"^\.It (An|At|Do|In|It|No|Or|So|Up) ",
             *glob.glob("doc/*.[37]"))
tap.ok(not found, "no heading of a manual begins with a macro's name", *found)
for page in sorted(glob.glob("doc/*.[1-9]")):
    code, out = shell("mandoc", "-Tlint", "-Wwarning", page)
    tap.ok(code == 0, f"{page} is sound", out)
functions = set(re.findall(r"^\.Fn (\w+)|^\.Fo (\w+)",
                           open("doc/rejunit.3").read(), re.M))
functions = {a or b for a, b in functions}
tap.ok(set(names) == functions, "rejunit(3) has every function",
       *(set(names) ^ functions))
header = re.sub(r"/\*.*?\*/", "", open("include/rejunit.h").read(), flags=re.S)
manual = open("doc/rejunit.3").read()
words = {w for line in re.findall(r"^\.Dv (.*)", manual, re.M)
         for w in re.findall(r"REJUNIT_\w+", line)}
constants = {w for body in re.findall(r"^enum \w+ \{(.*?)\};", header, re.S | re.M)
             for w in re.findall(r"REJUNIT_\w+", body)}
tap.ok(len(constants) > 70 and constants == words,
       "and every constant", *(constants ^ words))
members = set(re.findall(r"(\w+)(?:\[\w+\])?;", re.search(
    r"^struct rejunit_error \{(.*?)\};", header, re.S | re.M)[1]))
tap.ok(len(members) == 6 and members <= set(
    re.findall(r"^\.Fa (\w+)", manual, re.M)),
       "and every member of an error", *members)
version = ".".join(re.findall(r"VERSION_[MP]\w+\s+(\d+)$", open(
    "include/rejunit.h").read(), re.M))
_, said, _ = tap.run("--version")
tap.ok(said.decode() == f"rejunit {version}\n", "the header has the version")
found = grep(re.escape(version), "include/rejunit.h", "Makefile", *library,
             *cli, *glob.glob("doc/rejunit.*"))
tap.ok(not found, "the version stands in one place", *found)
found = [grep(rf"^rejunit \({re.escape(version)}\)", "debian/changelog"),
         grep(rf"^\.It {re.escape(version)}$", "doc/rejunit-internals.7"),
         grep(rf"default: {re.escape(version)}$",
              ".github/actions/rejunit/action.yml")]
tap.ok(all(found), "and what is released says the same", *found)
tap.done()
