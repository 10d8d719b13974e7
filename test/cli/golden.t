#!/usr/bin/env python3
"""Every fixture gives the bytes that stand beside it.

A fixture is a folder with original.xml, rerun*.xml and, where it wants them,
options. Beside them stand expected.xml, expected.flakes.json,
expected.decisions.json and expected.stderr, which ends in the exit status.
With --update, what differs is shown and then taken over.
"""
import difflib
import os
import sys

import tap

FILES = ("xml", "flakes.json", "decisions.json", "stderr")


def produce(folder):
    tmp = tap.scratch()
    out = {f: os.path.join(tmp, f) for f in FILES}
    status, _, stderr = tap.run(
        "update", "original.xml", *tap.reruns(folder), *tap.options(folder),
        "-o", out["xml"], "--flakes=" + out["flakes.json"],
        "--decisions=" + out["decisions.json"], cwd=folder)
    stderr = stderr.replace(tmp.encode(), b"TMP") + b"exit %d\n" % status
    got = {f: tap.read(out[f]) for f in FILES}
    got["stderr"] = stderr
    return got


def shown(data):
    return (data or b"").decode("utf-8", "backslashreplace").splitlines()


def main():
    update = "--update" in sys.argv[1:]
    for name, folder in tap.cases():
        got = produce(folder)
        wrong = []
        for f in FILES:
            path = os.path.join(folder, "expected." + f)
            want = tap.read(path)
            if want == got[f]:
                continue
            diff = list(difflib.unified_diff(
                shown(want), shown(got[f]), f"{name}/expected.{f}", "now",
                lineterm="", n=1))
            wrong += diff or [f"{name}/expected.{f}: differs in its bytes"]
            if update and got[f] is None:
                os.remove(path)
            elif update:
                tap.write(path, got[f])
        tap.ok(update or not wrong, name, "\n".join(wrong))
        if update and wrong:
            print("\n".join(wrong))
    tap.done()


main()
