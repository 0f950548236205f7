"""The recipes of docs/ci.md work with mockaws from its wheel."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.terraform.recipes import PAGE, Job, documents, jobs
from tests.terraform.tool import ROOT, terraform

if TYPE_CHECKING:
    from pathlib import Path

    from tests.wheel import Installed

_PATIENCE = 300
_PLACES = re.compile(r"\$\{\{ github\.workspace }}|\$CI_PROJECT_DIR")
# Both systems run most jobs with the same commands, so each list of commands runs once.
SCRIPTS = {job.script: job for job in jobs() if not (job.needs_engine or job.needs_action)}
OF_TERRAFORM = [job for job in SCRIPTS.values() if "terraform " in job.script]
OTHERS = [job for job in SCRIPTS.values() if "terraform " not in job.script]


def run(job: Job, directory: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a job in a directory, on a port of its own; its processes in the background end with it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    own = {name: _PLACES.sub(str(directory), value).replace("4566", str(port)) for name, value in job.variables.items()}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", f"trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n{job.script}"],
        cwd=directory,
        env=environment | own | {"MOCKAWS_PORT": str(port)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a repository with a configuration in it."""
    ignored = shutil.ignore_patterns(".terraform*", "terraform.tfstate*", "tests")
    made = shutil.copytree(ROOT / "terraform/custom-key-store", tmp_path / "terraform/project", ignore=ignored)
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    return made


@pytest.mark.parametrize("job", OF_TERRAFORM, ids=lambda job: job.name)
def test_jobs_with_terraform(job: Job, project: Path, tool: terraform.Terraform, installed: Installed) -> None:
    """Their commands succeed, and leave the artefacts that they keep."""
    done = run(job, project, tool.undisturbed(installed.variables() | {"GOGC": "400"}))
    assert done.returncode == 0, done.stdout + done.stderr
    if "--calls" in job.script:
        names = [json.loads(line)["eventName"] for line in (project / "calls.jsonl").read_text().splitlines()]
        assert {"CreateCustomKeyStore", "DeleteCustomKeyStore"} <= set(names)
    if "--junit" in job.script:
        suite = ET.parse(project / "matrix.xml").getroot()  # noqa: S314 - our own
        assert {case.get("name") for case in suite.iter("testcase")} == {"ready-cluster", "one-hsm"}
        assert (project / "logs/one-hsm.log").exists()


@pytest.mark.parametrize("job", OTHERS, ids=lambda job: job.name)
def test_other_jobs(job: Job, tmp_path: Path, installed: Installed) -> None:
    """A server in the background answers as soon as its health is good, and keeps what was called."""
    done = run(job, tmp_path, installed.variables())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "DescribeCustomKeyStores" in (tmp_path / "calls.jsonl").read_text()


def test_jobs_that_need_an_engine_run_nothing_new() -> None:
    """The commands of jobs with a service are among those of the others, and the service's settings are there."""
    known = "\n".join(SCRIPTS)
    for job in jobs():
        if job.needs_action:
            assert job.script in known
        elif job.needs_engine:
            assert job.script in known
            assert {"AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} <= set(
                job.variables
            )


def test_the_release_of_terraform() -> None:
    """The recipes take the release that the tests take, and know its sum."""
    text = PAGE.read_text()
    assert f"/terraform/{terraform.PINNED}/terraform_{terraform.PINNED}_linux_amd64.zip" in text
    assert f"{terraform.SHA256['linux_amd64']}  terraform.zip" in text
    assert set(re.findall(r'terraform_version: "(.+?)"', text)) == {terraform.PINNED}


def test_artefacts_are_written() -> None:
    """Each artefact is a file or a directory that a command of its job names."""
    for document in documents():
        for job in document.get("jobs", document).values():
            text = str(job)
            for name in ("calls.jsonl", "matrix.xml", "mockaws.log"):
                assert text.count(name) != 1, text
