"""How many requests a second KMS takes: each operation's request quota, and those that cryptographic operations share.

https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records.key_specs import KeyType
from mockaws.services.quotas import Quota

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.kms import Key
    from mockaws.services.operation import Caller

RATES: Mapping[str, float] = {
    "CancelKeyDeletion": 5,
    "ConnectCustomKeyStore": 5,
    "CreateAlias": 5,
    "CreateCustomKeyStore": 5,
    "CreateGrant": 50,
    "CreateKey": 5,
    "DeleteAlias": 15,
    "DeleteCustomKeyStore": 5,
    "DeleteImportedKeyMaterial": 15,
    "DescribeCustomKeyStores": 5,
    "DescribeKey": 2000,
    "DisableKey": 5,
    "DisableKeyRotation": 5,
    "DisconnectCustomKeyStore": 5,
    "EnableKey": 5,
    "EnableKeyRotation": 15,
    "GetKeyLastUsage": 5,
    "GetKeyPolicy": 1000,
    "GetKeyRotationStatus": 1000,
    "GetParametersForImport": 1,
    "GetPublicKey": 2000,
    "ImportKeyMaterial": 15,
    "ListAliases": 500,
    "ListGrants": 100,
    "ListKeyPolicies": 100,
    "ListKeyRotations": 100,
    "ListKeys": 500,
    "ListResourceTags": 2000,
    "ListRetirableGrants": 100,
    "PutKeyPolicy": 15,
    "ReplicateKey": 5,
    "RetireGrant": 50,
    "RevokeGrant": 50,
    "RotateKeyOnDemand": 5,
    "ScheduleKeyDeletion": 15,
    "TagResource": 10,
    "UntagResource": 5,
    "UpdateAlias": 5,
    "UpdateCustomKeyStore": 5,
    "UpdateKeyDescription": 5,
    "UpdatePrimaryRegion": 5,
}

# The shared quotas: with symmetric keys and HMAC keys by Region, with asymmetric ones by what they are.
SYMMETRIC = frozenset(
    {
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "ReEncrypt",
        "VerifyMac",
    }
)
ASYMMETRIC = frozenset({"Decrypt", "DeriveSharedSecret", "Encrypt", "ReEncrypt", "Sign", "Verify"})
SYMMETRIC_RATE = 10_000
SYMMETRIC_RATES = {
    **dict.fromkeys(
        ("us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-central-1", "eu-west-2"), 20_000
    ),
    **dict.fromkeys(("us-east-1", "us-west-2", "eu-west-1"), 100_000),
}
ASYMMETRIC_RATE = 1_000
CUSTOM_KEY_STORE_RATE = 1_800

KEY_PAIRS = frozenset({"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"})
KEY_PAIR_RATES: Mapping[str, float] = {
    "ECC_NIST_P256": 100,
    "ECC_NIST_P384": 100,
    "ECC_NIST_P521": 100,
    "ECC_SECG_P256K1": 100,
    "ECC_NIST_EDWARDS25519": 100,
    "RSA_2048": 20,
    "RSA_3072": 4,
    "RSA_4096": 1,
    "SM2": 25,
}
KEY_PAIR_RATES_IN_CHINA: Mapping[str, float] = {"RSA_2048": 1, "RSA_3072": 0.5, "RSA_4096": 0.1}


def quotas(operation: str, arguments: Mapping[str, Any], caller: Caller, key: Key | None) -> tuple[Quota, ...]:
    """Return what a call counts against; nothing where AWS documents no rate. *key* is the one that it is about.

    The account that calls is charged, whoever owns the key.
    """
    account, region = caller.account, caller.region
    if operation in RATES:
        own = Quota(operation, RATES[operation], account, region)
        return (own, *_elsewhere(operation, arguments, account))
    if operation in KEY_PAIRS:
        return _key_pair(str(arguments.get("key_pair_spec")), account, region)
    if key is None or key.key_spec.type is not KeyType.ASYMMETRIC:
        store = arguments.get("custom_key_store_id") or (key.custom_key_store_id if key else None)
        return (*_symmetric(operation, account, region), *_custom_key_store(store, key, caller))
    if operation in ASYMMETRIC:
        return (Quota(_kind(key), ASYMMETRIC_RATE, account, region),)
    return ()


def _elsewhere(operation: str, arguments: Mapping[str, Any], account: str) -> tuple[Quota, ...]:
    """A new replica counts as two CreateKey requests in its Region; a new primary Region counts in both."""
    if operation == "ReplicateKey":
        return (Quota("CreateKey", RATES["CreateKey"], account, str(arguments.get("replica_region")), 2),)
    if operation == "UpdatePrimaryRegion":
        return (Quota(operation, RATES[operation], account, str(arguments.get("primary_region"))),)
    return ()


def _key_pair(spec: str, account: str, region: str) -> tuple[Quota, ...]:
    rates = KEY_PAIR_RATES
    if arns.partition(region) == "aws-cn":
        rates = {**rates, **KEY_PAIR_RATES_IN_CHINA}
    return (Quota(f"GenerateDataKeyPair ({spec})", rates[spec], account, region),) if spec in rates else ()


def _symmetric(operation: str, account: str, region: str) -> tuple[Quota, ...]:
    if operation not in SYMMETRIC:
        return ()
    rate = SYMMETRIC_RATES.get(region, SYMMETRIC_RATE)
    return (Quota("Cryptographic operations (symmetric)", rate, account, region),)


def _custom_key_store(store: str | None, key: Key | None, caller: Caller) -> tuple[Quota, ...]:
    """All accounts that use the keys of a custom key store share its quota."""
    if store is None:
        return ()
    return (
        Quota(
            f"Custom key store {store}", CUSTOM_KEY_STORE_RATE, key.account if key else caller.account, caller.region
        ),
    )


def _kind(key: Key) -> str:
    family = key.spec.partition("_")[0]
    kind = {"RSA": "RSA", "ML": "ML-DSA"}.get(family, "ECC and SM2")
    return f"Cryptographic operations ({kind})"
