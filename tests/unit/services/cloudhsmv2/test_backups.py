"""DescribeBackups and the operations on backups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from mockaws.records.world import Limits, Timing
from mockaws.services.hsm import backups
from tests.inside import inside
from tests.samples import ACCOUNT, BACKUP, CLUSTER, NOW, REGION, backup, cluster, hsm
from tests.wire import RefusedError, ask, signature

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.records.backups import Backup
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

ELSEWHERE = "eu-central-1"
ARN = f"arn:aws:cloudhsm:{REGION}:{ACCOUNT}:backup/{BACKUP}"
SHOWN: dict[str, Any] = {
    "BackupId": BACKUP,
    "BackupArn": ARN,
    "BackupState": "READY",
    "ClusterId": CLUSTER,
    "CreateTimestamp": NOW,
    "NeverExpires": False,
    "TagList": [],
    "HsmType": "hsm1.medium",
    "Mode": "FIPS",
}


def made(day: int, **changes: Any) -> Backup:
    """Return a backup of a day, with the day's letter in its id."""
    moment = NOW + day * DAY
    fields = {"created_at": moment, "ready_at": moment, "expires_at": moment + 90 * DAY}
    return backup(f"backup-{'abcdefghijklmnopqrstuvwxyz'[day] * 11}", **fields | changes)


def letters(answer: Any) -> str:
    """Return which backups an answer shows, each by the letter of its day."""
    return "".join(each["BackupId"][-1] for each in answer["Backups"])


def shown(hsm2: Ask, here: World, backup_id: str = BACKUP) -> Any:
    """Return what DescribeBackups shows of a backup, None where it shows nothing."""
    found = hsm2(here, "DescribeBackups", Filters={"backupIds": [backup_id]})["Backups"]
    return found[0] if found else None


def state(hsm2: Ask, here: World, backup_id: str = BACKUP) -> str:
    """Return the state of a backup."""
    found: str = shown(hsm2, here, backup_id)["BackupState"]
    return found


def test_what_is_shown(hsm2: Ask, world: MakeWorld) -> None:
    """A backup has TagList and NeverExpires also where these are empty and false, and no members without a value."""
    answer = hsm2(world(backup()), "DescribeBackups")
    assert answer == {"Backups": [SHOWN]}
    assert list(answer["Backups"][0]) == list(SHOWN)


def test_nothing(hsm2: Ask, world: MakeWorld) -> None:
    """Without backups the answer is an empty list."""
    assert hsm2(world(cluster()), "DescribeBackups") == {"Backups": []}


def test_daily_backups_show(hsm2: Ask, world: MakeWorld) -> None:
    """A cluster with a working HSM has a backup for each day that has passed, with the same id whenever one looks."""
    records = (cluster(hsms=(hsm(),), backed_up_at=NOW), backup())
    here, there = world(*records), world(*records)
    here.clock.advance(2 * DAY)
    there.clock.advance(DAY)
    (one, _) = hsm2(there, "DescribeBackups")["Backups"]
    two = hsm2(here, "DescribeBackups")["Backups"]
    assert [each["CreateTimestamp"] for each in two] == [NOW + 2 * DAY, NOW + DAY, NOW]
    assert two[1] == one
    assert {each["ClusterId"] for each in two} == {CLUSTER}
    assert hsm2(here, "DescribeBackups")["Backups"] == two


def test_what_is_gone_for_good_does_not_show(hsm2: Ask, world: MakeWorld) -> None:
    """Seven days after it was deleted a backup is gone: it is not shown, and not found."""
    here = world(backup(delete_requested_at=NOW))
    here.clock.advance(7 * DAY - 1)
    assert state(hsm2, here) == "PENDING_DELETION"
    here.clock.advance(1)
    assert shown(hsm2, here) is None
    with pytest.raises(RefusedError, match=r"^CloudHsmResourceNotFoundException: "):
        hsm2(here, "RestoreBackup", BackupId=BACKUP)


