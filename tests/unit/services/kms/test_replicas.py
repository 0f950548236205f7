"""Multi-Region keys: one key id and one material in several Regions, one of which has the primary key.

https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from mockaws.records.base import evolve
from mockaws.records.key_specs import KEY_SPECS
from mockaws.records.kms import Key, KeyMaterial, Origin
from mockaws.records.world import REALISTIC, Limits, Timing
from mockaws.services.kms import lookup, multi_region
from tests.inside import inside
from tests.samples import ACCOUNT, NOW, REGION
from tests.unit.services.kms.calling import Kms, Refusal
from tests.unit.services.kms.test_key_states import PERMITTED, request_for

if TYPE_CHECKING:
    from mockaws.services.operation import Call

ELSEWHERE, THIRD = "eu-west-1", "ap-southeast-2"
POLICY = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}})
MINUTE = Timing(replicate=60.0, update_primary_region=60.0)


@pytest.fixture
def there(kms: Kms) -> Kms:
    """Return a caller of the other Region, in the same world."""
    return kms.by(region=ELSEWHERE)


@pytest.fixture
def key_id(kms: Kms) -> str:
    """Return a primary key with a replica in the other Region."""
    return replicated(kms)


def replicated(kms: Kms, *regions: str, **document: Any) -> str:
    """Create a primary key, and replicas of it, by default one in the other Region."""
    key_id = kms.create_key(MultiRegion=True, **document)
    for region in regions or (ELSEWHERE,):
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=region)
    return key_id


def configuration(kms: Kms, key_id: str) -> tuple[str, str, list[str]]:
    """Return what a key says of its type, of the primary key's Region and of the replicas' Regions."""
    found = kms.metadata(key_id)["MultiRegionConfiguration"]
    for key in (found["PrimaryKey"], *found["ReplicaKeys"]):
        assert key["Arn"] == f"arn:aws:kms:{key['Region']}:{ACCOUNT}:key/{key_id}"
    return (
        found["MultiRegionKeyType"],
        found["PrimaryKey"]["Region"],
        [replica["Region"] for replica in found["ReplicaKeys"]],
    )


def record(kms: Kms, key_id: str) -> Key:
    """Return the record of a key in the Region of the caller."""
    found = kms.world.store.run(lambda tx: tx.get(Key, ACCOUNT, kms.region, key_id))
    assert found is not None
    return found


def share(kms: Kms, key_id: str, **changes: Any) -> None:
    """Change what related keys share, as rotation and import do it."""

    def work(call: Call) -> None:
        multi_region.put(call, evolve(lookup.key(call, key_id), **changes))

    inside(kms.world, work)


def generation(number: int, **changes: Any) -> KeyMaterial:
    """Return a generation of symmetric material."""
    fields: dict[str, Any] = {"id": f"{number:064x}"[::-1], "secret": bytes([number] * 32), "created_at": NOW}
    return KeyMaterial(**fields | changes)


class TestPrimaryKeys:
    """CreateKey with MultiRegion."""

    def test_a_primary_key(self, kms: Kms) -> None:
        """A new multi-Region key is the primary key of no replicas; its id is `mrk-` and 32 hexadecimal digits."""
        metadata = kms("CreateKey", MultiRegion=True)["KeyMetadata"]
        assert re.fullmatch(r"mrk-[0-9a-f]{32}", metadata["KeyId"])
        assert metadata["MultiRegion"] is True
        assert configuration(kms, metadata["KeyId"]) == ("PRIMARY", REGION, [])
        assert kms.metadata(metadata["KeyId"]) == metadata

    def test_a_key_of_one_region(self, kms: Kms) -> None:
        """Any other key has no MultiRegionConfiguration."""
        metadata = kms("CreateKey")["KeyMetadata"]
        assert metadata["MultiRegion"] is False
        assert "MultiRegionConfiguration" not in metadata

    @pytest.mark.parametrize("spec", ["SYMMETRIC_DEFAULT", "RSA_2048", "ECC_NIST_P256", "HMAC_256"])
    def test_of_every_type(self, kms: Kms, there: Kms, spec: str) -> None:
        """Keys of all types can be multi-Region, and their replicas have their spec, usage and algorithms."""
        usage = next(iter(KEY_SPECS[spec].usages))
        key_id = replicated(kms, KeySpec=spec, KeyUsage=usage)
        here, replica = kms.metadata(key_id), there.metadata(key_id)
        assert replica["KeySpec"] == replica["CustomerMasterKeySpec"] == spec
        own = {"Arn", "MultiRegionConfiguration"}
        assert {name: replica[name] for name in replica.keys() - own} == {
            name: here[name] for name in here.keys() - own
        }


class TestReplicating:
    """ReplicateKey. https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html."""

    def test_the_answer(self, kms: Kms) -> None:
        """The replica is Creating, without a material (recorded), has the primary's id, and knows both keys."""
        created = kms("CreateKey", MultiRegion=True, Description="the primary key's own", Tags=[])["KeyMetadata"]
        key_id = created["KeyId"]
        del created["CurrentKeyMaterialId"]
        kms.clock.advance(10)
        answer = kms("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE)
        arn = f"arn:aws:kms:{ELSEWHERE}:{ACCOUNT}:key/{key_id}"
        assert answer.keys() == {"ReplicaKeyMetadata", "ReplicaPolicy"}
        assert answer["ReplicaKeyMetadata"] == created | {
            "Arn": arn,
            "CreationDate": NOW + 10,
            "Description": "",
            "Enabled": False,
            "KeyState": "Creating",
            "MultiRegionConfiguration": {
                "MultiRegionKeyType": "REPLICA",
                "PrimaryKey": {"Arn": kms.arn(key_id), "Region": REGION},
                "ReplicaKeys": [{"Arn": arn, "Region": ELSEWHERE}],
            },
        }
        assert json.loads(answer["ReplicaPolicy"])["Id"] == "key-default-1"

    def test_what_is_said_of_the_replica(self, kms: Kms, there: Kms) -> None:
        """Description, policy and tags of the request are the replica's, and not the primary key's."""
        key_id = kms.create_key(MultiRegion=True)
        tags = [{"TagKey": "Purpose", "TagValue": "Test"}, {"TagKey": "Empty", "TagValue": ""}]
        answer = kms(
            "ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE, Description="replica", Policy=POLICY, Tags=tags
        )
        assert answer["ReplicaKeyMetadata"]["Description"] == "replica"
        assert answer["ReplicaPolicy"] == there("GetKeyPolicy", KeyId=key_id)["Policy"] == POLICY
        assert answer["ReplicaTags"] == tags
        assert there("ListResourceTags", KeyId=key_id)["Tags"] == sorted(tags, key=lambda tag: tag["TagKey"])
        assert kms("ListResourceTags", KeyId=key_id)["Tags"] == []
        assert kms.metadata(key_id)["Description"] == ""
        assert kms("GetKeyPolicy", KeyId=key_id)["Policy"] != POLICY

    def test_all_related_keys_know_each_other(self, kms: Kms, there: Kms) -> None:
        """Each related key names the primary key and all replicas, a new one at once."""
        key_id = replicated(kms, ELSEWHERE, THIRD)
        replicas = [ELSEWHERE, THIRD]
        assert configuration(kms, key_id) == ("PRIMARY", REGION, replicas)
        assert configuration(there, key_id) == ("REPLICA", REGION, replicas)
        assert configuration(kms.by(region=THIRD), key_id) == ("REPLICA", REGION, replicas)

    def test_only_there(self, kms: Kms, key_id: str) -> None:
        """A related key is in the Regions that it was replicated to, and in the account's own list there."""
        elsewhere = kms.by(region=THIRD)
        gone = ("NotFoundException", f"Key '{elsewhere.arn(key_id)}' does not exist")
        assert elsewhere.refusal("DescribeKey", KeyId=key_id) == gone
        there = kms.by(region=ELSEWHERE)
        assert there("ListKeys")["Keys"] == [{"KeyId": key_id, "KeyArn": there.arn(key_id)}]
        assert kms.by("444455556666", ELSEWHERE)("ListKeys")["Keys"] == []

    def test_a_replica_is_not_replicated(self, kms: Kms, there: Kms, key_id: str) -> None:
        """Only a primary key is; that a replica is none goes before everything else (recorded)."""
        expected = ("UnsupportedOperationException", f"{there.arn(key_id)} is not a multi-region primary key.")
        assert there.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE) == expected
        assert there.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD) == expected
        ordinary = kms.create_key()
        kms("DisableKey", KeyId=ordinary)
        assert kms.refusal("ReplicateKey", KeyId=ordinary, ReplicaRegion=THIRD).message.startswith(kms.arn(ordinary))

    def test_keys_in_key_stores(self, kms: Kms) -> None:
        """A key in a custom key store is of one Region."""
        key_id = kms.key_in_store(kms.connected_store())
        refusal = kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE)
        assert refusal == ("UnsupportedOperationException", f"{kms.arn(key_id)} is not a multi-region primary key.")

    def test_one_related_key_in_a_region(self, kms: Kms, key_id: str) -> None:
        """A Region with a related key cannot get another (recorded)."""
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE) == (
            "AlreadyExistsException",
            "You can create only one replica of each primary key in each AWS Region.",
        )
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=REGION) == (
            "ValidationException",
            f"{REGION} cannot have a replica because it contains the primary.",
        )

    def test_several_keys_in_a_region(self, kms: Kms, there: Kms, key_id: str) -> None:
        """Keys that are not related do not know of each other."""
        other = replicated(kms)
        assert {entry["KeyId"] for entry in there("ListKeys")["Keys"]} == {key_id, other}

    def test_other_partitions(self, kms: Kms, key_id: str) -> None:
        """A key stays in its partition (recorded); China's Regions replicate among themselves."""
        refusal = kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion="us-gov-west-1")
        assert refusal == (
            "ValidationException",
            "The replica key Region must be in the same AWS partition as the primary key Region.",
        )
        beijing = kms.by(region="cn-north-1")
        chinese = beijing.create_key(MultiRegion=True)
        beijing("ReplicateKey", KeyId=chinese, ReplicaRegion="cn-northwest-1")
        assert beijing.refusal("ReplicateKey", KeyId=chinese, ReplicaRegion=REGION) == refusal

    def test_what_is_no_region(self, kms: Kms, key_id: str) -> None:
        """A Region has the form that the model says, and is one that AWS has (recorded)."""
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion="Ireland").code == "ValidationException"
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion="us-invalid-1") == (
            "ValidationException",
            "Region us-invalid-1 is not a valid Region or multi-Region keys are not supported in Region us-invalid-1.",
        )

    def test_the_quota_of_the_other_region(self) -> None:
        """A replica counts as a key of its Region, and of no other."""
        kms = Kms(limits=Limits(keys=1))
        key_id = kms.create_key(MultiRegion=True)
        kms.by(region=ELSEWHERE).create_key()
        refusal = kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE)
        assert refusal.code == "LimitExceededException"
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD)

    @pytest.mark.parametrize(
        ("document", "code"),
        [
            ({"Policy": "{}"}, "MalformedPolicyDocumentException"),
            ({"Policy": '{"Statement": []}'}, "MalformedPolicyDocumentException"),
            ({"Tags": [{"TagKey": "aws:a", "TagValue": ""}]}, "TagException"),
        ],
        ids=str,
    )
    def test_what_a_new_key_cannot_have(self, kms: Kms, document: dict[str, Any], code: str) -> None:
        """The policy and the tags of a replica are checked as those of any new key; nothing is created then."""
        key_id = kms.create_key(MultiRegion=True)
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE, **document).code == code
        assert configuration(kms, key_id) == ("PRIMARY", REGION, [])

    def test_a_lockout_on_purpose(self, kms: Kms, there: Kms) -> None:
        """The lockout check can be bypassed."""
        key_id = kms.create_key(MultiRegion=True)
        policy = {"Policy": '{"Statement": []}', "BypassPolicyLockoutSafetyCheck": True}
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=ELSEWHERE, **policy)
        assert there("GetKeyPolicy", KeyId=key_id)["Policy"] == policy["Policy"]


