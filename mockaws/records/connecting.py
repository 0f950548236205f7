"""Whether KMS can connect a key store to its cluster: each ConnectionErrorCode with what in the world causes it.

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
    """Return the ConnectionErrorCode that a connection attempt at *now* ends with; None when it succeeds.

    *subnets* are the subnets that the cluster names, None for one that is not there. The order is that in which KMS
    works: it finds the cluster, builds its network interfaces, reaches an HSM, opens a session, and logs in.
    """
    if cluster is None or cluster.deleted(now):
        return "CLUSTER_NOT_FOUND"
    return (
        _network_error(subnets, now)
        or (None if cluster.active_hsms(now) else "INSUFFICIENT_CLOUDHSM_HSMS")
        or ("INTERNAL_ERROR" if cluster.sessions_short(now) else None)
        or login_error(cluster.user(KMSUSER), password)
    )


def zones_in_reach(cluster: Cluster, subnets: Sequence[Subnet | None], now: float) -> set[str]:
    """Return the zones in which KMS reaches a working HSM of *cluster* at *now*, which may lie in the past.

    One is enough to use keys, a new key takes two. *subnets* are as for `connection_error`.
    """
    if cluster.deleted(now) or not cluster.security_group_works(now):
        return set()
    open_to = {subnet.id for subnet in subnets if subnet is not None and subnet.reachable(now)}
    return {hsm.zone for hsm in cluster.active_hsms(now) if hsm.subnet_id in open_to}


def login_error(kmsuser: HsmUser | None, password: str) -> str | None:
    """Return why KMS cannot log in as *kmsuser* with *password*; None when it can."""
    if kmsuser is None:
        return "USER_NOT_FOUND"
    if kmsuser.locked:
        return "USER_LOCKED_OUT"
    if kmsuser.logged_in:
        return "USER_LOGGED_IN"
    return None if kmsuser.password == password else "INVALID_CREDENTIALS"


def _network_error(subnets: Sequence[Subnet | None], now: float) -> str | None:
    if any(subnet is None or not subnet.there(now) for subnet in subnets):
        return "SUBNET_NOT_FOUND"
    if any(subnet is not None and not subnet.reachable(now) for subnet in subnets):
        return "NETWORK_ERRORS"
    return "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET" if _full(subnets) else None


def _full(subnets: Sequence[Subnet | None]) -> bool:
    return any(subnet is not None and subnet.free_addresses < 1 for subnet in subnets)
