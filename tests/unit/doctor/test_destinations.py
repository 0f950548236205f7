"""The check whether a run could reach real AWS."""

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
    """Calls that no endpoint catches go to AWS; with credentials that look real that is a problem."""
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
    withheld = ("AWS_ENDPOINT_URL_KMS", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "TF_AWS_STS_ENDPOINT")
    said = list(
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
    assert [finding.found for finding in said] == [
        "calls go to https://kms.example.com/, but some to AWS, as the lines below say",
        "AWS_ENDPOINT_URL_KMS sends calls to https://kms.example.com/, past AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3 sends calls to https://s3.us-west-2.amazonaws.com",
        "TF_AWS_STS_ENDPOINT sends calls to https://sts.amazonaws.com",
        f"`mockaws exec` does not pass on {', '.join(withheld)}",
    ]
    assert said[0].grade is Grade.WARNING


def found(surroundings: Surroundings) -> list[tuple[Grade, str]]:
    """Return all that is said."""
    return [(finding.grade, finding.found) for finding in destinations.check(surroundings, 4566)]


@pytest.mark.parametrize("variable", ["AWS_STS_ENDPOINT", "TF_AWS_STS_ENDPOINT"])
def test_an_endpoint_of_the_providers_own(surroundings: Examined, variable: str) -> None:
    """The provider's own variable for STS beats AWS_ENDPOINT_URL, and AWS_ENDPOINT_URL_STS beats that."""
    given = {"AWS_ENDPOINT_URL": URL, "AWS_ACCESS_KEY_ID": REAL, variable: "https://sts.us-west-2.amazonaws.com"}
    (first, _) = found(surroundings(**given))[:2]
    assert first == (Grade.PROBLEM, "STS would go to AWS, signed with AWS_ACCESS_KEY_ID, which looks real")
    assert not [one for one in found(surroundings(**given, AWS_ENDPOINT_URL_STS=URL)) if one[0] is Grade.PROBLEM]


@pytest.mark.parametrize("service", ["DYNAMODB", "IAM", "S3"])
def test_endpoints_of_the_providers_own(surroundings: Examined, service: str) -> None:
    """So do those for other services; nothing is out of reach then."""
    variable = f"AWS_{service}_ENDPOINT"
    said = found(surroundings(**{"AWS_ENDPOINT_URL": URL, variable: "https://x.amazonaws.com"}))
    assert said[0][0] is Grade.WARNING
    assert (Grade.WARNING, f"{variable} sends calls to https://x.amazonaws.com") in said
    assert (Grade.OK, f"`mockaws exec` does not pass on {variable}") in said


@pytest.mark.parametrize(
    ("config", "services"),
    [
        ("[default]\nrole_arn = x\nsource_profile = y\n", ["STS"]),
        ("[default]\nweb_identity_token_file = x\n", ["STS"]),
        ("[default]\nsso_session = corp\n", ["SSO", "SSO_OIDC"]),
        ("[default]\nlogin_session = x\n", ["SIGNIN"]),
        ("[default]\nrole_arn = x\nsource_profile = y\n[profile y]\nsso_start_url = x\n", ["STS", "SSO", "SSO_OIDC"]),
        ("[default]\nrole_arn = x\nsource_profile = default\n", ["STS"]),
        ("[default]\naws_access_key_id = x\n", []),
    ],
)
def test_credentials_that_terraform_asks_for(surroundings: Examined, config: str, services: list[str]) -> None:
    """Terraform asks AWS for a profile's credentials though AWS_ENDPOINT_URL is set, unless variables have some."""
    examined = surroundings(AWS_ENDPOINT_URL=URL)
    (examined.home / ".aws").mkdir()
    (examined.home / ".aws" / "config").write_text(config)
    findings = [finding for finding in destinations.check(examined, 4566) if finding.grade is Grade.PROBLEM]
    assert [finding.remedy[0] for finding in findings] == [f"export AWS_ENDPOINT_URL_{one}={URL}" for one in services]
    assert (verdict(examined).grade is Grade.OK) == (not services)
    spared = surroundings(**examined.environ, AWS_ACCESS_KEY_ID="test")
    assert verdict(spared).found == f"out of reach: calls go to {URL}"
    shut = surroundings(**examined.environ, **{f"AWS_ENDPOINT_URL_{service}": URL for service in services})
    assert verdict(shut).found == f"out of reach: calls go to {URL}"


def test_a_web_identity_that_terraform_asks_for(surroundings: Examined) -> None:
    """So it does for the web identity that variables name."""
    examined = surroundings(AWS_ENDPOINT_URL=URL, AWS_WEB_IDENTITY_TOKEN_FILE="/token", AWS_ROLE_ARN="x")
    assert verdict(examined).grade is Grade.WARNING
    assert "Terraform asks STS in AWS for the credentials of AWS_WEB_IDENTITY_TOKEN_FILE" in str(found(examined))


@pytest.mark.parametrize(("variable", "is_ok"), [("", False), ("true", False), ("false", True)])
def test_a_profile_that_ignores_endpoints(surroundings: Examined, variable: str, is_ok: bool) -> None:
    """A profile switches AWS_ENDPOINT_URL off as a variable does, which beats it."""
    examined = surroundings(AWS_ENDPOINT_URL=URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=variable)
    (examined.home / ".aws").mkdir()
    (examined.home / ".aws" / "config").write_text("[default]\nignore_configured_endpoint_urls = true\n")
    assert (verdict(examined).grade is Grade.OK) == is_ok
    assert ("every call would go to AWS, as " in verdict(examined).found) != is_ok


def test_files_that_no_variable_hides(surroundings: Examined) -> None:
    """Aliases of the AWS CLI, and models of services, are where they are."""
    examined = surroundings(AWS_ENDPOINT_URL=URL)
    (examined.home / ".aws" / "cli").mkdir(parents=True)
    (examined.home / ".aws" / "cli" / "alias").write_text("[toplevel]\n")
    assert [f"{examined.home}/.aws/cli/alias" in words for _, words in found(examined)] == [False, True]


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
    """The advice changes only values that differ; without a proxy NO_PROXY is not needed."""
    lines = destinations.shut_off(surroundings(AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID="test"), 5000)
    assert "  export AWS_DEFAULT_REGION=eu-west-1" in lines
    assert "  export AWS_ENDPOINT_URL=http://127.0.0.1:5000" in lines
    assert not [line for line in lines if "AWS_REGION" in line or "ACCESS_KEY_ID" in line or "PROXY" in line]
