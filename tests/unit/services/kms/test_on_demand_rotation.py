"""Rotation on demand, and the list of rotations.

https://docs.aws.amazon.com/kms/latest/developerguide/rotating-keys-on-demand.html
"""

from __future__ import annotations

import pytest

from mockaws.clock import DAY, MINUTE
from mockaws.records.world import Limits, Timing
from tests.samples import NOW
from tests.unit.services.kms.calling import Kms
from tests.unit.services.kms.importing import (
    FIRST,
    NEW,
    SECOND,
    THIRD,
    WHOLE_NOW,
    all_materials,
    external_key,
    import_material,
)


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


class TestRotateKeyOnDemand:
    """RotateKeyOnDemand."""

    def test_new_material(self, kms: Kms, key_id: str) -> None:
        """The answer has the key's ARN; the key encrypts with other material, and decrypts what it encrypted before."""
        first = kms.metadata(key_id)["CurrentKeyMaterialId"]
        blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        assert kms("RotateKeyOnDemand", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] != first
        assert kms("Decrypt", CiphertextBlob=blob)["KeyMaterialId"] == first
        assert kms("GetKeyRotationStatus", KeyId=key_id) == {"KeyId": kms.arn(key_id), "KeyRotationEnabled": False}

    def test_the_schedule_stays(self, kms: Kms, key_id: str) -> None:
        """Automatic rotation goes on as it was to."""
        kms("EnableKeyRotation", KeyId=key_id)
        before = kms("GetKeyRotationStatus", KeyId=key_id)
        kms.clock.advance(300 * DAY)
        kms("RotateKeyOnDemand", KeyId=key_id)
        assert kms("GetKeyRotationStatus", KeyId=key_id) == before
        kms.clock.advance(100 * DAY)
        rotations = kms("ListKeyRotations", KeyId=key_id)["Rotations"]
        assert [(entry["RotationType"], entry["RotationDate"]) for entry in rotations] == [
            ("ON_DEMAND", NOW + 300 * DAY),
            ("AUTOMATIC", NOW + 365 * DAY),
        ]

    def test_it_takes_a_while(self) -> None:
        """During a rotation the status shows its start, its material is not used, and no other begins (recorded)."""
        kms = Kms(timing=Timing(rotate_key_on_demand=60))
        key_id = kms.create_key()
        first = kms.metadata(key_id)["CurrentKeyMaterialId"]
        kms("RotateKeyOnDemand", KeyId=key_id)
        kms.clock.advance(59)
        kms("DisableKeyRotation", KeyId=key_id)
        assert kms("GetKeyRotationStatus", KeyId=key_id)["OnDemandRotationStartDate"] == NOW
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == first
        assert [entry["KeyMaterialState"] for entry in all_materials(kms, key_id)] == ["CURRENT"]
        assert kms("RotateKeyOnDemand", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
        kms.clock.advance(1)
        assert "OnDemandRotationStartDate" not in kms("GetKeyRotationStatus", KeyId=key_id)
        (rotation,) = kms("ListKeyRotations", KeyId=key_id)["Rotations"]
        assert rotation["RotationDate"] == NOW + 60
        assert rotation["KeyMaterialId"] == kms.metadata(key_id)["CurrentKeyMaterialId"] != first
        kms("RotateKeyOnDemand", KeyId=key_id)

    @pytest.mark.parametrize(("minutes", "near"), [(21, False), (20, True), (1, True)])
    def test_automatic_rotation_is_near(self, kms: Kms, key_id: str, minutes: float, near: bool) -> None:
        """None can begin in the 20 minutes before an automatic rotation."""
        kms("EnableKeyRotation", KeyId=key_id)
        kms.clock.advance(365 * DAY - minutes * MINUTE)
        if near:
            assert kms.refusal("RotateKeyOnDemand", KeyId=key_id).code == "ConflictException"
            kms.clock.advance(minutes * MINUTE)
        kms("RotateKeyOnDemand", KeyId=key_id)

    def test_the_limit(self) -> None:
        """A key can be rotated so many times on demand, 25 on AWS; automatic rotations do not count."""
        kms = Kms(limits=Limits(on_demand_rotations_per_key=2))
        key_id = kms.create_key()
        kms("EnableKeyRotation", KeyId=key_id)
        kms.clock.advance(800 * DAY)
        kms("RotateKeyOnDemand", KeyId=key_id)
        kms("RotateKeyOnDemand", KeyId=key_id)
        assert kms.refusal("RotateKeyOnDemand", KeyId=key_id) == (
            "LimitExceededException",
            (
                "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can "
                f"be performed for this key: {kms.arn(key_id)}"
            ),
        )
        assert Limits().on_demand_rotations_per_key == 25


class TestImportedMaterial:
    """Imported material is rotated on demand, to what was imported for it."""

    def test_the_story(self, kms: Kms) -> None:
        """New material waits for the rotation and is current after it, when the key still decrypts what is older."""
        key_id = external_key(kms, FIRST)
        first = kms.metadata(key_id)["CurrentKeyMaterialId"]
        blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        second = import_material(kms, key_id, SECOND, KeyMaterialDescription="Q2 rotation", **NEW)
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == first != second
        for_good = {
            "KeyId": kms.arn(key_id),
            "ImportState": "IMPORTED",
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }
        described = {"KeyMaterialId": second, "KeyMaterialDescription": "Q2 rotation"}
        assert all_materials(kms, key_id) == [
            for_good | {"KeyMaterialId": first, "KeyMaterialState": "CURRENT"},
            for_good | described | {"KeyMaterialState": "PENDING_ROTATION"},
        ]
        assert kms("ListKeyRotations", KeyId=key_id)["Rotations"] == []
        assert kms("RotateKeyOnDemand", KeyId=key_id) == {"KeyId": kms.arn(key_id)}
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == second
        rotation = {"KeyMaterialState": "CURRENT", "RotationDate": NOW, "RotationType": "ON_DEMAND"}
        assert all_materials(kms, key_id) == [
            for_good | {"KeyMaterialId": first, "KeyMaterialState": "NON_CURRENT"},
            for_good | described | rotation,
        ]
        assert kms("Decrypt", CiphertextBlob=blob)["KeyMaterialId"] == first
        again = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        assert kms("Decrypt", CiphertextBlob=again)["KeyMaterialId"] == second

    def test_nothing_to_rotate_to(self, kms: Kms) -> None:
        """A key without material is pending import; one without new material has none that is pending rotation."""
        key_id = external_key(kms)
        pending_import = ("KMSInvalidStateException", f"{kms.arn(key_id)} is pending import.")
        assert kms.refusal("RotateKeyOnDemand", KeyId=key_id) == pending_import
        import_material(kms, key_id, FIRST)
        nothing = (
            "KMSInvalidStateException",
            f"No available key material pending rotation for the key: {kms.arn(key_id)}.",
        )
        assert kms.refusal("RotateKeyOnDemand", KeyId=key_id) == nothing

    def test_expired_before_the_rotation(self, kms: Kms) -> None:
        """A rotation to material that expired while it was pending leaves the key pending import."""
        key_id = external_key(kms, FIRST)
        second = import_material(kms, key_id, SECOND, ValidTo=WHOLE_NOW + 60, **NEW)
        kms.clock.advance(60)
        assert kms.state(key_id) == "Enabled"
        kms("RotateKeyOnDemand", KeyId=key_id)
        metadata = kms.metadata(key_id)
        assert (metadata["KeyState"], metadata["CurrentKeyMaterialId"]) == ("PendingImport", second)
        entry = all_materials(kms, key_id)[1]
        assert (entry["ImportState"], entry["ValidTo"]) == ("IMPORTED", WHOLE_NOW + 60)
        import_material(kms, key_id, SECOND)
        assert kms.state(key_id) == "Enabled"

    def test_other_specs(self, kms: Kms) -> None:
        """Only symmetric encryption keys are rotated."""
        key_id = external_key(kms, bytes(32), KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        assert kms.refusal("RotateKeyOnDemand", KeyId=key_id) == ("UnsupportedOperationException", "")

    def test_it_takes_a_while(self) -> None:
        """Until it is over the new material is pending, and can be taken back."""
        kms = Kms(timing=Timing(rotate_key_on_demand=60))
        key_id = external_key(kms, FIRST)
        second = import_material(kms, key_id, SECOND, **NEW)
        kms("RotateKeyOnDemand", KeyId=key_id)
        assert all_materials(kms, key_id)[1]["KeyMaterialState"] == "PENDING_ROTATION"
        kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=second)
        assert "OnDemandRotationStartDate" in kms("GetKeyRotationStatus", KeyId=key_id)
        kms.clock.advance(60)
        assert [entry["KeyMaterialState"] for entry in all_materials(kms, key_id)] == ["CURRENT"]
        assert "OnDemandRotationStartDate" not in kms("GetKeyRotationStatus", KeyId=key_id)

    def test_it_takes_what_is_there_at_its_end(self) -> None:
        """A rotation goes on when its material is deleted, and is to what was imported in its place."""
        kms = Kms(timing=Timing(rotate_key_on_demand=60))
        key_id = external_key(kms, FIRST)
        second = import_material(kms, key_id, SECOND, **NEW)
        kms("RotateKeyOnDemand", KeyId=key_id)
        kms("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=second)
        third = import_material(kms, key_id, THIRD, **NEW)
        kms.clock.advance(60)
        assert kms.metadata(key_id)["CurrentKeyMaterialId"] == third
        assert kms.refusal("RotateKeyOnDemand", KeyId=key_id).code == "KMSInvalidStateException"

    def test_a_replica_without_it(self) -> None:
        """Material that a replica loses during the rotation becomes current, so the replica is pending import."""
        kms = Kms(timing=Timing(rotate_key_on_demand=60))
        replica = kms.by(region="eu-west-1")
        key_id = external_key(kms, FIRST, MultiRegion=True)
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
        import_material(replica, key_id, FIRST)
        second = import_material(kms, key_id, SECOND, **NEW)
        import_material(replica, key_id, SECOND)
        kms("RotateKeyOnDemand", KeyId=key_id)
        replica("DeleteImportedKeyMaterial", KeyId=key_id, KeyMaterialId=second)
        kms.clock.advance(60)
        assert (kms.state(key_id), replica.state(key_id)) == ("Enabled", "PendingImport")
        assert replica.metadata(key_id)["CurrentKeyMaterialId"] == second
        assert [entry["ImportState"] for entry in all_materials(replica, key_id)] == ["IMPORTED", "PENDING_IMPORT"]


class TestListKeyRotations:
    """ListKeyRotations."""

    @pytest.fixture
    def rotated(self, kms: Kms) -> str:
        """Return a key with five rotations."""
        key_id = kms.create_key()
        for _ in range(5):
            kms.clock.advance(1)
            kms("RotateKeyOnDemand", KeyId=key_id)
        return key_id

    def test_rotations(self, kms: Kms, rotated: str) -> None:
        """The rotations are listed, oldest first, each with the material that it brought."""
        assert kms("ListKeyRotations", KeyId=rotated) == kms(
            "ListKeyRotations", KeyId=kms.arn(rotated), IncludeKeyMaterial="ROTATIONS_ONLY"
        )
        rotations = kms("ListKeyRotations", KeyId=rotated)["Rotations"]
        assert [entry["RotationDate"] - NOW for entry in rotations] == pytest.approx([1, 2, 3, 4, 5])
        assert [entry["KeyMaterialState"] for entry in rotations] == ["NON_CURRENT"] * 4 + ["CURRENT"]

    def test_all_material(self, kms: Kms, rotated: str) -> None:
        """On request the first material is there too, which no rotation brought."""
        first, *rest = all_materials(kms, rotated)
        assert first.keys() == {"KeyId", "KeyMaterialId", "KeyMaterialState"}
        assert rest == kms("ListKeyRotations", KeyId=rotated)["Rotations"]

    def test_a_new_key(self, kms: Kms, key_id: str) -> None:
        """A new key has no rotations behind it."""
        assert kms("ListKeyRotations", KeyId=key_id) == {"Rotations": [], "Truncated": False}

    def test_pages(self, kms: Kms, rotated: str) -> None:
        """The list comes in pages."""
        first = kms("ListKeyRotations", KeyId=rotated, Limit=2)
        assert (len(first["Rotations"]), first["Truncated"]) == (2, True)
        second = kms("ListKeyRotations", KeyId=rotated, Limit=3, Marker=first["NextMarker"])
        assert (len(second["Rotations"]), second["Truncated"]) == (3, False)
        assert "NextMarker" not in second
        whole = kms("ListKeyRotations", KeyId=rotated)["Rotations"]
        assert first["Rotations"] + second["Rotations"] == whole
        assert kms.refusal("ListKeyRotations", KeyId=rotated, Marker="x").code == "InvalidMarkerException"
