"""The part of CBOR that AWS's shapes need, checked before a library reads it: RFC 8949.

A library makes Python objects of tags for regular expressions, shared references, sets or decimal fractions, which a
few bytes can make large, cyclic or slow. No shape has them. So the structure of a body is checked first, without
recursion and without memory: a body that passes holds maps with text keys, lists, texts, bytes, numbers, booleans, null
and timestamps, of a bounded depth and number.
"""

from __future__ import annotations

from dataclasses import dataclass

SELF_DESCRIBED = bytes.fromhex("d9d9f7")
"""The head of tag 55799, which says that what follows is CBOR, and changes nothing about it."""

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _LIST, _MAP, _TAG, _OTHER = range(8)
_EPOCH_SECONDS = 1
_INDEFINITE = 31
_BREAK = 0xFF
_LITERALS = frozenset({20, 21, 22})  # false, true, null
_FLOATS = frozenset({25, 26, 27})
_FIRST_LENGTH, _LAST_LENGTH = 24, 27  # how an argument of 1, 2, 4 or 8 bytes is announced
_DEEPEST = 32
_MOST_ITEMS = 10_000


class NotPlainError(ValueError):
    """The bytes are not CBOR, or hold a type that no shape of AWS's models has."""


@dataclass(slots=True)
class _Container:
    """An open list or map: the number of its items (None: until a break), and of those read so far."""

    is_map: bool
    count: int | None
    read: int = 0

    def is_key_next(self) -> bool:
        return self.is_map and self.read % 2 == 0


def plain(body: bytes) -> bytes:
    """Return the one data item of *body*, without a tag that marks it as CBOR. Raises NotPlainError."""
    start = 0
    while body.startswith(SELF_DESCRIBED, start):
        start += len(SELF_DESCRIBED)
    scan = _Scan(body, start)
    scan.item()
    if scan.at != len(body):
        raise NotPlainError("something follows the data item")
    return body[start:]


class _Scan:
    def __init__(self, body: bytes, start: int) -> None:
        self.at = start
        self._body = body
        self._open: list[_Container] = []
        self._items = 0

    def item(self) -> None:
        """Move to the end of the data item that begins here."""
        while True:
            if self._peek() == _BREAK and self._open:
                self._end_by_break()
            elif self._begins_container():
                continue
            if self._is_complete():
                return

    def _begins_container(self) -> bool:
        """Move behind the next head, and behind its string or number; return True if items of a container follow."""
        self._items += 1
        if self._items > _MOST_ITEMS:
            raise NotPlainError(f"more than {_MOST_ITEMS} data items")
        major, info = divmod(self._peek(), 32)
        if self._open and self._open[-1].is_key_next() and major != _TEXT:
            raise NotPlainError("a key that is not text")
        if major == _OTHER:
            self._skip_other(info)
            return False
        argument = self._argument()
        if major in {_BYTES, _TEXT}:
            self._skip_string(major, argument)
        elif major in {_LIST, _MAP}:
            return self._enter(_Container(major == _MAP, argument if argument is None else argument * (major - 3)))
        elif argument is None:
            raise NotPlainError("a number without an end")
        elif major == _TAG:
            self._skip_timestamp(argument)
        return False

    def _enter(self, container: _Container) -> bool:
        if container.count == 0:
            return False
        if (container.count or 0) > len(self._body) - self.at:
            raise NotPlainError("a container that ends too early")
        if len(self._open) == _DEEPEST:
            raise NotPlainError(f"more than {_DEEPEST} levels")
        self._open.append(container)
        return True

    def _is_complete(self) -> bool:
        """Count an item that has ended, and the containers that end with it; return True if none is open."""
        while self._open:
            container = self._open[-1]
            container.read += 1
            if container.read != container.count:
                return False
            self._open.pop()
        return True

    def _end_by_break(self) -> None:
        container = self._open.pop()
        if container.count is not None or (container.is_map and not container.is_key_next()):
            raise NotPlainError("a break where a data item is missing")
        self.at += 1

    def _skip_string(self, major: int, length: int | None) -> None:
        if length is not None:
            self._skip(length)
            return
        while self._peek() != _BREAK:
            kind = self._peek() // 32
            part = self._argument()
            if kind != major or part is None:
                raise NotPlainError("a string in parts of other types")
            self._skip(part)
        self.at += 1

    def _skip_timestamp(self, tag: int) -> None:
        major, info = divmod(self._peek(), 32)
        if tag != _EPOCH_SECONDS or not (major in {_UNSIGNED, _NEGATIVE} or (major == _OTHER and info in _FLOATS)):
            raise NotPlainError(f"tag {tag}")
        if self._argument() is None:
            raise NotPlainError("a number without an end")

    def _skip_other(self, info: int) -> None:
        if info not in _LITERALS and info not in _FLOATS:
            raise NotPlainError("a simple value other than false, true and null")
        self._argument()

    def _argument(self) -> int | None:
        """Return the argument of the head here, or None for an indefinite length, and move behind the head."""
        info = self._peek() % 32
        self.at += 1
        if info < _FIRST_LENGTH:
            return info
        if info == _INDEFINITE:
            return None
        if info > _LAST_LENGTH:
            raise NotPlainError("a reserved length")
        start = self.at
        self._skip(1 << (info - _FIRST_LENGTH))
        return int.from_bytes(self._body[start : self.at])

    def _skip(self, count: int) -> None:
        if count > len(self._body) - self.at:
            raise NotPlainError("the end comes too early")
        self.at += count

    def _peek(self) -> int:
        if self.at >= len(self._body):
            raise NotPlainError("the end comes too early")
        return self._body[self.at]
