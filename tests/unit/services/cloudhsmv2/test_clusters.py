"""DescribeClusters: what is shown of a cluster, filters, pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.records.cloudhsm import ClusterState
from tests.samples import (
    ACCOUNT,
    BROKEN,
    CLUSTER,
    NOW,
    REGION,
    SUBNET_A,
    SUBNET_B,
    VPC,
    ZONE_A,
    ZONE_B,
    being,
    cluster,
    hsm,
)
from tests.wire import RefusedError, ask

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.kinds import Ask, MakeWorld

MORE_CLUSTERS = [cluster(f"cluster-{letter * 11}", vpc_id=f"vpc-{letter}") for letter in "abcdefghijklmnopqrstuvwxyz"]


def ids(answer: Any) -> list[str]:
    """Return the ids of the clusters of an answer."""
    return [found["ClusterId"] for found in answer["Clusters"]]


def test_a_cluster_is_shown_with_aws_members_in_aws_order(hsm2: Ask, world: MakeWorld) -> None:
    """DescribeClusters shows an active cluster with its HSMs, its ClusterCertificate only, and no empty members."""
    made = cluster(hsms=(hsm(),), tags={"team": "crypto", "app": "payments"})
    answer = hsm2(world(made), "DescribeClusters")
    expected: dict[str, Any] = {
        "BackupPolicy": "DEFAULT",
        "BackupRetentionPolicy": {"Type": "DAYS", "Value": "90"},
        "ClusterId": CLUSTER,
        "CreateTimestamp": NOW,
        "Hsms": [
            {
                "AvailabilityZone": ZONE_A,
                "ClusterId": CLUSTER,
                "SubnetId": SUBNET_A,
                "EniId": "eni-0a1b2c3d4e5f60718",
                "EniIp": "10.0.1.11",
                "HsmId": "hsm-abcdefghijk",
                "HsmType": "hsm1.medium",
                "State": "ACTIVE",
                "StateMessage": "HSM created.",
            }
        ],
        "HsmType": "hsm1.medium",
        "SecurityGroup": "sg-865af2fb",
        "State": "ACTIVE",
        "SubnetMapping": {ZONE_A: SUBNET_A, ZONE_B: SUBNET_B},
        "VpcId": VPC,
        "NetworkType": "IPV4",
        "Certificates": {"ClusterCertificate": made.cluster_certificate},
        "TagList": [{"Key": "app", "Value": "payments"}, {"Key": "team", "Value": "crypto"}],
        "Mode": "FIPS",
    }
    assert answer == {"Clusters": [expected]}
    assert list(answer["Clusters"][0]) == list(expected)
    assert list(answer["Clusters"][0]["Hsms"][0]) == list(expected["Hsms"][0])


def test_a_cluster_without_tags_and_certificate(hsm2: Ask, world: MakeWorld) -> None:
    """A cluster without tags has no TagList, and before it is initialized its Certificates are an empty structure."""
    bare = cluster(changes=being(ClusterState.UNINITIALIZED), cluster_certificate=None, trust_anchor=None)
    (shown,) = hsm2(world(bare), "DescribeClusters")["Clusters"]
    assert "TagList" not in shown
    assert shown["Certificates"] == {}
    assert shown["Hsms"] == []
    assert "StateMessage" not in shown


@pytest.mark.parametrize(
    ("state", "own", "message"),
    [
        (ClusterState.DELETE_IN_PROGRESS, None, "The cluster is being deleted."),
        (
            ClusterState.INITIALIZE_IN_PROGRESS,
            None,
            "Cluster is initializing. State will change to INITIALIZED upon completion.",
        ),
        (ClusterState.DEGRADED, "An HSM is broken.", "An HSM is broken."),
    ],
)
def test_state_messages(hsm2: Ask, world: MakeWorld, state: ClusterState, own: str | None, message: str) -> None:
    """AWS says something beside some states, and a fixture may say something else."""
    (shown,) = hsm2(world(cluster(changes=being(state, own))), "DescribeClusters")["Clusters"]
    assert shown["StateMessage"] == message


def test_deleted_clusters_are_shown(hsm2: Ask, world: MakeWorld) -> None:
    """A deleted cluster is still listed, with State DELETED."""
    (shown,) = hsm2(world(cluster(changes=being(ClusterState.DELETED))), "DescribeClusters")["Clusters"]
    assert shown["State"] == "DELETED"


def test_an_hsm_on_its_way(hsm2: Ask, world: MakeWorld) -> None:
    """An HSM that is not there yet, one on its way out, a degraded one; one that is gone is not listed."""
    hsms = (
        hsm("hsm-aaaaaaaaaaa", active_at=NOW + 60),
        hsm("hsm-bbbbbbbbbbb", delete_requested_at=NOW - 1, gone_at=NOW + 60),
        hsm("hsm-ccccccccccc", outages=BROKEN),
        hsm("hsm-ddddddddddd", delete_requested_at=NOW - 60, gone_at=NOW - 1),
    )
    (shown,) = hsm2(world(cluster(hsms=hsms)), "DescribeClusters")["Clusters"]
    states = {one["HsmId"]: (one["State"], one.get("StateMessage")) for one in shown["Hsms"]}
    assert states == {
        "hsm-aaaaaaaaaaa": ("CREATE_IN_PROGRESS", None),
        "hsm-bbbbbbbbbbb": ("DELETE_IN_PROGRESS", None),
        "hsm-ccccccccccc": ("DEGRADED", None),
    }
    assert all(one["EniId"] for one in shown["Hsms"])


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["cluster-aaaaaaaaaaa", "cluster-bbbbbbbbbbb", "cluster-ccccccccccc"]),
        ({"clusterIds": ["cluster-bbbbbbbbbbb"]}, ["cluster-bbbbbbbbbbb"]),
        ({"clusterIds": ["cluster-zzzzzzzzzzz"]}, []),
        ({"clusterIds": ["nonsense"]}, []),
        ({"clusterIds": []}, []),
        ({"vpcIds": ["vpc-1", "vpc-3"]}, ["cluster-aaaaaaaaaaa", "cluster-ccccccccccc"]),
        ({"vpcIds": ["vpc-9"]}, []),
        ({"states": ["DELETED", "UNINITIALIZED"]}, ["cluster-bbbbbbbbbbb", "cluster-ccccccccccc"]),
        ({"states": ["ACTIVE"], "vpcIds": ["vpc-1", "vpc-2"]}, ["cluster-aaaaaaaaaaa"]),
        ({"states": ["ACTIVE"], "vpcIds": ["vpc-2"]}, []),
    ],
)
def test_filters(hsm2: Ask, world: MakeWorld, filters: dict[str, list[str]], found: list[str]) -> None:
    """The values of a filter are alternatives, several filters must all match, and an unknown id matches nothing."""
    records = (
        cluster("cluster-aaaaaaaaaaa", vpc_id="vpc-1"),
        cluster("cluster-bbbbbbbbbbb", vpc_id="vpc-2", changes=being(ClusterState.UNINITIALIZED)),
        cluster("cluster-ccccccccccc", vpc_id="vpc-3", changes=being(ClusterState.DELETED)),
    )
    answer = hsm2(world(*records), "DescribeClusters", Filters=filters)
    assert ids(answer) == found
    assert "NextToken" not in answer


@pytest.mark.parametrize("filters", [{"clusterId": ["cluster-aaaaaaaaaaa"]}, {"states": ["RUNNING"]}])
def test_filters_that_do_not_exist(hsm2: Ask, world: MakeWorld, filters: dict[str, list[str]]) -> None:
    """An unknown filter, and a state that no cluster can be in, are refused and not taken for "nothing found"."""
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: '(clusterId|RUNNING)' is not a"):
        hsm2(world(cluster()), "DescribeClusters", Filters=filters)


def test_pages(hsm2: Ask, world: MakeWorld) -> None:
    """A page has 25 clusters at most; NextToken leads to the next one, and the last page has none."""
    here = world(*MORE_CLUSTERS)
    first = hsm2(here, "DescribeClusters")
    assert len(first["Clusters"]) == 25
    last = hsm2(here, "DescribeClusters", NextToken=first["NextToken"])
    assert ids(first) + ids(last) == [record.id for record in MORE_CLUSTERS]
    assert "NextToken" not in last


def test_pages_of_filtered_clusters_end(hsm2: Ask, world: MakeWorld) -> None:
    """With MaxResults 1 each page has one of the clusters that match, and the last of them has no NextToken."""
    here = world(*MORE_CLUSTERS)
    filters = {"vpcIds": ["vpc-c", "vpc-m", "vpc-x"]}
    found: list[str] = []
    token: dict[str, Any] = {}
    for _ in range(3):
        page = hsm2(here, "DescribeClusters", Filters=filters, MaxResults=1, **token)
        found += ids(page)
        token = {"NextToken": page.get("NextToken")}
    assert found == ["cluster-ccccccccccc", "cluster-mmmmmmmmmmm", "cluster-xxxxxxxxxxx"]
    assert token == {"NextToken": None}


@pytest.mark.parametrize("token", ["", "x", "é", "AAAA", "====", "RGVzY3JpYmVDbHVzdGVyczo=", "TGlzdFRhZ3M6MQ=="])
def test_tokens_that_no_page_gave_out(hsm2: Ask, world: MakeWorld, token: str) -> None:
    """A NextToken that DescribeClusters did not give out is refused."""
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: The NextToken is not valid$"):
        hsm2(world(cluster()), "DescribeClusters", NextToken=token)


@pytest.mark.parametrize("size", [0, 26, -1])
def test_sizes_of_pages(hsm2: Ask, world: MakeWorld, size: int) -> None:
    """MaxResults is 1 to 25."""
    with pytest.raises(RefusedError, match=f"Value '{size}' at 'maxResults' failed to satisfy constraint"):
        hsm2(world(cluster()), "DescribeClusters", MaxResults=size)


@pytest.mark.parametrize(("account", "region"), [("444455556666", REGION), (ACCOUNT, "eu-central-1")])
def test_other_accounts_and_regions(gateway: Gateway, world: MakeWorld, account: str, region: str) -> None:
    """A cluster is seen in its own account and Region only."""
    here = world(cluster(account=account, region=region))
    assert ask(gateway, here, "cloudhsmv2", "DescribeClusters") == {"Clusters": []}
