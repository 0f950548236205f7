"""Reports about clusters.

The lists of HSMs, users and keys are those of AWS's command line. `info` is an addition: it collects facts from the
console, EC2 and the HSMs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import Role
from mockaws.services.hsm import backups, errors, keys, lookup, network, rules, shapes, users

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.hsm.rules import Actor
    from mockaws.services.hsm.shapes import Shape
    from mockaws.services.operation import Call


def listed(call: Call) -> Shape:
    """Return the clusters of the account in the Region, without deleted ones."""
    found = [{"cluster-id": each.id, "state": str(each.state(call.now))} for each in lookup.clusters(call)]
    return {"account": call.account, "region": call.region, "clusters": found}


def info(call: Call, cluster: Cluster) -> Shape:
    """Return the state of a cluster: its HSMs, its network, users, keys and backups."""
    now = call.now
    return {
        "cluster-id": cluster.id,
        "state": str(cluster.state(now)),
        "hsm-type": cluster.hsm_type,
        "mode": cluster.mode,
        "vpc-id": cluster.vpc_id,
        "hsms": [shapes.hsm(hsm, now) for hsm in cluster.listed_hsms(now)],
        "subnets": [shapes.subnet(subnet, now) for subnet in network.subnets(call, cluster) if subnet is not None],
        "sessions": shapes.sessions(cluster, now),
        "users": [shapes.user(user) | {"logged-in": user.logged_in} for user in users.all_users(cluster)],
        "total-key-count": len(lookup.keys(call, cluster)),
        "backups": [shapes.backup(each, now) for each in backups.owned(call) if each.cluster_id == cluster.id],
    }


def hsm_info(call: Call, cluster: Cluster) -> Shape:
    """Return the hardware of each active HSM. Raises HsmError if no HSM answers.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-cluster-hsm-info.html
    """
    rules.require_hsms_answer(call, cluster)
    found = [(hsm, cluster.hsm_type_of(hsm, call.now)) for hsm in cluster.active_hsms(call.now)]
    return {"hsms": [shapes.hardware(hsm, hsm_type, cluster.mode) for hsm, hsm_type in found]}


def user_list(call: Call, cluster: Cluster) -> Shape:
    """Return all users. Raises HsmError if no HSM answers.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-user-list.html
    """
    rules.require_hsms_answer(call, cluster)
    return {"users": [shapes.user(user) for user in users.all_users(cluster)]}


def key_list(
    call: Call,
    cluster: Cluster,
    actor: Actor,
    *,
    filters: Sequence[str] = (),
    max_items: int = 10,
    starting_token: str | None = None,
    verbose: bool = False,
) -> Shape:
    """Return a page of the keys that match all *filters*. An admin sees their labels only.

    Raises HsmError if a parameter is not valid, or if no HSM answers.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-key-list.html
    """
    if max_items < 1:
        raise errors.MaxItemsNotValid(text=max_items)
    start = _position(starting_token)
    found = keys.selected(call, cluster, actor, filters)
    page = found[start : start + max_items]
    sees_all = actor is None or actor.role != Role.ADMIN
    answer: Shape = {
        "matched_keys": [shapes.key(key, verbose=verbose and sees_all) for key in page],
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
