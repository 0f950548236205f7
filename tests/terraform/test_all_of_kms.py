"""Every resource and data source of KMS outside of key stores, through its whole life, in three Regions."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.terraform.conftest import CHANGES
from tests.terraform.journeys import NOTHING, by_type, changed_arguments, drift, imports, settable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.terraform.conftest import Shows, Terraform, World

PARALLEL = "-parallelism=40"
REGIONS = ("us-west-2", "eu-west-1", "ap-southeast-2")
# Everything that can be changed in place hangs on `second`.
KEYS = """
variable "second" { default = false }
variable "valid_to" {}
variable "imported" { default = false } # KMS does not return its material

provider "aws" {
  default_tags { tags = local.team }
  ignore_tags {
    keys         = ["Ignored"]
    key_prefixes = ["kubernetes.io/"]
  }
}
provider "aws" {
  alias  = "ireland"
  region = "eu-west-1"
  default_tags { tags = local.team }
}
provider "aws" {
  alias  = "sydney"
  region = "ap-southeast-2"
  default_tags { tags = local.team }
}

data "aws_caller_identity" "current" {}

locals {
  now      = var.second ? "second" : "first"
  window   = var.second ? 8 : 7
  team     = { Team = var.second ? "billing" : "payments" }
  material = var.imported ? null : base64encode("32 bytes, as AES-256 wants them.")
  root     = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"
  tags = merge(var.second ? { Added = "y", Emptied = "" } : { Removed = "x", Emptied = "full" },
    { Kept = "same", "Ünï/=+@" = " 漢字: - ", Empty = "", Changed = local.now })
  # Out of order, with lists of one, with spellings that must survive: the provider compares values by meaning.
  policy = jsonencode({
    Statement = [
      { Sid = "Own", Resource = ["*"], Principal = { AWS = [local.root] }, Effect = "Allow", Action = ["kms:*"] },
      { Sid = "Use it", Effect = "Allow", Principal = { Service = "logs.us-west-2.amazonaws.com" }, Resource = "*",
        Action = ["kms:Encrypt*", "kms:Decrypt*"], Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } } },
    ]
    Version = "2012-10-17"
    Id      = local.now
  })
}

resource "aws_kms_key" "plain" {}

resource "aws_kms_key" "full" {
  description                        = local.now
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.second
  enable_key_rotation                = true
  rotation_period_in_days            = var.second ? 90 : 180
  deletion_window_in_days            = local.window
  tags                               = local.tags
}
resource "aws_kms_key" "rising" {
  is_enabled          = var.second
  enable_key_rotation = var.second
}
resource "aws_kms_key" "falling" {
  is_enabled          = !var.second
  enable_key_rotation = !var.second
}
resource "aws_kms_key" "gone" {}

# Its policy is set while it is disabled.
resource "aws_kms_key" "policed" {
  is_enabled = false
}
resource "aws_kms_key_policy" "policed" {
  key_id                             = aws_kms_key.policed.id
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.second
}
resource "aws_kms_key_policy" "gone" {
  key_id = aws_kms_key.gone.id
  policy = local.policy
}

resource "aws_kms_alias" "by_id" {
  name          = "alias/by-id"
  target_key_id = var.second ? aws_kms_key.plain.arn : aws_kms_key.full.key_id
}
resource "aws_kms_alias" "by_arn" {
  name_prefix   = "alias/team/by-arn-"
  target_key_id = aws_kms_key.full.arn
}
resource "aws_kms_alias" "gone" {
  name          = "alias/gone"
  target_key_id = aws_kms_key.full.id
}

resource "aws_kms_key" "primary" {
  description         = "primary"
  multi_region        = true
  enable_key_rotation = true
}
resource "aws_kms_replica_key" "full" {
  provider                           = aws.ireland
  primary_key_arn                    = aws_kms_key.primary.arn
  description                        = local.now
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.second
  enabled                            = !var.second
  deletion_window_in_days            = local.window
  tags                               = local.tags
}
resource "aws_kms_replica_key" "gone" {
  provider        = aws.sydney
  primary_key_arn = aws_kms_key.primary.arn
}
resource "aws_kms_alias" "replica" {
  provider      = aws.ireland
  name          = "alias/by-id"
  target_key_id = aws_kms_replica_key.full.key_id
}

