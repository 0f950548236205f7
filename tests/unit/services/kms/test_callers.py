"""Permissions to use keys: for other accounts by the key's policy, for sessions by the policy's roles.

https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Kms

OTHER = "444455556666"
OTHER_ROOT = f"arn:aws:iam::{OTHER}:root"
OTHER_USER = f"arn:aws:iam::{OTHER}:user/mockaws"
MISSING = "1234abcd-12ab-34cd-56ef-1234567890ab"


def shared(principal: Any = OTHER_ROOT, action: Any = "kms:*", **changes: Any) -> str:
    """Return a policy that allows the own account and another principal."""
    own = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    other = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [own, other | changes]})


def refused(action: str) -> tuple[str, str]:
    """Return AWS's error for a caller of the other account that no policy allows."""
    sentence = (
        f"User: {OTHER_USER} is not authorized to perform: kms:{action} on this resource because the resource does "
        "not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly "
        "denies access"
    )
    return ("AccessDeniedException", sentence)


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("DescribeKey", {}),
        ("Encrypt", {"Plaintext": b"hello"}),
        ("GenerateDataKey", {"KeySpec": "AES_256"}),
        ("GenerateDataKeyWithoutPlaintext", {"KeySpec": "AES_256"}),
        ("GetKeyRotationStatus", {}),
        ("CreateGrant", {"GranteePrincipal": OTHER_USER, "Operations": ["Decrypt"]}),
        ("ListGrants", {}),
    ],
)
def test_the_policy_decides(kms: Kms, operation: str, members: dict[str, Any]) -> None:
    """A key of another account is used by its ARN, if its policy allows the action."""
    other = kms.by(OTHER)
    arn = kms.arn(kms.create_key(Policy=shared(action=f"kms:{operation}")))
    assert other(operation, KeyId=arn, **members)
    closed = kms.arn(kms.create_key())
    assert other.refusal(operation, KeyId=closed, **members) == refused(operation)


@pytest.mark.parametrize("given_key", [False, True])
def test_decrypting_for_another_account(kms: Kms, given_key: bool) -> None:
    """Another account decrypts what it may; what it may not looks like nothing at all, unless it names the key."""
    other = kms.by(OTHER)
    for policy, allowed in ((shared(action="kms:Decrypt"), True), (shared(action="kms:Encrypt"), False)):
        arn = kms.arn(kms.create_key(Policy=policy))
        blob = kms("Encrypt", KeyId=arn, Plaintext=b"hello")["CiphertextBlob"]
        document = {"CiphertextBlob": blob} | ({"KeyId": arn} if given_key else {})
        if allowed:
            assert other("Decrypt", **document)["KeyId"] == arn
        elif given_key:
            assert other.refusal("Decrypt", **document) == refused("Decrypt")
        else:
            assert "refers to a customer master key that does not exist" in other.refusal("Decrypt", **document).message


@pytest.mark.parametrize(("operation", "member"), [("Decrypt", "KeyId"), ("ReEncrypt", "SourceKeyId")])
def test_bare_ids_of_keys_of_another_account(kms: Kms, operation: str, member: str) -> None:
    """The bare key id of another account's key is accepted for a symmetric ciphertext, which names the account."""
    key_id, unrelated = kms.create_key(Policy=shared()), kms.create_key(Policy=shared())
    other = kms.by(OTHER)
    document = {
        "CiphertextBlob": kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"],
        "DestinationKeyId": other.create_key(),
    }
    assert kms.arn(key_id) in other(operation, **{member: key_id}, **document).values()
    assert other.refusal(operation, **{member: unrelated}, **document).code == "NotFoundException"
    kms("PutKeyPolicy", KeyId=key_id, Policy=shared(action="kms:Encrypt"))
    assert other.refusal(operation, **{member: key_id}, **document).code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("source", "destination", "allowed"),
    [
        ("kms:ReEncryptFrom", "kms:ReEncryptTo", True),
        ("kms:ReEncrypt*", "kms:ReEncrypt*", True),
        ("kms:ReEncryptTo", "kms:ReEncryptTo", False),
        ("kms:ReEncryptFrom", "kms:ReEncryptFrom", False),
    ],
)
def test_re_encrypt_has_two_actions(kms: Kms, source: str, destination: str, allowed: bool) -> None:
    """Policies allow ReEncryptFrom for the key that decrypts, and ReEncryptTo for the one that encrypts."""
    other = kms.by(OTHER)
    first = kms.arn(kms.create_key(Policy=shared(action=source)))
    second = kms.arn(kms.create_key(Policy=shared(action=destination)))
    blob = kms("Encrypt", KeyId=first, Plaintext=b"hello")["CiphertextBlob"]
    document = {"CiphertextBlob": blob, "SourceKeyId": first, "DestinationKeyId": second}
    if allowed:
        assert other("ReEncrypt", **document)["KeyId"] == second
    else:
        assert other.refusal("ReEncrypt", **document).code == "AccessDeniedException"


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"principal": OTHER}, True),
        ({"principal": "*"}, True),
        ({"principal": OTHER_USER}, True),
        ({"principal": f"arn:aws:iam::{OTHER}:user/alice"}, False),
        ({"principal": "arn:aws:iam::777788889999:root"}, False),
        ({"action": ["kms:List*", "kms:Describe*"]}, True),
        ({"action": "kms:Encrypt"}, False),
        ({"Effect": "Deny"}, False),
    ],
    ids=str,
)
def test_whom_a_policy_lets_in(kms: Kms, changes: dict[str, Any], allowed: bool) -> None:
    """The account, every principal, or the caller by name."""
    arn = kms.arn(kms.create_key(Policy=shared(**changes)))
    if allowed:
        assert kms.by(OTHER).metadata(arn)["AWSAccountId"] == ACCOUNT
    else:
        assert kms.by(OTHER).refusal("DescribeKey", KeyId=arn) == refused("DescribeKey")


