"""The default user in moto's IAM, so that IAM and STS agree on the caller.

moto itself calls the owner of an access key that it did not create `default_user`, a user that no list has.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

from mockaws import arns
from mockaws.model.errors import AWSError
from mockaws.other_services import targets
from mockaws.services import principals

if TYPE_CHECKING:
    from mockaws.other_services.base import Environ
    from mockaws.services.operation import Caller

# "If you do not specify a user name, IAM determines the user name implicitly based on the access key ID signing the
# request": https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html
_CALLER_OPERATIONS = {"CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "UpdateAccessKey"}


def with_user(environ: Environ, caller: Caller) -> Environ:
    """Return a request to IAM with the default user's name where it is implied; create that user in moto if needed.

    Raises AWSError if a role's session sends a request that needs a user name, without one.
    """
    default = principals.is_default_user(caller)
    if default:
        _ensure_user(caller)
    body = environ["wsgi.input"].read(targets.body_length(environ))
    form = parse_qs(body.decode("latin-1")) | parse_qs(environ.get("QUERY_STRING", ""))
    if form.get("Action", [""])[0] in _CALLER_OPERATIONS and "UserName" not in form:
        if ":assumed-role/" in caller.arn:
            raise AWSError("ValidationException", "Must specify userName when calling with non-User credentials")
        if default:
            body += b"&" + urlencode({"UserName": principals.USER}).encode()
    return environ | {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}


def _ensure_user(caller: Caller) -> None:
    """Create the default user in moto's IAM, with the name and the unique id that STS reports."""
    from moto.iam.models import iam_backends  # noqa: PLC0415 - as in moto.py

    iam = iam_backends[caller.account][arns.partition(caller.region)]
    if principals.USER not in iam.users:
        user = iam.create_user(caller.region, principals.USER)
        user.id = caller.user_id
