# Resources of other services, encrypted with a key whose material lies in your own CloudHSM cluster.

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}
data "aws_region" "here" {}

resource "aws_kms_custom_key_store" "this" {
  custom_key_store_name    = var.name
  cloud_hsm_cluster_id     = var.cluster_id
  key_store_password       = var.kmsuser_password
  trust_anchor_certificate = file("${path.module}/../../fixtures/customerCA.crt")
}

resource "aws_kms_key" "this" {
  description             = "Encrypts everything of ${var.name}"
  custom_key_store_id     = aws_kms_custom_key_store.this.id
  policy                  = data.aws_iam_policy_document.key.json
  deletion_window_in_days = 7
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}

# Services that call KMS in the name of their caller need no statement of their own.
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.here.partition}:iam::${data.aws_caller_identity.here.account_id}:root"]
    }
  }

  statement {
    sid       = "Services"
    actions   = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${data.aws_region.here.name}.amazonaws.com", "sns.amazonaws.com", "events.amazonaws.com"]
    }
  }
}

resource "aws_s3_bucket" "this" {
  bucket_prefix = "${var.name}-"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_object" "this" {
  bucket     = aws_s3_bucket.this.id
  key        = "a letter/one page.txt"
  content    = "hello"
  kms_key_id = aws_kms_key.this.arn
}

resource "aws_dynamodb_table" "this" {
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = aws_kms_key.this.arn
  }
}

resource "aws_sqs_queue" "this" {
  name                              = var.name
  kms_master_key_id                 = aws_kms_alias.this.name
  kms_data_key_reuse_period_seconds = 300
}

resource "aws_sns_topic" "this" {
  name              = var.name
  kms_master_key_id = aws_kms_key.this.key_id
}

resource "aws_cloudwatch_log_group" "this" {
  name              = var.name
  retention_in_days = 7
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_secretsmanager_secret" "this" {
  name                    = var.name
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "this" {
  secret_id     = aws_secretsmanager_secret.this.id
  secret_string = "hush"
}

resource "aws_ssm_parameter" "this" {
  name   = "/${var.name}/password"
  type   = "SecureString"
  value  = "hush"
  key_id = aws_kms_alias.this.name
}

resource "aws_ebs_volume" "this" {
  availability_zone = "${data.aws_region.here.name}a"
  size              = 1
  encrypted         = true
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_efs_file_system" "this" {
  creation_token = var.name
  encrypted      = true
  kms_key_id     = aws_kms_key.this.arn
}

resource "aws_ecr_repository" "this" {
  name = var.name

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }
}

# The key's policy lets IAM decide which principals may read the encrypted resources.
resource "aws_iam_policy" "reader" {
  name   = "${var.name}-reader"
  policy = data.aws_iam_policy_document.reader.json
}

data "aws_iam_policy_document" "reader" {
  statement {
    actions   = ["kms:Decrypt", "kms:DescribeKey"]
    resources = [aws_kms_key.this.arn]
  }
}
