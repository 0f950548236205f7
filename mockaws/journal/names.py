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

# As policies and CloudTrail call the services, and as the AWS CLI calls them where that is another name.
_MODELS = {"kms": "kms", "cloudhsm": "cloudhsmv2", "sts": "sts"}
SERVICES = tuple(_MODELS)

_LONGEST_PATTERN = 256
_AN_OPERATION = "kms:ScheduleKeyDeletion, or with * for any letters"
_AN_ERROR = "NotFoundException, or with * for any letters"


class UnknownNameError(ValueError):
    """There is nothing of that name; the message says what there is."""


@dataclass(frozen=True, slots=True)
class OperationPattern:
    """Which operations are meant: of which service, under which names."""

    service: str
    name: str

    def matches(self, entry: Entry) -> bool:
        """Tell whether a call was one of these operations."""
        return fnmatchcase(entry.service, self.service) and fnmatchcase(entry.name, self.name)


def operation_pattern(text: str) -> OperationPattern:
    """Read `service:Operation` or `Operation`, either with wildcards.

    Raises UnknownNameError for what no operation of the services is called.
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
    """Return the name of a service as the journal knows it. Raises UnknownNameError for one that is not there."""
    found = _canonical(text)
    if found not in SERVICES:
        raise UnknownNameError(f"{text}: no such service; there are {', '.join(SERVICES)}")
    return found


def account(text: str) -> str:
    """Return the number of an account. Raises UnknownNameError for what is none."""
    if not principals.is_account(text):
        raise UnknownNameError(f"{text}: no such account; one is 12 digits, such as 111122223333")
    return text


def region(text: str, seen: Iterable[str | None]) -> str:
    """Return the name of a Region. Raises UnknownNameError for one that AWS has not and that is none of *seen*."""
    if text not in REGIONS.union(seen):
        raise UnknownNameError(f"{text}: no such Region; {_guess(text, REGIONS, 'us-west-2')}")
    return text


def error_pattern(text: str, seen: Iterable[str]) -> str:
    """Return a pattern of error codes. Raises UnknownNameError for one that no service has and none of *seen* is."""
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
    """Return what may have been meant, whatever its capitals, else what a name looks like."""
    lower = {name.lower(): name for name in sorted(names)}
    near = difflib.get_close_matches(text.lower(), lower, 1)
    return f"did you mean {lower[near[0]]}?" if near else f"one is such as {example}"
