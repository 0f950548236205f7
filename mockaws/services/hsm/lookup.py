"""Finding what a request names; whoever names what is not there is told what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Cluster, Role, Subnet
from mockaws.services.hsm import errors, kms_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mockaws.records.cloudhsm import Hsm, HsmKey, HsmUser
    from mockaws.services.operation import Call

ROLES = (Role.ADMIN, Role.CRYPTO_USER)
"""The roles of those who log in."""


def clusters(call: Call) -> list[Cluster]:
    """Return the clusters that were not deleted."""
    return [cluster for cluster in call.find(Cluster) if not cluster.deleted(call.now)]


def cluster(call: Call, cluster_id: str) -> Cluster:
    """Return a cluster that was not deleted."""
    found = call.lookup(Cluster, cluster_id)
    if found is None or found.deleted(call.now):
        known = listed(each.id for each in clusters(call))
        raise errors.ClusterNotFound(id=cluster_id, account=call.account, known=known, region=call.region)
    return found


def hsm(call: Call, cluster: Cluster, name: str) -> Hsm:
    """Return the HSM of *cluster* that has the id or the address *name*, and was not deleted."""
    hsms = cluster.listed_hsms(call.now)
    found = next((each for each in hsms if name in {each.id, each.eni_ip}), None)
    if found is None:
        raise errors.HsmNotFound(cluster=cluster.id, hsm=name, known=listed(each.id for each in hsms))
    return found


def user(cluster: Cluster, username: str, role: str) -> HsmUser:
    """Return a user of *cluster* who can log in; the name is not case-sensitive."""
    found = anybody(cluster, username)
    if found is None or found.role != role or role not in ROLES:
        raise errors.UserNotFound()
    return found


def anybody(cluster: Cluster, username: str) -> HsmUser | None:
    """Return the user called *username*, in whatever role: a name has one."""
    return next((user for user in cluster.users if user.name.lower() == username.lower()), None)


def subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet, also one that was removed."""
    found = call.lookup(Subnet, subnet_id)
    if found is None:
        known = listed(each.id for each in call.find(Subnet))
        raise errors.SubnetNotFound(subnet=subnet_id, account=call.account, known=known, region=call.region)
    return found


def subnets(call: Call, cluster: Cluster) -> list[Subnet]:
    """Return the subnets of *cluster* of which there is a record."""
    found = (call.lookup(Subnet, subnet_id) for subnet_id in cluster.subnets.values())
    return [subnet for subnet in found if subnet is not None]


def keys(call: Call, cluster: Cluster) -> Sequence[HsmKey]:
    """Return the keys in *cluster* that KMS has not deleted, in the order of their references."""
    return kms_keys.there(call, cluster)


def listed(names: Iterable[str]) -> str:
    """Return *names* as a sentence has them."""
    return ", ".join(names) or "none"
