"""Requests to other services in the Query protocol, and their answers.

https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError, fromstring

from mockaws.services.other_services import RefusedError

CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
_API_VERSIONS = {"ec2": "2016-11-15", "iam": "2010-05-08"}
_GOOD = range(200, 300)


class QueryRequest(NamedTuple):
    """A request: its Authorization header and its form."""

    authorization: str
    body: bytes


def query_request(service: str, account: str, region: str, action: str, parameters: dict[str, str]) -> QueryRequest:
    """Return a Query request; its signature is a dummy, because other services do not have our secrets."""
    fields = {"Action": action, "Version": _API_VERSIONS[service]}
    fields |= {name.replace("_", "."): value for name, value in parameters.items()}
    return QueryRequest(authorization_header(account, region, service), urlencode(fields).encode())


def authorization_header(access_key_id: str, region: str, service: str) -> str:
    """Return an Authorization header with a credential scope and a dummy signature."""
    scope = f"{access_key_id}/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}"


def read_answer(status: int, body: bytes, source: str) -> Element:
    """Return an answer's XML, without namespaces.

    Raises RefusedError if the answer is an error or not XML, which no service of AWS answers.
    """
    try:
        # The user has chosen the endpoint, and trusts it with everything else as well.
        root = fromstring(body)  # noqa: S314
    except ParseError:
        raise RefusedError("InternalFailure", f"{source} answered {status} with something that is not XML") from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if status in _GOOD:
        return root
    raise RefusedError(root.findtext(".//Code") or str(status), root.findtext(".//Message") or "")
