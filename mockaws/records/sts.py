"""Temporary credentials."""

from __future__ import annotations

from dataclasses import dataclass, replace

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


_ANY_ACCOUNT = "000000000000"
_PREFIX_LENGTH, _SHARD_LENGTH = 4, 2
_LENGTH = 14  # of what is left of an access key id, which has 20 characters
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSessions(Record):
    """Access key ids of sessions whose own records are gone, so that they are known as expired and not as unknown.

    The id is the end that all of them have; *remainders* is what else they have behind their prefix, one behind the
    other, oldest first. A world remembers about the last million.
    """

    remainders: str = ""

    @classmethod
    def place_of(cls, access_key_id: str) -> tuple[str, str, str]:
        """Return account, Region and id of the record that may have an access key id."""
        return _ANY_ACCOUNT, GLOBAL, access_key_id[-_SHARD_LENGTH:]

    def has(self, access_key_id: str) -> bool:
        """Return True if it has an access key id."""
        wanted = access_key_id[_PREFIX_LENGTH:-_SHARD_LENGTH]
        if len(wanted) != _LENGTH:
            return False
        at = self.remainders.find(wanted)
        while at % _LENGTH > 0:  # -1, which is no place, leaves a remainder, too
            if at < 0:
                return False
            at = self.remainders.find(wanted, at + 1)
        return True

    def with_one(self, access_key_id: str) -> ExpiredSessions:
        """Return the record with one more access key id, and without its oldest one where there are too many."""
        remainders = self.remainders + access_key_id[_PREFIX_LENGTH:-_SHARD_LENGTH]
        return replace(self, remainders=remainders[-_MOST * _LENGTH :])


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAtItsWord(Record):
    """A role that was assumed in an account of which no IAM knew anything: it is there, whatever IAM learns later.

    The id is its ARN without its path, as its sessions tell it; it stands under Region `GLOBAL`.
    """

    arn: str
