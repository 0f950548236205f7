"""AWS's promises hold for any events of a key store and its cluster, in any order.

Each step is a failure, or one that an operator of the HSMs or a caller of KMS may take. A simple model predicts the
results.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, data, sampled_from

from mockaws.clock import DAY
from mockaws.records.cloudhsm import Cluster, HsmKey, Subnet
from mockaws.records.outages import begun, ended
from mockaws.services.hsm import kms_keys
from tests.inside import inside
from tests.samples import CLUSTER, SUBNET_A, SUBNET_B
from tests.unit.services.kms import breaking
from tests.unit.services.kms.breaking import HELLO, code_of, connecting, creating, random_bytes, using
from tests.unit.services.kms.calling import Kms

pytestmark = pytest.mark.slow

SUBNETS = (SUBNET_A, SUBNET_B)
WRONG_PASSWORDS = 6
WINDOW = 7
SELDOM = sampled_from((False, False, False, True))


class Histories(RuleBasedStateMachine):
    """A store on a cluster of two HSMs, each in a subnet of its own, and what is known of them."""

    def __init__(self) -> None:
        super().__init__()
        self.kms = Kms()
        self.state = "DISCONNECTED"
        self.broken: set[int] = set()
        self.cut: set[int] = set()
        self.full: set[int] = set()
        self.short = self.locked = self.logged_in = self.kms_is_wrong = False
        self.failed_logins = 0
        self.secrets: dict[str, bytes] = {}
        self.with_material: set[str] = set()
        self.passwords = 0

    @initialize(connected=booleans())
    def a_store(self, connected: bool) -> None:
        """Create a store, without keys or with one."""
        self.store_id = self.kms.create_store()
        if connected:
            self.connect()
            self.create_key()

    # --- what is known -------------------------------------------------------------------------------------------
    @property
    def working(self) -> set[int]:
        """The HSMs that KMS reaches."""
        return {0, 1} - self.broken - self.cut

    def lost(self, code: str, zones: int = 1) -> str:
        """Return how it ends to need HSMs in so many zones; *code* where KMS does not reach them."""
        if len(self.working) < zones:
            return code
        return "KMSInternalException" if self.short else "works"

    # --- nature --------------------------------------------------------------------------------------------------
    @rule(number=sampled_from((0, 1)), fails=SELDOM)
    def an_hsm(self, number: int, fails: bool) -> None:
        """An HSM fails, or works again."""
        breaking.hsms(self.kms, begun if fails else ended, number)
        self._note(self.broken, number, fails)

    @rule(number=sampled_from((0, 1)), breaks=SELDOM)
    def the_network(self, number: int, breaks: bool) -> None:
        """The way to a subnet breaks, or is mended."""
        breaking.network(self.kms, begun if breaks else ended, SUBNETS[number])
        self._note(self.cut, number, breaks)

    @rule(number=sampled_from((0, 1)), fills=SELDOM)
    def addresses(self, number: int, fills: bool) -> None:
        """A subnet fills up, or has addresses again."""
        self.kms.change(Subnet, SUBNETS[number], free_addresses=0 if fills else 9)
        self._note(self.full, number, fills)

    @rule(exhausted=SELDOM)
    def sessions(self, exhausted: bool) -> None:
        """Other clients take all sessions, or leave some."""
        breaking.sessions(self.kms, begun if exhausted else ended)
        self.short = exhausted

    @rule(days=sampled_from((1, WINDOW)))
    def time(self, days: int) -> None:
        """Days go by."""
        self.kms.clock.advance(days * DAY)

    # --- operators of the HSMs -----------------------------------------------------------------------------------
    @precondition(lambda self: self.state != "CONNECTED")
    @rule(told=booleans())
    def another_password(self, told: bool) -> None:
        """Change kmsuser's password, which also unlocks, and give it to KMS or not."""
        self.passwords += 1
        password = f"officersChoice{self.passwords}"
        breaking.user(self.kms, password=password, locked=False, failed_logins=0)
        self.locked, self.failed_logins, self.kms_is_wrong = False, 0, True
        if told and self.state == "DISCONNECTED":
            breaking.update(self.kms, self.store_id, KeyStorePassword=password)
            self.kms_is_wrong = False

    @precondition(lambda self: self.state != "CONNECTED")
    @rule(logged_in=SELDOM)
    def a_session(self, logged_in: bool) -> None:
        """Log in as kmsuser, or out."""
        breaking.user(self.kms, logged_in=logged_in)
        self.logged_in = logged_in

    @precondition(lambda self: self.with_material)
    @rule(draw=data())
    def a_key_is_deleted_behind_kms(self, draw: Any) -> None:
        """Delete a key in the HSMs."""
        key_id = draw.draw(sampled_from(sorted(self.with_material)))
        label = self.kms.arn(key_id)
        self.kms.drop(next(key for key in self.kms.records(HsmKey) if key.label == label))
        self.with_material.discard(key_id)

    # --- callers of KMS ------------------------------------------------------------------------------------------
    @rule()
    def connect(self) -> None:
        """Connect the store."""
        expected = self._connecting()
        assert connecting(self.kms, self.store_id) == expected

    @rule()
    def disconnect(self) -> None:
        """Disconnect the store."""
        allowed = self.state in {"CONNECTED", "FAILED"}
        code = code_of(self.kms, "DisconnectCustomKeyStore", CustomKeyStoreId=self.store_id)
        assert code == ("works" if allowed else "CustomKeyStoreInvalidStateException")
        if allowed:
            self.state = "DISCONNECTED"

    @rule()
    def create_key(self) -> None:
        """Create a key."""
        if self.state != "CONNECTED":
            expected = "CustomKeyStoreInvalidStateException"
        elif len({0, 1} - self.broken) < 2:
            expected = "CloudHsmClusterInvalidConfigurationException"
        else:
            expected = self.lost("CustomKeyStoreInvalidStateException", zones=2)
        if expected != "works":
            assert creating(self.kms, self.store_id) == expected
            return
        key_id = self.kms.key_in_store(self.store_id)
        self.secrets[key_id] = self.kms("Encrypt", KeyId=key_id, Plaintext=HELLO)["CiphertextBlob"]
        self.with_material.add(key_id)

    @precondition(lambda self: self.secrets)
    @rule(draw=data())
    def use_key(self, draw: Any) -> None:
        """Use a key."""
        key_id = draw.draw(sampled_from(sorted(self.secrets)))
        expected = "KMSInvalidStateException"
        if self.state == "CONNECTED":
            expected = self.lost(expected)
        if expected == "works" and key_id not in self.with_material:
            expected = "KMSInvalidStateException"
        assert using(self.kms, key_id, self.secrets[key_id]) == {expected}

    @rule()
    def random_bytes(self) -> None:
        """Get random bytes from the HSMs."""
        code = "CustomKeyStoreInvalidStateException"
        expected = self.lost(code) if self.state == "CONNECTED" else code
        assert random_bytes(self.kms, self.store_id) == expected

    @precondition(lambda self: self.secrets)
    @rule(draw=data())
    def delete_key(self, draw: Any) -> None:
        """Delete a key; its material is deleted with it if KMS reaches the HSMs, and else never."""
        key_id = draw.draw(sampled_from(sorted(self.secrets)))
        self.kms("ScheduleKeyDeletion", KeyId=key_id, PendingWindowInDays=WINDOW)
        self.kms.clock.advance(WINDOW * DAY)
        del self.secrets[key_id]
        if self.state == "CONNECTED" and self.lost("lost") == "works":
            self.with_material.discard(key_id)

    # --- what always holds ---------------------------------------------------------------------------------------
    @invariant()
    def the_store_stays(self) -> None:
        """No state changes by itself, and keys are Unavailable while the store is not connected, else Enabled."""
        assert self.kms.connection(self.store_id) == self.state
        wanted = "Enabled" if self.state == "CONNECTED" else "Unavailable"
        assert {self.kms.state(key_id) for key_id in self.secrets} <= {wanted}

    @invariant()
    def the_material_stays(self) -> None:
        """The HSMs have the keys that were not deleted there."""
        cluster = self.kms.record(Cluster, CLUSTER)
        there = inside(self.kms.world, lambda call: kms_keys.present_keys(call, cluster))
        assert {key.label for key in there} == {self.kms.arn(key_id) for key_id in self.with_material}

    @rule()
    def everything_is_mended(self) -> None:
        """A mended world works again: all keys whose material is there, with the oldest ciphertexts."""
        for number in (0, 1):
            self.an_hsm(number, fails=False)
            self.the_network(number, breaks=False)
            self.addresses(number, fills=False)
        self.sessions(exhausted=False)
        if self.state != "CONNECTED":
            self.a_session(logged_in=False)
            breaking.disconnect(self.kms, self.store_id)
            self.state = "DISCONNECTED"
            self.another_password(told=True)
            self.connect()
        self.create_key()
        for key_id, blob in self.secrets.items():
            if key_id in self.with_material:
                assert self.kms("Decrypt", CiphertextBlob=blob)["Plaintext"] == HELLO

    def teardown(self) -> None:
        """However it ended, it can be mended."""
        self.everything_is_mended()

    @staticmethod
    def _note(numbers: set[int], number: int, holds: bool) -> None:
        (numbers.add if holds else numbers.discard)(number)

    def _connecting(self) -> str:
        """Return how it must end to connect the store, and note what that changes."""
        if self.state == "CONNECTED":
            return "CONNECTED"
        if self.state == "FAILED":
            return "CustomKeyStoreInvalidStateException"
        code = self._error_code()
        if code == "INVALID_CREDENTIALS":
            self.failed_logins += 1
            self.locked = self.failed_logins >= WRONG_PASSWORDS
        if code is None:
            self.failed_logins = 0
        self.state = "FAILED" if code else "CONNECTED"
        return f"FAILED, {code}" if code else "CONNECTED"

    def _error_code(self) -> str | None:
        causes = {
            "NETWORK_ERRORS": bool(self.cut),
            "INSUFFICIENT_FREE_ADDRESSES_IN_SUBNET": bool(self.full),
            "INSUFFICIENT_CLOUDHSM_HSMS": self.broken == {0, 1},
            "INTERNAL_ERROR": self.short,
            "USER_LOCKED_OUT": self.locked,
            "USER_LOGGED_IN": self.logged_in,
            "INVALID_CREDENTIALS": self.kms_is_wrong,
        }
        return next((code for code, holds in causes.items() if holds), None)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=100, stateful_step_count=50)
