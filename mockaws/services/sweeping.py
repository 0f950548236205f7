"""Removing what is over: nothing runs in the background, so calls that write remove a little of it each.

A record is removed when no answer of AWS's depends on it any more, and when it has been over for `GRACE`. Services
declare with a `Rule` for each kind of record what that is.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws import arns
from mockaws.clock import DAY
from mockaws.services.operation import Call, Caller
from mockaws.store.base import Position

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockaws.ids import Ids
    from mockaws.records.base import Record
    from mockaws.records.world import Terms
    from mockaws.store.base import Store, Transaction

GRACE = DAY
"""How long a record stays after it is over, in the world's time: so far a clock can be set back and find it again."""

# Of each sixteen calls that write something one looks at 32 records; at four times as many if it finds much to remove.
_EVERY = 16
_PAGE = 32
_MOST_PAGES = 4


class Rule(NamedTuple):
    """What is done about records of one kind.

    *may_be_over* looks at a record and a moment alone, so that it costs nearly nothing. Where it returns True, *sweep*
    decides inside a transaction, and removes the record or parts of it; it returns True if it has removed anything.
    """

    may_be_over: Callable[[Any, float], bool]
    sweep: Callable[[Call, Any], bool]


Rules = Mapping[type[Any], Rule]


def always(record: Record, now: float) -> bool:  # noqa: ARG001 - a Rule's signature
    """Return True: only other records tell whether the record is over."""
    return True


class Sweeper:
    """Goes through the records of a store, a few at a time, from the first to the last and then again."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._writes = 0
        self._after: Position | None = None

    def is_due(self) -> bool:
        """Count one call that has written something, and return True if it is to be followed by a `step`.

        Counts of two threads may get lost in each other, which does no harm.
        """
        self._writes += 1
        return self._writes % _EVERY == 0

    def step(self, now: float, ids: Ids, terms: Terms) -> None:
        """Look at some more records, and remove those that are over at *now*.

        What fails here is a fault of mockaws. It is printed, once in a world, and the call whose answer is ready does
        not fail with it.
        """
        try:
            for _ in range(_MOST_PAGES):
                page = self._store.page(self._after, _PAGE)
                self._after = Position.of(page[-1]) if len(page) == _PAGE else None
                if not self._sweep(page, now, ids, terms):
                    return
        except Exception:  # noqa: BLE001 - see above
            print("mockaws failed to remove records that are over; please report it.", file=sys.stderr)  # noqa: T201
            traceback.print_exc()
            self._rules = {}

    def _sweep(self, page: Sequence[Record], now: float, ids: Ids, terms: Terms) -> bool:
        """Remove what is over of a page, and return True if there was any of it."""
        rules = self._rules
        found = [
            record for record in page if (rule := rules.get(type(record))) is not None and rule.may_be_over(record, now)
        ]
        if not found:
            return False
        runs = 0

        def work(tx: Transaction) -> bool:
            nonlocal runs
            runs += 1
            if runs > 1:  # somebody has changed something here, so that it is for another time
                return False
            swept = False
            for record in found:
                # What a record before this one took along, or somebody else has changed since, is not looked at.
                if tx.get(type(record), record.account, record.region, record.id) is record:
                    call = Call("Sweep", _owner(record), tx, now, ids, terms, "")
                    swept |= rules[type(record)].sweep(call, record)
            return swept

        return self._store.run(work)


def _owner(record: Record) -> Caller:
    account, region = record.account, record.region
    return Caller("", account, region, arns.account_root(region, account), account)
