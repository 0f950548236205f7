variable "subnet_ids" {
  description = "Subnets of one VPC, each in another Availability Zone. The first two get an HSM. The default is those of mockaws's fixture empty."
  type        = list(string)
  default     = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
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

variable "ca_folder" {
  description = "The folder with your certificate authority: customerCA.crt and customerCA.key. make-ca.sh makes one."
  type        = string
  default     = "ca"

  validation {
    condition     = fileexists("${var.ca_folder}/customerCA.crt")
    error_message = "There is no customerCA.crt in ca_folder. Make an authority first: sh make-ca.sh ca"
  }
}

variable "cloudhsm_cli" {
  description = "The command that runs the CloudHSM CLI. With AWS that is /opt/cloudhsm/bin/cloudhsm-cli on an instance in the VPC, or an ssh command that leads there."
  type        = string
  default     = "mockaws hsm"
}

variable "admin_password" {
  description = "The password of the cluster's administrator."
  type        = string
  default     = "adminPswd123"
  sensitive   = true
}

variable "kmsuser_password" {
  description = "The password of the crypto user kmsuser, with which KMS logs in. KMS changes it each time the key store connects."
  type        = string
  default     = "kmsPswd123"
  sensitive   = true
}

variable "key_store_name" {
  description = "The name of the key store, unique in the account and Region."
  type        = string
  default     = "from-scratch"
}

variable "key_alias" {
  description = "The alias of the key, without alias/ in front."
  type        = string
  default     = "from-scratch"
}

variable "plaintext" {
  description = "A text to encrypt with the key, to see that it works."
  type        = string
  default     = "hello"
}

variable "timeout" {
  description = "Seconds to wait for each step: AWS takes up to 20 minutes to connect a store."
  type        = number
  default     = 1800
}

variable "poll_interval" {
  description = "Seconds between two requests for a state."
  type        = number
  default     = 5
}
