"""Key policies: the default one, what AWS refuses of a new one, and that it comes back as it was sent.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockaws.records.world import Limits
from tests.samples import ACCOUNT
from tests.unit.services.kms.calling import Kms, Refusal

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
CALLER = f"arn:aws:iam::{ACCOUNT}:user/mockaws"
LOCKOUT = Refusal(
    "MalformedPolicyDocumentException", "The new key policy will not allow you to update the key policy in the future."
)
INVALID_PRINCIPALS = Refusal(
    "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."
)
INVALID_ARN = Refusal("InvalidArnException", "An ARN in the specified key policy is invalid.")
DEFAULT = """{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::111122223333:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}"""


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def statement(**changes: Any) -> dict[str, Any]:
    """Return a statement that lets the account in."""
    fields = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"} | changes
    return {name: value for name, value in fields.items() if value is not None}


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy as text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def put(kms: Kms, key_id: str, text: str, **document: Any) -> None:
    """Put a policy; the answer is empty."""
    assert kms("PutKeyPolicy", KeyId=key_id, Policy=text, **document) is None


def get(kms: Kms, key_id: str) -> str:
    """Return a key's policy."""
    text: str = kms("GetKeyPolicy", KeyId=key_id)["Policy"]
    return text


def refusal_of(kms: Kms, text: str) -> Refusal:
    """Return how a policy is refused, by CreateKey and by PutKeyPolicy alike."""
    key_id = kms.create_key()
    refusal = kms.refusal("PutKeyPolicy", KeyId=key_id, Policy=text)
    assert kms.refusal("CreateKey", Policy=text) == refusal
    assert get(kms, key_id) == DEFAULT
    return refusal


class TestReading:
    """GetKeyPolicy and ListKeyPolicies."""

    @pytest.mark.parametrize("given", [{}, {"PolicyName": "default"}])
    def test_the_default_policy(self, kms: Kms, key_id: str, given: dict[str, str]) -> None:
        """A key without a policy of its author's has AWS's default policy, to the letter."""
        assert kms("GetKeyPolicy", KeyId=key_id, **given) == {"Policy": DEFAULT, "PolicyName": "default"}

    def test_partitions(self, kms: Kms) -> None:
        """In China the account's ARN is of another partition."""
        china = kms.by(region="cn-north-1")
        assert f'"AWS" : "arn:aws-cn:iam::{ACCOUNT}:root"' in get(china, china.create_key())

    @pytest.mark.parametrize("operation", ["GetKeyPolicy", "PutKeyPolicy"])
    def test_another_name(self, kms: Kms, key_id: str, operation: str) -> None:
        """The only policy of a key is called default."""
        text = {"Policy": policy(statement())} if operation == "PutKeyPolicy" else {}
        refusal = kms.refusal(operation, KeyId=key_id, PolicyName="another", **text)
        assert refusal == ("NotFoundException", "No such policy exists")

    def test_resource_access_manager(self, kms: Kms, key_id: str) -> None:
        """The policy called AWS_RAM is that of a key that is shared, which PutKeyPolicy does not change."""
        refusal = kms.refusal("GetKeyPolicy", KeyId=key_id, PolicyName="AWS_RAM")
        assert refusal.code == "NotFoundException"
        refusal = kms.refusal("PutKeyPolicy", KeyId=key_id, PolicyName="AWS_RAM", Policy=policy(statement()))
        assert refusal == ("ValidationException", "The AWS_RAM policy can only be managed by the RAM service.")

    def test_names(self, kms: Kms, key_id: str) -> None:
        """A key has one policy."""
        assert kms("ListKeyPolicies", KeyId=key_id) == {"PolicyNames": ["default"], "Truncated": False}

    @pytest.mark.parametrize("operation", ["GetKeyPolicy", "PutKeyPolicy", "ListKeyPolicies"])
    def test_by_alias(self, kms: Kms, key_id: str, operation: str) -> None:
        """The calls on policies take no alias."""
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        text = {"Policy": policy(statement())} if operation == "PutKeyPolicy" else {}
        refusal = kms.refusal(operation, KeyId="alias/example", **text)
        assert refusal == ("InvalidArnException", "Key Aliases are not supported for this operation.")


