"""The provider's own settings: endpoints, skip_* flags, Regions, accounts and roles."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Shows, Terraform, World
    from tests.terraform.tool import terraform

# An OpenID Connect token: its claims are read, its signature is not checked.
TOKEN = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in (
        {"alg": "RS256"},
        {"iss": "https://ci.example.com", "aud": "sts.amazonaws.com", "sub": "repo:team/keys", "exp": 4102444800},
        {},
    )
)


def test_endpoints_and_every_skip_flag(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """With an `endpoints` block no environment is needed, and no skip_* flag, alone or with others, does harm.

    With skip_credentials_validation the provider asks IAM first. IAM must refuse at once for STS to be asked.
    """
    empty = world("empty")
    flags = {
        "credentials": "skip_credentials_validation = true",
        "account": "skip_requesting_account_id = true",
        "region": "skip_region_validation = true",
        "metadata": "skip_metadata_api_check = true",
        "all": (
            "skip_credentials_validation = true\n skip_requesting_account_id = true\n"
            "skip_region_validation = true\n skip_metadata_api_check = true"
        ),
    }
    text = f'locals {{\n  url = "{empty.url}"\n}}\n'
    for alias, flag in flags.items():
        text += f"""
        provider "aws" {{
          alias      = "{alias}"
          region     = "us-west-2"
          access_key = "test"
          secret_key = "test"
          {flag}
          endpoints {{
            kms        = local.url
            cloudhsmv2 = local.url
            sts        = local.url
            iam        = local.url
          }}
        }}
        data "aws_caller_identity" "{alias}" {{ provider = aws.{alias} }}
        resource "aws_kms_key" "{alias}" {{ provider = aws.{alias} }}
        output "{alias}" {{ value = data.aws_caller_identity.{alias}.account_id }}
        """
    tf = workspace(empty, text)
    tf.environment = {name: value for name, value in tf.environment.items() if not name.startswith("AWS_")}
    tf.apply()
    # Only "credentials" asks IAM, for "all" wants no account: once to plan and once to apply.
    assert empty.refusals() == [("GetUser", "UnknownOperationException")] * 2
    assert tf.outputs() == dict.fromkeys(flags, "000000000000")
    assert len(empty.client("kms").list_keys()["Keys"]) == len(flags)


def test_without_an_account_id_a_key_policy_can_still_be_removed(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """With both skip flags the provider knows no account, and deletes a key policy by one for arn:aws:iam:::root."""
    empty = world("empty")
    tf = workspace(
        empty,
        """
        provider "aws" {
          skip_credentials_validation = true
          skip_requesting_account_id  = true
        }
        resource "aws_kms_key" "this" {}
        resource "aws_kms_key_policy" "this" {
          key_id = aws_kms_key.this.id
          policy = aws_kms_key.this.policy
        }
        """,
    )
    tf.apply()
    tf.destroy()
    assert empty.refusals() == []
    assert empty.calls().count("PutKeyPolicy") == 2  # one to set it and one to remove it


def test_two_regions_two_accounts_and_two_roles(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """One endpoint separates all Regions and accounts: by the credential scope, and by the access key.

    The same alias exists in each. An access key of twelve digits belongs to that account; a role's session belongs to
    the role's.
    """
    empty = world("empty")
    providers = {
        "oregon": "",
        "ireland": 'region = "eu-west-1"',
        "other": 'access_key = "222233334444"\n secret_key = "test"',
        "web": (
            'assume_role_with_web_identity {\n role_arn = "arn:aws:iam::444455556666:role/ci"\n'
            f' session_name = "job"\n web_identity_token = "{TOKEN}"\n }}'
        ),
        "role": 'assume_role {\n role_arn = "arn:aws:iam::333344445555:role/deploy"\n session_name = "ci"\n }',
    }
    text = ""
    for alias, settings in providers.items():
        text += f"""
        provider "aws" {{
          alias = "{alias}"
          {settings}
        }}
        data "aws_caller_identity" "{alias}" {{ provider = aws.{alias} }}
        resource "aws_kms_key" "{alias}" {{ provider = aws.{alias} }}
        resource "aws_kms_alias" "{alias}" {{
          provider      = aws.{alias}
          name          = "alias/same"
          target_key_id = aws_kms_key.{alias}.id
        }}
        output "{alias}" {{
          value = [data.aws_caller_identity.{alias}.arn, aws_kms_key.{alias}.arn, aws_kms_alias.{alias}.target_key_arn]
        }}
        """
    tf = workspace(empty, text)
    tf.apply()
    where = {}
    for alias, (identity, key, target) in tf.outputs().items():
        assert key == target
        where[alias] = (":".join(key.split(":")[3:5]), identity.split(":")[4])
    assert where == {
        "oregon": ("us-west-2:000000000000", "000000000000"),
        "ireland": ("eu-west-1:000000000000", "000000000000"),
        "other": ("us-west-2:222233334444", "222233334444"),
        "role": ("us-west-2:333344445555", "333344445555"),
        "web": ("us-west-2:444455556666", "444455556666"),
    }
    assert tf.outputs()["role"][0] == "arn:aws:sts::333344445555:assumed-role/deploy/ci"
    assert tf.outputs()["web"][0] == "arn:aws:sts::444455556666:assumed-role/ci/job"
    assert "No changes." in tf.plan()


SHARED = """
provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
}
provider "aws" {
  alias      = "other"
  access_key = "222233334444"
  secret_key = "test"
}
provider "aws" {
  alias = "role"
  assume_role {
    role_arn     = "arn:aws:iam::333344445555:role/deploy"
    session_name = "ci"
  }
}

