"""Facts that tests have shown with the fixture `shows`, collected by the session that controls all workers."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts"))

import provider_coverage

__all__ = ["Shown", "merged", "provider_coverage"]

SELECTIONS = ("keyword", "markexpr", "deselect", "ignore", "ignore_glob", "lf", "collectonly")


Facts = dict[str, list[list[str]]]  # by test: lists of name, step and what was shown


class Shown:
    """The facts of one session, and the page that should report them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.facts: Facts = {}
        self.skipped = False
        self.complaint = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the facts of a test that passed."""
        self.skipped |= report.skipped and "terraform" in report.keywords
        if report.when == "call" and report.passed:
            told = [fact for name, fact in report.user_properties if name == "shows"]
            self.facts[report.nodeid] = [fact for fact in told if isinstance(fact, list)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the facts to a file. After a full successful run, require that the page agrees with them."""
        full = exitstatus == pytest.ExitCode.OK and not self.skipped and _is_full(self.config)
        shown = merged({} if full else _last(), self.facts)
        provider_coverage.SHOWN.parent.mkdir(exist_ok=True)
        provider_coverage.SHOWN.write_text(json.dumps(shown, indent=1))
        if full:
            self.complaint = provider_coverage.disagreement(shown)
        if self.complaint:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Report a disagreement with the page."""
        if self.complaint:
            terminalreporter.write_line(f"ERROR: {self.complaint}", red=True)


def merged(before: Facts, now: Facts) -> Facts:
    """Return the facts of earlier runs, with those of the tests that ran now in their place."""
    return {test: facts for test, facts in sorted((before | now).items()) if facts}


def _last() -> Facts:
    try:
        return dict(json.loads(provider_coverage.SHOWN.read_text()))
    except (OSError, ValueError):
        return {}


def _is_full(config: pytest.Config) -> bool:
    """Return True if no test was left out."""
    chosen = any(config.getoption(name, default=None) for name in SELECTIONS)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen
