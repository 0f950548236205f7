"""The network of clusters: the world's own, which it keeps in records, or one in the EC2 of other services.

A cluster in EC2's subnets has its security group and its HSMs' network interfaces there. Records of such subnets keep
their state at the creation of the cluster, and later outages. KMS queries EC2 when it connects, and not when a key is
used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, Subnet
from mockaws.services import ec2

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.records.cloudhsm import Hsm
    from mockaws.services.operation import Call


def subnet(call: Call, subnet_id: str) -> Subnet | None:
    """Return a subnet as it is now, from the world's own network or from EC2; None if neither has it."""
    known = call.lookup(Subnet, subnet_id)
    if known is not None and not known.in_ec2:
        return known
    found = ec2.subnet(call, subnet_id)
    if known is None:
        return found
    if found is None:
        return evolve(known, removed_at=call.now)
    return evolve(known, free_addresses=found.free_addresses)


def subnets(call: Call, cluster: Cluster) -> list[Subnet | None]:
    """Return the subnets of *cluster* as they are now, None for each that does not exist."""
    return [subnet(call, subnet_id) for subnet_id in cluster.subnets.values()]


def taken_addresses(call: Call, subnet: Subnet) -> set[str]:
    """Return the addresses in use in *subnet*. HSMs keep theirs until their deletion is complete."""
    clusters = call.find(Cluster, vpc_id=subnet.vpc_id)
    of_hsms = {hsm.eni_ip for cluster in clusters for hsm in cluster.listed_hsms(call.now)}
    return of_hsms | ec2.taken_addresses(call, subnet.id) if subnet.in_ec2 else of_hsms


def create_security_group(call: Call, cluster_id: str, subnets: Sequence[Subnet]) -> str:
    """Create a security group for a cluster, in EC2 if its *subnets* are there; return its id.

    Raises AWSError if EC2 rejects a request.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/configure-sg.html
    """
    if not subnets[0].in_ec2:
        return call.ids.ec2("sg")
    for each in subnets:
        call.put(each)
    return ec2.create_security_group(call, f"cloudhsm-{cluster_id}-sg", subnets[0].vpc_id)


def delete_security_group(call: Call, cluster: Cluster) -> None:
    """Delete the security group of *cluster*, unless it is in use."""
    if _is_in_ec2(call, cluster):
        ec2.delete_security_group(call, cluster.security_group)


def has_security_group(call: Call, cluster: Cluster) -> bool:
    """Return True if the security group of *cluster* exists."""
    return not _is_in_ec2(call, cluster) or ec2.has_security_group(call, cluster.security_group)


def has_working_security_group(call: Call, cluster: Cluster) -> bool:
    """Return True if the security group of *cluster* exists and admits traffic to its HSMs."""
    if not cluster.has_working_security_group(call.now):
        return False
    return not _is_in_ec2(call, cluster) or ec2.is_open_to_members(call, cluster.security_group)


def create_interface(call: Call, cluster: Cluster, subnet: Subnet, address: str, hsm_id: str) -> str:
    """Create a network interface for an HSM, in EC2 if *subnet* is there; return its id.

    Raises AWSError if EC2 rejects the request.
    """
    if not subnet.in_ec2:
        return call.ids.ec2("eni")
    return ec2.create_interface(call, subnet.id, address, cluster.security_group, f"CloudHsm ENI {hsm_id}")


def delete_interface(call: Call, subnet: Subnet, hsm: Hsm) -> None:
    """Delete the network interface of an HSM in *subnet*."""
    if subnet.in_ec2:
        ec2.delete_interface(call, hsm.eni_id)


def _is_in_ec2(call: Call, cluster: Cluster) -> bool:
    """Return True if *cluster* is in EC2. Its subnets share a VPC, so one of them decides."""
    known = (call.tx.get(Subnet, cluster.account, cluster.region, each) for each in cluster.subnets.values())
    return any(subnet is not None and subnet.in_ec2 for subnet in known)
