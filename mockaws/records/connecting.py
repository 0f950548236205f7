"""Connections of key stores to clusters: the cause of each ConnectionErrorCode.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html (ConnectionErrorCode)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import KMSUSER, Cluster, HsmUser, Subnet

if TYPE_CHECKING:
    from collections.abc import Sequence


def connection_error(
    cluster: Cluster | None, subnets: Sequence[Subnet | None], password: str, now: float
) -> str | None:
    """Return the ConnectionErrorCode of a connection attempt at *now*; None if it succeeds.

    *subnets* are the subnets of the cluster, None for one that does not exist. The order is that of KMS's steps: it
    finds the cluster, creates its network interfaces, reaches an HSM, opens a session, and logs in.
    """
    if cluster is None or cluster.is_deleted(now):
        return "CLUSTER_NOT_FOUND"
    return (
        _network_error(subnets, now)
        or (None if cluster.active_hsms(now) else "INSUFFICIENT_CLOUDHSM_HSMS")
        or ("INTERNAL_ERROR" if cluster.is_short_of_sessions(now) else None)
        or login_error(cluster.user(KMSUSER), password)
    )


def zones_in_reach(cluster: Cluster, subnets: Sequence[Subnet | None], now: float) -> set[str]:
    """Return the zones in which KMS reaches a working HSM of *cluster* at *now*, which may be in the past.

    The use of a key needs one zone, a new key needs two. *subnets* are as for `connection_error`.
    """
    if cluster.is_deleted(now) or not cluster.has_working_security_group(now):
        return set()
    open_to = {subnet.id for subnet in subnets if subnet is not None and subnet.is_reachable(now)}
    return {hsm.zone for hsm in cluster.active_hsms(now) if hsm.subnet_id in open_to}


def login_error(kmsuser: HsmUser | None, password: str) -> str | None:
    """Return the ConnectionErrorCode of a login as *kmsuser* with *password*; None if it succeeds."""
    if kmsuser is None:
        return "USER_NOT_FOUND"
    if kmsuser.locked:
        return "USER_LOCKED_OUT"
    if kmsuser.logged_in:
        return "USER_LOGGED_IN"
    return None if kmsuser.password == password else "INVALID_CREDENTIALS"


def _network_error(subnets: Sequence[Subnet | None], now: float) -> str | None:
    if any(subnet is None or not subnet.exists(now) for subnet in subnets):
        return "SUBNET_NOT_FOUND"
    if any(subnet is not None and not subnet.is_reachable(now) for subnet in subnets):
        return "NETWORK_ERRORS"
    return "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET" if _full(subnets) else None


def _full(subnets: Sequence[Subnet | None]) -> bool:
    return any(subnet is not None and subnet.free_addresses < 1 for subnet in subnets)
