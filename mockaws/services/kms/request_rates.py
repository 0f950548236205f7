"""The request quotas of KMS: each operation's own, and those that cryptographic operations share.

https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws import arns
from mockaws.records.key_specs import KeyType
from mockaws.services.facts import SharedQuota
from mockaws.services.quotas import Quota

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.kms import Key
    from mockaws.services.facts import Facts
    from mockaws.services.operation import Caller

SYMMETRIC_RATE = 10_000
SYMMETRIC_RATES = {
    **dict.fromkeys(
        ("us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-central-1", "eu-west-2"), 20_000
    ),
    **dict.fromkeys(("us-east-1", "us-west-2", "eu-west-1"), 100_000),
}
ASYMMETRIC_RATE = 1_000
CUSTOM_KEY_STORE_RATE = 1_800

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


def quotas(facts: Facts, arguments: Mapping[str, Any], caller: Caller, key: Key | None) -> tuple[Quota, ...]:
    """Return the quotas that a call about *key* counts against; none if AWS documents no rate.

    They are those of the calling account, whichever account owns the key.
    """
    account, region = caller.account, caller.region
    shared = facts.quota
    if shared is None:
        return ()
    if not isinstance(shared, SharedQuota):
        own = Quota(facts.name, shared, account, region)
        other = facts.quota_in_other_region
        if other is None:
            return (own,)
        return (own, Quota(other.name, other.rate, account, str(arguments.get(other.region_in)), other.cost))
    if SharedQuota.KEY_PAIRS in shared:
        return _key_pair(str(arguments.get("key_pair_spec")), account, region)
    if key is None or key.key_spec.type is not KeyType.ASYMMETRIC:
        store = arguments.get("custom_key_store_id") or (key.custom_key_store_id if key else None)
        symmetric = _symmetric(account, region) if SharedQuota.SYMMETRIC in shared else ()
        return (*symmetric, *_custom_key_store(store, key, caller))
    if SharedQuota.ASYMMETRIC in shared:
        return (Quota(_kind(key), ASYMMETRIC_RATE, account, region),)
    return ()


def _key_pair(spec: str, account: str, region: str) -> tuple[Quota, ...]:
    rates = KEY_PAIR_RATES
    if arns.partition(region) == "aws-cn":
        rates = {**rates, **KEY_PAIR_RATES_IN_CHINA}
    return (Quota(f"GenerateDataKeyPair ({spec})", rates[spec], account, region),) if spec in rates else ()


def _symmetric(account: str, region: str) -> tuple[Quota, ...]:
    rate = SYMMETRIC_RATES.get(region, SYMMETRIC_RATE)
    return (Quota("Cryptographic operations (symmetric)", rate, account, region),)


def _custom_key_store(store: str | None, key: Key | None, caller: Caller) -> tuple[Quota, ...]:
    """Return the quota of a custom key store, which all accounts that use its keys share."""
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
