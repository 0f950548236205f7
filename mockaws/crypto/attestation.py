"""Attestation documents of Nitro Enclaves and NitroTPM, which KMS validates before it seals an answer for one.

A document is a COSE_Sign1 message (RFC 9052) in CBOR, tagged or not:

    protected      {1: -35}, which is ECDSA with SHA-384
    unprotected    {}
    payload        a map: the module, the PCRs, a public key, and the certificates of the signer up to a root
    signature      of the protected header and the payload, by the P-384 key of the payload's certificate

https://github.com/aws/aws-nitro-enclaves-nsm-api/blob/main/docs/attestation_process.md
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nitrotpm-attestation-document-validate.html

AWS trusts one root, that of its Nitro hypervisors. No test without an enclave could have a document signed by it, so
this module accepts the root in the document and validates everything else. A document without any certificate was
written by hand for a test: only its form and its public key are validated.

This import costs a server some 30 ms. Modules that need it seldom import it inside their functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import verification

from mockaws.clock import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COSE_SIGN1 = 18
_ES384 = {1: -35}
_COORDINATE_BYTES = 48
# AWS does not document a limit. Users report that KMS rejects a document that is five minutes old.
_FRESH = 5 * MINUTE
# The key sizes of AWS's SDK for enclaves.
_RSA_BITS = frozenset({2048, 3072, 4096})


class InvalidAttestationError(Exception):
    """A document that KMS rejects. The message has the reason."""


@dataclass(frozen=True, slots=True)
class Attestation:
    """The contents of a valid document.

    An enclave's document has *pcrs*, that of an instance with NitroTPM has *nitrotpm_pcrs*. *public_key* is the DER of
    an RSA key. Only the enclave or the instance has its private key.
    """

    module_id: str
    public_key: bytes
    pcrs: Mapping[int, bytes]
    nitrotpm_pcrs: Mapping[int, bytes]

    @property
    def image_sha384(self) -> bytes | None:
        """The digest of the enclave's image, which is its PCR0."""
        return self.pcrs.get(0)


def read(document: bytes, now: float) -> Attestation:
    """Return the contents of *document*. Raises InvalidAttestationError if it is not valid at *now*."""
    message = _message(document)
    contents = _decoded(message.payload)
    if not isinstance(contents, dict):
        raise InvalidAttestationError("its payload is not a map")
    if _is_signed(contents):
        _require_signed(message, contents, now)
    _require_public_key(contents.get("public_key"))
    return Attestation(
        module_id=contents.get("module_id", ""),
        public_key=contents["public_key"],
        pcrs=contents.get("pcrs") or {},
        nitrotpm_pcrs=contents.get("nitrotpm_pcrs") or {},
    )


def _is_signed(contents: dict[str, Any]) -> bool:
    """Return True if a document holds a certificate. Only a handwritten one has none."""
    bundle = contents.get("cabundle")
    return any(map(_is_certificate, [contents.get("certificate"), *(bundle if isinstance(bundle, list) else ())]))


def _is_certificate(der: object) -> bool:
    try:
        return isinstance(der, bytes) and _certificate(der) is not None
    except InvalidAttestationError:
        return False


def _require_signed(message: _Message, contents: dict[str, Any], now: float) -> None:
    """Require a valid signature and certificate chain, and fields as AWS's page defines them."""
    if _decoded(message.protected) != _ES384:
        raise InvalidAttestationError("its algorithm is not ES384")
    _require_fields(contents)
    signer = _certificate(contents["certificate"])
    authorities = [_certificate(der) for der in contents["cabundle"]]
    _require_signature(message, signer)
    _require_age(contents["timestamp"], now)
    _require_chain(signer, authorities, now)


class _Message(NamedTuple):
    protected: bytes
    payload: bytes
    signature: bytes


def _message(document: bytes) -> _Message:
    """Return the parts of a COSE_Sign1 message. Its unprotected header is ignored."""
    message = _decoded(document)
    if isinstance(message, cbor2.CBORTag) and message.tag == _COSE_SIGN1:
        message = message.value
    match message:
        case [bytes() as protected, Mapping(), bytes() as payload, bytes() as signature]:
            return _Message(protected, payload, signature)
    raise InvalidAttestationError("it is not a COSE_Sign1 message")


def _decoded(data: bytes) -> Any:
    try:
        return cbor2.loads(data)
    except (cbor2.CBORDecodeError, ValueError, RecursionError):
        raise InvalidAttestationError("it is not CBOR") from None


def _is_bytes(value: object, shortest: int, longest: int) -> bool:
    return isinstance(value, bytes) and shortest <= len(value) <= longest


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _are_pcrs(value: object) -> bool:
    return (
        isinstance(value, dict)
        and 1 <= len(value) <= 32  # noqa: PLR2004 - as many as there are indices
        and all(_is_whole(index, 0, 31) for index in value)
        and all(isinstance(pcr, bytes) and len(pcr) in {32, 48, 64} for pcr in value.values())
    )


class _Field(NamedTuple):
    holds: Callable[[Any], bool]
    rule: str
    optional: bool = False


