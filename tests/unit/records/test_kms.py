"""The records of KMS: states as functions of time."""

from __future__ import annotations

import pytest

from mockaws.records.base import evolve
from mockaws.records.kms import (
    NEVER,
    Alias,
    ConnectionChange,
    ConnectionState,
    KeyState,
    MultiRegion,
    ReplicaKey,
    Transition,
)
from tests.samples import ACCOUNT, NOW, REGION
from tests.unit.services.kms.calling import key_record, store_record

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
STORE = "cks-1234567890abcdef0"
S = ConnectionState


def change(at: float, until: float, while_state: S, then: S, error_code: str | None = None) -> ConnectionChange:
    """Return a step of a connection."""
    return ConnectionChange(at=at, until=until, while_state=while_state, then=then, error_code=error_code)


HISTORY = (
    change(10, 30, S.CONNECTING, S.FAILED, "USER_NOT_FOUND"),
    change(40, 50, S.DISCONNECTING, S.DISCONNECTED),
    change(60, 80, S.CONNECTING, S.CONNECTED),
    change(70, 75, S.DISCONNECTING, S.DISCONNECTED),
)


@pytest.mark.parametrize(
    ("moment", "state", "error_code"),
    [
        (0, S.DISCONNECTED, None),
        (10, S.CONNECTING, None),
        (29.9, S.CONNECTING, None),
        (30, S.FAILED, "USER_NOT_FOUND"),
        (39.9, S.FAILED, "USER_NOT_FOUND"),
        (40, S.DISCONNECTING, None),
        (50, S.DISCONNECTED, None),
        (60, S.CONNECTING, None),
        (70, S.DISCONNECTING, None),
        (75, S.DISCONNECTED, None),
        (80, S.DISCONNECTED, None),
    ],
)
def test_a_connection_over_time(moment: float, state: S, error_code: str | None) -> None:
    """The last step that has begun tells the state; a step that was cut off does not come to its end later."""
    store = store_record(STORE, changes=HISTORY)
    assert store.connection_state(moment) is state
    assert store.connection_error_code(moment) == error_code


def test_a_new_store() -> None:
    """A store that was never connected is disconnected."""
    assert store_record(STORE).connection_state(NOW) is S.DISCONNECTED
    assert store_record(STORE).connection_error_code(NOW) is None


def test_of_two_steps_at_one_moment_the_later_counts() -> None:
    """With instant timing, and a clock that stands still, steps happen at the same moment."""
    steps = (change(5, 5, S.CONNECTING, S.CONNECTED), change(5, 5, S.DISCONNECTING, S.DISCONNECTED))
    assert store_record(STORE, changes=steps[:1]).connection_state(5) is S.CONNECTED
    assert store_record(STORE, changes=steps).connection_state(5) is S.DISCONNECTED


@pytest.mark.parametrize(
    ("enabled", "deletion_at", "connection", "state"),
    [
        (True, None, None, KeyState.ENABLED),
        (False, None, None, KeyState.DISABLED),
        (False, 100.0, None, KeyState.PENDING_DELETION),
        (True, None, S.CONNECTED, KeyState.ENABLED),
        (False, None, S.CONNECTED, KeyState.DISABLED),
        (False, 100.0, S.CONNECTED, KeyState.PENDING_DELETION),
        *(
            (enabled, None, connection, KeyState.UNAVAILABLE)
            for enabled in (True, False)
            for connection in (S.CONNECTING, S.DISCONNECTED, S.DISCONNECTING, S.FAILED)
        ),
        (False, 100.0, S.DISCONNECTED, KeyState.PENDING_DELETION),
    ],
)
def test_the_state_of_a_key(enabled: bool, deletion_at: float | None, connection: S | None, state: KeyState) -> None:
    """A key in a store is Unavailable unless the store is connected, and pending deletion whatever the store is."""
    store = None
    if connection is not None:
        store = store_record(STORE, changes=(change(0, 0, S.CONNECTING, connection),))
    key = key_record(KEY, enabled=enabled, deletion_at=deletion_at)
    assert key.state(NOW, store) is state


@pytest.mark.parametrize(
    ("moment", "state"), [(99.9, KeyState.CREATING), (100, KeyState.DISABLED), (101, KeyState.DISABLED)]
)
def test_a_transition(moment: float, state: KeyState) -> None:
    """A key that is being created or updated is in the state that it is to be in when that is done."""
    key = key_record(KEY, enabled=False, transition=Transition(state=KeyState.CREATING, until=100.0))
    assert key.state(moment) is state
    assert evolve(key, deletion_at=200.0).state(moment) is KeyState.PENDING_DELETION


@pytest.mark.parametrize(
    ("region", "replicas", "state"),
    [
        (REGION, {}, KeyState.PENDING_DELETION),
        (REGION, {"eu-west-1": NEVER}, KeyState.PENDING_REPLICA_DELETION),
        (REGION, {"eu-west-1": NOW + 1}, KeyState.PENDING_REPLICA_DELETION),
        (REGION, {"eu-west-1": NOW}, KeyState.PENDING_DELETION),
        (REGION, {"eu-west-1": NOW, "sa-east-1": NOW + 1}, KeyState.PENDING_REPLICA_DELETION),
        ("eu-west-1", {REGION: NEVER}, KeyState.PENDING_DELETION),
    ],
    ids=str,
)
def test_a_primary_key_waits_for_its_replicas(region: str, replicas: dict[str, float], state: KeyState) -> None:
    """A key that is to be deleted is PendingReplicaDeletion while it is the primary key of replicas still there."""
    known = tuple(ReplicaKey(region=name, deletion_at=deletion_at) for name, deletion_at in replicas.items())
    key = key_record(KEY, deletion_at=NEVER, multi_region=MultiRegion(primary_region=region, replicas=known))
    assert key.state(NOW) is state
    assert not key.is_gone(NOW)


@pytest.mark.parametrize(("moment", "gone"), [(99.9, False), (100, True), (101, True)])
def test_when_a_key_is_gone(moment: float, gone: bool) -> None:
    """A key is gone from the moment of its deletion on; one without such a moment never is."""
    assert key_record(KEY, deletion_at=100.0).is_gone(moment) is gone
    assert key_record(KEY).is_gone(moment) is False


@pytest.mark.parametrize(
    ("region", "partition"), [("us-west-2", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-east-1", "aws-us-gov")]
)
def test_arns(region: str, partition: str) -> None:
    """ARNs are of the partition that the Region lies in."""
    key = evolve(key_record(KEY), region=region)
    alias = Alias(account=ACCOUNT, region=region, id="alias/x", target_key_id=KEY)
    assert key.arn == f"arn:{partition}:kms:{region}:{ACCOUNT}:key/{KEY}"
    assert alias.arn == f"arn:{partition}:kms:{region}:{ACCOUNT}:alias/x"


def test_secrets_do_not_show() -> None:
    """A record in a log or an error message does not tell a password."""
    store = store_record(STORE, password="a secret", given_password="a secret")
    assert "a secret" not in repr(store)
    assert REGION in repr(store)
