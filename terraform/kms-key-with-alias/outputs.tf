output "key_arn" {
  description = "The ARN of the key, or nothing."
  value       = join("", aws_kms_key.this[*].arn)
}

output "key_id" {
  description = "The id of the key, or nothing."
  value       = join("", aws_kms_key.this[*].key_id)
}

output "alias_arn" {
  description = "The ARN of the alias, or nothing."
  value       = join("", aws_kms_alias.this[*].arn)
}

output "alias_name" {
  description = "The name of the alias, or nothing."
  value       = join("", aws_kms_alias.this[*].name)
}
