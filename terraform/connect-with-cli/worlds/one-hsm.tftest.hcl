# A cluster with one HSM left:
#   mockaws exec --fixture one-hsm -- terraform test -test-directory=worlds -filter=worlds/one-hsm.tftest.hcl

run "gets_no_store_on_one_hsm" {
  module {
    source = "../refusal"
  }

  variables {
    expected          = "CloudHsmClusterInvalidConfigurationException"
    cluster_id        = "cluster-readytwozone"
    trust_anchor_file = "../../fixtures/customerCA.crt"
  }
}
