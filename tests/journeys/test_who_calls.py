"""IAM and STS agree on who calls, where other services answer for IAM: moto in the process, or another endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from mockaws import Mock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.kinds import MakeClient

ACCOUNT = "111122223333"
PARTNER = "444455556666"
INVALID = "The security token included in the request is invalid."
DUMMY = "AKIAIOSFODNN7EXAMPLE"


@pytest.fixture(scope="module")
def moto() -> Iterator[Mock]:
    """Return a mock with moto beside it."""
    with Mock(others="moto", account=ACCOUNT) as made:
        yield made


@pytest.fixture(params=["moto", "URL"])
def mock(request: pytest.FixtureRequest, moto: Mock) -> Iterator[Mock]:
    """Return a mock whose other services are moto's in its process, or behind a URL."""
    moto.reset()
    if request.param == "moto":
        yield moto
    else:
        with Mock(others=moto.url, account=ACCOUNT) as made:
            yield made


@pytest.fixture
def by(mock: Mock, client: MakeClient) -> Callable[..., Any]:
    """Return a function that makes clients: of a service, with an access key id."""

    def make(service: str, access_key_id: str = ACCOUNT) -> Any:
        return client(service, mock.url, account=access_key_id)

    return make


def new_user(iam: Any) -> tuple[dict[str, Any], str]:
    """Make a user with an access key; return both."""
    user = iam.create_user(UserName="alice", Path="/team/")["User"]
    return user, iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]


def refusal(call: Callable[[], Any]) -> tuple[str, str, int]:
    """Return code, sentence and status with which a call is refused."""
    with pytest.raises(ClientError) as refused:
        call()
    response = refused.value.response
    return response["Error"]["Code"], response["Error"]["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("account", [ACCOUNT, PARTNER])
def test_an_access_key_speaks_for_its_user(by: Callable[..., Any], mock: Mock, account: str) -> None:
    """GetCallerIdentity tells the ARN with its path and the unique id that IAM tells; KMS knows the user, too."""
    user, key = new_user(by("iam", account))
    identity = by("sts", key).get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (user["Arn"], user["UserId"])
    assert identity["Account"] == account
    made = by("kms", key).create_key()["KeyMetadata"]
    assert made["AWSAccountId"] == account
    (event,) = (event for event in mock.calls() if event["eventName"] == "CreateKey")
    assert event["userIdentity"]["arn"] == f"arn:aws:iam::{account}:user/team/alice"
    session = by("sts", key).get_session_token()["Credentials"]["AccessKeyId"]
    assert by("sts", session).get_caller_identity()["Arn"] == user["Arn"]


def test_a_key_that_is_not_active(by: Callable[..., Any]) -> None:
    """A key is refused while it is inactive: each protocol has a name of its own for that."""
    iam = by("iam")
    _, key = new_user(iam)
    iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    assert refusal(by("sts", key).get_caller_identity) == ("InvalidClientTokenId", INVALID, 403)
    assert refusal(by("kms", key).list_keys) == ("UnrecognizedClientException", INVALID, 400)
    iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Active")
    by("kms", key).list_keys()


@pytest.mark.parametrize("used", [True, False])
def test_a_key_that_was_deleted(by: Callable[..., Any], mock: Mock, used: bool) -> None:
    """A deleted key is refused, with or without earlier calls that it signed."""
    iam = by("iam")
    _, key = new_user(iam)
    if used:
        by("sts", key).get_caller_identity()
    iam.delete_access_key(UserName="alice", AccessKeyId=key)
    iam.delete_user(UserName="alice")
    assert refusal(by("sts", key).get_caller_identity) == ("InvalidClientTokenId", INVALID, 403)
    assert refusal(by("iam", key).list_users)[:2] == ("InvalidClientTokenId", INVALID)
    mock.reset()
    assert by("sts", key).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"


def test_a_key_that_was_made_up(by: Callable[..., Any]) -> None:
    """A key that IAM never had is as good as any."""
    assert by("sts", DUMMY).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"
    new_user(by("iam"))
    assert by("sts", DUMMY).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"


@pytest.mark.parametrize("key", [ACCOUNT, PARTNER, DUMMY, "test"])
def test_the_default_user(moto: Mock, client: MakeClient, key: str) -> None:
    """The user that callers are who have no other is in moto's IAM, too: GetUser and GetCallerIdentity agree."""
    moto.reset()
    iam = client("iam", moto.url, account=key)
    identity = client("sts", moto.url, account=key).get_caller_identity()
    for user in (iam.get_user()["User"], iam.get_user(UserName="mockaws")["User"], *iam.list_users()["Users"]):
        assert (user["Arn"], user["UserId"]) == (identity["Arn"], identity["UserId"])
    made = iam.create_access_key()["AccessKey"]
    assert made["UserName"] == "mockaws"
    assert client("sts", moto.url, account=made["AccessKeyId"]).get_caller_identity()["Arn"] == identity["Arn"]
    assert [entry["AccessKeyId"] for entry in iam.list_access_keys()["AccessKeyMetadata"]] == [made["AccessKeyId"]]


def test_a_user_asks_about_itself(moto: Mock, client: MakeClient) -> None:
    """A caller with a user's key is that user, in IAM as in STS."""
    moto.reset()
    user, key = new_user(client("iam", moto.url))
    assert client("iam", moto.url, account=key).get_user()["User"]["Arn"] == user["Arn"]


@pytest.mark.parametrize("operation", ["get_user", "list_access_keys"])
def test_a_session_asks_about_itself(moto: Mock, client: MakeClient, operation: str) -> None:
    """A role's session is no user, and has to name one."""
    moto.reset()
    role = f"arn:aws:iam::{PARTNER}:role/deploy"
    made = client("sts", moto.url).assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    iam = client("iam", moto.url, account=made["AccessKeyId"], aws_session_token=made["SessionToken"])
    assert refusal(getattr(iam, operation)) == (
        "ValidationError",
        "Must specify userName when calling with non-User credentials",
        400,
    )


def test_principals_behind_a_url(by: Callable[..., Any]) -> None:
    """A grant to a role that is not there is refused, one to a role that is there is not; its session has its id."""
    iam, kms = by("iam"), by("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    wanted = {"KeyId": key_id, "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/app", "Operations": ["Decrypt"]}
    assert refusal(lambda: kms.create_grant(**wanted))[0] == "InvalidArnException"
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'
    )
    role = iam.create_role(RoleName="app", AssumeRolePolicyDocument=trust)["Role"]
    kms.create_grant(**wanted)
    assumed = by("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")["AssumedRoleUser"]
    assert assumed["AssumedRoleId"] == f"{role['RoleId']}:me"


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [("s3", "list_buckets", "InvalidAccessKeyId", 403), ("ec2", "describe_vpcs", "AuthFailure", 401)],
)
def test_bad_keys_in_the_words_of_other_services(
    mock: Mock, client: MakeClient, service: str, operation: str, code: str, status: int
) -> None:
    """S3 and EC2 have codes of their own for an access key that is not good, and the client sends it once."""
    iam = client("iam", mock.url)
    iam.create_user(UserName="alice")
    key = iam.create_access_key(UserName="alice")["AccessKey"]["AccessKeyId"]
    iam.update_access_key(UserName="alice", AccessKeyId=key, Status="Inactive")
    with pytest.raises(ClientError) as refused:
        getattr(client(service, mock.url, account=key), operation)()
    said = refused.value.response
    assert (said["Error"]["Code"], said["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
