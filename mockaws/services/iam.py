"""What operations ask of IAM, where other services answer for it: which users and roles there are, and whose a key is.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import unquote

from mockaws import arns
from mockaws.ids import account_of_access_key
from mockaws.records.sts import GLOBAL, RoleAtItsWord
from mockaws.services import policies, principals
from mockaws.services.elsewhere import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

    from mockaws.services.elsewhere import Elsewhere
    from mockaws.services.operation import Call

T = TypeVar("T")

_NOT_THERE = "NoSuchEntity"
_HOUR = 3600
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,28}(:[A-Za-z0-9_=,.@-]+)?")
_OF_AWS = ("role/aws-service-role/", "assumed-role/AWSServiceRoleFor")


class User(NamedTuple):
    """A user, as GetCallerIdentity tells it."""

    arn: str
    id: str


class Role(NamedTuple):
    """A role: its ARN with its path, its unique id, how long a session may be, and whom it trusts."""

    arn: str
    id: str
    longest_session: int
    trusted: list[policies.Statement]


class AccessKey(NamedTuple):
    """A user's access key."""

    user: User
    active: bool


class Iam(NamedTuple):
    """IAM as one account sees it; *region* tells the partition."""

    elsewhere: Elsewhere
    account: str
    region: str

    def role(self, name: str) -> Role | None:
        """Return a role by its name."""
        found = self._found("GetRole", RoleName=name)
        return None if found is None else _role(found)

    def user(self, name: str) -> User | None:
        """Return a user by its name."""
        found = self._found("GetUser", UserName=name)
        return None if found is None else _user(found)

    def access_key(self, access_key_id: str) -> AccessKey | None:
        """Return an access key; None where this account has none of that id."""
        used = self._found("GetAccessKeyLastUsed", AccessKeyId=access_key_id)
        name = None if used is None else used.findtext(".//UserName")
        user = None if not name else self.user(name)
        if not name or user is None:
            return None
        for key in self._all("ListAccessKeys", UserName=name):
            if key.findtext("AccessKeyId") == access_key_id:
                return AccessKey(user, key.findtext("Status") == "Active")
        return None

    def audiences(self, provider: str) -> list[str] | None:
        """Return for whom the tokens of a provider, named by its ARN, may be; None where it is not there."""
        found = self._found("GetOpenIDConnectProvider", OpenIDConnectProviderArn=provider)
        return None if found is None else [member.text or "" for member in found.findall(".//ClientIDList/member")]

    def by_id(self, unique_id: str) -> str | None:
        """Return the ARN of the user or role with a unique id."""
        action, tag = ("ListRoles", "RoleId") if unique_id.startswith("AROA") else ("ListUsers", "UserId")
        found = (entity for entity in self._all(action) if entity.findtext(tag) == unique_id)
        return next((_text(entity, "Arn") for entity in found), None)

    def described(self) -> bool:
        """Tell whether anybody has described this account: has made a role or a user in it.

        The default user and service-linked roles come by themselves.
        """
        users = (user.findtext("UserName") != principals.USER for user in self._all("ListUsers"))
        roles = (not _text(role, "Path").startswith("/aws-service-role/") for role in self._all("ListRoles"))
        return any(users) or any(roles)

    def _found(self, action: str, **parameters: str) -> Element | None:
        """Return what IAM answers; None where it has no such thing. Raises RefusedError."""
        if self.elsewhere.untouched:
            return None
        try:
            return self.elsewhere.ask("iam", self.account, self.region, action, **parameters)
        except RefusedError as refused:
            if refused.code == _NOT_THERE:
                return None
            raise

    def _all(self, action: str, **parameters: str) -> Iterator[Element]:
        """Yield what IAM lists, on all pages. Raises RefusedError."""
        marker: str | None = ""
        while marker is not None:
            page = self._found(action, **parameters, **({"Marker": marker} if marker else {}))
            if page is None:
                return
            # Of a list the outermost members; those of tags and policies lie deeper.
            yield from page.findall(f"./{action}Result/*/member")
            marker = page.findtext(f"./{action}Result/Marker") or None


def role(call: Call, arn: arns.Arn) -> Role | None:
    """Return a role by its ARN; None where it is not there, or IAM is not."""
    return _asked(call, arn.account, lambda iam: _same(iam.role(_name(arn)), str(arn)), None)


def audiences(call: Call, provider: arns.Arn) -> list[str] | None:
    """Return for whom the tokens of an OpenID Connect provider may be; None where it is not there."""
    return _asked(call, provider.account, lambda iam: iam.audiences(str(provider)), None)


