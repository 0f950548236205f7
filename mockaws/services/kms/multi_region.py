"""What the keys of one multi-Region key share, and how it stays the same in all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call


def put(call: Call, key: Key) -> Key:
    """Create or change *key* and, where it has related keys, what they share with it and know of it."""
    call.put(key)
    return key
