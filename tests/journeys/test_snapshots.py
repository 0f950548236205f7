"""Snapshots of worlds in files, as users write and load them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from mockaws import FixtureError, Mock
from tests.journeys.command import Serving, client_settings, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MESSAGE = b"hello"


@pytest.fixture
def served() -> Iterator[str]:
    """Return the address of a server."""
    with Serving("--fixture", "ready-cluster", "--quiet") as server:
        yield server.url


def kms(url: str) -> Any:
    """Return a client of KMS."""
    return boto3.client("kms", **client_settings(url, account="000000000000"))


def test_a_world_moves_to_another_server(served: str, tmp_path: Path) -> None:
    """`mockaws serve --fixture` and `mockaws validate` read a snapshot of the command; old ciphertexts decrypt."""
    key = kms(served).create_key()["KeyMetadata"]["KeyId"]
    blob = kms(served).encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    file = tmp_path / "world.yaml"

    done = run("mockaws", "snapshot", "--output", str(file), "--endpoint", served)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert run("mockaws", "validate", str(file)).stdout == f"{file}: good\n"
    assert run("mockaws", "snapshot", AWS_ENDPOINT_URL=served).stdout.count("\n") == file.read_text().count("\n")

    with Serving("--fixture", str(file), "--quiet") as other:
        assert (
            kms(other.url).describe_key(KeyId=key)["KeyMetadata"] == kms(served).describe_key(KeyId=key)["KeyMetadata"]
        )
        assert kms(other.url).decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE


def test_loading_into_a_running_server(served: str, tmp_path: Path) -> None:
    """`mockaws load` replaces the world with a snapshot, a fixture file or a shipped fixture."""
    file = tmp_path / "world.yaml"
    key = kms(served).create_key()["KeyMetadata"]["KeyId"]
    blob = kms(served).encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    run("mockaws", "snapshot", "--output", str(file), "--endpoint", served)

    done = run("mockaws", "load", "developer-guide", "--endpoint", served)
    assert json.loads(done.stdout)["records"]["CustomKeyStore"] == 1
    with pytest.raises(ClientError):
        kms(served).describe_key(KeyId=key)
    assert run("mockaws", "load", str(file), "--endpoint", served).returncode == 0
    assert kms(served).decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE


def test_without_secrets(served: str, tmp_path: Path) -> None:
    """Without secrets keys exist and work, but old ciphertexts cannot be decrypted."""
    key = kms(served).create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    symmetric = kms(served).create_key()["KeyMetadata"]["KeyId"]
    blob = kms(served).encrypt(KeyId=symmetric, Plaintext=MESSAGE)["CiphertextBlob"]
    file = tmp_path / "world.yaml"
    run("mockaws", "snapshot", "--no-secrets", "--output", str(file), "--endpoint", served)
    assert "secret:" not in file.read_text()
    assert run("mockaws", "load", str(file), "--endpoint", served).returncode == 0
    kms(served).sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")
    kms(served).encrypt(KeyId=symmetric, Plaintext=MESSAGE)
    with pytest.raises(ClientError, match="InvalidCiphertextException"):
        kms(served).decrypt(CiphertextBlob=blob)


def test_mistakes(served: str, tmp_path: Path) -> None:
    """Each mistake has the name of the file, and nothing is loaded."""
    file = tmp_path / "world.yaml"
    file.write_text("snapshot: 1\nrecords:\n  Key:\n  - id: 5\n    created: now\n")
    done = run("mockaws", "load", str(file), "--endpoint", served)
    assert done.returncode == 2
    for told in ("4: records.Key[0].id: 5 is a number", "5: records.Key[0].created: no such field"):
        assert f"{file}:{told}" in done.stderr
        assert f"{file}:{told}" in run("mockaws", "validate", str(file)).stderr

    done = run("mockaws", "load", str(tmp_path / "nowhere.yaml"), "--endpoint", served)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere.yaml: no such fixture; expected a file, or one of those that ship" in done.stderr
    done = run("mockaws", "snapshot", "--output", str(tmp_path), "--endpoint", served)
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot be written: Is a directory" in done.stderr
    done = run("mockaws", "snapshot", "--endpoint", "http://127.0.0.1:9")
    assert done.returncode == 2
    assert "nothing answers on http://127.0.0.1:9" in done.stderr


def test_in_python() -> None:
    """A mock takes and loads snapshots without a socket."""
    mock = Mock(fixture={"account": "111122223333", "keys": [{"aliases": ["alias/old"]}]})
    blob = mock.client("kms").encrypt(KeyId="alias/old", Plaintext=MESSAGE)["CiphertextBlob"]
    text = mock.snapshot()

    other = Mock()
    assert "alias/old" not in other.keys
    other.load(text)
    assert (other.account, other.keys["alias/old"].account) == ("111122223333", "111122223333")
    assert other.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
    assert "secret:" not in mock.snapshot(secrets=False)

    with pytest.raises(FixtureError, match="is not a readable version"):
        other.load("snapshot: 7\n")
    assert other.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
    assert Mock(fixture=text).client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
