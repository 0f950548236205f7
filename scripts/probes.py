"""Probes of scripts/compare.py: each makes requests as a client does, and answers yes, partly or no, with evidence."""

from __future__ import annotations

import datetime as dt
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from emulators import ACCOUNT, OTHER_ACCOUNT, OTHER_REGION, REGION, ROOT, Target

YES, PARTLY, NO = "yes", "partly", "no"
Answer = tuple[str, str]


def refusal(call: Callable[..., Any], **arguments: Any) -> str:
    """Return the code of the error with which a call ends, or nothing."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"].get("Code", "?"))
    return ""


def counted(done: list[str], missing: list[str], what: str = "") -> Answer:
    """Return yes if nothing is missing, no if all is, else partly, with what is missing as the evidence."""
    if not missing:
        return YES, what or ", ".join(done)
    if not done:
        return NO, "missing: " + ", ".join(missing)
    return PARTLY, f"{len(done)} of {len(done) + len(missing)}; missing: {', '.join(missing)}"


def steps(*each: tuple[str, Callable[[], bool]]) -> Answer:
    """Run checks by name. A check that fails, or raises an error of the client's, is missing."""
    done: list[str] = []
    missing: list[str] = []
    for name, check in each:
        try:
            good = check()
        except (ClientError, BotoCoreError, KeyError, ValueError, IndexError, TypeError):
            good = False
        (done if good else missing).append(name)
    return counted(done, missing)


def new_key(kms: Any, **arguments: Any) -> str:
    """Create a key and return its id."""
    return str(kms.create_key(**arguments)["KeyMetadata"]["KeyId"])


# --- probes ------------------------------------------------------------------------------------------------------

Probe = Callable[[Target], Answer]
PROBES: dict[str, list[tuple[str, Probe]]] = {}


def probe(group: str, title: str) -> Callable[[Probe], Probe]:
    """Register a probe under a group and a title."""

    def register(function: Probe) -> Probe:
        PROBES.setdefault(group, []).append((title, function))
        return function

    return register


@probe("KMS", "Symmetric encryption with an encryption context")
def symmetric(target: Target) -> Answer:
    """Encrypt, decrypt, and try another context and a changed ciphertext."""
    kms = target.client("kms")
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret", EncryptionContext={"a": "1"})["CiphertextBlob"]
    broken = blob[:-1] + bytes([blob[-1] ^ 1])
    return steps(
        ("decrypt", lambda: kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "1"})["Plaintext"] == b"secret"),
        (
            "other context refused",
            lambda: (
                refusal(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "2"}) == "InvalidCiphertextException"
            ),
        ),
        (
            "changed ciphertext refused",
            lambda: (
                refusal(kms.decrypt, CiphertextBlob=broken, EncryptionContext={"a": "1"})
                == "InvalidCiphertextException"
            ),
        ),
        ("no plaintext in it", lambda: b"secret" not in blob),
    )


SIGNING = {
    "RSA_2048": "RSASSA_PSS_SHA_256",
    "RSA_4096": "RSASSA_PKCS1_V1_5_SHA_512",
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
    "ECC_NIST_EDWARDS25519": "ED25519_SHA_512",
    "ML_DSA_44": "ML_DSA_SHAKE_256",
    "ML_DSA_65": "ML_DSA_SHAKE_256",
    "ML_DSA_87": "ML_DSA_SHAKE_256",
}


@probe("KMS", "Key specs that sign and verify")
def signing(target: Target) -> Answer:
    """Sign and verify with each key spec; another message must not verify."""
    kms = target.client("kms")

    def other_message(spec: str) -> str:
        key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        arguments = {"KeyId": key, "SigningAlgorithm": SIGNING[spec]}
        signature = kms.sign(Message=b"message", **arguments)["Signature"]
        if not kms.verify(Message=b"message", Signature=signature, **arguments)["SignatureValid"]:
            return "not valid"
        try:
            return (
                "accepted"
                if kms.verify(Message=b"other", Signature=signature, **arguments)["SignatureValid"]
                else "false"
            )
        except ClientError as error:
            return str(error.response["Error"].get("Code"))

    return steps(
        *(
            (spec, lambda spec=spec: other_message(spec) in {"false", "KMSInvalidSignatureException"})
            for spec in SIGNING
        ),
        ("a wrong signature is an error", lambda: other_message("RSA_2048") == "KMSInvalidSignatureException"),
    )


