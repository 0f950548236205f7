"""Grants: who gets them, on what, for how long, and who ends them.

https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from mockaws.clock import DAY
from mockaws.model.service import load
from mockaws.records.kms import GRANT_OPERATIONS, Grant, RetirableGrant
from mockaws.records.world import Limits
from tests.samples import ACCOUNT, NOW, REGION
from tests.unit.services.kms.calling import Kms, key_record

if TYPE_CHECKING:
    from tests.unit.services.kms.calling import Refusal

OTHER = "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Application"
ADMIN = f"arn:aws:iam::{ACCOUNT}:role/Admin"
SERVICE = "dynamodb.us-west-2.amazonaws.com"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Example"
UNKNOWN = "0" * 64
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
OPERATIONS = ["Encrypt", "Decrypt"]
FOR_ROLE: dict[str, Any] = {"GranteePrincipal": ROLE, "Operations": OPERATIONS}
FOR_SERVICE: dict[str, Any] = {
    "GranteeServicePrincipal": SERVICE,
    "RetiringServicePrincipal": SERVICE,
    "Constraints": {"SourceArn": TABLE},
    "Operations": OPERATIONS,
}
DRY_RUN = ("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")


def create(kms: Kms, key_id: str, **document: Any) -> dict[str, str]:
    """Create a grant for a role."""
    created: dict[str, str] = kms("CreateGrant", KeyId=key_id, **FOR_ROLE | document)
    return created


def refused(kms: Kms, **document: Any) -> Refusal:
    """Try to create a grant for a role on a new key."""
    return kms.refusal("CreateGrant", KeyId=kms.create_key(), **FOR_ROLE | document)


def listed(kms: Kms, key_id: str, **document: Any) -> list[dict[str, Any]]:
    """Return the grants on a key."""
    grants: list[dict[str, Any]] = kms("ListGrants", KeyId=key_id, **document)["Grants"]
    return grants


def ids(kms: Kms, key_id: str, **document: Any) -> list[str]:
    """Return the ids of the grants on a key."""
    return [grant["GrantId"] for grant in listed(kms, key_id, **document)]


def shared(*principals: str) -> str:
    """Return a policy that lets the account and *principals* in."""
    allowed = {"Effect": "Allow", "Principal": {"AWS": [ACCOUNT, *principals]}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Statement": allowed})


class TestCreating:
    """CreateGrant."""

    def test_what_is_answered(self, kms: Kms) -> None:
        """A grant id of 64 hexadecimal digits, and a token that begins as AWS's do."""
        created = create(kms, kms.create_key())
        assert created.keys() == {"GrantId", "GrantToken"}
        assert re.fullmatch(r"[0-9a-f]{64}", created["GrantId"])
        assert re.fullmatch(r"AQpA[\w-]{1,8188}", created["GrantToken"])

    def test_what_is_listed(self, kms: Kms) -> None:
        """The key's ARN, an empty Name, the account that issued it; operations in AWS's order, each once.

        Keys have milliseconds in their CreationDate; grants have none.
        """
        key_id = kms.create_key()
        grant_id = create(kms, key_id, Operations=["DescribeKey", "Encrypt", "Decrypt", "Encrypt"])["GrantId"]
        assert listed(kms, key_id) == [
            {
                "KeyId": kms.arn(key_id),
                "GrantId": grant_id,
                "Name": "",
                "CreationDate": int(NOW),
                "GranteePrincipal": ROLE,
                "IssuingAccount": f"arn:aws:iam::{ACCOUNT}:root",
                "Operations": ["Decrypt", "Encrypt", "DescribeKey"],
            }
        ]

    def test_what_is_listed_of_a_service_principal(self, kms: Kms) -> None:
        """A grant for a service principal has GranteeServicePrincipal, and no GranteePrincipal."""
        key_id = kms.create_key()
        kms("CreateGrant", KeyId=key_id, Name="table", **FOR_SERVICE)
        (grant,) = listed(kms, key_id)
        assert grant.items() >= (FOR_SERVICE | {"Name": "table", "Operations": ["Decrypt", "Encrypt"]}).items()
        assert grant.keys().isdisjoint({"GranteePrincipal", "RetiringPrincipal"})

    @pytest.mark.parametrize(
        "principal",
        [
            f"arn:aws:iam::{ACCOUNT}:root",
            "arn:aws:iam::777788889999:user/division/nobody",
            f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
            f"arn:aws:sts::{ACCOUNT}:assumed-role/Application/session",
            f"arn:aws:sts::{ACCOUNT}:federated-user/Bob",
            SERVICE,
            "tlsconnectionmanager.amazonaws.com",
        ],
    )
    def test_principals(self, kms: Kms, principal: str) -> None:
        """Accounts, users, roles, sessions and services get grants and retire them, whether or not IAM has them.

        That services do not is what the guide says; AWS's answers, and tests of Terraform's provider, say they do.
        """
        key_id = kms.create_key()
        create(kms, key_id, GranteePrincipal=principal, RetiringPrincipal=principal)
        (grant,) = listed(kms, key_id)
        assert (grant["GranteePrincipal"], grant["RetiringPrincipal"]) == (principal, principal)

    @pytest.mark.parametrize(
        "principal",
        [
            f"arn:aws:iam::{ACCOUNT}:group/Developers",
            "arn:aws:organizations::111122223333:organization/o-abcdefghij",
            "arn:aws:iam::1111:root",
            "arn:aws:iam:::root",
            f"arn:aws:iam::{ACCOUNT}:user/",
            f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}",
        ],
    )
    @pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
    def test_what_is_no_principal(self, kms: Kms, member: str, principal: str) -> None:
        """Groups, organizations and keys get no grant, and retire none."""
        assert refused(kms, **{member: principal}) == (
            "InvalidArnException",
            f"ARN does not refer to a valid principal: {principal}",
        )

    @pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
    def test_what_is_no_arn(self, kms: Kms, member: str) -> None:
        """Neither the path of a role in the ARN of its session, nor half an ARN, makes an ARN."""
        for principal in (f"arn:aws:sts::{ACCOUNT}:assumed-role/path/Application/session", "arn:aws:iam"):
            assert refused(kms, **{member: principal}) == ("InvalidArnException", f"ARN is not valid: {principal}")

    @pytest.mark.parametrize("principal", [ACCOUNT, "alice", "AROAEXAMPLEEXAMPLEEX", "AROAEXAMPLEEXAMPLEEX:session"])
    @pytest.mark.parametrize("member", ["GranteePrincipal", "RetiringPrincipal"])
    def test_ids_of_nobody(self, kms: Kms, member: str, principal: str) -> None:
        """A text that is no ARN could be the unique id of a role; an unknown one has an error of its own."""
        expected = ("InvalidArnException", f"{member} does not refer to a valid principal.")
        assert refused(kms, **{member: principal}) == expected

    @pytest.mark.parametrize(
        ("document", "complaint"),
        [
            ({"GranteePrincipal": None}, "You must specify either GranteePrincipal or GranteeServicePrincipal"),
            ({"GranteeServicePrincipal": SERVICE}, "You must specify either GranteePrincipal or"),
            (
                {"RetiringPrincipal": ADMIN, "RetiringServicePrincipal": SERVICE},
                "You can specify either RetiringPrincipal or RetiringServicePrincipal",
            ),
        ],
    )
    def test_one_of_two(self, kms: Kms, document: dict[str, Any], complaint: str) -> None:
        """A grant has one grantee, and at most one who retires it: a principal or a service principal."""
        refusal = refused(kms, **document)
        assert refusal.code == "ValidationException"
        assert refusal.message.startswith(complaint)

    @pytest.mark.parametrize(
        ("left_out", "complaint"),
        [("Constraints", "a SourceArn grant constraint"), ("RetiringServicePrincipal", "either a RetiringPrincipal")],
    )
    def test_what_a_service_principal_needs(self, kms: Kms, left_out: str, complaint: str) -> None:
        """A grant for a service principal is for one resource, and a principal must be able to retire it."""
        document = {name: value for name, value in FOR_SERVICE.items() if name != left_out}
        refusal = kms.refusal("CreateGrant", KeyId=kms.create_key(), **document)
        assert refusal.code == "ValidationException"
        assert complaint in refusal.message

    def test_a_principal_retires_the_grant_of_a_service(self, kms: Kms) -> None:
        """The grant of a service principal may also be retired by a principal, and constrain the context besides."""
        key_id = kms.create_key()
        constraints = {"SourceArn": TABLE, "EncryptionContextSubset": {"Department": "IT"}}
        document = FOR_SERVICE | {"RetiringPrincipal": ADMIN, "RetiringServicePrincipal": None}
        kms("CreateGrant", KeyId=key_id, **document | {"Constraints": constraints})
        (grant,) = listed(kms, key_id)
        assert (grant["RetiringPrincipal"], grant["Constraints"]) == (ADMIN, constraints)

    def test_a_dry_run(self, kms: Kms) -> None:
        """A dry run creates nothing, and ends with the error of the real call."""
        key_id = kms.create_key()
        assert kms.refusal("CreateGrant", KeyId=key_id, DryRun=True, **FOR_ROLE) == DRY_RUN
        assert listed(kms, key_id) == []
        assert kms.records(Grant) == []
        assert refused(kms, DryRun=True, Operations=["Sign"]).code == "ValidationException"

    def test_the_quota(self) -> None:
        """A key has a limited number of grants; a grant that is gone makes room, one on another key needs none."""
        kms = Kms(limits=Limits(grants_per_key=2))
        first, second = kms.create_key(), kms.create_key()
        kept = create(kms, first, Name="kept")
        create(kms, first)
        create(kms, second)
        assert kms.refusal("CreateGrant", KeyId=first, **FOR_ROLE) == (
            "LimitExceededException",
            "A KMS key has at most 2 grants",
        )
        assert kms.refusal("CreateGrant", KeyId=first, DryRun=True, **FOR_ROLE).code == "LimitExceededException"
        assert create(kms, first, Name="kept")["GrantId"] == kept["GrantId"]
        kms("RevokeGrant", KeyId=first, GrantId=kept["GrantId"])
        assert create(kms, first)

    def test_the_quota_is_exact(self) -> None:
        """A key has as many grants as its quota says, and not one more, if no other key has any."""
        kms = Kms(limits=Limits(grants_per_key=2))
        key_id = kms.create_key()
        create(kms, key_id)
        create(kms, key_id)
        assert kms.refusal("CreateGrant", KeyId=key_id, **FOR_ROLE).code == "LimitExceededException"
        assert len(kms("ListGrants", KeyId=key_id)["Grants"]) == 2

    def test_on_aws_managed_keys(self, kms: Kms) -> None:
        """Only services create grants on the keys that AWS manages; the grants can be listed and revoked."""
        key_id = kms.metadata("alias/aws/lambda")["KeyId"]
        assert kms.refusal("CreateGrant", KeyId=key_id, **FOR_ROLE).code == "AccessDeniedException"
        kms.put(*grant_record(key_id).records)
        (grant_id,) = ids(kms, key_id)
        kms("RevokeGrant", KeyId=key_id, GrantId=grant_id)
        assert ids(kms, key_id) == []


