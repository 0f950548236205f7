"""tflocal, LocalStack's wrapper around Terraform, which writes endpoints into the provider's configuration."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

MAIN = """
data "aws_caller_identity" "current" {}

data "aws_cloudhsm_v2_cluster" "ready" {
  cluster_id = "cluster-readytwozone"
}

resource "aws_kms_key" "example" {
  tags = { Account = data.aws_caller_identity.current.account_id }
}

output "state" {
  value = data.aws_cloudhsm_v2_cluster.ready.cluster_state
}
"""


def test_apply_and_destroy(world: Callable[[str], World], workspace: Callable[[World, str], Terraform]) -> None:
    """A configuration that tflocal applies reaches the same endpoint for every service, and ends with an empty plan."""
    server = world("ready-cluster")
    terraform = workspace(server, MAIN)
    tflocal = shutil.which("tflocal", path=terraform.environment["PATH"])
    if tflocal is None:
        if os.environ.get("CI"):
            pytest.fail("tflocal is not installed; run make clean test")
        pytest.skip("tflocal is not installed")
    terraform = replace(
        terraform,
        executable=Path(tflocal),
        environment=terraform.environment | {"TF_CMD": str(terraform.executable), "DISABLE_DEPRECATION_NOTICE": "1"},
    )
    terraform.apply()
    assert terraform.outputs()["state"] == "ACTIVE"
    assert terraform.resources()["aws_kms_key.example"]["tags"] == {"Account": "000000000000"}
    assert "No changes" in terraform.plan()
    terraform.destroy()
    assert [key["KeyState"] for key in _keys(server)] == ["PendingDeletion"]


def _keys(server: World) -> list[dict[str, str]]:
    kms = server.client("kms")
    return [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
