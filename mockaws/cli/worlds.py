"""`mockaws world`: the named worlds of a running server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockaws.cli.remote import Remote, add_endpoint, segment
from mockaws.cli.saying import OK, USAGE, complain, show

if TYPE_CHECKING:
    import argparse


def add_commands(world: argparse.ArgumentParser) -> None:
    """Add the commands of this module to the parser."""
    verbs = world.add_subparsers(title="what to do", metavar="create | list | show | remove", required=True)
    create = verbs.add_parser("create", help="make a world, and print where it is")
    create.add_argument("name", help="its name: letters, digits, dots, dashes and underscores")
    create.add_argument("--fixture", help="fixture file, or the name of a shipped one (default the server's own)")
    create.add_argument("--account", help="account of a fixture that names none")
    create.add_argument("--seed", help="text that makes the ids given out repeatable")
    create.add_argument(
        "--idle-timeout", metavar="DURATION", help="remove the world when nobody used it for so long, such as PT1H"
    )
    create.set_defaults(run=_create)
    listing = verbs.add_parser("list", help="list the worlds")
    listing.set_defaults(run=_list)
    showing = verbs.add_parser("show", help="tell of one world")
    showing.set_defaults(run=_show)
    remove = verbs.add_parser("remove", help="remove a world and all that is in it")
    remove.set_defaults(run=_remove)
    for verb in (showing, remove):
        verb.add_argument("name", help="the name of the world")
    for verb in (create, listing, showing, remove):
        add_endpoint(verb)


def _create(parsed: argparse.Namespace) -> int:
    given = {name: getattr(parsed, name) for name in ("name", "fixture", "account", "seed", "idle_timeout")}
    document = {name: value for name, value in given.items() if value is not None}
    if parsed.fixture is not None and not _send_file(document):
        return USAGE
    show(Remote(parsed.endpoint).call("POST", "worlds", document))
    return OK


def _send_file(document: dict[str, str]) -> bool:
    """Have a fixture of one's own in *document*: the server reads no files for others. False where nobody can."""
    from mockaws.seed import library, sources  # noqa: PLC0415
    from mockaws.seed.problems import FixtureError  # noqa: PLC0415

    if document["fixture"] in library.names():
        return True
    try:
        document["document"] = sources.find(document.pop("fixture")).text()
    except FixtureError as error:
        complain(str(error))
        return False
    return True


def _list(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("GET", "worlds"))
    return OK


def _show(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("GET", f"worlds/{segment(parsed.name)}"))
    return OK


def _remove(parsed: argparse.Namespace) -> int:
    show(Remote(parsed.endpoint).call("DELETE", f"worlds/{segment(parsed.name)}"))
    return OK