@pytest.mark.parametrize(
    "text",
    [
        policy(statement()),
        json.dumps({"Statement": statement(), "Id": "custom", "Version": "2008-10-17"}, indent=7),
        policy(statement(Sid="é", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}})) + "\n",
        policy(statement(), statement(Principal={"Service": "logs.us-west-2.amazonaws.com"}, Action=["kms:Decrypt"])),
    ],
)
def test_a_policy_comes_back_as_it_was_sent(kms: Kms, text: str) -> None:
    """The author's text is kept byte for byte."""
    created = kms.create_key(Policy=text)
    assert get(kms, created) == text
    changed = kms.create_key()
    put(kms, changed, text)
    assert get(kms, changed) == text


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": ROOT},
        {"AWS": ACCOUNT},
        {"AWS": "*"},
        "*",
        {"AWS": CALLER},
        {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/Admin", ROOT]},
        {"AWS": "arn:aws:iam:::root"},
    ],
    ids=str,
)
def test_who_may_change_the_policy_later(kms: Kms, key_id: str, principal: Any) -> None:
    """A policy allows the caller by name, by account, or with all principals; the provider's empty account works."""
    put(kms, key_id, policy(statement(Principal=principal)))


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [statement(Effect="Deny")],
        [statement(Action="kms:Decrypt")],
        [statement(Action=["kms:Describe*", "kms:Get*"])],
        [statement(Action=None)],
        [statement(Resource=None)],
        [statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/Admin"})],
        [statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/mockaws"})],
        [statement(Principal={"AWS": "arn:aws:iam::444455556666:root"})],
        [statement(Principal={"Service": "s3.amazonaws.com"})],
        [statement(Principal={"Federated": "cognito-identity.amazonaws.com"})],
        [statement(Action=None, NotAction="kms:Put*")],
        [statement(Principal=None, NotPrincipal={"AWS": CALLER})],
        [statement(), statement(Effect="Deny", Principal="*", Action="kms:PutKeyPolicy")],
        [
            statement(),
            statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/Other"}),
        ],
        [statement(), statement(Effect="Deny", Principal={"AWS": CALLER}, Action="kms:*")],
    ],
    ids=json.dumps,
)
def test_lockout(kms: Kms, statements: list[dict[str, Any]]) -> None:
    """A policy that would not let the caller change it again is refused, unless the caller insists."""
    text = policy(*statements)
    assert refusal_of(kms, text) == LOCKOUT
    key_id = kms.create_key(Policy=text, BypassPolicyLockoutSafetyCheck=True)
    put(kms, key_id, text, BypassPolicyLockoutSafetyCheck=True)
    assert get(kms, key_id) == text


