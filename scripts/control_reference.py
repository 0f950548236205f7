"""Write the tables in docs/control.md and docs/hsm.md that follow from the control verbs; --check changes nothing."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.worlds.control import spelling
from mockaws.worlds.control.kinds import FLAG, PASSWORD
from mockaws.worlds.control.table import VERBS
from mockaws.worlds.control.verbs import Place, Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mockaws.worlds.control.verbs import Parameter, Verb

ROOT = Path(__file__).resolve().parent.parent
_PLACEHOLDERS = {"{cluster_id}": "ID", "{role}": "ROLE", "{username}": "NAME", "{hsm}": "HSM", "{zone}": "ZONE"}


def ways() -> Iterator[str]:
    """Yield the table of all examples, each as a request, a command and a Python expression."""
    yield "| what | HTTP | command | Python |"
    yield "| --- | --- | --- | --- |"
    for verb in VERBS.values():
        for example in verb.examples:
            method, path, document = spelling.request(verb, example)
            body = f" {json.dumps(document, ensure_ascii=False)}" if document is not None else ""
            command, python = spelling.command(verb, example), spelling.python(verb, example)
            yield f"| {example.does} | `{method} {path}{body}` | `{command}` | `{python}` |"


def commands() -> Iterator[str]:
    """Yield the table of the commands of `mockaws hsm`."""
    yield "| command | effect | in AWS's CLI |"
    yield "| --- | --- | --- |"
    for verb in _of_hsms():
        if verb.commands:
            words = verb.commands[0].removeprefix("hsm ")
            flags = "".join(f" {_flag(each)}" for each in verb.parameters if not each.implied)
            aliases = "".join(f"; also `{alias.removeprefix('hsm ')}`" for alias in verb.commands[1:])
            note = f" ({verb.note})" if verb.note else ""
            in_aws_cli = "yes" if verb.in_aws_cli else ""
            yield f"| `{words}{flags}` | {verb.summary.rstrip('.')}{note}{aliases} | {in_aws_cli} |"


def routes() -> Iterator[str]:
    """Yield the table of the routes about HSMs, with their members and parameters."""
    yield "| route | members of the document |"
    yield "| --- | --- |"
    for verb in _of_hsms():
        path = re.sub(r"{\w+}", lambda match: _PLACEHOLDERS.get(match[0], match[0][1:-1].upper()), verb.path)
        members = [_optional(each) for each in verb.parameters if each.place is Place.MEMBER]
        query = [_optional(each) for each in verb.parameters if each.place is Place.QUERY]
        place = "query string: " if query else ""
        yield f"| `{verb.method} {path}` | {place}{', '.join([*members, *query])} |"


def _of_hsms() -> list[Verb]:
    return [verb for verb in VERBS.values() if verb.scope is Scope.HSMS]


def _flag(parameter: Parameter) -> str:
    """Return a flag as usage lines have it, in brackets if it may be left out."""
    text = "\\|".join(each for each in parameter.flags if each.startswith("--")) or parameter.metavar or parameter.name
    if parameter.kind is not FLAG and parameter.flags:
        text += f" {parameter.metavar or parameter.name.upper()}"
    return text if parameter.required and parameter.kind is not PASSWORD else f"[{text}]"


def _optional(parameter: Parameter) -> str:
    return f"`{parameter.spelled}`" if parameter.required else f"`{parameter.spelled}` (optional)"


TABLES = {"docs/control.md": {"ways": ways}, "docs/hsm.md": {"commands": commands, "routes": routes}}


def page(path: Path) -> str:
    """Return a page with its tables as they must be, each between its two comments."""
    text = path.read_text(encoding="utf-8")
    for name, table in TABLES[str(path.relative_to(ROOT))].items():
        start, end = f"<!-- {name}: written by scripts/control_reference.py -->\n", f"<!-- end of {name} -->\n"
        before, rest = text.split(start)
        _, after = rest.split(end)
        text = "\n".join([before + start, *table(), "", end + after])
    return text


def main() -> int:
    """Write or check the pages; the exit status is 1 if one is out of date."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, and report what would change")
    check: bool = parser.parse_args().check
    status = 0
    for name in TABLES:
        path = ROOT / name
        text = page(path)
        if check and path.read_text(encoding="utf-8") != text:
            print(f"{name} is out of date: run scripts/{Path(__file__).name}", file=sys.stderr)
            status = 1
        elif not check:
            path.write_text(text, encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
