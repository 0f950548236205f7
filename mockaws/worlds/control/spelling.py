"""Examples of control verbs as an HTTP request, a command and a Python expression, for docs and the test of these."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mockaws.worlds.control.kinds import FLAG
from mockaws.worlds.control.verbs import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.worlds.control.verbs import Example, Parameter, Verb


def request(verb: Verb, example: Example) -> tuple[str, str, Any]:
    """Return the method, the path with its query string, and the JSON document of a request, None without one."""
    given, path = example.arguments, verb.path
    query: list[str] = []
    document = verb.document(given) or None
    for name, value in given.items():
        parameter = verb.parameter(name)
        if parameter.place is Place.PATH:
            path = path.replace(f"{{{parameter.spelled}}}", quote(value, safe=""))
        elif parameter.place is Place.QUERY:
            query += _in_query(parameter, value)
        elif parameter.place is Place.CONTENT:
            document = value
    return verb.method, f"{path}{'?' if query else ''}{'&'.join(query)}", document


def _in_query(parameter: Parameter, value: Any) -> Iterator[str]:
    if parameter.kind is FLAG:
        yield parameter.spelled if value else f"{parameter.spelled}=false"
    else:
        for each in value if isinstance(value, tuple) else (value,):
            yield f"{parameter.spelled}={quote(str(each), safe='*/:=')}"


def command(verb: Verb, example: Example) -> str:
    """Return the command line of an example, "" for a verb without a command."""
    if example.command or not verb.commands:
        return example.command
    words = ["mockaws", *verb.commands[0].split(), *filter(None, [verb.switch])]
    for name, value in example.arguments.items():
        parameter = verb.parameter(name)
        if parameter.implied or not parameter.on_command_line:
            continue
        words += parameter.flags[-1:] if len(parameter.flags) < 2 or parameter.kind is FLAG else parameter.flags[:1]  # noqa: PLR2004
        if parameter.kind is not FLAG:
            words += map(str, value) if isinstance(value, tuple) else [str(value)]
    return shlex.join(words)


def python(verb: Verb, example: Example) -> str:
    """Return the Python expression of an example, "" for a verb that programs do not need."""
    if example.python:
        return example.python
    if verb.view:
        return verb.view.format_map({name: _literal(value) for name, value in example.arguments.items()})
    if not verb.python:
        return ""
    words: list[str] = []
    for name, value in example.arguments.items():
        parameter = verb.parameter(name)
        if parameter.implied or not parameter.in_python:
            continue
        if isinstance(value, tuple):
            words += map(_literal, value)
        else:
            words.append(f"{name}={_literal(value)}" if parameter.keyword else _literal(value))
    return f"mock.{verb.python}({', '.join(words)})"


def _literal(value: Any) -> str:
    return repr(value) if isinstance(value, (bool, int, float)) else json.dumps(value, ensure_ascii=False)
