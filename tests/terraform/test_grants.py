"""Grants, which the provider finds again by listing all grants of their key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

ROLE = "arn:aws:iam::111122223333:role/example"
GRANTS = """
variable "existing" {} # the id of a key with more grants than a page has
variable "grant" {}    # the id of its last one

locals {
  role = "arn:aws:iam::111122223333:role/example"
}

resource "aws_kms_key" "symmetric" {}

resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}

resource "aws_kms_grant" "equal" {
  name               = "equal"
  key_id             = aws_kms_key.symmetric.key_id
  grantee_principal  = local.role
  retiring_principal = local.role
  operations         = ["Decrypt", "Encrypt", "DescribeKey"]
  retire_on_delete   = true
  constraints {
    encryption_context_equals = { purpose = "test", Empty = "" }
  }
}

resource "aws_kms_grant" "subset" {
  key_id                = aws_kms_key.symmetric.arn
  grantee_principal     = local.role
  operations            = ["GenerateDataKey"]
  grant_creation_tokens = [aws_kms_grant.equal.grant_token]
  constraints {
    encryption_context_subset = { purpose = "test" }
  }
}

resource "aws_kms_grant" "signing" {
  key_id            = aws_kms_key.signing.key_id
  grantee_principal = "lambda.amazonaws.com"
  operations        = ["GetPublicKey", "Sign", "Verify"]
}

resource "aws_kms_grant" "imported" {
  key_id            = var.existing
  grantee_principal = local.role
  operations        = ["Decrypt", "Encrypt"]
  constraints {
    encryption_context_subset = { purpose = "test" }
  }
}

import {
  to = aws_kms_grant.imported
  id = "${var.existing}:${var.grant}"
}

data "aws_kms_key" "by_token" {
  key_id       = aws_kms_key.symmetric.key_id
  grant_tokens = [aws_kms_grant.equal.grant_token]
}

output "by_token" {
  value = data.aws_kms_key.by_token.arn
}
"""


def test_grants_live_and_go(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """A grant is created once and comes back as it was set, with the one kind of constraint that is not empty.

    The provider sends both kinds, one of them empty. The grant that is imported stands on the second page of its key's
    grants. `retire_on_delete` retires a grant, else it is revoked; either way it is gone at once.
    """
    empty = world("empty")
    kms = empty.client("kms")
    existing = kms.create_key()["KeyMetadata"]["KeyId"]
    for number in range(100):
        kms.create_grant(KeyId=existing, GranteePrincipal=ROLE, Operations=["Encrypt"], Name=f"number-{number}")
    constraints = {"EncryptionContextSubset": {"purpose": "test"}}
    last = kms.create_grant(
        KeyId=existing, GranteePrincipal=ROLE, Operations=["Encrypt", "Decrypt"], Constraints=constraints
    )["GrantId"]
    before = len(empty.calls())
    tf = workspace(empty, GRANTS)
    (tf.directory / "terraform.tfvars.json").write_text(json.dumps({"existing": existing, "grant": last}))
    assert "1 imported, 5 added, 0 changed, 0 destroyed." in tf.apply()
    assert "No changes." in tf.plan()
    assert empty.calls()[before:].count("CreateGrant") == 3
    resources = tf.resources()
    symmetric = resources["aws_kms_key.symmetric"]
    assert tf.outputs()["by_token"] == symmetric["arn"]
    listed = {grant["GrantId"]: grant for grant in kms.list_grants(KeyId=symmetric["key_id"])["Grants"]}
    equal, subset = (listed[resources[f"aws_kms_grant.{name}"]["grant_id"]] for name in ("equal", "subset"))
    assert (equal["Name"], equal["RetiringPrincipal"]) == ("equal", ROLE)
    assert equal["Constraints"] == {"EncryptionContextEquals": {"purpose": "test", "Empty": ""}}
    assert subset["Constraints"] == constraints

    tf.destroy()
    calls = empty.calls()
    assert (calls.count("RetireGrant"), calls.count("RevokeGrant")) == (1, 3)
    left = kms.get_paginator("list_grants").paginate(KeyId=existing).build_full_result()["Grants"]
    assert len(left) == 100
    assert last not in {grant["GrantId"] for grant in left}
    for name in ("symmetric", "signing"):
        assert kms.list_grants(KeyId=resources[f"aws_kms_key.{name}"]["key_id"])["Grants"] == []
    assert empty.refusals() == []
