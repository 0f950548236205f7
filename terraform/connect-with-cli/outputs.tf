output "key_store_id" {
  description = "The id of the key store."
  value       = aws_kms_custom_key_store.this.id
}

output "connection_state" {
  description = "The state of KMS's connection to the cluster, such as CONNECTED."
  value       = data.aws_kms_custom_key_store.this.connection_state
}

output "key_arn" {
  description = "The ARN of the key."
  value       = aws_kms_key.this.arn
}

output "connection_id" {
  description = "Changes each time this configuration connects the store."
  value       = one(terraform_data.connection[*].id)
}
