"""AWS's way: the AWS CLI connects the store between its resource and its key's."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.terraform.conftest import Terraform, World

BROKEN = sorted(path.stem for path in (ROOT / "fixtures").glob("connection-*.yaml"))


def test_connected_destroyed_and_imported_again(
    world: Callable[[str], World], checkout: Callable[..., Terraform]
) -> None:
    """A destroy leaves the disconnected store until its key is deleted; meanwhile it can be imported.

    KMS changed kmsuser's password when the store first connected, so the one in Terraform is no longer right.
    """
    strict = world("strict-cluster")
    kms = strict.client("kms")
    tf = checkout(strict, "connect-with-cli")
    assert "is CONNECTED." in tf.apply()
    assert "No changes." in tf.plan()
    store = tf.outputs()["key_store_id"]
    assert kms.describe_custom_key_stores()["CustomKeyStores"][0]["ConnectionState"] == "CONNECTED"

    assert "is DISCONNECTED." in tf.destroy()
    left = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert [(entry["CustomKeyStoreId"], entry["ConnectionState"]) for entry in left] == [(store, "DISCONNECTED")]

    tf("import", "-no-color", "aws_kms_custom_key_store.this", store)
    failed = tf.apply(expect=1)
    assert f"Key store {store} did not connect: it is FAILED with ConnectionErrorCode INVALID_CREDENTIALS." in failed
    assert "Note that KMS changes it whenever the store connects" in failed


def test_a_wrong_password_is_told_in_words(world: Callable[[str], World], checkout: Callable[..., Terraform]) -> None:
    """A wrong password shows when the store connects: it is FAILED with INVALID_CREDENTIALS.

    A FAILED store connects, and accepts a new password, only after a disconnect. So the script disconnects it.
    """
    strict = world("strict-cluster")
    tf = checkout(strict, "connect-with-cli")
    failed = tf.apply("-var=kmsuser_password=wrong1234", expect=1)
    assert "did not connect: it is FAILED with ConnectionErrorCode INVALID_CREDENTIALS." in failed
    assert "The password is not kmsuser's." in failed
    look = "DescribeCustomKeyStores"
    assert [call for call in strict.calls() if call.endswith(("CustomKeyStore", look))] == [
        *("CreateCustomKeyStore", look),  # the provider's
        *(look, "ConnectCustomKeyStore", look, "DisconnectCustomKeyStore", look),  # the script's
    ]

    assert "is CONNECTED." in tf.apply()
    assert "No changes." in tf.plan()


def test_a_store_that_lost_its_connection(world: Callable[[str], World], checkout: Callable[..., Terraform]) -> None:
    """The plan reports a store that was disconnected, and `-replace` of the connection connects it again."""
    strict = world("strict-cluster")
    tf = checkout(strict, "connect-with-cli")
    tf.apply()
    strict.client("kms").disconnect_custom_key_store(CustomKeyStoreId=tf.outputs()["key_store_id"])
    assert "is DISCONNECTED, not CONNECTED: connect it first" in tf.plan(expect=1)
    assert "is CONNECTED." in tf.apply("-replace=terraform_data.connection[0]")
    assert "No changes." in tf.plan()


def _script(name: str, world: World, timeout: int = 60) -> subprocess.CompletedProcess[str]:
    """Run one of the two scripts on the world's only key store, as Terraform does."""
    store = world.client("kms").describe_custom_key_stores()["CustomKeyStores"][0]["CustomKeyStoreId"]
    return subprocess.run(
        ["sh", ROOT / "terraform" / "connect-with-cli" / name],
        env=world.environment() | {"STORE_ID": store, "TIMEOUT": str(timeout), "INTERVAL": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("fixture", BROKEN)
def test_each_connection_error_has_words_of_its_own(fixture: str, world: Callable[[str], World]) -> None:
    """A failed connection shows only afterwards, as a ConnectionErrorCode. The script prints the remedy for each."""
    broken = world(fixture)
    ran = _script("connect.sh", broken)
    assert ran.returncode == 1
    code = fixture.removeprefix("connection-").upper().replace("-", "_")
    assert f"it is FAILED with ConnectionErrorCode {code}.\n" in ran.stdout
    assert "https://docs.aws.amazon.com" not in ran.stdout  # where the script knows nothing better
    store = broken.client("kms").describe_custom_key_stores()["CustomKeyStores"][0]
    assert (store["ConnectionState"], "ConnectionErrorCode" in store) == ("DISCONNECTED", False)


@pytest.mark.slow
def test_the_scripts_wait_as_long_as_they_are_told(world: Callable[[str], World], tmp_path: Path) -> None:
    """ConnectCustomKeyStore answers at once; the store is CONNECTING, and later DISCONNECTING, for minutes."""
    text = (ROOT / "fixtures" / "disconnected-store.yaml").read_text()
    fixture = tmp_path / "slow.yaml"
    fixture.write_text(text + "\ntiming:\n  connect: PT12S\n  disconnect: PT4S\n")
    slow = world(str(fixture))
    ran = _script("connect.sh", slow, timeout=1)
    assert ran.returncode == 1
    assert "is still CONNECTING after " in ran.stdout
    ran = _script("connect.sh", slow)
    assert (ran.returncode, "is CONNECTED." in ran.stdout) == (0, True)
    ran = _script("disconnect.sh", slow)
    assert (ran.returncode, "is DISCONNECTED." in ran.stdout) == (0, True)
