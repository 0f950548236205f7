variable "create" {
  description = "True to create the key."
  type        = bool
  default     = true
}

variable "kind" {
  description = "The source of the material: KMS (own), the caller (imported), or a primary key in another Region (replica, imported_replica)."
  type        = string
  default     = "own"

  validation {
    condition     = contains(["own", "imported", "replica", "imported_replica"], var.kind)
    error_message = "kind is own, imported, replica or imported_replica."
  }
}

variable "description" {
  description = "The purpose of the key."
  type        = string
  default     = null
}

variable "enabled" {
  description = "True if the key can be used."
  type        = bool
  default     = null
}

variable "key_spec" {
  description = "The key spec. The default is SYMMETRIC_DEFAULT."
  type        = string
  default     = null
}

variable "key_usage" {
  description = "ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC or KEY_AGREEMENT."
  type        = string
  default     = null
}

variable "custom_key_store_id" {
  description = "The key store whose cluster holds the material."
  type        = string
  default     = null
}

variable "multi_region" {
  description = "True if the key can have replicas."
  type        = bool
  default     = false
}

variable "enable_key_rotation" {
  description = "True if KMS rotates the material, which must be KMS's own and symmetric."
  type        = bool
  default     = true
}

variable "rotation_period_in_days" {
  description = "The days between two rotations."
  type        = number
  default     = null
}

variable "deletion_window_in_days" {
  description = "Days that KMS waits after a destroy before it deletes the key."
  type        = number
  default     = null
}

variable "bypass_policy_lockout_safety_check" {
  description = "True if KMS accepts a policy that locks its author out."
  type        = bool
  default     = null
}

variable "material" {
  description = "The material to import: 256 bits in Base64."
  type        = string
  default     = null
  sensitive   = true
}

variable "valid_to" {
  description = "The expiry of imported material, in the form of RFC 3339."
  type        = string
  default     = null
}

variable "primary_key_arn" {
  description = "The primary key of a replica."
  type        = string
  default     = null
}

# --- the policy -----------------------------------------------------------------------------------------------------

variable "policy" {
  description = "The whole key policy, instead of the one that the variables below make."
  type        = string
  default     = null
}

variable "account_may_do_all" {
  description = "True if the policy begins with the statement that lets the account's own IAM policies decide."
  type        = bool
  default     = true
}

variable "principals" {
  description = "Lists of principals' ARNs, by the names of the statements in policy.tf."
  type        = map(list(string))
  default     = {}
}

variable "dnssec_zones" {
  description = "Hosted zones of Route 53 whose records the key signs, by any name: their ARN and accounts."
  type = map(object({
    arn         = optional(string)
    account_ids = optional(list(string))
  }))
  default = {}
}

variable "statements" {
  description = "Further statements for services, by their sid."
  type = map(object({
    service    = string
    actions    = list(string)
    conditions = optional(list(object({ test = string, variable = string, values = list(string) })), [])
  }))
  default = {}
}

# --- aliases, grants and tags ---------------------------------------------------------------------------------------

variable "aliases" {
  description = "Names of the key, without alias/ in front."
  type        = set(string)
  default     = []
}

variable "computed_aliases" {
  description = "Names that Terraform knows only after the apply, by names that it knows before."
  type        = map(string)
  default     = {}
}

variable "aliases_are_prefixes" {
  description = "True if the provider adds a suffix of its own to the names."
  type        = bool
  default     = false
}

variable "grants" {
  description = "Grants, by their names."
  type = map(object({
    grantee_principal  = string
    operations         = list(string)
    retiring_principal = optional(string)
    retire_on_delete   = optional(bool)
    context_equals     = optional(map(string))
    context_subset     = optional(map(string))
  }))
  default = {}
}

variable "tags" {
  description = "The tags of the key."
  type        = map(string)
  default     = {}
}
