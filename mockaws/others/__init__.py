"""All services but KMS, CloudHSM v2 and STS: moto's in this process, or those of another endpoint.

base.py says what both are, moto.py and forwarding.py are them, asking.py has the calls by which our operations ask
either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaws.others.base import Others

MOTO = "moto"


def others_of(setting: str | None) -> Others | None:
    """Return what answers for the other services as the setting says: `moto`, a URL, or None for nobody."""
    if setting is None:
        return None
    if setting == MOTO:
        from mockaws.others.moto import Moto  # noqa: PLC0415 - who does not ask for it does not wait for it

        return Moto()
    from mockaws.others.forwarding import Forwarding  # noqa: PLC0415

    return Forwarding(setting)
