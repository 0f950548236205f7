"""Recipients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.services.kms import errors

if TYPE_CHECKING:
    from mockaws.services.operation import Call


def read(call: Call, recipient: dict[str, Any] | None) -> None:
    """Read."""
    if recipient is not None:
        raise errors.RecipientNotThere()


def deliver(enclave: None, **plaintext: bytes) -> dict[str, Any]:
    """Deliver."""
    return dict(plaintext)
