"""Clients that people use beside boto3: the AWS CLI, LocalStack's, and the AWS SDK for JavaScript."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import localstack_client.session
import pytest

from mockaws import Mock, environment
from tests.journeys.command import PATH, ROOT, Serving, run

if TYPE_CHECKING:
    from collections.abc import Iterator

JAVASCRIPT = Path(__file__).with_name("javascript")
_MINUTES = 300


@pytest.fixture
def mock() -> Iterator[Mock]:
    """Return a mock that serves a cluster that is ready for a key store."""
    with Mock(fixture="ready-cluster") as serving:
        yield serving


def unavailable(what: str) -> None:
    """Skip a test for which something is missing, but not in CI, where that would go unnoticed."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


def test_localstack_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """localstack-client finds the endpoint by its port, signs as account 000000000000, and reads what it expects."""
    with Serving("--quiet") as server:
        host, port = server.url.removeprefix("http://").split(":")
        monkeypatch.setenv("EDGE_PORT", port)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        session = localstack_client.session.Session(localstack_host=host, region_name="us-west-2")
        assert session.client("sts").get_caller_identity()["Account"] == "000000000000"
        # It knows no CloudHSM v2, and says so itself.
        key = session.client("kms").create_key(Description="from localstack-client")["KeyMetadata"]
        assert key["AWSAccountId"] == "000000000000"


@pytest.mark.parametrize("command", ["awslocal", "aws"])
def test_command_line(command: str, mock: Mock) -> None:
    """The AWS CLI with --endpoint-url, and awslocal by AWS_ENDPOINT_URL, speak to each of the services."""
    if shutil.which(command, path=PATH) is None:
        unavailable(f"{command} is not installed; make .venv again")
    settings = {"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-west-2"}
    if command == "aws":
        where: tuple[str, ...] = ("--endpoint-url", mock.url)
        settings |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    else:
        where = ()
        settings |= {"AWS_ENDPOINT_URL": mock.url, "DISABLE_DEPRECATION_NOTICE": "1"}

    def ask(*arguments: str) -> Any:
        done = run(command, *where, *arguments, "--output", "json", **settings)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    assert ask("sts", "get-caller-identity")["Account"] == "000000000000"
    assert [cluster["State"] for cluster in ask("cloudhsmv2", "describe-clusters")["Clusters"]] == ["ACTIVE"]
    key_id = ask("kms", "create-key", "--description", "from the command line")["KeyMetadata"]["KeyId"]
    assert mock.keys[key_id].description == "from the command line"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["", "/worlds/javascript"], ids=["default", "named"])
def test_javascript(path: str, modules: Path, mock: Mock) -> None:
    """The AWS SDK for JavaScript v3 reads every kind of answer: dates, bytes, errors with a name, and its paginators.

    It finds the endpoint, a world's path and all, in AWS_ENDPOINT_URL.
    """
    variables = environment.for_command(os.environ, mock.url + path, mock.account, mock.region)
    done = subprocess.run(
        ["node", str(modules / "client.mjs"), str(ROOT / "fixtures" / "customerCA.crt")],
        env=variables,
        capture_output=True,
        text=True,
        timeout=_MINUTES,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    world = mock.world("javascript") if path else mock
    told = json.loads(done.stdout)
    store = world.key_stores["from JavaScript"]
    assert store.connection_state == "CONNECTED"
    assert store.cluster.tags["from"] == "JavaScript"
    assert world.keys[told["key"]].key_store is not None
    assert world.keys[told["key"]].last_used is not None
    assert told["decrypted"] == "secret"
    assert told["missing"] == "NotFoundException"
    assert told["created"] == world.keys[told["key"]].created.timestamp()
    assert told["account"] == "000000000000"
    assert told["keys"] == 3


@pytest.fixture(scope="session")
def modules() -> Path:
    """Return a folder with the script and the packages that it needs, in the versions of package-lock.json."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no node with npm here")
    folder = ROOT / ".tools" / "javascript"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = (JAVASCRIPT / "package-lock.json").read_text()
        installed = folder / "installed.json"
        for file in JAVASCRIPT.iterdir():
            shutil.copy(file, folder)
        if not installed.exists() or installed.read_text() != wanted:
            done = subprocess.run(
                ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=_MINUTES,
                check=False,
            )
            if done.returncode:
                unavailable(f"npm cannot get the AWS SDK for JavaScript: {done.stderr}")
            installed.write_text(wanted)
    return folder
