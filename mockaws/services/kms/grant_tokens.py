"""Grant tokens: CreateGrant returns one, with which a grant can be used before all of KMS knows it.

A token names its grant and protects nothing: AWS calls it nonsecret, and its bearer must still be a principal of the
grant. Each call returns another token; all tokens of a grant are equivalent.
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#grant_token

    01 0a 40     as AWS's tokens begin
    64 bytes     the grant id; AWS's tokens have 64 hexadecimal digits as well
    5 bytes      the account of the key
    17 bytes     the difference between tokens; base64 needs no padding for this length
    4 bytes      checksum
"""

from __future__ import annotations

import base64
import struct
import zlib
from typing import TYPE_CHECKING

from mockaws.records.kms import Grant
from mockaws.services.kms import errors, lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockaws.services.operation import Call

_HEADER = bytes.fromhex("010a40")
_LAYOUT = struct.Struct(">3s64s5s17s")
_DIFFERENCE_BYTES = 17


def new_token(call: Call, grant: Grant) -> str:
    """Return another token of *grant*."""
    difference = bytes.fromhex(call.ids.hexadecimal(2 * _DIFFERENCE_BYTES))
    return _token(_LAYOUT.pack(_HEADER, grant.id.encode(), int(grant.account).to_bytes(5, "big"), difference))


def grant_of(call: Call, token: str) -> Grant:
    """Return the grant that a token names; raises InvalidGrantTokenException if it names no existing one."""
    grant_id, account = _read(token)
    grant = call.tx.get(Grant, account, call.region, grant_id)
    if grant is None or lookup.existing(call, account, grant.key_id) is None:
        raise errors.InvalidGrantToken()
    return grant


def require_grants(call: Call, tokens: Iterable[str]) -> None:
    """Require that all *tokens* name existing grants; raises InvalidGrantTokenException otherwise."""
    for token in tokens:
        grant_of(call, token)


def _read(token: str) -> tuple[str, str]:
    """Return the grant id and the account of the key that a token names."""
    try:
        content = base64.urlsafe_b64decode(token.encode())[: _LAYOUT.size]
        header, grant_id, account, _ = _LAYOUT.unpack(content)
        if header == _HEADER and token == _token(content):
            return grant_id.decode(), f"{int.from_bytes(account, 'big'):012d}"
    except (ValueError, struct.error):
        pass
    raise errors.InvalidGrantToken()


def _token(content: bytes) -> str:
    checksum = struct.pack(">I", zlib.crc32(content))
    return base64.urlsafe_b64encode(content + checksum).decode()
