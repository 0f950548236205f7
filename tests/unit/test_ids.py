"""Ids have AWS's forms, never repeat without a seed, and repeat with one."""

from __future__ import annotations

import os
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaws.ids import Ids, NumberedIds, account_of_access_key
from mockaws.model.service import load

if TYPE_CHECKING:
    from collections.abc import Callable

FORMS: dict[str, tuple[Callable[[Ids], str], str]] = {
    "key": (Ids.uuid, r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
    "multi-Region key": (Ids.multi_region_key, r"mrk-[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}"),
    "hexadecimal": (lambda ids: ids.hexadecimal(64), r"[0-9a-f]{64}"),
    "custom key store": (Ids.custom_key_store, r"cks-[0-9a-f]{17}"),
    "cluster": (lambda ids: ids.cloudhsm("cluster"), r"cluster-[2-7a-z]{11}"),
    "hsm": (lambda ids: ids.cloudhsm("hsm"), r"hsm-[2-7a-z]{11}"),
    "interface": (lambda ids: ids.ec2("eni"), r"eni-[0-9a-f]{17}"),
    "role": (lambda ids: ids.iam("AROA"), r"AROA[A-Z2-7]{17}"),
    "password": (Ids.password, r"[A-Za-z0-9]{32}"),
    "access key": (lambda ids: ids.access_key("111122223333"), r"ASIA[A-Z2-7]{16}"),
}


@pytest.mark.parametrize("what", FORMS)
def test_forms(what: str) -> None:
    """Each kind of id has the form that AWS gives it, and no two are the same."""
    make, form = FORMS[what]
    ids = Ids()
    made = {make(ids) for _ in range(200)}
    assert len(made) == 200
    assert all(re.fullmatch(form, one) for one in made)


@pytest.mark.parametrize("what", FORMS)
def test_a_seed(what: str) -> None:
    """The same seed makes the same ids, another seed others, and no seed new ones each time."""
    make, _ = FORMS[what]

    def three(ids: Ids) -> list[str]:
        return [make(ids) for _ in range(3)]

    assert three(Ids("seed")) == three(Ids("seed"))
    assert three(Ids("seed")) != three(Ids("other"))
    assert three(Ids()) != three(Ids())


@pytest.mark.parametrize(("shape", "make"), [("ClusterId", "cluster"), ("HsmId", "hsm"), ("BackupId", "backup")])
def test_the_patterns_of_the_model(shape: str, make: str) -> None:
    """The ids match the patterns of CloudHSM's own model."""
    ids = Ids()
    pattern = load("cloudhsmv2").shapes[shape]["pattern"]
    assert all(re.fullmatch(pattern, ids.cloudhsm(make)) for _ in range(50))


def test_uuids_are_uuids() -> None:
    """A key id is a UUID of version 4."""
    ids = Ids("seed")
    for _ in range(50):
        parsed = uuid.UUID(ids.uuid())
        assert (parsed.version, parsed.variant) == (4, uuid.RFC_4122)


@given(st.integers(0, 10**12 - 1))
def test_an_access_key_tells_its_account(number: int) -> None:
    """The account that an access key id was made for can be read from it."""
    account = f"{number:012d}"
    assert account_of_access_key(Ids("seed").access_key(account)) == account


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("AKIAQYLPMN5HNM4OZ56B", "052310077262"),
        ("AKIASP2TPHJSQH3FJRUX", "171436882533"),
        ("ASIAY34FZKBOKMUTVV7A", "609629065308"),
    ],
)
def test_access_keys_of_aws(key: str, account: str) -> None:
    """The accounts of access key ids that were published with their accounts can be read."""
    assert account_of_access_key(key) == account


@pytest.mark.parametrize(
    "key",
    ["", "111122223333", "AKIA", "AKIA0189ABCDEFGHIJKL", "akiaqylpmn5hnm4oz56b", "AKIA" + "é" * 16, "AKIA" + "7" * 16],
)
def test_texts_without_an_account(key: str) -> None:
    """Text of another length or alphabet contains no account, nor does a number that no account can have."""
    assert account_of_access_key(key) is None


def test_ids_for_many_threads() -> None:
    """Threads that share a generator never get the same id."""
    ids = Ids("seed")
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: ids.uuid(), range(2000)))
    assert len(set(made)) == 2000


def numbered(seed: str) -> NumberedIds:
    """Return the ids of a world that counts its calls."""
    numbers = iter(range(1, 1000))
    return NumberedIds(lambda: f"{seed} {next(numbers)}")


def test_numbered_ids() -> None:
    """The same calls in the same order take the same ids, however many ids each takes, and all of them differ."""
    one, same = numbered("a"), numbered("a")
    found = []
    for ids in (one, same):
        first, second, third = ids.of_call(), ids.of_call(), ids.of_call()
        found.append([first.uuid(), first.uuid(), ids.uuid(), third.cloudhsm("hsm"), second.password()])
    assert found[0] == found[1]
    assert len(set(found[0])) == 5
    assert numbered("b").uuid() != numbered("a").uuid()


def test_a_call_that_takes_no_ids_uses_up_no_number() -> None:
    """Calls that only read do not change the ids of the calls behind them."""
    one, other = numbered("a"), numbered("a")
    for _ in range(5):
        one.of_call()
    assert one.of_call().uuid() == other.of_call().uuid()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_processes_take_different_ids() -> None:
    """Ids without a seed differ in two processes that were forked from one."""
    ids = Ids()
    ids.uuid()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, ids.uuid().encode())
        os._exit(0)
    os.waitpid(child, 0)
    told = os.read(reading, 100).decode()
    os.close(reading)
    os.close(writing)
    here = ids.uuid()
    assert len(told) == len(here)
    assert told != here
