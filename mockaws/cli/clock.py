"""`mockaws clock`: the time in a world of a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockaws.cli.remote import Remote, add_endpoint
from mockaws.cli.saying import OK, show

if TYPE_CHECKING:
    import argparse


def add_commands(clock: argparse.ArgumentParser) -> None:
    """Add the commands of this module to the parser."""
    add_endpoint(clock)
    clock.set_defaults(run=_show)
    verbs = clock.add_subparsers(title="what to do", metavar="[show | freeze | set | advance | resume]")
    looking = verbs.add_parser("show", help="tell the time, which is what is done where nothing is said")
    freeze = verbs.add_parser("freeze", help="stop the clock")
    freeze.add_argument("at", nargs="?", metavar="MOMENT", help="an ISO 8601 date-time or epoch seconds (default now)")
    setting = verbs.add_parser("set", help="move the clock to a moment; it stands or runs on as before")
    setting.add_argument("at", metavar="MOMENT", help="an ISO 8601 date-time or epoch seconds")
    for verb in (freeze, setting):
        verb.add_argument("--back", action="store_true", help="go back in time, if that is what the moment means")
    advance = verbs.add_parser("advance", help="move the clock forward")
    advance.add_argument("by", metavar="DURATION", help="an ISO 8601 duration, such as P30D or PT1H30M")
    resume = verbs.add_parser("resume", help="let a frozen clock run on")
    for verb, run in ((looking, _show), (freeze, _freeze), (setting, _set), (advance, _advance), (resume, _resume)):
        add_endpoint(verb, again=True)
        verb.set_defaults(run=run)


def _show(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("GET", "clock"))
    return OK


def _freeze(parsed: argparse.Namespace) -> int:
    return _change(parsed, freeze=True if parsed.at is None else parsed.at, **_back(parsed))


def _set(parsed: argparse.Namespace) -> int:
    return _change(parsed, set=parsed.at, **_back(parsed))


def _advance(parsed: argparse.Namespace) -> int:
    return _change(parsed, advance=parsed.by)


def _resume(parsed: argparse.Namespace) -> int:
    return _change(parsed, resume=True)


def _change(parsed: argparse.Namespace, **change: Any) -> int:
    show(Remote(parsed.endpoint).call("POST", "clock", change))
    return OK


def _back(parsed: argparse.Namespace) -> dict[str, bool]:
    return {"back": True} if parsed.back else {}
