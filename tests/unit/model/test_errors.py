"""Errors are declared against the model of their service."""

from __future__ import annotations

import pytest

from mockaws.model.errors import CHOSEN, RECORDED, AWSError
from mockaws.model.service import load


def test_a_declared_error() -> None:
    """Calling a declared error fills in its blanks; what is filled in may hold braces of its own."""
    declare = load("cloudhsmv2").catalogue()
    not_found = declare("CloudHsmResourceNotFoundException", CHOSEN, "Cluster '{id}' does not exist")
    error = not_found(id="{x}")
    assert str(error) == "CloudHsmResourceNotFoundException: Cluster '{x}' does not exist"
    assert (error.status, error.member, error.modelled) == (400, "Message", True)
    assert declare.declared == [not_found]
    with pytest.raises(KeyError, match="id"):
        not_found()


@pytest.mark.parametrize(
    ("service", "code", "wire_code", "status", "member", "modelled"),
    [
        ("sts", "MalformedPolicyDocumentException", "MalformedPolicyDocument", 400, "message", True),
        ("sts", "ValidationException", "ValidationException", 400, "message", False),
        ("kms", "AccessDeniedException", "AccessDeniedException", 400, "Message", False),
        ("kms", "DependencyTimeoutException", "DependencyTimeoutException", 500, "message", True),
    ],
)
def test_what_the_model_says(
    service: str, code: str, wire_code: str, status: int, member: str, *, modelled: bool
) -> None:
    """Code on the wire, status and member come from the model; errors that all services share are in no model."""
    error = load(service).catalogue()(code, RECORDED)()
    assert (error.code, error.status, error.member, error.modelled) == (wire_code, status, member, modelled)
    assert error.message == ""


def test_a_status_of_its_own() -> None:
    """A declaration may say another HTTP status."""
    assert load("kms").catalogue()("NotFoundException", CHOSEN, status=404)().status == 404


def test_an_error_that_the_service_does_not_have() -> None:
    """An error that neither the model nor the list of common errors has cannot be declared."""
    with pytest.raises(LookupError, match="kms has no error ResourceNotFoundException"):
        load("kms").catalogue()("ResourceNotFoundException", CHOSEN)


def test_an_error_without_a_story() -> None:
    """Without a message, AWS's sentence without blanks has priority over a chosen one."""
    declare = load("cloudhsmv2").catalogue()
    declare("CloudHsmInvalidRequestException", RECORDED, "Provided HsmType is not supported.")
    declare("CloudHsmInvalidRequestException", CHOSEN, "Specify exactly one of HsmId, EniId and EniIp")
    declare("CloudHsmTagException", CHOSEN, "Duplicate tag keys")
    declare("ThrottlingException", CHOSEN, "Rate exceeded")
    assert declare.error("CloudHsmInvalidRequestException").message == "Provided HsmType is not supported."
    assert declare.error("CloudHsmTagException").message.startswith("The request was rejected because of a tagging")
    assert declare.error("ThrottlingException").message == "Rate exceeded"
    assert declare.error("CloudHsmTagException", "not today").message == "not today"


def test_an_error_of_the_gateway() -> None:
    """An error that the gateway raises itself is HTTP 400 and in no model."""
    error = AWSError("SerializationException")
    assert (error.status, error.modelled, str(error)) == (400, False, "SerializationException: ")
