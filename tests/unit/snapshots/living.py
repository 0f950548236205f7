"""Changes of a world before a snapshot: calls to AWS, commands of HSM operators, failures.

Each step takes two small numbers, which choose its objects. A refused step changes nothing and does not matter here;
an answer with a 5xx status does.
"""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockaws.clock import DAY, EARLIEST, LATEST, MINUTE, ClockError
from mockaws.fixtures import loader
from mockaws.fixtures.library import certificate
from mockaws.gateway.journey import Gateway
from mockaws.records.backups import Backup
from mockaws.records.cloudhsm import Cluster, Subnet
from mockaws.records.kms import CustomKeyStore, Grant, Key
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.services.hsm import clusters, lookup, outages, sessions, users
from mockaws.services.hsm.errors import HsmError
from mockaws.services.hsm.sessions import Credentials
from mockaws.worlds.world import World
from tests.inside import inside
from tests.samples import ACCOUNT, REGION, fault
from tests.wire import RefusedError, ask, signature
from tests.wrapping import wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockaws.records.base import Record
    from mockaws.records.world import Timing

    Step = Callable[["Life", int, int], None]

NOW = 1_800_000_000.125
OTHER = ("444455556666", "eu-central-1")
PLACES = ((ACCOUNT, REGION), (ACCOUNT, OTHER[1]), OTHER)
MESSAGE = base64.b64encode(b"hello").decode()
TEXTS = (
    "",
    "text",
    "1e5",
    "null",
    "0o17",
    "no: way # of",
    "ümläut \N{SNOWMAN}",
    "line\nline",
    " spaced ",
    "-",
    "'\"\\",
    "\0\x01\x1b\x7f",
    "\x85\xa0\u2028\u2029",
    "\ufeff",
    "\ufffe\uffff\ue000",
    "\U0001f600\U0010ffff",
    "\t\r\n",
    "\r",
    "\n x\n",
    "--- a\n...\n",
    "{a: *b}",
    "&a !!str",
    "2020-01-01",
    "x " * 60,
)
_ODD: tuple[Any, ...] = (None, [], {}, {"StringLike": 5}, 5)
_STATEMENT: dict[str, Any] = {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
POLICIES = (
    '{"Statement": []}',
    '\t\r\n{"Version": "2008-10-17", "Id": null, "Statement": [], "Statement": []} ',
    '{"Id": "\x85\xa0\xff", "Statement": []}',
    '{"Id": "\\ud800\\u0000", "Statement": []}',
    f'{{"Id": [NaN, 1e999, {"9" * 4000}], "Statement": []}}',
    f'{{"Id": {"[" * 63}{"]" * 63}, "Statement": []}}',
    f'{{"Id": {"[" * 900}{"]" * 900}, "Statement": []}}',
    json.dumps({"Statement": _STATEMENT}),
    *(
        json.dumps({"Statement": [{**_STATEMENT, member: value}]})
        for member in ("Sid", "Principal", "Action", "Resource", "Condition")
        for value in _ODD
    ),
)
SPECS = (
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
    ("HMAC_224", "GENERATE_VERIFY_MAC"),
    ("HMAC_512", "GENERATE_VERIFY_MAC"),
    ("ECC_NIST_P256", "SIGN_VERIFY"),
    ("ECC_NIST_P384", "KEY_AGREEMENT"),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY"),
    ("ML_DSA_44", "SIGN_VERIFY"),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
)
STEPS: list[Step] = []


def gateway() -> Gateway:
    """Return a gateway to all services."""
    return Gateway((kms.service, cloudhsmv2.service, sts.service))


GATEWAY = gateway()


class Life:
    """A world, and the ciphertexts that were made in it."""

    def __init__(self, fixture: str, timing: Timing) -> None:
        begun = loader.load(fixture, account=ACCOUNT, now=NOW)
        self.world = World.of(replace(begun, config=replace(begun.config, timing=timing)), id_seed="tests")
        self.world.clock.freeze(NOW)
        self.ciphertexts: list[tuple[str, str, str, str]] = []

    def ask(self, service: str, operation: str, place: tuple[str, str], **members: Any) -> dict[str, Any] | None:
        """Return what AWS answers, None where it refuses."""
        account, region = place
        signed = signature(service if service != "cloudhsmv2" else "cloudhsm", access_key_id=account, region=region)
        try:
            answer: dict[str, Any] = ask(GATEWAY, self.world, service, operation, members, authorization=signed)
        except RefusedError as refused:
            if refused.code == "InternalFailure":
                raise
            return None
        return answer

    def kms(self, operation: str, place: tuple[str, str] = PLACES[0], **members: Any) -> dict[str, Any] | None:
        """Return what KMS answers, None where it refuses."""
        return self.ask("kms", operation, place, **members)

    def of(self, kind: type[Record], number: int) -> Any:
        """Return one of the records of a kind, None where there are none."""
        found = sorted(
            (record for record in self.world.store.records() if isinstance(record, kind)),
            key=lambda record: (record.account, record.region, record.id),
        )
        return found[number % len(found)] if found else None

    def with_key(self, number: int, operation: str, **members: Any) -> dict[str, Any] | None:
        """Ask for something about a key."""
        key: Key | None = self.of(Key, number)
        return self.kms(operation, (key.account, key.region), KeyId=key.id, **members) if key is not None else None

    def with_cluster(self, number: int, operation: str, **members: Any) -> dict[str, Any] | None:
        """Ask for something about a cluster."""
        found: Cluster | None = self.of(Cluster, number)
        if found is None:
            return None
        return self.ask("cloudhsmv2", operation, (found.account, found.region), ClusterId=found.id, **members)

    def in_cluster(self, number: int, function: Callable[..., Any], *arguments: Any, **named: Any) -> None:
        """Do something in the HSMs of a cluster."""
        found: Cluster | None = self.of(Cluster, number)
        if found is not None:
            with suppress(HsmError):
                inside(
                    self.world,
                    lambda call: function(call, lookup.cluster(call, found.id), *arguments, **named),
                    account=found.account,
                    region=found.region,
                )


def lived(fixture: str, timing: Timing, steps: Sequence[tuple[Step, int, int]]) -> Life:
    """Return a world in which *steps* were taken."""
    life = Life(fixture, timing)
    for step, one, two in steps:
        step(life, one, two)
    return life


def step(function: Step) -> Step:
    """Add a step to those that can be taken."""
    STEPS.append(function)
    return function


# --- keys ----------------------------------------------------------------------------------------------------------
@step
def a_key(life: Life, one: int, two: int) -> None:
    """A client makes a key."""
    spec, usage = SPECS[one % len(SPECS)]
    tags = [{"TagKey": "key", "TagValue": TEXTS[two % len(TEXTS)]}]
    life.kms("CreateKey", PLACES[two % 3], KeySpec=spec, KeyUsage=usage, MultiRegion=two % 2 == 0, Tags=tags)


@step
def a_description(life: Life, one: int, two: int) -> None:
    """A client describes a key."""
    life.with_key(one, "UpdateKeyDescription", Description=TEXTS[two % len(TEXTS)])


@step
def an_alias(life: Life, one: int, two: int) -> None:
    """A client gives a key a name."""
    key = life.of(Key, one)
    if key is not None:
        for operation in ("CreateAlias", "UpdateAlias"):
            life.kms(operation, (key.account, key.region), AliasName=f"alias/{two}e{one}", TargetKeyId=key.id)


@step
def an_aws_key(life: Life, one: int, two: int) -> None:
    """A client uses a key that AWS manages."""
    life.kms("DescribeKey", PLACES[one % 3], KeyId=("alias/aws/s3", "alias/aws/ebs")[two % 2])


@step
def a_grant(life: Life, one: int, two: int) -> None:
    """A client lets another principal use a key."""
    principal = f"arn:aws:iam::{PLACES[two % 3][0]}:role/Application"
    constrained = ("EncryptionContextSubset", "EncryptionContextEquals")[one % 2]
    constraints = {constrained: {"null": "1e5", "b": TEXTS[two % len(TEXTS)]}} if two % 2 else {}
    life.with_key(
        one,
        "CreateGrant",
        GranteePrincipal=principal if two % 3 else "s3.amazonaws.com",
        RetiringPrincipal=principal if one % 3 else "s3.amazonaws.com",
        Operations=["Encrypt", "DescribeKey"][two % 2 :],
        Constraints=constraints,
        Name=f"grant-{two}",
    )


@step
def a_grant_less(life: Life, one: int, two: int) -> None:
    """A client takes a grant back."""
    grant = life.of(Grant, one)
    if grant is not None and two % 2:
        life.kms("RevokeGrant", (grant.account, grant.region), KeyId=grant.key_id, GrantId=grant.id)


@step
def a_policy(life: Life, one: int, two: int) -> None:
    """A client writes a key policy, on one line or on several."""
    account = life.of(Key, one).account if life.of(Key, one) is not None else ACCOUNT
    statement = (
        f'{{"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::{account}:root"}},'
        ' "Action": "kms:*", "Resource": "*"}'
    )
    break_ = "\n  " if two % 2 else " "
    policy = f'{{{break_}"Version": "2012-10-17",{break_}"Statement":{break_}[{statement}] }}'
    life.with_key(one, "PutKeyPolicy", Policy=policy)


@step
def an_odd_policy(life: Life, one: int, two: int) -> None:
    """A caller writes a key policy after which no principal may change it."""
    policy = POLICIES[(8 * one + two) % len(POLICIES)]
    life.with_key(one, "PutKeyPolicy", Policy=policy, BypassPolicyLockoutSafetyCheck=True)


@step
def a_ciphertext(life: Life, one: int, two: int) -> None:
    """A client encrypts with a key."""
    context = {"purpose": TEXTS[two % len(TEXTS)]}
    answer = life.with_key(one, "Encrypt", Plaintext=MESSAGE, EncryptionContext=context)
    if answer is not None:
        account, region = answer["KeyId"].split(":")[4], answer["KeyId"].split(":")[3]
        life.ciphertexts.append((account, region, answer["CiphertextBlob"], context["purpose"]))


@step
def a_signature(life: Life, one: int, two: int) -> None:
    """A client signs, or makes a MAC."""
    life.with_key(one, "Sign", Message=MESSAGE, SigningAlgorithm=("ECDSA_SHA_256", "ED25519_SHA_512")[two % 2])
    life.with_key(one, "GenerateMac", Message=MESSAGE, MacAlgorithm=("HMAC_SHA_224", "HMAC_SHA_512")[two % 2])


@step
def a_rotation(life: Life, one: int, two: int) -> None:
    """A client has a key rotated, now or periodically."""
    if two % 2:
        life.with_key(one, "EnableKeyRotation", RotationPeriodInDays=90 + two)
    else:
        life.with_key(one, "RotateKeyOnDemand")


@step
def off_and_on(life: Life, one: int, two: int) -> None:
    """A client disables or enables a key."""
    life.with_key(one, ("DisableKey", "EnableKey")[two % 2])


@step
def a_deletion(life: Life, one: int, two: int) -> None:
    """A client has a key deleted, or changes their mind."""
    if two % 3:
        life.with_key(one, "ScheduleKeyDeletion", PendingWindowInDays=7)
    else:
        life.with_key(one, "CancelKeyDeletion")


@step
def a_replica(life: Life, one: int, two: int) -> None:
    """A client replicates a key, or makes a replica the primary key."""
    for operation in ("ReplicateKey", "UpdatePrimaryRegion")[: 1 + two % 2]:
        members = {"ReplicaRegion" if operation == "ReplicateKey" else "PrimaryRegion": PLACES[1 + two % 2][1]}
        life.with_key(one, operation, **members)


@step
def imported_material(life: Life, one: int, two: int) -> None:
    """A client makes a key and imports its material, for good or until tomorrow, and may delete it again."""
    made = life.kms("CreateKey", PLACES[two % 3], Origin="EXTERNAL")
    if made is None:
        return
    named = {"KeyId": made["KeyMetadata"]["KeyId"]}
    algorithm = "RSAES_OAEP_SHA_256"
    token = life.kms(
        "GetParametersForImport",
        PLACES[two % 3],
        WrappingAlgorithm=algorithm,
        WrappingKeySpec="RSA_2048",
        **named,
    )
    if token is None:
        return
    material = wrapped(algorithm, base64.b64decode(token["PublicKey"]), bytes([one + 1]) * 32)
    expires = {"ValidTo": int(life.world.clock.now() + DAY)} if one % 2 else {}
    life.kms(
        "ImportKeyMaterial",
        PLACES[two % 3],
        ImportToken=token["ImportToken"],
        EncryptedKeyMaterial=base64.b64encode(material).decode(),
        ExpirationModel="KEY_MATERIAL_EXPIRES" if expires else "KEY_MATERIAL_DOES_NOT_EXPIRE",
        **expires,
        **named,
    )
    if one % 3 == 0:
        life.kms("DeleteImportedKeyMaterial", PLACES[two % 3], **named)


# --- key stores ----------------------------------------------------------------------------------------------------
@step
def a_store(life: Life, one: int, two: int) -> None:
    """A client makes a key store on a cluster, and may connect it and make a key."""
    cluster = life.of(Cluster, one)
    if cluster is not None:
        life.in_cluster(one, users.create, None, username="kmsuser", role="crypto-user", password="kmsPswd123")
        made = life.kms(
            "CreateCustomKeyStore",
            (cluster.account, cluster.region),
            CustomKeyStoreName=f"store {two}",
            CloudHsmClusterId=cluster.id,
            TrustAnchorCertificate=certificate(),
            KeyStorePassword=("kmsPswd123", "wrongPswd1")[two == 7],
        )
        if made is not None and two % 2:
            life.kms("ConnectCustomKeyStore", (cluster.account, cluster.region), **made)
            a_key_in_a_store(life, one, two)


@step
def connecting(life: Life, one: int, two: int) -> None:
    """A client connects a store, or disconnects it, or changes or deletes it."""
    store = life.of(CustomKeyStore, one)
    if store is not None:
        place = (store.account, store.region)
        if two % 4 == 3:
            life.kms("UpdateCustomKeyStore", place, CustomKeyStoreId=store.id, KeyStorePassword="kmsPswd123")
        cluster = life.of(Cluster, two)
        if two % 4 == 2 and cluster is not None:
            life.kms("UpdateCustomKeyStore", place, CustomKeyStoreId=store.id, CloudHsmClusterId=cluster.id)
        operations = ("ConnectCustomKeyStore", "ConnectCustomKeyStore", "DisconnectCustomKeyStore")
        life.kms(operations[two % 3], place, CustomKeyStoreId=store.id)
        if two == 7:
            keys = [key for key in life.world.store.records() if isinstance(key, Key) and one % 2]
            for key in keys:
                if key.custom_key_store_id == store.id and key.deletion_at is None:
                    life.kms("ScheduleKeyDeletion", place, KeyId=key.id, PendingWindowInDays=7)
            life.kms("DeleteCustomKeyStore", place, CustomKeyStoreId=store.id)


@step
def a_key_in_a_store(life: Life, one: int, two: int) -> None:
    """A key is made in a key store, with an alias or without one."""
    store = life.of(CustomKeyStore, one)
    if store is not None:
        place = (store.account, store.region)
        members = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store.id, "Description": str(two)}
        made = life.kms("CreateKey", place, **members)
        if made is not None and two % 2:
            key_id = made["KeyMetadata"]["KeyId"]
            life.kms("CreateAlias", place, AliasName=f"alias/stored-{two}", TargetKeyId=key_id)


