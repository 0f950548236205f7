# The wrong trust anchor, on a healthy cluster:
#   mockaws exec --fixture ready-cluster -- terraform test

# Only KMS knows the cluster's trust anchor, and a run cannot expect an error of KMS. The module ../refusal can.
run "gets_no_store_with_the_wrong_trust_anchor" {
  module {
    source = "../refusal"
  }

  variables {
    expected          = "IncorrectTrustAnchorException"
    cluster_id        = "cluster-readytwozone"
    trust_anchor_file = "../refusal/another-ca.crt"
  }
}
