"""Query calls to other services: a request's head and body, and what its answer says.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError, fromstring

from mockaws.services.elsewhere import RefusedError

CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
_API_VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08"}
_GOOD = range(200, 300)


class Question(NamedTuple):
    """A request: whom it is signed for, and its form."""

    authorization: str
    body: bytes


def question(service: str, account: str, region: str, action: str, parameters: dict[str, str]) -> Question:
    """Return a Query request, signed in name only, as nobody there knows a secret of ours."""
    fields = {"Action": action, "Version": _API_VERSIONS[service]}
    fields |= {name.replace("_", "."): value for name, value in parameters.items()}
    return Question(signature(account, region, service), urlencode(fields).encode())


def signature(access_key_id: str, region: str, service: str) -> str:
    """Return an Authorization header with a credential scope and no signature worth the name."""
    scope = f"{access_key_id}/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"


def read(status: int, body: bytes, whose: str) -> Element:
    """Return an answer's XML, without namespaces.

    Raises RefusedError for an error, and for what none of AWS's services would answer: such a one is not there.
    """
    try:
        # Whoever answers there was chosen by the user, who trusts it with everything else, too.
        root = fromstring(body)  # noqa: S314
    except ParseError:
        raise RefusedError("InternalFailure", f"{whose} answered {status} with something that is not XML") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if status in _GOOD:
        return root
    raise RefusedError(root.findtext(".//Code") or str(status), root.findtext(".//Message") or "")
