"""The view of one account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.testing.views import cloudhsm, kms
from mockaws.testing.views.place import Place

if TYPE_CHECKING:
    from mockaws.testing.views.listing import Listing
    from mockaws.worlds.world import World


class View:
    """The content of one account and Region of a world, read-only."""

    def __init__(self, world: World, account: str, region: str) -> None:
        self._shown = Place(world, account, region)

    def __repr__(self) -> str:
        return f"<View {self._place}>"

    @property
    def _place(self) -> Place:
        return self._shown

    @property
    def keys(self) -> Listing[kms.Key]:
        """The KMS keys by id, ARN or alias."""
        return kms.keys(self._place)

    @property
    def aliases(self) -> Listing[kms.Alias]:
        """The aliases by name."""
        return kms.aliases(self._place)

    @property
    def grants(self) -> Listing[kms.Grant]:
        """The grants on all keys by id or name."""
        return kms.grants(self._place)

    @property
    def key_stores(self) -> Listing[kms.KeyStore]:
        """The custom key stores by id or name."""
        return kms.key_stores(self._place)

    @property
    def clusters(self) -> Listing[cloudhsm.Cluster]:
        """The CloudHSM clusters by id."""
        return cloudhsm.clusters(self._place)

    @property
    def backups(self) -> Listing[cloudhsm.Backup]:
        """The backups of CloudHSM clusters by id."""
        return cloudhsm.backups(self._place)
