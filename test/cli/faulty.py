"""What the tests share in which the machine fails."""
import os
import subprocess

import tap

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
SUITE = '<testsuite name="s" tests="2" failures="%d" errors="0" skipped="0">\n'
PASS = '<testcase classname="m" name="%s" time="0.5"/>\n'
FAIL = ('<testcase classname="m" name="%s" time="0.1">'
        '<failure message="no">why</failure></testcase>\n')
OLD = HEAD + SUITE % 2 + FAIL % "a" + FAIL % "b" + "</testsuite>\n"
RERUN = HEAD + SUITE % 0 + PASS % "a" + PASS % "b" + "</testsuite>\n"
SANITIZED = os.path.basename(os.environ.get("BUILD", "release")) == "asan"


def pair(original=OLD, rerun=RERUN, folder=None):
    folder = folder or tap.scratch()
    tap.write(folder + "/o.xml", original)
    tap.write(folder + "/r.xml", rerun)
    return folder


def update(folder, *args, **kw):
    if "input" not in kw:
        kw["stdin"] = subprocess.DEVNULL
    command = [*kw.pop("before", ()), kw.pop("exe", tap.REJUNIT), "update"]
    try:
        p = subprocess.run([*command, *args], cwd=folder, timeout=20,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           **kw)
    except subprocess.TimeoutExpired:
        return "timeout", b"", b""
    return p.returncode, p.stdout, p.stderr


def clean(folder):
    return not [f for f in os.listdir(folder) if f.startswith(".rejunit")]


def strace(*inject, log=None):
    return ("strace", "-qq", "-o", log or "/dev/null",
            *[f"--inject={i}" for i in inject])


def can_trace():
    try:
        return subprocess.run([*strace("getpid:error=EIO"), "true"],
                              stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False
