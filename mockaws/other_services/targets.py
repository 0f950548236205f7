"""The target and the length of a request, as its client sent them.

PEP 3333's PATH_INFO is decoded, which makes `/a%2Fb` and `/a/b` the same. The target as it came is in REQUEST_URI
(waitress, uWSGI, mod_wsgi, Werkzeug) or RAW_URI (gunicorn).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from mockaws.model.errors import AWSError

if TYPE_CHECKING:
    from mockaws.other_services.base import Environ

KEY = "mockaws.target"
"""The key in *environ* of a request's target below its world, for `target_of`."""

TARGET_FORM = "a path that starts with '/', in printable ASCII without '#'"
"""The form of a request's target, for messages to clients."""

CHUNKED = -1
"""The length of a body in chunks, of which the server reports the end."""

_WORLDS = "worlds"
_REQUEST_TARGETS = ("REQUEST_URI", "RAW_URI")
# Printable ASCII without '#', which begins a fragment, and clients do not send those.
_ORIGIN_FORM = re.compile(r"/[!\"$-~]*")
_AS_SENT = "/~!$&'()*+,;=:@"
_MOST_DIGITS = 18
_TOO_LARGE = 413


def is_origin_form(sent: str) -> bool:
    """Return True if a request's target is a path with or without a query: RFC 9112, section 3.2.1.

    A target in another form names another server, or a server as a whole. Requests to AWS do neither.
    """
    return _ORIGIN_FORM.fullmatch(sent) is not None


def target_of(environ: Environ) -> str:
    """Return path and query as they were sent, below the path of the application and of the world.

    Raises AWSError if the target is not a path, such as a URL or `*`.
    """
    known: str | None = environ.get(KEY)
    if known is not None:
        return known
    path: str = environ["PATH_INFO"] or "/"
    mount = environ.get("SCRIPT_NAME", "")
    for name in _REQUEST_TARGETS:
        sent: str | None = environ.get(name)
        if sent:
            if not is_origin_form(sent):
                raise _not_a_path(sent)
            if sent == path and not mount:
                return sent
            below = sent.removeprefix(mount)
            # A middleware may have changed the path; then the sent target is obsolete. waitress drops leading slashes.
            if decoded_path(below).lstrip("/") == path.lstrip("/"):
                return below if below.startswith("/") else f"/{below}"
    if not path.startswith("/"):
        raise _not_a_path(path)
    query = environ.get("QUERY_STRING")
    return quote(path.encode("latin-1"), safe=_AS_SENT) + (f"?{query}" if query else "")


def split_world(sent: str) -> tuple[str | None, str]:
    """Return the name of the world in a target, None for the default one, and the target below it.

    Only slashes separate: `/worlds/a%2Fb/c` names the world `a/b`, which is invalid.
    """
    path, mark, query = sent.partition("?")
    _, first, *rest = path.split("/", 3)
    if first != _WORLDS and _decoded(first) != _WORLDS:
        return None, sent
    name, below = (*rest, "", "")[:2]
    return _decoded(name), f"/{below}{mark}{query}"


def decoded_path(sent: str) -> str:
    """Return the path of a target, decoded as PATH_INFO is."""
    return _decoded(sent.partition("?")[0])


def body_length(environ: Environ) -> int:
    """Return the length of a request's body, or CHUNKED. Raises AWSError if Content-Length is not a length."""
    text: str = environ.get("CONTENT_LENGTH") or ""
    if not text:
        chunked = "HTTP_TRANSFER_ENCODING" in environ and environ.get("wsgi.input_terminated")
        return CHUNKED if chunked else 0
    if not (text.isascii() and text.isdigit()):
        raise AWSError("ValidationException", "invalid Content-Length header: send a number of bytes, in digits")
    if len(text) > _MOST_DIGITS:
        raise AWSError(
            "RequestEntityTooLargeException",
            f"invalid Content-Length header: send at most {_MOST_DIGITS} digits",
            _TOO_LARGE,
        )
    return int(text)


def _decoded(text: str) -> str:
    return unquote(text, "latin-1") if "%" in text else text


def _not_a_path(sent: str) -> AWSError:
    return AWSError("InvalidURI", f"invalid request target {sent[:100]!a}: send {TARGET_FORM}")
