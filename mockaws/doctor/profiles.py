"""AWS's configuration and credentials files: their endpoints and credentials.

https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
"""

from __future__ import annotations

import configparser
import re
from typing import TYPE_CHECKING

from mockaws.doctor.surroundings import Surroundings, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES = (("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))
# The meaning of each setting for the credentials of a profile.
_CREDENTIALS = {
    "aws_access_key_id": "access keys",
    "sso_session": "a login at IAM Identity Center",
    "sso_start_url": "a login at IAM Identity Center",
    "login_session": "a login at the console",
    "role_arn": "a role",
    "credential_process": "a program that hands out credentials",
    "web_identity_token_file": "a web identity",
}


# The services that the Go SDK, and with it Terraform, asks for the credentials of a profile, by its settings.
_CREDENTIAL_SERVICES = {
    "sso_session": ("SSO", "SSO_OIDC"),
    "sso_start_url": ("SSO", "SSO_OIDC"),
    "login_session": ("SIGNIN",),
    "role_arn": ("STS",),
    "web_identity_token_file": ("STS",),
}


class Profile:
    """The settings of the active profile."""

    def __init__(self, surroundings: Surroundings) -> None:
        environ = surroundings.environ
        self.name = environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE") or "default"
        texts = [text_of(surroundings.path(environ.get(variable) or usual)) for variable, usual in _FILES]
        self._config, self._credentials = map(_parsed, texts)
        self.settings = self._settings(self.name)

    @property
    def exists(self) -> bool:
        """Return True if it is in either file."""
        return bool(self.settings)

    @property
    def credentials(self) -> list[str]:
        """A description of its credentials."""
        return list(dict.fromkeys(words for name, words in _CREDENTIALS.items() if name in self.settings))

    @property
    def credential_services(self) -> list[str]:
        """The services that Terraform calls for its credentials, and for those of its source profiles."""
        found: list[str] = []
        seen, name = set[str](), self.name
        while name and name not in seen:
            seen.add(name)
            settings = self._settings(name)
            found += [
                service
                for setting, services in _CREDENTIAL_SERVICES.items()
                if setting in settings
                for service in services
            ]
            name = settings.get("source_profile", "")
        return list(dict.fromkeys(found))

    @property
    def is_ignoring_endpoints(self) -> bool:
        """Return True if it switches off the endpoints of variables and files."""
        return self.settings.get("ignore_configured_endpoint_urls", "").lower() == "true"

    def _settings(self, name: str) -> dict[str, str]:
        config = _section(self._config, f"profile {name}" if name != "default" else name)
        return {**config, **_section(self._credentials, name)}

    def endpoint(self, service: str) -> str | None:
        """Return its endpoint for a service, such as `cloudhsm_v2`, if it has one."""
        services = _section(self._config, f"services {self.settings.get('services', '')}")
        own = re.search(r"^\s*endpoint_url\s*=\s*(\S+)", services.get(service, ""), re.MULTILINE)
        return own[1] if own else self.settings.get("endpoint_url")


def _parsed(text: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(strict=False, default_section="", delimiters=("=",))
    try:
        parser.read_string(text)
    except configparser.Error:
        return configparser.RawConfigParser()
    return parser


def _section(parser: configparser.RawConfigParser, name: str) -> Mapping[str, str]:
    return dict(parser[name]) if parser.has_section(name) else {}
