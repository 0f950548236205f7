"""Keys of every kind that the provider supports, and data sources for the kinds that it does not."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Shows, Terraform, World

RSASSA = [f"RSASSA_{scheme}_SHA_{bits}" for scheme in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)]
RSAES = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]

KEYS = """
provider "aws" {
  alias  = "elsewhere"
  region = "eu-west-1"
}

variable "existing" { type = map(string) } # the ids of keys, by their specs
variable "sealed" { type = map(string) }   # what the key of RSA_3072 has encrypted, by algorithms

locals {
  kinds = {
    rsa_signing    = ["RSA_2048", "SIGN_VERIFY"]
    rsa_encrypting = ["RSA_2048", "ENCRYPT_DECRYPT"]
    p256           = ["ECC_NIST_P256", "SIGN_VERIFY"]
    p384_agreeing  = ["ECC_NIST_P384", "KEY_AGREEMENT"]
    secp256k1      = ["ECC_SECG_P256K1", "SIGN_VERIFY"]
    hmac           = ["HMAC_256", "GENERATE_VERIFY_MAC"]
  }
}

resource "aws_kms_key" "this" {
  for_each                 = local.kinds
  customer_master_key_spec = each.value[0]
  key_usage                = each.value[1]
  multi_region             = each.key == "p256"
}

resource "aws_kms_replica_key" "p256" {
  provider        = aws.elsewhere
  primary_key_arn = aws_kms_key.this["p256"].arn
}

resource "aws_kms_key" "rotating" {
  enable_key_rotation     = true
  rotation_period_in_days = 180
}

resource "aws_kms_key" "imported" {
  customer_master_key_spec = "RSA_3072"
}

import {
  to = aws_kms_key.imported
  id = var.existing["RSA_3072"]
}

data "aws_kms_key" "this" {
  for_each = merge(var.existing, { for name, key in aws_kms_key.this : name => key.key_id })
  key_id   = each.value
}

data "aws_kms_public_key" "this" {
  for_each = { for name, key in data.aws_kms_key.this : name => key.arn if name != "hmac" }
  key_id   = each.value
}

data "aws_kms_public_key" "elsewhere" {
  provider = aws.elsewhere
  key_id   = aws_kms_replica_key.p256.key_id
}

data "aws_kms_secrets" "opened" {
  dynamic "secret" {
    for_each = var.sealed
    content {
      name                 = secret.key
      payload              = secret.value
      key_id               = var.existing["RSA_3072"]
      encryption_algorithm = secret.key
    }
  }
}

output "opened" {
  value     = data.aws_kms_secrets.opened.plaintext
  sensitive = true
}

output "kinds" {
  value = {
    for name, key in data.aws_kms_key.this : name => [key.key_spec, key.customer_master_key_spec, key.key_usage]
  }
}

output "public" {
  value = data.aws_kms_public_key.this
}

output "elsewhere" {
  value = data.aws_kms_public_key.elsewhere.public_key
}
"""


def test_keys_of_many_specs(world: Callable[[str], World], workspace: Callable[..., Terraform], shows: Shows) -> None:
    """The provider creates RSA, elliptic curve and HMAC keys, and a second plan is empty.

    It asks each key for its rotation, and KMS answers that there is none. The data sources read every key, including
    those of newer specs. They decrypt ciphertexts of an RSA key. A public key verifies signatures of its key.
    """
    empty = world("empty")
    kms = empty.client("kms")
    existing = {
        spec: kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
        for spec, usage in (
            ("RSA_3072", "ENCRYPT_DECRYPT"),
            ("ML_DSA_44", "SIGN_VERIFY"),
            ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
        )
    }
    sealed = {
        algorithm: kms.encrypt(KeyId=existing["RSA_3072"], Plaintext=algorithm.encode(), EncryptionAlgorithm=algorithm)[
            "CiphertextBlob"
        ]
        for algorithm in RSAES
    }
    tf = workspace(empty, KEYS)
    payloads = {algorithm: base64.b64encode(blob).decode() for algorithm, blob in sealed.items()}
    (tf.directory / "terraform.tfvars.json").write_text(json.dumps({"existing": existing, "sealed": payloads}))
    assert "1 imported, 8 added, 0 changed, 0 destroyed." in tf.apply()
    assert "No changes." in tf.plan()
    assert empty.refusals() == []

    outputs = tf.outputs()
    assert outputs["opened"] == {algorithm: algorithm for algorithm in RSAES}
    shows("read", "data.aws_kms_secrets", what="ciphertext, key and algorithm")
    assert outputs["kinds"] == {
        "rsa_signing": ["RSA_2048", "RSA_2048", "SIGN_VERIFY"],
        "rsa_encrypting": ["RSA_2048", "RSA_2048", "ENCRYPT_DECRYPT"],
        "p256": ["ECC_NIST_P256", "ECC_NIST_P256", "SIGN_VERIFY"],
        "p384_agreeing": ["ECC_NIST_P384", "ECC_NIST_P384", "KEY_AGREEMENT"],
        "secp256k1": ["ECC_SECG_P256K1", "ECC_SECG_P256K1", "SIGN_VERIFY"],
        "hmac": ["HMAC_256", "HMAC_256", "GENERATE_VERIFY_MAC"],
        "RSA_3072": ["RSA_3072", "RSA_3072", "ENCRYPT_DECRYPT"],
        "ML_DSA_44": ["ML_DSA_44", "ML_DSA_44", "SIGN_VERIFY"],
        "ECC_NIST_EDWARDS25519": ["ECC_NIST_EDWARDS25519", "ECC_NIST_EDWARDS25519", "SIGN_VERIFY"],
    }
    public = outputs["public"]
    assert {name: sorted(key["signing_algorithms"]) for name, key in public.items() if key["signing_algorithms"]} == {
        "rsa_signing": RSASSA,
        "p256": ["ECDSA_SHA_256"],
        "secp256k1": ["ECDSA_SHA_256"],
        "ML_DSA_44": ["ML_DSA_SHAKE_256"],
        "ECC_NIST_EDWARDS25519": ["ED25519_PH_SHA_512", "ED25519_SHA_512"],
    }
    assert {name: key["encryption_algorithms"] for name, key in public.items() if key["encryption_algorithms"]} == {
        "rsa_encrypting": RSAES,
        "RSA_3072": RSAES,
    }
    resources = tf.resources()
    p256 = resources['aws_kms_key.this["p256"]']
    # The id of the data source is the KeyId of the answer, which is an ARN.
    assert public["p256"]["id"] == public["p256"]["arn"] == p256["arn"]
    assert outputs["elsewhere"] == public["p256"]["public_key"]
    assert resources["aws_kms_replica_key.p256"]["key_spec"] == "ECC_NIST_P256"
    signed = kms.sign(KeyId=p256["key_id"], Message=b"message", SigningAlgorithm="ECDSA_SHA_256")
    verifying = load_pem_public_key(public["p256"]["public_key_pem"].encode())
    assert isinstance(verifying, EllipticCurvePublicKey)
    verifying.verify(signed["Signature"], b"message", ECDSA(SHA256()))
    status = kms.get_key_rotation_status(KeyId=resources["aws_kms_key.rotating"]["key_id"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 180)

    tf.destroy()
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    assert {key["KeySpec"] for key in keys if key["KeyState"] == "Enabled"} == {"ML_DSA_44", "ECC_NIST_EDWARDS25519"}
    assert empty.refusals() == []
