"""The HSMs of an account and Region for programs: users, keys and failures, as `mockaws hsm` has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.verbs import Context

if TYPE_CHECKING:
    from mockaws.worlds.world import World


class MockHsm:
    """The HSMs of an account in a Region. Everything is permitted here, as no user logs in.

    *cluster* is the id of a cluster, and may be left out if there is only one. Roles are `admin` and `crypto-user`.
    All methods raise HsmError, in the words of the HSMs, if these refuse or do not exist. They raise ValueError for an
    argument of another type.
    """

    def __init__(self, world: World, account: str, region: str) -> None:
        self._world = world
        self._account = account
        self._region = region

    def __repr__(self) -> str:
        return f"<MockHsm in account {self._account}, {self._region}>"

    def activate(self, password: str, *, cluster: str | None = None) -> None:
        """Give the admin of an initialized cluster a password; the cluster becomes ACTIVE."""
        self._perform("activate", cluster=cluster, password=password)

    def create_user(self, username: str, role: str, password: str, *, cluster: str | None = None) -> None:
        """Create a user; KMS logs in as the crypto-user kmsuser."""
        self._perform("create_user", cluster=cluster, username=username, role=role, password=password)

    def delete_user(self, username: str, role: str, *, cluster: str | None = None) -> None:
        """Delete a user who is not logged in, owns no keys and is not the last admin."""
        self._perform("delete_user", cluster=cluster, username=username, role=role)

    def change_password(self, username: str, role: str, password: str, *, cluster: str | None = None) -> None:
        """Give a user another password, which also unlocks."""
        self._perform("change_password", cluster=cluster, username=username, role=role, password=password)

    def unlock(self, username: str, role: str, *, cluster: str | None = None) -> None:
        """Unlock a user after too many wrong passwords."""
        self._perform("unlock", cluster=cluster, username=username, role=role)

    def login(self, username: str, role: str, password: str, *, cluster: str | None = None) -> None:
        """Log a user in until it is logged out; a wrong password is counted."""
        self._perform("login", cluster=cluster, username=username, role=role, password=password)

    def logout(self, username: str | None = None, role: str | None = None, *, cluster: str | None = None) -> None:
        """Log a user out, or all users but KMS."""
        self._perform("logout", cluster=cluster, username=username, role=role)

    def delete_key(self, *filters: str, cluster: str | None = None) -> None:
        """Delete the one key that satisfies all *filters*, such as `attr.label=…`, even if KMS needs it."""
        self._perform("delete_key", cluster=cluster, filters=filters)

    def fail(self, hsm: str, *, cluster: str | None = None) -> None:
        """Let the HSM with an id or an address fail."""
        self._perform("fail", cluster=cluster, hsm=hsm)

    def recover(self, hsm: str, *, cluster: str | None = None) -> None:
        """Let an HSM work again, unless its zone fails."""
        self._perform("recover", cluster=cluster, hsm=hsm)

    def fail_zone(self, zone: str) -> None:
        """Let an Availability Zone fail, with all HSMs in it."""
        self._perform("fail_zone", zone=zone)

    def recover_zone(self, zone: str) -> None:
        """Let an Availability Zone work again."""
        self._perform("recover_zone", zone=zone)

    def break_network(self, subnet: str | None = None, *, cluster: str | None = None) -> None:
        """Stop all packets to the subnets of a cluster, or to one of them."""
        self._perform("break_network", cluster=cluster, subnet=subnet)

    def mend_network(self, subnet: str | None = None, *, cluster: str | None = None) -> None:
        """Let packets through again."""
        self._perform("mend_network", cluster=cluster, subnet=subnet)

    def fill_subnet(self, subnet: str) -> None:
        """Take all free addresses of a subnet."""
        self._perform("fill_subnet", subnet=subnet)

    def free_subnet(self, subnet: str) -> None:
        """Free all addresses of a subnet but those of HSMs."""
        self._perform("free_subnet", subnet=subnet)

    def remove_subnet(self, subnet: str) -> None:
        """Remove a subnet for good."""
        self._perform("remove_subnet", subnet=subnet)

    def exhaust_sessions(self, *, cluster: str | None = None) -> None:
        """Let other clients take all sessions of the HSMs."""
        self._perform("exhaust_sessions", cluster=cluster)

    def free_sessions(self, *, cluster: str | None = None) -> None:
        """Let the HSMs have sessions for KMS again."""
        self._perform("free_sessions", cluster=cluster)

    def back_up(self, *, cluster: str | None = None) -> str:
        """Make the backup that CloudHSM makes once a day, and return its id."""
        return str(self._perform("back_up", cluster=cluster)["backup-id"])

    def _perform(self, verb: str, **given: Any) -> Any:
        context = Context(world=self._world, account=self._account, region=self._region)
        return VERBS[f"hsm.{verb}"].perform(context, **given)
