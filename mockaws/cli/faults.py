"""`mockaws fault`: what goes wrong in a world of a running server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mockaws.cli.remote import Remote, add_endpoint, segment
from mockaws.cli.saying import OK, USAGE, complain, show

if TYPE_CHECKING:
    import argparse

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_NUMBERS = ("nth", "every", "times", "probability", "throttle", "status")
# The flags of `add` are the properties of a fault in a fixture, which docs/fixtures.md describes.
_CALLS = {
    "account": ("ACCOUNT", "only calls from this account"),
    "region": ("REGION", "only calls to this Region"),
    "key": ("KEY", "only calls about this KMS key: its id, its ARN or an alias"),
    "nth": ("N", "only the Nth of these calls"),
    "every": ("N", "each Nth of these calls"),
    "times": ("N", "at most so often: 1 is once"),
    "probability": ("P", "with this probability, from 0 to 1"),
}
_STRIKES = {
    "error": ("NAME", "an error of the service, such as KMSInternalException"),
    "message": ("SENTENCE", "the sentence of the error (default AWS's)"),
    "throttle": ("RATE", "so many requests a second go through, or 'documented' for as many as AWS says"),
    "status": ("STATUS", "an HTTP status from 500 to 599"),
    "latency": ("DURATION", "the answer, or what else happens, comes so much later, such as PT2S"),
}


def add_commands(fault: argparse.ArgumentParser) -> None:
    """Add the commands of this module to the parser."""
    verbs = fault.add_subparsers(title="what to do", metavar="add | list | remove", required=True)
    add = verbs.add_parser("add", help="add a fault, and print it with its id")
    add.add_argument("operation", help="the operations it is for: kms:Encrypt, kms:Generate*, cloudhsmv2:*, *")
    for title, flags in (("which calls", _CALLS), ("what happens to them", _STRIKES)):
        group = add.add_argument_group(title)
        for name, (metavar, meaning) in flags.items():
            group.add_argument(f"--{name}", metavar=metavar, help=meaning)
    group.add_argument("--drop", action="store_true", help="the connection ends without an answer")
    add.set_defaults(run=_add)
    listing = verbs.add_parser("list", help="list the faults, with how many calls each has seen and struck")
    listing.set_defaults(run=_list)
    remove = verbs.add_parser("remove", help="remove faults")
    remove.add_argument("ids", nargs="*", metavar="ID", help="their ids, such as fault-1")
    remove.add_argument("--all", action="store_true", help="remove all of them")
    remove.set_defaults(run=_remove)
    for verb in (add, listing, remove):
        add_endpoint(verb)


def _add(parsed: argparse.Namespace) -> int:
    given = {name: value for name in (*_CALLS, *_STRIKES) if (value := getattr(parsed, name)) is not None}
    given |= {name: _plain(given[name]) for name in _NUMBERS if name in given}
    if parsed.drop:
        given["drop"] = True
    show(Remote(parsed.endpoint).call("POST", "faults", {"operation": parsed.operation, **given}))
    return OK


def _list(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("GET", "faults"))
    return OK


def _remove(parsed: argparse.Namespace) -> int:
    if bool(parsed.ids) == parsed.all:
        complain("fault remove needs the ids of faults, or --all")
        return USAGE
    remote = Remote(parsed.endpoint)
    paths = ["faults"] if parsed.all else [f"faults/{segment(fault_id)}" for fault_id in parsed.ids]
    show({"removed": sum(remote.call("DELETE", path)["removed"] for path in paths)})
    return OK


def _plain(text: str) -> Any:
    """Return a number where *text* is one; whether it is the right one is for the server to say."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
