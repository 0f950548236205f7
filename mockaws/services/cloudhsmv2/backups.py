"""Backups of clusters. https://docs.aws.amazon.com/cloudhsm/latest/userguide/manage-backups.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.records.backups import Backup, age
from mockaws.records.base import evolve
from mockaws.services.cloudhsmv2 import errors, lookup, paging, rules, shapes
from mockaws.services.cloudhsmv2.resources import BACKUP
from mockaws.services.facts import Effect
from mockaws.services.hsm import backups
from mockaws.services.operation import operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.services.operation import Call, Result


@operation(cross_account=True, effect=Effect.READS)
def describe_backups(
    call: Call,
    *,
    filters: Mapping[str, Sequence[str]] | None = None,
    next_token: str | None = None,
    max_results: int = 50,
    shared: bool = False,
    sort_ascending: bool = False,
) -> Result:
    """Describe backups of the account in the Region, newest first; filters narrow them down.

    Shared backups appear after Resource Access Manager has promoted the share. That service is not available here.
    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DescribeBackups.html
    """
    wanted = _normalized(filters or {})
    rules.require_known_filters(call.operation, wanted)
    after = _age(paging.position(call.operation, next_token, start="")) if next_token is not None else None
    found = [] if shared else [backup for backup in backups.owned(call) if _is_match(backup, wanted, call.now)]
    if not sort_ascending:
        found.reverse()
    if after is not None:
        found = [backup for backup in found if (age(backup) > after if sort_ascending else age(backup) < after)]
    page = found[:max_results]
    answer: Result = {"Backups": [shapes.backup(backup, call.now) for backup in page]}
    if len(found) > max_results:
        answer["NextToken"] = paging.token(call.operation, f"{page[-1].created_at!r}:{page[-1].id}")
    return answer


@operation(BACKUP)
def copy_backup_to_region(
    call: Call, *, destination_region: str, backup_id: str, tag_list: Sequence[dict[str, str]] = ()
) -> Result:
    """Copy a backup to another Region. The copy gets a new id, no policy, and the same tags unless others are given.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_CopyBackupToRegion.html
    """
    backup = lookup.backup(call, backup_id)
    rules.require_ready(backup, call.now)
    rules.require_other_region(backup, destination_region)
    rules.require_known_region(destination_region)
    rules.require_same_partition(backup, destination_region)
    rules.require_distinct_tag_keys([tag["Key"] for tag in tag_list])
    rules.require_unreserved_tag_keys(tag["Key"] for tag in tag_list)
    rules.require_initial_tag_quota(tag_list, call.config.limits.tags_per_resource)
    copy = evolve(
        backup,
        region=destination_region,
        id=call.ids.cloudhsm("backup"),
        ready_at=call.now + call.config.timing.copy_backup,
        copied_at=call.now,
        source_region=backup.region,
        source_backup_id=backup.id,
        source_cluster_id=backup.cluster_id,
        never_expires=False,
        expires_at=None,
        policy=None,
        tags={tag["Key"]: tag["Value"] for tag in tag_list} or backup.tags,
    )
    call.put(copy)
    return {"DestinationBackup": shapes.destination_backup(copy)}


@operation(BACKUP)
def delete_backup(call: Call, *, backup_id: str) -> Result:
    """Delete a backup, for good after seven days. It may be the last one of its cluster.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_DeleteBackup.html
    """
    backup = lookup.backup(call, backup_id)
    rules.require_ready(backup, call.now)
    return _changed(call, evolve(backup, delete_requested_at=call.now))


@operation(BACKUP)
def restore_backup(call: Call, *, backup_id: str) -> Result:
    """Cancel the deletion of a backup, by its owner or by retention.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_RestoreBackup.html
    """
    backup = lookup.backup(call, backup_id)
    rules.require_pending_deletion(backup, call.now)
    return _changed(
        call, backups.with_a_day_of_grace(evolve(backup, delete_requested_at=None, ready_at=call.now), call.now)
    )


@operation(BACKUP)
def modify_backup_attributes(call: Call, *, backup_id: str, never_expires: bool) -> Result:
    """Exempt a backup from the retention of its cluster, or end the exemption.

    https://docs.aws.amazon.com/cloudhsm/latest/APIReference/API_ModifyBackupAttributes.html
    """
    backup = lookup.backup(call, backup_id)
    if backup.never_expires and not never_expires:
        backup = backups.with_a_day_of_grace(backup, call.now)
    return _changed(call, evolve(backup, never_expires=never_expires))


def _changed(call: Call, backup: Backup) -> Result:
    call.put(backup)
    return {"Backup": shapes.backup(backup, call.now)}


def _normalized(filters: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """Return *filters* with `true` and `false` in lower case. AWS's documentation capitalizes them in places."""
    return {
        name: [value.lower() for value in values] if name == "neverExpires" else values
        for name, values in filters.items()
    }


def _is_match(backup: Backup, filters: Mapping[str, Sequence[str]], now: float) -> bool:
    values = {
        "backupIds": backup.id,
        "sourceBackupIds": backup.source_backup_id,
        "clusterIds": backup.cluster_id,
        "states": backup.state(now),
        "neverExpires": str(backup.never_expires).lower(),
    }
    return all(values[name] in wanted for name, wanted in filters.items())


def _age(position: str) -> tuple[float, str]:
    """Return the age of the last backup of the previous page. Raises CloudHsmInvalidRequestException."""
    created_at, _, backup_id = position.partition(":")
    try:
        return float(created_at), backup_id
    except ValueError:
        raise errors.NextTokenNotValid() from None
