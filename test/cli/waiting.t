#!/usr/bin/python3
"""What keeps a command waiting is said, and can be ended."""
import fcntl
import os
import pty
import select
import signal
import subprocess
import time

import tap
from faulty import OLD, RERUN, pair


def on_terminal(folder, *args, stdin=subprocess.DEVNULL):
    """The command with a terminal for its messages, and where they come."""
    master, slave = pty.openpty()
    p = subprocess.Popen([tap.REJUNIT, *args], cwd=folder, stderr=slave,
                         stdout=subprocess.PIPE, stdin=stdin)
    os.close(slave)
    return p, master


def said(master, seconds):
    """What is said within a time, if anything is."""
    if not select.select([master], [], [], seconds)[0]:
        return b""
    time.sleep(0.05)
    return os.read(master, 4096)


def ends_at_once(p):
    since = time.monotonic()
    p.wait(timeout=20)
    p.stdout.close()
    return time.monotonic() - since < 0.5


folder = pair()
os.mkfifo(folder + "/fifo")
for number, args in ((signal.SIGINT, ("show", "fifo")),
                     (signal.SIGTERM, ("audit", "fifo")),
                     (signal.SIGTERM, ("merge", "o.xml", "fifo")),
                     (signal.SIGHUP, ("update", "fifo", "r.xml")),
                     (signal.SIGINT, ("update", "-i", "o.xml", "fifo"))):
    p, master = on_terminal(folder, *args)
    early, late = said(master, 0.7), said(master, 5)
    again = said(master, 0.3)
    p.send_signal(number)
    tap.ok(ends_at_once(p) and p.returncode == -number and early == b"" and
           late == b"rejunit: waiting for fifo\r\n" and again == b"" and
           tap.read(folder + "/o.xml").decode() == OLD and
           sorted(os.listdir(folder)) == ["fifo", "o.xml", "r.xml"],
           f"{' '.join(args)}: says what it waits for, and can be ended", early,
           late, again, p.returncode, os.listdir(folder))
    os.close(master)
p, master = on_terminal(folder, "show", "fifo")
heard = said(master, 5)
tap.write(folder + "/fifo", RERUN)
out = p.stdout.read()
tap.ok(p.wait(timeout=20) == 0 and b"2 cases" in out and b"fifo" in heard,
       "when somebody writes to it, it goes on", heard, out)
p.stdout.close()
os.close(master)
with subprocess.Popen(["sleep", "60"], stdout=subprocess.PIPE) as other:
    p, master = on_terminal(folder, "show", "-", stdin=other.stdout)
    heard = said(master, 5)
    p.terminate()
    tap.ok(heard == b"rejunit: waiting for <stdin>\r\n" and ends_at_once(p),
           "so does it of standard input", heard)
    os.close(master)
    other.kill()
p = subprocess.Popen([tap.REJUNIT, "show", "fifo"], cwd=folder,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
time.sleep(1.3)
p.terminate()
out, err = p.communicate(timeout=20)
tap.ok(b"waiting" not in err + out and p.returncode == -signal.SIGTERM,
       "nothing is said where there is no terminal", out, err)
with open(tap.write(folder + "/.rejunit-o.xml", ""), "rb") as held:
    fcntl.flock(held, fcntl.LOCK_EX)
    p, master = on_terminal(folder, "update", "-i", "o.xml", "r.xml")
    heard = said(master, 5)
    p.terminate()
    tap.ok(b"waiting for another update of /" in heard and b"/o.xml" in heard
           and ends_at_once(p), "a lock that is waited for is named", heard)
    os.close(master)
tap.done()
