"""The states of keys in which operations work: the guide's table, and every cell of it that can be reached.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.records.kms import Key, KeyState
from mockaws.services import kms as package
from mockaws.services.facts import Kind
from mockaws.services.kms import key_states
from tests.samples import ACCOUNT
from tests.unit.services.kms.calling import Kms, Refusal, public_key_of

# The operations that the table decides for: those that name a key. A cell is what happens: `ok`, or the number of the
# page's footnote; no key that the operation is for can be in the state of a `-`.
#                                  Enabled Disabled PendingDeletion Unavailable
EXPECTED = {
    "CancelKeyDeletion": "               4        4              ok           4",
    "CreateAlias": "                    ok       ok               3          ok",
    "CreateGrant": "                    ok        1               3          ok",
    "Decapsulate": "                    ok        1               3           -",
    "Decrypt": "                        ok        1               3          11",
    "DeriveSharedSecret": "             ok        1               3           -",
    "DescribeKey": "                    ok       ok              ok          ok",
    "DisableKey": "                     ok       ok               3          ok",
    "DisableKeyRotation": "             ok        1               3           7",
    "EnableKey": "                      ok       ok               3          ok",
    "EnableKeyRotation": "              ok        1               3           7",
    "Encapsulate": "                    ok        1               3           -",
    "Encrypt": "                        ok        1               3          11",
    "GenerateDataKey": "                ok        1               3          11",
    "GenerateDataKeyPair": "            ok        1               3          11",
    "GenerateDataKeyPairWithoutPlaintext": "ok    1           3              11",
    "GenerateDataKeyWithoutPlaintext": "ok        1               3          11",
    "GenerateMac": "                    ok        1               3           -",
    "GetKeyLastUsage": "                ok       ok              ok          ok",
    "GetKeyPolicy": "                   ok       ok              ok          ok",
    "GetKeyRotationStatus": "           ok       ok              ok           7",
    "GetPublicKey": "                   ok       ok               3           -",
    "ListAliases": "                    ok       ok              ok          ok",
    "ListGrants": "                     ok       ok              ok          ok",
    "ListKeyPolicies": "                ok       ok              ok          ok",
    "ListKeyRotations": "               ok       ok              ok           7",
    "ListResourceTags": "               ok       ok              ok          ok",
    "PutKeyPolicy": "                   ok       ok              ok          ok",
    "ReEncrypt": "                      ok        1               3          11",
    "RetireGrant": "                    ok       ok              ok          ok",
    "RevokeGrant": "                    ok       ok              ok          ok",
    "RotateKeyOnDemand": "              ok        1               3           7",
    "ScheduleKeyDeletion": "            ok       ok               3          ok",
    "Sign": "                           ok        1               3           -",
    "TagResource": "                    ok       ok               3          ok",
    "UntagResource": "                  ok       ok               3          ok",
    "UpdateAlias": "                    ok       ok              10          ok",
    "UpdateKeyDescription": "           ok       ok               3          ok",
    "Verify": "                         ok        1               3           -",
    "VerifyMac": "                      ok        1               3           -",
}
STATES = ("Enabled", "Disabled", "PendingDeletion", "Unavailable")
FOOTNOTES = {
    "1": Refusal("DisabledException", "{arn} is disabled."),
    "3": Refusal("KMSInvalidStateException", "{arn} is pending deletion."),
    "4": Refusal("KMSInvalidStateException", "{arn} is not pending deletion."),
    "7": Refusal(
        "UnsupportedOperationException", "{arn} origin is AWS_CLOUDHSM which is not valid for this operation."
    ),
    "10": Refusal("KMSInvalidStateException", "{arn} is pending deletion."),
    "11": Refusal("KMSInvalidStateException", "{arn} is unavailable."),
}
# Whatever state a key in a key store is in, these are refused by its origin.
ROTATION = {
    "DisableKeyRotation",
    "EnableKeyRotation",
    "GetKeyRotationStatus",
    "ListKeyRotations",
    "RotateKeyOnDemand",
}
# A key store protects no data key pair: where the state would allow one, the origin is refused.
PAIRS = {"GenerateDataKeyPair", "GenerateDataKeyPairWithoutPlaintext"}
# Keys in a key store are symmetric encryption keys; these operations are for keys of other specs.
SPECS = {
    "Decapsulate": "ML_KEM_768",
    "DeriveSharedSecret": "ECC_NIST_P256",
    "Encapsulate": "ML_KEM_768",
    "GenerateMac": "HMAC_256",
    "GetPublicKey": "RSA_2048",
    "Sign": "ECC_NIST_P384",
    "Verify": "ECC_NIST_P384",
    "VerifyMac": "HMAC_256",
}


def in_a_store(operation: str, cell: str) -> str:
    """Return the result for a key in a key store, if it is another one."""
    return "7" if operation in ROTATION or (operation in PAIRS and cell == "ok") else cell


CELLS = [
    pytest.param(
        operation, state, cell, in_store, id=f"{operation}-{state}-{'in a key store' if in_store else 'in KMS'}"
    )
    for operation, cells in EXPECTED.items()
    for state, page in zip(STATES, cells.split(), strict=True)
    for in_store, cell in ((False, page), (True, in_a_store(operation, page)))
    if not (operation in SPECS if in_store else state == "Unavailable")
]
# These are for keys with imported material, and have a test of their own for the states of such keys.
IMPORTS = {"DeleteImportedKeyMaterial", "GetParametersForImport", "ImportKeyMaterial"}
PERMITTED = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/Application", "Operations": ["Decrypt"]}
# The members of a request after `KeyId`.
MEMBERS: dict[str, dict[str, Any]] = {
    "CreateGrant": PERMITTED,
    "Decapsulate": {"EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": bytes(1088)},
    "DeriveSharedSecret": {"KeyAgreementAlgorithm": "ECDH", "PublicKey": public_key_of("ECC_NIST_P256")},
    "Encapsulate": {"EncapsulationAlgorithm": "ML_KEM"},
    "Encrypt": {"Plaintext": b"hello"},
    "GenerateDataKey": {"KeySpec": "AES_256"},
    "GenerateDataKeyPair": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyPairWithoutPlaintext": {"KeyPairSpec": "ECC_NIST_P256"},
    "GenerateDataKeyWithoutPlaintext": {"KeySpec": "AES_256"},
    "GenerateMac": {"Message": b"hello", "MacAlgorithm": "HMAC_SHA_256"},
    "PutKeyPolicy": {"Policy": '{"Statement": []}', "BypassPolicyLockoutSafetyCheck": True},
    "Sign": {"Message": b"hello", "SigningAlgorithm": "ECDSA_SHA_384"},
    "TagResource": {"Tags": [{"TagKey": "Purpose", "TagValue": "Test"}]},
    "UntagResource": {"TagKeys": ["Purpose"]},
    "UpdateKeyDescription": {"Description": "for tests"},
}


# The operation that makes what an operation on the same key needs.
MADE_BY = {
    "Decrypt": "Encrypt",
    "ReEncrypt": "Encrypt",
    "RetireGrant": "CreateGrant",
    "RevokeGrant": "CreateGrant",
    "Verify": "Sign",
    "VerifyMac": "GenerateMac",
}


def brought_to(kms: Kms, key_id: str, state: str) -> None:
    """Bring an enabled key to *state*."""
    if state == "Disabled":
        kms("DisableKey", KeyId=key_id)
    elif state == "PendingDeletion":
        kms("ScheduleKeyDeletion", KeyId=key_id)
    elif state == "Unavailable":
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=kms.metadata(key_id)["CustomKeyStoreId"])
    assert kms.state(key_id) == state


def request_for(operation: str, key_id: str, other: str, made: dict[str, Any]) -> dict[str, Any]:
    """Return a request that fails with nothing but the state of the key."""
    match operation:
        case "CreateAlias":
            return {"AliasName": "alias/new", "TargetKeyId": key_id}
        case "UpdateAlias":
            return {"AliasName": "alias/others", "TargetKeyId": key_id}
        case "Decrypt":
            return {"CiphertextBlob": made["CiphertextBlob"]}
        case "ReEncrypt":
            return {"CiphertextBlob": made["CiphertextBlob"], "DestinationKeyId": other}
        case "RetireGrant" | "RevokeGrant":
            return {"KeyId": key_id, "GrantId": made["GrantId"]}
        case "Verify":
            return {"KeyId": key_id, "Signature": made["Signature"]} | MEMBERS["Sign"]
        case "VerifyMac":
            return {"KeyId": key_id, "Mac": made["Mac"]} | MEMBERS["GenerateMac"]
    return {"KeyId": key_id} | MEMBERS.get(operation, {})


@pytest.mark.parametrize(("operation", "state", "cell", "in_store"), CELLS)
def test_the_table(kms: Kms, operation: str, state: str, cell: str, in_store: bool) -> None:
    """An operation on a key in a state works, or fails with the words of the table's footnote."""
    spec = SPECS.get(operation, "SYMMETRIC_DEFAULT")
    usage = "KEY_AGREEMENT" if operation == "DeriveSharedSecret" else None
    key_id = kms.key_in_store(kms.connected_store()) if in_store else kms.key_of(spec, usage)
    other = kms.create_key()
    kms("CreateAlias", AliasName="alias/others", TargetKeyId=other)
    made = {}
    if operation in MADE_BY:
        made = kms(MADE_BY[operation], KeyId=key_id, **MEMBERS[MADE_BY[operation]])
    brought_to(kms, key_id, state)
    document = request_for(operation, key_id, other, made)
    if cell == "ok":
        kms(operation, **document)
    else:
        code, message = FOOTNOTES[cell]
        assert kms.refusal(operation, **document) == (code, message.format(arn=kms.arn(key_id)))


