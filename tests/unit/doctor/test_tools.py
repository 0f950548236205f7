"""The choice between Terraform and OpenTofu for a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mockaws.doctor import tools
from mockaws.doctor.findings import Finding, Grade

if TYPE_CHECKING:
    from mockaws.doctor.surroundings import Surroundings
    from tests.unit.doctor.conftest import Examined


def install(surroundings: Surroundings, name: str, says: str) -> None:
    """Put an executable on PATH."""
    file = Path(surroundings.environ["PATH"], name)
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!/bin/sh\n{says}\n")
    file.chmod(0o755)


def finding(surroundings: Surroundings) -> Finding:
    """Return what is said of the tool."""
    return tools.check(tools.find(surroundings), surroundings)


@pytest.mark.parametrize(
    ("name", "version", "grade", "words"),
    [
        ("terraform", "1.11.4", Grade.OK, "Terraform 1.11.4, "),
        ("terraform", "1.10.0-beta1", Grade.OK, "Terraform 1.10.0-beta1"),
        ("terraform", "1.9.8", Grade.WARNING, "Terraform 1.9.8"),
        ("terraform", "1.6.6", Grade.WARNING, "older than any"),
        ("tofu", "1.11.0", Grade.OK, "OpenTofu 1.11.0"),
        ("tofu", "1.10.6", Grade.WARNING, "OpenTofu 1.10.6"),
    ],
)
def test_versions(surroundings: Examined, name: str, version: str, grade: Grade, words: str) -> None:
    """Ephemeral resources came with Terraform 1.10 and OpenTofu 1.11."""
    examined = surroundings()
    install(examined, name, f"""/bin/echo '{{"terraform_version": "{version}"}}'""")
    found = finding(examined)
    assert found.grade is grade
    assert words in found.found
    if grade is Grade.WARNING and "older" not in words:
        assert "aws_kms_secrets" in found.remedy[0]


def test_none(surroundings: Examined) -> None:
    """Without either there is nothing to run."""
    found = finding(surroundings())
    assert (found.grade, found.found) == (Grade.PROBLEM, "neither terraform nor tofu is on PATH")


def test_one_that_does_not_work(surroundings: Examined) -> None:
    """A program that does not print its version is not Terraform, and OpenTofu takes its place."""
    examined = surroundings()
    install(examined, "terraform", "exit 1")
    assert "terraform did not answer" in finding(examined).found
    install(examined, "tofu", """/bin/echo '{"terraform_version": "1.11.1"}'""")
    assert finding(examined).found.startswith("OpenTofu 1.11.1")


def test_nobody_is_asked_for_updates(surroundings: Examined) -> None:
    """Terraform looks for updates unless it is told not to, and takes no arguments of the user's here."""
    examined = surroundings(TF_CLI_ARGS="-no-such-flag")
    install(
        examined, "terraform", """/bin/echo "{\\"terraform_version\\": \\"1.11.$CHECKPOINT_DISABLE$TF_CLI_ARGS\\"}" """
    )
    assert "Terraform 1.11.1," in finding(examined).found
