"""The contents of HSMs: users, keys, backups and outages.

The CloudHSM API has no access to them. KMS logs in as kmsuser, customers use the CloudHSM CLI, and CloudHSM makes
backups. All services share this package, and it knows none of them.
"""