class TestIndependentProperties:
    """The properties that each of the related keys has for itself."""

    def test_enabling(self, kms: Kms, there: Kms, key_id: str) -> None:
        """Disabling a key does nothing to those that are related to it."""
        kms("DisableKey", KeyId=key_id)
        assert (kms.state(key_id), there.state(key_id)) == ("Disabled", "Enabled")
        there("DisableKey", KeyId=key_id)
        kms("EnableKey", KeyId=key_id)
        assert (kms.state(key_id), there.state(key_id)) == ("Enabled", "Disabled")

    def test_all_the_others(self, kms: Kms, there: Kms, key_id: str) -> None:
        """Descriptions, policies, tags, aliases and grants are a key's own, and so is its last usage."""
        kms("UpdateKeyDescription", KeyId=key_id, Description="here")
        kms("PutKeyPolicy", KeyId=key_id, Policy=POLICY)
        kms("TagResource", KeyId=key_id, Tags=[{"TagKey": "Purpose", "TagValue": "Test"}])
        kms("CreateAlias", AliasName="alias/example", TargetKeyId=key_id)
        kms("CreateGrant", KeyId=key_id, **PERMITTED)
        kms("Encrypt", KeyId=key_id, Plaintext=b"hello")
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD)  # everything that is shared is handed on again
        assert there.metadata(key_id)["Description"] == ""
        assert there("GetKeyPolicy", KeyId=key_id)["Policy"] != POLICY
        assert there("ListResourceTags", KeyId=key_id)["Tags"] == []
        assert there("ListAliases", KeyId=key_id)["Aliases"] == []
        assert there("ListGrants", KeyId=key_id)["Grants"] == []
        assert there("GetKeyLastUsage", KeyId=key_id)["KeyLastUsage"] == {}
        assert kms("ListAliases", KeyId=key_id)["Aliases"] != []