class TestOperations:
    """The operations that a grant permits."""

    managing = ("CreateGrant", "RetireGrant", "DescribeKey")
    encrypting = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo")
    data_keys = (
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
    )

    @pytest.mark.parametrize(
        ("spec", "usage", "operations"),
        [
            ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", (*encrypting, *data_keys)),
            ("RSA_2048", "ENCRYPT_DECRYPT", (*encrypting, "GetPublicKey")),
            ("RSA_2048", "SIGN_VERIFY", ("Sign", "Verify", "GetPublicKey")),
            ("ECC_NIST_P256", "KEY_AGREEMENT", ("DeriveSharedSecret", "GetPublicKey")),
            ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", ("Encapsulate", "Decapsulate", "GetPublicKey")),
            ("HMAC_256", "GENERATE_VERIFY_MAC", ("GenerateMac", "VerifyMac")),
        ],
    )
    def test_they_suit_the_key(self, spec: str, usage: str, operations: tuple[str, ...]) -> None:
        """A grant permits what its key can do, and looking after the key and its grants; nothing else."""
        kms = Kms(key_record(KEY, spec=spec, usage=usage))
        permissible = {*self.managing, *operations}
        create(kms, KEY, Operations=sorted(permissible))
        assert set(listed(kms, KEY)[0]["Operations"]) == permissible
        for operation in set(GRANT_OPERATIONS) - permissible:
            refusal = kms.refusal("CreateGrant", KeyId=KEY, **FOR_ROLE | {"Operations": ["DescribeKey", operation]})
            assert refusal.code == "ValidationException"
            assert refusal.message.startswith(f"Operations [{operation}] are not supported when creating a grant for ")

    @pytest.mark.parametrize(
        ("spec", "usage", "kind", "valid"),
        [
            (
                "HMAC_256",
                "GENERATE_VERIFY_MAC",
                "a symmetric",
                "CreateGrant, RetireGrant, DescribeKey, GenerateMac, VerifyMac",
            ),
            (
                "ECC_NIST_P256",
                "SIGN_VERIFY",
                "an asymmetric",
                "Sign, Verify, GetPublicKey, CreateGrant, RetireGrant, DescribeKey",
            ),
        ],
    )
    def test_what_suits_is_told(self, spec: str, usage: str, kind: str, valid: str) -> None:
        """The error for operations that do not suit names those that do; HMAC keys count as symmetric there."""
        kms = Kms(key_record(KEY, spec=spec, usage=usage))
        document = FOR_ROLE | {"Operations": ["Encrypt", "DescribeKey", "Decrypt"]}
        refusal = kms.refusal("CreateGrant", KeyId=KEY, **document)
        asked = f"Operations [Encrypt, Decrypt] are not supported when creating a grant for {kind} KMS key"
        told = f"{asked} with key usage {usage}. Valid operations are [{valid}]"
        assert refusal == ("ValidationException", told)

    @pytest.mark.parametrize(("spec", "usage"), [("RSA_2048", "ENCRYPT_DECRYPT"), ("HMAC_256", "GENERATE_VERIFY_MAC")])
    def test_keys_without_an_encryption_context(self, spec: str, usage: str) -> None:
        """Only what a grant on a symmetric encryption key permits can be bound to an encryption context."""
        kms = Kms(key_record(KEY, spec=spec, usage=usage))
        document = {"Operations": ["DescribeKey"], "Constraints": {"EncryptionContextEquals": {"purpose": "probe"}}}
        assert kms.refusal("CreateGrant", KeyId=KEY, **FOR_ROLE | document) == (
            "ValidationException",
            "EncryptionContext is supported only when creating a grant for a symmetric encryption KMS key.",
        )

    def test_only_creating_grants(self, kms: Kms) -> None:
        """A grant that only creates grants, which could permit nothing but that, is refused."""
        expected = ("ValidationException", "Grants must not contain only the CreateGrant operation.")
        assert refused(kms, Operations=["CreateGrant"]) == expected
        assert refused(kms, Operations=["CreateGrant", "CreateGrant"]) == expected
        assert create(kms, kms.create_key(), Operations=["CreateGrant", "Decrypt"])

    def test_no_operations(self, kms: Kms) -> None:
        """A grant permits something."""
        assert refused(kms, Operations=[]).code == "ValidationException"

    def test_what_is_no_operation_of_a_grant(self, kms: Kms) -> None:
        """Other operations, such as those that manage the key, cannot be granted."""
        refusal = refused(kms, Operations=["Decrypt", "ScheduleKeyDeletion"])
        assert refusal.code == "ValidationException"
        assert "at 'operations' failed to satisfy constraint" in refusal.message

    def test_the_list_is_the_model_s(self) -> None:
        """AWS lists the operations of a grant in the order of its model."""
        assert list(GRANT_OPERATIONS) == load("kms").shapes["GrantOperation"]["enum"]


