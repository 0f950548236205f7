"""The configuration in the directory: what in it no environment can override, and which provider it wants.

A search in the text, and no more: modules are not looked into.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from mockaws.doctor.findings import Finding, Grade
from mockaws.doctor.surroundings import Surroundings, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECK = "configuration"
_NOT_CODE = re.compile(r'"(?:\\.|[^"\\\n])*"|/\*.*?\*/|(?:#|//)[^\n]*', re.DOTALL)
_LOCAL = "an override.tf that only tests have can change it: https://developer.hashicorp.com/terraform/language/files/override"
_STATE = 'let a backend_override.tf with `terraform { backend "local" {} }` stand in its place'
_REQUIRED = re.compile(r"\brequired_providers\s*\{")
_AWS = re.compile(r'\baws\s*=\s*(?:\{([^}]*)\}|"([^"]*)")')


class _Rule(NamedTuple):
    pattern: re.Pattern[str]
    grade: Grade
    found: str
    remedy: str


_RULES = [
    _Rule(re.compile(rf"^[ \t]*{pattern}", re.MULTILINE), grade, found, remedy)
    for pattern, grade, found, remedy in (
        (
            r'backend\s+"s3"',
            Grade.WARNING,
            "the state lies in S3: in real AWS, or with AWS_ENDPOINT_URL in a mockaws, which has S3 with --others only",
            _STATE,
        ),
        (
            r'backend\s*=\s*"s3"',
            Grade.WARNING,
            "another configuration's state is read from S3: from real AWS, or with AWS_ENDPOINT_URL from mockaws",
            _LOCAL,
        ),
        (
            r"endpoints\s*(?:=\s*)?\{",
            Grade.WARNING,
            "`endpoints` say where calls go, whatever AWS_ENDPOINT_URL and `mockaws exec` say",
            "without the block the provider takes AWS_ENDPOINT_URL",
        ),
        (
            r"profile\s*=",
            Grade.WARNING,
            "a profile, with its credentials, beats the environment, and is not there under `mockaws exec`",
            _LOCAL,
        ),
        (
            r"shared_(?:config|credentials)_files?\s*=",
            Grade.WARNING,
            "files with credentials are named, which beat the environment",
            _LOCAL,
        ),
        (
            r'(?:access_key|secret_key|token)\s*=\s*"(?!test"|mockaws"|mock"|\d{12}"|\$\{)',
            Grade.WARNING,
            "credentials stand in the configuration, and beat the environment",
            _LOCAL,
        ),
        (
            r"assume_role(?:_with_web_identity|_with_saml)?\s*(?:=\s*)?\{",
            Grade.OK,
            "`assume_role` is answered by the STS that AWS_ENDPOINT_URL leads to; mockaws gives out any role",
            "",
        ),
    )
]


def check(surroundings: Surroundings) -> Iterator[Finding]:
    """Name file and line of all that `mockaws exec` cannot override."""
    for name, text in _files(surroundings):
        for rule in _RULES:
            for match in rule.pattern.finditer(text):
                line = text.count("\n", 0, match.start()) + 1
                remedy = (rule.remedy,) if rule.remedy else ()
                yield Finding(CHECK, rule.grade, f"{name}:{line}: {rule.found}", remedy)


def wanted_versions(surroundings: Surroundings) -> list[str]:
    """Return the constraints that the configuration puts on the version of the aws provider."""
    found = []
    for _, text in _files(surroundings):
        for block in _REQUIRED.finditer(text):
            for entry in _AWS.finditer(text, block.end()):
                version = re.search(r'\bversion\s*=\s*"([^"]*)"', entry[1] or "")
                found += [entry[2]] if entry[2] else [version[1]] if version else []
    return list(dict.fromkeys(found))


def _files(surroundings: Surroundings) -> Iterator[tuple[str, str]]:
    """Yield name and text of each file, with blanks in the place of comments."""
    for file in sorted(surroundings.directory.glob("*.tf")):
        yield file.name, _NOT_CODE.sub(_without_comment, text_of(file))


def _without_comment(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else re.sub(r"[^\n]", " ", match[0])
