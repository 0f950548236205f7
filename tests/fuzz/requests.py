"""Requests of any operation of any service, made from the models and from what earlier answers gave."""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import cbor2

from mockaws.clock import DAY
from mockaws.fixtures.library import certificate
from mockaws.gateway.http import Request
from mockaws.model.service import load
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import Cluster, Subnet
from mockaws.records.kms import CustomKeyStore, Grant, Key
from mockaws.services import cloudhsmv2, kms, sts
from tests.samples import ACCOUNT, NOW, REGION
from tests.unit.services.kms.calling import secret_of
from tests.unit.services.kms.test_any_request import ALGORITHMS, NEXT, SEEN
from tests.wire import json_request, query_request, signature
from tests.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from mockaws.model.service import ServiceModel
    from mockaws.worlds.world import World

SERVICES = {package.service.model.name: package.service.model for package in (kms, cloudhsmv2, sts)}
# KMS has most operations, and each of them more that can go wrong.
_WEIGHTS = {"kms": 5, "cloudhsmv2": 2, "sts": 1}
ACCOUNTS = (ACCOUNT, ACCOUNT, ACCOUNT, "444455556666")
REGIONS = (REGION, REGION, REGION, "eu-central-1", "us-east-1", "cn-north-1")
_MOST_SEEN = 12
_LONG = 64
# Members that an operation needs although its model calls them optional.
_NEEDED = {
    "CreateCustomKeyStoreRequest": (
        "CloudHsmClusterId",
        "CustomKeyStoreName",
        "KeyStorePassword",
        "TrustAnchorCertificate",
    ),
    "DeriveSharedSecretRequest": ("PublicKey",),
    "GenerateDataKeyRequest": ("KeySpec",),
    "GenerateDataKeyWithoutPlaintextRequest": ("KeySpec",),
    "GenerateRandomRequest": ("NumberOfBytes",),
    "ListRetirableGrantsRequest": ("RetiringPrincipal",),
    "PutResourcePolicyRequest": ("ResourceArn", "Policy"),
    "RetireGrantRequest": ("KeyId", "GrantId"),
}
# The share of requests that are likely to be good; the others have anything anywhere.
_TAME = 0.6
# Other names under which a request uses a value of an answer.
_ALSO: dict[str, tuple[str, ...]] = {
    "AliasArn": ("KeyId",),
    "AliasName": ("KeyId", "TargetKeyId"),
    "Arn": ("KeyId", "PrincipalArn", "GranteePrincipal", "RetiringPrincipal"),
    "BackupArn": ("ResourceArn",),
    "BackupId": ("SourceBackupId", "ResourceId"),
    "ClusterId": ("CloudHsmClusterId", "ResourceId"),
    "GrantToken": ("GrantTokens",),
    "KeyArn": ("KeyId",),
    "KeyId": ("TargetKeyId", "SourceKeyId", "DestinationKeyId"),
    "NextMarker": ("Marker",),
    "Subnets": ("SubnetIds",),
}
_OF_OTHERS: dict[str, list[Any]] = {
    "AvailabilityZone": ["us-west-2a", "us-west-2b"],
    "BackupRetentionPolicy": [{"Type": "DAYS", "Value": "7"}],
    "DestinationRegion": ["eu-central-1", "us-east-1"],
    "BypassPolicyLockoutSafetyCheck": [True, False],
    "HsmType": ["hsm1.medium", "hsm2m.medium"],
    "Mode": ["FIPS", "NON_FIPS"],
    "Policy": ['{"Statement": []}', '{"Version": "2012-10-17", "Statement": []}', '{"Statement": [{}]}'],
    "ValidTo": [NOW + DAY, 253402300799, 253402300800, 1e15, 0],
    "RoleArn": [f"arn:aws:iam::{account}:role/Application" for account in ACCOUNTS[2:]],
    "RoleSessionName": ["session"],
    "TagKeyList": [["a"]],
    "TrustAnchorCertificate": [certificate()],
}
JUNK: tuple[Any, ...] = (
    *(None, "", " ", "x" * 9000, "\ud800", "\x00", "é" * 300, "*", "a\nb", "2024-01-01"),
    *(True, -1, 0, 5, 1.5, 1e300, -1e18, 10**30, float("nan"), float("inf")),
    *([], [None], [[]], {}, {"a": None}, {"a": {"b": ["c"] * 40}}, ["x"] * 300),
)
_FOLLOWING = NEXT | {
    "CreateCustomKeyStore": ["ConnectCustomKeyStore", "CreateKey"],
    "CreateCluster": ["CreateHsm", "DescribeClusters"],
    "ScheduleKeyDeletion": ["CancelKeyDeletion"],
    "GenerateDataKey": ["Decrypt"],
    "GenerateDataKeyWithoutPlaintext": ["ReEncrypt"],
    "TagResource": ["UntagResource"],
}


