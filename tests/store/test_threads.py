"""Many threads at once: no update is lost, no thread sees half of a transaction, and every thread comes to an end."""

from __future__ import annotations

from functools import partial
from threading import Barrier, Thread
from typing import TYPE_CHECKING

import pytest

from mockaws.records.base import evolve
from mockaws.store.base import Beginning
from tests.store.conftest import Thing, thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.store.base import Store, Transaction

THREADS = 8
ROUNDS = 150
PATIENCE = 60.0

pytestmark = pytest.mark.usefixtures("busy_switching")


def together(*works: Callable[[], None]) -> None:
    """Run all works at the same time, each in a thread; fail if one failed or does not come to an end."""
    barrier = Barrier(len(works))
    errors: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        barrier.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the test reports it
            errors.append(error)

    threads = [Thread(target=run, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert errors == []


def drop(tx: Transaction, one: Thing) -> None:
    """Drop a thing."""
    tx.drop(one)


def read(tx: Transaction, thing_id: str) -> Thing:
    """Return a thing that must be there."""
    found = tx.get(Thing, "1", "r", thing_id)
    assert found is not None
    return found


def put_all(store: Store, *things: Thing) -> None:
    """Create or replace things in one transaction."""

    def work(tx: Transaction) -> None:
        for one in things:
            tx.get(Thing, one.account, one.region, one.id)
            tx.put(one)

    store.run(work)


def test_one_counter(store: Store) -> None:
    """All threads count one record up, and it has counted them all."""
    store.run(lambda tx: tx.put(thing("counter")))

    def count(tx: Transaction) -> None:
        counter = read(tx, "counter")
        tx.put(evolve(counter, count=counter.count + 1))

    def work() -> None:
        for _ in range(ROUNDS):
            store.run(count)

    together(*[work] * THREADS)
    assert store.run(lambda tx: read(tx, "counter")).count == THREADS * ROUNDS


def test_one_of_many_creates(store: Store) -> None:
    """If all threads want to create the same record unless it is there, one does, and the others see it."""
    made: list[tuple[int, int]] = []

    def worker(number: int) -> Callable[[], None]:
        def create(tx: Transaction, name: str) -> bool:
            if tx.find(Thing, "1", "r", owner=name):
                return False
            tx.put(thing(f"{name}-{number}", owner=name))
            return True

        def work() -> None:
            made.extend((turn, number) for turn in range(ROUNDS) if store.run(partial(create, name=f"name{turn}")))

        return work

    together(*map(worker, range(THREADS)))
    assert sorted(turn for turn, _ in made) == list(range(ROUNDS))
    assert len(store.run(lambda tx: tx.find(Thing, "1", "r"))) == ROUNDS


def test_moving_between_two(store: Store) -> None:
    """While threads move one from one record to another, every reader sees the same sum, by identity and in a list."""
    put_all(store, thing("a", count=1000), thing("b", count=1000))

    def move(tx: Transaction, source: str, target: str) -> None:
        before, after = read(tx, source), read(tx, target)
        tx.put(evolve(before, count=before.count - 1))
        tx.put(evolve(after, count=after.count + 1))

    def mover(source: str, target: str) -> Callable[[], None]:
        def work() -> None:
            for _ in range(ROUNDS):
                store.run(lambda tx: move(tx, source, target))

        return work

    def reader() -> None:
        for _ in range(ROUNDS):
            assert store.run(lambda tx: read(tx, "a").count + read(tx, "b").count) == 2000
            assert store.run(lambda tx: sum(one.count for one in tx.find(Thing, "1", "r"))) == 2000

    together(mover("a", "b"), mover("a", "b"), mover("b", "a"), reader, reader)
    assert store.run(lambda tx: read(tx, "a")).count == 1000 - ROUNDS


def test_coming_and_going(store: Store) -> None:
    """While threads create and drop records of their own, lists are in order and whole; at the end they are empty."""

    def churn(number: int) -> Callable[[], None]:
        def work() -> None:
            for turn in range(ROUNDS):
                mine = thing(f"{number}-{turn % 7}", colour=("red", "blue")[turn % 2])
                put_all(store, mine)
                if turn % 3:
                    store.run(partial(drop, one=mine))
            for turn in range(7):
                store.run(partial(drop, one=thing(f"{number}-{turn}")))

        return work

    def lister() -> None:
        for _ in range(ROUNDS):
            ids = [one.id for one in store.run(lambda tx: tx.find(Thing, "1", "r"))]
            assert ids == sorted(set(ids))
            red = store.run(lambda tx: tx.find(Thing, "1", "r", colour="red"))
            assert all(one.colour == "red" for one in red)

    together(*map(churn, range(4)), lister, lister)
    assert store.run(lambda tx: list(tx.find(Thing, "1", "r"))) == []


def test_beginning_again_while_others_write(store: Store) -> None:
    """All records together have whole transactions only, and a store can begin with them while others write."""
    put_all(store, thing("a"), thing("b"))

    def both(tx: Transaction) -> None:
        for name in "ab":
            tx.put(evolve(read(tx, name), count=read(tx, name).count + 1))

    def writer() -> None:
        for _ in range(ROUNDS):
            store.run(both)

    def restorer() -> None:
        for _ in range(ROUNDS):
            store.begin(Beginning(records=store.records()))
            assert store.run(lambda tx: read(tx, "a").count - read(tx, "b").count) == 0

    together(writer, writer, restorer)
