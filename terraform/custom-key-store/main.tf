locals {
  trust_anchor_file = coalesce(var.trust_anchor_file, "${path.module}/../../fixtures/customerCA.crt")
}

# The cluster is there already: building one takes half an hour, and a person who holds the certificate authority's key.
data "aws_cloudhsm_v2_cluster" "this" {
  cluster_id = var.cluster_id

  lifecycle {
    postcondition {
      condition     = self.cluster_state == "ACTIVE"
      error_message = "Cluster ${self.cluster_id} is ${self.cluster_state}, not ACTIVE: initialize and activate it first. KMS would answer CloudHsmClusterNotActiveException."
    }

    # The data source does not list the HSMs. That two of them stand in two zones is for KMS to say, when the store is created.
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

# Terraform's aws provider never connects a key store. mockaws's fixture ready-cluster lets a new store connect by itself;
# ../connect-with-cli shows what AWS needs.
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
    # Without it, a store that lost its connection would show as a key that is not enabled, and `apply` would wait 20 minutes for KMS
    # to enable it.
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

# What AWS says about the key afterwards: the resource has neither its origin nor its cluster.
data "aws_kms_key" "this" {
  key_id = aws_kms_key.this.key_id
}
