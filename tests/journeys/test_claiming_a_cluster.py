"""A cluster from its subnets to INITIALIZED, with boto3 and openssl, as AWS's user guide describes it.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html
https://docs.aws.amazon.com/cloudhsm/latest/userguide/initialize-cluster.html
"""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from mockaws.crypto import hsm_identity
from tests.openssl import NOT_THERE, is_there
from tests.samples import SUBNET_A, SUBNET_B, ZONE_A, ZONE_B, subnet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.kinds import MakeClient, MakeWorld, Serve

pytestmark = pytest.mark.skipif(not is_there(), reason=NOT_THERE)

NEW_AUTHORITIES = {
    "as in the guide": ("-newkey", "rsa:2048", "-days", "3652"),
    "RSA 4096": ("-newkey", "rsa:4096", "-days", "30"),
    "P-384": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-days", "30"),
}


class Guide:
    """A folder in which a customer follows the guide, with the server of a boto3 client."""

    def __init__(self, hsm2: Any, folder: Path) -> None:
        self.hsm2 = hsm2
        self.folder = folder
        self.cluster_id = ""

    def openssl(self, *arguments: str) -> str:
        """Run openssl in the folder; return what it prints."""
        done = subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, encoding="utf-8"
        )
        return done.stdout

    def described(self) -> Any:
        """Return what DescribeClusters shows of the cluster."""
        (found,) = self.hsm2.describe_clusters(Filters={"clusterIds": [self.cluster_id]})["Clusters"]
        return found

    def create(self, **members: Any) -> None:
        """Create a cluster with its first HSM, and save the certificates under the names that the guide gives them."""
        made = self.hsm2.create_cluster(SubnetIds=[SUBNET_A, SUBNET_B], **members)["Cluster"]
        self.cluster_id = made["ClusterId"]
        assert (made["State"], self.described()["State"]) == ("CREATE_IN_PROGRESS", "UNINITIALIZED")
        assert self.described()["Certificates"] == {}
        self.hsm2.create_hsm(ClusterId=self.cluster_id, AvailabilityZone=ZONE_A)
        for name, pem in self.described()["Certificates"].items():
            suffix = "csr" if name == "ClusterCsr" else "crt"
            (self.folder / f"{self.cluster_id}_{name}.{suffix}").write_text(pem, encoding="ascii")

    def join(self, target: str, *sources: str) -> None:
        """Write several files one after the other into one."""
        content = "".join((self.folder / name).read_text(encoding="ascii") for name in sources)
        (self.folder / target).write_text(content, encoding="ascii")

    def new_authority(self, name: str, *arguments: str) -> None:
        """Make a self-signed certificate and its key."""
        subject = ("-subj", "/C=US/O=Example/CN=customerCA")
        files = ("-keyout", f"{name}.key", "-out", f"{name}.crt")
        self.openssl("req", "-new", "-x509", "-nodes", *arguments, *subject, *files)

    def sign(self, name: str, days: str = "3652") -> str:
        """Sign the cluster's request as the authority *name*; return the certificate."""
        certificate = f"{self.cluster_id}_CustomerHsmCertificate.crt"
        by = ("-CA", f"{name}.crt", "-CAkey", f"{name}.key", "-CAcreateserial")
        self.openssl(
            *("x509", "-req", "-days", days, "-in", f"{self.cluster_id}_ClusterCsr.csr", *by, "-out", certificate)
        )
        return (self.folder / certificate).read_text(encoding="ascii")

    def initialize(self, signed_cert: str, authority: str) -> Any:
        """Initialize the cluster."""
        anchor = (self.folder / f"{authority}.crt").read_text(encoding="ascii")
        return self.hsm2.initialize_cluster(ClusterId=self.cluster_id, SignedCert=signed_cert, TrustAnchor=anchor)


@pytest.fixture
def guide(world: MakeWorld, serve: Serve, client: MakeClient, tmp_path: Path) -> Guide:
    """Return a folder, and a server whose account has two subnets."""
    here = world(subnet(), subnet(SUBNET_B), at=None)
    for root in hsm_identity.ROOTS.glob("*.crt"):
        shutil.copy(root, tmp_path)
    return Guide(client("cloudhsmv2", serve(here)), tmp_path)


