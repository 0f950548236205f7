"""The shortest story that ends with each error sentence of KMS."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.clock import DAY
from mockaws.records.cloudhsm import ClusterState
from mockaws.records.world import Limits, Timing
from tests.samples import ACCOUNT, BROKEN, CLUSTER, NOW, REGION, SUBNET_A, ZONE_A, being, cluster, fault, hsm
from tests.unit.services.kms.calling import PASSWORD, TRUST_ANCHOR, Kms, Refusal, key_record, ready, store_record
from tests.unit.services.kms.importing import FIRST, NEW, SECOND, THIRD, external_key, import_material, request
from tests.wire import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
RESTORED = "cluster-bbbbbbbbbbb"
POLICY = '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}'
EXCUSED: dict[str, str] = {}


def on_key(operation: str, *before: str, **document: Any) -> Refusal:
    """Call an operation on a key to which *before* was done."""
    kms = Kms()
    key_id = kms.create_key()
    for step in before:
        kms(step, KeyId=key_id)
    return kms.refusal(operation, KeyId=key_id, **document)


def failing(error: str) -> Refusal:
    """Encrypt in a world with a fault."""
    kms = Kms()
    key_id = kms.create_key()
    kms.world.faults.add(fault(operation="kms:Encrypt", error=error))
    with pytest.raises(RefusedError) as refused:
        kms("Encrypt", KeyId=key_id, Plaintext=b"x")
    return Refusal(refused.value.code, refused.value.message)


def with_key(spec: str, operation: str, usage: str | None = None, **document: Any) -> Refusal:
    """Call an operation on a key of a spec."""
    kms = Kms()
    return kms.refusal(operation, KeyId=kms.key_of(spec, usage), **document)


def create_key(**document: Any) -> Refusal:
    """Create a key."""
    return Kms().refusal("CreateKey", **document)


def create_store(*records: Any, cluster_changes: dict[str, Any] | None = None, **changes: Any) -> Refusal:
    """Create a store, beside *records*, on the ready cluster with *cluster_changes*."""
    return _create_store(Kms(*ready(**cluster_changes or {}), *records), **changes)


def _create_store(kms: Kms, **changes: Any) -> Refusal:
    document = {
        "CustomKeyStoreName": "ExampleKeyStore",
        "CloudHsmClusterId": CLUSTER,
        "TrustAnchorCertificate": TRUST_ANCHOR,
        "KeyStorePassword": PASSWORD,
    }
    return kms.refusal("CreateCustomKeyStore", **document | changes)


def in_store(*, connected: bool = True, lost: bool = False, **document: Any) -> Refusal:
    """Create a key in a store."""
    kms = Kms()
    store_id = kms.connected_store() if connected else kms.create_store()
    if lost:
        kms.change_cluster(security_group_outages=BROKEN)
    return kms.refusal("CreateKey", **{"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store_id} | document)


def in_changing_cluster() -> Refusal:
    """Create a key in a store whose cluster changes its HSM type."""
    kms = Kms()
    store_id = kms.connected_store()
    kms.change_cluster(changes=being(ClusterState.MODIFY_IN_PROGRESS))
    return kms.failure("CreateKey", Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)


def without_sessions() -> Refusal:
    """Use a key in a store while other clients have all sessions of the HSMs."""
    kms = Kms()
    key_id = kms.key_in_store(kms.connected_store())
    kms.change_cluster(session_shortages=BROKEN)
    return kms.failure("Encrypt", KeyId=key_id, Plaintext=b"hello")


def with_key_in_store(operation: str, *, disconnected: bool = False, lost: bool = False, **document: Any) -> Refusal:
    """Call an operation on a key in a store."""
    kms = Kms()
    store_id = kms.connected_store()
    key_id = kms.key_in_store(store_id)
    if disconnected:
        kms("DisconnectCustomKeyStore", CustomKeyStoreId=store_id)
    if lost:
        kms.change_cluster(hsms=())
    return kms.refusal(operation, KeyId=key_id, **document)


def update_store(**changes: Any) -> Refusal:
    """Change a store, beside which there is an unrelated cluster."""
    kms = Kms()
    kms.put(cluster(RESTORED, cluster_certificate="another certificate"))
    return kms.refusal("UpdateCustomKeyStore", CustomKeyStoreId=kms.create_store(), **changes)


def delete_store_with_key() -> Refusal:
    """Delete a store with a key."""
    kms = Kms()
    store_id = kms.connected_store()
    kms.key_in_store(store_id)
    return kms.refusal("DeleteCustomKeyStore", CustomKeyStoreId=store_id)


def alias(operation: str, name: str, *existing: str, target: str | None = None, **config: Any) -> Refusal:
    """Call an operation on an alias, beside *existing* ones of the same key."""
    kms = Kms(**config)
    key_id = kms.create_key()
    for other in existing:
        kms("CreateAlias", AliasName=other, TargetKeyId=key_id)
    document = {} if operation == "DeleteAlias" else {"TargetKeyId": target or key_id}
    return kms.refusal(operation, AliasName=name, **document)


def alias_to_another_kind() -> Refusal:
    """Move an alias from a symmetric key to an HMAC key."""
    kms = Kms(key_record(KEY, spec="HMAC_256", usage="GENERATE_VERIFY_MAC"))
    kms("CreateAlias", AliasName="alias/example", TargetKeyId=kms.create_key())
    return kms.refusal("UpdateAlias", AliasName="alias/example", TargetKeyId=KEY)


def create_grant(*, limits: Limits | None = None, key: dict[str, Any] | None = None, **document: Any) -> Refusal:
    """Create a grant on a key, which has *key* as its fields."""
    kms = Kms(key_record(KEY, **key or {}), limits=limits or Limits())
    permitted = {"GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/Application", "Operations": ["Decrypt"]}
    return kms.refusal("CreateGrant", KeyId=KEY, **permitted | document)


def to_service(**document: Any) -> Refusal:
    """Create a grant for a service principal."""
    return create_grant(GranteePrincipal=None, GranteeServicePrincipal="dynamodb.amazonaws.com", **document)


def decrypt(*, wrong_key: bool = False, in_other_region: bool = False, **document: Any) -> Refusal:
    """Decrypt a ciphertext."""
    kms = Kms()
    blob = kms("Encrypt", KeyId=kms.create_key(), Plaintext=b"hello")["CiphertextBlob"]
    extra = {"KeyId": kms.create_key()} if wrong_key else {}
    caller = kms.by(region="us-east-1") if in_other_region else kms
    return caller.refusal("Decrypt", **{"CiphertextBlob": blob} | extra | document)


def for_recipient(**recipient: Any) -> Refusal:
    """Ask for random bytes that are sealed for a recipient."""
    return Kms().refusal("GenerateRandom", NumberOfBytes=32, Recipient=recipient)


def as_somebody_else() -> Refusal:
    """Describe a key of another account."""
    kms = Kms()
    return kms.by(account="444455556666").refusal("DescribeKey", KeyId=kms.arn(kms.create_key()))


def on_aws_managed_key() -> Refusal:
    """Disable an AWS managed key."""
    kms = Kms()
    return kms.refusal("DisableKey", KeyId=kms.metadata("alias/aws/s3")["KeyId"])


def one_key_too_many() -> Refusal:
    """Create more keys than the quota has."""
    kms = Kms(limits=Limits(keys=1))
    kms.create_key()
    return kms.refusal("CreateKey")


def on_replica(operation: str, *, creating: float = 0.0, **document: Any) -> Refusal:
    """Call an operation on a new replica key, which is Creating for so many seconds."""
    kms = Kms(timing=Timing(replicate=creating))
    key_id = kms.create_key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    return kms.by(region="eu-west-1").refusal(operation, KeyId=key_id, **document)


def on_primary(operation: str, *before: str, **document: Any) -> Refusal:
    """Call an operation on a primary key with a replica in eu-west-1, to which *before* was done."""
    kms = Kms(timing=Timing(update_primary_region=60.0))
    key_id = kms.create_key(MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    for step in before:
        kms(step, KeyId=key_id, **({"PrimaryRegion": "eu-west-1"} if step == "UpdatePrimaryRegion" else {}))
    return kms.refusal(operation, KeyId=key_id, **document)


def rotate_on_demand(*before: str, advance: float = 0.0, **config: Any) -> Refusal:
    """Rotate a key to which *before* was done."""
    kms = Kms(**config)
    key_id = kms.create_key()
    for step in before:
        kms(step, KeyId=key_id)
    kms.clock.advance(advance)
    return kms.refusal("RotateKeyOnDemand", KeyId=key_id)


def rotate_hmac_key() -> Refusal:
    """Rotate an HMAC key."""
    kms = Kms()
    return kms.refusal("RotateKeyOnDemand", KeyId=kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"))


def on_external_key(operation: str, *materials: bytes, **document: Any) -> Refusal:
    """Call an operation on a key into which *materials* were imported."""
    kms = Kms()
    return kms.refusal(operation, KeyId=external_key(kms, *materials), **document)


def rotate_where_material_is_missing() -> Refusal:
    """Rotate a key to material that its replica does not have."""
    kms = Kms()
    key_id = external_key(kms, FIRST, MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    import_material(kms, key_id, SECOND, **NEW)
    return kms.refusal("RotateKeyOnDemand", KeyId=key_id)


def import_into_replica(**document: str) -> Refusal:
    """Import material into a replica."""
    kms = Kms()
    key_id = external_key(kms, FIRST, MultiRegion=True)
    kms("ReplicateKey", KeyId=key_id, ReplicaRegion="eu-west-1")
    replica = kms.by(region="eu-west-1")
    return replica.refusal("ImportKeyMaterial", **request(replica, key_id, FIRST, **document))


def import_refused(
    *materials: bytes, advance: float = 0.0, spec: str = "SYMMETRIC_DEFAULT", changes: dict[str, Any] | None = None
) -> Refusal:
    """Import the last of *materials* as new, after the others, with *changes* of the request."""
    kms = Kms()
    usage = {"KeyUsage": "GENERATE_VERIFY_MAC"} if spec.startswith("HMAC") else {}
    *before, last = materials
    key_id = external_key(kms, *before[:1], KeySpec=spec, **usage)
    for material in before[1:]:
        import_material(kms, key_id, material, **NEW)
    document = request(kms, key_id, last, **NEW if before else {})
    kms.clock.advance(advance)
    changed = document | (changes or {})
    return kms.refusal("ImportKeyMaterial", **{name: value for name, value in changed.items() if value is not None})


PROVOCATIONS: dict[str, Callable[[], Refusal]] = {
    "KeyNotFound": lambda: Kms().refusal("DescribeKey", KeyId=KEY),
    "InvalidKeyId": lambda: Kms().refusal("DescribeKey", KeyId="fake-key-id"),
    "InvalidKeyIdInArn": lambda: Kms().refusal("DescribeKey", KeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:key/fake-key-id"),
    "OtherRegion": lambda: Kms().refusal("DescribeKey", KeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{KEY}"),
    "AliasNotFound": lambda: Kms().refusal("DescribeKey", KeyId="alias/missing"),
    "AliasNotSupported": lambda: Kms().refusal("DisableKey", KeyId="alias/missing"),
    "InvalidArn": lambda: Kms().refusal("DescribeKey", KeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:grant/x"),
    "NotAuthorized": on_aws_managed_key,
    "NotAuthorizedElsewhere": as_somebody_else,
    "Disabled": lambda: on_key("EnableKeyRotation", "DisableKey"),
    "PendingDeletion": lambda: on_key("DisableKey", "ScheduleKeyDeletion"),
    "PendingImport": lambda: on_external_key("Encrypt", Plaintext=b"hello"),
    "NotPendingDeletion": lambda: on_key("CancelKeyDeletion"),
    "PendingReplicaDeletion": lambda: on_primary("DisableKey", "ScheduleKeyDeletion"),
    "Creating": lambda: on_replica("DisableKey", creating=60.0),
    "Updating": lambda: on_primary("DisableKey", "UpdatePrimaryRegion"),
    "Unavailable": lambda: with_key_in_store("GenerateDataKey", disconnected=True, KeySpec="AES_256"),
    "OriginNotValid": lambda: with_key_in_store("EnableKeyRotation"),
    "TwoKeySpecs": lambda: create_key(KeySpec="RSA_2048", CustomerMasterKeySpec="RSA_4096"),
    "UsageNotOfSpec": lambda: create_key(KeyUsage="SIGN_VERIFY"),
    "UsageMissing": lambda: create_key(KeySpec="RSA_2048"),
    "SpecNotThere": lambda: create_key(KeySpec="SM2", KeyUsage="SIGN_VERIFY"),
    "OriginNotThere": lambda: in_store(Origin="EXTERNAL_KEY_STORE", XksKeyId="external"),
    "StoreNeedsOrigin": lambda: create_key(CustomKeyStoreId="cks-1234567890abcdef0"),
    "OriginNeedsStore": lambda: create_key(Origin="AWS_CLOUDHSM"),
    "XksKeyIdNotValid": lambda: create_key(XksKeyId="external"),
    "OnlySymmetricInStore": lambda: in_store(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
    "NoMultiRegionInStore": lambda: in_store(MultiRegion=True),
    "TooManyKeys": one_key_too_many,
    "WindowNotValid": lambda: on_key("ScheduleKeyDeletion", PendingWindowInDays=6),
    "CustomKeyStoreNotFound": lambda: Kms().refusal("ConnectCustomKeyStore", CustomKeyStoreId="cks-0"),
    "CustomKeyStoreNameInUse": lambda: create_store(store_record("cks-0", name="ExampleKeyStore")),
    "CustomKeyStoreHasKeys": delete_store_with_key,
    "CustomKeyStoreInvalidState": lambda: in_store(connected=False),
    "TooManyCustomKeyStores": lambda: create_store(*(store_record(f"cks-{n}") for n in range(10))),
    "IdOrNameNotBoth": lambda: Kms().refusal(
        "DescribeCustomKeyStores", CustomKeyStoreId="cks-0", CustomKeyStoreName="x"
    ),
    "CloudHsmParametersMissing": lambda: Kms().refusal("CreateCustomKeyStore", CustomKeyStoreName="x"),
    "XksParametersNotValid": lambda: create_store(XksProxyUriPath="/kms/xks/v1"),
    "ExternalKeyStoreNotThere": lambda: create_store(CustomKeyStoreType="EXTERNAL_KEY_STORE"),
    "NothingToUpdate": update_store,
    "ClusterNotFound": lambda: create_store(CloudHsmClusterId=RESTORED),
    "ClusterNotActive": lambda: create_store(cluster_changes={"changes": being(ClusterState.UNINITIALIZED)}),
    "ClusterInUse": lambda: create_store(store_record("cks-0", cluster_id=CLUSTER)),
    "ClusterNotRelated": lambda: update_store(CloudHsmClusterId=RESTORED),
    "HsmsNotInTwoZones": lambda: create_store(cluster_changes={"hsms": (hsm(), replace(hsm(), id="hsm-2222"))}),
    "SubnetsNotInTwoZones": lambda: create_store(cluster_changes={"subnets": {ZONE_A: SUBNET_A}}),
    "SecurityGroupMissing": lambda: create_store(cluster_changes={"security_group_outages": BROKEN}),
    "IncorrectTrustAnchor": lambda: create_store(TrustAnchorCertificate="another certificate"),
    "ClusterDoesNotAnswer": lambda: with_key_in_store("Encrypt", lost=True, Plaintext=b"hello"),
    "ClusterChangesType": in_changing_cluster,
    "NoSessions": without_sessions,
    "StoreDoesNotAnswer": lambda: in_store(lost=True),
    "AliasPrefixMissing": lambda: alias("CreateAlias", "example"),
    "AliasCharacters": lambda: alias("CreateAlias", "alias/a:b"),
    "AliasReserved": lambda: alias("DeleteAlias", "alias/aws/s3"),
    "AliasExists": lambda: alias("CreateAlias", "alias/a", "alias/a"),
    "AliasOfAlias": lambda: alias("CreateAlias", "alias/a", target="alias/b"),
    "AliasOfOtherAccount": lambda: alias(
        "CreateAlias", "alias/a", target=f"arn:aws:kms:{REGION}:444455556666:key/{KEY}"
    ),
    "AliasTypeDiffers": alias_to_another_kind,
    "TooManyAliases": lambda: alias("CreateAlias", "alias/b", "alias/a", limits=Limits(aliases_per_key=1)),
    "Lockout": lambda: create_key(Policy='{"Statement": []}'),
    "InvalidPrincipals": lambda: create_key(Policy=POLICY.replace('"*", "Action"', '{"AWS": "alice"}, "Action"')),
    "InvalidPolicyArn": lambda: create_key(
        Policy=POLICY.replace('"*", "Action"', '{"AWS": "arn:aws:s3:::x"}, "Action"')
    ),
    "MalformedPolicy": lambda: create_key(Policy="{}"),
    "PolicyTooLong": lambda: create_key(Policy=POLICY + " " * 32_768),
    "NoSuchPolicy": lambda: on_key("GetKeyPolicy", PolicyName="another"),
    "PolicyOfRam": lambda: on_key("PutKeyPolicy", PolicyName="AWS_RAM", Policy=POLICY),
    "GrantNotFound": lambda: on_key("RevokeGrant", GrantId="0" * 64),
    "InvalidGrantId": lambda: on_key("RevokeGrant", GrantId="grant"),
    "InvalidGrantToken": lambda: Kms().refusal("RetireGrant", GrantToken="token"),
    "GrantNotNamed": lambda: on_key("RetireGrant"),
    "PrincipalNotValid": lambda: create_grant(GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:group/Developers"),
    "PrincipalArnNotValid": lambda: create_grant(GranteePrincipal=f"arn:aws:sts::{ACCOUNT}:assumed-role/path/Role/me"),
    "MemberNotPrincipal": lambda: create_grant(GranteePrincipal="AROAEXAMPLE:session"),
    "InputNotPrincipal": lambda: on_key("ListGrants", GranteePrincipal="AROAEXAMPLE:session"),
    "RetireeNotFound": lambda: Kms().refusal("ListRetirableGrants", RetiringPrincipal="AROAEXAMPLE:session"),
    "GranteeNotOne": lambda: create_grant(GranteePrincipal=None),
    "RetireeNotOne": lambda: Kms().refusal("ListRetirableGrants"),
    "TwoGrantees": lambda: on_key("ListGrants", GranteePrincipal="a", GranteeServicePrincipal="a.b.c"),
    "TwoRetirees": lambda: create_grant(RetiringPrincipal="a", RetiringServicePrincipal="a.b.c"),
    "SourceArnMissing": lambda: to_service(RetiringServicePrincipal="dynamodb.amazonaws.com"),
    "RetireeMissing": lambda: to_service(Constraints={"SourceArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"}),
    "NotAService": lambda: on_key("ListGrants", GranteeServicePrincipal="dynamodb.amazonaws.com"),
    "GrantPermitsNothing": lambda: create_grant(Operations=[]),
    "OnlyCreateGrant": lambda: create_grant(Operations=["CreateGrant"]),
    "OperationsNotOfKey": lambda: create_grant(Operations=["Sign"]),
    "TwoContexts": lambda: create_grant(
        Constraints={"EncryptionContextEquals": {"a": "b"}, "EncryptionContextSubset": {"a": "b"}}
    ),
    "TooManyPairs": lambda: create_grant(Constraints={"EncryptionContextEquals": {str(n): "" for n in range(9)}}),
    "ConstraintTooLong": lambda: create_grant(Constraints={"EncryptionContextSubset": {"a": "b" * 385}}),
    "ContextNotOfKey": lambda: create_grant(
        key={"spec": "RSA_2048"}, Constraints={"EncryptionContextEquals": {"a": "b"}}
    ),
    "TooManyGrants": lambda: create_grant(limits=Limits(grants_per_key=0)),
    "TooManyTags": lambda: create_key(Tags=[{"TagKey": str(n), "TagValue": ""} for n in range(51)]),
    "DuplicateTagKeys": lambda: create_key(Tags=[{"TagKey": "a", "TagValue": ""}] * 2),
    "ReservedTagKey": lambda: create_key(Tags=[{"TagKey": "aws:a", "TagValue": ""}]),
    "InvalidCiphertext": lambda: decrypt(EncryptionContext={"a": "b"}),
    "IncorrectKey": lambda: decrypt(wrong_key=True),
    "CiphertextOfUnknownKey": lambda: decrypt(in_other_region=True),
    "CiphertextMissing": lambda: decrypt(CiphertextBlob=None),
    "UsageNotValid": lambda: Kms(key_record(KEY, usage="SIGN_VERIFY")).refusal("Encrypt", KeyId=KEY, Plaintext=b"x"),
    "KeyIdMissing": lambda: decrypt(EncryptionAlgorithm="RSAES_OAEP_SHA_1"),
    "AlgorithmNotOfSpec": lambda: on_key("Encrypt", Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_1"),
    "PlaintextTooLong": lambda: with_key(
        "RSA_2048", "Encrypt", Plaintext=bytes(191), EncryptionAlgorithm="RSAES_OAEP_SHA_256"
    ),
    "ContextNotValid": lambda: with_key(
        "RSA_2048",
        "Encrypt",
        Plaintext=b"x",
        EncryptionAlgorithm="RSAES_OAEP_SHA_256",
        EncryptionContext={"a": "b"},
    ),
    "DigestLength": lambda: with_key(
        "ECC_NIST_P256", "Sign", Message=b"x", MessageType="DIGEST", SigningAlgorithm="ECDSA_SHA_256"
    ),
    "MuLength": lambda: with_key(
        "ML_DSA_44", "Sign", Message=b"x", MessageType="EXTERNAL_MU", SigningAlgorithm="ML_DSA_SHAKE_256"
    ),
    "MessageTypeNotOfAlgorithm": lambda: with_key(
        "ECC_NIST_EDWARDS25519", "Sign", Message=b"x", MessageType="RAW", SigningAlgorithm="ED25519_PH_SHA_512"
    ),
    "MessageTypeNotOfSpec": lambda: with_key(
        "ML_DSA_44", "Sign", Message=b"x", MessageType="DIGEST", SigningAlgorithm="ML_DSA_SHAKE_256"
    ),
    "InvalidSignature": lambda: with_key(
        "ECC_NIST_P256", "Verify", Message=b"x", Signature=b"x", SigningAlgorithm="ECDSA_SHA_256"
    ),
    "InvalidMac": lambda: with_key("HMAC_256", "VerifyMac", Message=b"x", Mac=b"x", MacAlgorithm="HMAC_SHA_256"),
    "PublicKeyNotValid": lambda: with_key(
        "ECC_NIST_P256", "DeriveSharedSecret", "KEY_AGREEMENT", KeyAgreementAlgorithm="ECDH", PublicKey=b"x"
    ),
    "NoPublicKey": lambda: on_key("GetPublicKey"),
    "DataKeyUnderAsymmetricKey": lambda: with_key("RSA_2048", "GenerateDataKey", "ENCRYPT_DECRYPT", KeySpec="AES_256"),
    "DataKeyPairUnderAsymmetricKey": lambda: with_key(
        "RSA_2048", "GenerateDataKeyPair", "ENCRYPT_DECRYPT", KeyPairSpec="RSA_2048"
    ),
    "BytesOrSpec": lambda: on_key("GenerateDataKey"),
    "NumberOfBytesMissing": lambda: Kms().refusal("GenerateRandom"),
    "DryRun": lambda: decrypt(DryRun=True),
    "RecipientIncomplete": lambda: for_recipient(KeyEncryptionAlgorithm="RSAES_OAEP_SHA_256"),
    "AttestationNotValid": lambda: for_recipient(
        KeyEncryptionAlgorithm="RSAES_OAEP_SHA_256", AttestationDocument=b"document"
    ),
    "NotPrimary": lambda: on_key("ReplicateKey", ReplicaRegion="eu-west-1"),
    "ReplicaExists": lambda: on_primary("ReplicateKey", ReplicaRegion="eu-west-1"),
    "OtherPartition": lambda: on_primary("ReplicateKey", ReplicaRegion="cn-north-1"),
    "RegionOfPrimary": lambda: on_primary("ReplicateKey", ReplicaRegion=REGION),
    "RegionNotThere": lambda: on_primary("ReplicateKey", ReplicaRegion="us-invalid-1"),
    "NotPrimaryToReplace": lambda: on_key("UpdatePrimaryRegion", PrimaryRegion="eu-west-1"),
    "NoReplicaInRegion": lambda: on_primary("UpdatePrimaryRegion", PrimaryRegion="us-east-2"),
    "ReplicaNotValid": lambda: on_replica("EnableKeyRotation"),
    "NotRotatable": rotate_hmac_key,
    "AutomaticRotationIsNear": lambda: rotate_on_demand("EnableKeyRotation", advance=365 * DAY - 1),
    "NoMaterialPendingRotation": lambda: on_external_key("RotateKeyOnDemand", FIRST),
    "MaterialNotInEveryRegion": rotate_where_material_is_missing,
    "MaterialsOnlyOfSymmetric": lambda: with_key("HMAC_256", "ListKeyRotations", IncludeKeyMaterial="ALL_KEY_MATERIAL"),
    "TooManyOnDemandRotations": lambda: rotate_on_demand(limits=Limits(on_demand_rotations_per_key=0)),
    "NoImportForSpec": lambda: create_key(Origin="EXTERNAL", KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY"),
    "WrappingNotValid": lambda: on_external_key(
        "GetParametersForImport", WrappingAlgorithm="RSAES_PKCS1_V1_5", WrappingKeySpec="RSA_2048"
    ),
    "ValidToMissing": lambda: import_refused(FIRST, changes={"ExpirationModel": None}),
    "ValidToNotExpected": lambda: import_refused(FIRST, changes={"ValidTo": NOW + 60}),
    "ValidToPast": lambda: import_refused(FIRST, changes={"ExpirationModel": None, "ValidTo": NOW}),
    "ValidToFar": lambda: import_refused(FIRST, changes={"ExpirationModel": None, "ValidTo": NOW + 366 * DAY}),
    "InvalidImportToken": lambda: import_refused(FIRST, changes={"ImportToken": b"token"}),
    "ExpiredImportToken": lambda: import_refused(FIRST, advance=DAY),
    "WrappedLength": lambda: import_refused(FIRST, changes={"EncryptedKeyMaterial": b"wrapped"}),
    "NoMaterialBefore": lambda: import_refused(FIRST, changes={"ImportType": "EXISTING_KEY_MATERIAL"}),
    "OtherMaterialExpected": lambda: import_refused(FIRST, SECOND, changes={"ImportType": None}),
    "MaterialNotNew": lambda: import_refused(FIRST, FIRST),
    "OnlyOneMaterial": lambda: import_refused(FIRST, spec="HMAC_256", changes={"KeyMaterialDescription": "vault 7"}),
    "IdOfNewMaterial": lambda: import_refused(FIRST, SECOND, changes={"KeyMaterialId": "0" * 64}),
    "AnotherMaterialPending": lambda: import_refused(FIRST, SECOND, THIRD),
    "NewMaterialOnReplica": lambda: import_into_replica(ImportType="NEW_KEY_MATERIAL"),
    "DescriptionOnReplica": lambda: import_into_replica(KeyMaterialDescription="vault 7"),
    "MaterialNeverImported": lambda: on_external_key("DeleteImportedKeyMaterial", KeyMaterialId="0" * 64),
    "InvalidMarker": lambda: Kms().refusal("ListKeys", Marker="nonsense"),
    "DependencyTimeout": lambda: failing("DependencyTimeoutException"),
    "InternalFailure": lambda: failing("KMSInternalException"),
    "KeyUnavailable": lambda: failing("KeyUnavailableException"),
    "Throttled": lambda: failing("ThrottlingException"),
}
