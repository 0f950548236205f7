# The resources that the configuration creates on a healthy cluster:
#   mockaws exec --fixture ready-cluster -- terraform test

run "creates_the_store_and_its_key" {
  assert {
    condition     = output.key_origin == "AWS_CLOUDHSM"
    error_message = "The key's material is not in CloudHSM but in ${output.key_origin}."
  }

  assert {
    condition     = output.key_cluster_id == var.cluster_id
    error_message = "The key's material is in ${output.key_cluster_id}, not in ${var.cluster_id}."
  }

  assert {
    condition     = data.aws_kms_custom_key_store.this.trust_anchor_certificate == file(local.trust_anchor_file)
    error_message = "KMS holds another trust anchor than the one it was given."
  }

  assert {
    condition     = aws_kms_key.this.tags == tomap({ Environment = "demo", DataClass = "restricted" })
    error_message = "The key lost a tag."
  }

  assert {
    condition     = aws_kms_alias.this.target_key_arn == output.key_arn
    error_message = "The alias does not lead to the key."
  }
}

run "keeps_them_when_applied_again" {
  assert {
    condition     = output.key_store_id == run.creates_the_store_and_its_key.key_store_id
    error_message = "The second apply made another key store."
  }

  assert {
    condition     = output.key_arn == run.creates_the_store_and_its_key.key_arn
    error_message = "The second apply made another key."
  }
}

run "renames_the_store_without_touching_the_key" {
  variables {
    key_store_name = "renamed-key-store"
  }

  assert {
    condition     = data.aws_kms_custom_key_store.this.custom_key_store_name == "renamed-key-store"
    error_message = "KMS still knows the store under its old name."
  }

  assert {
    condition     = output.key_arn == run.creates_the_store_and_its_key.key_arn
    error_message = "A new name for the store made another key."
  }
}
