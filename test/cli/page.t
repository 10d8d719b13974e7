#!/usr/bin/env python3
"""The page: whole without style and script, exact, and never acting."""
import base64
import collections
import hashlib
import json
import os
import re
import sys
import urllib.parse
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
planted.order(1).write(path("order.jsonl"))
golden("order", "order.jsonl")
planted.timeout(6).write(path("timeout.jsonl"))
golden("timeout", "--run-url=https://ci.example/runs/{run}?a=b&c",
       "timeout.jsonl")
planted.common(4).write(path("common.jsonl"))
golden("common", "common.jsonl")
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
          # what failed in an outage alone has no section
          if (t["state"] not in ("new", "healthy") or t["bad_runs"])
          and t["name"] != "unlucky"]
tap.ok(len(page.articles) == len(ranked) and all(
    f'{t["state"]} {sum(t["events"].values())} flake' in text
    and (f'it failed in {t["bad_runs"]} of {t["runs"]}.' in text)
    == (t["state"] in ("broken", "environment", "new"))
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
tap.ok("<h2 class=\"k0\">1 new failure, which passed in the run before</h2>"
       in out and "1 failure of what did not run before" in out
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


often = [history.run(d, "a", {"t": ["failed"] * 3 + ["passed"] if d == 5
                               else ["passed"], "u": ["passed"]})
         for d in range(10)]
history.write(path("often.jsonl"), often)
article = next(iter(Page(html("often.jsonl")[1]).articles.values()))
tap.ok([bars(article, k) for k in range(3)] == [
    {"bad": 1, "good": 9}, {"bad": 1}, {"bad": 1}],
    "of further attempts, a bad one counts", [bars(article, k) for k in range(3)])
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
for url in ("ftp://x/{run}", "javascript:x", " https://x", "https", "/x",
            "http://", "https://", "https://e/" + "x" * 2000):
    status, _, err = html("hostile.jsonl", f"--run-url={url}")
    tap.ok(status == 2 and err.count("\n") == 1 and "address" in err,
           f"no address of a run: {url[:30]}", status, err)

# --- what is news ---------------------------------------------------------------------
def news_of(runs, *args):
    """What stands under each headline, by the names of tests."""
    history.write(path("news.jsonl"), runs)
    out = html("news.jsonl", *args)[1]
    tap.ok(not problems(out), "a sound page of news", *problems(out))
    return {re.sub(r"^\d+ ", "", kind): set(re.findall(
        r"<bdi>m::(?:<wbr>)?(.*?)</bdi>", names)) for kind, names in re.findall(
            r"<h2 class=\"k\d\">(.*?)</h2>\n<ul>\n(.*?)</ul>", out, re.S)}, \
        Page(out).text


FRESH = "new failure, which passed in the run before"
STILL = "failure that the run before had, too"


def week(*last, first=30, **fields):
    """A job that was green for a week, and then runs that are given."""
    return [history.run(d, "a", {"t": ["passed"], "u": ["passed"]})
            for d in range(first - 7, first)] + list(last)


def leg(day, number, outcome, **fields):
    return history.run(day, "a", {"t": [outcome], "u": ["passed"]},
                       run=f"r{day}/h{number}", host=f"h{number}", **fields)


found, text = news_of(week(history.run(30, "a", {"t": ["failed"],
                                                 "u": ["passed"]})))
tap.ok(found == {FRESH: {"t"}} and "ended red" in text, "a new failure", found)
found, text = news_of(week(history.run(
    30, "a", {"t": ["failed"], "u": ["passed"]}, branch="topic")))
tap.ok(found == {} and "ended green" in text,
       "another branch has no news of the main one", found, text[:400])
found, text = news_of(week(history.run(
    30, "a", {"t": ["failed"], "u": ["passed"]}, kind="hunt")))
tap.ok(found == {} and "ended green" in text, "nor has a hunt", found)
out = html("news.jsonl")[1]
tap.ok("<article" not in out or "1 of them was made to provoke" in
       Page(out).text, "whose failures are marked", Page(out).text[-900:])
found, text = news_of([history.run(30, "a", {"t": ["failed"],
                                             "u": ["passed"]}, kind="hunt"),
                       history.run(31, "a", {"t": ["passed"],
                                             "u": ["passed"]}, kind="hunt")])
tap.ok(found == {"test failed in the run before, and passed": {"t"}},
       "but where there is nothing else", found)
found, text = news_of(week(leg(30, 1, "failed"), leg(30, 2, "passed")))
tap.ok(found == {FRESH: {"t"}}, "the legs of a matrix are one run", found)
outage = {f"t{k}": ["failed"] for k in range(20)}
green = {f"t{k}": ["passed"] for k in range(20)}
found, text = news_of([history.run(d, "a", green) for d in range(9)]
                      + [history.run(9, "a", outage)])
tap.ok(found == {} and "1 newer one was an outage" in text,
       "an outage is none, and is told", found, text[:400])
found, text = news_of([history.run(d, j, {"t": ["failed" if j == "old" and
                                                d == 7 else "passed"],
                                          "u": ["passed"]})
                       for d, j in [(d, "old") for d in range(8)]
                       + [(d, "new") for d in range(28, 31)]])
tap.ok(found == {} and "1 other job has not run for a week" in text,
       "of a job that nobody runs any more, there is none", found, text[:400])

# --- what belongs to no test --------------------------------------------------------------
tap.write(path("loose.xml"), (
    b'<testsuite name="s" tests="1" failures="1"><testcase classname="m" '
    b'name="t"/><testcase name=""><failure/></testcase></testsuite>'))
status, out, err = html("loose.xml")
text = Page(out).text
tap.ok(status == 0 and "Nothing fails" not in text
       and "1 failure belongs to no test" in text and "ended red" in text,
       "a failure that belongs to no test is told", err, text[:400])

# --- since when, and until then -------------------------------------------------------------
old = [history.run(d, "a", {"t": ["failed" if d == 3 else "passed"],
                            "u": ["passed"]}) for d in range(6)]
history.write(path("old.jsonl"), old + [
    history.run(5 + 200, "b", {"t": ["passed"], "u": ["passed"]})])
text = Page(html("old.jsonl")[1]).text
tap.ok("in 7 runs" in text, "of what is given, all is looked at", text[:300])
history.record(path("old.db"), "-q", path("old.jsonl"))
text = Page(html(f"--history={path('old.db')}", "--job=a")[1]).text
tap.ok("in 6 runs" in text and "1 other run is of another time" in text,
       "of a job, as of its newest run; and what is left out is told",
       text[:300], text[-300:])
ahead = [dict(r) for r in old] + [history.run(5, "a", {"t": ["passed"]},
                                              run="ahead")]
ahead[-1]["at"] = "2999-01-01T00:00:00Z"
history.write(path("ahead.jsonl"), ahead)
history.record(path("ahead.db"), "-q", path("ahead.jsonl"))
text = Page(html(f"--history={path('ahead.db')}")[1]).text
tap.ok("in 6 runs" in text and "1 other run is" in text,
       "a clock that is wrong hides nothing", text[:300], text[-300:])
said = re.findall(r'<code class="cmd">(rejunit.*?)</code>', re.sub(
    "<wbr>", "", html(f"--history={path('old.db')}", "--job=a",
                      "--since=60d")[1]))
tap.ok(said and all(s.startswith(
    f"rejunit investigate --at=2026-01-06T00:00:00Z "
    f"--history={path('old.db')} --job=a --since=60d ") for s in said),
       "and the command says of which history", said)
status, out, err = tap.run(*said[0].split()[1:], cwd=TMP, env=NONE)
tap.ok(status == 0 and b"m::t" in out, "as it can be pasted", err)
tap.ok("<h1><bdi>Tests and their flakes</bdi>" in html(
    "old.jsonl", "--title=")[1], "no title is the usual one")

# --- what is told of a test -------------------------------------------------------------------
def failing(day, outcomes, **fields):
    r = history.run(day, "a", {"t": outcomes, "u": ["passed"]})
    t = next(t for t in r["tests"] if t["name"] == "t")
    t["executions"][0].update(fields)
    return r


history.write(path("told.jsonl"), [failing(d, ["passed"]) for d in range(200)]
              + [failing(200, ["failed", "passed", "failed"], time=0,
                         type="E", message="first words\nmore",
                         signature="v2:aa-b"),
                 failing(201, ["failed", "passed"], time=0, type="E",
                         message="last words", signature="v2:aa-b"),
                 failing(202, ["failed"], time=0, type="E",
                         message="w" * 400, signature="v2:aab")])
out = html("told.jsonl")[1]
text = Page(out).text
tap.ok(not problems(out) and "passed, and failed again" in text
       and "passed in a rerun" in text and "was not rerun" in text,
       "what came of its failures", problems(out))
tap.ok("last words" in out and "first words" not in out,
       "alike failures have the newest text")
others = [failing(d, ["passed"]) for d in range(30)] + [
    failing(d, ["failed", "passed"], type="E", message="older", signature="v2:x")
    for d in (30, 31)]
others += [history.run(32, "a", {"t": ["passed"], "u": ["failed", "passed"]})]
others[-1]["tests"][1]["executions"][0].update(
    type="E", message="newest of all", signature="v2:x")
history.write(path("others.jsonl"), others)
section = html("others.jsonl")[1].split('id="failures"')[1]
tap.ok("newest of all" in section and "older" not in section,
       "whichever test it is of", section[:600])
tap.ok("w" * 48 in out and "…" in text, "a line that is cut says so")
tap.ok(">0 s</td>" not in out, "and no time that nobody took")
tap.ok("(older ones are left out)" in text and sum(int(b) for _, b in re.findall(
    r">(\d+)/(\d+)</text>", out)) == 26 * 7, "weeks are so many", re.findall(
        r">(\d+)/(\d+)</text>", out))
many = [history.run(d, "a", {f"t{k}": ["failed" if d == 5 else "passed"]
                             for k in range(400)}, outage=None)
        for d in range(10)]
for k, t in enumerate(many[5]["tests"]):
    t["executions"][0].update(type=f"E{k}", message=f"m{k}",
                              signature=f"v2:{k}")
history.write(path("ways.jsonl"), many)
out = html("ways.jsonl", "--outage=100%", "--top=0")[1]
tap.ok(not problems(out) and out.count('<details class="text">') == 300
       and "further down say is left out" in out
       and out.count("<article") == 400, "texts are so many, and links to them",
       *problems(out)[:3])
facts = []
for d in range(40):
    r = history.run(d, "a", {"t": ["failed" if d % 4 == 0 else "passed"],
                             "u": ["passed"]})
    r["facts"] = {"job": f"fact {d % 4}", "seed": str(d)}
    facts += [r]
    next(t for t in r["tests"] if t["name"] == "t")["executions"][0][
        "facts"] = {"seed": f"own {d % 2}"}
history.write(path("facts.jsonl"), facts)
out = bare(html("facts.jsonl")[1])
rows = re.findall(r'<tr><th scope="row"><bdi>(\w+)</bdi> <b><bdi>(.*?)</bdi>.*?'
                  r" (\d+)/(\d+)</td>", out, re.S)
tap.ok(("job", "fact 0", "10", "10") in rows
       and ("seed", "own 0", "10", "10") in rows,
       "a fact may have any name, and a test's own stands for its run's", rows)

# --- files -------------------------------------------------------------------------------
again = html("order.jsonl")[1]
lines = tap.read(path("order.jsonl")).decode().splitlines(True)
pages = []
for k, order in enumerate((lines, lines[::-1], lines[::2] + lines[1::2])):
    os.makedirs(path(f"order{k}"))
    tap.write(path(f"order{k}/r.jsonl"), "".join(order).encode())
    history.record(path(f"order{k}/h.db"), "-q", path(f"order{k}/r.jsonl"))
    pages += [html("--history=h.db", cwd=path(f"order{k}"))[1]]
tap.ok(len(set(pages)) == 1 and pages[0] and again == html("order.jsonl")[1],
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
       and '<link rel="stylesheet" href="./split.css">' in text
       and '<script src="./split.js" defer></script>' in text
       and "style-src 'self'; script-src 'self'" in text
       and "<style>" not in text, "style and script in files of their own", err)
tap.ok(text.split("<body>")[1] == again.split("<body>")[1],
       "and the rest is the same")
odd = "javascript:a b%#?\"'é.html"
status, _, err = html("order.jsonl", "--assets=split", "-o", odd)
text = tap.read(path(odd)).decode()
hrefs = re.findall(r'(?:href|src)="(\./[^"]*)"', text)
tap.ok(status == 0 and [urllib.parse.unquote(h[2:]) for h in hrefs]
       == [odd[:-5] + ".css", odd[:-5] + ".js"]
       and all(re.match(r"\./[\w.%~-]+$", h) for h in hrefs),
       "which are found, whatever the page is called", err, hrefs)
os.makedirs(path("dir.html"), exist_ok=True)
status, _, err = html("order.jsonl", "--assets=split", "-o", "dir.html")
tap.ok(status == 2 and "dir.html" in err and not os.path.exists(
    path("dir.css")), "nothing is left beside a page that cannot be", err)
tap.write(path("beside.css"), tap.read(path("order.jsonl")))
status, _, err = html("beside.css", "--assets=split", "-o", "beside.html")
tap.ok(status == 2 and "twice" in err and tap.read(path("beside.css"))
       == tap.read(path("order.jsonl")), "nor is one written over", err)
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
