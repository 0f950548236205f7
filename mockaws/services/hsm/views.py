"""What AWS's command line shows of the HSMs, in its own spelling; and, in the same manner, what it does not show."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from mockaws.crypto import symmetric
from mockaws.records.outages import out

if TYPE_CHECKING:
    from mockaws.records.backups import Backup
    from mockaws.records.cloudhsm import Cluster, Hsm, HsmKey, HsmUser, Subnet

View = dict[str, Any]

# Of an AES key as KMS makes it in a cluster, whatever the key:
# https://docs.aws.amazon.com/kms/latest/developerguide/find-handle-for-cmk-id.html
_OF_EVERY_KEY: View = {
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

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-hsm-info.html shows that of an hsm1.medium;
# of the newer types none is on record, and these values are ours.
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


def user(shown: HsmUser) -> View:
    """Return what `user list` shows of a user."""
    return {
        "username": shown.name.lower(),
        "role": str(shown.role),
        "locked": "true" if shown.locked else "false",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full",
    }


def name_and_role(shown: HsmUser) -> View:
    """Return what a command answers that did something to a user."""
    return {"username": shown.name.lower(), "role": str(shown.role)}


def key(shown: HsmKey, *, verbose: bool) -> View:
    """Return what `key list` shows of a key."""
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


def attributes(of: HsmKey) -> View:
    """Return the attributes of a key: KMS's name for the material, a backing key id, is its `id`, in ASCII.

    https://docs.aws.amazon.com/kms/latest/developerguide/find-label-for-key-handle.html
    """
    backing_key_id = symmetric.material_id(of.label, of.material)
    return _OF_EVERY_KEY | {
        "label": of.label,
        "id": f"0x{backing_key_id.encode().hex()}",
        "check-value": f"0x{symmetric.check_value(of.material).hex()}",
        "key-length-bytes": len(of.material),
    }


def hardware(shown: Hsm, hsm_type: str, mode: str) -> View:
    """Return what `cluster hsm-info` shows of an HSM; the serial number follows from its id."""
    members = _HARDWARE.get(hsm_type, _OTHER_HARDWARE)
    serial = zlib.crc32(shown.id.encode()) % 10**6
    return {name: text.format(serial=serial) for name, text in members.items()} | {"fips-state": _FIPS_STATES[mode]}


def hsm(shown: Hsm, now: float) -> View:
    """Return where an HSM stands and how it is."""
    return {
        "hsm-id": shown.id,
        "availability-zone": shown.zone,
        "subnet-id": shown.subnet_id,
        "ip": shown.eni_ip,
        "state": str(shown.state(now)),
    }


def subnet(shown: Subnet, now: float) -> View:
    """Return how a subnet is."""
    state = "reachable" if shown.reachable(now) else "broken" if shown.there(now) else "removed"
    return {
        "subnet-id": shown.id,
        "availability-zone": shown.zone,
        "state": state,
        "free-addresses": shown.free_addresses,
    }


def sessions(shown: Cluster, now: float) -> str:
    """Return whether the HSMs have sessions left for KMS."""
    return "exhausted" if out(shown.session_shortages, now) else "available"


def backup(shown: Backup, now: float) -> View:
    """Return what a backup is called and how it is."""
    created = datetime.fromtimestamp(shown.created_at, UTC).isoformat(timespec="milliseconds")
    return {"backup-id": shown.id, "state": str(shown.state(now)), "created-at": created}
