"""The access keys that the IAM of the other services was seen to have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.state import SeenAccessKeys

if TYPE_CHECKING:
    from mockaws.store.base import Store, Transaction


class AccessKeys:
    """A set of access key ids, which forgets the oldest ones if there are very many.

    An access key in it that IAM no longer has was deleted. Any other unknown access key is one that a user made up.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def __contains__(self, access_key_id: str) -> bool:
        return access_key_id in self._store.run(lambda tx: _shard(tx, access_key_id)).ids

    def add(self, access_key_id: str) -> None:
        """Add an access key id."""

        def work(tx: Transaction) -> None:
            shard = _shard(tx, access_key_id)
            if access_key_id not in shard.ids:
                tx.put(shard.with_one(access_key_id))

        self._store.run(work)


def _shard(tx: Transaction, access_key_id: str) -> SeenAccessKeys:
    place = SeenAccessKeys.place_of(access_key_id)
    return tx.get(SeenAccessKeys, *place) or SeenAccessKeys(id=place[-1])