def test_aliases_of_another_account(kms: Kms) -> None:
    """An alias of another account is named by its ARN; its bare name is one of the caller's own."""
    key_id = kms.create_key(Policy=shared())
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    other = kms.by(OTHER)
    assert other.metadata(f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/example")["KeyId"] == key_id
    assert other.refusal("DescribeKey", KeyId="alias/example").code == "NotFoundException"
    assert other.refusal("DescribeKey", KeyId=key_id).code == "NotFoundException"


def test_aws_managed_keys_of_another_account(kms: Kms) -> None:
    """The keys that AWS manages are for their own account."""
    arn = kms.metadata("alias/aws/s3")["Arn"]
    assert kms.by(OTHER).refusal("DescribeKey", KeyId=arn) == refused("DescribeKey")


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("DisableKey", {}),
        ("ScheduleKeyDeletion", {}),
        ("PutKeyPolicy", {"Policy": shared()}),
        ("GetKeyPolicy", {}),
        ("TagResource", {"Tags": []}),
        ("ListResourceTags", {}),
        ("ListAliases", {}),
        ("EnableKeyRotation", {}),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_what_stays_in_the_account(kms: Kms, operation: str, members: dict[str, Any], there: bool) -> None:
    """No policy allows other accounts to manage a key; whether it is there does not show."""
    arn = kms.arn(kms.create_key(Policy=shared()) if there else MISSING)
    assert kms.by(OTHER).refusal(operation, KeyId=arn, **members) == refused(operation)


class TestSessions:
    """A session of a role is known by the role's ARN and by its own."""

    role = f"arn:aws:iam::{ACCOUNT}:role/Admin"
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/session"

    @pytest.mark.parametrize(
        "principal", [role, session, ACCOUNT, "*", f"arn:aws:iam::{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/Admin"]
    )
    def test_let_in(self, kms: Kms, principal: str) -> None:
        """A policy for the role or the session passes the lockout check; a session's ARN lacks the role's path."""
        admin = kms.by_session(self.session)
        policy = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
        assert admin.create_key(Policy=json.dumps({"Statement": policy}))

    @pytest.mark.parametrize("principal", [f"{role}2", f"{session}2", f"arn:aws:iam::{ACCOUNT}:user/mockaws"])
    def test_locked_out(self, kms: Kms, principal: str) -> None:
        """Another role, another session, or a user is another principal."""
        admin = kms.by_session(self.session)
        policy = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
        refusal = admin.refusal("CreateKey", Policy=json.dumps({"Statement": policy}))
        assert refusal.code == "MalformedPolicyDocumentException"

    def test_of_another_account(self, kms: Kms) -> None:
        """A policy allows a role of another account by its name."""
        arn = kms.arn(kms.create_key(Policy=shared(f"arn:aws:iam::{OTHER}:role/Reader", "kms:DescribeKey")))
        reader = kms.by_session(f"arn:aws:sts::{OTHER}:assumed-role/Reader/x")
        writer = kms.by_session(f"arn:aws:sts::{OTHER}:assumed-role/Writer/x")
        assert reader.metadata(arn)["Arn"] == arn
        assert writer.refusal("DescribeKey", KeyId=arn).code == "AccessDeniedException"
