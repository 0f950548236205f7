"""Each ConnectionErrorCode with its cause, as a function of the cluster, its subnets and the password."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockaws.records.cloudhsm import ClusterState
from mockaws.records.connecting import connection_error, zones_in_reach
from tests.samples import BROKEN, NOW, SUBNET_B, being, cluster, hsm, subnet
from tests.unit.services.kms.calling import KMSUSER, PASSWORD

SUBNETS = (subnet(), subnet(SUBNET_B))


def error(password: str = PASSWORD, subnets: Any = SUBNETS, **changes: Any) -> str | None:
    """Return what keeps KMS from connecting to a cluster."""
    fields = {"hsms": (hsm(),), "users": (KMSUSER,)} | changes
    return connection_error(cluster(**fields), subnets, password, NOW)


def test_nothing() -> None:
    """A cluster with an active HSM, room in its subnets and the right kmsuser can be connected to."""
    assert error() is None


def test_no_cluster() -> None:
    """A cluster that is not there, or is deleted, is not found."""
    assert connection_error(None, (), PASSWORD, NOW) == "CLUSTER_NOT_FOUND"
    assert error(changes=being(ClusterState.DELETED)) == "CLUSTER_NOT_FOUND"


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (None, "SUBNET_NOT_FOUND"),
        (subnet(SUBNET_B, removed_at=0.0), "SUBNET_NOT_FOUND"),
        (subnet(SUBNET_B, outages=BROKEN), "NETWORK_ERRORS"),
        (subnet(SUBNET_B, free_addresses=0), "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET"),
        (subnet(SUBNET_B, free_addresses=1), None),
    ],
)
def test_subnets(second: Any, code: str | None) -> None:
    """All subnets of the cluster must be there, reachable, and have a free address."""
    assert error(subnets=(SUBNETS[0], second)) == code


def test_addresses_matter_only_to_connect() -> None:
    """A full subnet does not keep a connected store from working."""
    assert zones_in_reach(cluster(hsms=(hsm(),)), (subnet(free_addresses=0),), NOW)


@pytest.mark.parametrize(
    ("subnets", "reached"),
    [
        ((subnet(), subnet(SUBNET_B, outages=BROKEN)), True),
        ((subnet(outages=BROKEN), subnet(SUBNET_B)), False),
        ((subnet(), None), True),
        ((subnet(removed_at=NOW), subnet(SUBNET_B)), False),
        ((subnet(removed_at=NOW + 1), subnet(SUBNET_B)), True),
    ],
)
def test_one_hsm_is_enough(subnets: Any, *, reached: bool) -> None:
    """A connected store works while one working HSM can be reached, however it is with the other subnets."""
    assert bool(zones_in_reach(cluster(hsms=(hsm(),)), subnets, NOW)) is reached


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"active_at": NOW}, None),
        ({"active_at": NOW + 0.001}, "INSUFFICIENT_CLOUDHSM_HSMS"),
        ({"outages": BROKEN}, "INSUFFICIENT_CLOUDHSM_HSMS"),
        ({"delete_requested_at": NOW, "gone_at": NOW + 60}, "INSUFFICIENT_CLOUDHSM_HSMS"),
        ({"delete_requested_at": NOW + 1, "gone_at": NOW + 60}, None),
    ],
)
def test_hsms(changes: dict[str, Any], code: str | None) -> None:
    """An HSM counts while it is active."""
    assert error(hsms=(replace(hsm(), **changes),)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "kmsUser"}, "USER_NOT_FOUND"),
        ({"role": "admin"}, "USER_NOT_FOUND"),
        ({"locked": True}, "USER_LOCKED_OUT"),
        ({"logged_in": True}, "USER_LOGGED_IN"),
        ({"locked": True, "logged_in": True}, "USER_LOCKED_OUT"),
        ({"password": "another"}, "INVALID_CREDENTIALS"),
        ({"password": "another", "locked": True}, "USER_LOCKED_OUT"),
    ],
)
def test_kmsuser(changes: dict[str, Any], code: str) -> None:
    """KMS logs in as the crypto user kmsuser, who must be there, not locked, and not logged in elsewhere."""
    assert error(users=(replace(KMSUSER, **changes),)) == code


def test_sessions() -> None:
    """KMS gets no session where other clients have all of them; it has no name for that but INTERNAL_ERROR."""
    assert error(session_shortages=BROKEN) == "INTERNAL_ERROR"
