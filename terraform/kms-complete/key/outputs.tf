output "key_arn" {
  description = "The ARN of the key."
  value       = one(local.key_arns)
}

output "key_id" {
  description = "The id of the key."
  value       = one(local.key_ids)
}

output "policy" {
  description = "The key policy."
  value       = local.policy
}

output "aliases" {
  description = "The aliases of the key, by the requested names."
  value       = { for asked, alias in aws_kms_alias.name : asked => alias.name }
}

output "grants" {
  description = "The ids of the grants, by their names."
  value       = { for name, grant in aws_kms_grant.use : name => grant.grant_id }
}
