"""The rules of the HSMs, each a sentence, a function and an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mockaws.records.cloudhsm import APPLIANCE_USER, KMSUSER, ClusterState, Role
from mockaws.records.connecting import zones_in_reach
from mockaws.records.kms import CustomKeyStore
from mockaws.services.hsm import errors, lookup

if TYPE_CHECKING:
    from mockaws.records.cloudhsm import Cluster, HsmUser
    from mockaws.services.hsm.errors import Refusal
    from mockaws.services.operation import Call

    Actor = HsmUser | None
    """As whom somebody acts; None is the owner of the world, who may do everything."""

# https://docs.aws.amazon.com/cloudhsm/latest/userguide/limits.html
MOST_USERS = 1024
_MOST_USERS_OF = {"hsm1.medium": 250}
_LONGEST_USERNAME = 31
# That page says 8 to 32. KMS takes 7 for kmsuser:
# https://docs.aws.amazon.com/kms/latest/developerguide/create-keystore.html
_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 7, 32

_NOT_INITIALIZED = {
    ClusterState.CREATE_IN_PROGRESS,
    ClusterState.UNINITIALIZED,
    ClusterState.INITIALIZE_IN_PROGRESS,
}


def answers(call: Call, cluster: Cluster) -> None:
    """An HSM answers when its cluster is initialized, it works, and packets get through to it."""
    state = cluster.state(call.now)
    if state in _NOT_INITIALIZED:
        raise errors.NotInitialized(cluster=cluster.id, state=state)
    if not cluster.active_hsms(call.now):
        raise errors.NoActiveHsm(cluster=cluster.id)
    if not zones_in_reach(cluster, lookup.subnets(call, cluster), call.now):
        raise errors.NoWayToTheHsms()


def users_can_be_managed(call: Call, cluster: Cluster) -> None:
    """Before a cluster is activated, its only user is an admin who can do nothing else."""
    answers(call, cluster)
    if not activated(cluster):
        raise errors.NotActivated(cluster=cluster.id)


def contents_can_change(call: Call, cluster: Cluster) -> None:
    """While a cluster changes its HSM type, its users and keys stay as they are.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
    """
    users_can_be_managed(call, cluster)
    if cluster.limited_write(call.now):
        raise errors.LimitedWrite(cluster=cluster.id, state=cluster.state(call.now))


def activated(cluster: Cluster) -> bool:
    """Tell whether somebody has activated *cluster*; it is ACTIVE only some time later."""
    return all(user.role != Role.UNACTIVATED_ADMIN for user in cluster.users)


def username(name: str) -> None:
    """A username has up to 31 letters, digits and underscores."""
    if not 1 <= len(name) <= _LONGEST_USERNAME:
        raise errors.UsernameLength(most=_LONGEST_USERNAME, length=len(name))
    other = re.search(r"[^A-Za-z0-9_]", name)
    if other is not None:
        raise errors.UsernameCharacter(character=other[0])


def password(text: str) -> None:
    """A password has 7 to 32 characters, and none that separates it from the username where both are given."""
    if not _SHORTEST_PASSWORD <= len(text) <= _LONGEST_PASSWORD:
        raise errors.PasswordLength(least=_SHORTEST_PASSWORD, most=_LONGEST_PASSWORD, length=len(text))
    if ":" in text:
        raise errors.PasswordCharacter(character=":")


def role(name: str) -> None:
    """A user is made an admin or a crypto-user."""
    if name not in lookup.ROLES:
        raise errors.UnknownRole(role=name, known=lookup.listed(lookup.ROLES))


def name_is_free(cluster: Cluster, name: str) -> None:
    """A name stands for one user, whatever its role; AWS's own user is in every cluster."""
    if name.lower() == APPLIANCE_USER.name or lookup.anybody(cluster, name) is not None:
        raise errors.UserExists(name=name.lower())


def room_for_a_user(cluster: Cluster) -> None:
    """The HSMs hold a number of users that depends on their type."""
    limit = _MOST_USERS_OF.get(cluster.hsm_type, MOST_USERS)
    if sum(user.role in lookup.ROLES for user in cluster.users) >= limit:
        raise errors.TooManyUsers(cluster=cluster.id, limit=limit)


def not_the_last_admin(cluster: Cluster, user: HsmUser) -> None:
    """A cluster keeps an admin."""
    if user.role == Role.ADMIN and sum(other.role == Role.ADMIN for other in cluster.users) == 1:
        raise errors.LastAdmin(name=user.name.lower())


def owns_no_keys(call: Call, cluster: Cluster, user: HsmUser) -> None:
    """A user who owns keys stays."""
    if any(key.owner == user.name for key in lookup.keys(call, cluster)):
        raise errors.OwnsKeys()


def not_logged_in(call: Call, cluster: Cluster, user: HsmUser, refusal: Refusal) -> None:
    """What a user uses cannot be taken away; KMS is a user, too."""
    kms_not_logged_in(call, cluster, user)
    if user.logged_in:
        raise refusal()


def kms_not_logged_in(call: Call, cluster: Cluster, user: HsmUser) -> None:
    """While a key store is connected, KMS is logged in as kmsuser, and nobody else can be.

    https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-login-as-kmsuser
    """
    if user.name != KMSUSER or user.role != Role.CRYPTO_USER:
        return
    for store in call.find(CustomKeyStore, cluster_id=cluster.id):
        if store.logged_in(call.now):
            raise errors.KmsIsLoggedIn(store=store.id, state=store.connection_state(call.now))


def admin(actor: Actor, act: str) -> None:
    """Admins manage users."""
    if actor is not None and actor.role != Role.ADMIN:
        raise errors.AdminOnly(act=act)


def crypto_user(actor: Actor, act: str) -> None:
    """Crypto users manage keys."""
    if actor is not None and actor.role != Role.CRYPTO_USER:
        raise errors.CryptoUserOnly(act=act)