class TestConstraints:
    """The constraints of a grant on the requests that it permits."""

    @pytest.mark.parametrize("member", ["EncryptionContextEquals", "EncryptionContextSubset"])
    def test_an_empty_one_is_none(self, kms: Kms, member: str) -> None:
        """Terraform sends both constraints and leaves the other empty; that is one, and only one is shown."""
        key_id = kms.create_key()
        empty: dict[str, Any] = {"EncryptionContextEquals": {}, "EncryptionContextSubset": {}}
        create(kms, key_id, Constraints=empty | {member: {"Department": "IT"}})
        assert listed(kms, key_id)[0]["Constraints"] == {member: {"Department": "IT"}}

    @pytest.mark.parametrize("constraints", [{}, {"EncryptionContextEquals": {}, "EncryptionContextSubset": {}}])
    def test_none_at_all(self, kms: Kms, constraints: dict[str, Any]) -> None:
        """A grant that constrains nothing has no constraints."""
        key_id = kms.create_key()
        create(kms, key_id, Constraints=constraints)
        assert "Constraints" not in listed(kms, key_id)[0]

    def test_both(self, kms: Kms) -> None:
        """The context must equal something or contain something, not both."""
        both = {"EncryptionContextEquals": {"a": "b"}, "EncryptionContextSubset": {"a": "b"}}
        assert refused(kms, Constraints=both) == (
            "ValidationException",
            "You can specify either EncryptionContextEquals or EncryptionContextSubset, but not both.",
        )

    def test_how_long_they_are(self, kms: Kms) -> None:
        """A constraint has up to 8 pairs, whose values have up to 384 characters."""
        longest = {str(n): "x" * 384 for n in range(8)}
        assert create(kms, kms.create_key(), Constraints={"EncryptionContextEquals": longest})
        for too_long in ({str(n): "x" for n in range(9)}, {"a": "x" * 385}):
            assert refused(kms, Constraints={"EncryptionContextSubset": too_long}).code == "ValidationException"

    @pytest.mark.parametrize(
        ("spec", "usage", "operation"),
        [
            ("RSA_2048", "ENCRYPT_DECRYPT", "Decrypt"),
            ("ECC_NIST_P256", "SIGN_VERIFY", "Sign"),
            ("HMAC_256", "GENERATE_VERIFY_MAC", "GenerateMac"),
        ],
    )
    def test_on_other_keys(self, spec: str, usage: str, operation: str) -> None:
        """Only symmetric encryption keys have an encryption context; a source is a matter of all keys."""
        kms = Kms(key_record(KEY, spec=spec, usage=usage))
        document = FOR_ROLE | {"Operations": [operation], "Constraints": {"EncryptionContextEquals": {"a": "b"}}}
        refusal = kms.refusal("CreateGrant", KeyId=KEY, **document)
        assert refusal.code == "ValidationException"
        assert create(kms, KEY, Operations=[operation], Constraints={"SourceArn": TABLE})


