"""AssumeRole and AssumeRoleWithWebIdentity with an IAM that has roles and trust policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.people import OTHER, People, trusting
from tests.samples import ACCOUNT
from tests.unit.services.sts.test_web_identity import token
from tests.wire import RefusedError

if TYPE_CHECKING:
    from mockaws.worlds.world import World
    from tests.kinds import Ask, MakeWorld

ME = f"arn:aws:iam::{ACCOUNT}:user/mockaws"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
BY_TOKEN = "sts:AssumeRoleWithWebIdentity"


@pytest.fixture
def here(world: MakeWorld) -> World:
    """Return a world with an IAM beside it."""
    return world()


@pytest.fixture
def people(here: World) -> People:
    """Return the IAM."""
    return People(here)


def arn(name: str, account: str = ACCOUNT) -> str:
    """Return the ARN of a role."""
    return f"arn:aws:iam::{account}:role/{name}"


def assume(sts: Ask, here: World, role: str, **members: Any) -> Any:
    """Return the answer of AssumeRole."""
    return sts(here, "AssumeRole", **{"RoleArn": role, "RoleSessionName": "terraform"} | members)


def refused(sts: Ask, here: World, role: str, **members: Any) -> tuple[str, str, int]:
    """Return code, sentence and status with which AssumeRole is refused."""
    with pytest.raises(RefusedError) as error:
        assume(sts, here, role, **members)
    return error.value.code, error.value.message, error.value.status


def denied(role: str, caller: str = ME) -> tuple[str, str, int]:
    """Return how AWS says that *caller* may not."""
    return (
        "AccessDenied",
        f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}",
        403,
    )


def test_a_role_that_is_there(sts: Ask, here: World, people: People) -> None:
    """A session has its role's unique id, and no path; its bearer is told so."""
    role_id = people.role("Example", path="/team/")
    answer = assume(sts, here, arn("team/Example"))
    assert answer["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role_id}:terraform",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Example/terraform",
    }
    identity = sts(here, "GetCallerIdentity", key=answer["Credentials"]["AccessKeyId"])
    assert identity["UserId"] == f"{role_id}:terraform"


def test_a_role_that_is_not_there(sts: Ask, here: World, people: People) -> None:
    """The error does not reveal whether a role exists. The path is part of the ARN."""
    assert refused(sts, here, arn("Example")) == denied(arn("Example"))
    people.role("Example", path="/team/")
    assert refused(sts, here, arn("Example")) == denied(arn("Example"))


def test_a_role_in_an_account_that_nobody_has_described(sts: Ask, here: World, people: People) -> None:
    """Every role of another account exists, until that account has a role or a user."""
    people.user("somebody", account=OTHER)
    assert refused(sts, here, arn("deploy", OTHER)) == denied(arn("deploy", OTHER))
    people.role("deploy", account=OTHER, trust=trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))
    assume(sts, here, arn("deploy", OTHER))


def test_a_role_that_describes_its_account(sts: Ask, here: World, people: People) -> None:
    """A role that was assumed continues to exist after its session has created other roles."""
    assume(sts, here, arn("ops/deploy", OTHER))
    people.role("made-by-it", account=OTHER)
    assume(sts, here, arn("ops/deploy", OTHER))
    for role in (arn("deploy", OTHER), arn("ops/another", OTHER)):
        assert refused(sts, here, role) == denied(role)
    people.role("deploy", path="/ops/", account=OTHER, trust=trusting({"AWS": OTHER}))
    assert refused(sts, here, arn("ops/deploy", OTHER)) == denied(arn("ops/deploy", OTHER))


@pytest.mark.parametrize(
    ("trust", "let_in"),
    [
        (trusting({"AWS": ACCOUNT}), True),
        (trusting({"AWS": [f"arn:aws:iam::{OTHER}:root", ME]}), True),
        (trusting("*"), True),
        (trusting({"AWS": "AIDAMOCKAWS" + ACCOUNT[-10:]}), True),
        (trusting({"AWS": ME}, "sts:*"), True),
        (trusting({"AWS": OTHER}), False),
        (trusting({"Service": "ec2.amazonaws.com"}), False),
        (trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}), False),
        (trusting({"AWS": ME}, "sts:TagSession"), False),
        (trusting({"AWS": ME}, Effect="Deny"), False),
        (trusting({"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": "12345"}}), True),
        (trusting({"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": ["0", "54321"]}}), False),
        (trusting({"AWS": ACCOUNT}, Condition={"StringNotEquals": {"sts:ExternalId": "12345"}}), False),
        (trusting({"AWS": ACCOUNT}, Condition={"StringLike": {"sts:externalid": "12*"}}), True),
        (trusting({"AWS": ACCOUNT}, Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/mock*"}}), True),
        (trusting({"AWS": ACCOUNT}, Condition={"ArnEquals": {"aws:PrincipalArn": arn("Example")}}), False),
        (trusting({"AWS": ACCOUNT}, Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}}), False),
        (trusting({"AWS": ACCOUNT}, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}), True),
        (trusting({"AWS": ACCOUNT}, Condition={"Null": {"sts:ExternalId": "false"}}), True),
    ],
)
def test_whom_a_role_trusts(sts: Ask, here: World, people: People, trust: str, let_in: bool) -> None:
    """The trust policy decides, by principal, action and condition. An unknown condition of an Allow counts as met."""
    people.role("Example", trust=trust)
    role = arn("Example")
    if let_in:
        assume(sts, here, role, ExternalId="12345")
    else:
        assert refused(sts, here, role, ExternalId="12345") == denied(role)


