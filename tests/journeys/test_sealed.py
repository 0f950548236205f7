"""`mockaws exec` in a network of its own: whatever variables and files say, only this machine is asked for."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

import pytest

from tests import sealed
from tests.journeys.command import BIN, clean_environment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@pytest.fixture(autouse=True)
def _sealed() -> None:
    """Skip where the network cannot be shut off."""
    if reason := sealed.reason_not_to():
        pytest.skip(reason)


ROLE = "arn:aws:iam::111122223333:role/deploy"

# All that one process can ask botocore for. Each call may fail; it must not leave this machine.
CALLS = f"""
import boto3, botocore
from botocore.config import Config
config = Config(connect_timeout=2, read_timeout=2, retries={{"total_max_attempts": 1}})
def call(service, operation, region="us-west-2", **arguments):
    try:
        client = boto3.client(service, config=config, region_name=region)
        getattr(client, operation)(**arguments)
        print(service, "answered")
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        print(service, error)
call("kms", "list_keys")
call("cloudhsmv2", "describe_clusters")
call("sts", "get_caller_identity")
call("sts", "get_caller_identity", "us-east-1")
call("sts", "assume_role", RoleArn="{ROLE}", RoleSessionName="session")
call("s3", "list_buckets", "us-east-1")
call("dynamodb", "list_tables")
call("iam", "list_users")
call("sqs", "list_queues")
call("sso", "list_accounts", accessToken="x")
call("timestream-query", "describe_endpoints")
"""

# Each of them in one way that the AWS CLI has to go elsewhere: addresses of its own, and aliases.
CLI = (
    ("aws", "kms", "list-keys", "--cli-input-json", "file://~/input.json"),
    ("aws", "sqs", "list-queues"),
    ("aws", "rds", "describe-db-instances", "--region", "us-east-1"),
    ("aws", "who"),
    ("aws", "shell"),
    ("awslocal", "shell"),
)

EVIL_ALIASES = """[toplevel]
who = sts get-caller-identity --endpoint-url https://alias.example
shell = !f() { getent hosts shell-alias.example; }; f
"""

CONFIG = f"""[default]
endpoint_url = https://default.example
services = elsewhere
ignore_configured_endpoint_urls = true
[services elsewhere]
sts =
  endpoint_url = https://services-sts.example
[profile base]
aws_access_key_id = AKIAQWERTYUIOPASDFGH
aws_secret_access_key = hush
[profile role]
role_arn = {ROLE}
source_profile = base
"""

ENDPOINTS = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_CLOUDHSM_V2",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_IAM",
    "AWS_ENDPOINT_URL_KMS",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_STS",
    "AWS_EC2_METADATA_SERVICE_ENDPOINT",
    "AWS_METADATA_URL",
    "AWS_STS_ENDPOINT",
)
VARIABLES: dict[str, dict[str, str]] = {
    "endpoints and switches": {name: f"https://{name.lower().replace('_', '-')}.example" for name in ENDPOINTS}
    | {
        "AWS_ACCESS_KEY_ID": "AKIAQWERTYUIOPASDFGH",
        "AWS_ACCOUNT_ID": "111122223333",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
        "AWS_CSM_ENABLED": "true",
        "AWS_CSM_HOST": "monitoring.example",
        "AWS_DATA_PATH": "{home}/models",
        "AWS_DEFAULTS_MODE": "auto",
        "AWS_ENDPOINT_DISCOVERY_ENABLED": "true",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
        "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "legacy",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_SESSION_TOKEN": "hush",
        "AWS_STS_REGIONAL_ENDPOINTS": "legacy",
        "AWS_USE_DUALSTACK_ENDPOINT": "true",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "BOTO_CONFIG": "{home}/.boto",
        "HTTPS_PROXY": "http://proxy.example",
        "HTTP_PROXY": "http://proxy.example",
        "http_proxy": "http://proxy.example",
    },
    "a profile": {"AWS_CONFIG_FILE": "{home}/.aws/config", "AWS_PROFILE": "role", "AWS_SDK_LOAD_CONFIG": "1"},
    "a token and a container": {
        "AWS_CONTAINER_AUTHORIZATION_TOKEN": "hush",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_ROLE_ARN": ROLE,
        "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token",
    },
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with a configuration, aliases and a token."""
    home = tmp_path / "home"
    (home / ".aws" / "cli").mkdir(parents=True)
    (home / ".aws" / "cli" / "alias").write_text(EVIL_ALIASES)
    (home / ".aws" / "config").write_text(CONFIG)
    (home / "token").write_text("token")
    (home / "input.json").write_text('{"Limit": 7}')
    return home


def run(home: Path, variables: Mapping[str, str], *command: str | Path) -> sealed.Sealed:
    """Run *command* under `mockaws exec`, alone with this machine."""
    hostile = {name: value.format(home=home) for name, value in variables.items()}
    environment = clean_environment() | {"HOME": str(home), "AWS_MAX_ATTEMPTS": "1"} | hostile
    return sealed.run("mockaws", "exec", "--quiet", "--", *command, environment=environment, directory=home)


@pytest.mark.parametrize("variables", VARIABLES.values(), ids=VARIABLES)
def test_variables(home: Path, variables: Mapping[str, str]) -> None:
    """No variable leads boto3 away from this machine."""
    ran = run(home, variables, sys.executable, "-c", CALLS)
    assert ran.asked == [], ran.output
    assert "kms answered" in ran.output
    assert "cloudhsmv2 answered" in ran.output
    assert ran.output.count("sts answered") == 3


@pytest.mark.slow
def test_the_aws_cli(home: Path) -> None:
    """Neither addresses of the AWS CLI's own nor aliases lead it away, under whichever name it is called."""
    script = "\n".join(f"{shlex.join(command)} --cli-connect-timeout 2 2>&1 &" for command in CLI)
    ran = run(home, {}, "sh", "-c", f"{script}\nwait")
    assert ran.asked == [], ran.output
    assert '"Keys": []' in ran.output
    assert "nothing here answers AmazonSQS.ListQueues" in ran.output


@pytest.mark.slow
def test_the_aws_cli_by_its_path(home: Path) -> None:
    """An AWS CLI that `mockaws exec` is given by its path follows no alias, and has the endpoint's answers."""
    assert run(home, {}, BIN / "aws", "shell").asked == []
    ran = run(home, {}, BIN / "aws", "sts", "get-caller-identity")
    assert ran.asked == []
    assert '"Account": "000000000000"' in ran.output
