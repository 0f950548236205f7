locals {
  trust_anchor_file = coalesce(var.trust_anchor_file, "${path.module}/../../fixtures/customerCA.crt")
}

# The cluster exists already: building one takes half an hour, and a person with the certificate authority's key.
data "aws_cloudhsm_v2_cluster" "this" {
  cluster_id = var.cluster_id

  lifecycle {
    postcondition {
      condition     = self.cluster_state == "ACTIVE"
      error_message = "Cluster ${self.cluster_id} is ${self.cluster_state}, not ACTIVE: initialize and activate it first. KMS would answer CloudHsmClusterNotActiveException."
    }

    # The data source does not list the HSMs. KMS checks that there are two in two zones when the store is created.
    postcondition {
      condition     = length(self.subnet_ids) >= 2
      error_message = "Cluster ${self.cluster_id} has subnets in fewer than two Availability Zones. KMS would answer CloudHsmClusterInvalidConfigurationException."
    }
  }
}

resource "aws_kms_custom_key_store" "this" {
  custom_key_store_name    = var.key_store_name
  cloud_hsm_cluster_id     = data.aws_cloudhsm_v2_cluster.this.cluster_id
  key_store_password       = var.kmsuser_password
  trust_anchor_certificate = file(local.trust_anchor_file)
}

# Terraform's aws provider never connects a key store. In mockaws's fixture ready-cluster a new store connects by itself.
# ../connect-with-cli connects one on AWS.
data "aws_kms_custom_key_store" "this" {
  custom_key_store_id = aws_kms_custom_key_store.this.id
}

resource "aws_kms_key" "this" {
  description             = var.key_description
  custom_key_store_id     = aws_kms_custom_key_store.this.id
  policy                  = var.key_policy
  deletion_window_in_days = var.deletion_window_in_days
  tags                    = var.tags

  lifecycle {
    # Without it, a store that lost its connection would show as a disabled key, and `apply` would wait 20 minutes for KMS to
    # enable it.
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

# The key's origin and cluster, which the resource does not have.
data "aws_kms_key" "this" {
  key_id = aws_kms_key.this.key_id
}
