"""Key stores on clusters in EC2: KMS looks at their network there when a store is created and connected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.services.in_ec2.vpcs import Place, refused

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.slow

CONFIGURATION = "CloudHsmClusterInvalidConfigurationException"


def drop_ingress(here: Place, group_id: str) -> None:
    """Take away the rule by which the group's members let one another in."""
    here.ec2.revoke_security_group_ingress(**here.members_rules(group_id))


def drop_egress(here: Place, group_id: str) -> None:
    """Take away the rule by which they may reach one another."""
    here.ec2.revoke_security_group_egress(**here.members_rules(group_id))


def drop_group(here: Place, group_id: str) -> None:
    """Delete the group."""
    here.ec2.delete_security_group(GroupId=group_id)


def narrow(here: Place, group_id: str) -> None:
    """Let the members in at one port of the three only."""
    drop_ingress(here, group_id)
    one_port = here.members_rules(group_id)
    one_port["IpPermissions"][0]["ToPort"] = 2223
    here.ec2.authorize_security_group_ingress(**one_port)


def from_everywhere(here: Place, group_id: str) -> None:
    """Admit all sources instead: KMS requires the group itself as the source."""
    drop_ingress(here, group_id)
    rule = {"IpProtocol": "tcp", "FromPort": 2223, "ToPort": 2225, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    here.ec2.authorize_security_group_ingress(GroupId=group_id, IpPermissions=[rule])


BREAKS: dict[str, Callable[[Place, str], None]] = {
    "no way in": drop_ingress,
    "no way out": drop_egress,
    "no group": drop_group,
    "too few ports": narrow,
    "another source": from_everywhere,
}


def test_a_store_and_a_key(here: Place) -> None:
    """A store connects to a cluster in EC2, and its keys work; keys are used without a look at EC2."""
    store_id = here.create_store(here.active_cluster(*here.vpc().subnets)["ClusterId"])
    assert here.connect(store_id) == ("CONNECTED", None)
    key: Any = here.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)["KeyMetadata"]
    blob = here.kms.encrypt(KeyId=key["KeyId"], Plaintext=b"hello")["CiphertextBlob"]
    here.mock.worlds.default.other_services = None
    assert here.kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"


@pytest.mark.parametrize("name", BREAKS)
def test_its_security_group(here: Place, name: str) -> None:
    """Without the group and its own rules, KMS neither takes a cluster for a store nor connects to it."""
    cluster = here.active_cluster(*here.vpc().subnets)
    group_id, cluster_id = cluster["SecurityGroup"], cluster["ClusterId"]
    store_id = here.create_store(cluster_id)
    BREAKS[name](here, group_id)
    said = refused(here.kms.connect_custom_key_store, CustomKeyStoreId=store_id)
    assert (said[0], group_id in said[1]) == (CONFIGURATION, True)
    here.kms.delete_custom_key_store(CustomKeyStoreId=store_id)
    assert refused(here.create_store, cluster_id) == said


def test_more_rules_do_no_harm(here: Place) -> None:
    """A group to which users have added rules of their own is as good, and so is one that lets members do all."""
    cluster = here.active_cluster(*here.vpc().subnets)
    drop_ingress(here, cluster["SecurityGroup"])
    rules = here.members_rules(cluster["SecurityGroup"])
    rules["IpPermissions"][0] |= {"IpProtocol": "-1"}
    rules["IpPermissions"].append(
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    )
    here.ec2.authorize_security_group_ingress(**rules)
    assert here.connect(here.create_store(cluster["ClusterId"])) == ("CONNECTED", None)


def test_a_subnet_that_is_gone(here: Place) -> None:
    """If one of the subnets was deleted, the connection fails with SUBNET_NOT_FOUND."""
    subnets = here.vpc().subnets
    store_id = here.create_store(here.active_cluster(*subnets)["ClusterId"])
    here.ec2.delete_subnet(SubnetId=subnets[1])
    assert here.connect(store_id) == ("FAILED", "SUBNET_NOT_FOUND")


def test_a_subnet_that_is_full(here: Place) -> None:
    """KMS takes an address in each of the subnets; where there is none left, connecting ends with its code for that."""
    subnets = here.vpc("a", "b", size=28).subnets
    store_id = here.create_store(here.active_cluster(*subnets)["ClusterId"])
    for number in range(5, 15):
        here.ec2.create_network_interface(SubnetId=subnets[1], PrivateIpAddress=f"10.30.1.{number}")
    assert here.connect(store_id) == ("FAILED", "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET")
