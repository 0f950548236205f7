# A healthy cluster with a store that is not connected, as on AWS:
#   mockaws exec --fixture strict-cluster -- terraform test -test-directory=worlds -filter=worlds/strict-cluster.tftest.hcl

run "creates_the_store_but_no_key" {
  expect_failures = [aws_kms_key.this]
}
