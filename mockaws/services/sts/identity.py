"""Who somebody is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.ids import account_of_access_key
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from mockaws.services.operation import Call, Result


@operation
def get_caller_identity(call: Call) -> Result:
    """Tell the caller who it is; nothing can forbid it.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    return {"UserId": call.caller.user_id, "Account": call.account, "Arn": call.caller.arn}


@operation
def get_access_key_info(call: Call, *, access_key_id: str) -> Result:
    """Tell the account that an access key id belongs to: the id itself says it, or else the key is of this world.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
    """
    return {"Account": account_of_access_key(access_key_id) or call.terms.account}
