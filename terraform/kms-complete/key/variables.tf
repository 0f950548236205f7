variable "create" {
  description = "Whether there is a key at all."
  type        = bool
  default     = true
}

variable "kind" {
  description = "Who makes the material: KMS (own), the caller (imported), or a primary key in another Region (replica, imported_replica)."
  type        = string
  default     = "own"

  validation {
    condition     = contains(["own", "imported", "replica", "imported_replica"], var.kind)
    error_message = "kind is own, imported, replica or imported_replica."
  }
}

variable "description" {
  description = "What the key is for."
  type        = string
  default     = null
}

variable "enabled" {
  description = "Whether the key can be used."
  type        = bool
  default     = null
}

variable "key_spec" {
  description = "The key spec; SYMMETRIC_DEFAULT where there is none."
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
  description = "Whether the key can have replicas."
  type        = bool
  default     = false
}

variable "enable_key_rotation" {
  description = "Whether KMS rotates the material: keys of KMS's own symmetric material only."
  type        = bool
  default     = true
}

variable "rotation_period_in_days" {
  description = "The days between two rotations."
  type        = number
  default     = null
}

variable "deletion_window_in_days" {
  description = "How long KMS waits, after a destroy, before it deletes the key."
  type        = number
  default     = null
}

variable "bypass_policy_lockout_safety_check" {
  description = "Whether KMS takes a policy that shuts its author out."
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
  description = "When imported material expires, as RFC 3339 writes it."
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
  description = "The whole key policy, in the place of what the variables below make."
  type        = string
  default     = null
}

variable "account_may_do_all" {
  description = "Whether the policy begins with the statement that lets the account's own IAM policies decide."
  type        = bool
  default     = true
}

variable "principals" {
  description = "Who may do what: lists of principals' ARNs, by the names of the statements in policy.tf."
  type        = map(list(string))
  default     = {}
}

variable "dnssec_zones" {
  description = "Hosted zones of Route 53 whose records the key signs, by any name: their ARN, and the accounts that they are in."
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

# --- what belongs to the key ----------------------------------------------------------------------------------------

variable "aliases" {
  description = "Names of the key, without alias/ in front."
  type        = set(string)
  default     = []
}

variable "computed_aliases" {
  description = "Names that are known after the apply only, by names that are known before."
  type        = map(string)
  default     = {}
}

variable "aliases_are_prefixes" {
  description = "Whether the provider completes the names with a suffix of its own."
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
