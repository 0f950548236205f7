locals {
  trust_anchor_file = coalesce(var.trust_anchor_file, "${path.module}/../../fixtures/customerCA.crt")
}

data "aws_region" "current" {}

data "aws_cloudhsm_v2_cluster" "this" {
  cluster_id = var.cluster_id

  lifecycle {
    postcondition {
      condition     = self.cluster_state == "ACTIVE"
      error_message = "Cluster ${self.cluster_id} is ${self.cluster_state}, not ACTIVE: initialize and activate it first. KMS would answer CloudHsmClusterNotActiveException."
    }
  }
}

resource "aws_kms_custom_key_store" "this" {
  custom_key_store_name    = var.key_store_name
  cloud_hsm_cluster_id     = data.aws_cloudhsm_v2_cluster.this.cluster_id
  key_store_password       = var.kmsuser_password
  trust_anchor_certificate = file(local.trust_anchor_file)
}

# The provider creates a store but never connects it, and a key needs a connected store. So the AWS CLI connects it between the two
# resources. It disconnects the store before Terraform deletes it, because KMS deletes no connected store.
resource "terraform_data" "connection" {
  count = var.connect ? 1 : 0

  triggers_replace = aws_kms_custom_key_store.this.id

  # A destroy-time provisioner may refer to its own resource only.
  input = {
    store_id = aws_kms_custom_key_store.this.id
    region   = data.aws_region.current.id
    timeout  = var.connect_timeout
    interval = var.poll_interval
  }

  provisioner "local-exec" {
    command = "sh '${path.module}/connect.sh'"
    environment = {
      STORE_ID   = self.input.store_id
      AWS_REGION = self.input.region
      TIMEOUT    = self.input.timeout
      INTERVAL   = self.input.interval
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "sh '${path.module}/disconnect.sh'"
    environment = {
      STORE_ID   = self.input.store_id
      AWS_REGION = self.input.region
      TIMEOUT    = self.input.timeout
      INTERVAL   = self.input.interval
    }
  }
}

data "aws_kms_custom_key_store" "this" {
  custom_key_store_id = aws_kms_custom_key_store.this.id

  # Read again after the store was connected.
  depends_on = [terraform_data.connection]
}

resource "aws_kms_key" "this" {
  description             = "Key material in our own CloudHSM cluster"
  custom_key_store_id     = aws_kms_custom_key_store.this.id
  deletion_window_in_days = 7

  lifecycle {
    precondition {
      condition     = data.aws_kms_custom_key_store.this.connection_state == "CONNECTED"
      error_message = "Key store ${aws_kms_custom_key_store.this.id} is ${data.aws_kms_custom_key_store.this.connection_state}, not CONNECTED: connect it first (aws kms connect-custom-key-store). KMS would answer CustomKeyStoreInvalidStateException."
    }
  }
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.key_alias}"
  target_key_id = aws_kms_key.this.key_id
}