@probe("KMS", "Signatures that other software verifies")
def public_keys(target: Target) -> Answer:
    """Verify a signature by the public key, with the cryptography package."""
    kms = target.client("kms")

    def rsa_verifies() -> bool:
        key = new_key(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
        signature = kms.sign(KeyId=key, Message=b"message", SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")["Signature"]
        public: Any = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        public.verify(signature, b"message", padding.PKCS1v15(), hashes.SHA256())
        return True

    def ec_verifies() -> bool:
        key = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        signature = kms.sign(KeyId=key, Message=b"message", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
        public: Any = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        public.verify(signature, b"message", ec.ECDSA(hashes.SHA256()))
        return True

    return steps(("RSA", rsa_verifies), ("ECDSA", ec_verifies))


@probe("KMS", "MACs")
def macs(target: Target) -> Answer:
    """Make and verify a MAC with each HMAC spec."""
    kms = target.client("kms")

    def works(bits: int) -> bool:
        key = new_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
        arguments = {"KeyId": key, "Message": b"message", "MacAlgorithm": f"HMAC_SHA_{bits}"}
        mac = kms.generate_mac(**arguments)["Mac"]
        wrong = refusal(kms.verify_mac, **(arguments | {"Message": b"other"}), Mac=mac)
        return bool(kms.verify_mac(**arguments, Mac=mac)["MacValid"]) and wrong == "KMSInvalidMacException"

    return steps(*((f"HMAC_{bits}", lambda bits=bits: works(bits)) for bits in (224, 256, 384, 512)))


@probe("KMS", "RSA encryption, key agreement, data key pairs")
def pairs(target: Target) -> Answer:
    """Decrypt a local RSA ciphertext, derive a shared secret, and make a data key pair."""
    kms = target.client("kms")

    def oaep() -> bool:
        key = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
        public: Any = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        blob = public.encrypt(b"secret", padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        answer = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
        return bool(answer["Plaintext"] == b"secret")

    def agreement() -> bool:
        key = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")
        theirs = ec.generate_private_key(ec.SECP256R1())
        ours: Any = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        der = theirs.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        answer = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=der)
        return bool(answer["SharedSecret"] == theirs.exchange(ec.ECDH(), ours))

    def pair() -> bool:
        answer = kms.generate_data_key_pair(KeyId=new_key(kms), KeyPairSpec="ECC_NIST_P256")
        private: Any = serialization.load_der_private_key(answer["PrivateKeyPlaintext"], None)
        same = private.public_key() == serialization.load_der_public_key(answer["PublicKey"])
        opened = kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])["Plaintext"]
        return bool(same and opened == answer["PrivateKeyPlaintext"])

    return steps(("RSA decryption", oaep), ("key agreement", agreement), ("data key pair", pair))


@probe("KMS", "Imported key material")
def imports(target: Target) -> Answer:
    """Import wrapped material, use it, delete it, and import other material."""
    kms = target.client("kms")
    key = new_key(kms, Origin="EXTERNAL")

    def bring(material: bytes) -> str:
        wanted = kms.get_parameters_for_import(
            KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
        )
        public: Any = serialization.load_der_public_key(wanted["PublicKey"])
        wrapped = public.encrypt(material, padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None))
        return refusal(
            kms.import_key_material,
            KeyId=key,
            ImportToken=wanted["ImportToken"],
            EncryptedKeyMaterial=wrapped,
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )

    def state() -> str:
        return str(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])

    def deleted() -> bool:
        kms.delete_imported_key_material(KeyId=key)
        return state() == "PendingImport"

    return steps(
        ("PendingImport first", lambda: state() == "PendingImport"),
        ("short material refused", lambda: bring(b"short") == "InvalidCiphertextException"),
        ("import", lambda: bring(b"m" * 32) == "" and state() == "Enabled"),
        ("encrypt", lambda: bool(kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"])),
        ("delete", deleted),
        ("other material refused", lambda: bring(b"n" * 32) == "IncorrectKeyMaterialException"),
    )


@probe("KMS", "Rotation")
def rotation(target: Target) -> Answer:
    """Rotate on demand, decrypt an old ciphertext, and read the history and the period."""
    kms = target.client("kms")
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

    def period() -> bool:
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
        status = kms.get_key_rotation_status(KeyId=key)
        return bool(status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 100)  # noqa: PLR2004

    return steps(
        ("period", period),
        ("on demand", lambda: kms.rotate_key_on_demand(KeyId=key) is not None),
        ("history", lambda: len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1),
        ("old ciphertext", lambda: kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"),
    )


@probe("KMS", "Grants with constraints")
def grants(target: Target) -> Answer:
    """Create, repeat, list and revoke a grant for another account, which then uses the key."""
    kms = target.client("kms")
    other = target.client("kms", key=OTHER_ACCOUNT)
    key = new_key(kms)
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    arguments = {
        "KeyId": key,
        "GranteePrincipal": f"arn:aws:iam::{OTHER_ACCOUNT}:root",
        "Operations": ["Encrypt", "Decrypt"],
        "Constraints": {"EncryptionContextSubset": {"a": "1"}},
        "Name": "one",
    }
    grant = kms.create_grant(**arguments)["GrantId"]

    def listed() -> int:
        return len(kms.list_grants(KeyId=key)["Grants"])

    def revoked() -> bool:
        kms.revoke_grant(KeyId=key, GrantId=grant)
        return listed() == 0

    return steps(
        ("same Name, same grant", lambda: kms.create_grant(**arguments)["GrantId"] == grant and listed() == 1),
        ("constraint listed", lambda: bool(kms.list_grants(KeyId=key)["Grants"][0]["Constraints"])),
        (
            "other account without grant refused",
            lambda: refusal(other.describe_key, KeyId=arn) == "AccessDeniedException",
        ),
        (
            "unsuitable operation refused",
            lambda: bool(refusal(kms.create_grant, **(arguments | {"Operations": ["Sign"], "Name": "two"}))),
        ),
        ("revoke", revoked),
    )


@probe("KMS", "Multi-Region keys")
def multi_region(target: Target) -> Answer:
    """Replicate a key, decrypt in the other Region, and change the primary."""
    here, there = target.client("kms"), target.client("kms", OTHER_REGION)
    key = new_key(here, MultiRegion=True)
    blob = here.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

    def primary() -> bool:
        here.update_primary_region(KeyId=key, PrimaryRegion=OTHER_REGION)
        settings = there.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
        return bool(settings["MultiRegionKeyType"] == "PRIMARY")

    return steps(
        ("mrk- id", lambda: key.startswith("mrk-")),
        ("replicate", lambda: here.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION) is not None),
        ("decrypt in the other Region", lambda: there.decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"] == b"x"),
        (
            "single-Region key refused",
            lambda: bool(refusal(here.replicate_key, KeyId=new_key(here), ReplicaRegion=OTHER_REGION)),
        ),
        ("UpdatePrimaryRegion", primary),
    )


@probe("KMS", "Aliases")
def aliases(target: Target) -> Answer:
    """Create an alias, use it, move it, and try a reserved one."""
    kms = target.client("kms")
    one, two = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/compare", TargetKeyId=one)

    def moved() -> bool:
        kms.update_alias(AliasName="alias/compare", TargetKeyId=two)
        return bool(kms.describe_key(KeyId="alias/compare")["KeyMetadata"]["KeyId"] == two)

    return steps(
        ("encrypt by alias", lambda: one in kms.encrypt(KeyId="alias/compare", Plaintext=b"x")["KeyId"]),
        ("move", moved),
        (
            "taken name refused",
            lambda: refusal(kms.create_alias, AliasName="alias/compare", TargetKeyId=one) == "AlreadyExistsException",
        ),
        ("alias/aws/ refused", lambda: bool(refusal(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=one))),
    )


@probe("KMS", "Pagination")
def pagination(target: Target) -> Answer:
    """Read lists page by page, with limits and markers."""
    kms = target.client("kms")
    keys = {new_key(kms) for _ in range(7)}

    def pages() -> bool:
        found: list[str] = []
        marker: dict[str, str] = {}
        while True:
            answer = kms.list_keys(Limit=3, **marker)
            if len(answer["Keys"]) > 3:  # noqa: PLR2004
                return False
            found += [each["KeyId"] for each in answer["Keys"]]
            if not answer.get("Truncated"):
                return keys <= set(found) and len(found) == len(set(found))
            marker = {"Marker": answer["NextMarker"]}

    return steps(
        ("pages", pages),
        ("wrong marker refused", lambda: refusal(kms.list_keys, Marker="nonsense") == "InvalidMarkerException"),
    )


@probe("KMS", "Tags")
def tags(target: Target) -> Answer:
    """Tag a key, and try tags that AWS refuses."""
    kms = target.client("kms")
    key = new_key(kms, Tags=[{"TagKey": "a", "TagValue": "1"}])

    def changed() -> bool:
        kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "2"}])
        return bool(kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "2"}])

    return steps(
        ("change", changed),
        (
            "aws: refused",
            lambda: refusal(kms.tag_resource, KeyId=key, Tags=[{"TagKey": "aws:a", "TagValue": "1"}]) == "TagException",
        ),
        (
            "duplicate refused",
            lambda: refusal(kms.create_key, Tags=[{"TagKey": "b", "TagValue": "1"}] * 2) == "TagException",
        ),
    )


