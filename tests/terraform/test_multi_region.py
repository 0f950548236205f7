"""A multi-Region key and its replica in another Region, each under a provider of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.terraform.conftest import Terraform, World

ELSEWHERE = "eu-west-1"
KEYS = """
provider "aws" {
  alias  = "elsewhere"
  region = "eu-west-1"
}

resource "aws_kms_key" "primary" {
  description             = "primary"
  multi_region            = true
  enable_key_rotation     = true
  deletion_window_in_days = 7
}

resource "aws_kms_replica_key" "replica" {
  provider                = aws.elsewhere
  description             = "replica"
  primary_key_arn         = aws_kms_key.primary.arn
  deletion_window_in_days = 8
  tags                    = { Purpose = "Test", Empty = "" }
}

resource "aws_kms_replica_key" "bare" {
  provider        = aws.third
  primary_key_arn = aws_kms_key.primary.arn
}

provider "aws" {
  alias  = "third"
  region = "ap-southeast-2"
}

resource "aws_kms_alias" "replica" {
  provider      = aws.elsewhere
  name          = "alias/example"
  target_key_id = aws_kms_replica_key.replica.key_id
}

resource "aws_kms_ciphertext" "sealed" {
  key_id    = aws_kms_key.primary.key_id
  plaintext = "hello"
}

data "aws_kms_secrets" "opened" {
  provider   = aws.elsewhere
  depends_on = [aws_kms_replica_key.replica]
  secret {
    name    = "sealed"
    payload = aws_kms_ciphertext.sealed.ciphertext_blob
  }
}

output "opened" {
  value     = data.aws_kms_secrets.opened.plaintext["sealed"]
  sensitive = true
}
"""


def test_a_primary_key_and_its_replicas(
    world: Callable[[str], World], workspace: Callable[..., Terraform], tmp_path: Path
) -> None:
    """Replicas are waited for while they are Creating; they have tags, description and policy of their own.

    After replicating, the primary key is still one, and a plan is empty; changes stay in their Region. Terraform
    deletes replicas first, and is content with a primary key that waits for them.
    """
    fixture = tmp_path / "slow.yaml"
    fixture.write_text("timing: {replicate: PT2S}\n")
    regions = world(str(fixture))
    kms = {name: regions.client("kms", region) for name, region in (("primary", "us-west-2"), ("replica", ELSEWHERE))}
    tf = workspace(regions, KEYS)
    tf.apply()
    assert "No changes." in tf.plan()
    assert tf.outputs()["opened"] == "hello"
    resources = tf.resources()
    primary, replica = resources["aws_kms_key.primary"], resources["aws_kms_replica_key.replica"]
    bare = resources["aws_kms_replica_key.bare"]
    assert replica["key_id"] == bare["key_id"] == primary["key_id"]
    assert replica["key_rotation_enabled"] is True
    assert (bare["description"], json.loads(bare["policy"])["Id"]) == ("", "key-default-1")
    tags = kms["replica"].list_resource_tags(KeyId=replica["key_id"])["Tags"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in tags} == {"Purpose": "Test", "Empty": ""}

    tf.write(KEYS.replace('description             = "replica"', 'description             = "changed"'))
    assert "0 added, 1 changed, 0 destroyed." in tf.apply()
    assert "No changes." in tf.plan()
    described = {name: client.describe_key(KeyId=primary["key_id"])["KeyMetadata"] for name, client in kms.items()}
    assert {name: key["Description"] for name, key in described.items()} == {"primary": "primary", "replica": "changed"}

    tf.destroy()
    described = {name: client.describe_key(KeyId=primary["key_id"])["KeyMetadata"] for name, client in kms.items()}
    assert {name: key["KeyState"] for name, key in described.items()} == {
        "primary": "PendingReplicaDeletion",
        "replica": "PendingDeletion",
    }
