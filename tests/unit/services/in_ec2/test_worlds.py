"""Clusters in EC2 and the rest of a world: control commands, backups, snapshots, and others at another URL."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from mockaws.other_services.forwarding import Forwarding
from mockaws.services.hsm.errors import HsmError
from tests.unit.services.in_ec2.vpcs import Place, place, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow


# --- what happens --------------------------------------------------------------------------------------------------
def test_networks_and_zones_fail(here: Place) -> None:
    """The network of a cluster in EC2 breaks and is mended as any other, and so are the zones it stands in."""
    subnets = here.vpc().subnets
    cluster_id = here.active_cluster(*subnets)["ClusterId"]
    store_id = here.create_store(cluster_id)
    here.world.hsm.break_network(subnets[0])
    assert here.connect(store_id) == ("FAILED", "NETWORK_ERRORS")
    here.world.hsm.mend_network()
    here.kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    here.world.hsm.fail_zone("us-west-2b")
    assert [hsm["State"] for hsm in here.cluster(cluster_id)["Hsms"]] == ["ACTIVE", "DEGRADED"]
    here.world.hsm.recover_zone("us-west-2b")
    assert here.connect(store_id) == ("CONNECTED", None)


@pytest.mark.parametrize("command", ["fill_subnet", "free_subnet", "remove_subnet"])
def test_what_ec2_does_itself(here: Place, command: str) -> None:
    """Commands that change subnets reject those in EC2, and name EC2's API."""
    subnets = here.vpc().subnets
    here.create_cluster(*subnets)
    with pytest.raises(HsmError, match="belongs to EC2 in the other services"):
        getattr(here.world.hsm, command)(subnets[0])


def test_what_there_is_to_see(here: Place) -> None:
    """`mockaws hsm cluster info` tells of the subnets how they are in EC2, and who does not answer there."""
    subnets = here.vpc().subnets
    cluster_id = here.create_cluster(*subnets)["ClusterId"]
    here.create_hsm(cluster_id)
    here.ec2.delete_subnet(SubnetId=subnets[1])
    asking = Client(here.mock.application.endpoint)
    shown = asking.get(f"/_mockaws/clusters/{cluster_id}").get_json()["subnets"]
    assert [(each["state"], each["free-addresses"]) for each in shown] == [("reachable", 250), ("removed", 251)]
    here.mock.worlds.default.other_services = Forwarding("http://127.0.0.1:1")
    answer = asking.get(f"/_mockaws/clusters/{cluster_id}")
    assert (answer.status_code, "http://127.0.0.1:1, which does not answer" in answer.text) == (400, True)


# --- backups -------------------------------------------------------------------------------------------------------
def test_a_cluster_from_a_backup(here: Place) -> None:
    """A cluster that is made from a backup lies in EC2 as any other, with a group of its own."""
    cluster = here.active_cluster(*here.vpc().subnets)
    (backup, *_) = here.hsm2.describe_backups()["Backups"]
    restored = here.create_cluster(*here.vpc().subnets, SourceBackupId=backup["BackupId"])
    assert restored["VpcId"] != cluster["VpcId"]
    assert len({restored["SecurityGroup"], cluster["SecurityGroup"]} & here.groups().keys()) == 2
    here.create_hsm(restored["ClusterId"])
    assert len(here.interfaces()) == 3


# --- snapshots -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("others", ["moto", None])
def test_a_snapshot(here: Place, others: str | None) -> None:
    """A snapshot has the cluster and not EC2: its network counts as deleted, and the cluster can be deleted.

    A connected store stays connected, and its keys work.
    """
    subnets = here.vpc().subnets
    cluster_id = here.active_cluster(*subnets)["ClusterId"]
    store_id = here.create_store(cluster_id)
    here.connect(store_id)
    key_id = here.kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)["KeyMetadata"]["KeyId"]
    later = place(fixture=here.world.snapshot(), others=others)
    later.kms.encrypt(KeyId=key_id, Plaintext=b"hello")
    later.kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    code, _ = refused(later.kms.connect_custom_key_store, CustomKeyStoreId=store_id)
    assert code == "CloudHsmClusterInvalidConfigurationException"
    said = refused(later.create_hsm, cluster_id)
    assert said == ("CloudHsmInvalidRequestException", f"Subnet '{subnets[0]}' does not exist")
    for hsm in later.cluster(cluster_id)["Hsms"]:
        later.hsm2.delete_hsm(ClusterId=cluster_id, HsmId=hsm["HsmId"])
    later.hsm2.delete_cluster(ClusterId=cluster_id)
    assert later.cluster(cluster_id)["State"] == "DELETED"


def test_reset(here: Place) -> None:
    """A reset world has neither the cluster nor its resources in EC2."""
    here.create_cluster(*here.vpc().subnets)
    here.world.reset()
    assert (here.groups(), here.hsm2.describe_clusters()["Clusters"]) == ({}, [])


# --- another endpoint ----------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def moto_server() -> Iterator[str]:
    """Run moto's own server on a free port."""
    command = [sys.executable, "-m", "moto.server", "-p", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as server:
        assert server.stderr is not None
        try:
            said = ""
            while (found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", said)) is None:
                line = server.stderr.readline()
                assert line, said
                said += line
            yield found[1]
        finally:
            server.terminate()


def test_ec2_at_a_url(moto_server: str) -> None:
    """With other services at a URL, groups and interfaces are created and deleted there."""
    here = place(others=moto_server)
    vpc = here.vpc()
    cluster = here.active_cluster(*vpc.subnets)
    assert here.groups() == {cluster["SecurityGroup"]: f"cloudhsm-{cluster['ClusterId']}-sg"}
    assert {hsm["EniId"] for hsm in cluster["Hsms"]} == {each["NetworkInterfaceId"] for each in here.interfaces()}
    assert here.connect(here.create_store(cluster["ClusterId"])) == ("CONNECTED", None)
    for hsm in cluster["Hsms"]:
        here.hsm2.delete_hsm(ClusterId=cluster["ClusterId"], HsmId=hsm["HsmId"])
    here.hsm2.delete_cluster(ClusterId=cluster["ClusterId"])
    assert (here.groups(), here.interfaces()) == ({}, [])


def test_a_url_where_nobody_answers() -> None:
    """An operation that needs EC2 names the unreachable service, with an error that SDKs do not retry. Others work."""
    here = place(others="http://127.0.0.1:1")
    code, sentence = refused(here.create_cluster, "subnet-0a1b2c3d4e5f6abcd")
    assert (code, "http://127.0.0.1:1" in sentence) == ("EndpointConnectionError", True)
    assert here.create_cluster("subnet-0a1b2c3d4e5f60001")["VpcId"] == "vpc-0a1b2c3d4e5f60000"