@probe("KMS", "Key states")
def states(target: Target) -> Answer:
    """Use keys that are disabled or pending deletion."""
    kms = target.client("kms")
    key = new_key(kms)

    def disabled() -> bool:
        kms.disable_key(KeyId=key)
        return refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"

    def deleted() -> bool:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        return refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == "KMSInvalidStateException"

    def cancelled() -> bool:
        kms.cancel_key_deletion(KeyId=key)
        return bool(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled")

    return steps(
        ("disabled", disabled),
        ("pending deletion", deleted),
        ("cancelled", cancelled),
        (
            "dry run",
            lambda: (
                refusal(kms.generate_data_key, KeyId=new_key(kms), KeySpec="AES_256", DryRun=True)
                == "DryRunOperationException"
            ),
        ),
    )


_LENGTH = (
    "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length greater "
    "than or equal to 1"
)
_TWO_SPECS = (
    "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated."
)
_UNKNOWN = "00000000-0000-0000-0000-000000000000"
WRONG: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    (
        "describe_key",
        {"KeyId": _UNKNOWN},
        "NotFoundException",
        f"Key 'arn:aws:kms:{REGION}:{ACCOUNT}:key/{_UNKNOWN}' does not exist",
    ),
    ("describe_key", {"KeyId": "not-a-key"}, "NotFoundException", "Invalid keyId 'not-a-key'"),
    (
        "describe_key",
        {"KeyId": "alias/none"},
        "NotFoundException",
        f"Alias arn:aws:kms:{REGION}:{ACCOUNT}:alias/none is not found.",
    ),
    (
        "create_alias",
        {"AliasName": "none", "TargetKeyId": "KEY"},
        "ValidationException",
        'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    ),
    (
        "create_key",
        {"KeySpec": "RSA_2048"},
        "ValidationException",
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
    ),
    (
        "create_key",
        {"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"},
        "ValidationException",
        "KeyUsage GENERATE_VERIFY_MAC is not compatible with KeySpec RSA_2048",
    ),
    (
        "create_key",
        {"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_4096", "KeyUsage": "SIGN_VERIFY"},
        "ValidationException",
        _TWO_SPECS,
    ),
    ("encrypt", {"KeyId": "KEY", "Plaintext": b""}, "ValidationException", _LENGTH),
    (
        "schedule_key_deletion",
        {"KeyId": "KEY", "PendingWindowInDays": 5},
        "ValidationException",
        "PendingWindowInDays must be between 7 and 30",
    ),
    (
        "tag_resource",
        {"KeyId": "KEY", "Tags": [{"TagKey": "aws:a", "TagValue": "1"}]},
        "TagException",
        "Tags beginning with aws: are reserved",
    ),
)


@probe("KMS", "Ten wrong requests: AWS's error and sentence")
def wrong_requests(target: Target) -> Answer:
    """Compare error code and message of ten wrong requests with those that are recorded of AWS."""
    kms = target.client("kms")
    key = new_key(kms)
    account = target.client("sts").get_caller_identity()["Account"]
    codes = sentences = 0
    for operation, arguments, code, sentence in WRONG:
        filled = {name: key if value == "KEY" else value for name, value in arguments.items()}
        try:
            getattr(kms, operation)(**filled)
        except ClientError as error:
            codes += error.response["Error"].get("Code") == code
            sentences += error.response["Error"].get("Message") == sentence.replace(ACCOUNT, account)
    evidence = f"{codes} codes and {sentences} sentences of {len(WRONG)}"
    return YES if codes == sentences == len(WRONG) else PARTLY if codes else NO, evidence


@probe("KMS", "Key policies: checks")
def policy_checks(target: Target) -> Answer:
    """Put policies that KMS refuses."""
    kms = target.client("kms")
    key = new_key(kms)

    def put(policy: object, **more: Any) -> str:
        text = policy if isinstance(policy, str) else json.dumps(policy)
        return refusal(kms.put_key_policy, KeyId=key, Policy=text, **more)

    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    malformed = "MalformedPolicyDocumentException"
    return steps(
        ("no JSON refused", lambda: put("{") == malformed),
        (
            "invalid principal refused",
            lambda: put({"Statement": [statement, statement | {"Principal": {"Wrong": "x"}}]}) == malformed,
        ),
        ("lockout refused", lambda: put({"Statement": [statement | {"Action": "kms:Encrypt"}]}) == malformed),
        (
            "bypass accepted",
            lambda: put({"Statement": [statement | {"Action": "kms:*"}]}, BypassPolicyLockoutSafetyCheck=True) == "",
        ),
    )


@probe("KMS", "Key policies: a Deny for the caller is enforced")
def policy_deny(target: Target) -> Answer:
    """Deny Encrypt in a key's policy, and encrypt."""
    kms = target.client("kms")
    key = new_key(kms)
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": [root, deny]}))
    code = refusal(kms.encrypt, KeyId=key, Plaintext=b"x")
    return (YES, code) if code == "AccessDeniedException" else (NO, code or "the call succeeds")


@probe("KMS", "Key policies: other accounts need permission")
def cross_account(target: Target) -> Answer:
    """Use a key from another account, before and after its policy allows it."""
    kms, other = target.client("kms"), target.client("kms", key=OTHER_ACCOUNT)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
    theirs = root | {"Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}, "Action": "kms:Encrypt"}

    def allowed() -> bool:
        kms.put_key_policy(KeyId=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [root, theirs]}))
        return bool(other.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"])

    return steps(
        ("refused without", lambda: refusal(other.encrypt, KeyId=arn, Plaintext=b"x") == "AccessDeniedException"),
        ("allowed with", allowed),
    )


@probe("IAM", "IAM policies are enforced")
def iam(target: Target) -> Answer:
    """Call KMS as a user without any policy. Emulators with an option for it are started with that option."""

    def ask(asked: Target) -> Answer:
        admin = asked.client("iam", key="test" if asked.emulator.enforcing else ACCOUNT)
        admin.create_user(UserName="nopolicy")
        made = admin.create_access_key(UserName="nopolicy")["AccessKey"]
        if asked.emulator.reset_auth:
            asked.http("POST", asked.emulator.reset_auth, b"0", {"Content-Type": "text/plain"})
        user = asked.client("kms", key=made["AccessKeyId"], secret=made["SecretAccessKey"])
        code = refusal(user.create_key)
        if asked.emulator.reset_auth:
            asked.http("POST", asked.emulator.reset_auth, b"inf", {"Content-Type": "text/plain"})
        return (YES, code) if "AccessDenied" in code or code == "403" else (NO, code or "the call succeeds")

    options = target.emulator.enforcing
    if not options:
        answer = ask(target)
        how = f"after POST {target.emulator.reset_auth}" if target.emulator.reset_auth else ""
        return answer[0], ", ".join(filter(None, [answer[1], how]))
    with target.again(options) as strict:
        answer = ask(strict)
    return answer[0], f"{answer[1]}, with {' '.join(f'{name}={value}' for name, value in options.items())}"


# --- key stores and clusters -------------------------------------------------------------------------------------


def _cluster(target: Target) -> tuple[str, str]:
    """Return a cluster for a key store and the certificate of its owner; invented ones where there are none."""
    if target.emulator.title == "mockaws":
        return "cluster-readytwozone", (ROOT / "fixtures" / "customerCA.crt").read_text()
    return "cluster-1a23b4cdefg", _authority()[1]


def _authority() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(65537, 2048)
    return key, _certificate(key, key, "customer CA").public_bytes(serialization.Encoding.PEM).decode()


def _certificate(subject_key: Any, issuer_key: rsa.RSAPrivateKey, name: str, public: Any = None) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "customer CA")])
    now = dt.datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public or subject_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=365))
        .sign(issuer_key, hashes.SHA256())
    )


