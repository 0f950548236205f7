"""scripts/terraform.py as a module, because it is outside of every package."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import terraform  # noqa: E402 - only now it can be found

__all__ = ["ROOT", "terraform"]
