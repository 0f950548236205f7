"""Calls in the form of CloudTrail's events, held against the examples of AWS's guides.

https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.journal.events import event
from mockaws.records.kms import Key
from mockaws.services.operation import Caller
from tests.samples import ACCOUNT, CLUSTER, NOW, REGION, ZONE_A
from tests.unit.services.kms.calling import PASSWORD, TRUST_ANCHOR
from tests.unit.services.sts.test_web_identity import CLAIMS, token
from tests.wire import ask, json_request, signature

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from tests.unit.journal.calling import Calls

USER = f"arn:aws:iam::{ACCOUNT}:user/mockaws"
BLOB = "aGVsbG8="


def resource(arn: str) -> dict[str, str]:
    """Return a key or an alias as CloudTrail names it."""
    return {"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn}


def test_the_whole_of_an_event(calls: Calls, gateway: Gateway) -> None:
    """An event has these members in this order: caller, time, operation, Region, source, parameters and answer."""
    key_id, arn = calls.key()
    request = json_request(
        "kms", "ScheduleKeyDeletion", json.dumps({"KeyId": key_id, "PendingWindowInDays": 20}).encode()
    )
    answer = gateway.answer(calls.world, request._replace(source="192.0.2.0", user_agent="aws-cli/2"))
    shown = calls.last()
    event_id = shown.pop("eventID")
    assert event_id != answer.request_id
    assert list(shown.items()) == list(
        {
            "eventVersion": "1.11",
            "userIdentity": {
                "type": "IAMUser",
                "principalId": "AIDAMOCKAWS1122223333",
                "arn": USER,
                "accountId": ACCOUNT,
                "accessKeyId": ACCOUNT,
                "userName": "mockaws",
            },
            "eventTime": "2017-10-04T16:10:12Z",
            "eventSource": "kms.amazonaws.com",
            "eventName": "ScheduleKeyDeletion",
            "awsRegion": REGION,
            "sourceIPAddress": "192.0.2.0",
            "userAgent": "aws-cli/2",
            "requestParameters": {"keyId": key_id, "pendingWindowInDays": 20},
            "responseElements": {
                "keyId": arn,
                "deletionDate": "Oct 24, 2017, 4:10:12 PM",
                "keyState": "PendingDeletion",
                "pendingWindowInDays": 20,
            },
            "requestID": answer.request_id,
            "readOnly": False,
            "resources": [resource(arn)],
            "eventType": "AwsApiCall",
            "managementEvent": True,
            "recipientAccountId": ACCOUNT,
            "eventCategory": "Management",
        }.items()
    )


def test_create_key(calls: Calls) -> None:
    """CreateKey: AWS's defaults are there as if the caller had sent them; dates are Java's."""
    shown = calls.event("kms", "CreateKey", Tags=[{"TagKey": "Department", "TagValue": "IT"}])
    assert shown["requestParameters"] == {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "description": "",
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "tags": [{"tagKey": "Department", "tagValue": "IT"}],
    }
    metadata = shown["responseElements"]["keyMetadata"]
    assert (metadata["aWSAccountId"], metadata["creationDate"]) == (ACCOUNT, "Oct 4, 2017, 4:10:12 PM")
    assert shown["resources"] == [resource(metadata["arn"])]
    assert shown["readOnly"] is False


def test_both_names_of_a_key_spec(calls: Calls) -> None:
    """The spec of a new key stands under its old name and its new one, whichever was given."""
    for given in ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, {"CustomerMasterKeySpec": "RSA_2048"}):
        parameters = calls.event("kms", "CreateKey", **{"KeyUsage": "ENCRYPT_DECRYPT"} | given)["requestParameters"]
        assert parameters["keySpec"] == parameters["customerMasterKeySpec"] in given.values()


def test_encrypt_and_decrypt(calls: Calls) -> None:
    """The use of a key is read-only. Its event has the algorithm and the context, and no plaintext or ciphertext."""
    key_id, arn = calls.key()
    calls("kms", "CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
    context = {"Department": "Engineering"}
    blob = calls("kms", "Encrypt", KeyId="alias/example", Plaintext=BLOB, EncryptionContext=context)["CiphertextBlob"]
    shown = calls.last()
    assert shown["requestParameters"] == {
        "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "keyId": "alias/example",
        "encryptionContext": context,
    }
    assert (shown["responseElements"], shown["readOnly"], shown["resources"]) == (None, True, [resource(arn)])
    answer = calls("kms", "Decrypt", CiphertextBlob=blob, EncryptionContext=context)
    shown = calls.last()
    assert shown["requestParameters"] == {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": context}
    assert (shown["responseElements"], shown["resources"]) == (None, [resource(arn)])
    assert shown["additionalEventData"] == {"keyMaterialId": answer["KeyMaterialId"]}


def test_the_wrong_key(calls: Calls) -> None:
    """A call that failed has errorCode and errorMessage, and names the key that was asked for."""
    key_id, _ = calls.key()
    _, other = calls.key()
    blob = calls("kms", "Encrypt", KeyId=key_id, Plaintext=BLOB)["CiphertextBlob"]
    shown = calls.event("kms", "Decrypt", CiphertextBlob=blob, KeyId=other)
    assert (shown["errorCode"], shown["errorMessage"]) == (
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
    assert shown["requestParameters"] == {"encryptionAlgorithm": "SYMMETRIC_DEFAULT", "keyId": other}
    assert (shown["responseElements"], shown["resources"]) == (None, [resource(other)])


def test_re_encrypt(calls: Calls) -> None:
    """ReEncrypt names two keys, the source and the destination, in that order, and the material of both."""
    source, destination = calls.key(), calls.key()
    blob = calls("kms", "Encrypt", KeyId=source[0], Plaintext=BLOB)["CiphertextBlob"]
    shown = calls.event("kms", "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=destination[0])
    assert shown["requestParameters"] == {
        "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "destinationKeyId": destination[0],
    }
    assert shown["resources"] == [resource(source[1]), resource(destination[1])]
    assert shown["additionalEventData"].keys() == {"sourceKeyMaterialId", "destinationKeyMaterialId"}


def test_generate_data_key(calls: Calls) -> None:
    """GenerateDataKey: the event has the spec of the data key, and neither of the two forms in the answer."""
    key_id, arn = calls.key()
    shown = calls.event("kms", "GenerateDataKey", KeyId=key_id, KeySpec="AES_256")
    assert shown["requestParameters"] == {"keyId": key_id, "keySpec": "AES_256"}
    assert (shown["responseElements"], shown["readOnly"], shown["resources"]) == (None, True, [resource(arn)])


def test_what_uses_no_key(calls: Calls) -> None:
    """GenerateRandom and lists use no particular key, so that their resources are empty; parameters may be null."""
    calls.key()
    assert calls.event("kms", "GenerateRandom", NumberOfBytes=32)["resources"] == []
    shown = calls.event("kms", "ListAliases", Limit=5)
    assert (shown["requestParameters"], shown["resources"]) == ({"limit": 5}, [])
    assert calls.event("kms", "ListKeys")["requestParameters"] is None


def test_aliases(calls: Calls) -> None:
    """Events on aliases name the key, too, also as responseElements.keyId, which the operations do not answer."""
    (first, first_arn), (second, second_arn) = calls.key(), calls.key()
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/my_alias"
    shown = calls.event("kms", "CreateAlias", AliasName="alias/my_alias", TargetKeyId=first)
    assert shown["resources"] == [resource(first_arn), resource(alias)]
    assert shown["responseElements"] == {"keyId": first_arn}
    shown = calls.event("kms", "UpdateAlias", AliasName="alias/my_alias", TargetKeyId=second)
    assert shown["resources"] == [resource(alias), resource(second_arn)]
    assert shown["responseElements"] == {"keyId": second_arn}
    shown = calls.event("kms", "DeleteAlias", AliasName="alias/my_alias")
    assert shown["requestParameters"] == {"aliasName": "alias/my_alias"}
    assert shown["resources"] == [resource(alias), resource(second_arn)]
    assert shown["responseElements"] == {"keyId": second_arn}


@pytest.mark.parametrize("operation", ["DisableKey", "EnableKey", "EnableKeyRotation"])
def test_the_key_in_the_response(calls: Calls, operation: str) -> None:
    """Since December 2022 events of some operations have the key's ARN as responseElements.keyId."""
    key_id, arn = calls.key()
    assert calls.event("kms", operation, KeyId=key_id)["responseElements"] == {"keyId": arn}


