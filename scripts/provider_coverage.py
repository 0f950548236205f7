"""Write docs/provider-coverage.md from the facts that the last run of the Terraform tests has shown.

A test reports a fact with the fixture `shows`; tests/shown.py stores it if the test passes.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "provider-coverage.md"
SHOWN = ROOT / ".pytest_cache" / "provider-coverage.json"  # by test: lists of name, step and fact

RESOURCES = (
    "aws_kms_key",
    "aws_kms_alias",
    "aws_kms_grant",
    "aws_kms_key_policy",
    "aws_kms_ciphertext",
    "aws_kms_external_key",
    "aws_kms_replica_key",
    "aws_kms_replica_external_key",
    "aws_kms_custom_key_store",
    "aws_cloudhsm_v2_cluster",
    "aws_cloudhsm_v2_hsm",
)
READ = (
    "data.aws_kms_alias",
    "data.aws_kms_key",
    "data.aws_kms_custom_key_store",
    "data.aws_kms_public_key",
    "data.aws_kms_ciphertext",
    "data.aws_kms_secrets",
    "data.aws_cloudhsm_v2_cluster",
    "data.aws_caller_identity",
    "ephemeral.aws_kms_secrets",
)
STEPS = ("create", "second plan", "update", "import", "drift", "destroy")
# Impossible cells, with the reason.
IMPOSSIBLE = {
    ("aws_kms_ciphertext", "import"): "KMS keeps no ciphertexts, and the provider imports none",
    ("aws_kms_ciphertext", "drift"): "KMS keeps nothing that could change",
}
HEAD = """\
# Provider coverage

<!-- scripts/provider_coverage.py writes this page from the tests that ran: `make coverage`. -->

A passing test with real Terraform and provider hashicorp/aws 5.100 holds each cell:

- *create*, and a *second plan* that is empty;
- *arguments changed*: each argument that can be changed in place, and an empty plan after that. Others replace it;
- *import* by an `import` block: the only arguments that the next plan sets, because AWS does not report them;
- *drift*: changes outside Terraform that the next plan shows;
- *destroy*.
"""


class IncompleteError(Exception):
    """A cell that no test shows, or a fact without a cell; the message names it."""


def page(shown: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return the page. Raises IncompleteError if a cell is empty or a fact has no cell."""
    cells: dict[tuple[str, str], list[str]] = defaultdict(list)
    tests: dict[str, list[str]] = defaultdict(list)
    for test, facts in sorted(shown.items()):
        for name, step, what in facts:
            cells[name, step].append(what)
            tests[name].append(test)
    wanted = [(name, step) for name in RESOURCES for step in STEPS] + [(name, "read") for name in READ]
    if missing := [f"{step} of {name}" for name, step in wanted if (name, step) not in {**cells, **IMPOSSIBLE}]:
        raise IncompleteError(f"no test that passed shows {', '.join(missing)}")
    if unknown := [f"{step} of {name}" for name, step in cells if (name, step) not in {*wanted}]:
        raise IncompleteError(f"the page has no place for {', '.join(unknown)}")

    lines = [HEAD, "## Resources", ""]
    lines += ["| resource | create | second plan | arguments changed | import | drift | destroy | tests |", _rule(8)]
    for name in RESOURCES:
        said = [_cell(cells[name, step], IMPOSSIBLE.get((name, step))) for step in STEPS]
        lines.append(f"| {' | '.join([f'`{name}`', *said, _links(tests[name])])} |")
    lines += ["", "## Data sources and ephemeral resources", "", "| | read by | tests |", _rule(3)]
    for name in READ:
        kind, _, type_ = name.partition(".")
        lines.append(f"| {kind} `{type_}` | {_cell(cells[name, 'read'], None)} | {_links(tests[name])} |")
    return "\n".join(lines) + "\n"


def _rule(columns: int) -> str:
    return f"| {' | '.join(['---'] * columns)} |"


def _cell(shown: Sequence[str], impossible: str | None) -> str:
    """Return each fact once; "yes" if there are only facts without details."""
    if impossible and not shown:
        return f"*{impossible}*"
    return "; ".join(dict.fromkeys(what for what in shown if what)) or "yes"


def _links(tests: Sequence[str]) -> str:
    files = dict.fromkeys(test.split("::")[0] for test in tests)
    return ", ".join(f"[{Path(file).stem.removeprefix('test_')}](../{file})" for file in files)


def disagreement(shown: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """Return a message if the page and the shown facts disagree, else an empty string."""
    try:
        text = page(shown)
    except IncompleteError as incomplete:
        return f"{PAGE.relative_to(ROOT)} cannot be written: {incomplete}"
    if PAGE.exists() and PAGE.read_text() == text:
        return ""
    return f"{PAGE.relative_to(ROOT)} does not agree with the tests that ran; update it with `make coverage`"


def main() -> int:
    """Write the page. The exit status is 1 if a cell is missing."""
    if not SHOWN.exists():
        print(f"{SHOWN.relative_to(ROOT)} does not exist: run `make test` first", file=sys.stderr)
        return 1
    try:
        PAGE.write_text(page(json.loads(SHOWN.read_text())))
    except IncompleteError as incomplete:
        print(f"{incomplete}: run all tests first with `make test`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
