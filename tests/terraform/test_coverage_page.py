"""The page docs/provider-coverage.md, which tells what other tests here have shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.shown import merged, provider_coverage
from tests.terraform.journeys import FIXED

if TYPE_CHECKING:
    from pathlib import Path

ALL = [[name, step, ""] for name in provider_coverage.RESOURCES for step in provider_coverage.STEPS]
ALL += [[name, "read", "id"] for name in provider_coverage.READ]


def test_a_cell_says_what_was_shown_and_where() -> None:
    """What several tests have shown stands once in its cell; the row links their files."""
    shown = {
        "tests/terraform/test_a.py::test_all": ALL,
        "tests/terraform/test_b.py::test_one": [["aws_kms_key", "drift", "deleted"]],
        "tests/terraform/test_b.py::test_two": [["aws_kms_key", "drift", "deleted"]],
    }
    (row,) = [line for line in provider_coverage.page(shown).splitlines() if line.startswith("| `aws_kms_key` ")]
    links = "[a](../tests/terraform/test_a.py), [b](../tests/terraform/test_b.py)"
    assert row == f"| `aws_kms_key` | yes | yes | yes | yes | deleted | yes | {links} |"


def test_every_cell_must_be_shown_and_no_other() -> None:
    """Nothing is left blank, and nothing is shown that has no place; what is impossible says why."""
    with pytest.raises(provider_coverage.IncompleteError, match="passed shows import of aws_kms_grant"):
        provider_coverage.page({"test": [fact for fact in ALL if fact[:2] != ["aws_kms_grant", "import"]]})
    with pytest.raises(provider_coverage.IncompleteError, match="no place for create of aws_s3_bucket"):
        provider_coverage.page({"test": [*ALL, ["aws_s3_bucket", "create", ""]]})
    without = [fact for fact in ALL if fact[:2] != ["aws_kms_ciphertext", "drift"]]
    assert "*there is nothing that somebody could change*" in provider_coverage.page({"test": without})


def test_a_page_that_is_not_true_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A full run compares the page with what ran, and says what to run."""
    monkeypatch.setattr(provider_coverage, "ROOT", tmp_path)
    monkeypatch.setattr(provider_coverage, "PAGE", tmp_path / "page.md")
    shown = {"tests/test_a.py::test": ALL}
    said = "page.md is not what the tests have shown; `make coverage` writes it anew"
    assert provider_coverage.disagreement(shown) == said
    provider_coverage.PAGE.write_text(provider_coverage.page(shown))
    assert provider_coverage.disagreement(shown) == ""
    assert "cannot be written: no test" in provider_coverage.disagreement({})


def test_a_part_of_the_tests_replaces_its_part() -> None:
    """A run of some tests keeps what the others have shown before, and forgets a test that shows nothing any more."""
    fact = [["aws_kms_key", "create", ""]]
    assert merged({"a": fact, "b": fact}, {"b": [], "c": fact}) == {"a": fact, "c": fact}


def test_every_resource_has_fixed_arguments() -> None:
    """Which arguments are not changed in place is said of each resource of the page."""
    assert set(FIXED) == set(provider_coverage.RESOURCES)
