#!/usr/bin/env python3
"""The page, in a browser: who looks at it, who tries, and who has no style."""
import json
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))
import page_cases
import tap

TMP = tap.scratch()
NPM = os.path.join(tap.TOP, "build", "npm")
os.makedirs(NPM, exist_ok=True)
if not os.path.exists(NPM + "/package.json"):
    tap.write(NPM + "/package.json", '{ "private": true }\n')
subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent",
                "playwright-core", "axe-core", "html-validate@9"], cwd=NPM,
               check=True, stdin=subprocess.DEVNULL)

for name, args in page_cases.PAGES.items():
    made = args(TMP)
    status, _, err = tap.run("html", "-o", f"{name}.html", *made, cwd=TMP,
                             env=page_cases.NONE)
    assert status == 0, err
status, _, err = tap.run("html", "-o", "split.html", "--assets=split",
                         "states.jsonl", cwd=TMP, env=page_cases.NONE)
assert status == 0, err
plain = tap.read(f"{TMP}/states.html").decode()
tap.write(f"{TMP}/plain.html", re.sub(
    r"<(style|script)>.*?</\1>|<meta http-equiv.*?>", "", plain,
    flags=re.S).encode())

p = subprocess.run(["node", os.path.join(HERE, "browser.mjs"), TMP, NPM],
                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
for line in p.stdout.decode().splitlines():
    found = json.loads(line)
    tap.ok(found["ok"], found["what"], *found["details"])
tap.ok(p.returncode == 0, "and all of it was looked at", p.stderr.decode())
tap.done()
