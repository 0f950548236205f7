"""The variables of AWS clients and Terraform that a command under `mockaws exec` keeps; all others are withheld.

A variable is here when it cannot change where a call goes or with which credentials it is signed. The names come from
the SDK reference guide, the AWS CLI's user guide, Terraform's and OpenTofu's CLI documentation, and the programs.
https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html
https://developer.hashicorp.com/terraform/cli/config/environment-variables
"""

from __future__ import annotations

_AWS = frozenset(
    {
        # Input and output of the AWS CLI.
        "AWS_CLI_AUTO_PROMPT",
        "AWS_CLI_FILE_ENCODING",
        "AWS_CLI_HISTORY_FILE",
        "AWS_CLI_OUTPUT_ENCODING",
        "AWS_CLI_S3_MV_VALIDATE_SAME_S3_PATHS",
        "AWS_CLI_UPGRADE_DEBUG_MODE",
        "AWS_DEFAULT_OUTPUT",
        "AWS_PAGER",
        # Retries, and the form of requests.
        "AWS_CA_BUNDLE",
        "AWS_DISABLE_REQUEST_COMPRESSION",
        "AWS_MAX_ATTEMPTS",
        "AWS_METADATA_SERVICE_NUM_ATTEMPTS",
        "AWS_METADATA_SERVICE_TIMEOUT",
        "AWS_NEW_RETRIES_2026",
        "AWS_NODEJS_CONNECTION_REUSE_ENABLED",
        "AWS_REQUEST_CHECKSUM_CALCULATION",
        "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
        "AWS_RESPONSE_CHECKSUM_VALIDATION",
        "AWS_RETRY_MODE",
        # User agents.
        "AWS_EXECUTION_ENV",
        "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE",
        "AWS_SDK_UA_APP_ID",
    }
)

# Not here: TF_AWS_*, which the aws provider reads as endpoints. TF_CLOUD_*, which lead to a workspace whose runs happen
# elsewhere with credentials of its own. TF_REATTACH_PROVIDERS, which names a provider that runs already, in another
# environment.
_TERRAFORM = frozenset(
    {
        "TF_ACC",
        "TF_ACC_TERRAFORM_PATH",
        "TF_APPEND_USER_AGENT",
        "TF_CLI_ARGS",
        "TF_CLI_CONFIG_FILE",
        "TF_CMD",
        "TF_CONSOLIDATE_WARNINGS",
        "TF_CONSOLIDATE_ERRORS",
        "TF_DATA_DIR",
        "TF_DISABLE_PLUGIN_TLS",
        "TF_ENCRYPTION",
        "TF_FORCE_LOCAL_BACKEND",
        "TF_IGNORE",
        "TF_INPUT",
        "TF_IN_AUTOMATION",
        "TF_LOG",
        "TF_PLUGIN_CACHE_DIR",
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE",
        "TF_PLUGIN_MIRROR",
        "TF_PROVIDER_DOWNLOAD_RETRY",
        "TF_SKIP_PROVIDER_VERIFY",
        "TF_STATE_PERSIST_INTERVAL",
        "TF_TEMP_LOG_PATH",
        "TF_TEST_PARALLEL",
        "TF_UNPROXIED_CMDS",
        "TF_WARN_OUTPUT_ERRORS",
        "TF_WORKSPACE",
    }
)
# TF_HTTP_* is a backend that is not AWS, and TF_TOKEN_* are credentials for registries.
_TERRAFORM_PREFIXES = ("TF_CLI_ARGS_", "TF_HTTP_", "TF_LOG_", "TF_REGISTRY_", "TF_TOKEN_", "TF_VAR_")

# Endpoints, credentials and code for AWS clients under names of their own: botocore's and boto 2's, and Ansible's.
_OTHERS_WITHHELD = frozenset(
    {
        "BOTOCORE_EXPERIMENTAL__PLUGINS",
        "BOTO_CONFIG",
        "EC2_ACCESS_KEY",
        "EC2_SECRET_KEY",
        "EC2_SECURITY_TOKEN",
        "EC2_URL",
        "S3_URL",
    }
)


def is_allowed(name: str) -> bool:
    """Return True if a command may have the user's variable *name*."""
    name = name.upper()  # Windows does not tell them apart
    if name.startswith("AWS_"):
        return name in _AWS
    if name.startswith("TF_"):
        return name in _TERRAFORM or name.startswith(_TERRAFORM_PREFIXES)
    return name not in _OTHERS_WITHHELD
