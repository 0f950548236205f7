# A cluster, its first HSM, and the owner's steps: signing the cluster's certificate, activating it, creating its users.

resource "aws_cloudhsm_v2_cluster" "this" {
  hsm_type   = var.hsm_type
  mode       = var.mode
  subnet_ids = var.subnet_ids
  tags       = { Name = var.key_store_name }
}

resource "aws_cloudhsm_v2_hsm" "first" {
  cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
  subnet_id  = var.subnet_ids[0]
}

# The first HSM brings the certificate signing request. The owner's own authority signs it.
resource "terraform_data" "initialized" {
  triggers_replace = aws_cloudhsm_v2_cluster.this.cluster_id
  depends_on       = [aws_cloudhsm_v2_hsm.first]

  provisioner "local-exec" {
    command = "sh '${path.module}/initialize.sh'"
    environment = {
      CLUSTER_ID = aws_cloudhsm_v2_cluster.this.cluster_id
      AWS_REGION = data.aws_region.current.id
      CA_FOLDER  = var.ca_folder
      TIMEOUT    = var.timeout
      INTERVAL   = var.poll_interval
    }
  }
}

# Activation sets the administrator's password inside the HSM. Users and further HSMs come after it.
resource "terraform_data" "activated" {
  triggers_replace = terraform_data.initialized.id

  provisioner "local-exec" {
    command = "sh '${path.module}/activate.sh'"
    environment = {
      CLUSTER_ID   = aws_cloudhsm_v2_cluster.this.cluster_id
      AWS_REGION   = data.aws_region.current.id
      CLOUDHSM_CLI = var.cloudhsm_cli
      # Terraform does not print the environment. With a sensitive value in it, it would hide the script's whole output.
      ADMIN_PASSWORD   = nonsensitive(var.admin_password)
      KMSUSER_PASSWORD = nonsensitive(var.kmsuser_password)
      TIMEOUT          = var.timeout
      INTERVAL         = var.poll_interval
    }
  }
}

# In another zone: a new key needs two HSMs in two zones, and one HSM survives a lost zone.
resource "aws_cloudhsm_v2_hsm" "second" {
  cluster_id = aws_cloudhsm_v2_cluster.this.cluster_id
  subnet_id  = var.subnet_ids[1]
  depends_on = [terraform_data.activated]
}

# The key store, its connection through the AWS CLI, and a key in it.
module "key_store" {
  source = "../connect-with-cli"

  cluster_id        = aws_cloudhsm_v2_cluster.this.cluster_id
  kmsuser_password  = var.kmsuser_password
  trust_anchor_file = "${var.ca_folder}/customerCA.crt"
  key_store_name    = var.key_store_name
  key_alias         = var.key_alias
  connect_timeout   = var.timeout
  poll_interval     = var.poll_interval
  depends_on        = [aws_cloudhsm_v2_hsm.second]
}

resource "aws_kms_ciphertext" "this" {
  key_id    = module.key_store.key_arn
  plaintext = var.plaintext
}

data "aws_region" "current" {}
