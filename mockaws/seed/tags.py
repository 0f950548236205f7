"""Tags of clusters and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaws.seed.draft import Item

_RESERVED = "aws:"


def read(item: Item) -> dict[str, str]:
    """Return the tags of something; AWS keeps the keys that begin with aws: for itself."""
    tags = item.mapping("tags")
    for key in tags:
        if key.lower().startswith(_RESERVED):
            item.wrong(("tags", key), f"tags that begin with {_RESERVED} are AWS's own", "another key")
    return tags