FILTERED = (
    made(0, cluster_id="cluster-bbbbbbbbbbb", never_expires=True),
    made(1, delete_requested_at=NOW + DAY),
    made(2, source_backup_id="backup-zzzzzzzzzzz", expires_at=None),
    made(3, ready_at=NOW + 9 * DAY),
)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, "dcba"),
        ({"backupIds": ["backup-aaaaaaaaaaa", "backup-ccccccccccc", "backup-7"]}, "ca"),
        ({"backupIds": []}, ""),
        ({"sourceBackupIds": ["backup-zzzzzzzzzzz"]}, "c"),
        ({"clusterIds": ["cluster-bbbbbbbbbbb"]}, "a"),
        ({"clusterIds": ["cluster-zzzzzzzzzzz"]}, ""),
        ({"states": ["PENDING_DELETION", "CREATE_IN_PROGRESS"]}, "db"),
        ({"states": ["DELETED"]}, ""),
        ({"neverExpires": ["true"]}, "a"),
        ({"neverExpires": ["False"]}, "dcb"),
        ({"states": ["READY"], "neverExpires": ["false"]}, "c"),
    ],
)
def test_filters(hsm2: Ask, world: MakeWorld, filters: dict[str, list[str]], found: str) -> None:
    """The values of a filter are alternatives, several filters must all match, and an unknown id matches nothing."""
    here = world(*FILTERED, at=NOW + 5 * DAY)
    assert letters(hsm2(here, "DescribeBackups", Filters=filters)) == found


@pytest.mark.parametrize("filters", [{"vpcIds": ["vpc-1"]}, {"states": ["ACTIVE"]}, {"neverExpires": ["yes"]}])
def test_filters_that_do_not_exist(hsm2: Ask, world: MakeWorld, filters: dict[str, list[str]]) -> None:
    """An unknown filter, and a state or an answer that there is not, are refused and not taken for "nothing found"."""
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: '(vpcIds|ACTIVE|yes)' is not a"):
        hsm2(world(), "DescribeBackups", Filters=filters)


@pytest.mark.parametrize(("ascending", "order"), [(None, "cba"), (False, "cba"), (True, "abc")])
def test_order(hsm2: Ask, world: MakeWorld, ascending: bool | None, order: str) -> None:
    """The newest comes first, with SortAscending the oldest."""
    here = world(made(2), made(0), made(1), at=NOW + 5 * DAY)
    members = {} if ascending is None else {"SortAscending": ascending}
    assert letters(hsm2(here, "DescribeBackups", **members)) == order


@pytest.mark.parametrize(("ascending", "order"), [(False, "edcba"), (True, "abcdefg")])
def test_pages(hsm2: Ask, world: MakeWorld, ascending: bool, order: str) -> None:
    """Each backup is on one page, although others are made between the pages; the last page has no NextToken."""
    here = world(*map(made, range(5)), at=NOW + 5 * DAY)
    found, number = "", 5
    token: dict[str, str] = {}
    while True:
        page = hsm2(here, "DescribeBackups", SortAscending=ascending, MaxResults=2, **token)
        found += letters(page)
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
        if number < 7:
            inside(here, lambda call: call.put(made(number)))  # noqa: B023 - it is done at once
            number += 1
    assert found == order


def test_fifty_on_a_page(hsm2: Ask, world: MakeWorld) -> None:
    """A page has 50 backups at most."""
    here = world(cluster(hsms=(hsm(),), backed_up_at=NOW), backup())
    here.clock.advance(59 * DAY)
    first = hsm2(here, "DescribeBackups")
    last = hsm2(here, "DescribeBackups", NextToken=first["NextToken"])
    assert (len(first["Backups"]), len(last["Backups"])) == (50, 10)
    altered = f"{first['NextToken'][:4]}!{first['NextToken'][4:]}"
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: The NextToken is not valid$"):
        hsm2(here, "DescribeBackups", NextToken=altered)


@pytest.mark.parametrize(
    "token", ["", "x", "RGVzY3JpYmVCYWNrdXBzOg==", "RGVzY3JpYmVCYWNrdXBzOng6eA==", "TGlzdFRhZ3M6MQ=="]
)
@pytest.mark.parametrize("shared", [True, False])
def test_tokens_that_no_page_gave_out(hsm2: Ask, world: MakeWorld, token: str, shared: bool) -> None:
    """A NextToken that DescribeBackups did not give out is refused."""
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: The NextToken is not valid$"):
        hsm2(world(backup()), "DescribeBackups", NextToken=token, Shared=shared)


