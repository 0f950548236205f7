"""The two certificates that prove the ownership of a cluster.

The rules are documented. No source shows AWS's sentences about violations.
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
# The permitted key sizes of a trust anchor in bits, by kind.
_KEY_BITS = {"RSA": range(2048, 4097), "EC": range(256, 522)}


def require_owner_certificates(cluster_id: str, csr: str, signed_cert: str, trust_anchor: str, now: float) -> None:
    """Require that *trust_anchor* is the root of an authority that signed the key of *csr* in *signed_cert*.

    Raises CloudHsmInvalidRequestException.
    """
    from mockaws.crypto import certificates  # noqa: PLC0415 - a slow import, see there

    signed, anchor = description("SignedCert", signed_cert), description("TrustAnchor", trust_anchor)
    requested = certificates.requested_key(csr)
    require_not_swapped(signed, anchor, requested)
    require_cluster_key(cluster_id, signed, requested)
    require_self_signed(anchor)
    require_authority(anchor)
    require_strong_key(anchor)
    require_issued(signed, anchor)
    require_valid_now("TrustAnchor", anchor, now)
    require_valid_now("SignedCert", signed, now)


def description(member: str, pem: str) -> Description:
    """Return the description of the certificate in a member.

    Raises CloudHsmInvalidRequestException unless it is one certificate in PEM form of at most LONGEST characters.
    """
    from mockaws.crypto import certificates  # noqa: PLC0415 - a slow import, see there

    if len(pem) > LONGEST:
        raise errors.CertificateTooLong(member=member, length=len(pem), longest=LONGEST)
    try:
        return certificates.describe(pem)
    except certificates.InvalidCertificateError as flaw:
        raise errors.CertificateUnreadable(member=member, flaw=flaw) from None


def require_not_swapped(signed: Description, anchor: Description, requested: bytes) -> None:
    """Require that the caller has not swapped SignedCert and TrustAnchor. Raises CloudHsmInvalidRequestException."""
    if anchor.key == requested != signed.key:
        raise errors.CertificatesSwapped()


def require_cluster_key(cluster_id: str, signed: Description, requested: bytes) -> None:
    """Require a certificate for the key of the cluster's signing request. Raises CloudHsmInvalidRequestException."""
    if signed.key != requested:
        raise errors.OtherKeySigned(cluster=cluster_id)


def require_self_signed(anchor: Description) -> None:
    """Require a trust anchor that is a root, signed by itself. Raises CloudHsmInvalidRequestException."""
    if not anchor.signed_itself:
        raise errors.NotSelfSigned()


def require_authority(anchor: Description) -> None:
    """Require that the extensions of a trust anchor, if any, permit it to sign.

    Raises CloudHsmInvalidRequestException.
    """
    if not anchor.may_sign:
        raise errors.NoAuthority()


def require_strong_key(anchor: Description) -> None:
    """Require a trust anchor's key of a kind and a size that CloudHSM accepts.

    Raises CloudHsmInvalidRequestException.
    """
    if anchor.bits not in _KEY_BITS.get(anchor.family, ()):
        raise errors.WeakTrustAnchor(kind=f"{anchor.family} with {anchor.bits} bits" if anchor.bits else anchor.family)


def require_issued(signed: Description, anchor: Description) -> None:
    """Require that the trust anchor itself signed the certificate. Raises CloudHsmInvalidRequestException."""
    from mockaws.crypto import certificates  # noqa: PLC0415 - a slow import, see there

    if not certificates.issued_by(signed.certificate, anchor.certificate):
        raise errors.NotIssued()


def require_valid_now(member: str, certificate: Description, now: float) -> None:
    """Require a certificate that is valid at the world's time. Raises CloudHsmInvalidRequestException."""
    begin, end = certificate.valid_from, certificate.valid_until
    if not begin <= now <= end:
        raise errors.NotValidNow(member=member, begin=_shown(begin), end=_shown(end), now=_shown(now))


def _shown(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
