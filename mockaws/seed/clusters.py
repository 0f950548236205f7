"""The CloudHSM clusters of a world."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mockaws.records.cloudhsm import (
    APPLIANCE_USER,
    KMSUSER,
    UNACTIVATED_USERS,
    Cluster,
    ClusterChange,
    ClusterState,
    HsmState,
    HsmUser,
    Role,
)
from mockaws.records.outages import Outage
from mockaws.seed import certificates, hsms, library, tags
from mockaws.seed.draft import CREATED
from mockaws.seed.problems import one_of

if TYPE_CHECKING:
    from mockaws.seed.draft import Draft, Item
    from mockaws.seed.network import Network, Place

NEVER_ACTIVE = frozenset(
    {
        ClusterState.CREATE_IN_PROGRESS,
        ClusterState.UNINITIALIZED,
        ClusterState.INITIALIZE_IN_PROGRESS,
        ClusterState.INITIALIZED,
    }
)
"""The states before a cluster's first activation: no users, one HSM at most, no key store."""

_WITHOUT_CERTIFICATE = NEVER_ACTIVE - {ClusterState.INITIALIZED}
_GOING = frozenset({ClusterState.DELETE_IN_PROGRESS, ClusterState.DELETED})
_STILL_THERE = frozenset({HsmState.CREATE_IN_PROGRESS, HsmState.ACTIVE, HsmState.DEGRADED})


class Described(NamedTuple):
    """A cluster and the mapping that describes it."""

    item: Item
    record: Cluster


def read(document: Item, network: Network, draft: Draft) -> dict[str, Described]:
    """Return the clusters by their ids."""
    # What a connected key store needs of its cluster is the only thing here that comes from elsewhere in the file.
    connected = {
        store.text("cluster"): store.text("password") or ""
        for store in document.items("custom_key_stores")
        if store.text("connection") in {"CONNECTED", "CONNECTING"}
    }
    clusters: dict[str, Described] = {}
    for item in document.items("clusters", "cluster"):
        record = _cluster(item, network, connected, draft)
        clusters.setdefault(record.id, Described(item, record))
    return clusters


def _cluster(item: Item, network: Network, connected: dict[str | None, str], draft: Draft) -> Cluster:
    cluster_id = item.identity("cluster", item.ids("id").cloudhsm("cluster"))
    state = ClusterState(item.text("state") or ClusterState.ACTIVE)
    hsm_type = item.text("hsm_type") or "hsm2m.medium"
    created = item.moment("created")
    vpc_id, places = _placement(item, network)
    trust_anchor, certificate = _certificates(item, cluster_id, state, draft)
    mode = item.text("mode") or "FIPS"
    if hsm_type.startswith("hsm1.") and mode == "NON_FIPS":
        item.wrong("mode", f"{hsm_type} does not run in {mode} mode", "FIPS", relies_on=["hsm_type"])
    _check_state(item, state)
    standing = hsms.read(item, places, hsm_type, created, draft)
    if state is ClusterState.UNINITIALIZED:
        standing = tuple(
            replace(hsm, certificates=certificates.of_hsm(item, hsm, mode, draft.begins_at))
            if hsm.state(draft.begins_at) is not HsmState.DELETED
            else hsm
            for hsm in standing
        )
    return Cluster(
        account=draft.terms.account,
        region=draft.terms.region,
        id=cluster_id,
        changes=(ClusterChange(at=created, state=state, message=item.text("state_message")),),
        hsm_type=hsm_type,
        mode=mode,
        network_type=item.text("network_type") or "IPV4",
        created_at=created,
        vpc_id=vpc_id,
        subnets={zone: place.id for zone, place in places.items()},
        security_group=item.identity(
            "security group", item.ids("security_group").ec2("sg"), "security_group", shared=True
        ),
        security_group_outages=(Outage(CREATED),) if item.flag("security_group_removed") else (),
        session_shortages=(Outage(CREATED),) if item.flag("sessions_exhausted") else (),
        trust_anchor=trust_anchor,
        cluster_certificate=certificate,
        backup_retention_days=item.whole("backup_retention_days") or 90,
        backed_up_at=draft.now if state is ClusterState.ACTIVE else None,
        hsms=standing,
        users=_users(item, state, connected.get(cluster_id)),
        tags=tags.read(item),
    )


