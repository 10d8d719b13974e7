"""Histories of a suite with one test that flakes for a reason that is known."""
import datetime
import json
import random

START = datetime.datetime(2026, 1, 5)
TARGET = "test_7"
FRAME = ("tests/test_a.py:41: in test_7\n    assert 1 == 2\nE   AssertionError"
         "\n\ntests/test_a.py:41: AssertionError")


class History:
    """Runs of a suite; tests with odd numbers are of one module."""

    def __init__(self, seed, runs=240, tests=30, jobs=("linux", "mac"),
                 hosts=("h1", "h2", "h3"), per_day=4):
        self.random = random.Random(seed)
        self.tests = [f"test_{k}" for k in range(tests)]
        self.runs = []
        for i in range(runs):
            minutes = (i // len(jobs) * (1440 // per_day)
                       + self.random.randrange(30))
            at = START + datetime.timedelta(minutes=minutes)
            self.runs.append({
                "version": 1, "run": f"{i}/{jobs[i % len(jobs)]}",
                "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "commit": f"c{i // len(jobs):04}", "branch": "main",
                "job": jobs[i % len(jobs)],
                "host": self.random.choice(hosts), "facts": {}, "tests": []})

    def fill(self, fails, shuffle=False):
        """fails(run, names in their order) says whether the target does."""
        for run in self.runs:
            names = self.tests[:]
            if shuffle:
                self.random.shuffle(names)
            for at, name in enumerate(names):
                module = "ba"[int(name[5:]) % 2]
                x = {"outcome": "passed", "position": at,
                     "time": round(self.random.uniform(.01, .02), 4)}
                test = {"classname": f"tests.test_{module}", "name": name,
                        "file": f"tests/test_{module}.py",
                        "id": f"tests/test_{module}.py::{name}",
                        "executions": [x]}
                if name == TARGET and fails(run, names):
                    x.update(outcome="failed", trace=FRAME,
                             message="AssertionError: assert 1 == 2")
                    test["executions"].append(
                        {"attempt": 1, "outcome": "passed", "time": .01})
                run["tests"].append(test)
        return self

    def luck(self, rate):
        return lambda run, names: self.random.random() < rate

    def each(self, change):
        """change(its test's record, whether it failed, the run)"""
        for run in self.runs:
            t = of(run, TARGET)
            change(t, t["executions"][0]["outcome"] == "failed", run)
        return self

    def write(self, path):
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(run) + "\n" for run in self.runs)
        return path


def of(run, name):
    return next(t for t in run["tests"] if t["name"] == name)


def before(a, b, names):
    return names.index(a) < names.index(b)


# --- with a reason ----------------------------------------------------------------
def order(seed):
    h = History(seed)
    return h.fill(lambda run, names: before("test_3", TARGET, names)
                  and h.random.random() < .5, shuffle=True)


def setter(seed):
    """It needs what another test leaves behind."""
    h = History(seed)
    return h.fill(lambda run, names: before(TARGET, "test_4", names)
                  and h.random.random() < .5, shuffle=True)


def late(seed):
    h = History(seed)
    return h.fill(lambda run, names: names.index(TARGET) > 20
                  and h.random.random() < .5, shuffle=True)


def common(seed):
    h = History(seed)
    h.fill(h.luck(.08))

    def change(t, failed, run):
        for name in ("test_2", "test_4", "test_6", TARGET) if failed else ():
            of(run, name)["executions"][0].update(
                outcome="failed", message="ConnectionError: refused")
    return h.each(change)


def neighbours(seed):
    """Tests of its own module fail with it."""
    h = History(seed)
    h.fill(h.luck(.08))

    def change(t, failed, run):
        for name in ("test_1", "test_3", "test_5") if failed else ():
            of(run, name)["executions"][0].update(outcome="failed")
    return h.each(change)


def timeout(seed):
    h = History(seed)
    h.fill(h.luck(.08))
    return h.each(lambda t, failed, run: failed and t["executions"][0].update(
        time=30 + h.random.random() / 50))


