"""CreateCluster: what may be created, how it is answered, and when it is there."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.records.backups import BackupContents
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmUser, Subnet
from mockaws.records.world import REALISTIC, Limits
from tests.samples import (
    ACCOUNT,
    BACKUP,
    CLUSTER,
    NOW,
    REGION,
    SUBNET_A,
    SUBNET_B,
    VPC,
    ZONE_A,
    ZONE_B,
    backup,
    being,
    cluster,
    hsm,
    subnet,
)
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

SUBNETS = (subnet(), subnet(SUBNET_B))


def create(hsm2: Ask, here: World, **members: Any) -> dict[str, Any]:
    """Create a cluster, by default one of the present type in two zones; return what is answered."""
    fields = {"HsmType": "hsm2m.medium", "Mode": "FIPS", "SubnetIds": [SUBNET_A, SUBNET_B]}
    answer: dict[str, Any] = hsm2(here, "CreateCluster", **fields | members)["Cluster"]
    return answer


def refusal(hsm2: Ask, here: World, **members: Any) -> tuple[str, str]:
    """Return the error of CreateCluster; nothing has been created."""
    before = here.store.run(lambda tx: len(tx.find(Cluster, ACCOUNT, REGION)))
    with pytest.raises(RefusedError) as refused:
        create(hsm2, here, **members)
    assert here.store.run(lambda tx: len(tx.find(Cluster, ACCOUNT, REGION))) == before
    return refused.value.code, refused.value.message


def shown(hsm2: Ask, here: World, cluster_id: str) -> dict[str, Any]:
    """Return what DescribeClusters shows of a cluster."""
    (found,) = hsm2(here, "DescribeClusters", Filters={"clusterIds": [cluster_id]})["Clusters"]
    assert isinstance(found, dict)
    return found


def test_a_new_cluster(hsm2: Ask, world: MakeWorld) -> None:
    """Recorded of AWS: the answer to CreateCluster, without a security group so far, and its members' order."""
    here = world(*SUBNETS)
    made = create(hsm2, here)
    assert re.fullmatch(r"cluster-[2-7a-z]{11}", made["ClusterId"])
    expected = {
        "BackupPolicy": "DEFAULT",
        "BackupRetentionPolicy": {"Type": "DAYS", "Value": "90"},
        "ClusterId": made["ClusterId"],
        "CreateTimestamp": NOW,
        "Hsms": [],
        "HsmType": "hsm2m.medium",
        "State": "CREATE_IN_PROGRESS",
        "SubnetMapping": {ZONE_A: SUBNET_A, ZONE_B: SUBNET_B},
        "VpcId": VPC,
        "NetworkType": "IPV4",
        "Certificates": {},
        "Mode": "FIPS",
    }
    assert made == expected
    assert list(made) == list(expected)
    later = shown(hsm2, here, made["ClusterId"])
    assert re.fullmatch(r"sg-[0-9a-f]{17}", later.pop("SecurityGroup"))
    assert later == expected | {"State": "UNINITIALIZED"}


def test_a_cluster_takes_its_time(hsm2: Ask, world: MakeWorld) -> None:
    """A cluster is UNINITIALIZED when the time that the world's timing gives it is over."""
    here = world(*SUBNETS, timing=REALISTIC)
    made = create(hsm2, here)
    here.clock.advance(REALISTIC.create_cluster - 1)
    assert shown(hsm2, here, made["ClusterId"]) == made
    here.clock.advance(1)
    assert shown(hsm2, here, made["ClusterId"])["State"] == "UNINITIALIZED"


def test_what_the_caller_says_of_a_cluster(hsm2: Ask, world: MakeWorld) -> None:
    """The mode, the network, how long backups are kept, and tags, some of whose keys have colons."""
    made = create(
        hsm2,
        world(*SUBNETS),
        Mode="NON_FIPS",
        NetworkType="DUALSTACK",
        BackupRetentionPolicy={"Type": "DAYS", "Value": "007"},
        TagList=[{"Key": "hsm:role", "Value": "test"}, {"Key": "app", "Value": ""}],
    )
    assert (made["Mode"], made["NetworkType"]) == ("NON_FIPS", "DUALSTACK")
    assert made["BackupRetentionPolicy"] == {"Type": "DAYS", "Value": "7"}
    assert made["TagList"] == [{"Key": "app", "Value": ""}, {"Key": "hsm:role", "Value": "test"}]


