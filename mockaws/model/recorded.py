"""Recorded constraints that AWS enforces and its published models lack, by service and shape.

`enum`: AWS's order of the permitted values, which differs from the model's. Values that the model got later follow.
`also`: values that AWS passes on to the operation without listing them.
`shown`: the values that AWS lists although it permits others.
`pattern`: a pattern that the model lacks.

The recorded answers are of 2023 to 2026.
"""

from __future__ import annotations

from typing import Any

_KEY_SPECS = [
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
]

# The error for a request that violates a constraint of the model. Other services use ValidationException.
CONSTRAINT_ERRORS = {"cloudhsmv2": "CloudHsmInvalidRequestException"}

CONSTRAINTS: dict[str, dict[str, dict[str, Any]]] = {
    "kms": {
        "KeyIdType": {"pattern": r"^\p{ASCII}+$"},
        "KeyUsageType": {"enum": ["ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC"]},
        "MacAlgorithmSpec": {"enum": ["HMAC_SHA_384", "HMAC_SHA_256", "HMAC_SHA_224", "HMAC_SHA_512"]},
        "EncryptionAlgorithmSpec": {
            "enum": ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256", "SM2PKE", "SYMMETRIC_DEFAULT"],
        },
        "SigningAlgorithmSpec": {
            "enum": [
                "RSASSA_PSS_SHA_256",
                "RSASSA_PSS_SHA_384",
                "RSASSA_PSS_SHA_512",
                "RSASSA_PKCS1_V1_5_SHA_256",
                "RSASSA_PKCS1_V1_5_SHA_384",
                "RSASSA_PKCS1_V1_5_SHA_512",
                "ECDSA_SHA_256",
                "ECDSA_SHA_384",
                "ECDSA_SHA_512",
                "ED25519_SHA_512",
                "ED25519_PH_SHA_512",
                "SM2DSA",
                "ML_DSA_SHAKE_256",
            ],
            "also": ["SYMMETRIC_DEFAULT"],
        },
        "KeySpec": {"enum": _KEY_SPECS},
        "DataKeySpec": {"shown": _KEY_SPECS},
    },
}


def completed(service: str, shapes: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the *shapes* of a service's model, completed with the recorded constraints."""
    found = dict(shapes)
    for name, seen in CONSTRAINTS.get(service, {}).items():
        if name in shapes:
            enum = shapes[name].get("enum", [])
            seen_order = [value for value in seen.get("enum", ()) if value in enum]
            rest = [value for value in enum if value not in seen_order]
            found[name] = shapes[name] | seen | ({"enum": seen_order + rest} if enum else {})
    return found
