# A key and its alias, named and tagged after their owner; or nothing at all.

locals {
  id   = lower(join("-", compact([var.namespace, var.environment, var.stage, var.name])))
  tags = merge(var.tags, { for tag, value in { Namespace = var.namespace, Environment = var.environment, Stage = var.stage, Name = local.id } : tag => value if value != "" })
}

resource "aws_kms_key" "this" {
  count = var.enabled ? 1 : 0

  description              = var.description
  key_usage                = var.key_usage
  customer_master_key_spec = var.key_spec
  multi_region             = var.multi_region
  enable_key_rotation      = var.enable_key_rotation
  deletion_window_in_days  = var.deletion_window_in_days
  policy                   = var.policy
  tags                     = local.tags
}

resource "aws_kms_alias" "this" {
  count = var.enabled ? 1 : 0

  name          = coalesce(var.alias, "alias/${local.id}")
  target_key_id = join("", aws_kms_key.this[*].id)
}
