"""The resources and arguments of public modules, with moto for the other services."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY, Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

ELSEWHERE = "eu-west-1"
GOING = {"PendingDeletion", "PendingReplicaDeletion"}


def key_states(kms: Any) -> dict[str, str]:
    """Return the states of all the customer's keys, by id."""
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return {key["KeyId"]: key["KeyState"] for key in keys if key["KeyManager"] == "CUSTOMER"}


def aliases(kms: Any) -> dict[str, str]:
    """Return the key of each alias of the customer's."""
    ours = [alias for alias in kms.list_aliases()["Aliases"] if not alias["AliasName"].startswith("alias/aws/")]
    return {alias["AliasName"]: alias["TargetKeyId"] for alias in ours}


def test_every_kind_of_key(world: Callable[..., World], checkout: Callable[..., Terraform]) -> None:
    """Keys as in terraform-aws-modules/kms's `complete`: policies, names and grants for a role of IAM, two Regions."""
    here = world("empty", "--others", "moto")
    tf = checkout(here, "kms-complete")
    valid_to = time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(Clock().now() + 180 * DAY))
    tf.apply(f"-var=valid_to={valid_to}")
    tf.plan(f"-var=valid_to={valid_to}")

    made = tf.outputs()
    ids = made["key_ids"]
    kms, there = here.client("kms"), here.client("kms", ELSEWHERE)
    assert ids.pop("not_created", None) is None
    assert key_states(kms) == {ids[name]: "Enabled" for name in ids if not name.endswith("replica")}
    assert key_states(there) == {ids[name]: "Enabled" for name in ("replica", "imported_replica")}

    policy = json.loads(kms.get_key_policy(KeyId=ids["complete"])["Policy"])
    assert len(policy["Statement"]) == 1 + 8 + 1
    assert sorted(made["aliases"]) == ["one", "role", "two/three"]
    role = made["role_arn"].rpartition("/")[2]
    assert made["aliases"]["role"].startswith(f"alias/{role}-")
    assert {name for name, key in aliases(kms).items() if key == ids["complete"]} == set(made["aliases"].values())
    for client, key in ((kms, "complete"), (there, "replica"), (there, "imported_replica")):
        (grant,) = client.list_grants(KeyId=ids[key])["Grants"]
        assert (grant["GranteePrincipal"], grant["Name"]) == (made["role_arn"], "worker")
        assert grant["Constraints"] == {"EncryptionContextEquals": {"Department": "Finance"}}
    imported = kms.describe_key(KeyId=ids["imported"])["KeyMetadata"]
    assert (imported["Origin"], imported["ExpirationModel"]) == ("EXTERNAL", "KEY_MATERIAL_EXPIRES")
    assert imported["ValidTo"].strftime("%Y-%m-%dT%H:%M:%SZ") == valid_to
    sealed = kms.encrypt(KeyId=ids["imported_primary"], Plaintext=b"hello")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"hello"

    tf.destroy(f"-var=valid_to={valid_to}")
    assert set(key_states(kms).values()) | set(key_states(there).values()) == GOING
    assert aliases(kms) | aliases(there) == {}
    assert here.client("iam").list_roles()["Roles"] == []
    assert here.refusals() == []


