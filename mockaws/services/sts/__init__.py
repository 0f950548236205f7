"""AWS Security Token Service."""

from mockaws.services.operation import Service
from mockaws.services.sts import errors, identity, sessions

service = Service("sts", identity, sessions, errors=errors.catalogue)
