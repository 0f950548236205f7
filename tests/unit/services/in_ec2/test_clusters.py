"""Clusters and HSMs in EC2's subnets: what CloudHSM makes there, and that it goes."""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.records.world import REALISTIC
from mockaws.services.other_services import RefusedError
from tests.unit.services.in_ec2.vpcs import Place, place, refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from xml.etree.ElementTree import Element

pytestmark = pytest.mark.slow

INVALID = "CloudHsmInvalidRequestException"
OTHER_REGION, OTHER_ACCOUNT = "eu-central-1", "444455556666"
FIXTURE_SUBNETS = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]


class Meddler:
    """A client of the other services that does something before one action."""

    def __init__(self, here: Place, action: str, meddle: Callable[[], object]) -> None:
        world: Any = here.mock.worlds.default
        self._others = world.other_services
        self._action, self._meddle = action, meddle
        world.other_services = self

    def ask(self, service: str, account: str, region: str, action: str, **parameters: str) -> Element:
        """Ask the others, after something has happened once."""
        if action == self._action:
            self._action = ""
            self._meddle()
        answer: Element = self._others.ask(service, account, region, action, **parameters)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._others, name)


def refuse() -> None:
    """Refuse as EC2 does whose caller may not."""
    raise RefusedError("UnauthorizedOperation", "You are not authorized to perform this operation.")


# --- clusters ------------------------------------------------------------------------------------------------------
def test_a_cluster_in_the_default_vpc(here: Place) -> None:
    """Every account has a default VPC with a subnet in each zone, and a cluster in it lies where EC2 says."""
    two = here.ec2.describe_subnets()["Subnets"][:2]
    made = here.create_cluster(*(subnet["SubnetId"] for subnet in two))
    assert made["VpcId"] == two[0]["VpcId"]
    assert made["SubnetMapping"] == {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in two}


def test_its_security_group(here: Place) -> None:
    """CloudHSM makes a group in the cluster's VPC, whose members reach one another at 2223 to 2225, and no more."""
    vpc = here.vpc()
    made = here.create_cluster(*vpc.subnets)
    (group,) = here.ec2.describe_security_groups(GroupIds=[made["SecurityGroup"]])["SecurityGroups"]
    assert (group["GroupName"], group["VpcId"]) == (f"cloudhsm-{made['ClusterId']}-sg", vpc.id)
    for way in ("IpPermissions", "IpPermissionsEgress"):
        (rule,) = group[way]
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 2223, 2225)
        assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [made["SecurityGroup"]]
        assert rule["IpRanges"] == []


def test_subnets_that_nobody_has(here: Place) -> None:
    """A subnet that neither the fixture nor EC2 has is rejected, a deleted one as well, and nothing is created."""
    vpc = here.vpc()
    here.ec2.delete_subnet(SubnetId=vpc.subnets[1])
    for subnet in ("subnet-0a1b2c3d4e5f6abcd", vpc.subnets[1]):
        said = refused(here.create_cluster, vpc.subnets[0], subnet)
        assert said == (INVALID, f"Subnet '{subnet}' does not exist")
    assert here.groups() == {}


def test_subnets_where_nobody_answers_for_ec2() -> None:
    """In a world without other services there are the fixture's subnets only."""
    alone = place(others=None)
    said = refused(alone.create_cluster, "subnet-0a1b2c3d4e5f6abcd")
    assert said == (INVALID, "Subnet 'subnet-0a1b2c3d4e5f6abcd' does not exist")


def test_subnets_of_several_vpcs(here: Place) -> None:
    """A cluster lies in one VPC: not half in EC2's and half in the fixture's, nor in two of EC2's."""
    one, other = here.vpc(), here.vpc()
    for another in (other.subnets[1], FIXTURE_SUBNETS[1]):
        code, sentence = refused(here.create_cluster, one.subnets[0], another)
        assert (code, sentence.partition(":")[0]) == (INVALID, "The subnets are in several VPCs")
    assert here.groups() == {}


