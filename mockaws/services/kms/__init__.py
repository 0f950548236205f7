"""AWS Key Management Service."""

from mockaws.services.kms import (
    aliases,
    connections,
    custom_key_stores,
    data_keys,
    encryption,
    grants,
    imports,
    keys,
    last_usage,
    macs,
    policies,
    public_keys,
    random_bytes,
    rotation,
    shared_secrets,
    signing,
    tags,
)
from mockaws.services.operation import Service

service = Service(
    "kms",
    keys,
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
    imports,
    last_usage,
)
