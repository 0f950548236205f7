"""The resources that a request names. Errors list the existing ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Cluster, Role, Subnet
from mockaws.services.hsm import errors, kms_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockaws.records.cloudhsm import Hsm, HsmKey, HsmUser
    from mockaws.services.operation import Call

ROLES = (Role.ADMIN, Role.CRYPTO_USER)
"""The roles of users that can log in."""


def clusters(call: Call) -> list[Cluster]:
    """Return the clusters of the account in the Region, without deleted ones."""
    return [cluster for cluster in call.find(Cluster) if not cluster.is_deleted(call.now)]


def cluster(call: Call, cluster_id: str) -> Cluster:
    """Return a cluster that was not deleted. Raises HsmError if there is none."""
    found = call.lookup(Cluster, cluster_id)
    if found is None or found.is_deleted(call.now):
        known = joined(each.id for each in clusters(call))
        raise errors.ClusterNotFound(id=cluster_id, account=call.account, known=known, region=call.region)
    return found


def hsm(call: Call, cluster: Cluster, name: str) -> Hsm:
    """Return the HSM of *cluster* with the id or the address *name*. Raises HsmError if there is none."""
    hsms = cluster.listed_hsms(call.now)
    found = next((each for each in hsms if name in {each.id, each.eni_ip}), None)
    if found is None:
        raise errors.HsmNotFound(cluster=cluster.id, hsm=name, known=joined(each.id for each in hsms))
    return found


def user(cluster: Cluster, username: str, role: str) -> HsmUser:
    """Return a user of *cluster* that can log in. The name ignores letter case. Raises HsmError if there is none."""
    found = user_named(cluster, username)
    if found is None or found.role != role or role not in ROLES:
        raise errors.UserNotFound()
    return found


def user_named(cluster: Cluster, username: str) -> HsmUser | None:
    """Return the user called *username* in any role; None if there is none. Names are unique."""
    return next((user for user in cluster.users if user.name.lower() == username.lower()), None)


def subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet, which may have been removed. Raises HsmError if there is no record of it."""
    found = call.lookup(Subnet, subnet_id)
    if found is None:
        known = joined(each.id for each in call.find(Subnet))
        raise errors.SubnetNotFound(subnet=subnet_id, account=call.account, known=known, region=call.region)
    return found


def subnets(call: Call, cluster: Cluster) -> list[Subnet]:
    """Return the subnets of *cluster* that have a record."""
    found = (call.lookup(Subnet, subnet_id) for subnet_id in cluster.subnets.values())
    return [subnet for subnet in found if subnet is not None]


def keys(call: Call, cluster: Cluster) -> Sequence[HsmKey]:
    """Return the keys in *cluster* that KMS has not deleted, in the order of their references."""
    return kms_keys.present_keys(call, cluster)


def joined(names: Iterable[str]) -> str:
    """Return *names* joined by commas, `none` if there are none."""
    return ", ".join(names) or "none"
