"""AWS managed keys: each service's own key, under `alias/aws/<service>`, made when somebody first asks for it.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records import rotating
from mockaws.records.key_specs import KEY_SPECS, SYMMETRIC_DEFAULT
from mockaws.records.kms import Alias, AutomaticRotation, Key
from mockaws.services.kms import material

if TYPE_CHECKING:
    from mockaws.services.operation import Call

PREFIX = "alias/aws/"
# The services that keep a key of their own in a customer's account, and what the key's description says it protects.
SERVICES = {
    "acm": "ACM private keys",
    "backup": "Backup vaults",
    "codeartifact": "CodeArtifact domains",
    "dynamodb": "DynamoDB tables",
    "ebs": "EBS volumes",
    "elasticfilesystem": "EFS filesystems",
    "es": "Elasticsearch domains",
    "fsx": "FSx file systems",
    "glue": "Glue data catalogs",
    "kinesis": "Kinesis data streams",
    "kinesisvideo": "Kinesis video streams",
    "lambda": "Lambda functions",
    "rds": "RDS databases",
    "redshift": "Redshift clusters",
    "s3": "S3 objects",
    "secretsmanager": "Secrets Manager secrets",
    "sns": "SNS topics",
    "sqs": "SQS queues",
    "ssm": "SSM parameters",
    "xray": "X-Ray traces",
}
ALIASES = tuple(PREFIX + service for service in sorted(SERVICES))


def is_alias(name: str) -> bool:
    """Tell whether *name* is the alias of a service's own key."""
    return name.startswith(PREFIX) and name.removeprefix(PREFIX) in SERVICES


def key(call: Call, alias_name: str) -> Key:
    """Return the key behind an AWS alias, and make both where nobody has asked for them so far."""
    alias = call.lookup(Alias, alias_name)
    if alias is not None and alias.target_key_id is not None:
        found = call.lookup(Key, alias.target_key_id)
        if found is not None:
            return rotating.settled(found, call.now)
    service = alias_name.removeprefix(PREFIX)
    made = Key(
        account=call.account,
        region=call.region,
        id=call.ids.uuid(),
        created_at=call.now,
        description=f"Default key that protects my {SERVICES[service]} when no other key is defined",
        manager="AWS",
        materials=(material.new(call, KEY_SPECS[SYMMETRIC_DEFAULT]),),
        policy=_policy(call, service),
        rotation=AutomaticRotation(period_in_days=365, counts_from=call.now),
    )
    call.put(made)
    call.put(
        Alias(
            account=call.account,
            region=call.region,
            id=alias_name,
            target_key_id=made.id,
            created_at=call.now,
            updated_at=call.now,
        )
    )
    return made


def _policy(call: Call, service: str) -> str:
    """Return the policy of a service's key: through the service for whoever may use it, and looking for the account."""
    host = f"{service}.{call.region}.{arns.dns_suffix(call.region)}"
    used_through_the_service = {
        "Sid": f"Allow access through {service} for all principals in the account that are authorized to use it",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:CreateGrant",
            "kms:DescribeKey",
        ],
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": host, "kms:CallerAccount": call.account}},
    }
    seen_by_the_account = {
        "Sid": "Allow direct access to key metadata to the account",
        "Effect": "Allow",
        "Principal": {"AWS": arns.account_root(call.region, call.account)},
        "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
        "Resource": "*",
    }
    document = {
        "Version": "2012-10-17",
        "Id": f"auto-{service}-1",
        "Statement": [used_through_the_service, seen_by_the_account],
    }
    return json.dumps(document, indent=2)
