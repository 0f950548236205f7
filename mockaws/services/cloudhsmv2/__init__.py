"""AWS CloudHSM v2."""

from mockaws.services.cloudhsmv2 import clusters, hsms, tags
from mockaws.services.operation import Service

service = Service("cloudhsmv2", clusters, hsms, tags)
