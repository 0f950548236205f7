"""The check whether a run can get the aws provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.doctor import provider
from mockaws.doctor.findings import Finding, Grade
from mockaws.doctor.surroundings import platform_name
from mockaws.doctor.tools import Tool
from mockaws.doctor.versions import is_within

if TYPE_CHECKING:
    from pathlib import Path

    from mockaws.doctor.surroundings import Surroundings
    from tests.unit.doctor.conftest import Examined

TERRAFORM = Tool("Terraform", "/bin/terraform", "1.11.4")
REGISTRY = "registry.terraform.io"


def mirror(place: Path, *versions: str, registry: str = REGISTRY, target: str | None = None) -> Path:
    """Make a mirror with unpacked packages."""
    for version in versions:
        (place / registry / "hashicorp/aws" / version / (target or platform_name())).mkdir(parents=True)
    return place


def found_in(surroundings: Surroundings, tool: Tool | None = TERRAFORM) -> list[tuple[Grade, str]]:
    """Return grade and words of each finding."""
    return [(finding.grade, finding.found) for finding in provider.check(tool, surroundings)]


def only(surroundings: Surroundings, tool: Tool | None = TERRAFORM) -> Finding:
    """Return the only finding."""
    (finding,) = provider.check(tool, surroundings)
    return finding


def test_nothing_set_up(surroundings: Examined) -> None:
    """Terraform asks the registry, which is not asked here."""
    found = only(surroundings())
    assert (found.grade, found.found) == (Grade.OK, "from registry.terraform.io, which was not asked")
    assert "mirror" in found.remedy[1]


def test_opentofu_has_a_registry_of_its_own(surroundings: Examined) -> None:
    """OpenTofu asks its own registry, and reads its own file."""
    tofu, examined = Tool("OpenTofu", "/bin/tofu", "1.11.0"), surroundings()
    assert "registry.opentofu.org" in only(examined, tofu).found
    place = mirror(examined.home / "m", "5.100.0", registry="registry.opentofu.org")
    (examined.home / ".tofurc").write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n path = "{place}"\n }}\n}}'
    )
    assert "5.100.0 in" in only(examined, tofu).found


@pytest.mark.parametrize(
    "place",
    ["home/.terraform.d/plugins", "here/terraform.d/plugins", "data/terraform/plugins", "share/terraform/plugins"],
)
def test_implied_mirrors(surroundings: Examined, place: str) -> None:
    """Terraform looks into these directories by itself."""
    examined = surroundings(XDG_DATA_HOME=str(surroundings().home.parent / "share"))
    mirror(examined.home.parent / place, "5.99.1", "5.100.0")
    assert only(examined).found.startswith("5.99.1, 5.100.0 in ")


def test_what_an_implied_mirror_has_no_registry_is_asked_for(surroundings: Examined) -> None:
    """With another version than the one that is wanted, `terraform init` fails."""
    examined = surroundings()
    mirror(examined.home / ".terraform.d/plugins", "5.100.0")
    (examined.directory / "main.tf").write_text(
        'terraform {\n required_providers {\n  aws = { source = "hashicorp/aws", version = "~> 6.1" }\n }\n}\n'
    )
    found = only(examined)
    assert found.grade is Grade.PROBLEM
    assert "~> 6.1 is wanted" in found.found


def test_archives(surroundings: Examined) -> None:
    """A mirror may hold archives; those for other platforms do not count."""
    examined = surroundings()
    place = examined.home / ".terraform.d/plugins" / REGISTRY / "hashicorp/aws"
    place.mkdir(parents=True)
    (place / f"terraform-provider-aws_5.100.0_{platform_name()}.zip").touch()
    (place / "terraform-provider-aws_6.0.0_plan9_mips.zip").touch()
    assert only(examined).found.startswith("5.100.0 in ")


@pytest.mark.parametrize(
    ("text", "grade", "words"),
    [
        ('filesystem_mirror {\n path = "{mirror}"\n }', Grade.OK, "5.100.0 in {mirror}, says"),
        ('filesystem_mirror {\n path = "{mirror}"\n include = ["hashicorp/*"]\n }', Grade.OK, "5.100.0 in"),
        (
            'filesystem_mirror {\n path = "{mirror}"\n include = ["registry.terraform.io/*/*"]\n }',
            Grade.OK,
            "5.100.0 in",
        ),
        (
            'filesystem_mirror {\n path = "{mirror}"\n exclude = ["hashicorp/aws"]\n }\n direct {}',
            Grade.OK,
            "from registry.terraform.io, which was not asked",
        ),
        ('filesystem_mirror {\n path = "/nowhere"\n }', Grade.PROBLEM, "in /nowhere"),
        ('filesystem_mirror {\n path = "/nowhere"\n }\n direct {\n }', Grade.OK, "which was not asked"),
        ('filesystem_mirror {\n path = "/nowhere"\n }\n direct {\n exclude = ["*/*"]\n }', Grade.PROBLEM, "/nowhere"),
        ('network_mirror {\n url = "https://mirror.example.com/"\n }', Grade.OK, "from https://mirror.example.com/"),
        ('dev_overrides {\n "hashicorp/aws" = "/build"\n }\n direct {}', Grade.WARNING, "dev_overrides"),
    ],
)
@pytest.mark.parametrize("file", ["TF_CLI_CONFIG_FILE", ".terraformrc", ".terraform.d/mine.tfrc"])
def test_provider_installation(surroundings: Examined, file: str, text: str, grade: Grade, words: str) -> None:
    """The CLI configuration says where providers come from, and nothing else is looked at then."""
    examined = surroundings()
    place = str(mirror(examined.home / "mirror", "5.100.0"))
    where = examined.home / (file if file.startswith(".") else "cli.tfrc")
    where.parent.mkdir(exist_ok=True)
    where.write_text(f"provider_installation {{\n {text.replace('{mirror}', place)}\n}}\n")
    variables = {} if file.startswith(".") else {file: str(where)}
    found = only(surroundings(**variables))
    assert found.grade is grade
    assert words.replace("{mirror}", place) in found.found


def test_a_file_that_is_not_there(surroundings: Examined) -> None:
    """A variable that names no file hides the user's own, and Terraform only warns."""
    examined = surroundings(TF_CLI_CONFIG_FILE="/nowhere")
    (examined.home / ".terraformrc").write_text("provider_installation {\n}\n")
    first, second = found_in(examined)
    assert first[0] is Grade.WARNING
    assert "registry" in second[1]


