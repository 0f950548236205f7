"""Clusters and HSMs in the provider's hands: it waits 30 seconds for each, whatever a server does.

What the provider's own acceptance tests configure and check, in the network of the empty world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

SUBNETS = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
CLUSTER = """
resource "aws_cloudhsm_v2_cluster" "this" {
  hsm_type   = "hsm1.medium"
  subnet_ids = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
  %s
}
data "aws_cloudhsm_v2_cluster" "this" {
  cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
}
"""


def clusters(world: World) -> list[dict[str, Any]]:
    """Return the clusters that were not deleted."""
    found = world.client("cloudhsmv2").describe_clusters()["Clusters"]
    return [dict(cluster) for cluster in found if cluster["State"] not in {"DELETE_IN_PROGRESS", "DELETED"}]


def test_a_second_hsm_makes_the_key_store_possible(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """With an HSM in a second zone the cluster that had one left takes a key store; the HSM is found by its id alone.

    The provider finds an HSM by its id or by its interface's, so each has an interface of its own; a deleted HSM is
    gone from DescribeClusters.
    """
    one = world("one-hsm")
    hsms = one.client("cloudhsmv2").describe_clusters()["Clusters"][0]["Hsms"]
    assert len(hsms) == 1
    subnets = one.client("cloudhsmv2").describe_clusters()["Clusters"][0]["SubnetMapping"]
    (zone,) = set(subnets) - {hsms[0]["AvailabilityZone"]}
    tf = workspace(
        one,
        f"""
        resource "aws_cloudhsm_v2_hsm" "second" {{
          cluster_id = "cluster-readytwozone"
          subnet_id  = "{subnets[zone]}"
        }}
        resource "aws_cloudhsm_v2_hsm" "first" {{
          cluster_id        = "cluster-readytwozone"
          availability_zone = "{hsms[0]["AvailabilityZone"]}"
        }}
        import {{
          to = aws_cloudhsm_v2_hsm.first
          id = "{hsms[0]["HsmId"]}"
        }}
        resource "aws_kms_custom_key_store" "this" {{
          custom_key_store_name    = "store"
          cloud_hsm_cluster_id     = aws_cloudhsm_v2_hsm.second.cluster_id
          key_store_password       = "kmsPswd123"
          trust_anchor_certificate = file("../fixtures/customerCA.crt")
        }}
        """,
    )
    applied = tf.apply()
    assert "1 imported, 2 added, 0 changed, 0 destroyed." in applied
    assert "No changes." in tf.plan()
    second = tf.resources()["aws_cloudhsm_v2_hsm.second"]
    assert (second["availability_zone"], second["hsm_state"]) == (zone, "ACTIVE")
    tf.destroy()
    assert one.client("cloudhsmv2").describe_clusters()["Clusters"][0]["Hsms"] == []


def test_a_cluster_and_its_tags(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """A cluster is UNINITIALIZED, in FIPS mode, in its subnets' VPC; its tags change in place, and it is imported."""
    empty = world("empty")
    tf = workspace(empty, CLUSTER % 'tags = { key1 = "value1" }')
    tf.apply()
    assert "No changes." in tf.plan()
    cluster = tf.resources()["aws_cloudhsm_v2_cluster.this"]
    assert (cluster["cluster_state"], cluster["mode"]) == ("UNINITIALIZED", "FIPS")
    assert not cluster["source_backup_identifier"]
    assert cluster["vpc_id"] == "vpc-0a1b2c3d4e5f60000"
    assert cluster["security_group_id"].startswith("sg-")
    assert set(cluster["subnet_ids"]) == set(SUBNETS)
    read = tf.resources()["data.aws_cloudhsm_v2_cluster.this"]
    assert (read["security_group_id"], read["cluster_state"]) == (cluster["security_group_id"], "UNINITIALIZED")
    for tags in ('{ key1 = "value1 updated", key2 = "value2" }', '{ key2 = "value2" }'):
        tf.write(CLUSTER % f"tags = {tags}")
        assert "1 changed, 0 destroyed." in tf.apply()
        assert "No changes." in tf.plan()
    (shown,) = clusters(empty)
    assert shown["TagList"] == [{"Key": "key2", "Value": "value2"}]
    tf("state", "rm", "aws_cloudhsm_v2_cluster.this")
    tf("import", "-no-color", "aws_cloudhsm_v2_cluster.this", shown["ClusterId"])
    assert "No changes." in tf.plan()
    tf.destroy()
    assert clusters(empty) == []


def test_a_cluster_that_disappears(world: Callable[[str], World], workspace: Callable[..., Terraform]) -> None:
    """A cluster of the newest type in NON_FIPS mode; when somebody deletes it, the plan is to make it anew."""
    empty = world("empty")
    tf = workspace(empty, (CLUSTER % 'mode = "NON_FIPS"').replace("hsm1.medium", "hsm2m.medium"))
    tf.apply()
    (shown,) = clusters(empty)
    assert (shown["HsmType"], shown["Mode"]) == ("hsm2m.medium", "NON_FIPS")
    empty.client("cloudhsmv2").delete_cluster(ClusterId=shown["ClusterId"])
    assert "aws_cloudhsm_v2_cluster.this will be created" in tf.plan(expect=2)


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(f'subnet_id = "{SUBNETS[0]}"', id="subnet"),
        pytest.param('availability_zone = "us-west-2a"\n ip_address = "10.0.0.5"', id="zone and address"),
    ],
)
def test_a_first_hsm(world: Callable[[str], World], workspace: Callable[..., Terraform], place: str) -> None:
    """The first HSM brings the certificate request; it is imported, and made anew when somebody deletes it."""
    empty = world("empty")
    tf = workspace(
        empty,
        CLUSTER % ""
        + f"""
        resource "aws_cloudhsm_v2_hsm" "this" {{
          cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
          {place}
        }}
        """,
    )
    tf.apply()
    assert "No changes." in tf.plan()
    hsm = tf.resources()["aws_cloudhsm_v2_hsm.this"]
    assert (hsm["availability_zone"], hsm["subnet_id"], hsm["hsm_state"]) == ("us-west-2a", SUBNETS[0], "ACTIVE")
    assert hsm["hsm_eni_id"].startswith("eni-")
    assert hsm["ip_address"] == "10.0.0.5" if "ip_address" in place else hsm["ip_address"].startswith("10.0.0.")
    tf("refresh", "-no-color")  # the state has the cluster as it was before its HSM came
    (certificates,) = tf.resources()["aws_cloudhsm_v2_cluster.this"]["cluster_certificates"]
    assert certificates["cluster_csr"].startswith("-----BEGIN CERTIFICATE REQUEST-----")
    tf("state", "rm", "aws_cloudhsm_v2_hsm.this")
    tf("import", "-no-color", "aws_cloudhsm_v2_hsm.this", hsm["hsm_id"])
    assert "No changes." in tf.plan()
    empty.client("cloudhsmv2").delete_hsm(ClusterId=hsm["cluster_id"], HsmId=hsm["hsm_id"])
    assert "aws_cloudhsm_v2_hsm.this will be created" in tf.plan(expect=2)
    tf.destroy()
    assert clusters(empty) == []
