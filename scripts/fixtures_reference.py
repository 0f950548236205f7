"""Write what follows from the schema and the shipped fixtures; --check changes nothing.

That are the pages docs/fixtures.md and docs/scenarios.md; the digests of the fixtures, which vouch for those that
need not be checked against the schema at start-up; and the certificates of their clusters.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import scenarios

from mockaws.crypto import certificates as x509
from mockaws.fixtures import library, loader, mistakes, safe_yaml, schema

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "fixtures.md"
SCENARIOS = ROOT / "docs" / "scenarios.md"
SCHEMA = schema.schema()
_DEFS = "#/$defs/"
_MEBIBYTES = safe_yaml.MAX_BYTES // 1024**2

_INTRODUCTION = f"""\
# Fixtures

<!-- Written by scripts/fixtures_reference.py from fixtures/schema.json and the shipped fixtures. -->

A fixture is a YAML file that describes the world in which mockaws answers.

```text
mockaws serve --fixture ready-cluster              one that ships, by its name
mockaws serve --fixture worlds/mine.yaml           one of your own, by its path
mockaws validate worlds/*.yaml                     every mistake: file, line, path, and what would be right
```

Almost everything may be left out. It then gets a default in AWS's form, derived from the content of the file and the
place in it: the same file makes the same world each time, with the same ids, addresses, certificates and key
material. A fixture with a mistake stops the server.

An editor that knows YAML schemas (such as VS Code with the YAML extension) completes and checks a fixture whose first
line names [the schema](../fixtures/schema.json) by its path or URL:

```yaml
# yaml-language-server: $schema=schema.json
```

The YAML is a safe subset of version 1.2. `no`, `on` and dates are text. Tags are refused,
as are duplicate keys, merge keys, a second document, more than {safe_yaml.MAX_DEPTH} levels, more than {_MEBIBYTES}
MiB, and aliases that repeat more than {safe_yaml.MAX_REPEATED:,} values in all. A file has at most
{safe_yaml.MAX_NODES:,} keys and values, and what is sent to a server {loader.MOST_SENT:,}; the records of a snapshot
are not counted. At most {mistakes.MAX_MISTAKES} mistakes are reported. An account stands in quotes, since 012345678901
is a number.

Fixtures, and the files that they name, are regular files: pipes, sockets and devices are refused. A fixture may be a
pipe that a shell opens, as in `mockaws validate <(command)` and `mockaws validate /dev/stdin`.

A cluster, HSM, subnet or other id may be one that AWS would never give out, as `cluster-1a23b4cdefg` in AWS's own
guides is: calls may use it all the same.

## Certificates

`fixtures/customerCA.crt` is the trust anchor of every cluster whose fixture names no other. It is the certificate of a
test authority. The authority's key stands beside it, so that you can sign certificates of your own clusters with it; it
guards nothing. `fixtures/anotherCA.crt` is the trust anchor of the world `wrong-trust-anchor`; its key does not exist.