def test_most_tags(hsm2: Ask, world: MakeWorld) -> None:
    """A new cluster has at most 50 tags: the model permits no more in a list."""
    tags = [{"Key": f"key-{number:02}", "Value": ""} for number in range(51)]
    assert len(create(hsm2, world(*SUBNETS), TagList=tags[:50])["TagList"]) == 50
    assert refusal(hsm2, world(*SUBNETS), TagList=tags)[0] == "CloudHsmInvalidRequestException"


@pytest.mark.parametrize("hsm_type", ["hsm1.medium", "hsm2m.medium"])
def test_a_mode_that_is_left_out(hsm2: Ask, world: MakeWorld, hsm_type: str) -> None:
    """A cluster of which nothing is said runs in FIPS mode."""
    here = world(*SUBNETS)
    assert hsm2(here, "CreateCluster", HsmType=hsm_type, SubnetIds=[SUBNET_A])["Cluster"]["Mode"] == "FIPS"


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        # Recorded.
        ({"HsmType": "hsm3.medium"}, "Provided HsmType is not supported."),
        ({"HsmType": "hsm1.medium", "Mode": "NON_FIPS"}, "HsmType hsm1.medium does not support mode NON_FIPS"),
        (
            {"BackupRetentionPolicy": {"Type": "DAYS", "Value": "6"}},
            "BackupRetentionPolicy of 6 days is out of range: use 7 to 379 days",
        ),
        (
            {"BackupRetentionPolicy": {"Type": "DAYS", "Value": "380"}},
            "BackupRetentionPolicy of 380 days is out of range: use 7 to 379 days",
        ),
        ({"BackupRetentionPolicy": {"Value": "90"}}, "BackupRetentionPolicy.Type is required"),
        ({"BackupRetentionPolicy": {"Type": "DAYS"}}, "BackupRetentionPolicy.Value is required"),
        ({"SubnetIds": ["subnet-0a1b2c3d"]}, "Subnet 'subnet-0a1b2c3d' does not exist"),
        ({"SubnetIds": ["subnet-dddddddd"]}, "Subnet 'subnet-dddddddd' does not exist"),
        ({"SubnetIds": [SUBNET_A, "subnet-eeeeeeee"]}, f"The subnets are in several VPCs: {VPC}, vpc-9"),
        (
            {"SubnetIds": [SUBNET_A, "subnet-aaaaaaaa"]},
            f"Subnets '{SUBNET_A}' and 'subnet-aaaaaaaa' are in the same Availability Zone {ZONE_A}",
        ),
        (
            {"SubnetIds": [SUBNET_A, SUBNET_A]},
            f"Subnets '{SUBNET_A}' and '{SUBNET_A}' are in the same Availability Zone {ZONE_A}",
        ),
    ],
)
def test_what_cannot_be_created(hsm2: Ask, world: MakeWorld, members: dict[str, Any], sentence: str) -> None:
    """The subnets are there, in one VPC and in a zone each; type, mode and retention are some that AWS has."""
    here = world(
        *SUBNETS,
        subnet("subnet-aaaaaaaa", zone=ZONE_A),
        subnet("subnet-dddddddd", removed_at=NOW - 1),
        subnet("subnet-eeeeeeee", vpc_id="vpc-9"),
    )
    assert refusal(hsm2, here, **members) == ("CloudHsmInvalidRequestException", sentence)


@pytest.mark.parametrize(("account", "region"), [("444455556666", REGION), (ACCOUNT, "eu-central-1")])
def test_subnets_elsewhere(hsm2: Ask, world: MakeWorld, account: str, region: str) -> None:
    """A subnet is seen in its own account and Region only."""
    here = world(subnet(account=account, region=region))
    assert refusal(hsm2, here, SubnetIds=[SUBNET_A])[1] == f"Subnet '{SUBNET_A}' does not exist"


