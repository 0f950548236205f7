"""AWS CloudHSM v2."""

from mockaws.services.cloudhsmv2 import (
    backups,
    clusters,
    errors,
    hsms,
    initializing,
    modifying,
    resource_policies,
    tags,
)
from mockaws.services.operation import Service

service = Service(
    "cloudhsmv2",
    clusters,
    initializing,
    modifying,
    hsms,
    backups,
    resource_policies,
    tags,
    errors=errors.catalogue,
)