# --- clusters ------------------------------------------------------------------------------------------------------
@step
def a_cluster(life: Life, one: int, two: int) -> None:
    """A client makes a cluster, of a backup or not, or deletes one."""
    backup = life.of(Backup, one)
    subnets = [each.id for each in life.world.store.records() if isinstance(each, Subnet)]
    source = {"SourceBackupId": backup.id} if backup is not None and two % 3 else {}
    if two == 7:
        life.with_cluster(one, "DeleteCluster")
    else:
        life.ask(
            "cloudhsmv2", "CreateCluster", PLACES[0], HsmType="hsm2m.medium", SubnetIds=subnets, Mode="FIPS", **source
        )


@step
def an_hsm(life: Life, one: int, two: int) -> None:
    """A client adds an HSM, or removes one."""
    cluster = life.of(Cluster, one)
    if cluster is not None and two % 3 == 0 and cluster.hsms:
        life.with_cluster(one, "DeleteHsm", HsmId=cluster.hsms[two % len(cluster.hsms)].id)
    elif cluster is not None:
        life.with_cluster(one, "CreateHsm", AvailabilityZone=sorted(cluster.subnets)[two % len(cluster.subnets)])


@step
def a_change_of_a_cluster(life: Life, one: int, two: int) -> None:
    """A client changes what there is to change of a cluster."""
    life.with_cluster(one, "ModifyCluster", BackupRetentionPolicy={"Type": "DAYS", "Value": str(7 + two)})
    if two % 2:
        life.with_cluster(one, "ModifyCluster", HsmType="hsm2m.medium")
    cluster = life.of(Cluster, one)
    if cluster is not None:
        tags = [{"Key": "1e5", "Value": TEXTS[two % len(TEXTS)]}]
        life.ask("cloudhsmv2", "TagResource", (cluster.account, cluster.region), ResourceId=cluster.id, TagList=tags)


