"""The failures under a key store, and KMS's answers: each line of the table in docs/failures.md.

https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from mockaws.worlds.control.table import VERBS
from tests.unit.services.kms.breaking import (
    FAILURES,
    HELLO,
    RESTORED,
    Placed,
    connecting,
    creating,
    disconnect,
    place,
    random_bytes,
    update,
    using,
)

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

PAGE = Path(__file__).parents[4] / "docs/failures.md"


class Line(NamedTuple):
    """A line of the table."""

    cause: str
    how: str
    store: str
    create_key: str
    connect: str
    use: str
    generate_random: str
    mend: str

    def __str__(self) -> str:
        return self.cause


def lines() -> list[Line]:
    """Return the lines of the table, without its head."""
    rows = [row.strip("|").split("|") for row in PAGE.read_text().splitlines() if row.startswith("|")]
    return [Line(*(cell.strip() for cell in row)) for row in rows[2:]]


TABLE = lines()


def broken(kms: Kms, line: Line) -> Placed:
    """Return a key in a store, after the failure of *line*."""
    placed = place(kms)
    if line.store == "disconnected":
        disconnect(kms, placed.store_id)
    FAILURES[line.cause].breaks(kms)
    return placed


def test_the_table_is_whole() -> None:
    """Everything that can break stands in the table, once."""
    assert [line.cause for line in TABLE] == list(FAILURES)


@pytest.mark.parametrize("line", TABLE, ids=str)
def test_the_commands_are_there(line: Line) -> None:
    """Each command in the table is one of mockaws."""
    there = {words.removeprefix("hsm ") for verb in VERBS.values() for words in verb.commands}
    typed = re.findall(r"`mockaws hsm ([a-z -]+?)(?: --.*?| …)?`", f"{line.how} {line.mend}")
    assert set(typed) <= there


@pytest.mark.parametrize("line", TABLE, ids=str)
def test_while_it_is_broken(kms: Kms, line: Line) -> None:
    """The store and the key look as before; callers that use or create a key see the failure."""
    placed = broken(kms, line)
    assert creating(kms, placed.store_id) == line.create_key
    assert using(kms, placed.key_id, placed.blob) == {line.use}
    assert random_bytes(kms, placed.store_id) == line.generate_random
    kms.clock.advance(86_400)
    assert kms.connection(placed.store_id) == line.store.upper()
    assert kms.state(placed.key_id) == ("Enabled" if line.store == "connected" else "Unavailable")


@pytest.mark.parametrize("line", TABLE, ids=str)
def test_connecting(kms: Kms, line: Line) -> None:
    """ConnectCustomKeyStore shows the failure: at once, or as the reason why the store is FAILED."""
    placed = broken(kms, line)
    disconnect(kms, placed.store_id)
    assert connecting(kms, placed.store_id) == line.connect


@pytest.mark.parametrize("line", TABLE, ids=str)
def test_mended(kms: Kms, line: Line) -> None:
    """When it is mended and the store connected again everything works, with the old ciphertexts."""
    placed = broken(kms, line)
    if line.connect != "CONNECTED":
        disconnect(kms, placed.store_id)
        connecting(kms, placed.store_id)
    failure = FAILURES[line.cause]
    failure.mends(kms, placed)
    disconnect(kms, placed.store_id)
    if failure.password is not None:
        update(kms, placed.store_id, KeyStorePassword=failure.password)
    assert connecting(kms, placed.store_id) == "CONNECTED"
    assert creating(kms, placed.store_id) == "works"
    assert using(kms, placed.key_id, placed.blob) == {"works"}
    assert random_bytes(kms, placed.store_id) == "works"
    assert kms("Decrypt", CiphertextBlob=placed.blob)["Plaintext"] == HELLO


@pytest.mark.parametrize("line", [line for line in TABLE if line.store == "connected"], ids=str)
def test_a_connected_store_needs_no_new_connection(kms: Kms, line: Line) -> None:
    """After a repair of the cluster itself, a connected store works without another connection."""
    placed = broken(kms, line)
    failure = FAILURES[line.cause]
    failure.mends(kms, placed)
    if kms.described(placed.store_id)["CloudHsmClusterId"] != RESTORED:
        assert creating(kms, placed.store_id) == "works"
        assert using(kms, placed.key_id, placed.blob) == {"works"}
