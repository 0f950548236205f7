"""Aliases of customer managed keys: which names there may be, and what they name.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
"""

from __future__ import annotations

from typing import Any

import pytest

from mockaws.records.kms import Alias
from mockaws.records.world import Limits
from tests.samples import NOW
from tests.unit.services.kms.calling import Kms, Refusal, key_record

EXAMPLE = "alias/ExampleAlias"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
PREFIX_MISSING = Refusal(
    "ValidationException",
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
)
RESERVED = Refusal("NotAuthorizedException", "")


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a new key."""
    return kms.create_key()


def arn(kms: Kms, name: str = EXAMPLE) -> str:
    """Return an alias's ARN."""
    return f"arn:aws:kms:{kms.region}:{kms.account}:{name}"


def create(kms: Kms, key_id: str, name: str = EXAMPLE) -> None:
    """Create an alias; the answer is empty."""
    assert kms("CreateAlias", AliasName=name, TargetKeyId=key_id) is None


def listed(kms: Kms, **document: Any) -> list[dict[str, Any]]:
    """Return the aliases of customers in a list."""
    found = kms("ListAliases", Limit=100, **document)["Aliases"]
    return [alias for alias in found if not alias["AliasName"].startswith("alias/aws/")]


class TestCreating:
    """CreateAlias. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html."""

    def test_a_new_alias(self, kms: Kms, key_id: str) -> None:
        """The alias is listed with its ARN, the bare id of its key, and two dates."""
        create(kms, key_id)
        assert listed(kms) == [
            {
                "AliasName": EXAMPLE,
                "AliasArn": arn(kms),
                "TargetKeyId": key_id,
                "CreationDate": NOW,
                "LastUpdatedDate": NOW,
            }
        ]

    def test_by_arn(self, kms: Kms, key_id: str) -> None:
        """The key may be given by its ARN; the alias shows its id all the same."""
        create(kms, kms.arn(key_id))
        assert listed(kms)[0]["TargetKeyId"] == key_id

    @pytest.mark.parametrize("name", ["alias/a", "alias/team/app_1-x", "alias/alias/x", f"alias/{'x' * 250}"])
    def test_good_names(self, kms: Kms, key_id: str, name: str) -> None:
        """Letters, digits, slashes, underscores and dashes, 256 characters in all."""
        create(kms, key_id, name)
        assert kms.metadata(name)["KeyId"] == key_id

    @pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias", "DeleteAlias"])
    @pytest.mark.parametrize(
        ("name", "refusal"),
        [
            ("example", PREFIX_MISSING),
            ("Alias/example", PREFIX_MISSING),
            ("/alias/example", PREFIX_MISSING),
            ("alias/", PREFIX_MISSING),
            ("alias/a:b", Refusal("ValidationException", "alias/a:b contains invalid characters for an alias")),
            ("alias/aws/s3", RESERVED),
            ("alias/aws/mine", RESERVED),
            (
                "alias/a.b",
                Refusal(
                    "ValidationException",
                    "1 validation error detected: Value 'alias/a.b' at 'aliasName' failed to satisfy constraint: "
                    "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
                ),
            ),
        ],
        ids=str,
    )
    def test_bad_names(self, kms: Kms, key_id: str, operation: str, name: str, refusal: Refusal) -> None:
        """A name without the prefix, with other characters, or in AWS's own name space is refused by all three."""
        document = {"AliasName": name} | ({} if operation == "DeleteAlias" else {"TargetKeyId": key_id})
        assert kms.refusal(operation, **document) == refusal

    def test_an_alias_exists_once(self, kms: Kms, key_id: str) -> None:
        """A name is given once in an account and Region, whichever key it names."""
        create(kms, key_id)
        refusal = Refusal("AlreadyExistsException", f"An alias with the name {arn(kms)} already exists")
        assert kms.refusal("CreateAlias", AliasName=EXAMPLE, TargetKeyId=key_id) == refusal
        assert kms.refusal("CreateAlias", AliasName=EXAMPLE, TargetKeyId=kms.create_key()) == refusal

    def test_capital_letters(self, kms: Kms, key_id: str) -> None:
        """Names that differ in a capital letter are two names."""
        create(kms, key_id)
        create(kms, kms.create_key(), EXAMPLE.lower())
        assert kms.metadata(EXAMPLE)["KeyId"] == key_id

    @pytest.mark.parametrize(("account", "region"), [("444455556666", "us-west-2"), ("111122223333", "us-east-1")])
    def test_elsewhere(self, kms: Kms, key_id: str, account: str, region: str) -> None:
        """Other accounts and Regions have names of their own."""
        create(kms, key_id)
        elsewhere = kms.by(account, region)
        create(elsewhere, elsewhere.create_key())
        assert listed(elsewhere)[0]["AliasArn"] == arn(elsewhere)

    @pytest.mark.parametrize("target", [EXAMPLE, "arn:aws:kms:us-west-2:111122223333:alias/ExampleAlias"])
    @pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias"])
    def test_an_alias_of_an_alias(self, kms: Kms, key_id: str, operation: str, target: str) -> None:
        """An alias names a key, never another alias."""
        create(kms, key_id)
        create(kms, key_id, "alias/other")
        name = "alias/new" if operation == "CreateAlias" else "alias/other"
        refusal = kms.refusal(operation, AliasName=name, TargetKeyId=target)
        assert refusal == ("ValidationException", "Aliases must refer to keys. Not aliases")

    @pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias"])
    @pytest.mark.parametrize(
        ("target", "code"),
        [
            (KEY, "NotFoundException"),
            ("nonsense", "NotFoundException"),
            ("arn:aws:iam::111122223333:root", "NotFoundException"),
            (f"arn:aws:kms:us-east-1:111122223333:key/{KEY}", "NotFoundException"),
            (f"arn:aws:kms:us-west-2:444455556666:key/{KEY}", "ValidationException"),
        ],
    )
    def test_bad_targets(self, kms: Kms, key_id: str, operation: str, target: str, code: str) -> None:
        """The key must be there, in the same account and Region as the alias."""
        create(kms, key_id)
        name = "alias/new" if operation == "CreateAlias" else EXAMPLE
        assert kms.refusal(operation, AliasName=name, TargetKeyId=target).code == code

    def test_an_aws_managed_key(self, kms: Kms) -> None:
        """Customers give no names to AWS managed keys."""
        aws_managed = kms.metadata("alias/aws/s3")["KeyId"]
        assert kms.refusal("CreateAlias", AliasName=EXAMPLE, TargetKeyId=aws_managed).code == "AccessDeniedException"

    def test_the_quota(self) -> None:
        """A key has at most so many aliases, whether they are created for it or moved to it."""
        kms = Kms(limits=Limits(aliases_per_key=2))
        key_id, other = kms.create_key(), kms.create_key()
        create(kms, key_id, "alias/1")
        create(kms, key_id, "alias/2")
        create(kms, other, "alias/3")
        assert kms.refusal("CreateAlias", AliasName="alias/4", TargetKeyId=key_id).code == "LimitExceededException"
        assert kms.refusal("UpdateAlias", AliasName="alias/3", TargetKeyId=key_id).code == "LimitExceededException"
        assert kms("UpdateAlias", AliasName="alias/2", TargetKeyId=key_id) is None
        kms("DeleteAlias", AliasName="alias/1")
        assert kms("UpdateAlias", AliasName="alias/3", TargetKeyId=key_id) is None

    def test_fifty_by_default(self) -> None:
        """AWS's own quota is 50."""
        assert Limits().aliases_per_key == 50


