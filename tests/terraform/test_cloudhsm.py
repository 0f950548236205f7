"""HSMs in the provider's hands: it waits 30 seconds for each, whatever a server does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World


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
