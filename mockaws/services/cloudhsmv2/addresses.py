"""Addresses of HSMs in a subnet.

AWS reserves five addresses of each subnet: the first four and the last.
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from typing import TYPE_CHECKING

from mockaws.services.cloudhsmv2 import errors

if TYPE_CHECKING:
    from collections.abc import Collection

    from mockaws.records.cloudhsm import Hsm, Subnet

_RESERVED_AT_THE_START = 4
_RESERVED_AT_THE_END = 1
_IPV6_PREFIX = bytes.fromhex("26001f14")  # one of those that AWS gives to VPCs


def requested_address(subnet: Subnet, text: str, taken: Collection[str]) -> str:
    """Return the address that the caller requests.

    Raises CloudHsmInvalidRequestException if it is outside the subnet, reserved, or in use.
    """
    network = IPv4Network(subnet.cidr, strict=False)
    try:
        address = IPv4Address(text)
    except ValueError:
        address = None
    if address is None or address not in network:
        raise errors.AddressNotInSubnet(address=text, subnet=subnet.id, cidr=subnet.cidr)
    if int(address) not in _usable(network):
        raise errors.AddressReserved(address=text, subnet=subnet.id)
    if text in taken:
        raise errors.AddressInUse(address=text)
    return text


def lowest_free_address(subnet: Subnet, taken: Collection[str]) -> str:
    """Return the lowest free address of a subnet. Raises CloudHsmInvalidRequestException if all are taken."""
    for number in _usable(IPv4Network(subnet.cidr, strict=False)):
        address = str(IPv4Address(number))
        if address not in taken:
            return address
    raise errors.SubnetFull(subnet=subnet.id)


def ipv6_address(hsm: Hsm) -> str:
    """Return the IPv6 address of an HSM's network interface, derived from its id and the subnet's."""
    parts = (_IPV6_PREFIX, _digest(hsm.subnet_id)[:4], _digest(hsm.eni_id)[:8])
    return str(IPv6Address(b"".join(parts)))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _usable(network: IPv4Network) -> range:
    first, last = int(network.network_address), int(network.broadcast_address)
    return range(first + _RESERVED_AT_THE_START, last + 1 - _RESERVED_AT_THE_END)
