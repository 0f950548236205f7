"""Temporary credentials."""

from __future__ import annotations

from dataclasses import dataclass

from mockaws.records.base import Record

GLOBAL = "aws-global"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Record):
    """Temporary credentials that STS gave out; the id is their access key id.

    They stand under Region `GLOBAL`, as they are good in every Region. *arn* and *user_id* are what
    GetCallerIdentity answers to their bearer. *account* is the account of the role or user they speak for.
    """

    arn: str
    user_id: str
    expires_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAtItsWord(Record):
    """A role that was assumed in an account of which no IAM knew anything: it is there, whatever IAM learns later.

    The id is its ARN without its path, as its sessions tell it; it stands under Region `GLOBAL`.
    """

    arn: str
