# The key policy: a table of the actions of each role of people and services. A key has the rows for which principals are
# named.

data "aws_caller_identity" "here" {
  count = var.create ? 1 : 0
}

data "aws_partition" "here" {
  count = var.create ? 1 : 0
}

locals {
  account   = one(data.aws_caller_identity.here[*].account_id)
  partition = one(data.aws_partition.here[*].partition)
  dns       = one(data.aws_partition.here[*].dns_suffix)
  policy    = var.policy == null ? one(data.aws_iam_policy_document.key[*].json) : var.policy

  use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
  administer = [
    for verb in ["Create", "Describe", "Enable", "List", "Put", "Update", "Revoke", "Disable", "Get", "Delete"] : "kms:${verb}*"
  ]
  actions = {
    Owners         = ["kms:*"]
    Administrators = concat(local.administer, ["kms:TagResource", "kms:UntagResource", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion", "kms:ReplicateKey", "kms:ImportKeyMaterial"])
    Users          = local.use
    Encrypters     = local.use
    ServiceUsers   = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
    ServiceRoles   = local.use
    ServiceVolumes = ["kms:CreateGrant"]
    MacUsers       = ["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]
    PublicUsers    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:DescribeKey", "kms:GetPublicKey"]
    Signers        = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]
  }
  only_for_services = ["ServiceUsers", "ServiceVolumes"]
}

data "aws_iam_policy_document" "key" {
  count = var.create ? 1 : 0

  dynamic "statement" {
    for_each = var.account_may_do_all ? ["Account"] : []

    content {
      sid       = statement.value
      actions   = ["kms:*"]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.principals

    content {
      sid       = statement.key
      actions   = local.actions[statement.key]
      resources = ["*"]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }

      dynamic "condition" {
        for_each = contains(local.only_for_services, statement.key) ? [true] : []

        content {
          test     = "Bool"
          variable = "kms:GrantIsForAWSResource"
          values   = [true]
        }
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.dnssec_zones) == 0 ? {} : {
      DnssecSign  = ["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign"]
      DnssecGrant = ["kms:CreateGrant"]
    }

    content {
      sid       = statement.key
      actions   = statement.value
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = ["dnssec-route53.${local.dns}"]
      }

      dynamic "condition" {
        for_each = statement.key == "DnssecGrant" ? [true] : []

        content {
          test     = "Bool"
          variable = "kms:GrantIsForAWSResource"
          values   = [true]
        }
      }

      dynamic "condition" {
        for_each = statement.key == "DnssecGrant" ? var.dnssec_zones : {}

        content {
          test     = "StringEquals"
          variable = "aws:SourceAccount"
          values   = coalesce(condition.value.account_ids, [local.account])
        }
      }

      dynamic "condition" {
        for_each = statement.key == "DnssecGrant" ? var.dnssec_zones : {}

        content {
          test     = "ArnLike"
          variable = "aws:SourceArn"
          values   = [coalesce(condition.value.arn, "arn:${local.partition}:route53:::hostedzone/*")]
        }
      }
    }
  }

  dynamic "statement" {
    for_each = var.statements

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = ["*"]

      principals {
        type        = "Service"
        identifiers = [statement.value.service]
      }

      dynamic "condition" {
        for_each = statement.value.conditions

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}
