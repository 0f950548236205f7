"""One server, many worlds: parallel runs that do not see each other."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import boto3

from mockaws import environment
from tests.terraform.conftest import ACCESS_KEY, REGION, Terraform

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.terraform.conftest import World
    from tests.terraform.tool import terraform

WORLDS = [f"pr-{number}" for number in range(8)]
CONFIGURATION = """
resource "aws_kms_key" "this" {
  description = "of %s"
}
resource "aws_kms_alias" "this" {
  name          = "alias/payments"
  target_key_id = aws_kms_key.this.key_id
}
"""


def test_eight_applies_in_eight_worlds(
    world: Callable[[str], World], tool: terraform.Terraform, initialised: Path, tmp_path: Path
) -> None:
    """An alias is unique in an account and Region of one world: the same name in eight worlds means eight keys."""
    server = world("empty")

    def applied(name: str) -> str:
        directory = tmp_path / name
        shutil.copytree(initialised, directory, symlinks=True)
        variables = environment.for_command(server.environment(), f"{server.url}/worlds/{name}", ACCESS_KEY, REGION)
        tf = Terraform(directory, tool.undisturbed(variables), tool.executable)
        tf.write(CONFIGURATION % name)
        assert "2 added" in tf.apply()
        assert "No changes." in tf.plan()
        return str(tf.resources()["aws_kms_key.this"]["key_id"])

    with ThreadPoolExecutor(len(WORLDS)) as running:
        keys = dict(zip(WORLDS, running.map(applied, WORLDS), strict=True))

    for name, key_id in keys.items():
        kms = boto3.client(
            "kms",
            region_name=REGION,
            endpoint_url=f"{server.url}/worlds/{name}",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key="mockaws",
        )
        assert [key["KeyId"] for key in kms.list_keys()["Keys"]] == [key_id]
        assert kms.describe_key(KeyId="alias/payments")["KeyMetadata"]["Description"] == f"of {name}"
    assert server.client("kms").list_keys()["Keys"] == []
