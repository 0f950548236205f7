"""AWS's models, as botocore's data files have them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from mockaws.model.service import ModelMissingError, load


@pytest.mark.parametrize(
    ("name", "full_name", "prefix", "signing_name", "protocols"),
    [
        ("kms", "AWS Key Management Service", "TrentService", "kms", {"json"}),
        ("cloudhsmv2", "AWS CloudHSM V2", "BaldrApiService", "cloudhsm", {"json", "smithy-rpc-v2-cbor"}),
        ("sts", "AWS Security Token Service", None, "sts", {"query"}),
    ],
)
def test_how_a_service_is_spoken_to(
    name: str, full_name: str, prefix: str | None, signing_name: str, protocols: set[str]
) -> None:
    """The model tells the protocols, the target prefix, and the name in signatures, which need not be the service's."""
    model = load(name)
    assert (model.name, model.full_name, model.target_prefix) == (name, full_name, prefix)
    assert model.signing_name == signing_name
    assert model.protocols >= protocols


def test_operations() -> None:
    """An operation has its members in the model's order, its errors, and whether it needs a signature."""
    sts = load("sts").operations
    assert sts["GetAccessKeyInfo"].members == ("AccessKeyId",)
    assert sts["GetCallerIdentity"].members == ()
    assert sts["AssumeRole"].result_wrapper == "AssumeRoleResult"
    assert {name for name in sts if sts[name].unsigned} >= {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"}
    assert not sts["AssumeRole"].unsigned
    kms = load("kms").operations
    assert kms["EnableKey"].output_shape is None
    assert kms["ConnectCustomKeyStore"].output_shape == "ConnectCustomKeyStoreResponse"
    assert "DisabledException" in kms["Encrypt"].errors
    assert repr(kms["Encrypt"]) == "<OperationModel kms.Encrypt>"


@pytest.mark.parametrize(
    ("name", "shape", "code", "status", "member"),
    [
        ("kms", "NotFoundException", "NotFoundException", 400, "message"),
        ("kms", "KMSInternalException", "KMSInternalException", 500, "message"),
        ("kms", "DependencyTimeoutException", "DependencyTimeoutException", 500, "message"),
        ("cloudhsmv2", "CloudHsmInvalidRequestException", "CloudHsmInvalidRequestException", 400, "Message"),
        ("cloudhsmv2", "CloudHsmInternalFailureException", "CloudHsmInternalFailureException", 500, "Message"),
        ("sts", "MalformedPolicyDocumentException", "MalformedPolicyDocument", 400, "message"),
        ("sts", "IDPRejectedClaimException", "IDPRejectedClaim", 403, "message"),
    ],
)
def test_errors(name: str, shape: str, code: str, status: int, member: str) -> None:
    """An error has a code on the wire, an HTTP status, and a member for its sentence, which CloudHSM capitalises."""
    error = load(name).errors[shape]
    assert (error.code, error.status, error.member) == (code, status, member)


@pytest.mark.parametrize(
    ("name", "code", "member"),
    [
        ("kms", "ValidationException", "message"),
        ("cloudhsmv2", "CloudHsmInvalidRequestException", "Message"),
        ("sts", "ValidationException", "message"),
    ],
)
def test_broken_constraints(name: str, code: str, member: str) -> None:
    """CloudHSM was recorded to call a broken constraint of its model by an error of its own."""
    error = load(name).constraint_error(violations="1 validation error detected: {…}")
    assert (error.code, error.message, error.status) == (code, "1 validation error detected: {…}", 400)
    assert error.member == member


def test_a_service_that_does_not_exist() -> None:
    """A service that botocore does not know is named in the error."""
    with pytest.raises(ModelMissingError, match="has no model of nonsense"):
        load("nonsense")


def test_botocore_is_not_imported() -> None:
    """Importing botocore costs a fifth of a second, so its files are read without it."""
    code = "import sys; from mockaws.model.service import load; load('kms'); sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
