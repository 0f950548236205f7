"""Fixtures that run real Terraform with the real aws provider, each test against a mockaws of its own."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import boto3
import pytest

from mockaws import environment
from tests.terraform.tool import ROOT, terraform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BIN = Path(sys.executable).parent
ACCESS_KEY = "mockaws"  # no account id: it stands for the account of the fixture
REGION = "us-west-2"
CHANGES = 2  # the exit status of `terraform plan -detailed-exitcode` for a plan that is not empty
PATIENCE = 60  # seconds until what must come at once is taken not to come at all
UNKNOWN_OPERATION = 400  # the status of an operation that no service has
VERSIONS = (ROOT / "terraform" / "custom-key-store" / "versions.tf").read_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that need real Terraform."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent) and "tool" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.terraform)


@dataclass
class Ran:
    """The output of a command."""

    status: int
    text: str

    def __contains__(self, sentence: str) -> bool:
        """Return True if the output contains *sentence*, which Terraform may have broken over lines."""
        return " ".join(sentence.split()) in " ".join(self.text.split())

    def __str__(self) -> str:
        return self.text


@dataclass
class World:
    """A running mockaws with one fixture."""

    url: str
    arriving: queue.Queue[str]  # what of the server's log was not read yet
    log: list[str] = field(default_factory=list)

    def client(self, service: str, region: str = REGION) -> Any:
        """Return a boto3 client, to change and read the world without Terraform."""
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key="mockaws",
        )

    def requests(self) -> list[dict[str, Any]]:
        """Return the log's entry of each request that was answered so far."""
        self._read_log()
        lines = [json.loads(line) for line in self.log if line.startswith("{")]
        return [line for line in lines if "operation" in line]

    def calls(self) -> list[str]:
        """Return the operations that were requested so far."""
        return [request["operation"].rpartition(":")[2] for request in self.requests()]

    def refusals(self) -> list[tuple[str, str]]:
        """Return operation and error of each request that was refused so far, once for each attempt."""
        return [
            (request["operation"].rpartition(":")[2], request["error"])
            for request in self.requests()
            if request["error"]
        ]

    def _read_log(self) -> None:
        """Read the log up to a request of our own, which is left out.

        The server writes a request's line before it answers. So all requests that were answered before have their
        lines.
        """
        marker = f"Marker{uuid.uuid4().hex}"
        headers = {"X-Amz-Target": f"TrentService.{marker}", "Content-Type": "application/x-amz-json-1.1"}
        with contextlib.closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)) as connection:
            connection.request("POST", "/", "{}", headers)
            assert connection.getresponse().status == UNKNOWN_OPERATION
        try:
            while marker not in (line := self.arriving.get(timeout=PATIENCE)):
                self.log.append(line)
        except queue.Empty:
            pytest.fail(f"{self.url} did not log {marker} though it answered it; its log:\n{''.join(self.log)}")

    def environment(self) -> dict[str, str]:
        """Return the environment of a command under `mockaws exec`."""
        return environment.for_command(_surroundings(), self.url, ACCESS_KEY, REGION)


def _surroundings() -> dict[str, str]:
    """Return this process's environment without settings of mockaws, and with the tools of this venv."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCKAWS_")}
    return kept | {
        "PATH": os.pathsep.join([str(BIN), os.environ["PATH"]]),
        # The provider's start is mostly garbage collection and costs more than everything that it does here.
        "GOGC": "400",
    }


def _pass_on(lines: Iterable[str], to: queue.Queue[str]) -> None:
    """Pass on each line as it comes, and an empty one at the end."""
    for line in lines:
        to.put(line)
    to.put("")


@contextlib.contextmanager
def _serving(fixture: str, *options: str) -> Iterator[World]:
    command = [str(BIN / "mockaws"), "serve", "--port", "0", "--fixture", fixture, "--log-format", "json", *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=_surroundings()
    ) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        log: queue.Queue[str] = queue.Queue()
        first: queue.Queue[str] = queue.Queue()
        readers = [
            threading.Thread(target=_pass_on, args=(server.stderr, log)),
            threading.Thread(target=_pass_on, args=(server.stdout, first)),
        ]
        for reader in readers:
            reader.start()
        try:
            url = re.search(r"http://[0-9.:]+", first.get(timeout=PATIENCE))
            if url is None:
                server.terminate()  # so that its log has an end
                pytest.fail("".join(iter(log.get, "")))
            yield World(url.group(), log)
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE)
            for reader in readers:
                reader.join()


@pytest.fixture
def world() -> Iterator[Callable[..., World]]:
    """Start mockaws with a fixture by name and more options of `mockaws serve`; it stops at the end of the test."""
    with contextlib.ExitStack() as running:
        yield lambda fixture, *options: running.enter_context(_serving(fixture, *options))


@pytest.fixture(scope="session")
def tool() -> terraform.Terraform:
    """Find Terraform. Skip the tests without one, except in CI, where a skip would go unnoticed."""
    try:
        return terraform.find()
    except terraform.ToolError as error:
        if os.environ.get("CI"):
            pytest.fail(str(error))
        pytest.skip(str(error))


class Shows(Protocol):
    """The fixture `shows`."""

    def __call__(self, step: str, *names: str, what: str = "") -> None:
        """Record that the test has shown *step* of the resources or data sources *names*."""
        ...


@pytest.fixture
def shows(record_property: Callable[[str, object], None]) -> Shows:
    """Return a function to call after a step's assertions, which records the step for docs/provider-coverage.md."""

    def note(step: str, *names: str, what: str = "") -> None:
        for name in names:
            record_property("shows", [name, step, what])

    return note


