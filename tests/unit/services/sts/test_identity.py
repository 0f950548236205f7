"""GetCallerIdentity and GetAccessKeyInfo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.ids import account_of_access_key
from tests.samples import ACCOUNT
from tests.wire import RefusedError, ask, query_request, signature, xml_error

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.kinds import Ask, MakeWorld


@pytest.mark.parametrize(
    ("key", "account"),
    [
        ("444455556666", "444455556666"),
        ("test", ACCOUNT),
        ("AKIAIOSFODNN7EXAMPLE", ACCOUNT),
        ("ASIAIOSFODNN7EXAMPLE", ACCOUNT),
        ("ASIA", ACCOUNT),
        ("12345678901", ACCOUNT),
    ],
)
def test_the_caller(sts: Ask, world: MakeWorld, key: str, account: str) -> None:
    """An access key id of 12 digits is a user of that account, any other one of the world's own account."""
    answer = sts(world(), "GetCallerIdentity", key=key)
    assert answer == {
        "UserId": answer["UserId"],
        "Account": account,
        "Arn": f"arn:aws:iam::{account}:user/mockaws",
    }
    assert answer["UserId"].startswith("AIDA")
    assert len(answer["UserId"]) == 21


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-central-1", "aws"), ("aws-global", "aws")],
)
def test_partitions(gateway: Gateway, world: MakeWorld, region: str, partition: str) -> None:
    """The Region that the request is signed for tells the partition of the caller's ARN."""
    answer = ask(gateway, world(), "sts", "GetCallerIdentity", authorization=signature("sts", region=region))
    assert answer["Arn"] == f"arn:{partition}:iam::{ACCOUNT}:user/mockaws"


def test_a_presigned_url(gateway: Gateway, world: MakeWorld) -> None:
    """GetCallerIdentity can be signed in the query string, as EKS and Vault have their users do it."""
    query = (
        "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=444455556666%2F20171004%2Fus-west-2%2Fsts%2Faws4_request&X-Amz-Date=20171004T161012Z"
        "&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id&X-Amz-Signature=00"
    )
    request = query_request("sts", "GetCallerIdentity", {}, method="GET", query=query, body=b"", authorization="")
    answer = gateway.answer(world(), request)
    assert answer.status == 200
    assert b"<Account>444455556666</Account>" in answer.body


def test_an_unsigned_request(gateway: Gateway, world: MakeWorld) -> None:
    """GetCallerIdentity needs a signature; without one STS answers 403."""
    answer = gateway.answer(world(), query_request("sts", "GetCallerIdentity", {}, authorization=""))
    assert answer.status == 403
    assert xml_error(answer.body)["Code"] == "MissingAuthenticationToken"


def test_the_account_of_a_key(sts: Ask, world: MakeWorld) -> None:
    """An access key id contains its account, for any caller. For other forms the answer is the world's account."""
    here = world()
    key = here.ids.access_key("000011112222")
    assert sts(here, "GetAccessKeyInfo", AccessKeyId=key) == {"Account": "000011112222"}
    assert account_of_access_key("AKIAQYLPMN5HNM4OZ56B") == "052310077262"
    assert sts(here, "GetAccessKeyInfo", AccessKeyId="AKIAQYLPMN5HNM4OZ56B") == {"Account": "052310077262"}
    assert sts(here, "GetAccessKeyInfo", AccessKeyId="lowercase_key_id") == {"Account": ACCOUNT}


@pytest.mark.parametrize("key", ["111122223333", "AKIA/IOSFODNN7EXAMPLE"])
def test_what_is_no_access_key_id(sts: Ask, world: MakeWorld, key: str) -> None:
    """The model wants 16 to 128 letters, digits and underscores, so that an account id is none."""
    with pytest.raises(
        RefusedError, match=f"^ValidationError: 1 validation error detected: Value '{key}' at 'accessKeyId'"
    ):
        sts(world(), "GetAccessKeyInfo", AccessKeyId=key)
