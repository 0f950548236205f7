"""AWS's own worked examples, from the data of the installed botocore, played again.

The world is set up so that the example's request makes sense. Its answer must have the example's members, with the same
values where they are not ids, times or bytes that the server chooses.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mockaws.model.service import load
from mockaws.records.base import evolve
from mockaws.records.kms import (
    Alias,
    ConnectionChange,
    ConnectionState,
    Grant,
    Key,
    KeyMaterial,
    MultiRegion,
    ReplicaKey,
)
from mockaws.services import cloudhsmv2, kms
from tests.samples import ACCOUNT, NOW, cluster
from tests.unit.services.kms.calling import KMSUSER, PASSWORD, Kms, key_record, ready, store_record, two_hsms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.records.base import Record

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
MULTI_REGION = "mrk-1234abcd12ab34cd56ef1234567890ab"
DESTINATION = "0987dcba-09fe-87dc-65ba-ab0987654321"
STORE = "cks-1234567890abcdef0"
CLUSTER, RELATED = "cluster-1a23b4cdefg", "cluster-bbbbbbbbbbb"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ExampleRole"
CERTIFICATE, SHOWN_CERTIFICATE = "<certificate-goes-here>", "<certificate appears here>"

# What the server chooses, or reads from its clock, where the example has values of its own.
OWN_VALUES = {"CreationDate", "DeletionDate", "LastUpdatedDate", "CiphertextBlob", "Plaintext"}
NEW_IDS = {
    "CreateKey": {"KeyId", "Arn"},
    "CreateCustomKeyStore": {"CustomKeyStoreId"},
    "CreateGrant": {"GrantId", "GrantToken"},
}
# What AWS has added to its answers since it wrote the examples, as recorded answers and the model's words show.
ADDED = {
    "CreateKey": {"CurrentKeyMaterialId"},
    "Decrypt": {"EncryptionAlgorithm", "KeyMaterialId"},
    "DescribeCustomKeyStores": {"CustomKeyStoreType", "Truncated"},
    "DescribeKey": {"CurrentKeyMaterialId", "KeySpec"},
    "Encrypt": {"EncryptionAlgorithm"},
    "GenerateDataKey": {"KeyMaterialId"},
    "GenerateDataKeyWithoutPlaintext": {"KeyMaterialId"},
    "GetKeyPolicy": {"PolicyName"},
    "GetKeyRotationStatus": {"KeyId", "RotationPeriodInDays", "NextRotationDate"},
    "ListAliases": {"CreationDate", "LastUpdatedDate"},
    "ListGrants": {"Name", "NextMarker"},
    "ListRetirableGrants": {"Name"},
    "ReEncrypt": {
        "SourceEncryptionAlgorithm",
        "DestinationEncryptionAlgorithm",
        "SourceKeyMaterialId",
        "DestinationKeyMaterialId",
    },
    "ReplicateKey": {"CurrentKeyMaterialId", "KeySpec"},
    "ScheduleKeyDeletion": {"KeyState", "PendingWindowInDays"},
}
# What is otherwise. Recorded answers of ReplicateKey are of a key that is Creating, and have no ReplicaTags where there
# are none; the example of a multi-Region key calls a replica the primary key, of which it says that it is elsewhere.
OTHERWISE = {
    "DescribeKey": {"MultiRegionKeyType"},
    "ReplicateKey": {"Enabled", "KeyState", "ReplicaPolicy", "ReplicaTags"},
}

# Examples that are not played, and why. When one of these operations comes, the test for them fails: play it then.
ABSENT = {
    "DeleteImportedKeyMaterial",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "GenerateMac",
    "GetParametersForImport",
    "GetPublicKey",
    "ImportKeyMaterial",
    "Sign",
    "Verify",
    "VerifyMac",
}
REFUSED = {
    "To create an asymmetric RSA KMS key for encryption and decryption": "RSA_4096 is to come",
    "To create an asymmetric elliptic curve KMS key for signing and verification": "ECC_NIST_P521 is to come",
    "To create a KMS key for imported key material": "EXTERNAL is to come",
    "To create an HMAC KMS key": "HMAC_384 is to come",
}
OF_KEYS_TO_COME = {
    "To get details about an RSA asymmetric KMS key",
    "To get details about an HMAC KMS key",
}


class Example(NamedTuple):
    """One of AWS's examples."""

    service: str
    operation: str
    title: str
    request: dict[str, Any]
    answer: Any

    def __str__(self) -> str:
        return f"{self.operation}: {self.title}"

    @property
    def region(self) -> str:
        """The Region that the example plays in."""
        found = re.search(r"arn:aws:kms:([a-z0-9-]+):", json.dumps([self.request, self.answer]))
        return found[1] if found else "us-east-2"

    @property
    def key_account(self) -> str:
        """The account of the example's key."""
        found = re.search(r"arn:aws:kms:[a-z0-9-]+:([0-9]+):key", json.dumps([self.request, self.answer]))
        return found[1] if found else ACCOUNT

    @property
    def account(self) -> str:
        """The account of who calls: that of the key, but for the grants on the keys of others."""
        return ACCOUNT if self.operation == "ListRetirableGrants" else self.key_account


