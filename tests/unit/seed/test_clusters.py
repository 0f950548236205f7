"""The clusters of a fixture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.clock import MINUTE
from mockaws.crypto import certificates as x509
from mockaws.records.cloudhsm import Cluster, ClusterState, HsmState, Subnet, Zone
from mockaws.records.outages import out
from mockaws.seed import library
from mockaws.seed.draft import CREATED
from tests.unit.seed.kinds import NOW, all_of, one

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.seed.kinds import Load, Mistakes

OTHER = "cluster-zyxwvutsrqp"


def indented(pem: str) -> str:
    """Return a certificate as a block of YAML, four spaces deep."""
    return "|\n" + "".join(f"      {line}\n" for line in pem.splitlines())


def test_a_cluster_of_which_nothing_is_said(load: Load) -> None:
    """It is ACTIVE, of AWS's current type, in all zones of the VPC, of the shipped authority, and without HSMs."""
    seed = load("clusters: [{}]")
    cluster = one(seed, Cluster)
    assert (cluster.state(NOW), cluster.state_message(NOW)) == (ClusterState.ACTIVE, None)
    assert (cluster.hsm_type, cluster.mode, cluster.network_type) == ("hsm2m.medium", "FIPS", "IPV4")
    assert (cluster.created_at, cluster.backup_retention_days, cluster.tags) == (CREATED, 90, {})
    assert cluster.subnets == {subnet.zone: subnet.id for subnet in all_of(seed, Subnet)}
    assert cluster.vpc_id == all_of(seed, Subnet)[0].vpc_id
    assert cluster.security_group.startswith("sg-")
    assert cluster.security_group_outages == ()
    assert cluster.trust_anchor == library.certificate()
    assert cluster.hsms == ()
    assert [(user.name, user.role) for user in cluster.users] == [
        ("admin", "admin"),
        ("app_user", "internal(APPLIANCE_USER)"),
    ]


def test_what_a_cluster_says_is_what_it_is(load: Load) -> None:
    """Every property of the fixture is one of the cluster."""
    cluster = one(
        load(
            """\
network: {vpcs: [{id: vpc-1a2b3c4d, subnets: [{id: subnet-a6b10bd1}, {id: subnet-b6b10bd2}, {id: subnet-c6b10bd3}]}]}
clusters:
  - id: cluster-abcdefghijk
    state: DEGRADED
    state_message: Words.
    hsm_type: hsm2m.large
    mode: NON_FIPS
    network_type: DUALSTACK
    created: 1507133412.351
    vpc: vpc-1a2b3c4d
    subnets: [subnet-c6b10bd3, subnet-a6b10bd1]
    security_group: sg-865af2fb
    security_group_removed: true
    backup_retention_days: 7
    tags: {Owner: us}
    users: [{name: kmsuser, role: crypto-user, password: kmsPswd123, locked: true, logged_in: true}]
"""
        ),
        Cluster,
    )
    assert (cluster.id, cluster.state(NOW), cluster.state_message(NOW)) == ("cluster-abcdefghijk", "DEGRADED", "Words.")
    assert (cluster.hsm_type, cluster.mode, cluster.network_type) == ("hsm2m.large", "NON_FIPS", "DUALSTACK")
    assert (cluster.created_at, cluster.vpc_id) == (1507133412.351, "vpc-1a2b3c4d")
    assert cluster.subnets == {"us-west-2c": "subnet-c6b10bd3", "us-west-2a": "subnet-a6b10bd1"}
    assert (cluster.security_group, cluster.security_group_works(NOW)) == ("sg-865af2fb", False)
    assert (cluster.backup_retention_days, cluster.tags) == (7, {"Owner": "us"})
    (user,) = cluster.users
    assert (user.name, user.role, user.password) == ("kmsuser", "crypto-user", "kmsPswd123")
    assert (user.locked, user.logged_in) == (True, True)


def test_the_vpc_follows_from_the_subnets(load: Load) -> None:
    """Whoever names the subnets of a second VPC need not name the VPC."""
    seed = load("network: {vpcs: [{}, {id: vpc-1a2b3c4d, subnets: [{id: subnet-a6b10bd1}]}]}\n"
                "clusters: [{subnets: [subnet-a6b10bd1]}]")  # fmt: skip
    assert one(seed, Cluster).vpc_id == "vpc-1a2b3c4d"


def test_a_cluster_has_one_subnet_in_a_zone(load: Load) -> None:
    """Of two subnets in one zone the first is taken where the fixture does not choose."""
    seed = load("network: {vpcs: [{subnets: [{zone: us-west-2a}, {zone: us-west-2a}]}]}\nclusters: [{}]")
    assert one(seed, Cluster).subnets == {"us-west-2a": all_of(seed, Subnet)[0].id}


