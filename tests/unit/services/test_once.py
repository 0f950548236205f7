"""Side effects of calls: each happens once per call, and a failed call undoes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.inside import inside
from tests.samples import SUBNET_A, subnet

if TYPE_CHECKING:
    from mockaws.services.operation import Call
    from tests.kinds import MakeWorld


class Outside:
    """Something that can be made and removed."""

    def __init__(self) -> None:
        self.there: list[str] = []
        self.undone: list[str] = []
        self.runs = 0

    def make(self, call: Call, name: str) -> str:
        """Make something for a call, which is undone where the call does without it."""

        def make() -> str:
            self.there.append(name)
            return name

        def undo(made: str) -> None:
            self.there.remove(made)
            self.undone.append(made)

        return call.once(name, make, undo=undo)


def met_a_conflict(call: Call, outside: Outside) -> bool:
    """Let the call's first run meet a conflict; return True if this is that run."""
    outside.runs += 1
    call.lookup(type(subnet()), SUBNET_A)
    call.put(subnet("subnet-mine"))
    return outside.runs == 1


def test_it_is_kept(world: MakeWorld) -> None:
    """The side effects of a successful call stay."""
    here, outside = world(), Outside()
    inside(here, lambda call: outside.make(call, "one"))
    assert outside.there == ["one"]


def test_it_is_undone(world: MakeWorld) -> None:
    """The side effects of a failed call are undone, latest first. The caller gets the call's own error."""
    here, outside = world(), Outside()

    def work(call: Call) -> None:
        outside.make(call, "one")
        outside.make(call, "two")
        raise LookupError("no third")

    with pytest.raises(LookupError, match="no third"):
        inside(here, work)
    assert outside.there == []
    assert outside.undone == ["two", "one"]


def test_it_is_made_once(world: MakeWorld) -> None:
    """A call that runs again has what it made the first time, and loses what it does not need any more."""
    here, outside = world(), Outside()

    def work(call: Call) -> str:
        first = met_a_conflict(call, outside)
        if first:
            inside(here, lambda other: other.put(subnet()))
        return outside.make(call, "always") + outside.make(call, "first" if first else "second")

    assert inside(here, work) == "alwayssecond"
    assert outside.there == ["always", "second"]


def test_it_is_undone_when_a_later_run_fails(world: MakeWorld) -> None:
    """A call that is refused in its second run leaves nothing of the first behind."""
    here, outside = world(), Outside()

    def work(call: Call) -> None:
        if not met_a_conflict(call, outside):
            raise LookupError("too late")
        inside(here, lambda other: other.put(subnet()))
        outside.make(call, "first")

    with pytest.raises(LookupError, match="too late"):
        inside(here, work)
    assert outside.there == []
