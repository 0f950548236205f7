"""What tests have shown with the fixture `shows`, collected where the session is in charge of all workers."""

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
    """The facts of one session, and the page that should tell them."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.facts: Facts = {}
        self.skipped = False
        self.complaint = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test that passed has shown."""
        self.skipped |= report.skipped and "terraform" in report.keywords
        if report.when == "call" and report.passed:
            told = [fact for name, fact in report.user_properties if name == "shows"]
            self.facts[report.nodeid] = [fact for fact in told if isinstance(fact, list)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the facts to a file; after a full run that went well the page must tell them and nothing else."""
        full = exitstatus == pytest.ExitCode.OK and not self.skipped and _is_full(self.config)
        shown = merged({} if full else _last(), self.facts)
        provider_coverage.SHOWN.parent.mkdir(exist_ok=True)
        provider_coverage.SHOWN.write_text(json.dumps(shown, indent=1))
        if full:
            self.complaint = provider_coverage.disagreement(shown)
        if self.complaint:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what is wrong with the page."""
        if self.complaint:
            terminalreporter.write_line(f"ERROR: {self.complaint}", red=True)


def merged(before: Facts, now: Facts) -> Facts:
    """Return what earlier runs have shown, and in the place of it what the tests that ran show now."""
    return {test: facts for test, facts in sorted((before | now).items()) if facts}


def _last() -> Facts:
    try:
        return dict(json.loads(provider_coverage.SHOWN.read_text()))
    except (OSError, ValueError):
        return {}


def _is_full(config: pytest.Config) -> bool:
    """Tell whether nothing was left out."""
    chosen = any(config.getoption(name, default=None) for name in SELECTIONS)
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen
