"""The provider's requests to KMS, and their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World


def test_imports_plan_no_change(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """Keys, aliases, policies and a key in a store are imported by their ids, without a write to AWS.

    ListAliases is read page by page: the alias is on the last of three. A key pending deletion is no resource any more,
    but the data source returns it.
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
    """A key is created and read back at once. Its rotation is not requested if its material is in CloudHSM."""
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
