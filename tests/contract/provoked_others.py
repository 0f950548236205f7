"""The shortest story that ends with each error sentence of CloudHSM v2 and of STS."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.gateway.journey import Gateway
from mockaws.other_services.moto import Moto
from mockaws.records.cloudhsm import ClusterState, Zone
from mockaws.records.world import Limits, WorldConfig
from mockaws.services import cloudhsmv2, sts
from mockaws.worlds.world import World
from tests import authority
from tests.people import People, trusting
from tests.samples import (
    ACCOUNT,
    BACKUP,
    BROKEN,
    CLUSTER,
    NOW,
    REGION,
    SUBNET_A,
    SUBNET_B,
    ZONE_A,
    backup,
    being,
    cluster,
    fault,
    hsm,
    subnet,
)
from tests.unit.services.kms.calling import Refusal
from tests.wire import RefusedError, ask, signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.base import Record

ROLE = f"arn:aws:iam::{ACCOUNT}:role/Example"
TRUSTING_ISSUER = trusting(
    {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/issuer.example"}, "sts:AssumeRoleWithWebIdentity"
)
_GATEWAY = Gateway((cloudhsmv2.service, sts.service))
_NETWORK = (subnet(), subnet(SUBNET_B))
_FAILED_ZONE = Zone(account=ACCOUNT, region=REGION, id=ZONE_A, outages=BROKEN)
_AWS_TAG = [{"Key": "aws:a", "Value": ""}]


def _world(*records: Record, **config: Any) -> World:
    fields: dict[str, Any] = {"account": ACCOUNT, "region": REGION}
    world = World.holding(WorldConfig(**fields | config), records, id_seed="tests")
    world.clock.freeze(NOW)
    return world


def _refusal(world: World, service: str, operation: str, document: dict[str, Any], **changes: Any) -> Refusal:
    with pytest.raises(RefusedError) as refused:
        ask(_GATEWAY, world, service, operation, document, **changes)
    return Refusal(refused.value.code, refused.value.message)


def hsm2(operation: str, /, *records: Record, limits: Limits | None = None, **document: Any) -> Refusal:
    """Call CloudHSM in a world with a cluster, *records* in the place of it."""
    world = _world(*(records or (cluster(hsms=(hsm(),)), subnet())), limits=limits or Limits())
    return _refusal(world, "cloudhsmv2", operation, document)


def failing(service: str, operation: str, error: str) -> Refusal:
    """Call *operation* in a world with a fault."""
    world = _world()
    world.faults.add(fault(operation=f"{service}:{operation}", error=error))
    return _refusal(world, service, operation, {})


def create_hsm(*records: Record, **document: Any) -> Refusal:
    """Create an HSM in the first zone."""
    return hsm2("CreateHsm", *records, **{"ClusterId": CLUSTER, "AvailabilityZone": ZONE_A} | document)


def without_security_group() -> Refusal:
    """Create an HSM in a subnet of EC2, after the deletion of the cluster's security group."""
    world = _world()
    world.other_services = Moto()
    subnet_id = world.other_services.ask("ec2", ACCOUNT, REGION, "DescribeSubnets").findtext(".//subnetId", "")
    members = {"HsmType": "hsm2m.medium", "SubnetIds": [subnet_id]}
    made = ask(_GATEWAY, world, "cloudhsmv2", "CreateCluster", members)["Cluster"]["ClusterId"]
    (shown,) = ask(_GATEWAY, world, "cloudhsmv2", "DescribeClusters", {})["Clusters"]
    world.other_services.ask("ec2", ACCOUNT, REGION, "DeleteSecurityGroup", GroupId=shown["SecurityGroup"])
    (zone,) = shown["SubnetMapping"]
    return _refusal(world, "cloudhsmv2", "CreateHsm", {"ClusterId": made, "AvailabilityZone": zone})


def copy_backup(limits: Limits | None = None, **document: Any) -> Refusal:
    """Copy a backup to another Region."""
    members = {"BackupId": BACKUP, "DestinationRegion": "eu-central-1"}
    return hsm2("CopyBackupToRegion", backup(), limits=limits, **members | document)


