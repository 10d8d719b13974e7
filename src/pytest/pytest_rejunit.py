"""For pytest: what of a test's run its report does not say, and --update-xml.

    pytest --junit-xml=pytest.xml
    pytest --last-failed --update-xml=pytest.xml

Needs nothing but pytest and the rejunit command, which is looked for in
$REJUNIT, beside this file, and in PATH.
"""
import gc
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ET

import pytest
from _pytest.junitxml import LogXML, bin_xml_escape
from _pytest.reports import TestReport

try:
    from _pytest.junitxml import xml_key
except ImportError:  # another pytest: nothing is added to its reports
    xml_key = None

FAILED = 1  # how pytest ends if tests failed
ATTEMPTS = "rejunit_attempts"  # of a report: what failed in attempts before


def pytest_addoption(parser):
    group = parser.getgroup("rejunit")
    group.addoption("--update-xml", metavar="PATH", help="update that JUnit XML "
                    "report of an earlier run by what is run now")
    group.addoption("--rejunit-state", action="store_true", help="note of each "
                    "test how many modules, objects, threads, open files and "
                    "bytes of memory there were before it, and after")


def whole(path):
    """A path as pytest takes it for its own report."""
    return os.path.abspath(os.path.expanduser(os.path.expandvars(path)))


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """What cannot be is refused before anything runs."""
    path = config.getoption("update_xml")
    log = config.getoption("xmlpath", None)
    if not path:
        return
    if not os.path.isfile(path):
        raise pytest.UsageError(f"--update-xml: {path} is not there")
    if log and os.path.realpath(whole(log)) == os.path.realpath(path) or \
            log and os.path.exists(whole(log)) and os.path.samefile(
                whole(log), path):
        raise pytest.UsageError("--update-xml and --junit-xml: the same report")
    for option in "setuponly", "setupplan", "collectonly":
        if config.getoption(option, False):
            raise pytest.UsageError("--update-xml: no test is to be run")
    if not find_command():
        raise pytest.UsageError("--update-xml: rejunit is not in PATH")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    path = config.getoption("update_xml")
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Update(config, path), "rejunit-update")
    if config.getoption("xmlpath", None):
        config.pluginmanager.register(Notes(config), "rejunit-notes")


def log_of(config):
    """What pytest writes its report with; not in workers of xdist."""
    return config.stash.get(xml_key, None) if xml_key else None


# --- what is noted of tests --------------------------------------------------


def seed_of(config):
    """What a plugin that shuffles tests has drawn, or Python's own."""
    for option in "randomly_seed", "random_order_seed":
        seed = config.getoption(option, None)
        if seed not in (None, "default", "last"):
            return seed
    seed = os.environ.get("PYTHONHASHSEED", "")
    return seed if seed.isdigit() else None


def memory():
    with open("/proc/self/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


STATE = {
    "modules": lambda: len(sys.modules),
    "objects": lambda: len(gc.get_objects()),
    "threads": threading.active_count,
    "files": lambda: len(os.listdir("/proc/self/fd")),
    "memory": memory,
}


def state_of(when):
    for name, count in STATE.items():
        try:
            yield f"rejunit.{name}_{when}", count()
        except OSError:  # elsewhere than on Linux
            pass


class Notes:
    """Adds to what each test says of itself; runs where tests do."""

    def __init__(self, config):
        self.states = config.getoption("rejunit_state")
        worker = getattr(config, "workerinput", {}).get("workerid")
        self.worker = worker
        self.position = 0
        self.ended = set()
        self.config = config

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self):
        """Once its log of tests is there."""
        log = log_of(self.config)
        if log is not None:
            keep_attempts(self.config, log)
            seed = seed_of(self.config)
            if seed is not None:
                log.add_global_property("seed", str(seed))

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session):
        """So many tests were to run; where fewer did, it was cut off."""
        log = log_of(self.config)
        if log is not None:
            log.add_global_property("rejunit.collected", session.testscollected)
            log.add_global_property("rejunit.ended", len(self.ended))

    def pytest_runtest_logreport(self, report):
        if report.when != "setup" and report.when != "call":
            self.ended.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        # in one process, the report has them in their order
        if self.worker:
            item.user_properties += [("worker", self.worker),
                                     ("rejunit.position", self.position)]
            self.position += 1
        if self.states:
            item.user_properties += state_of("before")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_teardown(self, item):
        yield
        if self.states:
            item.user_properties += state_of("after")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item):
        report = (yield).get_result()
        if type(report) is not TestReport:
            return  # of a part of the test
        attempts = item.__dict__.setdefault("_rejunit_attempts", [])
        if report.when == "setup":
            attempts.append([])
        if report.failed and attempts:
            crash = getattr(report.longrepr, "reprcrash", None)
            attempts[-1].append([getattr(crash, "message", "") or "",
                                 report.longreprtext])
        if len(attempts) > 1:
            setattr(report, ATTEMPTS, [f for a in attempts[:-1] for f in a])


