"""Write the pages of docs/ that are made from the code, or with --check tell which of them are not true any more.

It also checks that every relative link in the README and in docs/ leads somewhere.
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
_NOTE = "<!-- Written by scripts/docs.py from the code; `make format` writes it anew. -->"


def operations() -> str:
    """Return the page that lists every operation of the installed botocore's models."""
    lines = ["# Operations", "", _NOTE, ""]
    for service in SERVICES:
        there, all_of_them = service.operations, service.model.operations
        lines += [f"## {service.model.full_name}", "", f"{len(there)} of {len(all_of_them)} operations.", ""]
        lines += ["| operation | what it does |", "| --- | --- |"]
        lines += [f"| {name} | {_summary(there[name].function)} |" for name in sorted(there)]
        absent = sorted(set(all_of_them) - set(there))
        if absent:
            lines += [
                "",
                f"Not there yet, and refused as such with UnknownOperationException: {', '.join(absent)}.",
            ]
        lines.append("")
    return "\n".join(lines)


def errors() -> str:
    """Return the page that lists every sentence that an error can have, and where it comes from."""
    lines = [
        "# Errors",
        "",
        _NOTE,
        "",
        "Each sentence is *recorded* (seen in a real answer of AWS), *documented* (it stands in AWS's documentation or",
        "service model) or *chosen* (AWS's own sentence is on no record, and this one is ours). The name of the error",
        "is AWS's in every case.",
        "",
        "A request that breaks constraints of the service's model is refused before anything is looked up, with all of",
        "them in one sentence: as ValidationException, and by CloudHSM v2 as CloudHsmInvalidRequestException.",
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
        "What `mockaws hsm` and the control routes refuse; AWS's CloudHSM CLI has no names for its errors.",
        "",
        "| sentence | grade |",
        "| --- | --- |",
    ]
    lines += [f"| {_cell(refusal.sentence)} | {refusal.grade} |" for refusal in hsm_errors.declared]
    return "\n".join(lines)


# Where a key spec's cryptography comes from; where nothing is said, from the cryptography package.
LIBRARIES = {
    "ECC_NIST_EDWARDS25519": "cryptography; ED25519_PH_SHA_512 by PyNaCl",
    **dict.fromkeys(("HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"), "Python's standard library"),
    "ML_KEM_512": "kyber-py",
    "SM2": "gmalg",
}


def key_specs() -> str:
    """Return the page that lists what kinds of keys there are, and what can be done with them."""
    lines = ["# Key specs", "", _NOTE, ""]
    lines += ["Every key spec of KMS, with real cryptography. What a key is for is chosen when it is made.", ""]
    lines += [
        "| key spec | type | key usage | algorithms | Regions | made by |",
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
        f"As data key pairs, GenerateDataKeyPair makes {', '.join(sorted(pairs))}.",
        "",
        "In the China Regions AWS encrypts under SYMMETRIC_DEFAULT with SM4, and makes keys of 128 bits; here it is",
        "AES-256-GCM everywhere, which nobody outside can tell but for the length of imported key material.",
        "",
        "## Messages",
        "",
        "A message has 1 to 4096 bytes; those of a prepared one are as many as the table says.",
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
    """Write or check the pages; the exit status is 1 where something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, and say what would change")
    check: bool = parser.parse_args().check
    faults = []
    for name, make in PAGES.items():
        path, text = ROOT / name, make().rstrip("\n") + "\n"
        if check and (not path.exists() or path.read_text() != text):
            faults.append(f"{name} is not what the code says; `make format` writes it anew")
        elif not check:
            path.write_text(text)
    faults += broken_links()
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def broken_links() -> Iterator[str]:
    """Yield each relative link of the README and the docs that leads nowhere."""
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
