"""The things that requests to CloudHSM name."""

from __future__ import annotations

from mockaws.services.facts import Kind, Resource

CLUSTER = Resource(Kind.CLUSTER, ("cluster_id",))
BACKUP = Resource(Kind.BACKUP, ("backup_id",))
BACKUP_BY_ARN = Resource(Kind.BACKUP, ("resource_arn",))
SOURCE_BACKUP = Resource(Kind.BACKUP, ("source_backup_id",))
TAGGED = Resource(Kind.CLUSTER_OR_BACKUP, ("resource_id",))
