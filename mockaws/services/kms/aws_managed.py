"""AWS managed keys: the keys of AWS services, under `alias/aws/<service>`, created when a caller first names one.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws import arns
from mockaws.records import rotating
from mockaws.records.key_specs import KEY_SPECS, SYMMETRIC_DEFAULT
from mockaws.records.kms import Alias, AutomaticRotation, Key
from mockaws.services.kms import key_material

if TYPE_CHECKING:
    from mockaws.services.operation import Call

PREFIX = "alias/aws/"
# The services with a key of their own in each account, and the things that the key protects by its description.
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
    "sqs": "SQS messages",
    "ssm": "SSM parameters",
    "xray": "X-Ray traces",
}
# The two names of a service in the Sid of its key's policy, if they were recorded.
_IN_SIDS = {"sqs": ("Simple Queue Service (SQS)", "SQS")}
# AWS lays out these policies this way, and callers get them character by character.
_POLICY = """{{
  "Version" : "2012-10-17",
  "Id" : "auto-{service}-1",
  "Statement" : [ {{
    "Sid" : "Allow access through {through} for all principals in the account that are authorized to use {of}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", \
"kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:ViaService" : "{host}",
        "kms:CallerAccount" : "{account}"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "{root}"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"""
ALIASES = tuple(PREFIX + service for service in sorted(SERVICES))


def is_alias(name: str) -> bool:
    """Return True if *name* is the alias of a service's own key."""
    return name.startswith(PREFIX) and name.removeprefix(PREFIX) in SERVICES


def key(call: Call, alias_name: str) -> Key:
    """Return the key behind an AWS alias; create both if they do not exist yet."""
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
        materials=(key_material.new(call, KEY_SPECS[SYMMETRIC_DEFAULT]),),
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
    """Return the policy of a service's key: use through the service, and read access for the account."""
    through, of = _IN_SIDS.get(service, (service, service))
    return _POLICY.format(
        service=service,
        through=through,
        of=of,
        host=f"{service}.{call.region}.{arns.dns_suffix(call.region)}",
        account=call.account,
        root=arns.account_root(call.region, call.account),
    )
