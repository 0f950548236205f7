"""JSON shapes of the HSMs, as AWS's command line prints them, and additional shapes in the same style."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.outages import out

if TYPE_CHECKING:
    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, Hsm, HsmKey, HsmUser, Subnet

Shape = dict[str, Any]

# The constant attributes of the AES keys that KMS creates in a cluster:
# https://docs.aws.amazon.com/kms/latest/developerguide/find-handle-for-cmk-id.html
_OF_EVERY_KEY: Shape = {
    "key-type": "aes",
    "label": "",
    "id": "0x",
    "check-value": "0x000000",
    "class": "secret-key",
    "encrypt": True,
    "decrypt": True,
    "token": True,
    "always-sensitive": True,
    "derive": False,
    "destroyable": True,
    "extractable": False,
    "local": True,
    "modifiable": True,
    "never-extractable": False,
    "private": True,
    "sensitive": True,
    "sign": False,
    "trusted": False,
    "unwrap": True,
    "verify": False,
    "wrap": True,
    "wrap-with-trusted": False,
    "key-length-bytes": symmetric.KEY_BYTES,
}
ATTRIBUTES = tuple(_OF_EVERY_KEY)

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-hsm-info.html shows the values of an
# hsm1.medium. The values of the newer types are chosen.
_HARDWARE = {
    "hsm1.medium": {
        "vendor": "Marvell Semiconductors, Inc.",
        "model": "NITROX-III CNN35XX-NFBE",
        "serial-number": "5.3G1941-ICM{serial:06d}",
        "hardware-version-major": "5",
        "hardware-version-minor": "3",
        "firmware-version-major": "2",
        "firmware-version-minor": "6",
        "firmware-build-number": "16",
        "firmware-id": "CNN35XX-NFBE-FW-2.06-16",
    },
}
_OTHER_HARDWARE = {
    "vendor": "Marvell Semiconductors, Inc.",
    "model": "LS2",
    "serial-number": "2.0G2204-ICM{serial:06d}",
    "hardware-version-major": "2",
    "hardware-version-minor": "0",
    "firmware-version-major": "10",
    "firmware-version-minor": "2",
    "firmware-build-number": "3",
    "firmware-id": "LS2-FW-10.02-03",
}
_FIPS_STATES = {
    "FIPS": "2 [FIPS mode with single factor authentication]",
    "NON_FIPS": "0 [non-FIPS mode with single factor authentication]",
}


def user(shown: HsmUser) -> Shape:
    """Return a user as in `user list`."""
    return {
        "username": shown.name.lower(),
        "role": str(shown.role),
        "locked": "true" if shown.locked else "false",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full",
    }


def name_and_role(shown: HsmUser) -> Shape:
    """Return the answer of a command that has changed a user."""
    return {"username": shown.name.lower(), "role": str(shown.role)}


def key(shown: HsmKey, *, verbose: bool) -> Shape:
    """Return a key as in `key list`."""
    if not verbose:
        return {"key-reference": shown.reference, "attributes": {"label": shown.label}}
    return {
        "key-reference": shown.reference,
        "key-info": {
            "key-owners": [{"username": shown.owner.lower(), "key-coverage": "full"}],
            "shared-users": [],
            "key-quorum-values": {"manage-key-quorum-value": 0, "use-key-quorum-value": 0},
            "cluster-coverage": "full",
        },
        "attributes": attributes(shown),
    }


def attributes(of: HsmKey) -> Shape:
    """Return the attributes of a key. Its `id` is KMS's backing key id of the material, in ASCII.

    https://docs.aws.amazon.com/kms/latest/developerguide/find-label-for-key-handle.html
    """
    backing_key_id = symmetric.material_id(of.label, of.material)
    return _OF_EVERY_KEY | {
        "label": of.label,
        "id": f"0x{backing_key_id.encode().hex()}",
        "check-value": f"0x{symmetric.check_value(of.material).hex()}",
        "key-length-bytes": len(of.material),
    }


def hardware(shown: Hsm, hsm_type: str, mode: str) -> Shape:
    """Return an HSM as in `cluster hsm-info`. The serial number follows from its id."""
    members = _HARDWARE.get(hsm_type, _OTHER_HARDWARE)
    serial = zlib.crc32(shown.id.encode()) % 10**6
    return {name: text.format(serial=serial) for name, text in members.items()} | {"fips-state": _FIPS_STATES[mode]}


def hsm(shown: Hsm, now: float) -> Shape:
    """Return the place and the state of an HSM."""
    return {
        "hsm-id": shown.id,
        "availability-zone": shown.zone,
        "subnet-id": shown.subnet_id,
        "ip": shown.eni_ip,
        "state": str(shown.state(now)),
    }


def subnet(shown: Subnet, now: float) -> Shape:
    """Return the state of a subnet."""
    state = "reachable" if shown.is_reachable(now) else "broken" if shown.exists(now) else "removed"
    return {
        "subnet-id": shown.id,
        "availability-zone": shown.zone,
        "state": state,
        "free-addresses": shown.free_addresses,
    }


def sessions(shown: Cluster, now: float) -> str:
    """Return `exhausted` during a session shortage, else `available`."""
    return "exhausted" if out(shown.session_shortages, now) else "available"


def backup(shown: Backup, now: float) -> Shape:
    """Return the id, the state and the creation time of a backup."""
    created = datetime.fromtimestamp(shown.created_at, UTC).isoformat(timespec="milliseconds")
    return {"backup-id": shown.id, "state": str(shown.state(now)), "created-at": created}
