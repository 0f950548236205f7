"""`mockaws hsm …`: the words and flags of AWS's CloudHSM CLI, and what happens to HSMs, spoken to a running server.

https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-reference.html
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from mockaws.cli.remote import RefusedError, Remote, RemoteError, segment
from mockaws.cli.saying import OK, REFUSED, USAGE, complain

if TYPE_CHECKING:
    from collections.abc import Mapping

_ACCOUNT_DIGITS = 12
_CLUSTER = "clusters/{cluster_id}"
_USER = f"{_CLUSTER}/users/{{role}}/{{username}}"
_TWICE = ("Enter password: ", "Confirm password: ")

EXAMPLES = """\
examples:
  mockaws hsm cluster activate --password adminPswd1
  mockaws hsm user create --username kmsuser --role crypto-user --password kmsPswd123
  mockaws hsm key list --filter attr.label=arn:aws:kms:… --verbose
  mockaws hsm zone fail us-west-2a

Answers are JSON as AWS's CloudHSM CLI writes them: {"error_code": 0, "data": …} with exit status 0, and
{"error_code": 1, "data": "what is wrong"} with 1. Where nothing can be asked, the exit status is 2.

As in AWS's single command mode, CLOUDHSM_ROLE and CLOUDHSM_PIN=<username>:<password> say as whom to act; without them
the commands act as whoever may do it."""


class Option(NamedTuple):
    """A flag or a positional argument, and what argparse is told of it."""

    flags: tuple[str, ...]
    help: str
    more: Mapping[str, Any] = {}


class Command(NamedTuple):
    """One command: its words, what it does, the route that does it, and what must and may be given."""

    words: str
    summary: str
    method: str
    path: str
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    as_user: bool = False
    prompts: tuple[str, ...] = _TWICE
    sentence: bool = False


OPTIONS = {
    "username": Option(("--username",), "name of the user: letters, digits and _, at most 31, in any letter case"),
    "role": Option(("--role",), "role of the user", {"choices": ("admin", "crypto-user")}),
    "password": Option(("--password",), "password of 7 to 32 characters without ':'; asked for where it is left out"),
    "filter": Option(
        ("--filter",),
        "key-reference=0x… or attr.NAME=VALUE (label, id, class, …); of several, all must be true",
        {"nargs": "+", "action": "extend", "metavar": "FILTER"},
    ),
    "max-items": Option(("--max-items",), "most keys to show at once (default 10)", {"metavar": "N"}),
    "starting-token": Option(("--starting-token",), "the next_token of the page before", {"metavar": "TOKEN"}),
    "verbose": Option(
        ("-v", "--verbose"),
        "show all attributes, and whose the key is",
        {"action": "store_const", "const": "true"},
    ),
    "hsm": Option(("--hsm-id", "--ip"), "id of the HSM, or the address of its network interface", {"metavar": "HSM"}),
    "zone": Option(("zone",), "Availability Zone, such as us-west-2a", {"metavar": "ZONE"}),
    "subnet-id": Option(("--subnet-id",), "id of the subnet", {"metavar": "SUBNET"}),
}

GROUPS = {
    "cluster": "activate a cluster, and see how it is",
    "user": "users of the HSMs",
    "key": "keys in the HSMs",
    "hsm": "an HSM fails, or works again",
    "zone": "an Availability Zone fails, or works again",
    "network": "the way to the HSMs breaks, or is mended",
    "subnet": "the addresses of a subnet, and its end",
    "sessions": "the sessions that HSMs have for KMS",
    "backup": "backups",
}

_NAMED = ("username", "role")
_FAIL = "{} fails: it is DEGRADED and answers nobody"
_RECOVER = "{} works again, unless its zone fails"

COMMANDS = (
    Command(
        "cluster activate",
        "give the admin of an initialized cluster a password; the cluster becomes ACTIVE",
        "POST",
        f"{_CLUSTER}/activate",
        needs=("password",),
        sentence=True,
    ),
    Command("cluster info", "HSMs, subnets, users, backups and the number of keys of a cluster", "GET", _CLUSTER),
    Command("cluster hsm-info", "make, serial number and firmware of each HSM", "GET", f"{_CLUSTER}/hsm-info"),
    Command(
        "user create",
        "create a user; KMS logs in as the crypto-user kmsuser",
        "POST",
        f"{_CLUSTER}/users",
        needs=(*_NAMED, "password"),
        as_user=True,
    ),
    Command("user list", "list all users, and who is locked out", "GET", f"{_CLUSTER}/users"),
    Command(
        "user delete",
        "delete a user who is not logged in, owns no keys and is not the last admin",
        "DELETE",
        _USER,
        needs=_NAMED,
        as_user=True,
    ),
    Command(
        "user change-password",
        "give a user another password, which also unlocks; not while KMS is logged in as the user",
        "POST",
        f"{_USER}/password",
        needs=(*_NAMED, "password"),
        as_user=True,
    ),
    Command(
        "user unlock",
        "let a user try again who gave six wrong passwords (AWS: change-password does it)",
        "POST",
        f"{_USER}/unlock",
        needs=_NAMED,
        as_user=True,
    ),
    Command(
        "login",
        "log a user in until it is logged out; the sixth wrong password in a row locks it out",
        "POST",
        f"{_CLUSTER}/login",
        needs=(*_NAMED, "password"),
        prompts=_TWICE[:1],
    ),
    Command(
        "logout",
        "log a user out, or everybody but KMS",
        "POST",
        f"{_CLUSTER}/logout",
        takes=_NAMED,
        sentence=True,
    ),
    Command(
        "key list",
        "list keys: the label of a KMS key's material is the key's ARN",
        "GET",
        f"{_CLUSTER}/keys",
        takes=("filter", "max-items", "starting-token", "verbose"),
        as_user=True,
    ),
    Command(
        "key delete",
        "delete the one key that satisfies all filters, also where KMS needs it",
        "DELETE",
        f"{_CLUSTER}/keys",
        needs=("filter",),
        as_user=True,
    ),
    *(
        Command(words.format(word), summary.format("an HSM"), "POST", f"{_CLUSTER}/hsms/{{hsm}}/{word}", needs=("hsm",))
        for words in ("{}", "hsm {}")
        for word, summary in (("fail", _FAIL), ("recover", _RECOVER))
    ),
    Command(
        "zone fail", "a zone fails, and all HSMs in it, of whatever cluster", "POST", "zones/{zone}/fail", ("zone",)
    ),
    Command(
        "zone recover",
        "a zone works again, and the HSMs in it that did not fail by themselves",
        "POST",
        "zones/{zone}/recover",
        ("zone",),
    ),
    Command(
        "network break",
        "no packets get through to the subnets of the cluster, or to one of them",
        "POST",
        f"{_CLUSTER}/network/break",
        takes=("subnet-id",),
    ),
    Command(
        "network mend",
        "packets get through again",
        "POST",
        f"{_CLUSTER}/network/mend",
        takes=("subnet-id",),
    ),
    Command("subnet fill", "no address is free any more", "POST", "subnets/{subnet-id}/fill", ("subnet-id",)),
    Command(
        "subnet free", "all addresses are free but those of HSMs", "POST", "subnets/{subnet-id}/free", ("subnet-id",)
    ),
    Command("subnet remove", "the subnet is gone, for good", "POST", "subnets/{subnet-id}/remove", ("subnet-id",)),
    Command("sessions exhaust", "other clients take all sessions", "POST", f"{_CLUSTER}/sessions/exhaust"),
    Command("sessions free", "there are sessions again", "POST", f"{_CLUSTER}/sessions/free"),
    Command("backup now", "make the backup that CloudHSM makes once a day", "POST", f"{_CLUSTER}/backups"),
)


class UsageError(Exception):
    """What the command line lacks, in words."""


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Add all commands to the parser of `mockaws hsm`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EXAMPLES
    top = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    groups = {
        name: top.add_parser(name, help=summary, description=summary).add_subparsers(
            title="commands", metavar="COMMAND", required=True
        )
        for name, summary in GROUPS.items()
    }
    for command in COMMANDS:
        group, _, word = command.words.rpartition(" ")
        place = groups[group] if group else top
        leaf = place.add_parser(word, help=command.summary, description=command.summary, allow_abbrev=False)
        for name in (*command.needs, *command.takes):
            _add_option(leaf, name, required=name in command.needs)
        _add_where(leaf, command)
        leaf.set_defaults(run=run, hsm_command=command)


def run(parsed: argparse.Namespace) -> int:
    """Ask the server, and print what it answers as AWS's command line does."""
    command: Command = parsed.hsm_command
    try:
        given = _given(command, parsed)
        answer = _ask(Remote(parsed.endpoint), command, given, parsed)
    except RefusedError as error:
        _print(1, str(error))
        return REFUSED
    except (RemoteError, UsageError) as error:
        complain(str(error))
        return USAGE
    _print(0, answer["message"] if command.sentence else answer)
    return OK


