"""Further variables of AWS clients, and those of mockaws."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mockaws import settings
from mockaws.clock import Clock
from mockaws.doctor import destinations
from mockaws.doctor.findings import Finding, ok, problem, warning
from mockaws.doctor.profiles import Profile
from mockaws.fixtures import loader
from mockaws.fixtures.mistakes import FixtureError
from mockaws.regions import REGIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.doctor.surroundings import Surroundings

AWS = "AWS environment"
MOCKAWS = "MOCKAWS_*"
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


def check_aws(surroundings: Surroundings) -> Iterator[Finding]:
    """Check Region, profile, tokens, proxies and certificates."""
    yield _region(surroundings)
    yield from _profile(surroundings)
    yield from _tokens(surroundings)
    yield from _network(surroundings)


def check_mockaws(surroundings: Surroundings) -> Iterator[Finding]:
    """Check mockaws's own variables: their names and their values."""
    try:
        chosen = settings.read(surroundings.environ, {})
    except settings.SettingsError as error:
        for mistake in error.mistakes:
            yield problem(MOCKAWS, mistake)
        return
    given = sorted(name for name in surroundings.environ if name.startswith(settings.PREFIX))
    if chosen.fixture:
        try:
            loader.load(str(chosen.fixture), account=chosen.account, now=Clock().now())
        except FixtureError as error:
            for found in error.mistakes:
                yield problem(MOCKAWS, f"MOCKAWS_FIXTURE: {found}")
            return
    yield ok(MOCKAWS, f"{', '.join(given)}: known and good" if given else "none is set, none is needed")


def _region(surroundings: Surroundings) -> Finding:
    environ = surroundings.environ
    first, second = environ.get("AWS_REGION"), environ.get("AWS_DEFAULT_REGION")
    region = first or second or Profile(surroundings).settings.get("region")
    remedy = "export AWS_REGION=us-west-2 AWS_DEFAULT_REGION=us-west-2"
    if not region:
        return warning(AWS, "no Region is set; Terraform fails unless the provider's block names one", remedy)
    if region not in REGIONS:
        return warning(AWS, f"{region} is no Region that AWS has KMS in", remedy)
    if first and second and first != second:
        found = f"AWS_REGION is {first} and AWS_DEFAULT_REGION {second}: Terraform and the AWS CLI may differ"
        return warning(AWS, found, f"export AWS_DEFAULT_REGION={first}")
    return ok(AWS, f"the Region is {region}")


def _profile(surroundings: Surroundings) -> Iterator[Finding]:
    profile = Profile(surroundings)
    chosen = [name for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE") if surroundings.environ.get(name)]
    if chosen and not profile.exists:
        found = f"{chosen[0]} names a profile, {profile.name}, that is in no file: clients refuse to work"
        yield problem(AWS, found, f"unset {' '.join(chosen)}")
    elif chosen:
        yield warning(AWS, f"{chosen[0]}: the profile {profile.name} is used where no credentials are set")


def _tokens(surroundings: Surroundings) -> Iterator[Finding]:
    environ = surroundings.environ
    tokens = [name for name in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN") if environ.get(name)]
    if tokens:
        yield warning(AWS, f"{' and '.join(tokens)}: a session's, and sent with each call", f"unset {' '.join(tokens)}")
    for name in ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"):
        if surroundings.says(name):
            yield warning(AWS, f"{name}: clients refuse it together with an endpoint of one's own", f"unset {name}")


def _network(surroundings: Surroundings) -> Iterator[Finding]:
    environ = surroundings.environ
    named = destinations.proxies(surroundings)
    direct = {host.strip() for host in (environ.get("NO_PROXY") or environ.get("no_proxy") or "").split(",")}
    if named and not {"127.0.0.1", "*"} & direct:
        found = f"{', '.join(named)}: the AWS CLI and SDKs ask the proxy for 127.0.0.1, too"
        yield warning(AWS, found, "export NO_PROXY=127.0.0.1,localhost,::1 no_proxy=127.0.0.1,localhost,::1")
    bundle = environ.get("AWS_CA_BUNDLE")
    if bundle and not surroundings.path(bundle).is_file():
        yield problem(AWS, f"AWS_CA_BUNDLE names {bundle}, which is not there: clients refuse to start", "unset it")
    for url in sorted({one.url for one in destinations.of(surroundings) if one.url and not one.is_aws}):
        if _scheme_and_host(url)[0] == "https" and _scheme_and_host(url)[1] in _LOCAL:
            shown = destinations.shown(url)
            yield problem(AWS, f"{shown}: mockaws speaks HTTP, not HTTPS", f"say {shown.replace('https', 'http', 1)}")


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""
