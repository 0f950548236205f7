"""The rules of STS: one function and one error each."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.services.sts import errors

if TYPE_CHECKING:
    from mockaws.arns import Arn
    from mockaws.records.sts import Session
    from mockaws.services.iam import Role

_PARTITION = re.compile(r"aws(-[a-z]+)*")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ROLE = re.compile(r"role/([!-~]+/)?[A-Za-z0-9_+=,.@-]{1,64}")
_ASSUMED_ROLE = "assumed-role/"
_CHAINED_SECONDS = 3600


def role_arn(text: str) -> Arn:
    """Return the ARN of a role. Raises ValidationException if *text* is not an ARN, or not that of a role."""
    arn = arns.parse(text)
    if arn is None or not arn.partition or not arn.service:
        raise errors.ArnMalformed(arn=text)
    if not (
        _PARTITION.fullmatch(arn.partition)
        and arn.service == "iam"
        and not arn.region
        and _ACCOUNT.fullmatch(arn.account)
        and _ROLE.fullmatch(arn.resource)
    ):
        raise errors.NotARole()
    return arn


def require_chained_duration(session: Session | None, seconds: int) -> None:
    """Require that a session of a role assumes another role for at most one hour. Raises ValidationException."""
    chained = session is not None and f":{_ASSUMED_ROLE}" in session.arn
    if chained and seconds > _CHAINED_SECONDS:
        raise errors.ChainedTooLong()


def require_session_duration(role: Role | None, seconds: int) -> None:
    """Require a session no longer than its role permits. Raises ValidationException.

    A role that IAM does not know permits every length.
    """
    if role is not None and seconds > role.longest_session:
        raise errors.TooLong()


def require_long_term_credentials(session: Session | None) -> None:
    """Require long-term credentials. Raises AccessDeniedException if the caller has temporary ones."""
    if session is not None:
        raise errors.SessionCredentials()
