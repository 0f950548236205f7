"""The things of one kind as a mapping, whose KeyError lists what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

V = TypeVar("V")

_MOST_SHOWN = 20


class NotFoundError(KeyError):
    """The mapping has no such name; the message lists the names that it has."""

    def __str__(self) -> str:
        return str(self.args[0])


class Listing(Mapping[str, V]):
    """The things of one *kind* in one *place*, by id, or by the *names* of a thing.

    Each access reads the world again, so a listing that a test holds follows it.
    """

    def __init__(
        self,
        kind: str,
        place: str,
        find: Callable[[], Mapping[str, V]],
        names: Callable[[V], tuple[str, ...]] = lambda _: (),
    ) -> None:
        self._kind = kind
        self._place = place
        self._find = find
        self._names = names

    def __getitem__(self, name: str) -> V:
        __tracebackhide__ = True  # pytest shows the line of the test, and not this
        found = self._find()
        if name in found:
            return found[name]
        for thing in found.values():
            if name in self._names(thing):
                return thing
        raise NotFoundError(f"there is no {self._kind} {name!r} {self._place}; there is {self._contents(found)}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._find())

    def __len__(self) -> int:
        return len(self._find())

    def __repr__(self) -> str:
        return f"<Listing of each {self._kind} {self._place}: {self._contents(self._find())}>"

    def _contents(self, found: Mapping[str, V]) -> str:
        if not found:
            return "none at all"
        shown = [repr(thing) for thing in list(found.values())[:_MOST_SHOWN]]
        if len(found) > _MOST_SHOWN:
            shown.append(f"{len(found) - _MOST_SHOWN} more")
        return ", ".join(shown)
