"""Other variables that clients and mockaws read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.doctor import packages, variables
from mockaws.doctor.findings import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockaws.doctor.findings import Finding
    from tests.unit.doctor.conftest import Examined

URL = "http://127.0.0.1:4566"


def said(findings: Iterable[Finding], grade: Grade) -> list[str]:
    """Return the words of the findings of a grade."""
    return [finding.found for finding in findings if finding.grade is grade]


@pytest.mark.parametrize(
    ("environ", "grade", "words"),
    [
        ({"AWS_REGION": "us-west-2"}, Grade.OK, "the Region is us-west-2"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, Grade.OK, "the Region is eu-west-1"),
        ({}, Grade.WARNING, "no Region is set"),
        ({"AWS_REGION": "us-west-9"}, Grade.WARNING, "us-west-9 is no Region"),
        ({"AWS_REGION": "us-west-2", "AWS_DEFAULT_REGION": "us-east-1"}, Grade.WARNING, "may differ"),
        ({"AWS_PROFILE": "prod"}, Grade.PROBLEM, "AWS_PROFILE names a profile, prod, that is in no file"),
        ({"AWS_SESSION_TOKEN": "hush"}, Grade.WARNING, "AWS_SESSION_TOKEN"),
        ({"AWS_USE_FIPS_ENDPOINT": "true"}, Grade.WARNING, "AWS_USE_FIPS_ENDPOINT"),
        ({"HTTP_PROXY": "http://user:hush@proxy"}, Grade.WARNING, "HTTP_PROXY"),
        ({"AWS_CA_BUNDLE": "/nowhere.pem"}, Grade.PROBLEM, "/nowhere.pem, which is not there"),
        ({"AWS_ENDPOINT_URL": "https://localhost:4566"}, Grade.PROBLEM, "mockaws speaks HTTP"),
    ],
)
def test_aws(surroundings: Examined, environ: dict[str, str], grade: Grade, words: str) -> None:
    """Each is said with what would be right, and never with a secret."""
    found = list(variables.check_aws(surroundings(**environ)))
    assert any(words in text for text in said(found, grade)), found
    assert "hush" not in str(found)


def test_a_good_environment(surroundings: Examined) -> None:
    """A proxy that leaves this machine out, and certificates that are there, are fine."""
    examined = surroundings(
        AWS_REGION="us-west-2",
        AWS_ENDPOINT_URL=URL,
        HTTPS_PROXY="http://p",
        NO_PROXY="x, 127.0.0.1",
        AWS_CA_BUNDLE="ca",
    )
    (examined.directory / "ca").touch()
    assert [finding.grade for finding in variables.check_aws(examined)] == [Grade.OK]


def test_a_profile(surroundings: Examined) -> None:
    """A profile that is there gives its Region, and is worth a word."""
    examined = surroundings(AWS_PROFILE="dev", AWS_CONFIG_FILE="config")
    (examined.directory / "config").write_text("[profile dev]\nregion = eu-west-1\n")
    found = list(variables.check_aws(examined))
    assert said(found, Grade.OK) == ["the Region is eu-west-1"]
    assert len(said(found, Grade.WARNING)) == 1


@pytest.mark.parametrize(
    ("environ", "grade", "words"),
    [
        ({}, Grade.OK, "none is set"),
        ({"MOCKAWS_PORT": "5000", "MOCKAWS_FIXTURE": "one-hsm"}, Grade.OK, "MOCKAWS_FIXTURE, MOCKAWS_PORT: known"),
        ({"MOCKAWS_PROT": "1"}, Grade.PROBLEM, "did you mean MOCKAWS_PORT?"),
        ({"MOCKAWS_PORT": "http"}, Grade.PROBLEM, "a port is a number"),
        ({"MOCKAWS_FIXTURE": "one-hms"}, Grade.PROBLEM, "one-hms"),
    ],
)
def test_mockaws(surroundings: Examined, environ: dict[str, str], grade: Grade, words: str) -> None:
    """Settings that mockaws does not know, or cannot follow, are problems."""
    (found,) = variables.check_mockaws(surroundings(**environ))
    assert found.grade is grade
    assert words in found.found


def test_packages() -> None:
    """The models are there, and nothing was imported to see that."""
    found = list(packages.check())
    assert [finding.grade for finding in found] == [Grade.OK, Grade.OK]
    assert "botocore" in found[0].found