@dataclass
class Terraform:
    """One directory with a configuration, applied to one world."""

    directory: Path
    environment: dict[str, str]
    executable: Path
    prefix: tuple[str | Path, ...] = ()

    def __call__(self, *arguments: str, expect: int = 0, timeout: float = 600) -> Ran:
        """Run Terraform and require its exit status."""
        ran = subprocess.run(
            [*self.prefix, self.executable, *arguments],
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout,
            check=False,
        )
        said = Ran(ran.returncode, re.sub(r"\x1b\[[0-9;]*m|[│╷╵]", "", ran.stdout))
        assert said.status == expect, f"terraform {' '.join(arguments)} exited with {said.status}\n{said.text}"
        return said

    def init(self, *arguments: str) -> Ran:
        """Install the provider and the modules."""
        return self("init", "-no-color", "-input=false", *arguments)

    def apply(self, *arguments: str, expect: int = 0, timeout: float = 600) -> Ran:
        """Apply the configuration."""
        return self("apply", "-auto-approve", "-no-color", *arguments, expect=expect, timeout=timeout)

    def plan(self, *arguments: str, expect: int = 0) -> Ran:
        """Plan, and require an empty plan, or the given exit status."""
        return self("plan", "-detailed-exitcode", "-no-color", *arguments, expect=expect)

    def destroy(self, *arguments: str) -> Ran:
        """Destroy all resources."""
        return self("destroy", "-auto-approve", "-no-color", *arguments)

    def test(self, *arguments: str, expect: int = 0) -> Ran:
        """Run `terraform test`."""
        return self("test", "-no-color", *arguments, expect=expect)

    def outputs(self) -> dict[str, Any]:
        """Return the values of all outputs."""
        return {name: output["value"] for name, output in json.loads(self("output", "-json").text).items()}

    def resources(self) -> dict[str, dict[str, Any]]:
        """Return the resources by address, from the state file: `terraform show` would start the provider."""
        state = json.loads((self.directory / "terraform.tfstate").read_text())
        return {
            f"{_address(resource)}{_index(instance)}": instance["attributes"]
            for resource in state["resources"]
            for instance in resource["instances"]
        }

    def write(self, text: str) -> None:
        """Make *text* the configuration."""
        (self.directory / "main.tf").write_text(text)

    def beside(self, name: str, text: str) -> Terraform:
        """Return another directory with the provider, *text* and no state, for the same world."""
        directory = self.directory.with_name(name)
        unwanted = shutil.ignore_patterns("*.tf", "terraform.tfstate*")
        shutil.copytree(self.directory, directory, symlinks=True, ignore=unwanted)
        shutil.copy(self.directory / "versions.tf", directory)
        made = replace(self, directory=directory)
        made.write(text)
        return made


def _address(resource: dict[str, Any]) -> str:
    module = f"{resource['module']}." if "module" in resource else ""
    data = "data." if resource["mode"] == "data" else ""
    return f"{module}{data}{resource['type']}.{resource['name']}"


def _index(instance: dict[str, Any]) -> str:
    return f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""


@pytest.fixture(scope="session")
def initialised(tool: terraform.Terraform, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run `init` once for all tests and workers: a directory with the provider and its lock file."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "initialised"
    with (shared.parent / "initialised.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / ".terraform.lock.hcl").exists():
            shared.mkdir(exist_ok=True)
            (shared / "versions.tf").write_text(VERSIONS)
            Terraform(shared, tool.undisturbed(_surroundings()), tool.executable).init()
    return shared


@pytest.fixture
def workspace(tmp_path: Path, tool: terraform.Terraform, initialised: Path) -> Callable[[World, str], Terraform]:
    """Make a directory with the configuration *text*, ready to be applied to a world."""

    def make(world: World, text: str) -> Terraform:
        directory = tmp_path / "workspace"
        shutil.copytree(initialised, directory, symlinks=True)
        (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
        made = Terraform(directory, tool.undisturbed(world.environment()), tool.executable)
        made.write(text)
        return made

    return make


@pytest.fixture
def checkout(tmp_path: Path, tool: terraform.Terraform) -> Callable[[World, str], Terraform]:
    """Copy terraform/ and fixtures/ and return one of the configurations, after its `init`."""

    def make(world: World, name: str, *init: str) -> Terraform:
        for directory in ("terraform", "fixtures"):
            unwanted = shutil.ignore_patterns(".terraform*", "terraform.tfstate*")
            shutil.copytree(ROOT / directory, tmp_path / directory, ignore=unwanted)
        made = Terraform(tmp_path / "terraform" / name, tool.undisturbed(world.environment()), tool.executable)
        with _init_turn(tool):
            made.init(*init)
        return made

    return make


@contextlib.contextmanager
def _init_turn(tool: terraform.Terraform) -> Iterator[None]:
    """Hold a lock, so that one `init` at a time writes to the shared cache."""
    if tool.provider.shared_cache is None:
        yield
        return
    with (tool.provider.shared_cache / "init.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
