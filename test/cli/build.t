#!/usr/bin/python3
"""make builds anew what other flags would build differently, and no more."""
import os
import shutil
import subprocess

import tap

TMP = tap.scratch()
OBJECT = "build/release/src/base/str.o"
PROGRAM = "build/release/unit/mini"
# not what the make around this test was told
ENV = {"PATH": os.environ["PATH"]}
for name in ("src", "include"):
    shutil.copytree(os.path.join(tap.TOP, name), os.path.join(TMP, name))
shutil.copy(os.path.join(tap.TOP, "Makefile"), TMP)
os.makedirs(TMP + "/test/unit")
tap.write(TMP + "/test/unit/mini.c", "int\nmain(void)\n{\n\treturn 0;\n}\n")


def make(*args):
    p = subprocess.run(["make", "--no-print-directory", *args], cwd=TMP,
                       env=ENV, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return p.returncode, p.stdout.decode()


def builds(what, *args, target=OBJECT, step="CC", status=0):
    code, out = make(*args, target)
    tap.ok(code == status and f"  {step} " in out, what, code, out)
    if status == 0:
        code, out = make(*args, target)
        tap.ok(code == 0 and f"  {step} " not in out, "and once only", out)


builds("make builds")
for change in ("CFLAGS=-O1", 'CPPFLAGS=-DSAID="it\'s"',
               "VARIANT_CFLAGS=-fno-common", "CC=gcc", "DEV=1"):
    builds(f"{change}: it is built again", change)
    builds(f"without {change}, too")
code, out = make("VARIANT=other", "CFLAGS=-O1", "build/other/src/base/str.o")
code, out = make(OBJECT)
tap.ok(code == 0 and "  CC " not in out, "a variant has flags of its own", out)

few = "LIB_SRC=src/base/str.c"
builds("make links", few, target=PROGRAM, step="LD")
builds("LDFLAGS: it is linked again", few, "LDFLAGS=-Wl,-O1", target=PROGRAM,
       step="LD")

with open(TMP + "/src/base/str.c", "a", encoding="utf-8") as f:
    f.write("static int nobody_uses_this;\n")
code, out = make(OBJECT)
tap.ok(code == 0 and "warning" in out, "a warning is none", out)
builds("after which DEV=1 is an error still", "DEV=1", status=2)
tap.done()
