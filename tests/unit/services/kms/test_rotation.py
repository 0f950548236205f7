"""Automatic rotation. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from mockaws.records.kms import AutomaticRotation, Key, MultiRegion
from tests.samples import NOW
from tests.unit.services.kms.importing import FIRST, all_materials, external_key, same_materials

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

OTHER_SPECS = [
    {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
]


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def status(kms: Kms, key_id: str) -> dict[str, Any]:
    """Return the rotation status of a key."""
    found: dict[str, Any] = kms("GetKeyRotationStatus", KeyId=key_id)
    return found


def off(kms: Kms, key_id: str) -> dict[str, Any]:
    """Return the status of a key that is not rotated: the key ARN, and no period."""
    return {"KeyId": kms.arn(key_id), "KeyRotationEnabled": False}


def days_of_rotations(kms: Kms, key_id: str) -> list[float]:
    """Return after how many days a key was rotated each time."""
    rotations = kms("ListKeyRotations", KeyId=key_id)["Rotations"]
    return [round((entry["RotationDate"] - NOW) / DAY, 3) for entry in rotations]


class TestSettings:
    """EnableKeyRotation, DisableKeyRotation and GetKeyRotationStatus."""

    def test_off_at_first(self, kms: Kms, key_id: str) -> None:
        """A new key is not rotated."""
        assert status(kms, key_id) == off(kms, key_id)
        assert status(kms, kms.arn(key_id)) == off(kms, key_id)

    @pytest.mark.parametrize(
        ("given", "days"),
        [({}, 365), ({"RotationPeriodInDays": 90}, 90), ({"RotationPeriodInDays": 2560}, 2560)],
    )
    def test_on(self, kms: Kms, key_id: str, given: dict[str, int], days: int) -> None:
        """A key is rotated every 365 days, or as often as is said; the answer to EnableKeyRotation is empty."""
        assert kms("EnableKeyRotation", KeyId=key_id, **given) is None
        assert status(kms, key_id) == {
            "KeyId": kms.arn(key_id),
            "KeyRotationEnabled": True,
            "RotationPeriodInDays": days,
            "NextRotationDate": NOW + days * DAY,
        }

    def test_another_period(self, kms: Kms, key_id: str) -> None:
        """Enabling it again changes the period, which counts from then."""
        kms("EnableKeyRotation", KeyId=key_id)
        kms.clock.advance(50 * DAY)
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
        found = status(kms, key_id)
        assert (found["RotationPeriodInDays"], found["NextRotationDate"]) == (100, NOW + 150 * DAY)

    @pytest.mark.parametrize("given", [{}, {"RotationPeriodInDays": 90}], ids=["without a period", "the same period"])
    def test_once_more(self, kms: Kms, key_id: str, given: dict[str, int]) -> None:
        """Enabling it again without another period leaves period and date as they are (recorded)."""
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
        before = status(kms, key_id)
        kms.clock.advance(DAY)
        kms("EnableKeyRotation", KeyId=key_id, **given)
        assert status(kms, key_id) == before

    def test_anew(self, kms: Kms, key_id: str) -> None:
        """If rotation was disabled in between, the former period is forgotten (recorded)."""
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=90)
        kms("DisableKeyRotation", KeyId=key_id)
        kms("EnableKeyRotation", KeyId=key_id)
        assert status(kms, key_id)["RotationPeriodInDays"] == 365

    def test_off_again(self, kms: Kms, key_id: str) -> None:
        """Disabling it is always possible, twice too; the answer is empty."""
        kms("EnableKeyRotation", KeyId=key_id)
        assert kms("DisableKeyRotation", KeyId=key_id) is None
        assert kms("DisableKeyRotation", KeyId=key_id) is None
        assert status(kms, key_id) == off(kms, key_id)

    @pytest.mark.parametrize(("passed", "next_rotation"), [(0, 100), (99.9, 100), (100, 200), (250, 300)])
    def test_the_next_date(self, kms: Kms, key_id: str, passed: float, next_rotation: float) -> None:
        """The next rotation lies in the future, a whole number of periods after rotation was enabled."""
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
        kms.clock.advance(passed * DAY)
        assert status(kms, key_id)["NextRotationDate"] == NOW + next_rotation * DAY

    def test_of_a_disabled_key(self, kms: Kms, key_id: str) -> None:
        """A disabled key keeps its rotation status, which cannot be changed."""
        kms("EnableKeyRotation", KeyId=key_id)
        kms("DisableKey", KeyId=key_id)
        assert status(kms, key_id)["KeyRotationEnabled"] is True
        refusal = ("DisabledException", f"{kms.arn(key_id)} is disabled.")
        assert kms.refusal("EnableKeyRotation", KeyId=key_id) == refusal
        assert kms.refusal("DisableKeyRotation", KeyId=key_id) == refusal

    def test_of_a_key_pending_deletion(self, kms: Kms, key_id: str) -> None:
        """A key that is pending deletion is not rotated; one that is kept after all is."""
        kms("EnableKeyRotation", KeyId=key_id)
        kms("ScheduleKeyDeletion", KeyId=key_id)
        assert status(kms, key_id) == off(kms, key_id)
        kms("CancelKeyDeletion", KeyId=key_id)
        assert status(kms, key_id)["KeyRotationEnabled"] is True

    @pytest.mark.parametrize(
        ("days", "bound"), [(89, "greater than or equal to 90"), (2561, "less than or equal to 2560")]
    )
    def test_periods(self, kms: Kms, key_id: str, days: int, bound: str) -> None:
        """A period is 90 to 2560 days."""
        assert kms.refusal("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=days) == (
            "ValidationException",
            (
                f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
                f"Member must have value {bound}"
            ),
        )

    @pytest.mark.parametrize(
        "operation",
        ["EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus", "ListKeyRotations", "RotateKeyOnDemand"],
    )
    def test_by_alias(self, kms: Kms, key_id: str, operation: str) -> None:
        """The calls on rotation take no alias."""
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        refusal = kms.refusal(operation, KeyId="alias/example")
        assert refusal == ("InvalidArnException", "Key Aliases are not supported for this operation.")

    @pytest.mark.parametrize("given", OTHER_SPECS, ids=lambda given: given["KeySpec"])
    def test_of_other_specs(self, kms: Kms, given: dict[str, str]) -> None:
        """Only symmetric encryption keys can be rotated: others are refused without a word; turning it off is fine."""
        key_id = kms.create_key(**given)
        assert status(kms, key_id) == off(kms, key_id)
        assert kms("DisableKeyRotation", KeyId=key_id) is None
        assert kms("ListKeyRotations", KeyId=key_id) == {"Rotations": [], "Truncated": False}
        for operation in ("EnableKeyRotation", "RotateKeyOnDemand"):
            assert kms.refusal(operation, KeyId=key_id) == ("UnsupportedOperationException", "")
        assert kms.refusal("ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL") == (
            "ValidationException",
            "Input parameter includeKeyMaterial can only be used with symmetric keys.",
        )
        kms("DisableKey", KeyId=key_id)
        for operation in ("EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"):
            assert kms.refusal(operation, KeyId=key_id).code == "DisabledException"

    @pytest.mark.parametrize("materials", [(), (FIRST,)], ids=["pending import", "imported"])
    def test_of_imported_material(self, kms: Kms, materials: tuple[bytes, ...]) -> None:
        """KMS cannot rotate by itself what its owner makes, which comes before the key's state; it may be asked."""
        key_id = external_key(kms, *materials)
        assert status(kms, key_id) == off(kms, key_id)
        for operation in ("EnableKeyRotation", "DisableKeyRotation"):
            assert kms.refusal(operation, KeyId=key_id) == (
                "UnsupportedOperationException",
                f"{kms.arn(key_id)} origin is EXTERNAL which is not valid for this operation.",
            )

    @pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"])
    def test_of_a_replica(self, kms: Kms, key_id: str, operation: str) -> None:
        """The rotation of related multi-Region keys is a matter of the primary key (recorded)."""
        kms.change(Key, key_id, multi_region=MultiRegion(primary_region="eu-west-1"))
        assert kms.refusal(operation, KeyId=key_id) == (
            "UnsupportedOperationException",
            f"{kms.arn(key_id)} is a multi-region replica key which is not valid for {operation}.",
        )
        kms.change(Key, key_id, rotation=AutomaticRotation(period_in_days=365, counts_from=NOW))
        assert status(kms, key_id)["KeyRotationEnabled"] is True


