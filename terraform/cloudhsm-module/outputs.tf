output "clusters" {
  description = "Id, state, subnets by zone, and addresses of the HSMs, for each cluster."
  value = {
    for name, cluster in module.cluster : name => {
      id      = cluster.cluster_id
      state   = data.aws_cloudhsm_v2_cluster.this[name].cluster_state
      subnets = data.aws_cloudhsm_v2_cluster.this[name].subnet_ids
      hsm_ips = cluster.hsm_ips
    }
  }
}
