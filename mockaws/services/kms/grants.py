"""Grants."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call


def check_tokens(call: Call, tokens: Sequence[str]) -> None:
    """Check tokens."""