def test_shared_backups(hsm2: Ask, world: MakeWorld) -> None:
    """Backups that a policy shares show in no list until Resource Access Manager promotes the share."""
    assert hsm2(world(backup()), "DescribeBackups", Shared=True) == {"Backups": []}


@pytest.mark.parametrize(("account", "region"), [("444455556666", REGION), (ACCOUNT, ELSEWHERE)])
def test_other_accounts_and_regions(gateway: Gateway, world: MakeWorld, account: str, region: str) -> None:
    """A backup is seen in its own account and Region only."""
    authorization = signature("cloudhsm", access_key_id=account, region=region)
    here = world(backup())
    assert ask(gateway, here, "cloudhsmv2", "DescribeBackups", authorization=authorization) == {"Backups": []}
    with pytest.raises(RefusedError, match=r"^CloudHsmResourceNotFoundException: Backup 'backup-"):
        ask(gateway, here, "cloudhsmv2", "DeleteBackup", {"BackupId": BACKUP}, authorization=authorization)


def test_deleting_and_restoring(hsm2: Ask, world: MakeWorld) -> None:
    """A deleted backup tells when it is gone for good, and can be restored until then."""
    here = world(backup())
    deleted = hsm2(here, "DeleteBackup", BackupId=BACKUP)["Backup"]
    assert deleted == SHOWN | {"BackupState": "PENDING_DELETION", "DeleteTimestamp": NOW + 7 * DAY}
    assert shown(hsm2, here) == deleted
    here.clock.advance(6 * DAY)
    assert hsm2(here, "RestoreBackup", BackupId=BACKUP)["Backup"] == SHOWN
    here.clock.advance(30 * DAY)
    assert shown(hsm2, here) == SHOWN


def test_restoring_what_retention_deleted(hsm2: Ask, world: MakeWorld) -> None:
    """A backup that retention deleted is restored in the same way, and deleted again unless it is exempt by then."""
    here = world(made(0), made(1), at=NOW + 91 * DAY)
    oldest = "backup-aaaaaaaaaaa"
    assert state(hsm2, here, oldest) == "PENDING_DELETION"
    hsm2(here, "RestoreBackup", BackupId=oldest)
    assert state(hsm2, here, oldest) == "READY"
    here.clock.advance(DAY)
    assert state(hsm2, here, oldest) == "PENDING_DELETION"
    hsm2(here, "RestoreBackup", BackupId=oldest)
    hsm2(here, "ModifyBackupAttributes", BackupId=oldest, NeverExpires=True)
    here.clock.advance(300 * DAY)
    assert state(hsm2, here, oldest) == "READY"


def test_restoring_a_newer_one(hsm2: Ask, world: MakeWorld) -> None:
    """An overdue backup that stayed because it was the last one is deleted from the moment on at which it is not."""
    here = world(made(0), made(1, delete_requested_at=NOW + 88 * DAY), at=NOW + 93 * DAY)
    assert state(hsm2, here, "backup-aaaaaaaaaaa") == "READY"
    hsm2(here, "RestoreBackup", BackupId="backup-bbbbbbbbbbb")
    oldest = shown(hsm2, here, "backup-aaaaaaaaaaa")
    assert (oldest["BackupState"], oldest["DeleteTimestamp"]) == ("PENDING_DELETION", NOW + 100 * DAY)


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ("DeleteBackup", {"ready_at": NOW + 1}),
        ("DeleteBackup", {"delete_requested_at": NOW}),
        ("RestoreBackup", {}),
        ("RestoreBackup", {"ready_at": NOW + 1}),
    ],
)
def test_states_for_deleting_and_restoring(
    hsm2: Ask, world: MakeWorld, operation: str, changes: dict[str, Any]
) -> None:
    """A backup must be READY to be deleted, and PENDING_DELETION to be restored."""
    here = world(backup(**changes))
    before = shown(hsm2, here)
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: Backup .* is in state .*, not "):
        hsm2(here, operation, BackupId=BACKUP)
    assert shown(hsm2, here) == before


