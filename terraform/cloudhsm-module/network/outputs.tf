output "vpc_id" {
  description = "The VPC."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "The private subnets, one in each zone."
  value       = aws_subnet.private[*].id
}

output "public_subnet_ids" {
  description = "The public subnets, one in each zone."
  value       = aws_subnet.public[*].id
}
