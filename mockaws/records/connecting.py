"""Whether KMS can connect a key store to its cluster: each ConnectionErrorCode with what in the world causes it.

https://docs.aws.amazon.com/kms/latest/APIReference/API_CustomKeyStoresListEntry.html (ConnectionErrorCode)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import KMSUSER, Cluster, ClusterState, HsmUser, Subnet

if TYPE_CHECKING:
    from collections.abc import Sequence

CRYPTO_USER = "crypto-user"


def connection_error(
    cluster: Cluster | None, subnets: Sequence[Subnet | None], password: str, now: float
) -> str | None:
    """Return the ConnectionErrorCode that a connection attempt at *now* ends with; None when it succeeds.

    *subnets* are the subnets that the cluster names, None for one that is not there. The order is that in which KMS
    works: it finds the cluster, builds its network interfaces, reaches an HSM, and logs in.
    """
    if cluster is None or cluster.state is ClusterState.DELETED:
        return "CLUSTER_NOT_FOUND"
    return (
        network_error(subnets)
        or ("INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET" if _full(subnets) else None)
        or (None if cluster.active_hsms(now) else "INSUFFICIENT_CLOUDHSM_HSMS")
        or _login_error(cluster.user(KMSUSER), password)
    )


def network_error(subnets: Sequence[Subnet | None]) -> str | None:
    """Return what keeps KMS from reaching the cluster's subnets; None when nothing does."""
    if any(subnet is None or subnet.removed for subnet in subnets):
        return "SUBNET_NOT_FOUND"
    if any(subnet is not None and not subnet.reachable for subnet in subnets):
        return "NETWORK_ERRORS"
    return None


def _full(subnets: Sequence[Subnet | None]) -> bool:
    return any(subnet is not None and subnet.free_addresses < 1 for subnet in subnets)


def _login_error(kmsuser: HsmUser | None, password: str) -> str | None:
    if kmsuser is None or kmsuser.role != CRYPTO_USER:
        return "USER_NOT_FOUND"
    if kmsuser.locked:
        return "USER_LOCKED_OUT"
    if kmsuser.logged_in:
        return "USER_LOGGED_IN"
    return None if kmsuser.password == password else "INVALID_CREDENTIALS"