resource "aws_kms_key" "shared" {
  multi_region = true
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::000000000000:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::222233334444:root" }, Resource = "*",
        Action = [for name in ["Encrypt", "DescribeKey", "CreateGrant", "ListGrants", "RevokeGrant"] : "kms:${name}"] },
    ]
  })
}
resource "aws_kms_replica_key" "shared" {
  provider        = aws.ireland
  primary_key_arn = aws_kms_key.shared.arn
}

# By the key's policy.
data "aws_kms_key" "from_other" {
  provider = aws.other
  key_id   = aws_kms_key.shared.arn
}
resource "aws_kms_ciphertext" "from_other" {
  provider  = aws.other
  key_id    = aws_kms_key.shared.arn
  plaintext = "by the policy"
}
resource "aws_kms_grant" "from_other" {
  provider          = aws.other
  key_id            = aws_kms_key.shared.arn
  grantee_principal = "arn:aws:iam::222233334444:role/reader"
  operations        = ["Decrypt"]
}

# By a grant, which the policy says nothing of.
resource "aws_kms_grant" "to_role" {
  key_id            = aws_kms_key.shared.key_id
  grantee_principal = "arn:aws:iam::333344445555:role/deploy"
  operations        = ["Encrypt"]
}
resource "aws_kms_ciphertext" "from_role" {
  provider   = aws.role
  depends_on = [aws_kms_grant.to_role]
  key_id     = aws_kms_key.shared.arn
  plaintext  = "by the grant"
}

data "aws_kms_secrets" "opened" {
  provider   = aws.ireland
  depends_on = [aws_kms_replica_key.shared]
  secret {
    name    = "other"
    payload = aws_kms_ciphertext.from_other.ciphertext_blob
  }
  secret {
    name    = "role"
    payload = aws_kms_ciphertext.from_role.ciphertext_blob
  }
}

