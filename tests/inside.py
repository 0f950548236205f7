"""Work inside a transaction of a world, without an AWS request: `inside(world, lambda call: …)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.services.operation import Call
    from mockaws.worlds.world import World

T = TypeVar("T")


def inside(world: World, work: Callable[[Call], T], *, account: str = ACCOUNT, region: str = REGION) -> T:
    """Return what *work* returns, done in one transaction by a caller of an account and Region."""
    caller = Caller(account, account, region, f"arn:aws:iam::{account}:user/mockaws", "AIDAEXAMPLE")
    return world.run("Test", caller, "request", work)
