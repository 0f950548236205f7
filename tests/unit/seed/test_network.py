"""The network of a fixture."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

import pytest

from mockaws.records.cloudhsm import Cluster, Subnet
from tests.unit.seed.kinds import NOW, all_of, one

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load


def test_without_a_network_there_are_two_subnets_in_two_zones(load: Load) -> None:
    """A cluster needs two zones, so that is what it gets."""
    first, second = all_of(load("{}"), Subnet)
    assert (first.zone, second.zone) == ("us-west-2a", "us-west-2b")
    assert (first.cidr, second.cidr) == ("10.0.0.0/24", "10.0.1.0/24")
    assert first.vpc_id == second.vpc_id
    assert (first.free_addresses, first.there(NOW), first.reachable(NOW)) == (251, True, True)


def test_what_a_subnet_says_is_what_it_is(load: Load) -> None:
    """Id, zone, range, free addresses, and whether it is there and in reach."""
    subnet = one(
        load(
            "network: {vpcs: [{id: vpc-1a2b3c4d, subnets: [{id: subnet-a6b10bd1, zone: us-west-2c, cidr: 10.0.9.0/26,"
            " free_addresses: 3, removed: true, reachable: false}]}]}"
        ),
        Subnet,
    )
    assert (subnet.vpc_id, subnet.id, subnet.zone) == ("vpc-1a2b3c4d", "subnet-a6b10bd1", "us-west-2c")
    assert (subnet.cidr, subnet.free_addresses) == ("10.0.9.0/26", 3)
    assert (subnet.removed_at is not None, bool(subnet.outages)) == (True, True)
    assert (subnet.there(NOW), subnet.reachable(NOW)) == (False, False)


def test_zones_follow_one_another(load: Load) -> None:
    """The first subnet of a VPC stands in zone a, the second in b, the third in c."""
    subnets = all_of(load("network: {vpcs: [{subnets: [{}, {}, {}]}, {subnets: [{}]}]}"), Subnet)
    assert [subnet.zone[-1] for subnet in subnets] == ["a", "b", "c", "a"]


def test_ranges_that_are_left_out_overlap_no_other(load: Load) -> None:
    """Whatever ranges the fixture gives, the others are found around them."""
    text = (
        "network: {vpcs: [{cidr: 172.16.0.0/16, subnets: [{}, {cidr: 172.16.0.0/23}, {cidr: 172.16.3.0/28}, {}]}, {}]}"
    )
    subnets = all_of(load(text), Subnet)
    assert [subnet.cidr for subnet in subnets] == [
        "172.16.2.0/24",
        "172.16.0.0/23",
        "172.16.3.0/28",
        "172.16.4.0/24",
        "10.1.0.0/24",
        "10.1.1.0/24",
    ]


@pytest.mark.parametrize("prefix", range(16, 25))
def test_a_small_vpc_gets_small_subnets(prefix: int, load: Load) -> None:
    """Two subnets fit into any VPC that is larger than the smallest subnet."""
    subnets = all_of(load(f"network: {{vpcs: [{{cidr: 10.0.0.0/{prefix}}}]}}"), Subnet)
    first, second = (ip_network(subnet.cidr) for subnet in subnets)
    assert not first.overlaps(second)
    assert 16 <= first.prefixlen <= 28


def test_a_vpc_elsewhere(load: Load) -> None:
    """Clusters are made in other Regions and accounts too; those of the fixture stand at home."""
    seed = load(
        "network: {vpcs: [{region: eu-west-1}, {account: '444455556666', subnets: [{id: subnet-a6b10bd1}]}, {}]}\n"
        "clusters: [{}]"
    )
    subnets = all_of(seed, Subnet)
    assert {(subnet.account, subnet.region, subnet.zone) for subnet in subnets} == {
        (seed.terms.account, "eu-west-1", "eu-west-1a"),
        (seed.terms.account, "eu-west-1", "eu-west-1b"),
        ("444455556666", "us-west-2", "us-west-2a"),
        (seed.terms.account, "us-west-2", "us-west-2a"),
        (seed.terms.account, "us-west-2", "us-west-2b"),
    }
    home = (seed.terms.account, "us-west-2")
    at_home = {subnet.zone: subnet.id for subnet in subnets if (subnet.account, subnet.region) == home}
    assert one(seed, Cluster).subnets == at_home


def test_a_vpc_without_a_range_takes_subnets_of_any(load: Load) -> None:
    """Whoever describes subnets only need not work out what encloses them."""
    seed = load("network: {vpcs: [{subnets: [{cidr: 192.168.0.0/24}, {cidr: 10.9.0.0/24}]}]}")
    assert [subnet.cidr for subnet in all_of(seed, Subnet)] == ["192.168.0.0/24", "10.9.0.0/24"]


def test_hsms_get_addresses_of_their_own_in_their_subnets(load: Load) -> None:
    """Addresses that are left out are the lowest that AWS does not keep and no other HSM has, wherever that stands."""
    seed = load(
        "clusters: [{hsms: [{zone: us-west-2a}, {zone: us-west-2b}, {zone: us-west-2a, ip: 10.0.0.4}]},"
        " {hsms: [{zone: us-west-2a}]}]"
    )
    hsms = [hsm for cluster in all_of(seed, Cluster) for hsm in cluster.hsms]
    assert [hsm.eni_ip for hsm in hsms] == ["10.0.0.5", "10.0.1.4", "10.0.0.4", "10.0.0.6"]
    ranges = {subnet.id: ip_network(subnet.cidr) for subnet in all_of(seed, Subnet)}
    assert all(ip_address(hsm.eni_ip) in ranges[hsm.subnet_id] for hsm in hsms)


def test_hsms_take_addresses_away(load: Load) -> None:
    """Of 256 addresses AWS keeps five, and each HSM has one."""
    first, second = all_of(load("clusters: [{hsms: [{zone: us-west-2a}, {zone: us-west-2a}]}]"), Subnet)
    assert (first.free_addresses, second.free_addresses) == (249, 251)