def examples(service: str) -> Iterator[Example]:
    """Yield the examples of a service, of the same API version as its model."""
    package = importlib.util.find_spec("botocore")
    assert package is not None
    assert package.origin is not None
    path = Path(package.origin).parent / "data" / service / load(service).api_version / "examples-1.json"
    for operation, found in json.loads(path.read_text())["examples"].items():
        for example in found:
            yield Example(service, operation, example["title"], example.get("input") or {}, example.get("output"))


ALL = [example for service in ("kms", "cloudhsmv2") for example in examples(service)]
THERE = {"kms": kms.service.operations, "cloudhsmv2": cloudhsmv2.service.operations}
PLAYED = [
    example
    for example in ALL
    if example.operation not in ABSENT and example.title not in REFUSED and example.title not in OF_KEYS_TO_COME
]


# How the key of an example is before the request.
KEYS: dict[str, dict[str, Any]] = {
    "CancelKeyDeletion": {"deletion_at": NOW + 86_400, "enabled": False},
    "GetKeyRotationStatus": {"rotation_period_in_days": 365, "rotation_enabled_at": NOW},
    "ListResourceTags": {"tags": {"CostCenter": "87654", "CreatedBy": "ExampleUser", "Purpose": "Test"}},
}
# Which keys are related to the multi-Region key of an example.
RELATED_KEYS = {
    "DescribeKey": MultiRegion(
        primary_region="us-west-2",
        replicas=tuple(ReplicaKey(region=region) for region in ("eu-west-1", "ap-northeast-1", "sa-east-1")),
    ),
    "ReplicateKey": MultiRegion(primary_region="us-east-1"),
}
# Which key the alias `alias/ExampleAlias` names before the request, where it is there.
ALIASES = {
    "DeleteAlias": KEY,
    "UpdateAlias": DESTINATION,
    "GenerateDataKey": KEY,
    "GenerateDataKeyWithoutPlaintext": KEY,
}
CONNECTED = ConnectionChange(at=0, until=0, while_state=ConnectionState.CONNECTING, then=ConnectionState.CONNECTED)
# The store before the request, where it is there.
STORES: dict[str, dict[str, Any]] = {
    "ConnectCustomKeyStore": {},
    "CreateKey": {"changes": (CONNECTED,)},
    "DeleteCustomKeyStore": {},
    "DescribeCustomKeyStores": {"changes": (CONNECTED,)},
    "DisconnectCustomKeyStore": {"changes": (CONNECTED,)},
    "UpdateCustomKeyStore": {"cluster_id": RELATED},
}


def records(example: Example) -> Iterator[Record]:
    """Yield the records of a world in which the example's request makes sense."""
    yield from ready(id=CLUSTER, trust_anchor=CERTIFICATE)
    yield cluster(RELATED, hsms=two_hsms(), users=(KMSUSER,))
    yield key(KEY, **KEYS.get(example.operation, {}))
    if example.operation in RELATED_KEYS:
        yield key(MULTI_REGION, multi_region=RELATED_KEYS[example.operation])
    if example.operation in ALIASES:
        yield alias("alias/ExampleAlias", ALIASES[example.operation])
    if example.operation in STORES and example.request:
        fields = {"name": "ExampleKeyStore", "cluster_id": CLUSTER, "trust_anchor": SHOWN_CERTIFICATE}
        yield store_record(STORE, **fields | STORES[example.operation])
    yield from grants(example)
    for entry in (example.answer or {}).get("Aliases", ()):
        yield key(entry["TargetKeyId"])
        yield alias(entry["AliasName"], entry["TargetKeyId"])
    if example.operation in {"ReEncrypt", "UpdateAlias"}:
        yield key(DESTINATION)


def grants(example: Example) -> Iterator[Record]:
    """Yield the grants that are there before the request."""
    listed = list((example.answer or {}).get("Grants", ()))
    if example.operation in {"RetireGrant", "RevokeGrant"}:
        listed = [{"GrantId": example.request["GrantId"], "GranteePrincipal": ROLE, "Operations": ["Encrypt"]}]
    if (example.answer or {}).get("Truncated"):
        listed.append(listed[0] | {"GrantId": "f" * 64})
    for entry in listed:
        yield from Grant(
            account=example.key_account,
            region=example.region,
            id=entry["GrantId"],
            key_id=KEY,
            issuing_account=example.key_account,
            operations=tuple(entry["Operations"]),
            created_at=NOW,
            grantee_principal=entry["GranteePrincipal"],
            retiring_principal=entry.get("RetiringPrincipal"),
        ).records