@pytest.mark.parametrize(("state", "cell"), list(zip(STATES, EXPECTED["ReEncrypt"].split(), strict=True)))
def test_both_keys_of_re_encrypt(kms: Kms, state: str, cell: str) -> None:
    """ReEncrypt looks at the state of the key that it encrypts with as it looks at that of the other."""
    destination = kms.key_in_store(kms.connected_store())
    blob = kms("Encrypt", KeyId=kms.create_key(), Plaintext=b"hello")["CiphertextBlob"]
    brought_to(kms, destination, state)
    document = {"CiphertextBlob": blob, "DestinationKeyId": destination}
    if cell == "ok":
        kms("ReEncrypt", **document)
    else:
        code, message = FOOTNOTES[cell]
        assert kms.refusal("ReEncrypt", **document) == (code, message.format(arn=kms.arn(destination)))


@pytest.mark.parametrize("state", STATES)
def test_delete_alias_does_not_care(kms: Kms, state: str) -> None:
    """An alias can be deleted whatever state its key is in."""
    key_id = kms.key_in_store(kms.connected_store())
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    brought_to(kms, key_id, state)
    assert kms("DeleteAlias", AliasName="alias/example") is None


@pytest.mark.parametrize("state", STATES)
def test_update_alias_away(kms: Kms, state: str) -> None:
    """An alias can be taken off a key in any state; only its new key must not be pending deletion."""
    key_id = kms.key_in_store(kms.connected_store())
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    brought_to(kms, key_id, state)
    other = kms.create_key()
    kms("UpdateAlias", AliasName="alias/example", TargetKeyId=other)
    assert kms.metadata("alias/example")["KeyId"] == other


