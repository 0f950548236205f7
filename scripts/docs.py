"""Write the pages of docs/ that are generated from the code, or report with --check which of them are out of date.

It also checks that every relative link in the README and in docs/ has a target.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mockaws.records.key_specs import KEY_SPECS, SIGNING_ALGORITHMS, MessageType
from mockaws.services import cloudhsmv2, kms, sts
from mockaws.services.hsm import errors as hsm_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


ROOT = Path(__file__).resolve().parent.parent
SERVICES = (kms.service, cloudhsmv2.service, sts.service)
_LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#]+)(?:#[^)]*)?\)")
_NOTE = "<!-- Written by scripts/docs.py from the code; `make format` updates it. -->"


def operations() -> str:
    """Return the page that lists every operation of the installed botocore's models."""
    lines = ["# Operations", "", _NOTE, ""]
    for service in SERVICES:
        supported, all_of_them = service.operations, service.model.operations
        lines += [f"## {service.model.full_name}", "", f"{len(supported)} of {len(all_of_them)} operations.", ""]
        lines += ["| operation | what it does |", "| --- | --- |"]
        lines += [f"| {name} | {_summary(supported[name].function)} |" for name in sorted(supported)]
        absent = sorted(set(all_of_them) - set(supported))
        if absent:
            lines += [
                "",
                f"Not supported; calls fail with UnknownOperationException: {', '.join(absent)}.",
            ]
        lines.append("")
    return "\n".join(lines)


def errors() -> str:
    """Return the page that lists every sentence of every error, and its source."""
    lines = [
        "# Errors",
        "",
        _NOTE,
        "",
        "Each sentence has a grade:",
        "",
        "- *recorded*: it was seen in a real answer of AWS.",
        "- *documented*: it is in AWS's documentation or service model.",
        "- *chosen*: AWS's own sentence is not known, and this one is ours.",
        "",
        "The name of the error is always AWS's.",
        "",
        "A request that breaks constraints of the service's model fails before anything is looked up. The error lists",
        "all of them in one sentence. It is ValidationException, and CloudHsmInvalidRequestException in CloudHSM v2.",
        "",
    ]
    for service in SERVICES:
        lines += [f"## {service.model.full_name}", "", "| error | sentence | grade |", "| --- | --- | --- |"]
        lines += [
            f"| {error.code} | {_cell(error.sentence) or '(none)'} | {error.grade} |"
            for error in sorted(service.errors.declared, key=lambda error: (error.code, error.sentence))
        ]
        lines.append("")
    lines += [
        "## Inside the HSMs",
        "",
        "Errors of `mockaws hsm` and the control routes. AWS's CloudHSM CLI has no names for its errors.",
        "",
        "| sentence | grade |",
        "| --- | --- |",
    ]
    lines += [f"| {_cell(refusal.sentence)} | {refusal.grade} |" for refusal in hsm_errors.declared]
    return "\n".join(lines)


# The sources of the cryptography of key specs, if it is not the cryptography package.
LIBRARIES = {
    "ECC_NIST_EDWARDS25519": "cryptography; ED25519_PH_SHA_512 by PyNaCl",
    **dict.fromkeys(("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"), "Python's standard library"),
    "ML_KEM_512": "kyber-py",
    "SM2": "gmalg",
}


def key_specs() -> str:
    """Return the page that lists the kinds of keys, and their algorithms."""
    lines = ["# Key specs", "", _NOTE, ""]
    lines += ["All key specs of KMS, with real cryptography. The usage of a key is chosen when it is created.", ""]
    lines += [
        "| key spec | type | key usage | algorithms | Regions | implemented by |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for spec in KEY_SPECS.values():
        for usage, algorithms in spec.usages.items():
            shown = [_limited(algorithm, spec.encrypts.get(algorithm)) for algorithm in algorithms]
            library = LIBRARIES.get(spec.name, "cryptography")
            row = (spec.name, spec.type, usage, ", ".join(shown), spec.available, library)
            lines.append(f"| {' | '.join(row)} |")
    pairs = kms.service.model.shapes["DataKeyPairSpec"]["enum"]
    lines += [
        "",
        f"GenerateDataKeyPair creates data key pairs of {', '.join(sorted(pairs))}.",
        "",
        "In the China Regions AWS uses SM4 with keys of 128 bits for SYMMETRIC_DEFAULT. Here it is AES-256-GCM in",
        "every Region. Clients can see the difference only in the length of imported key material.",
        "",
        "## Messages",
        "",
        "A message has 1 to 4096 bytes. A prepared message has the number of bytes in the table.",
        "",
        "| signing algorithm | RAW | DIGEST | EXTERNAL_MU |",
        "| --- | --- | --- | --- |",
    ]
    for algorithm, lengths in SIGNING_ALGORITHMS.items():
        cells = ("-" if kind not in lengths else str(lengths[kind] or "any") for kind in MessageType)
        lines.append(f"| {algorithm} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _limited(algorithm: str, longest: int | None) -> str:
    return algorithm if longest is None else f"{algorithm} (up to {longest} bytes)"


PAGES: dict[str, Callable[[], str]] = {
    "docs/operations.md": operations,
    "docs/errors.md": errors,
    "docs/key-specs.md": key_specs,
}


def main() -> int:
    """Write or check the pages; the exit status is 1 if something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, and report what would change")
    check: bool = parser.parse_args().check
    faults = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make().rstrip("\n") + "\n"
        if check and (not path.exists() or path.read_text() != text):
            faults.append(f"{name} is not what the code says; `make format` updates it")
        elif not check:
            path.write_text(text)
    faults += broken_links()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def broken_links() -> Iterator[str]:
    """Yield each relative link of the README and the docs without a target."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("terraform/*/*.md")]:
        for target in _LINK.findall(page.read_text()):
            if not (page.parent / target).exists():
                yield f"{page.relative_to(ROOT)}: the link to {target} leads nowhere"


def _summary(function: Callable[..., object]) -> str:
    return _cell((function.__doc__ or "").split("\n", 1)[0])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
