#!/usr/bin/python3
"""What happens when the machine fails, or somebody interferes."""
import atexit
import collections
import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import tap
from faulty import (FAIL, HEAD, OLD, PASS, RERUN, SANITIZED, SUITE, can_trace,
                    clean, pair, strace, update)

ONE = HEAD + SUITE % 0 + PASS % "%s" + "</testsuite>\n"
PRINTED = "<system-out>" + "a line\n" * 30000 + "</system-out>"
LARGE = OLD.replace("</testsuite>", PRINTED + "</testsuite>")
NOBODY = 65534


def holds(folder, original, *names):
    """The original's bytes, and which files stand there: no others."""
    return tap.read(folder + "/o.xml") == original.encode() and \
        sorted(os.listdir(folder)) == sorted(("o.xml", "r.xml", *names))


def failed(result, folder, what, *names, status=4, original=OLD, says=b""):
    tap.ok(result[0] == status and holds(folder, original, *names)
           and result[2].count(b"\n") == 1
           and result[2].startswith(b"rejunit: ") and says in result[2],
           f"{what}: exit {status}, the report is as it was", result,
           os.listdir(folder))


def runs(command, **kw):
    """Whether that can be run here at all, and ends with 0."""
    try:
        return subprocess.run(command, timeout=20, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, **kw).returncode == 0
    except OSError:
        return False


folder = pair()
assert update(folder, "-q", "-i", "o.xml", "r.xml")[0] == 0
NEW = tap.read(folder + "/o.xml").decode()

# --- a full disk


def small_disk():
    """A file system with no room left; None where none can be made."""
    folder = tap.scratch()
    if os.geteuid() != 0 or not runs(
            ["mount", "-t", "tmpfs", "-o", "size=512k", "none", folder]):
        return None
    atexit.register(subprocess.run, ["umount", folder])
    return folder


def fill(folder):
    with open(folder + "/filler", "wb", buffering=0) as f:
        try:
            while True:
                f.write(b"x" * 4096)
        except OSError:
            pass


disk = small_disk()
if disk:
    pair(LARGE, folder=disk)
    fill(disk)
    failed(update(disk, "-i", "o.xml", "r.xml"), disk,
           "--in-place on a full disk", "filler", original=LARGE)
    failed(update(disk, "-o", "new.xml", "o.xml", "r.xml"), disk,
           "-o on a full disk", "filler", original=LARGE)
    folder = pair()
    for option in ("--flakes=", "--decisions="):
        failed(update(folder, "-i", "o.xml", "r.xml", option + disk + "/f"),
               folder, f"{option} on a full disk")
    tap.ok(holds(disk, LARGE, "filler"), "and nothing is left there",
           os.listdir(disk))
else:
    tap.skip("a full disk", "no file system can be mounted here")

# only /tmp itself is full: the command and the reports are open already
with open(tap.REJUNIT, "rb") as exe:
    os.set_inheritable(exe.fileno(), True)
    full_tmp = ("unshare", "-m" if os.geteuid() == 0 else "-rm", "sh", "-c",
                "mount -t tmpfs -o size=16k none /tmp && exec "
                f"/proc/self/fd/{exe.fileno()} \"$@\"")
    able = runs([*full_tmp, "sh", "--version"], close_fds=False)
    for what, args in (
            ("standard input", ("-", "r.xml")),
            ("a report in another encoding", ("utf16.xml", "r.xml")),
            ("a report to repair", ("--repair", "o.xml", "r.xml"))):
        if not able:
            tap.skip(f"{what}, and /tmp is full",
                     "no /tmp of our own can be mounted here")
            continue
        folder = pair(LARGE)
        tap.write(folder + "/utf16.xml",
                  LARGE.replace("utf-8", "utf-16").encode("utf-16"))
        result = update(folder, "-o", "new.xml", *args, input=LARGE.encode(),
                        before=full_tmp, exe="sh", close_fds=False)
        failed(result, folder, f"{what}, and /tmp is full", "utf16.xml",
               status=3, original=LARGE, says=b"temporary file")

# --- devices, folders and pipes in every place

folder = pair()
failed(update(folder, "o.xml", "r.xml", "-o", "/dev/full"), folder,
       "-o /dev/full")
failed(update(folder, "-i", "o.xml", "r.xml", "--flakes=/dev/full"), folder,
       "--flakes=/dev/full")
