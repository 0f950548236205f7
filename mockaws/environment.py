"""The environment of a command under `mockaws exec`: AWS clients in it reach mockaws, and have nothing that AWS takes.

One client asks no variable: version 1 of the AWS CLI has addresses of its own for SQS, EMR and Health, and for RDS in
us-east-1, unless `--endpoint-url` is given.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each of these would send a call past AWS_ENDPOINT_URL, or sign it with somebody's real credentials.
# https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
_REMOVED = frozenset(
    {
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CREDENTIAL_EXPIRATION",
        "AWS_DEFAULT_PROFILE",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_PROFILE",
        "AWS_ROLE_ARN",
        "AWS_ROLE_SESSION_NAME",
        "AWS_SECURITY_TOKEN",
        "AWS_SESSION_TOKEN",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    }
)
_REMOVED_PREFIXES = ("AWS_ENDPOINT_URL_", "TF_AWS_")


def for_command(environment: Mapping[str, str], url: str, account: str, region: str) -> dict[str, str]:
    """Return *environment* changed so that AWS clients speak to *url*, as *account*, in *region*.

    The user's AWS configuration and credentials files are out of sight: a profile there may name endpoints, roles and
    real keys.
    """
    kept = {
        name: value
        for name, value in environment.items()
        if name not in _REMOVED and not name.startswith(_REMOVED_PREFIXES)
    }
    direct = [host for host in (kept.get("NO_PROXY") or kept.get("no_proxy") or "").split(",") if host]
    without_proxy = ",".join(dict.fromkeys([*direct, "127.0.0.1", "localhost", "::1"]))
    return kept | {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "mockaws",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        # What other services say of their endpoints leads to AWS, and 111122223333.127.0.0.1 nowhere.
        "AWS_ENDPOINT_DISCOVERY_ENABLED": "false",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": without_proxy,
        "no_proxy": without_proxy,
    }


def of_worlds(urls: Mapping[str, str]) -> dict[str, str]:
    """Return what tells a command of the named worlds at *urls*, beside what `for_command` tells it.

    The access key is no account's, and so stands for the account of whichever world it is used in.
    """
    return {"TF_VAR_mockaws_worlds": json.dumps(urls), "AWS_ACCESS_KEY_ID": "mockaws"}