def test_every_operation_on_keys_is_in_the_table() -> None:
    """No operation that names a key is forgotten here."""
    keyless = {"CreateKey", "ListKeys", "GenerateRandom", "DeleteAlias", "ListRetirableGrants"}
    on_keys = {name for name in package.service.operations if "CustomKeyStore" not in name} - keyless - IMPORTS
    # Those of multi-Region keys are in test_replicas.py, with the states that only such keys have.
    assert on_keys - {"ReplicateKey", "UpdatePrimaryRegion"} == EXPECTED.keys()


def test_the_page() -> None:
    """The table has each operation of the guide's page, and six newer ones, once, and an answer for each state."""
    rows = [line.split() for line in key_states.TABLE.strip().splitlines()]
    assert len(rows) - 1 == len({operation for operation, *_ in rows[1:]}) == 46
    on_keys = {
        name
        for name, operation in package.service.operations.items()
        if operation.facts.names(Kind.KEY) or operation.facts.names(Kind.KEY_OF_ALIAS)
    }
    assert {operation for operation, *_ in rows[1:]} == on_keys
    assert set(rows[0]) == set(KeyState) - {KeyState.PENDING_REPLICA_DELETION}
    assert {len(cells) for _, *cells in rows[1:]} == {len(rows[0])}
    assert {cell for _, *cells in rows[1:] for cell in cells} <= {"ok", "-", *key_states.FOOTNOTES}


def test_states_to_come(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
    """States that no operation leads to so far are refused in the words of their footnotes."""
    key_id = kms.create_key()
    monkeypatch.setattr(Key, "state", lambda key, now, store=None: KeyState.PENDING_IMPORT)
    refusal = ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import.")
    assert kms.refusal("DisableKey", KeyId=key_id) == refusal
