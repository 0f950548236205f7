"""The rule that keeps other services' control routes out of reach."""

from __future__ import annotations

import pytest

from mockaws.model.errors import AWSError
from mockaws.other_services import control

LEADING = [
    "/_mockaws/state",
    "/_mockaws",
    "/_MockAWS/state",
    "/moto-api/reset",
    "/_localstack/health",
    "/_aws/sqs/messages",
    "//_mockaws/state",
    "///_mockaws//state",
    "/_mockaws%2fstate",
    "/%5fmockaws/state",
    "/%255fmockaws/state",
    "/_mockaws;x=1/state",
    "/_mockaws?/b",
    "/_mockaws%00/state",
    "/_mockaws%00k/state",
    "/_mockaws%20/state",
    "/x/..%09/_mockaws/state",
    "/../../_mockaws/state",
    "/./_mockaws/state",
    "/x/../_mockaws/state",
    "/b/k/../../_mockaws/state",
    "/x/%2e%2e/_mockaws/state",
    "/x/%2E./_mockaws/state",
    "/x/%252e%252e/_mockaws/state",
    "/x/..;/_mockaws/state",
    "/x/..%2f_mockaws%2fstate",
    "/x//..//_mockaws/state",
    "/x/y//../../_mockaws/state",
    "/x/..//_mockaws//../state",
    "/x\\..\\..\\_mockaws\\state",
    "/\\_mockaws/state",
    "/%5c_mockaws/state",
    "/a\\b/../_mockaws/state",
    "/a%2fb/../_mockaws/state",
    "/worlds/x/_mockaws/state",
    "/worlds//_mockaws/state",
    "/worlds/x/worlds/y/_mockaws/state",
    "/worlds/x/y/../_mockaws/state",
    "/worlds/x/../../_mockaws/state",
    "/worlds/../_mockaws/state",
]
PASSING = [
    "/",
    "/?prefix=/_mockaws/state",
    "/b/_mockaws/state",
    "/b/a/../k",
    "/b/a/../_mockaws/k",
    "/b/a%2F..%2F_mockaws",
    "/b/../k",
    "/../k",
    "/b/%2e%2e/k",
    "/b/%255fmockaws",
    "/b//_aws/k",
    "/b/moto-api",
    "/moto-api-bucket/k",
    "/_mockawsx/k",
    "/worlds/x/b/_mockaws",
]


@pytest.mark.parametrize("target", LEADING)
def test_a_way_to_a_control_route(target: str) -> None:
    """It is refused, as some server may go it: behind a path of the endpoint as well."""
    for base in ("", "/base", "/worlds/shared"):
        with pytest.raises(AWSError, match=r"leads to a control route|leads out of") as refused:
            control.require_no_control_route(target, base)
        assert (refused.value.code, refused.value.status) == ("InvalidURI", 400)


@pytest.mark.parametrize("target", PASSING)
def test_keys_and_queries_pass(target: str) -> None:
    """A key may have dots and such names in it, as no way of reading the path leaves the bucket."""
    control.require_no_control_route(target)


@pytest.mark.parametrize(
    "target", ["/../k", "/b/../../k", "/%2e%2e/k", "/b/..%2f..%2fk", "/\\..\\k", "/b//../../k", "/%252e%252e/"]
)
def test_a_way_out_of_the_endpoints_path(target: str) -> None:
    """It is refused where the endpoint has a path, and means nothing where it has none."""
    control.require_no_control_route(target)
    with pytest.raises(AWSError, match="leads out of /base/"):
        control.require_no_control_route(target, "/base")
    control.require_no_control_route("/b/a/../../c/k", "/base")


def test_the_endpoints_path_is_part_of_the_way() -> None:
    """An endpoint's path may end where worlds begin."""
    control.require_no_control_route("/x/b/_mockaws", "/worlds")
    with pytest.raises(AWSError):
        control.require_no_control_route("/x/_mockaws/state", "/worlds")


def test_long_paths() -> None:
    """They have an end, before which each is looked at."""
    for path in ("/worlds" * 2_000, "/" * 16_000, "/a/.." * 3_000, "%25" * 5_000, "\\..;" * 3_000):
        control.require_no_control_route("/" + path + "/b/_mockaws")
    control.require_no_control_route("/b/" + "k" * 16_000 + "?a=" + "x" * 100_000)
    with pytest.raises(AWSError, match="the path is too long") as refused:
        control.require_no_control_route("/b/" + "k" * 17_000)
    assert refused.value.status == 414