_PCRS = _Field(_are_pcrs, "a map of 1 to 32 PCRs of 32, 48 or 64 bytes", optional=True)
# The fields as AWS's page defines them. The hypervisor writes null for an optional field without a value. On the page
# the public key is optional as well; KMS needs it.
_FIELDS = {
    "module_id": _Field(lambda value: isinstance(value, str) and value != "", "a text that is not empty"),
    "digest": _Field(lambda value: value == "SHA384", "SHA384"),
    "timestamp": _Field(lambda value: _is_whole(value, 1, 2**64 - 1), "milliseconds since 1970"),
    "certificate": _Field(lambda value: _is_bytes(value, 1, 1024), "1 to 1024 bytes"),
    "cabundle": _Field(
        lambda value: isinstance(value, list) and value != [] and all(_is_bytes(der, 1, 1024) for der in value),
        "a list of certificates of 1 to 1024 bytes",
    ),
    "public_key": _Field(lambda value: _is_bytes(value, 1, 1024), "1 to 1024 bytes"),
    "user_data": _Field(lambda value: _is_bytes(value, 0, 512), "at most 512 bytes", optional=True),
    "nonce": _Field(lambda value: _is_bytes(value, 0, 512), "at most 512 bytes", optional=True),
    "pcrs": _PCRS,
    "nitrotpm_pcrs": _PCRS,
}


def _require_fields(contents: dict[str, Any]) -> None:
    """Require that each field is as AWS's page defines it."""
    for name, field in _FIELDS.items():
        value = contents.get(name)
        if value is None and not field.optional:
            raise InvalidAttestationError(f"it has no {name}")
        if value is not None and not field.holds(value):
            raise InvalidAttestationError(f"its {name} is not {field.rule}")
    if contents.get("pcrs") is None and contents.get("nitrotpm_pcrs") is None:
        raise InvalidAttestationError("it has neither pcrs nor nitrotpm_pcrs")


def _certificate(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion):
        raise InvalidAttestationError("it holds something that is not an X.509 certificate") from None


def _require_signature(message: _Message, signer: x509.Certificate) -> None:
    """Require a signature by the P-384 key of the certificate: RFC 9052, section 4.4."""
    key = _public_key(signer)
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP384R1):
        raise InvalidAttestationError("its certificate is not that of a P-384 key")
    if len(message.signature) != 2 * _COORDINATE_BYTES:
        raise InvalidAttestationError(f"its signature does not have {2 * _COORDINATE_BYTES} bytes")
    halves = message.signature[:_COORDINATE_BYTES], message.signature[_COORDINATE_BYTES:]
    signature = encode_dss_signature(*map(int.from_bytes, halves))
    signed = cbor2.dumps(["Signature1", message.protected, b"", message.payload])
    try:
        key.verify(signature, signed, ec.ECDSA(SHA384()))
    except InvalidSignature:
        raise InvalidAttestationError("its signature does not verify") from None


def _public_key(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return None


def _require_age(timestamp: int, now: float) -> None:
    """Require a timestamp within five minutes of *now*, before or after it, because clocks differ."""
    if abs(now - timestamp / 1000) > _FRESH:
        raise InvalidAttestationError("it was not made within the last five minutes")


def _must_sign_certificates(policy: verification.Policy, certificate: x509.Certificate, usage: x509.KeyUsage) -> None:  # noqa: ARG001
    if not usage.key_cert_sign:
        raise ValueError("the key of an authority must be for signing certificates")


def _must_sign(policy: verification.Policy, certificate: x509.Certificate, usage: x509.KeyUsage) -> None:  # noqa: ARG001
    if not usage.digital_signature:
        raise ValueError("the key of the signer must be for signatures")


_ANYTHING = verification.ExtensionPolicy.permit_all()
_OF_AUTHORITIES = _ANYTHING.require_present(
    x509.BasicConstraints, verification.Criticality.CRITICAL, None
).require_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _must_sign_certificates)
_OF_THE_SIGNER = _ANYTHING.require_present(x509.KeyUsage, verification.Criticality.AGNOSTIC, _must_sign)


def _require_chain(signer: x509.Certificate, authorities: Sequence[x509.Certificate], now: float) -> None:
    """Require certificates that are valid now and lead from the signer to the root, the first of the bundle."""
    at = datetime.fromtimestamp(now, UTC)
    root, *others = authorities
    if not all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in (signer, *authorities)):
        raise InvalidAttestationError("a certificate of its chain is not valid at this time")
    policy = verification.PolicyBuilder().store(verification.Store([root])).time(at)
    verifier = policy.extension_policies(ca_policy=_OF_AUTHORITIES, ee_policy=_OF_THE_SIGNER).build_client_verifier()
    try:
        verifier.verify(signer, others)
    except (verification.VerificationError, ValueError):
        raise InvalidAttestationError("its certificates are not a chain from the root to the signer") from None


def _require_public_key(der: object) -> None:
    """Require an RSA public key of a size that AWS accepts."""
    if not isinstance(der, bytes):
        raise InvalidAttestationError("it has no public_key")
    try:
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size not in _RSA_BITS:
        raise InvalidAttestationError("its public_key is not the DER of an RSA key of 2048, 3072 or 4096 bits")
