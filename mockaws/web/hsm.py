"""The HSMs of a world as JSON: what AWS's CloudHSM CLI does to them, and what happens to them."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import flask

from mockaws.services.hsm import activation, clusters, keys, lookup, nature, sessions, users, views
from mockaws.services.hsm.errors import HsmError
from mockaws.services.hsm.sessions import Credentials
from mockaws.web import problems
from mockaws.web.problems import ProblemError
from mockaws.web.requests import act, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.cloudhsm import Cluster, HsmUser
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.hsm.views import View
    from mockaws.services.operation import Call

    Doing = Callable[..., HsmUser]

T = TypeVar("T")

ROLE = "CloudHSM-Role"
_CLUSTER = "/_mockaws/clusters/<cluster_id>"
_USER = f"{_CLUSTER}/users/<role>/<username>"
_TRUTH = {"": True, "true": True, "false": False}

blueprint = flask.Blueprint("hsm", __name__)


@blueprint.errorhandler(HsmError)
def refused(error: HsmError) -> tuple[str, int, dict[str, str]]:
    """Answer in the words of the HSMs; 404 where what the request names is not there."""
    status = HTTPStatus.NOT_FOUND if error.names_nothing else HTTPStatus.BAD_REQUEST
    return problems.answer(ProblemError(error.sentence, status))


# --- clusters ------------------------------------------------------------------------------------------------------
@blueprint.get("/_mockaws/clusters")
def list_clusters() -> View:
    """List the clusters that were not deleted."""
    return act("clusters", clusters.listed)


@blueprint.get(_CLUSTER)
def cluster_info(cluster_id: str) -> View:
    """Tell how a cluster is."""
    return _in_cluster(cluster_id, clusters.info)


@blueprint.get(f"{_CLUSTER}/hsm-info")
def cluster_hsm_info(cluster_id: str) -> View:
    """Tell the make of each HSM."""
    return _in_cluster(cluster_id, clusters.hsm_info)


@blueprint.post(f"{_CLUSTER}/activate")
def activate_cluster(cluster_id: str) -> View:
    """Activate an initialized cluster."""
    password = texts("password")["password"]
    _in_cluster(cluster_id, lambda call, cluster: activation.activate(call, cluster, password))
    return {"message": "Cluster activation successful"}


# --- users ---------------------------------------------------------------------------------------------------------
@blueprint.get(f"{_CLUSTER}/users")
def list_users(cluster_id: str) -> View:
    """List all users."""
    return _in_cluster(cluster_id, clusters.user_list)


@blueprint.post(f"{_CLUSTER}/users")
def create_user(cluster_id: str) -> View:
    """Create a user."""
    return _to_user(cluster_id, users.create, **texts("username", "role", "password"))


@blueprint.delete(_USER)
def delete_user(cluster_id: str, role: str, username: str) -> View:
    """Delete a user."""
    return _to_user(cluster_id, users.delete, username=username, role=role)


@blueprint.post(f"{_USER}/password")
def change_password(cluster_id: str, role: str, username: str) -> View:
    """Give a user another password."""
    return _to_user(cluster_id, users.change_password, username=username, role=role, **texts("password"))


@blueprint.post(f"{_USER}/unlock")
def unlock_user(cluster_id: str, role: str, username: str) -> View:
    """Let a user try again who was locked out."""
    return _to_user(cluster_id, users.unlock, username=username, role=role)


@blueprint.post(f"{_CLUSTER}/login")
def login(cluster_id: str) -> View:
    """Log a user in, until it is logged out."""
    credentials = Credentials(**texts("username", "role", "password"))
    user = _in_cluster(cluster_id, lambda call, cluster: sessions.login(call, cluster, credentials))
    return views.name_and_role(_raised(user))


@blueprint.post(f"{_CLUSTER}/logout")
def logout(cluster_id: str) -> View:
    """Log a user out, or all of them."""
    given = texts(optional=("username", "role"))
    if len(given) == 1:
        raise ProblemError("username and role must be given together, or neither to log everybody out")
    _in_cluster(cluster_id, lambda call, cluster: sessions.logout(call, cluster, **given))
    return {"message": "Logout successful"}


# --- keys ----------------------------------------------------------------------------------------------------------
@blueprint.get(f"{_CLUSTER}/keys")
def list_keys(cluster_id: str) -> View:
    """List keys, a page at a time."""
    given = flask.request.args
    filters = flask.request.args.getlist("filter")
    max_items = _whole_number("max-items", given.get("max-items", "10"))
    verbose = given.get("verbose", "false")
    if verbose not in _TRUTH:
        raise ProblemError(f"verbose is true or false, and not '{verbose}'")

    def work(call: Call, cluster: Cluster, actor: Actor) -> View:
        return clusters.key_list(
            call,
            cluster,
            actor,
            filters=filters,
            max_items=max_items,
            starting_token=given.get("starting-token"),
            verbose=_TRUTH[verbose],
        )

    return _as_user(cluster_id, work)


@blueprint.delete(f"{_CLUSTER}/keys")
def delete_key(cluster_id: str) -> View:
    """Delete the one key that satisfies all filters."""
    filters = flask.request.args.getlist("filter")
    if not filters:
        raise ProblemError("filter must be given, such as filter=key-reference=0x0000000000000ca5")
    _as_user(cluster_id, lambda call, cluster, actor: keys.delete_selected(call, cluster, actor, filters))
    return {"message": "Key deleted successfully"}


# --- nature --------------------------------------------------------------------------------------------------------
@blueprint.post(f"{_CLUSTER}/hsms/<hsm>/<any(fail, recover):change>")
def change_hsm(cluster_id: str, hsm: str, change: str) -> View:
    """Let an HSM, told by its id or its address, fail or work again."""
    texts()
    doing = nature.fail_hsm if change == "fail" else nature.recover_hsm
    return _in_cluster(cluster_id, lambda call, cluster: views.hsm(doing(call, cluster, hsm), call.now))


@blueprint.post("/_mockaws/zones/<zone>/<any(fail, recover):change>")
def change_zone(zone: str, change: str) -> View:
    """Let an Availability Zone fail or work again, with the HSMs that stand there."""
    texts()
    doing = nature.fail_zone if change == "fail" else nature.recover_zone
    hsms = act("zones", lambda call: [views.hsm(hsm, call.now) for hsm in doing(call, zone)])
    return {"availability-zone": zone, "hsms": hsms}


@blueprint.post(f"{_CLUSTER}/network/<any(break, mend):change>")
def change_network(cluster_id: str, change: str) -> View:
    """Let no packets through to the subnets of a cluster, or to one of them; or let them through again."""
    subnet = texts(optional=("subnet-id",)).get("subnet-id")
    doing = nature.break_network if change == "break" else nature.mend_network

    def work(call: Call, cluster: Cluster) -> View:
        return {"subnets": [views.subnet(each, call.now) for each in doing(call, cluster, subnet)]}

    return _in_cluster(cluster_id, work)


@blueprint.post("/_mockaws/subnets/<subnet>/<any(fill, free, remove):change>")
def change_subnet(subnet: str, change: str) -> View:
    """Take all free addresses of a subnet, leave them, or remove it."""
    texts()
    doing = {"fill": nature.fill_subnet, "free": nature.free_subnet, "remove": nature.remove_subnet}[change]
    return act("subnets", lambda call: views.subnet(doing(call, subnet), call.now))


@blueprint.post(f"{_CLUSTER}/sessions/<any(exhaust, free):change>")
def change_sessions(cluster_id: str, change: str) -> View:
    """Let other clients take all sessions, or leave them."""
    texts()
    doing = nature.exhaust_sessions if change == "exhaust" else nature.free_sessions
    return _in_cluster(cluster_id, lambda call, cluster: {"sessions": views.sessions(doing(call, cluster), call.now)})


@blueprint.post(f"{_CLUSTER}/backups")
def back_up(cluster_id: str) -> View:
    """Make a backup now."""
    texts()
    return _in_cluster(cluster_id, lambda call, cluster: views.backup(nature.back_up(call, cluster), call.now))


# --- how -----------------------------------------------------------------------------------------------------------
def _in_cluster(cluster_id: str, work: Callable[[Call, Cluster], T]) -> T:
    """Do *work* in a cluster, as the owner of the world."""
    return act("clusters", lambda call: work(call, lookup.cluster(call, cluster_id)))


def _as_user(cluster_id: str, work: Callable[[Call, Cluster, Actor], T]) -> T:
    """Do *work* in a cluster as the user whose credentials the request has; without any, as the owner of the world."""
    credentials = _credentials()

    def admitted(call: Call) -> T | HsmError:
        actor = sessions.identify(call, lookup.cluster(call, cluster_id), credentials)
        if isinstance(actor, HsmError):
            return actor
        return work(call, lookup.cluster(call, cluster_id), actor)

    return _raised(act("clusters", admitted))


def _to_user(cluster_id: str, doing: Doing, **given: str) -> View:
    return _as_user(cluster_id, lambda call, cluster, actor: views.name_and_role(doing(call, cluster, actor, **given)))


def _raised(outcome: T | HsmError) -> T:
    """Return *outcome*, or raise it: a failed login was to be remembered first."""
    if isinstance(outcome, HsmError):
        raise outcome
    return outcome


def _credentials() -> Credentials | None:
    """Return the credentials of the request: HTTP's Basic ones, and the role in a header."""
    role = flask.request.headers.get(ROLE)
    try:
        given = flask.request.authorization
    except ValueError:  # werkzeug lets what is not ASCII through to its decoder of base64
        raise ProblemError(
            "the header Authorization must be ASCII: Basic and a username, ':' and a password in base64"
        ) from None
    basic = given is not None and given.type == "basic"
    if not basic and role is None:
        return None
    if given is None or not basic or role is None:
        raise ProblemError(f"credentials are a username and a password (HTTP Basic) and the header {ROLE}")
    return Credentials(given.username or "", role, given.password or "")


def _whole_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ProblemError(f"{name} is a number of up to nine digits, and not '{text}'")
    return int(text)
