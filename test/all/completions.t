#!/usr/bin/python3
"""What bash, zsh and fish complete: typed into each of them."""
import os
import pty
import re
import select
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "cli"))
import tap  # noqa: E402

TMP = tap.scratch()
SHELLS = ("bash", "zsh", "fish")
SCRIPTS = {s: tap.run(f"--completions={s}")[1].decode() for s in SHELLS}
for shell, text in SCRIPTS.items():
    path = tap.write(f"{TMP}/c.{shell}", text)
    p = subprocess.run([shell, "-n", path], stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT)
    tap.ok(text and p.returncode == 0 and not p.stdout,
           f"{shell} can read its own", p.stdout.decode())
status, out, err = tap.run("--completions=csh")
tap.ok(status == 2 and not out and b"bash, zsh or fish" in err,
       "of other shells there are none", status, err)

# the table, the help and the scripts say the same
commands = re.findall(r"^  rejunit (\S+)", tap.run("--help")[1].decode(), re.M)
for command in commands:
    text = tap.run(command, "--help")[1].decode()
    options = re.findall(r"^  (?:-\w, |    )--([\w-]+)", text, re.M)
    bash = re.search(rf"^\t{command}\) words='(.*)'", SCRIPTS["bash"], re.M)[1]
    zsh = re.search(rf"^\t{command}\)\n(.*?)^\t\t;;", SCRIPTS["zsh"],
                    re.M | re.S)[1]
    fish = re.findall(rf"seen_subcommand_from {command}' -l (\S+)",
                      SCRIPTS["fish"])
    missing = [o for o in options if f"--{o}" not in re.split("[ =]", bash)
               or not re.search(rf"--{o}\b", zsh) or o not in fish]
    tap.ok(len(options) > 3 and not missing, f"{command}: every option",
           *missing)
wrong = []
values = re.findall(r"^\t\t(\w+)--(\S+)\) words='(.*)' ;;", SCRIPTS["bash"],
                    re.M)
for command, option, words in values:
    for word in words.split():
        # the name has to be among the fields
        word = "name," + word if option == "match" and word != "name" else word
        err = tap.run(command, f"--{option}={word}", cwd=TMP)[2].decode()
        if f"--{option} takes" in err and "-o FILE" not in err or f"--{option} does not" in err:
            wrong.append((command, option, word, err))
tap.ok(len(values) > 15 and not wrong, "every word that is offered is taken",
       *wrong)

# --- typed, with a key for the rest ----------------------------------------------

os.mkdir(TMP + "/bin")
tap.write(TMP + "/bin/rejunit", '#!/bin/sh\nprintf "%s\\n" "$@" >'
          f'{TMP}/args.new && mv {TMP}/args.new {TMP}/args\n')
os.chmod(TMP + "/bin/rejunit", 0o755)
os.makedirs(TMP + "/work/reports.d")
tap.write(TMP + "/work/quarantine.txt", "")
tap.write(TMP + "/work/my report.xml", "")
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], f". {TMP}/c.bash"),
    "zsh": (["zsh", "-f", "-i"],
            f"autoload -U compinit; compinit -u -D; . {TMP}/c.zsh"),
    "fish": (["fish", "--no-config", "-i"], f"source {TMP}/c.fish"),
}
LINES = [
    ("rejunit di\t", ["diff"]),
    ("rejunit qua\tq.txt", ["quarantine", "q.txt"]),
    ("rejunit diff --form\tjson", ["diff", "--format=json"]),
    ("rejunit diff --format=mar\t", ["diff", "--format=markdown"]),
    ("rejunit update --evidence=jen\t", ["update", "--evidence=jenkins"]),
    ("rejunit diff --quarantine=quar\t", ["diff", "--quarantine=quarantine.txt"]),
    ("rejunit diff --rootdir=rep\t", ["diff", "--rootdir=reports.d"]),
    ("rejunit show --slow\t3", ["show", "--slowest=3"]),
    ("rejunit show my\t", ["show", "my report.xml"]),
    ("rejunit update --in-pl\t quar\t",
     ["update", "--in-place", "quarantine.txt"]),
]


class Shell:
    def __init__(self, name):
        argv, first = START[name]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(TMP + "/work")
            os.execvpe(argv[0], argv, {
                "PATH": f"{TMP}/bin:{os.environ['PATH']}", "TERM": "dumb",
                "HOME": TMP, "PS1": "$ ", "LC_ALL": "C.UTF-8"})
        self.wait(1)
        self.type(first + "\n")
        self.wait(1)

    def wait(self, seconds):
        """Reads until it has been silent for so long."""
        said = b""
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                said += os.read(self.fd, 65536)
            except OSError:
                break
            # fish asks what kind of a terminal this is
            if b"\x1b[c" in said[-200:] or b"\x1b[0c" in said[-200:]:
                os.write(self.fd, b"\x1b[?1;2c")
        return said

    def type(self, text):
        os.write(self.fd, text.encode())

    def complete(self, line):
        if os.path.exists(TMP + "/args"):
            os.unlink(TMP + "/args")
        said = b""
        for part in re.findall(r"[^\t]+|\t", line):
            self.type(part)
            said += self.wait(0.3)
        self.type("\n")
        until = time.monotonic() + 10
        while not os.path.exists(TMP + "/args"):
            said += self.wait(0.05)
            if time.monotonic() > until:
                return said
        # some leave a slash out, or a blank for the sign
        got = tap.read(TMP + "/args").decode().rstrip("\n")
        return re.sub(r"(--(?:format|slowest))\n(?=\w)", r"\1=",
                      got.replace("reports.d/", "reports.d")).split("\n")


for name in SHELLS:
    shell = Shell(name)
    for line, want in LINES:
        got = shell.complete(line)
        tap.ok(got == want, f"{name}: {line!r}", got)
    os.close(shell.fd)
    os.kill(shell.pid, 9)
    os.waitpid(shell.pid, 0)
tap.done()
