# Every kind of key that the provider has, made by one module with the arguments that a team would use.

data "aws_caller_identity" "here" {}
data "aws_region" "here" {}

provider "aws" {
  alias  = "elsewhere"
  region = var.replica_region
}

locals {
  me       = [data.aws_caller_identity.here.arn]
  account  = data.aws_caller_identity.here.account_id
  valid_to = coalesce(var.valid_to, replace(timeadd(plantimestamp(), "4380h"), "/T.*/", "T00:00:00Z")) # half a year
  tags     = { Name = var.name, Example = "complete" }

  grants = {
    worker = {
      grantee_principal = aws_iam_role.worker.arn
      operations        = ["Encrypt", "Decrypt", "GenerateDataKey"]
      context_equals    = { Department = "Finance" }
    }
  }
}

resource "aws_iam_role" "worker" {
  name_prefix        = var.name
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

module "complete" {
  source = "./key"

  description             = "All statements, names and grants"
  key_usage               = "ENCRYPT_DECRYPT"
  enabled                 = true
  enable_key_rotation     = false
  deletion_window_in_days = 7

  principals = {
    for role in ["Owners", "Administrators", "Users", "Encrypters", "ServiceUsers", "MacUsers", "PublicUsers", "Signers"] : role => local.me
  }
  statements = {
    Logs = {
      service = "logs.${data.aws_region.here.name}.amazonaws.com"
      actions = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
      conditions = [{
        test     = "ArnLike"
        variable = "kms:EncryptionContext:aws:logs:arn"
        values   = ["arn:aws:logs:${data.aws_region.here.name}:${local.account}:log-group:*"]
      }]
    }
  }

  aliases              = ["one", "two/three"]
  computed_aliases     = { role = aws_iam_role.worker.name }
  aliases_are_prefixes = true
  grants               = local.grants
  tags                 = local.tags
}

module "by_default" {
  source = "./key"

  tags = local.tags
}

module "not_created" {
  source = "./key"

  create = false
}

module "dnssec" {
  source = "./key"

  description         = "Signs the records of hosted zones"
  key_usage           = "SIGN_VERIFY"
  key_spec            = "ECC_NIST_P256"
  enable_key_rotation = false
  dnssec_zones        = { all = {} }
  aliases             = ["dnssec"]
  tags                = local.tags
}

module "imported" {
  source = "./key"

  kind                    = "imported"
  description             = "Material of our own"
  enabled                 = true
  material                = var.material
  valid_to                = local.valid_to
  deletion_window_in_days = 7
  tags                    = local.tags
}

# --- multi-Region keys ----------------------------------------------------------------------------------------------

module "primary" {
  source = "./key"

  description             = "A primary key"
  enabled                 = true
  multi_region            = true
  enable_key_rotation     = false
  deletion_window_in_days = 7
  aliases                 = ["primary"]
  tags                    = local.tags
}

module "replica" {
  source    = "./key"
  providers = { aws = aws.elsewhere }

  kind                    = "replica"
  description             = "Its replica, with a policy, names and grants of its own"
  primary_key_arn         = module.primary.key_arn
  deletion_window_in_days = 7
  principals              = { Owners = local.me, Administrators = local.me, Users = local.me }
  aliases                 = ["replica"]
  computed_aliases        = { role = aws_iam_role.worker.name }
  grants                  = local.grants
  tags                    = local.tags
}

module "imported_primary" {
  source = "./key"

  kind                    = "imported"
  description             = "A primary key with material of our own"
  enabled                 = true
  multi_region            = true
  material                = var.material
  valid_to                = local.valid_to
  deletion_window_in_days = 7
  aliases                 = ["imported-primary"]
  tags                    = local.tags
}

module "imported_replica" {
  source    = "./key"
  providers = { aws = aws.elsewhere }

  kind                    = "imported_replica"
  description             = "Its replica, which needs the same material"
  enabled                 = true
  primary_key_arn         = module.imported_primary.key_arn
  material                = var.material
  valid_to                = local.valid_to
  deletion_window_in_days = 7
  aliases                 = ["imported-replica"]
  grants                  = local.grants
  tags                    = local.tags
}
