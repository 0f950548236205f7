"""No secret is in the journal, whichever operation took or answered it, and however the call ended."""

from __future__ import annotations

import base64
import json
import string
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mockaws.cli.output import event_line as line
from mockaws.journal.events import event
from mockaws.model.service import load
from tests.samples import ACCOUNT, CLUSTER, ZONE_A
from tests.unit.journal.calling import Calls
from tests.unit.services.kms.calling import TRUST_ANCHOR
from tests.wire import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockaws.gateway.journey import Gateway
    from mockaws.model.service import ServiceModel

SERVICES = ("kms", "cloudhsmv2", "sts")
# Members that are a secret, or have one in them, although the model does not say so.
ALSO_SECRET = {"SessionToken", "GrantToken", "GrantTokens", "PreCoPassword"}
# Hypothesis also tries words of the code, such as names of operations, which events do show: hence the letter in front.
SECRETS = st.text(string.ascii_letters + string.digits, min_size=19, max_size=31).map("Z{}".format)
# Values that let many of the calls succeed; an RSA key would take its time.
VALUES = {
    "AliasName": "alias/example",
    "CloudHsmClusterId": CLUSTER,
    "ClusterId": CLUSTER,
    "AvailabilityZone": ZONE_A,
    "CustomKeyStoreName": "ExampleKeyStore",
    "Description": "example",
    "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:user/Alice",
    "KeyPairSpec": "ECC_NIST_P256",
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/ExampleRole",
    "RoleSessionName": "ExampleSession",
    "TagKey": "Department",
    "TagValue": "Engineering",
    "TokenCode": "918273",
    "TrustAnchorCertificate": TRUST_ANCHOR,
    "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
}
KEYS = {"KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"}


def is_secret(model: ServiceModel, name: str, shape_name: str) -> bool:
    """Return True if no event may show a member of the model: sensitive members, and binary data."""
    shape = model.shapes[shape_name]
    return bool(shape.get("sensitive")) or shape["type"] == "blob" or name in ALSO_SECRET


def value(model: ServiceModel, name: str, shape_name: str, secret: str, key_id: str) -> Any:
    """Return a value of a shape, with *secret* in its secret members; None leaves the member out."""
    shape = model.shapes[shape_name]
    kind = shape["type"]
    if kind == "blob":
        return base64.b64encode(secret.encode()).decode()
    if kind == "string":
        if is_secret(model, name, shape_name):
            return secret
        return key_id if name in KEYS else VALUES.get(name, shape.get("enum", [None])[0])
    if kind == "list":
        item = value(model, name, shape["member"]["shape"], secret, key_id)
        return None if item is None else [item]
    if kind == "structure":
        return document(model, shape_name, secret, key_id)
    return {"integer": shape.get("min", 1), "boolean": False}.get(kind)


def document(model: ServiceModel, shape_name: str | None, secret: str, key_id: str) -> dict[str, Any]:
    """Return a request's document with all secret members there are."""
    members = model.shapes[shape_name].get("members", {}) if shape_name else {}
    found = {name: value(model, name, member["shape"], secret, key_id) for name, member in members.items()}
    return {name: item for name, item in found.items() if item is not None}


