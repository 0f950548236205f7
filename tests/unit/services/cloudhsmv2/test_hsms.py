"""CreateHsm and DeleteHsm: places, timing, addresses and quotas of HSMs."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.records.cloudhsm import Cluster, ClusterState, Subnet, Zone
from mockaws.records.outages import Outage
from mockaws.records.world import REALISTIC, HsmRelaxation, Limits, Relaxations
from tests.samples import (
    ACCOUNT,
    BROKEN,
    CLUSTER,
    NOW,
    REGION,
    SUBNET_A,
    SUBNET_B,
    ZONE_A,
    ZONE_B,
    being,
    cluster,
    hsm,
    subnet,
)
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.records.base import Record
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

OTHER_CLUSTER = "cluster-bbbbbbbbbbb"


def hsms(hsm2: Ask, here: World, cluster_id: str = CLUSTER) -> list[dict[str, Any]]:
    """Return what DescribeClusters shows of a cluster's HSMs."""
    (shown,) = hsm2(here, "DescribeClusters", Filters={"clusterIds": [cluster_id]})["Clusters"]
    found: list[dict[str, Any]] = shown["Hsms"]
    return found


def free_addresses(here: World, subnet_id: str = SUBNET_A) -> int:
    """Return how many addresses a subnet has left."""
    found = here.store.run(lambda tx: tx.get(Subnet, ACCOUNT, REGION, subnet_id))
    assert found is not None
    return int(found.free_addresses)


def test_a_new_hsm(hsm2: Ask, world: MakeWorld) -> None:
    """CreateHsm answers with an HSM in CREATE_IN_PROGRESS; with instant timing it is ACTIVE at the next call."""
    here = world(cluster(), subnet(), subnet(SUBNET_B))
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_B)["Hsm"]
    assert re.fullmatch(r"hsm-[2-7a-z]{11}", made["HsmId"])
    assert re.fullmatch(r"eni-[0-9a-f]{17}", made["EniId"])
    assert made == {
        "AvailabilityZone": ZONE_B,
        "ClusterId": CLUSTER,
        "SubnetId": SUBNET_B,
        "EniId": made["EniId"],
        "EniIp": "10.0.2.4",
        "HsmId": made["HsmId"],
        "HsmType": "hsm1.medium",
        "State": "CREATE_IN_PROGRESS",
    }
    assert hsms(hsm2, here) == [made | {"State": "ACTIVE", "StateMessage": "HSM created."}]


def test_an_hsm_takes_its_time(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM is ACTIVE after the time in the world's timing, and not before."""
    here = world(cluster(), subnet(), timing=REALISTIC)
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    here.clock.advance(REALISTIC.create_hsm - 1)
    assert [one["State"] for one in hsms(hsm2, here)] == ["CREATE_IN_PROGRESS"]
    here.clock.advance(1)
    assert [one["State"] for one in hsms(hsm2, here)] == ["ACTIVE"]


def test_several_hsms_in_one_zone(hsm2: Ask, world: MakeWorld) -> None:
    """A zone may have several HSMs, each with an id, a network interface and an address of its own."""
    here = world(cluster(hsms=(hsm(eni_ip="10.0.1.4"),)), subnet())
    for _ in range(3):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    shown = hsms(hsm2, here)
    assert [one["EniIp"] for one in shown] == ["10.0.1.4", "10.0.1.5", "10.0.1.6", "10.0.1.7"]
    assert len({one["EniId"] for one in shown}) == len({one["HsmId"] for one in shown}) == 4


def test_an_address_of_the_callers_choice(hsm2: Ask, world: MakeWorld) -> None:
    """IpAddress chooses one of the subnet's free addresses."""
    here = world(cluster(), subnet())
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A, IpAddress="10.0.1.254")["Hsm"]
    assert made["EniIp"] == "10.0.1.254"


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("10.0.2.9", "IpAddress 10.0.2.9 is not an address of subnet 'subnet-a6b10bd1' (10.0.1.0/24)"),
        ("10.0.1.999", "IpAddress 10.0.1.999 is not an address of subnet 'subnet-a6b10bd1' (10.0.1.0/24)"),
        ("10.0.1.011", "IpAddress 10.0.1.011 is not an address of subnet 'subnet-a6b10bd1' (10.0.1.0/24)"),
        ("10.0.1.0", "IpAddress 10.0.1.0 is reserved by AWS in subnet 'subnet-a6b10bd1'"),
        ("10.0.1.3", "IpAddress 10.0.1.3 is reserved by AWS in subnet 'subnet-a6b10bd1'"),
        ("10.0.1.255", "IpAddress 10.0.1.255 is reserved by AWS in subnet 'subnet-a6b10bd1'"),
        ("10.0.1.11", "IpAddress 10.0.1.11 is in use"),
        ("10.0.1.12", "IpAddress 10.0.1.12 is in use"),
    ],
)
def test_addresses_that_cannot_be_had(hsm2: Ask, world: MakeWorld, address: str, sentence: str) -> None:
    """An address must lie in the subnet, not be one of the five that AWS reserves, and not be in use in the VPC."""
    other = cluster(OTHER_CLUSTER, hsms=(hsm("hsm-bbbbbbbbbbb", eni_ip="10.0.1.12"),))
    here = world(cluster(hsms=(hsm(),)), other, subnet())
    with pytest.raises(RefusedError) as refused:
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A, IpAddress=address)
    assert (refused.value.code, refused.value.message) == ("CloudHsmInvalidRequestException", sentence)
    assert free_addresses(here) == 251