def test_two_subnets_in_one_zone(here: Place) -> None:
    """EC2 says in which zone a subnet lies, and a cluster has one in each."""
    code, sentence = refused(here.create_cluster, *here.vpc("a", "a").subnets)
    assert (code, sentence.endswith("are in the same Availability Zone us-west-2a")) == (INVALID, True)


def test_subnets_of_others(here: Place) -> None:
    """Subnets of another Region, another account or another world are not there."""
    (subnet, _) = here.vpc().subnets
    others = [
        Place(here.mock, region=OTHER_REGION),
        Place(here.mock, account=OTHER_ACCOUNT),
        Place(here.mock, world="another"),
    ]
    for other in others:
        assert refused(other.create_cluster, subnet) == (INVALID, f"Subnet '{subnet}' does not exist")


def test_clusters_of_others() -> None:
    """In another Region and account a cluster has the network of that place."""
    first = place()
    for there in (Place(first.mock, region=OTHER_REGION), Place(first.mock, account=OTHER_ACCOUNT)):
        vpc = there.vpc()
        made = there.create_cluster(*vpc.subnets)
        there.create_hsm(made["ClusterId"])
        assert (len(there.groups()), len(there.interfaces())) == (1, 1)
    assert (first.groups(), first.interfaces()) == ({}, [])


# --- HSMs ----------------------------------------------------------------------------------------------------------
def test_an_hsm_and_its_network_interface(here: Place) -> None:
    """An HSM has an interface in its subnet, in the cluster's group; it takes one of the subnet's addresses."""
    subnets = here.vpc().subnets
    cluster = here.create_cluster(*subnets)
    made = here.create_hsm(cluster["ClusterId"], "b")
    (interface,) = here.interfaces()
    assert interface["NetworkInterfaceId"] == made["EniId"]
    assert (interface["SubnetId"], interface["PrivateIpAddress"]) == (subnets[1], made["EniIp"])
    assert interface["Description"] == f"CloudHsm ENI {made['HsmId']}"
    assert [group["GroupId"] for group in interface["Groups"]] == [cluster["SecurityGroup"]]
    free = [subnet["AvailableIpAddressCount"] for subnet in here.ec2.describe_subnets(SubnetIds=subnets)["Subnets"]]
    assert free == [251, 250]


def test_an_address_of_the_callers_choice(here: Place) -> None:
    """IpAddress is one of the subnet's that no interface has, also none that is not an HSM's."""
    subnets = here.vpc().subnets
    cluster_id = here.create_cluster(*subnets)["ClusterId"]
    here.ec2.create_network_interface(SubnetId=subnets[0], PrivateIpAddress="10.30.0.77")
    assert refused(here.create_hsm, cluster_id, IpAddress="10.30.0.77") == (INVALID, "IpAddress 10.30.0.77 is in use")
    assert refused(here.create_hsm, cluster_id, IpAddress="10.30.1.9")[0] == INVALID
    assert len(here.interfaces()) == 1
    assert here.create_hsm(cluster_id, IpAddress="10.30.0.78")["EniIp"] == "10.30.0.78"


def test_a_full_subnet(here: Place) -> None:
    """Addresses that others of EC2's have taken are not there for HSMs."""
    subnets = here.vpc("a", size=28).subnets
    cluster_id = here.create_cluster(*subnets)["ClusterId"]
    for number in range(4, 15):
        here.ec2.create_network_interface(SubnetId=subnets[0], PrivateIpAddress=f"10.30.0.{number}")
    assert refused(here.create_hsm, cluster_id) == (INVALID, f"Subnet '{subnets[0]}' has no free addresses")


def test_an_hsm_where_the_network_is_gone(here: Place) -> None:
    """Without the subnet, or the cluster's security group, CreateHsm fails and creates nothing."""
    subnets = here.vpc().subnets
    cluster = here.create_cluster(*subnets)
    here.ec2.delete_subnet(SubnetId=subnets[1])
    said = refused(here.create_hsm, cluster["ClusterId"], "b")
    assert said == (INVALID, f"Subnet '{subnets[1]}' does not exist")
    here.ec2.delete_security_group(GroupId=cluster["SecurityGroup"])
    said = refused(here.create_hsm, cluster["ClusterId"])
    assert said[1] == f"Security group '{cluster['SecurityGroup']}' of cluster '{cluster['ClusterId']}' does not exist"
    assert (here.interfaces(), here.groups()) == ([], {})