def test_hsms_stand_in_the_zones_by_turns(load: Load) -> None:
    """Two HSMs of which nothing is said make a cluster that can carry a key store."""
    cluster = one(load("clusters: [{hsms: [{}, {}, {}]}]"), Cluster)
    assert [hsm.zone[-1] for hsm in cluster.hsms] == ["a", "b", "a"]
    assert [hsm.subnet_id for hsm in cluster.hsms] == [cluster.subnets[hsm.zone] for hsm in cluster.hsms]
    assert {hsm.state(NOW) for hsm in cluster.hsms} == {HsmState.ACTIVE}
    assert {hsm.state_message(NOW) for hsm in cluster.hsms} == {"HSM created."}
    assert {hsm.hsm_type for hsm in cluster.hsms} == {"hsm2m.medium"}


def test_the_zone_of_an_hsm_follows_from_its_subnet(load: Load) -> None:
    """One of the two is enough."""
    seed = load(
        "network: {vpcs: [{subnets: [{}, {id: subnet-b6b10bd2}]}]}\nclusters: [{hsms: [{subnet: subnet-b6b10bd2}]}]"
    )
    assert one(seed, Cluster).hsms[0].zone == "us-west-2b"


@pytest.mark.parametrize("state", HsmState)
def test_an_hsm_begins_in_the_state_that_the_fixture_says(state: HsmState, load: Load) -> None:
    """Whatever the timing, the state can be seen; the record derives it from moments."""
    for timing in ("instant", "realistic"):
        cluster = one(load(f"timing: {timing}\nclusters: [{{hsms: [{{state: {state}}}]}}]"), Cluster)
        assert cluster.hsms[0].state(NOW) is state


def test_a_zone_fails_with_all_hsms_in_it(load: Load) -> None:
    """They are DEGRADED, of whatever cluster, and those of other zones work."""
    text = "network: {failed_zones: [us-west-2b]}\nclusters: [{hsms: [{}, {}]}, {hsms: [{zone: us-west-2b}]}]"
    seed = load(text)
    states = [[hsm.state(NOW) for hsm in cluster.hsms] for cluster in all_of(seed, Cluster)]
    assert states == [["ACTIVE", "DEGRADED"], ["DEGRADED"]]
    zone = one(seed, Zone)
    assert (zone.id, out(zone.outages, NOW)) == ("us-west-2b", True)


def test_a_cluster_without_free_sessions(load: Load) -> None:
    """Other clients can have taken all sessions before the world begins."""
    assert one(load("clusters: [{sessions_exhausted: true}]"), Cluster).sessions_short(NOW)
    assert not one(load("clusters: [{}]"), Cluster).sessions_short(NOW)


def test_what_is_under_way_is_over_after_aws_time(load: Load) -> None:
    """Where creation is instant, an HSM under way takes what AWS takes; else what the fixture says."""
    hsm = one(load("clusters: [{hsms: [{state: CREATE_IN_PROGRESS}]}]"), Cluster).hsms[0]
    assert (hsm.state(NOW + 4 * MINUTE), hsm.state(NOW + 5 * MINUTE)) == ("CREATE_IN_PROGRESS", "ACTIVE")
    hsm = one(load("timing: {delete_hsm: PT1H}\nclusters: [{hsms: [{state: DELETE_IN_PROGRESS}]}]"), Cluster).hsms[0]
    assert (hsm.state(NOW + 59 * MINUTE), hsm.state(NOW + 60 * MINUTE)) == ("DELETE_IN_PROGRESS", "DELETED")


@pytest.mark.parametrize("state", ["CREATE_IN_PROGRESS", "UNINITIALIZED", "INITIALIZE_IN_PROGRESS"])
def test_before_initialization_there_are_no_certificates_and_users(state: str, load: Load) -> None:
    """The cluster certificate is what InitializeCluster brings."""
    cluster = one(load(f"clusters: [{{state: {state}}}]"), Cluster)
    assert (cluster.trust_anchor, cluster.cluster_certificate, cluster.users) == (None, None, ())


def test_between_initialization_and_activation_nobody_has_a_password(load: Load) -> None:
    """There are the certificates, the admin whom activation gives a password, and AWS's own user."""
    cluster = one(load("clusters: [{state: INITIALIZED}]"), Cluster)
    assert cluster.trust_anchor == library.certificate()
    assert cluster.cluster_certificate is not None
    assert [(user.name, user.role, user.password) for user in cluster.users] == [
        ("admin", "unactivated-admin", ""),
        ("app_user", "internal(APPLIANCE_USER)", ""),
    ]