@pytest.mark.parametrize("variable", ["TF_CLI_ARGS", "TF_CLI_ARGS_init"])
@pytest.mark.parametrize("flag", ["-plugin-dir=", "-input=false --plugin-dir "])
def test_plugin_directories(surroundings: Examined, variable: str, flag: str) -> None:
    """-plugin-dir replaces all other places."""
    place = mirror(surroundings().home / "plugins", "5.100.0")
    assert f"5.100.0 in {place}, says {variable}" in only(surroundings(**{variable: f"{flag}{place}"})).found


def test_a_remembered_plugin_directory(surroundings: Examined) -> None:
    """`terraform init -plugin-dir` is remembered."""
    examined = surroundings()
    (examined.directory / ".terraform").mkdir()
    (examined.directory / ".terraform/plugin_path").write_text('[\n  "/nowhere"\n]')
    assert only(examined).grade is Grade.PROBLEM


def test_a_cache(surroundings: Examined) -> None:
    """A cache spares the download, not the question."""
    place = mirror(surroundings().home / "cache", "5.100.0")
    assert f"5.100.0 in the cache {place}" in only(surroundings(TF_PLUGIN_CACHE_DIR=str(place))).found
    assert "has none yet" in only(surroundings(TF_PLUGIN_CACHE_DIR="/nowhere")).found


@pytest.mark.parametrize(("locked", "grade"), [("5.100.0", Grade.OK), ("5.90.0", Grade.PROBLEM)])
def test_the_lock_file(surroundings: Examined, locked: str, grade: Grade) -> None:
    """The version of the lock file is the one that is installed, whatever else fits."""
    examined = surroundings()
    mirror(examined.home / ".terraform.d/plugins", "5.100.0")
    (examined.directory / ".terraform.lock.hcl").write_text(
        f'provider "{REGISTRY}/hashicorp/aws" {{\n  version     = "{locked}"\n  constraints = "~> 5.1"\n}}\n'
    )
    assert only(examined).grade is grade


def test_an_initialised_directory(surroundings: Examined) -> None:
    """A provider that `terraform init` has installed needs no mirror."""
    examined = surroundings()
    mirror(examined.directory / ".terraform/providers", "5.100.0")
    assert only(examined).found == "5.100.0 is installed here by `terraform init`"


def test_an_old_provider(surroundings: Examined) -> None:
    """Providers from before 5.100 are not what mockaws is tested with."""
    examined = surroundings()
    mirror(examined.home / ".terraform.d/plugins", "5.31.0")
    assert only(examined).grade is Grade.WARNING


@pytest.mark.parametrize(
    ("version", "constraints", "fits"),
    [
        ("5.100.0", ">= 5.100, < 7", True),
        ("5.100.0", "~> 5.99", True),
        ("5.100.0", "~> 5.99.0", False),
        ("5.100.3", "~> 5.100.1", True),
        ("6.0.0", "~> 5.0", False),
        ("5.100.0", "5.100.0", True),
        ("5.100.0", "= 5.99.0", False),
        ("5.100.0", "!= 5.100.0", False),
        ("5.9.0", "< 5.10", True),
        ("5.100.0", "", True),
        ("5.100.0", "something new", True),
    ],
)
def test_constraints(version: str, constraints: str, *, fits: bool) -> None:
    """Constraints mean what they mean to Terraform."""
    assert is_within(version, constraints) is fits