class TestNames:
    """The Name, by which a repeated request is recognized."""

    same: ClassVar[dict[str, Any]] = {
        "Name": "example",
        "Constraints": {"EncryptionContextEquals": {"a": "b", "c": "d"}},
    }

    def test_a_repeated_request(self, kms: Kms) -> None:
        """The same request again makes no grant, and answers another token of the one that is there."""
        key_id = kms.create_key()
        first = create(kms, key_id, **self.same)
        kms.clock.advance(DAY)
        shuffled = {
            "Operations": OPERATIONS[::-1],
            "Constraints": {"EncryptionContextSubset": {}, "EncryptionContextEquals": {"c": "d", "a": "b"}},
        }
        again = create(kms, key_id, **self.same | shuffled)
        assert again["GrantId"] == first["GrantId"]
        assert again["GrantToken"] != first["GrantToken"]
        assert [grant["CreationDate"] for grant in listed(kms, key_id)] == [int(NOW)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"GranteePrincipal": ADMIN},
            {"RetiringPrincipal": ADMIN},
            {"RetiringServicePrincipal": SERVICE},
            {"Operations": ["Decrypt"]},
            {"Constraints": {"EncryptionContextEquals": {"a": "b"}}},
            {"Constraints": {"EncryptionContextSubset": {"a": "b", "c": "d"}}},
            {"Constraints": None},
            {"Name": "another"},
            {"Name": "Example"},
        ],
        ids=str,
    )
    def test_another_request(self, kms: Kms, changes: dict[str, Any]) -> None:
        """A request that differs in anything makes another grant, though the name may be the same."""
        key_id = kms.create_key()
        first = create(kms, key_id, **self.same)
        assert create(kms, key_id, **self.same | changes)["GrantId"] != first["GrantId"]
        assert create(kms, key_id, **self.same)["GrantId"] == first["GrantId"]
        assert len(listed(kms, key_id)) == 2

    def test_without_a_name(self, kms: Kms) -> None:
        """Without a name each request makes another grant."""
        key_id = kms.create_key()
        assert create(kms, key_id)["GrantId"] != create(kms, key_id)["GrantId"]

    def test_on_two_keys(self, kms: Kms) -> None:
        """A name is one of the key's."""
        first, second = kms.create_key(), kms.create_key()
        assert create(kms, first, **self.same)["GrantId"] != create(kms, second, **self.same)["GrantId"]

    def test_of_two_accounts(self, kms: Kms) -> None:
        """The request of another account is another one."""
        arn = kms.arn(kms.create_key(Policy=shared(OTHER)))
        assert create(kms, arn, **self.same)["GrantId"] != create(kms.by(OTHER), arn, **self.same)["GrantId"]

    def test_after_the_end(self, kms: Kms) -> None:
        """When the grant is gone, its request makes a new one."""
        key_id = kms.create_key()
        first = create(kms, key_id, **self.same)
        kms("RevokeGrant", KeyId=key_id, GrantId=first["GrantId"])
        assert create(kms, key_id, **self.same)["GrantId"] != first["GrantId"]

    def test_of_a_fixture(self, kms: Kms) -> None:
        """A grant that was there from the beginning is found as one that was created."""
        key_id = kms.create_key()
        kms.put(*grant_record(key_id, name="example").records)
        assert create(kms, key_id, Name="example", Operations=["Decrypt"])["GrantId"] == UNKNOWN