def _add_option(parser: argparse.ArgumentParser, name: str, *, required: bool) -> None:
    option = OPTIONS[name]
    if option.flags[0].startswith("-"):
        # A password that is left out is asked for.
        needed = required and name != "password"
        parser.add_argument(*option.flags, dest=name, required=needed, help=option.help, **option.more)
    else:
        parser.add_argument(*option.flags, help=option.help, **option.more)


def _add_where(parser: argparse.ArgumentParser, command: Command) -> None:
    where = parser.add_argument_group("where")
    where.add_argument(
        "--endpoint", metavar="URL", help="the server (default AWS_ENDPOINT_URL, else port 4566 here, or MOCKAWS_PORT)"
    )
    where.add_argument("--region", help="Region (default AWS_REGION or AWS_DEFAULT_REGION, else the server's)")
    if "{cluster_id}" in command.path:
        where.add_argument("--cluster-id", metavar="ID", help="the cluster (where there is one only, it is meant)")


def _given(command: Command, parsed: argparse.Namespace) -> dict[str, Any]:
    given = {name: getattr(parsed, name) for name in (*command.needs, *command.takes)}
    if "password" in given and given["password"] is None:
        given["password"] = _asked(command.prompts)
    return {name: value for name, value in given.items() if value is not None}


def _asked(prompts: tuple[str, ...]) -> str:
    """Return the password that somebody types, as often as there are *prompts*."""
    if not sys.stdin.isatty():
        raise UsageError("--password must be given where there is no terminal to ask for it")
    from getpass import getpass  # noqa: PLC0415

    try:
        first, *others = [getpass(prompt) for prompt in prompts]
    except (EOFError, KeyboardInterrupt):
        raise UsageError("no password was given") from None
    if any(other != first for other in others):
        raise UsageError("the passwords are not the same")
    return first


