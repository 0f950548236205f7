"""CloudHSM v2 as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.wire import ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.gateway.journey import Gateway


@pytest.fixture
def hsm2(gateway: Gateway) -> Callable[..., Any]:
    """Return `hsm2(world, "CreateHsm", ClusterId=…)`, which answers or raises RefusedError."""

    def call(world: Any, operation: str, **members: Any) -> Any:
        return ask(gateway, world, "cloudhsmv2", operation, members)

    return call
