"""The packages that mockaws needs and can use. None is imported: moto alone takes seconds."""

from __future__ import annotations

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws import __version__
from mockaws.doctor.findings import Finding, ok, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

CHECK = "packages"
_MODELS = ("kms", "cloudhsmv2", "sts")
# moto's server needs the second, which its extra installs.
_OF_MOTO = ("moto", "flask_cors")


def check() -> Iterator[Finding]:
    """Check botocore, whose models mockaws reads, and moto, which answers for other services."""
    yield _botocore()
    if all(find_spec(package) for package in _OF_MOTO):
        yield ok(CHECK, f"moto {_version('moto')}, for --others moto")
    else:
        found = "moto's server is not installed, which --others moto needs for services that are not mockaws's own"
        yield ok(CHECK, found, "pip install 'mockaws[aws]'")


def _botocore() -> Finding:
    spec = find_spec("botocore")
    if spec is None or spec.origin is None:
        return problem(
            CHECK, "botocore is not installed, and mockaws reads AWS's models from it", "pip install mockaws"
        )
    data = Path(spec.origin).parent / "data"
    absent = [name for name in _MODELS if not any(data.glob(f"{name}/*/service-2.json*"))]
    if absent:
        found = f"botocore {_version('botocore')} has no models of {', '.join(absent)}"
        return problem(CHECK, found, "pip install --force-reinstall botocore")
    return ok(CHECK, f"mockaws {__version__}, botocore {_version('botocore')}")


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "of unknown version"