def _ask(remote: Remote, command: Command, given: dict[str, Any], parsed: argparse.Namespace) -> Any:
    where = _where(parsed)
    headers = _credentials() if command.as_user else {}
    names = {name: value for name, value in given.items() if f"{{{name}}}" in command.path}
    if "{cluster_id}" in command.path:
        names["cluster_id"] = parsed.cluster_id or _only_cluster(remote, where)
    path = command.path.format_map({name: _quoted(value) for name, value in names.items()})
    members = {name: value for name, value in given.items() if name not in names}
    query: dict[str, Any] = {**where, **({} if command.method == "POST" else members)}
    return remote.call(command.method, path, members if command.method == "POST" else None, headers, **query)


def _quoted(name: str) -> str:
    """Return *name* as a part of a path."""
    if not name or "/" in name:
        raise UsageError(f"'{name}' names nothing")
    return segment(name)


def _where(parsed: argparse.Namespace) -> dict[str, str | None]:
    """Return the account and the Region as every client of AWS knows them, as far as anybody said."""
    key = os.environ.get("AWS_ACCESS_KEY_ID", "")
    region = parsed.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    is_account = len(key) == _ACCOUNT_DIGITS and key.isascii() and key.isdecimal()
    return {"account": key if is_account else None, "region": region or None}


def _only_cluster(remote: Remote, where: dict[str, str | None]) -> str:
    query: dict[str, Any] = {**where}
    answer = remote.call("GET", "clusters", **query)
    found = [str(cluster["cluster-id"]) for cluster in answer["clusters"]]
    if len(found) != 1:
        known = ", ".join(found) or "none"
        place = f"account {answer['account']} has {known} in {answer['region']}"
        raise UsageError(f"--cluster-id must be given where there is not exactly one cluster: {place}")
    return found[0]


def _credentials() -> dict[str, str]:
    """Return the headers that say as whom to act, as AWS's command line is told in its single command mode.

    https://docs.aws.amazon.com/cloudhsm/latest/userguide/cloudhsm_cli-modes.html
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


def _print(error_code: int, data: Any) -> None:
    print(json.dumps({"error_code": error_code, "data": data}, indent=2))  # noqa: T201