def key(key_id: str, **changes: Any) -> Key:
    """Return a key in KMS."""
    material = KeyMaterial(id=key_id.removeprefix("mrk-").replace("-", "") * 2, secret=bytes(32), created_at=NOW)
    return key_record(key_id, materials=(material,), **changes)


def alias(name: str, key_id: str) -> Alias:
    """Return an alias."""
    return Alias(account=ACCOUNT, region="", id=name, target_key_id=key_id)


def play(example: Example) -> tuple[Kms, dict[str, Any]]:
    """Return a caller in the example's world, and the request with bytes in the place of `<binary data>`."""
    found = (
        list(records(example))
        if example.operation != "ListKeys"
        else [key(entry["KeyId"]) for entry in example.answer["Keys"]]
    )
    here = [evolve(record, region=example.region) for record in found]
    here = [evolve(record, account=example.key_account) if isinstance(record, Key) else record for record in here]
    world = Kms(*here, region=example.region, irregular_ids=frozenset({CLUSTER}))
    caller = world.by(example.account, example.region)
    request = dict(example.request)
    if example.operation == "ListGrants":
        # The example has more grants than it shows, and leaves out why it shows no more.
        request["Limit"] = len(example.answer["Grants"])
    if "Plaintext" in request:
        request["Plaintext"] = b"hello"
    if "CiphertextBlob" in request:
        request["CiphertextBlob"] = caller("Encrypt", KeyId=KEY, Plaintext=b"hello")["CiphertextBlob"]
    return caller, request


def differences(operation: str, example: Any, answer: Any, path: str = "answer") -> Iterator[str]:
    """Yield where an answer differs from the example's in what the server does not choose."""
    otherwise = OTHERWISE.get(operation, set())
    if isinstance(example, dict):
        yield from (f"{path} lacks {name}" for name in example.keys() - answer.keys() - otherwise)
        yield from (f"{path} has {name}" for name in answer.keys() - example.keys() - ADDED.get(operation, set()))
        for name in example.keys() & answer.keys() - OWN_VALUES - NEW_IDS.get(operation, set()) - otherwise:
            yield from differences(operation, example[name], answer[name], f"{path}.{name}")
    elif isinstance(example, list) and len(example) == len(answer):
        for n, (one, other) in enumerate(zip(example, answer, strict=True)):
            yield from differences(operation, one, other, f"{path}[{n}]")
    elif example != answer:
        yield f"{path} is {answer!r}, not {example!r}"


@pytest.mark.parametrize("example", [example for example in PLAYED if example.operation != "ListAliases"], ids=str)
def test_an_example(example: Example) -> None:
    """The answer to the example's request is the example's answer."""
    caller, request = play(example)
    answer = caller(example.operation, **request)
    # Operations that answer nothing have no answer in the examples, or an empty one.
    assert not list(differences(example.operation, example.answer or {}, answer or {}))


def test_the_example_of_aliases() -> None:
    """Of ListAliases the example shows some aliases of AWS and those of the customer, in this order."""
    (example,) = (example for example in PLAYED if example.operation == "ListAliases")
    caller, request = play(example)
    answer = caller(example.operation, **request)
    names = {entry["AliasName"] for entry in example.answer["Aliases"]}
    answer["Aliases"] = [entry for entry in answer["Aliases"] if entry["AliasName"] in names]
    assert not list(differences(example.operation, example.answer, answer))


@pytest.mark.parametrize("title", REFUSED)
def test_what_is_to_come(title: str) -> None:
    """What this version does not have is refused in words; when it comes, its example must be played."""
    (example,) = (example for example in ALL if example.title == title)
    caller, request = play(example)
    refusal = caller.refusal(example.operation, **request)
    assert refusal.code == "UnsupportedOperationException"
    assert REFUSED[title] in refusal.message


def test_operations_to_come() -> None:
    """The list of operations that are not there is true, and no example is left out for another reason."""
    assert {example.operation for example in ALL if example.operation not in THERE[example.service]} == ABSENT
    assert REFUSED.keys() | OF_KEYS_TO_COME <= {example.title for example in ALL}
    assert all(example.operation == "DescribeKey" for example in ALL if example.title in OF_KEYS_TO_COME)


def test_keys_to_come() -> None:
    """The examples of DescribeKey that are not played are of keys that CreateKey refuses to make."""
    for example in ALL:
        if example.title in OF_KEYS_TO_COME:
            shown = example.answer["KeyMetadata"]
            request = {name: shown[name] for name in ("KeyUsage", "MultiRegion")} | {
                "KeySpec": shown["CustomerMasterKeySpec"]
            }
            assert Kms().refusal("CreateKey", **request).code == "UnsupportedOperationException"


def test_the_examples_are_what_they_are() -> None:
    """Examples are found at all; CloudHSM v2 has none."""
    assert len(PLAYED) > 30
    assert {example.service for example in ALL} == {"kms"}
    assert PASSWORD not in json.dumps([example.request for example in ALL])
