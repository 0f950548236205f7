# Checks that stop a wrong configuration early, on the same healthy cluster:
#   mockaws exec --fixture ready-cluster -- terraform test
# Broken clusters have their tests in ../worlds.

run "refuses_input_that_aws_would_refuse" {
  command = plan

  variables {
    cluster_id        = "my-cluster"
    kmsuser_password  = "with spaces"
    trust_anchor_file = "versions.tf"
  }

  expect_failures = [var.cluster_id, var.kmsuser_password, var.trust_anchor_file]
}

run "stops_before_a_cluster_that_is_not_active" {
  command = plan

  override_data {
    target = data.aws_cloudhsm_v2_cluster.this
    values = {
      cluster_state = "UNINITIALIZED"
      subnet_ids    = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
    }
  }

  expect_failures = [data.aws_cloudhsm_v2_cluster.this]
}

run "stops_before_a_cluster_in_one_zone" {
  command = plan

  override_data {
    target = data.aws_cloudhsm_v2_cluster.this
    values = {
      cluster_state = "ACTIVE"
      subnet_ids    = ["subnet-0a1b2c3d4e5f60001"]
    }
  }

  expect_failures = [data.aws_cloudhsm_v2_cluster.this]
}

run "stops_before_a_key_in_a_store_that_is_not_connected" {
  override_data {
    target = data.aws_kms_custom_key_store.this
    values = {
      connection_state = "DISCONNECTED"
    }
  }

  expect_failures = [aws_kms_key.this]
}
