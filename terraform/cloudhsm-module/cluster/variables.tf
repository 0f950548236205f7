variable "name" {
  description = "The cluster's tag Name."
  type        = string
}

variable "subnet_ids" {
  description = "A subnet in each zone that the cluster may have HSMs in."
  type        = list(string)
}

variable "hsm_count" {
  description = "In how many of the subnets an HSM stands; left out, in all."
  type        = number
  default     = null
}

variable "hsm_type" {
  description = "The type of the HSMs."
  type        = string
  default     = "hsm2m.medium"
}

variable "mode" {
  description = "FIPS or NON_FIPS; hsm1.medium has FIPS only, without being told."
  type        = string
  default     = null
}

variable "tags" {
  description = "Further tags."
  type        = map(string)
  default     = {}
}
