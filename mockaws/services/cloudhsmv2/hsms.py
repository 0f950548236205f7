"""The HSMs of a cluster. https://docs.aws.amazon.com/cloudhsm/latest/userguide/add-remove-hsm.html"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster, ClusterState, Hsm, HsmCertificates, Subnet, Zone
from mockaws.records.world import HsmRelaxation
from mockaws.services.cloudhsmv2 import addresses, errors, lookup, rules, shapes
from mockaws.services.cloudhsmv2.resources import CLUSTER
from mockaws.services.hsm import backups, network
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation(CLUSTER)
def create_hsm(call: Call, *, cluster_id: str, availability_zone: str, ip_address: str | None = None) -> Result:
    """Create an HSM in a zone of a cluster, at an address of the cluster's subnet there.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CreateHsm.html
    """
    cluster = lookup.cluster(call, cluster_id)
    if call.config.relaxations.second_hsm is HsmRelaxation.AFTER_ACTIVATION:
        rules.require_no_hsm_before_activation(cluster, call.now)
    rules.require_hsm_can_be_added(cluster, call.now)
    subnet = lookup.subnet(call, rules.subnet_id_in_zone(cluster, availability_zone))
    rules.require_zone_available(call.lookup(Zone, availability_zone), call.now)
    rules.require_hsm_quota(call.find(Cluster), call.config.limits.hsms, call.now)
    rules.require_free_address(subnet)
    rules.require_security_group(call, cluster)
    taken = network.taken_addresses(call, subnet)
    address = (
        addresses.requested_address(subnet, ip_address, taken)
        if ip_address
        else addresses.lowest_free_address(subnet, taken)
    )
    hsm_id = call.once("hsm id", partial(call.ids.cloudhsm, "hsm"))
    hsm = Hsm(
        id=hsm_id,
        zone=availability_zone,
        subnet_id=subnet.id,
        eni_id=network.create_interface(call, cluster, subnet, address, hsm_id),
        eni_ip=address,
        hsm_type=cluster.hsm_type,
        active_at=call.now + call.config.timing.create_hsm,
        certificates=_certificates(call, cluster),
    )
    cluster = _backed_up(call, cluster)
    # Deleted HSMs stay in the record: the fate of a deleted key's material depends on the HSMs that KMS could reach.
    call.put(evolve(cluster, hsms=(*cluster.hsms, hsm)))
    call.put(evolve(subnet, free_addresses=subnet.free_addresses - 1))
    return {"Hsm": shapes.new_hsm(cluster, hsm, call.now)}


@operation()
def delete_hsm(
    call: Call,
    *,
    cluster_id: str,
    hsm_id: str | None = None,
    eni_id: str | None = None,
    eni_ip: str | None = None,
) -> Result:
    """Delete an HSM of a cluster, selected by its id, its network interface or its address. It may be the last one.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteHsm.html
    """
    member, value = rules.hsm_selector(HsmId=hsm_id, EniId=eni_id, EniIp=eni_ip)
    cluster = lookup.cluster(call, cluster_id)
    hsm = next((hsm for hsm in cluster.listed_hsms(call.now) if _selectors(hsm)[member] == value), None)
    if hsm is None:
        raise errors.HsmNotFound(cluster=cluster.id, member=member, value=value)
    if hsm.delete_requested_at is None:
        rules.require_hsm_can_be_deleted(cluster, call.now)
        _delete(call, _backed_up(call, cluster), hsm)
    return {"HsmId": hsm.id}


def _delete(call: Call, cluster: Cluster, hsm: Hsm) -> None:
    leaving = replace(hsm, delete_requested_at=call.now, gone_at=call.now + call.config.timing.delete_hsm, message=None)
    call.put(cluster.with_hsm(leaving))
    subnet = call.lookup(Subnet, hsm.subnet_id)
    if subnet is not None:
        call.put(evolve(subnet, free_addresses=subnet.free_addresses + 1))
        network.delete_interface(call, subnet, hsm)


def _selectors(hsm: Hsm) -> dict[str, str]:
    return {"HsmId": hsm.id, "EniId": hsm.eni_id, "EniIp": hsm.eni_ip}


def _backed_up(call: Call, cluster: Cluster) -> Cluster:
    """Return the cluster, backed up if it is active: CloudHSM makes a backup when an HSM is added or removed."""
    return backups.take(call, cluster)[0] if cluster.state(call.now) is ClusterState.ACTIVE else cluster


def _certificates(call: Call, cluster: Cluster) -> HsmCertificates | None:
    """Return the certificates of a cluster's first HSM; None for later ones, which are copies of the first."""
    if cluster.state(call.now) is not ClusterState.UNINITIALIZED:
        return None
    from mockaws.crypto import hsm_identity  # noqa: PLC0415 - a slow import, see there

    number = int(call.ids.hexadecimal(12), 16)
    make = partial(hsm_identity.new, cluster.hsm_type, cluster.mode, number, call.now)
    return HsmCertificates(**call.once("hsm_identity", make)._asdict())
