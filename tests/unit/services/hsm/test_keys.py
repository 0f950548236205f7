"""Keys in the HSMs. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-keys.html"""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.clock import DAY
from mockaws.crypto import symmetric
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import UNACTIVATED_USERS, ClusterState, HsmKey
from mockaws.services.hsm import clusters, keys, shapes
from mockaws.services.hsm.errors import HsmError
from tests.samples import NOW, being
from tests.unit.services.hsm.inside import ADMIN, ALICE, KMSUSER, Hsms, key, network, ready


def with_keys(count: int = 3, **changes: Any) -> Hsms:
    """Return a cluster with keys of kmsuser, and one of alice."""
    own = (key(number) for number in range(1, count))
    return Hsms(*network(), ready(**changes), *own, key(count, owner="alice"))


def labels(answer: shapes.Shape) -> list[str]:
    """Return the labels on a page."""
    return [matched["attributes"]["label"] for matched in answer["matched_keys"]]


def selected(hsms: Hsms, *filters: str) -> list[str]:
    """Return the labels of the keys that satisfy all *filters*."""
    return labels(hsms(clusters.key_list, None, filters=filters))


def test_the_plain_list() -> None:
    """`key list` as it was seen: hyphens inside a key, underscores outside; numbers are numbers."""
    answer = Hsms(*network(), ready(), key(0xCA5 % 256))(clusters.key_list, None)
    assert answer == {
        "matched_keys": [{"key-reference": "0x00000000000000a5", "attributes": {"label": "key-165"}}],
        "total_key_count": 1,
        "returned_key_count": 1,
    }


def test_no_keys() -> None:
    """No match is an empty list."""
    assert Hsms()(clusters.key_list, None) == {"matched_keys": [], "total_key_count": 0, "returned_key_count": 0}


def test_everything_of_a_key() -> None:
    """`--verbose` as AWS's pages show a key of KMS, in their order; the id is a backing key id in ASCII."""
    answer = with_keys(1)(clusters.key_list, None, verbose=True)
    (shown,) = answer["matched_keys"]
    assert list(shown) == ["key-reference", "key-info", "attributes"]
    assert shown["key-info"] == {
        "key-owners": [{"username": "alice", "key-coverage": "full"}],
        "shared-users": [],
        "key-quorum-values": {"manage-key-quorum-value": 0, "use-key-quorum-value": 0},
        "cluster-coverage": "full",
    }
    attributes = shown["attributes"]
    assert list(attributes) == list(shapes.ATTRIBUTES)
    assert (attributes["key-type"], attributes["class"], attributes["key-length-bytes"]) == ("aes", "secret-key", 32)
    assert {name for name, value in attributes.items() if value is True} == {
        "encrypt",
        "decrypt",
        "token",
        "always-sensitive",
        "destroyable",
        "local",
        "modifiable",
        "private",
        "sensitive",
        "unwrap",
        "wrap",
    }
    backing_key_id = bytes.fromhex(attributes["id"].removeprefix("0x")).decode()
    assert len(backing_key_id) == 64
    assert int(backing_key_id, 16)
    assert attributes["check-value"] == f"0x{symmetric.check_value(bytes([1]) * 32).hex()}"


def test_pages() -> None:
    """Ten keys a page by default; next_token is the number of the next one, as a string."""
    hsms = with_keys(12)
    first = hsms(clusters.key_list, None)
    assert (len(first["matched_keys"]), first["total_key_count"], first["returned_key_count"]) == (10, 12, 10)
    assert (first["next_token"], list(first)[-1]) == ("10", "next_token")
    second = hsms(clusters.key_list, None, starting_token="10")
    assert "next_token" not in second
    assert labels(first) + labels(second) == [f"key-{number}" for number in range(1, 13)]
    assert "next_token" not in hsms(clusters.key_list, None, max_items=12)
    assert hsms(clusters.key_list, None, starting_token="12")["returned_key_count"] == 0


@pytest.mark.parametrize(
    "wrong", [{"max_items": 0}, {"starting_token": "x"}, {"starting_token": "-1"}, {"starting_token": ""}]
)
def test_wrong_pages(wrong: dict[str, Any]) -> None:
    """A page begins at a token that was given out, and has an item at least."""
    assert "is not a" in Hsms().refusal(clusters.key_list, None, **wrong)


