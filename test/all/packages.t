#!/usr/bin/python3
"""Each package, built, installed from what was built alone, and used."""
import glob
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "cli"))
import tap  # noqa: E402

TMP = tap.scratch()
SAMPLE = os.path.join(tap.FIXTURES, "pytest-demo")
VERSION = tap.run("--version")[1].decode().split()[1]


def shell(*command, cwd=TMP, env=None, inputs=None):
    p = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, input=inputs,
                       stderr=subprocess.STDOUT, env={**os.environ, **(
                           env or {})})
    return p.returncode, p.stdout.decode("utf-8", "replace")


def copy(name):
    """The source, somewhere else."""
    to = os.path.join(TMP, name, "rejunit")
    shutil.copytree(tap.TOP, to, symlinks=True, ignore=lambda folder, names: [
        n for n in names if n == "__pycache__" or folder == tap.TOP and (
            n in ("build", ".git") or re.match("rejunit(-.*)?$", n))])
    return to


def built(target, tree):
    # the build's own variant is none of its business
    code, out = shell("make", "-s", target, cwd=tree, env={
        "MAKEFLAGS": "", "MAKELEVEL": "", "DEV": ""})
    tap.ok(code == 0, f"make {target}", "\n".join(out.splitlines()[-30:]))
    return out


def demo(exe, folder, *, env=None):
    """The main job, and what an own database and other encodings need."""
    os.makedirs(folder, exist_ok=True)
    for name in ("original.xml", "rerun.xml"):
        shutil.copy(os.path.join(SAMPLE, name), folder)
    want = tap.run("update", "-q", "-o", "-", SAMPLE + "/original.xml",
                   SAMPLE + "/rerun.xml")[1]
    code, out = shell(*exe, "update", "-q", "--flakes=f.txt", "-o", "u.xml",
                      "original.xml", "rerun.xml", cwd=folder, env=env)
    tap.ok(code == 1 and tap.read(folder + "/u.xml") == want and
           len(tap.read(folder + "/f.txt").splitlines()) == 3,
           "it updates the sample", code, out)
    code, out = shell(*exe, "record", "-q", "--history=h.db", "original.xml",
                      "rerun.xml", cwd=folder, env=env)
    ranked = shell(*exe, "rank", "--history=h.db", cwd=folder, env=env)
    tap.ok(code == 0 and ranked[0] == 0 and "test_order" in ranked[1],
           "it remembers", out, ranked)
    for encoding in ("iso-8859-1", "windows-1252", "utf-16", "us-ascii"):
        text = (f'<?xml version="1.0" encoding="{encoding}"?><testsuite name='
                '"s"><testcase name="%s"><failure/></testcase></testsuite>' % (
                    "caf\xe9" if encoding != "us-ascii" else "caf"))
        tap.write(folder + "/o.xml", text.encode(encoding))
        tap.write(folder + "/r.xml",
                  text.replace("<failure/>", "").encode(encoding))
        code, out = shell(*exe, "update", "-q", "-i", "o.xml", "r.xml",
                          cwd=folder, env=env)
        tap.ok(code == 0 and "flakyFailure" in tap.read(
            folder + "/o.xml").decode(encoding), f"it reads {encoding}", out)


def needs(path):
    out = shell("ldd", path)[1]
    return sorted(re.findall(r"^\s+(lib\w+)\.so", out, re.M))


# --- a tarball ---------------------------------------------------------------------

one, two = copy("one"), copy("another/place")
built("tarball", one)
built("tarball", two)
name = f"rejunit-{VERSION}-linux-{os.uname().machine}"
files = [f"{tree}/build/packages/{name}.tar.gz" for tree in (one, two)]
sums = [hashlib.sha256(tap.read(f)).hexdigest() for f in files]
tap.ok(sums[0] == sums[1], "two builds give the same bytes", *sums)
code, out = shell("sha256sum", "-c", "SHA256SUMS",
                  cwd=os.path.dirname(files[0]))
tap.ok(code == 0, "and the sum that stands beside it", out)
with tarfile.open(files[0]) as t:
    t.extractall(TMP)
    tap.ok(all(m.name.split("/")[0] == name and m.uid == 0 for m in t),
           "it unpacks to one folder")
exe = f"{TMP}/{name}/bin/rejunit"
code, out = shell("ldd", exe)
tap.ok("not a dynamic" in out and os.path.getsize(exe) < 8e6,
       "its command needs no library, and is small", out, os.path.getsize(exe))
