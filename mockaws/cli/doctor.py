"""`mockaws doctor`: a check of this environment for Terraform, and whether it could reach real AWS."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws import __version__, settings
from mockaws.cli.output import OK, REFUSED, show

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mockaws.doctor.findings import Finding

_GRADE, _CHECK = 9, 16


def add_commands(doctor: argparse.ArgumentParser) -> None:
    """Add the flags of the command to its parser."""
    doctor.add_argument("--port", help="the port that `mockaws serve` would take (default MOCKAWS_PORT, else 4566)")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(run=_doctor)


def _doctor(parsed: argparse.Namespace) -> int:
    from mockaws.doctor.examination import examine  # noqa: PLC0415
    from mockaws.doctor.findings import Grade  # noqa: PLC0415
    from mockaws.doctor.surroundings import Surroundings  # noqa: PLC0415

    found = list(examine(Surroundings(environ=os.environ, directory=Path.cwd()), _port(parsed.port)))
    well = not any(finding.grade is Grade.PROBLEM for finding in found)
    if parsed.json:
        show({"well": well, "version": __version__, "checks": [_document(finding) for finding in found]})
    else:
        print("\n".join([*(line for finding in found for line in _lines(finding)), "", _summary(found)]))  # noqa: T201
    return OK if well else REFUSED


def _port(given: str | None) -> int:
    """Return the port of the flag, else of the environment, whose other mistakes are findings. Raises SettingsError."""
    variable = f"{settings.PREFIX}PORT"
    try:
        return settings.read({variable: os.environ.get(variable, "")}, {"port": given}).port
    except settings.SettingsError:
        if given is not None:
            raise
        return settings.Settings().port


def _lines(finding: Finding) -> list[str]:
    first = f"{finding.grade.value:{_GRADE}}{finding.check:{_CHECK}}{finding.found}"
    return [first, *(f"{'':{_GRADE + _CHECK}}{line}" for line in finding.remedy)]


def _document(finding: Finding) -> dict[str, str | list[str]]:
    return {
        "check": finding.check,
        "grade": finding.grade.value,
        "found": finding.found,
        "remedy": [line.strip() for line in finding.remedy],
    }


def _summary(found: Sequence[Finding]) -> str:
    grades = [finding.grade.value for finding in found]
    counted = [
        f"{count} {name}{'' if count == 1 else 's'}" for name in ("problem", "warning") if (count := grades.count(name))
    ]
    return f"{' and '.join(counted)}." if counted else "All is well."
