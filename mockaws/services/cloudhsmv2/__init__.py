"""AWS CloudHSM v2."""

from mockaws.services.cloudhsmv2 import clusters, errors, hsms, tags
from mockaws.services.operation import Service

service = Service("cloudhsmv2", clusters, hsms, tags, errors=errors.catalogue)