@pytest.mark.parametrize(
    ("tags", "sentence"),
    [
        ([{"Key": "a", "Value": ""}] * 2, "Duplicate tag keys"),
        ([{"Key": "AWS:a", "Value": ""}], "Tags beginning with aws: are reserved"),
    ],
)
def test_tags_that_cannot_be(hsm2: Ask, world: MakeWorld, tags: list[dict[str, str]], sentence: str) -> None:
    """Tags are as for TagResource."""
    assert refusal(hsm2, world(*SUBNETS), TagList=tags) == ("CloudHsmTagException", sentence)


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        ({"HsmType": "large"}, "Value 'large' at 'hsmType'"),
        ({"SubnetIds": []}, "Value '[]' at 'subnetIds'"),
        ({"SubnetIds": ["subnet-1"]}, "Value '[subnet-1]' at 'subnetIds'"),
        ({"Mode": "fips"}, "Value 'fips' at 'mode'"),
        ({"NetworkType": "IPV6"}, "Value 'IPV6' at 'networkType'"),
        ({"BackupRetentionPolicy": {"Type": "WEEKS"}}, "Value 'WEEKS' at 'backupRetentionPolicy.type'"),
        ({"BackupRetentionPolicy": {"Value": "1x"}}, "Value '1x' at 'backupRetentionPolicy.value'"),
    ],
)
def test_members_that_break_the_model(hsm2: Ask, world: MakeWorld, members: dict[str, Any], fault: str) -> None:
    """The model's constraints are checked first."""
    code, message = refusal(hsm2, world(*SUBNETS), **members)
    assert code == "CloudHsmInvalidRequestException"
    assert message.startswith(f"1 validation error detected: {fault} failed to satisfy constraint")


def test_the_quota(hsm2: Ask, world: MakeWorld) -> None:
    """An account has four clusters in a Region unless AWS raised it; deleted ones do not count."""
    others = [cluster(f"cluster-{letter * 11}") for letter in "abc"]
    gone = cluster("cluster-ddddddddddd", changes=being(ClusterState.DELETED))
    here = world(*SUBNETS, *others, gone)
    create(hsm2, here)
    assert refusal(hsm2, here) == ("CloudHsmServiceException", "The account has 4 clusters, which is its quota")
    create(hsm2, world(*SUBNETS, *others, gone, limits=Limits(clusters=5)))


def test_the_quota_holds_for_callers_at_once(hsm2: Ask, world: MakeWorld) -> None:
    """Parallel calls cannot exceed the quota."""
    here = world(*SUBNETS)

    def attempt(_: int) -> bool:
        try:
            create(hsm2, here)
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 4


def test_no_hsm_stands_in_it(hsm2: Ask, world: MakeWorld) -> None:
    """A new cluster takes no addresses of its subnets; its HSMs will."""
    here = world(*SUBNETS)
    create(hsm2, here)
    found = here.store.run(lambda tx: tx.get(Subnet, ACCOUNT, REGION, SUBNET_A))
    assert found is not None
    assert found.free_addresses == 251


def test_a_cluster_from_a_backup(hsm2: Ask, world: MakeWorld) -> None:
    """It has the certificate of the original in the very answer, its users, and goes to ACTIVE without an HSM."""
    admin = HsmUser(name="admin", role="admin", password="secret-password")
    contents = BackupContents(
        trust_anchor="CA", cluster_certificate=cluster().cluster_certificate, users=(admin,), keys=()
    )
    here = world(*SUBNETS, backup(contents=contents), timing=REALISTIC)
    made = create(hsm2, here, SourceBackupId=BACKUP, HsmType="hsm1.medium", TagList=[{"Key": "a", "Value": "b"}])
    assert (made["State"], made["SourceBackupId"]) == ("CREATE_IN_PROGRESS", BACKUP)
    assert made["Certificates"] == {"ClusterCertificate": cluster().cluster_certificate}
    here.clock.advance(REALISTIC.create_cluster)
    later = shown(hsm2, here, made["ClusterId"])
    assert (later["State"], later["Hsms"], later["SourceBackupId"]) == ("ACTIVE", [], BACKUP)
    assert later["Certificates"] == made["Certificates"]
    kept = here.store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, made["ClusterId"]))
    assert kept is not None
    assert kept.users == (admin,)
    hsm2(here, "CreateHsm", ClusterId=made["ClusterId"], AvailabilityZone=ZONE_A)