def test_an_address_in_another_vpc_is_free_here(hsm2: Ask, world: MakeWorld) -> None:
    """Another VPC may have the same addresses."""
    elsewhere = cluster(OTHER_CLUSTER, vpc_id="vpc-9", hsms=(hsm("hsm-bbbbbbbbbbb", eni_ip="10.0.1.12"),))
    here = world(cluster(), elsewhere, subnet())
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A, IpAddress="10.0.1.12")["Hsm"]
    assert made["EniIp"] == "10.0.1.12"


def test_a_full_subnet(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM cannot be created in a subnet without free addresses; one of them goes to each HSM."""
    here = world(cluster(), subnet(free_addresses=1))
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    assert free_addresses(here) == 0
    with pytest.raises(RefusedError, match="InvalidRequestException: Subnet 'subnet-a6b10bd1' has no free addresses"):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


def test_a_subnet_whose_addresses_are_all_in_use(hsm2: Ask, world: MakeWorld) -> None:
    """A /29 has three addresses for its owner, however many a fixture says are free."""
    here = world(cluster(), subnet(cidr="10.0.1.0/29"))
    for _ in range(3):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    assert [one["EniIp"] for one in hsms(hsm2, here)] == ["10.0.1.4", "10.0.1.5", "10.0.1.6"]
    with pytest.raises(RefusedError, match="has no free addresses"):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


@pytest.mark.parametrize("lost", [(), (subnet(removed_at=0.0),)])
def test_a_lost_subnet(hsm2: Ask, world: MakeWorld, lost: tuple[Subnet, ...]) -> None:
    """An HSM cannot be created in a deleted subnet."""
    with pytest.raises(RefusedError, match="InvalidRequestException: Subnet 'subnet-a6b10bd1' does not exist"):
        hsm2(world(cluster(), *lost), "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


def test_a_zone_without_subnet(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM stands in a zone of the cluster's SubnetMapping."""
    with pytest.raises(RefusedError) as refused:
        hsm2(world(cluster(), subnet()), "CreateHsm", ClusterId=CLUSTER, AvailabilityZone="us-west-2c")
    assert refused.value.code == "CloudHsmInvalidRequestException"
    assert refused.value.message.endswith("no subnet in Availability Zone us-west-2c, only in us-west-2a, us-west-2b")


@pytest.mark.parametrize("state", [ClusterState.UNINITIALIZED, ClusterState.INITIALIZED])
def test_the_second_hsm_waits_for_activation(hsm2: Ask, world: MakeWorld, state: ClusterState) -> None:
    """A cluster that was not activated has one HSM. The error for the second one is recorded."""
    here = world(cluster(changes=being(state), hsms=(hsm(active_at=NOW + 60),)), subnet())
    with pytest.raises(RefusedError) as refused:
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    assert (refused.value.code, refused.value.message) == (
        "CloudHsmInvalidRequestException",
        "Cluster 'cluster-abcdefghijk' already contains an HSM but has not yet been fully activated",
    )
    assert len(hsms(hsm2, here)) == 1


def test_a_world_may_have_all_hsms_at_once(hsm2: Ask, world: MakeWorld) -> None:
    """Modules create all HSMs in one go, and their first apply fails on AWS; a relaxation spares them that."""
    relaxations = Relaxations(second_hsm=HsmRelaxation.AT_ANY_TIME)
    here = world(cluster(changes=being(ClusterState.UNINITIALIZED)), subnet(), relaxations=relaxations)
    csr = None
    for _ in range(2):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
        (shown,) = hsm2(here, "DescribeClusters")["Clusters"]
        csr = csr or shown["Certificates"]["ClusterCsr"]
        assert shown["Certificates"]["ClusterCsr"] == csr
    assert len(hsms(hsm2, here)) == 2


def test_the_first_hsm_may_be_replaced_before_activation(hsm2: Ask, world: MakeWorld) -> None:
    """When the only HSM of a cluster that was not activated is gone, another may take its place."""
    here = world(cluster(changes=being(ClusterState.UNINITIALIZED)), subnet())
    first = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId=first["HsmId"])
    second = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    assert [one["HsmId"] for one in hsms(hsm2, here)] == [second["HsmId"]]


