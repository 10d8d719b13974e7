"""Histories that pages are made of."""
import os
import random

import history
import planted
import tap

NONE = history.NONE
HOSTILE = ["<script>alert(1)</script>", "]]>", "javascript:alert(1)",
           '"><img src=x onerror=alert(1)>', "' onclick='alert(1)",
           "</style></title></script><svg onload=alert(1)>", "-->", "&lt;b&gt;",
           "{run}", "\u202egnp.exe", "a\u2066b\u2069", "x" * 10000,
           "word " * 2000, "\x1b[31mred", "line\nbreak", "\u0000nul", "\ufffe",
           "e\u0301\u0301" * 200, "\U0001f600", "%s%n%d", "--title=x"]


def states(folder):
    """A test of each state, in two jobs."""
    history.write(os.path.join(folder, "states.jsonl"), records := [
        history.run(d, job, {
            "good": ["passed"], "broken": ["failed" if d > 33 else "passed"],
            "here alone": ["failed" if job == "b" else "passed"],
            "flaky": ["failed", "passed"] if d in (30, 35, 39) and job == "a"
            else ["passed"],
            "unlucky": ["failed" if (d, job) == (12, "a") else "passed"],
            "once": ["failed" if (d, job) == (20, "a") else "passed"],
            **({"just now": ["failed"]} if d == 39 else {}),
            **{f"other {k}": ["failed"] if d in (12, 20 + k) and job == "a"
               else ["passed"] for k in range(12)}})
        for d in range(40) for job in "ab"])
    return records


def hostile(folder):
    """Names that try, wherever a name can be."""
    records = []
    for d in range(14):
        r = history.run(d, "<b>job</b>", {})
        r["run"] = f"{d}/../<i>?a=b&c#d'\"" + "é"
        r["url"] = ("javascript:alert(1)", "https://ok.example/\"><b>x y",
                    "HTTP://Up.example/a'b", "data:text/html,x",
                    "//e.example/")[d % 5]
        r["host"] = "</td><td onmouseover=alert(1)>"
        r["facts"] = {"seed": "<s>", "worker": "\u202eow"}
        r["tests"] = [{
            "classname": n, "name": n, "id": n, "file": n, "executions": [
                {"outcome": "failed", "time": 1, "type": n,
                 "message": n + "\n" + n,
                 "trace": f'  File "{n}", line 3, in {n}\n    {n}\n{n}'},
                {"outcome": "passed", "time": .5}] if d % 3 == 1 else [
                {"outcome": "passed", "time": 1}]} for n in HOSTILE] + [
            # else all of it is an outage
            {"classname": "m", "name": f"fine {k}", "executions": [
                {"outcome": "passed"}]} for k in range(120)]
        records.append(r)
    history.write(os.path.join(folder, "hostile.jsonl"), records)
    return records


def one(folder):
    """One run: a report, and the one of its rerun."""
    os.makedirs(os.path.join(folder, "one"), exist_ok=True)
    for name in "original.xml", "rerun.xml":
        tap.write(os.path.join(folder, "one", name), tap.read(os.path.join(
            tap.FIXTURES, "pytest-basic-xunit2", name)))


def quiet(folder):
    planted.History(2).fill(lambda run, names: False).write(
        os.path.join(folder, "quiet.jsonl"))


def made(make, *args):
    def of(folder):
        make(folder)
        return args
    return of


PAGES = {
    "states": made(states, "states.jsonl"),
    "hostile": made(hostile, "hostile.jsonl"),
    "one": made(one, "--run-per=one", "one"),
    "quiet": made(quiet, "quiet.jsonl"),
}


def shop(folder):
    """A shop's nightly and other runs, as a picture wants them."""
    rnd = random.Random(7)
    names = [("tests.test_shop", n) for n in (
        "test_order[apple]", "test_order[pear]", "test_order[café au lait]",
        "test_refund", "test_stock_is_counted", "test_empty_basket")] + [
        ("tests.test_mail", n) for n in (
            "test_welcome", "test_receipt", "test_bounce")] + [
        ("tests.api.test_client", n) for n in (
            "test_connects", "test_reconnects_after_timeout", "test_login",
            "test_paging", "test_upload")] + [
        ("tests.test_clock", n) for n in ("test_midnight", "test_next_day")]
    records = []
    for d in range(180):
        r = history.run(d // 2, ("linux", "macos")[d % 2], {})
        r["at"] = history.at(d // 2, 60 * (3 + d % 2 * 9))
        r["host"] = f"runner-{rnd.randrange(4)}"
        r["tests"] = []
        for position, (classname, name) in enumerate(names):
            bad, took = False, rnd.lognormvariate(-3, .4)
            why = "AssertionError: assert 3 == 4"
            if name == "test_reconnects_after_timeout":
                took *= 20
                if rnd.random() < .1:
                    bad, took = True, 30 + rnd.random() / 9
                    why = "TimeoutError: no answer after 30 s"
            elif name == "test_upload" and r["host"] == "runner-2":
                bad = rnd.random() < .3
                why = "OSError: [Errno 28] No space left on device"
            elif name == "test_stock_is_counted":
                bad = rnd.random() < .04
            elif name == "test_bounce":
                bad = d > 174
                why = "smtplib.SMTPServerDisconnected: please run connect()"
            elif name == "test_receipt":
                bad = rnd.random() < .015
            attempts = [{"outcome": "failed" if bad else "passed",
                         "time": round(took, 3), "position": position}]
            if bad:
                attempts[0].update(message=why, type=why.split(":")[0])
                attempts.append({"outcome": "failed" if name == "test_bounce"
                                 else "passed", "time": round(took, 3)})
            file = classname.replace(".", "/") + ".py"
            r["tests"].append({
                "classname": classname, "name": name, "file": file,
                "id": f"{file}::{name}", "executions": attempts})
        records.append(r)
    history.write(os.path.join(folder, "shop.jsonl"), records)


PAGES["shop"] = made(shop, "shop.jsonl", "--title=The shop, night and day",
                     "--run-url=https://ci.example/runs/{run}")
