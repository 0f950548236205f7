# A cluster in given subnets, with an HSM in each of the first ones.

resource "aws_cloudhsm_v2_cluster" "this" {
  hsm_type   = var.hsm_type
  mode       = var.mode
  subnet_ids = var.subnet_ids
  tags       = merge(var.tags, { Name = var.name })
}

resource "aws_cloudhsm_v2_hsm" "this" {
  count = coalesce(var.hsm_count, length(var.subnet_ids))

  cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
  subnet_id  = var.subnet_ids[count.index]
}
