"""The rules of STS, each a sentence, a function and an error."""

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
    """A role to assume is named by its ARN."""
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


def chained_duration(session: Session | None, seconds: int) -> None:
    """A role that is assumed with a role's own credentials is assumed for an hour at most."""
    chained = session is not None and f":{_ASSUMED_ROLE}" in session.arn
    if chained and seconds > _CHAINED_SECONDS:
        raise errors.ChainedTooLong()


def session_duration(role: Role | None, seconds: int) -> None:
    """A session is no longer than its role permits; a role that IAM does not have permits everything."""
    if role is not None and seconds > role.longest_session:
        raise errors.TooLong()


def long_term_credentials(session: Session | None) -> None:
    """Temporary credentials do not beget temporary credentials of the same user."""
    if session is not None:
        raise errors.SessionCredentials()