def exists(call: Call, arn: arns.Arn) -> bool:
    """Tell whether a principal exists; where IAM is not there, and in an account that nobody has described, all do.

    Roles that were assumed while nobody had described their account go on to exist.

    Accounts do without IAM, and so do those of whom AWS or mockaws itself says that they are there: service-linked
    roles, the user that callers are who have no other name, and the caller.
    """
    if arn.resource.startswith(_OF_AWS) or arn.resource == f"user/{principals.USER}" or _is_caller(call, arn):
        return True
    kind, _, _ = arn.resource.partition("/")
    look = {"role": _role_exists, "user": _user_exists, "assumed-role": _session_exists}.get(kind)
    if look is None:
        return True
    if _asked(call, arn.account, lambda iam: look(iam, arn), True) or not strict(call, arn.account):
        return True
    known = call.tx.get(RoleAtItsWord, arn.account, GLOBAL, principals.role_of(str(arn)))
    return known is not None and (kind == "assumed-role" or known.arn == str(arn))


def believe(call: Call, role: arns.Arn) -> None:
    """Take a role at its word from now on: who has assumed it goes on when there is more in its account."""
    name = principals.role_of(str(role))
    if call.elsewhere is not None and call.tx.get(RoleAtItsWord, role.account, GLOBAL, name) is None:
        call.put(RoleAtItsWord(account=role.account, region=GLOBAL, id=name, arn=str(role)))


def strict(call: Call, account: str) -> bool:
    """Tell whether only that exists in an account of which IAM says so: in the caller's own, and in a described one."""
    if call.elsewhere is None:
        return False
    return account == call.account or _asked(call, account, Iam.described, False)


def named_by(call: Call, unique_id: str) -> str | None:
    """Return the ARN of the user, role or role's session that a unique id of the caller's account names."""
    if call.elsewhere is None or not _UNIQUE_ID.fullmatch(unique_id):
        return None
    entity_id, _, session = unique_id.partition(":")
    found = _asked(call, call.account, lambda iam: iam.by_id(entity_id), None)
    arn = arns.parse(found) if found else None
    if arn is None or not session:
        return found
    return str(arn._replace(service="sts", resource=f"assumed-role/{_name(arn)}/{session}"))


def access_key(elsewhere: Elsewhere, access_key_id: str, account: str, region: str) -> AccessKey | None:
    """Return an access key of the account that its id tells, else of *account*; None where IAM does not know it.

    Raises RefusedError where IAM does not answer that, or is none of the services that are there.
    """
    owners = dict.fromkeys((account_of_access_key(access_key_id) or account, account))
    found = (Iam(elsewhere, owner, region).access_key(access_key_id) for owner in owners)
    return next((key for key in found if key is not None), None)


def _asked(call: Call, account: str, question: Callable[[Iam], T], otherwise: T) -> T:
    """Return what IAM says; *otherwise* where it is not there, or not one of the other services."""
    if call.elsewhere is None:
        return otherwise
    try:
        return question(Iam(call.elsewhere, account, call.region))
    except RefusedError:
        return otherwise


def _role_exists(iam: Iam, arn: arns.Arn) -> bool:
    return _same(iam.role(_name(arn)), str(arn)) is not None


def _user_exists(iam: Iam, arn: arns.Arn) -> bool:
    found = iam.user(_name(arn))
    return found is not None and found.arn == str(arn)


def _session_exists(iam: Iam, arn: arns.Arn) -> bool:
    """The sessions of a role exist, whoever has one: their ARNs do not tell the role's path."""
    return iam.role(arn.resource.split("/")[1]) is not None


def _is_caller(call: Call, arn: arns.Arn) -> bool:
    return str(arn) == call.caller.arn or principals.pathless(str(arn)) == principals.role(call.caller)


def _name(arn: arns.Arn) -> str:
    return arn.resource.rpartition("/")[2]


def _same(found: Role | None, arn: str) -> Role | None:
    """The path belongs to an ARN: a role of another path is another one."""
    return found if found is not None and found.arn == arn else None


def _role(answer: Element) -> Role:
    document: Any = json.loads(unquote(_text(answer, ".//AssumeRolePolicyDocument") or "{}"))
    longest = answer.findtext(".//MaxSessionDuration")
    return Role(
        _text(answer, ".//Arn"),
        _text(answer, ".//RoleId"),
        int(longest) if longest else _HOUR,
        [statement for statement in policies.listed(document.get("Statement")) if isinstance(statement, dict)],
    )


def _user(answer: Element) -> User:
    return User(_text(answer, ".//Arn"), _text(answer, ".//UserId"))


def _text(element: Element, path: str) -> str:
    return element.findtext(path) or ""
