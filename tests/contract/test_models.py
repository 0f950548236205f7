"""The operations beside the service models of the installed botocore."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.gateway.journey import Gateway
from mockaws.model.service import load
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.services.kms import keys
from mockaws.services.operation import Service
from tests.wire import json_request

if TYPE_CHECKING:
    from tests.kinds import MakeWorld

SERVICES = (kms.service, cloudhsmv2.service, sts.service)


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
