"""The state of moto, one set of tables for the whole process, taken out and put in.

moto has one `BackendDict` a service. Its classes also list their instances, for its dashboard and for closing the files
of S3 objects, and some classes have registers of all instances.
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

# Registers that classes share among accounts and Regions: module, class, attribute.
_REGISTERS = (
    ("moto.ec2.models.vpc_peering_connections", "VPCPeeringConnectionBackend", "vpc_pcx_refs"),
    ("moto.ec2.models.transit_gateway_attachments", "TransitGatewayAttachmentBackend", "backend_refs"),
    ("moto.securityhub.models", "SecurityHubBackend", "_org_configs"),
)


class _Table(NamedTuple):
    """A dictionary of moto, its content, and those of its attributes that are dictionaries."""

    dictionary: dict[Any, Any]
    content: dict[Any, Any]
    attributes: dict[str, Any]


class Tables(NamedTuple):
    """All state of moto."""

    services: list[_Table]
    registers: list[_Table]
    instances: list[tuple[Any, list[Any]]]


NOTHING = Tables([], [], [])


def take_out() -> Tables:
    """Empty all tables of moto, and return their content."""
    services = [_emptied(table) for table in _in_use()]
    _in_use().clear()
    return Tables(services, [_emptied(register) for register in _registers()], _instances())


def put_in(tables: Tables) -> None:
    """Put tables that were taken out into an empty moto."""
    for dictionary, content, attributes in (*tables.services, *tables.registers):
        dictionary.update(content)
        for name, value in attributes.items():
            setattr(dictionary, name, value)
    _in_use().extend(table.dictionary for table in tables.services)
    for model, instances in tables.instances:
        model.instances_tracked = instances


def clear() -> None:
    """Delete the content of all tables of moto."""
    for table in list(_in_use()):
        for account in table.values():
            account.reset()  # closes the files of S3 objects
    take_out()


def _emptied(dictionary: Any) -> _Table:
    attributes = {name: value for name, value in getattr(dictionary, "__dict__", {}).items() if isinstance(value, dict)}
    table = _Table(dictionary, dict(dictionary), attributes)
    dictionary.clear()
    for name in attributes:
        setattr(dictionary, name, {})
    return table


def _in_use() -> list[Any]:
    """Return moto's own list of the tables in use."""
    from moto.core import base_backend  # noqa: PLC0415 - moto is imported on demand

    tables: Any = base_backend.BackendDict
    in_use: list[Any] = tables._instances  # noqa: SLF001 - as moto's reset finds them
    return in_use


def _registers() -> list[Any]:
    """Return the registers of imported modules."""
    return [
        getattr(getattr(sys.modules[module], owner), name)
        for module, owner, name in _REGISTERS
        if module in sys.modules
    ]


def _instances() -> list[tuple[Any, list[Any]]]:
    """Empty each class's list of instances, and return the lists."""
    from moto.core.model_instances import model_data  # noqa: PLC0415 - as in `_in_use`

    models: list[Any] = [model for service in model_data.values() for model in service.values()]
    instances = [(model, model.instances_tracked) for model in models if model.instances_tracked]
    for model, _ in instances:
        model.instances_tracked = []
    return instances
