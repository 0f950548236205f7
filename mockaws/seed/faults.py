"""The faults of a world, out of a fixture or a document of their own; what they name must be known to AWS's models."""

from __future__ import annotations

from dataclasses import fields
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, Any

from mockaws import moments
from mockaws.model.errors import COMMON_ERRORS
from mockaws.model.service import load
from mockaws.records.faults import DOCUMENTED, LONGEST_LATENCY, Fault
from mockaws.seed.problems import guess

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mockaws.seed.draft import Item

SERVICES = ("kms", "cloudhsmv2", "sts")
RATED = ("kms",)
"""The services of which AWS documents the request rates."""

_OTHER_NAMES = {"cloudhsm": "cloudhsmv2"}
_TURNS = ("nth", "every")
_REFUSALS = ("error", "throttle", "status", "drop")


def read(document: Item) -> tuple[Fault, ...]:
    """Return the faults of a fixture, in the order in which they are tried."""
    return tuple(_fault(item) for item in document.items("faults"))


def written(fault: Fault) -> dict[str, Any]:
    """Return a fault as it would stand in a fixture."""
    given = {
        field.name: value
        for field in fields(Fault)
        if (value := getattr(fault, field.name)) != field.default or field.name == "operation"
    }
    if "latency" in given:
        given["latency"] = moments.duration_written(given["latency"])
    return given


def operations(pattern: str) -> frozenset[str]:
    """Return the operations that *pattern* stands for, each as `kms:Encrypt`."""
    service, colon, operation = pattern.partition(":")
    wanted = f"{_OTHER_NAMES.get(service, service)}{colon}{operation}"
    return frozenset(name for name in _operations() if fnmatchcase(name, wanted))


def _fault(item: Item) -> Fault:
    pattern = item.text("operation") or "*"
    services = sorted({name.partition(":")[0] for name in operations(pattern)})
    if not services:
        near = guess(pattern, _operations())
        item.wrong("operation", f"{pattern} is no operation{near}", "kms:Encrypt, kms:Generate*, cloudhsmv2:* or *")
    _check_choice(item, services)
    if item.text("error") is not None:
        _check_error(item, item.text("error") or "", services)
    return Fault(
        operation=pattern,
        account=item.text("account"),
        region=item.text("region"),
        key=item.text("key"),
        nth=item.whole("nth"),
        every=item.whole("every"),
        times=item.whole("times"),
        probability=item.number("probability", 1.0),
        latency=_latency(item),
        error=item.text("error"),
        message=item.text("message"),
        throttle=_throttle(item, services),
        status=item.whole("status"),
        drop=item.flag("drop"),
    )


def _check_choice(item: Item, services: list[str]) -> None:
    """One thing happens, at most after a wait; and one rule says whose turn it is."""
    given = [name for name in _REFUSALS if item.says(name) and item.value(name) is not False]
    if len(given) > 1:
        item.wrong(given[1], f"stands beside {given[0]}", f"one of {', '.join(_REFUSALS)}")
    if not given and not item.says("latency"):
        item.wrong((), "says nothing of what happens", f"one of {', '.join(_REFUSALS)}, or latency")
    if all(item.says(name) for name in _TURNS):
        item.wrong("every", "stands beside nth", "one of nth and every")
    if item.says("message") and not item.says("error"):
        item.wrong("message", "is the sentence of an error, and none is given", "error beside it")
    if item.says("key") and services and "kms" not in services:
        item.wrong("key", f"{services[0]} has no KMS keys", "operations of kms", relies_on=["operation"])


def _check_error(item: Item, code: str, services: Iterable[str]) -> None:
    """Each service that the fault is for has the error: in its model, or because every service has it."""
    lacking = next((service for service in services if code not in errors(service)), None)
    if lacking is None:
        return
    having = [service for service in SERVICES if code in errors(service)]
    if having:
        message = f"{item.text('operation') or '*'} includes {lacking}, which has no error {code}"
        item.wrong("operation", message, f"operations of {' or '.join(having)}, such as {having[0]}:*")
    else:
        known = errors(lacking)
        item.wrong("error", f"{lacking} has no error {code}{guess(code, known)}", f"one of {', '.join(known)}")


def _latency(item: Item) -> float:
    text = item.text("latency")
    if text is None:
        return 0.0
    try:
        seconds = moments.duration(text)
    except moments.TooLongError:
        seconds = moments.LONGEST
    except ValueError:
        seconds = 0.0
    if not seconds:
        item.wrong("latency", f"{text} names no time", "an ISO 8601 duration such as PT2S")
    if seconds > LONGEST_LATENCY:
        item.wrong("latency", f"{text} is too long", f"at most PT{LONGEST_LATENCY:.0f}S: a thread of the server waits")
    return seconds


def _throttle(item: Item, services: list[str]) -> float | str | None:
    """Return how many requests a second go through, or that it is as many as AWS documents."""
    given = item.value("throttle")
    if given == DOCUMENTED and services and not set(services) & set(RATED):
        message = f"AWS documents no request rates of {' and '.join(services)}"
        item.wrong("throttle", message, "a number of requests a second", relies_on=["operation"])
    return given if given is None or isinstance(given, str) else float(given)


@cache
def errors(service: str) -> tuple[str, ...]:
    """Return the names of a service's errors, and the codes under which some of them go on the wire."""
    own = {name for error in load(service).errors.values() for name in (error.name, error.code)}
    return tuple(sorted(own | COMMON_ERRORS))


@cache
def _operations() -> tuple[str, ...]:
    return tuple(f"{service}:{operation}" for service in SERVICES for operation in load(service).operations)
