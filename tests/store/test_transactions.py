"""Four verbs, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster
from mockaws.store.base import Position
from tests.samples import ACCOUNT, CLUSTER, REGION, cluster
from tests.store.conftest import STORES, Thing, thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.store.base import Store, Transaction


def put(store: Store, *things: Thing) -> None:
    """Put things in one transaction."""

    def work(tx: Transaction) -> None:
        for one in things:
            tx.put(one)

    store.run(work)


def drop(store: Store, *things: Thing) -> None:
    """Drop things in one transaction."""

    def work(tx: Transaction) -> None:
        for one in things:
            tx.drop(one)

    store.run(work)


def get(store: Store, thing_id: str) -> Thing | None:
    """Return one thing."""
    return store.run(lambda tx: tx.get(Thing, "1", "r", thing_id))


def find(store: Store, **options: Any) -> list[str]:
    """Return the ids of the things that are found."""
    return [found.id for found in store.run(lambda tx: tx.find(Thing, "1", "r", **options))]


def test_identity(store: Store) -> None:
    """A record is known by its kind, account, Region and id, and two may share all but one of these."""
    put(store, thing("a"), thing("a", account="2"), thing("a", region="s"))
    store.run(lambda tx: tx.put(cluster("a", account="1", region="r")))
    assert get(store, "a") == thing("a")
    assert store.run(lambda tx: tx.get(Thing, "2", "r", "a")) == thing("a", account="2")
    assert store.run(lambda tx: tx.get(Thing, "1", "s", "a")) == thing("a", region="s")
    assert store.run(lambda tx: tx.get(Cluster, "1", "r", "a")) == cluster("a", account="1", region="r")
    assert store.run(lambda tx: tx.get(Thing, "2", "s", "a")) is None
    assert find(store) == ["a"]


def test_a_change_is_a_new_record(store: Store) -> None:
    """A record is put in the place of the one with its identity."""
    put(store, thing("a"))
    put(store, thing("a", count=1))
    assert get(store, "a") == thing("a", count=1)
    assert find(store) == ["a"]


def test_dropping(store: Store) -> None:
    """A dropped record is gone, and may come again; dropping what is not there is no error."""
    put(store, thing("a"), thing("b"))
    store.run(lambda tx: tx.drop(thing("a", colour="whatever")))
    store.run(lambda tx: tx.drop(thing("a")))
    store.run(lambda tx: tx.drop(thing("z", account="9")))
    assert get(store, "a") is None
    assert find(store) == find(store, colour="red") == ["b"]
    put(store, thing("a"))
    assert find(store) == ["a", "b"]


def test_finding(store: Store) -> None:
    """Records are found in the order of their ids, by one indexed field or all of them."""
    put(store, thing("c"), thing("a", owner="x"), thing("d", colour="blue"), thing("b", colour="blue", owner="x"))
    assert find(store) == ["a", "b", "c", "d"]
    assert find(store, colour="blue") == ["b", "d"]
    assert find(store, owner="x") == ["a", "b"]
    assert find(store, colour="green") == []
    with pytest.raises(LookupError, match="Thing is not indexed by count"):
        find(store, count="1")


def test_finding_follows_changes(store: Store) -> None:
    """A record is found by what its fields are now."""
    put(store, thing("a", owner="x"))
    put(store, thing("a", colour="blue"))
    assert find(store, colour="red") == find(store, owner="x") == []
    assert find(store, colour="blue") == ["a"]


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({"limit": 2}, ["a", "b"]),
        ({"after": "b"}, ["c", "d", "e"]),
        ({"after": "b", "limit": 2}, ["c", "d"]),
        ({"after": "bb"}, ["c", "d", "e"]),
        ({"after": "e"}, []),
        ({"after": "", "limit": 0}, []),
        ({"after": "a", "limit": 9, "colour": "red"}, ["b", "c", "d", "e"]),
    ],
)
def test_pages(store: Store, options: dict[str, Any], ids: list[str]) -> None:
    """A page begins behind an id, which need not exist, and has at most so many records."""
    put(store, *map(thing, "edcba"))
    assert find(store, **options) == ids


def test_a_transaction_sees_its_own_writes(store: Store) -> None:
    """What a transaction wrote it reads, in lists too; nobody else sees it before the transaction is over."""
    put(store, thing("a"), thing("b"), thing("d"))

    def work(tx: Transaction) -> None:
        tx.put(thing("c"))
        tx.put(thing("b", colour="blue"))
        tx.drop(thing("a"))
        assert tx.get(Thing, "1", "r", "a") is None
        assert tx.get(Thing, "1", "r", "b") == thing("b", colour="blue")
        assert [found.id for found in tx.find(Thing, "1", "r")] == ["b", "c", "d"]
        assert [found.id for found in tx.find(Thing, "1", "r", colour="red")] == ["c", "d"]
        assert [found.id for found in tx.find(Thing, "1", "r", limit=1)] == ["b"]
        assert [found.id for found in tx.find(Thing, "1", "r", after="b", limit=1)] == ["c"]
        assert [found.id for found in tx.find(Thing, "1", "r", after="c", limit=1)] == ["d"]
        assert find(store) == ["a", "b", "d"]
        tx.put(thing("a", count=2))
        assert tx.get(Thing, "1", "r", "a") == thing("a", count=2)

    store.run(work)
    assert find(store) == ["a", "b", "c", "d"]


def test_all_or_nothing(store: Store) -> None:
    """A transaction that raises leaves everything as it was."""
    put(store, thing("a"))

    def work(tx: Transaction) -> None:
        tx.put(thing("b"))
        tx.put(thing("a", count=1))
        tx.drop(thing("a"))
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        store.run(work)
    assert get(store, "a") == thing("a")
    assert find(store) == ["a"]


def test_the_answer_of_the_work(store: Store) -> None:
    """What the work returns is returned."""
    assert store.run(lambda _: 42) == 42


def test_a_picture_of_the_whole(store: Store) -> None:
    """A snapshot brings everything back as it was, as often as wanted, whatever happened since."""
    put(store, thing("a"), thing("b", colour="blue"))
    snapshot = store.snapshot()
    for _ in range(2):
        put(store, thing("a", colour="green"), thing("c"))
        store.run(lambda tx: tx.drop(thing("b")))
        store.run(lambda tx: tx.put(cluster()))
        assert find(store) == ["a", "c"]
        store.restore(snapshot)
        assert find(store) == ["a", "b"]
        assert find(store, colour="blue") == ["b"]
        assert get(store, "a") == thing("a")
        assert store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER)) is None


def test_a_transaction_that_is_overtaken(store: Store) -> None:
    """Work that read what somebody else changed meanwhile runs again, and so counts from the newest value."""
    put(store, thing("a"))
    runs = []

    def work(tx: Transaction) -> None:
        seen = tx.get(Thing, "1", "r", "a")
        assert seen is not None
        runs.append(seen.count)
        if len(runs) == 1:
            put(store, evolve(seen, count=10))
        tx.put(evolve(seen, count=seen.count + 1))

    store.run(work)
    assert runs == [0, 10]
    assert get(store, "a") == thing("a", count=11)


OVERTAKERS: dict[str, Callable[[Store], None]] = {
    "appears": lambda store: put(store, thing("x")),
    "disappears": lambda store: store.run(lambda tx: tx.drop(thing("a"))),
    "changes": lambda store: put(store, thing("a", count=5)),
    "leaves the list": lambda store: put(store, thing("a", colour="blue")),
    "joins the list": lambda store: put(store, thing("b", colour="red")),
}


@pytest.mark.parametrize("what", OVERTAKERS)
def test_a_list_that_is_overtaken(store: Store, what: str) -> None:
    """A list that was read counts as read with all that is and that is not in it."""
    put(store, thing("a"), thing("b", colour="blue"))
    seen: list[list[Thing]] = []

    def work(tx: Transaction) -> None:
        seen.append(list(tx.find(Thing, "1", "r", colour="red")))
        if len(seen) == 1:
            OVERTAKERS[what](store)
        tx.put(thing("z", colour="green"))

    store.run(work)
    assert len(seen) == 2
    assert seen[0] != seen[1]


def test_a_list_that_others_do_not_touch(store: Store) -> None:
    """What happens outside the list that was read disturbs nobody."""
    put(store, thing("a"))
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(list(tx.find(Thing, "1", "r", colour="red")))
        put(store, thing("b", colour="blue"), thing("c", account="2"))
        tx.put(thing("z", colour="green"))

    store.run(work)
    assert len(runs) == 1


def test_an_absence_that_is_overtaken(store: Store) -> None:
    """That a record was not there counts as read: of two that want to create it, one sees the other's."""
    runs: list[Thing | None] = []

    def work(tx: Transaction) -> str:
        seen = tx.get(Thing, "1", "r", "a")
        runs.append(seen)
        if len(runs) == 1:
            put(store, thing("a", count=1))
        if seen is not None:
            return "there already"
        tx.put(thing("a", count=2))
        return "made"

    assert store.run(work) == "there already"
    assert get(store, "a") == thing("a", count=1)


