"""A cluster in a VPC of the same configuration, in moto's EC2: CloudHSM creates its parts there and removes them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.tool import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

README = (ROOT / "terraform/cloudhsm-in-vpc/README.md").read_text()
# The first one opens a shell, the others are for that shell.
SHELL, BUILD, LOOK, TAKE_DOWN = re.findall(r"^```\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def run(tf: Terraform, commands: str) -> str:
    """Run commands as a user types them; return their output. Terraform need not be on PATH."""
    commands = commands.replace("terraform ", f"'{tf.executable}' ")
    done = subprocess.run(
        ["sh", "-uc", commands], cwd=tf.directory, env=tf.environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


@pytest.mark.long
def test_the_walk_through(world: Callable[..., World], checkout: Callable[..., Terraform]) -> None:
    """CloudHSM makes a group and an interface in EC2, a second plan is empty, and destroying leaves nothing there."""
    assert "--fixture empty --others moto" in SHELL
    here = world("empty", "--others", "moto")
    ec2: Any = here.client("ec2")
    before = ec2.describe_vpcs()["Vpcs"], ec2.describe_security_groups()["SecurityGroups"]
    tf = checkout(here, "cloudhsm-in-vpc")
    said = run(tf, BUILD)
    assert "Apply complete!" in said, said
    assert "No changes." in tf.plan()

    made = tf.outputs()
    assert (made["cluster_state"], len(made["subnet_ids"])) == ("UNINITIALIZED", 3)
    (cluster,) = here.client("cloudhsmv2").describe_clusters()["Clusters"]
    assert (cluster["VpcId"], set(cluster["SubnetMapping"].values())) == (made["vpc_id"], set(made["subnet_ids"]))
    (interface,) = ec2.describe_network_interfaces(NetworkInterfaceIds=[made["hsm_eni_id"]])["NetworkInterfaces"]
    assert interface["PrivateIpAddress"] == made["hsm_ip"]
    looked = run(tf, LOOK)
    assert f"cloudhsm-{made['cluster_id']}-sg" in looked
    assert made["hsm_eni_id"] in looked

    said = run(tf, TAKE_DOWN)
    assert "Destroy complete!" in said, said
    assert '"NetworkInterfaces": []' in said
    assert (ec2.describe_vpcs()["Vpcs"], ec2.describe_security_groups()["SecurityGroups"]) == before
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    # The provider looks for what it has deleted until it is not found.
    assert {error.rpartition(".")[2] for _, error in here.refusals()} == {"NotFound"}
