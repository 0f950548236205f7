"""Key stores, clusters and HSMs through their whole lives. The provider waits 30 seconds for each cluster and HSM."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.conftest import CHANGES
from tests.terraform.journeys import NOTHING, by_type, changed_arguments, drift, imports, settable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.terraform.conftest import Shows, Terraform, World

PARALLEL = "-parallelism=40"
SUBNETS = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
# Two clusters that are ready for a key store, and one with one HSM left.
WORLD = """
network:
  vpcs:
    - id: vpc-0a1b2c3d4e5f60000
      cidr: 10.0.0.0/16
      subnets:
        - {id: subnet-0a1b2c3d4e5f60001, zone: us-west-2a, cidr: 10.0.0.0/24}
        - {id: subnet-0a1b2c3d4e5f60002, zone: us-west-2b, cidr: 10.0.1.0/24}
clusters:
  - id: cluster-readyreadyr
    hsms: [{zone: us-west-2a}, {zone: us-west-2b}]
    users: &users
      - {name: kmsuser, role: crypto-user, password: kmsPswd123}
  - id: cluster-otherothero
    hsms: [{zone: us-west-2a}, {zone: us-west-2b}]
    users: *users
  - id: cluster-onehsmonehs
    hsms: [{id: hsm-firstfirstf, zone: us-west-2a}]
    users: *users
limits: {clusters: 8, hsms: 12}
"""
# Everything that can be changed in place hangs on `second`.
STORES = """
variable "second" { default = false }

provider "aws" {
  default_tags {
    tags = { Team = var.second ? "billing" : "payments" }
  }
}

locals {
  a       = "subnet-0a1b2c3d4e5f60001"
  b       = "subnet-0a1b2c3d4e5f60002"
  subnets = [local.a, local.b]
  anchor  = file("../fixtures/customerCA.crt")
}

resource "aws_cloudhsm_v2_cluster" "old" {
  hsm_type   = "hsm1.medium"
  subnet_ids = local.subnets
  tags       = var.second ? { Changed = "new", Emptied = "" } : { Changed = "old", Emptied = "full", Removed = "x" }
}
resource "aws_cloudhsm_v2_hsm" "by_subnet" {
  cluster_id = aws_cloudhsm_v2_cluster.old.cluster_id
  subnet_id  = var.second ? local.b : local.a
}

resource "aws_cloudhsm_v2_cluster" "new" {
  hsm_type   = "hsm2m.medium"
  mode       = "NON_FIPS"
  subnet_ids = local.subnets
}
resource "aws_cloudhsm_v2_hsm" "by_zone" {
  cluster_id        = aws_cloudhsm_v2_cluster.new.cluster_id
  availability_zone = "us-west-2a"
  ip_address        = "10.0.0.200"
}

resource "aws_cloudhsm_v2_cluster" "gone" {
  hsm_type   = "hsm2m.medium"
  mode       = "FIPS"
  subnet_ids = local.subnets
}

resource "aws_cloudhsm_v2_hsm" "first" {
  cluster_id        = "cluster-onehsmonehs"
  availability_zone = "us-west-2a"
}
resource "aws_cloudhsm_v2_hsm" "second" {
  cluster_id = "cluster-onehsmonehs"
  subnet_id  = local.b
}

resource "aws_kms_custom_key_store" "full" {
  custom_key_store_name    = var.second ? "renamed" : "full"
  custom_key_store_type    = "AWS_CLOUDHSM"
  cloud_hsm_cluster_id     = "cluster-readyreadyr"
  key_store_password       = var.second ? "another123" : "kmsPswd123"
  trust_anchor_certificate = local.anchor
}
resource "aws_kms_custom_key_store" "grown" {
  custom_key_store_name    = "grown"
  cloud_hsm_cluster_id     = aws_cloudhsm_v2_hsm.second.cluster_id
  key_store_password       = "kmsPswd123"
  trust_anchor_certificate = local.anchor
}
resource "aws_kms_custom_key_store" "gone" {
  custom_key_store_name    = "gone"
  cloud_hsm_cluster_id     = "cluster-otherothero"
  key_store_password       = "kmsPswd123"
  trust_anchor_certificate = local.anchor
}
"""
READING = """
import {
  to = aws_cloudhsm_v2_hsm.first
  id = "hsm-firstfirstf"
}

data "aws_kms_custom_key_store" "by_id" {
  custom_key_store_id = aws_kms_custom_key_store.grown.id
}
data "aws_kms_custom_key_store" "by_name" {
  custom_key_store_name = aws_kms_custom_key_store.grown.custom_key_store_name
}
data "aws_cloudhsm_v2_cluster" "by_id" {
  cluster_id = aws_cloudhsm_v2_hsm.by_subnet.cluster_id
}
data "aws_cloudhsm_v2_cluster" "by_state" {
  cluster_id    = "cluster-readyreadyr"
  cluster_state = "ACTIVE"
}