resource "aws_kms_external_key" "full" {
  description                        = local.now
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.second
  enabled                            = !var.second
  key_material_base64                = local.material
  valid_to                           = var.valid_to
  deletion_window_in_days            = local.window
  tags                               = local.tags
}
resource "aws_kms_external_key" "lasting" {
  description         = var.second ? "" : "first"
  key_material_base64 = local.material
  enabled             = var.second
}
resource "aws_kms_external_key" "gone" {}

resource "aws_kms_external_key" "primary" {
  multi_region        = true
  key_material_base64 = local.material
  enabled             = true
}
resource "aws_kms_replica_external_key" "full" {
  provider                           = aws.ireland
  primary_key_arn                    = aws_kms_external_key.primary.arn
  description                        = local.now
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.second
  enabled                            = !var.second
  key_material_base64                = local.material
  valid_to                           = var.valid_to
  deletion_window_in_days            = local.window
  tags                               = local.tags
}
resource "aws_kms_replica_external_key" "gone" {
  provider        = aws.sydney
  primary_key_arn = aws_kms_external_key.primary.arn
}
"""
READING = """
resource "aws_kms_key" "signing" {
  customer_master_key_spec = "ECC_NIST_P256"
  key_usage                = "SIGN_VERIFY"
}
resource "aws_kms_alias" "signing" {
  name          = "alias/signing"
  target_key_id = aws_kms_key.signing.id
}

# What the provider sends of it has lists in another order than the document.
data "aws_iam_policy_document" "odd" {
  statement {
    sid     = "Z"
    actions = ["kms:Decrypt", "kms:*", "kms:Encrypt"]
    principals {
      type        = "AWS"
      identifiers = [local.root, "111122223333"]
    }
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
    resources = ["*"]
    condition {
      test     = "StringEquals"
      variable = "kms:CallerAccount"
      values   = ["111122223333", "000000000000"]
    }
  }
  statement {
    effect      = "Deny"
    not_actions = ["kms:*"]
    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::000000000000:user/b", "arn:aws:iam::000000000000:role/a"]
    }
    resources = ["*"]
  }
}
resource "aws_kms_key" "documented" {
  policy = data.aws_iam_policy_document.odd.json
}

resource "aws_kms_ciphertext" "sealed" {
  key_id    = aws_kms_key.primary.key_id
  plaintext = jsonencode({ user = local.now })
  context   = { purpose = "test" }
}

data "aws_kms_secrets" "opened" {
  provider   = aws.sydney
  depends_on = [aws_kms_replica_key.gone]
  secret {
    name    = "sealed"
    payload = aws_kms_ciphertext.sealed.ciphertext_blob
    context = { purpose = "test" }
  }
}
data "aws_kms_ciphertext" "by" {
  for_each  = local.names
  key_id    = each.value
  plaintext = "again"
}
data "aws_kms_key" "by" {
  for_each = local.names
  key_id   = each.value
}
data "aws_kms_public_key" "by" {
  for_each = {
    id        = aws_kms_key.signing.key_id
    arn       = aws_kms_key.signing.arn
    alias     = aws_kms_alias.signing.name
    alias_arn = aws_kms_alias.signing.arn
  }
  key_id = each.value
}
data "aws_kms_alias" "by_name" {
  name = aws_kms_alias.by_arn.name
}
data "aws_kms_alias" "managed" {
  name = "alias/aws/s3"
}

locals {
  names = {
    id        = aws_kms_key.full.key_id
    arn       = aws_kms_key.full.arn
    alias     = aws_kms_alias.by_arn.name
    alias_arn = aws_kms_alias.by_arn.arn
  }
}