def test_never_expires(hsm2: Ask, world: MakeWorld) -> None:
    """NeverExpires exempts a backup from retention, until it is taken back; then it has a day."""
    here = world(made(0), made(1))
    oldest = "backup-aaaaaaaaaaa"
    answer = hsm2(here, "ModifyBackupAttributes", BackupId=oldest, NeverExpires=True)["Backup"]
    assert answer["NeverExpires"] is True
    assert shown(hsm2, here, oldest) == answer
    here.clock.advance(400 * DAY)
    assert state(hsm2, here, oldest) == "READY"
    assert hsm2(here, "ModifyBackupAttributes", BackupId=oldest, NeverExpires=False)["Backup"]["NeverExpires"] is False
    assert state(hsm2, here, oldest) == "READY"
    here.clock.advance(DAY)
    assert state(hsm2, here, oldest) == "PENDING_DELETION"


@pytest.mark.parametrize("operation", ["DeleteBackup", "RestoreBackup", "ModifyBackupAttributes", "CopyBackupToRegion"])
def test_a_backup_that_is_not_there(hsm2: Ask, world: MakeWorld, operation: str) -> None:
    """An unknown backup is not found."""
    more: dict[str, Any] = {
        "ModifyBackupAttributes": {"NeverExpires": True},
        "CopyBackupToRegion": {"DestinationRegion": ELSEWHERE},
    }
    with pytest.raises(RefusedError, match=r"^CloudHsmResourceNotFoundException: Backup 'backup-bb.*' does not exist"):
        hsm2(world(backup()), operation, BackupId="backup-bbbbbbbbbbb", **more.get(operation, {}))


def there(gateway: Gateway, here: World, **members: Any) -> Any:
    """Return the backups that the other Region shows."""
    authorization = signature("cloudhsm", region=ELSEWHERE)
    return ask(gateway, here, "cloudhsmv2", "DescribeBackups", members, authorization=authorization)["Backups"]


def test_copying(hsm2: Ask, gateway: Gateway, world: MakeWorld) -> None:
    """A copy is found by the id of its source in the other Region, where it tells all of its origin."""
    here = world(backup(never_expires=True, policy="{}", tags={"team": "crypto"}), timing=Timing(copy_backup=60))
    here.clock.advance(DAY)
    answer = hsm2(here, "CopyBackupToRegion", BackupId=BACKUP, DestinationRegion=ELSEWHERE)
    origin = {"SourceRegion": REGION, "SourceBackup": BACKUP, "SourceCluster": CLUSTER}
    assert answer == {"DestinationBackup": {"CreateTimestamp": NOW} | origin}
    (copy,) = there(gateway, here, Filters={"sourceBackupIds": [BACKUP]})
    assert copy["BackupId"] != BACKUP
    assert copy == {
        "BackupId": copy["BackupId"],
        "BackupArn": f"arn:aws:cloudhsm:{ELSEWHERE}:{ACCOUNT}:backup/{copy['BackupId']}",
        "BackupState": "CREATE_IN_PROGRESS",
        "ClusterId": CLUSTER,
        "CreateTimestamp": NOW,
        "CopyTimestamp": NOW + DAY,
        "NeverExpires": False,
        **origin,
        "TagList": [{"Key": "team", "Value": "crypto"}],
        "HsmType": "hsm1.medium",
        "Mode": "FIPS",
    }
    here.clock.advance(60)
    (copy,) = there(gateway, here)
    assert copy["BackupState"] == "READY"
    assert len(hsm2(here, "DescribeBackups")["Backups"]) == 1


def test_a_copy_has_no_retention(hsm2: Ask, gateway: Gateway, world: MakeWorld) -> None:
    """A copy stays until its owner deletes it."""
    here = world(made(0), made(1), at=NOW + DAY)
    for each in "ab":
        hsm2(here, "CopyBackupToRegion", BackupId=f"backup-{each * 11}", DestinationRegion=ELSEWHERE)
    here.clock.advance(1000 * DAY)
    assert [each["BackupState"] for each in there(gateway, here)] == ["READY", "READY"]
    assert letters(hsm2(here, "DescribeBackups")) == "b"


