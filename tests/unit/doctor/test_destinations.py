"""Whether a run could reach real AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws import environment
from mockaws.doctor import destinations
from mockaws.doctor.findings import Finding, Grade

if TYPE_CHECKING:
    from mockaws.doctor.surroundings import Surroundings
    from tests.unit.doctor.conftest import Examined

URL = "http://127.0.0.1:4566"
REAL = "AKIAQWERTYUIOPASDFGH"


def verdict(surroundings: Surroundings) -> Finding:
    """Return what is said first: whether AWS can be reached."""
    return next(destinations.check(surroundings, 4566))


def test_an_endpoint_for_all(surroundings: Examined) -> None:
    """AWS_ENDPOINT_URL sends every call there, whatever the credentials."""
    found = verdict(surroundings(AWS_ENDPOINT_URL=URL, AWS_ACCESS_KEY_ID=REAL))
    assert (found.grade, found.found) == (Grade.OK, f"out of reach: calls go to {URL}")


@pytest.mark.parametrize(
    ("environ", "grade", "words"),
    [
        ({"AWS_ACCESS_KEY_ID": REAL}, Grade.PROBLEM, "every call would go to AWS, as AWS_ENDPOINT_URL is not set"),
        ({"AWS_ACCESS_KEY_ID": "ASIAQWERTYUIOPASDFGH"}, Grade.PROBLEM, "AWS_ACCESS_KEY_ID, which looks real"),
        ({"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}, Grade.WARNING, "looks like a dummy"),
        ({"AWS_ACCESS_KEY_ID": "111122223333"}, Grade.WARNING, "looks like a dummy"),
        ({}, Grade.WARNING, "unless this machine has a role on EC2"),
        ({"AWS_EC2_METADATA_DISABLED": "true"}, Grade.WARNING, "there are no credentials"),
        ({"AWS_WEB_IDENTITY_TOKEN_FILE": "/token"}, Grade.PROBLEM, "the web identity"),
        ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://x"}, Grade.PROBLEM, "of this container"),
        (
            {"AWS_ENDPOINT_URL_KMS": URL, "AWS_ACCESS_KEY_ID": "t"},
            Grade.WARNING,
            "CloudHSM v2, STS, all other services",
        ),
        (
            {"AWS_ENDPOINT_URL": URL, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "AWS_ACCESS_KEY_ID": REAL},
            Grade.PROBLEM,
            "every call would go to AWS, as AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set",
        ),
        (
            {"AWS_ENDPOINT_URL": "https://kms.us-east-1.amazonaws.com", "AWS_ACCESS_KEY_ID": REAL},
            Grade.PROBLEM,
            "every call would go to AWS, signed",
        ),
        (
            {
                "AWS_ENDPOINT_URL_KMS": URL,
                "AWS_ENDPOINT_URL_CLOUDHSM_V2": URL,
                "AWS_ENDPOINT_URL_STS": URL,
                "AWS_ACCESS_KEY_ID": REAL,
            },
            Grade.PROBLEM,
            "all other services would go to AWS",
        ),
    ],
)
def test_what_leads_to_aws(surroundings: Examined, environ: dict[str, str], grade: Grade, words: str) -> None:
    """What no endpoint catches goes to AWS; with credentials that look real it is a problem."""
    found = verdict(surroundings(**environ))
    assert found.grade is grade
    assert words in found.found
    assert found.remedy[0].startswith("run it under `mockaws exec")


@pytest.mark.parametrize(
    ("config", "credentials", "grade", "words"),
    [
        ("[default]\nendpoint_url = http://localhost:4566\n", "", Grade.OK, "http://localhost:4566"),
        ("[default]\nregion = eu-west-1\n", "[default]\naws_access_key_id = AKIAX\n", Grade.PROBLEM, "access keys"),
        ("[default]\nsso_session = corp\n", "", Grade.PROBLEM, "a login at IAM Identity Center of the profile default"),
        ("[default]\nrole_arn = x\nsource_profile = y\n", "", Grade.PROBLEM, "a role of the profile default"),
        (
            "[default]\nservices = local\n[services local]\nkms =\n  endpoint_url = http://localhost:1\n",
            "",
            Grade.WARNING,
            "CloudHSM v2, STS, all other services would go to AWS",
        ),
        ("not ini at all", "", Grade.WARNING, "every call"),
    ],
)
def test_files(surroundings: Examined, config: str, credentials: str, grade: Grade, words: str) -> None:
    """The configuration and the credentials files say where calls go and who signs them where no variable does."""
    examined = surroundings()
    (examined.home / ".aws").mkdir()
    (examined.home / ".aws/config").write_text(config)
    (examined.home / ".aws/credentials").write_text(credentials)
    found = verdict(examined)
    assert found.grade is grade
    assert words in found.found


def test_a_named_profile(surroundings: Examined) -> None:
    """AWS_PROFILE chooses the profile, and files may lie elsewhere."""
    examined = surroundings(AWS_PROFILE="local", AWS_CONFIG_FILE="config")
    (examined.directory / "config").write_text(f"[profile local]\nendpoint_url = {URL}\n")
    assert verdict(examined).grade is Grade.OK


def test_one_service_elsewhere(surroundings: Examined) -> None:
    """An endpoint of a single service beats the one for all."""
    found = list(
        destinations.check(
            surroundings(
                AWS_ENDPOINT_URL=URL,
                AWS_ENDPOINT_URL_KMS="https://user:password@kms.example.com/?token=1",
                AWS_ENDPOINT_URL_S3="https://s3.us-west-2.amazonaws.com",
                AWS_ENDPOINT_URL_STS=URL,
                AWS_ENDPOINT_URL_SQS="http://localhost:9324",
                TF_AWS_STS_ENDPOINT="https://sts.amazonaws.com",
            ),
            4566,
        )
    )
    assert [finding.found for finding in found] == [
        "out of reach: calls go to https://kms.example.com/",
        "AWS_ENDPOINT_URL_KMS sends calls to https://kms.example.com/, past AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3 sends calls to https://s3.us-west-2.amazonaws.com",
        "TF_AWS_STS_ENDPOINT sends calls to https://sts.amazonaws.com",
    ]


def test_what_to_say_shuts_off(surroundings: Examined) -> None:
    """After the commands that are shown a shell is as `mockaws exec` leaves it."""
    examined = surroundings(
        AWS_ACCESS_KEY_ID=REAL, AWS_PROFILE="prod", AWS_ENDPOINT_URL_KMS=URL, HTTPS_PROXY="http://p"
    )
    after = dict(examined.environ)
    for line in destinations.shut_off(examined, 4566):
        verb, _, rest = line.strip().partition(" ")
        if verb == "unset":
            for name in rest.split():
                del after[name]
        else:
            name, _, value = rest.partition("=")
            after[name] = value
    assert after == environment.for_command(examined.environ, URL, "test", "us-west-2")


def test_nothing_that_is_right_is_said_again(surroundings: Examined) -> None:
    """Only what differs is to be changed; without a proxy nobody needs NO_PROXY."""
    lines = destinations.shut_off(surroundings(AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID="test"), 5000)
    assert "  export AWS_DEFAULT_REGION=eu-west-1" in lines
    assert "  export AWS_ENDPOINT_URL=http://127.0.0.1:5000" in lines
    assert not [line for line in lines if "AWS_REGION" in line or "ACCESS_KEY_ID" in line or "PROXY" in line]
