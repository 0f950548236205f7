"""Whatever is asked of keys of every kind, KMS answers in the shapes of its model, or with an error that it lists."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import arns
from mockaws.clock import DAY
from mockaws.crypto import key_pairs, wrapping
from mockaws.records.key_specs import KEY_SPECS, KeyType, KeyUsage
from mockaws.records.kms import Key, Origin
from mockaws.services import kms as package
from tests import attestation
from tests.samples import ACCOUNT, CLUSTER, NOW
from tests.unit.services.kms.calling import PASSWORD, TRUST_ANCHOR, Kms, key_of, public_key_of, ready, secret_of
from tests.wire import RefusedError
from tests.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

REQUESTS = 1200
WORLDS = 8
MODEL = package.service.model
ALGORITHMS = {
    "EncryptionAlgorithm": KeyUsage.ENCRYPT_DECRYPT,
    "SigningAlgorithm": KeyUsage.SIGN_VERIFY,
    "MacAlgorithm": KeyUsage.GENERATE_VERIFY_MAC,
    "KeyAgreementAlgorithm": KeyUsage.KEY_AGREEMENT,
    "EncapsulationAlgorithm": KeyUsage.ENCAPSULATE_DECAPSULATE,
}
# The operations that are called next with the members of an answer, and with those of its request.
NEXT = {
    "CreateGrant": ["RetireGrant"],
    "CreateKey": ["ReplicateKey", "UpdatePrimaryRegion"],
    "Encapsulate": ["Decapsulate"],
    "Encrypt": ["Decrypt", "ReEncrypt"],
    "GenerateMac": ["VerifyMac"],
    "GetParametersForImport": ["ImportKeyMaterial", "RotateKeyOnDemand"],
    "Sign": ["Verify"],
}
# Values of members, by their names, that would not be found at random.
SEEN: dict[str, list[Any]] = {
    "AliasName": ["alias/a", "alias/b", "alias/aws/s3", "a"],
    "AttestationDocument": [attestation.document()],
    "CloudHsmClusterId": [CLUSTER],
    "ExpirationModel": ["KEY_MATERIAL_DOES_NOT_EXPIRE"],
    "GranteePrincipal": [f"arn:aws:iam::{ACCOUNT}:role/one", "s3.amazonaws.com"],
    "GranteeServicePrincipal": ["one.amazonaws.com"],
    "KeyStorePassword": [PASSWORD],
    "Message": [bytes(length) for length in (1, 32, 48, 64, 4096)],
    "Name": ["one", "two"],
    "Operations": [["DescribeKey"], ["Encrypt", "Decrypt"], ["Sign"]],
    "Plaintext": [bytes(length) for length in (1, 190, 1024, 4096)],
    "Policy": ['{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}', "{}", "["],
    "PolicyName": ["default", "AWS_RAM"],
    "PrimaryRegion": ["eu-west-1", "us-east-1"],
    "PublicKey": [public_key_of(spec.name) for spec in KEY_SPECS.values() if spec.type is KeyType.ASYMMETRIC],
    "ReplicaRegion": ["eu-west-1", "us-east-1", "cn-northwest-1"],
    "RetiringPrincipal": [f"arn:aws:iam::{ACCOUNT}:root"],
    "RetiringServicePrincipal": ["one.amazonaws.com"],
    "SourceArn": ["arn:aws:s3:::one"],
    "TrustAnchorCertificate": [TRUST_ANCHOR],
}


def kinds(region: str) -> Iterator[Key]:
    """Yield keys of each spec and usage that the Region has: in every state, and of either origin."""
    states: tuple[dict[str, Any], ...] = (
        {},
        {"enabled": False},
        {"deletion_at": NOW + 7 * DAY, "pending_window_in_days": 7},
        {"origin": Origin.EXTERNAL},
        {"origin": Origin.EXTERNAL, "materials": ()},
    )
    available = (spec for spec in KEY_SPECS.values() if spec.is_in(arns.partition(region)))
    each = ((spec.name, usage, changes) for spec in available for usage in spec.usages for changes in states)
    for number, (spec, usage, changes) in enumerate(each):
        yield key_of(spec, usage, f"{number:08x}-12ab-34cd-56ef-1234567890ab", region=region, **changes)


class Asking:
    """A client that calls any operation, and others with the members of the answers."""

    def __init__(self, region: str, seed: int) -> None:
        """Make a world of all kinds of keys."""
        self.keys = list(kinds(region))
        self.kms = Kms(*ready(), *self.keys).by(region=region)
        self.random = Random(seed)  # noqa: S311 - the same each time
        self.seen: dict[str, list[Any]] = defaultdict(list, {name: list(values) for name, values in SEEN.items()})

    def ask(self) -> None:
        """Make one request; time passes now and then."""
        if self.likely(0.01):
            self.kms.clock.advance(self.random.choice([1, 3600, DAY]))
        name = self.random.choice(sorted(MODEL.operations))
        shape = MODEL.operations[name].input_shape
        document = self.structure(shape) if shape else {}
        document = self.suited(document)
        with suppress(RefusedError):
            self.go_on(name, document, self.kms(name, **document) or {})

    def likely(self, probability: float) -> bool:
        """Return True if an event happens."""
        return self.random.random() < probability

    def structure(self, shape_name: str) -> dict[str, Any]:
        """Return a structure that has what it requires, and some of the rest."""
        shape = MODEL.shapes[shape_name]
        return {
            name: self.value(name, member["shape"])
            for name, member in shape["members"].items()
            if name in shape.get("required", ()) or self.likely(0.35)
        }

    def value(self, name: str, shape_name: str) -> Any:
        """Return a value: one that was seen under this name, or any that its shape permits, or none of them."""
        shape = MODEL.shapes[shape_name]
        if shape_name == "KeyIdType":
            key = self.random.choice(self.keys)
            return self.random.choice([key.id, key.arn, *self.seen["KeyId"][-9:], "alias/a", "alias/aws/s3", "none"])
        if self.seen[name] and self.likely(0.8):
            seen = self.random.choice(self.seen[name])
            return self.damaged(seen) if isinstance(seen, bytes) and self.likely(0.2) else seen
        match shape["type"]:
            case "structure":
                return self.structure(shape_name)
            case "list":
                return [
                    self.value(name[:-1], shape["member"]["shape"]) for _ in range(self.random.choice([0, 1, 1, 2]))
                ]
            case "map":
                return {self.random.choice("aé"): self.random.choice(["", "1", "\ud800"])}
            case "integer":
                return self.random.choice([shape["min"], shape["max"], 30, 90, shape["max"] + 1])
            case "boolean":
                return self.likely(0.3)
            case "blob":
                return self.random.randbytes(self.random.choice([0, 16, 32, 256]))
            case "timestamp":
                return self.kms.clock.now() + self.random.choice([-1, DAY, 366 * DAY])
        return self.random.choice(shape.get("enum") or ["a", "0" * 64, "é"])

    def damaged(self, blob: bytes) -> bytes:
        """Return *blob* with another byte somewhere, or cut off there."""
        place = self.random.randrange(len(blob))
        return blob[:place] + (b"" if self.likely(0.3) else self.random.randbytes(1) + blob[place + 1 :])

    def suited(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return *document* with a key that has a use, and algorithms that it has, as a rule."""
        if "KeyId" not in document or self.likely(0.2):
            return document
        usages = [usage for algorithm, usage in ALGORITHMS.items() if algorithm in document]
        fit = [key for key in self.keys if (key.usage in usages if usages else key.key_spec.type is KeyType.SYMMETRIC)]
        key = self.random.choice(fit or self.keys)
        own = self.random.choice(key.key_spec.usages[key.usage])
        return document | {"KeyId": key.id} | {name: own for name in ALGORITHMS if name in document}

    def go_on(self, name: str, document: dict[str, Any], answer: dict[str, Any]) -> None:
        """Remember what an answer holds by the names of its members, and ask what is asked next."""
        for member, value in answer.items():
            if isinstance(value, bytes | str):
                self.seen[member].append(value)
        known: dict[str, Any] = {
            "DestinationKeyId": self.random.choice(self.keys).id,
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            "ImportType": "NEW_KEY_MATERIAL",
            "PrimaryRegion": "us-east-1",
            "ReplicaRegion": "us-east-1",
        }
        known |= document | answer | answer.get("KeyMetadata", {})
        if document.get("WrappingAlgorithm", "SM2PKE") != "SM2PKE":
            material = self.random.choice([bytes(32), self.random.randbytes(32), secret_of("ECC_NIST_P256")])
            with suppress(ValueError):
                known["EncryptedKeyMaterial"] = wrapped(document["WrappingAlgorithm"], answer["PublicKey"], material)
        for operation in NEXT.get(name, ()):
            members = (member for member in MODEL.operations[operation].members if member in known)
            with suppress(RefusedError):
                self.kms(operation, **{member: known[member] for member in members})


@pytest.fixture(autouse=True)
def _key_pairs_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each kind of key pair once: one of RSA takes up to seconds."""
    monkeypatch.setattr(key_pairs, "generate", _generate)
    monkeypatch.setattr(wrapping, "new_key", _new_wrapping_key)


_generate, _new_wrapping_key = cache(key_pairs.generate), cache(wrapping.new_key)


@pytest.mark.parametrize("seed", range(WORLDS))
@pytest.mark.parametrize("region", ["us-west-2", "cn-north-1"])
def test_any_request(region: str, seed: int) -> None:
    """Whatever a key's spec, usage, origin and state: no request on it makes a 5xx or an error that is not listed."""
    asking = Asking(region, seed)
    for _ in range(REQUESTS):
        asking.ask()
