"""The destinations of AWS clients' calls, and their credentials: whether a run could reach real AWS."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from mockaws import environment
from mockaws.doctor.findings import Finding, ok, problem, warning
from mockaws.doctor.profiles import Profile
from mockaws.environment import aws_cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.doctor.surroundings import Surroundings

CHECK = "real AWS"
ENDPOINT = "AWS_ENDPOINT_URL"
_IGNORED = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
# The aws provider reads these, and the S3 backend those without TF_; both beat AWS_ENDPOINT_URL.
_LEGACY = re.compile(r"(?:TF_)?AWS_(DYNAMODB|IAM|S3|STS)_ENDPOINT")
OURS = {"kms": "KMS", "cloudhsm_v2": "CloudHSM v2", "sts": "STS"}
_OTHERS = "all other services"
_AWS_HOST = re.compile(r"(?:^|\.)(?:amazonaws\.com(?:\.cn)?|api\.aws|aws\.dev|[a-z0-9]+\.ic\.gov|sc2s\.sgov\.gov)$")
_REAL_KEY = re.compile(r"A(?:KI|SI)A(?!.*EXAMPLE$)[A-Z0-9]{12,}")
_PROXY_VARIABLES = ("NO_PROXY", "no_proxy")


class Destination(NamedTuple):
    """The destination of a service's calls, and the setting that names it; without a URL it is AWS itself."""

    service: str
    url: str | None
    said_by: str

    @property
    def is_aws(self) -> bool:
        """Return True if that is real AWS."""
        return self.url is None or bool(_AWS_HOST.search(_host(self.url)))


def of(surroundings: Surroundings) -> list[Destination]:
    """Return the destinations: those of each service that mockaws has, and that of all others."""
    profile = Profile(surroundings)
    found = [_destination(key, name, surroundings, profile) for key, name in OURS.items()]
    return [*found, _destination("", _OTHERS, surroundings, profile)]


def check(surroundings: Surroundings, port: int) -> Iterator[Finding]:
    """Report whether `terraform apply` in this environment would or could reach real AWS."""
    leading = [destination for destination in of(surroundings) if destination.is_aws]
    signed, real = _signer(surroundings)
    asked = list(_asked_for_credentials(surroundings))
    single = list(_past(surroundings))
    if not leading:
        url = shown(of(surroundings)[0].url or "")
        if asked or any(is_aws for _, is_aws in single):
            yield warning(CHECK, f"calls go to {url}, but some to AWS, as the lines below say")
        else:
            yield ok(CHECK, f"out of reach: calls go to {url}")
    else:
        services = ", ".join(destination.service for destination in leading)
        everything = len(leading) > len(OURS)
        what = f"{'every call' if everything else services} would go to AWS{_why(surroundings)}, signed with {signed}"
        report = problem if real else warning
        yield report(CHECK, what, "run it under `mockaws exec -- …`, or say first:", *shut_off(surroundings, port))
    yield from asked
    yield from (finding for finding, _ in single)
    yield from _beyond_variables(surroundings)
    if names := environment.withheld(surroundings.environ):
        yield ok(CHECK, f"`mockaws exec` does not pass on {', '.join(names)}")


def shut_off(surroundings: Surroundings, port: int) -> list[str]:
    """Return the commands that isolate a shell from AWS as `mockaws exec` isolates a command."""
    environ = surroundings.environ
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or "us-west-2"
    url = f"http://127.0.0.1:{port}"
    mine = next((one for one in of(surroundings) if one.url and not one.is_aws and one.service != _OTHERS), None)
    wanted = environment.for_command(environ, mine.url if mine and mine.url else url, "test", region)
    changed = {name: value for name, value in wanted.items() if environ.get(name) != value}
    if not proxies(surroundings):
        changed = {name: value for name, value in changed.items() if name not in _PROXY_VARIABLES}
    gone = sorted(environ.keys() - wanted.keys())
    lines = [f"  export {name}={shlex.quote(value)}" for name, value in sorted(changed.items())]
    return [*lines, f"  unset {' '.join(gone)}"] if gone else lines


def proxies(surroundings: Surroundings) -> list[str]:
    """Return the variables that name a proxy."""
    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return [name for name in names if surroundings.environ.get(name)]


def shown(url: str) -> str:
    """Return *url* without user, password and query, which may be secrets."""
    try:
        parts = urlsplit(url)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    except ValueError:
        return "(no URL)"


