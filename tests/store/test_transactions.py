"""Transactions: reads and writes, all or nothing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockaws.records.base import evolve
from mockaws.records.cloudhsm import Cluster
from mockaws.records.state import WorldState
from mockaws.records.world import WorldConfig
from mockaws.store.base import Beginning, Position, RecordExistsError
from mockaws.store.call_log import CAPACITY
from tests.samples import ACCOUNT, CLUSTER, REGION, cluster
from tests.store.conftest import STORES, Thing, thing

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.store.base import Store, Transaction


def replace(tx: Transaction, one: Thing) -> None:
    """Create a thing, or replace the one with its identity."""
    tx.get(Thing, one.account, one.region, one.id)
    tx.put(one)


def put(store: Store, *things: Thing) -> None:
    """Create or replace things in one transaction."""

    def work(tx: Transaction) -> None:
        for one in things:
            replace(tx, one)

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
    """A record is found by the present values of its fields."""
    put(store, thing("a", owner="x"))
    put(store, thing("a", colour="blue"))
    assert find(store, colour="red") == find(store, owner="x") == []
    assert find(store, colour="blue") == ["a"]


def test_a_page_after_a_drop(store: Store) -> None:
    """A page has as many records as it can, although the transaction has dropped some or moved them away."""
    put(store, *map(thing, "abcdef"))

    def work(tx: Transaction) -> None:
        tx.drop(thing("a"))
        tx.drop(thing("c"))
        replace(tx, thing("d", colour="blue"))
        assert [found.id for found in tx.find(Thing, "1", "r", limit=2)] == ["b", "d"]
        assert [found.id for found in tx.find(Thing, "1", "r", limit=2, after="b")] == ["d", "e"]
        assert [found.id for found in tx.find(Thing, "1", "r", limit=3, colour="red")] == ["b", "e", "f"]

    store.run(work)


def test_counting(store: Store) -> None:
    """A store counts the records of a kind in an account and Region, also if there are more than a thousand."""
    assert store.run(lambda tx: tx.count(Thing, "1", "r")) == 0
    put(store, *(thing(f"{number}") for number in range(1500)), thing("x", account="2"), thing("x", region="s"))
    store.run(lambda tx: tx.put(cluster(account="1", region="r")))
    assert store.run(lambda tx: tx.count(Thing, "1", "r")) == 1500


def test_a_count_makes_no_conflict(store: Store) -> None:
    """Work that counts does not run again because of records that come meanwhile."""
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(tx.count(Thing, "1", "r"))
        put(store, thing(f"other-{len(runs)}"))
        tx.put(thing("mine"))

    store.run(work)
    assert runs == [0]


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
    """A transaction reads its own writes, in lists too; others see them when it is over."""
    put(store, thing("a"), thing("b"), thing("d"))

    def work(tx: Transaction) -> None:
        tx.put(thing("c"))
        replace(tx, thing("b", colour="blue"))
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
        replace(tx, thing("a", count=1))
        tx.drop(thing("a"))
        raise KeyError("no")

    with pytest.raises(KeyError, match="no"):
        store.run(work)
    assert get(store, "a") == thing("a")
    assert find(store) == ["a"]


def test_the_answer_of_the_work(store: Store) -> None:
    """A store returns the result of the work."""
    assert store.run(lambda _: 42) == 42


def test_beginning_again(store: Store) -> None:
    """A store begins again with the same records and the same state, however often, whatever happened since."""
    state = WorldState(config=WorldConfig(account="111122223333"))
    store.begin(Beginning(state, [thing("a"), thing("b", colour="blue")]))
    for _ in range(2):
        put(store, thing("a", colour="green"), thing("c"))
        store.run(lambda tx: tx.drop(thing("b")))
        store.run(lambda tx: tx.put(cluster()))
        store.run(lambda tx: tx.put_state(WorldState(mark="changed")))
        assert find(store) == ["a", "c"]
        store.begin(store.beginning)
        assert find(store) == ["a", "b"]
        assert find(store, colour="blue") == ["b"]
        assert get(store, "a") == thing("a")
        assert store.run(lambda tx: tx.get(Cluster, ACCOUNT, REGION, CLUSTER)) is None
        assert store.state == state


def test_another_store(store: Store) -> None:
    """A store for another world has what that begins with, and nothing else in common."""
    store.begin(Beginning(records=[thing("a")]))
    other = store.another(store.beginning.with_id_seed("seed"))
    put(other, thing("b"))
    assert (find(other), find(store)) == (["a", "b"], ["a"])
    assert (other.state.id_seed, store.state.id_seed) == ("seed", None)


def test_numbers(store: Store) -> None:
    """Each number is given out once, also if a transaction fails, until the store begins again."""
    numbers = [store.next_number() for _ in range(3)]

    def work(tx: Transaction) -> None:
        tx.put(thing("a", count=store.next_number()))
        raise KeyError

    with pytest.raises(KeyError):
        store.run(work)
    assert [*numbers, store.next_number()] == [1, 2, 3, 5]
    store.begin(store.beginning)
    assert store.next_number() == 1


def test_a_log_of_calls(store: Store) -> None:
    """Calls are read in the order in which they were added; a store that begins again has none."""
    for number in range(3):
        store.calls.append(SimpleNamespace(number=number, size=1))
    assert [call.number for call in store.calls.read()] == [0, 1, 2]
    store.begin(store.beginning)
    assert list(store.calls.read()) == []
    store.calls.append(SimpleNamespace(size=1))
    store.calls.clear()
    assert list(store.calls.read()) == []


def test_the_last_calls_are_kept(store: Store) -> None:
    """The oldest call goes when another one comes and the log is full."""
    for number in range(CAPACITY + 5):
        store.calls.append(SimpleNamespace(number=number, size=1))
    kept = [call.number for call in store.calls.read()]
    assert kept == list(range(5, CAPACITY + 5))


def test_the_state_of_the_world(store: Store) -> None:
    """A transaction has the state from its beginning, or its own; others see that after the commit."""

    def work(tx: Transaction) -> None:
        assert tx.state == WorldState()
        store.run(lambda other: other.put_state(WorldState(mark="other")))
        assert tx.state == WorldState()

    store.run(work)
    assert store.state == WorldState(mark="other")

    def change(tx: Transaction) -> None:
        tx.put_state(WorldState(mark="mine"))
        assert tx.state == WorldState(mark="mine")
        assert store.state == WorldState(mark="other")

    store.run(change)
    assert store.state == WorldState(mark="mine")


def test_a_state_that_was_read_is_not_put_back(store: Store) -> None:
    """A transaction that puts records leaves the state as another transaction has put it meanwhile."""

    def work(tx: Transaction) -> None:
        store.run(lambda other: other.put_state(WorldState(mark=f"{other.state.mark}+")))
        tx.put(thing("a"))

    store.run(work)
    assert store.state == WorldState(mark="+")


def test_a_change_of_the_state_that_is_overtaken(store: Store) -> None:
    """Of two transactions that change the state at the same time, the second one runs again."""
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(tx.state.mark)
        if len(runs) == 1:
            store.run(lambda other: other.put_state(WorldState(mark="other")))
        tx.put_state(WorldState(mark=f"{tx.state.mark} and mine"))

    store.run(work)
    assert runs == ["", "other"]
    assert store.state.mark == "other and mine"


def test_a_failed_change_of_the_state(store: Store) -> None:
    """A transaction that raises leaves the state as it was."""

    def work(tx: Transaction) -> None:
        tx.put_state(WorldState(mark="mine"))
        raise KeyError

    with pytest.raises(KeyError):
        store.run(work)
    assert store.state == WorldState()


def test_a_new_record_in_the_place_of_another(store: Store) -> None:
    """A put of a record that was not read creates it. If there is one, the work runs again, with another id say."""
    put(store, thing("a", count=1))
    ids = iter("aab")
    store.run(lambda tx: tx.put(thing(next(ids), count=2)))
    assert get(store, "a") == thing("a", count=1)
    assert get(store, "b") == thing("b", count=2)


def test_a_record_that_is_never_read(store: Store) -> None:
    """Work that goes on putting a record in the place of another one is refused, and changes nothing."""
    put(store, thing("a", count=1))
    with pytest.raises(RecordExistsError, match=r"^Thing 1 r a is there: read a record before replacing it$"):
        store.run(lambda tx: tx.put(thing("a", count=2)))
    assert get(store, "a") == thing("a", count=1)


def test_a_record_in_a_list_was_read(store: Store) -> None:
    """A record that a transaction has found can be replaced, and so can one that it has dropped."""
    put(store, thing("a"), thing("b"))

    def work(tx: Transaction) -> None:
        (found, _) = tx.find(Thing, "1", "r")
        tx.put(evolve(found, count=1))

    store.run(work)
    assert get(store, "a") == thing("a", count=1)

    def again(tx: Transaction) -> None:
        tx.drop(thing("b"))
        assert tx.get(Thing, "1", "r", "b") is None
        tx.put(thing("b", count=2))

    store.run(again)
    assert get(store, "b") == thing("b", count=2)


def test_of_two_new_records_one_is_created(store: Store) -> None:
    """Of two transactions that create the same record without having looked for it, one does."""

    def work(tx: Transaction) -> None:
        put(store, thing("a", count=1))
        tx.put(thing("a", count=2))

    with pytest.raises(RecordExistsError):
        store.run(work)
    assert get(store, "a") == thing("a", count=1)


def test_notes(store: Store) -> None:
    """A note is put after the commit. It conflicts with no other transaction, and the last one stays."""
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(tx.get(Thing, "1", "r", "a"))
        tx.note(thing("used", count=1))
        assert tx.get(Thing, "1", "r", "used") is None

    put(store, thing("a"))
    store.run(work)
    assert get(store, "used") == thing("used", count=1)

    def overtaken(tx: Transaction) -> None:
        runs.append(tx.get(Thing, "1", "r", "a"))
        store.run(lambda other: other.note(thing("used", count=2)))
        tx.note(thing("used", count=3))

    store.run(overtaken)
    assert runs == [thing("a")] * 2
    assert get(store, "used") == thing("used", count=3)


def test_notes_of_work_that_fails(store: Store) -> None:
    """Work that raises leaves no notes."""

    def work(tx: Transaction) -> None:
        tx.note(thing("used"))
        raise KeyError

    with pytest.raises(KeyError):
        store.run(work)
    assert find(store) == []


def test_confirming(store: Store) -> None:
    """Work that asks whether its reads are up to date goes on if they are, and runs again if they are not."""
    put(store, thing("a"))
    effects: list[int] = []

    def work(tx: Transaction) -> None:
        seen = tx.get(Thing, "1", "r", "a")
        assert seen is not None
        if not effects and seen.count == 0:
            tx.confirm()
            put(store, thing("a", count=1))
        tx.confirm()
        effects.append(seen.count)

    store.run(work)
    assert effects == [1]


def test_a_transaction_that_is_overtaken(store: Store) -> None:
    """Work that read a record which changed meanwhile runs again, and so counts from the newest value."""
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
    """A list that was read counts as read with its records and with those that are absent from it."""
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
    """Changes outside the list that was read make no conflict."""
    put(store, thing("a"))
    runs = []

    def work(tx: Transaction) -> None:
        runs.append(list(tx.find(Thing, "1", "r", colour="red")))
        put(store, thing("b", colour="blue"), thing("c", account="2"))
        tx.put(thing("z", colour="green"))

    store.run(work)
    assert len(runs) == 1


def test_an_absence_that_is_overtaken(store: Store) -> None:
    """The absence of a record counts as read: of two that want to create it, one sees the other's."""
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
    """Work that reads twice does not see one half of another transaction, also if it writes nothing."""
    put(store, thing("a"), thing("b"))
    runs: list[Thing | None] = []

    def work(tx: Transaction) -> tuple[Thing | None, Thing | None]:
        first = tx.get(Thing, "1", "r", "a")
        if not runs:
            put(store, thing("a", count=1), thing("b", count=1))
        runs.append(first)
        return first, tx.get(Thing, "1", "r", "b")

    assert store.run(work) == (thing("a", count=1), thing("b", count=1))


def test_a_reader_of_lists_that_is_overtaken(store: Store) -> None:
    """Work that reads two lists and writes nothing does not see one half of another transaction."""
    runs: list[list[str]] = []

    def work(tx: Transaction) -> tuple[list[str], list[str]]:
        reds = [found.id for found in tx.find(Thing, "1", "r", colour="red")]
        if not runs:
            put(store, thing("a"), thing("b", colour="blue"))
        runs.append(reds)
        return reds, [found.id for found in tx.find(Thing, "1", "r", colour="blue")]

    assert store.run(work) == (["a"], ["b"])


def test_a_refusal_that_is_overtaken(store: Store) -> None:
    """Work that refuses because of one half of another transaction runs again."""
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
                    replace(tx, one)
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
