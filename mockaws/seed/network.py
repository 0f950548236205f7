"""The network of a world: its subnets, and which addresses are taken in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Subnet, Zone
from mockaws.records.outages import Outage
from mockaws.seed.draft import CREATED, Item
from mockaws.seed.problems import one_of, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.seed.draft import Draft
    from mockaws.seed.problems import Path

    Ranges = dict[Path, IPv4Network]

_LARGEST, _SMALLEST = 16, 28  # of a VPC and of a subnet, as prefix lengths
_COMMON = 24
_RESERVED = 5  # AWS keeps the first four addresses of a subnet, and the last
_DEFAULT_ZONES = 2
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Place:
    """A subnet in which HSMs can stand."""

    item: Item
    account: str
    region: str
    id: str
    vpc_id: str
    zone: str
    cidr: IPv4Network
    taken: dict[IPv4Address, Item] = field(default_factory=dict)
    zone_failed: bool = False

    def lowest_free_address(self) -> IPv4Address | None:
        """Return the lowest address that nobody has, None where somebody has them all."""
        first = self.cidr.network_address + _RESERVED - 1
        usable = (first + number for number in range(self.cidr.num_addresses - _RESERVED))
        return next((address for address in usable if address not in self.taken), None)

    def record(self) -> Subnet:
        """Return the subnet, after the HSMs took their addresses."""
        usable = self.cidr.num_addresses - _RESERVED
        free = self.item.whole("free_addresses")
        if free is not None and free > usable:
            self.item.wrong(
                "free_addresses", f"{free} do not fit into {self.cidr}", f"at most {usable}", relies_on=["cidr"]
            )
        return Subnet(
            account=self.account,
            region=self.region,
            id=self.id,
            vpc_id=self.vpc_id,
            zone=self.zone,
            cidr=str(self.cidr),
            free_addresses=max(usable - len(self.taken), 0) if free is None else free,
            removed_at=CREATED if self.item.flag("removed") else None,
            outages=() if self.item.flag("reachable", default=True) else (Outage(CREATED),),
        )


@dataclass(slots=True)
class Network:
    """The subnets by their ids, the VPCs in the order of the file, and the zones that fail.

    Subnets *elsewhere* lie in other accounts or Regions than the fixture's, in which its clusters do not stand.
    """

    places: dict[str, Place] = field(default_factory=dict)
    vpcs: list[str] = field(default_factory=list)
    failed_zones: list[str] = field(default_factory=list)
    elsewhere: dict[str, Place] = field(default_factory=dict)

    def in_vpc(self, vpc_id: str) -> list[Place]:
        """Return the subnets of a VPC."""
        return [place for place in self.places.values() if place.vpc_id == vpc_id]

    def records(self) -> dict[str, Subnet]:
        """Return all subnets by their ids, after the HSMs took their addresses."""
        return {place.id: place.record() for place in (*self.places.values(), *self.elsewhere.values())}

    def zones(self, draft: Draft) -> Iterator[Zone]:
        """Yield the zones of which there is something to tell: those that fail."""
        for zone in self.failed_zones:
            yield Zone(account=draft.terms.account, region=draft.terms.region, id=zone, outages=(Outage(CREATED),))


def read(document: Item, draft: Draft) -> Network:
    """Return the network that the fixture describes, else one VPC with two subnets."""
    network = Network()
    described = document.item("network")
    vpcs = described.items("vpcs", "VPC")
    if described.value("vpcs") is None:
        vpcs = [Item(draft, described.at("vpcs", 0), {})]
    for index, vpc in enumerate(vpcs):
        _vpc(vpc, index, network, draft)
    _fail_zones(described, network)
    return network


def _fail_zones(described: Item, network: Network) -> None:
    for index, zone in described.texts("failed_zones"):
        failing = [place for place in network.places.values() if place.zone == zone]
        for place in failing:
            place.zone_failed = True
        if not failing:
            known = one_of(place.zone for place in network.places.values())
            described.wrong(("failed_zones", index), f"{zone} has no subnet", known, relies_on=["vpcs"])
        network.failed_zones.append(zone)


def _vpc(vpc: Item, index: int, network: Network, draft: Draft) -> None:
    vpc_id = vpc.identity("VPC", vpc.ids("id").ec2("vpc"))
    account, region = vpc.text("account") or draft.terms.account, vpc.text("region") or draft.terms.region
    here = (account, region) == (draft.terms.account, draft.terms.region)
    places = network.places if here else network.elsewhere
    if here:
        network.vpcs.append(vpc_id)
    given = _cidr(vpc)
    # Only defaults need the range of a VPC that tells none: its subnets may lie anywhere.
    cidr = given or IPv4Network(f"10.{index % 256}.0.0/16")
    subnets = vpc.items("subnets", "subnet")
    if vpc.value("subnets") is None:
        subnets = [Item(draft, vpc.at("subnets", number), {}) for number in range(_DEFAULT_ZONES)]
    ranges = {subnet.path: own for subnet in subnets if (own := _cidr(subnet)) is not None}
    _check_ranges(subnets, ranges, given)
    for number, subnet in enumerate(subnets):
        if subnet.path not in ranges:
            ranges[subnet.path] = _free_range(subnet, cidr, list(ranges.values()))
        place = Place(
            subnet,
            account,
            region,
            subnet.identity("subnet", subnet.ids("id").ec2("subnet")),
            vpc_id,
            _zone(subnet, number, region, certain=vpc.sound("region") and draft.document().sound("region")),
            ranges[subnet.path],
        )
        places.setdefault(place.id, place)


def _zone(subnet: Item, number: int, region: str, *, certain: bool) -> str:
    zone = subnet.text("zone")
    if zone is None:
        return region + _ALPHABET[number % len(_ALPHABET)]
    if zone[:-1] != region and certain:
        subnet.wrong("zone", f"{zone} does not lie in {region}", f"a zone such as {region}a")
    return zone


def _cidr(item: Item) -> IPv4Network | None:
    text = item.text("cidr")
    if text is None:
        return None
    try:
        cidr = IPv4Network(text, strict=False)
    except ValueError:
        item.wrong("cidr", f"{text} is no range of IPv4 addresses", "a range such as 10.0.0.0/24")
        return None
    if str(cidr) != text:
        item.wrong("cidr", f"{text} does not begin where a /{cidr.prefixlen} begins", str(cidr))
    elif not _LARGEST <= cidr.prefixlen <= _SMALLEST:
        item.wrong("cidr", f"{text} has a size that AWS does not have", f"/{_LARGEST} to /{_SMALLEST}")
    return cidr


def _check_ranges(subnets: list[Item], ranges: Ranges, vpc: IPv4Network | None) -> None:
    """The subnets of a VPC lie in it, and none in another."""
    for subnet, earlier, own in _given(subnets, ranges):
        if vpc is not None and not own.subnet_of(vpc):
            subnet.wrong("cidr", f"{own} lies outside the VPC", f"a range in {vpc}")
        for other in earlier:
            if own.overlaps(ranges[other.path]):
                subnet.wrong("cidr", f"{own} overlaps that of {written(other.path)}", "a range of its own")
                break


def _given(subnets: list[Item], ranges: Ranges) -> Iterator[tuple[Item, list[Item], IPv4Network]]:
    """Yield each subnet that tells its range, with those of them that stand before it."""
    telling = [subnet for subnet in subnets if subnet.path in ranges]
    for index, subnet in enumerate(telling):
        yield subnet, telling[:index], ranges[subnet.path]


def _free_range(subnet: Item, vpc: IPv4Network, used: list[IPv4Network]) -> IPv4Network:
    """Return the first range of the VPC that none of the *used* ones lies in."""
    prefix = max(vpc.prefixlen, _COMMON if vpc.prefixlen <= _COMMON - 4 else min(_SMALLEST, vpc.prefixlen + 4))
    size, start = 2 ** (vpc.max_prefixlen - prefix), int(vpc.network_address)
    for first, last in sorted((int(other.network_address), int(other.broadcast_address)) for other in used):
        if first >= start + size:
            break
        if last >= start:
            start = (last // size + 1) * size
    if start + size - 1 <= int(vpc.broadcast_address):
        return IPv4Network((start, prefix))
    subnet.wrong("cidr", f"is left out, and {vpc} has no room for another /{prefix}", "a larger VPC")
    return vpc
