"""Describing, listing, enabling and disabling keys, and deleting them.

https://docs.aws.amazon.com/kms/latest/developerguide/getting-started.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from mockaws.records.kms import Alias, Key
from tests.samples import NOW

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


class TestStates:
    """Enabled and Disabled."""

    def test_disabling_and_enabling(self, kms: Kms, key_id: str) -> None:
        """`Enabled` is true exactly when the KeyState is Enabled; the answers are empty."""
        assert kms("DisableKey", KeyId=key_id) is None
        assert (kms.metadata(key_id)["KeyState"], kms.metadata(key_id)["Enabled"]) == ("Disabled", False)
        assert kms("EnableKey", KeyId=key_id) is None
        assert (kms.metadata(key_id)["KeyState"], kms.metadata(key_id)["Enabled"]) == ("Enabled", True)

    @pytest.mark.parametrize(("operation", "state"), [("EnableKey", "Enabled"), ("DisableKey", "Disabled")])
    def test_twice_is_as_good_as_once(self, kms: Kms, key_id: str, operation: str, state: str) -> None:
        """Enabling an enabled key, or disabling a disabled one, is no error."""
        kms(operation, KeyId=key_id)
        kms(operation, KeyId=key_id)
        assert kms.state(key_id) == state


@pytest.mark.parametrize("description", ["for tests", "", "x" * 8192, "für Prüfungen"])
def test_a_new_description(kms: Kms, key_id: str, description: str) -> None:
    """A description may be anything up to 8192 characters, nothing at all too."""
    assert kms("UpdateKeyDescription", KeyId=key_id, Description=description) is None
    assert kms.metadata(key_id)["Description"] == description


class TestDeletion:
    """ScheduleKeyDeletion and CancelKeyDeletion.

    https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
    """

    @pytest.mark.parametrize(("given", "days"), [({}, 30), ({"PendingWindowInDays": 7}, 7)])
    def test_scheduling(self, kms: Kms, key_id: str, given: dict[str, int], days: int) -> None:
        """The answer names the key's ARN, the date and the waiting period, by default 30 days."""
        assert kms("ScheduleKeyDeletion", KeyId=key_id, **given) == {
            "KeyId": kms.arn(key_id),
            "DeletionDate": NOW + days * DAY,
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": days,
        }
        metadata = kms.metadata(key_id)
        assert metadata["DeletionDate"] == NOW + days * DAY
        assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingDeletion", False)
        assert "PendingDeletionWindowInDays" not in metadata

    @pytest.mark.parametrize("days", [1, 6, 31, 365])
    def test_a_waiting_period_is_7_to_30_days(self, kms: Kms, key_id: str, days: int) -> None:
        """The model allows 1 to 365 days, the service 7 to 30, and says so in a plain sentence."""
        assert kms.refusal("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days) == (
            "ValidationException",
            "PendingWindowInDays must be between 7 and 30",
        )
        assert kms.state(key_id) == "Enabled"

    @pytest.mark.parametrize("days", [7, 30])
    def test_the_limits_themselves(self, kms: Kms, key_id: str, days: int) -> None:
        """The shortest waiting period is 7 days, the longest 30."""
        assert kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days)["PendingWindowInDays"] == days

    def test_scheduling_twice(self, kms: Kms, key_id: str) -> None:
        """A key that is pending deletion cannot be scheduled again, whatever the waiting period."""
        kms("ScheduleKeyDeletion", KeyId=key_id)
        refusal = ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending deletion.")
        assert kms.refusal("ScheduleKeyDeletion", KeyId=key_id) == refusal
        assert kms.refusal("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=5) == refusal

    def test_gone(self, kms: Kms, key_id: str) -> None:
        """At the date, and not before, the key is not there any more: nor listed, nor described, nor under an alias."""
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
        kms.clock.advance(7 * DAY - 1)
        assert kms.state("alias/example") == "PendingDeletion"
        kms.clock.advance(1)
        gone = ("NotFoundException", f"Key '{kms.arn(key_id)}' does not exist")
        assert kms.refusal("DescribeKey", KeyId=key_id) == gone
        assert kms.refusal("CancelKeyDeletion", KeyId=key_id) == gone
        assert kms.refusal("ListAliases", KeyId=key_id) == gone
        assert kms("ListKeys")["Keys"] == []
        assert "alias/example" not in str(kms("ListAliases"))
        assert kms.refusal("DescribeKey", KeyId="alias/example").code == "NotFoundException"

    @pytest.mark.parametrize("before", ["EnableKey", "DisableKey"])
    def test_cancelling(self, kms: Kms, key_id: str, before: str) -> None:
        """A key whose deletion is cancelled is Disabled, whatever it was before, until it is enabled."""
        kms(before, KeyId=key_id)
        kms("ScheduleKeyDeletion", KeyId=key_id)
        assert kms("CancelKeyDeletion", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
        metadata = kms.metadata(key_id)
        assert metadata["KeyState"] == "Disabled"
        assert "DeletionDate" not in metadata
        kms("EnableKey", KeyId=key_id)
        assert kms.state(key_id) == "Enabled"

    def test_after_cancelling(self, kms: Kms, key_id: str) -> None:
        """A key whose deletion was cancelled outlives the date, and can be scheduled again."""
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
        kms("CancelKeyDeletion", KeyId=key_id)
        kms.clock.advance(30 * DAY)
        assert kms.state(key_id) == "Disabled"
        assert kms("ScheduleKeyDeletion", KeyId=key_id)["DeletionDate"] == NOW + 60 * DAY

    def test_cancelling_nothing(self, kms: Kms, key_id: str) -> None:
        """A key that is not pending deletion cannot be kept."""
        refusal = ("KMSInvalidStateException", f"{kms.arn(key_id)} is not pending deletion.")
        assert kms.refusal("CancelKeyDeletion", KeyId=key_id) == refusal

    def test_an_alias_may_be_used_again(self, kms: Kms, key_id: str) -> None:
        """The alias of a deleted key is free for another key, and is a new alias then."""
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
        kms.clock.advance(7 * DAY)
        refusal = kms.refusal("UpdateAlias", AliasName="alias/example", TargetKeyId=kms.create_key())
        assert refusal.code == "NotFoundException"
        other = kms.create_key()
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=other)
        assert kms.metadata("alias/example")["KeyId"] == other
        assert kms.record(Alias, "alias/example").created_at == NOW + 7 * DAY


class TestListKeys:
    """ListKeys. https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html."""

    def test_an_empty_account(self, kms: Kms) -> None:
        """Without keys the list is empty, not absent."""
        assert kms("ListKeys") == {"Keys": [], "Truncated": False}

    def test_entries(self, kms: Kms) -> None:
        """An entry is the key's id and ARN, whatever state the key is in; AWS managed keys are listed too."""
        ids = {kms.create_key() for _ in range(3)}
        kms("DisableKey", KeyId=min(ids))
        kms("ScheduleKeyDeletion", KeyId=max(ids))
        ids.add(kms.metadata("alias/aws/ebs")["KeyId"])
        expected = [{"KeyId": key_id, "KeyArn": kms.arn(key_id)} for key_id in sorted(ids)]
        assert kms("ListKeys") == {"Keys": expected, "Truncated": False}

    def test_of_ones_own_account_and_region(self, kms: Kms, key_id: str) -> None:
        """Keys of other accounts and Regions are not listed."""
        assert kms.by(region="us-east-1")("ListKeys")["Keys"] == []
        assert kms.by(account="444455556666")("ListKeys")["Keys"] == []
        assert [entry["KeyId"] for entry in kms("ListKeys")["Keys"]] == [key_id]

    @pytest.mark.parametrize(
        ("owners", "count"), [(["SELF"], 1), (["OTHER_ACCOUNTS_VIA_RAM"], 0), (["SELF", "OTHER_ACCOUNTS_VIA_RAM"], 1)]
    )
    def test_shared_keys(self, kms: Kms, key_id: str, owners: list[str], count: int) -> None:
        """No keys are shared through Resource Access Manager here, so only the account's own are listed."""
        assert [entry["KeyId"] for entry in kms("ListKeys", ResourceOwners=owners)["Keys"]] == [key_id] * count


def test_everything_in_an_answer_happens_at_one_moment(kms: Kms) -> None:
    """Dates are epoch seconds with a fraction, and those of one call agree."""
    metadata: dict[str, Any] = kms("CreateKey")["KeyMetadata"]
    assert metadata["CreationDate"] == NOW
    assert kms.record(Key, metadata["KeyId"]).materials[0].created_at == NOW
