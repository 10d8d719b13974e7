#!/usr/bin/env python3
"""Why a test flakes: causes that were planted, and none where there is none."""
import json
import multiprocessing
import os
import re
import subprocess
import sys
import tempfile

import history
import planted
import tap

sys.dont_write_bytecode = True
TMP = tempfile.mkdtemp(prefix="rejunit-test-")
NONE = history.NONE
NOW = ("--since=400d", "--at=2026-12-01T00:00:00Z")
ID = "tests/test_a.py::test_7"
CHANCES = int(os.environ.get("CHANCES", "200"))


def path(name):
    return os.path.join(TMP, name)


def investigate(*args, test=ID, env=NONE, cwd=None):
    status, out, err = tap.run("investigate", *NOW, test, *args, env=env,
                               cwd=cwd)
    return status, out.decode(), err.decode()


def data(*args, test=ID):
    status, out, err = investigate("--format=json", *args, test=test)
    return json.loads(out) if status == 0 else {"error": err}


def strong(found):
    return [f for f in found["findings"]
            if f["confidence"] in ("medium", "high")]


def named_by_chance(seed):
    records = planted.chance(seed).write(path(f"chance{seed}.jsonl"))
    found = strong(data(records))
    os.unlink(records)
    return [(seed, f["kind"], f.get("value")) for f in found]


