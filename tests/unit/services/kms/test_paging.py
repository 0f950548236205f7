"""Pages of every list: Limit, Marker, NextMarker and Truncated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mockaws.clock import DAY
from mockaws.services.kms import aws_managed
from tests.samples import ACCOUNT
from tests.unit.services.kms.calling import Kms, alias_record, key_record, store_record

if TYPE_CHECKING:
    from collections.abc import Callable

# In base64 or not, of another origin, of no letters at all, and one that begins as it should but is no text.
BAD_MARKERS = ["nonsense", "x", "bm9uc2Vuc2U=", "====", "é", "x" * 1024, "bW9ja2F3czr/"]
INVALID_MARKER = "InvalidMarkerException"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Application"


class Listing(NamedTuple):
    """A list operation: how long its pages are, and how a world gets *count* entries."""

    operation: str
    member: str
    default: int
    most: int
    fill: Callable[[Kms, int], dict[str, Any]]

    def __str__(self) -> str:
        return self.operation


def fill_keys(kms: Kms, count: int) -> dict[str, Any]:
    """Create keys."""
    for _ in range(count):
        kms.create_key()
    return {}


def fill_aliases(kms: Kms, count: int) -> dict[str, Any]:
    """Create aliases of two keys, beside those of AWS."""
    keys = [kms.create_key() for _ in range(count // 50 + 1)]
    for n in range(count - len(aws_managed.ALIASES)):
        kms("CreateAlias", AliasName=f"alias/{n:03}", TargetKeyId=keys[n // 50])
    return {}


def fill_tags(kms: Kms, count: int) -> dict[str, Any]:
    """Create a key with tags."""
    return {"KeyId": kms.create_key(Tags=[{"TagKey": f"{n:03}", "TagValue": ""} for n in range(count)])}


def fill_stores(kms: Kms, count: int) -> dict[str, Any]:
    """Create stores, more than an account may have."""
    kms.put(*(store_record(f"cks-{n:03}") for n in range(count)))
    return {}


def fill_grants(kms: Kms, count: int) -> dict[str, Any]:
    """Create grants on a key."""
    key_id = kms.create_key()
    for _ in range(count):
        kms("CreateGrant", KeyId=key_id, GranteePrincipal=ROLE, RetiringPrincipal=ROLE, Operations=["Decrypt"])
    return {"KeyId": key_id}


def fill_retirable_grants(kms: Kms, count: int) -> dict[str, Any]:
    """Create grants on two keys, which one principal may retire."""
    fill_grants(kms, count // 2)
    fill_grants(kms, count - count // 2)
    return {"RetiringPrincipal": ROLE}


LISTINGS = [
    Listing("ListKeys", "Keys", 100, 1000, fill_keys),
    Listing("ListAliases", "Aliases", 50, 100, fill_aliases),
    Listing("ListGrants", "Grants", 50, 100, fill_grants),
    Listing("ListRetirableGrants", "Grants", 50, 100, fill_retirable_grants),
    Listing("ListResourceTags", "Tags", 50, 50, fill_tags),
    Listing("DescribeCustomKeyStores", "CustomKeyStores", 100, 1000, fill_stores),
]
LONG = [listing for listing in LISTINGS if listing.operation != "ListResourceTags"]


def pages(kms: Kms, listing: Listing, **document: Any) -> list[list[Any]]:
    """Return all pages of a list."""
    found = []
    answer = kms(listing.operation, **document)
    while answer["Truncated"]:
        found.append(answer[listing.member])
        answer = kms(listing.operation, **document, Marker=answer["NextMarker"])
    assert "NextMarker" not in answer
    return [*found, answer[listing.member]]


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
@pytest.mark.parametrize(
    ("count", "limit", "lengths"), [(40, 40, [40]), (40, 41, [40]), (40, 39, [39, 1]), (40, 15, [15, 15, 10])]
)
def test_pages(kms: Kms, listing: Listing, count: int, limit: int, lengths: list[int]) -> None:
    """Pages have Limit entries, the last one what is left; together they hold every entry once, in one order."""
    document = listing.fill(kms, count)
    found = pages(kms, listing, Limit=limit, **document)
    assert [len(page) for page in found] == lengths
    assert [entry for page in found for entry in page] == kms(listing.operation, **document)[listing.member]


@pytest.mark.parametrize("listing", LONG, ids=str)
def test_without_a_limit(kms: Kms, listing: Listing) -> None:
    """Each operation has a page length of its own when the caller gives none."""
    document = listing.fill(kms, listing.default + 1)
    assert [len(page) for page in pages(kms, listing, **document)] == [listing.default, 1]


@pytest.mark.parametrize("listing", [listing for listing in LONG if listing.most == 100], ids=str)
def test_the_longest_page(kms: Kms, listing: Listing) -> None:
    """A page of aliases or grants has at most 100, whatever the caller asks for."""
    document = listing.fill(kms, 101)
    assert [len(page) for page in pages(kms, listing, **document, Limit=1000)] == [100, 1]


def test_all_tags_on_one_page(kms: Kms) -> None:
    """A key's tags, 50 at most, all fit on a page."""
    (listing,) = (listing for listing in LISTINGS if listing.operation == "ListResourceTags")
    document = listing.fill(kms, 50)
    assert [len(page) for page in pages(kms, listing, **document)] == [50]
    assert [len(page) for page in pages(kms, listing, **document, Limit=1000)] == [50]


