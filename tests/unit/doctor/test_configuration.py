"""What in a configuration no environment can override."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.doctor import configuration
from mockaws.doctor.findings import Grade

if TYPE_CHECKING:
    from tests.unit.doctor.conftest import Examined


@pytest.mark.parametrize(
    ("text", "grade", "words"),
    [
        ('terraform {\n  backend "s3" {}\n}', Grade.WARNING, "main.tf:2: the state lies in S3"),
        ('data "terraform_remote_state" "x" {\n\n  backend = "s3"\n}', Grade.WARNING, "main.tf:3: another"),
        ('provider "aws" {\n  endpoints {\n  }\n}', Grade.WARNING, "main.tf:2: `endpoints`"),
        ('provider "aws" {\n  profile = "prod"\n}', Grade.WARNING, "main.tf:2: a profile"),
        ('provider "aws" {\n  shared_credentials_files = ["x"]\n}', Grade.WARNING, "main.tf:2: files"),
        ('provider "aws" {\n  access_key = "AKIAQWERTYUIOPASDFGH"\n}', Grade.WARNING, "main.tf:2: credentials"),
        ('provider "aws" {\n  assume_role {\n  }\n}', Grade.OK, "main.tf:2: `assume_role`"),
    ],
)
def test_findings(surroundings: Examined, text: str, grade: Grade, words: str) -> None:
    """Each is named with file and line, and never with what stands there."""
    examined = surroundings()
    (examined.directory / "main.tf").write_text(text)
    (found,) = configuration.check(examined)
    assert found.grade is grade
    assert words in found.found
    assert "AKIA" not in str(found)


@pytest.mark.parametrize(
    "text",
    [
        '# provider "aws" { profile = "prod" }\n# profile = "x"',
        '/*\n backend "s3" {}\n*/',
        '// backend "s3" {}',
        'locals {\n  x = "a # b"\n  url = "http://x"\n}',
        'provider "aws" {\n  region = "us-west-2"\n  access_key = "test"\n  secret_key = "mockaws"\n}',
        'provider "aws" {\n  access_key = "111122223333"\n}',
        'resource "aws_iam_instance_profile" "x" {\n  iam_instance_profile = "x"\n}',
        'data "aws_iam_policy_document" "assume_role" {}',
        'resource "aws_iam_role" "x" {\n  assume_role_policy = "{}"\n}',
    ],
)
def test_what_is_fine(surroundings: Examined, text: str) -> None:
    """Comments, strings, dummy credentials and names that look alike mean nothing."""
    examined = surroundings()
    (examined.directory / "main.tf").write_text(text)
    assert not list(configuration.check(examined))


def test_comments_keep_lines(surroundings: Examined) -> None:
    """A comment over lines moves nothing."""
    examined = surroundings()
    (examined.directory / "main.tf").write_text('/*\n\n*/ # x\nterraform {\n  backend "s3" {\n')
    (found,) = configuration.check(examined)
    assert found.found.startswith("main.tf:5:")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws", version = ">= 5" }\n  }\n}',
            [">= 5"],
        ),
        ('terraform {\n  required_providers {\n    aws = "~> 5.0"\n  }\n}', ["~> 5.0"]),
        ('terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}', []),
        ('module "x" {\n  providers = { aws = aws.east }\n}', []),
        ("", []),
    ],
)
def test_wanted_versions(surroundings: Examined, text: str, wanted: list[str]) -> None:
    """required_providers says which versions of the provider will do."""
    examined = surroundings()
    (examined.directory / "versions.tf").write_text(text)
    assert configuration.wanted_versions(examined) == wanted
