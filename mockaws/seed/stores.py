"""The custom key stores of a world, on clusters that can carry them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.crypto.pem import same_certificate
from mockaws.records.cloudhsm import KMSUSER, Cluster, Role
from mockaws.records.connecting import connection_error
from mockaws.records.kms import ConnectionChange, ConnectionState, CustomKeyStore
from mockaws.records.world import REALISTIC
from mockaws.seed import certificates, library
from mockaws.seed.clusters import NEVER_ACTIVE
from mockaws.seed.problems import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mockaws.records.cloudhsm import Subnet
    from mockaws.seed.clusters import Described
    from mockaws.seed.draft import Draft, Item
    from mockaws.seed.problems import Path

KIND = "custom key store"
_NAME = "name of a custom key store"


def read(
    document: Item, clusters: Mapping[str, Described], subnets: Mapping[str, Subnet], draft: Draft
) -> list[CustomKeyStore]:
    """Return the stores, in the order of the file."""
    carrying: list[tuple[Path, Cluster]] = []
    stores = []
    for item in document.items("custom_key_stores", KIND):
        described = _cluster(item, clusters)
        if described is not None:
            _check_cluster(item, described, carrying, draft.begins_at)
        stores.append(_store(item, described, subnets, draft))
    return stores


def find(stores: Sequence[CustomKeyStore], item: Item, name: str) -> CustomKeyStore | None:
    """Return the store whose id or name *item* gives; None where it gives none, or one that is not there."""
    given = item.text(name)
    store = next((store for store in stores if given in {store.id, store.name}), None)
    if given is not None and store is None:
        item.refers(KIND, given, [store.name for store in stores], name)
    return store


def _store(item: Item, described: Described | None, subnets: Mapping[str, Subnet], draft: Draft) -> CustomKeyStore:
    name = item.identity(KIND, "", "name", shared=True)
    if name:
        item.unique(_NAME, name, "name")
    cluster = described.record if described is not None else None
    kmsuser = cluster.user(KMSUSER) if cluster is not None else None
    password = item.text("password") or (kmsuser.password if kmsuser is not None else item.ids("password").password())
    created = item.moment("created")
    state = ConnectionState(item.text("connection") or ConnectionState.DISCONNECTED)
    error_code = None
    if described is not None:
        if state is ConnectionState.CONNECTED:
            _check_connected(item, described, draft.begins_at)
        if state is ConnectionState.FAILED:
            error_code = _failure(item, described, subnets, password, draft.begins_at)
        if state is ConnectionState.CONNECTING:
            error_code = _connection_error(described.record, subnets, password, draft.begins_at)
    return CustomKeyStore(
        account=draft.terms.account,
        region=draft.terms.region,
        id=item.identity(KIND, item.ids("id").custom_key_store()),
        name=name,
        cluster_id=cluster.id if cluster is not None else "",
        password=password,
        trust_anchor=_trust_anchor(item, cluster, draft),
        created_at=created,
        changes=_history(state, created, error_code, draft),
    )


def _history(
    state: ConnectionState, created: float, error_code: str | None, draft: Draft
) -> tuple[ConnectionChange, ...]:
    """Return how the connection came to be in *state*: a store starts as DISCONNECTED."""
    if state is ConnectionState.DISCONNECTED:
        return ()
    connecting = ConnectionState.CONNECTING
    if state is not connecting:
        return (ConnectionChange(at=created, until=created, while_state=connecting, then=state, error_code=error_code),)
    return (
        ConnectionChange(
            at=draft.now,
            # Where connecting takes no time, nobody would ever see it.
            until=draft.now + (draft.terms.timing.connect or REALISTIC.connect),
            while_state=connecting,
            then=ConnectionState.CONNECTED if error_code is None else ConnectionState.FAILED,
            error_code=error_code,
        ),
    )


def _cluster(item: Item, clusters: Mapping[str, Described]) -> Described | None:
    given = item.text("cluster")
    if given is None:
        return None
    if given not in clusters:
        item.refers("cluster", given, clusters, "cluster")
    return clusters.get(given)


def _check_cluster(item: Item, described: Described, carrying: list[tuple[Path, Cluster]], now: float) -> None:
    """A cluster that was activated carries one store, and clusters that share a backup history carry one together."""
    cluster = described.record
    state = cluster.state(now)
    if state in NEVER_ACTIVE and described.item.sound("state"):
        item.wrong("cluster", f"{cluster.id} is {state} and was never active", "a cluster that was activated")
    for path, other in carrying:
        if other.id == cluster.id:
            item.wrong("cluster", f"{cluster.id} carries {written(path)} already", "a cluster of its own")
            break
        if _share_history(cluster, other):
            message = f"{cluster.id} shares its backup history with {other.id}, which carries {written(path)}"
            item.wrong("cluster", message, "a cluster with another cluster_certificate")
            break
    carrying.append((item.path, cluster))


def _share_history(one: Cluster, other: Cluster) -> bool:
    return one.cluster_certificate is not None and same_certificate(one.cluster_certificate, other.cluster_certificate)


def _trust_anchor(item: Item, cluster: Cluster | None, draft: Draft) -> str:
    given = certificates.given(item, "trust_anchor_certificate", draft)
    anchor = cluster.trust_anchor if cluster is not None else None
    if given is not None and anchor is not None and not same_certificate(given, anchor):
        message = "is not the cluster's trust anchor"
        item.wrong("trust_anchor_certificate", message, "the trust_anchor_certificate of the cluster")
    return given or anchor or library.certificate()


def _check_connected(item: Item, described: Described, now: float) -> None:
    """A store that is CONNECTED could connect once: there is a kmsuser. All else may have been lost since."""
    user = described.record.user(KMSUSER)
    if user is None and described.record.state(now) not in NEVER_ACTIVE:
        if not described.item.sound("users"):
            return
        wanted = f"{Role.CRYPTO_USER} {KMSUSER}"
        message = f"{described.record.id} has no {wanted}, so that no store could ever connect"
        item.wrong("connection", message, f"a {wanted} in the users of the cluster, or DISCONNECTED")


def _failure(item: Item, described: Described, subnets: Mapping[str, Subnet], password: str, now: float) -> str | None:
    """Return why the store failed to connect, which the world around it must tell."""
    error_code = _connection_error(described.record, subnets, password, now)
    if error_code is None and described.item.sound("state", "hsms", "users", "subnets"):
        causes = "a cause in the world: of the password, kmsuser, the HSMs or the subnets"
        item.wrong("connection", "FAILED, but everything is there for it to connect", causes, relies_on=["password"])
    return error_code


def _connection_error(cluster: Cluster, subnets: Mapping[str, Subnet], password: str, now: float) -> str | None:
    places = [subnets.get(subnet_id) for subnet_id in cluster.subnets.values()]
    return connection_error(cluster, places, password, now)
