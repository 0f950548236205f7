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
    AutomaticRotation,
    ConnectionChange,
    ConnectionState,
    Grant,
    Key,
    MultiRegion,
    Origin,
    ReplicaKey,
)
from tests.samples import ACCOUNT, NOW, cluster
from tests.unit.services.kms.calling import KMSUSER, PASSWORD, Kms, key_of, ready, store_record, two_hsms
from tests.unit.services.kms.importing import FIRST
from tests.unit.services.kms.importing import request as request_to_import

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

# The members that the server chooses or reads from its clock, while the example has values of its own.
OWN_VALUES = {
    "CreationDate",
    "DeletionDate",
    "LastUpdatedDate",
    "CiphertextBlob",
    "ImportToken",
    "Mac",
    "ParametersValidTo",
    "Plaintext",
    "PrivateKeyCiphertextBlob",
    "PrivateKeyPlaintext",
    "PublicKey",
    "Signature",
}
NEW_IDS = {
    "CreateKey": {"KeyId", "Arn"},
    "CreateCustomKeyStore": {"CustomKeyStoreId"},
    "CreateGrant": {"GrantId", "GrantToken"},
}
# The members that AWS has added to its answers since the examples, by recorded answers and the model's text.
ADDED = {
    "CreateKey": {"CurrentKeyMaterialId"},
    "Decrypt": {"EncryptionAlgorithm", "KeyMaterialId"},
    "DeleteImportedKeyMaterial": {"KeyId", "KeyMaterialId"},
    "DescribeCustomKeyStores": {"CustomKeyStoreType", "Truncated"},
    "DescribeKey": {"CurrentKeyMaterialId", "KeySpec"},
    "Encrypt": {"EncryptionAlgorithm"},
    "GenerateDataKey": {"KeyMaterialId"},
    "GenerateDataKeyPair": {"KeyMaterialId"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyMaterialId"},
    "GenerateDataKeyWithoutPlaintext": {"KeyMaterialId"},
    "GetKeyPolicy": {"PolicyName"},
    "GetPublicKey": {"KeySpec"},
    "GetKeyRotationStatus": {"KeyId", "RotationPeriodInDays", "NextRotationDate"},
    "ImportKeyMaterial": {"KeyId", "KeyMaterialId"},
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
# The differences. Recorded answers of ReplicateKey are of a key that is Creating, and have no ReplicaTags where there
# are none; the example of a multi-Region key calls a replica the primary key, of which it says that it is elsewhere.
OTHERWISE = {
    "DescribeKey": {"MultiRegionKeyType"},
    "ReplicateKey": {"Enabled", "KeyState", "ReplicaPolicy", "ReplicaTags"},
}

# The request of this example names the key of one account, its answer that of another.
MISPRINTED = {"To get details about an HMAC KMS key": ("123456789012", ACCOUNT)}


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
            printed, meant = MISPRINTED.get(example["title"], ("", ""))
            answer = json.loads(json.dumps(example.get("output")).replace(printed, meant))
            yield Example(service, operation, example["title"], example.get("input") or {}, answer)


ALL = [example for service in ("kms", "cloudhsmv2") for example in examples(service)]


# The key of an example before the request.
KEYS: dict[str, dict[str, Any]] = {
    "CancelKeyDeletion": {"deletion_at": NOW + 86_400, "enabled": False},
    "DeleteImportedKeyMaterial": {"origin": Origin.EXTERNAL},
    "GenerateMac": {"spec": "HMAC_384"},
    "GetKeyRotationStatus": {"rotation": AutomaticRotation(period_in_days=365, counts_from=NOW)},
    "GetParametersForImport": {"origin": Origin.EXTERNAL},
    "GetPublicKey": {"spec": "RSA_4096"},
    "ImportKeyMaterial": {"origin": Origin.EXTERNAL, "materials": ()},
    "ListResourceTags": {"tags": {"CostCenter": "87654", "CreatedBy": "ExampleUser", "Purpose": "Test"}},
    "Sign": {"spec": "ECC_NIST_P384"},
    "Verify": {"spec": "ECC_NIST_P384"},
    "VerifyMac": {"spec": "HMAC_384"},
}
# The keys that are related to the multi-Region key of an example.
RELATED_KEYS = {
    "DescribeKey": MultiRegion(
        primary_region="us-west-2",
        replicas=tuple(ReplicaKey(region=region) for region in ("eu-west-1", "ap-northeast-1", "sa-east-1")),
    ),
    "ReplicateKey": MultiRegion(primary_region="us-east-1"),
}
# The alias that is there before the request, and its key.
ALIASES = {
    "DeleteAlias": ("alias/ExampleAlias", KEY),
    "UpdateAlias": ("alias/ExampleAlias", DESTINATION),
    "GenerateDataKey": ("alias/ExampleAlias", KEY),
    "GenerateDataKeyWithoutPlaintext": ("alias/ExampleAlias", KEY),
    "Sign": ("alias/ECC_signing_key", KEY),
    "Verify": ("alias/ECC_signing_key", KEY),
}
# The bytes of a request, in the place of words and of `<binary data>`; or the call whose answer has them.
BLOBS: dict[str, dict[str, bytes]] = {
    "Encrypt": {"Plaintext": b"hello"},
    "GenerateMac": {"Message": b"Hello World"},
    "Sign": {"Message": b"<message to be signed>"},
    "Verify": {"Message": b"<message to be verified>"},
    "VerifyMac": {"Message": b"Hello World"},
}
FROM_ANSWERS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "Decrypt": ("CiphertextBlob", "Encrypt", BLOBS["Encrypt"]),
    "ReEncrypt": ("CiphertextBlob", "Encrypt", BLOBS["Encrypt"]),
    "Verify": ("Signature", "Sign", BLOBS["Verify"] | {"SigningAlgorithm": "ECDSA_SHA_384"}),
    "VerifyMac": ("Mac", "GenerateMac", BLOBS["VerifyMac"] | {"MacAlgorithm": "HMAC_SHA_384"}),
}
CONNECTED = ConnectionChange(at=0, until=0, while_state=ConnectionState.CONNECTING, then=ConnectionState.CONNECTED)
# The store before the request, if it exists.
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
    yield key(DESTINATION if example.operation == "GetPublicKey" else KEY, **before(example))
    if example.operation in RELATED_KEYS:
        yield key(MULTI_REGION, multi_region=RELATED_KEYS[example.operation])
    if example.operation in ALIASES:
        yield alias(*ALIASES[example.operation])
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


def before(example: Example) -> dict[str, Any]:
    """Return how the example's key is before the request: one that is described is as it is described."""
    described = (example.answer or {}).get("KeyMetadata", {})
    if example.operation != "DescribeKey":
        return KEYS.get(example.operation, {})
    return {
        "spec": described["CustomerMasterKeySpec"],
        "usage": described["KeyUsage"],
        "enabled": described["Enabled"],
        "description": described["Description"],
    }


def key(key_id: str, *, spec: str = "SYMMETRIC_DEFAULT", usage: str | None = None, **changes: Any) -> Key:
    """Return a key in KMS."""
    return key_of(spec, usage, key_id, **changes)


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
    request |= BLOBS.get(example.operation, {})
    if example.operation in FROM_ANSWERS:
        member, operation, document = FROM_ANSWERS[example.operation]
        request[member] = caller(operation, KeyId=KEY, **document)[member]
    if "EncryptedKeyMaterial" in request:
        request |= request_to_import(caller, KEY, FIRST)
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


@pytest.mark.parametrize("example", [example for example in ALL if example.operation != "ListAliases"], ids=str)
def test_an_example(example: Example) -> None:
    """The answer to the example's request is the example's answer."""
    caller, request = play(example)
    answer = caller(example.operation, **request)
    # Operations that answer nothing have no answer in the examples, or an empty one.
    assert not list(differences(example.operation, example.answer or {}, answer or {}))


def test_the_example_of_aliases() -> None:
    """Of ListAliases the example shows some aliases of AWS and those of the customer, in this order."""
    (example,) = (example for example in ALL if example.operation == "ListAliases")
    caller, request = play(example)
    answer = caller(example.operation, **request)
    names = {entry["AliasName"] for entry in example.answer["Aliases"]}
    answer["Aliases"] = [entry for entry in answer["Aliases"] if entry["AliasName"] in names]
    assert not list(differences(example.operation, example.answer, answer))


def test_the_examples_are_what_they_are() -> None:
    """Examples are found at all; CloudHSM v2 has none."""
    assert len(ALL) > 60
    assert {example.service for example in ALL} == {"kms"}
    assert PASSWORD not in json.dumps([example.request for example in ALL])