# --- the end -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("named", ["HsmId", "EniId", "EniIp"])
def test_deleting_in_the_order_of_terraform(here: Place, named: str) -> None:
    """The HSM takes its interface with it, the cluster its group; then the subnets and the VPC can go."""
    vpc = here.vpc()
    cluster_id = here.create_cluster(*vpc.subnets)["ClusterId"]
    made = here.create_hsm(cluster_id)
    here.hsm2.delete_hsm(ClusterId=cluster_id, **{named: made[named]})
    assert here.interfaces() == []
    here.hsm2.delete_cluster(ClusterId=cluster_id)
    assert here.groups() == {}
    for subnet in vpc.subnets:
        here.ec2.delete_subnet(SubnetId=subnet)
    here.ec2.delete_vpc(VpcId=vpc.id)


def test_deleting_what_is_gone(here: Place) -> None:
    """The HSM and the cluster can be deleted if the interface, the group and the subnets are gone already."""
    subnets = here.vpc().subnets
    cluster = here.create_cluster(*subnets)
    made = here.create_hsm(cluster["ClusterId"])
    here.ec2.delete_network_interface(NetworkInterfaceId=made["EniId"])
    here.ec2.delete_security_group(GroupId=cluster["SecurityGroup"])
    for subnet in subnets:
        here.ec2.delete_subnet(SubnetId=subnet)
    here.hsm2.delete_hsm(ClusterId=cluster["ClusterId"], HsmId=made["HsmId"])
    here.hsm2.delete_cluster(ClusterId=cluster["ClusterId"])
    assert here.cluster(cluster["ClusterId"])["State"] == "DELETED"


def test_a_group_that_others_use(here: Place) -> None:
    """A group that EC2 does not let go, as something uses it, stays; the cluster goes all the same."""

    def in_use() -> None:
        raise RefusedError("DependencyViolation", "resource sg-1 has a dependent object")

    cluster = here.create_cluster(*here.vpc().subnets)
    Meddler(here, "DeleteSecurityGroup", in_use)
    here.hsm2.delete_cluster(ClusterId=cluster["ClusterId"])
    assert here.cluster(cluster["ClusterId"])["State"] == "DELETED"
    assert list(here.groups()) == [cluster["SecurityGroup"]]


def test_an_hsm_that_goes_slowly(here: Place) -> None:
    """The interface goes when DeleteHsm answers, though the HSM is on its way out for a while."""
    here.world.load({"timing": "realistic"})
    subnets = here.vpc().subnets
    cluster_id = here.create_cluster(*subnets)["ClusterId"]
    here.world.clock.advance(seconds=REALISTIC.create_cluster)
    made = here.create_hsm(cluster_id)
    here.world.clock.advance(seconds=REALISTIC.create_hsm)
    here.hsm2.delete_hsm(ClusterId=cluster_id, HsmId=made["HsmId"])
    assert [hsm["State"] for hsm in here.cluster(cluster_id)["Hsms"]] == ["DELETE_IN_PROGRESS"]
    assert here.interfaces() == []


# --- nothing half done ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("action", ["CreateSecurityGroup", "RevokeSecurityGroupEgress", "AuthorizeSecurityGroupEgress"])
def test_a_group_that_ec2_refuses(here: Place, action: str) -> None:
    """If EC2 rejects any request for the group, the caller gets EC2's error, and neither group nor cluster exists."""
    subnets = here.vpc().subnets
    Meddler(here, action, refuse)
    code, sentence = refused(here.create_cluster, *subnets)
    assert (code, sentence.partition(":")[0]) == ("UnauthorizedOperation", f"EC2 refuses {action}")
    assert (here.groups(), here.hsm2.describe_clusters()["Clusters"]) == ({}, [])


