variable "name" {
  description = "The tag Name of all resources."
  type        = string
}

variable "cidr" {
  description = "The addresses of the VPC, a /16."
  type        = string
}

variable "zone_count" {
  description = "The number of zones with subnets."
  type        = number
}

variable "tags" {
  description = "Further tags."
  type        = map(string)
  default     = {}
}