demo([exe], TMP + "/tar")
if os.geteuid() == 0:
    empty = TMP + "/empty"
    os.makedirs(empty + "/tmp")
    for f in (exe, SAMPLE + "/original.xml", SAMPLE + "/rerun.xml"):
        shutil.copy(f, empty)
    code, out = shell("chroot", empty, "/rejunit", "update", "-q", "-i",
                      "/original.xml", "/rerun.xml")
    tap.ok(code == 1 and b"flakyFailure" in tap.read(empty + "/original.xml"),
           "it works where there is nothing else", code, out)
else:
    tap.skip("it works where there is nothing else", "chroot needs root")

# --- a step of GitHub's ----------------------------------------------------------------

releases = f"{TMP}/releases/v{VERSION}"
os.makedirs(releases)
os.makedirs(TMP + "/job")
for f in ("SHA256SUMS", f"{name}.tar.gz"):
    shutil.copy(f"{one}/build/packages/{f}", releases)
tap.write(TMP + "/job/test_it.py", """
import os
def test_flaky():
    assert os.path.exists("seen") or open("seen", "w").close()
""")
STEP = {"VERSION": VERSION, "RELEASES": f"file://{TMP}/releases",
        "OPTIONS": "--flakes=flaky.txt", "GITHUB_PATH": TMP + "/path",
        "COMMAND": "/usr/bin/python3 -m pytest --junit-xml='r.xml'"}
ACTION = tap.TOP + "/.github/actions/rejunit/run"
tap.write(releases + "/SHA256SUMS", "0" * 64 + f"  {name}.tar.gz\n")
code, out = shell(ACTION, cwd=TMP + "/job",
                  env={**STEP, "RUNNER_TEMP": TMP + "/runner1"})
tap.ok(code != 0 and "FAILED" in out and not os.path.exists(
    TMP + "/job/r.xml"), "a release with another sum is not run", code, out)
tap.write(releases + "/SHA256SUMS", "")
code, out = shell(ACTION, cwd=TMP + "/job",
                  env={**STEP, "RUNNER_TEMP": TMP + "/runner2"})
tap.ok(code != 0 and not os.path.exists(TMP + "/job/r.xml"),
       "nor one without", code, out)
shutil.copy(f"{one}/build/packages/SHA256SUMS", releases)
for turn in ("the first time", "again"):
    code, out = shell(ACTION, cwd=TMP + "/job",
                      env={**STEP, "RUNNER_TEMP": TMP + "/runner3"})
    tap.ok(code == 0 and b"test_flaky" in tap.read(TMP + "/job/flaky.txt"),
           f"the action runs the tests, {turn}", code, out)
    os.unlink(TMP + "/job/seen")
    shutil.rmtree(releases, ignore_errors=True)
tap.ok(tap.read(TMP + "/path").decode().splitlines()[0].endswith("/bin"),
       "and leaves the command to later steps")

# --- npm ----------------------------------------------------------------------------

built("npm", one)
home = {"HOME": TMP + "/home", "npm_config_cache": TMP + "/cache",
        "npm_config_update_notifier": "false"}
os.makedirs(TMP + "/project")
tap.write(TMP + "/project/package.json", '{"name":"x","version":"1.0.0"}')
code, out = shell("npm", "install", "--offline", "--no-audit", "--no-fund",
                  f"{one}/build/packages/rejunit-{VERSION}.tgz",
                  cwd=TMP + "/project", env=home)
tap.ok(code == 0, "npm install --offline", out)
code, out = shell("npx", "--offline", "rejunit", "--version",
                  cwd=TMP + "/project", env=home)
tap.ok(out == f"rejunit {VERSION}\n", "npx rejunit", out)
demo(["npx", "--offline", "rejunit"], TMP + "/project", env=home)

# --- a wheel -------------------------------------------------------------------------

built("wheel", one)
wheels = glob.glob(f"{one}/build/packages/*.whl")
tap.ok([os.path.basename(w) for w in wheels] == [
    f"rejunit-{VERSION}-py3-none-linux_{os.uname().machine}.whl"],
       "one wheel, tagged", wheels)
code, out = shell("/usr/bin/python3", "-m", "venv", "--system-site-packages",
                  TMP + "/venv")
code, out = shell(TMP + "/venv/bin/pip", "install", "--no-index", "-q",
                  *wheels, env=home)