def test_the_past_knows_a_deleted_hsm(hsm2: Ask, world: MakeWorld) -> None:
    """KMS deletes material if it could reach an HSM at that time, even if the HSM was deleted later."""
    here = world(cluster(hsms=(hsm(),)), subnet())
    before = here.clock.now()
    here.clock.advance(60)
    hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId=hsm().id)
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    kept = here.store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER))
    assert kept is not None
    assert [one.id for one in kept.active_hsms(before)] == [hsm().id]
    assert [one.id for one in kept.active_hsms(here.clock.now())] == [made["HsmId"]]


@pytest.mark.parametrize(
    "state",
    [
        ClusterState.CREATE_IN_PROGRESS,
        ClusterState.INITIALIZE_IN_PROGRESS,
        ClusterState.INITIALIZED,
        ClusterState.UPDATE_IN_PROGRESS,
        ClusterState.MODIFY_IN_PROGRESS,
        ClusterState.ROLLBACK_IN_PROGRESS,
        ClusterState.DELETE_IN_PROGRESS,
    ],
)
def test_clusters_with_something_under_way(hsm2: Ask, world: MakeWorld, state: ClusterState) -> None:
    """A cluster takes no HSM while something is under way with it, nor between initialization and activation."""
    with pytest.raises(RefusedError, match=f"CloudHsmInvalidRequestException: Cluster '{CLUSTER}' is in state {state}"):
        hsm2(world(cluster(changes=being(state)), subnet()), "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


def test_a_degraded_cluster_takes_hsms(hsm2: Ask, world: MakeWorld) -> None:
    """A new HSM repairs a degraded cluster."""
    here = world(cluster(changes=being(ClusterState.DEGRADED), hsms=(hsm(outages=BROKEN),)), subnet())
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    assert [one["State"] for one in hsms(hsm2, here)] == ["DEGRADED", "ACTIVE"]


def test_28_hsms_are_enough(hsm2: Ask, world: MakeWorld) -> None:
    """A cluster has at most 28 HSMs."""
    many = tuple(
        hsm(f"hsm-aaaaaaaaa{n:02}".replace("0", "o").replace("1", "l"), eni_ip=f"10.0.1.{n}") for n in range(28)
    )
    here = world(cluster(hsms=many), subnet())
    with pytest.raises(RefusedError, match=r"CloudHsmInvalidRequestException: .* already contains 28 HSMs"):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


def test_the_quota_of_hsms(hsm2: Ask, world: MakeWorld) -> None:
    """An account has six HSMs in a Region unless AWS raised it; those on their way out still count."""
    mine = tuple(hsm(f"hsm-{n}", eni_ip=f"10.0.1.{20 + n}") for n in range(3))
    leaving = hsm("hsm-9", eni_ip="10.0.1.30", delete_requested_at=NOW - 1, gone_at=NOW + 1)
    gone = hsm("hsm-8", eni_ip="10.0.1.31", delete_requested_at=NOW - 9, gone_at=NOW - 8)
    here = world(cluster(hsms=mine), cluster(OTHER_CLUSTER, hsms=(*mine[:1], leaving, gone)), subnet())
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    with pytest.raises(RefusedError, match=r"^CloudHsmServiceException: The account has 6 HSMs, which is its quota$"):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    here.clock.advance(1)
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


def test_a_zone_that_has_failed(hsm2: Ask, world: MakeWorld) -> None:
    """No HSM comes in a zone that has failed; in another zone one does, and here, too, once it works again."""
    failed = Zone(account=ACCOUNT, region=REGION, id=ZONE_A, outages=(Outage(NOW, NOW + 60),))
    here = world(cluster(), subnet(), subnet(SUBNET_B), failed)
    with pytest.raises(RefusedError, match=f"^CloudHsmServiceException: No HSM can be created in .* {ZONE_A}"):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_B)
    here.clock.advance(60)
    hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)


