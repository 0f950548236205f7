"""Every sentence that the HSMs refuse with comes about, by the shortest story that ends with it, as it is declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mockaws.records.cloudhsm import UNACTIVATED_USERS, ClusterState
from mockaws.records.kms import ConnectionState
from mockaws.services.hsm import activation, clusters, errors, keys, outages, sessions, users
from mockaws.services.hsm.errors import Refusal
from mockaws.services.hsm.sessions import Credentials
from tests.samples import BROKEN, SUBNET_A, being
from tests.unit.services.hsm.inside import ADMIN, ALICE, PASSWORD, Hsms, key, network, ready, store

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockaws.records.base import Record

OF_ADMIN = {"username": "admin", "role": "admin"}
OF_ALICE = {"username": "alice", "role": "crypto-user"}
OF_KMSUSER = {"username": "kmsuser", "role": "crypto-user"}
CONNECTED = ConnectionState.CONNECTED


def create(username: str = "bob", role: str = "crypto-user", password: str = PASSWORD, *records: Record) -> str:
    """Create a user in a cluster that is ready, or in *records*."""
    return Hsms(*records).refusal(users.create, None, username=username, role=role, password=password)


def delete(named: dict[str, str], *records: Record) -> str:
    """Delete a user in a cluster that is ready, with more *records*."""
    return Hsms(*network(), ready(), *records).refusal(users.delete, None, **named)


def listed(**named: object) -> str:
    """List keys."""
    return Hsms().refusal(clusters.key_list, None, **named)


def logged_in(function: Callable[..., object], **named: str) -> str:
    """Do something to alice, who is logged in."""
    hsms = Hsms()
    hsms.login(ALICE)
    return hsms.refusal(function, None, **OF_ALICE, **named)


def login(wrong: int) -> str:
    """Log in with a wrong password so many times; return what the last one ends with."""
    hsms = Hsms()
    credentials = Credentials(**OF_ALICE, password="wrongPswd1")
    return [hsms.refusal(sessions.login, credentials) for _ in range(wrong)][-1]


def subnet(function: Callable[..., object]) -> str:
    """Do something to a subnet or zone that is not there."""
    return Hsms().refusal(lambda call, _: function(call, "another"))


def in_ec2(function: Callable[..., object]) -> str:
    """Do something to a subnet that is the other services'."""
    return Hsms(*network(in_ec2=True), ready()).refusal(lambda call, _: function(call, SUBNET_A))


UNINITIALIZED = ready(changes=being(ClusterState.UNINITIALIZED), users=())
INITIALIZED = ready(changes=being(ClusterState.INITIALIZED), users=UNACTIVATED_USERS)
MIGRATING = ready(changes=being(ClusterState.MODIFY_IN_PROGRESS))
CROWDED = ready(users=(ADMIN,) * 250)

STORIES: dict[str, Callable[[], str]] = {
    "ClusterNotFound": lambda: Hsms().refusal(clusters.info, cluster_id="cluster-another"),
    "HsmNotFound": lambda: Hsms().refusal(outages.fail_hsm, "hsm-another"),
    "SubnetNotFound": lambda: subnet(outages.fill_subnet),
    "SubnetInEc2": lambda: in_ec2(outages.fill_subnet),
    "SubnetOfAnotherCluster": lambda: Hsms().refusal(outages.break_network, "subnet-another"),
    "ZoneNotFound": lambda: subnet(outages.fail_zone),
    "NotInitialized": lambda: Hsms(*network(), UNINITIALIZED).refusal(activation.activate, PASSWORD),
    "NoActiveHsm": lambda: Hsms(*network(), ready(hsms=())).refusal(clusters.user_list),
    "NoWayToTheHsms": lambda: Hsms(*network(outages=BROKEN), ready()).refusal(clusters.user_list),
    "NotActivated": lambda: create("bob", "admin", PASSWORD, *network(), INITIALIZED),
    "AlreadyActivated": lambda: Hsms().refusal(activation.activate, PASSWORD),
    "LimitedWrite": lambda: create("bob", "admin", PASSWORD, *network(), MIGRATING),
    "UsernameLength": lambda: create(username=""),
    "UsernameCharacter": lambda: create(username="a-b"),
    "PasswordLength": lambda: create(password=""),
    "PasswordCharacter": lambda: create(password="with:colon"),
    "UnknownRole": lambda: create(role="crypto-officer"),
    "UserNotFound": lambda: delete({"username": "alice", "role": "admin"}),
    "UserExists": lambda: create(username="alice"),
    "TooManyUsers": lambda: create("bob", "admin", PASSWORD, *network(), CROWDED),
    "LastAdmin": lambda: delete(OF_ADMIN),
    "OwnsKeys": lambda: delete(OF_ALICE, key(1, owner="alice")),
    "LoggedInAndDeleted": lambda: logged_in(users.delete),
    "LoggedInAndChanged": lambda: logged_in(users.change_password, password=PASSWORD),
    "KmsIsLoggedIn": lambda: delete(OF_KMSUSER, store(CONNECTED)),
    "WrongCredentials": lambda: login(1),
    "UserLocked": lambda: login(7),
    "AdminOnly": lambda: Hsms().refusal(users.delete, ALICE, **OF_KMSUSER),
    "CryptoUserOnly": lambda: Hsms().refusal(keys.delete_selected, ADMIN, ["attr.label=key-1"]),
    "NotOneKey": lambda: Hsms().refusal(keys.delete_selected, None, ["attr.label=key-1"]),
    "FilterMalformed": lambda: listed(filters=["label"]),
    "UnknownAttribute": lambda: listed(filters=["attr.owner=alice"]),
    "MaxItemsNotValid": lambda: listed(max_items=0),
    "TokenNotValid": lambda: listed(starting_token="x"),
}
DECLARED = {name: value for name, value in vars(errors).items() if isinstance(value, Refusal)}


def test_nothing_is_forgotten() -> None:
    """Each sentence has a story, and is in the list that the documents show."""
    assert STORIES.keys() == DECLARED.keys()
    assert errors.declared == list(DECLARED.values())


@pytest.mark.parametrize("name", STORIES)
def test_it_comes_about(name: str) -> None:
    """The story ends with this very sentence, its blanks filled in."""
    sentence = re.sub(r"\\\{\w+\\\}", ".+", re.escape(DECLARED[name].sentence))
    assert re.fullmatch(sentence, STORIES[name]())