class TestWhatComesOfIt:
    """The clock passes, and the material is another one."""

    @pytest.fixture
    def rotated(self, kms: Kms) -> str:
        """Return a key that is rotated every 100 days."""
        key_id = kms.create_key()
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
        return key_id

    def test_new_material(self, kms: Kms, rotated: str) -> None:
        """When the period is over, DescribeKey, Encrypt, GenerateDataKey and ListKeyRotations know the new material."""
        first = kms.metadata(rotated)["CurrentKeyMaterialId"]
        kms.clock.advance(100 * DAY)
        second = kms.metadata(rotated)["CurrentKeyMaterialId"]
        assert second != first
        assert kms("GenerateDataKey", KeyId=rotated, KeySpec="AES_256")["KeyMaterialId"] == second
        blob = kms("Encrypt", KeyId=rotated, Plaintext=b"hello")["CiphertextBlob"]
        assert kms("Decrypt", CiphertextBlob=blob)["KeyMaterialId"] == second
        assert kms("ListKeyRotations", KeyId=rotated) == {
            "Rotations": [
                {
                    "KeyId": kms.arn(rotated),
                    "KeyMaterialId": second,
                    "KeyMaterialState": "CURRENT",
                    "RotationDate": NOW + 100 * DAY,
                    "RotationType": "AUTOMATIC",
                }
            ],
            "Truncated": False,
        }

    def test_old_ciphertexts(self, kms: Kms, rotated: str) -> None:
        """Ciphertexts of all materials are decrypted, and Decrypt returns the id of the material."""
        blobs, ids = [], []
        for _ in range(4):
            blobs.append(kms("Encrypt", KeyId=rotated, Plaintext=b"hello")["CiphertextBlob"])
            ids.append(kms.metadata(rotated)["CurrentKeyMaterialId"])
            kms.clock.advance(100 * DAY)
        opened = [kms("Decrypt", CiphertextBlob=blob) for blob in blobs]
        assert [answer["Plaintext"] for answer in opened] == [b"hello"] * 4
        assert [answer["KeyMaterialId"] for answer in opened] == ids
        assert len(set(ids)) == 4

    def test_nothing_is_written(self, kms: Kms, rotated: str) -> None:
        """Looking at a key that was due changes no record; changing anything keeps what has come of it."""
        before = kms.record(Key, rotated)
        kms.clock.advance(250 * DAY)
        seen = all_materials(kms, rotated)
        kms("Encrypt", KeyId=rotated, Plaintext=b"hello")
        assert kms.record(Key, rotated) == before
        kms("UpdateKeyDescription", KeyId=rotated, Description="for tests")
        assert len(kms.record(Key, rotated).materials) == 3
        assert all_materials(kms, rotated) == seen

    def test_after_it_is_disabled(self, kms: Kms, rotated: str) -> None:
        """Disabling rotation keeps what there was; enabling it again counts from then."""
        kms.clock.advance(250 * DAY)
        kms("DisableKeyRotation", KeyId=rotated)
        kms.clock.advance(250 * DAY)
        assert days_of_rotations(kms, rotated) == [100, 200]
        kms("EnableKeyRotation", KeyId=rotated, RotationPeriodInDays=100)
        kms.clock.advance(100 * DAY)
        assert days_of_rotations(kms, rotated) == [100, 200, 600]

    def test_while_the_key_is_disabled(self, kms: Kms, rotated: str) -> None:
        """A disabled key is not rotated; what was due meanwhile is done when it is enabled, and counts from then."""
        kms.clock.advance(150 * DAY)
        kms("DisableKey", KeyId=rotated)
        kms.clock.advance(200 * DAY)
        assert days_of_rotations(kms, rotated) == [100]
        kms("EnableKey", KeyId=rotated)
        assert days_of_rotations(kms, rotated) == [100, 350]
        assert status(kms, rotated)["NextRotationDate"] == NOW + 450 * DAY

    def test_while_the_key_is_disabled_for_a_short_time(self, kms: Kms, rotated: str) -> None:
        """A key that was not overdue when it was enabled again is rotated as if nothing had happened."""
        kms("DisableKey", KeyId=rotated)
        kms.clock.advance(50 * DAY)
        kms("EnableKey", KeyId=rotated)
        kms("EnableKey", KeyId=rotated)
        kms.clock.advance(100 * DAY)
        assert days_of_rotations(kms, rotated) == [100]

    def test_while_the_key_is_to_be_deleted(self, kms: Kms, rotated: str) -> None:
        """A key that is pending deletion is not rotated, nor while it is disabled after that."""
        kms.clock.advance(90 * DAY)
        kms("ScheduleKeyDeletion", KeyId=rotated)
        kms.clock.advance(20 * DAY)
        kms("CancelKeyDeletion", KeyId=rotated)
        assert days_of_rotations(kms, rotated) == []
        kms("EnableKey", KeyId=rotated)
        assert days_of_rotations(kms, rotated) == [110]

    def test_aws_managed_keys(self, kms: Kms) -> None:
        """KMS rotates the keys of AWS's services every year, and customers cannot stop that."""
        key_id = kms.metadata("alias/aws/s3")["KeyId"]
        blob = kms("Encrypt", KeyId="alias/aws/s3", Plaintext=b"hello")["CiphertextBlob"]
        kms.clock.advance(366 * DAY)
        assert days_of_rotations(kms, key_id) == [365]
        assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"
        assert kms.metadata("alias/aws/s3")["CurrentKeyMaterialId"] == all_materials(kms, key_id)[-1]["KeyMaterialId"]
        assert kms.refusal("RotateKeyOnDemand", KeyId=key_id).code == "AccessDeniedException"