# --- attempts of one test -----------------------------------------------------


class Log(LogXML):
    """pytest's own log, with the failures of attempts that were run again.

    An attempt that is made again ends without an outcome, or as a "rerun"; in
    pytest's own log it is a case that looks as if it had passed.
    """

    def pytest_runtest_logreport(self, report):
        key = report.nodeid, getattr(report, "node", None)
        held = self.held.setdefault(key, [])
        if report.outcome != "rerun":
            held.append(report)
        if report.when == "setup" or report.when == "call":
            return
        del self.held[key]
        if any(r.when != "setup" and r.when != "teardown" or not r.passed
               for r in held):
            self.take(held)

    def take(self, reports):
        for report in reports:
            super().pytest_runtest_logreport(report)
            earlier = getattr(report, ATTEMPTS, [])
            if report.failed and report.when in ("setup", "call"):
                self.add(report, "rerunFailure", earlier)
            elif report.passed and report.when == "call":
                self.add(report, "flakyFailure", earlier)

    def pytest_sessionfinish(self):
        for reports in self.held.values():  # of tests that were cut off
            self.take(reports)
        super().pytest_sessionfinish()

    def add(self, report, tag, failures):
        for message, text in failures:
            element = ET.Element(tag, message=bin_xml_escape(message),
                                 type="failure")
            element.text = bin_xml_escape(text)
            self.node_reporter(report).append(element)


def keep_attempts(config, log):
    manager = config.pluginmanager
    if type(log) is LogXML and any(manager.hasplugin(p) for p in (
            "rerunfailures", "pytest_rerunfailures", "flaky")):
        manager.unregister(log)
        log.__class__, log.held = Log, {}
        manager.register(log)


# --- --update-xml ---------------------------------------------------------------


def find_command():
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "rejunit")
    return os.environ.get("REJUNIT") or (
        beside if os.access(beside, os.X_OK) else shutil.which("rejunit"))


class Update:
    """Writes this run's report, and hands both to the command."""

    def __init__(self, config, path):
        self.config, self.path = config, os.path.abspath(path)
        self.folder, self.said = None, ""
        self.command = find_command()
        if not config.getoption("xmlpath", None):
            self.folder = tempfile.mkdtemp(prefix="pytest-rejunit-")
            config.option.xmlpath = os.path.join(self.folder, "rerun.xml")
        self.rerun = whole(config.option.xmlpath)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session):
        """Once the log has been written, and before all is summed up."""
        if session.exitstatus not in (0, FAILED):
            return  # no verdict: nothing is updated
        try:
            p = subprocess.run(
                [self.command, "update", "--in-place", "--rootdir",
                 str(self.config.rootpath), "--", self.path, self.rerun],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, check=False)
        except OSError as e:
            self.said = f"--update-xml: {e}"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            return
        self.said = p.stderr.decode("utf-8", "replace")
        if p.returncode == FAILED and session.exitstatus == 0:
            # what failed in the first run and was not run again fails still
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        elif p.returncode > FAILED:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
        log = log_of(self.config)
        if self.folder and log is not None:
            log.logfile = self.path  # what is told of in the end

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter):
        for line in self.said.splitlines():
            terminalreporter.write_line(line)

    def pytest_unconfigure(self):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
