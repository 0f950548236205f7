"""Calls of any service, and their events in the journal: `calls.event("kms", "CreateKey")`."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from mockaws.journal.events import event
from tests.samples import ACCOUNT
from tests.unit.services.kms.calling import Kms
from tests.wire import RefusedError, ask, signature

if TYPE_CHECKING:
    from mockaws.gateway.journey import Gateway
    from mockaws.worlds.world import World


class Calls:
    """A world with a ready cluster, and the event of its last call."""

    def __init__(self, gateway: Gateway) -> None:
        self.kms = Kms()
        self.world: World = self.kms.world
        self._gateway = gateway

    def __call__(self, service: str, operation: str, /, access_key_id: str = ACCOUNT, **document: Any) -> Any:
        """Return the answer."""
        signed = signature("cloudhsm" if service == "cloudhsmv2" else service, access_key_id=access_key_id)
        return ask(self._gateway, self.world, service, operation, document, authorization=signed)

    def event(self, service: str, operation: str, /, access_key_id: str = ACCOUNT, **document: Any) -> dict[str, Any]:
        """Call, and return the event of it, which JSON can carry."""
        with contextlib.suppress(RefusedError):
            self(service, operation, access_key_id, **document)
        return self.last()

    def last(self) -> dict[str, Any]:
        """Return the event of the last call."""
        *_, entry = self.world.journal.entries()
        shown: dict[str, Any] = json.loads(json.dumps(event(entry)))
        return shown

    def key(self, **document: Any) -> tuple[str, str]:
        """Create a key and return its id and its ARN."""
        metadata = self("kms", "CreateKey", **document)["KeyMetadata"]
        return metadata["KeyId"], metadata["Arn"]