def main():
    try:
        import jsonschema
        schema = json.loads(tap.read(os.path.join(
            tap.TOP, "doc", "investigation.schema.json")))
    except ImportError:
        jsonschema = schema = None

    def is_valid(found):
        try:
            if jsonschema:
                jsonschema.validate(found, schema)
            return True
        except jsonschema.ValidationError as e:
            print(f"# {e}")
            return False

    # --- what is planted is found -------------------------------------------------
    for n, (plant, (kind, value, category)) in enumerate(
            planted.CAUSES.items()):
        name = plant.__name__
        records = plant(n + 1).write(path(name + ".jsonl"))
        test = "test_order[apple-1]" if plant is planted.parameter else ID
        found = data(records, test=test)
        best = strong(found)[:1] if "findings" in found else []
        tap.ok(best and best[0]["kind"] == kind
               and best[0].get("value", "").startswith(value)
               and found["category"]["primary"] == category,
               f"{name}: {kind}, {value}", found.get("category"), best,
               found.get("error"))
        tap.ok(is_valid(found) and all(
            f["numbers"] and f["refuted_by"] and f["command"]
            and ("p" in f) for f in found["findings"]),
            "with numbers, what would refute it, and what to type", found)
        tap.ok(len(set(found["next"])) == len(found["next"]) > 0,
               "the next steps are different ones", found["next"])
        # a failure is no finding: half of the culprits are not there
        tap.ok({f["kind"] for f in strong(found)} <= {
            kind, "duration", "attempts", "fails with"},
            "and nothing else is", strong(found))

    found = data(planted.alone(5).write(path("alone.jsonl")))
    tap.ok(found["category"] == {"primary": "unknown", "secondary": None,
                                 "confidence": "none"}
           and [f["confidence"] for f in found["findings"]
                if f["kind"] == "attempts"] == ["low"],
           "that it passes alone sets no category", found)

    for plant in planted.half_of_it, planted.not_much_more:
        found = data(plant(3).write(path("half.jsonl")))
        tap.ok([f["confidence"] for f in found["findings"]
                if f["kind"] == "host"] == ["medium"],
               f"{plant.__name__}: what explains a part is not sure", found)
    found = data(planted.outages(3).write(path("outages.jsonl")))
    tap.ok([f["kind"] for f in strong(found)] in ([], ["fails with"]),
           "an outage is no hour in which it fails", found)

    # --- nothing is where nothing is ------------------------------------------------
    with multiprocessing.Pool() as pool:
        by_chance = sum(pool.map(named_by_chance, range(CHANCES)), [])
    tap.ok(len({seed for seed, *_ in by_chance}) <= CHANCES / 100,
           f"of {CHANCES} histories without a cause, 1 % name one at most",
           by_chance)
    found = data(planted.History(1, runs=4).fill(
        lambda run, names: run["run"] == "2/linux").write(path("few.jsonl")))
    tap.ok(found["category"]["primary"] == "unknown"
           and any("below three" in m for m in found["missing"]),
           "of one failure, nothing is compared", found)
    found = data(planted.History(1).fill(lambda run, names: False).write(
        path("green.jsonl")))
    tap.ok(found["findings"] == [] and strong(found) == [],
           "nor of none", found)

    # the reason that explains the others is told, and not they
    h = planted.host(3)
    for run in h.runs:
        run["facts"]["image"] = "old" if run["host"] == "h2" \
            or h.random.random() < .3 else "new"
        if run["host"] == "h2" and h.random.random() < .5:
            planted.of(run, "test_1")["executions"][0]["outcome"] = "failed"
    found = data(h.write(path("explained.jsonl")))
    tap.ok([(f["kind"], f["value"]) for f in strong(found)] == [("host", "h2")],
           "what a host explains is not told twice", strong(found))
    h = planted.job(4)
    for run in h.runs:
        run["host"] = "machine-of-" + run["job"]
    found = strong(data(h.write(path("same.jsonl"))))
    tap.ok([f["kind"] for f in found] == ["job"]
           and "machine-of-mac" in found[0]["statement"],
           "what no run tells apart is told together", found)

    # a day that was bad once is no bad weekday, and no bad hour
    for bad in (lambda at: at[:10] == "2026-01-15",
                lambda at: at[:13] == "2026-01-15T06",
                lambda at: at[:10] in ("2026-01-31", "2026-02-01")):
        h = planted.History(1, runs=700, per_day=10)
        found = data(h.fill(lambda run, names: bad(run["at"])).write(
            path("once.jsonl")))
        tap.ok(strong(found) == [], "what was bad once is no pattern",
               strong(found))
    # a job among many, though the others fail, too
    h = planted.History(1, runs=1800, jobs=tuple("abcdef"))
    found = data(h.fill(lambda run, names: h.random.random() < (
        .3 if run["job"] == "c" else .05)).write(path("six.jsonl")))
    tap.ok([(f["kind"], f["value"]) for f in strong(found)] == [("job", "c")],
           "a job among six that fail", strong(found))
    # what is as it always is, no contention and no leak
    h = planted.growth(5)
    for run in h.runs:
        for n, x in enumerate(planted.of(run, "test_7")["executions"]):
            x["facts"] = {"rejunit.memory": str(h.random.randrange(99)),
                          "rejunit.pid": str(1000 + n)}
    found = data(h.write(path("flat.jsonl")))
    tap.ok(strong(found) == [] and any(
        "rejunit.memory stays flat" in f["statement"]
        for f in found["findings"]), "numbers that do not tell of a leak",
        found["findings"])
    # all that no run tells apart is run by the command
    h = planted.History(3)
    for run in h.runs:
        first = h.random.random() < .5
        a = [n for n in h.tests if int(n[5:]) % 2 == 0][:6]
        b = [n for n in h.tests if n not in a and n != "test_7"]
        h.random.shuffle(b)
        cut = h.random.randrange(len(b))
        run["order"] = (a if first else []) + b[:cut] + ["test_7"] + b[cut:] \
            + ([] if first else a)
    orders = {run["run"]: run.pop("order") for run in h.runs}
    h.fill(lambda run, names: orders[run["run"]][0] == "test_0"
           and h.random.random() < .6)
    for run in h.runs:
        for t in run["tests"]:
            for x in t["executions"]:
                x["position"] = orders[run["run"]].index(t["name"])
    found = strong(data(h.write(path("block.jsonl"))))
    tap.ok(found and found[0]["kind"] == "positions" and all(
        f"test_{k}" in found[0]["command"] for k in (0, 2, 4, 6, 8, 10))
        and found[0]["confidence"] == "medium",
        "tests that always run together are run together", found)

    # --- the same evidence, the same bytes --------------------------------------------
    records = path("order.jsonl")
    want = investigate(records)[1]
    lines = open(records, encoding="utf-8").readlines()
    with open(path("back.jsonl"), "w", encoding="utf-8") as f:
        f.writelines(reversed(lines))
    history.record(path("a.db"), "-q", records)
    history.record(path("b.db"), "-q", path("back.jsonl"))
    tap.ok(investigate(f"--history={path('a.db')}")[1] == want
           == investigate(f"--history={path('b.db')}")[1],
           "in whatever order it was recorded")
    tap.ok(investigate(f"--history={path('a.db')}", "--job=linux")[1] != want,
           "a job alone is another question")

    # --- which test ----------------------------------------------------------------------
    for test in (ID, "tests.test_a::test_7", "test_7", "test_a.py::test_7"):
        tap.ok(investigate(records, test=test)[1] == want, f"named {test}")
    for test, words in (("test_", "30 tests"), ("no_such", "no test"),
                        ("", "no test"), ("\x1b[31m", r"\x1b[31m")):
        status, out, err = investigate(records, test=test)
        tap.ok(status == 2 and not out and words in err
               and err.count("\n") == 1, f"{test!r}: {words}", status, err)
    status, out, err = tap.run("investigate", env=NONE)
    tap.ok(status == 2 and b"test" in err, "a test is wanted", err)
    status, out, err = investigate(path("none.jsonl"))
    tap.ok(status == 3 and not out and "none.jsonl" in err,
           "runs that are not there", status, err)
    status, out, _ = investigate("-q", records)
    tap.ok(status == 0 and not out, "quiet, it prints nothing")

    # --- the report, as a person reads it -----------------------------------------------------
    heads = re.findall(r"^## (.*)$", want, re.M)
    tap.ok(heads == ["Retrace capture", "Failure summary", "Likely category",
                     "Evidence", "Immediate next step",
                     "Code areas to inspect", "Likely fix direction"],
           "its sections", heads)
    tap.ok(re.findall(r"^### (.*)$", want, re.M) == [
        "From replay", "From logs and history", "Missing"],
        "and those of the evidence")
    said = re.findall(r"^- \*\*.*\n  - Refuted by: .+\n  - Try: `.+`$", want,
                      re.M)
    tap.ok(len(said) == len(re.findall(r"^- \*\*", want, re.M)) > 1,
           "each finding says what refutes it and what to type", want)
    steps = re.findall(r"^```sh\n(.*)\n```$", want, re.M)
    tap.ok(len(steps) == 3 == len(set(steps)) and all(subprocess.run(
        ["sh", "-n", "-c", s]).returncode == 0 for s in steps),
        "three commands come next", steps)
    tap.ok("`tests/test_a.py:41`" in want and
           "comparisons were made" in want and
           re.search(r"p = [\d.e-]+, and [\d.e-]+ after all", want),
           "places, numbers, and how many comparisons there were", want)

    # what it says to type, a newcomer types
    os.makedirs(path("project/tests"))
    tap.write(path("project/tests/test_a.py"), "state = []\n\n\n"
              "def test_3():\n    state.append(1)\n\n\n"
              "def test_7():\n    assert not state\n")
    culprit = [s for s in steps if "test_3" in s]
    p = subprocess.run(["sh", "-c", culprit[0]], cwd=path("project"),
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tap.ok(p.returncode == 1 and b"1 failed, 1 passed" in p.stdout,
           "the command shows the culprit at work", culprit, p.stdout.decode())

    # --- files that failing runs left -----------------------------------------------------------
    failing = [json.loads(line) for line in lines]
    failing = [r["run"] for r in failing if planted.of(r, "test_7")[
        "executions"][0]["outcome"] == "failed"]
    for name in ("test_7-first.retrace", f"{failing[-1].replace('/', '-')}.txt",
                 "linux/console.log", "noise.bin", ".hidden.log"):
        os.makedirs(os.path.dirname(path("art/" + name)), exist_ok=True)
        tap.write(path("art/" + name), "x")
    found = data(records, f"--artifacts={path('art')}")
    tap.ok([(a["kind"], os.path.basename(a["path"]), a["names_test"])
            for a in found["artifacts"]][0] ==
           ("recording", "test_7-first.retrace", True)
           and len(found["artifacts"]) == 3, "recordings and logs are found",
           found["artifacts"])
    out = investigate(records, f"--artifacts={path('art')}")[1]
    tap.ok("Recording available: yes" in out
           and "test_7-first.retrace" in out, "and named", out)
    os.makedirs(path("art/shut"))
    tap.write(path("art/test_70.log"), "of another test")
    os.chmod(path("art/shut"), 0)
    found = data(records, f"--artifacts={path('art')}")
    tap.ok([a["names_test"] for a in found.get("artifacts", [])
            if "test_70" in a["path"]] == [False],
           "a part of a name names nobody, what is shut is passed over", found)
    os.chmod(path("art/shut"), 0o755)
    status, out, err = investigate(records, f"--artifacts={path('nothing')}")
    tap.ok(status == 3 and "nothing" in err, "a folder that is not there", err)

    # --- somebody is asked --------------------------------------------------------------------------
    tap.write(path("ask.py"), "import json, sys\nd = json.load(sys.stdin)\n"
              "print('I think', d['category']['primary'], sys.argv[1:])\n"
              "print('```\\n# not a heading <b>')\n")
    out = investigate(records, "--hypothesis=" + sys.executable + " "
                      + path("ask.py") + r""" 'a b' "c\"d" $HOME\ x ''""")[1]
    tap.ok(r"""I think order dependency ['a b', 'c"d', '$HOME x', '']"""
           in out and "Not checked by rejunit" in out, "evidence is handed over",
           out)
    tap.ok("\n````text\nI think" in out and "<b>\n````\n" in out,
           "and what is said stands in a fence of its own")
    found = data(records, "--hypothesis=cat")
    tap.ok(is_valid(found) and found["hypothesis"]["answer"].startswith('{\n  "version": 1'),
           "in JSON, too", found["hypothesis"])
    for command, words in (
            ("false", "exited with 1"), ("no-such-program", "no such program"),
            ("'", "quote"), ("sleep 60", "longer than 1 s"), (" ", "no command"),
            ("sh -c 'kill -9 $$'", "signal 9"), (path("art"), "no such program may be run"),
            ("sh -c 'sleep 60 & exec sleep 60'", "longer than 1 s")):
        limit = 1 if "sleep" in command else 60
        found = data(records, f"--time-limit={limit}",
                     "--hypothesis=" + command)
        tap.ok(words in found.get("hypothesis", {}).get("trouble", ""),
               f"{command}: {words}", found.get("hypothesis"),
               found.get("error"))
    found = data(records, "--hypothesis=head -c 300000 /dev/zero")
    answer = found["hypothesis"]["answer"]
    tap.ok(len(answer) < 500000 and is_valid(found), "an answer is cut")
    tap.ok(data(records, "--hypothesis=true")["hypothesis"]["answer"] == "",
           "who does not listen may say nothing")

    # --- names that try ----------------------------------------------------------------------------------
    bad = "x`` | </td><script>alert(1)</script>\n## Evidence\x1b[2J\u202e"
    h = planted.order(1)
    for run in h.runs:
        for t in run["tests"]:
            if t["name"] in ("test_3", "test_7"):
                t["name"] += bad
                t.pop("id")
            for x in t["executions"]:
                if "message" in x:
                    x["message"] = bad
        run["host"] = bad
    found = h.write(path("bad.jsonl"))
    status, out, err = investigate(found, test="test_7x")
    tap.ok(status == 0 and re.findall(r"^## (.*)$", out, re.M) == heads
           and "\x1b" not in out and "\u202e" not in out
           and "<script" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "",
                                       re.sub(r"^(```+)sh\n.*?\n\1$", "", out,
                                              flags=re.M | re.S)),
           "names do nothing", err, out)
    tap.ok(is_valid(data(found, test="test_7x")), "nor in JSON")
    steps = re.findall(r"^```sh\n(.*)\n```$", out, re.M)
    tap.ok(all(subprocess.run(["sh", "-n", "-c", s]).returncode == 0
               for s in steps), "nor in what is to be typed", steps)
    tap.done()


if __name__ == "__main__":
    main()
