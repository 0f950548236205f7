"""The config of a world: delays, relaxations of AWS's rules, and limits."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

from mockaws.clock import MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The seconds that AWS takes for changes that it finishes later."""

    connect: float = 0.0
    disconnect: float = 0.0
    create_cluster: float = 0.0
    initialize_cluster: float = 0.0
    activate_cluster: float = 0.0
    modify_cluster: float = 0.0
    delete_cluster: float = 0.0
    create_hsm: float = 0.0
    delete_hsm: float = 0.0
    create_backup: float = 0.0
    copy_backup: float = 0.0
    replicate: float = 0.0
    update_primary_region: float = 0.0
    rotate_key_on_demand: float = 0.0


INSTANT = Timing()
# ConnectCustomKeyStore "can take up to 20 minutes"; an HSM takes minutes to come and about two to go. A replica key was
# seen Creating for a minute; a change of the primary Region is said to take "a few more seconds". A rotation on
# demand was seen to take two minutes, and one to imported material one.
REALISTIC = Timing(
    connect=20 * MINUTE,
    disconnect=MINUTE,
    create_cluster=5 * MINUTE,
    initialize_cluster=3 * MINUTE,
    activate_cluster=80.0,
    modify_cluster=30 * MINUTE,
    delete_cluster=2 * MINUTE,
    create_hsm=5 * MINUTE,
    delete_hsm=2 * MINUTE,
    create_backup=5 * MINUTE,
    copy_backup=5 * MINUTE,
    replicate=MINUTE,
    update_primary_region=10.0,
    rotate_key_on_demand=2 * MINUTE,
)


class ConnectRelaxation(StrEnum):
    """The way to connect a new custom key store: by a call, as on AWS, or by itself."""

    ON_REQUEST = "on_request"
    ON_CREATE = "on_create"


class DeleteRelaxation(StrEnum):
    """The condition for deleting a custom key store: as on AWS, or also if connected or with keys pending deletion."""

    WHEN_EMPTY = "when_empty"
    WITH_PENDING_KEYS = "with_pending_keys"


class HsmRelaxation(StrEnum):
    """The condition for a second HSM in a cluster: its activation, as on AWS, or none."""

    AFTER_ACTIVATION = "after_activation"
    AT_ANY_TIME = "at_any_time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxations:
    """The departures from AWS's rules that a fixture asks for by name."""

    connect: ConnectRelaxation = ConnectRelaxation.ON_REQUEST
    delete_custom_key_store: DeleteRelaxation = DeleteRelaxation.WHEN_EMPTY
    second_hsm: HsmRelaxation = HsmRelaxation.AFTER_ACTIVATION

    def in_force(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the value of each relaxation that departs from AWS."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not field.default:
                yield field.name, str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of an account in a Region. A fixture may lower them, and raise those that AWS raises on request.

    https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
    https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html
    """

    keys: int = 100_000
    custom_key_stores: int = 10
    aliases_per_key: int = 50
    grants_per_key: int = 50_000
    on_demand_rotations_per_key: int = 25
    tags_per_resource: int = 50
    policy_bytes: int = 32_768
    clusters: int = 4
    hsms: int = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldConfig:
    """The configuration of a world, which each of its calls sees."""

    account: str = "000000000000"
    region: str = "us-west-2"
    timing: Timing = INSTANT
    relaxations: Relaxations = Relaxations()
    limits: Limits = Limits()
    irregular_ids: frozenset[str] = frozenset()