def test_backups_when_hsms_come_and_go(hsm2: Ask, world: MakeWorld) -> None:
    """CloudHSM backs up an active cluster, and no other, when an HSM is added or removed."""
    here = world(cluster(), subnet())
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId=made["HsmId"])
    found = hsm2(here, "DescribeBackups", Filters={"clusterIds": [CLUSTER]})["Backups"]
    assert [one["BackupState"] for one in found] == ["READY", "READY"]
    there = world(cluster(changes=being(ClusterState.UNINITIALIZED)), subnet())
    made = hsm2(there, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    hsm2(there, "DeleteHsm", ClusterId=CLUSTER, HsmId=made["HsmId"])
    assert hsm2(there, "DescribeBackups")["Backups"] == []


@pytest.mark.parametrize(
    "records", [(), (cluster(changes=being(ClusterState.DELETED)),), (cluster(region="eu-west-1"),)]
)
@pytest.mark.parametrize(
    ("operation", "members"), [("CreateHsm", {"AvailabilityZone": ZONE_A}), ("DeleteHsm", {"HsmId": "hsm-abcdefghijk"})]
)
def test_clusters_that_are_not_there(
    hsm2: Ask, world: MakeWorld, records: tuple[Record, ...], operation: str, members: dict[str, Any]
) -> None:
    """An unknown cluster, a deleted one and one of another Region are CloudHsmResourceNotFoundException."""
    with pytest.raises(RefusedError) as refused:
        hsm2(world(*records, subnet()), operation, ClusterId=CLUSTER, **members)
    assert refused.value.code == "CloudHsmResourceNotFoundException"
    assert refused.value.message == f"Cluster '{CLUSTER}' does not exist"
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "selector", [{"HsmId": "hsm-abcdefghijk"}, {"EniId": "eni-0a1b2c3d4e5f60718"}, {"EniIp": "10.0.1.11"}]
)
def test_deleting(hsm2: Ask, world: MakeWorld, selector: dict[str, str]) -> None:
    """An HSM is deleted by its id, its network interface or its address; the answer is its id, and it is gone."""
    other = hsm("hsm-bbbbbbbbbbb", eni_id="eni-bbbbbbbb", eni_ip="10.0.1.12")
    here = world(cluster(hsms=(hsm(), other)), subnet())
    assert hsm2(here, "DeleteHsm", ClusterId=CLUSTER, **selector) == {"HsmId": "hsm-abcdefghijk"}
    assert [one["HsmId"] for one in hsms(hsm2, here)] == ["hsm-bbbbbbbbbbb"]
    assert free_addresses(here) == 252


def test_deleting_takes_its_time(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM is DELETE_IN_PROGRESS until the timing is over; its address is not free before, and counted once."""
    here = world(cluster(hsms=(hsm(),)), subnet(), timing=REALISTIC)
    hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId="hsm-abcdefghijk")
    here.clock.advance(REALISTIC.delete_hsm - 1)
    (leaving,) = hsms(hsm2, here)
    assert leaving["State"] == "DELETE_IN_PROGRESS"
    assert "StateMessage" not in leaving
    assert hsm2(here, "DeleteHsm", ClusterId=CLUSTER, EniIp="10.0.1.11") == {"HsmId": "hsm-abcdefghijk"}
    assert free_addresses(here) == 252
    with pytest.raises(RefusedError, match="in use"):
        hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A, IpAddress="10.0.1.11")
    here.clock.advance(1)
    assert hsms(hsm2, here) == []
    again = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A, IpAddress="10.0.1.11")["Hsm"]
    assert again["EniIp"] == "10.0.1.11"


def test_deleting_an_hsm_that_is_being_created(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM need not be there to be deleted."""
    here = world(cluster(), subnet(), timing=REALISTIC)
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId=made["HsmId"])
    assert [one["State"] for one in hsms(hsm2, here)] == ["DELETE_IN_PROGRESS"]


