"""moto's IAM and who calls it: our default user is one of its users, so that IAM and STS say the same of who calls.

moto itself says of a caller whose access key it did not make that it is `default_user`, in no list and of no use.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from mockaws import arns
from mockaws.model.errors import AWSError
from mockaws.others import received
from mockaws.services import principals

if TYPE_CHECKING:
    from mockaws.others.base import Environ
    from mockaws.services.operation import Caller

# "If you do not specify a user name, IAM determines the user name implicitly based on the access key ID signing the
# request": https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
_OF_THE_CALLER = {"CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "UpdateAccessKey"}


def introduced(environ: Environ, caller: Caller) -> Environ:
    """Return a request to IAM as moto has to see it, after moto has got to know our default user.

    Raises AWSError for what a role's session can only ask about a user that it names.
    """
    default = principals.is_default(caller)
    if default:
        _introduce(caller)
    body = environ["wsgi.input"].read(received.length(environ))
    form = parse_qs(body.decode("latin-1")) | parse_qs(environ.get("QUERY_STRING", ""))
    if form.get("Action", [""])[0] in _OF_THE_CALLER and "UserName" not in form:
        if ":assumed-role/" in caller.arn:
            raise AWSError("ValidationException", "Must specify userName when calling with non-User credentials")
        if default:
            body += b"&" + urlencode({"UserName": principals.USER}).encode()
    return environ | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _introduce(caller: Caller) -> None:
    """Have a user in moto's IAM with the name and the unique id that STS tells."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 - as in moto.py

    iam = iam_backends[caller.account][arns.partition(caller.region)]
    if principals.USER not in iam.users:
        user = iam.create_user(caller.region, principals.USER)
        user.id = caller.user_id
