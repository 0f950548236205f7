# The module under test. Put yours here instead.
module "key_store" {
  source = "../custom-key-store"

  key_store_name = "payments"
  key_alias      = "payments"
}

output "key_arn" {
  description = "The ARN of the key."
  value       = module.key_store.key_arn
}
