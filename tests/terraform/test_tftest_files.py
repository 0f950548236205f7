"""The `.tftest.hcl` files of the READMEs, each with the world that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.terraform.conftest import Terraform, World

WORLDS = sorted(path.relative_to(ROOT / "terraform") for path in (ROOT / "terraform").glob("*/worlds/*.tftest.hcl"))


@pytest.mark.parametrize(
    ("configuration", "fixture"), [("custom-key-store", "ready-cluster"), ("connect-with-cli", "strict-cluster")]
)
def test_the_tests_of_a_configuration_pass(
    configuration: str, fixture: str, world: Callable[[str], World], checkout: Callable[..., Terraform]
) -> None:
    """`terraform test` passes in the configuration's own world and cleans up after itself."""
    own = world(fixture)
    assert " 0 failed." in checkout(own, configuration).test()
    aliases = own.client("kms").list_aliases()["Aliases"]
    assert [alias["AliasName"] for alias in aliases if not alias["AliasName"].startswith("alias/aws/")] == []


@pytest.mark.parametrize("file", WORLDS, ids=str)
def test_a_broken_world_shows_its_failure(
    file: Path, world: Callable[[str], World], checkout: Callable[..., Terraform]
) -> None:
    """A file below worlds/ is named after its fixture, and passes because the expected failure occurs."""
    configuration, directory, name = file.parts
    tf = checkout(world(name.removesuffix(".tftest.hcl")), configuration, f"-test-directory={directory}")
    assert "1 passed, 0 failed." in tf.test(f"-test-directory={directory}", f"-filter={directory}/{name}")
