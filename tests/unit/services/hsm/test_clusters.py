"""Reports about clusters."""

from __future__ import annotations

from dataclasses import replace

from mockaws.clock import DAY
from mockaws.records.cloudhsm import ClusterState
from mockaws.records.outages import Outage
from mockaws.services.hsm import clusters, outages
from tests.samples import BROKEN, CLUSTER, NOW, SUBNET_B, being, hsm, subnet
from tests.unit.services.hsm.inside import Hsms, key, network, ready, two_hsms

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-hsm-info.html
MEMBERS = [
    "vendor",
    "model",
    "serial-number",
    "hardware-version-major",
    "hardware-version-minor",
    "firmware-version-major",
    "firmware-version-minor",
    "firmware-build-number",
    "firmware-id",
    "fips-state",
]


def test_hsm_info() -> None:
    """The members of AWS's page, in its order, all of them strings; each HSM has a serial number of its own."""
    for hsm_type in ("hsm1.medium", "hsm2m.medium"):
        record = ready(hsms=tuple(replace(one, hsm_type=hsm_type) for one in two_hsms()))
        first, second = Hsms(*network(), record)(clusters.hsm_info)["hsms"]
        assert list(first) == MEMBERS
        assert all(isinstance(value, str) for value in first.values())
        assert first["serial-number"] != second["serial-number"]


def test_hsm_info_of_a_documented_type() -> None:
    """The values of AWS's page for hsm1.medium, and its words for both modes."""
    (first,) = Hsms(*network(), ready(hsms=(hsm(),)))(clusters.hsm_info)["hsms"]
    assert (first["model"], first["firmware-id"]) == ("NITROX-III CNN35XX-NFBE", "CNN35XX-NFBE-FW-2.06-16")
    assert first["fips-state"] == "2 [FIPS mode with single factor authentication]"
    other = hsm(hsm_type="hsm2m.medium")
    (first,) = Hsms(*network(), ready(hsms=(other,), mode="NON_FIPS"))(clusters.hsm_info)["hsms"]
    assert first["fips-state"] == "0 [non-FIPS mode with single factor authentication]"


def test_hsm_info_shows_those_that_answer() -> None:
    """The report omits an HSM that does not work."""
    hsms = Hsms()
    hsms(outages.fail_hsm, "hsm-abcdefghijk")
    assert len(hsms(clusters.hsm_info)["hsms"]) == 1
    hsms(outages.fail_hsm, "hsm-zyxwvutsrqp")
    assert "no active HSM" in hsms.refusal(clusters.hsm_info)


def test_info() -> None:
    """Our own `cluster info`: what there is, and how it is."""
    record = ready(
        hsms=(hsm(), hsm("hsm-bbbbbbbbbbb", eni_ip="10.0.1.12", outages=BROKEN), hsm("hsm-ccccccccccc", gone_at=0.0)),
        session_shortages=(Outage(0.0, NOW),),
        backed_up_at=NOW - DAY,
    )
    hsms = Hsms(subnet(), subnet(SUBNET_B, removed_at=0.0), record, key(1), key(2))
    info = hsms(clusters.info)
    assert {
        name: info[name] for name in ("cluster-id", "state", "hsm-type", "mode", "sessions", "total-key-count")
    } == {
        "cluster-id": CLUSTER,
        "state": "ACTIVE",
        "hsm-type": "hsm1.medium",
        "mode": "FIPS",
        "sessions": "available",
        "total-key-count": 2,
    }
    assert [(one["hsm-id"], one["ip"], one["state"]) for one in info["hsms"]] == [
        ("hsm-abcdefghijk", "10.0.1.11", "ACTIVE"),
        ("hsm-bbbbbbbbbbb", "10.0.1.12", "DEGRADED"),
    ]
    assert [(one["state"], one["free-addresses"]) for one in info["subnets"]] == [("reachable", 251), ("removed", 251)]
    assert [(user["username"], user["logged-in"]) for user in info["users"]] == [
        ("admin", False),
        ("kmsuser", False),
        ("alice", False),
        ("app_user", False),
    ]
    (backup,) = info["backups"]
    assert (backup["state"], backup["created-at"]) == ("READY", "2017-10-04T16:10:12.351+00:00")


def test_info_needs_no_hsm() -> None:
    """It works for a cluster in any state, so that users see the failure."""
    hsms = Hsms(ready(hsms=(), changes=being(ClusterState.UNINITIALIZED), users=()))
    info = hsms(clusters.info)
    assert (info["state"], info["hsms"], info["subnets"], info["backups"]) == ("UNINITIALIZED", [], [], [])


def test_the_list_leaves_out_what_is_deleted() -> None:
    """A deleted cluster is not there any more."""
    hsms = Hsms(ready(), ready(cluster_id="cluster-bbbbbbbbbbb", changes=being(ClusterState.DELETED)))
    assert hsms.call(clusters.listed)["clusters"] == [{"cluster-id": CLUSTER, "state": "ACTIVE"}]
    assert hsms.call(clusters.listed, region="eu-central-1")["clusters"] == []


def test_who_names_a_cluster_that_is_not_there_is_told_which_are() -> None:
    """Deleted clusters do not count."""
    hsms = Hsms(ready(), ready(cluster_id="cluster-bbbbbbbbbbb", changes=being(ClusterState.DELETED)))
    for cluster_id in ("cluster-bbbbbbbbbbb", "cluster-ccccccccccc", ""):
        assert hsms.refusal(clusters.info, cluster_id=cluster_id) == (
            f"Cluster '{cluster_id}' does not exist: account 111122223333 has {CLUSTER} in us-west-2"
        )
