"""The operations beside the service models of the installed botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.gateway.journey import Gateway
from mockaws.model.service import load
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.services.cloudhsmv2 import errors as cloudhsmv2_errors
from mockaws.services.kms import errors as kms_errors
from mockaws.services.kms import keys
from mockaws.services.operation import Service
from tests.wire import json_request

if TYPE_CHECKING:
    from tests.kinds import MakeWorld

SERVICES = (kms.service, cloudhsmv2.service, sts.service)
WHOLE = (kms.service, cloudhsmv2.service)

_STORES_TO_COME = "external key stores are to come, and are refused in words"
# Errors that the models declare and no sentence of mockaws has, and why.
EXCUSED = {
    "CloudHsmAccessDeniedException": "what IAM lets a caller do is IAM's, which is not here",
    "InvalidAliasNameException": "recorded: KMS answers ValidationException for a bad name",
    "XksKeyAlreadyInUseException": _STORES_TO_COME,
    "XksKeyInvalidConfigurationException": _STORES_TO_COME,
    "XksKeyNotFoundException": _STORES_TO_COME,
    "XksProxyIncorrectAuthenticationCredentialException": _STORES_TO_COME,
    "XksProxyInvalidConfigurationException": _STORES_TO_COME,
    "XksProxyInvalidResponseException": _STORES_TO_COME,
    "XksProxyUriEndpointInUseException": _STORES_TO_COME,
    "XksProxyUriInUseException": _STORES_TO_COME,
    "XksProxyUriUnreachableException": _STORES_TO_COME,
    "XksProxyVpcEndpointServiceInUseException": _STORES_TO_COME,
    "XksProxyVpcEndpointServiceInvalidConfigurationException": _STORES_TO_COME,
    "XksProxyVpcEndpointServiceNotFoundException": _STORES_TO_COME,
}


@pytest.mark.parametrize("service", WHOLE, ids=lambda service: service.model.name)
def test_it_is_whole(service: Service) -> None:
    """Each operation of the installed model is there."""
    assert set(service.model.operations) == set(service.operations)


def test_every_error() -> None:
    """Each error that an operation declares has a sentence that some story ends with, or a line that says why not."""
    declared = {
        code for service in WHOLE for operation in service.model.operations.values() for code in operation.errors
    }
    catalogues = (kms_errors.catalogue, cloudhsmv2_errors.catalogue)
    there = {error.code for catalogue in catalogues for error in catalogue.declared}
    assert declared - there == EXCUSED.keys()


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.model.name)
def test_no_operation_lacks_a_parameter(service: Service) -> None:
    """Every request parameter that the model of an operation has is one of the function's."""
    assert {name: found.unknown for name, found in service.operations.items() if found.unknown} == {}


def test_a_newer_botocore_stops_nothing(world: MakeWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """A member that AWS has added since is ignored, as AWS ignores a member that it does not know."""
    newer = load.__wrapped__("kms")
    newer.shapes["CreateKeyRequest"]["members"]["Flavour"] = {"shape": "DescriptionType"}
    monkeypatch.setattr("mockaws.services.operation.load", lambda _: newer)
    answer = Gateway([Service("kms", keys)]).answer(world(), json_request("kms", "CreateKey", b'{"Flavour": "sweet"}'))
    assert answer.status == 200