def test_a_reader_that_is_overtaken(store: Store) -> None:
    """Who reads twice does not see one half of another's transaction, though it writes nothing."""
    put(store, thing("a"), thing("b"))
    runs: list[Thing | None] = []

    def work(tx: Transaction) -> tuple[Thing | None, Thing | None]:
        first = tx.get(Thing, "1", "r", "a")
        if not runs:
            put(store, thing("a", count=1), thing("b", count=1))
        runs.append(first)
        return first, tx.get(Thing, "1", "r", "b")

    assert store.run(work) == (thing("a", count=1), thing("b", count=1))


def test_a_refusal_that_is_overtaken(store: Store) -> None:
    """Who refuses for what was half of another's transaction is asked again."""
    put(store, thing("a"), thing("b"))
    runs: list[Thing | None] = []

    def work(tx: Transaction) -> str:
        first = tx.get(Thing, "1", "r", "a")
        if not runs:
            put(store, thing("a", count=1), thing("b", count=1))
        runs.append(first)
        if first != evolve(tx.get(Thing, "1", "r", "b") or thing("b"), id="a"):
            raise ValueError("they differ")
        return "alike"

    assert store.run(work) == "alike"
    assert len(runs) == 2


@pytest.mark.parametrize("make", STORES)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.sampled_from(["put", "drop", "fail"]),
                st.sampled_from("abcd"),
                st.sampled_from(["red", "blue"]),
                st.none() | st.sampled_from("xy"),
            ),
            max_size=5,
        ),
        max_size=8,
    )
)
def test_any_history(make: Callable[[], Store], history: list[list[tuple[str, str, str, str | None]]]) -> None:
    """After any transactions the store has what a plain dictionary would have, and finds it by every field."""
    store = make()
    expected: dict[str, Thing] = {}
    for steps in history:
        wanted = dict(expected)

        def work(tx: Transaction, steps: Any = steps, wanted: dict[str, Thing] = wanted) -> None:
            for verb, thing_id, colour, owner in steps:
                one = thing(thing_id, colour=colour, owner=owner)
                if verb == "fail":
                    raise InterruptedError
                if verb == "put":
                    tx.put(one)
                    wanted[thing_id] = one
                else:
                    tx.drop(one)
                    wanted.pop(thing_id, None)
                assert list(tx.find(Thing, "1", "r")) == [wanted[name] for name in sorted(wanted)]

        try:
            store.run(work)
        except InterruptedError:
            continue
        expected = wanted
    in_order = [expected[name] for name in sorted(expected)]
    assert store.run(lambda tx: list(tx.find(Thing, "1", "r"))) == in_order
    for colour in ("red", "blue"):
        assert find(store, colour=colour) == [one.id for one in in_order if one.colour == colour]
    for owner in "xy":
        assert find(store, owner=owner) == [one.id for one in in_order if one.owner == owner]


