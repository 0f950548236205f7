"""Filters: patterns of operations and errors, keys, moments, and the filters that are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.journal import filters
from mockaws.journal.filters import FilterError
from mockaws.journal.names import UnknownNameError, operation_pattern

if TYPE_CHECKING:
    from tests.unit.journal.calling import Calls


def shown(calls: Calls, **given: str) -> list[str]:
    """Return the names of the operations that a filter selects."""
    entries = calls.world.journal.entries()
    return [entry.name for entry in filters.read(given, entries).select(entries)]


@pytest.fixture
def story(calls: Calls) -> Calls:
    """Return a world in which this happened, a minute apart each."""
    key_id, _ = calls.key()
    steps: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("kms", "CreateAlias", {"AliasName": "alias/example", "TargetKeyId": key_id}),
        ("kms", "DescribeKey", {"KeyId": "alias/example"}),
        ("kms", "DescribeKey", {"KeyId": "alias/nothing"}),
        ("cloudhsmv2", "DescribeClusters", {}),
        ("sts", "GetCallerIdentity", {}),
        ("kms", "Nonsense", {}),
    )
    for service, operation, document in steps:
        calls.world.clock.advance(60)
        calls.event(service, operation, **document)
    calls.event("kms", "ListKeys", "444455556666")
    return calls


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"service": "sts"}, ["GetCallerIdentity"]),
        ({"service": "cloudhsm"}, ["DescribeClusters"]),
        ({"service": "cloudhsmv2"}, ["DescribeClusters"]),
        ({"operation": "kms:Create*"}, ["CreateKey", "CreateAlias"]),
        ({"operation": "Describe*"}, ["DescribeKey", "DescribeKey", "DescribeClusters"]),
        ({"operation": "cloudhsmv2:*"}, ["DescribeClusters"]),
        ({"operation": "*:DescribeKey"}, ["DescribeKey", "DescribeKey"]),
        ({"error": "NotFoundException"}, ["DescribeKey"]),
        ({"error": "*"}, ["DescribeKey", "Nonsense"]),
        ({"error": "Unknown*"}, ["Nonsense"]),
        ({"key": "alias/example"}, ["CreateAlias", "DescribeKey"]),
        ({"key": "alias/nothing"}, ["DescribeKey"]),
        ({"account": "444455556666"}, ["ListKeys"]),
        ({"region": "eu-central-1"}, []),
        (
            {"since": "2017-10-04T16:14:12.351Z", "until": "2017-10-04T18:16:12+02:00"},
            ["DescribeClusters", "GetCallerIdentity"],
        ),
        ({"since": "2017-10-04T16:16:00"}, ["Nonsense", "ListKeys"]),
        ({"limit": "2"}, ["Nonsense", "ListKeys"]),
        ({"operation": "DescribeKey", "limit": "1"}, ["DescribeKey"]),
        ({"operation": "DescribeKey", "error": "NotFound*", "service": "kms"}, ["DescribeKey"]),
    ],
)
def test_filters(story: Calls, given: dict[str, str], names: list[str]) -> None:
    """A filter narrows down; several narrow down together; a limit takes the last ones."""
    assert shown(story, **given) == names


def test_a_key_by_any_of_its_names(story: Calls) -> None:
    """A key's id and its ARN find the calls that used its alias, and the one that created it."""
    first, *_ = story.world.journal.entries()
    assert first.result is not None
    metadata = first.result["KeyMetadata"]
    for name in (metadata["KeyId"], metadata["Arn"]):
        assert shown(story, key=name) == ["CreateKey", "CreateAlias", "DescribeKey"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"operatoin": "x"}, "operatoin: no such filter; there are service, operation, error, key, account, region,"),
        ({"service": "s3"}, "s3: no such service; there are kms, cloudhsm, sts"),
        ({"operation": "kms:SheduleKeyDeletion"}, "did you mean kms:ScheduleKeyDeletion?"),
        ({"operation": "kms:schedulekeydeletion"}, "did you mean kms:ScheduleKeyDeletion?"),
        ({"operation": "DescribeKeys"}, "DescribeKeys: no such operation; did you mean DescribeKey?"),
        ({"operation": "sts:Decrypt*"}, "sts:Decrypt*: no such operation; "),
        ({"operation": ""}, "one is such as kms:ScheduleKeyDeletion, or with * for any letters"),
        ({"operation": "*" * 257}, "a name has at most 256 characters; one is kms:ScheduleKeyDeletion"),
        ({"error": "*a" * 1000}, "a name has at most 256 characters; one is NotFoundException"),
        ({"error": "NotFound"}, "NotFound: no such error; did you mean NotFoundException?"),
        ({"account": "12"}, "12: no such account; one is 12 digits, such as 111122223333"),
        ({"region": "us-wset-2"}, "us-wset-2: no such Region; did you mean us-west-2?"),
        ({"region": "Mars"}, "Mars: no such Region; one is such as us-west-2"),
        ({"since": "yesterday"}, "yesterday: no such date; one is such as 2026-01-31T12:00:00Z"),
        ({"limit": "0"}, "0: a limit is a number from 1 to 10000"),
        ({"limit": "ten"}, "ten: a limit is a number from 1 to 10000"),
    ],
)
def test_mistakes(story: Calls, given: dict[str, str], sentence: str) -> None:
    """Unknown filters and values are refused with a message that says what would be right."""
    with pytest.raises(FilterError) as refused:
        shown(story, **given)
    assert sentence in str(refused.value)


def test_an_operation_that_is_not_there_yet_has_a_name() -> None:
    """Every operation of AWS's models can be named, as calls of it are in the journal, too."""
    assert operation_pattern("cloudhsm:ModifyBackupAttributes").service == "cloudhsm"
    with pytest.raises(UnknownNameError):
        operation_pattern("ec2:RunInstances")