@probe("Key stores", "A custom key store on a CloudHSM cluster")
def key_store(target: Target) -> Answer:
    """Create, connect and use a key store; try a wrong cluster, certificate and state."""
    kms = target.client("kms")
    cluster, certificate = _cluster(target)
    arguments = {
        "CustomKeyStoreName": "compare",
        "CloudHsmClusterId": cluster,
        "KeyStorePassword": "kmsPswd123",
        "TrustAnchorCertificate": certificate,
    }
    store: dict[str, str] = {}

    def create() -> bool:
        store["CustomKeyStoreId"] = kms.create_custom_key_store(**arguments)["CustomKeyStoreId"]
        return True

    def state() -> str:
        answer = kms.describe_custom_key_stores(**store)["CustomKeyStores"][0]
        return str(answer["ConnectionState"])

    def connect() -> bool:
        if state() != "CONNECTED":
            kms.connect_custom_key_store(**store)
        for _ in range(20):
            if state() == "CONNECTED":
                return True
            time.sleep(0.5)
        return False

    def key() -> bool:
        store_key = kms.create_key(Origin="AWS_CLOUDHSM", **store)["KeyMetadata"]
        store_key_id["KeyId"] = store_key["KeyId"]
        blob = kms.encrypt(**store_key_id, Plaintext=b"x")["CiphertextBlob"]
        return bool(kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x" and store_key["CloudHsmClusterId"] == cluster)

    def unavailable() -> bool:
        kms.disconnect_custom_key_store(**store)
        return bool(kms.describe_key(**store_key_id)["KeyMetadata"]["KeyState"] == "Unavailable")

    store_key_id: dict[str, str] = {}
    return steps(
        (
            "unknown cluster refused",
            lambda: (
                refusal(kms.create_custom_key_store, **(arguments | {"CloudHsmClusterId": "cluster-aaaaaaaaaaa"}))
                == "CloudHsmClusterNotFoundException"
            ),
        ),
        (
            "wrong trust anchor refused",
            lambda: (
                refusal(kms.create_custom_key_store, **(arguments | {"TrustAnchorCertificate": _authority()[1]}))
                == "IncorrectTrustAnchorException"
            ),
        ),
        ("create", create),
        ("connect", connect),
        ("key in it", key),
        ("Unavailable when disconnected", unavailable),
    )


@probe("Key stores", "External key stores (XKS)")
def external(target: Target) -> Answer:
    """Create an external key store behind a proxy that does not exist, which AWS refuses."""
    code = refusal(
        target.client("kms").create_custom_key_store,
        CustomKeyStoreName="external",
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyUriEndpoint="https://proxy.invalid",
        XksProxyUriPath="/kms/xks/v1",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyAuthenticationCredential={
            "AccessKeyId": "ABCDE12345670EXAMPLE",
            "RawSecretAccessKey": "DXjSUawnel2fr6SKC7G25CNxTyWKE5PF9XX6H/u9pSo=",
        },
    )
    if not code:
        return PARTLY, "accepts a proxy that does not exist, so none is called"
    return (YES, code) if code.startswith("XksProxy") else (NO, code)


@probe("CloudHSM", "A cluster's life: HSM, certificate request, initialization")
def life(target: Target) -> Answer:
    """Create a cluster and an HSM, sign its request, and initialize the cluster."""
    hsm = target.client("cloudhsmv2")
    subnets = target.client("ec2").describe_subnets()["Subnets"]
    zones = {subnet["AvailabilityZone"]: subnet["SubnetId"] for subnet in subnets}
    found: dict[str, Any] = {}

    def cluster() -> dict[str, Any]:
        (each,) = hsm.describe_clusters(Filters={"clusterIds": [found["id"]]})["Clusters"]
        return dict(each)

    def create() -> bool:
        made = hsm.create_cluster(HsmType="hsm2m.medium", Mode="FIPS", SubnetIds=list(zones.values())[:2])["Cluster"]
        found["id"] = made["ClusterId"]
        return True

    def first() -> bool:
        hsm.create_hsm(ClusterId=found["id"], AvailabilityZone=next(iter(zones)))
        return len(cluster()["Hsms"]) == 1

    def request() -> bool:
        for _ in range(20):
            if text := cluster().get("Certificates", {}).get("ClusterCsr"):
                found["request"] = x509.load_pem_x509_csr(text.encode())
                return True
            time.sleep(0.5)
        return False

    def initialize(signed_by_other: bool) -> str:
        key, root = _authority()
        signer = rsa.generate_private_key(65537, 2048) if signed_by_other else key
        signed = _certificate(None, signer, "cluster", found["request"].public_key())
        pem = signed.public_bytes(serialization.Encoding.PEM).decode()
        return refusal(hsm.initialize_cluster, ClusterId=found["id"], SignedCert=pem, TrustAnchor=root)

    return steps(
        ("create", create),
        ("HSM", first),
        ("certificate request", request),
        ("wrong signature refused", lambda: initialize(True) == "CloudHsmInvalidRequestException"),
        (
            "initialize",
            lambda: initialize(False) == "" and cluster()["State"] in {"INITIALIZED", "INITIALIZE_IN_PROGRESS"},
        ),
    )


@probe("CloudHSM", "Backups")
def backups(target: Target) -> Answer:
    """List the backups of clusters, tag one, and copy it to another Region."""
    hsm = target.client("cloudhsmv2")
    found = hsm.describe_backups()["Backups"]
    if not found:
        return NO, "no cluster has a backup"
    backup = found[0]["BackupId"]
    return steps(
        ("list", lambda: True),
        ("copy", lambda: bool(hsm.copy_backup_to_region(BackupId=backup, DestinationRegion="us-east-1"))),
        (
            "retention",
            lambda: bool(hsm.modify_backup_attributes(BackupId=backup, NeverExpires=True)["Backup"]["NeverExpires"]),
        ),
    )


# --- STS and tools -----------------------------------------------------------------------------------------------


@probe("STS", "Sessions of roles")
def sessions(target: Target) -> Answer:
    """Assume a role, and ask for the identity with the session's credentials."""
    role = target.client("iam").create_role(
        RoleName="compare",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
            }
        ),
    )["Role"]["Arn"]
    given = target.client("sts").assume_role(RoleArn=role, RoleSessionName="me")["Credentials"]
    session = target.client(
        "sts", key=given["AccessKeyId"], secret=given["SecretAccessKey"], token=given["SessionToken"]
    )
    arn = session.get_caller_identity()["Arn"]
    return steps(
        ("the session's identity", lambda: str(arn).endswith(":assumed-role/compare/me")),
        (
            "an unknown role refused",
            lambda: (
                refusal(target.client("sts").assume_role, RoleArn=role + "x", RoleSessionName="me") == "AccessDenied"
            ),
        ),
    )


