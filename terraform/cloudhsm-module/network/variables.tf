variable "name" {
  description = "The name of everything."
  type        = string
}

variable "cidr" {
  description = "The addresses of the VPC, a /16."
  type        = string
}

variable "zone_count" {
  description = "In how many zones there are subnets."
  type        = number
}

variable "tags" {
  description = "Further tags."
  type        = map(string)
  default     = {}
}
