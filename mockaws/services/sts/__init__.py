"""AWS Security Token Service."""

from mockaws.services.operation import Service
from mockaws.services.sts import identity, sessions

service = Service("sts", identity, sessions)