@probe("Tools", "Accounts by access key")
def accounts(target: Target) -> Answer:
    """Use the same alias in two accounts and two Regions."""

    def separate(first: Any, second: Any, name: str) -> bool:
        for kms in (first, second):
            kms.create_alias(AliasName=name, TargetKeyId=new_key(kms))
        one, two = (kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] for kms in (first, second))
        return bool(one != two)

    here = target.client("kms")
    return steps(
        ("accounts", lambda: separate(here, target.client("kms", key=OTHER_ACCOUNT), "alias/accounts")),
        ("Regions", lambda: separate(here, target.client("kms", OTHER_REGION), "alias/regions")),
    )


@probe("Tools", "Isolated worlds beside accounts")
def worlds(target: Target) -> Answer:
    """Use another world of the same server, by its path."""
    kms = target.client("kms")
    key = new_key(kms)
    other = Target.__new__(Target)
    other.emulator, other.url = target.emulator, target.url + "/worlds/compare"
    try:
        code = refusal(other.client("kms").describe_key, KeyId=key)
    except BotoCoreError as error:
        return NO, type(error).__name__
    return (YES, "/worlds/NAME") if code == "NotFoundException" else (NO, "no route /worlds/NAME")


@probe("Tools", "A clock that tests set")
def clock(target: Target) -> Answer:
    """Advance the clock by 8 days, after which a key pending deletion is gone."""
    kms = target.client("kms")
    key = new_key(kms)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    status, _ = target.http("POST", "/_mockaws/clock", b'{"advance": "P8D"}', {"Content-Type": "application/json"})
    gone = refusal(kms.describe_key, KeyId=key) == "NotFoundException"
    return (YES, "/_mockaws/clock; a deleted key is gone") if gone else (NO, f"no control route found (HTTP {status})")


