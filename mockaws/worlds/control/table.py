"""The table of control verbs."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from mockaws.worlds.control.kinds import (
    ACCOUNT,
    ANY,
    DOCUMENT,
    DURATION,
    FILE,
    FLAG,
    MOMENT,
    MOMENT_OR_NOW,
    NUMBER,
    PASSWORD,
    TEXT,
    TEXTS,
    WHOLE_NUMBER,
)
from mockaws.worlds.control.verbs import MIB, PREFIX, REQUIRED, Example, Output, Parameter, Place, Scope, Verb

_BAD, _NOT_FOUND, _CONFLICT = HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT
_A_MOMENT = "an ISO 8601 date-time, in UTC unless it says otherwise, or epoch seconds"

# --- clock ---------------------------------------------------------------------------------------------------------
# A program holds the clock itself, so its methods need no permission to go back.
_BACK = Parameter("back", FLAG, "permit a moment in the past", default=False, flags=("--back",), in_python=False)


def _clock(name: str, summary: str, *parameters: Parameter, examples: tuple[Example, ...]) -> Verb:
    return Verb(
        name=f"clock.{name}",
        method="POST",
        path=f"{PREFIX}/clock",
        chosen_by=name,
        summary=summary,
        parameters=parameters,
        shape="shape",
        answer="Clock",
        answer_description="The clock after the change.",
        refusals=(_BAD,),
        commands=(f"clock {name}",),
        python=f"clock.{name}",
        operation_id="changeClock",
        examples=examples,
    )


_CLOCK = (
    Verb(
        name="clock.show",
        method="GET",
        path=f"{PREFIX}/clock",
        summary="Show the time in the world, and whether its clock is frozen.",
        shape="shape",
        answer="Clock",
        answer_description="The clock.",
        commands=("clock show",),
        is_default=True,
        view="mock.clock.now, mock.clock.frozen",
        operation_id="showClock",
        examples=(Example("show the clock"),),
    ),
    _clock(
        "freeze",
        "Stop the clock where it stands, or at a moment.",
        Parameter("at", MOMENT_OR_NOW, f"{_A_MOMENT} (default now)", member="freeze", default=None, metavar="MOMENT"),
        _BACK,
        examples=(
            Example("freeze the clock"),
            Example("freeze the clock at a moment", {"at": "2031-05-01T12:00:00Z"}),
        ),
    ),
    _clock(
        "set",
        "Move the clock to a moment; it stands or runs as before.",
        Parameter("at", MOMENT, _A_MOMENT, member="set", metavar="MOMENT"),
        _BACK,
        examples=(
            Example("set the clock", {"at": 1950000000}),
            Example("set the clock back", {"at": "2025-01-01", "back": True}),
        ),
    ),
    _clock(
        "advance",
        "Move the clock forward by a duration.",
        Parameter(
            "by", DURATION, "an ISO 8601 duration, such as P30D or PT1H30M", member="advance", metavar="DURATION"
        ),
        examples=(Example("advance the clock", {"by": "P30D"}),),
    ),
    _clock("resume", "Let a frozen clock run on.", examples=(Example("let the clock run on"),)),
)

# --- faults --------------------------------------------------------------------------------------------------------
_WHICH, _WHAT = "which calls", "what happens to them"


def _of_fault(name: str, kind: Any, metavar: str, help_: str, group: str) -> Parameter:
    return Parameter(
        name,
        kind,
        help_,
        Place.DOCUMENT,
        default=None,
        flags=(f"--{name}",),
        metavar=metavar,
        group=group,
        keyword=True,
    )


_FAULTS = (
    Verb(
        name="faults.show",
        method="GET",
        path=f"{PREFIX}/faults",
        summary="List the faults in the order in which a call meets them, with the calls that each saw and struck.",
        shape="shape_all",
        answer="Faults",
        answer_description="The faults.",
        commands=("fault list",),
        view="list(mock.faults)",
        operation_id="listFaults",
        examples=(Example("list the faults"),),
    ),
    Verb(
        name="faults.add",
        method="POST",
        path=f"{PREFIX}/faults",
        summary="Add a fault after the others, and show it with its id.",
        parameters=(
            Parameter(
                "operation",
                TEXT,
                "the operations that it is for, such as kms:Encrypt, kms:Generate*, cloudhsmv2:* or *",
                Place.DOCUMENT,
                keyword=True,
            ),
            _of_fault("account", ANY, "ACCOUNT", "only calls from this account", _WHICH),
            _of_fault("region", ANY, "REGION", "only calls to this Region", _WHICH),
            _of_fault("key", ANY, "KEY", "only calls about this KMS key: its id, its ARN or an alias", _WHICH),
            _of_fault("nth", NUMBER, "N", "only the Nth of these calls", _WHICH),
            _of_fault("every", NUMBER, "N", "each Nth of these calls", _WHICH),
            _of_fault("times", NUMBER, "N", "at most N times", _WHICH),
            _of_fault("probability", NUMBER, "P", "with this probability, from 0 to 1", _WHICH),
            _of_fault("error", ANY, "NAME", "an error of the service, such as KMSInternalException", _WHAT),
            _of_fault("message", ANY, "SENTENCE", "the message of the error (default AWS's)", _WHAT),
            _of_fault(
                "throttle", NUMBER, "RATE", "permit RATE requests a second, or 'documented' for AWS's own rates", _WHAT
            ),
            _of_fault("status", NUMBER, "STATUS", "answer with an HTTP status from 500 to 599", _WHAT),
            _of_fault(
                "latency", ANY, "DURATION", "delay the answer, or the other effect, by a duration such as PT2S", _WHAT
            ),
            Parameter(
                "drop",
                FLAG,
                "close the connection without an answer",
                Place.DOCUMENT,
                default=False,
                flags=("--drop",),
                group=_WHAT,
                keyword=True,
            ),
        ),
        shape="shape",
        status=HTTPStatus.CREATED,
        answer="ActiveFault",
        answer_description="The fault, which is at work now.",
        refusals=(_BAD,),
        commands=("fault add",),
        python="faults.add",
        operation_id="addFault",
        examples=(
            Example("an error, once", {"operation": "kms:Encrypt", "error": "KMSInternalException", "times": 1}),
            Example(
                "an error with your own message",
                {"operation": "kms:*", "error": "AccessDeniedException", "message": "not today"},
            ),
            Example("AWS's request rates", {"operation": "kms:*", "throttle": "documented"}),
            Example("another request rate", {"operation": "cloudhsmv2:*", "throttle": 0.5}),
            Example("late answers", {"operation": "*", "latency": "PT0.2S"}),
            Example("a server that is out of order", {"operation": "kms:*", "status": 503, "times": 2}),
            Example("a lost connection", {"operation": "sts:*", "drop": True, "nth": 1}),
            Example(
                "a fault for one key",
                {"operation": "kms:Decrypt", "key": "alias/payments", "error": "KeyUnavailableException"},
            ),
            Example(
                "a fault for one account and Region",
                {"operation": "kms:*", "account": "111122223333", "region": "eu-central-1", "status": 500},
            ),
            Example(
                "a fault for every third call",
                {"operation": "kms:Generate*", "every": 3, "error": "DependencyTimeoutException"},
            ),
            Example("a fault at random", {"operation": "kms:*", "probability": 0.1, "error": "ThrottlingException"}),
        ),
    ),
    Verb(
        name="faults.remove",
        method="DELETE",
        path=f"{PREFIX}/faults/{{fault_id}}",
        summary="Remove one fault.",
        parameters=(
            Parameter(
                "fault",
                TEXT,
                "the ids of the faults, such as fault-1",
                Place.PATH,
                member="fault_id",
                metavar="ID",
                sample="fault-1",
                each=True,
            ),
        ),
        shape="shape_removed",
        answer="Removed",
        answer_description="The number of faults that were removed.",
        refusals=(_NOT_FOUND,),
        commands=("fault remove",),
        command_summary="Remove faults.",
        python="faults.remove",
        operation_id="removeFault",
        examples=(Example("remove a fault", {"fault": "fault-1"}),),
    ),
    Verb(
        name="faults.clear",
        method="DELETE",
        path=f"{PREFIX}/faults",
        summary="Remove all faults.",
        shape="shape_removed",
        answer="Removed",
        answer_description="The number of faults that were removed.",
        commands=("fault remove",),
        switch="--all",
        python="faults.clear",
        operation_id="removeFaults",
        examples=(Example("remove all faults"),),
    ),
)

# --- worlds --------------------------------------------------------------------------------------------------------
_NAME = Parameter("name", TEXT, "the name of the world", Place.PATH, sample="pr-1842")

_WORLDS = (
    Verb(
        name="worlds.show_all",
        method="GET",
        path=f"{PREFIX}/worlds",
        summary="List the named worlds of the server.",
        scope=Scope.SERVER,
        shape="shape_all",
        answer="Worlds",
        answer_description="The worlds, in the order of their names.",
        commands=("world list",),
        view="mock.worlds.all()",
        operation_id="listWorlds",
        examples=(Example("list the worlds"),),
    ),
    Verb(
        name="worlds.create",
        method="POST",
        path=f"{PREFIX}/worlds",
        summary="Create a named world, and show its endpoint.",
        parameters=(
            Parameter(
                "name", TEXT, "its name: 1 to 64 letters, digits, '.', '_' or '-', starting with a letter or digit"
            ),
            Parameter(
                "fixture",
                FILE,
                "fixture file, or the name of a shipped one (default the server's own)",
                default=None,
                keyword=True,
                flags=("--fixture",),
            ),
            Parameter(
                "document",
                DOCUMENT,
                "a fixture itself: YAML as text, or the same as JSON; it can name no files",
                default=None,
                on_command_line=False,
                in_python=False,
            ),
            Parameter(
                "account",
                ACCOUNT,
                "account of a fixture that names none",
                default=None,
                keyword=True,
                flags=("--account",),
            ),
            Parameter(
                "seed",
                TEXT,
                "text that makes generated ids and chance repeatable",
                default=None,
                keyword=True,
                flags=("--seed",),
            ),
            Parameter(
                "idle_timeout",
                DURATION,
                "remove the world when it was not used for this long, such as PT1H",
                default=None,
                keyword=True,
                flags=("--idle-timeout",),
                metavar="DURATION",
            ),
        ),
        scope=Scope.SERVER,
        shape="shape",
        status=HTTPStatus.CREATED,
        answer="World",
        answer_description="The world.",
        refusals=(_BAD, _CONFLICT),
        # JSON is read at once, and no other request runs meanwhile; YAML is read value by value.
        largest_body=16 * MIB,
        too_large="; PUT it to /worlds/NAME/_mockaws/state",
        commands=("world create",),
        python="world",
        operation_id="addWorld",
        examples=(
            Example("create a world that begins as the server's own", {"name": "pr-2"}),
            Example(
                "create a world from a shipped fixture", {"name": "pr-2", "fixture": "one-hsm", "idle_timeout": "PT1H"}
            ),
            Example(
                "create a world from your own fixture",
                {"name": "pr-2", "document": {"timing": "realistic"}},
                command="mockaws world create pr-2 --fixture slow.yaml",
                python='mock.world("pr-2", fixture={"timing": "realistic"})',
            ),
        ),
    ),
    Verb(
        name="worlds.show",
        method="GET",
        path=f"{PREFIX}/worlds/{{name}}",
        summary="Show one named world, which does not count as use of it.",
        parameters=(_NAME,),
        scope=Scope.SERVER,
        shape="shape",
        answer="World",
        answer_description="The world.",
        refusals=(_NOT_FOUND,),
        commands=("world show",),
        view="mock.worlds.get({name})",
        operation_id="showWorld",
        examples=(Example("show a world", {"name": "pr-1"}),),
    ),
    Verb(
        name="worlds.remove",
        method="DELETE",
        path=f"{PREFIX}/worlds/{{name}}",
        summary="Remove a named world with all its contents.",
        parameters=(_NAME,),
        scope=Scope.SERVER,
        shape="shape_removed",
        answer="Removed",
        answer_description="The world is gone.",
        refusals=(_NOT_FOUND,),
        commands=("world remove",),
        python="drop",
        operation_id="removeWorld",
        examples=(Example("remove a world", {"name": "pr-1"}),),
    ),
)

# --- a world as a whole --------------------------------------------------------------------------------------------
_STATE = (
    Verb(
        name="state.snapshot",
        method="GET",
        path=f"{PREFIX}/state",
        summary="Return the world as it is, as a fixture that restores it.",
        parameters=(
            Parameter(
                "secrets",
                FLAG,
                "leave out key material and passwords",
                Place.QUERY,
                default=True,
                keyword=True,
                flags=("--no-secrets",),
            ),
        ),
        answer="Snapshot",
        answer_description="A snapshot.",
        media="application/yaml",
        refusals=(_BAD,),
        commands=("snapshot",),
        output=Output.FILE,
        python="snapshot",
        operation_id="takeSnapshot",
        examples=(
            Example("take a snapshot"),
            Example("take a snapshot without secrets", {"secrets": False}),
        ),
    ),
    Verb(
        name="state.load",
        method="PUT",
        path=f"{PREFIX}/state",
        summary="Replace the world with that of a snapshot or another fixture.",
        parameters=(
            Parameter(
                "fixture", FILE, "a snapshot, a fixture, or the name of a shipped one", Place.CONTENT, metavar="FILE"
            ),
            Parameter(
                "name",
                TEXT,
                "the name of the document in error messages",
                Place.QUERY,
                default="document",
                on_command_line=False,
                in_python=False,
            ),
        ),
        shape="shape_loaded",
        answer="Loaded",
        answer_description="The world is there.",
        refusals=(_BAD,),
        largest_body=64 * MIB,
        commands=("load",),
        python="load",
        operation_id="loadState",
        examples=(
            Example(
                "load another world",
                {"fixture": {"timing": "realistic"}},
                command="mockaws load slow.yaml",
                python='mock.load("slow.yaml")',
            ),
        ),
    ),
    Verb(
        name="state.reset",
        method="POST",
        path=f"{PREFIX}/reset",
        summary="Restore the world to its fixture, faults included, and its clock to the machine's time.",
        shape="shape_reset",
        answer_description="The world is reset.",
        commands=("reset",),
        python="reset",
        operation_id="reset",
        examples=(Example("reset the world"),),
    ),
    Verb(
        name="state.moto_reset",
        method="POST",
        path="/moto-api/reset",
        summary="Do the same as /_mockaws/reset, for test suites written for moto's server.",
        shape="shape_moto_reset",
        answer_description="The world is reset.",
        lenient=True,
        operation_id="motoReset",
    ),
)

# --- calls ---------------------------------------------------------------------------------------------------------
_FILTERS = {
    "service": "kms, cloudhsm or sts",
    "operation": "such as kms:ScheduleKeyDeletion or kms:Delete*",
    "error": "calls that ended with this error, such as NotFoundException, or * for any",
    "key": "calls about this key: its id, ARN or alias",
    "account": "calls from this account",
    "region": "calls to this Region",
    "since": "calls at or after this moment, such as 2026-01-31T12:00:00Z",
    "until": "calls before this moment",
    "limit": "at most this many, the last ones",
}

_CALLS = (
    Verb(
        name="calls.show",
        method="GET",
        path=f"{PREFIX}/calls",
        summary="List the calls that the world has answered, oldest first, as CloudTrail events.",
        parameters=tuple(
            Parameter(name, TEXT, meaning, Place.QUERY, default=None, flags=(f"--{name}",), keyword=True)
            for name, meaning in _FILTERS.items()
        ),
        shape="shape",
        answer="Calls",
        answer_description="The events.",
        refusals=(_BAD,),
        commands=("calls",),
        output=Output.EVENTS,
        python="calls",
        operation_id="listCalls",
        examples=(
            Example("list the calls", command="mockaws calls --json"),
            Example(
                "list failed calls of KMS",
                {"service": "kms", "error": "*"},
                command="mockaws calls --service kms --error '*' --json",
            ),
        ),
    ),
    Verb(
        name="calls.clear",
        method="DELETE",
        path=f"{PREFIX}/calls",
        summary="Empty the journal.",
        shape="shape_cleared",
        answer_description="The journal is empty.",
        commands=("calls",),
        switch="--clear",
        python="forget_calls",
        operation_id="forgetCalls",
        examples=(Example("empty the journal"),),
    ),
)

# --- HSMs ----------------------------------------------------------------------------------------------------------
_CLUSTER_PATH = f"{PREFIX}/clusters/{{cluster_id}}"
_USER_PATH = f"{_CLUSTER_PATH}/users/{{role}}/{{username}}"
_ROLES = ("admin", "crypto-user")
_USERNAME_HELP = "name of the user: letters, digits and _, at most 31, in any letter case"
_PASSWORD_HELP = "password of 7 to 32 characters without ':'; without it the command asks for one"  # noqa: S105
_WHICH_CLUSTER = Parameter(
    "cluster",
    TEXT,
    "the cluster; may be left out if there is only one",
    Place.PATH,
    member="cluster_id",
    flags=("--cluster-id",),
    metavar="ID",
    sample="cluster-1a23b4cdefg",
    group="where",
    implied=True,
)


def _username(place: Place = Place.MEMBER) -> Parameter:
    return Parameter("username", TEXT, _USERNAME_HELP, place, flags=("--username",))


def _role(place: Place = Place.MEMBER) -> Parameter:
    return Parameter("role", TEXT, "role of the user", place, flags=("--role",), choices=_ROLES)


def _password(*, is_new: bool = True) -> Parameter:
    return Parameter("password", PASSWORD, _PASSWORD_HELP, flags=("--password",), is_new=is_new)


def _filters(default: Any) -> Parameter:
    return Parameter(
        "filters",
        TEXTS,
        "key-reference=0x… or attr.NAME=VALUE (label, id, class, …); a key must satisfy all of them",
        Place.QUERY,
        default=default,
        member="filter",
        flags=("--filter",),
        metavar="FILTER",
    )


def _hsms(name: str, method: str, path: str, command: str, summary: str, *parameters: Parameter, **more: Any) -> Verb:
    """Return a verb of the HSMs; *more* replaces what most of them have in common."""
    in_cluster = "{cluster_id}" in path
    usual: dict[str, Any] = {
        "parameters": (*((_WHICH_CLUSTER,) if in_cluster else ()), *parameters),
        "scope": Scope.HSMS,
        "answer": "Done",
        "refusals": (_BAD, _NOT_FOUND) if "{" in path else (_BAD,),
        "reads_document": method == "POST",
        "commands": (f"hsm {command}",) if command else (),
        "output": Output.CLOUDHSM,
    }
    return Verb(name=f"hsm.{name}", method=method, path=path, summary=summary, **usual | more)


_ID = {"cluster": "cluster-readytwozone"}
_BOB = {**_ID, "username": "bob", "role": "crypto-user"}
_KEY = "attr.label=arn:aws:kms:us-west-2:000000000000:key/0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9"

_CLUSTERS = (
    _hsms(
        "clusters_show",
        "GET",
        f"{PREFIX}/clusters",
        "",
        "List the clusters of an account and Region that were not deleted.",
        operation_id="listClusters",
    ),
    _hsms(
        "activate",
        "POST",
        f"{_CLUSTER_PATH}/activate",
        "cluster activate",
        "Give the admin of an initialized cluster a password; the cluster becomes ACTIVE.",
        _password(),
        output=Output.CLOUDHSM_SENTENCE,
        python="hsm.activate",
        in_aws_cli=True,
        operation_id="activateCluster",
        examples=(Example("activate a cluster", {**_ID, "password": "adminPswd1"}),),
    ),
    _hsms(
        "cluster_show",
        "GET",
        _CLUSTER_PATH,
        "cluster info",
        "Show HSMs, subnets, sessions, users, number of keys and backups of a cluster.",
        view="mock.clusters[{cluster}]",
        operation_id="showCluster",
        examples=(Example("show a cluster", _ID),),
    ),
    _hsms(
        "hardware_show",
        "GET",
        f"{_CLUSTER_PATH}/hsm-info",
        "cluster hsm-info",
        "Show make, serial number, firmware and FIPS state of each HSM.",
        view="mock.clusters[{cluster}].hsms",
        in_aws_cli=True,
        operation_id="showHsms",
        examples=(Example("show its HSMs", _ID),),
    ),
)

_USERS = (
    _hsms(
        "create_user",
        "POST",
        f"{_CLUSTER_PATH}/users",
        "user create",
        "Create a user; KMS logs in as the crypto-user kmsuser.",
        _username(),
        _role(),
        _password(),
        as_user=True,
        python="hsm.create_user",
        in_aws_cli=True,
        examples=(
            Example("create a user", {**_ID, "username": "alice", "role": "crypto-user", "password": "alicePswd1"}),
        ),
    ),
    _hsms(
        "users_show",
        "GET",
        f"{_CLUSTER_PATH}/users",
        "user list",
        "List all users, with those who are locked out.",
        view="mock.clusters[{cluster}].users",
        in_aws_cli=True,
        operation_id="listUsers",
        examples=(Example("list the users", _ID),),
    ),
    _hsms(
        "delete_user",
        "DELETE",
        _USER_PATH,
        "user delete",
        "Delete a user who is not logged in, owns no keys and is not the last admin.",
        _username(Place.PATH),
        _role(Place.PATH),
        as_user=True,
        python="hsm.delete_user",
        in_aws_cli=True,
        examples=(Example("delete a user", _BOB),),
    ),
    _hsms(
        "change_password",
        "POST",
        f"{_USER_PATH}/password",
        "user change-password",
        "Give a user another password, which also unlocks; not while the user is logged in.",
        _username(Place.PATH),
        _role(Place.PATH),
        _password(),
        as_user=True,
        python="hsm.change_password",
        in_aws_cli=True,
        examples=(Example("change a password", {**_BOB, "password": "otherPswd1"}),),
    ),
    _hsms(
        "unlock",
        "POST",
        f"{_USER_PATH}/unlock",
        "user unlock",
        "Unlock a user after too many wrong passwords, and keep the password (on AWS: change-password).",
        _username(Place.PATH),
        _role(Place.PATH),
        as_user=True,
        python="hsm.unlock",
        operation_id="unlockUser",
        examples=(Example("unlock a user", _BOB),),
    ),
    _hsms(
        "login",
        "POST",
        f"{_CLUSTER_PATH}/login",
        "login",
        "Log a user in until it is logged out; the sixth wrong password in a row locks it out.",
        _username(),
        _role(),
        _password(is_new=False),
        python="hsm.login",
        in_aws_cli=True,
        examples=(Example("log a user in", {**_BOB, "password": "bobPswd123"}),),
    ),
    _hsms(
        "logout",
        "POST",
        f"{_CLUSTER_PATH}/logout",
        "logout",
        "Log a user out, or all users but KMS.",
        Parameter("username", TEXT, _USERNAME_HELP, default=None, flags=("--username",)),
        Parameter("role", TEXT, "role of the user", default=None, flags=("--role",), choices=_ROLES),
        output=Output.CLOUDHSM_SENTENCE,
        python="hsm.logout",
        in_aws_cli=True,
        note="AWS's logs out all users only",
        examples=(Example("log a user out", _BOB),),
    ),
)

_KEYS = (
    _hsms(
        "keys_show",
        "GET",
        f"{_CLUSTER_PATH}/keys",
        "key list",
        "List the keys in the HSMs, a page at a time; the label of a KMS key's material is the key's ARN.",
        _filters(()),
        Parameter(
            "max_items",
            WHOLE_NUMBER,
            "largest number of keys on a page",
            Place.QUERY,
            default=10,
            member="max-items",
            flags=("--max-items",),
            metavar="N",
        ),
        Parameter(
            "starting_token",
            TEXT,
            "the next_token of the page before",
            Place.QUERY,
            default=None,
            member="starting-token",
            flags=("--starting-token",),
            metavar="TOKEN",
        ),
        Parameter(
            "verbose", FLAG, "show all attributes and the owner", Place.QUERY, default=False, flags=("-v", "--verbose")
        ),
        as_user=True,
        view="mock.clusters[{cluster}].keys",
        in_aws_cli=True,
        operation_id="listKeys",
        examples=(Example("list the keys in the HSMs", {**_ID, "verbose": True}),),
    ),
    _hsms(
        "delete_key",
        "DELETE",
        f"{_CLUSTER_PATH}/keys",
        "key delete",
        "Delete the one key that satisfies all filters, even if KMS needs it.",
        _filters(REQUIRED),
        as_user=True,
        python="hsm.delete_key",
        in_aws_cli=True,
        examples=(Example("delete a key", {**_ID, "filters": (_KEY,)}),),
    ),
)

_HSM = Parameter(
    "hsm",
    TEXT,
    "id of the HSM, or the address of its network interface",
    Place.PATH,
    flags=("--hsm-id", "--ip"),
    metavar="HSM",
)
_ZONE = Parameter(
    "zone", TEXT, "Availability Zone, such as us-west-2a", Place.PATH, metavar="ZONE", sample="us-west-2a"
)
_SUBNET = Parameter("subnet", TEXT, "id of the subnet", Place.PATH, flags=("--subnet-id",), metavar="SUBNET")
_ONE_SUBNET = Parameter(
    "subnet",
    TEXT,
    "id of one of the cluster's subnets (default all of them)",
    default=None,
    member="subnet-id",
    flags=("--subnet-id",),
    metavar="SUBNET",
)
_HSM_EXAMPLE = {**_ID, "hsm": "hsm-readyinzonea"}
_SUBNET_EXAMPLE = {"subnet": "subnet-0a1b2c3d4e5f60001"}


def _failure(
    name: str,
    path: str,
    command: str,
    summary: str,
    does: str,
    arguments: dict[str, str],
    *parameters: Parameter,
    **more: Any,
) -> Verb:
    usual = {"python": f"hsm.{name}", "examples": (Example(does, arguments),)}
    return _hsms(name, "POST", path, command, summary, *parameters, **usual | more)


_HSM_PATH = f"{_CLUSTER_PATH}/hsms/{{hsm}}"
_ZONE_PATH = f"{PREFIX}/zones/{{zone}}"
_SUBNET_PATH = f"{PREFIX}/subnets/{{subnet}}"
_FAILURES = (
    _failure(
        "fail",
        f"{_HSM_PATH}/fail",
        "fail",
        "Let an HSM fail: it is DEGRADED and does not answer.",
        "let an HSM fail",
        _HSM_EXAMPLE,
        _HSM,
        commands=("hsm fail", "hsm hsm fail"),
        operation_id="failHsm",
    ),
    _failure(
        "recover",
        f"{_HSM_PATH}/recover",
        "recover",
        "Let an HSM work again, unless its zone fails.",
        "let it work again",
        _HSM_EXAMPLE,
        _HSM,
        commands=("hsm recover", "hsm hsm recover"),
        operation_id="recoverHsm",
    ),
    _failure(
        "fail_zone",
        f"{_ZONE_PATH}/fail",
        "zone fail",
        "Let an Availability Zone fail, with the HSMs of all clusters in it.",
        "let a zone fail",
        {"zone": "us-west-2a"},
        _ZONE,
    ),
    _failure(
        "recover_zone",
        f"{_ZONE_PATH}/recover",
        "zone recover",
        "Let an Availability Zone work again, with all HSMs in it that did not fail by themselves.",
        "let it work again",
        {"zone": "us-west-2a"},
        _ZONE,
    ),
    _failure(
        "break_network",
        f"{_CLUSTER_PATH}/network/break",
        "network break",
        "Stop all packets to the cluster's subnets, or to one of them, for all clusters there.",
        "break a cluster's network",
        _ID,
        _ONE_SUBNET,
    ),
    _failure(
        "mend_network",
        f"{_CLUSTER_PATH}/network/mend",
        "network mend",
        "Let packets through to the cluster's subnets again.",
        "mend it",
        _ID,
        _ONE_SUBNET,
    ),
    _failure(
        "fill_subnet",
        f"{_SUBNET_PATH}/fill",
        "subnet fill",
        "Take all free addresses of a subnet.",
        "fill a subnet",
        _SUBNET_EXAMPLE,
        _SUBNET,
        note="not for a subnet in [EC2](others.md#cloudhsm-in-a-vpc)",
    ),
    _failure(
        "free_subnet",
        f"{_SUBNET_PATH}/free",
        "subnet free",
        "Free all addresses of a subnet but those of HSMs.",
        "free its addresses",
        _SUBNET_EXAMPLE,
        _SUBNET,
        note="not for a subnet in EC2",
    ),
    _failure(
        "remove_subnet",
        f"{_SUBNET_PATH}/remove",
        "subnet remove",
        "Remove a subnet for good.",
        "remove it",
        _SUBNET_EXAMPLE,
        _SUBNET,
        note="not for a subnet in EC2",
    ),
    _failure(
        "exhaust_sessions",
        f"{_CLUSTER_PATH}/sessions/exhaust",
        "sessions exhaust",
        "Let other clients take all sessions of the HSMs.",
        "exhaust the sessions",
        _ID,
    ),
    _failure(
        "free_sessions",
        f"{_CLUSTER_PATH}/sessions/free",
        "sessions free",
        "Let the HSMs have sessions for KMS again.",
        "free them",
        _ID,
    ),
    _failure(
        "back_up",
        f"{_CLUSTER_PATH}/backups",
        "backup now",
        "Make the backup that CloudHSM makes once a day.",
        "make a backup",
        _ID,
    ),
)

# --- server --------------------------------------------------------------------------------------------------------
_SERVER = (
    Verb(
        name="server.health",
        method="GET",
        path=f"{PREFIX}/health",
        summary="Show that the server is up, its version, its fixture, and the number of operations of each service.",
        scope=Scope.SERVER,
        answer="Health",
        answer_description="The server is up.",
        commands=("health",),
        waits=True,
        view="mock.application.operation_counts()",
        operation_id="health",
        examples=(Example("show the server's health"),),
    ),
    Verb(
        name="server.localstack_health",
        method="GET",
        path="/_localstack/health",
        summary="Show the services, in the form that clients of LocalStack expect.",
        scope=Scope.SERVER,
        answer="LocalStackHealth",
        answer_description="The services are up.",
        lenient=True,
        operation_id="localstackHealth",
    ),
    Verb(
        name="server.describe",
        method="GET",
        path=f"{PREFIX}/openapi.json",
        summary="Return this document.",
        scope=Scope.SERVER,
        answer="Document",
        answer_description="The document.",
        operation_id="openapi",
    ),
    Verb(
        name="server.root_certificate",
        method="GET",
        path=f"{PREFIX}/certificates/{{name}}",
        summary="Return a root certificate of the HSMs, under the name of AWS's download.",
        parameters=(Parameter("name", TEXT, "its file name", Place.PATH, sample="AWS_CloudHSM_Root-G1.crt"),),
        scope=Scope.SERVER,
        answer="Certificate",
        answer_description="The certificate.",
        media="application/x-pem-file",
        refusals=(_NOT_FOUND,),
        operation_id="rootCertificate",
    ),
)

VERBS = {
    verb.name: verb
    for verb in (
        *_CLOCK,
        *_FAULTS,
        *_WORLDS,
        *_STATE,
        *_CALLS,
        *_CLUSTERS,
        *_USERS,
        *_KEYS,
        *_FAILURES,
        *_SERVER,
    )
}
"""All control verbs by name."""
