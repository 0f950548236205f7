"""The backups that a fixture's clusters begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.clock import DAY
from mockaws.records.backups import Backup, BackupState, retained
from mockaws.records.cloudhsm import Cluster, HsmKey
from mockaws.records.kms import Key
from mockaws.seed import loader
from mockaws.seed.draft import CREATED
from tests.unit.seed.kinds import NOW, all_of, one

if TYPE_CHECKING:
    from tests.unit.seed.kinds import Load

CLUSTER = """\
clusters:
  - id: cluster-abcdefghijk
    hsm_type: hsm1.medium
    backup_retention_days: 30
    hsms: [{}]
"""
KEY = """\
custom_key_stores: [{id: cks-1234567890abcdef0, name: one, cluster: cluster-abcdefghijk, connection: CONNECTED}]
keys: [{custom_key_store: one}]
"""


def test_a_cluster_at_work_was_just_backed_up(load: Load) -> None:
    """A cluster with an active HSM begins with one backup, from which another cluster can be made."""
    seed = load(CLUSTER + KEY)
    cluster, backup, key = one(seed, Cluster), one(seed, Backup), one(seed, HsmKey)
    assert (backup.cluster_id, backup.created_at, backup.expires_at) == (cluster.id, NOW, NOW + 30 * DAY)
    assert (backup.hsm_type, backup.mode) == ("hsm1.medium", "FIPS")
    assert cluster.backed_up_at == NOW
    assert backup.contents.keys == (key,)
    assert (backup.contents.users, backup.contents.cluster_certificate) == (cluster.users, cluster.cluster_certificate)


def test_a_backup_still_has_what_was_deleted_in_the_hsms_since(load: Load) -> None:
    """So a key whose material is lost can be had back."""
    seed = load(CLUSTER + KEY.replace("one}]", "one, hsm_key_deleted: true}]"))
    assert all_of(seed, HsmKey) == []
    assert [key.label for key in one(seed, Backup).contents.keys] == [one(seed, Key).arn]


def test_a_deleted_cluster_leaves_its_last_backup(load: Load) -> None:
    """CloudHSM keeps the backups of a cluster that was deleted, and does not delete the last one."""
    backup = one(load("clusters: [{id: cluster-abcdefghijk, state: DELETED}]"), Backup)
    assert (backup.cluster_id, backup.created_at) == ("cluster-abcdefghijk", CREATED)
    assert retained([backup], NOW) == [backup]
    assert backup.state(NOW) is BackupState.READY


def test_a_backup_that_was_deleted_is_pending_deletion_for_a_week(load: Load) -> None:
    """It can be restored until then."""
    backup = one(load(CLUSTER + "    backup_deleted: true\n"), Backup)
    assert backup.state(NOW + 7 * DAY - 1) is BackupState.PENDING_DELETION
    assert backup.state(NOW + 7 * DAY) is BackupState.DELETED


def test_it_is_ready_whenever_the_clock_is_stopped(load: Load) -> None:
    """Who sets the clock back before the moment at which the world began finds the backup ready."""
    backup = one(load(CLUSTER), Backup)
    assert backup.state(NOW) is backup.state(CREATED) is BackupState.READY


@pytest.mark.parametrize("hsms", ["[]", "[{state: DEGRADED}]"])
def test_the_backup_of_a_cluster_without_hsms(hsms: str, load: Load) -> None:
    """CloudHSM backs up an active cluster whenever one of its HSMs is deleted, the last one too."""
    backup = one(load(f"clusters: [{{id: cluster-abcdefghijk, hsms: {hsms}}}]"), Backup)
    assert (backup.cluster_id, backup.created_at) == ("cluster-abcdefghijk", NOW)


@pytest.mark.parametrize("state", ["INITIALIZED", "DEGRADED"])
def test_a_cluster_that_is_not_active_has_none(state: str, load: Load) -> None:
    """A cluster that was not activated has no backup; of others a fixture says nothing."""
    seed = load(f"clusters: [{{id: cluster-abcdefghijk, hsms: [{{}}], state: {state}}}]")
    assert all_of(seed, Backup) == []
    assert one(seed, Cluster).backed_up_at is None


def test_it_has_the_same_id_each_time() -> None:
    """The same file makes the same world."""
    one_id, other_id = (one(loader.load("ready-cluster", now=now), Backup).id for now in (NOW, NOW + 1))
    assert one_id == other_id
