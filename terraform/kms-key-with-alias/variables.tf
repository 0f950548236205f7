variable "enabled" {
  description = "True to create the key."
  type        = bool
  default     = true
}

variable "namespace" {
  description = "The organization."
  type        = string
  default     = "eg"
}

variable "environment" {
  description = "The part of the organization."
  type        = string
  default     = ""
}

variable "stage" {
  description = "The stage, such as test or prod."
  type        = string
  default     = "test"
}

variable "name" {
  description = "The name of the key's purpose."
  type        = string
  default     = "orders"
}

variable "tags" {
  description = "Further tags."
  type        = map(string)
  default     = {}
}

variable "alias" {
  description = "The name of the key, with alias/ in front. The default is made of the variables above."
  type        = string
  default     = ""
}

variable "description" {
  description = "The description of the key."
  type        = string
  default     = "Encrypts orders"
}

variable "policy" {
  description = "The key policy as JSON. If it is empty, KMS gives the key its default policy."
  type        = string
  default     = ""
}

variable "key_usage" {
  description = "ENCRYPT_DECRYPT or SIGN_VERIFY."
  type        = string
  default     = "ENCRYPT_DECRYPT"
}

variable "key_spec" {
  description = "The key spec."
  type        = string
  default     = "SYMMETRIC_DEFAULT"
}

variable "multi_region" {
  description = "True if the key can have replicas."
  type        = bool
  default     = false
}

variable "enable_key_rotation" {
  description = "True if KMS rotates the material."
  type        = bool
  default     = true
}

variable "deletion_window_in_days" {
  description = "Days that KMS waits after a destroy before it deletes the key."
  type        = number
  default     = 10
}
