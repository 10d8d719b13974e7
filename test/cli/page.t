#!/usr/bin/env python3
"""The page: whole without style and script, exact, and never acting."""
import base64
import collections
import hashlib
import json
import os
import re
import sys
from html.parser import HTMLParser

import history
import page_cases
import planted
import tap

sys.dont_write_bytecode = True
TMP = tap.scratch()
NONE = history.NONE
GOLDEN = os.path.join(tap.TOP, "test", "cli", "pages")
UPDATE = "--update" in sys.argv
VOID = {"meta", "link", "br", "wbr"}
ALLOWED = VOID | set(
    "html head title style script body main header footer section article "
    "figure figcaption h1 h2 h3 h4 p b i small bdi a code pre ul ol li table g "
    "thead tbody tr th td caption svg path rect text details summary time span "
    "div".split())
ATTRIBUTES = set(
    "lang charset http-equiv content name rel href src defer id class data-t "
    "data-s data-v scope datetime role aria-label aria-hidden width height "
    "viewbox d stroke stroke-width stroke-linecap stroke-dasharray fill "
    "fill-opacity x y font-size text-anchor".split())


def path(name):
    return os.path.join(TMP, name)


def html(*args, cwd=None, env=NONE):
    status, out, err = tap.run("html", *args, cwd=cwd or TMP, env=env)
    return status, out.decode("utf-8"), err.decode()


