"""moto's KMS for moto's other services, with the keys of our KMS.

RDS refuses a missing key, and EBS and DynamoDB look up the ARN of theirs.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.model.errors import AWSError
from mockaws.services.kms import lookup, service

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.other_services.base import Act
    from mockaws.records import kms as records
    from mockaws.services.operation import Call

_DESCRIBE_KEY = service.operations["DescribeKey"].facts


class Key(NamedTuple):
    """A key with the attributes that moto's services read."""

    id: str
    arn: str


def _identified(call: Call, key_id: str) -> records.Key:
    """Return the key that DescribeKey finds by *key_id*. Raises AWSError if it finds none."""
    return lookup.identified(dataclasses.replace(call, facts=_DESCRIBE_KEY), key_id)


def replace(act_of_holder: Callable[[], Act | None]) -> None:
    """Replace moto's KMS by ours; *act_of_holder* returns `World.act` of the world that holds moto."""
    from moto.kms import models  # noqa: PLC0415 - as in moto.py

    backend: Any = models.KmsBackend

    class Keys(backend):  # type: ignore[misc]
        """The methods of KMS that moto's services use."""

        def describe_key(self, key_id: str) -> Any:
            """Return a key by any of its names. Raises KeyError if there is none, as moto does."""
            act = act_of_holder()
            if act is None:  # this process uses moto for another purpose
                return super().describe_key(key_id)
            try:
                key = act("DescribeKey", self.account_id, self.region_name, lambda call: _identified(call, key_id))
            except AWSError:
                raise KeyError(key_id) from None
            return Key(key.id, key.arn)

        def alias_exists(self, alias_name: str) -> bool:
            """Return True if an alias names a key; those of AWS's services always do."""
            if act_of_holder() is None:
                return bool(super().alias_exists(alias_name))
            try:
                self.describe_key(alias_name)
            except KeyError:
                return False
            return True

    models.kms_backends.backend = Keys
