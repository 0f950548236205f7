"""Temporary credentials."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mockaws.records.base import Record

GLOBAL = "aws-global"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session(Record):
    """Temporary credentials from STS. The id is their access key id.

    Their Region is `GLOBAL`, because they are valid in all Regions. *arn* and *user_id* are the answer of
    GetCallerIdentity. *account* is that of the role or user.
    """

    arn: str
    user_id: str
    expires_at: float


_ANY_ACCOUNT = "000000000000"
_PREFIX_LENGTH, _SHARD_LENGTH = 4, 2
_LENGTH = 14  # of the rest of an access key id, which has 20 characters
_MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSessions(Record):
    """Access key ids of removed sessions, so that their credentials count as expired and not as unknown.

    The id is the common end of the access key ids. *remainders* concatenates their parts between prefix and end, oldest
    first. A world keeps about the last million.
    """

    remainders: str = ""

    @classmethod
    def place_of(cls, access_key_id: str) -> tuple[str, str, str]:
        """Return account, Region and id of the record in which an access key id belongs."""
        return _ANY_ACCOUNT, GLOBAL, access_key_id[-_SHARD_LENGTH:]

    def has(self, access_key_id: str) -> bool:
        """Return True if the record contains an access key id."""
        wanted = access_key_id[_PREFIX_LENGTH:-_SHARD_LENGTH]
        if len(wanted) != _LENGTH:
            return False
        at = self.remainders.find(wanted)
        while at % _LENGTH > 0:  # find returns -1 for "not found", which leaves a remainder as well
            if at < 0:
                return False
            at = self.remainders.find(wanted, at + 1)
        return True

    def with_one(self, access_key_id: str) -> ExpiredSessions:
        """Return the record with one more access key id. If it is full, the oldest one is dropped."""
        remainders = self.remainders + access_key_id[_PREFIX_LENGTH:-_SHARD_LENGTH]
        return replace(self, remainders=remainders[-_MOST * _LENGTH :])


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumedRole(Record):
    """A role that was assumed before its account had an IAM of its own. It exists, even if IAM does not know it later.

    The id is its ARN without its path, as in the ARNs of its sessions. Its Region is `GLOBAL`.
    """

    arn: str
