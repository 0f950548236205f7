"""Settings in a configuration that no environment can override."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.doctor import configuration
from mockaws.doctor.findings import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        ('provider "aws" {\n  use_fips_endpoint = true\n}', Grade.OK, "main.tf:2: AWS clients refuse"),
        ("terraform {\n  cloud {}\n}", Grade.WARNING, "main.tf:2: runs may happen on another machine"),
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


def words(found: Iterable[str]) -> list[str]:
    """Return the places of ways out, without what is said of them."""
    return [sentence.partition(": ")[0] for sentence in found]


@pytest.mark.parametrize(
    "body",
    [
        'endpoints {\n kms = "https://kms.us-east-1.amazonaws.com"\n }',
        "endpoints {\n kms = var.endpoint\n }",
        'endpoints {\n kms = "http://127.0.0.1:4566"\n sts = "https://sts.amazonaws.com"\n }',
        'dynamic "endpoints" {\n for_each = [1]\n content {\n kms = local.url\n }\n }',
        'profile = "prod"',
        'shared_config_files = ["~/.aws/config"]',
        'access_key = "AKIAQWERTYUIOPASDFGH"',
    ],
)
def test_ways_out_of_a_provider(surroundings: Examined, body: str) -> None:
    """`mockaws exec` cannot override them; they count in each file that makes a configuration, JSON too."""
    examined = surroundings()
    text = f'provider "aws" {{\n  {body}\n}}\n'
    for name in ("a.tf", "b_override.tf", "c.tofu", "d.tftest.hcl"):
        (examined.directory / name).write_text(text)
    (found,) = configuration.ways_out(examined)
    assert found.startswith("a.tf:2, b_override.tf:2, c.tofu:2 and 1 more: ")


@pytest.mark.parametrize(
    "text",
    [
        'provider "aws" {\n endpoints {\n kms = "http://127.0.0.1:4566"\n s3 = "http://s3.localhost.localstack.cloud:4566"\n}\n}',
        'provider "aws" {\n endpoints {\n kms = var.mockaws_worlds["one-hsm"]\n }\n}',
        'provider "aws" {\n assume_role {\n role_arn = "x"\n }\n use_fips_endpoint = true\n}',
        'terraform {\n  backend "s3" {\n  bucket = "x"\n }\n}',
        'provider "google" {\n profile = "prod"\n endpoints {\n x = "https://x"\n }\n}',
        'resource "other_thing" "x" {\n profile = "prod"\n token = "x"\n}',
    ],
)
def test_what_leads_nowhere_else(surroundings: Examined, text: str) -> None:
    """Endpoints of this machine, what the environment decides, and blocks of others are no way out."""
    examined = surroundings()
    (examined.directory / "main.tf").write_text(text)
    assert configuration.ways_out(examined) == []


@pytest.mark.parametrize(
    "text",
    [
        'terraform {\n backend "s3" {\n endpoints = { s3 = "https://s3.amazonaws.com" }\n }\n}',
        'terraform {\n backend "s3" {\n endpoint = "https://s3.amazonaws.com"\n }\n}',
        'terraform {\n backend "s3" {\n sts_endpoint = "https://sts.amazonaws.com"\n }\n}',
        'terraform {\n backend "s3" {\n profile = "prod"\n }\n}',
        'terraform {\n backend "remote" {\n }\n}',
        "terraform {\n cloud {\n }\n}",
        'data "terraform_remote_state" "x" {\n backend = "s3"\n config = { bucket = "x", profile = "prod" }\n}',
        'provider "awscc" {\n}',
        'remote_state {\n backend = "s3"\n config = {\n profile = "prod"\n }\n}',
        'terraform {\n encryption {\n key_provider "aws_kms" "x" {\n profile = "prod"\n }\n }\n}',
        'required_providers {\n amazon = { source = "hashicorp/aws" }\n}\nprovider "amazon" { profile = "prod" }',
    ],
)
def test_ways_out_of_others(surroundings: Examined, text: str) -> None:
    """So can backends, states of other configurations, and providers under other names."""
    examined = surroundings()
    (examined.directory / "main.tf").write_text(text)
    assert len(configuration.ways_out(examined)) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"provider": {"aws": {"profile": "prod"}}},
        {"provider": {"aws": [{"region": "x"}, {"profile": "prod"}]}},
        {"provider": [{"aws": {"endpoints": [{"kms": "https://kms.us-east-1.amazonaws.com"}]}}]},
        {"terraform": {"backend": {"s3": {"endpoints": {"s3": "https://s3.amazonaws.com"}}}}},
        {"terraform": [{"cloud": {"organization": "x"}}]},
        {"data": {"terraform_remote_state": {"x": {"backend": "s3", "config": {"profile": "prod"}}}}},
    ],
)
def test_json(surroundings: Examined, document: dict[str, Any]) -> None:
    """The same in JSON, of which no line is known."""
    examined = surroundings()
    (examined.directory / "main.tf.json").write_text(json.dumps(document))
    assert words(configuration.ways_out(examined)) == ["main.tf.json"]
    (examined.directory / "main.tf.json").write_text(json.dumps([document]))
    assert configuration.ways_out(examined) == []


def test_modules(surroundings: Examined) -> None:
    """Modules are read: those beside the configuration, and those that `terraform init` has fetched; each once."""
    examined = surroundings()
    (examined.directory / "main.tf").write_text('module "near" {\n  source = "./near"\n}')
    for name, text in (
        ("near", 'module "far" {\n source = "../../far"\n}'),
        ("../far", ""),
        (".terraform/modules/got", ""),
    ):
        (examined.directory / name).mkdir(parents=True)
        (examined.directory / name / "main.tf").write_text(f'{text}\nprovider "aws" {{ profile = "prod" }}')
    manifest = {"Modules": [{"Dir": "."}, {"Dir": "near"}, {"Dir": ".terraform/modules/got"}, {"Dir": "gone"}, {}]}
    (examined.directory / ".terraform/modules/modules.json").write_text(json.dumps(manifest))
    (found,) = configuration.ways_out(examined)
    assert "near/main.tf:4, .terraform/modules/got/main.tf:2" in found
    assert "far/main.tf:2" in found


@pytest.mark.parametrize(
    ("arguments", "environ"),
    [
        (("terraform", "init", "-backend-config=profile=prod"), {}),
        (("terraform", "init", "-backend-config", "profile=prod"), {}),
        (("terraform", "init", "--backend-config=file.hcl"), {}),
        ((), {"TF_CLI_ARGS_init": '-backend-config="profile=prod"'}),
        ((), {"TF_CLI_ARGS": "-backend-config=file.hcl"}),
    ],
)
def test_settings_of_the_backend(surroundings: Examined, arguments: tuple[str, ...], environ: dict[str, str]) -> None:
    """A backend is configured in arguments and variables, too."""
    examined = surroundings(**environ)
    (examined.directory / "file.hcl").write_text('profile = "prod" # x\n')
    assert words(configuration.ways_out(examined, arguments)) == ["-backend-config"]


def test_the_backend_of_the_last_init(surroundings: Examined) -> None:
    """Terraform remembers the settings of its backend, which is said where no file says it already."""
    examined = surroundings(TF_DATA_DIR="data")
    (examined.directory / "data").mkdir()
    backend = {"type": "s3", "config": {"bucket": "x", "profile": "prod", "endpoints": None}}
    (examined.directory / "data" / "terraform.tfstate").write_text(json.dumps({"version": 3, "backend": backend}))
    assert words(configuration.ways_out(examined)) == ["data/terraform.tfstate"]
    (examined.directory / "main.tf").write_text('terraform {\n backend "s3" {\n profile = "prod"\n }\n}')
    assert words(configuration.ways_out(examined)) == ["main.tf:3"]


def test_encryption(surroundings: Examined) -> None:
    """OpenTofu's TF_ENCRYPTION is a configuration in a variable, in HCL or in JSON."""
    text = 'key_provider "aws_kms" "x" {\n profile = "prod"\n}'
    assert words(configuration.ways_out(surroundings(TF_ENCRYPTION=text))) == ["TF_ENCRYPTION"]
    document = json.dumps({"key_provider": {"aws_kms": {"x": {"profile": "prod"}}}})
    assert words(configuration.ways_out(surroundings(TF_ENCRYPTION=document))) == ["TF_ENCRYPTION"]


def test_files_that_cannot_be_read(surroundings: Examined) -> None:
    """Directories, binary files and texts that are nested without end are passed over."""
    examined = surroundings()
    os.mkfifo(examined.directory / "pipe.tf")
    (examined.directory / "folder.tf").mkdir()
    (examined.directory / "broken.tf.json").write_text("[" * 100_000)
    (examined.directory / "bytes.tf").write_bytes(b'\xff\x00 provider "aws" { profile = "x" }')
    (examined.directory / "loop.tf").symlink_to("loop.tf")
    (examined.directory / "me.tf").write_text('module "me" {\n source = "./"\n}\nprovider "aws" {\n profile = "x"\n')
    assert words(configuration.ways_out(examined)) == ["me.tf:5"]


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