@step
def a_backup(life: Life, one: int, two: int) -> None:
    """A client makes, copies, deletes or restores a backup."""
    life.in_cluster(one, outages.back_up)
    backup = life.of(Backup, one)
    if backup is not None:
        place = (backup.account, backup.region)
        operation = ("CopyBackupToRegion", "DeleteBackup", "RestoreBackup", "ModifyBackupAttributes")[two % 4]
        more: dict[str, dict[str, Any]] = {
            "CopyBackupToRegion": {"DestinationRegion": OTHER[1]},
            "ModifyBackupAttributes": {"NeverExpires": True},
        }
        life.ask("cloudhsmv2", operation, place, BackupId=backup.id, **more.get(operation, {}))
        tags = [{"Key": "0o17", "Value": TEXTS[one % len(TEXTS)]}]
        life.ask("cloudhsmv2", "TagResource", place, ResourceId=backup.id, TagList=tags)
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": OTHER[0]},
            "Action": "cloudhsm:DescribeBackups",
            "Resource": backup.arn,
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=two % 3 or None)
        life.ask("cloudhsmv2", "PutResourcePolicy", place, ResourceArn=backup.arn, Policy=policy)


# --- in the HSMs ---------------------------------------------------------------------------------------------------
@step
def a_user(life: Life, one: int, two: int) -> None:
    """An admin makes a user, KMS's among them, or changes a password."""
    named = {"username": ("kmsuser", "alice", "bob")[two % 3], "role": ("crypto-user", "admin")[two == 5]}
    life.in_cluster(one, users.create, None, password="kmsPswd123", **named)
    if two % 2:
        life.in_cluster(one, users.change_password, None, password="otherPswd1", **named)


