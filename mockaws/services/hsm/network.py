"""The network that clusters stand in: the world's own, of which it keeps records, or one in the other services' EC2.

A cluster in EC2's subnets has its security group there, and its HSMs have their network interfaces there. Of such
subnets there are records, too, of what they were when the cluster was made, and of what happened to them since: KMS
asks EC2 when it connects, and whoever uses keys asks nobody.
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
    """Return a subnet as it is now, of the world's own network first; None where nobody knows it."""
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
    """Return the subnets of *cluster* as they are now, None for one that nobody knows."""
    return [subnet(call, subnet_id) for subnet_id in cluster.subnets.values()]


def taken_addresses(call: Call, subnet: Subnet) -> set[str]:
    """Return the addresses that a new HSM in *subnet* cannot have; HSMs on their way out still have theirs."""
    clusters = call.find(Cluster, vpc_id=subnet.vpc_id)
    of_hsms = {hsm.eni_ip for cluster in clusters for hsm in cluster.listed_hsms(call.now)}
    return of_hsms | ec2.taken_addresses(call, subnet.id) if subnet.in_ec2 else of_hsms


def create_security_group(call: Call, cluster_id: str, subnets: Sequence[Subnet]) -> str:
    """Return the id of a new security group for a cluster in *subnets*: one of EC2's where these are.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/configure-sg.html
    """
    if not subnets[0].in_ec2:
        return call.ids.ec2("sg")
    for each in subnets:
        call.put(each)
    return ec2.create_security_group(call, f"cloudhsm-{cluster_id}-sg", subnets[0].vpc_id)


def delete_security_group(call: Call, cluster: Cluster) -> None:
    """Delete the security group of *cluster*, unless something else uses it."""
    if _in_ec2(call, cluster):
        ec2.delete_security_group(call, cluster.security_group)


def security_group_there(call: Call, cluster: Cluster) -> bool:
    """Tell whether the security group of *cluster* is there for the network interface of a new HSM."""
    return not _in_ec2(call, cluster) or ec2.security_group_there(call, cluster.security_group)


def security_group_works(call: Call, cluster: Cluster) -> bool:
    """Tell whether the security group of *cluster* is there, and lets its HSMs be reached."""
    if not cluster.security_group_works(call.now):
        return False
    return not _in_ec2(call, cluster) or ec2.lets_members_talk(call, cluster.security_group)


def create_interface(call: Call, cluster: Cluster, subnet: Subnet, address: str, hsm_id: str) -> str:
    """Return the id of a new network interface for an HSM: one of EC2's where *subnet* is."""
    if not subnet.in_ec2:
        return call.ids.ec2("eni")
    return ec2.create_interface(call, subnet.id, address, cluster.security_group, f"CloudHsm ENI {hsm_id}")


def delete_interface(call: Call, subnet: Subnet, hsm: Hsm) -> None:
    """Delete the network interface of an HSM in *subnet*."""
    if subnet.in_ec2:
        ec2.delete_interface(call, hsm.eni_id)


def _in_ec2(call: Call, cluster: Cluster) -> bool:
    """Tell whether *cluster* stands in EC2: its subnets lie in one VPC, so that one of them tells."""
    known = (call.tx.get(Subnet, cluster.account, cluster.region, each) for each in cluster.subnets.values())
    return any(subnet is not None and subnet.in_ec2 for subnet in known)
