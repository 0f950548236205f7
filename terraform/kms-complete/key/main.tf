# One of four kinds of key, with its aliases, policy and grants.

locals {
  kind = var.create ? var.kind : "none"

  # A list, because a key that is not created has no id.
  key_ids = concat(
    aws_kms_key.own[*].id,
    aws_kms_external_key.imported[*].id,
    aws_kms_replica_key.replica[*].id,
    aws_kms_replica_external_key.imported_replica[*].id,
  )
  key_arns = concat(
    aws_kms_key.own[*].arn,
    aws_kms_external_key.imported[*].arn,
    aws_kms_replica_key.replica[*].arn,
    aws_kms_replica_external_key.imported_replica[*].arn,
  )
  names = merge({ for name in var.aliases : name => name }, var.computed_aliases)
}

resource "aws_kms_key" "own" {
  count = local.kind == "own" ? 1 : 0

  description                        = var.description
  key_usage                          = var.key_usage
  customer_master_key_spec           = var.key_spec
  custom_key_store_id                = var.custom_key_store_id
  multi_region                       = var.multi_region
  is_enabled                         = var.enabled
  enable_key_rotation                = var.enable_key_rotation
  rotation_period_in_days            = var.rotation_period_in_days
  deletion_window_in_days            = var.deletion_window_in_days
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check
  tags                               = var.tags
}

resource "aws_kms_external_key" "imported" {
  count = local.kind == "imported" ? 1 : 0

  description                        = var.description
  key_material_base64                = var.material
  valid_to                           = var.valid_to
  multi_region                       = var.multi_region
  enabled                            = var.enabled
  deletion_window_in_days            = var.deletion_window_in_days
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check
  tags                               = var.tags
}

resource "aws_kms_replica_key" "replica" {
  count = local.kind == "replica" ? 1 : 0

  description                        = var.description
  primary_key_arn                    = var.primary_key_arn
  enabled                            = var.enabled
  deletion_window_in_days            = var.deletion_window_in_days
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check
  tags                               = var.tags
}

resource "aws_kms_replica_external_key" "imported_replica" {
  count = local.kind == "imported_replica" ? 1 : 0

  description                        = var.description
  primary_key_arn                    = var.primary_key_arn
  key_material_base64                = var.material
  valid_to                           = var.valid_to
  enabled                            = var.enabled
  deletion_window_in_days            = var.deletion_window_in_days
  policy                             = local.policy
  bypass_policy_lockout_safety_check = var.bypass_policy_lockout_safety_check
  tags                               = var.tags
}

resource "aws_kms_alias" "name" {
  for_each = var.create ? local.names : {}

  name          = var.aliases_are_prefixes ? null : "alias/${each.value}"
  name_prefix   = var.aliases_are_prefixes ? "alias/${each.value}-" : null
  target_key_id = one(local.key_ids)
}

resource "aws_kms_grant" "use" {
  for_each = var.create ? var.grants : {}

  name               = each.key
  key_id             = one(local.key_ids)
  grantee_principal  = each.value.grantee_principal
  operations         = each.value.operations
  retiring_principal = each.value.retiring_principal
  retire_on_delete   = each.value.retire_on_delete

  dynamic "constraints" {
    for_each = each.value.context_equals == null && each.value.context_subset == null ? [] : [each.value]

    content {
      encryption_context_equals = constraints.value.context_equals
      encryption_context_subset = constraints.value.context_subset
    }
  }
}
