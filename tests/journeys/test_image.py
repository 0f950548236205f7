"""The container image: the instructions of the Dockerfile, and a container of it."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.journeys.command import ROOT
from tests.journeys.dockerfile import DOCKERFILE, Image, instructions, stages

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATIENCE = 60
SBOM = "/opt/mockaws/sbom.cdx.json"
_NO_NAMESPACES = (
    sys.platform != "linux"
    or os.geteuid() != 0
    or shutil.which("unshare") is None
    or subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0
)
in_namespaces = pytest.mark.skipif(_NO_NAMESPACES, reason="stands in for an engine as root on Linux only")

IMAGE = {found.name: found for found in stages(instructions(DOCKERFILE.read_text()))["image"]}


def test_signals_arrive() -> None:
    """The exec form has no shell between the engine and mockaws."""
    assert IMAGE["ENTRYPOINT"].text == '["mockaws"]'
    assert IMAGE["CMD"].words == ["serve"]


def test_the_user_is_a_number() -> None:
    """An orchestrator that refuses root recognises it by the number only."""
    user, _, group = IMAGE["USER"].text.partition(":")
    assert user.isdigit()
    assert user == group != "0"


def test_the_context_has_what_is_copied_and_nothing_else() -> None:
    """.dockerignore leaves out all but what the Dockerfile copies."""
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    build = stages(instructions(DOCKERFILE.read_text()))["build"]
    copied = {word.rstrip("/") for found in build if found.name == "COPY" for word in found.words[:-1]}
    assert kept == copied
    assert all((ROOT / name).exists() for name in kept)


def test_the_compose_file_is_one() -> None:
    """The one in docs/container.md publishes the port to this machine alone, and its client waits for a good health."""
    text = (ROOT / "docs/container.md").read_text().partition("```yaml\n")[2].partition("```")[0]
    services = yaml.safe_load(text)["services"]
    assert services["mockaws"]["ports"] == ["127.0.0.1:4566:4566"]
    assert services["app"]["depends_on"] == {"mockaws": {"condition": "service_healthy"}}


def test_nothing_is_installed_without_its_hash() -> None:
    """Each package that an index gives is held against a lock file; the project itself is built without an index."""
    text = " ".join(each.text for each in stages(instructions(DOCKERFILE.read_text()))["build"] if each.name == "RUN")
    installs = [part for part in text.split("&&") if " install " in part or " wheel " in part]
    assert installs
    for part in installs:
        locked = "--require-hashes" in part and "--requirement" in part
        assert locked or "--no-deps --no-index" in part or "--no-deps --no-build-isolation" in part, part


def test_the_documented_list_of_parts_is_written() -> None:
    """docs/container.md says where the CycloneDX document lies."""
    assert SBOM in DOCKERFILE.read_text()
    assert SBOM in (ROOT / "docs/container.md").read_text()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Carry out the Dockerfile."""
    made = Image(tmp_path_factory.mktemp("image"), {})
    made.build()
    return made


@contextmanager
def running(image: Image, **environment: str) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """Run the image's default command on a free port, and yield that port and the process."""
    words = [*IMAGE["ENTRYPOINT"].words, *IMAGE["CMD"].words]
    command = image.command(*words, MOCKAWS_PORT="0", MOCKAWS_QUIET="1", **environment)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield int(server.stdout.readline().strip().rpartition(":")[2]), server
        finally:
            server.kill()


def status_of(port: int, **headers: str) -> int:
    """Return what a control route answers to a request with these headers."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)) as connection:
        connection.request("GET", "/_mockaws/clock", headers=headers)
        return connection.getresponse().status


@pytest.mark.slow
@in_namespaces
class TestImage:
    def test_it_serves_and_stops(self, image: Image) -> None:
        """It answers as a user who is not root, its health check finds it well, and SIGTERM ends it with 0."""
        with running(image) as (port, server):
            health = IMAGE["HEALTHCHECK"].text.partition("CMD ")[2]
            asked = subprocess.run(
                image.command(*json.loads(health), MOCKAWS_PORT=str(port)), capture_output=True, text=True, check=False
            )
            assert asked.returncode == 0, asked.stderr
            assert json.loads(asked.stdout)["status"] == "running"
            assert f"Uid:\t{image.user.partition(':')[0]}" in Path(f"/proc/{server.pid}/status").read_text()
            server.send_signal(signal.SIGTERM)
            assert server.wait(_PATIENCE) == 0

    def test_a_health_check_fails_where_nothing_answers(self, image: Image) -> None:
        """The engine takes another status than 0 for unhealthy."""
        command = image.command("mockaws", "health", MOCKAWS_PORT="1")
        assert subprocess.run(command, capture_output=True, check=False).returncode != 0

    def test_control_routes_through_a_published_port(self, image: Image) -> None:
        """They answer whatever the server is called, but to no page of another site; a setting closes them."""
        with running(image) as (port, _):
            assert status_of(port, Host="mockaws:4566") == 200
            assert status_of(port, Host="localhost:4566") == 200
            assert status_of(port, Origin="https://example.com") == 403
        with running(image, MOCKAWS_ALLOW_REMOTE_CONTROL="0") as (port, _):
            assert status_of(port, Host="mockaws:4566") == 403

    def test_nothing_is_left_to_build_or_write_with(self, image: Image) -> None:
        """There is no pip for its Python, and its user can write to none of its own files."""
        python = [
            "python",
            "-c",
            "import importlib.util as u; print([n for n in ('pip', 'setuptools') if u.find_spec(n)])",
        ]
        assert subprocess.run(image.command(*python), capture_output=True, text=True, check=True).stdout == "[]\n"
        touch = image.command("touch", "/opt/mockaws/x")
        assert subprocess.run(touch, capture_output=True, check=False).returncode != 0

    def test_everything_is_compiled(self, image: Image) -> None:
        """All modules that a start reads were compiled with the image."""
        script = """
import os, sys
import mockaws.cli.control, mockaws.testing.mock, mockaws.web, http.client
files = [getattr(module, "__cached__", None) for module in sys.modules.values()]
print([file for file in files if file and not os.path.exists(file)])
"""
        command = image.command("python", "-c", script)
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"

    def test_its_list_of_parts_is_true(self, image: Image) -> None:
        """The CycloneDX document names each installed package with its version, as it is locked, and nothing else."""
        script = """
import importlib.metadata as m, json
print(json.dumps({d.metadata["Name"].lower().replace("_", "-"): d.version for d in m.distributions()}))
"""
        command = image.command("python", "-c", script)
        there = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        read = subprocess.run(image.command("cat", SBOM), capture_output=True, text=True, check=True).stdout
        document = json.loads(read)
        listed = {each["name"].lower().replace("_", "-"): each["version"] for each in document["components"]}
        root = document["metadata"]["component"]
        assert (document["bomFormat"], root["name"], root["version"]) == ("CycloneDX", "mockaws", there.pop("mockaws"))
        listed.pop("mockaws", None)
        assert listed == there
        locked = (ROOT / "requirements/image.txt").read_text()
        assert not [name for name, version in there.items() if f"{name}=={version} " not in locked.lower()]

    def test_shipped_files_are_in_it(self, image: Image) -> None:
        """The fixtures, the roots and the schemas are there, and `validate` reads them."""
        command = image.command("mockaws", "validate", "ready-cluster", "developer-guide")
        assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.count("good") == 2
