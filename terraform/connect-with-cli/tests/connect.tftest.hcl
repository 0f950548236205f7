# The store is connected between the two resources, and disconnected when the test is torn down:
#   mockaws exec --fixture strict-cluster -- terraform test

run "creates_no_key_in_a_store_that_nobody_connected" {
  variables {
    connect = false
  }

  expect_failures = [aws_kms_key.this]
}

run "connects_the_store_and_creates_the_key" {
  assert {
    condition     = output.connection_state == "CONNECTED"
    error_message = "The key store is ${output.connection_state}."
  }

  assert {
    condition     = aws_kms_alias.this.target_key_arn == output.key_arn
    error_message = "The alias does not lead to the key."
  }
}

run "keeps_the_connection_when_applied_again" {
  assert {
    condition     = terraform_data.connection[0].id == run.connects_the_store_and_creates_the_key.connection_id
    error_message = "The second apply connected the store once more."
  }
}