class TestInteroperating:
    """A related key can use the results of another."""

    def test_ciphertexts(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A ciphertext of either key is decrypted by the other, which need not be named."""
        context = {"purpose": "test"}
        for one, other in ((kms, there), (there, kms)):
            blob = one("Encrypt", KeyId=key_id, Plaintext=b"hello", EncryptionContext=context)["CiphertextBlob"]
            opened = other("Decrypt", CiphertextBlob=blob, EncryptionContext=context)
            assert (opened["Plaintext"], opened["KeyId"]) == (b"hello", other.arn(key_id))
            assert other("Decrypt", CiphertextBlob=blob, EncryptionContext=context, KeyId=key_id) == opened

    def test_naming_the_related_key(self, kms: Kms, there: Kms, key_id: str) -> None:
        """Each Region has its own key: the ARN of the other one is that of an incorrect key (recorded of Decrypt)."""
        blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        incorrect = (
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        )
        assert there.refusal("Decrypt", CiphertextBlob=blob, KeyId=kms.arn(key_id)) == incorrect
        source = {"CiphertextBlob": blob, "SourceKeyId": kms.arn(key_id)}
        assert there.refusal("ReEncrypt", DestinationKeyId=key_id, **source) == incorrect
        elsewhere = kms.arn(kms.create_key())
        assert there.refusal("Decrypt", CiphertextBlob=blob, KeyId=elsewhere).message == f"Invalid arn {REGION}"
        assert there("Decrypt", CiphertextBlob=blob, KeyId=there.arn(key_id))["Plaintext"] == b"hello"

    def test_where_there_is_no_related_key(self, kms: Kms, key_id: str) -> None:
        """In a third Region the ciphertext is that of an unknown key."""
        blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        assert kms.by(region=THIRD).refusal("Decrypt", CiphertextBlob=blob).code == "AccessDeniedException"

    def test_a_replica_works_by_itself(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A replica can be used while its primary key is disabled."""
        blob = kms("GenerateDataKey", KeyId=key_id, KeySpec="AES_256")
        kms("DisableKey", KeyId=key_id)
        assert there("Decrypt", CiphertextBlob=blob["CiphertextBlob"])["Plaintext"] == blob["Plaintext"]

    @pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256"])
    def test_signatures(self, kms: Kms, there: Kms, spec: str) -> None:
        """A signature of either key is verified by the other; they have the same public key."""
        key_id = replicated(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        assert kms("GetPublicKey", KeyId=key_id)["PublicKey"] == there("GetPublicKey", KeyId=key_id)["PublicKey"]
        algorithm = kms.metadata(key_id)["SigningAlgorithms"][0]
        asked = {"KeyId": key_id, "Message": b"hello", "SigningAlgorithm": algorithm}
        for one, other in ((kms, there), (there, kms)):
            assert other("Verify", Signature=one("Sign", **asked)["Signature"], **asked)["SignatureValid"] is True

    def test_macs(self, kms: Kms, there: Kms) -> None:
        """An HMAC of either key is verified by the other."""
        key_id = replicated(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        asked = {"KeyId": key_id, "Message": b"hello", "MacAlgorithm": "HMAC_SHA_256"}
        mac = kms("GenerateMac", **asked)["Mac"]
        assert there("GenerateMac", **asked)["Mac"] == mac
        assert there("VerifyMac", Mac=mac, **asked)["MacValid"] is True

    def test_rsa_ciphertexts(self, kms: Kms, there: Kms) -> None:
        """A ciphertext under the public key of one is decrypted by the other."""
        key_id = replicated(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        asked = {"KeyId": key_id, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
        blob = there("Encrypt", Plaintext=b"hello", **asked)["CiphertextBlob"]
        assert kms("Decrypt", CiphertextBlob=blob, **asked)["Plaintext"] == b"hello"

    def test_after_a_rotation(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A rotation gives all related keys the new material, and a new replica has the old ones as well."""
        old = kms("Encrypt", KeyId=key_id, Plaintext=b"old")["CiphertextBlob"]
        share(kms, key_id, materials=(*kms.record(Key, key_id).materials, generation(1)))
        assert there.metadata(key_id)["CurrentKeyMaterialId"] == generation(1).id
        new = there("Encrypt", KeyId=key_id, Plaintext=b"new")["CiphertextBlob"]
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD)
        for caller in (kms, there, kms.by(region=THIRD)):
            assert caller("Decrypt", CiphertextBlob=old)["Plaintext"] == b"old"
            opened = caller("Decrypt", CiphertextBlob=new)
            assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"new", generation(1).id)


class TestRotation:
    """Automatic rotation is set on the primary key, and shared."""

    def test_of_a_primary_key(self, kms: Kms, there: Kms, key_id: str) -> None:
        """A setting of the primary key holds for its replicas, new ones included, until it changes."""
        kms("EnableKeyRotation", KeyId=key_id, RotationPeriodInDays=180)
        kms("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD)
        status = kms("GetKeyRotationStatus", KeyId=key_id)
        assert status["RotationPeriodInDays"] == 180
        for caller in (there, kms.by(region=THIRD)):
            own = {"KeyId": caller("GetKeyRotationStatus", KeyId=key_id)["KeyId"]}
            assert caller("GetKeyRotationStatus", KeyId=key_id) == status | own
        kms("DisableKeyRotation", KeyId=key_id)
        assert there("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"] is False

    @pytest.mark.parametrize("operation", ["EnableKeyRotation", "DisableKeyRotation"])
    def test_not_on_a_replica(self, there: Kms, key_id: str, operation: str) -> None:
        """On a replica it cannot be set (recorded)."""
        assert there.refusal(operation, KeyId=key_id) == (
            "UnsupportedOperationException",
            f"{there.arn(key_id)} is a multi-region replica key which is not valid for {operation}.",
        )


class TestImportedMaterial:
    """Related keys with imported material have the same one, which their owner imports in each Region.

    https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-import.html
    """

    @pytest.fixture
    def imported(self, kms: Kms) -> str:
        """Return a primary key whose material was imported."""
        key_id = kms.create_key(MultiRegion=True)
        kms.change(Key, key_id, origin=Origin.EXTERNAL, materials=(generation(1, expires_at=NOW + DAY),))
        return key_id

    def test_a_replica_has_none(self, kms: Kms, there: Kms, imported: str) -> None:
        """A replica knows which material its primary key has, and has it not itself; nor does it expire."""
        kms("ReplicateKey", KeyId=imported, ReplicaRegion=ELSEWHERE)
        assert record(there, imported).origin is Origin.EXTERNAL
        assert record(there, imported).materials == (generation(1, secret=None),)
        assert record(kms, imported).materials == (generation(1, expires_at=NOW + DAY),)

    def test_new_material(self, kms: Kms, there: Kms, imported: str) -> None:
        """Of new material in the primary key the replicas know; what was imported into them stays theirs."""
        kms("ReplicateKey", KeyId=imported, ReplicaRegion=ELSEWHERE)
        own = generation(1, expires_at=NOW + 2 * DAY)
        kms.put(evolve(record(there, imported), materials=(own,)))
        share(kms, imported, pending_material=generation(2))
        assert record(there, imported).materials == (own,)
        assert record(there, imported).pending_material == generation(2, secret=None)
        rotated = generation(2, rotated_at=NOW, rotation_type="ON_DEMAND")
        share(kms, imported, materials=(generation(1), rotated), pending_material=None)
        assert record(there, imported).materials == (
            own,
            generation(2, secret=None, rotated_at=NOW, rotation_type="ON_DEMAND"),
        )
        assert record(there, imported).pending_material is None


class TestUpdatingThePrimaryRegion:
    """UpdatePrimaryRegion. https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-update.html."""

    def test_the_roles_change(self, kms: Kms, there: Kms) -> None:
        """The replica becomes the primary key, and the primary key a replica; all related keys know it."""
        key_id = replicated(kms, ELSEWHERE, THIRD)
        assert kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE) is None
        replicas = [THIRD, REGION]
        assert configuration(kms, key_id) == ("REPLICA", ELSEWHERE, replicas)
        assert configuration(there, key_id) == ("PRIMARY", ELSEWHERE, replicas)
        assert configuration(kms.by(region=THIRD), key_id) == ("REPLICA", ELSEWHERE, replicas)
        assert kms.state(key_id) == there.state(key_id) == "Enabled"

    def test_what_each_may_do_then(self, kms: Kms, there: Kms, key_id: str) -> None:
        """The new primary key can be replicated and its rotation set; the former one can be deleted by itself."""
        blob = kms("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
        kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)
        assert kms.refusal("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD).code == "UnsupportedOperationException"
        there("ReplicateKey", KeyId=key_id, ReplicaRegion=THIRD)
        there("EnableKeyRotation", KeyId=key_id)
        assert kms("GetKeyRotationStatus", KeyId=key_id)["KeyRotationEnabled"] is True
        assert kms("ScheduleKeyDeletion", KeyId=key_id)["KeyState"] == "PendingDeletion"
        assert there("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"hello"

    def test_there_and_back(self, kms: Kms, there: Kms, key_id: str) -> None:
        """The roles can change again."""
        kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)
        there("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=REGION)
        assert configuration(there, key_id) == ("REPLICA", REGION, [ELSEWHERE])

    def test_asked_of_a_replica(self, there: Kms, key_id: str) -> None:
        """The key that is named must be the primary key (recorded)."""
        refusal = there.refusal("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)
        assert refusal == ("KMSInvalidStateException", f"{there.arn(key_id)} is not a multi-Region primary key.")

    def test_without_a_replica(self, kms: Kms, key_id: str) -> None:
        """There must be a replica in the new primary Region (recorded); none is created."""
        assert kms.refusal("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=THIRD) == (
            "ValidationException",
            f"{key_id} does not have a replica key in the specified Region.",
        )

    def test_to_where_it_is(self, kms: Kms, key_id: str) -> None:
        """UpdatePrimaryRegion to the present primary Region changes nothing (recorded)."""
        before = kms.record(Key, key_id)
        assert kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=REGION) is None
        assert kms.record(Key, key_id) == before

    @pytest.mark.parametrize(
        ("operation", "expected"),
        [
            ("DisableKey", Refusal("DisabledException", "{arn} is disabled.")),
            ("ScheduleKeyDeletion", Refusal("KMSInvalidStateException", "{arn} is pending deletion.")),
        ],
    )
    def test_both_must_be_enabled(self, kms: Kms, there: Kms, operation: str, expected: Refusal) -> None:
        """The replica must be enabled, as the primary key must."""
        key_id = replicated(kms)
        there(operation, KeyId=key_id)
        refusal = kms.refusal("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)
        assert refusal == (expected.code, expected.message.format(arn=there.arn(key_id)))
        kms("DisableKey", KeyId=key_id)
        refusal = kms.refusal("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)
        assert refusal == ("DisabledException", f"{kms.arn(key_id)} is disabled.")


class TestTransientStates:
    """Creating and Updating, if they take time."""

    def test_creating(self) -> None:
        """A new replica is Creating until it is Enabled, which takes a minute or so; the primary stays as it is."""
        kms = Kms(timing=REALISTIC)
        there = kms.by(region=ELSEWHERE)
        key_id = replicated(kms)
        assert (kms.state(key_id), there.state(key_id)) == ("Enabled", "Creating")
        assert there.metadata(key_id)["Enabled"] is False
        kms.clock.advance(REALISTIC.replicate - 1)
        assert there.state(key_id) == "Creating"
        assert "CurrentKeyMaterialId" not in there.metadata(key_id)
        kms.clock.advance(1)
        assert (there.state(key_id), there.metadata(key_id)["Enabled"]) == ("Enabled", True)
        assert there.metadata(key_id)["CurrentKeyMaterialId"] == kms.metadata(key_id)["CurrentKeyMaterialId"]

    def test_updating(self) -> None:
        """The former and the new primary key are Updating for some seconds, other replicas are not."""
        kms = Kms(timing=Timing(update_primary_region=10.0))
        key_id = replicated(kms, ELSEWHERE, THIRD)
        kms("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=ELSEWHERE)

        def states() -> list[str]:
            return [kms.by(region=region).state(key_id) for region in (REGION, ELSEWHERE, THIRD)]

        assert states() == ["Updating", "Updating", "Enabled"]
        kms.clock.advance(9)
        assert states() == ["Updating", "Updating", "Enabled"]
        kms.clock.advance(1)
        assert states() == ["Enabled", "Enabled", "Enabled"]

    def test_deleting_what_is_being_created(self) -> None:
        """A replica may be deleted while it is Creating, and kept after all."""
        kms = Kms(timing=MINUTE)
        there = kms.by(region=ELSEWHERE)
        key_id = replicated(kms)
        there("ScheduleKeyDeletion", KeyId=key_id)
        assert there.state(key_id) == "PendingDeletion"
        there("CancelKeyDeletion", KeyId=key_id)
        assert there.state(key_id) == "Creating"
        kms.clock.advance(60)
        assert there.state(key_id) == "Disabled"


# The guide's table for the states that only multi-Region keys have; `-` is an operation on primary keys, of which none
# is ever Creating. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
#                                     Creating Updating PendingReplicaDeletion
EXPECTED = {
    "CancelKeyDeletion": "               4        4               ok",
    "CreateAlias": "                    ok       ok                3",
    "CreateGrant": "                    14       ok                3",
    "Decrypt": "                        14       ok                3",
    "DescribeKey": "                    ok       ok               ok",
    "DisableKey": "                     14       15                3",
    "DisableKeyRotation": "             14       ok                3",
    "EnableKey": "                      14       15                3",
    "EnableKeyRotation": "              14       ok                3",
    "Encrypt": "                        14       ok                3",
    "GenerateDataKey": "                14       ok                3",
    "GenerateDataKeyWithoutPlaintext": "14       ok                3",
    "GetKeyPolicy": "                   ok       ok               ok",
    "GetKeyRotationStatus": "           ok       ok               ok",
    "ListAliases": "                    ok       ok               ok",
    "ListGrants": "                     ok       ok               ok",
    "ListKeyPolicies": "                ok       ok               ok",
    "ListResourceTags": "               ok       ok               ok",
    "PutKeyPolicy": "                   ok       ok               ok",
    "ReEncrypt": "                      14       ok                3",
    "ReplicateKey": "                    -       15                3",
    "ScheduleKeyDeletion": "            ok       15                3",
    "TagResource": "                    ok       ok                3",
    "UntagResource": "                  ok       ok                3",
    "UpdateAlias": "                    ok       ok                3",
    "UpdateKeyDescription": "           ok       ok                3",
    "UpdatePrimaryRegion": "             -       ok                3",
}
STATES = ("Creating", "Updating", "PendingReplicaDeletion")
SENTENCES = {
    "3": "{arn} is pending replica deletion.",
    "4": "{arn} is not pending deletion.",
    "14": "{arn} is creating.",
    "15": "{arn} is updating.",
}
MEMBERS = {"ReplicateKey": {"ReplicaRegion": THIRD}, "UpdatePrimaryRegion": {"PrimaryRegion": ELSEWHERE}}
CELLS = [
    (operation, state, cell)
    for operation, cells in EXPECTED.items()
    for state, cell in zip(STATES, cells.split(), strict=True)
    if cell != "-"
]


def brought_to(kms: Kms, state: str) -> str:
    """Create a key in *state*, which is related to one in the other Region that can be used."""
    if state == "PendingReplicaDeletion":
        key_id = replicated(kms)
        kms.clock.advance(60)
        kms("ScheduleKeyDeletion", KeyId=key_id)
    else:
        there = kms.by(region=ELSEWHERE)
        key_id = replicated(there, REGION)
        if state == "Updating":
            kms.clock.advance(60)
            there("UpdatePrimaryRegion", KeyId=key_id, PrimaryRegion=REGION)
    assert kms.state(key_id) == state
    return key_id


@pytest.mark.parametrize(("operation", "state", "cell"), CELLS)
def test_the_table(operation: str, state: str, cell: str) -> None:
    """An operation on a key in one of these states works, or fails with the words of the table's footnote."""
    kms = Kms(timing=MINUTE)
    other = kms.create_key()
    kms("CreateAlias", AliasName="alias/others", TargetKeyId=other)
    key_id = brought_to(kms, state)
    blob = kms.by(region=ELSEWHERE)("Encrypt", KeyId=key_id, Plaintext=b"hello")["CiphertextBlob"]
    made = {"CiphertextBlob": blob, "GrantId": ""}
    document = request_for(operation, key_id, other, made) | MEMBERS.get(operation, {})
    if cell == "ok":
        kms(operation, **document)
    else:
        sentence = SENTENCES[cell].format(arn=kms.arn(key_id))
        assert kms.refusal(operation, **document) == ("KMSInvalidStateException", sentence)