def slow_run(seed):
    h = History(seed)
    h.fill(h.luck(.08))

    def change(t, failed, run):
        if failed or h.random.random() < .05:
            for other in run["tests"]:
                other["executions"][0]["time"] *= 4
    return h.each(change)


def hour(seed):
    h = History(seed, per_day=24)
    return h.fill(lambda run, names: run["at"][11:13] == "03"
                  and h.random.random() < .9)


def weekend(seed):
    h = History(seed, runs=480)
    return h.fill(lambda run, names: h.random.random() < .4 and
                  datetime.datetime.strptime(
                      run["at"], "%Y-%m-%dT%H:%M:%SZ").weekday() > 4)


def months_end(seed):
    h = History(seed, runs=700)
    return h.fill(lambda run, names: h.random.random() < .9 and run["at"][5:10]
                  in ("01-31", "02-28", "03-31", "04-30"))


def job(seed):
    h = History(seed)
    return h.fill(lambda run, names: run["job"] == "mac"
                  and h.random.random() < .25)


def host(seed):
    h = History(seed)
    return h.fill(lambda run, names: run["host"] == "h2"
                  and h.random.random() < .35)


def branch(seed):
    h = History(seed)
    for run in h.runs:
        run["branch"] = h.random.choice(["main", "main", "next"])
    return h.fill(lambda run, names: run["branch"] == "next"
                  and h.random.random() < .35)


def worker(seed):
    h = History(seed)
    h.fill(h.luck(.08))

    def change(t, failed, run):
        for other in run["tests"]:
            other["executions"][0]["facts"] = {
                "worker": f"gw{h.random.randrange(4)}"}
        if failed:
            t["executions"][0]["facts"] = {"worker": "gw3"}
    return h.each(change)


def seed_of(seed):
    h = History(seed)
    for run in h.runs:
        run["facts"]["seed"] = str(h.random.randrange(10))
    return h.fill(lambda run, names: run["facts"]["seed"] == "7"
                  and h.random.random() < .9)


def fact(seed):
    h = History(seed)
    for run in h.runs:
        run["facts"]["TZ"] = h.random.choice(["UTC", "Europe/Berlin"])
    return h.fill(lambda run, names: run["facts"]["TZ"] != "UTC"
                  and h.random.random() < .35)


def number(seed):
    """A fact that is a number: where it is large."""
    h = History(seed)
    for run in h.runs:
        run["facts"]["rejunit.load"] = str(round(h.random.uniform(0, 8), 2))
    return h.fill(lambda run, names: float(run["facts"]["rejunit.load"]) > 7
                  and h.random.random() < .9)


def growth(seed):
    h = History(seed)
    h.fill(h.luck(.08))

    def change(t, failed, run):
        if failed:
            t["executions"] = [dict(t["executions"][0], attempt=k, facts={
                "rejunit.memory": str(100 + 20 * k)}) for k in range(3)]
    return h.each(change)


def fixture(seed):
    h = History(seed)
    h.fill(h.luck(.08))
    return h.each(lambda t, failed, run: failed and t["executions"][0].update(
        outcome="error", message='failed on setup with "OSError: no"',
        trace="    @pytest.fixture\n    def shop():\n>       raise OSError\n\n"
              "tests/conftest.py:5: OSError"))


def parameter(seed):
    """Only one of its parameters is bad."""
    h = History(seed)
    h.fill(lambda run, names: False)

    def change(t, failed, run):
        for name in ("apple-1", "apple-2", "pear-1", "pear-2"):
            bad = name.startswith("apple") and h.random.random() < .15
            run["tests"].append(dict(
                t, name=f"test_order[{name}]",
                id=f"tests/test_a.py::test_order[{name}]", executions=[
                    dict(t["executions"][0], outcome="failed" if bad
                         else "passed")]))
    return h.each(change)


def alone(seed):
    """It fails in whole runs often, and alone never."""
    h = History(seed, runs=60)
    return h.fill(h.luck(.5))