def test_deleting_in_a_lost_subnet(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM can be deleted though its subnet is not there any more."""
    here = world(cluster(hsms=(hsm(),)))
    assert hsm2(here, "DeleteHsm", ClusterId=CLUSTER, HsmId="hsm-abcdefghijk") == {"HsmId": "hsm-abcdefghijk"}
    assert hsms(hsm2, here) == []


@pytest.mark.parametrize(
    ("selector", "member"),
    [
        ({"HsmId": "hsm-zzzzzzzzzzz"}, "HsmId 'hsm-zzzzzzzzzzz'"),
        ({"EniId": "eni-00000000"}, "EniId 'eni-00000000'"),
        ({"EniIp": "10.0.1.99"}, "EniIp '10.0.1.99'"),
        ({"HsmId": "hsm-ddddddddddd"}, "HsmId 'hsm-ddddddddddd'"),
    ],
)
def test_deleting_what_is_not_there(hsm2: Ask, world: MakeWorld, selector: dict[str, str], member: str) -> None:
    """An HSM that the cluster does not have, or has no more, is CloudHsmResourceNotFoundException."""
    gone = hsm("hsm-ddddddddddd", delete_requested_at=NOW - 60, gone_at=NOW - 1)
    with pytest.raises(RefusedError) as refused:
        hsm2(world(cluster(hsms=(hsm(), gone))), "DeleteHsm", ClusterId=CLUSTER, **selector)
    assert refused.value.code == "CloudHsmResourceNotFoundException"
    assert refused.value.message == f"Cluster '{CLUSTER}' contains no HSM with {member}"


@pytest.mark.parametrize("selectors", [{}, {"HsmId": "hsm-abcdefghijk", "EniIp": "10.0.1.11"}])
def test_deleting_needs_one_selector(hsm2: Ask, world: MakeWorld, selectors: dict[str, str]) -> None:
    """DeleteHsm takes exactly one of HsmId, EniId and EniIp."""
    with pytest.raises(RefusedError, match="InvalidRequestException: Specify exactly one of HsmId, EniId and EniIp"):
        hsm2(world(cluster(hsms=(hsm(),))), "DeleteHsm", ClusterId=CLUSTER, **selectors)


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"AvailabilityZone": ZONE_A}, "Value null at 'clusterId'"),
        ({"ClusterId": CLUSTER}, "Value null at 'availabilityZone'"),
        ({"ClusterId": CLUSTER, "AvailabilityZone": "zone-1"}, "Value 'zone-1' at 'availabilityZone'"),
        ({"ClusterId": "cluster-1", "AvailabilityZone": ZONE_A}, "Value 'cluster-1' at 'clusterId'"),
        ({"ClusterId": CLUSTER, "AvailabilityZone": ZONE_A, "IpAddress": "::1"}, "Value '::1' at 'ipAddress'"),
    ],
)
def test_members_that_break_the_model(hsm2: Ask, world: MakeWorld, members: dict[str, Any], path: str) -> None:
    """Constraints of the model are checked first; CloudHSM does not call it a ValidationException, as recorded."""
    sentence = f"^CloudHsmInvalidRequestException: 1 validation error detected: {re.escape(path)} failed"
    with pytest.raises(RefusedError, match=sentence):
        hsm2(world(), "CreateHsm", **members)


def test_ids_of_the_developer_guide(hsm2: Ask, world: MakeWorld) -> None:
    """The guide's own ids break the model's pattern; where a world has them, they are taken."""
    guide = "cluster-1a23b4cdefg"
    here = world(cluster(guide), subnet(), irregular_ids=frozenset({guide}))
    hsm2(here, "CreateHsm", ClusterId=guide, AvailabilityZone=ZONE_A)
    assert len(hsms(hsm2, here, guide)) == 1


def test_hsms_created_at_the_same_time(hsm2: Ask, world: MakeWorld) -> None:
    """Many callers at once get HSMs with different ids, interfaces and addresses, and none is lost."""
    here = world(cluster(), cluster(OTHER_CLUSTER), subnet(), limits=Limits(hsms=20))
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda cluster_id: hsm2(here, "CreateHsm", ClusterId=cluster_id, AvailabilityZone=ZONE_A)["Hsm"],
                [CLUSTER, OTHER_CLUSTER] * 10,
            )
        )
    for member in ("HsmId", "EniId", "EniIp"):
        assert len({one[member] for one in answers}) == 20
    assert len(hsms(hsm2, here)) == len(hsms(hsm2, here, OTHER_CLUSTER)) == 10
    assert free_addresses(here) == 231
