"""What there is to see of a cluster.

The lists of HSMs, users and keys are of AWS's command line. `info` is not: it tells what one would have to ask the
console, EC2 and the HSMs for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Role
from mockaws.services.hsm import backups, errors, keys, lookup, network, rules, users, views

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.hsm.views import View
    from mockaws.services.operation import Call


def listed(call: Call) -> View:
    """Return the clusters of the account in the Region that were not deleted."""
    found = [{"cluster-id": each.id, "state": str(each.state(call.now))} for each in lookup.clusters(call)]
    return {"account": call.account, "region": call.region, "clusters": found}


def info(call: Call, cluster: Cluster) -> View:
    """Return how a cluster is: its HSMs, its network, and what lies inside."""
    now = call.now
    return {
        "cluster-id": cluster.id,
        "state": str(cluster.state(now)),
        "hsm-type": cluster.hsm_type,
        "mode": cluster.mode,
        "vpc-id": cluster.vpc_id,
        "hsms": [views.hsm(hsm, now) for hsm in cluster.listed_hsms(now)],
        "subnets": [views.subnet(subnet, now) for subnet in network.subnets(call, cluster) if subnet is not None],
        "sessions": views.sessions(cluster, now),
        "users": [views.user(user) | {"logged-in": user.logged_in} for user in users.everybody(cluster)],
        "total-key-count": len(lookup.keys(call, cluster)),
        "backups": [views.backup(each, now) for each in backups.owned(call) if each.cluster_id == cluster.id],
    }


def hsm_info(call: Call, cluster: Cluster) -> View:
    """Return the make of each HSM that answers.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-hsm-info.html
    """
    rules.answers(call, cluster)
    found = [(hsm, cluster.hsm_type_of(hsm, call.now)) for hsm in cluster.active_hsms(call.now)]
    return {"hsms": [views.hardware(hsm, hsm_type, cluster.mode) for hsm, hsm_type in found]}


def user_list(call: Call, cluster: Cluster) -> View:
    """Return all users.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-list.html
    """
    rules.answers(call, cluster)
    return {"users": [views.user(user) for user in users.everybody(cluster)]}


def key_list(
    call: Call,
    cluster: Cluster,
    actor: Actor,
    *,
    filters: Sequence[str] = (),
    max_items: int = 10,
    starting_token: str | None = None,
    verbose: bool = False,
) -> View:
    """Return a page of the keys that satisfy all *filters*; an admin sees no more than their labels.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-key-list.html
    """
    if max_items < 1:
        raise errors.MaxItemsNotValid(text=max_items)
    start = _position(starting_token)
    found = keys.selected(call, cluster, actor, filters)
    page = found[start : start + max_items]
    sees_all = actor is None or actor.role != Role.ADMIN
    answer: View = {
        "matched_keys": [views.key(key, verbose=verbose and sees_all) for key in page],
        "total_key_count": len(found),
        "returned_key_count": len(page),
    }
    if start + max_items < len(found):
        answer["next_token"] = str(start + max_items)
    return answer


def _position(token: str | None) -> int:
    if token is None:
        return 0
    if not re.fullmatch(r"[0-9]{1,9}", token):
        raise errors.TokenNotValid(text=token)
    return int(token)