def test_a_call_that_runs_again(here: Place) -> None:
    """Of two HSMs that are created at once each has an interface and an address of its own, and no more are there."""
    subnets = here.vpc().subnets
    one, other = (here.create_cluster(*subnets)["ClusterId"] for _ in range(2))
    Meddler(here, "CreateNetworkInterface", lambda: here.create_hsm(other))
    made = here.create_hsm(one)
    shown = [hsm for each in (one, other) for hsm in here.cluster(each)["Hsms"]]
    assert {(hsm["EniId"], hsm["EniIp"]) for hsm in shown} == {
        (interface["NetworkInterfaceId"], interface["PrivateIpAddress"]) for interface in here.interfaces()
    }
    assert {hsm["EniIp"] for hsm in shown} == {"10.30.0.4", "10.30.0.5"}
    assert made["EniIp"] == "10.30.0.5"


def test_many_at_once(here: Place) -> None:
    """Terraform creates HSMs side by side: each has an interface and an address of its own; they go as well."""
    cluster_id = here.active_cluster(*here.vpc().subnets)["ClusterId"]
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda number: here.create_hsm(cluster_id, "ab"[number % 2]), range(4)))
    hsms = here.cluster(cluster_id)["Hsms"]
    assert {(hsm["EniId"], hsm["EniIp"]) for hsm in hsms} == {
        (interface["NetworkInterfaceId"], interface["PrivateIpAddress"]) for interface in here.interfaces()
    }
    assert len({hsm["EniIp"] for hsm in hsms}) == len(made) + 2
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda hsm: here.hsm2.delete_hsm(ClusterId=cluster_id, HsmId=hsm["HsmId"]), hsms))
    assert here.interfaces() == []


def test_a_call_that_is_refused_when_it_runs_again(here: Place) -> None:
    """If another client takes the address first, the call fails and leaves no interface behind."""
    cluster_id = here.active_cluster(*here.vpc().subnets)["ClusterId"]
    Meddler(here, "CreateNetworkInterface", lambda: here.create_hsm(cluster_id, IpAddress="10.30.0.99"))
    said = refused(here.create_hsm, cluster_id, IpAddress="10.30.0.99")
    assert said == (INVALID, "IpAddress 10.30.0.99 is in use")
    assert [i["PrivateIpAddress"] for i in here.interfaces()].count("10.30.0.99") == 1


# --- the fixture's network -----------------------------------------------------------------------------------------
def test_the_fixtures_network_comes_first() -> None:
    """A cluster in the fixture's subnets has nothing in EC2: it sends no request and imports nothing."""
    program = """
import sys
from mockaws import Mock
mock = Mock(fixture="ready-cluster", others="moto")
hsm2, kms = mock.client("cloudhsmv2"), mock.client("kms")
(old,) = hsm2.describe_clusters()["Clusters"]
made = hsm2.create_cluster(HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=list(old["SubnetMapping"].values()))
hsm = hsm2.create_hsm(ClusterId=made["Cluster"]["ClusterId"], AvailabilityZone="us-west-2a")["Hsm"]
hsm2.delete_hsm(ClusterId=made["Cluster"]["ClusterId"], HsmId=hsm["HsmId"])
hsm2.delete_cluster(ClusterId=made["Cluster"]["ClusterId"])
store = kms.create_custom_key_store(
    CustomKeyStoreName="store", CloudHsmClusterId=old["ClusterId"], KeyStorePassword="kmsPswd123",
    TrustAnchorCertificate=open("fixtures/customerCA.crt").read(),
)["CustomKeyStoreId"]
key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["KeyMetadata"]["KeyId"]
kms.encrypt(KeyId=key, Plaintext=b"hello")
print("moto" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr


def test_moto_is_not_imported_by_looking(here: Place) -> None:
    """Describing clusters asks EC2 nothing, whatever they stand in."""
    cluster_id = here.create_cluster(*here.vpc().subnets)["ClusterId"]
    asked: list[str] = []
    for action in ("DescribeSubnets", "DescribeSecurityGroups", "DescribeNetworkInterfaces"):
        Meddler(here, action, lambda: asked.append("EC2"))
    assert re.fullmatch(r"sg-[0-9a-f]+", here.cluster(cluster_id)["SecurityGroup"])
    assert asked == []
