"""Users, roles and access keys in IAM, if the world has other services.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import unquote

from mockaws import arns
from mockaws.ids import account_of_access_key
from mockaws.records.sts import GLOBAL, AssumedRole
from mockaws.services import policies, principals
from mockaws.services.other_services import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

    from mockaws.services.operation import Call
    from mockaws.services.other_services import OtherServicesClient

T = TypeVar("T")

_NOT_FOUND = "NoSuchEntity"
_HOUR = 3600
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,28}(:[A-Za-z0-9_=,.@-]+)?")
_CREATED_BY_AWS = ("role/aws-service-role/", "assumed-role/AWSServiceRoleFor")


class User(NamedTuple):
    """The ARN and the unique id of a user."""

    arn: str
    id: str


class Role(NamedTuple):
    """A role: its ARN with its path, its unique id, the longest session in seconds, and its trust policy."""

    arn: str
    id: str
    longest_session: int
    trusted: list[policies.Statement]


class AccessKey(NamedTuple):
    """A user's access key."""

    user: User
    active: bool


class Iam(NamedTuple):
    """The IAM of one account. *region* selects the partition. All methods raise RefusedError if IAM refuses."""

    other_services: OtherServicesClient
    account: str
    region: str

    def role(self, name: str) -> Role | None:
        """Return the role called *name*; None if it does not exist."""
        found = self._found("GetRole", RoleName=name)
        return None if found is None else _role(found)

    def user(self, name: str) -> User | None:
        """Return the user called *name*; None if it does not exist."""
        found = self._found("GetUser", UserName=name)
        return None if found is None else _user(found)

    def access_key(self, access_key_id: str) -> AccessKey | None:
        """Return an access key; None if this account has no such key."""
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
        """Return the audiences of an identity provider, by its ARN; None if it does not exist."""
        found = self._found("GetOpenIDConnectProvider", OpenIDConnectProviderArn=provider)
        return None if found is None else [member.text or "" for member in found.findall(".//ClientIDList/member")]

    def by_id(self, unique_id: str) -> str | None:
        """Return the ARN of the user or role with a unique id; None if there is no such entity."""
        action, tag = ("ListRoles", "RoleId") if unique_id.startswith("AROA") else ("ListUsers", "UserId")
        found = (entity for entity in self._all(action) if entity.findtext(tag) == unique_id)
        return next((_text(entity, "Arn") for entity in found), None)

    def has_own_entities(self) -> bool:
        """Return True if the account has a role or a user that was created on purpose.

        The default user and service-linked roles do not count.
        """
        users = (user.findtext("UserName") != principals.USER for user in self._all("ListUsers"))
        roles = (not _text(role, "Path").startswith("/aws-service-role/") for role in self._all("ListRoles"))
        return any(users) or any(roles)

    def _found(self, action: str, **parameters: str) -> Element | None:
        """Return IAM's answer; None if the requested entity does not exist. Raises RefusedError."""
        if self.other_services.is_untouched:
            return None
        try:
            return self.other_services.ask("iam", self.account, self.region, action, **parameters)
        except RefusedError as refused:
            if refused.code == _NOT_FOUND:
                return None
            raise

    def _all(self, action: str, **parameters: str) -> Iterator[Element]:
        """Yield the members of all pages of a list. Raises RefusedError."""
        marker: str | None = ""
        while marker is not None:
            page = self._found(action, **parameters, **({"Marker": marker} if marker else {}))
            if page is None:
                return
            # The outermost members are the list's own; those of tags and policies are nested deeper.
            yield from page.findall(f"./{action}Result/*/member")
            marker = page.findtext(f"./{action}Result/Marker") or None


def role(call: Call, arn: arns.Arn) -> Role | None:
    """Return the role with an ARN; None if it does not exist, or if no IAM is available."""
    return _answer(call, arn.account, lambda iam: _with_arn(iam.role(_name(arn)), str(arn)), None)


def audiences(call: Call, provider: arns.Arn) -> list[str] | None:
    """Return the audiences of an OpenID Connect provider; None if it does not exist, or if no IAM is available."""
    return _answer(call, provider.account, lambda iam: iam.audiences(str(provider)), None)


