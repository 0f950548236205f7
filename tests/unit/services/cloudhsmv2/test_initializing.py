"""InitializeCluster: valid and invalid certificates, and the state of the cluster afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.records.cloudhsm import Cluster, ClusterState
from mockaws.records.world import REALISTIC
from tests import authority
from tests.authority import identity, waiting
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, being, hsm
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld


def initialize(hsm2: Ask, here: World, signed_cert: str | None = None, trust_anchor: str | None = None) -> Any:
    """Initialize the cluster, by default with certificates that are good."""
    return hsm2(
        here,
        "InitializeCluster",
        ClusterId=CLUSTER,
        SignedCert=signed_cert or authority.signed(identity().cluster_csr),
        TrustAnchor=trust_anchor or authority.root(),
    )


def refusal(hsm2: Ask, here: World, *certificates: str | None) -> str:
    """Return what is wrong with the certificates."""
    with pytest.raises(RefusedError) as refused:
        initialize(hsm2, here, *certificates)
    assert (refused.value.code, refused.value.status) == ("CloudHsmInvalidRequestException", 400)
    kept = here.store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER))
    assert kept is not None
    assert kept.cluster_certificate is None
    return refused.value.message


def shown(hsm2: Ask, here: World) -> dict[str, Any]:
    """Return what DescribeClusters shows of the cluster."""
    (found,) = hsm2(here, "DescribeClusters")["Clusters"]
    assert isinstance(found, dict)
    return found


def test_the_request_is_there_when_the_first_hsm_is(hsm2: Ask, world: MakeWorld) -> None:
    """An uninitialized cluster shows the certificates of its HSM, and the request, once that is ACTIVE."""
    here = world(waiting(hsms=(hsm(certificates=identity(), active_at=NOW + 1),)))
    assert shown(hsm2, here)["Certificates"] == {}
    here.clock.advance(1)
    assert shown(hsm2, here)["Certificates"] == {
        "ClusterCsr": identity().cluster_csr,
        "HsmCertificate": identity().hsm,
        "AwsHardwareCertificate": identity().aws_hardware,
        "ManufacturerHardwareCertificate": identity().manufacturer_hardware,
    }


def test_initializing_takes_its_time(hsm2: Ask, world: MakeWorld) -> None:
    """The answer is AWS's recorded one; the cluster is INITIALIZED when the time for it is over."""
    here = world(waiting(), timing=REALISTIC)
    certificate = authority.signed(identity().cluster_csr)
    answer = initialize(hsm2, here, certificate)
    assert answer == {
        "State": "INITIALIZE_IN_PROGRESS",
        "StateMessage": "Cluster is initializing. State will change to INITIALIZED upon completion.",
    }
    here.clock.advance(REALISTIC.initialize_cluster - 1)
    assert answer.items() <= shown(hsm2, here).items()
    here.clock.advance(1)
    assert shown(hsm2, here)["State"] == "INITIALIZED"
    assert "StateMessage" not in shown(hsm2, here)
    assert shown(hsm2, here)["Certificates"] == {"ClusterCertificate": certificate}


def test_the_answer_says_so_however_soon_it_is_done(hsm2: Ask, world: MakeWorld) -> None:
    """With instant timing the cluster is INITIALIZED at the next call."""
    here = world(waiting())
    assert initialize(hsm2, here)["State"] == "INITIALIZE_IN_PROGRESS"
    assert shown(hsm2, here)["State"] == "INITIALIZED"


def test_who_is_there_then(hsm2: Ask, world: MakeWorld) -> None:
    """An initialized cluster has an admin that is to be activated, and AWS's own user."""
    here = world(waiting())
    initialize(hsm2, here)
    kept = here.store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER))
    assert kept is not None
    assert kept.trust_anchor == authority.root()
    assert [(user.name, user.role) for user in kept.users] == [
        ("admin", "unactivated-admin"),
        ("app_user", "internal(APPLIANCE_USER)"),
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"extensions": ()},
        {"own": "RSA 4096"},
        {"own": "EC secp256r1"},
        {"own": "EC secp521r1"},
    ],
    ids=["with extensions", "without", "RSA 4096", "P-256", "P-521"],
)
def test_trust_anchors_that_are_good(hsm2: Ask, world: MakeWorld, changes: dict[str, Any]) -> None:
    """A root may lack extensions, as OpenSSL can make them, and have a stronger key."""
    certificate = authority.signed(identity().cluster_csr, signer=changes.get("own"))
    initialize(hsm2, world(waiting()), certificate, authority.root(**changes))


def test_line_breaks_do_not_matter(hsm2: Ask, world: MakeWorld) -> None:
    """A certificate may come with the line breaks of Windows, and blank lines around it."""
    certificate = "\n" + authority.signed(identity().cluster_csr).replace("\n", "\r\n") + "\n"
    here = world(waiting())
    initialize(hsm2, here, certificate)
    assert shown(hsm2, here)["Certificates"] == {"ClusterCertificate": certificate}


