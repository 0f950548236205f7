"""Grant tokens: CreateGrant answers one, and with it a grant can be used before all of KMS knows of it.

A token names its grant and guards nothing: AWS calls it nonsecret, and whoever shows it must still be whom the grant
names. Each call answers another one; all tokens of a grant are as good.
https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#grant_token

    01 0a 40     as AWS's tokens begin
    64 bytes     the grant id, where AWS's tokens have 64 hexadecimal digits, too
    5 bytes      the account of the key
    17 bytes     what makes each token another one; of a length that base64 needs no padding
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


def new(call: Call, grant: Grant) -> str:
    """Return another token of *grant*."""
    difference = bytes.fromhex(call.ids.hexadecimal(2 * _DIFFERENCE_BYTES))
    return _token(_LAYOUT.pack(_HEADER, grant.id.encode(), int(grant.account).to_bytes(5, "big"), difference))


def grant_of(call: Call, token: str) -> Grant:
    """Return the grant that a token names; raises InvalidGrantTokenException for what names none that is there."""
    grant_id, account = _read(token)
    grant = call.tx.get(Grant, account, call.region, grant_id)
    if grant is None or lookup.existing(call, account, grant.key_id) is None:
        raise errors.InvalidGrantToken()
    return grant


def check(call: Call, tokens: Iterable[str]) -> None:
    """Refuse a request with a token that names no grant."""
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
