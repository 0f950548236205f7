"""What must be true of the records of a snapshot, beside the types of their fields: a rule is a function.

They are those without which something in the world would not work at all. What AWS would not have let happen, such as
two aliases too many, may stand in a snapshot.
"""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from mockaws.crypto import key_pairs
from mockaws.crypto.faults import InvalidKeyError
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import Cluster, HsmKey, Subnet, hsm_key_id
from mockaws.records.key_specs import KEY_SPECS, SYMMETRIC_DEFAULT, KeyType
from mockaws.records.kms import Alias, CustomKeyStore, DomainKey, Grant, Key, KeyLastUsage, Origin
from mockaws.seed import policies
from mockaws.seed.problems import Fault, guess, one_of, shown
from mockaws.seed.shapes import MADE_ANEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from mockaws.records.base import Record
    from mockaws.records.key_specs import KeySpec
    from mockaws.records.kms import KeyMaterial
    from mockaws.seed.problems import Path

    Wrong = Iterator[tuple[Path, str, str]]

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]+(-[a-z0-9]+)+")
_ID = re.compile(r"[!-~]+")
_HEXADECIMAL = re.compile(r"[0-9a-f]{16}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEY_ID = re.compile(rf"{_UUID.pattern}|mrk-[0-9a-f]{{32}}")
_ID_OF_A_KEY = "the id of a Key in the same account and Region"
_MATERIAL_ID = re.compile(r"[0-9a-f]{64}")
_HSM_KEY_BYTES = 32
# https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html#KMS-EnableKeyRotation-request-RotationPeriodInDays
_ROTATION_PERIODS = range(90, 2561)
_RETENTIONS = range(7, 380)
_MODES = ("FIPS", "NON_FIPS")


class Records:
    """The records of a snapshot, where the rules look up others."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._known = {(type(record), record.account, record.region, record.id) for record in records}

    def has(self, kind: type[Record], beside: Record, record_id: str) -> bool:
        """Tell whether there is a record of a *kind* in the account and Region of another."""
        return (kind, beside.account, beside.region, record_id) in self._known


def faults(found: Mapping[Path, Record]) -> Iterator[Fault]:
    """Yield what cannot be of the records that were *found* at these paths."""
    records = Records(found.values())
    for path, record in found.items():
        for rule in (_has_a_place, *_RULES.get(type(record), ())):
            for where, message, expected in rule(record, records):
                yield Fault((*path, *where), message, expected)


# --- all -----------------------------------------------------------------------------------------------------------
def _has_a_place(record: Record, _: Records) -> Wrong:
    """A record lies in an account and a Region, and has an id."""
    if not _ACCOUNT.fullmatch(record.account):
        yield ("account",), f"{shown(record.account)} is no account", "12 digits"
    if not _REGION.fullmatch(record.region):
        yield ("region",), f"{shown(record.region)} is no Region", "a Region such as us-west-2"
    if not _ID.fullmatch(record.id):
        yield ("id",), f"{shown(record.id)} is no id", "characters without spaces"


# --- clusters ------------------------------------------------------------------------------------------------------
def _is_a_range(subnet: Subnet, _: Records) -> Wrong:
    """A subnet is a range of addresses."""
    try:
        IPv4Network(subnet.cidr)
    except ValueError:
        yield ("cidr",), f"{shown(subnet.cidr)} is no IPv4 range", "a range in CIDR form such as 10.0.0.0/24"


def _has_a_history(cluster: Cluster, _: Records) -> Wrong:
    """A cluster began in some state."""
    if not cluster.changes:
        yield ("changes",), "has no entries", "at least the state that the cluster began in"


def _keeps_backups(cluster: Cluster, _: Records) -> Wrong:
    """A cluster keeps its backups for 7 to 379 days."""
    if cluster.backup_retention_days not in _RETENTIONS:
        yield ("backup_retention_days",), f"{cluster.backup_retention_days} is out of range", "7 to 379"


def _runs_in_a_mode(record: Cluster | Backup, _: Records) -> Wrong:
    """HSMs run in FIPS mode or not, which is in their backups, too."""
    if record.mode not in _MODES:
        yield ("mode",), f"{shown(record.mode)} is no mode{guess(record.mode, _MODES)}", one_of(_MODES)


def _lies_in_a_cluster(key: HsmKey, _: Records) -> Wrong:
    """A key in the HSMs of a cluster is told from others there by sixteen digits."""
    digits = key.reference.removeprefix("0x")
    if key.id != hsm_key_id(key.cluster_id, digits) or not _HEXADECIMAL.fullmatch(digits):
        expected = f"the cluster_id, a colon and sixteen hexadecimal digits: {key.cluster_id}:0123456789abcdef"
        yield ("id",), f"{shown(key.id)} is no id of a key in {shown(key.cluster_id)}", expected


def _is_aes_256(key: HsmKey, _: Records) -> Wrong:
    """KMS makes AES keys of 256 bits in the HSMs."""
    if key.material != MADE_ANEW and len(key.material) != _HSM_KEY_BYTES:
        yield ("material",), f"has {len(key.material)} bytes", f"{_HSM_KEY_BYTES}"


def _holds_keys(backup: Backup, records: Records) -> Wrong:
    """What lies in a backup was in the HSMs."""
    for index, key in enumerate(backup.contents.keys):
        for rule in (_has_a_place, _lies_in_a_cluster, _is_aes_256):
            for where, message, expected in rule(key, records):
                yield ("contents", "keys", index, *where), message, expected


def _may_be_shared(backup: Backup, _: Records) -> Wrong:
    """The policy of a backup is one."""
    if backup.policy is None:
        return
    yield from _policy_faults(policies.faults(_json(backup.policy)), "a resource policy as JSON")


def _policy_faults(faults: Wrong, expected: str) -> Wrong:
    for where, message, _ in faults:
        yield ("policy",), ": ".join(filter(None, (".".join(map(str, where)), message))), expected


# --- keys ----------------------------------------------------------------------------------------------------------
def _is_of_a_spec(key: Key, _: Records) -> Wrong:
    """A key is of a spec, and has one of its usages."""
    if key.spec not in KEY_SPECS:
        message = f"{shown(key.spec)} is no key spec{guess(key.spec, KEY_SPECS)}"
        yield ("spec",), message, one_of(KEY_SPECS)
    elif key.usage not in key.key_spec.usages:
        yield ("usage",), f"{shown(key.usage)} is no usage of {key.spec}", one_of(key.key_spec.usages)


def _has_material(key: Key, records: Records) -> Wrong:
    """The material of a key lies in KMS, in a key store that is there, or with its owner who imports it."""
    store = key.custom_key_store_id
    in_store = key.origin is Origin.AWS_CLOUDHSM
    if in_store and (store is None or not records.has(CustomKeyStore, key, store)):
        yield ("custom_key_store_id",), f"there is no key store {shown(store)}", "the id of a CustomKeyStore"
    elif not in_store and store is not None:
        expected = f"{Origin.AWS_CLOUDHSM}, or no custom_key_store_id"
        yield ("origin",), f"a key of origin {key.origin} lies in no key store", expected
    elif in_store and key.materials:
        yield ("materials",), "are those of a key in KMS itself", "none: the material lies in the cluster"
    elif key.origin is Origin.AWS_KMS and not key.materials:
        yield ("materials",), "has no entries", "the material of the key"
    elif key.origin is Origin.EXTERNAL_KEY_STORE:
        yield ("origin",), "external key stores are not here yet", one_of(Origin)


def _materials_are_its_own(key: Key, _: Records) -> Wrong:
    """Each generation of a key's material has an id, and is what the spec says."""
    if key.spec not in KEY_SPECS:
        return
    pending = () if key.pending_material is None else ((("pending_material",), key.pending_material),)
    for where, each in (*((("materials", index), each) for index, each in enumerate(key.materials)), *pending):
        if not _MATERIAL_ID.fullmatch(each.id):
            yield (*where, "id"), f"{shown(each.id)} is no id of key material", "64 hexadecimal digits"
        elif each.secret is None and key.origin is not Origin.EXTERNAL:
            yield (*where, "secret"), "is left empty", "base64, or no secret at all for a new one"
        elif not _fits(each, key.key_spec):
            yield (*where, "secret"), f"is none of {key.spec}", _form(key.key_spec)


def _rotates(key: Key, _: Records) -> Wrong:
    """Symmetric encryption keys whose material KMS has made are rotated, every 90 to 2560 days."""
    if key.rotation is None:
        return
    if key.origin is not Origin.AWS_KMS or key.spec != SYMMETRIC_DEFAULT:
        yield ("rotation",), "this key is not rotated", f"no rotation, or a {SYMMETRIC_DEFAULT} key of {Origin.AWS_KMS}"
    if key.rotation.period_in_days not in _ROTATION_PERIODS:
        message = f"{key.rotation.period_in_days} is out of range"
        yield ("rotation", "period_in_days"), message, f"{_ROTATION_PERIODS[0]} to {_ROTATION_PERIODS[-1]}"


def _has_a_policy(key: Key, _: Records) -> Wrong:
    """A key policy is one."""
    if key.policy is None:
        return
    yield from _policy_faults(policies.faults(_json(key.policy), may_be_empty=True), "a key policy as JSON")


def _names_a_key(alias: Alias, records: Records) -> Wrong:
    """An alias names a key of its account and Region, or one that went with its key store.

    UpdateAlias moves such an alias to another key where a relaxation lets key stores go before their keys.
    """
    key_id = alias.target_key_id
    if key_id is not None and not records.has(Key, alias, key_id) and not _KEY_ID.fullmatch(key_id):
        yield ("target_key_id",), f"there is no key {shown(key_id)}", _ID_OF_A_KEY


def _is_of_a_key(grant: Grant, records: Records) -> Wrong:
    """A grant is of a key of its account and Region."""
    if not records.has(Key, grant, grant.key_id):
        yield ("key_id",), f"there is no key {shown(grant.key_id)}", _ID_OF_A_KEY


def _was_asked_for(usage: KeyLastUsage, _: Records) -> Wrong:
    """A request has a UUID, from which that of CloudTrail's event follows."""
    if not _UUID.fullmatch(usage.request_id):
        yield ("request_id",), f"{shown(usage.request_id)} is no id of a request", "a UUID in small letters"


def _seals(domain_key: DomainKey, _: Records) -> Wrong:
    """KMS seals with 256 bits."""
    if domain_key.secret != MADE_ANEW and len(domain_key.secret) != _HSM_KEY_BYTES:
        yield ("secret",), f"has {len(domain_key.secret)} bytes", f"{_HSM_KEY_BYTES}"


def _fits(material: KeyMaterial, spec: KeySpec) -> bool:
    if material.secret is None or material.secret == MADE_ANEW:
        return True
    if spec.type is not KeyType.ASYMMETRIC:
        return len(material.secret) == int(spec.size)
    try:
        key_pairs.read(spec.family, spec.size, material.secret)
    except InvalidKeyError:
        return False
    return True


def _form(spec: KeySpec) -> str:
    return "a private key, PKCS #8 in DER" if spec.type is KeyType.ASYMMETRIC else f"{spec.size} bytes"


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


_RULES: Mapping[type[Record], tuple[Callable[..., Wrong], ...]] = {
    Subnet: (_is_a_range,),
    Cluster: (_has_a_history, _keeps_backups, _runs_in_a_mode),
    HsmKey: (_lies_in_a_cluster, _is_aes_256),
    Backup: (_holds_keys, _may_be_shared, _runs_in_a_mode),
    Key: (_is_of_a_spec, _has_material, _materials_are_its_own, _rotates, _has_a_policy),
    Alias: (_names_a_key,),
    Grant: (_is_of_a_key,),
    KeyLastUsage: (_was_asked_for,),
    DomainKey: (_seals,),
}