@step
def a_login(life: Life, one: int, two: int) -> None:
    """A client logs in, with the right password or a wrong one, again and again."""
    credentials = Credentials(("kmsuser", "alice")[two % 2], "crypto-user", ("kmsPswd123", "wrongPswd1")[two % 3 == 0])
    for _ in range(1 + two):
        life.in_cluster(one, sessions.login, credentials)


@step
def a_look(life: Life, one: int, two: int) -> None:
    """A client looks into the HSMs."""
    for looking in (clusters.info, clusters.hsm_info, clusters.user_list):
        life.in_cluster(one, looking)


@step
def a_failure(life: Life, one: int, two: int) -> None:
    """Something fails, or works again."""
    cluster = life.of(Cluster, one)
    if cluster is None or not cluster.hsms:
        return
    if two % 4 == 0:
        life.in_cluster(one, outages.fail_hsm, cluster.hsms[0].id)
    elif two % 4 == 1:
        life.in_cluster(one, outages.recover_hsm, cluster.hsms[0].id)
    elif two % 4 == 2:
        life.in_cluster(one, outages.break_network)
    else:
        life.in_cluster(one, outages.exhaust_sessions)


@step
def a_zone(life: Life, one: int, two: int) -> None:
    """A zone fails, or works again."""
    with suppress(HsmError):
        change = outages.fail_zone if two % 2 else outages.recover_zone
        inside(life.world, lambda call: change(call, f"{REGION}{'ab'[one % 2]}"))


