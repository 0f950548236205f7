"""The life of a cluster with real Terraform: from its first subnet to a key that survives a lost zone, and its end."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

README = (ROOT / "terraform/cloudhsm-from-scratch/README.md").read_text()
# The first one opens a shell, the others are for that shell.
SHELL, BUILD, LOOK, LOSE, TAKE_DOWN = re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def run(tf: Terraform, commands: str) -> str:
    """Run commands as a user types them, each to its end; return their output."""
    done = subprocess.run(
        ["sh", "-uc", commands], cwd=tf.directory, env=tf.environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def cluster(world: World) -> dict[str, Any]:
    """Return the only cluster as DescribeClusters shows it."""
    (found,) = world.client("cloudhsmv2").describe_clusters()["Clusters"]
    return dict(found)


@pytest.mark.long
def test_the_walk_through(world: Callable[[str], World], checkout: Callable[..., Terraform]) -> None:
    """The README's commands work as described. The key takes a week to be deleted, and then nothing is left."""
    assert "--fixture empty" in SHELL
    here = world("empty")
    tf = checkout(here, "cloudhsm-from-scratch")
    # Terraform need not be on PATH.
    said = run(tf, BUILD.replace("terraform ", f"'{tf.executable}' "))
    assert "Apply complete!" in said, said
    assert "No changes." in tf.plan()
    shown = cluster(here)
    assert shown["State"] == "ACTIVE"
    assert {hsm["AvailabilityZone"] for hsm in shown["Hsms"]} == {"us-west-2a", "us-west-2b"}
    assert [call for call in here.calls() if call == "CreateHsm"] == ["CreateHsm"] * 2

    looked = run(tf, LOOK)
    assert '"kmsuser"' in looked
    assert tf.outputs()["key_arn"] in looked

    lost = run(tf, LOSE.replace("terraform ", f"'{tf.executable}' "))
    assert "hello" in lost
    assert "CloudHsmClusterInvalidConfigurationException" in lost
    assert {hsm["State"] for hsm in cluster(here)["Hsms"]} == {"ACTIVE"}

    said = run(tf, TAKE_DOWN.replace("terraform ", f"'{tf.executable}' "))
    assert said.count("Destroy complete!") == 2, said
    kms = here.client("kms")
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    assert kms.list_keys()["Keys"] == []
    assert [entry["State"] for entry in here.client("cloudhsmv2").describe_clusters()["Clusters"]] in ([], ["DELETED"])
    assert "DeleteCustomKeyStore" not in dict(here.refusals())


@pytest.mark.long
def test_other_values(world: Callable[[str], World], checkout: Callable[..., Terraform]) -> None:
    """Other subnets, mode, names and passwords make another cluster, with a certificate of the user's own authority."""
    here = world("empty")
    tf = checkout(here, "cloudhsm-from-scratch")
    assert "customerCA.crt" in run(tf, "sh make-ca.sh my-ca && ls my-ca")
    subnets = ["subnet-0a1b2c3d4e5f60002", "subnet-0a1b2c3d4e5f60001"]
    variables = {
        "subnet_ids": json.dumps(subnets),
        "mode": "NON_FIPS",
        "ca_folder": "my-ca",
        "admin_password": "anotherAdmin1",
        "kmsuser_password": "anotherKmsuser1",
        "key_store_name": "payments",
        "key_alias": "payments",
        "plaintext": "goodbye",
    }
    given = [f"-var={name}={value}" for name, value in variables.items()]
    tf.apply(*given)
    assert "No changes." in tf.plan(*given)
    shown = cluster(here)
    assert (shown["Mode"], shown["Hsms"][0]["SubnetId"]) == ("NON_FIPS", subnets[0])
    (tf.directory / "cluster.crt").write_text(shown["Certificates"]["ClusterCertificate"])
    assert "cluster.crt: OK" in run(tf, "openssl verify -CAfile my-ca/customerCA.crt cluster.crt")
    # KMS has changed the password, so the one in the configuration is wrong.
    login = "mockaws hsm login --username kmsuser --role crypto-user --password anotherKmsuser1"
    assert '"error_code": 1' in run(tf, login)


@pytest.mark.slow
def test_the_authority_comes_first(world: Callable[[str], World], checkout: Callable[..., Terraform]) -> None:
    """Without a certificate authority nothing can be signed, which the plan reports before any resource is created."""
    here = world("empty")
    tf = checkout(here, "cloudhsm-from-scratch")
    assert "Make an authority first: sh make-ca.sh ca" in tf.plan(expect=1)
    assert "CreateCluster" not in here.calls()
