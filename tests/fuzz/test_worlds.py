"""A world in which anything is asked, and to which anything happens, in any order."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from werkzeug.test import Client

from mockaws.fixtures import loader
from mockaws.gateway.endpoint import Endpoint
from mockaws.gateway.http import DROPPED
from mockaws.gateway.log import RequestLog
from mockaws.records.world import INSTANT, REALISTIC
from mockaws.web import create_app
from mockaws.worlds.named import Worlds
from mockaws.worlds.world import World
from tests.fuzz import noise
from tests.fuzz.answers import Refusal, read, readings
from tests.fuzz.effort import effort
from tests.fuzz.mutations import DURATIONS, MOMENTS
from tests.fuzz.requests import Drawn, Requests, damaged
from tests.samples import REGION
from tests.unit.services.kms.test_any_request import kinds
from tests.unit.snapshots.living import GATEWAY, NOW, STEPS, Life
from tests.unit.snapshots.test_round_trip import in_order, restored
from tests.wire import controlled

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mockaws.gateway.http import Request
    from mockaws.records.world import Timing
    from tests.unit.snapshots.living import Step

DROPPED_ANSWER = object()
BROKEN = 0.02  # how many requests have a body that was damaged on the way
SMALL = st.integers(0, 7)
SEEDS = st.integers(0, 2**32 - 1)
CLOCK = st.one_of(
    st.sampled_from([{"advance": "PT1S"}, {"advance": "P1D"}, {"advance": "P8D"}, {"freeze": True}, {"resume": True}]),
    st.sampled_from(DURATIONS).map(lambda duration: {"advance": duration}),
    st.sampled_from(MOMENTS).map(lambda moment: {"freeze": moment, "back": True}),
    st.sampled_from(MOMENTS).map(lambda moment: {"set": moment, "back": True}),
)
FAULTS = st.sampled_from(
    [
        {"operation": "kms:*", "error": "KMSInternalException", "times": 2},
        {"operation": "kms:*", "error": "DependencyTimeoutException", "probability": 0.3},
        {"operation": "cloudhsmv2:*", "error": "CloudHsmInternalFailureException", "every": 2},
        {"operation": "sts:*", "status": 503, "times": 1},
        {"operation": "kms:*", "status": 500, "times": 1},
        {"operation": "kms:Encrypt", "throttle": 0.01},
        {"operation": "kms:DescribeKey", "drop": True, "times": 1},
        {"operation": "kms:ListKeys", "latency": "PT0.001S"},
    ]
)
OF_FAULTS = frozenset(
    {
        "CloudHsmInternalFailureException",
        "DependencyTimeoutException",
        "InternalFailure",
        "KMSInternalException",
        "LimitExceededException",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
    }
)


class AnyWorld(RuleBasedStateMachine):
    """Callers of AWS, operators of HSMs, nature and tests all act on one world."""

    def __init__(self) -> None:
        super().__init__()
        self._listening: AbstractContextManager[noise.Noise] = noise.listening()
        self.noise = self._listening.__enter__()
        self.requests = Requests()
        self.descriptions: dict[str, str] = {}

    @initialize(fixture=st.sampled_from(["", "", "ready-cluster", *loader.shipped()]), real=st.booleans())
    def begin(self, fixture: str, *, real: bool) -> None:
        """Begin with a fixture; an empty name is a ready cluster beside keys of every kind, in every state."""
        timing: Timing = REALISTIC if real else INSTANT
        self.life = Life(fixture or "ready-cluster", timing)
        if not fixture:
            records = [*self.life.world.store.records(), *kinds(REGION)]
            self.life.world = World.holding(self.life.world.config, records, id_seed="tests")
            self.life.world.clock.freeze(NOW)
        self.beginning = in_order(self.world)
        world = self.world
        log = RequestLog(quiet=True)
        worlds = Worlds(lambda: world)
        self.control = Client(Endpoint(lambda: create_app(controlled(GATEWAY, worlds)), worlds, GATEWAY, log))

    @property
    def world(self) -> World:
        """The world."""
        return self.life.world

    @rule(seed=SEEDS, count=st.integers(1, 30))
    def ask(self, seed: int, count: int) -> None:
        """Ask any service for anything, *count* times."""
        random = Random(seed)
        for _ in range(count):
            self._ask(random)

    # Hypothesis chooses among rules evenly, and requests are what most steps are to be.
    ask_more = rule(seed=SEEDS, count=st.integers(1, 30))(lambda self, seed, count: self.ask(seed, count))
    ask_again = rule(seed=SEEDS, count=st.integers(1, 30))(lambda self, seed, count: self.ask(seed, count))

    def _ask(self, random: Random) -> None:
        asked = self.requests.draw(random, self.world)
        request = self.requests.written(random, asked)
        broken = random.random() < BROKEN
        if broken:
            request = request._replace(body=damaged(random, request.body))
        found = self._answer(asked, request)
        if found is DROPPED_ANSWER or isinstance(found, Refusal):
            return
        self.requests.remember(random, asked, found)
        if broken:
            self.descriptions.clear()
        elif not self.world.faults.active:
            self._require_readable(asked, found)
        elif asked.operation == "UpdateKeyDescription":
            self.descriptions.clear()

    @rule(step=st.sampled_from(STEPS), one=SMALL, two=SMALL)
    def happen(self, step: Step, one: int, two: int) -> None:
        """Take one of the steps that lives are made of."""
        if not self.world.faults.active:
            step(self.life, one, two)
            self.descriptions.clear()

    @rule(change=CLOCK)
    def move_the_clock(self, change: dict[str, Any]) -> None:
        """Move the clock, where it can be moved so."""
        self._control("POST", "/_mockaws/clock", change, allowed=(200, 400))

    @rule(fault=FAULTS)
    def add_a_fault(self, fault: dict[str, Any]) -> None:
        """Let something go wrong."""
        self._control("POST", "/_mockaws/faults", fault, allowed=(201,))

    @rule()
    def remove_faults(self) -> None:
        """Let all go well."""
        self._control("DELETE", "/_mockaws/faults")

    @rule()
    def read_the_journal(self) -> None:
        """Every call can be shown."""
        json.loads(self._control("GET", "/_mockaws/calls?limit=60"))

    @rule()
    def reload(self) -> None:
        """A snapshot brings the world back as it is, with its secrets and without."""
        before = in_order(self.world)
        restored(self._control("GET", "/_mockaws/state?secrets=false"))
        text = self._control("GET", "/_mockaws/state")
        assert in_order(restored(text)) == before
        self._control("PUT", "/_mockaws/state", text)
        assert in_order(self.world) == before
        self.beginning = before

    @rule()
    def reset(self) -> None:
        """Resetting brings back what there was in the beginning."""
        self._control("POST", "/_mockaws/reset")
        assert in_order(self.world) == self.beginning
        self.descriptions.clear()

    @invariant()
    def is_quiet(self) -> None:
        """Nothing was written to stderr or to a log."""
        self.noise.require_none()

    def teardown(self) -> None:
        """Require that earlier writes are still there, and that the world survives a snapshot."""
        try:
            if hasattr(self, "life"):
                self._control("DELETE", "/_mockaws/faults")
                self._require_kept()
                self.reload()
            self.noise.require_none()
        finally:
            self._listening.__exit__(None, None, None)

    def _answer(self, asked: Drawn, request: Request | None = None) -> Any:
        """Return what an answer says, DROPPED_ANSWER if a fault ends the connection."""
        request = request or self.requests.written(Random(0), asked)
        faults = self.world.faults.active
        answer = GATEWAY.answer(self.world, request)
        if answer.status == DROPPED:
            assert faults
            return DROPPED_ANSWER
        return read(asked, answer, OF_FAULTS if faults else frozenset())

    def _require_readable(self, asked: Drawn, answer: Any) -> None:
        reading = readings(asked, answer)
        if reading is None:
            return
        key = asked.access_key_id if reading.access_key_id is None else reading.access_key_id
        shown = asked._replace(operation=reading.operation, document=reading.document, access_key_id=key)
        found = self._answer(shown)
        assert not isinstance(found, Refusal), (asked, answer, shown, found)
        assert reading.shows(found), (asked, answer, shown, found)
        if reading.operation == "DescribeKey":
            self.descriptions[found["KeyMetadata"]["Arn"]] = found["KeyMetadata"]["Description"]

    def _require_kept(self) -> None:
        """Require that keys have the descriptions that were acknowledged last, unless they are deleted by now."""
        for arn, description in self.descriptions.items():
            _, _, _, region, account, _ = arn.split(":", 5)
            asked = Drawn("kms", "DescribeKey", {"KeyId": arn}, account, account, region)
            found = self._answer(asked)
            if isinstance(found, Refusal):
                assert found.code == "NotFoundException", (asked, found)
            else:
                assert found["KeyMetadata"]["Description"] == description, arn

    def _control(self, method: str, path: str, document: Any = None, allowed: tuple[int, ...] = (200,)) -> str:
        body = document if isinstance(document, str | None) else json.dumps(document)
        answer = self.control.open(path, method=method, data=body)
        text = answer.get_data(as_text=True)
        assert answer.status_code in allowed, (method, path, answer.status_code, text)
        return text


@pytest.mark.slow
def test_any_life_of_a_world() -> None:
    """No answer is a 5xx that AWS does not model, none breaks the model, nothing acknowledged is lost."""
    run_state_machine_as_test(AnyWorld, settings=effort(120, steps=50))
