"""AWS Key Management Service."""

from mockaws.services.kms import (
    aliases,
    connections,
    cryptography,
    custom_key_stores,
    grants,
    keys,
    policies,
    rotation,
    tags,
)
from mockaws.services.operation import Service

service = Service("kms", keys, custom_key_stores, connections, cryptography, policies, tags, aliases, grants, rotation)
