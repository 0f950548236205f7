"""Message authentication codes. https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.crypto import macs
from mockaws.records.key_specs import KeyUsage
from mockaws.services.kms import errors, material, tokens, using
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation
def generate_mac(
    call: Call,
    *,
    message: bytes,
    key_id: str,
    mac_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Make the code that authenticates a message of up to 4096 bytes.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
    """
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.GENERATE_VERIFY_MAC, mac_algorithm)
    secret = material.current(call, key)
    using.stop_dry_run(dry_run=dry_run)
    return {
        "Mac": macs.generate(mac_algorithm, secret.value, message),
        "MacAlgorithm": mac_algorithm,
        "KeyId": key.arn,
    }


@operation
def verify_mac(
    call: Call,
    *,
    message: bytes,
    key_id: str,
    mac_algorithm: str,
    mac: bytes,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Tell that a code is that of the message; a wrong one is an error.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html
    """
    tokens.check(call, grant_tokens)
    key = using.key(call, key_id, KeyUsage.GENERATE_VERIFY_MAC, mac_algorithm)
    secret = material.current(call, key)
    if not macs.verifies(mac_algorithm, secret.value, message, mac):
        raise errors.InvalidMac()
    using.stop_dry_run(dry_run=dry_run)
    return {"KeyId": key.arn, "MacValid": True, "MacAlgorithm": mac_algorithm}
