"""The page docs/provider-coverage.md reports the facts that other tests here have shown."""

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
    """A cell has each fact once, even if several tests have shown it. The row links their files."""
    shown = {
        "tests/terraform/test_a.py::test_all": ALL,
        "tests/terraform/test_b.py::test_one": [["aws_kms_key", "drift", "deleted"]],
        "tests/terraform/test_b.py::test_two": [["aws_kms_key", "drift", "deleted"]],
    }
    (row,) = [line for line in provider_coverage.page(shown).splitlines() if line.startswith("| `aws_kms_key` ")]
    links = "[a](../tests/terraform/test_a.py), [b](../tests/terraform/test_b.py)"
    assert row == f"| `aws_kms_key` | yes | yes | yes | yes | deleted | yes | {links} |"


def test_every_cell_must_be_shown_and_no_other() -> None:
    """No cell is blank, and each fact has a cell. An impossible cell gives the reason."""
    with pytest.raises(provider_coverage.IncompleteError, match="passed shows import of aws_kms_grant"):
        provider_coverage.page({"test": [fact for fact in ALL if fact[:2] != ["aws_kms_grant", "import"]]})
    with pytest.raises(provider_coverage.IncompleteError, match="no place for create of aws_s3_bucket"):
        provider_coverage.page({"test": [*ALL, ["aws_s3_bucket", "create", ""]]})
    without = [fact for fact in ALL if fact[:2] != ["aws_kms_ciphertext", "drift"]]
    assert "*KMS keeps nothing that could change*" in provider_coverage.page({"test": without})


def test_a_page_that_is_not_true_says_how_to_mend_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A full run compares the page with the tests that ran, and names the command that updates it."""
    monkeypatch.setattr(provider_coverage, "ROOT", tmp_path)
    monkeypatch.setattr(provider_coverage, "PAGE", tmp_path / "page.md")
    shown = {"tests/test_a.py::test": ALL}
    said = "page.md does not agree with the tests that ran; update it with `make coverage`"
    assert provider_coverage.disagreement(shown) == said
    provider_coverage.PAGE.write_text(provider_coverage.page(shown))
    assert provider_coverage.disagreement(shown) == ""
    assert "cannot be written: no test" in provider_coverage.disagreement({})


def test_a_part_of_the_tests_replaces_its_part() -> None:
    """A partial run keeps the facts of other tests, and forgets a test that shows nothing any more."""
    fact = [["aws_kms_key", "create", ""]]
    assert merged({"a": fact, "b": fact}, {"b": [], "c": fact}) == {"a": fact, "c": fact}


def test_every_resource_has_fixed_arguments() -> None:
    """Each resource of the page has a list of the arguments that are not changed in place."""
    assert set(FIXED) == set(provider_coverage.RESOURCES)