@probe("Tools", "Injected faults")
def faults(target: Target) -> Answer:
    """Let the next Encrypt fail with KMSInternalException."""
    kms = target.client("kms")
    key = new_key(kms)
    body = json.dumps({"operation": "kms:Encrypt", "error": "KMSInternalException", "times": 1}).encode()
    status, _ = target.http("POST", "/_mockaws/faults", body, {"Content-Type": "application/json"})
    first = refusal(kms.encrypt, KeyId=key, Plaintext=b"x")
    second = refusal(kms.encrypt, KeyId=key, Plaintext=b"x")
    if (first, second) == ("KMSInternalException", ""):
        return YES, "/_mockaws/faults; one call fails"
    return NO, f"no control route found (HTTP {status})"


@probe("Tools", "Calls as CloudTrail events")
def journal(target: Target) -> Answer:
    """Look for a CreateKey in CloudTrail's LookupEvents, else in the emulator's own journal."""
    new_key(target.client("kms"))
    trail = target.client("cloudtrail")
    for _ in range(6):
        try:
            events = trail.lookup_events()["Events"]
        except (ClientError, BotoCoreError):
            break
        if any(event["EventName"] == "CreateKey" for event in events):
            return YES, "LookupEvents"
        time.sleep(0.5)
    status, body = target.http("GET", "/_mockaws/calls")
    if status == 200 and b'"CreateKey"' in body:  # noqa: PLR2004
        return PARTLY, "/_mockaws/calls, not LookupEvents"
    return NO, "not in LookupEvents"


