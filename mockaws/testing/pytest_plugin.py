"""The pytest plugin: a fresh world for each test that asks for one.

The plugin imports nothing else of mockaws before the first such test, so that other projects pay nothing. All tests of
a process share one server, which listens when a test first uses a socket. Each test has a world of its own, so that
requests of one test cannot reach the next. Processes of pytest-xdist share nothing.
"""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mockaws import MakeClient, Mock, MockClock, MockWorld

MARKER = "mockaws"
_DEFAULT_FIXTURE = "mockaws_fixture"
_ARGUMENTS = ("fixture", "account", "seed", "faults", "others")
_MOST_SHOWN = 50
_WORLD: pytest.StashKey[MockWorld] = pytest.StashKey()
_numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting for the default fixture of a project."""
    parser.addini(_DEFAULT_FIXTURE, "the fixture of tests that name none: a shipped one, or a path from the rootdir")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker for `--strict-markers` and `--markers`."""
    config.addinivalue_line(
        "markers", f"{MARKER}({', '.join(f'{name}=…' for name in _ARGUMENTS)}): the world that this test's mockaws has"
    )


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show the owner of a state that an assertion found, because its repr has the reason."""
    views = sys.modules.get("mockaws.testing.views")  # absent until a test uses mockaws
    owners = [each.owner for each in (left, right) if views is not None and isinstance(each, views.State)]
    return [f"{left!r} {op} {right!r}", *(f"of {owner!r}" for owner in owners)] if owners else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Show the calls in the world of a test that fails."""
    try:
        return (yield)
    except BaseException:
        world = item.stash.get(_WORLD, None)
        if world is not None:
            item.add_report_section("call", "mockaws", "\n".join(map(_line, world.calls(limit=_MOST_SHOWN))))
        raise


def _line(event: Mapping[str, Any]) -> str:
    call = f"{event['eventSource'].partition('.')[0]}:{event['eventName']} {event['awsRegion'] or ''}".rstrip()
    return f"{call}: {event['errorCode']}: {event['errorMessage']}" if "errorCode" in event else call


@pytest.fixture(scope="session")
def _mockaws_server() -> Iterator[Mock]:
    from mockaws import Mock  # noqa: PLC0415 - not before a test wants it

    mock = Mock()
    yield mock
    mock.stop()


@pytest.fixture
def mockaws(request: pytest.FixtureRequest, _mockaws_server: Mock) -> Iterator[MockWorld]:
    """Return a fresh world; `@pytest.mark.mockaws(fixture=…, account=…, seed=…, faults=[…], others=…)` describes it.

    Its ids are the same in each run of the test.
    """
    from mockaws import FixtureError, SettingsError  # noqa: PLC0415

    asked = _asked(request)
    name = f"test-{next(_numbers)}"
    try:
        world = _mockaws_server.world(
            name,
            fixture=asked.get("fixture") or _default_fixture(request.config),
            account=asked.get("account"),
            seed=asked.get("seed", request.node.nodeid),
            others=asked.get("others"),
        )
        for fault in asked.get("faults", ()):
            world.faults.add(**fault)
    except (FixtureError, SettingsError) as error:
        raise pytest.fail.Exception(f"this test's mockaws cannot be made: {error}", pytrace=False) from None
    request.node.stash[_WORLD] = world
    yield world
    del request.node.stash[_WORLD]
    _mockaws_server.drop(name)


@pytest.fixture
def mockaws_client(mockaws: MockWorld) -> MakeClient:
    """Return a factory of boto3 clients in this test's world: `mockaws_client("kms", region="eu-west-1")`."""
    return mockaws.client


@pytest.fixture
def mockaws_clock(mockaws: MockWorld) -> MockClock:
    """Return the clock of this test's world."""
    return mockaws.clock


@pytest.fixture
def mockaws_patch(mockaws: MockWorld) -> Iterator[MockWorld]:
    """Answer each boto3 and botocore client of this process in this test's world, without a socket."""
    with mockaws.patch():
        yield mockaws


@pytest.fixture
def mockaws_environment(mockaws: MockWorld) -> Iterator[MockWorld]:
    """Return this test's world; AWS_ENDPOINT_URL, dummy credentials and a Region lead each AWS client to it.

    Clients of commands that the test runs are included.
    """
    with mockaws.environment():
        yield mockaws


def _asked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Return the arguments of the markers around the test; the closest one has precedence."""
    asked: dict[str, Any] = {}
    for node, marker in reversed(list(request.node.iter_markers_with_node(MARKER))):
        _check(marker)
        asked |= dict(zip(_ARGUMENTS, marker.args, strict=False)) | marker.kwargs
        if asked.get("fixture") is not None:
            asked["fixture"] = _found(asked["fixture"], node.path.parent, request.config.rootpath)
    return asked


def _check(marker: pytest.Mark) -> None:
    unknown = [name for name in marker.kwargs if name not in _ARGUMENTS]
    faults = marker.kwargs.get("faults", [])
    if unknown:
        wrong = f"{', '.join(unknown)}: no such argument; there are {', '.join(_ARGUMENTS)}"
    elif len(marker.args) > 1:
        wrong = "takes one fixture; all else has a name"
    elif not isinstance(faults, (list, tuple)) or not all(isinstance(fault, dict) for fault in faults):
        wrong = "faults is a list of mappings, as in a fixture"
    else:
        return
    pytest.fail(f"@pytest.mark.{MARKER}: {wrong}", pytrace=False)


def _default_fixture(config: pytest.Config) -> Any:
    return _found(config.getini(_DEFAULT_FIXTURE) or "empty", config.rootpath)


def _found(fixture: Any, *folders: Path) -> Any:
    """Return a fixture; a path is relative to the first of the *folders* in which it is a file."""
    from mockaws.fixtures import loader  # noqa: PLC0415

    if not isinstance(fixture, (str, Path)) or fixture in loader.shipped() or "\n" in str(fixture):
        return fixture
    return next((folder / fixture for folder in folders if _is_file(folder / fixture)), fixture)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # for example a name that is too long
        return False
