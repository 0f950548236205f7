# One file, a world for each run:
#   mockaws exec --worlds worlds/*.yaml -- terraform test
# mockaws passes the address of each world in var.mockaws_worlds, which no configuration has to declare.

provider "aws" {
  alias = "healthy"

  endpoints {
    kms        = var.mockaws_worlds["healthy"]
    cloudhsmv2 = var.mockaws_worlds["healthy"]
    sts        = var.mockaws_worlds["healthy"]
  }
}

provider "aws" {
  alias = "not_connected"

  endpoints {
    kms        = var.mockaws_worlds["not-connected"]
    cloudhsmv2 = var.mockaws_worlds["not-connected"]
    sts        = var.mockaws_worlds["not-connected"]
  }
}

provider "aws" {
  alias = "not_initialized"

  endpoints {
    kms        = var.mockaws_worlds["not-initialized"]
    cloudhsmv2 = var.mockaws_worlds["not-initialized"]
    sts        = var.mockaws_worlds["not-initialized"]
  }
}

# Each run has a state of its own, because one world's resources do not exist in another.
run "builds_a_key_in_a_healthy_world" {
  state_key = "healthy"
  providers = { aws = aws.healthy }

  assert {
    condition     = startswith(output.key_arn, "arn:aws:kms:us-west-2:")
    error_message = "There is no key."
  }
}

run "stops_before_the_key_where_nothing_connects" {
  state_key = "not-connected"
  providers = { aws = aws.not_connected }

  module {
    source = "../custom-key-store"
  }

  expect_failures = [aws_kms_key.this]
}

run "stops_at_the_plan_where_nothing_is_initialized" {
  command   = plan
  state_key = "not-initialized"
  providers = { aws = aws.not_initialized }

  module {
    source = "../custom-key-store"
  }

  expect_failures = [data.aws_cloudhsm_v2_cluster.this]
}

# A run cannot expect an error of the provider. For errors of KMS, ../refusal asks with the AWS CLI.
run "gets_no_store_where_one_hsm_is_left" {
  state_key = "one-hsm-left"

  module {
    source = "../refusal"
  }

  variables {
    expected          = "CloudHsmClusterInvalidConfigurationException"
    cluster_id        = "cluster-readytwozone"
    trust_anchor_file = "../../fixtures/customerCA.crt"
    endpoint_url      = var.mockaws_worlds["one-hsm-left"]
  }
}
