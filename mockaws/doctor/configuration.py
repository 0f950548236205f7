"""The settings in the directory that no environment overrides, and the provider versions that it accepts.

It searches the blocks that configure AWS clients, and evaluates no expressions.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mockaws.doctor import sources
from mockaws.doctor.findings import Finding, Grade

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mockaws.doctor.sources import Source
    from mockaws.doctor.surroundings import Surroundings

CHECK = "configuration"
_MOST_PLACES = 3
_LOCAL = "an override.tf that only tests have can change it: https://developer.hashicorp.com/terraform/language/files/override"
_STATE = 'let a backend_override.tf with `terraform { backend "local" {} }` stand in its place'
_REQUIRED = re.compile(r"\brequired_providers\s*\{")
_AWS = re.compile(r'\baws\s*(?:=?\s*\{([^}]*)\}|=\s*"([^"]*)")')
# The blocks that configure an AWS client, and those that hand a run over to another machine.
_BLOCK = re.compile(
    r'^[ \t]*(?:(?P<kind>provider|backend|data|key_provider)\s+"(?P<label>[^"]+)"(?:\s+"[^"]*")?'
    r"|(?P<plain>cloud|remote_state))\s*(?:=\s*)?\{",
    re.MULTILINE,
)
_LABELS = {"backend": "s3", "data": "terraform_remote_state", "key_provider": "aws_kms"}
# Modules may give the provider another name.
_NAMED = re.compile(r'(\w+)\s*=?\s*\{[^{}]*\bsource\s*=\s*"(?:[\w.-]+/)?hashicorp/(aws|awscc)"')
_STRING_OR_BRACE = re.compile(r'"(?:\\.|[^"\\\n])*"|[{}]')
_VALUE = re.compile(r'[=:]\s*("[^"\n]*"|[^,}\n]+)')
_WORLDS = re.compile(r"\bvar\.mockaws_worlds\b")
_HERE = re.compile(r"(?:.*\.)?localhost(?:\.localstack\.cloud)?|127(?:\.\d+){3}|::1")


class _Rule(NamedTuple):
    """A setting of a block. *may_lead_past* is True if a command under `mockaws exec` can get past mockaws by it.

    Without a *pattern* the block itself is the setting.
    """

    pattern: re.Pattern[str] | None
    grade: Grade
    found: str
    remedy: str
    may_lead_past: bool = True


def _argument(pattern: str) -> re.Pattern[str]:
    return re.compile(rf'(?:^|[{{,])[ \t]*"?{pattern}', re.MULTILINE)


_S3_STATE = _Rule(
    None,
    Grade.WARNING,
    "the state lies in S3: in real AWS, or with AWS_ENDPOINT_URL in a mockaws, which has S3 with --others only",
    _STATE,
    may_lead_past=False,
)
_ELSEWHERE = _Rule(
    None,
    Grade.WARNING,
    "runs may happen on another machine, in an environment of its own, whatever `mockaws exec` says",
    _STATE,
)
_CLOUD_CONTROL = _Rule(
    None,
    Grade.WARNING,
    "the provider awscc is not tested with mockaws, and may call AWS",
    _LOCAL,
)
_ENDPOINTS = _Rule(
    _argument(r'(?:dynamic[ \t]+")?endpoints"?\s*(?:[=:]\s*)?\{'),
    Grade.WARNING,
    "`endpoints` say where calls go, whatever AWS_ENDPOINT_URL and `mockaws exec` say",
    "without the block the provider takes AWS_ENDPOINT_URL",
)
_ENDPOINT = _Rule(
    _argument(r'(?:(?:dynamodb|ec2_metadata_service|iam|sso|sts)_)?endpoint"?\s*[=:]'),
    Grade.WARNING,
    "an endpoint says where calls go, whatever AWS_ENDPOINT_URL and `mockaws exec` say",
    _LOCAL,
)
_RULES = (
    _ENDPOINTS,
    _ENDPOINT,
    _Rule(
        _argument(r'profile"?\s*[=:]'),
        Grade.WARNING,
        "a profile, with its credentials, beats the environment, and is not there under `mockaws exec`",
        _LOCAL,
    ),
    _Rule(
        _argument(r'shared_(?:config|credentials)_files?"?\s*[=:]'),
        Grade.WARNING,
        "files with credentials are named, which beat the environment",
        _LOCAL,
    ),
    _Rule(
        _argument(r'(?:access_key|secret_key|token)"?\s*[=:]\s*"(?!test"|mockaws"|mock"|\d{12}"|\$\{)'),
        Grade.WARNING,
        "credentials stand in the configuration, and beat the environment",
        _LOCAL,
    ),
    _Rule(
        _argument(r'assume_role(?:_with_web_identity|_with_saml)?"?\s*(?:[=:]\s*)?[{\[]'),
        Grade.OK,
        "`assume_role` is answered by the STS that AWS_ENDPOINT_URL leads to; mockaws gives out any role",
        "",
        may_lead_past=False,
    ),
    _Rule(
        _argument(r'use_(?:fips|dualstack)_endpoint"?\s*[=:]\s*true'),
        Grade.OK,
        "AWS clients refuse an endpoint for FIPS or dual stack together with one of one's own",
        _LOCAL,
        may_lead_past=False,
    ),
)
_READ_STATE = _Rule(
    _argument(r'backend"?\s*[=:]\s*"s3"'),
    Grade.WARNING,
    "another configuration's state is read from S3: from real AWS, or with AWS_ENDPOINT_URL from mockaws",
    _LOCAL,
    may_lead_past=False,
)


class _Match(NamedTuple):
    """A rule that matches in a source, and the position behind the match."""

    rule: _Rule
    source: Source
    place: int

    @property
    def where(self) -> str:
        """The name of the source, with the line if it has lines."""
        line = self.source.text.count("\n", 0, self.place) + 1
        return f"{self.source.name}:{line}" if self.source.has_lines else self.source.name

    @property
    def may_lead_past(self) -> bool:
        """Return True if a command under `mockaws exec` may get past mockaws by it.

        An endpoint on this machine cannot do that.
        """
        text = self.source.text
        if self.rule is _ENDPOINTS:
            values = _VALUE.findall(text[self.place : _end(text, self.place - 1)])
        elif self.rule is _ENDPOINT:
            values = _VALUE.findall(text[self.place - 1 :].partition("\n")[0])[:1]
        else:
            return self.rule.may_lead_past
        return not all(map(_is_here, values))


def check(surroundings: Surroundings) -> Iterator[Finding]:
    """Report file and line of all settings that `mockaws exec` cannot override."""
    for match in _all(surroundings, (), everything=True):
        remedy = (match.rule.remedy,) if match.rule.remedy else ()
        yield Finding(CHECK, match.rule.grade, f"{match.where}: {match.rule.found}", remedy)


def ways_out(surroundings: Surroundings, arguments: Sequence[str] = ()) -> list[str]:
    """Return a sentence for each way past mockaws that remains if `mockaws exec` runs Terraform with *arguments*."""
    places: dict[str, list[str]] = {}
    for match in _all(surroundings, arguments, everything=False):
        places.setdefault(match.rule.found, []).append(match.where)
    return [f"{_enumerated(list(dict.fromkeys(where)))}: {found}" for found, where in places.items()]


def wanted_versions(surroundings: Surroundings) -> list[str]:
    """Return the configuration's constraints on the version of the aws provider."""
    found = []
    for source in sources.of_directory(surroundings):
        for block in _REQUIRED.finditer(source.text):
            for entry in _AWS.finditer(source.text, block.end()):
                version = re.search(r'\bversion\s*=\s*"([^"]*)"', entry[1] or "")
                found += [entry[2]] if entry[2] else [version[1]] if version else []
    return list(dict.fromkeys(found))


