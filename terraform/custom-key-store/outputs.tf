output "key_store_id" {
  description = "The id of the key store."
  value       = aws_kms_custom_key_store.this.id
}

output "key_arn" {
  description = "The ARN of the key, which is also the label of its material in the cluster."
  value       = aws_kms_key.this.arn
}

output "key_alias" {
  description = "The name under which applications use the key."
  value       = aws_kms_alias.this.name
}

output "key_origin" {
  description = "The origin of the key material: AWS_CLOUDHSM."
  value       = data.aws_kms_key.this.origin
}

output "key_cluster_id" {
  description = "The cluster that holds the key material."
  value       = data.aws_kms_key.this.cloud_hsm_cluster_id
}
