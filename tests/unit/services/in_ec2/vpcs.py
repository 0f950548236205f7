"""An account that has CloudHSM and KMS from us, and EC2 from moto; and clusters in its VPCs."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from mockaws import Mock
from tests import authority
from tests.samples import NOW, REGION

PASSWORD = "kmsPswd123"


class Vpc(NamedTuple):
    """A VPC of EC2's with subnets in several zones."""

    id: str
    subnets: list[str]


class Place:
    """An account and Region of a world, in which the clock stands still."""

    def __init__(self, mock: Mock, region: str = REGION, account: str | None = None, world: str | None = None) -> None:
        """Make clients for a place in the default world, or in another by name."""
        self.mock, self.region = mock, region
        self.world = mock if world is None else mock.world(world)
        self.ec2, self.hsm2, self.kms = (
            self.world.client(service, region=region, account=account) for service in ("ec2", "cloudhsmv2", "kms")
        )

    def vpc(self, *zones: str, size: int = 24) -> Vpc:
        """Make a VPC with subnets in zones, which their last letters tell."""
        made = self.ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
        subnets = [
            self.ec2.create_subnet(
                VpcId=made, AvailabilityZone=f"{self.region}{zone}", CidrBlock=f"10.30.{number}.0/{size}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate(zones or ("a", "b"))
        ]
        return Vpc(made, subnets)

    def create_cluster(self, *subnets: str, **members: Any) -> dict[str, Any]:
        """Create a cluster; return what DescribeClusters shows of it."""
        members = {"HsmType": "hsm2m.medium", "Mode": "FIPS", "SubnetIds": list(subnets)} | members
        return self.cluster(self.hsm2.create_cluster(**members)["Cluster"]["ClusterId"])

    def create_hsm(self, cluster_id: str, zone: str = "a", **members: Any) -> dict[str, Any]:
        """Create an HSM."""
        made: dict[str, Any] = self.hsm2.create_hsm(
            ClusterId=cluster_id, AvailabilityZone=f"{self.region}{zone}", **members
        )["Hsm"]
        return made

    def cluster(self, cluster_id: str) -> dict[str, Any]:
        """Return what DescribeClusters shows of a cluster."""
        (found,) = self.hsm2.describe_clusters(Filters={"clusterIds": [cluster_id]})["Clusters"]
        return dict(found)

    def active_cluster(self, *subnets: str) -> dict[str, Any]:
        """Create a cluster, take it into possession, and give it a second HSM and the user kmsuser."""
        made = self.create_cluster(*subnets)
        cluster_id: str = made["ClusterId"]
        self.create_hsm(cluster_id)
        csr = self.cluster(cluster_id)["Certificates"]["ClusterCsr"]
        self.hsm2.initialize_cluster(
            ClusterId=cluster_id, SignedCert=authority.signed(csr), TrustAnchor=authority.root()
        )
        self.world.hsm.activate("adminPswd1", cluster=cluster_id)
        self.world.hsm.create_user("kmsuser", "crypto-user", PASSWORD, cluster=cluster_id)
        self.create_hsm(cluster_id, "b")
        return self.cluster(cluster_id)

    def create_store(self, cluster_id: str) -> str:
        """Create a key store on a cluster."""
        made: str = self.kms.create_custom_key_store(
            CustomKeyStoreName="store",
            CloudHsmClusterId=cluster_id,
            KeyStorePassword=PASSWORD,
            TrustAnchorCertificate=authority.root(),
        )["CustomKeyStoreId"]
        return made

    def connect(self, store_id: str) -> tuple[str, str | None]:
        """Connect a store; return its state then, and the ConnectionErrorCode."""
        self.kms.connect_custom_key_store(CustomKeyStoreId=store_id)
        (shown,) = self.kms.describe_custom_key_stores(CustomKeyStoreId=store_id)["CustomKeyStores"]
        return shown["ConnectionState"], shown.get("ConnectionErrorCode")

    def groups(self) -> dict[str, str]:
        """Return the security groups that CloudHSM has made, names by ids."""
        found = self.ec2.describe_security_groups()["SecurityGroups"]
        return {group["GroupId"]: group["GroupName"] for group in found if group["GroupName"].startswith("cloudhsm")}

    def interfaces(self) -> list[dict[str, Any]]:
        """Return the network interfaces that there are."""
        return list(self.ec2.describe_network_interfaces()["NetworkInterfaces"])

    def members_rules(self, group_id: str) -> dict[str, Any]:
        """Return the request that changes the rules which CloudHSM gives a group."""
        pair = {"GroupId": group_id}
        rule = {"IpProtocol": "tcp", "FromPort": 2223, "ToPort": 2225, "UserIdGroupPairs": [pair]}
        return pair | {"IpPermissions": [rule]}


def place(**settings: Any) -> Place:
    """Return a place in a fresh world whose other services are moto's."""
    mock = Mock(**{"fixture": "empty", "others": "moto"} | settings)
    mock.clock.freeze(NOW)
    return Place(mock)


def refused(call: Any, *arguments: Any, **members: Any) -> tuple[str, str]:
    """Return the code and the sentence that a call is refused with."""
    with pytest.raises(ClientError) as refusal:
        call(*arguments, **members)
    error = refusal.value.response["Error"]
    return error["Code"], error["Message"]
