"""Commands for the table of control verbs: each sends a request to a running server, and prints the answer."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockaws.cli.output import OK, REFUSED, USAGE, complain, event_line, show
from mockaws.cli.remote import RefusedError, Remote, RemoteError, segment
from mockaws.worlds.control.kinds import FILE, FLAG, NUMBER, PASSWORD, TEXTS
from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.topics import EXAMPLES, GROUPS
from mockaws.worlds.control.verbs import PREFIX, Output, Place, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from mockaws.fixtures.sources import Source
    from mockaws.worlds.control.verbs import Parameter, Verb

_ENDPOINT = (
    "the server, or a world's endpoint http://…/worlds/NAME (default AWS_ENDPOINT_URL, else port 4566 or MOCKAWS_PORT "
    "of this machine)"
)
_CLOUDHSM = {Output.CLOUDHSM, Output.CLOUDHSM_SENTENCE}
_ACCOUNT_DIGITS = 12
_PAUSE_SECONDS = 0.1
_SECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


class UsageError(Exception):
    """A mistake on the command line that is found before a request is sent."""


def add_commands(parser: argparse.ArgumentParser, topic: str) -> None:
    """Add the commands of a topic to its parser."""
    commands: dict[str, list[Verb]] = {}
    for verb in VERBS.values():
        for words in verb.commands:
            if words.split()[0] == topic:
                commands.setdefault(words, []).append(verb)
    if topic in commands:
        _add_command(parser, commands[topic], topic)
        return
    if topic in EXAMPLES:
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.epilog = EXAMPLES[topic]
    default = next((words for words, verbs in commands.items() if verbs[0].is_default), None)
    if default is not None:
        _add_command(parser, commands[default], default)
    places = {topic: _subcommands(parser, required=default is None)}
    for words, verbs in commands.items():
        group, _, word = words.rpartition(" ")
        if group not in places:
            inner = places[topic].add_parser(
                group.split()[-1], help=GROUPS[group], description=_sentence(GROUPS[group])
            )
            places[group] = _subcommands(inner, required=True)
        about = verbs[0].command_summary or verbs[0].summary
        leaf = places[group].add_parser(word, help=_help(about), description=about, allow_abbrev=topic != "hsm")
        _add_command(leaf, verbs, words, again=default is not None)


def _subcommands(
    parser: argparse.ArgumentParser, *, required: bool
) -> argparse._SubParsersAction[argparse.ArgumentParser]:
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=required)


def _help(summary: str) -> str:
    """Return a sentence as lists of commands have it."""
    return f"{summary[0].lower()}{summary[1:].rstrip('.')}"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _add_command(parser: argparse.ArgumentParser, verbs: Sequence[Verb], words: str, *, again: bool = False) -> None:
    """Add the arguments of a command; *again* if a parser around this one has --endpoint already."""
    groups: dict[str, argparse._ArgumentGroup] = {}
    endpoint: dict[str, Any] = {"metavar": "URL", "help": _ENDPOINT, "default": argparse.SUPPRESS if again else None}
    if verbs[0].scope is Scope.HSMS:
        where = groups["where"] = parser.add_argument_group("where")
        where.add_argument("--endpoint", **endpoint)
        where.add_argument("--region", help="Region (default AWS_REGION or AWS_DEFAULT_REGION, else the world's)")
    else:
        parser.add_argument("--endpoint", **endpoint)
    for verb in verbs:
        for parameter in verb.parameters:
            place: Any = parser
            if parameter.group:
                place = groups.setdefault(parameter.group, parser.add_argument_group(parameter.group))
            if parameter.on_command_line:
                _add_argument(place, parameter)
        if verb.switch:
            parser.add_argument(verb.switch, dest="switch", action="store_true", help=_help(verb.summary))
        if verb.waits:
            parser.add_argument(
                "--wait",
                type=_seconds,
                default=0.0,
                metavar="SECONDS",
                help="ask again until the server is up, for at most SECONDS",
            )
        if verb.output is Output.EVENTS:
            parser.add_argument("--json", action="store_true", help="print CloudTrail events, one on a line")
        if verb.output is Output.FILE:
            parser.add_argument("--output", metavar="FILE", help="the file to write (default standard output)")
    parser.set_defaults(run=_run, verbs=verbs, words=words)


def _add_argument(place: Any, parameter: Parameter) -> None:
    about: dict[str, Any] = {"help": parameter.help}
    if parameter.kind is FLAG:
        about |= {"action": "store_const", "const": not parameter.default}
    else:
        about |= {"metavar": parameter.metavar, "choices": parameter.choices or None}
    if not parameter.flags:
        count = "*" if parameter.each else None if parameter.required else "?"
        place.add_argument(parameter.name, nargs=count, **about)
        return
    if parameter.kind is TEXTS:
        about |= {"nargs": "+", "action": "extend"}
    # A command asks for a password that is left out.
    required = parameter.required and not parameter.implied and parameter.kind is not PASSWORD
    place.add_argument(*parameter.flags, dest=parameter.name, required=required, **about)


def _seconds(given: str) -> float:
    if not _SECONDS.fullmatch(given):
        raise argparse.ArgumentTypeError(
            f"invalid SECONDS '{given}': use a number from 0 to 999999999, such as 30 or 0.5"
        )
    return float(given)


def _run(parsed: argparse.Namespace) -> int:
    """Send the request of a command, print the answer, and return the exit status."""
    verb = parsed.verbs[0]
    try:
        verb = _chosen(parsed)
        return _OUTPUTS[verb.output](parsed, _answer(verb, parsed))
    except RefusedError as error:
        if verb.output not in _CLOUDHSM:
            raise
        _print_envelope(1, str(error))
        return REFUSED
    except UsageError as error:
        complain(str(error))
        return USAGE


def _chosen(parsed: argparse.Namespace) -> Verb:
    """Return the verb that the command line asks for.

    Raises UsageError if it lacks an argument, or has one beside the switch of another verb.
    """
    usual: Verb = parsed.verbs[0]
    given = [each for each in usual.parameters if each.on_command_line and getattr(parsed, each.name) not in (None, [])]
    if getattr(parsed, "switch", False):
        switched: Verb = next(verb for verb in parsed.verbs if verb.switch)
        if given:
            names = ", ".join(each.flags[0] if each.flags else each.metavar or each.name for each in given)
            raise UsageError(f"{parsed.words} {switched.switch} takes no {names}")
        return switched
    for parameter in usual.parameters:
        if parameter.each and parameter not in given:
            alternative = "".join(f", or {verb.switch}" for verb in parsed.verbs if verb.switch)
            raise UsageError(f"{parsed.words} needs {parameter.help}{alternative}")
    return usual


def _answer(verb: Verb, parsed: argparse.Namespace) -> Any:
    """Return the server's answer.

    Raises RemoteError if no server answers, RefusedError if it refuses, and UsageError if an argument is invalid.
    """
    remote = Remote(parsed.endpoint)
    where = _where(parsed) if verb.scope is Scope.HSMS else {}
    given = _given(verb, parsed)
    if any(each.implied for each in verb.parameters) and "cluster" not in given:
        given["cluster"] = _only_cluster(remote, where)
    several = next((each for each in verb.parameters if each.each), None)
    if several is not None:
        answers = [_send(remote, verb, {**given, several.name: each}, where) for each in given[several.name]]
        return {name: sum(answer[name] for answer in answers) for name in answers[0]}
    if not verb.waits:
        return _send(remote, verb, given, where)
    until = time.monotonic() + parsed.wait
    while True:
        try:
            return _send(remote, verb, given, where)
        except RefusedError:
            raise
        except RemoteError:
            if time.monotonic() >= until:
                raise
        time.sleep(_PAUSE_SECONDS)


def _send(remote: Remote, verb: Verb, given: Mapping[str, Any], where: Mapping[str, str | None]) -> Any:
    """Send one request, and return the answer: a document, or bytes if it is not JSON."""
    path, query = verb.path.removeprefix(f"{PREFIX}/"), dict[str, Any](where)
    content: bytes | None = None
    for parameter in verb.parameters:
        value = given.get(parameter.name)
        if value is None:
            continue
        if parameter.place is Place.PATH:
            path = path.replace(f"{{{parameter.spelled}}}", _in_path(parameter, value))
        elif parameter.place is Place.QUERY:
            query[parameter.spelled] = str(value).lower() if parameter.kind is FLAG else value
        elif parameter.place is Place.CONTENT:
            source = _source(value)
            content, query["name"] = source.content, source.name
    headers = _credentials() if verb.as_user else {}
    return remote.call(verb.method, path, verb.document(given), content, headers, **query)


def _in_path(parameter: Parameter, value: str) -> str:
    if not value or "/" in value:
        raise UsageError(f"invalid {parameter.metavar or parameter.spelled} '{value}': use a name without '/'")
    return segment(value)


def _given(verb: Verb, parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the arguments of a command line as the server takes them.

    Raises UsageError if a password or a fixture file cannot be read.
    """
    given: dict[str, Any] = {}
    for parameter in verb.parameters:
        value = getattr(parsed, parameter.name, None) if parameter.on_command_line else None
        if value is None and parameter.kind is PASSWORD:
            value = _typed_password(is_new=parameter.is_new)
        if value is not None:
            given[parameter.name] = _plain(value) if parameter.kind is NUMBER else value
    if any(each.kind is FILE and each.place is Place.MEMBER for each in verb.parameters) and given.get("fixture"):
        _replace_file(given)
    return given