def answered_secrets(model: ServiceModel, shape_name: str, answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the secrets of an answer."""
    for name, member in model.shapes[shape_name].get("members", {}).items():
        found = answer.get(name)
        if found is None:
            continue
        if is_secret(model, name, member["shape"]):
            if len(found) >= 16:  # one random byte may well be part of something else
                yield found
        elif model.shapes[member["shape"]]["type"] == "structure":
            yield from answered_secrets(model, member["shape"], found)


def shown(calls: Calls) -> str:
    """Return everything that the journal shows of all calls, in all its forms."""
    events = [event(entry) for entry in calls.world.journal.entries()]
    return json.dumps(events) + "\n".join(map(line, events))


@settings(max_examples=20)
@given(secret=SECRETS, absent=st.sets(st.sampled_from(["GrantTokens", "Recipient", "Plaintext", "KeyId"])))
def test_no_secret_is_told(gateway: Gateway, secret: str, absent: set[str]) -> None:
    """The journal shows no secret that any operation is given; without the *absent* members calls succeed, or fail."""
    calls = Calls(gateway)
    key_id, _ = calls.key()
    answered: list[str] = []
    for service in SERVICES:
        model = load(service)
        for name, operation in model.operations.items():
            request = document(model, operation.input_shape, secret, key_id)
            for member in absent:
                request.pop(member, None)
            try:
                answer = calls(service, name, **request)
            except RefusedError:
                continue
            answered += answered_secrets(model, operation.output_shape or "", answer or {}) if answer else []
    assert len(calls.world.journal.entries()) > 70
    everything = shown(calls)
    encoded = secret.encode()
    for form in (secret, base64.b64encode(encoded).decode(), encoded.hex(), *answered):
        assert form.rstrip("=") not in everything


def test_real_answers_are_not_told(gateway: Gateway) -> None:
    """Secrets in good answers of KMS and STS are not shown: data keys, random bytes, credentials, grant tokens."""
    calls = Calls(gateway)
    key_id, _ = calls.key()
    secrets: list[str] = []
    for service, operation, request in (
        ("kms", "GenerateDataKey", {"KeyId": key_id, "KeySpec": "AES_256"}),
        ("kms", "GenerateDataKeyPair", {"KeyId": key_id, "KeyPairSpec": "ECC_NIST_P256"}),
        ("kms", "GenerateRandom", {"NumberOfBytes": 32}),
        ("kms", "Encrypt", {"KeyId": key_id, "Plaintext": "c2VjcmV0"}),
        (
            "kms",
            "CreateGrant",
            {"KeyId": key_id, "GranteePrincipal": VALUES["GranteePrincipal"], "Operations": ["Sign"]},
        ),
        ("sts", "AssumeRole", {"RoleArn": VALUES["RoleArn"], "RoleSessionName": "ExampleSession"}),
        ("sts", "GetSessionToken", {}),
    ):
        model = load(service)
        try:
            answer = calls(service, operation, **request)
        except RefusedError:
            continue
        secrets += answered_secrets(model, model.operations[operation].output_shape or "", answer)
    assert len(secrets) >= 10
    everything = shown(calls)
    assert not [secret for secret in secrets if secret.rstrip("=") in everything]


def test_what_is_kept_has_no_secrets(gateway: Gateway) -> None:
    """Plaintexts, passwords and data keys are dropped when the call ends, not when its event is read."""
    calls = Calls(gateway)
    key_id, _ = calls.key()
    calls("kms", "Encrypt", KeyId=key_id, Plaintext="c2VjcmV0")
    calls("kms", "GenerateDataKey", KeyId=key_id, KeySpec="AES_256")
    calls.event("kms", "CreateCustomKeyStore", CustomKeyStoreName="a", KeyStorePassword="secret123")
    _, encrypt, generate, create = calls.world.journal.entries()
    assert encrypt.arguments == {"key_id": key_id}
    assert (generate.result or {}).keys() == {"KeyId", "KeyMaterialId"}
    assert create.arguments == {"custom_key_store_name": "a"}
    # An exception would keep its traceback alive, and that the request.
    assert create.error is not None
    assert create.error[0] == "ValidationException"
    assert create.call is None


def test_credentials_are_not_kept(calls: Calls) -> None:
    """The journal keeps the id and the end of new credentials of STS, which their event shows."""
    calls("sts", "AssumeRole", RoleArn=VALUES["RoleArn"], RoleSessionName="ExampleSession")
    (entry,) = calls.world.journal.entries()
    credentials = (entry.result or {})["Credentials"]
    assert credentials.keys() == {"AccessKeyId", "SessionToken", "Expiration"}
    assert credentials["SessionToken"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
