"""The HSMs of a cluster: where they stand, and in which state."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Hsm, HsmState
from mockaws.records.outages import OF_ITS_ZONE, Outage
from mockaws.records.world import REALISTIC
from mockaws.seed.problems import one_of, shown, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.seed.draft import Draft, Item
    from mockaws.seed.network import Place


def read(cluster: Item, places: dict[str, Place], hsm_type: str, created: float, draft: Draft) -> tuple[Hsm, ...]:
    """Return the HSMs of *cluster*, whose subnets are *places*, by zone."""
    items = cluster.items("hsms")
    standing = [(item, _place(item, index, places, cluster)) for index, item in enumerate(items)]
    # Addresses that the fixture gives are taken before any is chosen.
    given = [_given_address(item, place) for item, place in standing]
    hsms = []
    for (item, place), address in zip(standing, given, strict=True):
        if place is not None:
            ip = address or _chosen_address(item, place)
            hsms.append(_hsm(item, place, ip, hsm_type, created, draft))
        else:
            item.identity("HSM", "")
    return tuple(hsms)


def _hsm(item: Item, place: Place, ip: IPv4Address, hsm_type: str, created: float, draft: Draft) -> Hsm:
    state = HsmState(item.text("state") or HsmState.ACTIVE)
    timing = draft.terms.timing
    leaving = state in {HsmState.DELETE_IN_PROGRESS, HsmState.DELETED}
    # Where things take no time, nobody would ever see the state of what is under way.
    coming_until = going_until = created
    if state is HsmState.CREATE_IN_PROGRESS:
        coming_until = draft.now + (timing.create_hsm or REALISTIC.create_hsm)
    elif state is HsmState.DELETE_IN_PROGRESS:
        going_until = draft.now + (timing.delete_hsm or REALISTIC.delete_hsm)
    return Hsm(
        id=item.identity("HSM", item.ids("id").cloudhsm("hsm")),
        zone=place.zone,
        subnet_id=place.id,
        # The developer guide prints the same interface for two HSMs.
        eni_id=item.identity("network interface", item.ids("eni").ec2("eni"), "eni", shared=True),
        eni_ip=str(ip),
        hsm_type=hsm_type,
        active_at=coming_until,
        delete_requested_at=created if leaving else None,
        gone_at=going_until if leaving else None,
        outages=tuple(_outages(state, place, created)),
        message=item.text("state_message"),
    )


def _outages(state: HsmState, place: Place, created: float) -> Iterator[Outage]:
    if state is HsmState.DEGRADED:
        yield Outage(created)
    if place.zone_failed:
        yield Outage(created, cause=OF_ITS_ZONE)


def _place(item: Item, index: int, places: dict[str, Place], cluster: Item) -> Place | None:
    """Return the subnet that an HSM stands in; None where no subnet of the cluster can be meant."""
    if not places:
        return None
    zone, subnet_id = item.text("zone"), item.text("subnet")
    if zone is None and subnet_id is None:
        return list(places.values())[index % len(places)]
    if subnet_id is None:
        place = places.get(zone or "")
        if place is None and cluster.sound("subnets", "vpc"):
            item.wrong("zone", f"{zone} has no subnet of the cluster", one_of(places))
        return place
    return _named_place(item, zone, subnet_id, places, cluster)


def _named_place(item: Item, zone: str | None, subnet_id: str, places: dict[str, Place], cluster: Item) -> Place | None:
    place = next((place for place in places.values() if place.id == subnet_id), None)
    if place is None:
        if cluster.sound("subnets", "vpc"):
            item.wrong("subnet", f"{subnet_id} is no subnet of the cluster", one_of(p.id for p in places.values()))
        return None
    if zone is not None and zone != place.zone:
        item.wrong("zone", f"{zone} is not the zone of {subnet_id}", f"{place.zone}, or another subnet")
    return place


def _given_address(item: Item, place: Place | None) -> IPv4Address | None:
    text = item.text("ip")
    if text is None:
        return None
    try:
        address = IPv4Address(text)
    except ValueError:
        item.wrong("ip", f"{shown(text)} is no IPv4 address", "an address such as 10.0.1.11")
        return None
    if place is None:
        return address
    if address not in place.cidr:
        if place.item.sound("cidr"):
            item.wrong(
                "ip", f"{address} lies outside {place.id}", f"an address in {place.cidr}", relies_on=["zone", "subnet"]
            )
        return address
    other = place.taken.setdefault(address, item)
    if other is not item:
        item.wrong("ip", f"{address} is taken by {written(other.path)}", "an address of its own")
    return address


def _chosen_address(item: Item, place: Place) -> IPv4Address:
    address = place.lowest_free_address()
    if address is None:
        item.wrong("ip", f"is left out, and {place.id} has no address left", "a larger subnet")
        return place.cidr.network_address
    place.taken[address] = item
    return address
