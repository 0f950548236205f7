output "key_store_id" {
  description = "The id of the key store."
  value       = aws_kms_custom_key_store.this.id
}

output "connection_state" {
  description = "Whether KMS holds a connection to the cluster."
  value       = data.aws_kms_custom_key_store.this.connection_state
}

output "key_arn" {
  description = "The ARN of the key."
  value       = aws_kms_key.this.arn
}

output "connection_id" {
  description = "Changes whenever this configuration has connected the store anew."
  value       = one(terraform_data.connection[*].id)
}
