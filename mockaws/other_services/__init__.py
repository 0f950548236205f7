"""All services but KMS, CloudHSM v2 and STS: moto's in this process, or those of another endpoint.

base.py has their interface, moto.py and forwarding.py are its implementations, and query_client.py has the requests by
which our operations call them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaws.other_services.base import OtherServices

MOTO = "moto"


def other_services_of(setting: str | None) -> OtherServices | None:
    """Return the other services that a setting names: `moto` or a URL; None without a setting."""
    if setting is None:
        return None
    if setting == MOTO:
        from mockaws.other_services.moto import Moto  # noqa: PLC0415 - only this setting needs its imports

        return Moto()
    from mockaws.other_services.forwarding import Forwarding  # noqa: PLC0415

    return Forwarding(setting)
