"""Verbs of a server: health, its own description, and the root certificates of HSMs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mockaws import __version__
from mockaws.worlds.control.verbs import NotThereError

if TYPE_CHECKING:
    from mockaws.worlds.control.verbs import Context

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html
_ROOTS = {path.name: path for path in sorted(Path(__file__).resolve().parents[2].joinpath("roots").glob("*.crt"))}


def health(context: Context) -> dict[str, Any]:
    """Return that the server is up, its version, fixture, and number of operations of each service."""
    server = context.controlled
    return {
        "status": "running",
        "version": __version__,
        "fixture": server.fixture,
        "services": server.operation_counts(),
    }


def localstack_health(context: Context) -> dict[str, Any]:
    """Return that each service is up, in the form of LocalStack's health."""
    services = dict.fromkeys(context.controlled.operation_counts(), "running")
    return {"services": services, "edition": "mockaws", "version": __version__}


def describe(_: Context) -> dict[str, Any]:
    """Return the OpenAPI document of all control routes."""
    from mockaws.worlds.control.openapi import description  # noqa: PLC0415 - few clients ask for it

    return description()


def root_certificate(_: Context, name: str) -> bytes:
    """Return a root certificate in PEM, under the name of AWS's download. Raises NotThereError."""
    if name not in _ROOTS:
        raise NotThereError(f"there is no certificate '{name}', only {' and '.join(_ROOTS)}")
    return _ROOTS[name].read_bytes()
