"""The demo's configuration, and the provider's handling of a key store."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.terraform.tool import ROOT, terraform

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

WAY_OUT = (ROOT / "docs" / "terraform.md").read_text().partition("### Destroying a key store as on AWS\n")[2]
STORE = """
variable "name" { default = "store" }
variable "password" { default = "kmsPswd123" }

resource "aws_kms_custom_key_store" "this" {
  custom_key_store_name    = var.name
  custom_key_store_type    = "AWS_CLOUDHSM"
  cloud_hsm_cluster_id     = "cluster-readytwozone"
  key_store_password       = var.password
  trust_anchor_certificate = file("../fixtures/customerCA.crt")
}
"""

KEY = """
resource "aws_kms_key" "this" {
  custom_key_store_id     = aws_kms_custom_key_store.this.id
  deletion_window_in_days = 7
}
"""


def test_the_demo_tells_its_story(tool: terraform.Terraform) -> None:
    """`make demo` creates, plans to no change, encrypts and destroys, reports each step, and exits with 0."""
    assert tool
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo.py"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
    for sentence in (
        "aws_kms_custom_key_store.this: Creation complete",
        "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.",
        "No changes.",
        "ConnectionState = CONNECTED",
        "Origin = AWS_CLOUDHSM",
        "Plaintext = attack at dawn",
        "Destroy complete! Resources: 3 destroyed.",
        "Then try:",
    ):
        assert sentence in ran.stdout


def test_the_demo_says_why_it_fails(tool: terraform.Terraform) -> None:
    """On a cluster with one HSM the demo stops at `apply` with KMS's error, advice, and exit status 1."""
    assert tool
    ran = subprocess.run(
        [sys.executable, ROOT / "scripts" / "demo.py", "--fixture", "one-hsm"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    assert "CloudHsmClusterInvalidConfigurationException" in ran.stdout
    assert "Step 2 failed: terraform apply -auto-approve" in ran.stdout
    assert "Traceback" not in ran.stdout


def test_destroyed_and_built_again_under_the_same_names(
    world: Callable[[str], World], checkout: Callable[..., Terraform]
) -> None:
    """The environment alone directs the provider; a second plan is empty; after a destroy the same names are free.

    The last is a relaxation of ready-cluster: AWS keeps a store until its last key is deleted.
    """
    ready = world("ready-cluster")
    tf = checkout(ready, "custom-key-store")
    tf.apply()
    first = tf.outputs()
    assert "No changes." in tf.plan()

    assert "Destroy complete! Resources: 3 destroyed." in tf.destroy()
    kms = ready.client("kms")
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    assert kms.list_keys()["Keys"] == []
    assert all(alias["AliasName"].startswith("alias/aws/") for alias in kms.list_aliases()["Aliases"])
    assert ready.refusals() == []

    tf.apply()
    second = tf.outputs()
    assert second["key_arn"] != first["key_arn"]
    assert second["key_alias"] == first["key_alias"]

    # The key is replaced with its store, and then the alias is given to the new one.
    assert "2 added, 1 changed, 2 destroyed." in tf.apply("-replace=aws_kms_custom_key_store.this")
    assert "No changes." in tf.plan()
    assert kms.describe_key(KeyId=second["key_alias"])["KeyMetadata"]["Arn"] == tf.outputs()["key_arn"]


def test_a_connected_store_takes_a_name_but_no_password(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """KMS changes the password of a DISCONNECTED store only, and the provider does not disconnect it."""
    ready = world("ready-cluster")
    tf = workspace(ready, STORE)
    tf.apply()
    tf.apply("-var=name=renamed")
    refused = tf.apply("-var=name=renamed", "-var=password=another123", expect=1)
    assert "CustomKeyStoreInvalidStateException" in refused
    assert ready.refusals() == [("UpdateCustomKeyStore", "CustomKeyStoreInvalidStateException")]


def test_the_provider_hides_that_a_store_could_not_be_deleted(
    world: Callable[[str], World], workspace: Callable[..., Terraform]
) -> None:
    """A store that is connected, or has a key that is pending deletion, remains, and Terraform reports success.

    The next store of that name is refused until the steps of the documentation are done.
    """
    strict = world("strict-cluster")
    kms = strict.client("kms")
    tf = workspace(strict, STORE)
    tf.apply()
    store = tf.resources()["aws_kms_custom_key_store.this"]["id"]
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    tf.write(STORE + KEY)
    tf.apply()
    assert "No changes." in tf.plan()

    assert "Destroy complete! Resources: 2 destroyed." in tf.destroy()
    assert strict.refusals() == [("DeleteCustomKeyStore", "CustomKeyStoreHasCMKsException")]
    left = kms.describe_custom_key_stores()["CustomKeyStores"]
    assert [(entry["CustomKeyStoreId"], entry["ConnectionState"]) for entry in left] == [(store, "CONNECTED")]
    tf.write(STORE)
    assert "CustomKeyStoreNameInUseException" in tf.apply(expect=1)
    assert "CloudHsmClusterInUseException" in tf.apply("-var=name=another", expect=1)

    (commands,) = re.findall(r"```bash\n(.*?)```", WAY_OUT, re.DOTALL)
    subprocess.run(["sh", "-euc", commands], env=tf.environment, check=True)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    assert kms.list_keys()["Keys"] == []
    tf.apply()


def test_a_disconnected_store_shows_as_a_key_that_is_not_enabled(
    world: Callable[[str], World], checkout: Callable[..., Terraform]
) -> None:
    """Keys of a disconnected store are Unavailable. The demo's precondition reports that before `apply` waits."""
    ready = world("ready-cluster")
    tf = checkout(ready, "custom-key-store")
    tf.apply()
    store, key = tf.outputs()["key_store_id"], tf.outputs()["key_arn"]
    kms = ready.client("kms")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Unavailable", False)

    assert f"Key store {store} is DISCONNECTED, not CONNECTED: connect it first" in tf.plan(expect=1)

    kms.connect_custom_key_store(CustomKeyStoreId=store)
    assert "No changes." in tf.plan()
    assert "Destroy complete!" in tf.destroy()
