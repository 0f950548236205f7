"""What was called in a world, kept as it happens and told in the form of CloudTrail's events when somebody asks."""
