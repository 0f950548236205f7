"""STS as a function."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.wire import ask, signature

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.worlds.world import World
    from tests.kinds import Ask


@pytest.fixture
def sts(gateway: Gateway) -> Ask:
    """Return `sts(world, "AssumeRole", key=…, RoleArn=…)`, which answers or raises RefusedError."""

    def call(world: World, operation: str, *, key: str | None = None, **members: Any) -> Any:
        changes = {"authorization": signature("sts", access_key_id=key)} if key is not None else {}
        return ask(gateway, world, "sts", operation, members, **changes)

    return call
