"""Reads reports in its own simple way, to check rejunit's against."""
import os
import re
import unicodedata
import xml.etree.ElementTree as ET

CASE = re.compile(r"<testcase\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?"
                  r"(?:/>|>.*?</testcase\s*>)", re.S)
COUNTER = re.compile(r'\b(tests|failures|errors|skipped|skips|skip|disabled)'
                     r'\s*=\s*("[^"]*"|\'[^\']*\')')
SUITE = re.compile(r"<testsuites?\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.S)


def local(element):
    return element.tag.rsplit("}", 1)[-1] if isinstance(element.tag, str) else ""


WORDS = ("status", "result", "outcome", "success", "executed")
PASS = {"passed", "pass", "success", "successful", "succeeded", "ok", "true"}
NEUTRAL = {"", "run", "completed", "executed"}
FAIL = {"failed", "fail", "failure", "failing", "false", "notok", "nok",
        "notpassed", "unsuccessful", "bad", "broken"}
ERROR = {"error", "errored", "errors", "crash", "crashed", "exception",
         "timeout", "timedout", "aborted", "abort", "killed", "fatal",
         "panic", "panicked"}
SKIP = {"notrun", "disabled", "suppressed", "skipped", "skip", "ignored",
        "pending", "todo", "notexecuted", "filtered", "deselected", "excluded"}
KNOWN = {"systemout", "systemerr", "stdout", "stderr", "output", "log", "logs",
         "properties", "property", "metadata", "time", "duration",
         "description", "comment", "comments", "attachment", "attachments",
         "tag", "tags", "link", "links", "label", "labels", "parameter",
         "parameters", "argument", "arguments", "requirement", "requirements",
         "assertions", "measurement", "measurements"}


def plain(word):
    return re.sub("[ _-]", "", word.lower())


def words(case):
    """What each of the attributes says that are there to say it."""
    said = {}
    for a in WORDS:
        if a in case.attrib:
            w = plain(case.get(a))
            if a == "executed" and w == "false":
                w = "notrun"
            said[a] = ("run" if a == "executed" and w in PASS else w)
    return said


def child_kind(case, element, tap):
    name = plain(local(element))
    if name == "skipped" and (
            element.get("type") == "todo" or
            element.get("message", "").startswith("TEST_CASE tagged with !")):
        return "tolerated"
    if name in ("failure", "fail", "failed"):
        return "failed"
    if name in ("error", "errored", "exception", "crash", "crashed"):
        return "error"
    if name in ("skipped", "skip", "ignored", "ignore", "pending",
                "incomplete", "disabled", "notrun", "todo", "suppressed"):
        return "skipped"
    if name.startswith("flaky") and name[5:] in ("failure", "error"):
        return "flaky"
    if name == "properties" and tap:
        for p in element:
            if p.get("name") in ("skip", "todo") and \
                    p.get("value") != "false":
                return "skipped"
    return None if name in KNOWN else "strange"


def outcome(case, suite=None):
    """By what the case says itself; what its suite makes of it is apart."""
    tap = case.get("id") is not None and (
        suite is None or suite.get("assertions") is not None)
    kinds = [k for k in (child_kind(case, c, tap) for c in case
                         if isinstance(c.tag, str)) if k]
    said = [w for w in words(case).values() if w not in NEUTRAL]
    if "tolerated" in kinds:
        return "skipped"
    for k in kinds:
        if k in ("failed", "error"):
            return k
    for good, is_it in ((FAIL, "failed"), (ERROR, "error")):
        if any(w in good for w in said):
            return is_it
    if "skipped" in kinds:
        return "skipped"
    if any(w not in PASS | SKIP for w in said):
        return "unknown"
    if any(w in SKIP for w in said):
        return "skipped"
    if "flaky" in kinds:
        return "passed"
    return "unknown" if kinds else "passed"


def parsed(text):
    """A case as text, which may use prefixes that are bound around it."""
    bare = re.sub(r"(</?)[\w.-]+:(\w)", r"\1\2", text)
    bare = re.sub(r"\s[\w.-]+:[\w.-]+=(\"[^\"]*\"|'[^']*')", "", bare)
    return ET.fromstring(bare)


def passed(text):
    return outcome(parsed(text)) == "passed"


def says_passed(text):
    """By an attribute, rather than that it ran."""
    return any(w in PASS and w not in NEUTRAL
               for w in words(parsed(text)).values())


def bad(o):
    return o in ("failed", "error")


def worst(outcomes):
    """Of several entries of one test, bad before passed before the rest."""
    for o in ("bad", "passed", "unknown", "skipped"):
        if o in ["bad" if bad(x) else x for x in outcomes]:
            return o
    return "absent"


def nfc(s):
    return unicodedata.normalize("NFC", s or "")


class Entry:
    """A case with what it says that others of its name may not."""

    def __init__(self, case, above):
        suite = above[-1]
        self.key = tuple(nfc(case.get(a)) for a in ("classname", "name"))
        self.outcome = outcome(case, suite)
        self.suite = suite
        path = os.path.normpath((case.get("file") or "").replace("\\", "/"))
        self.marks = (
            (case.get("classname"), case.get("name")),
            path if case.get("file") else None,
            tuple(s.get("name") for s in above if local(s) == "testsuite"),
            suite.get("hostname"), case.get("line"))
        self.python = path.endswith(".py") and "." + path[:-3].replace(
            "/", ".") + "." in "." + (case.get("classname") or "") + "."
        self.go = any(p.get("name") == "go.version" for p in suite.iter()
                      if local(p) == "property")
        self.behave = "@scenario.begin" in "".join(
            c.text or "" for c in case if local(c) == "system-out")
        self.projects = above[0].get("id") is not None and re.search(
            r"\.[cm]?[jt]sx?$", suite.get("name") or "") is not None
        self.teardown = any(
            c.get("message", "").startswith("failed on teardown with")
            for c in case if local(c) == "error")


def entries(root):
    """All cases in their order, by their names."""
    found = {}

    def walk(element, above):
        above = above + [element]
        for child in element:
            if local(child) == "testsuite":
                walk(child, above)
            elif local(child) == "testcase":
                e = Entry(child, above)
                found.setdefault(e.key, []).append(e)
    walk(root, [])
    return found


def needed(tests, assume):
    """How many passes it takes for all of these to be among them."""
    n, last = 0, None
    any_bad = any(bad(t.outcome) for t in tests)
    for t in tests:
        same = last and last.suite is t.suite and (
            t.python and last.marks[1] == t.marks[1] or t.go or
            "attempts" in assume)
        if same:
            n += bad(t.outcome) and bad(last.outcome) and not t.teardown
        elif not (last and last.suite is t.suite and t.teardown and
                  bad(last.outcome)):
            n += bad(t.outcome) or not ("failures-only" in assume and any_bad)
        last = t
    return n


def is_proved(entry, tests, runs, assume=""):
    """A run passed, and by all that the reports say it was this one."""
    for run in runs:
        if not run:
            continue
        for k in range(1 << 5):
            def of(e):
                return [e.marks[i] for i in range(5) if k >> i & 1]
            if any(None in of(e) for e in tests + run):
                continue
            mine = [t for t in tests if of(t) == of(entry)]
            ran = [r for r in run if of(r) == of(entry)]
            known = all(any(of(t) == of(r) for t in tests) for r in run)
            equal = all(any(of(t) == of(r) for r in run) for t in tests)
            files_alone = not k & ~2
            if not (known or files_alone):
                continue
            if k & 24 and not equal and not all(t.projects for t in tests):
                continue
            if ran and all(r.outcome == "passed" for r in ran) and \
                    len(ran) >= needed(mine, assume):
                return True
        if len(run) == len(tests) and entry.behave and \
                run[tests.index(entry)].outcome == "passed":
            return True
    return False


class Report:
    """Every case with its outcome, under a key of the fields given."""

    def __init__(self, data, fields=("classname", "name")):
        self.data = data
        self.root = ET.fromstring(data)
        self.fields = fields
        self.cases = []  # (key, element, suite)
        self.loose = 0
        self._walk(self.root)

    def _walk(self, suite):
        for e in suite:
            if local(e) == "testsuite":
                self._walk(e)
            elif local(e) == "testcase":
                self.cases.append((self._key(e, suite), e, suite))
            elif local(e) in ("failure", "error"):
                self.loose += 1

    def _key(self, case, suite):
        of = {"suite": suite.get("name"), "hostname": suite.get("hostname")}
        return tuple(nfc(of[f] if f in of else case.get(f))
                     for f in self.fields)

    def outcomes(self):
        by_key = {}
        for key, case, suite in self.cases:
            by_key.setdefault(key, []).append(outcome(case, suite))
        return by_key

    def suites(self):
        return [e for e in self.root.iter()
                if local(e) in ("testsuite", "testsuites")]

    def recount(self, suite):
        """Counters by the plain way, of those that the suite says."""
        cases = [c for c in suite.iter() if local(c) == "testcase"]
        tags = [(outcome(c), {local(x) for x in c}) for c in cases]
        plain = {
            "tests": len(cases),
            "failures": sum(bad(o) and "failure" in t for o, t in tags),
            "errors": sum(bad(o) and "error" in t for o, t in tags),
            "skipped": sum("skipped" in t and not bad(o) for o, t in tags),
        }
        return {k: v for k, v in plain.items()
                if (suite.get(k) or "").isdigit()}

    def counters(self, suite):
        return {k: int(suite.get(k)) for k in self.recount(suite)}


def text(data):
    """Bytes as text that loses nothing."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    return data.decode("latin-1")


def frame(data):
    """What stands between the cases, with the counters masked."""
    t = text(data)
    parts, last = [], 0
    for m in CASE.finditer(t):
        parts.append(t[last:m.start()])
        last = m.end()
    parts.append(t[last:])
    return [SUITE.sub(lambda s: COUNTER.sub(r"\1=#", s.group()), p)
            for p in parts]
