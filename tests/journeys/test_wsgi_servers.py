"""`mockaws.create_app` on the servers that Flask applications run on, each a process behind a socket."""

from __future__ import annotations

import importlib.util
import json
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.journeys.command import ROOT, clean_environment, client_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 60.0
SERVERS = {
    "flask": ["flask", "--app", "mockaws", "run", "--host", "127.0.0.1", "--port", "{port}"],
    "gunicorn": ["gunicorn", "--threads", "8", "--bind", "127.0.0.1:{port}", "mockaws:create_app()"],
    "granian": ["granian", "--interface", "wsgi", "--port", "{port}", "--factory", "mockaws:create_app"],
}


def free_port() -> int:
    """Return a port at which no server listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
    return port


def is_answering(url: str) -> bool:
    """Return True if a server answers at *url*."""
    try:
        urlopen(url, timeout=_PATIENCE).close()  # noqa: S310 - of this machine
    except HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def serving(name: str, *flags: str, **environment: str) -> Iterator[str]:
    """Run a server while the block runs, and return its URL."""
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    port = free_port()
    module, *arguments = (part.format(port=port) for part in SERVERS[name])
    process = subprocess.Popen(
        [sys.executable, "-m", module, *flags, *arguments],
        cwd=ROOT,
        env=clean_environment() | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + _PATIENCE
        while not is_answering(f"{url}/_mockaws/health"):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.communicate(timeout=_PATIENCE)


def control(url: str, method: str, document: Any = None) -> Any:
    """Return the JSON document that a control route answers."""
    body = None if document is None else json.dumps(document).encode()
    with urlopen(Request(url, body, method=method), timeout=_PATIENCE) as answer:  # noqa: S310 - of this machine
        return json.load(answer)


@pytest.mark.parametrize("name", SERVERS)
def test_a_server(name: str) -> None:
    """It serves AWS requests, control routes and worlds; the settings come from variables."""
    with serving(name, MOCKAWS_FIXTURE="developer-guide", MOCKAWS_SEED="s", MOCKAWS_QUIET="1") as url:
        assert control(f"{url}/_mockaws/health", "GET")["fixture"] == "developer-guide"
        assert control(f"{url}/_mockaws/worlds", "POST", {"name": "bare", "fixture": "empty"})["name"] == "bare"
        account = "111122223333"
        kms = boto3.client("kms", **client_settings(url, account))
        assert kms.describe_custom_key_stores()["CustomKeyStores"][0]["ConnectionState"] == "CONNECTED"
        key_id = kms.create_key(Description="ü" * 4000)["KeyMetadata"]["KeyId"]
        assert kms.describe_key(KeyId=key_id)["KeyMetadata"]["Description"] == "ü" * 4000
        bare = boto3.client("kms", **client_settings(f"{url}/worlds/bare", account))
        assert bare.list_keys()["Keys"] == []
        assert boto3.client("sts", **client_settings(url, account)).get_caller_identity()["Account"] == account
        clusters = boto3.client("cloudhsmv2", **client_settings(url, account)).describe_clusters()["Clusters"]
        assert len(clusters) == 1
        called = control(f"{url}/_mockaws/calls", "GET")
        assert [event["eventName"] for event in called["Records"]] == [
            *("DescribeCustomKeyStores", "CreateKey", "DescribeKey", "GetCallerIdentity", "DescribeClusters")
        ]


@pytest.mark.parametrize("name", SERVERS)
def test_a_dropped_connection(name: str) -> None:
    """A fault that drops the connection ends it without an answer; granian answers 500."""
    with serving(name, MOCKAWS_QUIET="1") as url:
        control(f"{url}/_mockaws/faults", "POST", {"operation": "kms:ListKeys", "drop": True})
        kms = boto3.client("kms", **client_settings(url), config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises((ConnectionClosedError, ClientError)) as refused:
            kms.list_keys()
        if name == "granian":
            assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        else:
            assert isinstance(refused.value, ConnectionClosedError)


def test_several_processes() -> None:
    """Each worker of gunicorn would have worlds of its own, so all requests are refused at once."""
    with serving("gunicorn", "--workers", "2", MOCKAWS_QUIET="1") as url:
        kms = boto3.client("kms", **client_settings(url))
        with pytest.raises(ClientError, match=r"runs several processes.* run one process with threads") as refused:
            kms.list_keys()
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        with pytest.raises(HTTPError) as error:
            control(f"{url}/_mockaws/health", "GET")
        assert re.search("run one process", error.value.read().decode())


def test_a_mistake_stops_the_start() -> None:
    """A wrong setting is reported when the server starts, with the name of its variable."""
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "mockaws", "routes"],
        cwd=ROOT,
        env=clean_environment() | {"MOCKAWS_ACCOUNT": "12"},
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert done.returncode != 0
    assert "MOCKAWS_ACCOUNT=12: an AWS account is 12 digits, such as 111122223333" in done.stderr
