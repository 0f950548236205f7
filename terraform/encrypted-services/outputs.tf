output "key_arn" {
  description = "The ARN of the key."
  value       = aws_kms_key.this.arn
}

output "bucket" {
  description = "The bucket that encrypts with the key."
  value       = aws_s3_bucket.this.id
}
