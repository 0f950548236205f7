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

_NO_EXTERNAL_STORES = "external key stores are not supported"
# Errors that the models declare and no sentence of mockaws has, and why.
EXCUSED = {
    "CloudHsmAccessDeniedException": "what IAM lets a caller do is IAM's, which is not here",
    "InvalidAliasNameException": "recorded: KMS answers ValidationException for a bad name",
    "XksKeyAlreadyInUseException": _NO_EXTERNAL_STORES,
    "XksKeyInvalidConfigurationException": _NO_EXTERNAL_STORES,
    "XksKeyNotFoundException": _NO_EXTERNAL_STORES,
    "XksProxyIncorrectAuthenticationCredentialException": _NO_EXTERNAL_STORES,
    "XksProxyInvalidConfigurationException": _NO_EXTERNAL_STORES,
    "XksProxyInvalidResponseException": _NO_EXTERNAL_STORES,
    "XksProxyUriEndpointInUseException": _NO_EXTERNAL_STORES,
    "XksProxyUriInUseException": _NO_EXTERNAL_STORES,
    "XksProxyUriUnreachableException": _NO_EXTERNAL_STORES,
    "XksProxyVpcEndpointServiceInUseException": _NO_EXTERNAL_STORES,
    "XksProxyVpcEndpointServiceInvalidConfigurationException": _NO_EXTERNAL_STORES,
    "XksProxyVpcEndpointServiceNotFoundException": _NO_EXTERNAL_STORES,
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
