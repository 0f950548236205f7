"""The operations that a pattern such as `kms:Generate*` stands for, in all services that are modelled here."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import cache

from mockaws.model.service import load

SERVICES = ("kms", "cloudhsmv2", "sts")
"""The services by the names of their models."""

_OTHER_NAMES = {"cloudhsm": "cloudhsmv2"}


@cache
def operations() -> tuple[str, ...]:
    """Return all operations, each as `kms:Encrypt`."""
    return tuple(f"{service}:{operation}" for service in SERVICES for operation in load(service).operations)


def matching(pattern: str) -> frozenset[str]:
    """Return the operations that match *pattern*, each as `kms:Encrypt`; `cloudhsm` stands for `cloudhsmv2`."""
    service, colon, operation = pattern.partition(":")
    wanted = f"{_OTHER_NAMES.get(service, service)}{colon}{operation}"
    return frozenset(name for name in operations() if fnmatchcase(name, wanted))