@pytest.mark.parametrize("hsm_type", ["hsm1.medium", "hsm2m.medium"])
def test_a_backup_can_be_restored_to_the_newer_type(hsm2: Ask, world: MakeWorld, hsm_type: str) -> None:
    """A backup of hsm1.medium is restored to either type, in the mode that it was made in."""
    here = world(*SUBNETS, backup())
    assert create(hsm2, here, SourceBackupId=BACKUP, HsmType=hsm_type)["HsmType"] == hsm_type
    sentence = f"Backup '{BACKUP}' was made of hsm1.medium in mode FIPS, and cannot be restored to hsm2m.medium in mode"
    assert refusal(hsm2, here, SourceBackupId=BACKUP, Mode="NON_FIPS") == (
        "CloudHsmInvalidRequestException",
        f"{sentence} NON_FIPS",
    )


def test_a_backup_says_the_mode(hsm2: Ask, world: MakeWorld) -> None:
    """Without Mode, a cluster gets the mode of the backup. The newer type cannot be restored to the older."""
    here = world(*SUBNETS, backup(hsm_type="hsm2m.medium", mode="NON_FIPS"))
    members = {"SubnetIds": [SUBNET_A], "SourceBackupId": BACKUP}
    assert hsm2(here, "CreateCluster", HsmType="hsm2m.medium", **members)["Cluster"]["Mode"] == "NON_FIPS"
    assert refusal(hsm2, here, HsmType="hsm1.medium", SourceBackupId=BACKUP)[1].startswith(f"Backup '{BACKUP}' was")


def test_backups_that_cannot_be_restored(hsm2: Ask, world: MakeWorld) -> None:
    """A backup is there, and READY."""
    assert refusal(hsm2, world(*SUBNETS), SourceBackupId=BACKUP) == (
        "CloudHsmResourceNotFoundException",
        f"Backup '{BACKUP}' does not exist",
    )
    assert refusal(hsm2, world(*SUBNETS, backup(ready_at=NOW + 1)), SourceBackupId=BACKUP) == (
        "CloudHsmInvalidRequestException",
        f"Backup '{BACKUP}' is in state CREATE_IN_PROGRESS, not READY",
    )


def test_two_first_hsms_at_once(hsm2: Ask, world: MakeWorld) -> None:
    """Recorded of AWS: both came, and the cluster could never be initialized. Here one is refused."""
    here = world(*SUBNETS)
    cluster_id = create(hsm2, here)["ClusterId"]

    def attempt(zone: str) -> str:
        try:
            return str(hsm2(here, "CreateHsm", ClusterId=cluster_id, AvailabilityZone=zone)["Hsm"]["State"])
        except RefusedError as refused:
            return refused.message

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(attempt, [ZONE_A, ZONE_B] * 2))
    assert answers[0] == "CREATE_IN_PROGRESS"
    assert answers[1:] == [f"Cluster '{cluster_id}' already contains an HSM but has not yet been fully activated"] * 3
    assert len(shown(hsm2, here, cluster_id)["Hsms"]) == 1
    assert shown(hsm2, here, cluster_id)["Certificates"]["ClusterCsr"]


def test_the_request_of_another_hsm(hsm2: Ask, world: MakeWorld) -> None:
    """A replacement of the first HSM has a new request; certificates for the former request are rejected."""
    here = world(*SUBNETS)
    cluster_id = create(hsm2, here)["ClusterId"]
    requests = set()
    for _ in range(2):
        made = hsm2(here, "CreateHsm", ClusterId=cluster_id, AvailabilityZone=ZONE_A)["Hsm"]
        requests.add(shown(hsm2, here, cluster_id)["Certificates"]["ClusterCsr"])
        hsm2(here, "DeleteHsm", ClusterId=cluster_id, HsmId=made["HsmId"])
    assert len(requests) == 2
    assert shown(hsm2, here, cluster_id)["Certificates"] == {}


def test_an_ipv6_address(hsm2: Ask, world: MakeWorld) -> None:
    """HSMs of a cluster with both kinds of addresses have both, the same each time."""
    here = world(cluster(network_type="DUALSTACK", hsms=(hsm(),)), *SUBNETS)
    made = hsm2(here, "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)["Hsm"]
    first, second = shown(hsm2, here, CLUSTER)["Hsms"]
    assert second["EniIpV6"] == made["EniIpV6"]
    assert re.fullmatch(r"[0-9a-f]{1,4}(::?[0-9a-f]{1,4}){3,7}", made["EniIpV6"])
    assert first["EniIpV6"] != second["EniIpV6"]
