# A cluster in a VPC of its own. CloudHSM makes the cluster's security group, and a network interface in a subnet for each
# HSM. This configuration makes the rest of the network.

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  zones = slice(data.aws_availability_zones.available.names, 0, var.zone_count)
}

resource "aws_vpc" "this" {
  cidr_block = var.vpc_cidr
  tags       = { Name = var.name }
}

resource "aws_subnet" "private" {
  count = var.zone_count

  vpc_id            = aws_vpc.this.id
  availability_zone = local.zones[count.index]
  cidr_block        = cidrsubnet(var.vpc_cidr, 8, count.index)
  tags              = { Name = "${var.name}-${local.zones[count.index]}" }
}

resource "aws_cloudhsm_v2_cluster" "this" {
  hsm_type   = var.hsm_type
  mode       = var.mode
  subnet_ids = aws_subnet.private[*].id
  tags       = { Name = var.name }
}

resource "aws_cloudhsm_v2_hsm" "first" {
  cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
  subnet_id  = aws_subnet.private[0].id
}

# The instances that work with the HSMs. The cluster's group admits its own members only, so a rule admits this group,
# which may reach the HSMs and nothing else.
resource "aws_security_group" "clients" {
  name        = "${var.name}-clients"
  description = "Clients of the HSMs"
  vpc_id      = aws_vpc.this.id

  egress {
    description     = "To the HSMs"
    protocol        = "tcp"
    from_port       = 2223
    to_port         = 2225
    security_groups = [aws_cloudhsm_v2_cluster.this.security_group_id]
  }
}

resource "aws_security_group_rule" "clients_to_hsms" {
  description              = "From the clients"
  type                     = "ingress"
  protocol                 = "tcp"
  from_port                = 2223
  to_port                  = 2225
  security_group_id        = aws_cloudhsm_v2_cluster.this.security_group_id
  source_security_group_id = aws_security_group.clients.id
}

# The cluster as other configurations see it.
data "aws_cloudhsm_v2_cluster" "this" {
  cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
  depends_on = [aws_cloudhsm_v2_hsm.first]
}
