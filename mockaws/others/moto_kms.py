"""moto's KMS, which moto's other services ask for the keys that they are told of: it has the keys of ours.

RDS refuses a key that is not there, EBS and DynamoDB want to know the ARN of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from mockaws.model.errors import AWSError
from mockaws.services.kms import lookup

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.others.base import Act


class Key(NamedTuple):
    """A key as moto's services see it."""

    id: str
    arn: str


def replace(act_now: Callable[[], Act | None]) -> None:
    """Have moto's services ask our KMS; *act_now* returns how, in the world whose turn it is."""
    from moto.kms import models  # noqa: PLC0415 - as in moto.py

    backend: Any = models.KmsBackend

    class Keys(backend):  # type: ignore[misc]
        """What moto's services ask of KMS."""

        def describe_key(self, key_id: str) -> Any:
            """Return a key by any of its names. Raises KeyError, as moto does."""
            act = act_now()
            if act is None:  # somebody in this process has moto for another purpose
                return super().describe_key(key_id)
            try:
                key = act(
                    "DescribeKey", self.account_id, self.region_name, lambda call: lookup.identified(call, key_id)
                )
            except AWSError:
                raise KeyError(key_id) from None
            return Key(key.id, key.arn)

        def alias_exists(self, alias_name: str) -> bool:
            """Tell whether an alias names a key; those of AWS's services always do."""
            if act_now() is None:
                return bool(super().alias_exists(alias_name))
            try:
                self.describe_key(alias_name)
            except KeyError:
                return False
            return True

    models.kms_backends.backend = Keys
