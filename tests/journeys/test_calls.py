"""The journal as users see it: the route, `mockaws calls`, a file, and calls that `mockaws exec` forbids."""

from __future__ import annotations

import json
import signal
import sys
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.journeys.command import Serving, client_settings, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
EXEC = ("mockaws", "exec", "--quiet")
CREATE = ("aws", "kms", "create-key", "--query", "KeyMetadata.KeyId", "--output", "text")
DELETE_A_KEY = ("bash", "-c", f"aws kms schedule-key-deletion --key-id $({' '.join(CREATE)})")


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    """Return a server."""
    with Serving("--quiet") as serving:
        yield serving


def ask(url: str, method: str = "GET", **query: str) -> tuple[int, Any]:
    """Return status and document of a request to the route."""
    request = urllib.request.Request(f"{url}/_mockaws/calls?{urlencode(query)}", method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request) as response:  # noqa: S310
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_the_route(server: Serving) -> None:
    """GET returns the events in their order, filtered by the query, with client and address of the caller."""
    world = f"{server.url}/worlds/route"
    kms = boto3.client("kms", **client_settings(world))
    kms.create_key()
    with pytest.raises(ClientError):
        kms.describe_key(KeyId=KEY)
    status, answer = ask(world)
    assert status == 200
    create, describe = answer["Records"]
    assert (create["eventName"], describe["eventName"]) == ("CreateKey", "DescribeKey")
    assert (create["sourceIPAddress"], create["userAgent"][:6]) == ("127.0.0.1", "Boto3/")
    assert describe["errorCode"] == "NotFoundException"
    assert ask(world, operation="kms:Desc*", error="NotFoundException") == (200, {"Records": [describe]})
    assert ask(f"{server.url}/worlds/other") == (200, {"Records": []})


def test_what_the_route_refuses(server: Serving) -> None:
    """An unknown filter is a problem that names the known ones, or the one that may be meant."""
    status, problem = ask(server.url, operation="kms:ScheduleKeyDeletoin")
    assert (status, problem["title"], problem["detail"]) == (
        400,
        "Bad Request",
        "kms:ScheduleKeyDeletoin: no such operation; did you mean kms:ScheduleKeyDeletion?",
    )
    assert "there are service, operation, error" in ask(server.url, name="x")[1]["detail"]
    assert ask(server.url, "POST")[0] == 405


def test_forgetting(server: Serving) -> None:
    """DELETE empties the journal of a world, and so does `mockaws calls --clear`."""
    world = f"{server.url}/worlds/forgetting"
    kms = boto3.client("kms", **client_settings(world))
    kms.list_keys()
    assert ask(world, "DELETE") == (200, {"status": "cleared"})
    assert ask(world) == (200, {"Records": []})
    kms.list_keys()
    done = run("mockaws", "calls", "--endpoint", world, "--clear")
    assert (done.returncode, json.loads(done.stdout), ask(world)[1]) == (0, {"status": "cleared"}, {"Records": []})


def test_the_command(server: Serving) -> None:
    """`mockaws calls` prints a line for each call: time, operation, caller, key and error; with --json the events."""
    world = f"{server.url}/worlds/command"
    kms = boto3.client("kms", **client_settings(world))
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    with pytest.raises(ClientError):
        kms.cancel_key_deletion(KeyId=key_id)
    done = run("mockaws", "calls", AWS_ENDPOINT_URL=world)
    lines = [line.split(" ", 1)[1] for line in done.stdout.splitlines()]
    who = "arn:aws:iam::111122223333:user/mockaws"
    assert lines == [
        f"kms:CreateKey {who} {key_id}",
        f"kms:CancelKeyDeletion {who} {key_id} KMSInvalidStateException",
    ]
    done = run("mockaws", "calls", "--json", "--error", "*", "--key", key_id, "--limit", "5", AWS_ENDPOINT_URL=world)
    (event,) = map(json.loads, done.stdout.splitlines())
    assert event == ask(world)[1]["Records"][1]


def test_mistakes_of_the_command(server: Serving) -> None:
    """A refusal of the server is printed in its words; a missing server is named."""
    done = run("mockaws", "calls", "--endpoint", server.url, "--since", "yesterday")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "mockaws: yesterday: no such date; one is such as 2026-01-31T12:00:00Z\n"
    assert "nothing answers on http://127.0.0.1:1" in run("mockaws", "calls", "--endpoint", "http://127.0.0.1:1").stderr


