#!/usr/bin/env python3
"""What must hold for every pair of reports, whoever wrote it."""
import json
import os
import re
import subprocess
import xml.etree.ElementTree as ET

import model
import tap

GRAMMAR = os.path.join(tap.TOP, "test", "evidence.rng")


def update(original, reruns, *options):
    """Status, the updated bytes (None if refused), and the decisions."""
    tmp = tap.scratch()
    out = os.path.join(tmp, "out.xml")
    why = os.path.join(tmp, "why.json")
    status, _, _ = tap.run("update", original, *reruns, "-q", "-o", out,
                           "--flakes=" + os.path.join(tmp, "flakes.json"),
                           "--decisions=" + why, *options)
    decisions = json.loads(tap.read(why) or b"{}").get("decisions")
    flaky = json.loads(tap.read(os.path.join(tmp, "flakes.json"))
                       or b"{}").get("flaky")
    return status, tap.read(out), decisions, flaky


def check_expectation(say, spec, before, after, flaky):
    """The outcomes and flaky tests that the scenario's author wrote down."""
    fields = before.fields
    want, flakes = {}, set()
    retired = {tuple(map(model.nfc, r)) for r in spec.get("retired", [])}
    for c in spec["cases"]:
        key = tuple(model.nfc(c.get(f)) for f in fields)
        want.setdefault(key, []).append(c["expected"])
        if c.get("flaky"):
            flakes.add(key)
    have, was = after.outcomes(), before.outcomes()
    for key, expected in want.items():
        got = model.worst(have.get(key, []))
        if key in retired:
            if got != "absent":
                say(f"{key}: was to be retired")
        elif {got, model.worst(expected)} == {"passed", "skipped"} and \
                key not in was:
            pass  # a new one, whose skip its producer marks in its own way
        elif got != model.worst(expected) and have.get(key) != was.get(key):
            say(f"{key}: {got}, not {model.worst(expected)}")
    got = {tuple(model.nfc(f.get(x)) for x in fields) for f in flaky}
    if got != flakes:
        say(f"flaky: {sorted(got ^ flakes)[:4]}")


def check_green(say, before, after, runs, options):
    """Nothing turns green, or away, without a pass that is its own."""
    assume = "".join(o for o in options if o.startswith("--assume"))
    now = model.entries(after.root)
    during = [model.entries(r.root) for r in runs]
    for key, tests in model.entries(before.root).items():
        rest = list(now.get(key, []))
        for t in tests:
            # what is added stands behind what was there
            same = [e for e in rest if e.marks == t.marks]
            if not same and key[0] == "":
                continue  # the error of a module that could be collected
            if not same:
                say(f"{key}: is gone")
                continue
            rest.remove(same[0])
            if model.bad(t.outcome) and same[0].outcome == "passed" and \
                    not model.is_proved(t, tests,
                                        [d.get(key) for d in during], assume):
                say(f"{key}: green, and no pass is its own")


def check_bytes(say, original, updated):
    """Outside of the touched cases and the counters, no byte differs."""
    old = [m.group() for m in model.CASE.finditer(model.text(original))]
    new = [m.group() for m in model.CASE.finditer(model.text(updated))]
    if len(old) == len(new) and model.frame(original) != model.frame(updated):
        say("bytes between the cases changed")
    at = 0
    # where others say that they passed, who says nothing may have failed
    speak = any(model.says_passed(case) for case in old)
    for case in old:
        try:
            at = new.index(case, at) + 1
        except ValueError:
            if model.passed(case) and not (
                    speak and not model.says_passed(case)):
                say(f"a case that passed has other bytes: {case[:80]}")


def check_counters(say, before, after):
    """Counters that a recount explained before are explained after."""
    then, now = before.suites(), after.suites()
    if len(then) != len(now):
        return
    for s, t in zip(then, now):
        if before.counters(s) == before.recount(s) and \
                after.counters(t) != after.recount(t):
            say(f"suite {s.get('name')}: {after.counters(t)}, "
                f"recounted {after.recount(t)}")


