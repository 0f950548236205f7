"""docs/comparison.md has an answer of each emulator to each probe, and invents none."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from tests.journeys.command import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import compare
import emulators
import probes

if TYPE_CHECKING:
    from collections.abc import Callable

TITLES = [f"{group}: {title}" for group, each in probes.PROBES.items() for title, _ in each]


def test_the_page_has_each_probe() -> None:
    """Each probe has a row with yes, partly or no for each emulator that ran; the others have a reason."""
    page = compare.PAGE.read_text()
    ran = re.findall(
        r"^\| ([^|]+) \| (?!not run here|version|---)[^|]+ \| [^|]+ \|$", page.partition("## Answers")[0], re.MULTILINE
    )
    assert ran[0] == "mockaws"
    known = {each.title for each in emulators.emulators().values()} | set(compare.NOT_RUN)
    left_out = set(re.findall(r"^\| ([^|]+) \| not run here \| [^|]{10,} \|$", page, re.MULTILINE))
    assert set(ran) | left_out == known
    rows = re.findall(
        r"^\| (.+?: .+?) \| ((?:\*\*yes\*\*|partly|no)(?: \| (?:\*\*yes\*\*|partly|no))*) \|$", page, re.MULTILINE
    )
    assert [title for title, _ in rows] == TITLES
    assert {len(answers.split(" | ")) for _, answers in rows} == {len(ran)}
    assert re.search(r" on 20\d\d-\d\d-\d\d, and wrote this page", page)


def test_the_page_is_what_the_answers_make() -> None:
    """Answers and evidence of all emulators are written side by side; a bar in evidence does not end the cell."""
    answers = {title: (probes.PARTLY, "a|b") for group in probes.PROBES.values() for title, _ in group}
    page = compare.page({"mockaws": answers}, {"mockaws": "0.1"}, {"LocalStack": "no daemon"}, "2026-11-30")
    assert "| LocalStack | not run here | no daemon |" in page
    assert page.count("| partly |") == len(TITLES)
    assert page.count("| a\\|b |") == len(TITLES)


@pytest.mark.parametrize(
    ("checks", "answer"),
    [
        ((True, True), ("yes", "a, b")),
        ((True, False), ("partly", "1 of 2; missing: b")),
        ((False, False), ("no", "missing: a, b")),
        ((True, None), ("partly", "1 of 2; missing: b")),
    ],
)
def test_steps(checks: tuple[bool | None, ...], answer: tuple[str, str]) -> None:
    """An answer counts the checks; one that raises is missing."""

    def check(outcome: bool | None) -> Callable[[], bool]:
        def run() -> bool:
            if outcome is None:
                raise KeyError
            return outcome

        return run

    assert probes.steps(*((name, check(outcome)) for name, outcome in zip("ab", checks, strict=True))) == answer