def _plain(text: str) -> Any:
    """Return a number if *text* is one; the server says whether it is valid."""
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)


def _replace_file(given: dict[str, Any]) -> None:
    """Replace the name of a fixture file by its content, as a server reads no files of its clients."""
    from mockaws.fixtures import library  # noqa: PLC0415 - most commands need no fixtures
    from mockaws.fixtures.mistakes import FixtureError  # noqa: PLC0415

    if given["fixture"] not in library.names():
        try:
            given["document"] = _source(given.pop("fixture")).text()
        except FixtureError as error:
            raise UsageError(str(error)) from None


def _source(fixture: str) -> Source:
    """Return a fixture's content and name. Raises UsageError if it cannot be read."""
    from mockaws.fixtures import sources  # noqa: PLC0415
    from mockaws.fixtures.mistakes import FixtureError  # noqa: PLC0415

    try:
        return sources.find(fixture)
    except FixtureError as error:
        raise UsageError(str(error)) from None


def _typed_password(*, is_new: bool) -> str:
    """Return the password that a user types at the terminal, twice if it is new.

    Raises UsageError if there is no terminal, no password, or a second one that differs.
    """
    if not sys.stdin.isatty():
        raise UsageError("--password must be given if there is no terminal to ask for it")
    from getpass import getpass  # noqa: PLC0415

    try:
        first = getpass("Enter password: ")
        if is_new and getpass("Confirm password: ") != first:
            raise UsageError("the two passwords differ: type the same password twice")
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no password was given: type one, or use --password") from None
    return first