def _destination(key: str, name: str, surroundings: Surroundings, profile: Profile) -> Destination:
    """Return the destination of one service: its own setting overrides the common one, and a variable the file."""
    environ = surroundings.environ
    own = f"{ENDPOINT}_{key.upper()}"
    legacy = [name for name in (f"TF_AWS_{key.upper()}_ENDPOINT", f"AWS_{key.upper()}_ENDPOINT") if _LEGACY.match(name)]
    ignored = _ignored_by(surroundings, profile)
    for variable in legacy if ignored else [*([own] if key else []), *legacy, ENDPOINT]:
        if environ.get(variable):
            return Destination(name, environ[variable], variable)
    if ignored:
        return Destination(name, None, ignored)
    return Destination(name, profile.endpoint(key), f"profile {profile.name}")


def _ignored_by(surroundings: Surroundings, profile: Profile) -> str:
    """Return the setting that makes clients ignore endpoints, or ""; a variable overrides the profile."""
    if surroundings.environ.get(_IGNORED):
        return _IGNORED if surroundings.says(_IGNORED) else ""
    return f"ignore_configured_endpoint_urls of the profile {profile.name}" if profile.is_ignoring_endpoints else ""


def _why(surroundings: Surroundings) -> str:
    if ignored := _ignored_by(surroundings, Profile(surroundings)):
        return f", as {ignored} is set"
    return "" if surroundings.environ.get(ENDPOINT) else f", as {ENDPOINT} is not set"


def _signer(surroundings: Surroundings) -> tuple[str, bool]:
    """Return a description of the credentials of calls, and whether they may be real; never the credentials."""
    environ, profile = surroundings.environ, Profile(surroundings)
    key = environ.get("AWS_ACCESS_KEY_ID", "")
    if key:
        real = bool(_REAL_KEY.fullmatch(key))
        return f"AWS_ACCESS_KEY_ID, which looks {'real' if real else 'like a dummy'}", real
    if profile.credentials:
        return f"{' and '.join(profile.credentials)} of the profile {profile.name}", True
    if environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        return "the web identity of AWS_WEB_IDENTITY_TOKEN_FILE", True
    for variable in ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"):
        if environ.get(variable):
            return f"the credentials of this container ({variable})", True
    if not surroundings.says("AWS_EC2_METADATA_DISABLED"):
        return "nothing, unless this machine has a role on EC2 (AWS_EC2_METADATA_DISABLED is not set)", False
    return "nothing: there are no credentials", False


def _asked_for_credentials(surroundings: Surroundings) -> Iterator[Finding]:
    """Return the services that Terraform calls for credentials before it reads AWS_ENDPOINT_URL.

    It calls none of them if the variables have credentials.
    """
    environ = surroundings.environ
    if not environ.get(ENDPOINT) or environ.get("AWS_ACCESS_KEY_ID"):
        return
    profile = Profile(surroundings)
    asked = dict.fromkeys(profile.credential_services, f"the profile {profile.name}")
    if not asked and environ.get("AWS_WEB_IDENTITY_TOKEN_FILE"):
        asked = {"STS": "AWS_WEB_IDENTITY_TOKEN_FILE"}
    for service, why in asked.items():
        variable = f"{ENDPOINT}_{service}"
        if not environ.get(variable):
            found = f"Terraform asks {service} in AWS for the credentials of {why}, whatever {ENDPOINT} says"
            yield problem(CHECK, found, f"export {variable}={shlex.quote(environ[ENDPOINT])}")


def _past(surroundings: Surroundings) -> Iterator[tuple[Finding, bool]]:
    """Return the endpoints of single services that differ from the common one, and whether one is AWS."""
    environ = surroundings.environ
    base = environ.get(ENDPOINT)
    ignored = _ignored_by(surroundings, Profile(surroundings))
    for variable in sorted(environ):
        url, own, legacy = environ[variable], variable.removeprefix(f"{ENDPOINT}_"), _LEGACY.fullmatch(variable)
        single = legacy or (own != variable and not ignored)
        if not single or not url or url == base:
            continue
        is_aws = Destination("", url, variable).is_aws
        is_ours = (legacy[1] if legacy else own).lower() in OURS
        if is_ours and base and not (legacy and is_aws):
            yield (
                warning(CHECK, f"{variable} sends calls to {shown(url)}, past {ENDPOINT}", f"unset {variable}"),
                is_aws,
            )
        elif is_aws:
            yield warning(CHECK, f"{variable} sends calls to {shown(url)}", f"unset {variable}"), is_aws


def _beyond_variables(surroundings: Surroundings) -> Iterator[Finding]:
    """Return the files that AWS clients read whatever the variables name."""
    for file in aws_cli.own_files(surroundings.home):
        found = f"{file}: the AWS CLI reads it whatever the environment says, and it may name endpoints"
        yield ok(CHECK, found, "under `mockaws exec` the AWS CLI does not")


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
