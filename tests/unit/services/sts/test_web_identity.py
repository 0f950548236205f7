"""AssumeRoleWithWebIdentity: the tokens of OpenID Connect providers."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.samples import NOW
from tests.wire import RefusedError, ask, signature

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.worlds.world import World
    from tests.kinds import MakeWorld

CLAIMS = {
    "iss": "https://token.actions.githubusercontent.com",
    "sub": "repo:example/infra:ref:refs/heads/main",
    "aud": "sts.amazonaws.com",
    "exp": NOW + 300,
}


def part(document: Any) -> str:
    """Return a part of a JWT."""
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def token(header: Any = None, **changes: Any) -> str:
    """Return a token with `CLAIMS` and *changes*, of which None takes a claim away."""
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    return f"{part(header or {'alg': 'RS256', 'kid': '1'})}.{part(claims)}.c2lnbmF0dXJl"


def assume(gateway: Gateway, here: World, web_identity_token: str, **members: Any) -> Any:
    """Return the answer to an unsigned request."""
    document = {
        "RoleArn": "arn:aws:iam::444455556666:role/ci",
        "RoleSessionName": "pipeline",
        "WebIdentityToken": web_identity_token,
    }
    return ask(gateway, here, "sts", "AssumeRoleWithWebIdentity", document | members, authorization="")


def test_a_token_for_a_role(gateway: Gateway, world: MakeWorld) -> None:
    """An unsigned request with a token gets a role's credentials, and what the token says of its bearer."""
    here = world()
    answer = assume(gateway, here, token())
    key = answer.pop("Credentials")["AccessKeyId"]
    role_id = answer["AssumedRoleUser"].pop("AssumedRoleId")
    assert role_id.endswith(":pipeline")
    assert answer == {
        "SubjectFromWebIdentityToken": CLAIMS["sub"],
        "AssumedRoleUser": {"Arn": "arn:aws:sts::444455556666:assumed-role/ci/pipeline"},
        "Provider": CLAIMS["iss"],
        "Audience": CLAIMS["aud"],
    }
    caller = ask(gateway, here, "sts", "GetCallerIdentity", authorization=signature("sts", access_key_id=key))
    assert caller["Arn"] == "arn:aws:sts::444455556666:assumed-role/ci/pipeline"


def test_audiences_and_source_identity(gateway: Gateway, world: MakeWorld) -> None:
    """Of several audiences the first is told; a claim can set the source identity."""
    changes = {"aud": ["first", "second"], "https://aws.amazon.com/source_identity": "alice"}
    answer = assume(gateway, world(), token(**changes))
    assert (answer["Audience"], answer["SourceIdentity"]) == ("first", "alice")


def test_a_policy(gateway: Gateway, world: MakeWorld) -> None:
    """A session policy is checked, and measured, as AssumeRole does it."""
    policy = '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}'
    assert assume(gateway, world(), token(), Policy=policy)["PackedPolicySize"] == "3"
    with pytest.raises(RefusedError, match=r"^MalformedPolicyDocument: "):
        assume(gateway, world(), token(), Policy="{}")


@pytest.mark.parametrize(
    "given",
    [
        "opaque",
        "a.b.c",
        "....",
        token().rpartition(".")[0] + ".",
        token().replace(".", "..", 1),
        token(header={"typ": "JWT"}),
        token(header=b"not json"),
        f"{part({'alg': 'RS256'})}.{part([])}.x",
        f"{part({'alg': 'RS256'})}.{part(b'[' * 10_000)}.x",
        f"{part({'alg': 'RS256'})}.{part(bytes([255, 254, 253]))}.x",
        f"{part({'alg': 'RS256'})}.é.x",
    ],
)
def test_what_is_no_jwt(gateway: Gateway, world: MakeWorld, given: str) -> None:
    """A text that is not a JSON Web Token is InvalidIdentityToken, with the recorded sentence."""
    with pytest.raises(RefusedError) as refused:
        assume(gateway, world(), given)
    assert (refused.value.code, refused.value.status) == ("InvalidIdentityToken", 400)
    assert refused.value.message == (
        "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    )


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", None),
        ("iss", ""),
        ("aud", []),
        ("aud", [1]),
        ("aud", {}),
        ("exp", None),
        ("exp", "tomorrow"),
        ("exp", True),
        ("exp", float("nan")),
        ("exp", float("inf")),
    ],
)
def test_claims_that_are_missing(gateway: Gateway, world: MakeWorld, claim: str, value: Any) -> None:
    """A token says who (sub), by whom (iss), for whom (aud), until when (exp)."""
    with pytest.raises(RefusedError) as refused:
        assume(gateway, world(), token(**{claim: value}))
    assert (refused.value.code, refused.value.message) == ("InvalidIdentityToken", f"Missing a required claim: {claim}")


@pytest.mark.parametrize(("expiry", "shown"), [(NOW, int(NOW)), (0, 0), (-(10**400), -(10**400))])
def test_expired_tokens(gateway: Gateway, world: MakeWorld, expiry: float, shown: int) -> None:
    """A token is good until the second that exp names; then it is ExpiredTokenException, which is not ExpiredToken."""
    with pytest.raises(RefusedError) as refused:
        assume(gateway, world(), token(exp=expiry))
    assert (refused.value.code, refused.value.status) == ("ExpiredTokenException", 400)
    assert refused.value.message == (
        f"Token expired: current date/time {int(NOW)} must be before the expiration date/time {shown}"
    )


def test_a_token_that_lasts(gateway: Gateway, world: MakeWorld) -> None:
    """An exp beyond all calendars has not come."""
    assert "Credentials" in assume(gateway, world(), token(exp=10**400))


def test_the_clock_decides(gateway: Gateway, world: MakeWorld) -> None:
    """A token expires as the world's clock passes."""
    here = world()
    assert "Credentials" in assume(gateway, here, token())
    here.clock.advance(300)
    with pytest.raises(RefusedError, match=r"^ExpiredTokenException: "):
        assume(gateway, here, token())


def test_access_tokens_of_other_providers(gateway: Gateway, world: MakeWorld) -> None:
    """Only its provider could verify an OAuth access token. mockaws does not ask providers, and rejects the token."""
    with pytest.raises(RefusedError, match=r"^InvalidIdentityToken: .* verify an access token of www\.amazon\.com"):
        assume(gateway, world(), "Atza|x", ProviderId="www.amazon.com")


def test_the_token_is_not_shown(gateway: Gateway, world: MakeWorld) -> None:
    """A token is a secret: a fault of the request does not repeat it."""
    with pytest.raises(RefusedError) as refused:
        assume(gateway, world(), "x" * 20_001)
    assert refused.value.message == (
        "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: "
        "Member must have length less than or equal to 20000"
    )