The first HSM of a new cluster proves what it is as a real one does, under two roots that ship in
[mockaws/roots](../mockaws/roots), under the names of AWS's downloads: `AWS_CloudHSM_Root-G1.crt` and
`liquid_security_certificate.crt`. With these files the commands of
[AWS's page](https://docs.aws.amazon.com/cloudhsm/latest/userguide/verify-hsm-identity.html) say OK. Their keys lie
beside them and guard nothing. A cluster that a fixture describes as UNINITIALIZED with an HSM has such certificates,
too, other ones each time: they are all that is not derived from the file.

## The worlds that ship

[Scenarios](scenarios.md) lists them by topic, with the call that fails in each and the commands that mend it.
"""


def page() -> str:
    """Return the reference page."""
    lines = [_INTRODUCTION, "## The format", "", SCHEMA["description"], "", *_table(SCHEMA)]
    for name in dict.fromkeys(_mappings(SCHEMA)):
        lines += ["", f"### {name}", "", *_table(SCHEMA["$defs"][name])]
    lines += ["", "### Forms", "", "| form | description | examples |", "| --- | --- | --- |"]
    for name, rule in SCHEMA["$defs"].items():
        if "properties" not in rule or name == "certificate":
            lines.append(f"| {_title(name)} | {_cell(rule['title'])} | {_examples(rule)} |")
    return "\n".join(lines) + "\n"


def sums() -> str:
    """Return the digests of the shipped fixtures, in the form of sha256sum; those with a problem get none."""
    contents = {name: library.fixture(name).read_bytes() for name in loader.shipped()}
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {library.fixture(name).name}\n"
        for name, content in contents.items()
        if is_good(content)
    )


def is_good(content: bytes) -> bool:
    """Return True if a fixture is YAML that the schema permits; everything else is checked at start-up."""
    parsed = safe_yaml.parse(content)
    return parsed.root is not None and not parsed.mistakes and not any(schema.mistakes(parsed.root))


def certificates() -> dict[Path, str]:
    """Return the certificates of the clusters in the shipped fixtures, with the files that they belong into."""
    contents = [yaml["clusters"] for name in loader.shipped() if "clusters" in (yaml := _content(name))]
    authority = x509.read(library.certificate())
    return {
        library.FOLDER / f"{cluster['id']}.crt": x509.for_cluster(cluster["id"], authority, library.key())
        for clusters in contents
        for cluster in clusters
        if "cluster_certificate" not in cluster
    }


def main() -> int:
    """Write or check the files; the exit status is 1 where one is not what it should be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, and say what would change")
    check: bool = parser.parse_args().check
    status = 0
    for path, text in {PAGE: page(), SCENARIOS: scenarios.page(), library.SUMS: sums(), **certificates()}.items():
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            print(f"{path.relative_to(ROOT)} is out of date: run scripts/{Path(__file__).name}", file=sys.stderr)
            status = 1
        elif not check:
            path.write_text(text, encoding="utf-8")
    return status


def _content(name: str) -> dict[str, Any]:
    root = safe_yaml.parse(library.fixture(name).read_bytes()).root
    return root.plain() if root is not None else {}


def _mappings(rule: dict[str, Any]) -> Iterator[str]:
    """Yield the names of the mappings that can stand in *rule*, each after the one that it stands in."""
    for inner in rule.get("properties", {}).values():
        reference = inner.get("items", inner).get("$ref", "").removeprefix(_DEFS)
        definition = SCHEMA["$defs"].get(reference, {})
        if "properties" in definition and reference != "certificate":
            yield reference
            yield from _mappings(definition)


def _table(rule: dict[str, Any]) -> Iterator[str]:
    yield "| property | value | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for name, inner in rule["properties"].items():
        shown = _default(inner, required=name in rule.get("required", ()))
        yield f"| `{name}` | {_value(inner)} | {shown} | {_cell(inner['description'])} |"


def _value(rule: dict[str, Any]) -> str:
    reference = rule.get("$ref", "").removeprefix(_DEFS)
    if reference == "timing":
        return "`instant`, `realistic`, or [timing](#timing)"
    if reference:
        return f"[{_title(reference)}](#{'forms' if _is_form(reference) else reference})"
    if "enum" in rule:
        return ", ".join(f"`{value}`" for value in rule["enum"])
    if rule.get("type") == "array":
        most = f", at most {rule['maxItems']}" if "maxItems" in rule else ""
        return f"list: {_value(rule['items'])}{most}"
    if rule.get("type") == "integer":
        return f"{rule['minimum']} to {rule['maximum']}"
    if rule.get("type") == "boolean":
        return "`true`, `false`"
    return _cell(rule.get("title", "text")) + (
        f", such as {_examples(rule)}" if "pattern" in rule and "examples" in rule else ""
    )


def _default(rule: dict[str, Any], *, required: bool) -> str:
    definition = SCHEMA["$defs"].get(rule.get("$ref", "").removeprefix(_DEFS), {})
    default = rule.get("default", definition.get("default"))
    if required:
        return "**required**"
    return "" if default is None else f"`{default if isinstance(default, str) and default else json.dumps(default)}`"


def _is_form(name: str) -> bool:
    return "properties" not in SCHEMA["$defs"][name] or name == "certificate"


def _title(name: str) -> str:
    return name.replace("_", " ")


def _examples(rule: dict[str, Any]) -> str:
    examples = rule.get("examples", [])
    return ", ".join(f"`{text if isinstance(text, str) else json.dumps(text)}`" for text in examples)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