class TestPermitting:
    """The permissions of a grant to another account, whose IAM is taken to allow them."""

    @pytest.mark.parametrize(
        ("grantee", "permitted"),
        [
            (f"arn:aws:iam::{OTHER}:root", True),
            (f"arn:aws:iam::{OTHER}:role/path/Application", True),
            (f"arn:aws:sts::{OTHER}:assumed-role/Application/session", True),
            (f"arn:aws:sts::{OTHER}:assumed-role/Application/sibling", False),
            (f"arn:aws:iam::{OTHER}:role/Another", False),
            (SERVICE, False),
        ],
    )
    def test_whom(self, kms: Kms, grantee: str, permitted: bool) -> None:
        """The grantee, as policies name it; no token is needed once KMS knows of the grant."""
        session = kms.by_session(f"arn:aws:sts::{OTHER}:assumed-role/Application/session")
        arn = kms.arn(kms.create_key())
        blob = kms("Encrypt", KeyId=arn, Plaintext=b"hello")["CiphertextBlob"]
        create(kms, arn, GranteePrincipal=grantee, Operations=["DescribeKey", "Decrypt"])
        if permitted:
            assert session.metadata(arn)["Arn"] == arn
            assert session("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"
        else:
            assert session.refusal("DescribeKey", KeyId=arn).code == "AccessDeniedException"
            assert session.refusal("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"

    def test_what(self, kms: Kms) -> None:
        """A grant permits its operations until it is revoked; the creation of grants needs the key's policy here."""
        other = kms.by(OTHER)
        arn = kms.arn(kms.create_key())
        operations = ["ReEncryptTo", "CreateGrant"]
        grant_id = create(kms, arn, GranteePrincipal=f"arn:aws:iam::{OTHER}:root", Operations=operations)["GrantId"]
        blob = other("Encrypt", KeyId=other.create_key(), Plaintext=b"hello")["CiphertextBlob"]
        assert other("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=arn)["KeyId"] == arn
        for operation, document in {"Encrypt": {"Plaintext": b"hello"}, "CreateGrant": FOR_ROLE}.items():
            assert other.refusal(operation, KeyId=arn, **document).code == "AccessDeniedException"
        kms("RevokeGrant", KeyId=arn, GrantId=grant_id)
        refusal = other.refusal("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=arn)
        assert refusal.code == "AccessDeniedException"

    def test_what_a_policy_denies(self, kms: Kms) -> None:
        """A statement of the key's policy that denies an operation stands above all grants."""
        deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"}
        policy = json.loads(shared())
        arn = kms.arn(kms.create_key(Policy=json.dumps({"Statement": [policy["Statement"], deny]})))
        create(kms, arn, GranteePrincipal=f"arn:aws:iam::{OTHER}:root", Operations=["DescribeKey", "Encrypt"])
        assert kms.by(OTHER).refusal("DescribeKey", KeyId=arn).code == "AccessDeniedException"
        assert kms.by(OTHER)("Encrypt", KeyId=arn, Plaintext=b"hello")["KeyId"] == arn

    def test_what_is_constrained(self, kms: Kms) -> None:
        """DescribeKey has no encryption context to constrain; what has a source is for services that act for it."""
        arn = kms.arn(kms.create_key())
        granted = {"GranteePrincipal": f"arn:aws:iam::{OTHER}:root", "Operations": ["DescribeKey", "Encrypt"]}
        create(kms, arn, **granted, Constraints={"SourceArn": TABLE})
        assert kms.by(OTHER).refusal("DescribeKey", KeyId=arn).code == "AccessDeniedException"
        create(kms, arn, **granted, Constraints={"EncryptionContextSubset": {"a": "b"}})
        assert kms.by(OTHER).metadata(arn)["Arn"] == arn
        assert kms.by(OTHER).refusal("Encrypt", KeyId=arn, Plaintext=b"hello").code == "AccessDeniedException"


class TestListing:
    """ListGrants."""

    def test_in_the_order_of_ids(self, kms: Kms) -> None:
        """AWS lists the grants on a key by their ids; those on other keys do not show."""
        key_id = kms.create_key()
        create(kms, kms.create_key())
        created = [create(kms, key_id)["GrantId"] for _ in range(5)]
        assert ids(kms, key_id) == ids(kms, kms.arn(key_id)) == sorted(created)

    def test_by_grantee(self, kms: Kms) -> None:
        """Only the grants of one grantee, on pages of their own."""
        key_id = kms.create_key()
        of_role = sorted(create(kms, key_id)["GrantId"] for _ in range(3))
        create(kms, key_id, GranteePrincipal=ADMIN)
        create(kms, kms.create_key())
        assert ids(kms, key_id, GranteePrincipal=ROLE) == of_role
        assert ids(kms, key_id, GranteePrincipal=f"{ROLE}2") == []
        first = kms("ListGrants", KeyId=key_id, GranteePrincipal=ROLE, Limit=2)
        assert [grant["GrantId"] for grant in first["Grants"]] == of_role[:2]
        assert ids(kms, key_id, GranteePrincipal=ROLE, Marker=first["NextMarker"]) == of_role[2:]

    @pytest.mark.parametrize(
        ("principal", "complaint"),
        [
            (f"arn:aws:iam::{ACCOUNT}:group/Developers", "ARN does not refer to a valid principal: {}"),
            (f"arn:aws:sts::{ACCOUNT}:assumed-role/path/Application/session", "ARN is not valid: {}"),
            ("AROAEXAMPLEEXAMPLEEX:session", "Input does not refer to a valid principal"),
        ],
    )
    def test_by_what_is_no_principal(self, kms: Kms, principal: str, complaint: str) -> None:
        """A text that is no grantee is refused, and not found to have no grants."""
        refusal = kms.refusal("ListGrants", KeyId=kms.create_key(), GranteePrincipal=principal)
        assert refusal == ("InvalidArnException", complaint.format(principal))

    def test_by_id(self, kms: Kms) -> None:
        """Only one grant, if it is on the key and of the grantee."""
        key_id = kms.create_key()
        grant_id = create(kms, key_id)["GrantId"]
        create(kms, key_id)
        assert ids(kms, key_id, GrantId=grant_id) == [grant_id]
        assert ids(kms, key_id, GrantId=grant_id, GranteePrincipal=ROLE) == [grant_id]
        assert ids(kms, key_id, GrantId=grant_id, GranteePrincipal=ADMIN) == []
        assert ids(kms, key_id, GrantId=UNKNOWN) == ids(kms, kms.create_key(), GrantId=grant_id) == []

    def test_by_service_principal(self, kms: Kms) -> None:
        """Only services may list the grants of a service principal, and no caller those of two grantees."""
        document = {"KeyId": kms.create_key(), "GranteeServicePrincipal": SERVICE}
        assert kms.refusal("ListGrants", **document).code == "AccessDeniedException"
        assert kms.refusal("ListGrants", GranteePrincipal=ROLE, **document).code == "ValidationException"

    def test_with_its_key(self, kms: Kms) -> None:
        """Grants are there until the key is gone, and their tokens, too."""
        key_id = kms.create_key()
        token = create(kms, key_id, RetiringPrincipal=ADMIN)["GrantToken"]
        kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=7)
        assert len(listed(kms, key_id)) == len(retirable(kms)) == 1
        kms.clock.advance(7 * DAY)
        assert kms.refusal("ListGrants", KeyId=key_id).code == "NotFoundException"
        assert retirable(kms) == []
        assert kms.refusal("RetireGrant", GrantToken=token).code == "InvalidGrantTokenException"


def retirable(kms: Kms, principal: str = ADMIN, **document: Any) -> list[str]:
    """Return the ids of the grants that a principal may retire."""
    answer = kms("ListRetirableGrants", RetiringPrincipal=principal, **document)
    return [grant["GrantId"] for grant in answer["Grants"]]


class TestListingRetirable:
    """ListRetirableGrants."""

    def test_on_all_keys(self, kms: Kms) -> None:
        """The grants of a retiring principal on all keys of the Region, as ListGrants shows them."""
        first, second = kms.create_key(), kms.create_key()
        created = [create(kms, key_id, RetiringPrincipal=ADMIN)["GrantId"] for key_id in (first, second, first)]
        create(kms, first)
        create(kms, first, RetiringPrincipal=ROLE)
        elsewhere = kms.by(region="us-east-1")
        create(elsewhere, elsewhere.create_key(), RetiringPrincipal=ADMIN)
        assert retirable(kms) == sorted(created)
        shown = kms("ListRetirableGrants", RetiringPrincipal=ADMIN)["Grants"]
        there = listed(kms, first) + listed(kms, second)
        assert all(grant in there for grant in shown)

    def test_on_keys_of_other_accounts(self, kms: Kms) -> None:
        """Also the grants on keys of other accounts, whatever their policies say."""
        owner = kms.by(OTHER)
        grant_id = create(owner, owner.create_key(), RetiringPrincipal=ADMIN)["GrantId"]
        assert retirable(kms) == [grant_id]
        assert owner.refusal("ListRetirableGrants", RetiringPrincipal=ADMIN).code == "AccessDeniedException"

    def test_those_that_are_gone(self, kms: Kms) -> None:
        """Not those that were revoked or retired."""
        key_id = kms.create_key()
        first, second = (create(kms, key_id, RetiringPrincipal=ADMIN) for _ in range(2))
        kms("RevokeGrant", KeyId=key_id, GrantId=first["GrantId"])
        kms("RetireGrant", GrantToken=second["GrantToken"])
        assert retirable(kms) == []
        assert not kms.records(Grant)
        assert not kms.records(RetirableGrant)

    def test_principals_of_the_account(self, kms: Kms) -> None:
        """Only of principals of the own account; what IAM would have to allow is named by the principal."""
        stranger = f"arn:aws:iam::{OTHER}:role/Admin"
        refusal = kms.refusal("ListRetirableGrants", RetiringPrincipal=stranger)
        assert refusal.code == "AccessDeniedException"
        assert f"kms:ListRetirableGrants on resource: {stranger}" in refusal.message

    def test_what_is_no_principal(self, kms: Kms) -> None:
        """The ARN of what is no principal, as that of a key, is refused."""
        key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY}"
        refusal = kms.refusal("ListRetirableGrants", RetiringPrincipal=key)
        assert refusal == ("InvalidArnException", f"ARN does not refer to a valid principal: {key}")

    @pytest.mark.parametrize("principal", ["AROAEXAMPLEEXAMPLEEX:session", "alice", SERVICE])
    def test_ids_of_nobody(self, kms: Kms, principal: str) -> None:
        """A text that is no ARN names no principal of the account."""
        refusal = kms.refusal("ListRetirableGrants", RetiringPrincipal=principal)
        assert refusal == ("NotFoundException", f"Retiring principal {principal} could not be found")

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            ({}, "ValidationException"),
            ({"RetiringPrincipal": ADMIN, "RetiringServicePrincipal": SERVICE}, "ValidationException"),
            ({"RetiringServicePrincipal": SERVICE}, "AccessDeniedException"),
        ],
    )
    def test_one_of_two(self, kms: Kms, document: dict[str, Any], code: str) -> None:
        """One principal or one service principal; the latter is for services to ask."""
        assert kms.refusal("ListRetirableGrants", **document).code == code


