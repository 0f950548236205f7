"""Keys with the customer's own material, which the provider wraps and imports."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

ELSEWHERE = "eu-west-1"
KEYS = """
provider "aws" {
  alias  = "elsewhere"
  region = "eu-west-1"
}

variable "valid_to" {}
variable "existing" {} # the id of a key without material

locals {
  material = base64encode("32 bytes, as AES-256 wants them.")
}

resource "aws_kms_external_key" "primary" {
  description             = "primary"
  multi_region            = true
  key_material_base64     = local.material
  valid_to                = var.valid_to
  enabled                 = true
  deletion_window_in_days = 7
  tags                    = { Empty = "" }
}

resource "aws_kms_replica_external_key" "replica" {
  provider            = aws.elsewhere
  primary_key_arn     = aws_kms_external_key.primary.arn
  key_material_base64 = local.material
  valid_to            = var.valid_to
  enabled             = true
}

resource "aws_kms_external_key" "lasting" {
  key_material_base64 = local.material
}

resource "aws_kms_external_key" "empty" {}

resource "aws_kms_external_key" "imported" {}

import {
  to = aws_kms_external_key.imported
  id = var.existing
}

resource "aws_kms_ciphertext" "sealed" {
  key_id    = aws_kms_external_key.primary.id
  plaintext = "hello"
}

data "aws_kms_secrets" "opened" {
  provider   = aws.elsewhere
  depends_on = [aws_kms_replica_external_key.replica]
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


@pytest.mark.long
def test_keys_with_imported_material(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """Material is imported, expires and is imported again.

    A key without material is PendingImport. With material it is disabled unless `enabled` is true. Related keys have
    the same material, each with an expiry of its own. Missing material shows in a plan as a missing expiry. Each change
    of the expiry makes the provider import the same material again.
    """
    empty = world("empty")
    here, there = empty.client("kms"), empty.client("kms", ELSEWHERE)
    existing = here.create_key(Origin="EXTERNAL")["KeyMetadata"]
    today = existing["CreationDate"].astimezone(UTC)
    soon, later = (f"{today + timedelta(days=days):%Y-%m-%dT00:00:00Z}" for days in (30, 60))
    tf = workspace(empty, KEYS)
    variables = [f"-var=existing={existing['KeyId']}", f"-var=valid_to={soon}"]
    assert "1 imported, 5 added" in tf.apply(*variables)
    assert "No changes." in tf.plan(*variables)
    assert tf.outputs()["opened"] == "hello"
    assert empty.calls().count("ImportKeyMaterial") == 3
    keys = {address.rpartition(".")[2]: values for address, values in tf.resources().items() if "key" in address}
    told = {name: (key["key_state"], key["expiration_model"], key["valid_to"]) for name, key in keys.items()}
    assert told == {
        "primary": ("Enabled", "KEY_MATERIAL_EXPIRES", soon),
        "replica": ("Enabled", "KEY_MATERIAL_EXPIRES", soon),
        "lasting": ("Disabled", "KEY_MATERIAL_DOES_NOT_EXPIRE", ""),
        "empty": ("PendingImport", "", ""),
        "imported": ("PendingImport", "", ""),
    }

    key = keys["primary"]["id"]
    here.delete_imported_key_material(KeyId=key)
    variables = [f"-var=existing={existing['KeyId']}", f"-var=valid_to={later}"]
    changed = tf.apply(*variables)
    for line in (
        "~ enabled = false -> true",
        f'+ valid_to = "{later}"',
        f'~ valid_to = "{soon}" -> "{later}"',
        "0 added, 2 changed, 0 destroyed.",
    ):
        assert line in changed, changed.text
    assert "No changes." in tf.plan(*variables)
    assert empty.calls().count("ImportKeyMaterial") == 5
    assert empty.refusals() == []
    sealed = here.encrypt(KeyId=key, Plaintext=b"again")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"again"

    tf.destroy(*variables)
    listed = {key["KeyId"]: here.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in here.list_keys()["Keys"]}
    states = {id_: metadata["KeyState"] for id_, metadata in listed.items()}
    assert states.pop(key) == "PendingReplicaDeletion"
    assert list(states.values()) == ["PendingDeletion"] * 3
    assert there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
