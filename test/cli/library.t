#!/usr/bin/python3
"""The programs in rejunit(3) are whole ones: they build, run and are right."""
import os
import re
import shutil
import subprocess
import tempfile

import tap

BUILD = os.environ.get("BUILD", os.path.join(tap.TOP, "build", "release"))
SAMPLE = os.path.join(tap.FIXTURES, "pytest-demo")
work = tempfile.mkdtemp()


def shell(*command, cwd=work):
    p = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    return p.returncode, p.stdout.decode("utf-8", "replace")


def flags(what):
    code, out = shell("pkg-config", what, "libxml-2.0", "libutf8proc")
    return out.split() if code == 0 else []


manual = tap.read(os.path.join(tap.TOP, "doc", "rejunit.3")).decode()
programs = [text.replace("\\e", "\\") for text in re.findall(
    r"^\.Bd -literal\n(#include.*?)^\.Ed$", manual, re.M | re.S)]
tap.ok(len(programs) == 3, "there are three of them")
instruments = os.environ.get("ASAN_OPTIONS") is not None
for i, text in enumerate(programs):
    tap.write(f"{work}/{i}.c", text)
    code, out = shell(
        "clang" if instruments else "cc", "-std=c11", "-Wall", "-Wextra",
        "-Werror", *(["-fsanitize=address,undefined"] if instruments else []),
        "-pthread", f"-I{tap.TOP}/include", "-o", f"{work}/{i}", f"{i}.c",
        os.path.join(BUILD, "librejunit.a"), *flags("--libs"),
        *(["--coverage"] if BUILD.endswith("cov") else []))
    tap.ok(code == 0, f"program {i + 1} builds without a warning", out)

for name in ("original.xml", "rerun.xml"):
    shutil.copy(os.path.join(SAMPLE, name), work)
_, expected, _ = tap.run("update", "-q", "--flakes=-", "-o", f"{work}/want",
                         f"{work}/original.xml", f"{work}/rerun.xml")
code, out = shell(f"{work}/1", "original.xml", "rerun.xml")
names = [line for line in out.splitlines() if not line.startswith("  ")]
tap.ok(code == 0 and names and len(names) == len(expected.split(b"\n")) - 1,
       "the second one names every flaky test", out, expected)
tap.ok(all(re.search(rf"^{re.escape(n)}\n(  run 0: .*\n)+  run 1: passed ", out,
                     re.M) for n in names),
       "and each of their executions, in the order of the runs", out)
code, out = shell(f"{work}/0", "original.xml", "rerun.xml")
tap.ok(code == 0 and out.encode() == expected,
       "the first one prints what recovered", out, expected)
tap.ok(tap.read(f"{work}/original.xml") == tap.read(f"{work}/want"),
       "and leaves the updated report where the original was")
code, out = shell(f"{work}/0", "nothing.xml", "rerun.xml")
tap.ok(code == 1 and out == "nothing.xml: cannot be opened: No such file or "
       "directory\n", "or says what it could not do", out)
code, out = shell(f"{work}/2")
tap.ok(code == 1 and out == "shop: 1 of 2 failed\n",
       "the third one counts what failed", code, out)

# the header is one for C++, too, and alone
if shutil.which("c++"):
    tap.write(f"{work}/x.cc", '#include <rejunit.h>\nint main() { return '
              'rejunit_version() == nullptr; }\n')
    code, out = shell("c++", "-Wall", "-Wextra", "-fsyntax-only",
                      f"-I{tap.TOP}/include", "x.cc")
    tap.ok(code == 0, "C++ takes the header", out)
shutil.rmtree(work)
tap.done()
