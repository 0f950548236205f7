terraform {
  # `state_key` of tests/worlds.tftest.hcl came with 1.11; `terraform apply`, and so the matrix, needs only 1.7.
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}
