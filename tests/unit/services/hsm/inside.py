"""The HSMs of one cluster, without a socket: `hsms(users.delete, None, username="bob", role="crypto-user")`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from mockaws.records.base import Record
from mockaws.records.cloudhsm import Cluster, HsmKey, HsmUser, Role, hsm_key_id
from mockaws.records.kms import ConnectionChange, ConnectionState, CustomKeyStore
from mockaws.records.world import WorldConfig
from mockaws.services.hsm import lookup, sessions
from mockaws.services.hsm.errors import HsmError
from mockaws.services.hsm.sessions import Credentials
from mockaws.worlds.world import World
from tests.inside import inside
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, SUBNET_B, ZONE_B, cluster, hsm, subnet

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.cloudhsm import Hsm
    from mockaws.services.operation import Call

R = TypeVar("R", bound=Record)
T = TypeVar("T")

PASSWORD = "kmsPswd123"
ADMIN = HsmUser(name="admin", role=Role.ADMIN, password="adminPswd1")
KMSUSER = HsmUser(name="kmsuser", role=Role.CRYPTO_USER, password=PASSWORD)
ALICE = HsmUser(name="alice", role=Role.CRYPTO_USER, password="alicePswd1")


class Hsms:
    """A world with a frozen clock, and functions that act in its only cluster."""

    def __init__(self, *records: Record, **config: Any) -> None:
        """Make a world of *records*, by default one with a cluster of two HSMs and three users, under *config*."""
        fields: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
        self.world = World.holding(WorldConfig(**fields | config), records or (*network(), ready()), id_seed="tests")
        self.world.clock.freeze(NOW)

    def call(self, work: Callable[[Call], T], region: str = REGION) -> T:
        """Return what *work* does in one transaction."""
        return inside(self.world, work, region=region)

    def __call__(self, function: Callable[..., T], *arguments: Any, cluster_id: str = CLUSTER, **named: Any) -> T:
        """Return what a function does to the cluster."""
        return self.call(lambda call: function(call, lookup.cluster(call, cluster_id), *arguments, **named))

    def refusal(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> str:
        """Return the sentence that a function refuses with."""
        with pytest.raises(HsmError) as refused:
            self(function, *arguments, **named)
        assert "None" not in refused.value.sentence
        return refused.value.sentence

    def login(self, user: HsmUser, password: str | None = None) -> HsmUser:
        """Log a user in, with another password than its own where one is given."""
        credentials = Credentials(user.name, user.role, user.password if password is None else password)
        return self(sessions.login, credentials)

    @property
    def cluster(self) -> Cluster:
        """The cluster as it is now."""
        return self.call(lambda call: lookup.cluster(call, CLUSTER))

    def user(self, name: str) -> HsmUser:
        """Return a user of the cluster as it is now."""
        found = lookup.user_named(self.cluster, name)
        assert found is not None
        return found

    def records(self, kind: type[R]) -> list[R]:
        """Return all records of a kind."""
        return list(self.call(lambda call: call.find(kind)))


def two_hsms() -> tuple[Hsm, Hsm]:
    """Return two active HSMs in two zones."""
    return hsm(), hsm("hsm-zyxwvutsrqp", zone=ZONE_B, subnet_id=SUBNET_B, eni_id="eni-2", eni_ip="10.0.2.11")


def network(**changes: Any) -> tuple[Record, Record]:
    """Return the subnets of the cluster."""
    return subnet(**changes), subnet(SUBNET_B, **changes)


def ready(**changes: Any) -> Cluster:
    """Return an active cluster with HSMs and users."""
    return cluster(**{"hsms": two_hsms(), "users": (KMSUSER, ADMIN, ALICE)} | changes)


def key(number: int, owner: str = "kmsuser", cluster_id: str = CLUSTER) -> HsmKey:
    """Return a key in the cluster, whose reference, label and material follow from its *number*."""
    return HsmKey(
        account=ACCOUNT,
        region=REGION,
        id=hsm_key_id(cluster_id, f"{number:016x}"),
        cluster_id=cluster_id,
        label=f"key-{number}",
        owner=owner,
        material=bytes([number]) * 32,
        created_at=NOW,
    )


def _always(state: ConnectionState) -> ConnectionChange:
    if state is ConnectionState.CONNECTING:
        return ConnectionChange(at=0.0, until=math.inf, while_state=state, then=ConnectionState.CONNECTED)
    return ConnectionChange(at=0.0, until=0.0, while_state=state, then=state)


def store(state: ConnectionState, cluster_id: str = CLUSTER) -> CustomKeyStore:
    """Return a key store that has always been in one state."""
    return CustomKeyStore(
        account=ACCOUNT,
        region=REGION,
        id="cks-1234567890abcdef0",
        name="ExampleKeyStore",
        cluster_id=cluster_id,
        password=PASSWORD,
        trust_anchor=cluster().trust_anchor or "",
        created_at=NOW,
        changes=(_always(state),),
    )
