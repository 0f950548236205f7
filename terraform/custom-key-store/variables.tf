variable "cluster_id" {
  description = "The CloudHSM cluster that holds the key material. The default is the cluster of mockaws's fixture ready-cluster."
  type        = string
  default     = "cluster-readytwozone"

  validation {
    condition     = can(regex("^cluster-[0-9a-zA-Z]{11,16}$", var.cluster_id))
    error_message = "A cluster id is cluster- and 11 to 16 letters and digits, such as cluster-readytwozone."
  }
}

variable "kmsuser_password" {
  description = "The password of the crypto user kmsuser in the cluster. KMS logs in with it when the key store connects, and then changes it."
  type        = string
  default     = "kmsPswd123"
  sensitive   = true

  validation {
    condition     = can(regex("^[0-9a-zA-Z]{7,32}$", var.kmsuser_password))
    error_message = "kmsuser's password has 7 to 32 letters and digits, and no other character."
  }
}

variable "trust_anchor_file" {
  description = "The file with the certificate that signed the cluster's own (customerCA.crt). The default is that of mockaws's fixtures."
  type        = string
  default     = null

  validation {
    condition     = var.trust_anchor_file == null || can(regex("-----BEGIN CERTIFICATE-----", file(var.trust_anchor_file)))
    error_message = "trust_anchor_file must name a file with a certificate in PEM form."
  }
}

variable "key_store_name" {
  description = "The name of the key store, unique in the account and Region."
  type        = string
  default     = "demo-key-store"
}

variable "key_alias" {
  description = "The alias of the key, without alias/ in front."
  type        = string
  default     = "demo"
}

variable "key_description" {
  description = "The purpose of the key."
  type        = string
  default     = "Key material in our own CloudHSM cluster"
}

variable "key_policy" {
  description = "The key policy as JSON. Without it, KMS gives the key its default policy."
  type        = string
  default     = null
}

variable "deletion_window_in_days" {
  description = "Days that KMS waits after a destroy before it deletes the key."
  type        = number
  default     = 7
}

variable "tags" {
  description = "The tags of the key."
  type        = map(string)
  default = {
    Environment = "demo"
    DataClass   = "restricted"
  }
}