@probe("Tools", "State survives a restart")
def persistence(target: Target) -> Answer:
    """Create a key, stop and start the emulator with its option for persistence, and look for the key."""
    options = target.emulator.persistent
    if options is None:
        status, body = target.http("GET", "/_mockaws/state")
        if status == 200 and b"records" in body:  # noqa: PLR2004
            return PARTLY, "by command: `mockaws snapshot`, `mockaws serve --fixture`"
        return NO, "no option"
    with tempfile.TemporaryDirectory() as folder:
        filled = {name: value.replace("{folder}", folder) for name, value in options.items()}
        with target.again(filled) as before:
            key = new_key(before.client("kms"))
        with target.again(filled) as after:
            code = refusal(after.client("kms").describe_key, KeyId=key)
    named = " ".join(f"{name}=…" if "{" in value else f"{name}={value}" for name, value in options.items())
    return (NO, f"{code}, with {named}") if code else (YES, named)


@probe("Tools", "Reset by HTTP")
def reset(target: Target) -> Answer:
    """Reset all state, after which a key is gone."""
    kms = target.client("kms")
    key = new_key(kms)
    status, _ = target.http("POST", target.emulator.reset)
    gone = refusal(kms.describe_key, KeyId=key) == "NotFoundException"
    return (YES, f"POST {target.emulator.reset}") if gone else (NO, f"POST {target.emulator.reset}: HTTP {status}")


