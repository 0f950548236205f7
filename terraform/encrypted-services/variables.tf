variable "name" {
  description = "The name of all resources."
  type        = string
  default     = "archive"
}

variable "cluster_id" {
  description = "The CloudHSM cluster that holds the key. The default is the cluster of mockaws's fixture ready-cluster."
  type        = string
  default     = "cluster-readytwozone"
}

variable "kmsuser_password" {
  description = "The password of the crypto user kmsuser in the cluster."
  type        = string
  default     = "kmsPswd123"
  sensitive   = true
}
