"""Reads reports in its own simple way, to check rejunit's against."""
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


def outcome(case):
    tags = [local(c) for c in case]
    if any(local(c) == "skipped" and (
            c.get("type") == "todo" or
            c.get("message", "").startswith("TEST_CASE tagged with !"))
           for c in case):
        return "skipped"
    for tag in tags:
        if tag in ("failure", "error"):
            return "failed" if tag == "failure" else "error"
    if "skipped" in tags or "warning" in tags:
        return "skipped"
    if not any(t.startswith("flaky") for t in tags) and (
            case.get("status") in ("notrun", "disabled")
            or case.get("result") == "suppressed"):
        return "skipped"
    return "passed"


def bad(o):
    return o in ("failed", "error")


def worst(outcomes):
    """Of several entries of one test: bad before passed before skipped."""
    for o in ("bad", "passed", "skipped"):
        if o in ["bad" if bad(x) else x for x in outcomes]:
            return o
    return "absent"


def nfc(s):
    return unicodedata.normalize("NFC", s or "")


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
        for key, case, _ in self.cases:
            by_key.setdefault(key, []).append(outcome(case))
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
