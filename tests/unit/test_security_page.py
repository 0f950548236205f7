"""SECURITY.md promises what tests hold."""

from __future__ import annotations

import re

from tests.journeys.command import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
PROMISES = re.findall(r"^\| (?!promise|---)(.+) \| (.+) \|$", PAGE, re.MULTILINE)


def test_each_promise_names_its_tests() -> None:
    """Every row of the table has files with tests in them."""
    assert len(PROMISES) > 10
    for promise, cell in PROMISES:
        files = re.findall(r"`(tests/[\w/]+\.py)`", cell)
        assert files, promise
        for file in files:
            assert re.search(r"^ *def test_", (ROOT / file).read_text(), re.MULTILINE), (promise, file)


def test_no_address_is_made_up() -> None:
    """Reports go through the repository, so the page names no mailbox."""
    assert "private vulnerability reporting" in PAGE
    assert not re.search(r"[\w.]+@[\w.]+", PAGE)
