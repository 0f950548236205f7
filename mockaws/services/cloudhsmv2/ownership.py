"""The two certificates that make somebody the owner of a cluster, each fault with its error.

AWS is on record with no sentence about any of this; what it asks for stands in its documentation.
https://docs.aws.amazon.com/cloudhsm/latest/userguide/initialize-cluster.html
https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_InitializeCluster.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mockaws.services.cloudhsmv2 import errors

if TYPE_CHECKING:
    from mockaws.crypto.certificates import Description

LONGEST = 5000
# The sizes of keys that a trust anchor may have, by the kind of key.
_KEY_BITS = {"RSA": range(2048, 4097), "EC": range(256, 522)}


def check(cluster_id: str, csr: str, signed_cert: str, trust_anchor: str, now: float) -> None:
    """Make sure that *trust_anchor* is the root of an authority which signed the key of *csr* in *signed_cert*."""
    from mockaws.crypto import certificates  # noqa: PLC0415 - dear, see there

    signed, anchor = readable("SignedCert", signed_cert), readable("TrustAnchor", trust_anchor)
    requested = certificates.requested_key(csr)
    not_swapped(signed, anchor, requested)
    of_the_cluster(cluster_id, signed, requested)
    self_signed(anchor)
    authority(anchor)
    strong(anchor)
    issued(signed, anchor)
    valid("TrustAnchor", anchor, now)
    valid("SignedCert", signed, now)


def readable(member: str, pem: str) -> Description:
    """Each member is one certificate in PEM form, not too long."""
    from mockaws.crypto import certificates  # noqa: PLC0415 - dear, see there

    if len(pem) > LONGEST:
        raise errors.CertificateTooLong(member=member, length=len(pem), longest=LONGEST)
    try:
        return certificates.describe(pem)
    except certificates.InvalidCertificateError as fault:
        raise errors.CertificateUnreadable(member=member, fault=fault) from None


def not_swapped(signed: Description, anchor: Description, requested: bytes) -> None:
    """SignedCert is about the cluster's key, TrustAnchor about the authority's."""
    if anchor.key == requested != signed.key:
        raise errors.CertificatesSwapped()


def of_the_cluster(cluster_id: str, signed: Description, requested: bytes) -> None:
    """The certificate is about the key of the cluster's request."""
    if signed.key != requested:
        raise errors.OtherKeySigned(cluster=cluster_id)


def self_signed(anchor: Description) -> None:
    """A trust anchor is a root: nobody else has signed it."""
    if not anchor.signed_itself:
        raise errors.NotSelfSigned()


def authority(anchor: Description) -> None:
    """A trust anchor with extensions says by them that it is an authority."""
    if not anchor.may_sign:
        raise errors.NoAuthority()


def strong(anchor: Description) -> None:
    """The key of a trust anchor is of a kind and a size that CloudHSM takes."""
    if anchor.bits not in _KEY_BITS.get(anchor.family, ()):
        raise errors.WeakTrustAnchor(kind=f"{anchor.family} with {anchor.bits} bits" if anchor.bits else anchor.family)


def issued(signed: Description, anchor: Description) -> None:
    """The trust anchor itself has signed the certificate, without anybody between."""
    from mockaws.crypto import certificates  # noqa: PLC0415 - dear, see there

    if not certificates.issued_by(signed.certificate, anchor.certificate):
        raise errors.NotIssued()


def valid(member: str, certificate: Description, now: float) -> None:
    """Both certificates are valid at the world's time."""
    begin, end = certificate.valid_from, certificate.valid_until
    if not begin <= now <= end:
        raise errors.NotValidNow(member=member, begin=_shown(begin), end=_shown(end), now=_shown(now))


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
