variable "name" {
  description = "The beginning of the role's name, and the keys' tag Name."
  type        = string
  default     = "kms-complete"
}

variable "replica_region" {
  description = "The Region of the replicas."
  type        = string
  default     = "eu-west-1"
}

variable "material" {
  description = "256 bits of key material in Base64. The default is for experiments: it is public."
  type        = string
  default     = "bW9ja2F3cyBtb2NrYXdzIG1vY2thd3MgbW9ja2F3cyE="
  sensitive   = true
}

variable "valid_to" {
  description = "The expiry of the imported material, a year from now at most. The default is half a year, and changes every day."
  type        = string
  default     = null
}