def _where(parsed: argparse.Namespace) -> dict[str, str | None]:
    """Return the account and Region that the environment and --region give, None if they give none."""
    key = os.environ.get("AWS_ACCESS_KEY_ID", "")
    region = parsed.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    is_account = len(key) == _ACCOUNT_DIGITS and key.isascii() and key.isdecimal()
    return {"account": key if is_account else None, "region": region or None}


def _only_cluster(remote: Remote, where: Mapping[str, str | None]) -> str:
    query: dict[str, Any] = {**where}
    answer = remote.call("GET", "clusters", **query)
    found = [str(cluster["cluster-id"]) for cluster in answer["clusters"]]
    if len(found) != 1:
        known = ", ".join(found) or "none"
        place = f"account {answer['account']} has {known} in {answer['region']}"
        raise UsageError(f"--cluster-id must be given unless there is exactly one cluster: {place}")
    return found[0]


def _credentials() -> dict[str, str]:
    """Return the headers of a user of the HSMs, from the variables of the CloudHSM CLI's single command mode.

    Raises UsageError if only one of them is set. https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-modes.html
    """
    role, pin = os.environ.get("CLOUDHSM_ROLE"), os.environ.get("CLOUDHSM_PIN")
    if not role and not pin:
        return {}
    if not role or not pin or ":" not in pin:
        raise UsageError("CLOUDHSM_ROLE=<role> and CLOUDHSM_PIN=<username>:<password> must be set together")
    from base64 import b64encode  # noqa: PLC0415

    return {
        "CloudHSM-Role": quote(role, errors="surrogateescape"),
        "Authorization": f"Basic {b64encode(pin.encode(errors='surrogateescape')).decode()}",
    }


def _print_document(_: argparse.Namespace, answer: Any) -> int:
    show(answer)
    return OK


def _print_events(parsed: argparse.Namespace, answer: Any) -> int:
    for event in answer["Records"]:
        print(json.dumps(event) if parsed.json else event_line(event))  # noqa: T201
    return OK


def _print_cloudhsm(_: argparse.Namespace, answer: Any) -> int:
    _print_envelope(0, answer)
    return OK


def _print_message(_: argparse.Namespace, answer: Any) -> int:
    _print_envelope(0, answer["message"])
    return OK


def _print_envelope(error_code: int, data: Any) -> None:
    show({"error_code": error_code, "data": data})


def _write_content(parsed: argparse.Namespace, content: bytes) -> int:
    from pathlib import Path  # noqa: PLC0415 - other commands write no files

    if parsed.output is None:
        sys.stdout.buffer.write(content)
        return OK
    try:
        _write(Path(parsed.output), content)
    except (OSError, ValueError) as error:
        raise UsageError(f"{parsed.output} cannot be written: {getattr(error, 'strerror', None) or error}") from None
    return OK


def _write(path: Path, content: bytes) -> None:
    """Write all of *content*, or leave the file as it is: a full disk must not cost an earlier snapshot."""
    import shutil  # noqa: PLC0415

    from mockaws import files  # noqa: PLC0415

    if files.is_opened_by_shell(path) or (path.exists() and not path.is_file()):
        path.write_bytes(content)  # a terminal, a pipe
        return
    path = path.resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(content)
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


_OUTPUTS = {
    Output.JSON: _print_document,
    Output.EVENTS: _print_events,
    Output.FILE: _write_content,
    Output.CLOUDHSM: _print_cloudhsm,
    Output.CLOUDHSM_SENTENCE: _print_message,
}
