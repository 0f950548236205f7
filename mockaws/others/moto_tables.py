"""What moto knows, which is one set of tables for the whole process, taken out and put back in.

moto has one `BackendDict` a service. Beside them its classes keep lists of what was made of them, for its dashboard and
for closing the files in which S3 keeps objects, and some of them have registers of all of their kind.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

# The registers that classes share among accounts and Regions: module, class, attribute.
_REGISTERS = (
    ("moto.ec2.models.vpc_peering_connections", "VPCPeeringConnectionBackend", "vpc_pcx_refs"),
    ("moto.ec2.models.transit_gateway_attachments", "TransitGatewayAttachmentBackend", "backend_refs"),
    ("moto.securityhub.models", "SecurityHubBackend", "_org_configs"),
)


class _Table(NamedTuple):
    """A dictionary of moto's, what it holds, and those of its attributes that are dictionaries."""

    dictionary: dict[Any, Any]
    content: dict[Any, Any]
    attributes: dict[str, Any]


class Tables(NamedTuple):
    """All that moto knew."""

    services: list[_Table]
    registers: list[_Table]
    made: list[tuple[Any, list[Any]]]


NOTHING = Tables([], [], [])


def taken() -> Tables:
    """Empty all tables of moto, and return what was in them."""
    services = [_emptied(table) for table in _in_use()]
    _in_use().clear()
    return Tables(services, [_emptied(register) for register in _registers()], _made())


def given(tables: Tables) -> None:
    """Put into an empty moto what was taken out of it."""
    for dictionary, content, attributes in (*tables.services, *tables.registers):
        dictionary.update(content)
        for name, value in attributes.items():
            setattr(dictionary, name, value)
    _in_use().extend(table.dictionary for table in tables.services)
    for model, instances in tables.made:
        model.instances_tracked = instances


def forgotten() -> None:
    """Empty all tables of moto for good."""
    for table in list(_in_use()):
        for account in table.values():
            account.reset()  # which closes the files that S3 keeps objects in
    taken()


def _emptied(dictionary: Any) -> _Table:
    attributes = {name: value for name, value in getattr(dictionary, "__dict__", {}).items() if isinstance(value, dict)}
    table = _Table(dictionary, dict(dictionary), attributes)
    dictionary.clear()
    for name in attributes:
        setattr(dictionary, name, {})
    return table


def _in_use() -> list[Any]:
    """Return moto's own list of the tables that hold something."""
    from moto.core import base_backend  # noqa: PLC0415 - moto is imported when somebody calls

    tables: Any = base_backend.BackendDict
    in_use: list[Any] = tables._instances  # noqa: SLF001 - as moto's reset does; there is no other way to find them
    return in_use


def _registers() -> list[Any]:
    """Return those registers whose module was imported."""
    return [
        getattr(getattr(sys.modules[module], owner), name)
        for module, owner, name in _REGISTERS
        if module in sys.modules
    ]


def _made() -> list[tuple[Any, list[Any]]]:
    """Take what each class lists as made of it."""
    from moto.core.model_instances import model_data  # noqa: PLC0415 - as in `_in_use`

    models: list[Any] = [model for service in model_data.values() for model in service.values()]
    made = [(model, model.instances_tracked) for model in models if model.instances_tracked]
    for model, _ in made:
        model.instances_tracked = []
    return made