tap.ok(code == 0, "pip install --no-index, in a fresh environment", out)
exe = TMP + "/venv/bin/rejunit"
tap.ok(set(needs(exe)) <= {"libc", "libm"}, "its command needs libc alone",
       needs(exe))
demo([exe], TMP + "/wheel")
code, out = shell(exe, "record", "--require-history",
                  "--history=postgresql://127.0.0.1:1/x", "original.xml",
                  cwd=TMP + "/wheel")
tap.ok(code == 4 and "needs the module" not in out and "refused" in out,
       "it loads its module for servers", out)
os.mkdir(TMP + "/tests")
tap.write(TMP + "/tests/test_it.py", '''
import os
def test_ok(): pass
def test_flaky():
    assert os.path.exists("seen") or open("seen", "w").close()
''')
pytest = [TMP + "/venv/bin/python", "-m", "pytest", "-q"]
path = {"PATH": f"{TMP}/venv/bin:{os.environ['PATH']}"}
first, out = shell(*pytest, "--junit-xml=r.xml", cwd=TMP + "/tests", env=path)
again, more = shell(*pytest, "--last-failed", "--update-xml=r.xml",
                    cwd=TMP + "/tests", env=path)
tap.ok((first, again) == (1, 0) and
       b"flakyFailure" in tap.read(TMP + "/tests/r.xml"),
       "pytest --last-failed --update-xml", first, out, again, more)

# --- Debian's ------------------------------------------------------------------------

built("deb", one)
debs = sorted(f for f in glob.glob(f"{one}/build/packages/*.deb")
              if "dbgsym" not in f)
tap.ok({os.path.basename(f).split("_")[0] for f in debs} == {
    "librejunit-dev", "librejunit0", "rejunit", "rejunit-postgresql"},
       "split as Debian would, and lintian has nothing to say", debs)
INSIDE = r'''
set -e
export DEBIAN_FRONTEND=noninteractive
find / -xdev \( -path /debs -o -path /proc -o -path /dev -o -path /tmp -o -path /var \
	-o -path /run \) -prune -o -type f -print | sort >/tmp/before
dpkg -i /debs/*.deb >/dev/null 2>&1
rejunit --version
cd /tmp && cp /debs/original.xml /debs/rerun.xml .
rejunit update -q -i original.xml rerun.xml || [ $? -eq 1 ]
grep -c flakyFailure original.xml
rejunit record --require-history --history=postgresql://127.0.0.1:1/x \
	rerun.xml 2>&1 | grep -c refused
echo '#include <rejunit.h>
int main(void) { return rejunit_version()[0] == 0; }' >x.c
cc -o x x.c $(pkg-config --cflags --libs rejunit) && ./x && ldd x | grep -c \
	'librejunit.so.0 => /'
dpkg --purge rejunit-postgresql rejunit librejunit-dev librejunit0 >/dev/null
find / -xdev \( -path /debs -o -path /proc -o -path /dev -o -path /tmp -o -path /var \
	-o -path /run \) -prune -o -type f -print | sort >/tmp/after
diff /tmp/before /tmp/after && echo clean
'''
inside = TMP + "/debs"
os.mkdir(inside)
for f in [*debs, SAMPLE + "/original.xml", SAMPLE + "/rerun.xml"]:
    shutil.copy(f, inside)
tap.write(inside + "/script", INSIDE)
# a system of its own, which takes nothing from this one but what it reads
code, out = shell("unshare", "-m", "sh", "-ec", f'''
	mkdir {TMP}/root {TMP}/layer
	mount -t tmpfs none {TMP}/layer
	mkdir {TMP}/layer/up {TMP}/layer/work
	mount -t overlay none -o lowerdir=/,upperdir={TMP}/layer/up,workdir={TMP}/layer/work {TMP}/root
	mkdir -p {TMP}/root/debs
	cp {inside}/* {TMP}/root/debs
	mount -t proc none {TMP}/root/proc
	mount -t tmpfs none {TMP}/root/tmp
	mount --bind /dev {TMP}/root/dev
	echo mounted
	exec chroot {TMP}/root sh /debs/script
''')
if "mounted" not in out:
    tap.skip("installed, used and purged", f"no system of its own: {out[:99]}")
else:
    lines = out.splitlines()
    tap.ok(code == 0 and f"rejunit {VERSION}" in lines and lines[-1] == "clean", "installed, used and purged", code, out)
tap.done()
