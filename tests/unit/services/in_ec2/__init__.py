"""Clusters in the subnets of other services' EC2."""
