"""Identity of callers and of access keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.ids import account_of_access_key
from mockaws.services.facts import Effect
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation(needs_permission=False, effect=Effect.READS)
def get_caller_identity(call: Call) -> Result:
    """Return the identity of the caller. No policy can deny this operation.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    return {"UserId": call.caller.user_id, "Account": call.account, "Arn": call.caller.arn}


@operation(effect=Effect.READS)
def get_access_key_info(call: Call, *, access_key_id: str) -> Result:
    """Return the account of an access key id: the account encoded in it, else the world's account.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
    """
    return {"Account": account_of_access_key(access_key_id) or call.config.account}
