"""Users and roles of the same configuration as the keys whose policies and grants name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.terraform.conftest import Terraform, World

ACCOUNT = "111122223333"
PRINCIPALS = """
data "aws_caller_identity" "me" {}

resource "aws_iam_role" "app" {
  name                 = "app"
  path                 = "/team/"
  max_session_duration = 7200
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.me.arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "12345" } }
    }]
  })
}

resource "aws_iam_user" "alice" {
  name = "alice"
  path = "/team/"
}

resource "aws_iam_access_key" "alice" {
  user = aws_iam_user.alice.name
}

resource "aws_kms_key" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Effect    = "Allow"
        Principal = { AWS = [aws_iam_role.app.arn, aws_iam_user.alice.arn, data.aws_caller_identity.me.arn] }
        Action    = ["kms:Encrypt", "kms:Decrypt"]
        Resource  = "*"
      },
    ]
  })
}

resource "aws_kms_grant" "app" {
  key_id             = aws_kms_key.this.key_id
  grantee_principal  = aws_iam_role.app.arn
  retiring_principal = aws_iam_user.alice.arn
  operations         = ["Decrypt", "DescribeKey"]
}

output "me" {
  value = data.aws_caller_identity.me.arn
}
"""
CALLERS = """
provider "aws" {
  alias = "app"
  assume_role {
    role_arn     = aws_iam_role.app.arn
    session_name = "terraform"
    external_id  = "12345"
    duration     = "2h"
  }
}

provider "aws" {
  alias      = "alice"
  access_key = aws_iam_access_key.alice.id
  secret_key = aws_iam_access_key.alice.secret
}

# Asks IAM who calls, before it asks STS.
provider "aws" {
  alias                       = "quick"
  skip_credentials_validation = true
}

data "aws_caller_identity" "app" {
  provider = aws.app
}

data "aws_caller_identity" "alice" {
  provider = aws.alice
}

data "aws_caller_identity" "quick" {
  provider = aws.quick
}

resource "aws_kms_key" "of_app" {
  provider = aws.app
}

output "app" {
  value = data.aws_caller_identity.app
}

output "alice" {
  value = data.aws_caller_identity.alice
}

output "quick" {
  value = data.aws_caller_identity.quick.arn
}

output "ids" {
  value = [aws_iam_role.app.unique_id, aws_iam_user.alice.unique_id]
}
"""
MISSING = """
resource "aws_kms_key" "this" {
  timeouts {
    create = "5s"
  }
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/missing"] }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}
"""


def test_principals_and_callers(world: Callable[..., World], workspace: Callable[[World, str], Terraform]) -> None:
    """A key's policy and grant name a role and a user of the same apply, and both can call KMS afterwards."""
    here = world("empty", "--others", "moto", "--account", ACCOUNT)
    run = workspace(here, PRINCIPALS)
    run.apply()
    run.plan()
    run.write(PRINCIPALS + CALLERS)
    run.apply()
    run.plan()
    said = run.outputs()
    role_id, user_id = said["ids"]
    assert said["me"] == said["quick"] == f"arn:aws:iam::{ACCOUNT}:user/mockaws"
    callers = {name: (said[name]["arn"], said[name]["user_id"]) for name in ("app", "alice")}
    assert callers == {
        "app": (f"arn:aws:sts::{ACCOUNT}:assumed-role/app/terraform", f"{role_id}:terraform"),
        "alice": (f"arn:aws:iam::{ACCOUNT}:user/team/alice", user_id),
    }
    run.destroy()
    assert [refusal for refusal in here.refusals() if refusal[0] in {"CreateKey", "CreateGrant", "AssumeRole"}] == []


def test_a_role_that_is_not_there(world: Callable[..., World], workspace: Callable[[World, str], Terraform]) -> None:
    """The provider retries for as long as a new role may need, and then reports KMS's error."""
    run = workspace(world("empty", "--others", "moto", "--account", ACCOUNT), MISSING)
    said = run.apply(expect=1)
    assert "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals." in said