@probe("Tools", "Smithy RPC v2 CBOR")
def cbor(target: Target) -> Answer:
    """Send DescribeClusters of CloudHSM v2 in CBOR, the first protocol of its model."""
    scope = f"{ACCOUNT}/20260101/{REGION}/cloudhsm/aws4_request"
    headers = {
        "Smithy-Protocol": "rpc-v2-cbor",
        "Content-Type": "application/cbor",
        "Accept": "application/cbor",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
    status, body = target.http("POST", "/service/BaldrApiService/operation/DescribeClusters", b"\xa0", headers)
    good = status == 200 and body[:1] in {b"\xa1", b"\xbf"} and b"Clusters" in body  # noqa: PLR2004
    return (YES, "DescribeClusters") if good else (NO, f"HTTP {status}")


@probe("Tools", "Other services")
def others(target: Target) -> Answer:
    """Use S3, SQS, DynamoDB, SSM and Lambda's list of functions."""
    s3, sqs, dynamodb = (target.client(name) for name in ("s3", "sqs", "dynamodb"))

    def bucket() -> bool:
        s3.create_bucket(Bucket="compare", CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="compare", Key="a", Body=b"x")
        return bool(s3.get_object(Bucket="compare", Key="a")["Body"].read() == b"x")

    def queue() -> bool:
        url = sqs.create_queue(QueueName="compare")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="x")
        return len(sqs.receive_message(QueueUrl=url)["Messages"]) == 1

    def table() -> bool:
        dynamodb.create_table(
            TableName="compare",
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.put_item(TableName="compare", Item={"a": {"S": "x"}})
        return bool(dynamodb.get_item(TableName="compare", Key={"a": {"S": "x"}})["Item"])

    return steps(
        ("S3", bucket),
        ("SQS", queue),
        ("DynamoDB", table),
        ("SSM", lambda: bool(target.client("ssm").put_parameter(Name="a", Value="x", Type="String"))),
        ("Lambda", lambda: "Functions" in target.client("lambda").list_functions()),
    )
