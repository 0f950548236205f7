"""The first error in a command's output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 2**20
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_BAR = "│"
_FRAME = re.compile(r"^[│╷╵]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
# The forms in which Terraform's provider, Go programs, the AWS CLI and boto3 print an error of AWS.
_CODES = (
    re.compile(r"An error occurred \((?P<code>\w+)\)"),
    re.compile(r"\bapi error (?P<code>\w+):"),
    re.compile(r"\bRequestID: [\w-]+, (?P<code>[A-Z]\w+):"),
)
_CALLING = re.compile(r"An error occurred \(\w+\) when calling the \w+ operation[^:]*: (?P<message>.+)")
_DIAGNOSIS = re.compile(r"(?:Error|Warning): ")
_MARKS = ("Error: ", "An error occurred (", "rror:")
# Terraform prints these for every condition, and the author's message below.
_UNTOLD = ("condition failed", "Check block assertion failed", "Test assertion failed", "Invalid value for variable")


class Finding(NamedTuple):
    """The first error of an output on one line, and AWS's error code in it, if there is one."""

    error: str = ""
    code: str = ""


NOTHING = Finding()


def text(log: Path) -> str:
    """Return the end of an output as plain text: without colours and characters that reports cannot hold."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _MOST_BYTES))
        output = file.read().decode("utf-8", "replace")
    return _UNPRINTABLE.sub("", _COLOUR.sub("", output).replace("\r\n", "\n").replace("\r", "\n"))


def find(output: str) -> Finding:
    """Return the first error in *output*, or its last line if no line looks like an error."""
    lines = output.split("\n")
    for mark in _MARKS:
        for number, line in enumerate(lines):
            if mark in line:
                return _finding(_beginning(lines[number:]))
    return _finding(next((line for line in map(_bare, reversed(lines)) if line), ""))


def _beginning(lines: list[str]) -> str:
    """Return the line with which an error begins, and the messages of Terraform's conditions."""
    first = _bare(lines[0])
    if not first.startswith("Error: ") or not any(words in first for words in _UNTOLD):
        return first
    paragraphs = "\n".join(map(_bare, _block(lines))).strip().split("\n\n")
    said = " ".join(paragraphs[-1].split())
    return f"{first}: {said}" if len(paragraphs) > 1 else first


def _block(lines: list[str]) -> list[str]:
    """Return the lines of one of Terraform's errors: its frame, or the lines before the next error."""
    framed = lines[0].startswith(_BAR)
    ends = (lambda line: not line.startswith(_BAR)) if framed else _DIAGNOSIS.match
    return lines[: next((number for number, line in enumerate(lines) if number and ends(line)), len(lines))]


def _bare(line: str) -> str:
    return _FRAME.sub("", line).strip()


def _finding(line: str) -> Finding:
    error = line.removeprefix("Error: ")
    code = next((found["code"] for pattern in _CODES if (found := pattern.search(error))), "")
    return Finding(error, code)


def shortened(finding: Finding) -> str:
    """Return an error for a table: from AWS's error on, without the parts that all of them share."""
    error, code = finding
    named = f"{code}: "
    said = _CALLING.search(error)
    if said:
        return f"{named}{said['message']}"
    return error[error.index(named) :] if code and named in error else error