@pytest.mark.parametrize(
    ("operation", "document"),
    [("UpdateKeyDescription", {"Description": "new"}), ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]})],
)
def test_no_response(calls: Calls, operation: str, document: dict[str, Any]) -> None:
    """Events of others that answer nothing have responseElements null."""
    key_id, arn = calls.key()
    shown = calls.event("kms", operation, KeyId=key_id, **document)
    assert (shown["responseElements"], shown["resources"]) == (None, [resource(arn)])


def test_grants(calls: Calls) -> None:
    """Grant tokens are left out; RetireGrant has its grant beside the parameters, which are null for a token."""
    key_id, arn = calls.key()
    shown = calls.event(
        "kms", "CreateGrant", KeyId=key_id, GranteePrincipal=USER, Operations=["Encrypt", "RetireGrant"]
    )
    grant_id = shown["responseElements"]["grantId"]
    assert shown["responseElements"] == {"grantId": grant_id, "keyId": arn}
    assert shown["requestParameters"] == {
        "keyId": key_id,
        "granteePrincipal": USER,
        "operations": ["Encrypt", "RetireGrant"],
    }
    grant = calls("kms", "CreateGrant", KeyId=key_id, GranteePrincipal=USER, Operations=["Encrypt"])
    shown = calls.event("kms", "RetireGrant", GrantToken=grant["GrantToken"])
    assert (shown["requestParameters"], shown["responseElements"]) == (None, None)
    assert (shown["additionalEventData"], shown["resources"]) == ({"grantId": grant["GrantId"]}, [resource(arn)])


