"""Facts of the memory store alone; the facts of every store are in tests/store."""

from __future__ import annotations

from functools import partial
from threading import Thread
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Cluster
from mockaws.store.base import Beginning
from mockaws.store.memory import MemoryStore
from tests.samples import ACCOUNT, CLUSTER, REGION, cluster

if TYPE_CHECKING:
    from mockaws.store.base import Transaction


def test_records_are_shared() -> None:
    """The store returns the very records that it was given, also after it has begun again: they cannot change."""
    record = cluster()
    store = MemoryStore(Beginning(records=[record]))
    store.begin(store.beginning)
    assert store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER)) is record
    assert store.run(lambda tx: tx.find(Cluster, ACCOUNT, REGION, vpc_id=record.vpc_id))[0] is record


def test_a_single_read_takes_no_lock() -> None:
    """Reading one record takes no lock, so that it goes on while another thread holds it."""
    store = MemoryStore()
    store.run(lambda tx: tx.put(cluster()))
    found: list[Cluster | None] = []
    with store.lock:
        reader = Thread(
            target=lambda: found.append(store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER))), daemon=True
        )
        reader.start()
        reader.join(10)
    assert found == [cluster()]


def test_nothing_stays_of_what_was_dropped() -> None:
    """Records that come and go, in many accounts and with many values of their fields, leave nothing behind."""
    store = MemoryStore()

    def run(verb: str, record: Cluster) -> None:
        store.run(lambda tx: getattr(tx, verb)(record))

    for number in range(50):
        record = cluster(f"cluster-{number}", account=f"{number:012d}", vpc_id=f"vpc-{number}")
        run("put", record)
        run("drop", record)

    def move(tx: Transaction, number: int) -> None:
        tx.get(Cluster, ACCOUNT, REGION, CLUSTER)
        tx.put(cluster(vpc_id=f"vpc-{number}"))

    for number in range(50):
        store.run(partial(move, number=number))
    (table,) = store.tables.values()
    assert len(store.tables.order) == 1
    assert set(table.versions) == set(table.buckets) == {("", ""), ("vpc_id", "vpc-49")}
