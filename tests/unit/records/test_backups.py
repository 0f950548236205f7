"""The states of backups, and what retention makes of those of a cluster."""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.clock import DAY
from mockaws.records.backups import BackupState, retained
from tests.samples import NOW, backup


def states(now: float, *backups: Any) -> dict[str, BackupState]:
    """Return the states of backups of one cluster by their ids."""
    return {each.id: each.state(now) for each in retained(backups, now)}


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-1, BackupState.CREATE_IN_PROGRESS),
        (0, BackupState.READY),
        (2.9, BackupState.READY),
        (3, BackupState.PENDING_DELETION),
        (9.9, BackupState.PENDING_DELETION),
        (10, BackupState.DELETED),
    ],
)
def test_the_life_of_a_backup(days: float, state: BackupState) -> None:
    """A backup is in creation, then ready, and after its deletion pending for seven days."""
    deleted = backup(delete_requested_at=NOW + 3 * DAY)
    assert deleted.state(NOW + days * DAY) is state


def test_retention_ends_a_backup_as_its_owner_would() -> None:
    """A backup that is over its time is marked for deletion then, and for good seven days later."""
    old, new = backup("old"), backup("new", created_at=NOW + DAY, ready_at=NOW + DAY, expires_at=NOW + 91 * DAY)
    assert states(NOW + 89 * DAY, old, new) == {"old": BackupState.READY, "new": BackupState.READY}
    assert states(NOW + 90 * DAY, old, new)["old"] is BackupState.PENDING_DELETION
    assert states(NOW + 97 * DAY, old, new)["old"] is BackupState.DELETED


def test_the_last_backup_stays() -> None:
    """CloudHSM does not delete a cluster's last backup, however old it is."""
    assert states(NOW + 5000 * DAY, backup()) == {backup().id: BackupState.READY}


def test_the_last_backup_is_not_the_last_when_there_is_another() -> None:
    """An overdue backup is pending deletion from the moment on at which a newer one was ready, and not before."""
    late = NOW + 200 * DAY
    old, new = backup("old"), backup("new", created_at=late, ready_at=late + 60, expires_at=late + 90 * DAY)
    assert states(late + 59, old, new) == {"old": BackupState.READY, "new": BackupState.CREATE_IN_PROGRESS}
    marked = next(each for each in retained([old, new], late + DAY) if each.id == "old")
    assert marked.delete_requested_at == late + 60


def test_a_newer_one_that_somebody_deleted_does_not_count() -> None:
    """A backup is the last one when all newer ones are deleted."""
    late = NOW + DAY
    new = backup("new", created_at=late, ready_at=late, delete_requested_at=late)
    assert states(NOW + 95 * DAY, backup("old"), new)["old"] is BackupState.READY


def test_what_never_expires_stays() -> None:
    """NeverExpires exempts a backup, and it still is a newer one for those before it."""
    exempt = backup("new", created_at=NOW + DAY, ready_at=NOW + DAY, expires_at=NOW + 91 * DAY, never_expires=True)
    newest = backup("newest", created_at=NOW + 2 * DAY, ready_at=NOW + 2 * DAY, expires_at=NOW + 92 * DAY)
    later = NOW + 1000 * DAY
    assert states(later, backup("old"), exempt, newest) == {
        "newest": BackupState.READY,
        "new": BackupState.READY,
        "old": BackupState.DELETED,
    }
    assert states(later, backup("old"), exempt)["old"] is BackupState.DELETED


def test_the_last_backup_of_the_type_that_is_given_up() -> None:
    """Of a cluster that moved on from hsm1.medium the latest backup of that type stays."""
    made = [
        backup(f"{day}", created_at=NOW + day * DAY, ready_at=NOW + day * DAY, hsm_type=hsm_type)
        for day, hsm_type in enumerate(["hsm1.medium", "hsm1.medium", "hsm2m.medium", "hsm2m.medium"])
    ]
    kept = [BackupState.READY, BackupState.DELETED, BackupState.READY, BackupState.DELETED]
    assert list(states(NOW + 1000 * DAY, *made).values()) == kept


def test_a_copy_stays() -> None:
    """A copy from another Region belongs to no cluster: nothing ends it, and it is not the last of any."""
    copy = backup("copy", created_at=NOW + DAY, source_backup_id="backup-bbbbbbbbbbb", expires_at=None)
    assert states(NOW + 1000 * DAY, backup("old"), copy) == {"copy": BackupState.READY, "old": BackupState.READY}


def test_newest_first() -> None:
    """They come in the order in which they were made, newest first."""
    made = [backup(f"backup-{day}", created_at=NOW + day * DAY) for day in (2, 0, 1)]
    assert [each.id for each in retained(made, NOW + 3 * DAY)] == ["backup-2", "backup-1", "backup-0"]