def test_a_certificate_that_is_none(hsm2: Ask, world: MakeWorld) -> None:
    """Texts that users confuse with certificates are named in the error, which does not quote them."""
    here, csr = world(waiting()), identity().cluster_csr
    good = authority.signed(csr)
    assert refusal(hsm2, here, "text") == "SignedCert is not in PEM form"
    assert refusal(hsm2, here, good, "text") == "TrustAnchor is not in PEM form"
    broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    assert refusal(hsm2, here, broken) == "SignedCert is not an X.509 certificate"
    assert refusal(hsm2, here, csr).startswith("SignedCert holds a certificate signing request, not")
    assert refusal(hsm2, here, good, authority.private_key_pem()).startswith("TrustAnchor holds a private key, which")
    both = good + authority.private_key_pem()
    assert refusal(hsm2, here, both).startswith("SignedCert holds a private key, which")
    assert refusal(hsm2, here, good + authority.root()) == "SignedCert holds 2 certificates"
    assert refusal(hsm2, here, good, authority.root() * 2) == "TrustAnchor holds 2 certificates"
    assert refusal(hsm2, here, good + "\n" * 5000).endswith("characters: use at most 5000")


def test_the_wrong_key_or_the_wrong_signer(hsm2: Ask, world: MakeWorld) -> None:
    """The certificate is about the cluster's key, and the trust anchor has signed it itself."""
    here, csr = world(waiting()), identity().cluster_csr
    good = authority.signed(csr)
    assert refusal(hsm2, here, authority.root(), good).endswith("SignedCert and TrustAnchor have been swapped")
    not_ours = authority.certificate("cluster", own=authority.ANOTHER, signer=authority.OURS)
    assert refusal(hsm2, here, not_ours) == (
        f"SignedCert is not a certificate for the key of the ClusterCsr of cluster '{CLUSTER}'"
    )
    assert refusal(hsm2, here, authority.root()).startswith("SignedCert is not a certificate for the key")
    forged = authority.signed(csr, signer=authority.ANOTHER)
    assert refusal(hsm2, here, forged) == "SignedCert was not signed by TrustAnchor"
    namesake = authority.signed(csr, issuer="another")
    assert refusal(hsm2, here, namesake) == "SignedCert was not signed by TrustAnchor"
    itself = authority.signed(csr, issuer="cluster")
    assert refusal(hsm2, here, itself, itself).startswith("TrustAnchor is not a self-signed root certificate")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issuer": "above"}, "TrustAnchor is not a self-signed root certificate"),
        ({"signer": authority.ANOTHER}, "TrustAnchor is not a self-signed root certificate"),
        ({"extensions": (authority.NO_AUTHORITY,)}, "TrustAnchor is not the certificate of an authority: its"),
        ({"extensions": (authority.SIGNS_NOTHING,)}, "TrustAnchor is not the certificate of an authority: its"),
        (
            {"extensions": (authority.AUTHORITY, authority.SIGNS_NOTHING)},
            "TrustAnchor is not the certificate of an authority: its",
        ),
        ({"own": "RSA 1024"}, "The key of TrustAnchor is RSA with 1024 bits: use"),
        ({"own": "EC secp224r1"}, "The key of TrustAnchor is EC with 224 bits: use"),
        ({"own": "Ed25519"}, "The key of TrustAnchor is Ed25519: use"),
        (
            {"days": (1, 2)},
            "TrustAnchor is valid from 2017-10-05T16:10:12Z to 2017-10-06T16:10:12Z, and it is 2017-10-04",
        ),
        ({"days": (-2, -1)}, "TrustAnchor is valid from 2017-10-02T16:10:12Z to 2017-10-03T16:10:12Z, and it is"),
    ],
)
def test_trust_anchors_that_are_not_good(hsm2: Ask, world: MakeWorld, changes: dict[str, Any], sentence: str) -> None:
    """A trust anchor is a self-signed root, an authority's, strong, and valid at the world's time."""
    signed = authority.signed(identity().cluster_csr, signer=changes.get("own"))
    assert refusal(hsm2, world(waiting()), signed, authority.root(**changes)).startswith(sentence)


def test_the_certificate_is_valid_at_the_worlds_time(hsm2: Ask, world: MakeWorld) -> None:
    """The validity depends on the world's clock."""
    here = world(waiting())
    certificate = authority.signed(identity().cluster_csr, days=(10, 20))
    assert refusal(hsm2, here, certificate).startswith("SignedCert is valid from 2017-10-14T16:10:12Z to")
    here.clock.advance(11 * 86_400)
    initialize(hsm2, here, certificate)


@pytest.mark.parametrize("state", sorted(set(ClusterState) - {ClusterState.UNINITIALIZED, ClusterState.DELETED}))
def test_states_in_which_nobody_initializes(hsm2: Ask, world: MakeWorld, state: ClusterState) -> None:
    """A cluster is initialized once, and that is told before the certificates are read."""
    sentence = f"Cluster '{CLUSTER}' is in state {state}, in which it cannot be initialized"
    assert refusal(hsm2, world(waiting(changes=being(state))), "text", "text") == sentence


def test_clusters_that_have_made_no_request(hsm2: Ask, world: MakeWorld) -> None:
    """The request is the first HSM's, so that one must be ACTIVE."""
    sentence = f"Cluster '{CLUSTER}' has no certificate signing request before its first HSM is ACTIVE"
    assert refusal(hsm2, world(waiting(hsms=()))) == sentence
    assert refusal(hsm2, world(waiting(hsms=(hsm(certificates=identity(), active_at=NOW + 1),)))) == sentence


def test_a_cluster_that_is_not_there(hsm2: Ask, world: MakeWorld) -> None:
    """Recorded: that is told before the certificates are read."""
    with pytest.raises(RefusedError, match=f"^CloudHsmResourceNotFoundException: Cluster '{CLUSTER}' does not exist"):
        initialize(hsm2, world(), "text", "text")
