"""Pages of a list: MaxResults and NextToken in, NextToken out where there is more.

A token tells the operation that gave it out and where its next page begins; to the caller it is opaque, and AWS's model
limits it to 256 characters.
"""

from __future__ import annotations

import base64

from mockaws.services.cloudhsmv2 import errors


def token(operation: str, position: str) -> str:
    """Return the token of the page of *operation* that begins at *position*."""
    return base64.urlsafe_b64encode(f"{operation}:{position}".encode()).decode()


def position(operation: str, next_token: str | None, *, start: str) -> str:
    """Return where a page of *operation* begins: *start* for the first one.

    Raises CloudHsmInvalidRequestException for a token that *operation* did not give out.
    """
    if next_token is None:
        return start
    try:
        owner, _, found = base64.b64decode(next_token, altchars=b"-_", validate=True).decode().partition(":")
    except ValueError:
        raise errors.NextTokenNotValid() from None
    if owner != operation or not found:
        raise errors.NextTokenNotValid()
    return found