@pytest.mark.parametrize(("given", "tags"), [({"stage": "test"}, {"stage": "test"}), ({}, {"team": "crypto"})])
def test_tags_of_a_copy(
    hsm2: Ask, gateway: Gateway, world: MakeWorld, given: dict[str, str], tags: dict[str, str]
) -> None:
    """A copy has the tags that are given and only these, or those of its source where none are."""
    here = world(backup(tags={"team": "crypto"}))
    members = {"TagList": [{"Key": key, "Value": value} for key, value in given.items()]} if given else {}
    hsm2(here, "CopyBackupToRegion", BackupId=BACKUP, DestinationRegion=ELSEWHERE, **members)
    (copy,) = there(gateway, here)
    assert {tag["Key"]: tag["Value"] for tag in copy["TagList"]} == tags


@pytest.mark.parametrize(
    ("changes", "members", "code"),
    [
        ({"ready_at": NOW + 1}, {}, "CloudHsmInvalidRequestException"),
        ({"delete_requested_at": NOW}, {}, "CloudHsmInvalidRequestException"),
        ({}, {"DestinationRegion": REGION}, "CloudHsmInvalidRequestException"),
        ({}, {"DestinationRegion": "us-south-9"}, "CloudHsmInvalidRequestException"),
        ({}, {"DestinationRegion": "us-gov-west-1"}, "CloudHsmInvalidRequestException"),
        ({}, {"TagList": [{"Key": "a", "Value": ""}] * 2}, "CloudHsmTagException"),
        ({}, {"TagList": [{"Key": "aws:a", "Value": ""}]}, "CloudHsmTagException"),
        ({}, {"TagList": [{"Key": "a", "Value": ""}, {"Key": "b", "Value": ""}]}, "CloudHsmTagException"),
    ],
)
def test_copies_that_are_refused(
    hsm2: Ask,
    gateway: Gateway,
    world: MakeWorld,
    changes: dict[str, Any],
    members: dict[str, Any],
    code: str,
) -> None:
    """Only a READY backup is copied, to another Region of its partition that AWS has, with tags that may be."""
    here = world(backup(**changes), limits=Limits(tags_per_resource=1))
    with pytest.raises(RefusedError, match=f"^{code}: "):
        hsm2(here, "CopyBackupToRegion", **{"BackupId": BACKUP, "DestinationRegion": ELSEWHERE} | members)
    assert there(gateway, here) == []


def test_a_copy_of_a_copy(hsm2: Ask, gateway: Gateway, world: MakeWorld) -> None:
    """A copy is copied as any backup is, and what it tells of its origin is the copy before."""
    here = world(backup())
    hsm2(here, "CopyBackupToRegion", BackupId=BACKUP, DestinationRegion=ELSEWHERE)
    (copy,) = there(gateway, here)
    authorization = signature("cloudhsm", region=ELSEWHERE)
    members = {"BackupId": copy["BackupId"], "DestinationRegion": REGION}
    ask(gateway, here, "cloudhsmv2", "CopyBackupToRegion", members, authorization=authorization)
    (twice,) = hsm2(here, "DescribeBackups", Filters={"sourceBackupIds": [copy["BackupId"]]})["Backups"]
    assert (twice["SourceRegion"], twice["CreateTimestamp"]) == (ELSEWHERE, NOW)
    assert {each.contents for each in inside(here, backups.owned)} == {backup().contents}


def test_tags(hsm2: Ask, world: MakeWorld) -> None:
    """Backups have tags as clusters do, and DescribeBackups shows them."""
    here = world(backup(), limits=Limits(tags_per_resource=2))
    new = [{"Key": "team", "Value": "crypto"}, {"Key": "stage", "Value": ""}]
    assert hsm2(here, "TagResource", ResourceId=BACKUP, TagList=new) == {}
    with pytest.raises(RefusedError, match=r"^CloudHsmResourceLimitExceededException: "):
        hsm2(here, "TagResource", ResourceId=BACKUP, TagList=[{"Key": "more", "Value": ""}])
    assert hsm2(here, "UntagResource", ResourceId=BACKUP, TagKeyList=["stage"]) == {}
    assert shown(hsm2, here)["TagList"] == hsm2(here, "ListTags", ResourceId=BACKUP)["TagList"] == new[:1]
