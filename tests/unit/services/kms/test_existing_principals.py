"""Principals of key policies and grants where IAM is there to say which of them exist."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.people import OTHER, People
from tests.samples import ACCOUNT

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/Example"
USER = f"arn:aws:iam::{ACCOUNT}:user/team/alice"
MISSING = ("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")


@pytest.fixture
def people(kms: Kms) -> People:
    """Return an IAM with one role and one user."""
    people = People(kms.world)
    people.role("Example", path="/team/")
    people.user("alice", path="/team/")
    return people


def policy(*names: str, member: str = "Principal", **more: Any) -> str:
    """Return a policy that gives the account the key, and is about these principals, too."""
    mine = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}
    theirs = {"Effect": "Allow", member: {"AWS": list(names)}, "Action": "kms:Decrypt", "Resource": "*"} | more
    return json.dumps({"Version": "2012-10-17", "Statement": [mine, theirs]})


@pytest.mark.usefixtures("people")
class TestKeyPolicies:
    """The principals that a key policy may name: CreateKey, PutKeyPolicy, ReplicateKey."""

    @pytest.mark.parametrize(
        "name",
        [
            ROLE,
            USER,
            ROOT,
            ACCOUNT,
            "*",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Example/session",
            f"arn:aws:iam::{ACCOUNT}:user/mockaws",
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForAutoScaling/AutoScaling",
            f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
            f"arn:aws:iam::{OTHER}:role/Anybody",
            f"arn:aws:iam::{OTHER}:root",
        ],
    )
    def test_who_is_there(self, kms: Kms, name: str) -> None:
        """Roles and users of IAM, accounts, AWS's own roles, and any principal of an unknown account."""
        key_id = kms.create_key(Policy=policy(name))
        kms("PutKeyPolicy", KeyId=key_id, Policy=policy(name, member="NotPrincipal", Effect="Deny"))

    @pytest.mark.parametrize(
        "name",
        [
            f"arn:aws:iam::{ACCOUNT}:role/Missing",
            f"arn:aws:iam::{ACCOUNT}:role/Example",
            f"arn:aws:iam::{ACCOUNT}:role/other/Example",
            f"arn:aws:iam::{ACCOUNT}:user/alice",
            f"arn:aws:iam::{ACCOUNT}:user/team/bob",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Missing/session",
            f"arn:aws-cn:iam::{ACCOUNT}:role/team/Example",
            "AROAABCDEFGHIJKLMNOPQ",
        ],
    )
    def test_who_is_not_there(self, kms: Kms, name: str) -> None:
        """A role or user that does not exist; the path belongs to its ARN."""
        assert kms.refusal("CreateKey", Policy=policy(ROLE, name)) == MISSING
        key_id = kms.create_key(MultiRegion=True)
        assert kms.refusal("PutKeyPolicy", KeyId=key_id, Policy=policy(name)) == MISSING
        refusal = kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1", Policy=policy(name))
        assert refusal == MISSING

    def test_a_role_comes_and_goes(self, kms: Kms, people: People) -> None:
        """A role can be named from the moment that it is there, and no longer than that."""
        name = f"arn:aws:iam::{ACCOUNT}:role/New"
        assert kms.refusal("CreateKey", Policy=policy(name)) == MISSING
        people.role("New")
        kms.create_key(Policy=policy(name))
        people.change("DeleteRole", RoleName="New")
        assert kms.refusal("CreateKey", Policy=policy(name)) == MISSING

    def test_an_account_that_somebody_has_described(self, kms: Kms, people: People) -> None:
        """In another account all principals are taken to exist until its first role or user is created."""
        name = f"arn:aws:iam::{OTHER}:role/Anybody"
        people.user("mockaws", account=OTHER)
        people.change("CreateServiceLinkedRole", OTHER, AWSServiceName="autoscaling.amazonaws.com")
        kms.create_key(Policy=policy(name))
        people.user("first", account=OTHER)
        assert kms.refusal("CreateKey", Policy=policy(name)) == MISSING
        people.role("Anybody", account=OTHER)
        kms.create_key(Policy=policy(name))

    def test_who_calls(self, kms: Kms) -> None:
        """A role's session may name itself and its role, although IAM has no such role."""
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Unknown/session"
        caller = kms.by_session(session)
        caller.create_key(Policy=policy(session, f"arn:aws:iam::{ACCOUNT}:role/Unknown"))

    def test_unique_ids(self, kms: Kms, people: People) -> None:
        """The unique id of a role that is there names the role; nothing else of that role's does."""
        unique_id = people.role("ById", trust="")
        kms.create_key(Policy=policy(unique_id))
        people.change("DeleteRole", RoleName="ById")
        assert kms.refusal("CreateKey", Policy=policy(unique_id)) == MISSING


def grant(**changes: str) -> dict[str, Any]:
    """Return what CreateGrant needs."""
    return {"Operations": ["Decrypt"], "GranteePrincipal": ROLE} | changes


@pytest.mark.usefixtures("people")
class TestGrants:
    """To whom a key may be granted, and who may retire that."""

    @pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
    def test_somebody_who_is_not_there(self, kms: Kms, member: str) -> None:
        """A principal that does not exist is refused by its ARN."""
        name = f"arn:aws:iam::{ACCOUNT}:role/Example"
        key_id = kms.create_key()
        assert kms.refusal("CreateGrant", KeyId=key_id, **grant(**{member: name})) == (
            "InvalidArnException",
            f"ARN does not refer to a valid principal: {name}",
        )
        kms("CreateGrant", KeyId=key_id, **grant(**{member: USER}))
        kms("CreateGrant", KeyId=key_id, **grant(**{member: "s3.amazonaws.com"}))

    def test_unique_ids(self, kms: Kms, people: People) -> None:
        """The unique ids of roles and of their sessions are shown as their ARNs."""
        unique_id = people.role("ById", path="/p/")
        key_id = kms.create_key()
        ids = {"GranteePrincipal": f"{unique_id}:session", "RetiringPrincipal": unique_id}
        kms("CreateGrant", KeyId=key_id, **grant(**ids))
        (shown,) = kms("ListGrants", KeyId=key_id)["Grants"]
        assert shown["GranteePrincipal"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/ById/session"
        assert shown["RetiringPrincipal"] == f"arn:aws:iam::{ACCOUNT}:role/p/ById"

    def test_whose_grants_are_listed(self, kms: Kms) -> None:
        """ListRetirableGrants does not find principals that do not exist."""
        name = f"arn:aws:iam::{ACCOUNT}:role/Missing"
        assert kms.refusal("ListRetirableGrants", RetiringPrincipal=name) == (
            "NotFoundException",
            f"Retiring principal {name} could not be found",
        )
        assert kms("ListRetirableGrants", RetiringPrincipal=ROLE)["Grants"] == []


def test_without_iam(kms: Kms) -> None:
    """In a world without IAM, all principals are taken to exist."""
    kms.create_key(Policy=policy(ROLE, USER))


def test_an_iam_of_which_nobody_has_asked_anything(kms: Kms) -> None:
    """A world's IAM is empty in the beginning."""
    People(kms.world)
    assert kms.refusal("CreateKey", Policy=policy(ROLE)) == MISSING
    kms.create_key(Policy=policy(f"arn:aws:iam::{OTHER}:role/Anybody"))