def share_backup(**document: Any) -> Refusal:
    """Put a policy on a backup."""
    return hsm2("PutResourcePolicy", backup(), **document)


def create_cluster(*records: Record, **document: Any) -> Refusal:
    """Create a cluster in two zones."""
    members = {"HsmType": "hsm2m.medium", "SubnetIds": [SUBNET_A, SUBNET_B]}
    return hsm2("CreateCluster", *(records or _NETWORK), **members | document)


def initialize(*records: Record, **document: Any) -> Refusal:
    """Initialize a cluster."""
    members = {"ClusterId": CLUSTER, "SignedCert": _signed(), "TrustAnchor": authority.root()}
    return hsm2("InitializeCluster", *(records or (authority.waiting(),)), **members | document)


def _signed() -> str:
    return authority.signed(authority.identity().cluster_csr)


def tag_cluster(tags: list[dict[str, str]], limits: Limits | None = None) -> Refusal:
    """Tag a cluster."""
    return hsm2("TagResource", ResourceId=CLUSTER, TagList=tags, limits=limits)


CLOUDHSMV2: dict[str, Callable[[], Refusal]] = {
    "ClusterNotFound": lambda: create_hsm(ClusterId="cluster-bbbbbbbbbbb"),
    "BackupNotFound": lambda: copy_backup(BackupId="backup-bbbbbbbbbbb"),
    "ResourceNotFound": lambda: hsm2("ListTags", ResourceId="cluster-bbbbbbbbbbb"),
    "HsmNotFound": lambda: hsm2("DeleteHsm", ClusterId=CLUSTER, HsmId="hsm-bbbbbbbbbbb"),
    "UnknownFilter": lambda: hsm2("DescribeClusters", Filters={"names": ["x"]}),
    "UnknownFilterValue": lambda: hsm2("DescribeClusters", Filters={"states": ["GONE"]}),
    "NextTokenNotValid": lambda: hsm2("DescribeClusters", NextToken="nonsense"),
    "UnknownHsmType": lambda: create_cluster(HsmType="hsm9.medium"),
    "ModeNotOfType": lambda: create_cluster(HsmType="hsm1.medium", Mode="NON_FIPS"),
    "RetentionOutOfRange": lambda: create_cluster(BackupRetentionPolicy={"Type": "DAYS", "Value": "1"}),
    "SeveralVpcs": lambda: create_cluster(subnet(), subnet(SUBNET_B, vpc_id="vpc-9")),
    "SubnetsInOneZone": lambda: create_cluster(SubnetIds=[SUBNET_A, SUBNET_A]),
    "BackupOfOtherKind": lambda: create_cluster(backup(mode="NON_FIPS"), *_NETWORK, SourceBackupId=BACKUP, Mode="FIPS"),
    "TooManyClusters": lambda: create_cluster(*_NETWORK, limits=Limits(clusters=0)),
    "ClusterCannotBe": lambda: hsm2(
        "DeleteCluster", cluster(changes=being(ClusterState.CREATE_IN_PROGRESS)), ClusterId=CLUSTER
    ),
    "NothingToModify": lambda: hsm2("ModifyCluster", ClusterId=CLUSTER),
    "NoMigration": lambda: hsm2("ModifyCluster", ClusterId=CLUSTER, HsmType="hsm1.medium"),
    "ClusterHasHsms": lambda: hsm2("DeleteCluster", ClusterId=CLUSTER),
    "NoRequestYet": lambda: initialize(authority.waiting(hsms=())),
    "CertificateTooLong": lambda: initialize(SignedCert="x" * 5001),
    "CertificateUnreadable": lambda: initialize(SignedCert="no certificate"),
    "CertificatesSwapped": lambda: initialize(SignedCert=authority.root(), TrustAnchor=_signed()),
    "OtherKeySigned": lambda: initialize(SignedCert=authority.root()),
    "NotSelfSigned": lambda: initialize(TrustAnchor=authority.root(issuer="above")),
    "NoAuthority": lambda: initialize(TrustAnchor=authority.root(extensions=(authority.NO_AUTHORITY,))),
    "WeakTrustAnchor": lambda: initialize(TrustAnchor=authority.root(own="RSA 1024")),
    "NotIssued": lambda: initialize(TrustAnchor=authority.root(own=authority.ANOTHER)),
    "NotValidNow": lambda: initialize(TrustAnchor=authority.root(days=(-2, -1))),
    "NotYetActivated": lambda: create_hsm(cluster(changes=being(ClusterState.INITIALIZED), hsms=(hsm(),)), subnet()),
    "ClusterTakesNoHsm": lambda: create_hsm(cluster(changes=being(ClusterState.CREATE_IN_PROGRESS)), subnet()),
    "ClusterLosesNoHsm": lambda: hsm2(
        "DeleteHsm",
        cluster(changes=being(ClusterState.MODIFY_IN_PROGRESS), hsms=(hsm(),)),
        ClusterId=CLUSTER,
        HsmId=hsm().id,
    ),
    "TooManyHsms": lambda: create_hsm(cluster(), subnet(), limits=Limits(hsms=0)),
    "ZoneOut": lambda: create_hsm(cluster(), subnet(), _FAILED_ZONE),
    "ClusterFull": lambda: create_hsm(cluster(hsms=tuple(hsm(f"hsm-{n}") for n in range(28))), subnet()),
    "ZoneWithoutSubnet": lambda: create_hsm(AvailabilityZone="us-west-2c"),
    "SubnetNotFound": lambda: create_hsm(cluster()),
    "SubnetFull": lambda: create_hsm(cluster(), subnet(free_addresses=0)),
    "SecurityGroupNotFound": without_security_group,
    "AddressNotInSubnet": lambda: create_hsm(IpAddress="10.9.9.9"),
    "AddressReserved": lambda: create_hsm(IpAddress="10.0.1.1"),
    "AddressInUse": lambda: create_hsm(IpAddress="10.0.1.11"),
    "OneSelector": lambda: hsm2("DeleteHsm", ClusterId=CLUSTER),
    "BackupNotReady": lambda: hsm2("DeleteBackup", backup(delete_requested_at=NOW), BackupId=BACKUP),
    "BackupNotPendingDeletion": lambda: hsm2("RestoreBackup", backup(), BackupId=BACKUP),
    "CopyToSameRegion": lambda: copy_backup(DestinationRegion=REGION),
    "RegionNotThere": lambda: copy_backup(DestinationRegion="us-south-9"),
    "CopyToOtherPartition": lambda: copy_backup(DestinationRegion="us-gov-west-1"),
    "MemberMissing": lambda: share_backup(ResourceArn=backup().arn),
    "NoResourcePolicies": lambda: share_backup(ResourceArn=backup().arn.replace("backup", "cluster")),
    "MalformedPolicy": lambda: share_backup(ResourceArn=backup().arn, Policy="{}"),
    "TooManyTagsGiven": lambda: copy_backup(Limits(tags_per_resource=0), TagList=[{"Key": "a", "Value": ""}]),
    "DuplicateTagKeys": lambda: tag_cluster([{"Key": "a", "Value": ""}] * 2),
    "ReservedTagKey": lambda: tag_cluster(_AWS_TAG),
    "TooManyTags": lambda: tag_cluster([{"Key": "a", "Value": ""}], Limits(tags_per_resource=0)),
    "InternalFailure": lambda: failing("cloudhsmv2", "DescribeClusters", "CloudHsmInternalFailureException"),
    "Throttled": lambda: failing("cloudhsmv2", "DescribeClusters", "ThrottlingException"),
}


