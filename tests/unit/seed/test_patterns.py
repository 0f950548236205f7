"""Many fixtures in few words."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockaws.seed import library, patterns
from mockaws.seed.problems import FixtureError


@pytest.fixture(autouse=True)
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to an empty directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(*paths: str) -> None:
    """Make files."""
    for path in map(Path, paths):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def mistakes(*wanted: str) -> list[str]:
    """Return what is said to be wrong with patterns."""
    with pytest.raises(FixtureError) as raised:
        patterns.named(wanted)
    return [str(problem) for problem in raised.value.problems]


def test_shipped_ones() -> None:
    """A shipped fixture is named as for `load`; wildcards fit many of them."""
    users = [name for name in library.names() if name.startswith("connection-user-")]
    assert patterns.named(["one-hsm", "connection-user-*"]) == {name: name for name in ["one-hsm", *users]}
    assert tuple(patterns.named("*")) == library.names()


def test_files() -> None:
    """Files are found as shells find them, in the order of their names, and named without their ending."""
    files("b.yaml", "a.yaml", "a.crt", "deep/er/c.yaml")
    assert patterns.named(["*.yaml"]) == {"a": "a.yaml", "b": "b.yaml"}
    assert patterns.named(["**/c.yaml", "b.yaml"]) == {"c": "deep/er/c.yaml", "b": "b.yaml"}
    assert patterns.named([str(Path.cwd() / "a.y*")]) == {"a": str(Path.cwd() / "a.yaml")}


def test_a_fixture_that_several_patterns_fit_is_one() -> None:
    """What the shell has made of a pattern, and the pattern, may stand side by side."""
    files("a.yaml", "b.yaml")
    assert patterns.named(["a.yaml", "*.yaml"]) == {"a": "a.yaml", "b": "b.yaml"}


def test_files_of_the_same_name_are_told_apart_by_their_paths() -> None:
    """Where each world has a directory of its own, these name them."""
    files("calm/fixture.yaml", "storm/fixture.yaml", "storm/other.yaml")
    assert patterns.named(["*/*.yaml"]) == {
        "calm-fixture": "calm/fixture.yaml",
        "storm-fixture": "storm/fixture.yaml",
        "other": "storm/other.yaml",
    }


def test_a_name_fits_a_world() -> None:
    """A world's name has letters, digits, dots, dashes and underscores, and does not begin with a sign."""
    files("worlds/.a strange näme!.yaml")
    assert patterns.named(["worlds/.*.yaml"]) == {"a-strange-n-me": "worlds/.a strange näme!.yaml"}


def test_a_name_of_the_users_own() -> None:
    """NAME=FIXTURE names a world, so that one fixture can make several."""
    assert patterns.named(["left=one-hsm", "right=one-hsm"]) == {"left": "one-hsm", "right": "one-hsm"}


def test_what_is_not_there() -> None:
    """All mistakes come at once, with a guess."""
    said = mistakes("strict-clutser", "no/*.yaml", "a=strict-clutser")
    assert [mistake.partition("; ")[0] for mistake in said] == [
        "strict-clutser: there is no such fixture (did you mean strict-cluster?)",
        "no/*.yaml: there is no such fixture",
        "a=strict-clutser: there is no such fixture (did you mean strict-cluster?)",
    ]
    assert all("; expected files, or one of " in mistake for mistake in said)


@pytest.mark.parametrize("name", ["", "two words", "-x", "ä"])
def test_a_name_that_cannot_be_one(name: str) -> None:
    """What is wrong is the name, where its fixture is there."""
    (said,) = mistakes(f"{name}=one-hsm")
    assert said.startswith(f"{name}=one-hsm: '{name}' cannot be the name of a world; expected letters, digits, ")


def test_one_name_for_two_worlds() -> None:
    """Each world has a name of its own."""
    files("one-hsm.yaml")
    assert mistakes("a=one-hsm", "a=one-zone") == [
        "one-zone: the world of one-hsm is called a, too; expected another name: NAME=one-zone"
    ]
    assert mistakes("a=one-[hz]*") == ["a=one-[hz]*: 2 fixtures for one name; expected a single fixture"]
