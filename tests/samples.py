"""Records with values that stand for themselves, each of which a test may change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.clock import DAY
from mockaws.fixtures import loader
from mockaws.records.backups import Backup, BackupContents
from mockaws.records.cloudhsm import Cluster, ClusterChange, ClusterState, Hsm, Subnet
from mockaws.records.outages import Outage

if TYPE_CHECKING:
    from mockaws.records.faults import Fault

ACCOUNT = "111122223333"
REGION = "us-west-2"
NOW = 1_507_133_412.351
VPC = "vpc-1a2b3c4d"
CLUSTER = "cluster-abcdefghijk"
BACKUP = "backup-abcdefghijk"
SUBNET_A = "subnet-a6b10bd1"
SUBNET_B = "subnet-b6b10bd2"
ZONE_A = "us-west-2a"
ZONE_B = "us-west-2b"


BROKEN = (Outage(0.0),)


def being(state: ClusterState, message: str | None = None) -> tuple[ClusterChange, ...]:
    """Return the history of a cluster that has always been in one state."""
    return (ClusterChange(at=0.0, state=state, message=message),)


def subnet(subnet_id: str = SUBNET_A, **changes: Any) -> Subnet:
    """Return a subnet: `10.0.1.0/24` in the first zone, or `10.0.2.0/24` in the second."""
    first = subnet_id == SUBNET_A
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "id": subnet_id,
        "vpc_id": VPC,
        "zone": ZONE_A if first else ZONE_B,
        "cidr": "10.0.1.0/24" if first else "10.0.2.0/24",
        "free_addresses": 251,
    }
    return Subnet(**fields | changes)


def hsm(hsm_id: str = "hsm-abcdefghijk", **changes: Any) -> Hsm:
    """Return an HSM in the first zone that has been active for a long time."""
    fields: dict[str, Any] = {
        "id": hsm_id,
        "zone": ZONE_A,
        "subnet_id": SUBNET_A,
        "eni_id": "eni-0a1b2c3d4e5f60718",
        "eni_ip": "10.0.1.11",
        "hsm_type": "hsm1.medium",
        "active_at": 0.0,
    }
    return Hsm(**fields | changes)


def cluster(cluster_id: str = CLUSTER, **changes: Any) -> Cluster:
    """Return an active cluster without HSMs, with subnets in two zones."""
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "id": cluster_id,
        "changes": being(ClusterState.ACTIVE),
        "hsm_type": "hsm1.medium",
        "mode": "FIPS",
        "created_at": NOW,
        "vpc_id": VPC,
        "subnets": {ZONE_A: SUBNET_A, ZONE_B: SUBNET_B},
        "security_group": "sg-865af2fb",
        "trust_anchor": "-----BEGIN CERTIFICATE-----\nCA\n-----END CERTIFICATE-----\n",
        "cluster_certificate": "-----BEGIN CERTIFICATE-----\nCLUSTER\n-----END CERTIFICATE-----\n",
    }
    return Cluster(**fields | changes)


def backup(backup_id: str = BACKUP, **changes: Any) -> Backup:
    """Return a backup of the cluster, just made and ready, which retention ends in 90 days."""
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "region": REGION,
        "id": backup_id,
        "cluster_id": CLUSTER,
        "created_at": NOW,
        "ready_at": NOW,
        "expires_at": NOW + 90 * DAY,
        "hsm_type": "hsm1.medium",
        "mode": "FIPS",
        "contents": BackupContents(
            trust_anchor=cluster().trust_anchor,
            cluster_certificate=cluster().cluster_certificate,
            users=(),
            keys=(),
        ),
    }
    return Backup(**fields | changes)


def fault(**properties: object) -> Fault:
    """Return a fault with the *properties* that it would have in a fixture."""
    return loader.fault(properties)
