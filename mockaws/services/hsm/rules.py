"""The rules of the HSMs: one function and one error each."""

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
    """The user that acts. None is the owner of the world, which may do everything."""

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


def require_hsms_answer(call: Call, cluster: Cluster) -> None:
    """Require an initialized cluster with an active HSM that packets can reach. Raises HsmError."""
    state = cluster.state(call.now)
    if state in _NOT_INITIALIZED:
        raise errors.NotInitialized(cluster=cluster.id, state=state)
    if not cluster.active_hsms(call.now):
        raise errors.NoActiveHsm(cluster=cluster.id)
    if not zones_in_reach(cluster, lookup.subnets(call, cluster), call.now):
        raise errors.NoWayToTheHsms()


def require_activated(call: Call, cluster: Cluster) -> None:
    """Require an activated cluster that answers: before, its only user can do nothing but activate it.

    Raises HsmError.
    """
    require_hsms_answer(call, cluster)
    if not is_activated(cluster):
        raise errors.NotActivated(cluster=cluster.id)


def require_writable(call: Call, cluster: Cluster) -> None:
    """Require an activated cluster that is not changing its HSM type, so that its contents can change. Raises HsmError.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/hsm-migration.html
    """
    require_activated(call, cluster)
    if cluster.has_limited_writes(call.now):
        raise errors.LimitedWrite(cluster=cluster.id, state=cluster.state(call.now))


def is_activated(cluster: Cluster) -> bool:
    """Return True if *cluster* was activated. It may not be ACTIVE yet."""
    return all(user.role != Role.UNACTIVATED_ADMIN for user in cluster.users)


def require_valid_username(name: str) -> None:
    """Require a username of 1 to 31 letters, digits and underscores. Raises HsmError."""
    if not 1 <= len(name) <= _LONGEST_USERNAME:
        raise errors.UsernameLength(most=_LONGEST_USERNAME, length=len(name))
    other = re.search(r"[^A-Za-z0-9_]", name)
    if other is not None:
        raise errors.UsernameCharacter(character=other[0])


def require_valid_password(text: str) -> None:
    """Require a password of 7 to 32 characters without ":", which separates it from the username. Raises HsmError."""
    if not _SHORTEST_PASSWORD <= len(text) <= _LONGEST_PASSWORD:
        raise errors.PasswordLength(least=_SHORTEST_PASSWORD, most=_LONGEST_PASSWORD, length=len(text))
    if ":" in text:
        raise errors.PasswordCharacter(character=":")


def require_known_role(name: str) -> None:
    """Require the role admin or crypto-user. Raises HsmError."""
    if name not in lookup.ROLES:
        raise errors.UnknownRole(role=name, known=lookup.joined(lookup.ROLES))


def require_free_name(cluster: Cluster, name: str) -> None:
    """Require a name that no user of any role has, AWS's own user included. Raises HsmError."""
    if name.lower() == APPLIANCE_USER.name or lookup.user_named(cluster, name) is not None:
        raise errors.UserExists(name=name.lower())


def require_user_quota(cluster: Cluster) -> None:
    """Require fewer users than the limit of the HSM type. Raises HsmError."""
    limit = _MOST_USERS_OF.get(cluster.hsm_type, MOST_USERS)
    if sum(user.role in lookup.ROLES for user in cluster.users) >= limit:
        raise errors.TooManyUsers(cluster=cluster.id, limit=limit)


def require_another_admin(cluster: Cluster, user: HsmUser) -> None:
    """Require that the cluster keeps an admin without this user. Raises HsmError."""
    if user.role == Role.ADMIN and sum(other.role == Role.ADMIN for other in cluster.users) == 1:
        raise errors.LastAdmin(name=user.name.lower())


def require_no_owned_keys(call: Call, cluster: Cluster, user: HsmUser) -> None:
    """Require a user that owns no keys. Raises HsmError."""
    if any(key.owner == user.name for key in lookup.keys(call, cluster)):
        raise errors.OwnsKeys()


def require_logged_out(call: Call, cluster: Cluster, user: HsmUser, refusal: Refusal) -> None:
    """Require a user without a session, of KMS or of another client. Raises *refusal*, or another HsmError for KMS."""
    require_kms_logged_out(call, cluster, user)
    if user.logged_in:
        raise refusal()


def require_kms_logged_out(call: Call, cluster: Cluster, user: HsmUser) -> None:
    """Require that KMS is not logged in as this user. It is kmsuser while a key store is connected. Raises HsmError.

    https://docs.aws.amazon.com/kms/latest/developerguide/fix-keystore.html#fix-login-as-kmsuser
    """
    if user.name != KMSUSER or user.role != Role.CRYPTO_USER:
        return
    for store in call.find(CustomKeyStore, cluster_id=cluster.id):
        if store.is_logged_in(call.now):
            raise errors.KmsIsLoggedIn(store=store.id, state=store.connection_state(call.now))


def require_admin(actor: Actor, act: str) -> None:
    """Require an admin, who manages users. Raises HsmError."""
    if actor is not None and actor.role != Role.ADMIN:
        raise errors.AdminOnly(act=act)


def require_crypto_user(actor: Actor, act: str) -> None:
    """Require a crypto user, who manages keys. Raises HsmError."""
    if actor is not None and actor.role != Role.CRYPTO_USER:
        raise errors.CryptoUserOnly(act=act)