with open("/dev/full", "wb") as full:
    p = subprocess.run([tap.REJUNIT, "update", "-i", "o.xml", "r.xml"],
                       cwd=folder, stdout=full, stderr=subprocess.PIPE)
failed((p.returncode, b"", p.stderr), folder, "a full standard output")
with open("/dev/full", "wb") as full:
    p = subprocess.run([tap.REJUNIT, "update", "-i", "o.xml", "r.xml"],
                       cwd=folder, stderr=full, stdout=subprocess.PIPE)
tap.ok(p.returncode == 0 and holds(folder, NEW),
       "a full standard error is no reason to fail", p)

folder = pair()
os.mkfifo(folder + "/fifo")
os.mkdir(folder + "/dir")
there = socket.socket(socket.AF_UNIX)
there.bind(folder + "/socket")
more = ("fifo", "dir", "socket")
for what in ("fifo", "socket", "dir"):
    failed(update(folder, "-o", what, "o.xml", "r.xml"), folder,
           f"-o {what}", *more)
    failed(update(folder, "-i", "o.xml", "r.xml", f"--flakes={what}"), folder,
           f"--flakes={what}", *more)
for what, status in (("fifo", 4), ("socket", 4), ("dir", 3),
                     ("/dev/zero", 3), ("/dev/null", 3)):
    failed(update(folder, "-i", what, "r.xml"), folder,
           f"--in-place on {what}", *more, status=status)
for what in ("socket", "dir", "/dev/zero", "/dev/null"):
    failed(update(folder, what, "r.xml"), folder, f"{what} as the original",
           *more, status=3)
    failed(update(folder, "o.xml", what), folder, f"{what} as a rerun",
           *more, status=3)
for args, data in ((("fifo", "r.xml"), OLD), (("o.xml", "fifo"), RERUN)):
    feeder = threading.Thread(target=tap.write, args=(folder + "/fifo", data))
    feeder.start()
    status, out, err = update(folder, *args)
    feeder.join()
    tap.ok(status == 0 and out.decode() == NEW,
           f"a FIFO that somebody writes to: {' '.join(args)}", err)
if os.path.exists("/dev/stdout"):
    status, out, err = update(folder, "o.xml", "r.xml", "-o", "/dev/stdout",
                              "-q", "--flakes=/dev/null")
    tap.ok(status == 0 and out.decode() == NEW, "-o /dev/stdout", err)
else:
    tap.skip("-o /dev/stdout", "without /proc it leads nowhere")
there.close()

# --- what a descriptor leads to