@step
def a_subnet(life: Life, one: int, two: int) -> None:
    """A subnet fills up, empties, or goes."""
    subnet = life.of(Subnet, one)
    if subnet is not None and two % 2:
        with suppress(HsmError):
            change = (outages.fill_subnet, outages.free_subnet, outages.remove_subnet)[two % 3]
            inside(life.world, lambda call: change(call, subnet.id), account=subnet.account, region=subnet.region)


# --- all the rest --------------------------------------------------------------------------------------------------
@step
def temporary_credentials(life: Life, one: int, two: int) -> None:
    """A client gets temporary credentials."""
    role = f"arn:aws:iam::{PLACES[two % 3][0]}:role/Application"
    life.ask("sts", "AssumeRole", PLACES[one % 3], RoleArn=role, RoleSessionName=f"session-{two}")


@step
def time(life: Life, one: int, two: int) -> None:
    """Time goes by."""
    with suppress(ClockError):
        life.world.clock.advance((0.1, MINUTE, 20 * MINUTE, DAY, 8 * DAY, 100 * DAY)[one % 6] * (1 + two))


@step
def the_end_of_time(life: Life, one: int, two: int) -> None:
    """A test moves the clock to one of its ends, or to a moment with all decimals that a float has."""
    moment = (EARLIEST, LATEST, 5e-324, 1e-7, NOW / 3, LATEST - 2**-18, 2.0**33, EARLIEST + DAY)[one]
    life.world.clock.freeze(moment)
    if two % 4 == 3:
        life.world.clock.resume()
        life.world.clock.freeze()


@step
def a_fault(life: Life, one: int, two: int) -> None:
    """A client wants something to go wrong, in places where no step goes."""
    kinds: tuple[dict[str, object], ...] = (
        {"error": "ThrottlingException"},
        {"throttle": 0.5},
        {"latency": "PT0.25S"},
        {"status": 503, "times": 2},
        {"drop": True, "every": 10**6, "probability": 1e-9},
        {"error": "KMSInternalException", "message": TEXTS[two % len(TEXTS)] or "x", "nth": 1},
        {"latency": "PT0.00000000000000000001S", "throttle": "documented", "region": REGION},
        {"latency": "PT60S", "throttle": 0.001},
    )
    life.world.faults.add(fault(operation="kms:*", account="999999999999", key=f"alias/{two}", **kinds[one]))
