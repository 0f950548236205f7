"""The states in which operations are allowed on a key: one table, laid out as AWS's page lays it out.

https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html

`ok` is the page's tick, a number its footnote, `-` a key that cannot be in that state. For "2 or 3" on the page, every
recorded answer is footnote 3. The page's footnotes 7 and 9, on custom key stores and imported material, depend on the
key's origin and not on its state, and are decided before (`rules.require_origin`).

The page is older than some operations: DeriveSharedSecret, Encapsulate and Decapsulate are here like Sign,
RotateKeyOnDemand is like EnableKeyRotation, and operations that only read work in any state. The page says that an HMAC
key or a key pair cannot be pending import; both can be by now. It denies the public key of a disabled key, and the
rotation status of a key that is pending import; AWS was seen to return both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.kms import KeyState
from mockaws.services.kms import errors, key_stores

if TYPE_CHECKING:
    from mockaws.model.errors import Declared
    from mockaws.records.kms import Key
    from mockaws.services.operation import Call

TABLE = """
                                     Enabled Disabled PendingDeletion PendingImport Unavailable Creating Updating
CancelKeyDeletion                    4       4        ok              4             4           4        4
CreateAlias                          ok      ok       3               ok            ok          ok       ok
CreateGrant                          ok      1        3               5             ok          14       ok
Decapsulate                          ok      1        3               5             -           14       ok
Decrypt                              ok      1        3               5             11          14       ok
DeleteAlias                          ok      ok       ok              ok            ok          ok       ok
DeleteImportedKeyMaterial            ok      ok       ok              ok            -           14       15
DeriveSharedSecret                   ok      1        3               5             -           14       ok
DescribeKey                          ok      ok       ok              ok            ok          ok       ok
DisableKey                           ok      ok       3               5             ok          14       15
DisableKeyRotation                   ok      1        3               7             7           14       ok
EnableKey                            ok      ok       3               5             ok          14       15
EnableKeyRotation                    ok      1        3               7             7           14       ok
Encapsulate                          ok      1        3               5             -           14       ok
Encrypt                              ok      1        3               5             11          14       ok
GenerateDataKey                      ok      1        3               5             11          14       ok
GenerateDataKeyPair                  ok      1        3               5             11          14       ok
GenerateDataKeyPairWithoutPlaintext  ok      1        3               5             11          14       ok
GenerateDataKeyWithoutPlaintext      ok      1        3               5             11          14       ok
GenerateMac                          ok      1        3               5             -           14       ok
GetKeyLastUsage                      ok      ok       ok              ok            ok          ok       ok
GetKeyPolicy                         ok      ok       ok              ok            ok          ok       ok
GetKeyRotationStatus                 ok      ok       ok              ok            7           ok       ok
GetParametersForImport               ok      ok       8               ok            9           14       15
GetPublicKey                         ok      ok       3               5             -           14       ok
ImportKeyMaterial                    ok      ok       8               ok            9           14       ok
ListAliases                          ok      ok       ok              ok            ok          ok       ok
ListGrants                           ok      ok       ok              ok            ok          ok       ok
ListKeyPolicies                      ok      ok       ok              ok            ok          ok       ok
ListKeyRotations                     ok      ok       ok              ok            7           ok       ok
ListResourceTags                     ok      ok       ok              ok            ok          ok       ok
PutKeyPolicy                         ok      ok       ok              ok            ok          ok       ok
ReEncrypt                            ok      1        3               5             11          14       ok
ReplicateKey                         ok      1        3               5             -           14       15
RetireGrant                          ok      ok       ok              ok            ok          ok       ok
RevokeGrant                          ok      ok       ok              ok            ok          ok       ok
RotateKeyOnDemand                    ok      1        3               5             7           14       ok
ScheduleKeyDeletion                  ok      ok       3               ok            ok          ok       15
Sign                                 ok      1        3               5             -           14       ok
TagResource                          ok      ok       3               ok            ok          ok       ok
UntagResource                        ok      ok       3               ok            ok          ok       ok
UpdateAlias                          ok      ok       10              ok            ok          ok       ok
UpdateKeyDescription                 ok      ok       3               ok            ok          ok       ok
UpdatePrimaryRegion                  ok      1        3               5             -           14       ok
Verify                               ok      1        3               5             -           14       ok
VerifyMac                            ok      1        3               5             -           14       ok
"""

FOOTNOTES: dict[str, Declared] = {
    "1": errors.Disabled,
    "3": errors.PendingDeletion,
    "4": errors.NotPendingDeletion,
    "5": errors.PendingImport,
    "7": errors.OriginNotValid,
    "8": errors.PendingDeletion,
    "9": errors.OriginNotValid,
    "10": errors.PendingDeletion,
    "11": errors.Unavailable,
    "14": errors.Creating,
    "15": errors.Updating,
}


def _parse(table: str) -> dict[str, dict[KeyState, Declared]]:
    header, *rows = table.strip().splitlines()
    states = [KeyState(name) for name in header.split()]
    return {
        operation: {state: FOOTNOTES[cell] for state, cell in zip(states, cells, strict=True) if cell in FOOTNOTES}
        for operation, *cells in map(str.split, rows)
    }


_REFUSED = _parse(TABLE)


def state(call: Call, key: Key) -> KeyState:
    """Return the state of *key* at the moment of the call."""
    return key.state(call.now, key_stores.record_of(call, key))


def require_allowed(call: Call, key: Key) -> None:
    """Require a state of *key* that allows the operation; raises the error of the table's footnote otherwise."""
    found = state(call, key)
    column = KeyState.PENDING_DELETION if found is KeyState.PENDING_REPLICA_DELETION else found
    refused = _REFUSED[call.operation].get(column)
    if refused is None:
        return
    if found is KeyState.PENDING_REPLICA_DELETION and refused is errors.PendingDeletion:
        refused = errors.PendingReplicaDeletion
    raise refused(arn=key.arn, origin=key.origin)
