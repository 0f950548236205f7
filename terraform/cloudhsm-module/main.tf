# A network, the clusters in it, and a machine that may reach their HSMs.

locals {
  tags = { Environment = var.environment }
}

module "network" {
  source = "./network"

  name       = "${var.environment}-hsms"
  cidr       = "10.30.0.0/16"
  zone_count = 2
  tags       = local.tags
}

module "cluster" {
  source   = "./cluster"
  for_each = var.clusters

  name       = each.key
  subnet_ids = module.network.private_subnet_ids
  hsm_type   = each.value.hsm_type
  mode       = each.value.mode
  hsm_count  = each.value.hsm_count
  tags       = local.tags
}

# Each cluster as CloudHSM describes it once its HSMs exist.
data "aws_cloudhsm_v2_cluster" "this" {
  for_each = module.cluster

  cluster_id = each.value.cluster_id
  depends_on = [module.cluster]
}

# --- the machine ----------------------------------------------------------------------------------------------------

data "aws_ami" "linux" {
  most_recent = true
  owners      = ["amazon"]

  filter {
    name   = "name"
    values = ["amzn2-ami-hvm*"]
  }
}

resource "aws_security_group" "client" {
  name        = "${var.environment}-hsm-client"
  description = "Clients of the HSMs"
  vpc_id      = module.network.vpc_id
  tags        = local.tags

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

# A member of the clusters' own groups reaches the HSMs without further rules.
resource "aws_instance" "client" {
  ami                    = data.aws_ami.linux.id
  instance_type          = "t3.small"
  subnet_id              = module.network.private_subnet_ids[0]
  vpc_security_group_ids = concat([aws_security_group.client.id], [for cluster in module.cluster : cluster.security_group_id])
  tags                   = merge(local.tags, { Name = "hsm-client" })
}
