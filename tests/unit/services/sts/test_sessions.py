"""AssumeRole and GetSessionToken: temporary credentials, their identity and their lifetime."""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import HOUR
from tests.samples import ACCOUNT, NOW
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

ROLE = "arn:aws:iam::444455556666:role/deploy"
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}'


def assume(sts: Ask, here: World, key: str | None = None, **members: Any) -> Any:
    """Return the answer of AssumeRole."""
    return sts(here, "AssumeRole", key=key, **{"RoleArn": ROLE, "RoleSessionName": "terraform"} | members)


def moment(text: str) -> float:
    """Return the epoch seconds of an answer's timestamp."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()


def test_assuming_a_role(sts: Ask, world: MakeWorld) -> None:
    """AssumeRole gives out credentials in AWS's form; their bearer is the role, in the role's account."""
    here = world()
    answer = assume(sts, here)
    credentials = answer["Credentials"]
    assert re.fullmatch(r"ASIA[A-Z2-7]{16}", credentials["AccessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9+/=]{40}", credentials["SecretAccessKey"])
    assert len(base64.b64decode(credentials["SessionToken"], validate=True)) > 200
    assert moment(credentials["Expiration"]) == int(NOW) + HOUR
    user = answer["AssumedRoleUser"]
    assert user["Arn"] == "arn:aws:sts::444455556666:assumed-role/deploy/terraform"
    assert re.fullmatch(r"AROA[A-Z2-7]{17}:terraform", user["AssumedRoleId"])
    assert sorted(answer) == ["AssumedRoleUser", "Credentials"]
    assert sts(here, "GetCallerIdentity", key=credentials["AccessKeyId"]) == {
        "UserId": user["AssumedRoleId"],
        "Account": "444455556666",
        "Arn": user["Arn"],
    }
    assert sts(here, "GetAccessKeyInfo", AccessKeyId=credentials["AccessKeyId"]) == {"Account": "444455556666"}


def test_the_id_of_a_role_is_its_own(sts: Ask, world: MakeWorld) -> None:
    """A role has one unique id, in every session and every world; another role has another."""
    ids = {
        assume(sts, world(), RoleArn=arn)["AssumedRoleUser"]["AssumedRoleId"]
        for arn in (ROLE, ROLE, "arn:aws:iam::444455556666:role/other")
    }
    assert len(ids) == 2


def test_credentials_differ(sts: Ask, world: MakeWorld) -> None:
    """Each call gives out credentials of its own."""
    here = world()
    answers = [assume(sts, here)["Credentials"] for _ in range(5)]
    for member in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert len({answer[member] for answer in answers}) == 5


@pytest.mark.parametrize(
    ("arn", "assumed"),
    [
        ("arn:aws:iam::444455556666:role/team/a/deploy", "arn:aws:sts::444455556666:assumed-role/deploy/terraform"),
        ("arn:aws-cn:iam::444455556666:role/deploy", "arn:aws-cn:sts::444455556666:assumed-role/deploy/terraform"),
        ("arn:aws-us-gov:iam::444455556666:role/d", "arn:aws-us-gov:sts::444455556666:assumed-role/d/terraform"),
    ],
)
def test_arns_of_roles(sts: Ask, world: MakeWorld, arn: str, assumed: str) -> None:
    """The assumed role's ARN keeps the partition and the role's name, and drops the role's path."""
    assert assume(sts, world(), RoleArn=arn)["AssumedRoleUser"]["Arn"] == assumed


