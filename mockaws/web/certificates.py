"""The root certificates behind all HSMs, under the names of the files that AWS has for download.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html
"""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

import flask

from mockaws.web.problems import ProblemError

_ROOTS = {path.name: path for path in sorted(Path(__file__).resolve().parent.parent.joinpath("roots").glob("*.crt"))}

blueprint = flask.Blueprint("certificates", __name__)


@blueprint.get("/_mockaws/certificates/<name>")
def certificate(name: str) -> flask.Response:
    """Return a root certificate in PEM."""
    if name not in _ROOTS:
        raise ProblemError(f"there is no certificate '{name}', only {' and '.join(_ROOTS)}", HTTPStatus.NOT_FOUND)
    return flask.Response(_ROOTS[name].read_bytes(), mimetype="application/x-pem-file")