@pytest.mark.parametrize("listing", LISTINGS, ids=str)
@pytest.mark.parametrize(("limit", "bound"), [(0, "greater than or equal to 1"), (1001, "less than or equal to 1000")])
def test_limits_of_the_limit(kms: Kms, listing: Listing, limit: int, bound: str) -> None:
    """Limit is 1 to 1000 for all lists, even if their pages are shorter."""
    document = listing.fill(kms, 20)
    refusal = kms.refusal(listing.operation, **document, Limit=limit)
    fault = f"Value '{limit}' at 'limit' failed to satisfy constraint: Member must have value {bound}"
    assert refusal == ("ValidationException", f"1 validation error detected: {fault}")


@pytest.mark.parametrize("marker", BAD_MARKERS, ids=lambda marker: repr(marker[:20]))
@pytest.mark.parametrize("operation", [*(listing.operation for listing in LISTINGS), "ListKeyPolicies"])
def test_markers_that_nobody_gave_out(kms: Kms, operation: str, marker: str) -> None:
    """A marker that no page gave out is refused."""
    of_a_key = operation in {"ListKeyPolicies", "ListResourceTags", "ListGrants"}
    document = {"KeyId": kms.create_key()} if of_a_key else {}
    if operation == "ListRetirableGrants":
        document = {"RetiringPrincipal": ROLE}
    assert kms.refusal(operation, **document, Marker=marker).code == INVALID_MARKER


@pytest.mark.parametrize(("marker", "bound"), [("", "greater than or equal to 1"), ("x" * 1025, "less than or equal")])
def test_lengths_of_a_marker(kms: Kms, marker: str, bound: str) -> None:
    """A marker has 1 to 1024 characters."""
    refusal = kms.refusal("ListKeys", Marker=marker)
    assert refusal.code == "ValidationException"
    assert bound in refusal.message


def test_of_policies(kms: Kms) -> None:
    """A key has one policy, which fits on every page."""
    answer = kms("ListKeyPolicies", KeyId=kms.create_key(), Limit=1)
    assert answer == {"PolicyNames": ["default"], "Truncated": False}


def test_what_changes_between_pages(kms: Kms) -> None:
    """A deletion between two pages makes no gap and no repetition in the rest."""
    fill_keys(kms, 10)
    first = kms("ListKeys", Limit=4)
    everything = kms("ListKeys")["Keys"]
    last_seen, next_one = everything[3]["KeyId"], everything[4]["KeyId"]
    for key_id in (last_seen, next_one):
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    kms.clock.advance(7 * DAY)
    assert kms("ListKeys", Marker=first["NextMarker"])["Keys"] == everything[5:]


