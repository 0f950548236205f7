"""GetResourcePolicy, PutResourcePolicy and DeleteResourcePolicy: what a backup's policy may say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from mockaws.services.hsm import sharing
from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, NOW, REGION, backup, cluster
from tests.wire import RefusedError

if TYPE_CHECKING:
    from tests.kinds import Ask, MakeWorld

ARN = backup().arn
OTHER = "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/path/Restorer"
STATEMENT: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"AWS": OTHER},
    "Action": ["cloudhsm:CreateCluster", "cloudhsm:DescribeBackups"],
    "Resource": ARN,
}


def policy(*more: dict[str, Any], **changes: Any) -> str:
    """Return a policy, with *changes* in the first statement and *more* of them."""
    return json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT | changes, *more]})


def test_the_life_of_a_policy(hsm2: Ask, world: MakeWorld) -> None:
    """A policy is put, answered to the letter, replaced and deleted. Without a policy the answer is empty."""
    here = world(backup())
    assert hsm2(here, "GetResourcePolicy", ResourceArn=ARN) == {}
    for text in (policy(), f" {policy(Action='cloudhsm:createcluster')}\n"):
        assert hsm2(here, "PutResourcePolicy", ResourceArn=ARN, Policy=text) == {"ResourceArn": ARN, "Policy": text}
        assert hsm2(here, "GetResourcePolicy", ResourceArn=ARN) == {"Policy": text}
    assert hsm2(here, "DeleteResourcePolicy", ResourceArn=ARN) == {"ResourceArn": ARN, "Policy": text}
    assert hsm2(here, "DeleteResourcePolicy", ResourceArn=ARN) == {"ResourceArn": ARN}
    assert hsm2(here, "GetResourcePolicy", ResourceArn=ARN) == {}


@pytest.mark.parametrize("operation", ["GetResourcePolicy", "PutResourcePolicy", "DeleteResourcePolicy"])
@pytest.mark.parametrize(
    ("arn", "code", "sentence"),
    [
        (None, "CloudHsmInvalidRequestException", "ResourceArn is required"),
        (cluster().id, "CloudHsmInvalidRequestException", "failed to satisfy constraint"),
        (
            f"arn:aws:cloudhsm:{REGION}:{ACCOUNT}:cluster/{cluster().id}",
            "CloudHsmInvalidRequestException",
            "is not the ARN of a backup: only backups have resource policies",
        ),
        (ARN.replace(ACCOUNT, OTHER), "CloudHsmResourceNotFoundException", "does not exist"),
        (ARN.replace(REGION, "us-east-1"), "CloudHsmResourceNotFoundException", "does not exist"),
        (ARN.replace("abcdefghijk", "bbbbbbbbbbb"), "CloudHsmResourceNotFoundException", "does not exist"),
    ],
)
def test_what_has_no_policy(
    hsm2: Ask, world: MakeWorld, operation: str, arn: str | None, code: str, sentence: str
) -> None:
    """Resource policies are those of backups that one owns, each named by its ARN."""
    members = ({} if arn is None else {"ResourceArn": arn}) | (
        {"Policy": policy()} if operation == "PutResourcePolicy" else {}
    )
    with pytest.raises(RefusedError) as refused:
        hsm2(world(backup(), cluster()), operation, **members)
    assert sentence in refused.value.message
    # A constraint of the model is refused before CloudHSM sees the call.
    assert refused.value.code in {code, "ValidationException"}


@pytest.mark.parametrize("changes", [{"ready_at": NOW + 1}, {"delete_requested_at": NOW}])
def test_only_a_ready_backup_is_shared(hsm2: Ask, world: MakeWorld, changes: dict[str, Any]) -> None:
    """To share a backup it must be in READY state; its policy can be read and deleted in any."""
    here = world(backup(policy=policy(), **changes))
    with pytest.raises(RefusedError, match=r"^CloudHsmInvalidRequestException: Backup .* is in state .*, not READY$"):
        hsm2(here, "PutResourcePolicy", ResourceArn=ARN, Policy=policy())
    assert hsm2(here, "GetResourcePolicy", ResourceArn=ARN) == {"Policy": policy()}
    hsm2(here, "DeleteResourcePolicy", ResourceArn=ARN)


GOOD = [
    policy(Principal={"AWS": [OTHER, ROLE]}),
    policy(Principal={"AWS": f"arn:aws:iam::{OTHER}:root"}),
    policy(Resource=[ARN], Sid="one", Condition={}),
    policy(Effect="Deny"),
    json.dumps({"Statement": STATEMENT, "Id": "id"}),
]


@pytest.mark.parametrize("text", GOOD)
def test_policies(hsm2: Ask, world: MakeWorld, text: str) -> None:
    """Accounts, roles and users are named; one statement stands alone or in a list."""
    assert hsm2(world(backup()), "PutResourcePolicy", ResourceArn=ARN, Policy=text)["Policy"] == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Allow all", "it is not JSON"),
        ("[" * 5000, "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("{}", "its Statement is not an object or a list of objects"),
        ('{"Statement": []}', "it has no Statement"),
        ('{"Statement": ["x"]}', "its Statement is not an object or a list of objects"),
        (json.dumps({"Version": "2020-01-01", "Statement": STATEMENT}), "its Version is neither 2012-10-17 nor"),
        (json.dumps({"Version": [], "Statement": STATEMENT}), "its Version is neither 2012-10-17 nor"),
        (json.dumps({"Statement": STATEMENT, "Statements": []}), "the policy has no member Statements"),
        (policy(NotAction="x"), "a statement has no member NotAction"),
        (policy(Effect="allow"), "the Effect of a statement is neither Allow nor Deny"),
        (policy(Effect=[]), "the Effect of a statement is neither Allow nor Deny"),
        (policy(Condition="x"), "the Condition of a statement is not an object"),
        (policy(Principal="*"), "the Principal of a statement is not an object with AWS"),
        (policy(Principal={"Service": "kms.amazonaws.com"}), "the Principal of a statement is not an object with AWS"),
        (policy(Principal={"AWS": "*"}), "Principal * is neither an account nor the ARN of a role or user"),
        (policy(Principal={"AWS": []}), "AWS in a statement is neither a string nor a list of strings"),
        (policy(Principal={"AWS": [7]}), "AWS in a statement is neither a string nor a list of strings"),
        (policy(Principal={"AWS": f"arn:aws:iam::{OTHER}:group/g"}), "group/g is neither an account nor"),
        (policy(Action="cloudhsm:DeleteBackup"), "Action cloudhsm:DeleteBackup is none of cloudhsm:CreateCluster, "),
        (policy(Action="cloudhsm:*"), "Action cloudhsm:* is none of "),
        (policy(Action={}), "Action in a statement is neither a string nor a list of strings"),
        (policy(Resource="*"), f"Resource * is not {ARN}"),
        (policy(Resource=None), "Resource in a statement is neither a string nor a list of strings"),
        (policy({"Effect": "Allow"}), "the Principal of a statement is not an object with AWS"),
    ],
)
def test_faulty_policies(hsm2: Ask, world: MakeWorld, text: str, fault: str) -> None:
    """A policy that is no policy, or shares something else than this backup for these two actions, is refused."""
    here = world(backup(policy=policy()))
    with pytest.raises(RefusedError) as refused:
        hsm2(here, "PutResourcePolicy", ResourceArn=ARN, Policy=text)
    assert refused.value.code == "CloudHsmInvalidRequestException"
    assert refused.value.message.startswith("The policy is not valid: ")
    assert fault in refused.value.message
    assert hsm2(here, "GetResourcePolicy", ResourceArn=ARN) == {"Policy": policy()}


def test_the_size_of_a_policy(hsm2: Ask, world: MakeWorld) -> None:
    """A policy has 1 to 20,000 characters, and must be given."""
    here = world(backup())
    text = policy().ljust(20_000)
    assert hsm2(here, "PutResourcePolicy", ResourceArn=ARN, Policy=text)["Policy"] == text
    for faulty in ({"Policy": f"{text} "}, {"Policy": ""}, {}):
        with pytest.raises(RefusedError, match=r"Member must have length|Policy is required"):
            hsm2(here, "PutResourcePolicy", ResourceArn=ARN, **faulty)


SESSION = f"arn:aws:sts::{OTHER}:assumed-role/Restorer/me"


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        (None, False),
        (policy(), True),
        (policy(Action="CLOUDHSM:CREATECLUSTER"), True),
        (policy(Action="cloudhsm:DescribeBackups"), False),
        (policy(Principal={"AWS": ["777788889999", f"arn:aws:iam::{OTHER}:root"]}), True),
        (policy(Principal={"AWS": ROLE}), True),
        (policy(Principal={"AWS": SESSION}), True),
        (policy(Principal={"AWS": f"arn:aws:iam::{OTHER}:role/Another"}), False),
        (policy(Principal={"AWS": "777788889999"}), False),
        (policy(STATEMENT | {"Effect": "Deny", "Principal": {"AWS": ROLE}}), False),
        (policy(STATEMENT | {"Effect": "Deny", "Condition": {"Bool": {}}}), True),
        (policy(Condition={"Bool": {}}), True),
    ],
)
def test_whom_a_policy_lets_in(text: str | None, allowed: bool) -> None:
    """A caller is let in as an account, a role or itself, where the policy allows the action and does not deny it."""
    caller = Caller("ASIA", OTHER, REGION, SESSION, "AROA:me")
    assert sharing.is_allowed(backup(policy=text), caller, sharing.CREATE_CLUSTER) is allowed


def test_a_policy_goes_with_its_backup(hsm2: Ask, world: MakeWorld) -> None:
    """When a backup is gone for good there is no policy any more."""
    here = world(backup(policy=policy(), delete_requested_at=NOW))
    here.clock.advance(7 * DAY)
    with pytest.raises(RefusedError, match=r"^CloudHsmResourceNotFoundException: "):
        hsm2(here, "GetResourcePolicy", ResourceArn=ARN)
