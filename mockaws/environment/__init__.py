"""The environment of a command under `mockaws exec`: AWS clients in it reach mockaws, and have dummy credentials only.

One client obeys no variable: version 1 of the AWS CLI has addresses of its own for SQS, EMR and Health, and for RDS in
us-east-1, unless `--endpoint-url` is given. `aws_cli` gives it.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from mockaws.environment.allowed import is_allowed

if TYPE_CHECKING:
    from collections.abc import Mapping

# The Go SDK, and with it Terraform, asks these services for credentials before it reads AWS_ENDPOINT_URL, and finds
# them by variables of their own only.
# https://docs.aws.amazon.com/sdkref/latest/guide/ss-endpoints-table.html
CREDENTIAL_SERVICES = ("SIGNIN", "SSO", "SSO_OIDC", "STS")


def for_command(environment: Mapping[str, str], url: str, account: str, region: str) -> dict[str, str]:
    """Return *environment* changed so that AWS clients speak to *url*, as *account*, in *region*.

    Of the variables that AWS clients and Terraform read, those known to be harmless remain. The user's AWS
    configuration and credentials files are out of sight: a profile there may name endpoints, roles and real keys.
    """
    kept = {name: value for name, value in environment.items() if is_allowed(name)}
    direct = [host for host in (kept.get("NO_PROXY") or kept.get("no_proxy") or "").split(",") if host]
    without_proxy = ",".join(dict.fromkeys([*direct, "127.0.0.1", "localhost", "::1"]))
    return {"CHECKPOINT_DISABLE": "1"} | kept | _set(url, account, region, without_proxy)


def withheld(environment: Mapping[str, str]) -> list[str]:
    """Return the names of those variables of *environment* that a command does not get, with any value."""
    given = _set("", "", "", "")
    return sorted(name for name, value in environment.items() if value and name not in given and not is_allowed(name))


def of_worlds(urls: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for the named worlds at *urls*, beside those of `for_command`.

    The access key belongs to no account, so it stands for the account of the world that it is used in.
    """
    return {"TF_VAR_mockaws_worlds": json.dumps(urls), "AWS_ACCESS_KEY_ID": "mockaws"}


def _set(url: str, account: str, region: str, without_proxy: str) -> dict[str, str]:
    """Return the variables that every command gets."""
    return {
        "AWS_ENDPOINT_URL": url,
        **{f"AWS_ENDPOINT_URL_{service}": url for service in CREDENTIAL_SERVICES},
        # Set, and not only left out: a profile in a file that a configuration names may have true.
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "mockaws",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # Endpoints that other services return lead to AWS, and 111122223333.127.0.0.1 does not resolve.
        "AWS_ENABLE_ENDPOINT_DISCOVERY": "false",
        "AWS_ENDPOINT_DISCOVERY_ENABLED": "false",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": without_proxy,
        "no_proxy": without_proxy,
    }