class Page(HTMLParser):
    """What a browser would see, and whatever is wrong with it."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.wrong, self.ids, self.links = [], [], [], []
        self.tags, self.texts = collections.Counter(), []
        self.rows, self.svgs, self.articles = [], [], {}
        self.article = None
        self.feed(text)
        self.close()
        self.wrong += [f"{t} is open" for t in self.open]
        self.text = "".join(self.texts)

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        self.tags[tag] += 1
        if tag not in ALLOWED:
            self.wrong.append(f"<{tag}>")
        self.wrong += [f"{tag} {n}" for n in a if n not in ATTRIBUTES]
        if tag not in VOID:
            self.open.append(tag)
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "a":
            self.links.append(a["href"])
        if tag == "article":
            self.article = self.articles[a["id"]] = []
        if tag == "svg":
            self.svgs.append(a)
            if not (a.get("role") == "img" and a.get("aria-label")
                    or a.get("aria-hidden") == "true"):
                self.wrong.append("a picture without words")
        if self.article is not None:
            self.article.append((tag, a))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}>")
        if tag == "article":
            self.article = None

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.texts.append(data)
            if self.article is not None:
                self.article.append(data)

    def text_of(self, article):
        return "".join(x for x in self.articles[article] if isinstance(x, str))


def problems(text):
    """Of any page, whatever it is of."""
    page = Page(text)
    found = page.wrong[:]
    found += [f"{i} twice" for i, n in collections.Counter(page.ids).items()
              if n > 1]
    found += [f"{link} leads nowhere" for link in page.links
              if link[:1] == "#" and link[1:] not in page.ids]
    found += [link for link in page.links
              if not re.match(r"(?i)#[-\w]+$|https?://", link)]
    for kind in "style", "script":
        inside = re.search(f"<{kind}>(.*?)</{kind}>", text, re.S)
        digest = base64.b64encode(hashlib.sha256(
            inside[1].encode()).digest()).decode() if inside else ""
        if f"{kind}-src 'sha256-{digest}'" not in text:
            found.append(f"{kind}: not what the policy names")
    if "default-src 'none'; base-uri 'none'; form-action 'none'" not in text:
        found.append("no policy")
    # whatever is not ours is a link
    bare = re.sub(r'href="[^"]*"', "", text)
    found += re.findall(r"(?:src|url\(|@import|fetch\()[^-]{0,40}//\S*", bare)
    found += [hex(ord(c)) for c in set(text)
              if ord(c) < 32 and c not in "\n\t" or 0x7f <= ord(c) < 0xa0
              or c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200e\u200f"]
    return found


def bare(text):
    """Without style and script, which all of them share."""
    text = re.sub(r"sha256-[\w+/=]+", "sha256-", text)
    return re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", text, flags=re.S)


def golden(name, *args, cwd=None):
    status, out, err = html(*args, cwd=cwd)
    file = os.path.join(GOLDEN, name + ".html")
    if UPDATE:
        os.makedirs(GOLDEN, exist_ok=True)
        tap.write(file, bare(out).encode())
    want = (tap.read(file) or b"").decode()
    got = bare(out)
    differ = [f"{a!r} is now {b!r}" for a, b in zip(
        want.split("\n"), got.split("\n")) if a != b][:3]
    tap.ok(status == 0 and got == want, f"{name}: the page as it was looked at",
           err, *differ, len(want), len(got))
    tap.ok(not problems(out), f"{name}: sound, still, and nothing of elsewhere",
           *problems(out)[:10])
    return out


# --- pages that were looked at ------------------------------------------------------
golden("order", planted.order(1).write(path("order.jsonl")))
golden("timeout", "--run-url=https://ci.example/runs/{run}?a=b&c",
       planted.timeout(6).write(path("timeout.jsonl")))
golden("common", planted.common(4).write(path("common.jsonl")))
page_cases.one(TMP)
golden("one-run", "--run-per=one", "one")
states = page_cases.states(TMP)
golden("states", "states.jsonl")

# --- what it says is so ----------------------------------------------------------------
history.record(path("s.db"), "-q", path("states.jsonl"))
out = html(f"--history={path('s.db')}")[1]
page = Page(out)
ranked = [t for t in json.loads(history.rank(path("s.db"), "--all", now=39)
                                )["tests"]
          if t["state"] not in ("new", "healthy") or t["bad_runs"]]
tap.ok(len(page.articles) == len(ranked) and all(
    f'{t["state"]} {sum(t["events"].values())} flake' in text
    and f'in {t["runs"]} runs' in text and t["name"] in text
    for t, text in zip(ranked, map(page.text_of, page.articles))),
    "each test that has failed, as it is ranked", len(page.articles),
    [t["name"] for t in ranked])
counts = collections.Counter(t["state"] for t in json.loads(history.rank(
    path("s.db"), "--all", now=39))["tests"])
tap.ok(all(re.search(rf"\b{counts[s]} {words}", page.text) for s, words in (
    ("broken", "test is broken"), ("environment", "fails in one job alone"),
    ("flaky", "flakes?")))
    and f"of {sum(counts.values())} tests in 80 runs" in page.text,
    "the verdict counts what is ranked", counts, page.text[:400])
news = {}
for kind, names in re.findall(r"<h2 class=\"k\d\">(.*?)</h2>\n<ul>\n(.*?)</ul>",
                              out, re.S):
    news[kind] = set(re.findall(r"<bdi>m::<wbr>(.*?)</bdi>|<bdi>m::(.*?)</bdi>",
                                names))
    news[kind] = {a or b for a, b in news[kind]}
tap.ok(news == {"2 failures that the run before had, too":
                {"broken", "here alone"},
                "1 failure of what did not run before": {"just now"},
                "1 failure that passed in a rerun": {"flaky"}},
       "what is new since the run before", news)
newer = states + [history.run(40, "a", {
    "good": ["failed"], "broken": ["passed"], "flaky": ["passed"]})]
history.write(path("newer.jsonl"), newer)
out = html("newer.jsonl")[1]
tap.ok("<h2 class=\"k0\">1 new failure</h2>" in out
       and "2 failures that the run before had, too" in out
       and 'class="k3"' not in out,
       "of each job, and the worst of several", re.findall("<h2 class.*", out))


def bars(article, n):
    """How many tall marks, and low ones, its nth strip has."""
    strips = [i for i, x in enumerate(article) if isinstance(x, tuple)
              and x[0] == "svg" and x[1].get("class") == "strip"]
    marks = collections.Counter()
    for x in article[strips[n] + 1:]:
        if isinstance(x, tuple) and x[0] == "path":
            # a tall mark each, and dashes of 4 with 1 between
            d = x[1]["d"]
            marks[x[1]["class"]] += d.count("V") + sum(
                (int(w) + 1) // 5 for w in re.findall(r"h(\d+)", d))
        elif isinstance(x, tuple):
            break
    return marks


h = planted.growth(11)
out = html(h.write(path("growth.jsonl")))[1]
page = Page(out)
article = next(iter(page.articles.values()))
last = [planted.of(r, planted.TARGET)["executions"] for r in h.runs][-140:]
found = [bars(article, k) for k in range(3)]
want = [collections.Counter(
    "bad" if e[k]["outcome"] == "failed" else "good"
    for e in last if len(e) > k) for k in range(3)]
tap.ok(found == want, "a mark an attempt, and tall ones for failures", found,
       want)
h = planted.host(10)
out = html(h.write(path("host.jsonl")))[1]
bad = collections.Counter(
    (planted.of(r, planted.TARGET)["executions"][0]["outcome"], r["host"])
    for r in h.runs)
failed = sum(n for (o, _), n in bad.items() if o == "failed")
row = re.search(r"host <b><bdi>h2</bdi></b>.*?</tr>", bare(out).replace(
    "<bdi>host</bdi>", "host"), re.S)
numbers = re.findall(r" (\d+)/(\d+)<", row[0]) if row else []
tap.ok(numbers == [(str(bad["failed", "h2"]), str(failed)),
                   (str(bad["passed", "h2"]), str(len(h.runs) - failed))],
       "what its failures share, beside its passes", numbers, bad)
tap.ok("of its runs on the host" in out or "runs on the host" in out,
       "with the investigation", out[-3000:])
limit = Page(html("timeout.jsonl")[1])
tap.ok("limit 30 s" in limit.text and "take 30 s in the median" in limit.text,
       "a time limit is a line of its own", limit.text[-2000:])
weeks = re.findall(r">(\d+)/(\d+)</text>", html("host.jsonl")[1])
tap.ok(sum(int(a) for a, _ in weeks) == failed
       and sum(int(b) for _, b in weeks) == len(h.runs),
       "and each run is in one week", weeks, failed)

# --- names that try ----------------------------------------------------------------------
page_cases.hostile(TMP)
title = '</title><script>alert("t")</script>'
for args in ((), ("--run-url=https://e.example/{run}/x?{run}",)):
    status, out, err = html("hostile.jsonl", f"--title={title}", *args)
    page = Page(out)
    links = {link for link in page.links if link[:1] != "#"}
    tap.ok(status == 0 and not problems(out) and page.tags["script"] == 1
           and page.tags["img"] == 0,
           f"names that try do not act {args}", err, *problems(out)[:10])
    want = {"https://ok.example/%22%3E%3Cb%3Ex%20y",
            "HTTP://Up.example/a%27b"} if not args else {
        f"https://e.example/{w}/x?{w}" for d in range(14) if d % 3 == 1
        for w in [f"{d}%2F..%2F%3Ci%3E%3Fa%3Db%26c%23d%27%22%C3%A9"]}
    tap.ok(links and links <= want, "and links are what they are",
           links - want)
    broken = re.sub("<pre>.*?</pre>", "", out, flags=re.S)
    tap.ok("left out" in out and "x" * 49 not in broken
           and title in page.text, "long names are cut, and may break")
for url in "ftp://x/{run}", "javascript:x", " https://x", "https", "/x":
    status, _, err = html("hostile.jsonl", f"--run-url={url}")
    tap.ok(status == 2 and err.count("\n") == 1 and "http" in err,
           f"no address of a run: {url}", status, err)

# --- files -------------------------------------------------------------------------------
again = html("order.jsonl")[1]
for history_of in ([path("order.jsonl")],):
    lines = tap.read(path("order.jsonl")).decode().splitlines(True)
    tap.write(path("back.jsonl"), "".join(reversed(lines)).encode())
    history.record(path("back.db"), "-q", path("back.jsonl"))
    tap.ok(html(f"--history={path('back.db')}")[1] == again
           == html("order.jsonl")[1],
           "the same bytes, in whatever order they were recorded")
status, out, err = html("order.jsonl", "-o", "page.html")
tap.ok((status, out, err) == (0, "", "")
       and tap.read(path("page.html")).decode() == again, "-o", err)
status, out, err = html("order.jsonl", "--assets=split", "-o", "split.html")
text = tap.read(path("split.html")).decode()
style, script = (re.search(f"<{k}>(.*?)</{k}>", again, re.S)[1]
                 for k in ("style", "script"))
tap.ok(status == 0 and tap.read(path("split.css")).decode() == style
       and tap.read(path("split.js")).decode() == script
       and '<link rel="stylesheet" href="split.css">' in text
       and '<script src="split.js" defer></script>' in text
       and "style-src 'self'; script-src 'self'" in text
       and "<style>" not in text, "style and script in files of their own", err)
tap.ok(text.split("<body>")[1] == again.split("<body>")[1],
       "and the rest is the same")
status, _, err = html("order.jsonl", "--assets=split")
tap.ok(status == 2 and "-o" in err, "which takes a name", err)
os.makedirs(path("not"), exist_ok=True)
for to, code in (("not/there/x.html", 4), ("not", 4)):
    status, _, err = html("order.jsonl", "-o", to)
    tap.ok(status == code and err.count("\n") == 1, f"-o {to}", status, err)
before = tap.read(path("s.db"))
for args in ((f"--history={path('s.db')}", "-o", path("s.db")),
             ("order.jsonl", "-o", "order.jsonl")):
    status, _, err = html(*args)
    tap.ok(status == 2 and "twice" in err, "a page is no history", err)
tap.ok(tap.read(path("s.db")) == before, "which stays as it is")
status, out, err = html("--history=none.db")
tap.ok(status != 0 and err.count("\n") == 1, "no history", status, err)

# --- how much there is of it --------------------------------------------------------------
status, out, err = html("hostile.jsonl", "--top=3")
tap.ok(status == 0 and len(Page(out).articles) == 3
       and f"{len(page_cases.HOSTILE) - 3} more tests have failed" in out, "--top", err)
page_cases.quiet(TMP)
out = html("quiet.jsonl")[1]
tap.ok("Nothing flakes, of 30 tests in 240 runs" in Page(out).text
       and not problems(out) and "<article" not in out,
       "of nothing that flakes, it says so", problems(out))
tap.write(path("empty.xml"), b'<testsuite name="s" tests="0"></testsuite>')
status, out, err = html("empty.xml")
tap.ok(status == 0 and "Nothing fails, of 0 tests" in Page(out).text
       and not problems(out), "of no test at all, too", status, err,
       problems(out))
tap.write(path("report.xml"), (
    '<testsuite name="s" tests="40">' + "".join(
        f'<testcase classname="m" name="t{k}" time="1">'
        + {7: "<failure>no</failure>", 9: "<skipped/>",
           11: "<flakyFailure>once</flakyFailure>"}.get(k, "")
        + "</testcase>" for k in range(40)) + "</testsuite>").encode())
status, out, err = html("report.xml")
text = Page(out).text
tap.ok(status == 0 and "1 test fails, 1 passed in a rerun, of 40 tests" in text
       and "39 ran, 2 failed at first, 1 in the end" in text
       and not problems(out), "of a report, with all that passed", err, text)
many = [history.run(d // 2, "ab"[d % 2], {
    f"t{k}": ["failed", "passed"] if (d * 31 + k * 17) % 37 == 0
    else ["passed"] for k in range(60)}) for d in range(400)]
for r in many:
    for k, t in enumerate(r["tests"]):
        t["executions"][0].update(message=f"AssertionError: {k % 7}",
                                  trace="frame\n" * 3000)
history.write(path("many.jsonl"), many)
status, out, err = html("many.jsonl", "--since=400d")
size = len(out) / len(Page(out).articles)
tap.ok(status == 0 and size < 20000 and len(Page(out).articles) == 60,
       "a test takes less than 20 KB, however often it ran", size)
os.makedirs(path("hunt"), exist_ok=True)
for k in range(5):
    os.makedirs(path(f"hunt/{k}"), exist_ok=True)
    tap.write(path(f"hunt/{k}/r.xml"), (
        f'<testsuite name="s" timestamp="2026-02-0{k + 1}T00:00:00"><testcase '
        'classname="m" name="t" time="1">' + ("<failure>no</failure>" if k == 3
                                             else "")
        + "</testcase></testsuite>").encode())
status, out, err = html("hunt")
tap.ok(status == 0 and "1 test in 5 runs" in Page(out).text
       and not problems(out), "of a folder of attempts", err,
       Page(out).text[:300])

tap.done()
