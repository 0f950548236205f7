"""Pages of lists, by MaxResults and NextToken.

A token contains its operation and the position of the next page. It is opaque to the caller. AWS's model limits it to
256 characters.
"""

from __future__ import annotations

import base64

from mockaws.services.cloudhsmv2 import errors


def token(operation: str, position: str) -> str:
    """Return the token of the page of *operation* that begins at *position*."""
    return base64.urlsafe_b64encode(f"{operation}:{position}".encode()).decode()


def position(operation: str, next_token: str | None, *, start: str) -> str:
    """Return the position at which a page of *operation* begins: *start* for the first one.

    Raises CloudHsmInvalidRequestException if the token is not from *operation*.
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
