"""GenerateRandom as it is once it takes a Recipient; when it does, this goes, and the tests stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from mockaws.services import kms
from mockaws.services.kms import recipients
from mockaws.services.operation import Operation

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mockaws.services.operation import Call, Result


def _generate_random(call: Call, *, number_of_bytes: int, recipient: dict[str, Any] | None = None) -> Result:
    attestation = recipients.attested(call, recipient)
    return recipients.secret("Plaintext", b"x" * number_of_bytes, attestation)


def taking_recipients() -> AbstractContextManager[Any]:
    """Return a context in which GenerateRandom takes a Recipient."""
    model = kms.service.model.operations["GenerateRandom"]
    return patch.dict(kms.service.operations, GenerateRandom=Operation(model, _generate_random, frozenset()))