@pytest.mark.parametrize(
    "members", [{"HsmType": "hsm2m.medium", "Mode": "FIPS"}, {"HsmType": "hsm1.medium"}], ids=["hsm2m", "hsm1"]
)
def test_the_identity_of_an_hsm(guide: Guide, members: dict[str, str]) -> None:
    """The commands of the guide's page say OK, and the request has the key of the HSM's certificate."""
    guide.create(**members)
    own = f"{guide.cluster_id}_HsmCertificate.crt"
    for hardware, root in (
        ("AwsHardwareCertificate", "AWS_CloudHSM_Root-G1.crt"),
        ("ManufacturerHardwareCertificate", "liquid_security_certificate.crt"),
    ):
        guide.join("chain.crt", f"{guide.cluster_id}_{hardware}.crt", root)
        assert guide.openssl("verify", "-CAfile", "chain.crt", own) == f"{own}: OK\n"
        assert guide.openssl("verify", "-x509_strict", "-CAfile", "chain.crt", own) == f"{own}: OK\n"
    request = guide.openssl("req", "-in", f"{guide.cluster_id}_ClusterCsr.csr", "-pubkey", "-noout")
    assert guide.openssl("x509", "-in", own, "-pubkey", "-noout") == request
    with pytest.raises(subprocess.CalledProcessError):
        guide.openssl("verify", "-CAfile", "AWS_CloudHSM_Root-G1.crt", own)


@pytest.mark.parametrize("arguments", NEW_AUTHORITIES.values(), ids=NEW_AUTHORITIES)
def test_claiming(guide: Guide, arguments: tuple[str, ...]) -> None:
    """The signer of the request owns the cluster, which then shows that certificate; openssl verifies it."""
    guide.create(HsmType="hsm2m.medium", Mode="FIPS")
    guide.new_authority("customerCA", *arguments)
    signed = guide.sign("customerCA")
    answer = guide.initialize(signed, "customerCA")
    assert answer["State"] == "INITIALIZE_IN_PROGRESS"
    later = guide.described()
    assert (later["State"], later["Certificates"]) == ("INITIALIZED", {"ClusterCertificate": signed})
    own = f"{guide.cluster_id}_CustomerHsmCertificate.crt"
    assert guide.openssl("verify", "-CAfile", "customerCA.crt", own) == f"{own}: OK\n"
    with pytest.raises(ClientError, match="already contains an HSM but has not yet been fully activated"):
        guide.hsm2.create_hsm(ClusterId=guide.cluster_id, AvailabilityZone=ZONE_B)
    with pytest.raises(ClientError, match="is in state INITIALIZED, in which it cannot be initialized"):
        guide.initialize(signed, "customerCA")


def test_claims_that_fail(guide: Guide) -> None:
    """Common mistakes with openssl are refused; the cluster can still be claimed, and be given up."""
    guide.create(HsmType="hsm2m.medium", Mode="FIPS")
    guide.new_authority("customerCA", "-newkey", "rsa:2048", "-days", "30")
    guide.new_authority("otherCA", "-newkey", "rsa:2048", "-days", "30")
    signed = guide.sign("customerCA")
    request = (guide.folder / f"{guide.cluster_id}_ClusterCsr.csr").read_text(encoding="ascii")
    for given, authority, reason in (
        (signed, "otherCA", "SignedCert was not signed by TrustAnchor"),
        (request, "customerCA", "SignedCert holds a certificate signing request"),
        (
            (guide.folder / "customerCA.crt").read_text(encoding="ascii"),
            "customerCA",
            "is not a certificate for the key of",
        ),
        (signed, f"{guide.cluster_id}_CustomerHsmCertificate", "TrustAnchor is not a self-signed"),
    ):
        with pytest.raises(ClientError, match=reason) as refused:
            guide.initialize(given, authority)
        assert refused.value.response["Error"]["Code"] == "CloudHsmInvalidRequestException"
    assert guide.described()["State"] == "UNINITIALIZED"
    guide.initialize(signed, "customerCA")
    with pytest.raises(ClientError, match="still contains HSMs"):
        guide.hsm2.delete_cluster(ClusterId=guide.cluster_id)
    (hsm,) = guide.described()["Hsms"]
    guide.hsm2.delete_hsm(ClusterId=guide.cluster_id, EniId=hsm["EniId"])
    assert guide.hsm2.delete_cluster(ClusterId=guide.cluster_id)["Cluster"]["State"] == "DELETE_IN_PROGRESS"
    assert guide.described()["State"] == "DELETED"
