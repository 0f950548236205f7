"""Grants, which the provider finds again by listing all grants of their key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.terraform.conftest import CHANGES
from tests.terraform.journeys import NOTHING, drift, settable

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Shows, Terraform, World

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


@pytest.mark.long
def test_grants_live_drift_and_go(
    world: Callable[[str], World], workspace: Callable[..., Terraform], shows: Shows
) -> None:
    """A grant is created once and has the values of its arguments, with one kind of constraint.

    The provider sends both kinds, one of them empty. The imported grant is on the second page of its key's grants. A
    grant that was revoked outside Terraform is planned again after the provider has searched for two minutes.
    `retire_on_delete` retires a grant; otherwise it is revoked. Either way it is gone at once.
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
    for step in ("create", "second plan"):
        shows(step, "aws_kms_grant")
    shows("import", "aws_kms_grant", what="no change")
    assert empty.calls()[before:].count("CreateGrant") == 3
    resources = tf.resources()
    symmetric = resources["aws_kms_key.symmetric"]
    assert tf.outputs()["by_token"] == symmetric["arn"]
    listed = {grant["GrantId"]: grant for grant in kms.list_grants(KeyId=symmetric["key_id"])["Grants"]}
    equal, subset = (listed[resources[f"aws_kms_grant.{name}"]["grant_id"]] for name in ("equal", "subset"))
    assert (equal["Name"], equal["RetiringPrincipal"]) == ("equal", ROLE)
    assert equal["Constraints"] == {"EncryptionContextEquals": {"purpose": "test", "Empty": ""}}
    assert subset["Constraints"] == constraints

    assert settable(tf, "aws_kms_grant") == {"aws_kms_grant": set()}
    tf.write(GRANTS.replace('["GenerateDataKey"]', '["GenerateDataKey", "Decrypt"]'))
    kms.revoke_grant(KeyId=symmetric["key_id"], GrantId=equal["GrantId"])
    drifted, planned = drift(tf.plan("-json", expect=CHANGES))
    assert [address for address, action in drifted.items() if action == "delete"] == ["aws_kms_grant.equal"]
    managed = {address: action for address, action in planned.items() if not address.startswith("data.")}
    assert managed == {"aws_kms_grant.equal": "create", "aws_kms_grant.subset": "replace"}
    shows("update", "aws_kms_grant", what=NOTHING)
    shows("drift", "aws_kms_grant", what="deleted; a grant cannot be changed")

    tf.destroy("-refresh=false")  # what is gone would be looked for once more
    calls = empty.calls()
    assert (calls.count("RetireGrant"), calls.count("RevokeGrant")) == (1, 4)
    left = kms.get_paginator("list_grants").paginate(KeyId=existing).build_full_result()["Grants"]
    assert len(left) == 100
    assert last not in {grant["GrantId"] for grant in left}
    for name in ("symmetric", "signing"):
        assert kms.list_grants(KeyId=resources[f"aws_kms_key.{name}"]["key_id"])["Grants"] == []
    shows("destroy", "aws_kms_grant")
