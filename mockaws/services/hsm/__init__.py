"""The HSMs of a cluster from the inside: users, keys, backups, and what can break.

AWS CloudHSM's own API does not reach in here. KMS logs in as kmsuser, customers do with the CloudHSM CLI, and CloudHSM
backs up what lies here without looking at it; so all services share it, and it knows none of them.
"""
