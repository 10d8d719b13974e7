"""What the tests of histories share."""
import datetime
import gzip
import json
import os

import tap

START = datetime.datetime(2026, 1, 1)
# no CI system's variables, and no history but the one that is named
NONE = {"PATH": os.environ["PATH"]}


def at(day, minute=0):
    return (START + datetime.timedelta(days=day, minutes=minute)
            ).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(day, job, tests, **more):
    """A run record: each test's outcomes, attempt by attempt."""
    return {"version": 1, "run": f"{day}/{job}", "at": at(day),
            "commit": f"c{day}", "branch": "main", "job": job, "tests": [
                {"classname": "m", "name": name, "executions": [
                    {"outcome": o, "time": 1} for o in outcomes]}
                for name, outcomes in tests.items()], **more}


def write(path, records):
    data = "".join(json.dumps(r) + "\n" for r in records).encode()
    return tap.write(path, gzip.compress(data) if path.endswith(".gz")
                     else data)


def record(history, *args, env=NONE, cwd=None):
    status, _, err = tap.run("record", f"--history={history}", *args, cwd=cwd,
                             env=env)
    return status, err.decode()


def rank(history, *args, now=41):
    """All of a ranking, as bytes."""
    status, out, err = tap.run("rank", f"--history={history}",
                               "--format=json", f"--at={at(now)}", "--top=0",
                               *args, env=NONE)
    return out if status == 0 else err


def export(history, *args):
    status, out, err = tap.run("export", f"--history={history}", *args)
    return out if status == 0 else err
