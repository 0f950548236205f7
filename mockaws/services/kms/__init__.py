"""AWS Key Management Service."""

from mockaws.services.kms import (
    aliases,
    connections,
    custom_key_stores,
    data_keys,
    encryption,
    grants,
    keys,
    last_usage,
    macs,
    policies,
    public_keys,
    random_bytes,
    replicas,
    rotation,
    shared_secrets,
    signing,
    tags,
)
from mockaws.services.operation import Service

service = Service(
    "kms",
    keys,
    replicas,
    custom_key_stores,
    connections,
    encryption,
    data_keys,
    random_bytes,
    signing,
    macs,
    shared_secrets,
    public_keys,
    policies,
    tags,
    aliases,
    grants,
    rotation,
    last_usage,
)
