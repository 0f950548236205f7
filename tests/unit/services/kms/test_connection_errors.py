"""Every ConnectionErrorCode of a CloudHSM key store, from its cause in the world, and mended again.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterState, Role, Subnet
from mockaws.services import kms as package
from tests.samples import BROKEN, CLUSTER, NOW, SUBNET_A, SUBNET_B, being
from tests.unit.services.kms.calling import KMSUSER, PASSWORD, Kms, two_hsms

if TYPE_CHECKING:
    from mockaws.records.base import Record


class Cause(NamedTuple):
    """A change of one record that keeps KMS from connecting a store, and the code of the failure."""

    code: str
    name: str
    kind: type[Record]
    id: str
    changes: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.code}: {self.name}"


def in_cluster(code: str, name: str, **changes: Any) -> Cause:
    """Return a cause that lies in the cluster."""
    return Cause(code, name, Cluster, CLUSTER, changes)


def in_subnet(code: str, name: str, subnet_id: str, **changes: Any) -> Cause:
    """Return a cause that lies in a subnet."""
    return Cause(code, name, Subnet, subnet_id, changes)


def user(**changes: Any) -> dict[str, Any]:
    """Return the change of a cluster that changes kmsuser."""
    return {"users": (replace(KMSUSER, **changes),)}


FIRST, SECOND = two_hsms()
CAUSES = [
    in_cluster("INVALID_CREDENTIALS", "another password", **user(password="changedByHand")),
    in_cluster("INVALID_CREDENTIALS", "capital letters", **user(password=PASSWORD.upper())),
    in_cluster("USER_NOT_FOUND", "no users", users=()),
    in_cluster("USER_NOT_FOUND", "capital letters", **user(name="KMSUSER")),
    in_cluster("USER_NOT_FOUND", "an admin of that name", **user(role=Role.ADMIN)),
    in_cluster("USER_LOCKED_OUT", "locked", **user(locked=True)),
    in_cluster("USER_LOGGED_IN", "logged in from elsewhere", **user(logged_in=True)),
    in_cluster("INSUFFICIENT_CLOUDHSM_HSMS", "no HSMs", hsms=()),
    in_cluster(
        "INSUFFICIENT_CLOUDHSM_HSMS",
        "all degraded",
        hsms=(replace(FIRST, outages=BROKEN), replace(SECOND, outages=BROKEN)),
    ),
    in_cluster("INSUFFICIENT_CLOUDHSM_HSMS", "not there yet", hsms=(replace(FIRST, active_at=NOW + 300),)),
    in_cluster(
        "INSUFFICIENT_CLOUDHSM_HSMS",
        "on its way out",
        hsms=(replace(FIRST, delete_requested_at=NOW, gone_at=NOW + 120),),
    ),
    in_cluster("CLUSTER_NOT_FOUND", "deleted", changes=being(ClusterState.DELETED)),
    in_subnet("SUBNET_NOT_FOUND", "first subnet", SUBNET_A, removed_at=0.0),
    in_subnet("SUBNET_NOT_FOUND", "second subnet", SUBNET_B, removed_at=0.0),
    in_subnet("INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET", "first subnet", SUBNET_A, free_addresses=0),
    in_subnet("INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET", "second subnet", SUBNET_B, free_addresses=0),
    in_subnet("NETWORK_ERRORS", "first subnet", SUBNET_A, outages=BROKEN),
    in_subnet("NETWORK_ERRORS", "second subnet", SUBNET_B, outages=BROKEN),
    in_cluster("INTERNAL_ERROR", "no sessions left", session_shortages=BROKEN),
]


@pytest.mark.parametrize("cause", CAUSES, ids=str)
def test_a_cause_and_its_mending(kms: Kms, cause: Cause) -> None:
    """The cause makes the store FAILED with its code; once it is mended, disconnect and connect succeed."""
    store_id = kms.create_store()
    healthy = kms.record(cause.kind, cause.id)
    kms.change(cause.kind, cause.id, **cause.changes)
    assert kms.connect(store_id) == "FAILED"
    assert kms.described(store_id)["ConnectionErrorCode"] == cause.code

    kms.put(healthy)
    assert kms.connection(store_id) == "FAILED"
    kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    assert kms.connect(store_id) == "CONNECTED"
    assert "ConnectionErrorCode" not in kms.described(store_id)


@pytest.mark.parametrize(
    ("kind", "record_id", "code"),
    [(Cluster, CLUSTER, "CLUSTER_NOT_FOUND"), (Subnet, SUBNET_A, "SUBNET_NOT_FOUND")],
)
def test_what_has_vanished(kms: Kms, kind: type[Record], record_id: str, code: str) -> None:
    """A cluster or subnet of which nothing is left at all is not found either."""
    store_id = kms.create_store()
    kms.drop(kms.record(kind, record_id))
    assert kms.connect(store_id) == "FAILED"
    assert kms.described(store_id)["ConnectionErrorCode"] == code


def test_every_code_has_a_cause() -> None:
    """Each ConnectionErrorCode of the model that is not about external key stores arises from a cause."""
    codes = {code for code in package.service.model.shapes["ConnectionErrorCodeType"]["enum"] if "XKS" not in code}
    assert {cause.code for cause in CAUSES} == codes


# The order in which KMS works: it finds the cluster, its subnets, an HSM, a session, the user, and logs in last.
ORDER = [
    in_cluster("CLUSTER_NOT_FOUND", "deleted", changes=being(ClusterState.DELETED)),
    in_subnet("SUBNET_NOT_FOUND", "removed", SUBNET_A, removed_at=0.0),
    in_subnet("NETWORK_ERRORS", "unreachable", SUBNET_B, outages=BROKEN),
    in_subnet("INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET", "full", SUBNET_A, free_addresses=0),
    in_cluster("INSUFFICIENT_CLOUDHSM_HSMS", "no HSMs", hsms=()),
    in_cluster("INTERNAL_ERROR", "no sessions left", session_shortages=BROKEN),
    in_cluster("USER_LOCKED_OUT", "locked, and another password", **user(locked=True, password="changedByHand")),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_of_several_causes_the_first_tells(kms: Kms, first: int) -> None:
    """Of several causes the code names the one that KMS meets first."""
    store_id = kms.create_store()
    for cause in ORDER[first:]:
        kms.put(evolve(kms.record(cause.kind, cause.id), **cause.changes))
    kms.connect(store_id)
    assert kms.described(store_id)["ConnectionErrorCode"] == ORDER[first].code
