# For `terraform test` only. A run cannot expect a provider's error. So this module requests with the AWS CLI the key store that the
# configuration would create. It succeeds only if KMS refuses it with the expected exception.

terraform {
  required_version = ">= 1.7"
}

variable "expected" {
  description = "The exception with which KMS must refuse the key store."
  type        = string
}

variable "cluster_id" {
  description = "The cluster of the requested key store."
  type        = string
}

variable "trust_anchor_file" {
  description = "The certificate that the request holds."
  type        = string
}

variable "kmsuser_password" {
  description = "The password that the request holds."
  type        = string
  default     = "kmsPswd123"
}

variable "endpoint_url" {
  description = "The endpoint of KMS. The default is that of the environment."
  type        = string
  default     = null
}

resource "terraform_data" "refused" {
  provisioner "local-exec" {
    command = "sh '${path.module}/refusal.sh'"
    environment = merge(
      {
        EXPECTED         = var.expected
        CLUSTER_ID       = var.cluster_id
        TRUST_ANCHOR     = abspath(var.trust_anchor_file)
        KMSUSER_PASSWORD = var.kmsuser_password
      },
      var.endpoint_url == null ? {} : { AWS_ENDPOINT_URL = var.endpoint_url },
    )
  }
}