class Drawn(NamedTuple):
    """A request as it was meant, before it was written in a protocol."""

    service: str
    operation: str
    document: Any
    account: str
    access_key_id: str
    region: str

    @property
    def model(self) -> ServiceModel:
        """The model of the service."""
        return load(self.service)


class Requests:
    """A maker of requests for one world that remembers what its answers held."""

    def __init__(self) -> None:
        self.seen: dict[str, list[Any]] = defaultdict(list)
        for known in (SEEN, _OF_OTHERS):
            for name, values in known.items():
                self.seen[name] += values
        self._sessions: list[str] = []
        self._next: list[Drawn] = []

    def draw(self, random: Random, world: World) -> Drawn:
        """Return any request; often what is asked next after an answer."""
        if self._next and random.random() < 0.4:
            return self._next.pop()
        service = random.choices([*_WEIGHTS], [*_WEIGHTS.values()])[0]
        model = SERVICES[service]
        name = random.choice(sorted(model.operations))
        tame = random.random() < _TAME
        drawing = _Drawing(random, world, model, self.seen, tame=tame)
        shape = model.operations[name].input_shape
        document = drawing.suited(drawing.structure(shape)) if shape else {}
        if not tame and random.random() < 0.05:
            document = random.choice(JUNK)
        place = (random.choice(ACCOUNTS), random.choice(REGIONS))
        account, region = drawing.place if drawing.place is not None and (tame or random.random() < _TAME) else place
        access_key_id = random.choice(self._sessions) if self._sessions and random.random() < 0.1 else account
        return Drawn(service, name, document, account, access_key_id, region)

    def written(self, random: Random, asked: Drawn) -> Request:
        """Return a request in one of the protocols of its service."""
        model = asked.model
        signed = signature(model.signing_name, access_key_id=asked.access_key_id, region=asked.region)
        if asked.service == "sts":
            document = asked.document if isinstance(asked.document, dict) else {}
            request = query_request("sts", asked.operation, sound(document), authorization=signed)
        elif asked.service == "cloudhsmv2" and random.random() < 0.3:
            request = Request(
                "POST",
                f"/service/BaldrApiService/operation/{asked.operation}",
                "",
                cbor2.dumps(sound(asked.document)),
                "application/cbor",
                "",
                signed,
                "rpc-v2-cbor",
            )
        else:
            body = json.dumps(asked.document, default=_encoded).encode()
            request = json_request(asked.service, asked.operation, body, authorization=signed)
        return request

    def remember(self, random: Random, asked: Drawn, answer: Any) -> None:
        """Keep what an answer holds by the names of its members, and what may be asked next."""
        for member, value in _leaves(answer):
            for name in (member, *_ALSO.get(member, ())):
                values = self.seen[name]
                values.append([value] if name.endswith("s") else value)
                del values[: -_MOST_SEEN - len(SEEN.get(name, ()))]
        if not isinstance(answer, dict) or not isinstance(asked.document, dict):
            return
        if isinstance(answer.get("Credentials"), dict):
            self._sessions = [*self._sessions[-5:], answer["Credentials"]["AccessKeyId"]]
        known = {
            "DestinationKeyId": asked.document.get("KeyId"),
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            "ImportType": "NEW_KEY_MATERIAL",
            "Origin": "AWS_CLOUDHSM",
            "PrimaryRegion": "us-east-1",
            "ReplicaRegion": "us-east-1",
            "TagKeys": ["a"],
            "TagKeyList": ["a"],
        }
        known |= asked.document | answer | (answer.get("KeyMetadata") or answer.get("Cluster") or {})
        if asked.operation == "GetParametersForImport":
            known |= _material(random, asked.document, answer)
        for operation in _FOLLOWING.get(asked.operation, ()):
            if operation in asked.model.operations:
                members = asked.model.operations[operation].members
                document = {name: known[name] for name in members if known.get(name) is not None}
                self._next = [*self._next[-4:], asked._replace(operation=operation, document=document)]


