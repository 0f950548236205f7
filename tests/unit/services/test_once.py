"""What a call does outside its transaction: once, however often it runs, and not at all where it fails."""

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
        self.runs = 0

    def make(self, call: Call, name: str) -> str:
        """Make something for a call, which is undone where the call does without it."""

        def make() -> str:
            self.there.append(name)
            return name

        return call.once(name, make, undo=self.there.remove)


def met_a_conflict(call: Call, outside: Outside) -> bool:
    """Let the call's first run meet a conflict; tell whether this is that run."""
    outside.runs += 1
    call.lookup(type(subnet()), SUBNET_A)
    call.put(subnet("subnet-mine"))
    return outside.runs == 1


def test_it_is_kept(world: MakeWorld) -> None:
    """What a call that succeeds has made stays."""
    here, outside = world(), Outside()
    inside(here, lambda call: outside.make(call, "one"))
    assert outside.there == ["one"]


def test_it_is_undone(world: MakeWorld) -> None:
    """What a call that fails has made is undone, latest first; its own error is what the caller reads."""
    here, outside = world(), Outside()

    def work(call: Call) -> None:
        outside.make(call, "one")
        outside.make(call, "two")
        raise LookupError("no third")

    with pytest.raises(LookupError, match="no third"):
        inside(here, work)
    assert outside.there == []


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
