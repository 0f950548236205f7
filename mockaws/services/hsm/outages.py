"""Outages, which no API of AWS can cause: of HSMs, zones, networks, subnet addresses and sessions.

All changes are idempotent: a failed resource may fail again, and a working one may recover.
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

# AWS reserves five addresses of each subnet: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
_RESERVED_ADDRESSES = 5


def fail_hsm(call: Call, cluster: Cluster, name: str) -> Hsm:
    """Begin an outage of the HSM with the id or the address *name*, which becomes DEGRADED. Raises HsmError."""
    return _change_hsm(call, cluster, name, begun)


def recover_hsm(call: Call, cluster: Cluster, name: str) -> Hsm:
    """End the outage of an HSM. It stays DEGRADED while its zone has an outage. Raises HsmError."""
    return _change_hsm(call, cluster, name, ended)


def fail_zone(call: Call, name: str) -> list[Hsm]:
    """Begin an outage of an Availability Zone and of all its HSMs; return them. Raises HsmError."""
    return _change_zone(call, name, begun)


def recover_zone(call: Call, name: str) -> list[Hsm]:
    """End the outage of an Availability Zone; return its HSMs. Raises HsmError."""
    return _change_zone(call, name, ended)


def break_network(call: Call, cluster: Cluster, subnet_id: str | None = None) -> list[Subnet]:
    """Begin a network outage in the subnets of *cluster*, or in one of them, for all clusters there.

    Raises HsmError.
    """
    return _change_network(call, cluster, subnet_id, begun)


def mend_network(call: Call, cluster: Cluster, subnet_id: str | None = None) -> list[Subnet]:
    """End a network outage. Raises HsmError."""
    return _change_network(call, cluster, subnet_id, ended)


def fill_subnet(call: Call, subnet_id: str) -> Subnet:
    """Occupy all free addresses of a subnet. Raises HsmError."""
    return _put(call, evolve(_own_subnet(call, subnet_id), free_addresses=0))


def free_subnet(call: Call, subnet_id: str) -> Subnet:
    """Free all addresses of a subnet that no HSM uses. Raises HsmError."""
    subnet = _own_subnet(call, subnet_id)
    hsms = [hsm for cluster in call.find(Cluster) for hsm in cluster.listed_hsms(call.now)]
    taken = sum(hsm.subnet_id == subnet_id for hsm in hsms)
    usable = IPv4Network(subnet.cidr, strict=False).num_addresses - _RESERVED_ADDRESSES
    return _put(call, evolve(subnet, free_addresses=max(usable - taken, 0)))


def remove_subnet(call: Call, subnet_id: str) -> Subnet:
    """Delete a subnet for good. Raises HsmError."""
    subnet = _own_subnet(call, subnet_id)
    return _put(call, evolve(subnet, removed_at=call.now)) if subnet.exists(call.now) else subnet


def exhaust_sessions(call: Call, cluster: Cluster) -> Cluster:
    """Begin a session shortage of *cluster*: other clients hold all sessions."""
    return _change_sessions(call, cluster, begun)


def free_sessions(call: Call, cluster: Cluster) -> Cluster:
    """End the session shortage of *cluster*."""
    return _change_sessions(call, cluster, ended)


def back_up(call: Call, cluster: Cluster) -> Backup:
    """Make the daily backup of *cluster* now. Raises HsmError unless the cluster was activated and answers."""
    rules.require_activated(call, cluster)
    _, backup = backups.take(call, cluster)
    return backup


def _change_hsm(call: Call, cluster: Cluster, name: str, change: Change) -> Hsm:
    hsm = lookup.hsm(call, cluster, name)
    changed = replace(hsm, outages=change(hsm.outages, call.now, OF_ITS_OWN), message=None)
    call.put(cluster.with_hsm(changed))
    return changed


def _change_zone(call: Call, name: str, change: Change) -> list[Hsm]:
    known = sorted({subnet.zone for subnet in call.find(Subnet)})
    if name not in known:
        raise errors.ZoneNotFound(zone=name, account=call.account, known=lookup.joined(known))
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


def _change_network(call: Call, cluster: Cluster, subnet_id: str | None, change: Change) -> list[Subnet]:
    if subnet_id is not None and subnet_id not in cluster.subnets.values():
        known = lookup.joined(cluster.subnets.values())
        raise errors.SubnetOfAnotherCluster(subnet=subnet_id, cluster=cluster.id, known=known)
    subnets = [subnet for subnet in lookup.subnets(call, cluster) if subnet_id in {None, subnet.id}]
    return [_put(call, evolve(each, outages=change(each.outages, call.now, OF_ITS_OWN))) for each in subnets]


def _own_subnet(call: Call, subnet_id: str) -> Subnet:
    """Return a subnet of the world's own network. Raises HsmError for one in EC2, whose API can change it."""
    subnet = lookup.subnet(call, subnet_id)
    if subnet.in_ec2:
        raise errors.SubnetInEc2(subnet=subnet_id)
    return subnet


def _change_sessions(call: Call, cluster: Cluster, change: Change) -> Cluster:
    changed = evolve(cluster, session_shortages=change(cluster.session_shortages, call.now, OF_ITS_OWN))
    call.put(changed)
    return changed


def _put(call: Call, subnet: Subnet) -> Subnet:
    call.put(subnet)
    return subnet