def test_custom_key_stores(calls: Calls) -> None:
    """Key stores: no password, no trust anchor, the cluster as clusterId, name and cluster beside, no resources."""
    shown = calls.event(
        "kms",
        "CreateCustomKeyStore",
        CustomKeyStoreName="ExampleKeyStore",
        CloudHsmClusterId=CLUSTER,
        KeyStorePassword=PASSWORD,
        TrustAnchorCertificate=TRUST_ANCHOR,
    )
    store = shown["responseElements"]["customKeyStoreId"]
    assert shown["requestParameters"] == {"customKeyStoreName": "ExampleKeyStore", "clusterId": CLUSTER}
    assert shown["responseElements"] == {"customKeyStoreId": store}
    assert "resources" not in shown
    about = {"customKeyStoreName": "ExampleKeyStore", "clusterId": CLUSTER}
    for operation in ("ConnectCustomKeyStore", "DisconnectCustomKeyStore", "DeleteCustomKeyStore"):
        shown = calls.event("kms", operation, CustomKeyStoreId=store)
        assert (shown["requestParameters"], shown["responseElements"]) == ({"customKeyStoreId": store}, None)
        assert shown["additionalEventData"] == about, operation
        assert "resources" not in shown
    shown = calls.event("kms", "DescribeCustomKeyStores", CustomKeyStoreId=store)
    assert shown["errorCode"] == "CustomKeyStoreNotFoundException"
    assert "additionalEventData" not in shown


def test_use_of_a_key_in_a_key_store(calls: Calls) -> None:
    """Events of cryptographic operations with a key in a key store name the store, which the caller did not."""
    store = calls.kms.connected_store()
    key_id, _ = calls.key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)
    shown = calls.event("kms", "Encrypt", KeyId=key_id, Plaintext=BLOB)
    assert shown["additionalEventData"] == {"customKeyStoreId": store}
    assert "additionalEventData" not in calls.event("kms", "DescribeKey", KeyId=key_id)


def test_create_hsm(calls: Calls) -> None:
    """CloudHSM calls itself cloudhsm.amazonaws.com and has no resources."""
    shown = calls.event("cloudhsmv2", "CreateHsm", ClusterId=CLUSTER, AvailabilityZone=ZONE_A)
    assert (shown["eventSource"], shown["eventName"]) == ("cloudhsm.amazonaws.com", "CreateHsm")
    assert shown["requestParameters"] == {"availabilityZone": ZONE_A, "clusterId": CLUSTER}
    hsm = shown["responseElements"]["hsm"]
    assert hsm["clusterId"] == CLUSTER
    assert hsm.keys() >= {"availabilityZone", "clusterId", "eniId", "eniIp", "hsmId", "state", "subnetId"}
    assert "resources" not in shown
    assert calls.event("cloudhsmv2", "DescribeClusters")["responseElements"] is None


def test_assume_role(calls: Calls) -> None:
    """AssumeRole names the role, and the new credentials without their secret; their bearer is known by the role."""
    role = f"arn:aws:iam::{ACCOUNT}:role/EC2-dev"
    shown = calls.event("sts", "AssumeRole", RoleArn=role, RoleSessionName="JohnDoe")
    assert (shown["eventSource"], shown["readOnly"]) == ("sts.amazonaws.com", True)
    assert shown["requestParameters"] == {"roleArn": role, "roleSessionName": "JohnDoe"}
    assert shown["resources"] == [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": role}]
    credentials = shown["responseElements"]["credentials"]
    assert credentials["expiration"] == "Oct 4, 2017, 5:10:12 PM"
    assert credentials["sessionToken"] == "HIDDEN_DUE_TO_SECURITY_REASONS"
    assert credentials.keys() == {"accessKeyId", "expiration", "sessionToken"}
    user = shown["responseElements"]["assumedRoleUser"]
    shown = calls.event("kms", "ListKeys", credentials["accessKeyId"])
    assert shown["userIdentity"] == {
        "type": "AssumedRole",
        "principalId": user["assumedRoleId"],
        "arn": user["arn"],
        "accountId": ACCOUNT,
        "accessKeyId": credentials["accessKeyId"],
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role",
                "principalId": user["assumedRoleId"].partition(":")[0],
                "arn": role,
                "accountId": ACCOUNT,
                "userName": "EC2-dev",
            },
            "attributes": {"mfaAuthenticated": "false"},
        },
    }


