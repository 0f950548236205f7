"""Copies of a directory for commands that write there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from mockaws.matrix import workplaces
from mockaws.matrix.workplaces import Template, WorkplaceError

if TYPE_CHECKING:
    from pathlib import Path


def write(directory: Path, texts: dict[str, str]) -> None:
    """Write files."""
    for name, text in texts.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Make a directory with something beside it."""
    made = tmp_path / "repository" / "modules" / "store"
    made.mkdir(parents=True)
    write(tmp_path / "repository", {"fixtures/ca.crt": "certificate", "modules/other/main.tf": "other"})
    return made


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Make a place for copies."""
    return tmp_path / "scratch" / "world"


def test_what_is_written_in_a_copy_stays_there(directory: Path, scratch: Path) -> None:
    """A copy has the files, directories, links and permissions of the original, and leads a life of its own."""
    write(directory, {"main.tf": "original", "deep/er/file.txt": "deep"})
    (directory / "empty").mkdir()
    (directory / "run.sh").write_text("true")
    (directory / "run.sh").chmod(0o755)
    (directory / "link").symlink_to("main.tf")
    copy = Template(directory).copy(scratch)
    assert sorted(str(path.relative_to(copy)) for path in copy.rglob("*")) == [
        "deep",
        "deep/er",
        "deep/er/file.txt",
        "empty",
        "link",
        "main.tf",
        "run.sh",
    ]
    assert os.readlink(copy / "link") == "main.tf"  # noqa: PTH115 - as it is written
    assert os.access(copy / "run.sh", os.X_OK)
    (copy / "main.tf").write_text("changed")
    assert (directory / "main.tf").read_text() == "original"


def test_terraforms_state_stays_behind(directory: Path, scratch: Path) -> None:
    """A state is that of another world. The file of that name in .terraform is the configuration of the backend."""
    states = ["terraform.tfstate", "terraform.tfstate.backup", ".terraform.tfstate.lock.info", "main.tf"]
    deeper = [".terraform/terraform.tfstate", "terraform.tfstate.d/two/terraform.tfstate"]
    write(directory, dict.fromkeys([*states, *deeper], ""))
    copy = Template(directory).copy(scratch)
    assert sorted(os.listdir(copy)) == [".terraform", "main.tf"]  # noqa: PTH208 - names are enough
    assert (copy / ".terraform" / "terraform.tfstate").is_file()


def test_plugins_are_shared(directory: Path, scratch: Path) -> None:
    """A provider has hundreds of megabytes, and Terraform follows a link in place of the directory. So with caches."""
    shared = [".terraform/providers/aws", ".git/HEAD", "node_modules/a/b.js", ".mypy_cache/CACHEDIR.TAG"]
    write(directory, dict.fromkeys([*shared, ".terraform/modules/modules.json"], ""))
    copy = Template(directory).copy(scratch)
    assert (copy / ".terraform" / "providers").is_symlink()
    assert (copy / ".terraform" / "providers" / "aws").is_file()
    assert not (copy / ".terraform" / "modules").is_symlink()
    assert (copy / ".git").is_symlink()
    assert (copy / "node_modules").is_symlink()
    assert (copy / ".mypy_cache").is_symlink()


def test_what_stands_beside_is_found_where_it_was(directory: Path, scratch: Path) -> None:
    """`../other` and `../../fixtures` lead where they lead from the original, also through relative links."""
    (directory / "ca.crt").symlink_to("../../fixtures/ca.crt")
    copy = Template(directory).copy(scratch)
    assert copy == scratch / directory.relative_to("/")
    assert (copy / ".." / "other" / "main.tf").read_text() == "other"
    assert (copy / ".." / ".." / "fixtures" / "ca.crt").read_text() == "certificate"
    assert (copy / "ca.crt").read_text() == "certificate"


def test_removing_a_copy_leaves_what_is_linked(directory: Path, scratch: Path) -> None:
    """Only what was copied goes."""
    write(directory, {".git/HEAD": "ref"})
    Template(directory).copy(scratch)
    workplaces.remove(scratch)
    assert not scratch.exists()
    assert (directory / ".git" / "HEAD").read_text() == "ref"
    assert (directory.parent / "other" / "main.tf").exists()


def test_what_is_no_file_stays_behind(directory: Path, scratch: Path) -> None:
    """A pipe would be waited for."""
    os.mkfifo(directory / "pipe")
    assert list(Template(directory).copy(scratch).iterdir()) == []


def test_a_directory_that_is_too_large(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home directory is too large to copy for each world; shared files do not count."""
    monkeypatch.setattr(workplaces, "MOST_BYTES", 2**20)
    write(directory, {".git/pack": "x" * 2**21})
    Template(directory)
    write(directory, {"large": "x" * 2**21})
    with pytest.raises(WorkplaceError, match="too large to be copied for each world: more than 1 MiB"):
        Template(directory)


def test_what_has_gone_meanwhile(directory: Path, scratch: Path) -> None:
    """A copy is whole or none."""
    write(directory, {"main.tf": ""})
    template = Template(directory)
    (directory / "main.tf").unlink()
    with pytest.raises(WorkplaceError, match=r"main\.tf: No such file or directory"):
        template.copy(scratch)


def test_the_cache_of_terraforms_plugins_is_shared(
    directory: Path, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In CI it lies in the directory itself, with a provider of 600 MB in it."""
    monkeypatch.setattr(workplaces, "MOST_BYTES", 10)
    monkeypatch.setenv("TF_PLUGIN_CACHE_DIR", str(directory / ".terraform-plugins"))
    write(directory, {".terraform-plugins/provider": "larger than ten bytes"})
    assert (Template(directory).copy(scratch) / ".terraform-plugins").is_symlink()
