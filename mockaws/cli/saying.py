"""How commands end, and how they say what is wrong."""

from __future__ import annotations

import sys

OK = 0
REFUSED = 1
USAGE = 2


def complain(sentence: str) -> None:
    """Say on stderr what is wrong."""
    print(f"mockaws: {sentence}", file=sys.stderr)  # noqa: T201
