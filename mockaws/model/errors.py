"""AWS's errors, each declared once, with the source of its sentence.

    AWSError                    an error answer for the caller
    CommittedError              an error that does not undo the records of its call
    ErrorShape                  an error in a service's model
    ErrorCatalogue              the declared errors of one service, validated against those shapes
    └── Declared                one error sentence; a call returns the AWSError

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

# https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and its counterparts: all services may return
# these, so no model lists them.
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
    """The source of a sentence, from the most to the least certain."""

    RECORDED = "recorded"
    DOCUMENTED = "documented"
    CHOSEN = "chosen"


RECORDED, DOCUMENTED, CHOSEN = Grade


class AWSError(Exception):
    """An error answer: its *code* as the caller's SDK knows it, the message, and the HTTP status.

    *modelled* is True if the service's own model has the code. Other codes are common to all services, and each
    protocol has its own names for them. If the message quotes a secret of the caller, *loggable* is the message for
    journals and files.
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


class CommittedError(Exception):
    """An error that must not undo the records of its call: the world commits them, and then raises the error.

    All other exceptions undo everything that their call has written.
    """


@dataclass(frozen=True, slots=True)
class ErrorShape:
    """An error in the model: its code on the wire, its HTTP status, and the member with the message."""

    name: str
    code: str
    status: int
    member: str
    documentation: str = field(default="", repr=False)

    @property
    def sentence(self) -> str:
        """The first sentence of the error's documentation in the model, without markup."""
        from html import unescape  # noqa: PLC0415 - it loads a table of all entities and is seldom needed

        text = " ".join(unescape(_TAG.sub(" ", self.documentation)).split())
        found = _SENTENCE.match(text)
        return found[1] if found else text


@dataclass(frozen=True, slots=True)
class Declared:
    """One sentence of one error. `raise errors.KeyNotFound(arn=…)` fills in its blanks."""

    code: str
    grade: Grade
    sentence: str
    status: int
    member: str
    modelled: bool

    def __call__(self, **blanks: object) -> AWSError:
        """Return the error with the sentence's {blanks} filled in. Raises KeyError if a blank is missing."""
        return AWSError(self.code, self.sentence.format_map(blanks), self.status, self.member, modelled=self.modelled)


@dataclass(slots=True)
class ErrorCatalogue:
    """The declared errors of one service. A declaration fails at import if the model lacks its code."""

    service: str
    shapes: Mapping[str, ErrorShape]
    declared: list[Declared] = field(default_factory=list)

    def __call__(self, code: str, grade: Grade, sentence: str = "", status: int | None = None) -> Declared:
        """Declare one error sentence.

        Raises LookupError if neither the service's model nor AWS's list of common errors has *code*.
        """
        error = self._declare(code, grade, sentence, status)
        self.declared.append(error)
        return error

    def error(self, code: str, message: str | None = None) -> AWSError:
        """Return the error with this code or name, and with *message*.

        Without *message*, it has the last declared sentence of AWS without blanks, else the sentence of the model. An
        error of no model gets a chosen sentence. Raises LookupError for an unknown code.
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
