#!/usr/bin/env python3
"""What is said of simulated tests, whose rates are known, is true often enough."""
import json
import math
import random

import history
import tap

TMP = tap.scratch()
DAYS, TESTS, SUITES = 90, 400, 6
FLAKY = ("flaky", "recovering", "suspect", "broken")


def rate(rnd):
    """Half of the flaky tests fail below 1 %, a third below 0.1 %."""
    u = rnd.random()
    if u < 1 / 3:
        return 10 ** rnd.uniform(-4, -3)
    if u < 1 / 2:
        return 10 ** rnd.uniform(-3, -2)
    return 10 ** rnd.uniform(-2, -0.7) if u < 5 / 6 else 0.5


def simulate(seed, a_day):
    """A suite whose tests fail by chance alone: their rates, and a ranking."""
    rnd = random.Random(seed)
    rates = [rate(rnd) for _ in range(TESTS)]
    # how many passes come before a failure, and not a toss for each
    left = [int(math.log(1 - rnd.random()) / math.log(1 - p)) for p in rates]
    with open(f"{TMP}/{seed}.jsonl", "w", encoding="utf-8") as f:
        for r in range(DAYS * a_day):
            tests = []
            for i, p in enumerate(rates):
                bad = left[i] == 0
                left[i] -= 1
                if bad:
                    left[i] = int(math.log(1 - rnd.random())
                                  / math.log(1 - p))
                tests.append('{"name":"%d","executions":[{"outcome":"%s"}]}'
                             % (i, "failed" if bad else "passed"))
            f.write('{"version":1,"run":"%d","at":"%s","commit":"%d",'
                    '"branch":"main","job":"j","tests":[%s]}\n' % (
                        r, history.at(0, r * 1440 // a_day), r,
                        ",".join(tests)))
    history.record(f"{TMP}/{seed}.db", "-q", f"{TMP}/{seed}.jsonl")
    # so many fail that every run would be an outage
    out = history.rank(f"{TMP}/{seed}.db", "--all", "--outage=100%", now=DAYS)
    return rates, json.loads(out)["tests"]


covered = flaked = let_go = total = 0
for n in range(SUITES):
    rates, tests = simulate(n, 2 if n % 2 else 6)
    for t in tests:
        p = rates[int(t["name"])]
        covered += t["rate_low"] - 5e-7 <= p <= t["rate_high"] + 5e-7
        total += 1
        if sum(t["events"].values()):
            flaked += 1
            let_go += t["state"] not in FLAKY
tap.ok(0.93 <= covered / total <= 0.97,
       "95 % intervals cover the rate in 93 to 97 % of the cases",
       covered, total)
tap.ok(flaked > 1000 and let_go / flaked <= 0.05,
       "of what flakes as before, at most 5 % has been let go", let_go, flaked)
tap.ok(let_go > 0, "and not nothing")
tap.done()