def assume(**document: Any) -> Refusal:
    """Assume a role."""
    return _refusal(_world(), "sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "example"} | document)


def with_session(operation: str, **document: Any) -> Refusal:
    """Call STS with the credentials of a session."""
    world = _world()
    made = ask(_GATEWAY, world, "sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "example"})
    authorization = signature("sts", access_key_id=made["Credentials"]["AccessKeyId"])
    return _refusal(world, "sts", operation, document, authorization=authorization)


def assume_by_token(token: str, **document: Any) -> Refusal:
    """Assume a role with a web identity token."""
    members = {"RoleArn": ROLE, "RoleSessionName": "example", "WebIdentityToken": token}
    return _refusal(_world(), "sts", "AssumeRoleWithWebIdentity", members | document)


def at_role(trust: str = "", **document: Any) -> Refusal:
    """Assume a role that IAM has, or has not."""
    world = _world()
    people = People(world)
    if trust:
        people.role("Example", trust=trust)
    return _refusal(world, "sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "example"} | document)


def at_role_by_token(trust: str, audience: str = "") -> Refusal:
    """Assume a role that IAM has with the token of a provider that takes those for *audience*, or of none."""
    world = _world()
    people = People(world)
    people.role("Example", trust=trust)
    if audience:
        people.change("CreateOpenIDConnectProvider", Url="https://issuer.example", ClientIDList_member_1=audience)
    claims = token(sub="x", iss="https://issuer.example", aud="z", exp=NOW + 1)
    members = {"RoleArn": ROLE, "RoleSessionName": "example", "WebIdentityToken": claims}
    return _refusal(world, "sts", "AssumeRoleWithWebIdentity", members)


def token(**claims: Any) -> str:
    """Return an ID token."""
    parts = ({"alg": "RS256"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts), "signature"])


POLICY_WITH_PRINCIPAL = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
LONG_POLICY = {"Statement": {"Effect": "Allow", "Action": ["x" * 100] * 30, "Resource": "*"}}

STS: dict[str, Callable[[], Refusal]] = {
    "ArnMalformed": lambda: assume(RoleArn="no ARN, though long enough"),
    "NotARole": lambda: assume(RoleArn=f"arn:aws:iam::{ACCOUNT}:user/alice"),
    "ChainedTooLong": lambda: with_session("AssumeRole", RoleArn=ROLE, RoleSessionName="example", DurationSeconds=3601),
    "MayNotAssume": at_role,
    "TooLong": lambda: at_role(trusting("*"), DurationSeconds=3601),
    "SessionCredentials": lambda: with_session("GetSessionToken"),
    "PolicyNotJson": lambda: assume(Policy="no JSON"),
    "PolicySyntax": lambda: assume(Policy="{}"),
    "PolicyWithPrincipal": lambda: assume(Policy=json.dumps({"Statement": POLICY_WITH_PRINCIPAL})),
    "PolicyTooLarge": lambda: assume(Policy=json.dumps(LONG_POLICY)),
    "PolicyArnMalformed": lambda: assume(PolicyArns=[{"arn": "arn:aws:iam::aws:user/ReadOnly"}]),
    "TooManyPolicyArns": lambda: assume(PolicyArns=[{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}] * 11),
    "DuplicateTagKeys": lambda: assume(Tags=[{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}]),
    "TransitiveTagMissing": lambda: assume(TransitiveTagKeys=["a"]),
    "NotAJwt": lambda: assume_by_token("no.token"),
    "ClaimMissing": lambda: assume_by_token(token(sub="x", iss="y")),
    "TokenExpired": lambda: assume_by_token(token(sub="x", iss="y", aud="z", exp=1)),
    "MayNotAssumeWithToken": lambda: at_role_by_token(trusting("*")),
    "NoProvider": lambda: at_role_by_token(TRUSTING_ISSUER),
    "WrongAudience": lambda: at_role_by_token(TRUSTING_ISSUER, audience="another"),
    "ProviderNotThere": lambda: assume_by_token(token(), ProviderId="graph.facebook.com"),
    "Throttled": lambda: failing("sts", "GetCallerIdentity", "ThrottlingException"),
}