def has_principal(call: Call, arn: arns.Arn) -> bool:
    """Return True if a principal exists. If IAM is not authoritative for its account, every principal does.

    A role that was assumed before IAM became authoritative continues to exist. Accounts, service-linked roles, the
    default user and the caller exist without IAM.
    """
    if arn.resource.startswith(_CREATED_BY_AWS) or arn.resource == f"user/{principals.USER}" or _is_caller(call, arn):
        return True
    kind, _, _ = arn.resource.partition("/")
    look = {"role": _role_exists, "user": _user_exists, "assumed-role": _session_exists}.get(kind)
    if look is None:
        return True
    if _answer(call, arn.account, lambda iam: look(iam, arn), True) or not is_authoritative(call, arn.account):
        return True
    known = call.tx.get(AssumedRole, arn.account, GLOBAL, principals.role_of(str(arn)))
    return known is not None and (kind == "assumed-role" or known.arn == str(arn))


def remember_assumed_role(call: Call, role: arns.Arn) -> None:
    """Record that a role was assumed, so that it continues to exist when its account gets other roles."""
    name = principals.role_of(str(role))
    if call.other_services is not None and call.tx.get(AssumedRole, role.account, GLOBAL, name) is None:
        call.put(AssumedRole(account=role.account, region=GLOBAL, id=name, arn=str(role)))


def is_authoritative(call: Call, account: str) -> bool:
    """Return True if only principals in IAM exist in an account: in the caller's own, or one that has entities."""
    if call.other_services is None:
        return False
    return account == call.account or _answer(call, account, Iam.has_own_entities, False)


def arn_of_unique_id(call: Call, unique_id: str) -> str | None:
    """Return the ARN of the user, role or session with a unique id in the caller's account; None if there is none."""
    if call.other_services is None or not _UNIQUE_ID.fullmatch(unique_id):
        return None
    entity_id, _, session = unique_id.partition(":")
    found = _answer(call, call.account, lambda iam: iam.by_id(entity_id), None)
    arn = arns.parse(found) if found else None
    if arn is None or not session:
        return found
    return str(arn._replace(service="sts", resource=f"assumed-role/{_name(arn)}/{session}"))


def access_key(other_services: OtherServicesClient, access_key_id: str, account: str, region: str) -> AccessKey | None:
    """Return an access key of the account encoded in its id, else of *account*; None if IAM does not know it.

    Raises RefusedError if IAM refuses, or if IAM is none of the other services.
    """
    owners = dict.fromkeys((account_of_access_key(access_key_id) or account, account))
    found = (Iam(other_services, owner, region).access_key(access_key_id) for owner in owners)
    return next((key for key in found if key is not None), None)


def _answer(call: Call, account: str, question: Callable[[Iam], T], otherwise: T) -> T:
    """Return IAM's answer; *otherwise* if IAM refuses, or if no IAM is available."""
    if call.other_services is None:
        return otherwise
    try:
        return question(Iam(call.other_services, account, call.region))
    except RefusedError:
        return otherwise


def _role_exists(iam: Iam, arn: arns.Arn) -> bool:
    return _with_arn(iam.role(_name(arn)), str(arn)) is not None


def _user_exists(iam: Iam, arn: arns.Arn) -> bool:
    found = iam.user(_name(arn))
    return found is not None and found.arn == str(arn)


def _session_exists(iam: Iam, arn: arns.Arn) -> bool:
    """Return True if the role of a session exists. The session's ARN omits the role's path."""
    return iam.role(arn.resource.split("/")[1]) is not None


def _is_caller(call: Call, arn: arns.Arn) -> bool:
    return str(arn) == call.caller.arn or principals.pathless(str(arn)) == principals.role(call.caller)


def _name(arn: arns.Arn) -> str:
    return arn.resource.rpartition("/")[2]


def _with_arn(found: Role | None, arn: str) -> Role | None:
    """Return *found* if it has this ARN: a role with another path is another role."""
    return found if found is not None and found.arn == arn else None


def _role(answer: Element) -> Role:
    document: Any = json.loads(unquote(_text(answer, ".//AssumeRolePolicyDocument") or "{}"))
    longest = answer.findtext(".//MaxSessionDuration")
    return Role(
        _text(answer, ".//Arn"),
        _text(answer, ".//RoleId"),
        int(longest) if longest else _HOUR,
        [statement for statement in policies.as_list(document.get("Statement")) if isinstance(statement, dict)],
    )


def _user(answer: Element) -> User:
    return User(_text(answer, ".//Arn"), _text(answer, ".//UserId"))


def _text(element: Element, path: str) -> str:
    return element.findtext(path) or ""