output "stores" {
  value = [data.aws_kms_custom_key_store.by_id, data.aws_kms_custom_key_store.by_name]
}
output "clusters" {
  value = [data.aws_cloudhsm_v2_cluster.by_id, data.aws_cloudhsm_v2_cluster.by_state]
}
"""
TYPES = ("aws_cloudhsm_v2_cluster", "aws_cloudhsm_v2_hsm", "aws_kms_custom_key_store")


@dataclass
class Journey:
    """One configuration on its way through one world."""

    tf: Terraform
    world: World
    shows: Shows

    @property
    def hsms(self) -> Any:
        """Return a client of CloudHSM."""
        return self.world.client("cloudhsmv2")

    @property
    def kms(self) -> Any:
        """Return a client of KMS."""
        return self.world.client("kms")

    def is_created(self) -> None:
        """Apply for the first time."""
        assert "1 imported, 9 added, 0 changed, 0 destroyed." in self.tf.apply(PARALLEL)
        assert "No changes." in self.tf.plan()
        resources = self.tf.resources()
        old, new = (resources[f"aws_cloudhsm_v2_cluster.{name}"] for name in ("old", "new"))
        assert [(cluster["cluster_state"], cluster["mode"]) for cluster in (old, new)] == [
            ("UNINITIALIZED", "FIPS"),
            ("UNINITIALIZED", "NON_FIPS"),
        ]
        assert old["vpc_id"] == "vpc-0a1b2c3d4e5f60000"
        assert old["security_group_id"].startswith("sg-")
        assert (set(old["subnet_ids"]), old["source_backup_identifier"]) == (set(SUBNETS), "")
        places = {
            address.rpartition(".")[2]: (hsm["availability_zone"], hsm["subnet_id"], hsm["hsm_state"])
            for address, hsm in resources.items()
            if address.startswith("aws_cloudhsm_v2_hsm.")
        }
        a, b = zip(("us-west-2a", "us-west-2b"), SUBNETS, ("ACTIVE", "ACTIVE"), strict=True)
        assert places == {"by_subnet": a, "by_zone": a, "first": a, "second": b}
        by_zone = resources["aws_cloudhsm_v2_hsm.by_zone"]
        assert by_zone["ip_address"] == "10.0.0.200"
        assert by_zone["hsm_eni_id"].startswith("eni-")
        self.shows("create", *TYPES)
        self.shows("second plan", *TYPES)

    def is_read(self) -> None:
        """Check the values of the data sources."""
        outputs, resources = self.tf.outputs(), self.tf.resources()
        grown = resources["aws_kms_custom_key_store.grown"]
        for store in outputs["stores"]:
            assert (store["custom_key_store_id"], store["custom_key_store_name"]) == (grown["id"], "grown")
            assert (store["connection_state"], store["cloud_hsm_cluster_id"]) == ("DISCONNECTED", "cluster-onehsmonehs")
            assert store["trust_anchor_certificate"] == grown["trust_anchor_certificate"]
        own, active = outputs["clusters"]
        old = resources["aws_cloudhsm_v2_cluster.old"]
        assert (own["security_group_id"], own["cluster_state"]) == (old["security_group_id"], "UNINITIALIZED")
        (certificates,) = own["cluster_certificates"]  # the first HSM has brought them
        assert certificates["cluster_csr"].startswith("-----BEGIN CERTIFICATE REQUEST-----")
        (certificates,) = active["cluster_certificates"]
        assert certificates["cluster_certificate"].startswith("-----BEGIN CERTIFICATE-----")
        self.shows("read", "data.aws_kms_custom_key_store", what="id, name")
        self.shows("read", "data.aws_cloudhsm_v2_cluster", what="id, id and state")

    def is_changed(self) -> None:
        """Change every argument that can be changed. An HSM has none, so another one replaces it."""
        changing = self.tf.apply(PARALLEL, "-var=second=true")
        assert "1 added, 4 changed, 1 destroyed." in changing, changing.text
        assert "No changes." in self.tf.plan("-var=second=true")
        changed = by_type(changed_arguments(changing))
        for name, arguments in settable(self.tf, *TYPES).items():
            assert arguments <= changed[name], name
            self.shows("update", name, what=", ".join(sorted(arguments)) or NOTHING)
        # The provider sends what has changed, and nothing else.
        assert self.world.calls().count("UpdateCustomKeyStore") == 1
        id_ = self.tf.resources()["aws_cloudhsm_v2_cluster.old"]["cluster_id"]
        (old,) = self.hsms.describe_clusters(Filters={"clusterIds": [id_]})["Clusters"]
        assert {tag["Key"]: tag["Value"] for tag in old["TagList"]} == {
            "Changed": "new",
            "Emptied": "",
            "Team": "billing",
        }
        assert [hsm["SubnetId"] for hsm in old["Hsms"]] == SUBNETS[1:]

    def is_imported(self) -> None:
        """Import all resources in a directory without a state."""
        ids = {address: values["id"] for address, values in self.tf.resources().items() if address.startswith(TYPES)}
        importing = self.tf.beside("imported", STORES + "".join(imports(ids)))
        planned = importing.plan("-var=second=true", expect=CHANGES)
        assert f"Plan: {len(ids)} to import, 0 to add, 3 to change, 0 to destroy." in planned, planned.text
        assert {address: names for address, names in changed_arguments(planned).items() if names} == {
            f"aws_kms_custom_key_store.{name}": {"key_store_password"} for name in ("full", "grown", "gone")
        }
        self.shows("import", "aws_kms_custom_key_store", what="sets key_store_password where it is given")
        self.shows("import", "aws_cloudhsm_v2_cluster", "aws_cloudhsm_v2_hsm", what="no change")

    def drifts(self) -> None:
        """Change and delete resources outside Terraform. An HSM cannot be changed."""
        ids = {address: values["id"] for address, values in self.tf.resources().items()}
        cluster = ids["aws_cloudhsm_v2_cluster.old"]
        self.hsms.tag_resource(ResourceId=cluster, TagList=[{"Key": "By", "Value": "hand"}])
        self.hsms.delete_cluster(ClusterId=ids["aws_cloudhsm_v2_cluster.gone"])
        self.hsms.delete_hsm(ClusterId=ids["aws_cloudhsm_v2_cluster.new"], HsmId=ids["aws_cloudhsm_v2_hsm.by_zone"])
        store = ids["aws_kms_custom_key_store.full"]
        self.kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName="by-hand")
        self.kms.delete_custom_key_store(CustomKeyStoreId=ids["aws_kms_custom_key_store.gone"])

        drifted, planned = drift(self.tf.plan("-json", "-var=second=true", expect=CHANGES))
        changed = ("aws_cloudhsm_v2_cluster.old", "aws_kms_custom_key_store.full")
        gone = ("aws_cloudhsm_v2_cluster.gone", "aws_cloudhsm_v2_hsm.by_zone", "aws_kms_custom_key_store.gone")
        for address in changed:
            assert (drifted[address], planned[address]) == ("update", "update")
        for address in gone:
            assert (drifted[address], planned[address]) == ("delete", "create")
        assert {address for address in planned if not address.startswith("data.")} == {*changed, *gone}
        self.shows("drift", "aws_cloudhsm_v2_cluster", "aws_kms_custom_key_store", what="changed, deleted")
        self.shows("drift", "aws_cloudhsm_v2_hsm", what="deleted; an HSM cannot be changed")

    def is_destroyed(self) -> None:
        """Destroy all resources. The existing cluster has lost the HSMs that Terraform managed."""
        self.tf.destroy(PARALLEL, "-var=second=true")
        assert self.kms.describe_custom_key_stores()["CustomKeyStores"] == []
        clusters = self.hsms.describe_clusters()["Clusters"]
        left = {cluster["ClusterId"]: len(cluster["Hsms"]) for cluster in clusters if cluster["State"] != "DELETED"}
        assert left == {"cluster-readyreadyr": 2, "cluster-otherothero": 2, "cluster-onehsmonehs": 0}
        self.shows("destroy", *TYPES)


@pytest.mark.long
def test_a_whole_life(
    world: Callable[[str], World], workspace: Callable[..., Terraform], shows: Shows, tmp_path: Path
) -> None:
    """Clusters, HSMs and key stores are created, changed, imported and destroyed.

    A cluster is UNINITIALIZED, in its subnets' VPC. An HSM is found by its id alone. With a second HSM in another zone
    the cluster accepts a key store. KMS never returns a store's password, so an import sets it. Resources that are
    deleted outside Terraform are planned again.
    """
    fixture = tmp_path / "clusters.yaml"
    fixture.write_text(WORLD)
    clusters = world(str(fixture))
    tf = workspace(clusters, STORES)
    (tf.directory / "reading.tf").write_text(READING)
    journey = Journey(tf, clusters, shows)
    journey.is_created()
    journey.is_read()
    journey.is_changed()
    journey.is_imported()
    journey.drifts()
    journey.is_destroyed()