def append(what, *args, fd=1, command="update", link=None):
    """What is written to a descriptor comes behind what its file holds."""
    folder = pair()
    app = tap.write(folder + "/app.txt", "kept\n")
    if link:
        os.symlink(link, folder + "/link")
    was = os.stat(app).st_ino
    p = subprocess.run(["sh", "-c", f'exec "$@" {fd}>>app.txt', "sh",
                        tap.REJUNIT, command, "-q", *args], cwd=folder,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    data = tap.read(app).decode()
    tap.ok(p.returncode in (0, 1) and os.stat(app).st_ino == was and
           data.startswith("kept\n") and len(data) > 8 and clean(folder) and
           set(os.listdir(folder)) - {"link", "f.txt", "d.json"} ==
           {"o.xml", "r.xml", "app.txt"},
           f"{what} keeps what the log held", p, data, os.listdir(folder))
    return data[5:]


for name, fd in (("-", 1), ("/dev/stdout", 1), ("/dev/stderr", 2),
                 ("/dev/fd/1", 1), ("/dev/fd/3", 3), ("/proc/self/fd/3", 3)):
    data = append(f"-o {name}", "-o", name, "o.xml", "r.xml",
                  "--flakes=f.txt", fd=fd)
    tap.ok(data == NEW, "and it is the report that follows", data)
    data = append(f"merge -o {name}", "-o", name, "o.xml", "r.xml",
                  fd=fd, command="merge")
    tap.ok(data.count("<testsuite ") == 2, "and it is the merged report", data)
    if fd > 1:
        data = append(f"--flakes={name}", f"--flakes={name}", "-o", "d.json",
                      "o.xml", "r.xml", fd=fd)
        tap.ok(data == "m::a\nm::b\n", "and it is the list", data)
        append(f"--decisions={name}", f"--decisions={name}", "-o", "f.txt",
               "o.xml", "r.xml", fd=fd)
data = append("a link to /dev/stdout", "-o", "link", "--flakes=/dev/null",
              "o.xml", "r.xml", link="/dev/stdout")
tap.ok(data == NEW, "and it is the report that follows", data)
data = append("-o /dev/stdout", "-o", "/dev/stdout", "o.xml", "r.xml")
tap.ok(data == NEW, "with no list among it", data)
folder = pair()
failed(update(folder, "-o", "/dev/fd/77", "o.xml", "r.xml"), folder,
       "-o to a descriptor that is not open", says=b"/dev/fd/77")
folder = pair(folder=os.path.join(tap.scratch(), ""))
os.mkdir(folder + "set")
os.rename(folder + "o.xml", folder + "set/o.xml")
status, _, err = update(folder, "set", "r.xml", "-o", "/dev/stdout")
tap.ok(status == 2, "a set does not go to standard output", status, err)

# --- no permission


def as_nobody(folder):
    """A copy of the command that nobody in particular can run, and how."""
    exe = folder + ".exe"
    shutil.copy(tap.REJUNIT, exe)
    atexit.register(os.remove, exe)
    os.chmod(exe, 0o755)
    who = {} if os.geteuid() else {"user": NOBODY, "group": NOBODY,
                                   "extra_groups": []}
    return {"exe": exe, **who}


def reachable(how):
    return runs([how["exe"], "--version"],
                **{k: v for k, v in how.items() if k != "exe"})


folder = pair()
how = as_nobody(folder)
os.chmod(folder, 0o555)
if reachable(how):
    failed(update(folder, "-i", "o.xml", "r.xml", **how), folder,
           "--in-place in a folder that is read only")
    failed(update(folder, "-o", "new.xml", "o.xml", "r.xml", **how), folder,
           "-o to a folder that is read only")
    os.chmod(folder, 0o777)
    for name in ("o.xml", "r.xml"):
        for option in ("-i", "-q"):
            os.chmod(f"{folder}/{name}", 0)
            status, _, err = update(folder, option, "o.xml", "r.xml", **how)
            # who is not root may not read it for the comparison either
            os.chmod(f"{folder}/{name}", 0o644)
            tap.ok(status == 3 and holds(folder, OLD) and name.encode() in err,
                   f"{option}, and {name} may not be read: exit 3", err,
                   os.listdir(folder))
    if os.geteuid() == 0:
        for name in ("o.xml", "f.txt"):
            tap.write(folder + "/o.xml", OLD)
            tap.write(folder + "/f.txt", "")
            os.chown(f"{folder}/{name}", 0, 0)
            os.chown(folder + ("/f.txt" if name == "o.xml" else "/o.xml"),
                     NOBODY, NOBODY)
            os.chmod(f"{folder}/{name}", 0o2664)
            result = update(folder, "-i", "o.xml", "r.xml", "--flakes=f.txt",
                            **how)
            st = os.stat(f"{folder}/{name}")
            tap.ok(result[0] == 0 and holds(folder, NEW, "f.txt") and
                   (st.st_uid, st.st_mode & 0o7777) == (NOBODY, 0o664) and
                   result[2].count(b"warning") == 1 and
                   f"{name}: its owner cannot be kept".encode() in result[2],
                   f"{name} is another user's: its mode is kept, and a warning "
                   "says so", result, st)
        os.remove(folder + "/f.txt")
        tap.write(folder + "/o.xml", OLD)
        os.chown(folder + "/o.xml", 0, 0)
        result = subprocess.run([how["exe"], "merge", "-i", "o.xml", "r.xml"],
                                cwd=folder, stderr=subprocess.PIPE,
                                user=NOBODY, group=NOBODY, extra_groups=[])
        tap.ok(result.returncode == 1 and
               b"o.xml: its owner cannot be kept" in result.stderr,
               "so is that of a report that others are merged into", result)
    else:
        tap.skip("a file of somebody else", "not root")
else:
    tap.skip("permissions", "nobody cannot run the command from here")
os.chmod(folder, 0o755)

folder = pair()
tap.write(folder + "/.rejunit-o.xml", "left by a crash\n" * 1000)
status, _, err = update(folder, "-q", "-i", "o.xml", "r.xml")
tap.ok(status == 0 and holds(folder, NEW),
       "what a crash left behind is not part of the report", err)
os.umask(0o022)
for mode, name, want in ((0o600, "new.xml", 0o644), (0o640, "o.xml", 0o600)):
    folder = pair()
    os.chmod(folder + "/o.xml", 0o600)
    left = tap.write(f"{folder}/.rejunit-{name}", "left by a crash\n")
    os.chmod(left, mode)
    status, _, err = update(folder, "-q", "-o", name, "o.xml", "r.xml")
    tap.ok(status == 0 and not os.path.exists(left) and
           os.stat(f"{folder}/{name}").st_mode & 0o777 == want,
           f"nor is its mode that of {name}", status, err)


def in_the_way(what, make):
    """What we did not make stays as it is, and blocks nothing."""
    folder = pair()
    way = folder + "/.rejunit-o.xml"
    make(folder, way)
    was = os.lstat(way)
    result = update(folder, "-q", "-i", "o.xml", "r.xml")
    now = os.lstat(way)
    tap.ok(result[0] == 0 and holds(folder, NEW, ".rejunit-o.xml") and
           tap.read(folder + "/r.xml").decode() == RERUN and
           (was.st_ino, was.st_size, was.st_mtime_ns, was.st_uid) ==
           (now.st_ino, now.st_size, now.st_mtime_ns, now.st_uid),
           f"{what} under the temporary file's name blocks nothing", result,
           os.listdir(folder))


def another_user(_, way):
    tap.write(way, "left by a crash\n")
    os.chown(way, NOBODY, NOBODY)


in_the_way("a symbolic link", lambda folder, way: os.symlink("x", way))
in_the_way("another name of a file",
           lambda folder, way: os.link(folder + "/r.xml", way))
in_the_way("a FIFO", lambda folder, way: os.mkfifo(way))
in_the_way("a folder", lambda folder, way: os.mkdir(way))


def can_give_away():
    try:
        os.chown(tap.write(tap.scratch() + "/f", ""), NOBODY, NOBODY)
        return True
    except PermissionError:
        return False


if can_give_away():
    in_the_way("another user's file", another_user)
else:
    tap.skip("another user's file", "no file can be given away here")

# --- a reader that goes away

folder = pair(LARGE)
p = subprocess.Popen([tap.REJUNIT, "update", "o.xml", "r.xml"], cwd=folder,
                     stdout=subprocess.PIPE, stderr=subprocess.PIPE)
p.stdout.read(10)
p.stdout.close()
err = p.stderr.read()
p.stderr.close()
tap.ok(p.wait() == 4 and err.count(b"\n") == 1
       and holds(folder, LARGE), "the reader of the report goes away: exit 4",
       p.returncode, err)

# --- what needs a tracer


def system_calls(*args):
    """The calls that an update makes: name, which of that name, arguments."""
    folder = pair()
    log = folder + "/log"
    update(folder, *args, "o.xml", "r.xml", before=strace(log=log))
    seen, calls, ours = collections.Counter(), [], False
    for line in tap.read(log).decode("utf-8", "replace").splitlines():
        m = re.match(r"(\w+)\((.*)", line)
        if not m:
            continue
        seen[m[1]] += 1
        # what the dynamic linker does is not ours
        ours = ours or m[1] == "rt_sigaction"
        if ours and m[1] != "exit_group":
            calls.append((m[1], seen[m[1]], m[2]))
    return calls


def whole(folder):
    return tap.read(folder + "/o.xml") in (OLD.encode(), NEW.encode())


def sweep(what, args, calls, fault, judge):
    """The update once for each call, with that call going wrong."""
    wrong = []
    for name, n, rest in calls:
        folder = pair()
        result = update(folder, *args, "o.xml", "r.xml",
                        before=strace(f"{name}:{fault}:when={n}"))
        why = judge(folder, result, name, rest)
        if why:
            wrong.append(f"{name} {n} ({rest[:60]}): {why} {result} "
                         f"{os.listdir(folder)}")
    tap.ok(calls and not wrong, f"{what}, at each of {len(calls)} calls",
           *wrong)


def killed(folder, result, _name, _rest):
    if result[0] != -signal.SIGKILL:
        return "not killed"
    if not whole(folder):
        return "torn"
    status, _, err = update(folder, *IN_PLACE, "o.xml", "r.xml")
    if status != 0 or not holds(folder, NEW, "f.txt"):
        return f"not taken up again: {status} {err} {os.listdir(folder)}"
    return None


def ended(number):
    def judge(folder, result, _name, _rest):
        if result[0] != -number:
            return "not ended by it"
        if not whole(folder) or not clean(folder):
            return "torn, or something is left"
        return None
    return judge


def piped(folder, result, _name, _rest):
    return None if result[0] == 0 and tap.read(folder + "/o.xml").decode() \
        == NEW and clean(folder) else "did not go on"


def erroneous(folder, result, name, rest):
    """An error counts, or does not matter: the report agrees with it."""
    status, _, err = result
    replaced = tap.read(folder + "/o.xml").decode() == NEW
    lasting = b"whether that lasts" not in err
    if not whole(folder):
        return "torn"
    if status not in (0, 3, 4):
        return "exit status"
    if replaced != (status == 0) and lasting:
        return "the exit status is not the report's"
    if status and err.count(b"\n") != 1:
        return "no message"
    # whose file it is is not known then; and who cannot remove cannot remove
    if not clean(folder) and name not in ("flock", "newfstatat", "fstat",
                                          "unlink"):
        return "something is left"
    return None


def in_between(what, args, act, want):
    """Acts when the new report is written and not yet in its place."""
    folder = pair()
    ready = threading.Event()

    def interfere():
        path = folder + "/.rejunit-o.xml"
        for _ in range(2000):
            if os.path.exists(path) and os.path.getsize(path):
                act(folder)
                ready.set()
                return
            time.sleep(0.002)
    other = threading.Thread(target=interfere)
    other.start()
    result = update(folder, *args, "o.xml", "r.xml",
                    before=strace("fsync:delay_enter=300000:when=1"))
    other.join()
    tap.ok(ready.is_set() and result[0] == 4 and result[2].count(b"\n") == 1
           and tap.read(folder + "/o.xml") == want and clean(folder),
           f"the report is {what} meanwhile: exit 4, and stays so", result,
           os.listdir(folder))


def replace(folder):
    """By another file, of which only the number tells that it is one."""
    was = os.stat(folder + "/o.xml")
    tap.write(folder + "/new", OLD.replace("why", "WHY"))
    os.utime(folder + "/new", ns=(was.st_atime_ns, was.st_mtime_ns))
    os.rename(folder + "/new", folder + "/o.xml")


def stays_private():
    """Nobody else can read what replaces a private report, at no time."""
    folder, modes = pair(), []
    os.chmod(folder + "/o.xml", 0o600)
    p = subprocess.Popen(
        [*strace("fchmod:delay_enter=200000:when=1"), tap.REJUNIT, "update",
         "-q", "-i", "o.xml", "r.xml"], cwd=folder,
        stdout=subprocess.DEVNULL)
    wait_for_lock(folder, p)
    try:
        modes.append(os.stat(folder + "/.rejunit-o.xml").st_mode & 0o777)
    except FileNotFoundError:
        pass
    p.wait(timeout=20)
    modes.append(os.stat(folder + "/o.xml").st_mode & 0o777)
    tap.ok(modes == [0o600, 0o600], "a private report is never a public one",
           *map(oct, modes))


def merge_that_cannot_read():
    """Each read of a merge fails once: it is the report that is named."""
    folder, log, wrong = pair(), tap.scratch() + "/log", []
    merge = (tap.REJUNIT, "merge", "--join-suites", "o.xml", "r.xml")
    subprocess.run([*strace(log=log), *merge], cwd=folder,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    reads = tap.read(log).count(b"\npread64(")
    for n in range(1, reads + 1):
        p = subprocess.run([*strace(f"pread64:error=EIO:when={n}"), *merge],
                           cwd=folder, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, timeout=20)
        # the dynamic linker reads, too, and gives up otherwise
        if p.returncode not in (3, 127) or \
                (p.returncode == 3 and b".xml: cannot be read" not in p.stderr):
            wrong.append((n, p.returncode, p.stderr))
    tap.ok(reads > 6 and not wrong,
           f"merge --join-suites names the report at each of {reads} reads "
           "that fail", *wrong)


def touch(folder):
    tap.write(folder + "/o.xml", OLD.replace("why", "WHY"))


def two_at_once():
    folder = pair()
    for name in "ab":
        tap.write(f"{folder}/{name}.xml", ONE % name)
    ps = [subprocess.Popen(
        [*strace("fsync:delay_enter=200000:when=1"), tap.REJUNIT, "update",
         "-q", "-i", "o.xml", f"{name}.xml"], cwd=folder,
        stdout=subprocess.DEVNULL) for name in "ab"]
    codes = sorted(p.wait(timeout=20) for p in ps)
    result = tap.read(folder + "/o.xml")
    tap.ok(codes == [0, 1] and result.count(b"<flakyFailure") == 2
           and b'failures="0"' in result and clean(folder),
           "two updates at once: both count", codes, result)


def wait_for_lock(folder, p):
    """Until an update of o.xml holds the lock, or has ended."""
    while clean(folder) and p.poll() is None:
        time.sleep(0.01)


def stopped_while_waiting():
    """A signal ends also who waits for a lock."""
    folder = pair()
    with open(folder + "/.rejunit-o.xml", "w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        p = subprocess.Popen([tap.REJUNIT, "update", "-i", "o.xml", "r.xml"],
                             cwd=folder, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        time.sleep(0.2)
        waited = p.poll() is None
        p.terminate()
        code = p.wait(timeout=20)
    tap.ok(code == -signal.SIGTERM and waited
           and holds(folder, OLD, ".rejunit-o.xml"),
           "who waits for another update can be ended, and leaves it alone",
           code, waited, os.listdir(folder))


if SANITIZED:
    tap.skip("system calls that fail", "sanitizers cannot be traced")
elif not can_trace():
    tap.skip("system calls that fail", "no strace that works")
else:
    IN_PLACE = ("-q", "--in-place", "--flakes=f.txt")
    calls = system_calls(*IN_PLACE)
    sweep("killed", IN_PLACE, calls, "signal=SIGKILL", killed)
    # the handlers are made by the first calls
    asked = [c for c in calls if c[0] not in ("rt_sigaction", "prlimit64")]
    sweep("SIGTERM", IN_PLACE, asked, "signal=SIGTERM",
          ended(signal.SIGTERM))
    sweep("SIGPIPE", IN_PLACE, asked, "signal=SIGPIPE", piped)
    some = [c for c in asked if c[0] in ("openat", "flock", "pread64", "write",
                                         "fsync", "rename")]
    sweep("SIGINT", IN_PLACE, some, "signal=SIGINT", ended(signal.SIGINT))
    memory = ("brk", "mmap", "munmap", "mremap", "futex", "geteuid")
    faulty = [c for c in calls if c[0] not in memory]
    sweep("EIO", IN_PLACE, faulty, "error=EIO", erroneous)
    disk_calls = [c for c in faulty if c[0] in (
        "openat", "write", "fsync", "rename", "close", "fchmod")]
    sweep("ENOSPC", IN_PLACE, disk_calls, "error=ENOSPC", erroneous)
    short = [c for c in calls if c[0] == "write"]
    sweep("EINTR", IN_PLACE, short, "error=EINTR", piped)
    for name, n, _ in calls:
        if name in ("fchmod", "rename", "fsync") and n == 1:
            folder = pair()
            failed(update(folder, "-q", "-i", "o.xml", "r.xml",
                          before=strace(f"{name}:error=EIO:when=1")),
                   folder, f"{name} fails")
    in_between("replaced", IN_PLACE[:2], replace,
               OLD.replace("why", "WHY").encode())
    in_between("changed", IN_PLACE[:2], touch,
               OLD.replace("why", "WHY").encode())
    merge_that_cannot_read()
    stays_private()
    two_at_once()
    stopped_while_waiting()

# --- a signal while it reads

for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    folder = pair()
    p = subprocess.Popen([tap.REJUNIT, "update", "-i", "o.xml", "-"],
                         cwd=folder, stdin=subprocess.PIPE,
                         stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wait_for_lock(folder, p)
    time.sleep(0.1)
    p.send_signal(number)
    try:
        code = p.wait(timeout=20)
    except subprocess.TimeoutExpired:
        p.kill()
        code = "timeout"
    err = p.stderr.read()
    p.stdin.close()
    tap.ok(code == -number and holds(folder, OLD),
           f"{number.name} while it waits for standard input leaves nothing",
           code, err, os.listdir(folder))
tap.done()