@pytest.mark.parametrize(
    "statements",
    [
        [statement(Action="*")],
        [statement(Action="KMS:putkeypolicy")],
        [statement(Action="kms:Put*")],
        [statement(Action="kms:???KeyPolicy")],
        [statement(Action=None, NotAction="kms:Decrypt")],
        [statement(), statement(Effect="Deny", Principal="*", Action="kms:Decrypt")],
        [statement(), statement(Effect="Deny", Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})],
        [statement(), statement(Effect="Deny", Principal={"AWS": ROOT})],
        [statement(), statement(Effect="Deny", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/Other"})],
        [statement(), statement(Effect="Deny", Principal=None, NotPrincipal={"AWS": [CALLER, ROOT]})],
        [statement(), statement(Effect="Deny", Principal=None, NotPrincipal="*")],
    ],
    ids=json.dumps,
)
def test_no_lockout(kms: Kms, key_id: str, statements: list[dict[str, Any]]) -> None:
    """Actions match as IAM matches them; a Deny counts when it is for the caller, for PutKeyPolicy, and absolute."""
    put(kms, key_id, policy(*statements))


@pytest.mark.parametrize(
    ("principal", "refusal"),
    [
        ({"AWS": "alice"}, INVALID_PRINCIPALS),
        ({"AWS": "AIDACKCEVSQ6C2EXAMPLE"}, INVALID_PRINCIPALS),
        ({"AWS": "1234"}, INVALID_PRINCIPALS),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}, INVALID_PRINCIPALS),
        ({"AWS": [ROOT, 3]}, INVALID_PRINCIPALS),
        ({"Nobody": "x"}, INVALID_PRINCIPALS),
        ({"Service": "not a service"}, INVALID_PRINCIPALS),
        (ROOT, INVALID_PRINCIPALS),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:group/Admins"}, INVALID_ARN),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:"}, INVALID_ARN),
        ({"AWS": "arn:aws:iam::alias:root"}, INVALID_ARN),
        ({"AWS": f"arn:aws:s3::{ACCOUNT}:root"}, INVALID_ARN),
        ({"AWS": "arn:aws:iam"}, INVALID_ARN),
    ],
    ids=str,
)
def test_principals(kms: Kms, principal: Any, refusal: Refusal) -> None:
    """A principal is an account, a user, a role or a session, or a service; groups and nonsense are refused."""
    assert refusal_of(kms, policy(statement(), statement(Principal=principal))) == refusal
    not_principal = statement(Principal=None, NotPrincipal=principal, Effect="Deny", Action="kms:Decrypt")
    assert refusal_of(kms, policy(statement(), not_principal)) == refusal


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::444455556666:role/service-role/Anything"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/session"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bob"},
        {"Service": ["s3.amazonaws.com", "logs.eu-central-1.amazonaws.com"]},
        {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"},
        {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
    ],
    ids=str,
)
def test_principals_that_cannot_be_known(kms: Kms, key_id: str, principal: Any) -> None:
    """In a world without IAM all users and roles are taken to exist."""
    put(kms, key_id, policy(statement(), statement(Principal=principal)))


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        '"text"',
        "[" * 100_000,
        "{}",
        '{"Statement": 3}',
        '{"Statement": [3]}',
        '{"Statement": null}',
        '{"Version": "2020-01-01", "Statement": []}',
        '{"Version": ["2012-10-17"], "Statement": []}',
        '{"Version": {}, "Statement": []}',
        '{"Statements": []}',
        policy(statement(Effect=None)),
        policy(statement(Effect="allow")),
        policy(statement(Effect=["Allow"])),
        policy(statement(Effect={})),
        policy(statement(Principal=None)),
        policy(statement(Action=3)),
        policy(statement(Action=[["kms:*"]])),
        policy(statement(Resource={})),
        policy(statement(NotAction=3)),
        policy(statement(NotResource=[3])),
        policy(statement(Condition=[])),
        policy(statement(Actions="kms:*")),
    ],
    ids=lambda text: text[:60],
)
def test_what_is_no_policy(kms: Kms, text: str) -> None:
    """A text that is no JSON, or no policy, is a MalformedPolicyDocumentException."""
    if len(text) > Limits().policy_bytes:
        kms = Kms(limits=Limits(policy_bytes=len(text)))
    refusal = refusal_of(kms, text)
    assert refusal.code == "MalformedPolicyDocumentException"
    assert refusal.message.startswith("The key policy is not valid: ")


class TestSize:
    """A policy has at most 32 KB."""

    @staticmethod
    def of(size: int, letter: str = "x") -> str:
        """Return a good policy of *size* bytes."""
        text = json.loads(policy(statement(Sid="")))
        text["Statement"][0]["Sid"] = letter * ((size - len(json.dumps(text))) // len(letter.encode()))
        shown = json.dumps(text, ensure_ascii=False)
        return shown + " " * (size - len(shown.encode()))

    def test_32_kilobytes(self, kms: Kms, key_id: str) -> None:
        """32,768 bytes are accepted, one more is not."""
        put(kms, key_id, self.of(32_768))
        assert refusal_of(kms, self.of(32_769)).code == "LimitExceededException"

    def test_bytes_count(self, kms: Kms) -> None:
        """The limit is one of bytes, not of characters."""
        text = self.of(40_000, "é")
        assert len(text) < 32_768
        assert refusal_of(kms, text).code == "LimitExceededException"

    def test_what_the_model_says(self, kms: Kms) -> None:
        """Above 131,072 characters the request itself is not valid."""
        refusal = refusal_of(kms, " " * 131_073)
        assert refusal.code == "ValidationException"
        assert refusal.message.endswith("Member must have length less than or equal to 131072")

    def test_characters(self, kms: Kms) -> None:
        """A policy is of Latin-1 characters."""
        assert refusal_of(kms, "Ω").code == "ValidationException"