def test_filters() -> None:
    """Filters by attribute or reference, all of which must match. Hexadecimal numbers have several spellings."""
    hsms = with_keys()
    check = symmetric.check_value(bytes([2]) * 32).hex()
    assert selected(hsms, "attr.label=key-2") == ["key-2"]
    assert selected(hsms, "attr.label=KEY-2") == []
    assert selected(hsms, "attr.encrypt=true", "attr.sign=false") == ["key-1", "key-2", "key-3"]
    assert selected(hsms, "attr.encrypt=true", "attr.label=key-1") == ["key-1"]
    assert selected(hsms, "attr.encrypt=false") == []
    assert selected(
        hsms, "attr.key-length-bytes=32", "attr.class=secret-key", "attr.key-type=aes", "key-reference=3"
    ) == ["key-3"]
    for reference in ("0x0000000000000002", "0x2", "0X2", "2"):
        assert (
            selected(hsms, f"key-reference={reference}")
            == selected(hsms, f"attr.key-reference={reference}")
            == ["key-2"]
        )
    assert selected(hsms, f"attr.check-value=0x{check.upper()}") == ["key-2"]
    identity = hsms(clusters.key_list, None, verbose=True)["matched_keys"][1]["attributes"]["id"]
    assert selected(hsms, f"attr.id={identity}") == ["key-2"]


@pytest.mark.parametrize("text", ["", "label", "label=x", "attr.label", "attr.owner=x", "attr.=x", "=x"])
def test_wrong_filters(text: str) -> None:
    """A filter that cannot be one is refused, and the attributes that there are told."""
    hsms = with_keys()
    refusal = hsms.refusal(clusters.key_list, None, filters=[text])
    assert ("attr.<attribute>=<value>" in refusal) is ("key-length-bytes" not in refusal)
    assert hsms.refusal(keys.delete_selected, None, [text]) == refusal


def test_whose_keys() -> None:
    """A crypto user sees its own keys; an admin all, but no more than their labels."""
    hsms = with_keys()
    assert labels(hsms(clusters.key_list, ALICE)) == ["key-3"]
    assert labels(hsms(clusters.key_list, KMSUSER, verbose=True)) == ["key-1", "key-2"]
    (*_, last) = hsms(clusters.key_list, ADMIN, verbose=True)["matched_keys"]
    assert last == {"key-reference": "0x0000000000000003", "attributes": {"label": "key-3"}}
    assert "A crypto-user must" in hsms.refusal(clusters.key_list, ADMIN, filters=["attr.label=key-1"])


def test_delete() -> None:
    """`key delete` deletes the one key that the filters leave, also where KMS needs it."""
    hsms = with_keys()
    hsms(keys.delete_selected, None, ["attr.label=key-2"])
    assert [record.label for record in hsms.records(HsmKey)] == ["key-1", "key-3"]


@pytest.mark.parametrize(("filters", "count"), [(["attr.encrypt=true"], 3), (["attr.label=none"], 0), ([], 3)])
def test_one_key_at_a_time(filters: list[str], count: int) -> None:
    """The sentence of AWS's page for several keys, and for none."""
    hsms = with_keys()
    assert hsms.refusal(keys.delete_selected, None, filters) == (
        f"Key selection criteria matched {count} keys. Refine selection criteria to select a single key."
    )
    assert len(hsms.records(HsmKey)) == 3


def test_no_key_is_deleted_while_the_hsm_type_changes() -> None:
    """Documented: while a cluster changes its HSM type, keys are neither made nor deleted; they can be listed."""
    hsms = Hsms(*network(), ready(changes=being(ClusterState.MODIFY_IN_PROGRESS)), key(1))
    assert "cannot change until it is ACTIVE" in hsms.refusal(keys.delete_selected, None, ["attr.label=key-1"])
    assert len(hsms(keys.selected, None, [])) == 1


def test_only_owners_delete() -> None:
    """Only the owner of a key, a crypto user, can delete it."""
    hsms = with_keys()
    assert "matched 0 keys" in hsms.refusal(keys.delete_selected, ALICE, ["attr.label=key-1"])
    assert "A crypto-user must" in hsms.refusal(keys.delete_selected, ADMIN, ["attr.label=key-3"])
    hsms(keys.delete_selected, ALICE, ["attr.label=key-3"])


def test_other_clusters_have_keys_of_their_own() -> None:
    """A cluster shows the keys in its own HSMs."""
    hsms = Hsms(*network(), ready(), key(1), key(2, cluster_id="cluster-another"))
    assert labels(hsms(clusters.key_list, None)) == ["key-1"]


def test_a_backup_that_was_due_before_has_the_key() -> None:
    """A key that is deleted today is in yesterday's backup."""
    hsms = with_keys(1, backed_up_at=NOW - 1.5 * DAY)
    hsms(keys.delete_selected, None, ["attr.label=key-1"])
    (backup,) = hsms.records(Backup)
    assert [lost.label for lost in backup.contents.keys] == ["key-1"]


def test_an_hsm_must_answer() -> None:
    """Keys lie in HSMs that work, of a cluster that was activated."""
    for changes in ({"hsms": ()}, {"changes": being(ClusterState.INITIALIZED), "users": UNACTIVATED_USERS}):
        hsms = with_keys(**changes)
        for function, arguments in ((clusters.key_list, ()), (keys.delete_selected, (["attr.label=key-1"],))):
            with pytest.raises(HsmError):
                hsms(function, None, *arguments)
        assert len(hsms.records(HsmKey)) == 3