def test_keys_that_are_gone_do_not_shorten_a_page(kms: Kms) -> None:
    """A page is full as long as there are keys left, however many of those between are gone."""
    fill_keys(kms, 10)
    ids = [entry["KeyId"] for entry in kms("ListKeys")["Keys"]]
    for key_id in ids[1:8]:
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
    kms.clock.advance(7 * DAY)
    answer = kms("ListKeys", Limit=2)
    assert [entry["KeyId"] for entry in answer["Keys"]] == [ids[0], ids[8]]
    assert answer["Truncated"] is True
    assert [entry["KeyId"] for entry in kms("ListKeys", Marker=answer["NextMarker"])["Keys"]] == [ids[9]]


@pytest.mark.parametrize("limit", range(1, 8))
@pytest.mark.parametrize("gone", [[0], [0, 1], [2], [0, 1, 2, 3], [1, 3, 5], [5]])
def test_no_key_is_on_two_pages(kms: Kms, gone: list[int], limit: int) -> None:
    """Each key that is left is on one page, whichever keys are gone, and every page but the last is full."""
    fill_keys(kms, 6)
    everything = kms("ListKeys")["Keys"]
    for number in gone:
        kms("ScheduleKeyDeletion", KeyId=everything[number]["KeyId"], PendingWindowInDays=7)
    kms.clock.advance(7 * DAY)
    left = [entry for number, entry in enumerate(everything) if number not in gone]
    found = pages(kms, LISTINGS[0], Limit=limit)
    assert [entry for page in found for entry in page] == left
    assert [len(page) for page in found[:-1]] == [limit] * (len(found) - 1)
    assert found[-1]


def test_aws_aliases_over_pages(kms: Kms) -> None:
    """AWS's aliases, with keys and without, appear once each when the list is read in small pages."""
    kms("DescribeKey", KeyId="alias/aws/s3")
    kms("CreateAlias", AliasName="alias/aaa", TargetKeyId=kms.create_key())
    names = [alias["AliasName"] for page in pages(kms, LISTINGS[1], Limit=1) for alias in page]
    assert names == ["alias/aaa", *aws_managed.ALIASES]


class TestThousands:
    """Lists of 5,000 keys and 5,000 aliases."""

    COUNT = 5000

    @pytest.fixture
    def kms(self) -> Kms:
        """Return a caller in such a world."""
        ids = [f"{number:08x}-0000-4000-8000-000000000000" for number in range(self.COUNT)]
        aliases = (alias_record(f"alias/of-{number:04}", ids[number]) for number in range(self.COUNT))
        return Kms(*map(key_record, ids), *aliases)

    @pytest.mark.parametrize(("listing", "limit"), [(LISTINGS[0], 1000), (LISTINGS[0], 7), (LISTINGS[1], 100)])
    def test_a_page_starts_where_its_marker_says(self, kms: Kms, listing: Listing, limit: int) -> None:
        """Whatever their length, the pages have everything once, in the order of ids or names."""
        found = [entry for page in pages(kms, listing, Limit=limit) for entry in page]
        names = [entry.get("AliasName", entry.get("KeyId")) for entry in found]
        assert names == sorted(set(names))
        assert len(names) == self.COUNT + (len(aws_managed.ALIASES) if listing.operation == "ListAliases" else 0)

    @pytest.mark.parametrize("listing", LISTINGS[:2], ids=str)
    def test_a_page_looks_at_no_more_than_it_shows(
        self, kms: Kms, listing: Listing, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A page costs the same wherever it starts; one more entry shows whether there is another page."""
        marker = kms(listing.operation, Limit=100)["NextMarker"]
        for _ in range(25):
            marker = kms(listing.operation, Limit=100, Marker=marker)["NextMarker"]
        found = kms.looked_at(monkeypatch)
        assert len(kms(listing.operation, Limit=100, Marker=marker)[listing.member]) == 100
        assert found == [101]