def test_a_users_temporary_credentials(calls: Calls) -> None:
    """A caller with the credentials of GetSessionToken is the user, in a session."""
    shown = calls.event("sts", "GetSessionToken")
    identity = calls.event("kms", "ListKeys", shown["responseElements"]["credentials"]["accessKeyId"])["userIdentity"]
    assert (identity["type"], identity["userName"]) == ("IAMUser", "mockaws")
    assert identity["sessionContext"] == {"attributes": {"mfaAuthenticated": "false"}}


def test_web_identity(calls: Calls) -> None:
    """The bearer of a web identity token is identified by its claims; the token itself is left out."""
    role = f"arn:aws:iam::{ACCOUNT}:role/ci"
    subject, provider, audience = CLAIMS["sub"], CLAIMS["iss"], CLAIMS["aud"]
    shown = calls.event(
        "sts", "AssumeRoleWithWebIdentity", RoleArn=role, RoleSessionName="ci", WebIdentityToken=token()
    )
    assert shown["userIdentity"] == {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:{audience}:{subject}",
        "userName": subject,
        "identityProvider": provider,
    }
    assert shown["requestParameters"] == {"roleArn": role, "roleSessionName": "ci"}


def test_the_root_user(calls: Calls) -> None:
    """The root user's principalId is the account."""
    calls("kms", "ListKeys")
    *_, entry = calls.world.journal.entries()
    entry.caller = Caller("AKIAIOSFODNN7EXAMPLE", ACCOUNT, REGION, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
    assert event(entry)["userIdentity"] == {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT,
        "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
    }


def test_the_global_region(calls: Calls, gateway: Gateway) -> None:
    """Calls of STS's global endpoint are in us-east-1."""
    signed = signature("sts", region="aws-global")
    ask(gateway, calls.world, "sts", "GetCallerIdentity", authorization=signed)
    assert calls.last()["awsRegion"] == "us-east-1"


def test_calls_that_were_refused_before_they_began(calls: Calls, gateway: Gateway) -> None:
    """A call that broke a constraint has no parameters; an unknown operation is there under the caller's own words."""
    shown = calls.event("kms", "ScheduleKeyDeletion", KeyId="x", PendingWindowInDays=0)
    assert (shown["errorCode"], shown["requestParameters"], shown["resources"]) == ("ValidationException", None, [])
    shown = calls.event("kms", "Nonsense")
    assert (shown["eventSource"], shown["eventName"], shown["errorCode"]) == (
        "kms.amazonaws.com",
        "Nonsense",
        "UnknownOperationException",
    )
    assert (shown["userIdentity"], shown["awsRegion"], "readOnly" in shown) == ({"type": "Unknown"}, None, False)
    gateway.answer(calls.world, json_request("kms", "ListKeys", b"{}", authorization=""))
    shown = calls.last()
    assert (shown["errorCode"], shown["userIdentity"]) == ("MissingAuthenticationTokenException", {"type": "Unknown"})
    gateway.answer(calls.world, json_request("kms", "x" * 5000, b"{}", authorization=signature("s" * 5000)))
    shown = calls.last()
    assert (len(shown["eventName"]), len(shown["eventSource"])) == (128, 128 + len(".amazonaws.com"))


def test_access_denied(calls: Calls) -> None:
    """CloudTrail calls AccessDeniedException AccessDenied."""
    _, arn = calls.key()
    shown = calls.event("kms", "Encrypt", "444455556666", KeyId=arn, Plaintext=BLOB)
    assert (shown["errorCode"], shown["recipientAccountId"]) == ("AccessDenied", "444455556666")


def test_the_event_that_get_key_last_usage_names(calls: Calls) -> None:
    """GetKeyLastUsage answers the eventID and the requestID of the last use."""
    key_id, _ = calls.key()
    shown = calls.event("kms", "Encrypt", KeyId=key_id, Plaintext=BLOB)
    usage = calls("kms", "GetKeyLastUsage", KeyId=key_id)["KeyLastUsage"]
    assert (usage["CloudTrailEventId"], usage["KmsRequestId"]) == (shown["eventID"], shown["requestID"])


def test_an_event_stays_as_it_was(calls: Calls) -> None:
    """Later changes of a key do not change the event of an earlier call."""
    key_id, arn = calls.key()
    shown = calls.event("kms", "DescribeKey", KeyId=key_id)
    record = calls.world.store.run(lambda tx: tx.get(Key, ACCOUNT, REGION, key_id))
    assert record is not None
    calls.world.store.run(lambda tx: tx.drop(record))
    calls.world.clock.advance(60)
    assert calls.last() == shown
    assert (shown["eventTime"], shown["resources"]) == ("2017-10-04T16:10:12Z", [resource(arn)])
    assert calls.world.clock.now() == NOW + 60