def _placement(item: Item, network: Network) -> tuple[str, dict[str, Place]]:
    """Return the VPC of a cluster and its subnets by zone."""
    known = {index: network.places[given] for index, given in item.texts("subnets") if given in network.places}
    vpc_id = item.text("vpc") or next((place.vpc_id for place in known.values()), None) or next(iter(network.vpcs), "")
    if not vpc_id:
        item.wrong((), "has no VPC to stand in", "a VPC in the network")
    elif vpc_id not in network.vpcs:
        item.refers("VPC", vpc_id, network.vpcs, "vpc")
    if not item.says("subnets") or not item.sound("subnets"):
        chosen: dict[str, Place] = {}
        for place in network.in_vpc(vpc_id):
            chosen.setdefault(place.zone, place)
        if not chosen and vpc_id in network.vpcs:
            item.wrong("subnets", f"is left out, and {vpc_id} has no subnets", "a VPC with subnets")
        return vpc_id, chosen
    places: dict[str, Place] = {}
    for index, given in item.texts("subnets"):
        if index not in known:
            item.refers("subnet", given, network.places, "subnets", index)
            continue
        place = known[index]
        if place.vpc_id != vpc_id:
            item.wrong(("subnets", index), f"{given} lies in {place.vpc_id}", f"a subnet of {vpc_id}")
        if place.zone in places:
            message = f"{given} lies in {place.zone}, as {places[place.zone].id} does"
            item.wrong(("subnets", index), message, "one subnet in each zone")
        places.setdefault(place.zone, place)
    return vpc_id, places


def _certificates(item: Item, cluster_id: str, state: ClusterState, draft: Draft) -> tuple[str | None, str | None]:
    """Return the trust anchor and the cluster's own certificate; a cluster that is not initialized has neither."""
    anchor = certificates.given(item, "trust_anchor_certificate", draft)
    own = certificates.given(item, "cluster_certificate", draft)
    if anchor is not None and own is not None and not certificates.issued_by(own, anchor):
        item.wrong(
            "cluster_certificate", "is not signed by the trust anchor", "the certificate that the trust anchor signed"
        )
    if state in _WITHOUT_CERTIFICATE:
        return anchor, own
    anchor = anchor or library.certificate()
    return anchor, own or certificates.for_cluster(cluster_id, anchor)


def _users(item: Item, state: ClusterState, store_password: str | None) -> tuple[HsmUser, ...]:
    """Return the users; *store_password* is what a connected key store was told, None without such a store."""
    listed = tuple(_user(user, item) for user in item.items("users"))
    if state is ClusterState.INITIALIZED:
        return UNACTIVATED_USERS
    if item.says("users") or state in NEVER_ACTIVE:
        return listed
    users = [HsmUser(name="admin", role=Role.ADMIN, password=item.ids("users.admin").password())]
    if store_password is not None:
        password = store_password or item.ids("users.kmsuser").password()
        users.append(HsmUser(name=KMSUSER, role=Role.CRYPTO_USER, password=password))
    return (*users, APPLIANCE_USER)


def _user(user: Item, cluster: Item) -> HsmUser:
    name = user.text("name") or ""
    if name:
        user.unique("user", name, "name", scope=cluster.path)
    return HsmUser(
        name=name,
        role=user.text("role") or Role.CRYPTO_USER,
        password=user.text("password") or user.ids("password").password(),
        locked=user.flag("locked"),
        logged_in=user.flag("logged_in"),
    )


def _check_state(item: Item, state: ClusterState) -> None:
    """A cluster gets its users, and a second HSM, when it is activated; it is deleted when its HSMs are."""
    if state in NEVER_ACTIVE:
        if item.items("users"):
            item.wrong(
                "users",
                f"a cluster that is {state} has no users yet",
                "no users, or an ACTIVE cluster",
                relies_on=["state"],
            )
        most = 0 if state is ClusterState.CREATE_IN_PROGRESS else 1
        count = sum(hsm.text("state") != HsmState.DELETED for hsm in item.items("hsms"))
        if count > most:
            message = f"a cluster that is {state} cannot have {count} HSM{'s' if count > 1 else ''}"
            few = "one HSM at most" if most else "no HSM"
            item.wrong("hsms", message, f"{few}, or an ACTIVE cluster", relies_on=["state"])
    if state in _GOING:
        for hsm in item.items("hsms"):
            own = HsmState(hsm.text("state") or HsmState.ACTIVE)
            if own in _STILL_THERE and item.sound("state"):
                message = f"an HSM of a cluster that is {state} cannot be {own}"
                hsm.wrong("state", message, one_of(sorted(set(HsmState) - _STILL_THERE)))
