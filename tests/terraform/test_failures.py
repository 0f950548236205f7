"""Refusals of KMS, as Terraform reports them: at once, with AWS's error code, and with a failing exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.terraform.test_custom_key_store import KEY, STORE
from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World


@pytest.mark.parametrize(
    ("fixture", "error"),
    [
        ("one-hsm", "CloudHsmClusterInvalidConfigurationException"),
        ("one-zone", "CloudHsmClusterInvalidConfigurationException"),
        ("degraded-hsm", "CloudHsmClusterInvalidConfigurationException"),
        ("uninitialized-cluster", "CloudHsmClusterNotActiveException"),
    ],
)
def test_a_broken_cluster_gets_no_key_store(
    fixture: str, error: str, world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """CreateCustomKeyStore requires an ACTIVE cluster with active HSMs in two Availability Zones."""
    broken = world(fixture)
    assert error in workspace(broken, STORE).apply(expect=1)
    assert broken.refusals() == [("CreateCustomKeyStore", error)]


def test_the_wrong_trust_anchor_gets_no_key_store(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """The trust anchor must be the certificate that signed the cluster's own."""
    other = ROOT / "terraform" / "refusal" / "another-ca.crt"
    text = STORE.replace("../fixtures/customerCA.crt", str(other))
    ready = world("ready-cluster")
    assert "IncorrectTrustAnchorException" in workspace(ready, text).apply(expect=1)
    assert ready.refusals() == [("CreateCustomKeyStore", "IncorrectTrustAnchorException")]


