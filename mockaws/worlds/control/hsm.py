"""Verbs of the HSMs: the commands of AWS's CloudHSM CLI, and failures of HSMs, zones, networks and subnets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from mockaws.services.hsm import activation, clusters, keys, lookup, outages, sessions, shapes, users
from mockaws.services.hsm.errors import HsmError
from mockaws.services.hsm.sessions import Credentials
from mockaws.worlds.control.verbs import ControlError

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.cloudhsm import Cluster, HsmUser
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.hsm.shapes import Shape
    from mockaws.services.operation import Call
    from mockaws.worlds.control.verbs import Context

    ChangeUser = Callable[..., HsmUser]

T = TypeVar("T")


# --- clusters ------------------------------------------------------------------------------------------------------
def clusters_show(context: Context) -> Shape:
    """Return the clusters that were not deleted."""
    return context.act(clusters.listed)


def cluster_show(context: Context, cluster: str | None) -> Shape:
    """Return HSMs, subnets, sessions, users, number of keys and backups of a cluster."""
    return _in_cluster(context, cluster, clusters.info)


def hardware_show(context: Context, cluster: str | None) -> Shape:
    """Return the make of each active HSM."""
    return _in_cluster(context, cluster, clusters.hsm_info)


def activate(context: Context, cluster: str | None, password: str) -> Shape:
    """Activate an initialized cluster."""
    _in_cluster(context, cluster, lambda call, found: activation.activate(call, found, password))
    return {"message": "Cluster activation successful"}


# --- users ---------------------------------------------------------------------------------------------------------
def users_show(context: Context, cluster: str | None) -> Shape:
    """Return all users."""
    return _in_cluster(context, cluster, clusters.user_list)


def create_user(context: Context, cluster: str | None, username: str, role: str, password: str) -> Shape:
    """Create a user."""
    return _change_user(context, cluster, users.create, username=username, role=role, password=password)


def delete_user(context: Context, cluster: str | None, username: str, role: str) -> Shape:
    """Delete a user."""
    return _change_user(context, cluster, users.delete, username=username, role=role)


def change_password(context: Context, cluster: str | None, username: str, role: str, password: str) -> Shape:
    """Give a user another password, which also unlocks."""
    return _change_user(context, cluster, users.change_password, username=username, role=role, password=password)


def unlock(context: Context, cluster: str | None, username: str, role: str) -> Shape:
    """Unlock a user who was locked out."""
    return _change_user(context, cluster, users.unlock, username=username, role=role)


def login(context: Context, cluster: str | None, username: str, role: str, password: str) -> Shape:
    """Log a user in, until it is logged out."""
    credentials = Credentials(username, role, password)
    user = _in_cluster(context, cluster, lambda call, found: sessions.login(call, found, credentials))
    return shapes.name_and_role(user)


def logout(context: Context, cluster: str | None, username: str | None, role: str | None) -> Shape:
    """Log a user out, or all users but KMS. Raises ControlError if only one of name and role is given."""
    if (username is None) != (role is None):
        raise ControlError("username and role must be given together; without both, all users but KMS are logged out")
    _in_cluster(context, cluster, lambda call, found: sessions.logout(call, found, username, role))
    return {"message": "Logout successful"}


# --- keys ----------------------------------------------------------------------------------------------------------
def keys_show(
    context: Context,
    cluster: str | None,
    filters: tuple[str, ...],
    max_items: int,
    starting_token: str | None,
    *,
    verbose: bool,
) -> Shape:
    """Return a page of the keys that satisfy all filters."""

    def work(call: Call, found: Cluster, actor: Actor) -> Shape:
        return clusters.key_list(
            call,
            found,
            actor,
            filters=filters,
            max_items=max_items,
            starting_token=starting_token,
            verbose=verbose,
        )

    return _as_user(context, cluster, work)


def delete_key(context: Context, cluster: str | None, filters: tuple[str, ...]) -> Shape:
    """Delete the one key that satisfies all filters. Raises ControlError without any filter."""
    if not filters:
        raise ControlError("filter must be given, such as filter=key-reference=0x0000000000000ca5")
    _as_user(context, cluster, lambda call, found, actor: keys.delete_selected(call, found, actor, filters))
    return {"message": "Key deleted successfully"}


# --- failures and repairs ------------------------------------------------------------------------------------------
def fail(context: Context, cluster: str | None, hsm: str) -> Shape:
    """Let the HSM with an id or an address fail."""
    return _in_cluster(context, cluster, lambda call, found: shapes.hsm(outages.fail_hsm(call, found, hsm), call.now))


def recover(context: Context, cluster: str | None, hsm: str) -> Shape:
    """Let an HSM work again."""
    return _in_cluster(
        context, cluster, lambda call, found: shapes.hsm(outages.recover_hsm(call, found, hsm), call.now)
    )


def fail_zone(context: Context, zone: str) -> Shape:
    """Let an Availability Zone fail, with all HSMs in it."""
    hsms = context.act(lambda call: [shapes.hsm(hsm, call.now) for hsm in outages.fail_zone(call, zone)])
    return {"availability-zone": zone, "hsms": hsms}


def recover_zone(context: Context, zone: str) -> Shape:
    """Let an Availability Zone work again."""
    hsms = context.act(lambda call: [shapes.hsm(hsm, call.now) for hsm in outages.recover_zone(call, zone)])
    return {"availability-zone": zone, "hsms": hsms}


def break_network(context: Context, cluster: str | None, subnet: str | None) -> Shape:
    """Stop all packets to the subnets of a cluster, or to one of them."""
    return _in_cluster(context, cluster, lambda call, found: _subnets(call, outages.break_network(call, found, subnet)))


def mend_network(context: Context, cluster: str | None, subnet: str | None) -> Shape:
    """Let packets through to the subnets again."""
    return _in_cluster(context, cluster, lambda call, found: _subnets(call, outages.mend_network(call, found, subnet)))


def fill_subnet(context: Context, subnet: str) -> Shape:
    """Take all free addresses of a subnet."""
    return context.act(lambda call: shapes.subnet(outages.fill_subnet(call, subnet), call.now))


def free_subnet(context: Context, subnet: str) -> Shape:
    """Free all addresses of a subnet but those of HSMs."""
    return context.act(lambda call: shapes.subnet(outages.free_subnet(call, subnet), call.now))


def remove_subnet(context: Context, subnet: str) -> Shape:
    """Remove a subnet for good."""
    return context.act(lambda call: shapes.subnet(outages.remove_subnet(call, subnet), call.now))


def exhaust_sessions(context: Context, cluster: str | None) -> Shape:
    """Let other clients take all sessions of the HSMs."""
    return _in_cluster(
        context,
        cluster,
        lambda call, found: {"sessions": shapes.sessions(outages.exhaust_sessions(call, found), call.now)},
    )


def free_sessions(context: Context, cluster: str | None) -> Shape:
    """Let the HSMs have sessions for KMS again."""
    return _in_cluster(
        context,
        cluster,
        lambda call, found: {"sessions": shapes.sessions(outages.free_sessions(call, found), call.now)},
    )


def back_up(context: Context, cluster: str | None) -> Shape:
    """Make the daily backup now."""
    return _in_cluster(context, cluster, lambda call, found: shapes.backup(outages.back_up(call, found), call.now))


# --- clusters and users of a request -------------------------------------------------------------------------------
def _in_cluster(context: Context, cluster: str | None, work: Callable[[Call, Cluster], T]) -> T:
    """Do *work* in a cluster, as the owner of the world."""
    return context.act(lambda call: work(call, _cluster(call, cluster)))


def _as_user(context: Context, cluster: str | None, work: Callable[[Call, Cluster, Actor], T]) -> T:
    """Do *work* in a cluster as the user whose credentials the request has; without any, as the owner of the world."""

    def authenticated(call: Call) -> T:
        actor = sessions.identify(call, _cluster(call, cluster), context.credentials)
        return work(call, _cluster(call, cluster), actor)

    return context.act(authenticated)


def _change_user(context: Context, cluster: str | None, change: ChangeUser, **given: str) -> Shape:
    return _as_user(
        context, cluster, lambda call, found, actor: shapes.name_and_role(change(call, found, actor, **given))
    )


def _subnets(call: Call, found: Any) -> Shape:
    return {"subnets": [shapes.subnet(each, call.now) for each in found]}


def _cluster(call: Call, cluster_id: str | None) -> Cluster:
    """Return a cluster, the only one if it is not named. Raises HsmError."""
    if cluster_id is not None:
        return lookup.cluster(call, cluster_id)
    found = lookup.clusters(call)
    if len(found) != 1:
        known = lookup.joined(each.id for each in found)
        raise HsmError(
            f"cluster must be given where there is not exactly one: account {call.account} has {known} in {call.region}"
        )
    return found[0]
