"""How commands end, and how they say what is wrong."""

from __future__ import annotations

import json
import sys
from typing import Any

OK = 0
REFUSED = 1
USAGE = 2


def complain(sentence: str) -> None:
    """Say on stderr what is wrong."""
    print(f"mockaws: {sentence}", file=sys.stderr)  # noqa: T201


def show(answer: Any) -> None:
    """Print what a server answered, for people and programs: JSON, a member a line."""
    print(json.dumps(answer, indent=2))  # noqa: T201