class TestRetiring:
    """RetireGrant."""

    @pytest.mark.parametrize("by_token", [True, False])
    def test_how_it_is_named(self, kms: Kms, by_token: bool) -> None:
        """By any of its tokens, or by its key and its id."""
        key_id = kms.create_key()
        created = create(kms, key_id, Name="example")
        token = create(kms, key_id, Name="example")["GrantToken"]
        document = {"GrantToken": token} if by_token else {"KeyId": key_id, "GrantId": created["GrantId"]}
        assert kms("RetireGrant", **document) is None
        assert ids(kms, key_id) == []
        assert kms.refusal("RetireGrant", GrantToken=created["GrantToken"]).code == "InvalidGrantTokenException"
        again = kms.refusal("RetireGrant", KeyId=key_id, GrantId=created["GrantId"])
        assert again == ("NotFoundException", f"Grant ID {created['GrantId']} not found")

    @pytest.mark.parametrize("document", [{}, {"GrantId": UNKNOWN}, {"KeyId": KEY}])
    def test_half_of_a_name(self, kms: Kms, document: dict[str, str]) -> None:
        """The id of a grant needs that of its key, and the other way round."""
        assert kms.refusal("RetireGrant", **document).code == "ValidationException"

    def test_a_dry_run(self, kms: Kms) -> None:
        """A dry run retires nothing."""
        key_id = kms.create_key()
        created = create(kms, key_id)
        assert kms.refusal("RetireGrant", GrantToken=created["GrantToken"], DryRun=True) == DRY_RUN
        assert ids(kms, key_id) == [created["GrantId"]]
        missing = kms.refusal("RetireGrant", KeyId=key_id, GrantId=UNKNOWN, DryRun=True)
        assert missing.code == "NotFoundException"

    @pytest.mark.parametrize(
        ("document", "allowed"),
        [
            ({"RetiringPrincipal": f"arn:aws:iam::{OTHER}:user/mockaws"}, True),
            ({"RetiringPrincipal": f"arn:aws:iam::{OTHER}:root"}, True),
            ({"RetiringPrincipal": f"arn:aws:iam::{OTHER}:user/alice"}, False),
            ({"GranteePrincipal": f"arn:aws:iam::{OTHER}:root", "Operations": ["Decrypt", "RetireGrant"]}, True),
            ({"GranteePrincipal": f"arn:aws:iam::{OTHER}:root", "Operations": ["Decrypt"]}, False),
            ({"Operations": ["Decrypt", "RetireGrant"]}, False),
            ({}, False),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("by_token", [True, False])
    def test_who_may(self, kms: Kms, document: dict[str, Any], allowed: bool, by_token: bool) -> None:
        """The grant decides, whatever the key's policy says: its retiring principal, its grantee if it says so."""
        arn = kms.arn(kms.create_key(Policy=shared(OTHER) if not allowed else shared()))
        created = create(kms, arn, **document)
        named = {"GrantToken": created["GrantToken"]} if by_token else {"KeyId": arn, "GrantId": created["GrantId"]}
        other = kms.by(OTHER)
        if allowed:
            assert other("RetireGrant", **named) is None
        else:
            refusal = other.refusal("RetireGrant", **named)
            assert refusal.code == "AccessDeniedException"
            assert "is not authorized to perform: kms:RetireGrant on this resource" in refusal.message

    def test_a_session_of_the_role(self, kms: Kms) -> None:
        """A session retires what its role may."""
        role = f"arn:aws:iam::{OTHER}:role/path/Retiring"
        token = create(kms, kms.create_key(), RetiringPrincipal=role)["GrantToken"]
        stranger = kms.by_session(f"arn:aws:sts::{OTHER}:assumed-role/Other/session")
        assert stranger.refusal("RetireGrant", GrantToken=token).code == "AccessDeniedException"
        session = kms.by_session(f"arn:aws:sts::{OTHER}:assumed-role/Retiring/session")
        assert session("RetireGrant", GrantToken=token) is None

    def test_the_account_that_issued_it(self, kms: Kms) -> None:
        """The account that created a grant on another's key retires it, and so does the account of the key."""
        arn = kms.arn(kms.create_key(Policy=shared(OTHER)))
        issuer = kms.by(OTHER)
        first, second = (create(issuer, arn) for _ in range(2))
        assert listed(kms, arn)[0]["IssuingAccount"] == f"arn:aws:iam::{OTHER}:root"
        issuer("RetireGrant", GrantToken=first["GrantToken"])
        kms("RetireGrant", GrantToken=second["GrantToken"])
        assert ids(kms, arn) == []


class TestRevoking:
    """RevokeGrant."""

    def test_it_is_gone(self, kms: Kms) -> None:
        """A revoked grant is gone at once, and there is nothing to revoke any more."""
        key_id = kms.create_key()
        grant_id, other = create(kms, key_id)["GrantId"], create(kms, key_id)["GrantId"]
        assert kms("RevokeGrant", KeyId=key_id, GrantId=grant_id) is None
        assert ids(kms, key_id) == [other]
        refusal = kms.refusal("RevokeGrant", KeyId=key_id, GrantId=grant_id)
        assert refusal == ("NotFoundException", f"Grant ID {grant_id} not found")

    @pytest.mark.parametrize("grant_id", [UNKNOWN, "aabbccdd", "A" * 64, "0" * 128])
    def test_unknown(self, kms: Kms, grant_id: str) -> None:
        """A grant that is not there is not found."""
        refusal = kms.refusal("RevokeGrant", KeyId=kms.create_key(), GrantId=grant_id)
        assert refusal == ("NotFoundException", f"Grant ID {grant_id} not found")

    def test_of_another_key(self, kms: Kms) -> None:
        """A grant is one of its key's."""
        grant_id = create(kms, kms.create_key())["GrantId"]
        assert kms.refusal("RevokeGrant", KeyId=kms.create_key(), GrantId=grant_id).code == "NotFoundException"

    @pytest.mark.parametrize("grant_id", ["grant", "g" * 64, f"0x{'0' * 62}", "-", f"{UNKNOWN}\n"])
    @pytest.mark.parametrize("operation", ["RevokeGrant", "RetireGrant", "ListGrants"])
    def test_what_is_no_grant_id(self, kms: Kms, operation: str, grant_id: str) -> None:
        """A grant id consists of hexadecimal digits."""
        refusal = kms.refusal(operation, KeyId=kms.create_key(), GrantId=grant_id)
        assert refusal.code == "InvalidGrantIdException"

    def test_a_dry_run(self, kms: Kms) -> None:
        """A dry run revokes nothing."""
        key_id = kms.create_key()
        grant_id = create(kms, key_id)["GrantId"]
        assert kms.refusal("RevokeGrant", KeyId=key_id, GrantId=grant_id, DryRun=True) == DRY_RUN
        assert ids(kms, key_id) == [grant_id]
        assert kms.refusal("RevokeGrant", KeyId=key_id, GrantId=UNKNOWN, DryRun=True).code == "NotFoundException"

    def test_by_another_account(self, kms: Kms) -> None:
        """The policy of the key says who may, not the grant."""
        other = kms.by(OTHER)
        for policy, allowed in ((shared(OTHER), True), (shared(), False)):
            arn = kms.arn(kms.create_key(Policy=policy))
            grant_id = create(kms, arn, RetiringPrincipal=f"arn:aws:iam::{OTHER}:root")["GrantId"]
            if allowed:
                assert other("RevokeGrant", KeyId=arn, GrantId=grant_id) is None
            else:
                assert other.refusal("RevokeGrant", KeyId=arn, GrantId=grant_id).code == "AccessDeniedException"


class TestTokens:
    """Grant tokens in requests."""

    def test_good_ones(self, kms: Kms) -> None:
        """Any token of any grant that is there is good, up to ten of them."""
        key_id = kms.create_key()
        tokens = [create(kms, key_id)["GrantToken"] for _ in range(10)]
        assert create(kms, kms.create_key(), GrantTokens=tokens)
        assert refused(kms, GrantTokens=[*tokens, tokens[0]]).code == "ValidationException"

    def test_of_a_grant_on_another_account_s_key(self, kms: Kms) -> None:
        """Every caller can use a token."""
        token = create(kms, kms.create_key())["GrantToken"]
        other = kms.by(OTHER)
        assert create(other, other.create_key(), GrantTokens=[token])

    def test_bad_ones(self, kms: Kms) -> None:
        """A token that was changed, or whose grant is not here or not any more, is invalid."""
        key_id = kms.create_key()
        token = create(kms, key_id)["GrantToken"]
        retired = create(kms, key_id)["GrantToken"]
        kms("RetireGrant", GrantToken=retired)
        changed = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token))]
        no_tokens = ["x", "é", "AQpA", "=" * 8192, token[:-1], token[:-4], f"{token}AAAA", f"{token}=", f" {token}"]
        for bad in [retired, *no_tokens, *changed]:
            for operation, document in (
                ("RetireGrant", {"GrantToken": bad}),
                ("CreateGrant", {"KeyId": key_id, "GrantTokens": [token, bad], **FOR_ROLE}),
            ):
                assert kms.refusal(operation, **document) == (
                    "InvalidGrantTokenException",
                    "The request was rejected because the specified grant token is not valid.",
                )
        elsewhere = kms.by(region="us-east-1")
        assert elsewhere.refusal("RetireGrant", GrantToken=token).code == "InvalidGrantTokenException"


def grant_record(key_id: str, **changes: Any) -> Grant:
    """Return the record of a grant that was not created by a caller."""
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "id": UNKNOWN,
        "key_id": key_id,
        "issuing_account": ACCOUNT,
        "operations": ("Decrypt",),
        "created_at": NOW,
        "grantee_principal": ROLE,
    }
    return Grant(**fields | changes)
