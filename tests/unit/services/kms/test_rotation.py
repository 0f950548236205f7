"""Automatic rotation. https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from tests.samples import NOW

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def status(kms: Kms, key_id: str) -> dict[str, Any]:
    """Return the rotation status of a key."""
    found: dict[str, Any] = kms("GetKeyRotationStatus", KeyId=key_id)
    return found


def off(key_id: str) -> dict[str, Any]:
    """Return the status of a key that is not rotated: the bare id of the key, and no period."""
    return {"KeyId": key_id, "KeyRotationEnabled": False}


def test_off_at_first(kms: Kms, key_id: str) -> None:
    """A new key is not rotated."""
    assert status(kms, key_id) == off(key_id)
    assert status(kms, kms.arn(key_id)) == off(key_id)


@pytest.mark.parametrize(
    ("given", "days"),
    [({}, 365), ({"RotationPeriodInDays": 90}, 90), ({"RotationPeriodInDays": 2560}, 2560)],
)
def test_on(kms: Kms, key_id: str, given: dict[str, int], days: int) -> None:
    """A key is rotated every 365 days, or as often as is said; the answer to EnableKeyRotation is empty."""
    assert kms("EnableKeyRotation", KeyId=key_id, **given) is None
    assert status(kms, key_id) == {
        "KeyId": key_id,
        "KeyRotationEnabled": True,
        "RotationPeriodInDays": days,
        "NextRotationDate": NOW + days * DAY,
    }


def test_another_period(kms: Kms, key_id: str) -> None:
    """Enabling it again changes the period."""
    kms("EnableKeyRotation", KeyId=key_id)
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
    assert status(kms, key_id)["RotationPeriodInDays"] == 100


def test_off_again(kms: Kms, key_id: str) -> None:
    """Disabling it is always possible, twice too; the answer is empty."""
    kms("EnableKeyRotation", KeyId=key_id)
    assert kms("DisableKeyRotation", KeyId=key_id) is None
    assert kms("DisableKeyRotation", KeyId=key_id) is None
    assert status(kms, key_id) == off(key_id)


@pytest.mark.parametrize(("passed", "next_rotation"), [(0, 100), (99.9, 100), (100, 200), (250, 300)])
def test_the_next_date(kms: Kms, key_id: str, passed: float, next_rotation: float) -> None:
    """The next rotation lies in the future, a whole number of periods after rotation was enabled."""
    kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=100)
    kms.clock.advance(passed * DAY)
    assert status(kms, key_id)["NextRotationDate"] == NOW + next_rotation * DAY


def test_of_a_disabled_key(kms: Kms, key_id: str) -> None:
    """A disabled key keeps its rotation status, which cannot be changed."""
    kms("EnableKeyRotation", KeyId=key_id)
    kms("DisableKey", KeyId=key_id)
    assert status(kms, key_id)["KeyRotationEnabled"] is True
    refusal = ("DisabledException", f"{kms.arn(key_id)} is disabled.")
    assert kms.refusal("EnableKeyRotation", KeyId=key_id) == refusal
    assert kms.refusal("DisableKeyRotation", KeyId=key_id) == refusal


def test_of_a_key_pending_deletion(kms: Kms, key_id: str) -> None:
    """A key that is pending deletion is not rotated; one that is kept after all is."""
    kms("EnableKeyRotation", KeyId=key_id)
    kms("ScheduleKeyDeletion", KeyId=key_id)
    assert status(kms, key_id) == off(key_id)
    kms("CancelKeyDeletion", KeyId=key_id)
    assert status(kms, key_id)["KeyRotationEnabled"] is True


@pytest.mark.parametrize(("days", "bound"), [(89, "greater than or equal to 90"), (2561, "less than or equal to 2560")])
def test_periods(kms: Kms, key_id: str, days: int, bound: str) -> None:
    """A period is 90 to 2560 days."""
    assert kms.refusal("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=days) == (
        "ValidationException",
        (
            f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
            f"Member must have value {bound}"
        ),
    )


@pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus"])
def test_by_alias(kms: Kms, key_id: str, operation: str) -> None:
    """The calls on rotation take no alias."""
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    refusal = kms.refusal(operation, KeyId="alias/example")
    assert refusal == ("InvalidArnException", "Key Aliases are not supported for this operation.")
