"""The lines of the table in docs/control.md: each does the same over HTTP, on the command line and in Python."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from mockaws.records.backups import Backup
from mockaws.testing.mock import Mock
from mockaws.worlds.control.openapi import description
from tests.journeys.command import ROOT, run
from tests.wire import control

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = (ROOT / "docs/control.md").read_text()
LINES = re.findall(r"^\| ([^|]+) \| `([A-Z]+) (\S+?)(?: (\{.+?\}))?` \| `(.+?)` \| `(.+?)` \|$", PAGE, re.MULTILINE)
STOP = '{"freeze": true}'  # which the clock of the test's world does already
WORLD = {
    "network": {
        "vpcs": [
            {
                "subnets": [
                    {"id": "subnet-0a1b2c3d4e5f60001", "zone": "us-west-2a"},
                    {"id": "subnet-0a1b2c3d4e5f60002", "zone": "us-west-2b"},
                ]
            }
        ]
    },
    "clusters": [
        {
            "id": "cluster-readytwozone",
            "hsms": [{"id": "hsm-readyinzonea", "zone": "us-west-2a"}, {"zone": "us-west-2b"}],
            "users": [
                {"name": "admin", "role": "admin"},
                {"name": "kmsuser", "role": "crypto-user", "password": "kmsPswd123"},
                {"name": "bob", "role": "crypto-user", "password": "bobPswd123"},
            ],
        }
    ],
    "custom_key_stores": [{"name": "ExampleKeyStore", "cluster": "cluster-readytwozone", "connection": "CONNECTED"}],
    "keys": [{"id": "0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9", "custom_key_store": "ExampleKeyStore"}],
}
BREAKING = {"/recover": "/fail", "/mend": "/break", "/sessions/free": "/sessions/exhaust", "/free": "/fill"}


@pytest.fixture
def mock() -> Iterator[Mock]:
    """Return a server with the world of the page."""
    with Mock() as served:
        yield served


def test_all_lines_are_found() -> None:
    """The test reads each line of the table."""
    assert len(LINES) == len(re.findall(r"^\| .* \|$", PAGE, re.MULTILINE)) - 2


def test_all_routes_are_there() -> None:
    """The page has every route of the OpenAPI document, in the table or in the list of those for HTTP alone."""
    described = [
        (verb.upper(), path) for path, item in description()["paths"].items() for verb in item if verb != "parameters"
    ]
    shown = {(method, path.partition("?")[0]) for _, method, path, *_ in LINES}
    shown |= set(re.findall(r"`([A-Z]+) (/\S+)`", PAGE.partition("Over HTTP alone")[2].partition("## Clock")[0]))
    for method, path in described:
        pattern = re.sub(r"\{\w+\}", "[^/]+", path)
        assert any(verb == method and re.fullmatch(pattern, each) for verb, each in shown), f"{method} {path}"


@pytest.mark.parametrize("line", [pytest.param(line[1:], id=line[0]) for line in LINES])
def test_the_ways_are_one(line: tuple[str, ...], mock: Mock, tmp_path: Path) -> None:
    """A verb has the same effect from everywhere; a verb that shows something changes nothing."""
    slow = tmp_path / "slow.yaml"
    slow.write_text("timing: realistic\n")
    method, path, body, command, python = (part.replace("slow.yaml", str(slow)) for part in line)
    restore(mock, path)
    before = state(mock)

    status, answer = control(mock.url, method, path, json.loads(body) if body else None)
    assert status in {200, 201}, answer
    after = state(mock)
    assert (after != before) == (method != "GET" and body != STOP)

    restore(mock, path)
    assert state(mock) == before
    done = run(*shlex.split(command), AWS_ENDPOINT_URL=mock.url)
    assert done.returncode == 0, done.stderr
    assert keys_of(printed(done.stdout, answer)) == keys_of(answer)
    assert state(mock) == after

    restore(mock, path)
    exec(python, {"mock": mock})  # noqa: S102 - it is our own page
    assert state(mock) == after


@cache
def beginning(*, initialized: bool) -> str:
    """Return a snapshot, which is the same moment each time: the page's world, or one with a cluster to activate."""
    made = Mock(fixture="initialized-cluster" if initialized else WORLD)
    made.clock.freeze()
    return made.snapshot()


def restore(mock: Mock, path: str) -> None:
    """Restore the state in which each way begins; failures to be repaired have happened."""
    mock.load(beginning(initialized=path.endswith("/activate")))
    for _ in range(2):
        mock.faults.add(operation="sts:*", status=500)
    for name in [named.name for named in mock.worlds.all()]:
        mock.drop(name)
    mock.world("pr-1", fixture="empty")
    for mended, broken in BREAKING.items():
        if path.endswith(mended):
            control(mock.url, "POST", path.removesuffix(mended) + broken)
            break
    if path.endswith(("/logout", "/unlock")):
        right = path.endswith("/logout")
        for _ in range(1 if right else 6):
            bob = {"username": "bob", "role": "crypto-user", "password": "bobPswd123" if right else "wrongPswd1"}
            control(mock.url, "POST", "/_mockaws/clusters/cluster-readytwozone/login", bob)
    with pytest.raises(ClientError):
        mock.client("kms").describe_key(KeyId="alias/nothing")


def state(mock: Mock) -> Any:
    """Return all that the table can change, without the time of a running clock and ids of backups."""
    clock, faults, worlds = (control(mock.url, "GET", f"/_mockaws/{name}")[1] for name in ("clock", "faults", "worlds"))
    records = [
        replace(record, id="") if isinstance(record, Backup) else record
        for record in mock.worlds.default.store.records()
    ]
    records.sort(key=lambda record: (type(record).__name__, record.id, getattr(record, "created_at", 0)))
    calls = [call["eventName"] for call in mock.calls()]
    return clock if clock["frozen"] else "running", faults, worlds, mock.config, calls, records


def printed(output: str, answer: dict[str, Any] | str) -> dict[str, Any] | str:
    """Return the answer in the output of a command, without the envelope of AWS's CloudHSM CLI."""
    if isinstance(answer, str):
        return output
    if "Records" in answer:
        return {"Records": [json.loads(line) for line in output.splitlines()]}
    found: dict[str, Any] = json.loads(output)
    data = found.get("data", found)
    return data if isinstance(data, dict) else {"message": data}


def keys_of(answer: dict[str, Any] | str) -> Any:
    """Return the members of an answer, its lines if it is not JSON, or its calls."""
    if isinstance(answer, str):
        return answer.splitlines()
    return [call["eventName"] for call in answer.get("Records", ())] or sorted(answer)
