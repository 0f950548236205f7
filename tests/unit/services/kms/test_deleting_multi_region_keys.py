"""Deleting multi-Region keys: a replica by itself, a primary key when its replicas are gone.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-delete.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from tests.samples import NOW, REGION
from tests.unit.services.kms.test_key_states import PERMITTED
from tests.unit.services.kms.test_replicas import ELSEWHERE, THIRD, configuration, replicated

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms


@pytest.fixture
def there(kms: Kms) -> Kms:
    """Return a caller of the other Region, in the same world."""
    return kms.by(region=ELSEWHERE)


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a primary key with a replica in the other Region."""
    return replicated(kms)


def schedule(kms: Kms, key_id: str, days: int = 7) -> Any:
    """Schedule the deletion of a key in so many days."""
    return kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=days)


def is_gone(kms: Kms, key_id: str) -> bool:
    """Return True if a key does not exist any more, for any operation."""
    if key_id in str(kms("ListKeys")):
        return False
    assert kms.refusal("DescribeKey", KeyId=key_id).code == "NotFoundException"
    return True


class TestReplicas:
    """A replica is deleted like any key, whatever its related keys are."""

    def test_scheduling(self, kms: Kms, there: Kms, key_id: str) -> None:
        """The answer has a date, and the other keys are as before."""
        assert schedule(there, key_id) == {
            "KeyId": there.arn(key_id),
            "DeletionDate": NOW + 7 * DAY,
            "KeyState": "PendingDeletion",
            "PendingWindowInDays": 7,
        }
        assert there.metadata(key_id)["DeletionDate"] == NOW + 7 * DAY
        assert "PendingDeletionWindowInDays" not in there.metadata(key_id)
        assert kms.state(key_id) == "Enabled"

    def test_the_list_of_replicas(self, kms: Kms, there: Kms) -> None:
        """Its related keys list a replica until it is gone."""
        key_id = replicated(kms, ELSEWHERE, THIRD)
        schedule(there, key_id)
        kms.clock.advance(7 * DAY - 1)
        assert configuration(kms, key_id) == ("PRIMARY", REGION, [ELSEWHERE, THIRD])
        kms.clock.advance(1)
        assert is_gone(there, key_id)
        assert configuration(kms, key_id) == ("PRIMARY", REGION, [THIRD])
        assert configuration(kms.by(region=THIRD), key_id) == ("REPLICA", REGION, [THIRD])

    def test_cancelling(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A replica that is kept after all is Disabled, and outlives the date."""
        schedule(there, key_id)
        assert there("CancelKeyDeletion", KeyId=key_id) == {"KeyId": there.arn(key_id)}
        kms.clock.advance(8 * DAY)
        assert there.state(key_id) == "Disabled"
        assert configuration(kms, key_id) == ("PRIMARY", REGION, [ELSEWHERE])

    def test_while_it_is_pending_deletion_there_is_no_other(self, kms: Kms, there: Kms, key_id: str) -> None:
        """The Region has a replica until it is gone."""
        schedule(there, key_id)
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE).code == "AlreadyExistsException"

    def test_creating_it_again(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A deleted replica can be created again, and decrypts what the former one has encrypted."""
        blob = there("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        schedule(there, key_id)
        kms.clock.advance(7 * DAY)
        assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE)
        assert configuration(there, key_id) == ("REPLICA", REGION, [ELSEWHERE])
        assert there.metadata(key_id)["CreationDate"] == NOW + 7 * DAY
        assert there("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"

    def test_what_belonged_to_the_former_one(self, kms: Kms, there: Kms, key_id: str) -> None:
        """Aliases, grants and everything else go with a key; one that is created again has nothing of them."""
        there("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        there("TagResource", KeyId=key_id, Tags=[{"TagKey": "Purpose", "TagValue": "Test"}])
        there("UpdateKeyDescription", KeyId=key_id, Description="former")
        retiring = {"RetiringPrincipal": PERMITTED["GranteePrincipal"]}
        token = there("CreateGrant", KeyId=key_id, **PERMITTED | retiring)["GrantToken"]
        there("Encrypt", KeyId=key_id, Plaintext=b"hello")
        schedule(there, key_id)
        kms.clock.advance(7 * DAY)
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE)
        assert "alias/example" not in str(there("ListAliases"))
        assert there("ListGrants", KeyId=key_id)["Grants"] == []
        assert there("ListRetirableGrants", **retiring)["Grants"] == []
        assert there.refusal("RetireGrant", GrantToken=token).code == "InvalidGrantTokenException"
        assert there("ListResourceTags", KeyId=key_id)["Tags"] == []
        assert there("GetKeyLastUsage", KeyId=key_id)["KeyLastUsage"] == {}
        assert there.metadata(key_id)["Description"] == ""


class TestPrimaryKeys:
    """A primary key waits for its replicas."""

    def test_without_replicas(self, kms: Kms) -> None:
        """A primary key that has none is deleted like any key."""
        key_id = kms.create_key(MultiRegion=True)
        assert schedule(kms, key_id)["DeletionDate"] == NOW + 7 * DAY
        assert kms.state(key_id) == "PendingDeletion"
        kms.clock.advance(7 * DAY)
        assert is_gone(kms, key_id)

    def test_with_replicas(self, kms: Kms, there: Kms, key_id: str) -> None:
        """It is PendingReplicaDeletion without a date, for as long as may be; its replicas go on as before."""
        assert schedule(kms, key_id) == {
            "KeyId": kms.arn(key_id),
            "KeyState": "PendingReplicaDeletion",
            "PendingWindowInDays": 7,
        }
        kms.clock.advance(1000 * DAY)
        metadata = kms.metadata(key_id)
        assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingReplicaDeletion", False)
        assert metadata["PendingDeletionWindowInDays"] == 7
        assert "DeletionDate" not in metadata
        assert there.state(key_id) == "Enabled"
        there("Encrypt", KeyId=key_id, Plaintext=b"hello")

    @pytest.mark.parametrize("primary_first", [True, False])
    def test_its_waiting_period(self, kms: Kms, there: Kms, primary_first: bool) -> None:
        """It begins when the last replica is gone, whichever key was scheduled first: 14 days at least."""
        key_id = replicated(kms, ELSEWHERE, THIRD)
        callers = [kms, there, kms.by(region=THIRD)]
        for caller in callers if primary_first else reversed(callers):
            schedule(caller, key_id, days=10 if caller.region == THIRD else 7)
        assert kms.state(key_id) == "PendingReplicaDeletion"
        assert "DeletionDate" not in kms.metadata(key_id)
        kms.clock.advance(7 * DAY)
        assert is_gone(there, key_id)
        assert kms.state(key_id) == "PendingReplicaDeletion"
        kms.clock.advance(3 * DAY)
        metadata = kms.metadata(key_id)
        assert (metadata["KeyState"], metadata["DeletionDate"]) == ("PendingDeletion", NOW + 17 * DAY)
        assert "PendingDeletionWindowInDays" not in metadata
        assert configuration(kms, key_id) == ("PRIMARY", REGION, [])
        kms.clock.advance(7 * DAY - 1)
        assert not is_gone(kms, key_id)
        kms.clock.advance(1)
        assert is_gone(kms, key_id)

    def test_a_replica_that_is_kept(self, kms: Kms, there: Kms, key_id: str) -> None:
        """When the deletion of its last replica is cancelled, the primary key waits on."""
        schedule(kms, key_id)
        schedule(there, key_id)
        kms.clock.advance(6 * DAY)
        there("CancelKeyDeletion", KeyId=key_id)
        kms.clock.advance(30 * DAY)
        assert kms.state(key_id) == "PendingReplicaDeletion"
        schedule(there, key_id)
        kms.clock.advance(7 * DAY)
        assert kms.metadata(key_id)["DeletionDate"] == NOW + (6 + 30 + 7 + 7) * DAY

    @pytest.mark.parametrize("days", [0, 8])
    def test_cancelling(self, kms: Kms, there: Kms, key_id: str, days: int) -> None:
        """A primary key can be kept while it waits for its replicas, and while its own waiting period runs."""
        schedule(kms, key_id)
        schedule(there, key_id)
        kms.clock.advance(days * DAY)
        assert kms("CancelKeyDeletion", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
        kms.clock.advance(30 * DAY)
        metadata = kms.metadata(key_id)
        assert metadata["KeyState"] == "Disabled"
        assert metadata.keys().isdisjoint({"DeletionDate", "PendingDeletionWindowInDays"})

    def test_rotation_status(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A primary key that is to be deleted shows its rotation while it waits for its replicas (recorded)."""
        kms("EnableKeyRotation", KeyId=key_id)
        before = kms("GetKeyRotationStatus", KeyId=key_id)
        schedule(kms, key_id)
        assert kms("GetKeyRotationStatus", KeyId=key_id) == before
        schedule(there, key_id)
        assert there("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"] is False
        kms.clock.advance(7 * DAY)
        assert kms("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"] is False

    def test_after_the_primary_region_has_changed(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A former primary key is deleted as a replica, for which the new one waits."""
        kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)
        assert schedule(there, key_id)["KeyState"] == "PendingReplicaDeletion"
        assert schedule(kms, key_id)["KeyState"] == "PendingDeletion"
        kms.clock.advance(7 * DAY)
        assert is_gone(kms, key_id)
        assert there.metadata(key_id)["DeletionDate"] == NOW + 14 * DAY
