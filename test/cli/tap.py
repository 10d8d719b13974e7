"""What the Python tests share: TAP, and running rejunit."""
import atexit
import os
import shutil
import signal
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FIXTURES = os.path.join(TOP, "fixtures")
REJUNIT = os.environ.get("REJUNIT", os.path.join(TOP, "rejunit"))
_count = 0
_failed = 0
# what a job in the background ignores, its children would ignore too
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)


def ok(passed, what, *details):
    """One TAP line, and what there is to say about it where it fails."""
    global _count, _failed
    _count += 1
    print(f"{'ok' if passed else 'not ok'} {_count} - {what}", flush=True)
    if not passed:
        _failed += 1
        for d in details:
            for line in str(d).splitlines()[:40]:
                print(f"#   {line}")
    return passed


def skip(what, why):
    global _count
    _count += 1
    print(f"ok {_count} - {what} # SKIP {why}", flush=True)


def done():
    print(f"1..{_count}")
    sys.exit(1 if _failed else 0)


def run(*args, cwd=None, stdin=None, env=None, exe=None):
    """Runs rejunit; returns exit status, stdout and stderr as bytes."""
    p = subprocess.run([exe or REJUNIT, *args], cwd=cwd, env=env,
                       input=stdin if stdin is not None else b"",
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                       timeout=120)
    return p.returncode, p.stdout, p.stderr


def scratch():
    """A folder that is gone when the test ends."""
    path = tempfile.mkdtemp(prefix="rejunit-test-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def read(path):
    """A file's bytes; None where there is none."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except FileNotFoundError:
        return None


def write(path, data):
    with open(path, "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)
    return path


def cases():
    """The fixtures' folders: each is an original, its reruns, what follows."""
    for name in sorted(os.listdir(FIXTURES)):
        folder = os.path.join(FIXTURES, name)
        if os.path.exists(os.path.join(folder, "original.xml")):
            yield name, folder


def reruns(folder):
    return sorted(f for f in os.listdir(folder)
                  if f.startswith("rerun") and f.endswith(".xml"))


def options(folder):
    text = read(os.path.join(folder, "options"))
    return text.decode().split() if text else []
