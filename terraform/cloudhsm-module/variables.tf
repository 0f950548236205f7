variable "environment" {
  description = "The beginning of all names."
  type        = string
  default     = "staging"
}

variable "clusters" {
  description = "The clusters, by name. AWS allows one HSM until the cluster is activated, so hsm_count is 1 at first."
  type = map(object({
    hsm_type  = optional(string, "hsm2m.medium")
    mode      = optional(string)
    hsm_count = optional(number)
  }))
  default = {
    keys  = { mode = "FIPS" }
    codes = { hsm_type = "hsm1.medium", hsm_count = 1 }
  }
}