class _Drawing:
    """Draws the members of one request."""

    def __init__(
        self, random: Random, world: World, model: ServiceModel, seen: dict[str, list[Any]], *, tame: bool
    ) -> None:
        self._random = random
        self._world = world
        self._model = model
        self._seen = seen
        self._tame = tame
        self.place: tuple[str, str] | None = None
        """The account and Region of what the request is about."""

    def _likely(self, probability: float) -> bool:
        return self._random.random() < probability

    def structure(self, shape_name: str) -> dict[str, Any]:
        """Return a structure that has what it requires, as a rule, and some of the rest."""
        shape = self._model.shapes[shape_name]
        required = (*shape.get("required", ()), *_NEEDED.get(shape_name, ()))
        found = {
            name: self.value(name, member["shape"])
            for name, member in shape["members"].items()
            if (name in required and (self._tame or self._likely(0.97))) or self._likely(0.12 if self._tame else 0.4)
        }
        if not self._tame and self._likely(0.03):
            found[self._random.choice(["NoSuchMember", "", "\ud800", "x" * 500])] = self._random.choice(JUNK)
        return found

    def value(self, name: str, shape_name: str) -> Any:
        """Return a value: one that was seen under this name, any that its shape permits, or none of them."""
        random = self._random
        if not self._tame and self._likely(0.06):
            return random.choice(JUNK)
        if self._likely(0.8) and (found := self._of_the_world(name)) is not None:
            return found
        if self._seen.get(name) and self._likely(0.9 if self._tame else 0.6):
            seen = random.choice(self._seen[name])
            harm = isinstance(seen, bytes) and not self._tame and self._likely(0.2)
            return damaged(random, seen) if harm else seen
        return self._any(name, shape_name)

    def _any(self, name: str, shape_name: str) -> Any:
        """Return a value of a shape."""
        random, shape = self._random, self._model.shapes[shape_name]
        match shape["type"]:
            case "structure":
                return self.structure(shape_name)
            case "list":
                member = shape["member"]["shape"]
                return [
                    self.value(name.removesuffix("s"), member)
                    for _ in range(random.choice([1, 1, 2] if self._tame else [0, 1, 1, 2, 3]))
                ]
            case "map":
                return {random.choice("aéb"): random.choice(["", "1", "\ud800", "x" * 300]) for _ in range(3)}
            case "integer" | "long":
                low, high = shape.get("min", 0), shape.get("max", 1000)
                good = [number for number in (low, high, 7, 30, 90) if low <= number <= high]
                return random.choice(good if self._tame else [low - 1, high + 1, *good])
            case "boolean":
                return self._likely(0.3)
            case "blob":
                return random.randbytes(random.choice([1, 16, 32] if self._tame else [0, 1, 16, 256, 4097]))
            case "timestamp":
                return self._world.clock.now() + random.choice([-1, 0, DAY, 366 * DAY, 1e12])
        return self._text(shape)

    def _text(self, shape: Any) -> str:
        if "enum" in shape and self._likely(0.95):
            return str(self._random.choice(shape["enum"]))
        low, high = shape.get("min", 0), min(shape.get("max", 20), 9000)
        if self._tame:
            return "".join(self._random.choices("abc0", k=min(max(low, 5), high)))
        length: int = self._random.choice([low, low, high, high + 1, min(low + 5, high)])
        if length > _LONG:
            return "x" * length
        return "".join(self._random.choices("abc0-_./:+= {}\"'é\U0001f511\ud800", k=length))

    def _of_the_world(self, name: str) -> Any:
        """Return what a member of this name stands for in the world, None where it stands for nothing there."""
        kinds: dict[str, tuple[type, Callable[[Any], Any]]] = {
            "KeyId": (Key, lambda key: self._random.choice([key.id, key.arn])),
            "SourceKeyId": (Key, lambda key: key.id),
            "DestinationKeyId": (Key, lambda key: key.id),
            "TargetKeyId": (Key, lambda key: key.id),
            "GrantId": (Grant, lambda grant: grant.id),
            "CustomKeyStoreId": (CustomKeyStore, lambda store: store.id),
            "ClusterId": (Cluster, lambda cluster: cluster.id),
            "CloudHsmClusterId": (Cluster, lambda cluster: cluster.id),
            "BackupId": (Backup, lambda backup: backup.id),
            "SourceBackupId": (Backup, lambda backup: backup.id),
            "ResourceArn": (Backup, lambda backup: backup.arn),
            "SubnetIds": (Subnet, lambda subnet: [subnet.id]),
        }
        if name not in kinds:
            return None
        kind, shown = kinds[name]
        there = [record for record in self._world.store.records() if isinstance(record, kind)]
        if not there:
            return None
        record = self._random.choice(there)
        self.place = (record.account, record.region)
        return shown(record)

    def suited(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return *document* with a key that has a use, and algorithms that it has, as a rule."""
        usages = [usage for algorithm, usage in ALGORITHMS.items() if algorithm in document]
        if "KeyId" not in document or not usages or self._likely(0.2):
            return document
        keys = [record for record in self._world.store.records() if isinstance(record, Key) and record.usage in usages]
        if not keys:
            return document
        key = self._random.choice(keys)
        self.place = (key.account, key.region)
        own = self._random.choice(key.key_spec.usages[key.usage])
        return document | {"KeyId": key.arn} | {name: own for name in ALGORITHMS if name in document}


def damaged(random: Random, blob: bytes) -> bytes:
    """Return *blob* with another byte somewhere, more of them, or cut off there."""
    place = random.randrange(len(blob) + 1)
    middle = random.choice([b"", random.randbytes(1), random.randbytes(9), blob[place : place + 20] * 2])
    return blob[:place] + middle + random.choice([blob[place + 1 :], b""])


def _material(random: Random, document: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    material = random.choice([bytes(32), random.randbytes(32), secret_of("ECC_NIST_P256")])
    try:
        sealed = wrapped(document["WrappingAlgorithm"], answer["PublicKey"], material)
    except (KeyError, TypeError, ValueError):
        return {}
    return {"EncryptedKeyMaterial": sealed}


def _leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Return the texts and blobs of an answer with the names of their members."""
    if isinstance(value, dict):
        return [leaf for member, inner in value.items() for leaf in _leaves(inner, member)]
    if isinstance(value, list):
        return [leaf for inner in value[:3] for leaf in _leaves(inner, name.removesuffix("s"))]
    return [(name, value)] if isinstance(value, str | bytes) and value else []


def _encoded(value: Any) -> Any:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else str(value)


def sound(value: Any) -> Any:
    """Return *value* without halves of characters, which UTF-8 cannot write."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [sound(item) for item in value]
    if isinstance(value, dict):
        return {sound(key): sound(item) for key, item in value.items()}
    return value
