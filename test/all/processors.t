#!/usr/bin/python3
"""The same on other processors: of 32 bits, another order of bytes, other
rules for memory. With arguments, on these alone."""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "cli"))
import tap  # noqa: E402

# too long for an emulator, or about this machine's threads
NATIVE = {"allocations", "heart", "sparing", "data"}
# glibc's own conversions by that processor's instructions take surrogates
ODD = {("s390x", "charset")}
UNITS = sorted(n for n in (os.path.basename(p)[:-2] for p in glob.glob(
    tap.TOP + "/test/unit/*.c")) if n not in NATIVE)
TESTS = {"i386": ["golden", "update", "lists", "diff", "history"],
         "arm64": ["golden", "lists"],
         "s390x": ["golden", "lists", "diff", "history"]}
os.chdir(tap.TOP)
# what it is built with is not what the tests here are built with
for name in ("MAKEFLAGS", "MAKELEVEL", "VARIANT", "DEV"):
    os.environ.pop(name, None)


def run(*command, **env):
    p = subprocess.run(command, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, env={**os.environ, **env})
    out = p.stdout.decode("utf-8", "replace")
    return p.returncode, out, [line for line in out.splitlines()
                               if line.startswith("not ok")]


for arch in sys.argv[1:] or TESTS:
    code, out, _ = run("test/cross", arch, UNITS=" ".join(UNITS))
    if not tap.ok(code == 0, f"{arch}: it is built", out[-3000:]):
        continue
    here = f"{tap.TOP}/build/{arch}/"
    for name in UNITS:
        if (arch, name) in ODD:
            continue
        code, out, bad = run(here + "run", f"build/{arch}/unit/{name}")
        tap.ok(code == 0 and not bad, f"{arch}: {name}", code, *bad, out[-300:])
    for name in TESTS[arch]:
        code, out, bad = run(f"test/cli/{name}.t", REJUNIT=here + "here",
                             BUILD=here)
        tap.ok(code == 0 and not bad, f"{arch}: {name}.t", code, *bad,
               out[-300:])
tap.done()
