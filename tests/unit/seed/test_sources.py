"""Fixtures that a program gives, and which of them are read only once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.records.cloudhsm import Cluster
from mockaws.records.kms import Key
from mockaws.seed import library, loader
from tests.unit.seed.kinds import NOW, one

if TYPE_CHECKING:
    from pathlib import Path

    from mockaws.seed.sources import Fixture

TEXT = """\
keys:
  - description: from a program
"""


def told(fixture: Fixture) -> list[str]:
    """Return the problems of a fixture."""
    with pytest.raises(loader.FixtureError) as error:
        loader.load(fixture, now=NOW)
    return [str(problem) for problem in error.value.problems]


def test_yaml_itself() -> None:
    """A text with a line break is no name of a file but the fixture; mistakes are told with its lines."""
    assert one(loader.load(TEXT, now=NOW), Key).description == "from a program"
    (problem,) = told(TEXT.replace("description", "descripton"))
    assert problem.startswith("document:2: keys[0].descripton: there is no such property (did you mean description?)")


def test_a_mapping() -> None:
    """A mapping says what YAML would say, with dates, tuples and paths as Python has them, and has no lines."""
    fixture = {
        "account": "111122223333",
        "keys": ({"description": "from a program", "created": datetime(2024, 5, 1, 12, tzinfo=UTC)},),
    }
    key = one(loader.load(fixture, now=NOW), Key)
    assert (key.description, key.account) == ("from a program", "111122223333")
    assert key.created_at == datetime(2024, 5, 1, 12, tzinfo=UTC).timestamp()
    assert told({"keys": [{"spec": "x"}]})[0].startswith("document: keys[0].spec: there is no such property")


def test_a_mapping_and_the_same_yaml_are_the_same_world() -> None:
    """Defaults are derived from what a fixture means, however it was given."""
    fixture = {"clusters": [{"hsms": [{}]}], "keys": [{"tags": {"no": "on"}}]}
    assert loader.load(fixture, now=NOW).records == loader.load(f"{json.dumps(fixture)}\n", now=NOW).records


@pytest.mark.parametrize("value", [object(), b"bytes", {1, 2}])
def test_what_yaml_does_not_have(value: object) -> None:
    """An object that is no value of a document is told as a problem."""
    (problem,) = told({"description": value})
    kind = type(value).__name__
    assert problem == f"document: cannot be written as YAML: {kind} is nothing that YAML has; expected plain values"


def test_what_contains_itself() -> None:
    """A mapping without an end is told as a problem, too."""
    endless: dict[str, Any] = {}
    endless["keys"] = [endless]
    assert "cannot be written as YAML" in told(endless)[0]


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_in_a_mapping_stays_as_it_is(text: str) -> None:
    """Neither JSON's nor YAML's ways to write characters change any of them."""
    assert loader.load({"description": text}, now=NOW).description == text


def test_the_same_content_is_read_once(tmp_path: Path) -> None:
    """Tests that have the same fixture share what was read, until the file says something else."""
    path = tmp_path / "world.yaml"
    path.write_text(TEXT)
    first = loader.load(path, now=NOW)
    assert loader.load(path, now=NOW + 1) is first
    assert loader.load(path, account="111122223333", now=NOW).terms.account == "111122223333"
    path.write_text(TEXT.replace("program", "file"))
    assert one(loader.load(path, now=NOW), Key).description == "from a file"


@pytest.mark.parametrize(
    "fixture",
    [
        {"clusters": [{"hsms": [{"state": "CREATE_IN_PROGRESS"}]}]},
        {"clusters": [{"hsms": [{"state": "DELETE_IN_PROGRESS"}]}]},
        {"clusters": [{"hsms": [{}]}]},
        {"keys": [{"state": "PendingDeletion"}]},
    ],
)
def test_what_is_under_way_begins_anew(fixture: Fixture) -> None:
    """A fixture with something under way is another world an hour later, in which it has just begun again.

    Of a cluster that works, a day until its next backup is always under way.
    """
    assert loader.load(fixture, now=NOW).records != loader.load(fixture, now=NOW + 3600).records


def test_a_certificate_in_a_file_is_read_again(tmp_path: Path) -> None:
    """A file that a fixture names may change without the fixture."""
    certificate = tmp_path / "customerCA.crt"
    path = tmp_path / "world.yaml"
    path.write_text("clusters: [{hsms: [{}], trust_anchor_certificate: {file: customerCA.crt}}]")
    certificate.write_text(library.certificate())
    assert one(loader.load(path, now=NOW), Cluster).trust_anchor == library.certificate()
    certificate.write_text("no certificate")
    assert "trust_anchor_certificate" in told(path)[0]
