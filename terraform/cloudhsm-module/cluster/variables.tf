variable "name" {
  description = "The cluster's tag Name."
  type        = string
}

variable "subnet_ids" {
  description = "A subnet in each zone in which the cluster may have HSMs."
  type        = list(string)
}

variable "hsm_count" {
  description = "The number of subnets with an HSM. The default is all."
  type        = number
  default     = null
}

variable "hsm_type" {
  description = "The type of the HSMs."
  type        = string
  default     = "hsm2m.medium"
}

variable "mode" {
  description = "FIPS or NON_FIPS. hsm1.medium has FIPS only, and takes no mode."
  type        = string
  default     = null
}

variable "tags" {
  description = "Further tags."
  type        = map(string)
  default     = {}
}