def evidence(data):
    """The flaky elements of a report, as one document for the grammar."""
    root = ET.Element("evidence")
    for case in ET.fromstring(data).iter():
        if model.local(case) == "testcase":
            root.extend(c for c in case
                        if model.local(c).startswith(("flaky", "rerun")))
    return ET.tostring(root)


def check_grammar(say, updated):
    path = tap.write(os.path.join(tap.scratch(), "e.xml"), evidence(updated))
    p = subprocess.run(["xmllint", "--noout", "--relaxng", GRAMMAR, path],
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if p.returncode:
        say("grammar: " + p.stdout.decode("utf-8", "replace")[:300])


def reversed_cases(data):
    """The same report with the cases of each run of cases turned round."""
    text = data.decode("latin-1")
    run = re.compile(r"(?:" + model.CASE.pattern + r"\s*)+", re.S)

    def turn(m):
        cases = [c.group() for c in model.CASE.finditer(m.group())]
        return "\n".join(reversed(cases))
    return run.sub(turn, text).encode("latin-1")


def verdicts(decisions):
    return sorted((d["id"], d["after"], d["reason"]) for d in decisions)


def check_order(say, folder, original, reruns, decisions):
    """In which order a rerun lists its cases does not matter."""
    data = tap.read(reruns[0])
    if len(reruns) > 1 or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return
    # but where it says which of several entries was skipped
    if any({"skipped", "passed"} <= set(o)
           for o in model.Report(data).outcomes().values()):
        return
    turned = tap.write(os.path.join(tap.scratch(), "r.xml"),
                       reversed_cases(data))
    _, out, other, _ = update(original, [turned], *tap.options(folder))
    if out is None or verdicts(other) != verdicts(decisions):
        say("the order of the rerun's cases matters")


def judge(folder):
    problems = []
    say = problems.append
    spec = json.loads(tap.read(os.path.join(folder, "expect.json"))
                      or b'{"cases": [], "no_expectation": true}')
    original = os.path.join(folder, "original.xml")
    reruns = [os.path.join(folder, r) for r in tap.reruns(folder)]
    options = tap.options(folder)
    status, updated, decisions, flaky = update(original, reruns, *options)
    if updated is None:
        if not (spec.get("refuse") or spec.get("kind") in
                ("malformed", "not-junit")):
            say(f"refused with {status}")
        return problems
    fields = spec.get("identity") or ["classname", "name"]
    before = model.Report(tap.read(original), fields)
    after = model.Report(updated, fields)
    runs = [model.Report(tap.read(r), fields) for r in reruns]
    if not spec.get("no_expectation"):
        check_expectation(say, spec, before, after, flaky)
    if not any(o.startswith("--match") for o in options):
        check_green(say, before, after, runs, options)
    check_bytes(say, before.data, updated)
    check_counters(say, before, after)
    check_grammar(say, updated)
    check_order(say, folder, original, reruns, decisions)
    left = any(model.bad(o) for v in after.outcomes().values() for o in v)
    if left and status != 1:
        say(f"exit {status}, and bad cases are left")
    again = tap.write(os.path.join(tap.scratch(), "again.xml"), updated)
    if "--append-reruns" not in options:
        if update(again, reruns, *options)[1] != updated:
            say("not idempotent")
    twin = tap.write(os.path.join(tap.scratch(), "t.xml"), before.data + b"\n")
    if before.data[-1:] not in (b"\0", b"\n") and \
            update(original, [twin])[1] not in (before.data, None):
        say("a rerun with the same outcomes changed something")
    if update(original, [original])[0] != 3:
        say("a report is taken for its own rerun")
    return problems


for name, folder in tap.cases():
    if "--repair" in tap.options(folder):
        continue  # nothing else here can read those
    problems = judge(folder)
    tap.ok(not problems, name, "\n".join(problems))
tap.done()
