"""What AWS shows of an HSM and of tags; members that have nothing to say are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.records.cloudhsm import HsmState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mockaws.records.cloudhsm import Cluster, Hsm


def hsm(cluster: Cluster, shown: Hsm, now: float) -> dict[str, Any]:
    """Return what DescribeClusters shows of an HSM.

    Terraform's provider takes an HSM without a network interface for any HSM it looks for, so each has one always.
    """
    members = _place(cluster, shown) | {"State": shown.state(now), "StateMessage": shown.state_message(now)}
    return {name: value for name, value in members.items() if value is not None}


def new_hsm(cluster: Cluster, shown: Hsm) -> dict[str, Any]:
    """Return what CreateHsm answers: an HSM under way, however soon it is there."""
    return _place(cluster, shown) | {"State": HsmState.CREATE_IN_PROGRESS}


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags in the order of their keys."""
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _place(cluster: Cluster, shown: Hsm) -> dict[str, Any]:
    return {
        "AvailabilityZone": shown.zone,
        "ClusterId": cluster.id,
        "SubnetId": shown.subnet_id,
        "EniId": shown.eni_id,
        "EniIp": shown.eni_ip,
        "HsmId": shown.id,
        "HsmType": shown.hsm_type,
    }
