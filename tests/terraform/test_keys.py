"""Keys, aliases, policies and ciphertexts through a whole life, with the provider's own waits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

WORLD = """
data "aws_caller_identity" "current" {}

locals {
  root = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"
  # Out of order, with lists of one, and in words that must survive: what comes back is compared by its meaning.
  policy = {
    Statement = [
      { Sid = "Own", Resource = ["*"], Principal = { AWS = [local.root] }, Effect = "Allow", Action = ["kms:*"] },
      { Sid = "Use it", Effect = "Allow", Principal = { Service = "logs.us-west-2.amazonaws.com" }, Resource = "*",
        Action = ["kms:Encrypt*", "kms:Decrypt*"], Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } },
    ]
    Version = "2012-10-17"
    Id      = "of the test"
  }
}
"""

FIRST = """
resource "aws_kms_key" "plain" {}

resource "aws_kms_key" "full" {
  description             = "first"
  policy                  = jsonencode(local.policy)
  enable_key_rotation     = true
  rotation_period_in_days = 180
  deletion_window_in_days = 7
  tags                    = { Kept = "same", Changed = "old", Emptied = "full", Empty = "", Removed = "x" }
}

resource "aws_kms_key" "rotating" {
  enable_key_rotation = true
}

resource "aws_kms_key" "disabled" {
  is_enabled = false
}

# Its policy is set while it is disabled.
resource "aws_kms_key" "policed" {
  is_enabled = !true
}

resource "aws_kms_key_policy" "policed" {
  key_id = aws_kms_key.policed.id
  policy = jsonencode(local.policy)
}

resource "aws_kms_alias" "by_id" {
  name          = "alias/by-id"
  target_key_id = aws_kms_key.full.key_id
}

resource "aws_kms_alias" "by_arn" {
  name_prefix   = "alias/team/by-arn-"
  target_key_id = aws_kms_key.full.arn
}

resource "aws_kms_ciphertext" "sealed" {
  key_id    = aws_kms_key.plain.key_id
  plaintext = jsonencode({ user = "admin" })
  context   = { purpose = "test" }
}

data "aws_kms_secrets" "opened" {
  secret {
    name    = "sealed"
    payload = aws_kms_ciphertext.sealed.ciphertext_blob
    context = { purpose = "test" }
  }
}

data "aws_kms_ciphertext" "again" {
  key_id    = aws_kms_alias.by_id.name
  plaintext = "again"
}

data "aws_kms_key" "by" {
  for_each = {
    id        = aws_kms_key.full.key_id
    arn       = aws_kms_key.full.arn
    alias     = aws_kms_alias.by_id.name
    alias_arn = aws_kms_alias.by_id.arn
  }
  key_id = each.value
}

data "aws_kms_alias" "own" {
  name = aws_kms_alias.by_id.name
}

data "aws_kms_alias" "managed" {
  name = "alias/aws/s3"
}

output "secret" {
  value     = jsondecode(data.aws_kms_secrets.opened.plaintext["sealed"]).user
  sensitive = true
}

output "found" {
  value = [for key in data.aws_kms_key.by : key.arn]
}

output "again" {
  value = data.aws_kms_ciphertext.again.id
}

output "alias" {
  value = data.aws_kms_alias.own.target_key_arn
}

