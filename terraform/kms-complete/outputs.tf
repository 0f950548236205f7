output "key_ids" {
  description = "The ids of the keys; null for the one that is not created."
  value = {
    complete         = module.complete.key_id
    by_default       = module.by_default.key_id
    not_created      = module.not_created.key_id
    dnssec           = module.dnssec.key_id
    imported         = module.imported.key_id
    primary          = module.primary.key_id
    replica          = module.replica.key_id
    imported_primary = module.imported_primary.key_id
    imported_replica = module.imported_replica.key_id
  }
}

output "aliases" {
  description = "The names of the complete key."
  value       = module.complete.aliases
}

output "grants" {
  description = "The grants of the complete key."
  value       = module.complete.grants
}

output "role_arn" {
  description = "The role that the grants name."
  value       = aws_iam_role.worker.arn
}
