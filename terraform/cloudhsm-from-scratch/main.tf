# A cluster, its first HSM, and what AWS leaves to its owner: to sign the cluster's certificate, to activate it, to give it users.

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

# The certificate signing request is there when the first HSM is. The authority that signs it is the owner's own.
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

# Activation sets the administrator's password, from inside the HSM; then there can be users, and further HSMs.
resource "terraform_data" "activated" {
  triggers_replace = terraform_data.initialized.id

  provisioner "local-exec" {
    command = "sh '${path.module}/activate.sh'"
    environment = {
      CLUSTER_ID   = aws_cloudhsm_v2_cluster.this.cluster_id
      AWS_REGION   = data.aws_region.current.id
      CLOUDHSM_CLI = var.cloudhsm_cli
      # Terraform shows no environment, but would hide all that the script says if there were a sensitive value in it.
      ADMIN_PASSWORD   = nonsensitive(var.admin_password)
      KMSUSER_PASSWORD = nonsensitive(var.kmsuser_password)
      TIMEOUT          = var.timeout
      INTERVAL         = var.poll_interval
    }
  }
}

# In another zone: a new key takes two HSMs in two zones, and a lost zone leaves one to work with.
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
