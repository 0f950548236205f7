"""Run the same probes against mockaws and other emulators, and write docs/comparison.md: `make compare`.

Each emulator is installed into an environment of its own below .bench/, which needs a package index. A probe makes
requests as a client does, and answers yes, partly or no, with its evidence. An emulator that cannot run here is named
with the reason, and has no column.

`--only NAME` runs one emulator and prints its answers without writing the page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from botocore.exceptions import BotoCoreError, ClientError
from emulators import ROOT, Emulator, InstallError, Running, StartError, emulators
from probes import NO, PROBES, YES, Answer

PAGE = ROOT / "docs" / "comparison.md"
NOT_RUN = {
    "LocalStack": (
        "its container image needs a Docker daemon and an account, and localstack-core 2026.3.0 "
        "finds no runtime components"
    ),
}

Results = dict[str, dict[str, Answer]]  # by emulator and title
HEAD = """\
# Comparison

<!-- scripts/compare.py writes this page: `make compare`. -->

`make compare` ran the same probes against each emulator on {date}, and wrote this page. A probe makes requests with
boto3 or plain HTTP, as a client does. Its answer is *yes* if all checks pass, *partly* if some do, and *no* otherwise,
with the evidence below. [scripts/probes.py](../scripts/probes.py) has the probes. mockaws's authors chose them for
users of KMS and CloudHSM. The other emulators have many more services of their own.

"""


def run(emulator: Emulator) -> dict[str, Answer]:
    """Install and start an emulator, and return its answers by the probes' titles."""
    emulator.peer.install()
    answers = {}
    with Running(emulator) as target:
        for group in PROBES.values():
            for title, function in group:
                try:
                    answers[title] = function(target)
                except ClientError as error:
                    answers[title] = NO, str(error.response["Error"].get("Code", "?"))
                except (BotoCoreError, OSError, StartError, KeyError, ValueError) as error:
                    answers[title] = NO, type(error).__name__
                print(f"{emulator.title}: {title}: {' - '.join(answers[title])}", file=sys.stderr, flush=True)
    return answers


def page(results: Results, versions: dict[str, str], missing: dict[str, str], date: str) -> str:
    """Return the page with a table of answers and a table of evidence for each group."""
    names = list(results)
    lines = [HEAD.format(date=date) + "| emulator | version | started with |", "| --- | --- | --- |"]
    known = {each.title: each for each in emulators().values()}
    lines += [f"| {name} | {versions[name]} | {known[name].about} |" for name in names]
    lines += [f"| {name} | not run here | {reason} |" for name, reason in missing.items()]
    lines += ["", "## Answers", "", f"| probe | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
    for group, probes in PROBES.items():
        lines += [
            f"| {group}: {title} | {' | '.join(_shown(results[name][title][0]) for name in names)} |"
            for title, _ in probes
        ]
    lines += ["", "## Evidence", ""]
    for group, probes in PROBES.items():
        lines += [f"### {group}", "", f"| probe | {' | '.join(names)} |", f"| --- |{' --- |' * len(names)}"]
        lines += [
            f"| {title} | {' | '.join(_escaped(results[name][title][1]) for name in names)} |" for title, _ in probes
        ]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _shown(answer: str) -> str:
    return f"**{answer}**" if answer == YES else answer


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def main() -> int:
    """Run all probes and write the page; the exit status is 1 if mockaws itself does not run."""
    parser = argparse.ArgumentParser(description="Compare mockaws with other emulators.")
    parser.add_argument("--only", choices=sorted(emulators()), help="run one emulator and write no page")
    only = parser.parse_args().only
    os.environ.pop("AWS_ENDPOINT_URL", None)
    results: Results = {}
    versions: dict[str, str] = {}
    missing = dict(NOT_RUN)
    for name, emulator in emulators().items():
        if only and name != only:
            continue
        try:
            results[emulator.title] = run(emulator)
            versions[emulator.title] = emulator.peer.version()
        except (InstallError, StartError) as error:
            missing[emulator.title] = str(error)
    if only or "mockaws" not in results:
        return 1 if missing.keys() - NOT_RUN.keys() else 0
    today = dt.datetime.fromtimestamp(time.clock_gettime(time.CLOCK_REALTIME), dt.UTC).date().isoformat()
    PAGE.write_text(page(results, versions, missing, today))
    return 0


if __name__ == "__main__":
    sys.exit(main())
