"""The certificates of clusters and key stores: those that a fixture gives, and those it leaves out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mockaws import files
from mockaws.crypto.pem import same_certificate
from mockaws.records.cloudhsm import HsmCertificates
from mockaws.seed import library

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Hsm
    from mockaws.seed.draft import Draft, Item

_LONGEST = 5000  # characters of a TrustAnchorCertificate in KMS
_LONGEST_FILE_NAME = 80
_MOST_MADE = 256


def given(item: Item, name: str, draft: Draft) -> str | None:
    """Return the certificate that property *name* gives, None where it gives none; a bad one is reported."""
    pem = _from_file(item, name, draft) if isinstance(item.value(name), dict) else item.text(name)
    if pem is None:
        return None
    if len(pem) > _LONGEST:
        item.wrong(name, f"has {len(pem)} characters", f"a certificate of at most {_LONGEST}, which is what KMS takes")
        return None
    reason = _fault(pem)
    if reason is not None:
        # Whoever names a file without saying that it is one needs to know how.
        file = pem if "\n" not in pem and len(pem) < _LONGEST_FILE_NAME else "…"
        item.wrong(name, reason, f"a certificate in PEM form, or {{file: {file}}} where it is in a file")
        return None
    return pem


def issued_by(certificate: str, authority: str) -> bool:
    """Tell whether the *authority* signed the *certificate*."""
    from mockaws.crypto import certificates as x509  # noqa: PLC0415 - dear, see there

    return x509.issued_by(x509.read(certificate), x509.read(authority))


@lru_cache(_MOST_MADE)
def for_cluster(cluster_id: str, trust_anchor: str) -> str:
    """Return the certificate of a cluster whose fixture gives none.

    It names the *trust_anchor* as its issuer. Its signature is only good where that is the shipped authority, whose key
    is there.
    """
    shipped = same_certificate(trust_anchor, library.certificate())
    written_down = library.cluster_certificate(cluster_id) if shipped else None
    if written_down is not None:
        return written_down
    from mockaws.crypto import certificates as x509  # noqa: PLC0415 - dear, see there

    return x509.for_cluster(cluster_id, x509.read(trust_anchor), library.key())


def of_hsm(cluster: Item, hsm: Hsm, mode: str, now: float) -> HsmCertificates:
    """Return what proves the first HSM of a cluster genuine: new ones each time, as no RSA key can be derived."""
    from mockaws.crypto import hsm_identity  # noqa: PLC0415 - dear, see there

    number = int(cluster.ids("hsms").hexadecimal(12), 16)
    return HsmCertificates(**hsm_identity.new(hsm.hsm_type, mode, number, now)._asdict())


def _from_file(item: Item, name: str, draft: Draft) -> str | None:
    inner = item.item(name)
    file = inner.text("file")
    if file is None:
        return None
    if draft.folder is None:
        inner.wrong("file", "cannot be read: this fixture was sent to a server", "the certificate itself, in PEM form")
        return None
    draft.timeless = False  # the file may say something else the next time
    try:
        return files.read_named(draft.folder / file)
    except (OSError, ValueError) as error:
        reason = files.reason(error, "is not text")
        inner.wrong("file", f"{file} cannot be read: {reason}", "a file with a certificate in PEM form")
        return None


def _fault(pem: str) -> str | None:
    if same_certificate(pem, library.certificate()):
        return None
    from mockaws.crypto import certificates as x509  # noqa: PLC0415 - dear, see there

    try:
        x509.read(pem)
    except x509.InvalidCertificateError as error:
        return str(error)
    return None
