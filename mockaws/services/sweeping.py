"""Sweeping: the removal of records that are over, a few behind each sixteenth call that writes.

A record is removed when no answer of AWS's depends on it any more, and when it has been over for `GRACE`. Services
declare a `Rule` for each kind of record.
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

LONG = 16
"""A history is cut when at least so many steps of it can go, and only a longer one is looked at."""

# Of each sixteen calls that write something one looks at 32 records; at four times as many if it finds much to remove.
_EVERY = 16
_PAGE = 32
_MOST_PAGES = 4
_FAILED = "mockaws failed to remove old records, and stops that in this world; please report it."


class Rule(NamedTuple):
    """The rule for records of one kind.

    *may_be_over* looks at a record and a moment alone, so that it costs nearly nothing. Where it returns True, *sweep*
    decides inside a transaction, and removes the record or parts of it; it returns True if it has removed anything.
    """

    may_be_over: Callable[[Any, float], bool]
    sweep: Callable[[Call, Any], bool]


Rules = Mapping[type[Any], Rule]


def always(record: Record, now: float) -> bool:  # noqa: ARG001 - a Rule's signature
    """Return True: whether the record is over depends on other records."""
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

        An exception here is a fault of mockaws. It is printed once and ends sweeping in this world; the call whose
        answer is ready does not fail with it.
        """
        try:
            for _ in range(_MOST_PAGES):
                page = self._store.page(self._after, _PAGE)
                self._after = Position.of(page[-1]) if len(page) == _PAGE else None
                if not self._sweep(page, now, ids, terms):
                    return
        except Exception:  # noqa: BLE001 - the call has its answer already
            print(_FAILED, file=sys.stderr)  # noqa: T201 - as the traceback
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
            if runs > 1:  # another transaction has changed a record here: leave the page for the next round
                return False
            swept = False
            for record in found:
                # A record that went with an earlier one, or that another transaction has changed since, is skipped.
                if tx.get(type(record), record.account, record.region, record.id) is record:
                    call = Call("Sweep", _owner(record), tx, now, ids, terms, "")
                    swept |= rules[type(record)].sweep(call, record)
            return swept

        return self._store.run(work)


def _owner(record: Record) -> Caller:
    account, region = record.account, record.region
    return Caller("", account, region, arns.account_root(region, account), account)
