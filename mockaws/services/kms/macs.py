"""Message authentication codes. https://docs.aws.amazon.com/kms/latest/developerguide/hmac.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.crypto import macs
from mockaws.records.key_specs import KeyUsage
from mockaws.services.facts import KEY, Effect, SharedQuota
from mockaws.services.kms import cryptographic_use, errors, key_material, rules
from mockaws.services.kms.grant_tokens import require_grants
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.services.operation import Call, Result


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyUsage.GENERATE_VERIFY_MAC, quota=SharedQuota.SYMMETRIC)
def generate_mac(
    call: Call,
    *,
    message: bytes,
    key_id: str,
    mac_algorithm: str,
    grant_tokens: Sequence[str] = (),
    dry_run: bool = False,
) -> Result:
    """Return the code that authenticates a message of up to 4096 bytes.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.GENERATE_VERIFY_MAC, mac_algorithm)
    secret = key_material.current(key)
    rules.require_no_dry_run(dry_run=dry_run)
    return {
        "Mac": macs.generate(mac_algorithm, secret.value, message),
        "MacAlgorithm": mac_algorithm,
        "KeyId": key.arn,
    }


@operation(KEY, effect=Effect.USES_A_KEY, grantable=KeyUsage.GENERATE_VERIFY_MAC, quota=SharedQuota.SYMMETRIC)
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
    """Verify a message's code; raises KMSInvalidMacException for a wrong one.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html
    """
    require_grants(call, grant_tokens)
    key = cryptographic_use.key(call, key_id, KeyUsage.GENERATE_VERIFY_MAC, mac_algorithm)
    secret = key_material.current(key)
    if not macs.is_mac(mac_algorithm, secret.value, message, mac):
        raise errors.InvalidMac()
    rules.require_no_dry_run(dry_run=dry_run)
    return {"KeyId": key.arn, "MacValid": True, "MacAlgorithm": mac_algorithm}
