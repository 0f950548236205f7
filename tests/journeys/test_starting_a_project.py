"""`mockaws fixtures`, `schema` and `init` give a project the files that it begins with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

from mockaws.cli import main
from mockaws.fixtures import library
from tests.journeys.command import ROOT, run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files_in(folder: Path) -> set[str]:
    """Return the paths of all files in a folder, those that begin with a dot as well."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_list_has_a_line_for_each_fixture(capsys: pytest.CaptureFixture[str]) -> None:
    """Each line has a name and says something about it; `list` is the default."""
    assert main(["fixtures"]) == 0
    listed = capsys.readouterr().out
    assert main(["fixtures", "list"]) == 0
    assert capsys.readouterr().out == listed
    lines = [line.split(maxsplit=1) for line in listed.splitlines()]
    assert tuple(name for name, _ in lines) == library.names()
    assert all(about.strip() for _, about in lines)


def test_a_fixture_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    """`show` prints the file as it ships."""
    assert main(["fixtures", "show", "one-hsm"]) == 0
    assert capsys.readouterr().out == library.fixture("one-hsm").read_text()


@pytest.mark.parametrize("verb", ["show", "copy"])
def test_an_unknown_fixture(verb: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong name is refused with one that is like it, and nothing is written."""
    assert main(["fixtures", verb, "one-hsn"]) == 2
    assert "one-hsn: no such fixture (did you mean one-hsm?)" in capsys.readouterr().err
    assert not files_in(folder)


def test_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    """`mockaws schema` prints the JSON Schema that ships."""
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads((ROOT / "fixtures/schema.json").read_bytes())


def test_a_copy_has_what_the_fixture_names(folder: Path) -> None:
    """The copy is valid, and its certificates and its schema are beside it."""
    assert main(["fixtures", "copy", "ready-cluster", "wrong-trust-anchor", "restored-cluster"]) == 0
    assert files_in(folder / "fixtures") == {
        "ready-cluster.yaml",
        "wrong-trust-anchor.yaml",
        "restored-cluster.yaml",
        "anotherCA.crt",
        "cluster-of-anotherCA.crt",
        "cluster-readytwozone.crt",
        "customerCA.crt",
        "schema.json",
    }
    assert main(["validate", *map(str, sorted(Path("fixtures").glob("*.yaml")))]) == 0


@pytest.mark.parametrize("name", library.names())
@pytest.mark.usefixtures("folder")
def test_each_fixture_is_copied_whole(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every fixture that ships is valid where it was copied to, and its editor finds the schema beside it."""
    assert main(["fixtures", "copy", name, "mine"]) == 0
    copied = Path("mine", f"{name}.yaml")
    assert copied.read_text().splitlines()[0] == "# yaml-language-server: $schema=schema.json"
    assert json.loads(Path("mine/schema.json").read_bytes())
    assert main(["validate", str(copied)]) == 0
    assert capsys.readouterr().out.endswith("good\n")


def test_a_copy_overwrites_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with other content stays, and no file is written; --force overwrites it; the same content is no matter."""
    (folder / "fixtures").mkdir()
    changed = folder / "fixtures/one-hsm.yaml"
    changed.write_text("region: eu-west-1\n")
    assert main(["fixtures", "copy", "ready-cluster", "one-hsm"]) == 2
    assert "fixtures/one-hsm.yaml: exists with other content" in capsys.readouterr().err
    assert files_in(folder) == {"fixtures/one-hsm.yaml"}
    assert changed.read_text() == "region: eu-west-1\n"
    assert main(["fixtures", "copy", "--force", "ready-cluster", "one-hsm"]) == 0
    assert changed.read_bytes() == library.fixture("one-hsm").read_bytes()
    assert main(["fixtures", "copy", "one-hsm"]) == 0


def test_nothing_is_left_half_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that cannot be made leaves no file and no other folder behind."""
    (folder / "file").write_text("")
    assert main(["init", "file/project"]) == 2
    assert "cannot be" in capsys.readouterr().err
    assert files_in(folder) == {"file"}


def test_a_repository_begins(folder: Path) -> None:
    """`mockaws init` in an empty folder gives a valid fixture and tests that pass, and prints the next step."""
    done = run("bash", "-euo", "pipefail", "-c", f"cd {folder} && mockaws init && mockaws validate fixtures/team.yaml")
    assert done.returncode == 0, done.stderr
    assert "Next: mockaws validate fixtures/team.yaml" in done.stdout
    assert (folder / "fixtures/team.yaml").read_text().startswith("# yaml-language-server: $schema=schema.json\n")
    tests = f"cd {folder} && {sys.executable} -m pytest -q -p no:cacheprovider -p mockaws.testing.pytest_plugin"
    done = run("bash", "-euo", "pipefail", "-c", tests, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
    steps = yaml.safe_load((folder / ".github/workflows/mockaws.yaml").read_text())["jobs"]["tests"]["steps"]
    assert "mockaws validate fixtures/*.yaml" in [step.get("run") for step in steps]


def test_a_repository_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One file in the way is named, and none is written."""
    (folder / "project/tests").mkdir(parents=True)
    (folder / "project/tests/test_key_store.py").write_text("")
    assert main(["init", "project"]) == 2
    assert "project/tests/test_key_store.py: exists" in capsys.readouterr().err
    assert files_in(folder) == {"project/tests/test_key_store.py"}
