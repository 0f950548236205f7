"""The things that requests to STS name."""

from __future__ import annotations

from mockaws.services.facts import Kind, Resource

ROLE = Resource(Kind.ROLE, ("role_arn",))