output "secret" {
  value     = jsondecode(data.aws_kms_secrets.opened.plaintext["sealed"]).user
  sensitive = true
}
output "keys" {
  value = [for key in data.aws_kms_key.by : [key.arn, key.key_state]]
}
output "encrypting" {
  value = [for sealed in data.aws_kms_ciphertext.by : sealed.id]
}
output "public" {
  value = [for key in data.aws_kms_public_key.by : [key.arn, key.public_key]]
}
output "target" {
  value = data.aws_kms_alias.by_name.target_key_arn
}
output "account" {
  value = data.aws_caller_identity.current.account_id
}
output "managed" {
  value = data.aws_kms_alias.managed
}
"""
KEYED = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_replica_external_key")
IMPORTED = (*KEYED, "aws_kms_key_policy", "aws_kms_alias")

BYPASS, WINDOW = "bypass_policy_lockout_safety_check", "deletion_window_in_days"
# Arguments that a plan adds to imported resources, because KMS does not return them. Only aws_kms_key and
# aws_kms_key_policy leave them unset without a value in the configuration.
ASKED_AGAIN = {
    "aws_kms_key.full": {BYPASS, WINDOW},
    "aws_kms_key_policy.policed": {BYPASS},
    "aws_kms_replica_key.full": {BYPASS, WINDOW},
    "aws_kms_replica_key.gone": {BYPASS, WINDOW},
    "aws_kms_external_key.full": {BYPASS, WINDOW},
    "aws_kms_external_key.gone": {BYPASS, WINDOW},
    "aws_kms_external_key.lasting": {BYPASS, WINDOW},
    "aws_kms_external_key.primary": {BYPASS, WINDOW},
    "aws_kms_replica_external_key.full": {BYPASS, WINDOW},
    "aws_kms_replica_external_key.gone": {BYPASS, WINDOW},
}
CHANGED = (
    *("aws_kms_key.full", "aws_kms_key.rising", "aws_kms_key.policed", "aws_kms_key_policy.policed"),
    *("aws_kms_alias.by_id", "aws_kms_external_key.lasting"),
    *("aws_kms_replica_key.full", "aws_kms_replica_external_key.full"),
)
GONE = tuple(f"{name}.gone" for name in IMPORTED)


@dataclass
class Journey:
    """One configuration on its way through one world."""

    tf: Terraform
    kms: list[Any]  # a client for each Region
    shows: Shows
    valid_to: tuple[str, str]

    @property
    def first(self) -> list[str]:
        """Return the variables of the first apply."""
        return [f"-var=valid_to={self.valid_to[0]}"]

    @property
    def second(self) -> list[str]:
        """Return the variables of the second apply, which change everything."""
        return [f"-var=valid_to={self.valid_to[1]}", "-var=second=true"]

    def is_created(self) -> None:
        """Apply for the first time."""
        assert "25 added, 0 changed, 0 destroyed." in self.tf.apply(PARALLEL, *self.first)
        assert "No changes." in self.tf.plan(*self.first)
        resources = self.tf.resources()
        plain, full, primary = (resources[f"aws_kms_key.{name}"] for name in ("plain", "full", "primary"))
        assert plain["customer_master_key_spec"] == "SYMMETRIC_DEFAULT"
        assert json.loads(plain["policy"])["Id"] == "key-default-1"
        # Without a period KMS says 365, with one it says that one.
        assert (full["rotation_period_in_days"], primary["rotation_period_in_days"]) == (180, 365)
        assert full["tags_all"] == full["tags"] | {"Team": "payments"}
        replica = resources["aws_kms_replica_key.full"]
        assert (replica["key_id"], replica["key_rotation_enabled"]) == (primary["key_id"], True)
        assert resources["aws_kms_replica_key.gone"]["description"] == ""
        expiring, lasting = ("KEY_MATERIAL_EXPIRES", self.valid_to[0]), ("KEY_MATERIAL_DOES_NOT_EXPIRE", "")
        assert {
            address.removeprefix("aws_kms_"): (values["key_state"], values["expiration_model"], values["valid_to"])
            for address, values in resources.items()
            if "external" in address
        } == {
            "external_key.full": ("Enabled", *expiring),
            "external_key.primary": ("Enabled", *lasting),
            "external_key.lasting": ("Disabled", *lasting),
            "external_key.gone": ("PendingImport", "", ""),
            "replica_external_key.full": ("Enabled", *expiring),
            "replica_external_key.gone": ("PendingImport", "", ""),
        }
        self.shows("create", *IMPORTED, "aws_kms_ciphertext")
        self.shows("second plan", *IMPORTED, "aws_kms_ciphertext")

    def is_read(self) -> None:
        """Check the values of the data sources."""
        outputs, key = self.tf.outputs(), self.tf.resources()["aws_kms_key.full"]["arn"]
        assert outputs["secret"] == "first"
        assert outputs["keys"] == [[key, "Enabled"]] * 4
        assert outputs["encrypting"] == [key] * 4
        assert len(outputs["public"]) == 4
        assert len({tuple(public) for public in outputs["public"]}) == 1
        assert outputs["target"] == key
        assert outputs["managed"]["target_key_arn"].endswith(outputs["managed"]["target_key_id"])
        assert outputs["account"] == "000000000000"
        for name in ("aws_kms_key", "aws_kms_public_key", "aws_kms_ciphertext"):
            self.shows("read", f"data.{name}", what="id, ARN, alias, ARN of an alias")
        self.shows("read", "data.aws_kms_alias", what="name, also of an AWS managed key's")
        self.shows("read", "data.aws_kms_secrets", what="ciphertext with its context, in another Region")
        self.shows("read", "data.aws_caller_identity", what="in a key policy")

    def is_changed(self) -> None:
        """Change every argument that can be changed."""
        changing = self.tf.apply(PARALLEL, *self.second)
        assert "1 added, 20 changed, 1 destroyed." in changing, changing.text
        assert "No changes." in self.tf.plan(*self.second)
        assert self.tf.outputs()["secret"] == "second"
        changed = by_type(changed_arguments(changing))
        for name, arguments in settable(self.tf, *IMPORTED, "aws_kms_ciphertext").items():
            assert arguments <= changed[name], name
            self.shows("update", name, what=", ".join(sorted(arguments)) or NOTHING)

        here, there, _ = self.kms
        resources = self.tf.resources()
        full, primary = (resources[f"aws_kms_key.{name}"]["key_id"] for name in ("full", "primary"))
        tags = {tag["TagKey"]: tag["TagValue"] for tag in here.list_resource_tags(KeyId=full)["Tags"]}
        own = {"Kept": "same", "Ünï/=+@": " 漢字: - ", "Empty": "", "Changed": "second", "Emptied": "", "Added": "y"}
        assert tags == own | {"Team": "billing"}
        emptied = resources["aws_kms_external_key.lasting"]["id"]
        assert here.describe_key(KeyId=emptied)["KeyMetadata"]["Description"] == ""
        assert here.get_key_rotation_status(KeyId=full)["RotationPeriodInDays"] == 90
        assert here.describe_key(KeyId=primary)["KeyMetadata"]["Description"] == "primary"
        assert there.describe_key(KeyId=primary)["KeyMetadata"]["Description"] == "second"

    def is_imported(self) -> None:
        """Import all resources in a directory without a state."""
        ids = {
            address: values["id"]
            for address, values in self.tf.resources().items()
            if address.startswith(IMPORTED) and not address.endswith((".signing", ".documented"))
        }
        importing = self.tf.beside("imported", KEYS + "".join(imports(ids)))
        planned = importing.plan(*self.second, "-var=imported=true", expect=CHANGES)
        said = f"Plan: {len(ids)} to import, 0 to add, {len(ASKED_AGAIN)} to change, 0 to destroy."
        assert said in planned, planned.text
        assert {address: names for address, names in changed_arguments(planned).items() if names} == ASKED_AGAIN
        self.shows("import", "aws_kms_alias", what="no change")
        self.shows("import", "aws_kms_key", what=f"sets {WINDOW} and {BYPASS} where they are given")
        self.shows("import", "aws_kms_key_policy", what=f"sets {BYPASS} where it is given")
        self.shows("import", "aws_kms_replica_key", what=f"sets {WINDOW} and {BYPASS}")
        said = f"sets {WINDOW} and {BYPASS}; key_material_base64 would make a new key"
        self.shows("import", "aws_kms_external_key", "aws_kms_replica_external_key", what=said)

    def drifts(self) -> None:
        """Change and delete resources outside Terraform."""
        here, there, away = self.kms
        ids = {address: values["id"] for address, values in self.tf.resources().items()}
        here.update_key_description(KeyId=ids["aws_kms_key.full"], Description="changed by hand")
        here.untag_resource(KeyId=ids["aws_kms_key.full"], TagKeys=["Kept"])
        here.disable_key_rotation(KeyId=ids["aws_kms_key.full"])
        here.disable_key(KeyId=ids["aws_kms_key.rising"])
        default = here.get_key_policy(KeyId=ids["aws_kms_key.plain"])["Policy"]
        here.put_key_policy(KeyId=ids["aws_kms_key.policed"], Policy=default)
        here.update_alias(AliasName="alias/by-id", TargetKeyId=ids["aws_kms_key.full"])
        here.delete_imported_key_material(KeyId=ids["aws_kms_external_key.lasting"])
        there.enable_key(KeyId=ids["aws_kms_replica_key.full"])
        ignored = [{"TagKey": name, "TagValue": "x"} for name in ("Ignored", "kubernetes.io/cluster")]
        here.tag_resource(KeyId=ids["aws_kms_key.primary"], Tags=ignored)
        tags = [{"TagKey": "By", "TagValue": "hand"}]
        there.tag_resource(KeyId=ids["aws_kms_replica_external_key.full"], Tags=tags)
        here.delete_alias(AliasName="alias/gone")
        for client, name in (
            (here, "aws_kms_key"),
            (here, "aws_kms_external_key"),
            (away, "aws_kms_replica_key"),
            (away, "aws_kms_replica_external_key"),
        ):
            client.schedule_key_deletion(KeyId=ids[f"{name}.gone"])

        drifted, planned = drift(self.tf.plan("-json", *self.second, expect=CHANGES))
        assert drifted == dict.fromkeys(CHANGED, "update") | dict.fromkeys(GONE, "delete")
        expected = dict.fromkeys(CHANGED, "update") | dict.fromkeys(GONE, "create")
        del expected["aws_kms_key.policed"]  # the policy of a key that states none is whatever it is
        assert {address: action for address, action in planned.items() if not address.startswith("data.")} == expected
        for name in IMPORTED:
            actions = {action for address, action in drifted.items() if address.startswith(f"{name}.")}
            assert actions == {"update", "delete"}
            self.shows("drift", name, what="changed, deleted")

    def is_destroyed(self) -> None:
        """Destroy all resources, of which some are deleted: a key is pending deletion, an alias is not found."""
        self.tf.destroy("-refresh=false", PARALLEL, *self.second)
        assert {key["KeyState"] for kms in self.kms for key in own_keys(kms)} == {
            "PendingDeletion",
            "PendingReplicaDeletion",
        }
        aliases = {alias["AliasName"] for kms in self.kms for alias in kms.list_aliases()["Aliases"]}
        assert {name for name in aliases if not name.startswith("alias/aws/")} == set()
        self.shows("destroy", *IMPORTED, "aws_kms_ciphertext")


def own_keys(kms: Any) -> list[dict[str, Any]]:
    """Describe the customer's keys of a Region."""
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return [key for key in keys if key["KeyManager"] == "CUSTOMER"]


