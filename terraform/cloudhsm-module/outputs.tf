output "clusters" {
  description = "Of each cluster its id, state, subnets by zone, and the addresses of its HSMs."
  value = {
    for name, cluster in module.cluster : name => {
      id      = cluster.cluster_id
      state   = data.aws_cloudhsm_v2_cluster.this[name].cluster_state
      subnets = data.aws_cloudhsm_v2_cluster.this[name].subnet_ids
      hsm_ips = cluster.hsm_ips
    }
  }
}