def test_a_store_that_is_not_connected_gets_no_key(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """A new store is DISCONNECTED. CreateKey in it fails, and the provider neither connects it nor retries."""
    strict = world("strict-cluster")
    assert "CustomKeyStoreInvalidStateException" in workspace(strict, STORE + KEY).apply(expect=1)
    assert strict.refusals() == [("CreateKey", "CustomKeyStoreInvalidStateException")]
    assert strict.calls().count("ConnectCustomKeyStore") == 0


def test_a_store_that_was_disconnected_gets_no_key(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """The data source reports state, cluster and certificate of a store found by its name. CreateKey still fails."""
    disconnected = world("disconnected-store")
    entry = disconnected.client("kms").describe_custom_key_stores()["CustomKeyStores"][0]
    tf = workspace(
        disconnected,
        f"""
        data "aws_kms_custom_key_store" "this" {{
          custom_key_store_name = "{entry["CustomKeyStoreName"]}"
        }}
        resource "aws_kms_key" "this" {{
          custom_key_store_id = data.aws_kms_custom_key_store.this.id
        }}
        output "state" {{ value = data.aws_kms_custom_key_store.this.connection_state }}
        """,
    )
    assert "CustomKeyStoreInvalidStateException" in tf.apply(expect=1)
    assert tf.outputs()["state"] == "DISCONNECTED"


def test_many_mistakes_in_one_apply(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """Each refusal is final, and its call is made once, except for policies.

    A key in a key store has no rotation. A store's cluster and name are its own. An invalid policy, or one that locks
    out its author, is MalformedPolicyDocumentException. The provider retries that until timeouts.create.
    """
    ready = world("ready-cluster")
    kms = ready.client("kms")
    taken = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/taken", TargetKeyId=taken)
    tf = workspace(ready, STORE)
    tf.apply()
    tf.write(
        STORE
        + """
        resource "aws_kms_key" "rotating" {
          custom_key_store_id     = aws_kms_custom_key_store.this.id
          enable_key_rotation     = true
          deletion_window_in_days = 7
        }
        resource "aws_kms_key" "nowhere" {
          custom_key_store_id = "cks-00000000000000000"
        }
        resource "aws_kms_custom_key_store" "second" {
          custom_key_store_name    = "second"
          cloud_hsm_cluster_id     = "cluster-readytwozone"
          key_store_password       = "kmsPswd123"
          trust_anchor_certificate = file("../fixtures/customerCA.crt")
        }
        resource "aws_kms_alias" "taken" {
          name          = "alias/taken"
          target_key_id = aws_kms_custom_key_store.this.id == "" ? "" : "TAKEN"
        }
        resource "aws_kms_key" "locked_out" {
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Encrypt", Resource = "*" }]
          })
          timeouts {
            create = "5s"
          }
        }
        resource "aws_kms_key" "no_policy" {
          policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Perhaps" }] })
          timeouts {
            create = "5s"
          }
        }
        resource "aws_kms_key" "bypassing" {
          bypass_policy_lockout_safety_check = true
          policy = jsonencode({
            Version   = "2012-10-17"
            Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Encrypt", Resource = "*" }]
          })
        }
        """.replace("TAKEN", taken)
    )
    refused = tf.apply(expect=1)
    for error in (
        "origin is AWS_CLOUDHSM which is not valid for this operation.",
        "CustomKeyStoreNotFoundException",
        "CloudHsmClusterInUseException",
        "AlreadyExistsException",
        "The new key policy will not allow you to update the key policy in the future",
        "MalformedPolicyDocumentException",
    ):
        assert error in refused
    assert sorted(refusal for refusal in ready.refusals() if "MalformedPolicyDocumentException" not in refusal) == [
        ("CreateAlias", "AlreadyExistsException"),
        ("CreateCustomKeyStore", "CloudHsmClusterInUseException"),
        ("CreateKey", "CustomKeyStoreNotFoundException"),
        ("EnableKeyRotation", "UnsupportedOperationException"),
    ]
    assert "aws_kms_key.bypassing" in tf.resources()


def test_many_mistakes_with_kinds_of_keys(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """A call that does not suit the kind of key is refused once.

    Only symmetric keys are rotated, and only multi-Region keys replicated. A spec has its usages, and SM2 its Regions.
    A grant permits only operations of its key. The provider's aws_kms_ciphertext names no algorithm, which means the
    symmetric one. Imported material is as long as its key, and expires within a year.
    """
    empty = world("empty")
    tf = workspace(
        empty,
        """
        provider "aws" {
          alias  = "elsewhere"
          region = "eu-west-1"
        }
        resource "aws_kms_key" "symmetric" {}
        resource "aws_kms_key" "rsa" {
          customer_master_key_spec = "RSA_2048"
        }
        resource "aws_kms_key" "rotating_hmac" {
          customer_master_key_spec = "HMAC_256"
          key_usage                = "GENERATE_VERIFY_MAC"
          enable_key_rotation      = true
        }
        resource "aws_kms_key" "encrypting_hmac" {
          customer_master_key_spec = "HMAC_256"
        }
        resource "aws_kms_key" "sm2" {
          customer_master_key_spec = "SM2"
        }
        resource "aws_kms_replica_key" "of_single_region" {
          provider        = aws.elsewhere
          primary_key_arn = aws_kms_key.symmetric.arn
        }
        resource "aws_kms_grant" "of_other_operations" {
          key_id            = aws_kms_key.symmetric.key_id
          grantee_principal = "arn:aws:iam::111122223333:role/example"
          operations        = ["Sign"]
        }
        resource "aws_kms_grant" "of_no_context" {
          key_id            = aws_kms_key.rsa.key_id
          grantee_principal = "arn:aws:iam::111122223333:role/example"
          operations        = ["Decrypt"]
          constraints {
            encryption_context_subset = { purpose = "test" }
          }
        }
        resource "aws_kms_ciphertext" "by_rsa" {
          key_id    = aws_kms_key.rsa.key_id
          plaintext = "hello"
        }
        data "aws_kms_public_key" "of_symmetric" {
          key_id = aws_kms_key.symmetric.key_id
        }
        resource "aws_kms_external_key" "short" {
          key_material_base64 = base64encode("not 32 bytes")
        }
        resource "aws_kms_external_key" "expired" {
          key_material_base64 = base64encode("32 bytes, as AES-256 wants them.")
          valid_to            = "2000-01-01T00:00:00Z"
        }
        """,
    )
    refused = tf.apply(expect=1)
    for sentence in (
        "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec HMAC_256",
        "KeySpec SM2 is not supported in this Region",
        "is not a multi-region primary key.",
        "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    ):
        assert sentence in refused, refused.text
    assert sorted(empty.refusals()) == [
        ("CreateGrant", "ValidationException"),
        ("CreateGrant", "ValidationException"),
        ("CreateKey", "UnsupportedOperationException"),
        ("CreateKey", "ValidationException"),
        ("EnableKeyRotation", "UnsupportedOperationException"),
        ("Encrypt", "InvalidKeyUsageException"),
        ("GetPublicKey", "UnsupportedOperationException"),
        ("ImportKeyMaterial", "InvalidCiphertextException"),
        ("ImportKeyMaterial", "ValidationException"),
        ("ReplicateKey", "UnsupportedOperationException"),
    ]


def test_what_is_not_there_fails_fast(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """A service or operation that mockaws does not have answers 400 in the caller's protocol: JSON, Query and REST.

    The provider would repeat a 5xx twenty-five times, which looks like a program that hangs.
    """
    empty = world("empty")
    tf = workspace(
        empty,
        """
        resource "aws_ssm_parameter" "json" {
          name  = "name"
          type  = "String"
          value = "value"
        }
        resource "aws_sns_topic" "query" {
          name = "name"
        }
        resource "aws_iam_user" "iam" {
          name = "name"
        }
        resource "aws_s3_bucket" "rest" {
          bucket = "name-of-a-bucket"
        }
        """,
    )
    refused = tf.apply(expect=1)
    assert refused.text.count("StatusCode: 400") == 4
    assert "UnknownError" not in refused
    assert sorted(empty.refusals()) == [
        ("CreateTopic", "UnknownOperationException"),
        ("CreateUser", "UnknownOperationException"),
        ("PUT /name-of-a-bucket", "UnknownOperationException"),
        ("PutParameter", "UnknownOperationException"),
    ]


def test_what_does_not_exist_is_named(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """An unknown key or store is an exception; an unknown alias or cluster is an empty answer."""
    ready = world("ready-cluster")
    tf = workspace(
        ready,
        """
        data "aws_kms_key" "this" { key_id = "1234abcd-12ab-44cd-a6ef-1234567890ab" }
        data "aws_kms_alias" "this" { name = "alias/missing" }
        data "aws_kms_custom_key_store" "by_id" { custom_key_store_id = "cks-00000000000000000" }
        data "aws_kms_custom_key_store" "by_name" { custom_key_store_name = "missing" }
        data "aws_cloudhsm_v2_cluster" "this" { cluster_id = "cluster-missing2345" }
        """,
    )
    refused = tf.plan(expect=1)
    assert refused.text.count("couldn't find resource") == 3
    assert refused.text.count("empty result") == 2
    assert sorted(error for _, error in ready.refusals()) == [
        "CustomKeyStoreNotFoundException",
        "CustomKeyStoreNotFoundException",
        "NotFoundException",
    ]
