"""Errors as AWS words them, each declared once, with where its sentence comes from.

    AWSError                    an error answer on its way to the caller
    ErrorShape                  an error as a service's model has it
    ErrorCatalogue              declares the errors of one service, against those shapes
    └── Declared                one error sentence; calling it makes the AWSError

The grades: RECORDED (seen in a real answer of AWS), DOCUMENTED (AWS's documentation or model has the sentence), CHOSEN
(no source shows AWS's sentence; this project's words).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD_REQUEST = 400
_TAG = re.compile(r"<[^>]+>")
_SENTENCE = re.compile(r"(.+?\.)(?:\s|$)", re.DOTALL)

# https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and its twins: every service may answer these,
# so no model lists them.
COMMON_ERRORS = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAction",
        "InvalidParameterValue",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "NotAuthorizedException",
        "RequestEntityTooLargeException",
        "SerializationException",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationException",
    }
)


class Grade(StrEnum):
    """How sure it is that AWS says these very words."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    CHOSEN = "chosen"


RECORDED, DOCUMENTED, CHOSEN = Grade


class AWSError(Exception):
    """An error answer: its *code* as the caller's SDK knows it, the sentence, and the HTTP status.

    *modelled* says that the service's own model has the code; the others are common to all services, and each protocol
    has names of its own for them. *loggable* is the sentence that journals and files may keep, where the one for the
    caller quotes a secret of the caller's.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        status: int = BAD_REQUEST,
        member: str = "message",
        *,
        modelled: bool = False,
        loggable: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.loggable = message if loggable is None else loggable
        self.status = status
        self.member = member
        self.modelled = modelled

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """An error that the model declares: the code on the wire, its HTTP status, the member that holds the message."""

    name: str
    code: str
    status: int
    member: str
    documentation: str = field(default="", repr=False)

    @property
    def sentence(self) -> str:
        """What the model says of the error, as far as the first full stop, without its markup."""
        from html import unescape  # noqa: PLC0415 - it comes with a table of all entities, and is seldom needed

        text = " ".join(unescape(_TAG.sub(" ", self.documentation)).split())
        found = _SENTENCE.match(text)
        return found[1] if found else text


@dataclass(frozen=True, slots=True)
class Declared:
    """One sentence of one error; `raise errors.KeyNotFound(arn=…)` fills in its blanks."""

    code: str
    grade: Grade
    sentence: str
    status: int
    member: str
    modelled: bool

    def __call__(self, **blanks: object) -> AWSError:
        """Return the error with the sentence's {blanks} filled in; a missing blank is a KeyError."""
        return AWSError(self.code, self.sentence.format_map(blanks), self.status, self.member, modelled=self.modelled)


@dataclass(slots=True)
class ErrorCatalogue:
    """Declares the errors of one service, and refuses at import what its model does not have."""

    service: str
    shapes: Mapping[str, ErrorShape]
    declared: list[Declared] = field(default_factory=list)

    def __call__(self, code: str, grade: Grade, sentence: str = "", status: int | None = None) -> Declared:
        """Declare one error sentence.

        Raises LookupError when neither the service's model nor AWS's list of common errors has *code*.
        """
        error = self._declare(code, grade, sentence, status)
        self.declared.append(error)
        return error

    def error(self, code: str, message: str | None = None) -> AWSError:
        """Return the error *code*, or of that name, with *message*.

        Without one it has the last sentence of AWS's that is declared for it and has no blanks, else what the model
        says of it; an error of no model has one of ours. Raises LookupError as declaring it would.
        """
        shape = self.shapes.get(code) or next((shape for shape in self.shapes.values() if shape.code == code), None)
        found = self._declare(shape.name if shape else code, Grade.CHOSEN, "", None)
        if message is None:
            for error in reversed(self.declared):
                fits = error.code == found.code and "{" not in error.sentence
                if fits and (error.grade is not Grade.CHOSEN or shape is None):
                    return error()
            message = shape.sentence if shape else ""
        return AWSError(found.code, message, found.status, found.member, modelled=found.modelled)

    def _declare(self, code: str, grade: Grade, sentence: str, status: int | None) -> Declared:
        shape = self.shapes.get(code)
        if shape is None and code not in COMMON_ERRORS:
            raise LookupError(f"{self.service} has no error {code}")
        if status is None:
            status = shape.status if shape else BAD_REQUEST
        # Recorded: KMS spells the member of AccessDeniedException with a capital letter, and of no other error.
        member = shape.member if shape else ("Message" if code == "AccessDeniedException" else "message")
        return Declared(shape.code if shape else code, grade, sentence, status, member, shape is not None)
