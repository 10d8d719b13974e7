#!/usr/bin/python3
"""The files of a set are replaced all or not at all, whatever fails."""
import collections
import os
import re
import signal

import tap
from faulty import OLD, RERUN, SANITIZED, can_trace, strace, update

SET = ("a.xml", "b.xml", "sub/c.xml", "sub/new.xml")


def make_set():
    """Two reports that change, one that does not, and one that is new."""
    folder = tap.scratch()
    for name in ("o/sub", "r/sub"):
        os.makedirs(f"{folder}/{name}")
    for i, name in enumerate(SET):
        bad, good = (t.replace('"m"', f'"m{i}"').replace('"s"', f'"s{i}"')
                     for t in (OLD, RERUN))
        if i < 3:
            tap.write(f"{folder}/o/{name}", good if i == 1 else bad)
        tap.write(f"{folder}/r/{name}", good)
    return folder


def tree(folder):
    return {os.path.relpath(os.path.join(at, f), folder):
            tap.read(os.path.join(at, f))
            for at, _, files in os.walk(folder) for f in files}


SET_OLD = tree(make_set() + "/o")


def set_update(folder, *inject, to=None, log=None):
    return update(folder, "-q", *(("-o", to) if to else ("-i",)), "o", "r",
                  before=strace(*inject, log=log) if inject or log else ())


def set_calls(to, setup):
    folder, log, calls = setup(), tap.scratch() + "/log", []
    set_update(folder, to=to, log=log)
    seen, ours = collections.Counter(), False
    for line in tap.read(log).decode("utf-8", "replace").splitlines():
        name = re.match(r"(\w+)\(", line)
        if name:
            seen[name[1]] += 1
            ours = ours or name[1] == "rt_sigaction"
            if ours and name[1] != "exit_group":
                calls.append((name[1], seen[name[1]]))
    return calls


def over_another():
    """A folder to write to that has some of the reports already."""
    folder = make_set()
    os.makedirs(folder + "/out/sub")
    tap.write(folder + "/out/a.xml", "an older one")
    tap.write(folder + "/out/b.xml", SET_OLD["b.xml"])
    return folder


def sets():
    for to, setup in ((None, make_set), ("out", over_another)):
        where = "/" + (to or "o")
        folder = setup()
        old = tree(folder + where)
        assert set_update(folder, to=to)[0] == 0
        new = tree(folder + where)
        calls = set_calls(to, setup)
        wrong, renames = [], [c for c in calls if c[0] == "rename"]
        for name, n in renames:
            folder = setup()
            result = set_update(folder, f"rename:error=EIO:when={n}", to=to)
            if result[0] != 4 or tree(folder + where) != old or \
                    b"cannot be replaced" not in result[2]:
                wrong.append((n, result, list(tree(folder + where))))
        tap.ok(len(renames) > 2 and not wrong,
               f"one of {len(renames)} files cannot be replaced {where}: "
               "those before it are put back", *wrong)
        folder = setup()
        result = set_update(folder, "rename:error=EIO:when=3+", to=to)
        tap.ok(result[0] == 4 and b"could not be put back" in result[2],
               "those that cannot be are counted", result)
        folder = setup()
        result = set_update(folder, "link:error=EPERM",
                            "rename:error=EIO:when=3", to=to)
        tap.ok(result[0] == 4 and tree(folder + where) == old,
               "nor need files have two names for it", result,
               *tree(folder + where))
        wrong = []
        for name, n in calls:
            folder = setup()
            result = set_update(folder, f"{name}:signal=SIGKILL:when={n}",
                                to=to)
            between = tree(folder + where)
            if result[0] != -signal.SIGKILL:
                wrong.append((name, n, "not killed", result))
            if not all(between.get(f) in (old.get(f), new[f]) for f in new):
                wrong.append((name, n, "torn"))
            result = set_update(folder, to=to)
            if result[0] != 0 or tree(folder + where) != new:
                wrong.append((name, n, "not completed", result,
                              list(tree(folder + where))))
        tap.ok(calls and not wrong, f"a set {where} that is killed is completed "
               f"by running again, at each of {len(calls)} calls", *wrong)
        wrong = []
        memory = ("brk", "mmap", "munmap", "mremap", "futex")
        for name, n in calls:
            if name in memory:
                continue
            folder = setup()
            result = set_update(folder, f"{name}:error=EIO:when={n}", to=to)
            now = {k: v for k, v in tree(folder + where).items()
                   if ".rejunit" not in k}
            lasting = b"whether that lasts" not in result[2]
            if result[0] not in (0, 3, 4) or now not in (old, new) or \
                    (lasting and (now == new) != (result[0] == 0)):
                wrong.append((name, n, result, list(now)))
            if name not in ("unlink", "flock", "newfstatat", "fstat") and \
                    [f for f in tree(folder + where) if ".rejunit" in f]:
                wrong.append((name, n, "left", list(tree(folder + where))))
        tap.ok(not wrong, f"a set {where} is new or old as a whole, whatever "
               "fails", *wrong)


if SANITIZED:
    tap.skip("system calls that fail", "sanitizers cannot be traced")
elif not can_trace():
    tap.skip("system calls that fail", "no strace that works")
else:
    sets()
tap.done()