def test_the_first_hsm_has_certificates(load: Load) -> None:
    """The HSM of an uninitialized cluster has made its request; those of other clusters have nothing to show."""
    text = "clusters: [{state: UNINITIALIZED, hsms: [{state: DELETED}, {}]}, {hsms: [{}]}]"
    first, other = all_of(load(text), Cluster)
    assert [hsm.certificates is not None for hsm in first.hsms] == [False, True]
    assert first.identity(NOW) is not None
    assert other.identity(NOW) is None


def test_a_fixture_may_describe_more_than_the_quota(load: Load) -> None:
    """A limit is for those who ask for more, and what is there is there."""
    seed = load("limits: {clusters: 1, hsms: 1}\nclusters: [{hsms: [{}, {}]}, {}]")
    assert len(all_of(seed, Cluster)) == 2


def test_the_certificate_of_a_cluster_is_signed_by_the_shipped_authority(load: Load) -> None:
    """Clusters with a certificate each share no backup history."""
    one_, other = all_of(load("clusters: [{id: cluster-abcdefghijk}, {id: cluster-zyxwvutsrqp}]"), Cluster)
    assert one_.cluster_certificate != other.cluster_certificate
    for cluster in (one_, other):
        certificate = x509.read(cluster.cluster_certificate or "")
        assert x509.issued_by(certificate, x509.read(library.certificate()))


def test_certificates_can_be_given_as_text_and_as_files(load: Load, tmp_path: Path) -> None:
    """A relative path starts at the fixture's directory."""
    authority = x509.read(library.certificate())
    pem = x509.for_cluster(OTHER, authority, library.key())
    (tmp_path / "certificates").mkdir()
    (tmp_path / "certificates" / "own.crt").write_text(pem, encoding="ascii")
    for given in (f" {indented(pem)}", " {file: certificates/own.crt}", f" {{file: {tmp_path}/certificates/own.crt}}"):
        cluster = one(load(f"clusters:\n  - cluster_certificate:{given}\n"), Cluster)
        assert cluster.cluster_certificate == pem


def test_with_another_trust_anchor_the_certificate_names_that(load: Load) -> None:
    """The key of a customer's own authority is not there, so only the name of the issuer is right."""
    other = x509.for_cluster(OTHER, x509.read(library.certificate()), library.key())
    cluster = one(load(f"clusters:\n  - trust_anchor_certificate: {indented(other)}"), Cluster)
    assert cluster.trust_anchor == other
    certificate = x509.read(cluster.cluster_certificate or "")
    assert certificate.issuer == x509.read(other).subject


def test_a_certificate_that_the_trust_anchor_did_not_sign_is_a_mistake(mistakes: Mistakes) -> None:
    """No cluster could be initialized with such a pair."""
    other = x509.for_cluster(OTHER, x509.read(library.certificate()), library.key())
    text = f"clusters:\n  - trust_anchor_certificate: {indented(other)}    cluster_certificate: {indented(other)}"
    (problem,) = mistakes(text)
    assert "clusters[0].cluster_certificate: is not signed by the trust anchor" in problem


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"text", "clusters[0].trust_anchor_certificate: is not in PEM form"),
        (b"\xff", "clusters[0].trust_anchor_certificate.file: ca.crt cannot be read: is not text"),
        (b"x" * 5001, "clusters[0].trust_anchor_certificate: has 5001 characters"),
    ],
)
def test_a_file_without_a_certificate_is_a_mistake(
    content: bytes, reason: str, mistakes: Mistakes, tmp_path: Path
) -> None:
    """What is wrong with the file is told where the fixture names it."""
    (tmp_path / "ca.crt").write_bytes(content)
    (problem,) = mistakes("clusters: [{trust_anchor_certificate: {file: ca.crt}}]")
    assert problem.startswith(f"1: {reason}")


def test_the_users_of_a_fixture_are_all_there_are(load: Load) -> None:
    """A list without anybody is a cluster without anybody."""
    assert one(load("clusters: [{users: []}]"), Cluster).users == ()
    (user,) = one(load("clusters: [{users: [{name: crypto}]}]"), Cluster).users
    assert (user.role, len(user.password), user.locked, user.logged_in) == ("crypto-user", 32, False, False)


def test_passwords_do_not_show_in_records(load: Load) -> None:
    """A record may end up in a log or a traceback."""
    assert "kmsPswd123" not in repr(load("clusters: [{users: [{name: kmsuser, password: kmsPswd123}]}]"))