output "managed" {
  value = data.aws_kms_alias.managed
}
"""

SECOND = {
    'description             = "first"': 'description             = "second"',
    "jsonencode(local.policy)\n  enable": 'jsonencode(merge(local.policy, { Id = "changed" }))\n  enable',
    "= 180": "= 90",
    '{ Kept = "same", Changed = "old", Emptied = "full", Empty = "", Removed = "x" }': (
        '{ Kept = "same", Changed = "new", Emptied = "", Empty = "", Added = "y" }'
    ),
    "enable_key_rotation = true\n": "enable_key_rotation = false\n",
    "is_enabled = false": "is_enabled = true",
    'name          = "alias/by-id"\n  target_key_id = aws_kms_key.full.key_id': (
        'name          = "alias/by-id"\n  target_key_id = aws_kms_key.plain.arn'
    ),
    "key_id = aws_kms_key.policed.id\n  policy = jsonencode(local.policy)": (
        'key_id = aws_kms_key.policed.id\n  policy = jsonencode(merge(local.policy, { Id = "other" }))'
    ),
}


def test_keys_live_change_drift_and_go(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """After each apply a plan is empty, whatever was set; what others change shows; what is gone is built again."""
    empty = world("empty")
    kms = empty.client("kms")
    tf = workspace(empty, WORLD + FIRST)
    tf.apply()
    assert "No changes." in tf.plan()
    outputs = tf.outputs()
    resources = tf.resources()
    full = resources["aws_kms_key.full"]
    assert outputs["secret"] == "admin"
    assert set(outputs["found"]) == {full["arn"]}
    assert outputs["again"] == outputs["alias"] == full["arn"]
    assert outputs["managed"]["target_key_arn"].endswith(outputs["managed"]["target_key_id"])
    # Without a period KMS says 365, with one it says that one.
    assert (full["rotation_period_in_days"], resources["aws_kms_key.rotating"]["rotation_period_in_days"]) == (180, 365)
    assert resources["aws_kms_key.plain"]["customer_master_key_spec"] == "SYMMETRIC_DEFAULT"
    assert json.loads(resources["aws_kms_key.plain"]["policy"])["Id"] == "key-default-1"
    assert kms.describe_key(KeyId=resources["aws_kms_key.disabled"]["key_id"])["KeyMetadata"]["KeyState"] == "Disabled"

    text = WORLD + FIRST
    for old, new in SECOND.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    tf.write(text)
    assert "0 added, 5 changed, 0 destroyed." in tf.apply()
    assert "No changes." in tf.plan()
    assert {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=full["key_id"])["Tags"]} == {
        "Kept": "same",
        "Changed": "new",
        "Emptied": "",
        "Empty": "",
        "Added": "y",
    }
    assert kms.get_key_rotation_status(KeyId=full["key_id"])["RotationPeriodInDays"] == 90

    kms.update_key_description(KeyId=full["key_id"], Description="changed by hand")
    kms.untag_resource(KeyId=full["key_id"], TagKeys=["Kept"])
    kms.disable_key_rotation(KeyId=full["key_id"])
    kms.disable_key(KeyId=resources["aws_kms_key.disabled"]["key_id"])
    kms.delete_alias(AliasName="alias/by-id")
    kms.schedule_key_deletion(KeyId=resources["aws_kms_key.rotating"]["key_id"])
    drift = tf.plan(expect=2)
    for line in (
        '~ description = "changed by hand" -> "second"',
        '+ "Kept" = "same"',
        "~ enable_key_rotation = false -> true",
        "~ is_enabled = false -> true",
        "# aws_kms_alias.by_id will be created",
        "# aws_kms_key.rotating will be created",
        "Plan: 2 to add, 2 to change, 0 to destroy.",
    ):
        assert line in drift, drift.text

    # What others have deleted is no error: KMS says "is pending deletion" of the key, NotFoundException of the alias.
    tf.destroy("-refresh=false")
    states = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    assert {key["KeyState"] for key in states if key["KeyManager"] == "CUSTOMER"} == {"PendingDeletion"}


def test_imports_plan_no_change(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """Keys, aliases, policies and a key in a store are imported by their ids, and nothing is written to AWS.

    ListAliases is read page by page: the alias wanted stands on the last of three. A key pending deletion is no
    resource any more, but the data source returns it.
    """
    ready = world("ready-cluster")
    kms = ready.client("kms")
    store = kms.create_custom_key_store(
        CustomKeyStoreName="store",
        CloudHsmClusterId="cluster-readytwozone",
        KeyStorePassword="kmsPswd123",
        TrustAnchorCertificate=(ROOT / "fixtures" / "customerCA.crt").read_text(),
    )["CustomKeyStoreId"]
    tags = [{"TagKey": "Empty", "TagValue": ""}]
    plain = kms.create_key(Description="plain", Tags=tags)["KeyMetadata"]
    kms.enable_key_rotation(KeyId=plain["KeyId"], RotationPeriodInDays=100)
    inside = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["KeyMetadata"]
    others = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)]
    for number in range(120):
        kms.create_alias(AliasName=f"alias/number-{number:03}", TargetKeyId=others[number // 40])
    kms.create_alias(AliasName="alias/z-last", TargetKeyId=inside["KeyId"])
    pending = kms.create_key()["KeyMetadata"]
    kms.schedule_key_deletion(KeyId=pending["KeyId"], PendingWindowInDays=9)
    before = len(ready.calls())

    tf = workspace(
        ready,
        f"""
        data "aws_kms_key" "pending" {{
          key_id = "{pending["KeyId"]}"
        }}
        output "pending" {{
          value = data.aws_kms_key.pending.key_state
        }}
        resource "aws_kms_key" "plain" {{
          description             = "plain"
          enable_key_rotation     = true
          rotation_period_in_days = 100
          tags                    = {{ Empty = "" }}
        }}
        resource "aws_kms_key" "inside" {{
          custom_key_store_id = "{store}"
        }}
        resource "aws_kms_key_policy" "plain" {{
          key_id = aws_kms_key.plain.key_id
          policy = aws_kms_key.plain.policy
        }}
        resource "aws_kms_alias" "last" {{
          name          = "alias/z-last"
          target_key_id = aws_kms_key.inside.key_id
        }}
        import {{
          to = aws_kms_key.plain
          id = "{plain["KeyId"]}"
        }}
        import {{
          to = aws_kms_key.inside
          id = "{inside["KeyId"]}"
        }}
        import {{
          to = aws_kms_key_policy.plain
          id = "{plain["KeyId"]}"
        }}
        import {{
          to = aws_kms_alias.last
          id = "alias/z-last"
        }}
        """,
    )
    applied = tf.apply()
    assert "4 imported, 0 added" in applied
    assert "0 destroyed" in applied
    assert tf.outputs()["pending"] == "PendingDeletion"
    assert "No changes." in tf.plan()
    assert set(ready.calls()[before:]) == {
        "GetCallerIdentity",
        "DescribeKey",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListResourceTags",
        "ListAliases",
    }


def test_the_calls_of_a_key_in_their_order(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """A key is created, read back at once, and never asked for its rotation if its material is in CloudHSM."""
    ready = world("ready-cluster")
    kms = ready.client("kms")
    store = kms.create_custom_key_store(
        CustomKeyStoreName="store",
        CloudHsmClusterId="cluster-readytwozone",
        KeyStorePassword="kmsPswd123",
        TrustAnchorCertificate=(ROOT / "fixtures" / "customerCA.crt").read_text(),
    )["CustomKeyStoreId"]
    tf = workspace(
        ready,
        f'resource "aws_kms_key" "this" {{\n  custom_key_store_id = "{store}"\n  tags = {{ A = "" }}\n}}\n',
    )
    before = len(ready.calls())
    tf.apply()
    read = ["DescribeKey", "GetKeyPolicy", "ListResourceTags"]
    waits = ["ListResourceTags"] * 5
    assert [call for call in ready.calls()[before:] if call != "GetCallerIdentity"] == ["CreateKey", *waits, *read]
