output "cluster_id" {
  description = "The id of the cluster."
  value       = aws_cloudhsm_v2_cluster.this.cluster_id
}

output "security_group_id" {
  description = "The security group that CloudHSM made for the cluster."
  value       = aws_cloudhsm_v2_cluster.this.security_group_id
}

output "hsm_ids" {
  description = "The ids of the HSMs."
  value       = aws_cloudhsm_v2_hsm.this[*].hsm_id
}

output "hsm_ips" {
  description = "The addresses of the HSMs."
  value       = aws_cloudhsm_v2_hsm.this[*].ip_address
}
