variable "name" {
  description = "The tag Name of all resources."
  type        = string
  default     = "hsms"
}

variable "vpc_cidr" {
  description = "The addresses of the VPC; each subnet has a 256th of them."
  type        = string
  default     = "10.20.0.0/16"
}

variable "zone_count" {
  description = "The number of Availability Zones with a subnet. A key store needs HSMs in two."
  type        = number
  default     = 3

  validation {
    condition     = var.zone_count >= 2
    error_message = "A key store needs HSMs in two zones, so the cluster needs two subnets."
  }
}

variable "hsm_type" {
  description = "The type of the HSMs."
  type        = string
  default     = "hsm2m.medium"
}

variable "mode" {
  description = "The mode of the cluster, FIPS or NON_FIPS; it can never be changed."
  type        = string
  default     = "FIPS"
}
