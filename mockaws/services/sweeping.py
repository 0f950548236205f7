"""Sweeping: the removal of obsolete records, a few after every sixteenth call that writes.

A record is removed when no answer of AWS depends on it any more, and when it has been obsolete for `GRACE`. Each
service declares a `Rule` for each type of record.
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
    from mockaws.records.world import WorldConfig
    from mockaws.store.base import Store, Transaction

GRACE = DAY
"""The time that an obsolete record stays, by the world's clock. A clock that is set back by less finds it again."""

LONG = 16
"""The least number of steps by which a history is cut. Shorter histories are not examined."""

# One of sixteen calls that write examines 32 records, and up to four times as many if it finds records to remove.
_EVERY = 16
_PAGE = 32
_MOST_PAGES = 4
_FAILED = "mockaws failed to remove old records and stops removing them in this world; please report this traceback."


class Rule(NamedTuple):
    """The rule for records of one type.

    *may_be_over* sees a record and a moment only, so that it is cheap. If it returns True, *sweep* decides inside a
    transaction, and removes the record or parts of it. *sweep* returns True if it has removed anything.
    """

    may_be_over: Callable[[Any, float], bool]
    sweep: Callable[[Call, Any], bool]


Rules = Mapping[type[Any], Rule]


def always(record: Record, now: float) -> bool:  # noqa: ARG001 - a Rule's signature
    """Return True, because other records decide whether the record is obsolete."""
    return True


class Sweeper:
    """A cursor that visits the records of a store, a few at a time, from the first to the last, again and again."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self._writes = 0
        self._after: Position | None = None

    def is_due(self) -> bool:
        """Count one call that has written, and return True if a `step` is due.

        Two threads may count as one, which does no harm.
        """
        self._writes += 1
        return self._writes % _EVERY == 0

    def step(self, now: float, ids: Ids, config: WorldConfig) -> None:
        """Examine the next records, and remove those that are obsolete at *now*.

        An exception here is a defect of mockaws. It is printed once and ends sweeping in this world. It does not fail
        the call, whose answer is ready.
        """
        try:
            for _ in range(_MOST_PAGES):
                page = self._store.page(self._after, _PAGE)
                self._after = Position.of(page[-1]) if len(page) == _PAGE else None
                if not self._sweep(page, now, ids, config):
                    return
        except Exception:  # noqa: BLE001 - the call has its answer already
            print(_FAILED, file=sys.stderr)  # noqa: T201 - as the traceback
            traceback.print_exc()
            self._rules = {}

    def _sweep(self, page: Sequence[Record], now: float, ids: Ids, config: WorldConfig) -> bool:
        """Remove the obsolete records of a page, and return True if there were any."""
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
                # Skip a record that was removed with an earlier one, or that another transaction has changed.
                if tx.get(type(record), record.account, record.region, record.id) is record:
                    call = Call("Sweep", _owner(record), tx, now, ids, config, "")
                    swept |= rules[type(record)].sweep(call, record)
            return swept

        return self._store.run(work)


def _owner(record: Record) -> Caller:
    account, region = record.account, record.region
    return Caller("", account, region, arns.account_root(region, account), account)