def _enumerated(places: Sequence[str]) -> str:
    more = len(places) - _MOST_PLACES
    return ", ".join(places) if more <= 0 else f"{', '.join(places[:_MOST_PLACES])} and {more} more"


def _all(surroundings: Surroundings, arguments: Sequence[str], *, everything: bool) -> Iterator[_Match]:
    """Yield all matches if *everything* is wanted, else those that lead past mockaws."""
    root = list(sources.of_directory(surroundings))
    files = [*root, *sources.of_modules(surroundings, root)]
    names = {"aws": "aws", "awscc": "awscc"} | {name: kind for one in files for name, kind in _NAMED.findall(one.text)}
    found = [match for source in files for match in _matches(source, names)]
    # Most of it is in the files as well.
    said = {match.rule for match in found}
    elsewhere = [match for one in sources.of_backend(surroundings, arguments) for match in _matches(one, names)]
    for match in [*found, *(match for match in elsewhere if match.rule not in said)]:
        if everything or match.may_lead_past:
            yield match


def _matches(source: Source, names: Mapping[str, str]) -> Iterator[_Match]:
    for block in _BLOCK.finditer(source.text):
        start = block.end() - 1
        body = source.text[start : _end(source.text, start)]
        for rule in _rules(block, names):
            if rule.pattern is None:
                yield _Match(rule, source, block.end())
            else:
                yield from (_Match(rule, source, start + found.end()) for found in rule.pattern.finditer(body))


def _rules(block: re.Match[str], names: Mapping[str, str]) -> tuple[_Rule, ...]:
    """Return the rules for a block; *names* are those of providers."""
    kind, label, plain = block["kind"], block["label"], block["plain"]
    if plain == "cloud" or (kind, label) == ("backend", "remote"):
        return (_ELSEWHERE,)
    if plain:
        return (_READ_STATE, *_RULES)
    if kind == "provider":
        return {"aws": _RULES, "awscc": (_CLOUD_CONTROL, *_RULES)}.get(names.get(label, ""), ())
    if label != _LABELS[kind]:
        return ()
    first = {"backend": (_S3_STATE,), "data": (_READ_STATE,)}
    return (*first.get(kind, ()), *_RULES)


def _end(text: str, start: int) -> int:
    """Return the position behind the bracket that closes the one at *start*, or the end of *text*."""
    depth = 0
    for found in _STRING_OR_BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.end()
    return len(text)


def _is_here(value: str) -> bool:
    """Return True if the value of an endpoint leads to this machine, or to worlds of `mockaws exec`."""
    value = value.strip()
    if _WORLDS.search(value) or value in {"null", '""'}:
        return True
    try:
        return value.startswith('"') and bool(_HERE.fullmatch(urlsplit(value.strip('"')).hostname or ""))
    except ValueError:
        return False
