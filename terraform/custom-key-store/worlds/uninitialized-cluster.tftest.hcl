# A cluster that is not initialized yet:
#   mockaws exec --fixture uninitialized-cluster -- terraform test -test-directory=worlds -filter=worlds/uninitialized-cluster.tftest.hcl

run "stops_before_the_store" {
  command = plan

  expect_failures = [data.aws_cloudhsm_v2_cluster.this]
}