class TestRelatedKeys:
    """Multi-Region keys, whose rotation is a matter of the primary key."""

    @pytest.fixture
    def primary(self, kms: Kms) -> str:
        """Return a primary key that is rotated every 100 days, and has a replica."""
        key_id = kms.create_key(MultiRegion=True)
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
        return key_id

    @pytest.fixture
    def replica(self, kms: Kms) -> Kms:
        """Return a caller in the Region of the replica."""
        return kms.by(region="eu-west-1")

    def test_the_same_material(self, kms: Kms, replica: Kms, primary: str) -> None:
        """Both are rotated at once, to the same material, so each decrypts the other's ciphertexts."""
        kms.clock.advance(150 * DAY)
        kms("RotateKeyOnDemand", KeyId=primary)
        kms.clock.advance(100 * DAY)
        assert days_of_rotations(kms, primary) == [100, 150, 200]
        assert same_materials(kms, replica, primary)
        blob = replica("Encrypt", KeyId=primary, Plaintext=b"hello")["CiphertextBlob"]
        assert kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"

    def test_a_disabled_replica(self, kms: Kms, replica: Kms, primary: str) -> None:
        """A replica is rotated with its primary key also while it is disabled."""
        replica("DisableKey", KeyId=primary)
        kms.clock.advance(150 * DAY)
        replica("EnableKey", KeyId=primary)
        assert days_of_rotations(kms, primary) == days_of_rotations(replica, primary) == [100]

    def test_a_disabled_primary_key(self, kms: Kms, replica: Kms, primary: str) -> None:
        """While the primary key is disabled neither is rotated; when it is enabled again both are."""
        kms("DisableKey", KeyId=primary)
        kms.clock.advance(150 * DAY)
        assert days_of_rotations(replica, primary) == []
        kms("EnableKey", KeyId=primary)
        assert days_of_rotations(kms, primary) == days_of_rotations(replica, primary) == [150]
        assert same_materials(kms, replica, primary)
