"""What happens to HSMs and inside them, as a program lets it happen: `mockaws hsm`, in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from mockaws.services.hsm import activation, keys, lookup, nature, sessions, users
from mockaws.services.hsm.errors import HsmError
from mockaws.services.hsm.sessions import Credentials

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.cloudhsm import Cluster
    from mockaws.services.operation import Call
    from mockaws.world import World

P = ParamSpec("P")
T = TypeVar("T")


class MockHsm:
    """The HSMs of an account in a Region, under the control of whoever may do everything.

    *cluster* is the id of a cluster, and can be left out where there is one only. Roles are `admin` and `crypto-user`.
    Everything raises HsmError, in the words of the HSMs, where they refuse or are not there.
    """

    def __init__(self, world: World, account: str, region: str) -> None:
        self._world = world
        self._account = account
        self._region = region

    def __repr__(self) -> str:
        return f"<MockHsm in account {self._account}, {self._region}>"

    # --- clusters and users ----------------------------------------------------------------------------------------
    def activate(self, password: str, *, cluster: str | None = None) -> None:
        """Give the admin of an initialized cluster a password; the cluster becomes ACTIVE."""
        self._in(cluster, activation.activate, password)

    def create_user(self, username: str, role: str, password: str, *, cluster: str | None = None) -> None:
        """Create a user; KMS logs in as the crypto-user kmsuser."""
        self._in(cluster, users.create, None, username=username, role=role, password=password)

    def delete_user(self, username: str, role: str, *, cluster: str | None = None) -> None:
        """Delete a user who is not logged in, owns no keys and is not the last admin."""
        self._in(cluster, users.delete, None, username=username, role=role)

    def change_password(self, username: str, role: str, password: str, *, cluster: str | None = None) -> None:
        """Give a user another password, which also unlocks."""
        self._in(cluster, users.change_password, None, username=username, role=role, password=password)

    def unlock(self, username: str, role: str, *, cluster: str | None = None) -> None:
        """Let a user try again who was locked out."""
        self._in(cluster, users.unlock, None, username=username, role=role)

    def login(self, username: str, role: str, password: str, *, cluster: str | None = None) -> None:
        """Log a user in, until somebody logs it out; a wrong password is counted."""
        outcome = self._in(cluster, sessions.login, Credentials(username, role, password))
        if isinstance(outcome, HsmError):
            raise outcome

    def logout(self, username: str | None = None, role: str | None = None, *, cluster: str | None = None) -> None:
        """Log a user out, or everybody but KMS."""
        self._in(cluster, sessions.logout, username, role)

    def delete_key(self, *filters: str, cluster: str | None = None) -> None:
        """Delete the one key that satisfies all *filters*, such as `attr.label=…`, also one that KMS needs."""
        self._in(cluster, keys.delete_selected, None, filters)

    # --- nature ----------------------------------------------------------------------------------------------------
    def fail(self, hsm: str, *, cluster: str | None = None) -> None:
        """Let the HSM with an id, or with an address, fail."""
        self._in(cluster, nature.fail_hsm, hsm)

    def recover(self, hsm: str, *, cluster: str | None = None) -> None:
        """Let an HSM work again, unless its zone fails."""
        self._in(cluster, nature.recover_hsm, hsm)

    def fail_zone(self, zone: str) -> None:
        """Let an Availability Zone fail, with all HSMs that stand there."""
        self._act(lambda call: nature.fail_zone(call, zone))

    def recover_zone(self, zone: str) -> None:
        """Let an Availability Zone work again."""
        self._act(lambda call: nature.recover_zone(call, zone))

    def break_network(self, subnet: str | None = None, *, cluster: str | None = None) -> None:
        """Let no packets through to the subnets of a cluster, or to one of them."""
        self._in(cluster, nature.break_network, subnet)

    def mend_network(self, subnet: str | None = None, *, cluster: str | None = None) -> None:
        """Let packets through again."""
        self._in(cluster, nature.mend_network, subnet)

    def fill_subnet(self, subnet: str) -> None:
        """Let others take all addresses of a subnet that are free."""
        self._act(lambda call: nature.fill_subnet(call, subnet))

    def free_subnet(self, subnet: str) -> None:
        """Leave all addresses of a subnet to HSMs and to KMS."""
        self._act(lambda call: nature.free_subnet(call, subnet))

    def remove_subnet(self, subnet: str) -> None:
        """Remove a subnet, for good."""
        self._act(lambda call: nature.remove_subnet(call, subnet))

    def exhaust_sessions(self, *, cluster: str | None = None) -> None:
        """Let other clients take all sessions that HSMs can have."""
        self._in(cluster, nature.exhaust_sessions)

    def free_sessions(self, *, cluster: str | None = None) -> None:
        """Let HSMs have sessions for KMS again."""
        self._in(cluster, nature.free_sessions)

    def back_up(self, *, cluster: str | None = None) -> str:
        """Make the backup now that CloudHSM makes once a day, and return its id."""
        return self._in(cluster, nature.back_up).id

    def _in(
        self,
        cluster: str | None,
        doing: Callable[Concatenate[Call, Cluster, P], T],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        return self._act(lambda call: doing(call, _cluster(call, cluster), *arguments, **named))

    def _act(self, work: Callable[[Call], T]) -> T:
        return self._world.act("hsm", self._account, self._region, work)


def _cluster(call: Call, cluster_id: str | None) -> Cluster:
    if cluster_id is not None:
        return lookup.cluster(call, cluster_id)
    found = lookup.clusters(call)
    if len(found) != 1:
        known = lookup.listed(each.id for each in found)
        raise HsmError(
            f"cluster must be given where there is not exactly one: account {call.account} has {known} in {call.region}"
        )
    return found[0]
