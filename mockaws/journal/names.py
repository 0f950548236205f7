"""Operations by name, with wildcards: `kms:ScheduleKeyDeletion`, `kms:Delete*`, `*`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mockaws.model.errors import COMMON_ERRORS
from mockaws.model.service import load
from mockaws.regions import REGIONS
from mockaws.services import principals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockaws.journal.entries import Entry

# The services' names in policies and CloudTrail, and their names in the AWS CLI.
_MODELS = {"kms": "kms", "cloudhsm": "cloudhsmv2", "sts": "sts"}
SERVICES = tuple(_MODELS)

_LONGEST_PATTERN = 256
_AN_OPERATION = "kms:ScheduleKeyDeletion, or with * for any letters"
_AN_ERROR = "NotFoundException, or with * for any letters"


class UnknownNameError(ValueError):
    """An unknown name; the message shows the known ones."""


@dataclass(frozen=True, slots=True)
class OperationPattern:
    """A pattern of services and a pattern of operations."""

    service: str
    name: str

    def matches(self, entry: Entry) -> bool:
        """Return True if a call was one of these operations."""
        return fnmatchcase(entry.service, self.service) and fnmatchcase(entry.name, self.name)


def operation_pattern(text: str) -> OperationPattern:
    """Return the pattern that `service:Operation` or `Operation` stands for, either with wildcards.

    Raises UnknownNameError if it matches no operation of the services.
    """
    _require_short(text, _AN_OPERATION)
    service, colon, name = text.rpartition(":")
    pattern = OperationPattern(_canonical(service) if colon else "*", name)
    known = [(one, operation) for one, model in _MODELS.items() for operation in load(model).operations]
    if not any(fnmatchcase(one, pattern.service) and fnmatchcase(operation, name) for one, operation in known):
        names = [f"{one}:{operation}" for one, operation in known] if colon else [operation for _, operation in known]
        raise UnknownNameError(f"{text}: no such operation; {_guess(text, names, _AN_OPERATION)}")
    return pattern


def service(text: str) -> str:
    """Return the name of a service in the journal. Raises UnknownNameError for an unknown service."""
    found = _canonical(text)
    if found not in SERVICES:
        raise UnknownNameError(f"{text}: no such service; there are {', '.join(SERVICES)}")
    return found


def account(text: str) -> str:
    """Return the number of an account. Raises UnknownNameError for text of another form."""
    if not principals.is_account(text):
        raise UnknownNameError(f"{text}: no such account; one is 12 digits, such as 111122223333")
    return text


def region(text: str, seen: Iterable[str | None]) -> str:
    """Return the name of a Region. Raises UnknownNameError if neither AWS nor *seen* has it."""
    if text not in REGIONS.union(seen):
        raise UnknownNameError(f"{text}: no such Region; {_guess(text, REGIONS, 'us-west-2')}")
    return text


def error_pattern(text: str, seen: Iterable[str]) -> str:
    """Return a pattern of error codes. Raises UnknownNameError if it matches no error of a service or of *seen*."""
    _require_short(text, _AN_ERROR)
    known = COMMON_ERRORS.union(seen, *({error.code for error in load(m).errors.values()} for m in _MODELS.values()))
    if not any(fnmatchcase(code, text) for code in known):
        raise UnknownNameError(f"{text}: no such error; {_guess(text, known, _AN_ERROR)}")
    return text


def _require_short(text: str, example: str) -> None:
    """Raise UnknownNameError if a pattern is so long that no name can match it."""
    if len(text) > _LONGEST_PATTERN:
        raise UnknownNameError(f"{text[:20]}…: a name has at most {_LONGEST_PATTERN} characters; one is {example}")


def _canonical(text: str) -> str:
    return next((name for name, model in _MODELS.items() if text == model), text)


def _guess(text: str, names: Iterable[str], example: str) -> str:
    """Return a similar known name, whatever its capitals, or an example if there is none."""
    lower = {name.lower(): name for name in sorted(names)}
    near = difflib.get_close_matches(text.lower(), lower, 1)
    return f"did you mean {lower[near[0]]}?" if near else f"one is such as {example}"