output "opened" {
  value     = data.aws_kms_secrets.opened.plaintext
  sensitive = true
}
output "owner" { value = data.aws_kms_key.from_other.aws_account_id }
"""


def test_a_key_of_two_regions_used_from_three_accounts(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """One apply lets other accounts use a key, by its policy and by a grant; its replica decrypts their ciphertexts.

    An account with that right in the policy also issues a grant, and the provider finds it there.
    """
    empty = world("empty")
    tf = workspace(empty, SHARED)
    assert "6 added" in tf.apply()
    assert "No changes." in tf.plan()
    outputs = tf.outputs()
    assert outputs["opened"] == {"other": "by the policy", "role": "by the grant"}
    assert outputs["owner"] == "000000000000"
    assert empty.refusals() == []
    grants = empty.client("kms").list_grants(KeyId=tf.resources()["aws_kms_key.shared"]["key_id"])["Grants"]
    assert {grant["IssuingAccount"].split(":")[4] for grant in grants} == {"000000000000", "222233334444"}
    tf.destroy()


def test_an_endpoint_for_each_service(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """AWS_ENDPOINT_URL_KMS and _STS work without AWS_ENDPOINT_URL; the account is checked against the allowed ones.

    Tags of the provider reach the key with its own, including empty values, and a second plan is empty.
    """
    empty = world("empty")
    tf = workspace(
        empty,
        """
        provider "aws" {
          allowed_account_ids = ["000000000000"]
          default_tags {
            tags = { Team = "payments", Note = "" }
          }
        }
        resource "aws_kms_key" "this" {
          tags = { Own = "" }
        }
        """,
    )
    tf.environment |= {"AWS_ENDPOINT_URL_KMS": empty.url, "AWS_ENDPOINT_URL_STS": empty.url}
    del tf.environment["AWS_ENDPOINT_URL"]
    tf.apply()
    assert "No changes." in tf.plan()
    key = tf.resources()["aws_kms_key.this"]
    assert key["tags_all"] == {"Team": "payments", "Note": "", "Own": ""}


def test_the_developer_guides_world(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """In the world of AWS's own example the store is found by its name, and a key in it has the values of the guide."""
    tf = workspace(
        world("developer-guide"),
        """
        data "aws_caller_identity" "this" {}
        data "aws_cloudhsm_v2_cluster" "this" { cluster_id = "cluster-1a23b4cdefg" }
        data "aws_kms_custom_key_store" "this" { custom_key_store_name = "ExampleKeyStore" }
        resource "aws_kms_key" "this" {
          custom_key_store_id = data.aws_kms_custom_key_store.this.custom_key_store_id
        }
        data "aws_kms_key" "this" { key_id = aws_kms_key.this.arn }
        output "account" { value = data.aws_caller_identity.this.account_id }
        output "cluster" { value = data.aws_cloudhsm_v2_cluster.this }
        output "store" { value = data.aws_kms_custom_key_store.this }
        output "key" { value = data.aws_kms_key.this }
        """,
    )
    tf.apply()
    outputs = tf.outputs()
    assert outputs["account"] == "111122223333"
    assert outputs["cluster"]["cluster_state"] == "ACTIVE"
    assert outputs["cluster"]["vpc_id"] == "vpc-1a2b3c4d"
    assert outputs["cluster"]["security_group_id"] == "sg-865af2fb"
    assert set(outputs["cluster"]["subnet_ids"]) == {"subnet-a6b10bd1", "subnet-b6b10bd2"}
    assert outputs["cluster"]["cluster_certificates"][0]["cluster_certificate"].startswith("-----BEGIN CERTIFICATE")
    assert outputs["store"]["custom_key_store_id"] == "cks-1234567890abcdef0"
    assert outputs["store"]["connection_state"] == "CONNECTED"
    assert outputs["store"]["cloud_hsm_cluster_id"] == "cluster-1a23b4cdefg"
    assert outputs["key"]["key_state"] == "Enabled"
    assert outputs["key"]["origin"] == "AWS_CLOUDHSM"
    assert outputs["key"]["key_manager"] == "CUSTOMER"
    assert outputs["key"]["custom_key_store_id"] == "cks-1234567890abcdef0"
    assert outputs["key"]["cloud_hsm_cluster_id"] == "cluster-1a23b4cdefg"
    assert "No changes." in tf.plan()


def test_an_ephemeral_secret(
    world: Callable[[str], World], workspace: Callable[..., Terraform], tool: terraform.Terraform, shows: Shows
) -> None:
    """An ephemeral aws_kms_secrets decrypts at plan and at apply, and leaves nothing in the state."""
    if (
        tuple(int(part) for part in tool.version.split(".")[:2])
        < {"Terraform": (1, 10), "OpenTofu": (1, 11)}[tool.product]
    ):
        pytest.skip(f"{tool.product} {tool.version} has no ephemeral resources")
    empty = world("empty")
    kms = empty.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    sealed = kms.encrypt(KeyId=key, Plaintext=b"hush", EncryptionContext={"purpose": "test"})["CiphertextBlob"]
    tf = workspace(
        empty,
        f"""
        ephemeral "aws_kms_secrets" "this" {{
          secret {{
            name    = "password"
            payload = "{base64.b64encode(sealed).decode()}"
            context = {{ purpose = "test" }}
          }}
          lifecycle {{
            postcondition {{
              condition     = self.plaintext["password"] == "hush"
              error_message = "The plaintext is another."
            }}
          }}
        }}
        """,
    )
    tf.apply()
    assert empty.calls().count("Decrypt") >= 2
    assert "hush" not in (tf.directory / "terraform.tfstate").read_text()
    shows("read", "ephemeral.aws_kms_secrets", what="ciphertext with its context, at plan and at apply")
