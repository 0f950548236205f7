"""The table of control verbs against the modules, methods, commands and parameters that it names."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import Mock
from mockaws.services.hsm.errors import HsmError
from mockaws.worlds.control.kinds import TEXT
from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.topics import GROUPS, TOPICS
from mockaws.worlds.control.verbs import Context, ControlError, Place, Verb

if TYPE_CHECKING:
    from collections.abc import Callable

ALL = [pytest.param(verb, id=verb.name) for verb in VERBS.values()]
METHODS = [pytest.param(verb, id=verb.name) for verb in VERBS.values() if verb.python]
OTHER_TYPES = [None, b"x", object(), ["x", None], {"x": 1}]
_READ_BY_ACTION = {Place.DOCUMENT, Place.CONTENT}


@pytest.fixture(scope="module")
def mock() -> Mock:
    """Return a mock with a cluster."""
    return Mock(fixture="ready-cluster")


def method_of(mock: Mock, verb: Verb) -> Callable[..., Any]:
    """Return the method that a verb names."""
    found: Any = mock
    for name in verb.python.split("."):
        found = getattr(found, name)
    method: Callable[..., Any] = found
    return method


@pytest.mark.parametrize("verb", ALL)
def test_actions_take_the_parameters(verb: Verb) -> None:
    """Each verb has an action with the verb's parameters, and the function that shapes its answer."""
    action = verb.function(verb.name.partition(".")[2])
    given = dict.fromkeys((each.name for each in verb.parameters), "x")
    bound = inspect.signature(action).bind("context", **given)
    assert not set(inspect.signature(action).parameters) - {"context", "_", *bound.arguments}
    if verb.shape:
        assert inspect.signature(verb.function(verb.shape)).bind("context", "result")


@pytest.mark.parametrize("verb", METHODS)
def test_methods_take_the_parameters(verb: Verb, mock: Mock) -> None:
    """The Python method of a verb has the same parameters, with the same ones by keyword and without default."""
    parameters = [each for each in verb.parameters if each.in_python]
    signature = inspect.signature(method_of(mock, verb))
    kinds = {each.kind for each in signature.parameters.values()}
    if inspect.Parameter.VAR_KEYWORD in kinds and verb.name != "clock.advance":
        assert all(each.keyword for each in parameters)
        return
    assert {each.name for each in parameters} <= signature.parameters.keys()
    for each in parameters:
        found = signature.parameters[each.name]
        if found.kind is inspect.Parameter.VAR_POSITIONAL:
            continue
        assert (found.kind is inspect.Parameter.KEYWORD_ONLY) == (each.keyword or each.implied), each.name
        has_default = found.default is not inspect.Parameter.empty
        assert has_default == (each.implied or not each.required or verb.name == "clock.advance"), each.name


def test_every_verb_can_be_reached_from_python_or_says_why_not() -> None:
    """Verbs without method and view are those that are for HTTP alone."""
    alone = {verb.name for verb in VERBS.values() if not verb.python and not verb.view}
    assert alone == {
        "hsm.clusters_show",
        "server.describe",
        "server.localstack_health",
        "server.root_certificate",
        "state.moto_reset",
    }


def test_commands_have_topics() -> None:
    """Each command belongs to a topic, and each topic and group has commands."""
    words = [words for verb in VERBS.values() for words in verb.commands]
    assert {each.split()[0] for each in words} == TOPICS.keys()
    assert {each.rpartition(" ")[0] for each in words if each.count(" ") > 1} == GROUPS.keys()


def test_routes_that_verbs_share() -> None:
    """Verbs with the same method and path are chosen by different members of the document."""
    routes: dict[tuple[str, str], list[str]] = {}
    for verb in VERBS.values():
        routes.setdefault((verb.method, verb.path), []).append(verb.chosen_by)
    for chosen_by in routes.values():
        assert len(chosen_by) == 1 or (all(chosen_by) and len(set(chosen_by)) == len(chosen_by))


@pytest.mark.parametrize("verb", METHODS)
def test_arguments_of_another_type(verb: Verb, mock: Mock) -> None:
    """A program's argument of another type is a ValueError with a sentence, and no error of Python's own."""
    parameters = [each for each in verb.parameters if each.in_python and each.place not in _READ_BY_ACTION]
    for parameter in parameters:
        for value in OTHER_TYPES[parameter.implied :]:  # None stands for the only cluster
            given: dict[str, Any] = {each.name: "x" for each in parameters if each.kind is TEXT}
            if parameter.required and verb.name != "worlds.create":
                with pytest.raises((ControlError, HsmError)):
                    verb.perform(Context(world=mock.worlds.default), **given | {parameter.name: value})


def test_a_fault_of_another_type(mock: Mock) -> None:
    """`faults.remove` takes a fault or its id, and says so."""
    remove: Any = mock.faults.remove
    for value in (None, 5, ["fault-1"]):
        with pytest.raises(ValueError, match=r"^fault must be text, not "):
            remove(value)
    remove("fault-99")
