"""The protocols of services that mockaws does not have, for errors that their clients can read.

They answer errors only: EC2's dialect of Query, the XML of S3 and that of Route 53 and CloudFront, and REST with JSON
for the rest.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, tostring

from mockaws.gateway.query import Query, add, common_error
from mockaws.gateway.wire import Address

if TYPE_CHECKING:
    from mockaws.gateway.http import Request
    from mockaws.model.errors import AWSError
    from mockaws.model.service import OperationModel


ERROR_TYPE = "x-amzn-ErrorType"
# The errors of EC2 and S3 for invalid credentials; all other services share the common ones.
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
_EC2_ERRORS = {"UnrecognizedClientException": ("AuthFailure", 401)}
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_S3_ERRORS = {
    "ExpiredTokenException": ("ExpiredToken", 400),
    "InvalidSignatureException": ("SignatureDoesNotMatch", 403),
    "UnrecognizedClientException": ("InvalidAccessKeyId", 403),
}
_AS_SENT = "/~!$&'()*+,;=:@"


class Ec2Query(Query):
    """The Query protocol of EC2, which has errors in a list under `Response`."""

    name = "ec2"

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:
        """Return the status and the body of an error answer."""
        code, status = _EC2_ERRORS.get(error.code) or common_error(error)
        root = Element("Response")
        detail = SubElement(SubElement(root, "Errors"), "Error")
        add(detail, "Code", code)
        add(detail, "Message", error.message)
        add(root, "RequestID", request_id)
        return status, tostring(root)


class Rest:
    """The REST protocol with JSON errors; a request names its operation by method and path."""

    name = "rest"
    methods: frozenset[str] = frozenset()
    content_type = "application/json"
    headers: tuple[tuple[str, str], ...] = ((ERROR_TYPE, "UnknownOperationException"),)

    def address(self, request: Request) -> Address:
        """Return no service, and method and path as the operation; the path is quoted, as it may hold any character."""
        path = quote(request.path, safe=_AS_SENT, encoding="latin-1")
        return Address("", f"{request.method} {path}")

    def read(self, request: Request, operation: OperationModel) -> NoReturn:
        """Raise NotImplementedError: no service here has this protocol."""
        raise NotImplementedError

    def success(self, operation: OperationModel, result: dict[str, Any] | None, request_id: str) -> NoReturn:
        """Raise NotImplementedError: no service here has this protocol."""
        raise NotImplementedError

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:  # noqa: ARG002
        """Return the status and the body of an error answer."""
        return error.status, json.dumps({"__type": error.code, "message": error.message}).encode()


class RestXml(Rest):
    """The REST protocol of S3, with an error as one XML element."""

    content_type = "application/xml"
    headers = ()

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:
        """Return the status and the body of an error answer."""
        code, status = _S3_ERRORS.get(error.code) or (error.code, error.status)
        root = Element("Error")
        add(root, "Code", code)
        add(root, "Message", error.message)
        add(root, "RequestId", request_id)
        return status, tostring(root)


class RestXmlLikeQuery(RestXml):
    """The REST protocol of Route 53 and CloudFront, with the errors of Query."""

    def failure(self, error: AWSError, request_id: str) -> tuple[int, bytes]:
        """Return the status and the body of an error answer."""
        return Query().failure(error, request_id)
