# A cluster with both HSMs in one Availability Zone:
#   mockaws exec --fixture one-zone -- terraform test -test-directory=worlds -filter=worlds/one-zone.tftest.hcl

run "gets_no_store_on_one_zone" {
  module {
    source = "../refusal"
  }

  variables {
    expected          = "CloudHsmClusterInvalidConfigurationException"
    cluster_id        = "cluster-readytwozone"
    trust_anchor_file = "../../fixtures/customerCA.crt"
  }
}