@pytest.mark.parametrize(
    ("arn", "sentence"),
    [
        ("nothing-valid-in-here", "nothing-valid-in-here is invalid"),
        ("arn::b:::something/test-role", "arn::b:::something/test-role is invalid"),
        ("arn:a::::something/test-role", "arn:a::::something/test-role is invalid"),
        ("arn:a:::something/test-role", "arn:a:::something/test-role is invalid"),
        ("arn:a:a::aaaaaaaaaa:", "arn:a:a::aaaaaaaaaa: is invalid"),
        ("arn:aws:iam:444455556666:role/deploy", "arn:aws:iam:444455556666:role/deploy is invalid"),
        ("arn:aws:iam::444455556666:user/someone", "Request ARN is invalid"),
        ("arn:aws:iam::444455556666:role/", "Request ARN is invalid"),
        ("arn:aws:iam::44445555666:role/deploy", "Request ARN is invalid"),
        ("arn:aws:iam:us-west-2:444455556666:role/deploy", "Request ARN is invalid"),
        ("arn:aws:sts::444455556666:assumed-role/a/b", "Request ARN is invalid"),
        ("arn:xxx:iam::444455556666:role/deploy", "Request ARN is invalid"),
    ],
)
def test_what_is_no_role(sts: Ask, world: MakeWorld, arn: str, sentence: str) -> None:
    """A text that is not an ARN, and an ARN of another resource, have different recorded errors."""
    with pytest.raises(RefusedError) as refused:
        assume(sts, world(), RoleArn=arn)
    assert (refused.value.code, refused.value.message, refused.value.status) == ("ValidationError", sentence, 400)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (
            {"RoleArn": ""},
            (
                "2 validation errors detected: "
                "Value '' at 'roleArn' failed to satisfy constraint: "
                "Member must have length greater than or equal to 20; "
                "Value '' at 'roleArn' failed to satisfy constraint: Member must satisfy regular expression pattern: "
                r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
            ),
        ),
        (
            {"RoleArn": "not-an-arn"},
            (
                "1 validation error detected: Value 'not-an-arn' at 'roleArn' failed to satisfy constraint: "
                "Member must have length greater than or equal to 20"
            ),
        ),
        (
            {"RoleSessionName": "bad/name"},
            (
                "1 validation error detected: Value 'bad/name' at 'roleSessionName' failed to satisfy constraint: "
                r"Member must satisfy regular expression pattern: [\w+=,.@-]*"
            ),
        ),
        (
            {"RoleSessionName": "a"},
            (
                "1 validation error detected: Value 'a' at 'roleSessionName' failed to satisfy constraint: "
                "Member must have length greater than or equal to 2"
            ),
        ),
        (
            {"DurationSeconds": 899},
            (
                "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: "
                "Member must have value greater than or equal to 900"
            ),
        ),
        (
            {"DurationSeconds": 43201},
            (
                "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: "
                "Member must have value less than or equal to 43200"
            ),
        ),
    ],
)
def test_members_that_break_the_model(sts: Ask, world: MakeWorld, members: dict[str, Any], sentence: str) -> None:
    """STS says what is wrong as recorded answers of AWS say it, with the code ValidationError."""
    with pytest.raises(RefusedError) as refused:
        assume(sts, world(), **members)
    assert (refused.value.code, refused.value.message, refused.value.status) == ("ValidationError", sentence, 400)


@pytest.mark.parametrize("given", ["", "abc", "900.0", "2147483648", "-2147483649", "9" * 5000, "1_000", "١٢٠٠"])
def test_durations_that_are_no_numbers(sts: Ask, world: MakeWorld, given: str) -> None:
    """A number of the Query protocol is a decimal integer of 32 bits; anything else is MalformedInput."""
    with pytest.raises(RefusedError) as refused:
        assume(sts, world(), DurationSeconds=given)
    assert (refused.value.code, refused.value.status) == ("MalformedInput", 400)


@pytest.mark.parametrize(("given", "seconds"), [("900", 900), ("43200", 43200), ("+900", 900), ("0900", 900)])
def test_durations(sts: Ask, world: MakeWorld, given: str, seconds: int) -> None:
    """Credentials last 900 seconds to 12 hours; a leading plus or zero does not matter."""
    answer = assume(sts, world(), DurationSeconds=given)
    assert moment(answer["Credentials"]["Expiration"]) == int(NOW) + seconds


def test_credentials_expire(sts: Ask, world: MakeWorld) -> None:
    """Credentials are good until their Expiration, and from then on ExpiredToken, HTTP 403."""
    here = world()
    credentials = assume(sts, here, DurationSeconds=900)["Credentials"]
    here.clock.freeze(moment(credentials["Expiration"]) - 0.001)
    assert sts(here, "GetCallerIdentity", key=credentials["AccessKeyId"])["Account"] == "444455556666"
    here.clock.freeze(moment(credentials["Expiration"]))
    with pytest.raises(RefusedError) as refused:
        sts(here, "GetCallerIdentity", key=credentials["AccessKeyId"])
    assert (refused.value.code, refused.value.status) == ("ExpiredToken", 403)
    assert refused.value.message == "The security token included in the request is expired"


