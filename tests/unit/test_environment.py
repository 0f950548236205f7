"""The environment of a command under `mockaws exec`."""

from __future__ import annotations

import json
import os

import pytest

from mockaws import environment

URL = "http://127.0.0.1:4567"


def changed(**variables: str) -> dict[str, str]:
    """Return what becomes of *variables*."""
    return environment.for_command(variables, URL, "111122223333", "us-west-2")


def test_what_a_client_needs() -> None:
    """AWS clients find the endpoint, credentials that name the account, and the Region."""
    assert changed() == {
        "AWS_ENDPOINT_URL": URL,
        "AWS_ENDPOINT_URL_SIGNIN": URL,
        "AWS_ENDPOINT_URL_SSO": URL,
        "AWS_ENDPOINT_URL_SSO_OIDC": URL,
        "AWS_ENDPOINT_URL_STS": URL,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": "111122223333",
        "AWS_SECRET_ACCESS_KEY": "mockaws",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENABLE_ENDPOINT_DISCOVERY": "false",
        "AWS_ENDPOINT_DISCOVERY_ENABLED": "false",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "no_proxy": "127.0.0.1,localhost,::1",
        "CHECKPOINT_DISABLE": "1",
    }


@pytest.mark.parametrize(
    "name",
    [
        "AWS_PROFILE",
        "AWS_DEFAULT_PROFILE",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_ENDPOINT_URL_KMS",
        "AWS_ENDPOINT_URL_CLOUDHSM_V2",
        "TF_AWS_STS_ENDPOINT",
        "AWS_DYNAMODB_ENDPOINT",
        "AWS_IAM_ENDPOINT",
        "AWS_S3_ENDPOINT",
        "AWS_STS_ENDPOINT",
        "AWS_ACCESS_KEY",
        "AWS_SECRET_KEY",
        "AWS_BEARER_TOKEN_BEDROCK",
        "AWS_CSM_HOST",
        "AWS_DATA_PATH",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT",
        "AWS_METADATA_URL",
        "AWS_SHARED_CONFIG_FILE",
        "AWS_OF_THE_NEXT_SDK",
        "TF_AWS_OF_THE_NEXT_PROVIDER",
        "TF_CLOUD_ORGANIZATION",
        "TF_REATTACH_PROVIDERS",
        "BOTOCORE_EXPERIMENTAL__PLUGINS",
        "BOTO_CONFIG",
    ],
)
def test_what_would_lead_to_aws(name: str) -> None:
    """Variables that send a call past mockaws, or sign it with real credentials, are withheld and can be named."""
    assert name not in changed(**{name: "value"})
    assert environment.withheld({name: "value", "PATH": "/bin"}) == [name]


def test_a_switch_that_a_profile_may_set_is_set() -> None:
    """A variable beats a profile, so AWS_IGNORE_CONFIGURED_ENDPOINT_URLS has to be there to be off."""
    after = changed(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true")
    assert after["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] == "false"


@pytest.mark.parametrize("name", sorted(changed()))
def test_what_is_replaced_is_not_withheld(name: str) -> None:
    """A variable that a command has with another value is not named, neither is one that is empty."""
    assert environment.withheld({name: "value", "AWS_PROFILE": ""}) == []


def test_a_command_within_a_command() -> None:
    """Nothing that `mockaws exec` sets is withheld from a command of its own."""
    assert environment.withheld(changed()) == []
    assert environment.for_command(changed(), URL, "111122223333", "us-west-2") == changed()


def test_what_is_kept() -> None:
    """Everything else is as it was, and what was given is not changed."""
    given = {
        "PATH": "/bin",
        "HOME": "/home/user",
        "AWS_PAGER": "",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_CA_BUNDLE": "/ca.pem",
        "AWS_REGION": "eu-west-1",
        "CHECKPOINT_DISABLE": "",
        "S3_ENDPOINT": "http://minio:9000",
        "TF_CLI_ARGS_plan": "-parallelism=2",
        "TF_CLI_CONFIG_FILE": "/terraformrc",
        "TF_DATA_DIR": "/data",
        "TF_LOG": "debug",
        "TF_LOG_PROVIDER": "trace",
        "TF_PLUGIN_CACHE_DIR": "/cache",
        "TF_TOKEN_app_terraform_io": "token",
        "TF_VAR_region": "eu-west-1",
        "TF_WORKSPACE": "test",
    }
    after = environment.for_command(given, URL, "111122223333", "us-west-2")
    assert {name: after[name] for name in given} == given | {"AWS_REGION": "us-west-2"}
    assert given["AWS_REGION"] == "eu-west-1"


@pytest.mark.parametrize(
    ("variables", "direct"),
    [
        ({"NO_PROXY": "example.com,localhost"}, "example.com,localhost,127.0.0.1,::1"),
        ({"no_proxy": "example.com"}, "example.com,127.0.0.1,localhost,::1"),
        ({"NO_PROXY": "", "no_proxy": "a,,b"}, "a,b,127.0.0.1,localhost,::1"),
    ],
)
def test_proxies(variables: dict[str, str], direct: str) -> None:
    """A proxy is kept, and not asked for this machine."""
    after = changed(HTTPS_PROXY="http://proxy:3128", **variables)
    assert after["NO_PROXY"] == after["no_proxy"] == direct
    assert after["HTTPS_PROXY"] == "http://proxy:3128"


def test_named_worlds() -> None:
    """Terraform has the worlds as a map; the access key belongs to no account, so each world's own account answers."""
    told = environment.of_worlds({"one-hsm": f"{URL}/worlds/one-hsm"})
    assert json.loads(told.pop("TF_VAR_mockaws_worlds")) == {"one-hsm": f"{URL}/worlds/one-hsm"}
    assert told == {"AWS_ACCESS_KEY_ID": "mockaws"}
