output "cluster_id" {
  description = "The id of the cluster."
  value       = aws_cloudhsm_v2_cluster.this.cluster_id
}

output "cluster_state" {
  description = "The state of the cluster: UNINITIALIZED until its certificate is signed."
  value       = data.aws_cloudhsm_v2_cluster.this.cluster_state
}

output "security_group_id" {
  description = "The security group that CloudHSM made for the cluster."
  value       = data.aws_cloudhsm_v2_cluster.this.security_group_id
}

output "hsm_ip" {
  description = "The address of the first HSM, for the configuration of clients."
  value       = aws_cloudhsm_v2_hsm.first.ip_address
}

output "hsm_eni_id" {
  description = "The network interface of the first HSM."
  value       = aws_cloudhsm_v2_hsm.first.hsm_eni_id
}

output "subnet_ids" {
  description = "The subnets. The first two can have the HSMs of a key store."
  value       = aws_subnet.private[*].id
}

output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}
