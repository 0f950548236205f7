output "cluster_id" {
  description = "The id of the cluster."
  value       = aws_cloudhsm_v2_cluster.this.cluster_id
}

output "zones" {
  description = "The Availability Zones of the HSMs."
  value       = [aws_cloudhsm_v2_hsm.first.availability_zone, aws_cloudhsm_v2_hsm.second.availability_zone]
}

output "key_store_id" {
  description = "The id of the key store."
  value       = module.key_store.key_store_id
}

output "connection_state" {
  description = "The state of KMS's connection to the cluster, such as CONNECTED."
  value       = module.key_store.connection_state
}

output "key_arn" {
  description = "The ARN of the key."
  value       = module.key_store.key_arn
}

output "ciphertext" {
  description = "The plaintext, encrypted with the key."
  value       = aws_kms_ciphertext.this.ciphertext_blob
}
