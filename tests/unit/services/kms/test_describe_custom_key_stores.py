"""DescribeCustomKeyStores: by id, by name, all, in pages.

https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeCustomKeyStores.html
"""

from __future__ import annotations

import pytest

from tests.unit.services.kms.calling import PASSWORD, Kms, store_record

STORES = tuple(f"cks-{n:017x}" for n in range(5))


@pytest.fixture
def kms() -> Kms:
    """Return a caller in a world with five stores."""
    return Kms(*(store_record(store_id, name=f"store {store_id[-1]}") for store_id in STORES))


def ids(answer: dict[str, list[dict[str, str]]]) -> tuple[str, ...]:
    """Return the ids of the stores in an answer."""
    return tuple(entry["CustomKeyStoreId"] for entry in answer["CustomKeyStores"])


def test_all(kms: Kms) -> None:
    """Without an id or a name all stores of the account in the Region are described."""
    answer = kms("DescribeCustomKeyStores")
    assert ids(answer) == STORES
    assert answer.keys() == {"CustomKeyStores", "Truncated"}


def test_by_id(kms: Kms) -> None:
    """An id finds one store."""
    assert ids(kms("DescribeCustomKeyStores", CustomKeyStoreId=STORES[2])) == (STORES[2],)


def test_by_name(kms: Kms) -> None:
    """A name finds one store."""
    assert ids(kms("DescribeCustomKeyStores", CustomKeyStoreName="store 3")) == (STORES[3],)


def test_by_both(kms: Kms) -> None:
    """An id and a name together are refused, even if they mean the same store."""
    refusal = kms.refusal("DescribeCustomKeyStores", CustomKeyStoreId=STORES[2], CustomKeyStoreName="store 2")
    assert refusal.code == "ValidationException"


@pytest.mark.parametrize(
    "wanted",
    [
        {"CustomKeyStoreId": "cks-1234567890abcdef0"},
        {"CustomKeyStoreName": "nobody"},
        {"CustomKeyStoreName": "STORE 1"},
    ],
)
def test_unknown(kms: Kms, wanted: dict[str, str]) -> None:
    """A store that is not there is an error, not an empty list."""
    assert kms.refusal("DescribeCustomKeyStores", **wanted) == (
        "CustomKeyStoreNotFoundException",
        "The request was rejected because KMS cannot find a custom key store with the specified key store name or ID.",
    )


@pytest.mark.parametrize(("account", "region"), [("444455556666", "us-west-2"), ("111122223333", "us-east-1")])
def test_of_another_account_or_region(kms: Kms, account: str, region: str) -> None:
    """Stores are seen in their own account and Region only."""
    elsewhere = kms.by(account, region)
    assert elsewhere("DescribeCustomKeyStores") == {"CustomKeyStores": [], "Truncated": False}
    refusal = elsewhere.refusal("DescribeCustomKeyStores", CustomKeyStoreId=STORES[0])
    assert refusal.code == "CustomKeyStoreNotFoundException"


def test_pages(kms: Kms) -> None:
    """NextMarker leads to the next page and is there only while there is one; a page costs nothing twice."""
    first = kms("DescribeCustomKeyStores", Limit=2)
    assert (ids(first), first["Truncated"]) == (STORES[:2], True)
    second = kms("DescribeCustomKeyStores", Limit=2, Marker=first["NextMarker"])
    assert (ids(second), second["Truncated"]) == (STORES[2:4], True)
    last = kms("DescribeCustomKeyStores", Limit=2, Marker=second["NextMarker"])
    assert (ids(last), last["Truncated"]) == (STORES[4:], False)
    assert "NextMarker" not in last


def test_an_exact_page_is_the_last(kms: Kms) -> None:
    """A page that holds all there is is not truncated."""
    assert kms("DescribeCustomKeyStores", Limit=5)["Truncated"] is False


def test_the_password_is_never_shown(kms: Kms) -> None:
    """No answer has the password of kmsuser."""
    assert PASSWORD not in str(kms("DescribeCustomKeyStores"))
