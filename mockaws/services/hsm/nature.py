"""What no API of AWS's can do, and happens: HSMs, zones and networks fail, subnets fill up, sessions run out.

What fails already may fail again, and what works may be mended.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, Subnet, Zone
from mockaws.records.outages import OF_ITS_OWN, OF_ITS_ZONE, begun, ended
from mockaws.services.hsm import backups, errors, lookup, rules

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Hsm
    from mockaws.records.outages import Outages
    from mockaws.services.operation import Call

    Change = Callable[[Outages, float, str], Outages]
    """`begun` or `ended`."""

# AWS keeps five addresses of each subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
_RESERVED_ADDRESSES = 5


def fail_hsm(call: Call, cluster: Cluster, name: str) -> Hsm:
    """Let the HSM with the id or the address *name* fail: it is DEGRADED, and answers nobody."""
    return _hsm(call, cluster, name, begun)


def recover_hsm(call: Call, cluster: Cluster, name: str) -> Hsm:
    """Let an HSM work again; not while its zone fails."""
    return _hsm(call, cluster, name, ended)


def fail_zone(call: Call, name: str) -> list[Hsm]:
    """Let an Availability Zone fail, and with it all HSMs that stand there; return them."""
    return _zone(call, name, begun)


def recover_zone(call: Call, name: str) -> list[Hsm]:
    """Let an Availability Zone work again; return the HSMs that stand there."""
    return _zone(call, name, ended)


def break_network(call: Call, cluster: Cluster, subnet_id: str | None = None) -> list[Subnet]:
    """Let no packets through to the subnets of *cluster*, or to one of them; other clusters there suffer as well."""
    return _network(call, cluster, subnet_id, begun)


def mend_network(call: Call, cluster: Cluster, subnet_id: str | None = None) -> list[Subnet]:
    """Let packets through again."""
    return _network(call, cluster, subnet_id, ended)


def fill_subnet(call: Call, subnet_id: str) -> Subnet:
    """Let others take all addresses of a subnet that are free."""
    return _put(call, evolve(_own_subnet(call, subnet_id), free_addresses=0))


def free_subnet(call: Call, subnet_id: str) -> Subnet:
    """Leave all addresses of a subnet to HSMs and to KMS."""
    subnet = _own_subnet(call, subnet_id)
    hsms = [hsm for cluster in call.find(Cluster) for hsm in cluster.listed_hsms(call.now)]
    taken = sum(hsm.subnet_id == subnet_id for hsm in hsms)
    usable = IPv4Network(subnet.cidr, strict=False).num_addresses - _RESERVED_ADDRESSES
    return _put(call, evolve(subnet, free_addresses=max(usable - taken, 0)))


def remove_subnet(call: Call, subnet_id: str) -> Subnet:
    """Remove a subnet from its VPC, for good."""
    subnet = _own_subnet(call, subnet_id)
    return _put(call, evolve(subnet, removed_at=call.now)) if subnet.there(call.now) else subnet


def exhaust_sessions(call: Call, cluster: Cluster) -> Cluster:
    """Let other clients take all sessions that the HSMs of *cluster* can have."""
    return _sessions(call, cluster, begun)


def free_sessions(call: Call, cluster: Cluster) -> Cluster:
    """Let the HSMs of *cluster* have sessions for KMS again."""
    return _sessions(call, cluster, ended)


def back_up(call: Call, cluster: Cluster) -> Backup:
    """Make the backup of *cluster* now that CloudHSM would make some time today."""
    rules.users_can_be_managed(call, cluster)
    _, backup = backups.take(call, cluster)
    return backup


def _hsm(call: Call, cluster: Cluster, name: str, change: Change) -> Hsm:
    hsm = lookup.hsm(call, cluster, name)
    changed = replace(hsm, outages=change(hsm.outages, call.now, OF_ITS_OWN), message=None)
    call.put(cluster.with_hsm(changed))
    return changed


def _zone(call: Call, name: str, change: Change) -> list[Hsm]:
    known = sorted({subnet.zone for subnet in call.find(Subnet)})
    if name not in known:
        raise errors.ZoneNotFound(zone=name, account=call.account, known=lookup.listed(known))
    zone = call.lookup(Zone, name) or Zone(account=call.account, region=call.region, id=name)
    call.put(evolve(zone, outages=change(zone.outages, call.now, OF_ITS_OWN)))
    standing: list[Hsm] = []
    for cluster in lookup.clusters(call):
        changing = cluster
        for hsm in cluster.listed_hsms(call.now):
            if hsm.zone == name:
                changed = replace(hsm, outages=change(hsm.outages, call.now, OF_ITS_ZONE), message=None)
                changing = changing.with_hsm(changed)
                standing.append(changed)
        call.put(changing)
    return standing


def _network(call: Call, cluster: Cluster, subnet_id: str | None, change: Change) -> list[Subnet]:
    if subnet_id is not None and subnet_id not in cluster.subnets.values():
        known = lookup.listed(cluster.subnets.values())
        raise errors.SubnetOfAnotherCluster(subnet=subnet_id, cluster=cluster.id, known=known)
    subnets = [subnet for subnet in lookup.subnets(call, cluster) if subnet_id in {None, subnet.id}]
    return [_put(call, evolve(each, outages=change(each.outages, call.now, OF_ITS_OWN))) for each in subnets]


def _own_subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet whose addresses are the world's: EC2 itself has what is to be done to others."""
    subnet = lookup.subnet(call, subnet_id)
    if subnet.in_ec2:
        raise errors.SubnetInEc2(subnet=subnet_id)
    return subnet


def _sessions(call: Call, cluster: Cluster, change: Change) -> Cluster:
    changed = evolve(cluster, session_shortages=change(cluster.session_shortages, call.now, OF_ITS_OWN))
    call.put(changed)
    return changed


def _put(call: Call, subnet: Subnet) -> Subnet:
    call.put(subnet)
    return subnet
