"""Runs commands, and says what they cost: for the programs beside it."""
import os
import shutil
import statistics
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
REJUNIT = os.path.join(ROOT, "rejunit")
BUILD = os.path.join(ROOT, "build")


class Folder:
    """A folder with generated reports, for a while."""

    def __init__(self, kind, n, where=None):
        self.args = [kind, str(n)]
        self.where = where

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="rejunit-bench-", dir=self.where)
        try:
            subprocess.run([os.path.join(HERE, "generate"), *self.args,
                            self.path], check=True)
        except BaseException:
            shutil.rmtree(self.path)
            raise
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path)


class Plain:
    """A folder with nothing in it."""

    def __enter__(self):
        self.path = subprocess.run(["mktemp", "-d"], check=True, text=True,
                                   stdout=subprocess.PIPE).stdout.strip()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)


class Runs:
    """What the runs of one command cost."""

    def __init__(self):
        self.seconds = []
        self.kib = []
        self.trouble = None

    def add(self, command, folder, limit, output=os.devnull):
        out = subprocess.run([os.path.join(BUILD, "bench", "measure"),
                              str(limit), output, *command], cwd=folder,
                             stdout=subprocess.PIPE, text=True, check=False)
        ns, kib, status = (out.stdout or "0 0 signal").split()
        if status == "limit":
            self.trouble = f"> {limit} s"
        elif status != "0":
            self.trouble = "fails"
        self.seconds.append(int(ns) / 1e9)
        self.kib.append(int(kib))

    def median(self):
        return statistics.median(self.seconds)

    def best(self):
        return min(self.seconds)

    def mib(self):
        return statistics.median(self.kib) / 1024


def three_figures(x):
    return f"{x:.{0 if x >= 100 else 1 if x >= 10 else 2}f}"


def duration(seconds):
    if seconds < 1:
        return three_figures(seconds * 1000) + " ms"
    return three_figures(seconds) + " s"


def thousands(n):
    return f"{n:,}"


def row(name, runs, base, wanted=""):
    if runs.trouble:
        print(f"| {name} | {runs.trouble} | | | |")
        return
    ratio = f"{runs.median() / base.median():.2f}" if base else ""
    print(f"| {name} | {duration(runs.median())} | {ratio} | {wanted} "
          f"| {runs.mib():.0f} |")