def test_role_chaining(sts: Ask, world: MakeWorld) -> None:
    """A role can assume a role, for an hour at most."""
    here = world()
    key = assume(sts, here)["Credentials"]["AccessKeyId"]
    next_role = "arn:aws:iam::777788889999:role/next"
    chained = assume(sts, here, key=key, RoleArn=next_role, DurationSeconds=3600)
    assert chained["AssumedRoleUser"]["Arn"] == "arn:aws:sts::777788889999:assumed-role/next/terraform"
    with pytest.raises(RefusedError) as refused:
        assume(sts, here, key=key, RoleArn=next_role, DurationSeconds=3601)
    assert refused.value.code == "ValidationError"
    assert refused.value.message == (
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    )


def test_a_session_token_speaks_for_the_user(sts: Ask, world: MakeWorld) -> None:
    """GetSessionToken gives out credentials for 12 hours that are the caller itself, who may assume roles for long."""
    here = world()
    user = sts(here, "GetCallerIdentity")
    credentials = sts(here, "GetSessionToken")["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    assert moment(credentials["Expiration"]) == int(NOW) + 12 * HOUR
    assert sts(here, "GetCallerIdentity", key=credentials["AccessKeyId"]) == user
    assumed = assume(sts, here, key=credentials["AccessKeyId"], DurationSeconds=7200)
    assert moment(assumed["Credentials"]["Expiration"]) == int(NOW) + 7200


@pytest.mark.parametrize("seconds", [900, 129_600])
def test_durations_of_session_tokens(sts: Ask, world: MakeWorld, seconds: int) -> None:
    """A session token lasts 15 minutes to 36 hours."""
    credentials = sts(world(), "GetSessionToken", DurationSeconds=seconds)["Credentials"]
    assert moment(credentials["Expiration"]) == int(NOW) + seconds


def test_no_session_token_for_a_session(sts: Ask, world: MakeWorld) -> None:
    """Temporary credentials, of a role or of a user, cannot call GetSessionToken: AccessDenied, HTTP 403."""
    here = world()
    keys = [assume(sts, here)["Credentials"]["AccessKeyId"], sts(here, "GetSessionToken")["Credentials"]["AccessKeyId"]]
    for key in keys:
        with pytest.raises(RefusedError) as refused:
            sts(here, "GetSessionToken", key=key)
        assert (refused.value.code, refused.value.status) == ("AccessDenied", 403)
        assert refused.value.message == "Cannot call GetSessionToken with session credentials"


def test_credentials_are_of_one_world(sts: Ask, world: MakeWorld) -> None:
    """Credentials of one world are unknown in another, and after a reset: their caller is the default user."""
    here, there = world(), world()
    key = assume(sts, here)["Credentials"]["AccessKeyId"]
    assert sts(there, "GetCallerIdentity", key=key)["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"
    here.reset()
    assert sts(here, "GetCallerIdentity", key=key)["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"


def test_source_identity(sts: Ask, world: MakeWorld) -> None:
    """SourceIdentity comes back in the answer."""
    assert assume(sts, world(), SourceIdentity="alice@example.com")["SourceIdentity"] == "alice@example.com"


def test_members_that_change_nothing(sts: Ask, world: MakeWorld) -> None:
    """Parameters that matter to trust policies only are accepted."""
    answer = assume(
        sts,
        world(),
        ExternalId="my:external/id",
        SerialNumber="arn:aws:iam::111122223333:mfa/me",
        TokenCode="123456",
        ProvidedContexts=[{"ProviderArn": "arn:aws:iam::aws:contextProvider/x", "ContextAssertion": "abcd"}],
        Unknown="value",
    )
    assert sorted(answer) == ["AssumedRoleUser", "Credentials"]


def test_a_larger_token(sts: Ask, world: MakeWorld) -> None:
    """MinimumSessionTokenSize asks for a token that is at least so long."""
    assert len(assume(sts, world(), MinimumSessionTokenSize=4096)["Credentials"]["SessionToken"]) >= 4096


@pytest.mark.parametrize(
    "narrowing",
    [
        {"Policy": POLICY},
        {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/x"}] * 10},
        {"Tags": [{"Key": "team", "Value": ""}], "TransitiveTagKeys": ["TEAM"]},
        {"Policy": POLICY.replace("[", "").replace("]", "")},
        {"Policy": '{"Statement": [{"Effect": "Deny", "NotAction": ["a", "b"], "NotResource": ["c"], "Sid": "x"}]}'},
    ],
)
def test_the_packed_size(sts: Ask, world: MakeWorld, narrowing: dict[str, Any]) -> None:
    """A policy, managed policies and tags take room, and the answer tells how much in per cent."""
    assert 1 <= int(assume(sts, world(), **narrowing)["PackedPolicySize"]) <= 15


@pytest.mark.parametrize(
    ("policy", "sentence"),
    [
        ("{", "The policy is not in the valid JSON format."),
        ("not json", "The policy is not in the valid JSON format."),
        ("[" * 100_000, "The policy is not in the valid JSON format."),
        ("[]", "Syntax errors in policy."),
        ("{}", "Syntax errors in policy."),
        ('{"Version": "2020-01-01", "Statement": []}', "Syntax errors in policy."),
        ('{"Statement": "Allow"}', "Syntax errors in policy."),
        ('{"Statement": [{"Effect": "allow", "Action": "a", "Resource": "b"}]}', "Syntax errors in policy."),
        ('{"Statement": [{"Effect": "Allow", "Resource": "b"}]}', "Syntax errors in policy."),
        ('{"Statement": [{"Effect": "Allow", "Action": "a"}]}', "Syntax errors in policy."),
        ('{"Statement": [{"Effect": "Allow", "Action": [], "Resource": "b"}]}', "Syntax errors in policy."),
        ('{"Statement": [{"Effect": "Allow", "Action": 1, "Resource": "b"}]}', "Syntax errors in policy."),
        (
            '{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "a", "Resource": "b"}]}',
            "Policy document should not specify a principal.",
        ),
    ],
)
def test_malformed_policies(sts: Ask, world: MakeWorld, policy: str, sentence: str) -> None:
    """A session policy must be JSON, in the grammar of policies, and without a principal."""
    with pytest.raises(RefusedError) as refused:
        assume(sts, world(), Policy=policy)
    assert (refused.value.code, refused.value.message) == ("MalformedPolicyDocument", sentence)
    assert refused.value.status == 400


def test_a_policy_too_large(sts: Ask, world: MakeWorld) -> None:
    """Policies and tags that take more than their room are refused, with the percentage."""
    actions = ", ".join(f'"kms:Action{n:04}"' for n in range(200))
    with pytest.raises(
        RefusedError, match=r"^PackedPolicyTooLarge: Packed policy consumes 1[0-9]{2}% of allotted space"
    ):
        assume(sts, world(), Policy=POLICY.replace('"kms:*"', f"[{actions}]"))


@pytest.mark.parametrize(
    ("arns", "sentence"),
    [
        (
            ["arn:aws:iam::aws:role/ReadOnlyAccess"],
            "arn:aws:iam::aws:role/ReadOnlyAccess is not the ARN of a managed policy",
        ),
        (["arn:aws:iam::aws:policy/ReadOnlyAccess"] * 11, "A session has at most 10 managed session policies"),
    ],
)
def test_managed_policies(sts: Ask, world: MakeWorld, arns: list[str], sentence: str) -> None:
    """Managed session policies are ARNs of policies, ten at most."""
    with pytest.raises(RefusedError) as refused:
        assume(sts, world(), PolicyArns=[{"arn": arn} for arn in arns])
    assert (refused.value.code, refused.value.message) == ("ValidationError", sentence)


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (
            {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
        (
            {"Tags": [{"Key": "a", "Value": "1"}], "TransitiveTagKeys": ["b"]},
            "The specified transitive tag key must be included in the requested tags.",
        ),
    ],
)
def test_session_tags(sts: Ask, world: MakeWorld, members: dict[str, Any], sentence: str) -> None:
    """Session tags have each key once in any letter case, and the transitive ones are among them."""
    with pytest.raises(RefusedError) as refused:
        assume(sts, world(), **members)
    assert (refused.value.code, refused.value.message) == ("InvalidParameterValue", sentence)
