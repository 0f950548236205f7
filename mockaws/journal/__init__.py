"""The calls of a world, kept as they happen and shown in the form of CloudTrail's events."""