class TestUpdating:
    """UpdateAlias. https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html."""

    def test_another_key(self, kms: Kms, key_id: str) -> None:
        """The alias names another key from now on; only its second date changes."""
        create(kms, key_id)
        other = kms.create_key()
        kms.clock.advance(60)
        assert kms("UpdateAlias", AliasName=EXAMPLE, TargetKeyId=other) is None
        (entry,) = listed(kms)
        assert entry["TargetKeyId"] == other
        assert (entry["CreationDate"], entry["LastUpdatedDate"]) == (NOW, NOW + 60)

    def test_an_alias_that_is_not_there(self, kms: Kms, key_id: str) -> None:
        """An alias is not made by updating it."""
        refusal = kms.refusal("UpdateAlias", AliasName=EXAMPLE, TargetKeyId=key_id)
        assert refusal == ("NotFoundException", f"Alias {arn(kms)} is not found.")

    @pytest.mark.parametrize(
        ("before", "after", "allowed"),
        [
            (("RSA_2048", "ENCRYPT_DECRYPT"), ("RSA_4096", "ENCRYPT_DECRYPT"), True),
            (("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "SIGN_VERIFY"), True),
            (("HMAC_256", "GENERATE_VERIFY_MAC"), ("HMAC_512", "GENERATE_VERIFY_MAC"), True),
            (("RSA_2048", "ENCRYPT_DECRYPT"), ("RSA_2048", "SIGN_VERIFY"), False),
            (("RSA_2048", "ENCRYPT_DECRYPT"), ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), False),
            (("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), ("HMAC_256", "GENERATE_VERIFY_MAC"), False),
        ],
        ids=str,
    )
    def test_keys_of_one_kind(self, before: tuple[str, str], after: tuple[str, str], allowed: bool) -> None:
        """Both keys are of one type (symmetric, asymmetric, HMAC) and of one usage."""
        other = KEY.replace("1", "2")
        kms = Kms(
            key_record(KEY, spec=before[0], usage=before[1]),
            key_record(other, spec=after[0], usage=after[1]),
        )
        create(kms, KEY)
        document = {"AliasName": EXAMPLE, "TargetKeyId": other}
        if allowed:
            kms("UpdateAlias", **document)
        else:
            assert kms.refusal("UpdateAlias", **document).code == "ValidationException"
        assert kms.record(Alias, EXAMPLE).target_key_id == (other if allowed else KEY)


class TestDeleting:
    """DeleteAlias. https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html."""

    def test_the_key_stays(self, kms: Kms, key_id: str) -> None:
        """The name is gone, the key is not, and the name is free."""
        create(kms, key_id)
        assert kms("DeleteAlias", AliasName=EXAMPLE) is None
        assert kms.refusal("DescribeKey", KeyId=EXAMPLE).code == "NotFoundException"
        assert kms.state(key_id) == "Enabled"
        create(kms, kms.create_key())

    def test_an_alias_that_is_not_there(self, kms: Kms) -> None:
        """Deleting an alias twice is an error."""
        refusal = kms.refusal("DeleteAlias", AliasName=EXAMPLE)
        assert refusal == ("NotFoundException", f"Alias {arn(kms)} is not found.")


class TestListing:
    """ListAliases. https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html."""

    def test_all(self, kms: Kms, key_id: str) -> None:
        """All aliases of the account are listed by name, those of AWS among them."""
        for name in ("alias/zebra", "alias/Example", "alias/b"):
            create(kms, key_id, name)
        names = [alias["AliasName"] for alias in kms("ListAliases", Limit=100)["Aliases"]]
        assert names == sorted(names)
        assert {"alias/zebra", "alias/Example", "alias/b", "alias/aws/s3"} <= set(names)

    def test_of_one_key(self, kms: Kms, key_id: str) -> None:
        """KeyId, an id or an ARN, limits the list to the aliases of one key."""
        create(kms, key_id, "alias/1")
        create(kms, kms.create_key(), "alias/2")
        create(kms, key_id, "alias/3")
        for name in (key_id, kms.arn(key_id)):
            answer = kms("ListAliases", KeyId=name)
            assert [alias["AliasName"] for alias in answer["Aliases"]] == ["alias/1", "alias/3"]
            assert answer["Truncated"] is False

    def test_of_a_key_without_aliases(self, kms: Kms, key_id: str) -> None:
        """A key without aliases has an empty list."""
        assert kms("ListAliases", KeyId=key_id) == {"Aliases": [], "Truncated": False}

    def test_of_an_alias(self, kms: Kms, key_id: str) -> None:
        """KeyId must not be an alias here."""
        create(kms, key_id)
        refusal = kms.refusal("ListAliases", KeyId=EXAMPLE)
        assert refusal == ("InvalidArnException", "Key Aliases are not supported for this operation.")

    def test_of_ones_own_account(self, kms: Kms, key_id: str) -> None:
        """Other accounts and Regions list aliases of their own."""
        create(kms, key_id)
        assert listed(kms.by(account="444455556666")) == []
        assert listed(kms.by(region="us-east-1")) == []