def test_a_key_named_after_its_owner(world: Callable[..., World], checkout: Callable[..., Terraform]) -> None:
    """A key as in cloudposse/kms-key: an empty policy is the default, and an account's number means its root."""
    here = world("empty", "--others", "moto")
    kms = here.client("kms")
    tf = checkout(here, "kms-key-with-alias")
    tf.apply()
    tf.plan()
    key = tf.outputs()["key_id"]
    assert aliases(kms) == {"alias/eg-test-orders": key}
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    assert {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]} == {
        "Name": "eg-test-orders",
        "Namespace": "eg",
        "Stage": "test",
    }
    account = here.client("sts").get_caller_identity()["Account"]
    statement = {"Effect": "Allow", "Principal": {"AWS": [account]}, "Action": ["kms:*"], "Resource": "*"}
    variables = {"policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}), "alias": "alias/other"}
    given = [f"-var={name}={value}" for name, value in variables.items()]
    tf.apply(*given)
    tf.plan(*given)
    assert aliases(kms) == {"alias/other": key}

    tf.apply("-var=enabled=false")
    assert (key_states(kms), aliases(kms)) == ({key: "PendingDeletion"}, {})
    assert here.refusals() == []


def test_what_services_encrypt(world: Callable[..., World], checkout: Callable[..., Terraform]) -> None:
    """The other services accept a key in a CloudHSM cluster, by ARN, id and alias, and report it afterwards."""
    here = world("ready-cluster", "--others", "moto")
    tf = checkout(here, "encrypted-services")
    tf.apply()
    tf.plan()
    made = tf.outputs()
    head = here.client("s3").head_object(Bucket=made["bucket"], Key="a letter/one page.txt")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", made["key_arn"])
    table = here.client("dynamodb").describe_table(TableName="archive")["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == made["key_arn"]
    (volume,) = here.client("ec2").describe_volumes()["Volumes"]
    assert volume["KmsKeyId"] == made["key_arn"]

    tf.destroy()
    kms = here.client("kms")
    assert (kms.describe_custom_key_stores()["CustomKeyStores"], key_states(kms)) == ([], {})
    assert here.client("s3").list_buckets()["Buckets"] == []
    ours = {"CreateKey", "CreateAlias", "ScheduleKeyDeletion", "DeleteCustomKeyStore", "CreateCustomKeyStore"}
    assert ours.isdisjoint(dict(here.refusals()))


@pytest.mark.long
def test_clusters_of_a_module(world: Callable[..., World], checkout: Callable[..., Terraform]) -> None:
    """Modules make a network, clusters by `for_each`, HSMs by `count` and an instance, and destroy them."""
    here = world("ready-cluster", "--others", "moto")
    ec2: Any = here.client("ec2")
    before = network(ec2)
    tf = checkout(here, "cloudhsm-module")
    tf.apply()
    tf.plan()
    made = tf.outputs()["clusters"]
    assert {name: (cluster["state"], len(cluster["hsm_ips"])) for name, cluster in made.items()} == {
        "codes": ("UNINITIALIZED", 1),
        "keys": ("UNINITIALIZED", 2),
    }
    interfaces = {
        interface["PrivateIpAddress"]: {group["GroupName"] for group in interface["Groups"]}
        for interface in of_hsms(ec2)
    }
    for cluster in made.values():
        for address in cluster["hsm_ips"]:
            assert interfaces[address] == {f"cloudhsm-{cluster['id']}-sg"}

    tf.destroy()
    assert (network(ec2), of_hsms(ec2)) == (before, [])
    assert {"CreateCluster", "CreateHsm", "DeleteHsm", "DeleteCluster"}.isdisjoint(dict(here.refusals()))


def of_hsms(ec2: Any) -> list[dict[str, Any]]:
    """Return the network interfaces of HSMs; moto leaves those of NAT gateways and instances behind."""
    filters = [{"Name": "description", "Values": ["CloudHsm ENI *"]}]
    return list(ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])


def network(ec2: Any) -> list[list[str]]:
    """Return EC2's resources of which a network is made."""
    return [
        sorted(found["VpcId"] for found in ec2.describe_vpcs()["Vpcs"]),
        sorted(found["SubnetId"] for found in ec2.describe_subnets()["Subnets"]),
        sorted(found["GroupId"] for found in ec2.describe_security_groups()["SecurityGroups"]),
        sorted(found["RouteTableId"] for found in ec2.describe_route_tables()["RouteTables"]),
        sorted(found["AllocationId"] for found in ec2.describe_addresses()["Addresses"]),
    ]