def everything(store: Store, limit: int) -> list[Thing]:
    """Return all records, read page by page."""
    found: list[Any] = []
    while page := store.page(Position.of(found[-1]) if found else None, limit):
        assert len(page) <= limit
        found += page
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
def test_pages_of_everything(store: Store, limit: int) -> None:
    """Pages have all records of all kinds, accounts and Regions, each once, in the order of their positions."""
    things = [thing(each, account, region) for account in "12" for region in "rs" for each in "abc"]
    put(store, *reversed(things))
    store.run(lambda tx: tx.put(cluster()))
    assert everything(store, limit) == [cluster(), *things]
    assert store.page(Position("Z", "", "", ""), limit) == []


def test_pages_while_others_write(store: Store) -> None:
    """A page begins behind a position whether or not its record, or any of that kind, is still there."""
    put(store, *(thing(each) for each in "abcd"), thing("x", account="2"))
    first = store.page(None, 2)
    drop(store, *(thing(each) for each in "abc"))
    put(store, thing("aa"), thing("bb"))
    assert [each.id for each in store.page(Position.of(first[-1]), 2)] == ["bb", "d"]
    drop(store, thing("aa"), thing("bb"), thing("d"))
    assert [each.id for each in store.page(Position.of(first[-1]), 2)] == ["x"]


def test_the_same_again_is_a_change(store: Store) -> None:
    """A transaction that found a record by a field conflicts if that was dropped and another was put meanwhile."""
    put(store, thing("a"))
    seen: list[list[str]] = []

    def work(tx: Transaction) -> None:
        seen.append([found.id for found in tx.find(Thing, "1", "r", colour="red")])
        if len(seen) == 1:
            drop(store, thing("a"))
            put(store, thing("b"))
        tx.put(thing("mine", colour="blue"))

    store.run(work)
    assert seen == [["a"], ["b"]]
    assert find(store) == ["b", "mine"]


def test_emptied_meanwhile_and_empty_again(store: Store) -> None:
    """A transaction that finds nothing, also when it commits, has seen one and the same moment."""
    seen: list[list[str]] = []

    def work(tx: Transaction) -> None:
        seen.append([found.id for found in tx.find(Thing, "1", "r")])
        if len(seen) == 1:
            put(store, thing("a"))
            drop(store, thing("a"))
        tx.put(thing("mine"))

    store.run(work)
    assert seen == [[]]
    assert find(store) == ["mine"]
