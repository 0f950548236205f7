"""Keys whose material is imported, as their owner works with them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tests.samples import NOW
from tests.wrapping import wrapped

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

# AWS keeps of a ValidTo the whole seconds.
WHOLE_NOW = math.floor(NOW)
FIRST, SECOND, THIRD = (bytes((number,)) * 32 for number in (1, 2, 3))
FOR_GOOD = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
NEW = {"ImportType": "NEW_KEY_MATERIAL"}
AGAIN = {"ImportType": "EXISTING_KEY_MATERIAL"}


def external_key(kms: Kms, *materials: bytes, **document: Any) -> str:
    """Return a new key with Origin EXTERNAL, rotated through *materials*."""
    key_id = kms.create_key(Origin="EXTERNAL", **document)
    for number, material in enumerate(materials):
        import_material(kms, key_id, material, **NEW if number else {})
        if number:
            kms("RotateKeyOnDemand", KeyId=key_id)
    return key_id


def request(
    kms: Kms,
    key_id: str,
    material: bytes,
    *,
    algorithm: str = "RSAES_OAEP_SHA_256",
    wrapping_spec: str = "RSA_2048",
    **document: Any,
) -> dict[str, Any]:
    """Return a request to import *material*, for good unless *document* says otherwise."""
    parameters = kms("GetParametersForImport", KeyId=key_id, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping_spec)
    expiration = {} if "ValidTo" in document else FOR_GOOD
    return {
        "KeyId": key_id,
        "ImportToken": parameters["ImportToken"],
        "EncryptedKeyMaterial": wrapped(algorithm, parameters["PublicKey"], material),
        **expiration,
        **document,
    }


def import_material(kms: Kms, key_id: str, material: bytes, **document: Any) -> str:
    """Import *material*; return its id, which AWS shows for symmetric encryption keys only."""
    answer = kms("ImportKeyMaterial", **request(kms, key_id, material, **document))
    assert answer["KeyId"] == kms.arn(key_id)
    if kms.metadata(key_id)["KeySpec"] != "SYMMETRIC_DEFAULT":
        assert answer.keys() == {"KeyId"}
        return ""
    assert answer.keys() == {"KeyId", "KeyMaterialId"}
    material_id: str = answer["KeyMaterialId"]
    return material_id


def all_materials(kms: Kms, key_id: str) -> list[dict[str, Any]]:
    """Return all materials of a key, as ListKeyRotations shows them."""
    answer = kms("ListKeyRotations", KeyId=key_id, IncludeKeyMaterial="ALL_KEY_MATERIAL")
    rotations: list[dict[str, Any]] = answer["Rotations"]
    assert {entry["KeyId"] for entry in rotations} <= {kms.arn(key_id)}
    return rotations


def same_materials(one: Kms, other: Kms, key_id: str) -> bool:
    """Return True if two related keys have the same materials: ListKeyRotations names each with its own key's ARN."""
    there = [entry | {"KeyId": one.arn(key_id)} for entry in all_materials(other, key_id)]
    return all_materials(one, key_id) == there