def test_a_file_of_a_server(tmp_path: Path) -> None:
    """`serve --calls FILE` writes each call when it has ended, whichever world it was in."""
    path = tmp_path / "calls.jsonl"
    with Serving("--quiet", "--calls", str(path)) as serving:
        for world in ("", "/worlds/one"):
            boto3.client("kms", **client_settings(serving.url + world)).list_keys()
        events = [json.loads(line) for line in path.read_text().splitlines()]
        assert [event["eventName"] for event in events] == ["ListKeys", "ListKeys"]
        assert serving.stop(signal.SIGTERM)[0] == 0


def test_a_second_server_leaves_the_file_alone(tmp_path: Path) -> None:
    """A server that finds its port taken does not empty the file that the first one writes."""
    path = tmp_path / "calls.jsonl"
    with Serving("--quiet", "--calls", str(path)) as serving:
        boto3.client("kms", **client_settings(serving.url)).list_keys()
        port = serving.url.rsplit(":", 1)[1]
        assert run("mockaws", "serve", "--port", port, "--calls", str(path)).returncode == 2
        assert len(path.read_text().splitlines()) == 1


def test_a_file_of_a_command(tmp_path: Path) -> None:
    """`exec --calls FILE`, or MOCKAWS_CALLS, keeps the calls of the command; each run empties the file."""
    path = tmp_path / "calls.jsonl"
    assert run(*EXEC, "--calls", str(path), "--", *CREATE).returncode == 0
    assert run(*EXEC, "--", "aws", "kms", "list-keys", MOCKAWS_CALLS=str(path)).returncode == 0
    (event,) = map(json.loads, path.read_text().splitlines())
    assert (event["eventName"], event["userAgent"][:8]) == ("ListKeys", "aws-cli/")


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """The command does not run if its calls cannot be kept."""
    done = run(*EXEC, "--calls", str(tmp_path), "--", sys.executable, "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"mockaws: {tmp_path}: Is a directory; --calls names a file that can be written\n"


def test_a_forbidden_call_fails_the_command() -> None:
    """`--assert-no-calls`: status 1 for a command that succeeded, and each of the calls on stderr."""
    done = run(*EXEC, "--assert-no-calls", "kms:ScheduleKeyDeletion", "--", *DELETE_A_KEY)
    assert done.returncode == 1
    first, line = done.stderr.splitlines()
    assert first == "mockaws: 1 of the calls is forbidden by --assert-no-calls:"
    assert " kms:ScheduleKeyDeletion arn:aws:iam::000000000000:user/mockaws " in line


def test_forbidden_calls_by_wildcard() -> None:
    """The flag can be repeated, has wildcards, and forbids refused calls as well."""
    script = "aws kms delete-alias --alias-name alias/x; aws kms list-keys; true"
    bans = ("--assert-no-calls", "kms:Delete*", "--assert-no-calls", "*:List*")
    done = run(*EXEC, *bans, "--", "bash", "-c", script)
    assert done.returncode == 1
    *_, head, delete, listing = done.stderr.splitlines()
    assert head == "mockaws: 2 of the calls are forbidden by --assert-no-calls:"
    assert delete.endswith("NotFoundException")
    assert "kms:ListKeys" in listing


def test_nothing_forbidden_was_called() -> None:
    """A command without forbidden calls exits with its own status and no message."""
    done = run(*EXEC, "--assert-no-calls", "kms:ScheduleKeyDeletion", "--", *CREATE)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_commands_own_status_stays() -> None:
    """A command that failed by itself keeps its status."""
    script = "aws kms list-keys > /dev/null; exit 7"
    done = run(*EXEC, "--assert-no-calls", "kms:ListKeys", "--", "bash", "-c", script)
    assert (done.returncode, "kms:ListKeys" in done.stderr) == (7, True)


def test_an_operation_that_is_none_cannot_be_forbidden() -> None:
    """Unknown operations end exec before the command runs: a mistyped one would forbid nothing."""
    bans = ("--assert-no-calls", "kms:SheduleKeyDeletion", "--assert-no-calls", "s3:*")
    done = run(*EXEC, *bans, "--", sys.executable, "-c", "print('ran')")
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first == (
        "mockaws: --assert-no-calls kms:SheduleKeyDeletion: no such operation; did you mean kms:ScheduleKeyDeletion?"
    )
    assert second.startswith("mockaws: --assert-no-calls s3:*: no such operation; ")
