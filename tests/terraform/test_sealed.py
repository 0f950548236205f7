"""Terraform under `mockaws exec` in a network of its own: whatever its files contain, it reaches this machine only."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests import sealed
from tests.journeys.command import clean_environment
from tests.terraform.test_provider import TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terraform.tool import terraform


@pytest.fixture(autouse=True)
def _sealed() -> None:
    """Skip if the network cannot be shut off."""
    if reason := sealed.reason_not_to():
        pytest.skip(reason)


START = "https://corp.awsapps.com/start"
ROLE = "role_arn = arn:aws:iam::111122223333:role/deploy"
KEYS = "aws_access_key_id = AKIAQWERTYUIOPASDFGH\naws_secret_access_key = hush"
SSO = "sso_account_id = 111122223333\nsso_role_name = admin"
# The profiles of a file that a configuration names, so that `mockaws exec` cannot hide it.
PROFILES = {
    "chain": f"{ROLE}\nsource_profile = role",
    "container": f"{ROLE}\ncredential_source = EcsContainer",
    "environment": f"{ROLE}\ncredential_source = Environment",
    "expired": f"sso_session = expired\n{SSO}",
    "fips": f"{ROLE}\nsource_profile = keys\nuse_fips_endpoint = true",
    "ignoring": f"{KEYS}\nignore_configured_endpoint_urls = true",
    "instance": f"{ROLE}\ncredential_source = Ec2InstanceMetadata",
    "keys": KEYS,
    "legacy": f"sso_start_url = {START}\nsso_region = eu-west-2\n{SSO}",
    "login": "login_session = arn:aws:iam::111122223333:user/me",
    "role": f"{ROLE}\nsource_profile = keys\nignore_configured_endpoint_urls = true",
    "services": f"{KEYS}\nendpoint_url = https://profile.example\nservices = elsewhere",
    "session": f"sso_session = corp\n{SSO}",
    "token": f"{ROLE}\nweb_identity_token_file = {{home}}/token",
}
# Starting a provider costs a second, so that it has those ways alone in which it differs from a backend, or once did.
PROVIDERS = ("environment", "expired", "ignoring", "role", "session", "token")
SECTIONS = f"""
[services elsewhere]
kms =
  endpoint_url = https://services-kms.example
s3 =
  endpoint_url = https://services-s3.example
sts =
  endpoint_url = https://services-sts.example
[sso-session corp]
sso_start_url = {START}
sso_region = eu-west-1
sso_registration_scopes = sso:account:access
[sso-session expired]
sso_start_url = {START}
sso_region = eu-west-3
sso_registration_scopes = sso:account:access
"""
HOSTILE = {
    f"{prefix}AWS_{service}_ENDPOINT": f"https://{prefix}{service}.example".replace("_", "-").lower()
    for prefix in ("", "TF_")
    for service in ("STS", "IAM", "S3", "DYNAMODB")
} | {"HTTP_PROXY": "http://proxy.example", "HTTPS_PROXY": "http://proxy.example"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with all files that a profile may name."""
    home = tmp_path / "home"
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    sections = "".join(f"[profile {name}]\n{text}\n" for name, text in PROFILES.items())
    (home / ".aws" / "config").write_text(sections.format(home=home) + SECTIONS)
    (home / "token").write_text(TOKEN)
    for name, expires in (("corp", "2099"), (START, "2099"), ("expired", "2020")):
        token = {
            "accessToken": "token",
            "clientId": "client",
            "clientSecret": "hush",
            "expiresAt": f"{expires}-01-01T00:00:00Z",
            "refreshToken": "refresh",
            "region": "eu-west-1",
            "registrationExpiresAt": "2099-01-01T00:00:00Z",
            "startUrl": START,
        }
        (cache / f"{hashlib.sha1(name.encode()).hexdigest()}.json").write_text(json.dumps(token))  # noqa: S324 - its name
    return home


def run(tool: terraform.Terraform, home: Path, directory: Path, *command: str) -> sealed.Sealed:
    """Run *command* under `mockaws exec` with hostile variables and no network."""
    variables = tool.undisturbed(clean_environment()) | HOSTILE | {"HOME": str(home), "GOGC": "400"}
    return sealed.run("mockaws", "exec", "--quiet", "--", *command, environment=variables, directory=directory)


def test_providers(tool: terraform.Terraform, initialised: Path, home: Path, tmp_path: Path) -> None:
    """No profile, and no endpoint in a variable, leads the provider away; STS's credentials come from mockaws."""
    directory = tmp_path / "providers"
    shutil.copytree(initialised, directory, symlinks=True)
    text = """
        provider "aws" {
          region     = "us-east-1"
          sts_region = "us-east-2"
          assume_role {
            role_arn = "arn:aws:iam::111122223333:role/deploy"
          }
        }
        data "aws_iam_role" "x" { name = "x" }
        data "aws_s3_bucket" "x" { bucket = "x" }
        data "aws_dynamodb_table" "x" { name = "x" }
        """
    for name in PROVIDERS:
        text += f"""
        provider "aws" {{
          alias               = "{name}"
          profile             = "{name}"
          region              = "eu-central-1"
          max_retries         = 1
          shared_config_files = ["{home}/.aws/config"]
        }}
        data "aws_caller_identity" "{name}" {{ provider = aws.{name} }}
        data "aws_kms_alias" "{name}" {{
          provider = aws.{name}
          name     = "alias/none"
        }}
        """
    (directory / "main.tf").write_text(text)
    ran = run(tool, home, directory, str(tool.executable), "plan", "-no-color", "-input=false")
    assert ran.asked == [], ran.output
    said = " ".join(ran.output.split())
    for name in ("environment", "ignoring", "role", "token"):
        assert f"data.aws_caller_identity.{name}: Read complete" in said, said
        assert f"with data.aws_kms_alias.{name}" in said, said
    assert "nothing here answers 2010-05-08.GetRole" in said


def test_backends(tool: terraform.Terraform, home: Path, tmp_path: Path) -> None:
    """No profile, and no endpoint in a variable, leads the S3 backend away."""
    directory = tmp_path / "backends"
    for name in ["", *PROFILES]:
        (directory / f"of-{name}").mkdir(parents=True)
        profile = f'profile = "{name}"\nshared_config_files = ["{home}/.aws/config"]' if name else ""
        (directory / f"of-{name}" / "main.tf").write_text(
            f"""
            terraform {{
              backend "s3" {{
                bucket         = "state"
                key            = "state"
                region         = "eu-west-1"
                max_retries    = 1
                dynamodb_table = "locks"
                {profile}
              }}
            }}
            """
        )
    script = f'for each in of-*; do {tool.executable} -chdir="$each" init -no-color -input=false 2>&1; done'
    ran = run(tool, home, directory, "sh", "-c", script)
    assert ran.asked == [], ran.output
    assert ran.output.count("operation error S3: ListObjectsV2") >= len(PROFILES) - len(
        ("container", "expired", "instance", "legacy", "login", "session")
    )
