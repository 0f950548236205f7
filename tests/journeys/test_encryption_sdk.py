"""The AWS Encryption SDK over a socket: messages under data keys of KMS, and who can open them.

https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/python.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import aws_encryption_sdk
import pytest
from aws_encryption_sdk.exceptions import DecryptKeyError, GenerateKeyError, MasterKeyProviderError
from aws_encryption_sdk.identifiers import CommitmentPolicy
from aws_encryption_sdk.key_providers.kms import (
    DiscoveryAwsKmsMasterKeyProvider,
    DiscoveryFilter,
    MRKAwareStrictAwsKmsMasterKeyProvider,
    StrictAwsKmsMasterKeyProvider,
)

from tests.samples import ACCOUNT, CLUSTER, REGION
from tests.unit.services.kms.calling import PASSWORD, TRUST_ANCHOR, ready

if TYPE_CHECKING:
    from tests.kinds import MakeClient, MakeWorld, Serve

OTHER_REGION = "eu-west-1"
MESSAGE = b"How do you do?" * 1000
CONTEXT = {"Purpose": "Test"}
SDK = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)


@pytest.fixture
def kms(world: MakeWorld, serve: Serve, client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a client of a world with a cluster, which the SDK's own clients find, too."""
    url = serve(world(*ready()))
    for name, value in {
        "AWS_ENDPOINT_URL": url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():
        monkeypatch.setenv(name, value)
    return client("kms", url)


def encrypted(provider: Any) -> bytes:
    """Return an encrypted message."""
    message, _ = SDK.encrypt(source=MESSAGE, key_provider=provider, encryption_context=CONTEXT)
    return bytes(message)


def decrypted(message: bytes, provider: Any) -> bytes:
    """Return what an encrypted message holds, whose context was authenticated by KMS with the data key."""
    plaintext, header = SDK.decrypt(source=message, key_provider=provider)
    assert header.encryption_context.items() >= CONTEXT.items()
    return bytes(plaintext)


def key(kms: Any, **document: Any) -> str:
    """Create a key; return its ARN."""
    arn: str = kms.create_key(**document)["KeyMetadata"]["Arn"]
    return arn


def test_a_message(kms: Any) -> None:
    """GenerateDataKey makes the data key of a message, Decrypt opens it, with the message's context."""
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[key(kms)])
    message = encrypted(provider)
    assert MESSAGE[:14] not in message
    assert decrypted(message, provider) == MESSAGE
    with pytest.raises(DecryptKeyError):
        decrypted(message, StrictAwsKmsMasterKeyProvider(key_ids=[key(kms)]))


def test_a_message_under_two_keys(kms: Any) -> None:
    """Encrypt encrypts the data key under a second key, so that either opens the message."""
    one, other = key(kms), key(kms)
    message = encrypted(StrictAwsKmsMasterKeyProvider(key_ids=[one, other]))
    for arn in (one, other):
        assert decrypted(message, StrictAwsKmsMasterKeyProvider(key_ids=[arn])) == MESSAGE
    kms.disable_key(KeyId=one)
    assert decrypted(message, StrictAwsKmsMasterKeyProvider(key_ids=[one, other])) == MESSAGE


def test_a_message_whose_key_nobody_names(kms: Any) -> None:
    """The key's ARN stands in the message; an account may be all that is required of it."""
    message = encrypted(StrictAwsKmsMasterKeyProvider(key_ids=[key(kms)]))
    own = DiscoveryFilter(account_ids=(ACCOUNT,), partition="aws")
    assert decrypted(message, DiscoveryAwsKmsMasterKeyProvider(discovery_filter=own)) == MESSAGE
    others = DiscoveryFilter(account_ids=("444455556666",), partition="aws")
    with pytest.raises(MasterKeyProviderError):
        decrypted(message, DiscoveryAwsKmsMasterKeyProvider(discovery_filter=others))


def test_a_message_that_was_changed(kms: Any) -> None:
    """A changed context is found by KMS, which authenticates it with the data key."""
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[key(kms)])
    with pytest.raises(DecryptKeyError):
        decrypted(encrypted(provider).replace(b"Test", b"Toas"), provider)


def test_a_key_in_a_key_store(kms: Any) -> None:
    """A key whose material lies in a CloudHSM cluster makes data keys like any other."""
    store_id = kms.create_custom_key_store(
        CustomKeyStoreName="ExampleKeyStore",
        CloudHsmClusterId=CLUSTER,
        TrustAnchorCertificate=TRUST_ANCHOR,
        KeyStorePassword=PASSWORD,
    )["CustomKeyStoreId"]
    kms.connect_custom_key_store(CustomKeyStoreId=store_id)
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[key(kms, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store_id)])
    message = encrypted(provider)
    assert decrypted(message, provider) == MESSAGE
    kms.disconnect_custom_key_store(CustomKeyStoreId=store_id)
    with pytest.raises(DecryptKeyError):
        decrypted(message, provider)
    with pytest.raises(GenerateKeyError):
        encrypted(provider)


def test_a_rotated_key(kms: Any) -> None:
    """A message that was encrypted before a rotation is opened after it."""
    arn = key(kms)
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[arn])
    message = encrypted(provider)
    kms.rotate_key_on_demand(KeyId=arn)
    assert decrypted(message, provider) == decrypted(encrypted(provider), provider) == MESSAGE


def test_related_keys(kms: Any) -> None:
    """A ciphertext of one Region is decrypted in another with the replica of the multi-Region key."""
    primary = key(kms, MultiRegion=True)
    replica = kms.replicate_key(KeyId=primary, ReplicaRegion=OTHER_REGION)["ReplicaKeyMetadata"]["Arn"]
    message = encrypted(MRKAwareStrictAwsKmsMasterKeyProvider(key_ids=[primary]))
    assert decrypted(message, MRKAwareStrictAwsKmsMasterKeyProvider(key_ids=[replica])) == MESSAGE


def test_another_account(kms: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another account opens a message if the key's policy lets it decrypt, and makes none."""
    own = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    theirs = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"}
    arn = key(kms, Policy=json.dumps({"Statement": [own, theirs]}))
    message = encrypted(StrictAwsKmsMasterKeyProvider(key_ids=[arn]))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "444455556666")
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[arn])
    assert decrypted(message, provider) == MESSAGE
    with pytest.raises(GenerateKeyError):
        encrypted(provider)
