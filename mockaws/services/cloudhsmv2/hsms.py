"""The HSMs of a cluster. https://docs.aws.amazon.com/cloudhsm/latest/userguide/add-remove-hsm.html"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterState, Hsm, HsmCertificates, Subnet, Zone
from mockaws.records.world import HsmRelaxation
from mockaws.services.cloudhsmv2 import addresses, errors, lookup, rules, views
from mockaws.services.hsm import backups, network
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation
def create_hsm(call: Call, *, cluster_id: str, availability_zone: str, ip_address: str | None = None) -> Result:
    """Create an HSM in a zone of a cluster, at an address of the cluster's subnet there.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CreateHsm.html
    """
    cluster = lookup.cluster(call, cluster_id)
    if call.terms.relaxations.second_hsm is HsmRelaxation.AFTER_ACTIVATION:
        rules.one_hsm_before_activation(cluster, call.now)
    rules.takes_hsms(cluster, call.now)
    subnet = lookup.subnet(call, rules.subnet_in_zone(cluster, availability_zone))
    rules.zone_works(call.lookup(Zone, availability_zone), call.now)
    rules.hsms_left(call.find(Cluster), call.terms.limits.hsms, call.now)
    rules.free_addresses(subnet)
    rules.security_group_there(call, cluster)
    taken = network.taken_addresses(call, subnet)
    address = addresses.wanted(subnet, ip_address, taken) if ip_address else addresses.any_free(subnet, taken)
    hsm_id = call.once("hsm id", partial(call.ids.cloudhsm, "hsm"))
    hsm = Hsm(
        id=hsm_id,
        zone=availability_zone,
        subnet_id=subnet.id,
        eni_id=network.create_interface(call, cluster, subnet, address, hsm_id),
        eni_ip=address,
        hsm_type=cluster.hsm_type,
        active_at=call.now + call.terms.timing.create_hsm,
        certificates=_certificates(call, cluster),
    )
    cluster = _backed_up(call, cluster)
    # Deleted HSMs stay in the record: whether KMS could reach one then is asked of the past when a key was deleted.
    call.put(evolve(cluster, hsms=(*cluster.hsms, hsm)))
    call.put(evolve(subnet, free_addresses=subnet.free_addresses - 1))
    return {"Hsm": views.new_hsm(cluster, hsm, call.now)}


@operation
def delete_hsm(
    call: Call,
    *,
    cluster_id: str,
    hsm_id: str | None = None,
    eni_id: str | None = None,
    eni_ip: str | None = None,
) -> Result:
    """Delete an HSM of a cluster, told by its id, its network interface or its address; it may be the last one.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteHsm.html
    """
    member, value = rules.one_selector(HsmId=hsm_id, EniId=eni_id, EniIp=eni_ip)
    cluster = lookup.cluster(call, cluster_id)
    hsm = next((hsm for hsm in cluster.listed_hsms(call.now) if _names(hsm)[member] == value), None)
    if hsm is None:
        raise errors.HsmNotFound(cluster=cluster.id, member=member, value=value)
    if hsm.delete_requested_at is None:
        rules.loses_hsms(cluster, call.now)
        _delete(call, _backed_up(call, cluster), hsm)
    return {"HsmId": hsm.id}


def _delete(call: Call, cluster: Cluster, hsm: Hsm) -> None:
    leaving = replace(hsm, delete_requested_at=call.now, gone_at=call.now + call.terms.timing.delete_hsm, message=None)
    call.put(cluster.with_hsm(leaving))
    subnet = call.lookup(Subnet, hsm.subnet_id)
    if subnet is not None:
        call.put(evolve(subnet, free_addresses=subnet.free_addresses + 1))
        network.delete_interface(call, subnet, hsm)


def _names(hsm: Hsm) -> dict[str, str]:
    return {"HsmId": hsm.id, "EniId": hsm.eni_id, "EniIp": hsm.eni_ip}


def _backed_up(call: Call, cluster: Cluster) -> Cluster:
    """Back up an active cluster, as CloudHSM does whenever an HSM comes or goes; return it as it is then."""
    return backups.take(call, cluster)[0] if cluster.state(call.now) is ClusterState.ACTIVE else cluster


def _certificates(call: Call, cluster: Cluster) -> HsmCertificates | None:
    """Return what proves the first HSM of a cluster genuine; later ones are copies of what that one became."""
    if cluster.state(call.now) is not ClusterState.UNINITIALIZED:
        return None
    from mockaws.crypto import hsm_identity  # noqa: PLC0415 - dear, see there

    number = int(call.ids.hexadecimal(12), 16)
    make = partial(hsm_identity.new, cluster.hsm_type, cluster.mode, number, call.now)
    return HsmCertificates(**call.once("hsm_identity", make)._asdict())
