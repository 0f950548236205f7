"""What can be seen in a world, as its fixture tells it: calls that fail, and the commands that mend it.

The world does not depend on it. Readers do, and tests, which make the calls and run the commands.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mockaws import files
from mockaws.model.service import load
from mockaws.seed import faults
from mockaws.seed.problems import guess, one_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mockaws.model.service import ServiceModel
    from mockaws.seed.draft import Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call, and what comes of it: an *error*, members that its answer has, or just an answer.

    *parameters* have the content of files in their place; *files* names these files.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    account: str | None = None
    region: str | None = None
    error: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def fails(self) -> bool:
        """Whether something is wrong with what comes of it."""
        return self.error is not None or bool(self.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a world *shows*: which calls fail, the commands that *mend* it, and what *works* then.

    Where *works* is empty, each call that ended with an error works.
    """

    shows: str
    fails: tuple[Step, ...]
    mend: str
    works: tuple[Step, ...] = ()


def read(document: Item, folder: Path | None) -> Scenario | None:
    """Return the scenario, None where the fixture tells none.

    Relative file names start in *folder*; where that is None, files stay unread.
    """
    if not document.says("scenario"):
        return None
    item = document.item("scenario")
    fails = tuple(_step(step, folder) for step in item.items("fails"))
    if fails and not any(step.fails for step in fails):
        item.wrong("fails", "none of the calls fails", "a call with its error, or with what it answers")
    if any(step.answers and step.error is None for step in fails) and not item.says("works"):
        item.wrong("works", "is missing where an answer tells what is wrong", "a call with what it answers then")
    return Scenario(
        shows=item.text("shows") or "",
        fails=fails,
        mend=item.text("mend") or "",
        works=tuple(_step(step, folder) for step in item.items("works")),
    )


def _step(item: Item, folder: Path | None) -> Step:
    service, _, operation = (item.text("call") or "").partition(":")
    if service in faults.SERVICES:
        _check(item, load(service), operation)
    elif service:
        item.wrong("call", f"there is no service {service}{guess(service, faults.SERVICES)}", one_of(faults.SERVICES))
    if item.says("error") and item.says("answers"):
        item.wrong("answers", "a call that ends with an error has no answer", "error or answers")
    parameters: dict[str, Any] = item.value("with") or {}
    files = {name: value["file"] for name, value in parameters.items() if _is_file(value)}
    contents = {} if folder is None else {name: _content(item, name, folder / file) for name, file in files.items()}
    return Step(
        service=service,
        operation=operation,
        parameters=parameters | contents,
        files=files,
        account=item.text("account"),
        region=item.text("region"),
        error=item.text("error"),
        answers=item.mapping("answers"),
    )


def _check(item: Item, model: ServiceModel, operation: str) -> None:
    """The operation, its parameters and the error are those of AWS's model."""
    _known(item, ("call",), "operation", operation, model.operations)
    if operation in model.operations:
        for name in item.value("with") or {}:
            _known(item, ("with", name), "parameter", name, model.operations[operation].members)
    error = item.text("error")
    if error is not None:
        _known(item, ("error",), "error", error, faults.errors(model.name))


def _known(item: Item, place: tuple[str, ...], kind: str, given: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if given not in names:
        item.wrong(place, f"there is no {kind} {given}{guess(given, names)}", one_of(names))


def _is_file(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"file"} and isinstance(value["file"], str)


def _content(item: Item, name: str, path: Path) -> str:
    try:
        return files.read_named(path)
    except (OSError, ValueError) as error:
        reason = files.reason(error, "is not text")
        item.wrong(("with", name), f"{path.name} cannot be read: {reason}", "a file with the parameter")
        return ""
