"""Session policies whose members are not of the type that a policy has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.wire import query_request

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.kinds import MakeWorld

ALLOW = {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}


@pytest.mark.parametrize("odd", [[], {}, ["2012-10-17"], None, 1])
@pytest.mark.parametrize("member", ["Version", "Effect"])
def test_an_odd_member_is_a_malformed_policy(gateway: Gateway, world: MakeWorld, member: str, odd: object) -> None:
    """Whatever JSON stands for Version or Effect, the caller reads MalformedPolicyDocument and no server error."""
    statement = ALLOW | ({"Effect": odd} if member == "Effect" else {})
    document = {"Version": odd if member == "Version" else "2012-10-17", "Statement": statement}
    answer = gateway.answer(
        world(),
        query_request(
            "sts",
            "AssumeRole",
            {
                "RoleArn": "arn:aws:iam::111122223333:role/example",
                "RoleSessionName": "example",
                "Policy": json.dumps(document),
            },
        ),
    )
    assert answer.status == 400
    assert b"<Code>MalformedPolicyDocument</Code>" in answer.body
