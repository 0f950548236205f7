"""Removal of expired sessions. Their credentials stay expired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.ids import account_of_access_key
from mockaws.records.sts import ExpiredSessions, Session
from mockaws.services.sweeping import GRACE, Rule, Rules

if TYPE_CHECKING:
    from mockaws.services.operation import Call


def _is_over(session: Session, now: float) -> bool:
    return now >= session.expires_at + GRACE


def _sweep(call: Call, session: Session) -> bool:
    """Remove a session, and record that its credentials have expired: unknown credentials count as a user's."""
    call.drop(session)
    if account_of_access_key(session.id) is not None:
        account, region, shard = ExpiredSessions.place_of(session.id)
        expired = call.tx.get(ExpiredSessions, account, region, shard)
        expired = expired or ExpiredSessions(account=account, region=region, id=shard)
        call.put(expired.with_one(session.id))
    return True


RULES: Rules = {Session: Rule(_is_over, _sweep)}