def test_an_external_id(sts: Ask, here: World, people: People) -> None:
    """A role that requires an ExternalId rejects callers without it. The error does not reveal the reason."""
    role = arn("Example")
    people.role("Example", trust=trusting({"AWS": ACCOUNT}, Condition={"StringEquals": {"sts:ExternalId": "12345"}}))
    assert refused(sts, here, role) == denied(role)
    assert refused(sts, here, role, ExternalId="54321") == denied(role)
    assume(sts, here, role, ExternalId="12345")


def test_from_role_to_role(sts: Ask, here: World, people: People) -> None:
    """A role with a path is trusted by its ARN, although its sessions' ARNs have none; others are called by theirs."""
    people.role("First", path="/team/")
    people.role("Second", trust=trusting({"AWS": arn("team/First")}))
    assert refused(sts, here, arn("Second")) == denied(arn("Second"))
    first = assume(sts, here, arn("team/First"))["Credentials"]["AccessKeyId"]
    second = assume(sts, here, arn("Second"), key=first)["Credentials"]["AccessKeyId"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Second/terraform"
    people.role("Third", trust=trusting({"AWS": ME}))
    assert refused(sts, here, arn("Third"), key=second) == denied(arn("Third"), session)


def test_how_long_a_session_may_be(sts: Ask, here: World, people: People) -> None:
    """A session is no longer than the role's MaxSessionDuration."""
    people.role("Example", longest=7200)
    assume(sts, here, arn("Example"), DurationSeconds=7200)
    assert refused(sts, here, arn("Example"), DurationSeconds=7201) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        400,
    )


class TestWebIdentity:
    """Roles for the bearers of tokens."""

    NOT_AUTHORIZED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403)

    def _assume(self, sts: Ask, here: World, **claims: Any) -> Any:
        members = {"RoleArn": arn("ci"), "RoleSessionName": "pipeline", "WebIdentityToken": token(**claims)}
        return sts(here, "AssumeRoleWithWebIdentity", **members)

    def _refused(self, sts: Ask, here: World, **claims: Any) -> tuple[str, str, int]:
        with pytest.raises(RefusedError) as error:
            self._assume(sts, here, **claims)
        return error.value.code, error.value.message, error.value.status

    def _provider(self, people: People, audience: str = "sts.amazonaws.com") -> None:
        url = "https://token.actions.githubusercontent.com"
        people.change("CreateOpenIDConnectProvider", Url=url, ClientIDList_member_1=audience)

    def test_a_role_that_trusts_the_provider(self, sts: Ask, here: World, people: People) -> None:
        """The token's issuer is the provider whom the role trusts, and the token's subject whom the condition names."""
        self._provider(people)
        condition = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/*"}}
        role_id = people.role("ci", trust=trusting({"Federated": PROVIDER}, BY_TOKEN, Condition=condition))
        answer = self._assume(sts, here)
        assert answer["AssumedRoleUser"]["AssumedRoleId"] == f"{role_id}:pipeline"
        assert self._refused(sts, here, sub="repo:another/infra") == self.NOT_AUTHORIZED

    def test_a_role_that_does_not(self, sts: Ask, here: World, people: People) -> None:
        """A role that does not exist, or trusts others, rejects the caller."""
        assert self._refused(sts, here) == self.NOT_AUTHORIZED
        people.role("ci")
        assert self._refused(sts, here) == self.NOT_AUTHORIZED

    def test_a_provider_that_is_not_there(self, sts: Ask, here: World, people: People) -> None:
        """The provider has to be in IAM, too, and to take tokens for this audience."""
        people.role("ci", trust=trusting({"Federated": PROVIDER}, BY_TOKEN))
        assert self._refused(sts, here) == (
            "InvalidIdentityToken",
            "No OpenIDConnect provider found in your account for https://token.actions.githubusercontent.com",
            400,
        )
        self._provider(people, "somebody-else")
        assert self._refused(sts, here) == ("InvalidIdentityToken", "Incorrect token audience", 400)

    def test_a_provider_that_is_known_to_all(self, sts: Ask, here: World, people: People) -> None:
        """Google's tokens need no provider in IAM."""
        people.role("ci", trust=trusting({"Federated": "accounts.google.com"}, BY_TOKEN))
        self._assume(sts, here, iss="https://accounts.google.com")
