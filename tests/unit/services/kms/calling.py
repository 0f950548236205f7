"""KMS as its callers see it: `kms("CreateKey", Origin="AWS_CLOUDHSM", …)`, through the gateway and without a socket.

Every answer is held against the model on the way: the shape of a good one, and whether the operation may answer with
an error at all.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar, cast

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from mockaws import arns
from mockaws.crypto import key_pairs
from mockaws.crypto.rsa import RsaKeyPair
from mockaws.gateway.journey import Gateway
from mockaws.model.errors import COMMON_ERRORS
from mockaws.records.base import Record, evolve
from mockaws.records.cloudhsm import Cluster, HsmUser
from mockaws.records.key_specs import KEY_SPECS
from mockaws.records.kms import Alias, CustomKeyStore, Key, KeyMaterial
from mockaws.records.sts import GLOBAL, Session
from mockaws.records.world import WorldConfig
from mockaws.services import kms as package
from mockaws.worlds.world import World
from tests.contract.shapes import parsed
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, SUBNET_B, ZONE_B, cluster, hsm, subnet
from tests.wire import RefusedError, json_request, signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mockaws.clock import Clock
    from mockaws.records.cloudhsm import Hsm
    from mockaws.store.base import Transaction

R = TypeVar("R", bound=Record)

PASSWORD = "kmsPswd123"
TRUST_ANCHOR = cluster().trust_anchor or ""
KMSUSER = HsmUser(name="kmsuser", role="crypto-user", password=PASSWORD)
_NOT_THERE_YET = "this version does not support it, and says so"
UNDECLARED = {
    ("ListKeyPolicies", "InvalidMarkerException"): "the page does not say what a bad marker leads to",
    ("CreateCustomKeyStore", "UnsupportedOperationException"): _NOT_THERE_YET,
}

_GATEWAY = Gateway((package.service,))


class Refusal(NamedTuple):
    """An error answer."""

    code: str
    message: str


def two_hsms() -> tuple[Hsm, Hsm]:
    """Return two active HSMs in two zones."""
    return hsm(), hsm("hsm-zyxwvutsrqp", zone=ZONE_B, subnet_id=SUBNET_B, eni_id="eni-2", eni_ip="10.0.2.11")


def ready(**changes: Any) -> Iterator[Record]:
    """Yield the records of a cluster that a key store can stand on; *changes* are fields of the cluster."""
    yield subnet()
    yield subnet(SUBNET_B)
    yield cluster(**{"hsms": two_hsms(), "users": (KMSUSER,)} | changes)


class Kms:
    """A world whose clock stands still, and a client of KMS in it."""

    def __init__(self, *records: Record, **config: Any) -> None:
        """Make a world of *records*, by default one with a ready cluster, under *config*, fields of `WorldConfig`."""
        fields: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
        self.world = World.holding(WorldConfig(**fields | config), records or ready(), id_seed="tests")
        self.world.clock.freeze(NOW)
        self.account, self.region, self.access_key_id = ACCOUNT, REGION, ACCOUNT

    def by(self, account: str = ACCOUNT, region: str = REGION, access_key_id: str | None = None) -> Self:
        """Return a caller of another account or Region, in the same world."""
        other = object.__new__(type(self))
        other.world, other.account, other.region = self.world, account, region
        other.access_key_id = access_key_id or account
        return other

    def by_session(self, arn: str) -> Self:
        """Return a caller with temporary credentials, who is known as *arn*."""
        account = arn.split(":")[4]
        access_key_id = self.world.ids.access_key(account)
        self.put(
            Session(account=account, region=GLOBAL, id=access_key_id, arn=arn, user_id="AROA:x", expires_at=NOW + 3600)
        )
        return self.by(account, self.region, access_key_id)

    @property
    def clock(self) -> Clock:
        """The world's clock."""
        return self.world.clock

    def __call__(self, operation: str, /, **document: Any) -> Any:
        """Return what KMS answers, blobs as bytes. Raises RefusedError for an error answer."""
        model = package.service.model.operations[operation]
        body = json.dumps(document, default=lambda blob: base64.b64encode(blob).decode()).encode()
        authorization = signature("kms", access_key_id=self.access_key_id, region=self.region)
        answer = _GATEWAY.answer(self.world, json_request("kms", operation, body, authorization=authorization))
        result: Any = json.loads(answer.body) if answer.body else None
        if answer.status == 200:
            return parsed(package.service.model, model.output_shape, result)
        code = result["__type"]
        listed = code in model.errors or code in COMMON_ERRORS or (operation, code) in UNDECLARED
        assert listed, f"{operation} answers {code}, which its page does not list"
        raise RefusedError(code, result.get("message", result.get("Message", "")), answer.status)

    def refusal(self, operation: str, /, **document: Any) -> Refusal:
        """Return the error that KMS answers with, which is the caller's own fault."""
        return self._error(400, operation, document)

    def failure(self, operation: str, /, **document: Any) -> Refusal:
        """Return the error that KMS answers with, which is no fault of the caller, who may try again."""
        return self._error(500, operation, document)

    def _error(self, status: int, operation: str, document: dict[str, Any]) -> Refusal:
        with pytest.raises(RefusedError) as refused:
            self(operation, **document)
        assert refused.value.status == status
        return Refusal(refused.value.code, refused.value.message)

    def create_store(self, **changes: Any) -> str:
        """Create a key store on the ready cluster; return its id."""
        parameters = {
            "CustomKeyStoreName": "ExampleKeyStore",
            "CloudHsmClusterId": CLUSTER,
            "TrustAnchorCertificate": TRUST_ANCHOR,
            "KeyStorePassword": PASSWORD,
        }
        store_id: str = self("CreateCustomKeyStore", **parameters | changes)["CustomKeyStoreId"]
        return store_id

    def connect(self, store_id: str) -> str:
        """Begin to connect a store; return the state it is in then."""
        self("ConnectCustomKeyStore", CustomKeyStoreId=store_id)
        return self.connection(store_id)

    def connected_store(self, **changes: Any) -> str:
        """Create a key store and connect it; return its id."""
        store_id = self.create_store(**changes)
        assert self.connect(store_id) == "CONNECTED"
        return store_id

    def described(self, store_id: str) -> dict[str, Any]:
        """Return what DescribeCustomKeyStores shows of one store."""
        (entry,) = self("DescribeCustomKeyStores", CustomKeyStoreId=store_id)["CustomKeyStores"]
        assert isinstance(entry, dict)
        return entry

    def connection(self, store_id: str) -> str:
        """Return a store's ConnectionState."""
        state: str = self.described(store_id)["ConnectionState"]
        return state

    def create_key(self, **document: Any) -> str:
        """Create a key; return its id."""
        key_id: str = self("CreateKey", **document)["KeyMetadata"]["KeyId"]
        return key_id

    def key_of(self, spec: str, usage: str | None = None, **changes: Any) -> str:
        """Add a key of *spec* to the world, without the delay of CreateKey; return its id."""
        key = key_of(spec, usage, self.world.ids.uuid(), region=self.region, **changes)
        self.put(key)
        return key.id

    def key_in_store(self, store_id: str, **document: Any) -> str:
        """Create a key in a key store; return its id."""
        return self.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id, **document)

    def metadata(self, key_id: str) -> dict[str, Any]:
        """Return what DescribeKey shows of a key."""
        found: dict[str, Any] = self("DescribeKey", KeyId=key_id)["KeyMetadata"]
        return found

    def state(self, key_id: str) -> str:
        """Return a key's KeyState."""
        state: str = self.metadata(key_id)["KeyState"]
        return state

    def arn(self, key_id: str) -> str:
        """Return the ARN of a key of this caller's account and Region."""
        return arns.kms_key(self.region, self.account, key_id)

    def record(self, kind: type[R], record_id: str) -> R:
        """Return a record of the world."""
        found = self.world.store.run(lambda tx: tx.get(kind, ACCOUNT, REGION, record_id))
        assert found is not None
        return found

    def records(self, kind: type[R]) -> list[R]:
        """Return all records of a kind."""
        return list(self.world.store.run(lambda tx: tx.find(kind, ACCOUNT, REGION)))

    def change(self, kind: type[Record], record_id: str, **changes: Any) -> None:
        """Change something in the world that no operation of KMS changes."""
        changed = evolve(self.record(kind, record_id), **changes)
        self.put(changed)

    def change_cluster(self, **changes: Any) -> None:
        """Change the ready cluster."""
        self.change(Cluster, CLUSTER, **changes)

    def looked_at(self, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """Return a list that grows by how many records each search of a call finds from now on."""
        counts: list[int] = []
        store, run = self.world.store, self.world.store.run

        def counted(work: Callable[[Transaction], Any]) -> Any:
            def counting(tx: Transaction) -> Any:
                return work(cast("Transaction", _Counting(tx, counts)))

            return run(counting)

        monkeypatch.setattr(store, "run", counted)
        return counts

    def put(self, *records: Record) -> None:
        """Add records to the world, or replace those with their identities."""

        def work(tx: Transaction) -> None:
            for record in records:
                tx.get(type(record), record.account, record.region, record.id)
                tx.put(record)

        self.world.store.run(work)

    def drop(self, record: Record) -> None:
        """Remove a record from the world."""
        self.world.store.run(lambda tx: tx.drop(record))


class _Counting:
    """A transaction that notes how many records each search finds."""

    def __init__(self, tx: Transaction, counts: list[int]) -> None:
        self._tx = tx
        self._counts = counts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def find(self, *arguments: Any, **options: Any) -> Any:
        """Find, and note it."""
        found = self._tx.find(*arguments, **options)
        self._counts.append(len(found))
        return found


def alias_record(name: str, key_id: str) -> Alias:
    """Return the record of an alias."""
    return Alias(account=ACCOUNT, region=REGION, id=name, target_key_id=key_id, created_at=NOW, updated_at=NOW)


def key_record(key_id: str, **changes: Any) -> Key:
    """Return the record of a key that no operation makes so far."""
    fields: dict[str, Any] = {"account": ACCOUNT, "region": REGION, "id": key_id, "created_at": NOW}
    return Key(**fields | changes)


@cache
def secret_of(spec: str) -> bytes:
    """Return the secret of a key of *spec*, the same each time: making an RSA key takes a second."""
    kind = KEY_SPECS[spec]
    if kind.family == "secret":
        return bytes(int(kind.size))
    if kind.family == "rsa":  # of its own, since mockaws has keys here that later tests get again
        return RsaKeyPair(generate_private_key(65537, int(kind.size))).private_der
    return key_pairs.generate(kind.family, kind.size).private_der


def public_key_of(spec: str) -> bytes:
    """Return the public key that belongs to `secret_of` a spec."""
    kind = KEY_SPECS[spec]
    return key_pairs.load(kind.family, kind.size, secret_of(spec)).public_der


def key_of(spec: str, usage: str | None, key_id: str, *, secret: bytes | None = None, **changes: Any) -> Key:
    """Return the record of a key in KMS, by default for the first usage that its spec permits."""
    material_id = key_id.removeprefix("mrk-").replace("-", "") * 2
    material = KeyMaterial(id=material_id, secret=secret or secret_of(spec), created_at=NOW)
    fields: dict[str, Any] = {
        "spec": spec,
        "usage": usage or next(iter(KEY_SPECS[spec].usages)),
        "materials": (material,),
    }
    return key_record(key_id, **fields | changes)


def store_record(store_id: str, **changes: Any) -> CustomKeyStore:
    """Return the record of a disconnected key store, on a cluster of its own."""
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "id": store_id,
        "name": store_id,
        "cluster_id": f"cluster-of-{store_id}",
        "password": PASSWORD,
        "trust_anchor": TRUST_ANCHOR,
        "created_at": NOW,
    }
    return CustomKeyStore(**fields | changes)
