"""What is the memory store's own; what every store does is in tests/store."""

from __future__ import annotations

from threading import Thread

from mockaws.records.cloudhsm import Cluster
from mockaws.store.memory import MemoryStore
from tests.samples import ACCOUNT, CLUSTER, REGION, cluster


def test_records_are_shared() -> None:
    """The store hands out the very records that it was given, also after a restore: they cannot change."""
    store, record = MemoryStore(), cluster()
    store.run(lambda tx: tx.put(record))
    store.restore(store.snapshot())
    assert store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER)) is record
    assert store.run(lambda tx: tx.find(Cluster, ACCOUNT, REGION, vpc_id=record.vpc_id))[0] is record


def test_a_single_read_waits_for_nobody() -> None:
    """Reading one record takes no lock, so that it goes on while another thread holds it."""
    store = MemoryStore()
    store.run(lambda tx: tx.put(cluster()))
    found: list[Cluster | None] = []
    with store._lock:  # noqa: SLF001 - what this test is about
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
    for number in range(50):
        run("put", cluster(vpc_id=f"vpc-{number}"))
    (table,) = store._tables.values()  # noqa: SLF001 - what this test is about
    assert len(store._tables.order) == 1  # noqa: SLF001
    assert set(table.versions) == set(table.buckets) == {("", ""), ("vpc_id", "vpc-49")}
