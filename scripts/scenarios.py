"""The page docs/scenarios.md, made from what the shipped fixtures tell of themselves.

scripts/fixtures_reference.py writes it. tests/journeys/test_scenarios.py runs every command that stands in it.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from botocore import xform_name

from mockaws.fixtures import loader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mockaws.fixtures.scenarios import Scenario, Step

_INTRODUCTION = """\
# Scenarios

<!-- Written by scripts/fixtures_reference.py from the shipped fixtures. -->

The worlds that ship with mockaws: the subject of each, the call that fails in it, the error, and the commands that mend
it. A test runs every command on this page as printed, from the root of a clone. To try one:

```text
mockaws exec --fixture one-hsm -- bash
```

Without a clone, `mockaws fixtures copy` puts the files that the commands name into the folder `fixtures`.

A command that begins with `mockaws` does something that no API of AWS does. On AWS it takes the CloudHSM CLI (see
[Inside the HSMs](hsm.md)), a change of the network, or time (see [Worlds under control](control.md)).
[Fixtures](fixtures.md) describes the format. A fixture of your own may have a [scenario](fixtures.md#scenario), too.

## The worlds by topic
"""

_CONNECTION = "A key store that does not connect"
_TOPICS = {
    "Starting points for your own work": ("ready-cluster", "strict-cluster", "developer-guide", "empty"),
    "A cluster that cannot carry a key store yet": (
        "uninitialized-cluster",
        "certificate-to-sign",
        "initialized-cluster",
        "wrong-trust-anchor",
        "one-hsm",
        "one-zone",
        "one-subnet",
        "full-subnet",
        "degraded-hsm",
        "hsm-in-creation",
        "hsm-quota",
    ),
    _CONNECTION: ("disconnected-store", "connecting-store", "failed-store"),
    "A connected key store that stops working": (
        "hsms-deleted",
        "zone-outage",
        "security-group-removed",
        "hsm-key-deleted",
    ),
    "Backups and clusters made from them": ("backup-deleted", "restored-cluster"),
    "Keys": (
        "disabled-key",
        "pending-import",
        "expired-material",
        "missing-replica",
        "cross-account-key",
        "key-quota",
        "store-with-pending-keys",
        "throttled",
    ),
}


def page() -> str:
    """Return the page."""
    scenarios = {name: loader.scenario(name) for name in loader.shipped()}
    lines = [_INTRODUCTION, *_topics(scenarios), "", "## The worlds and the calls that fail", ""]
    lines += ["| world | subject | call that fails | error or answer |", "| --- | --- | --- | --- |"]
    lines += [_row(name, scenario) for name, scenario in scenarios.items()]
    for name, scenario in scenarios.items():
        lines += ["", *_section(name, scenario)]
    return "\n".join(lines) + "\n"


def command(step: Step) -> str:
    """Return a call as a command of AWS's CLI."""
    words = ["aws", step.service, xform_name(step.operation, "-")]
    for name, value in step.parameters.items():
        given = f"file://fixtures/{step.files[name]}" if name in step.files else value
        words += [f"--{xform_name(name, '-')}", *_words(given)]
    if step.region is not None:
        words += ["--region", step.region]
    account = "" if step.account is None else f"AWS_ACCESS_KEY_ID={step.account} "
    return account + shlex.join(words)


def _topics(scenarios: Iterable[str]) -> Iterator[str]:
    """Yield the table of worlds by topic. Raises ValueError if a world is in no topic, or a topic names no world."""
    topics = dict(_TOPICS)
    topics[_CONNECTION] += tuple(name for name in scenarios if name.startswith("connection-"))
    named = [name for names in topics.values() for name in names]
    if sorted(named) != sorted(scenarios):
        raise ValueError(f"worlds and topics differ: {sorted(set(named) ^ set(scenarios))}")
    yield from ("| topic | worlds |", "| --- | --- |")
    for topic, names in topics.items():
        yield f"| {topic} | {', '.join(f'[{name}](#{name})' for name in names)} |"


def _row(name: str, scenario: Scenario) -> str:
    outcomes = list(_outcomes(scenario.fails))
    calls = "<br>".join(step.operation for step, _ in outcomes)
    return f"| [{name}](#{name}) | {scenario.shows} | {calls} | {'<br>'.join(shown for _, shown in outcomes)} |"


def _outcomes(steps: Iterable[Step]) -> Iterator[tuple[Step, str]]:
    """Yield each call with what comes of it; what is accepted first, with what an answer shows of it then."""
    accepted = None
    for step in steps:
        if step.error is not None:
            yield step, step.error
        elif step.answers:
            yield accepted or step, ", ".join(step.answers.values())
        accepted = None if step.fails else step


def _section(name: str, scenario: Scenario) -> Iterator[str]:
    yield from (f"## {name}", "", " ".join(loader.describe(name).split()), "")
    yield from (f"- {_told(step)}" for step in scenario.fails)
    yield from ("", "To mend it:", "", "```bash", scenario.mend.rstrip("\n"), "```", "")
    if scenario.works:
        yield from ("Then:", "")
        yield from (f"- {_told(step, otherwise='works')}" for step in scenario.works)
    else:
        failing = sum(step.error is not None for step in scenario.fails)
        yield f"Then {'that call works' if failing == 1 else 'all of these calls work'}."
    yield from ("", f"[The fixture](../fixtures/{name}.yaml)")


def _told(step: Step, otherwise: str = "is accepted") -> str:
    if step.error is not None:
        outcome = f"fails with **{step.error}**"
    elif step.answers:
        outcome = "answers " + ", ".join(f"{member} **{value}**" for member, value in step.answers.items())
    else:
        outcome = otherwise
    return f"`{command(step)}` {outcome}"


def _words(value: object) -> list[str]:
    """Return a parameter's value as the words of a command line."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return value
    return [value if isinstance(value, str) else json.dumps(value)]
