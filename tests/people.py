"""Users and roles in moto's IAM, which answers beside a world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mockaws.other_services.moto import Moto
from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from mockaws.worlds.world import World

OTHER = "444455556666"
"""An account that is empty until a test puts something there."""


def trusting(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> str:
    """Return a trust policy with one statement; *more* are members of that."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class People:
    """IAM with users and roles that a test makes."""

    def __init__(self, world: World) -> None:
        """Make moto answer for the other services of *world*."""
        world.other_services = self._others = Moto()

    def role(self, name: str, *, path: str = "/", trust: str = "", account: str = ACCOUNT, longest: int = 3600) -> str:
        """Make a role, by default one that its account's callers may assume; return its unique id."""
        answer = self._others.ask(
            "iam",
            account,
            REGION,
            "CreateRole",
            RoleName=name,
            Path=path,
            AssumeRolePolicyDocument=trust or trusting({"AWS": account}),
            MaxSessionDuration=str(longest),
        )
        return answer.findtext(".//RoleId") or ""

    def user(self, name: str, *, path: str = "/", account: str = ACCOUNT) -> str:
        """Make a user; return its unique id."""
        answer = self._others.ask("iam", account, REGION, "CreateUser", UserName=name, Path=path)
        return answer.findtext(".//UserId") or ""

    def access_key(self, user: str, account: str = ACCOUNT) -> str:
        """Give a user an access key; return its id."""
        answer = self._others.ask("iam", account, REGION, "CreateAccessKey", UserName=user)
        return answer.findtext(".//AccessKeyId") or ""

    def change(self, action: str, account: str = ACCOUNT, **parameters: str) -> None:
        """Change something in IAM."""
        self._others.ask("iam", account, REGION, action, **parameters)