@pytest.mark.long
def test_a_whole_life(
    world: Callable[[str], World], workspace: Callable[..., Terraform], shows: Shows, tmp_path: Path
) -> None:
    """Keys, aliases, policies and replicas are created, changed, imported and destroyed.

    After each apply a plan is empty. Changes outside Terraform show in the plan, and deleted resources are created
    again. The provider waits for replicas while they are Creating. They have tags, description and policy of their own.
    An import sets the arguments that KMS does not return; imported material cannot be given again. Resources that are
    already deleted cause no error in a destroy.
    """
    fixture = tmp_path / "slow.yaml"
    fixture.write_text("timing: {replicate: PT2S}\n")
    regions = world(str(fixture))
    tf = workspace(regions, KEYS)
    (tf.directory / "reading.tf").write_text(READING)
    today = datetime.now(UTC)  # noqa: TID251 - it is Terraform's user who says how long material is valid
    valid_to = (f"{today + timedelta(days=30):%Y-%m-%dT00:00:00Z}", f"{today + timedelta(days=60):%Y-%m-%dT00:00:00Z}")
    journey = Journey(tf, [regions.client("kms", region) for region in REGIONS], shows, valid_to)
    journey.is_created()
    journey.is_read()
    journey.is_changed()
    journey.is_imported()
    journey.drifts()
    journey.is_destroyed()