def own_worker(seed):
    """It fails behind a test that ran on its own worker, and no other."""
    h = History(seed, runs=400)
    worker = {}

    def fails(run, names):
        for name in names:
            worker[run["run"], name] = f"gw{h.random.randrange(3)}"
        return (worker[run["run"], "test_3"] == worker[run["run"], TARGET]
                and h.random.random() < .6)
    h.fill(fails)
    for run in h.runs:
        for t in run["tests"]:
            t["executions"][0]["facts"] = {
                "worker": worker[run["run"], t["name"]]}
    return h


def outages(seed):
    """At six, everything fails now and then; it has no part in that."""
    h = History(seed, runs=400, hosts=("h1",))
    h.fill(lambda run, names: False)
    for run in h.runs:
        if run["at"][11:13] == "06" and h.random.random() < .2:
            for t in run["tests"]:
                t["executions"][0]["outcome"] = "failed"
    return h


def half_of_it(seed):
    """A host on which it fails more often, which explains a part alone."""
    h = History(seed, runs=900, hosts=("h1",) + ("h2",) * 9)
    return h.fill(lambda run, names: h.random.random()
                  < (.9 if run["host"] == "h1" else .15))


def not_much_more(seed):
    """A host on which most of it is, as most runs are."""
    h = History(seed, runs=600, per_day=1, hosts=("h1",) * 4 + ("h2",))
    return h.fill(lambda run, names: h.random.random()
                  < (.4 if run["host"] == "h1" else .18))


# what is planted: the finding's kind, its culprit or value, the category
CAUSES = {
    order: ("positions", "tests.test_a::test_3", "order dependency"),
    own_worker: ("positions", "tests.test_a::test_3", "order dependency"),
    setter: ("positions", "tests.test_b::test_4", "order dependency"),
    late: ("positions", "late", "order dependency"),
    common: ("fails with", "tests.test_b::test_2", "network"),
    neighbours: ("fails with", "tests.test_a::test_1", "shared state"),
    timeout: ("duration", "30 s", "resource or timeout"),
    slow_run: ("slow run", "the slowest", "resource or timeout"),
    hour: ("clock", "03:00 to 03:59 UTC", "time"),
    weekend: ("clock", "weekend", "time"),
    months_end: ("clock", "month's end", "time"),
    job: ("job", "mac", "platform or dependency"),
    host: ("host", "h2", "platform or dependency"),
    branch: ("branch", "next", "unknown"),
    worker: ("worker", "gw3", "worker isolation"),
    seed_of: ("seed", "7", "randomness"),
    fact: ("fact", "TZ=Europe/Berlin", "environment variable"),
    number: ("fact", "rejunit.load=at least", "resource or timeout"),
    growth: ("growth", "rejunit.memory", "resource or timeout"),
    fixture: ("fixture", "shop", "fixture"),
    parameter: ("parameter", "apple", "unknown"),
}


# --- without one --------------------------------------------------------------------
def chance(seed):
    """Hosts and branches that come and go with the weeks, some of them bad."""
    r = random.Random(seed)
    h = History(seed, runs=r.choice([100, 200, 300]),
                tests=r.choice([8, 16, 24]),
                jobs=("linux", "mac") if seed % 2 else ("a", "b", "c", "d"),
                per_day=r.choice([2, 4, 8, 24]))
    for run in h.runs:
        week = (datetime.datetime.strptime(run["at"], "%Y-%m-%dT%H:%M:%SZ")
                - START).days // 7
        run["host"] = f"h{week // 2}-{r.randrange(3)}"
        run["branch"] = r.choice(["main", "main", f"week{week}"])
        run["facts"] = {"seed": str(r.randrange(20)), "TZ": r.choice("xy")}
        run["rate"] = .27 if seed % 4 and (week * 7919 + seed) % 5 == 0 else .02
    h.fill(lambda run, names: r.random() < run.pop("rate"),
           shuffle=seed % 5 < 3)
    for run in h.runs:
        for t in run["tests"]:
            x = t["executions"][0]
            x["facts"] = {"worker": f"gw{r.randrange(3)}",
                          "rejunit.memory": str(r.randrange(1000))}
            if t["name"] != TARGET and r.random() < .03:
                x.update(outcome="failed", message="no")
    return h
