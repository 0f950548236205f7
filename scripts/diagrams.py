"""Draw the diagrams of docs/diagrams/ as SVG: `python scripts/diagrams.py [--check]`.

With `--check` it draws nothing, and exits with 1 if a file is not up to date.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "diagrams"
LINE = 18  # pixels between two lines of text
STYLE = """\
  text { font: 14px system-ui, "DejaVu Sans", sans-serif; fill: #1f2430; }
  .title { font-weight: 600; }
  .small { font-size: 12px; fill: #4a5163; }
  rect { rx: 8px; stroke-width: 1.5px; }
  .page { fill: #ffffff; }
  .kms { fill: #e8ecff; stroke: #3f51b5; }
  .hsm { fill: #e5f5ec; stroke: #2e7d4f; }
  .plain { fill: #f6f7f9; stroke: #8a91a3; }
  .bad { fill: #fdecea; stroke: #b3392f; }
  line, polyline { stroke: #4a5163; stroke-width: 1.5px; fill: none; marker-end: url(#arrow); }
  .dashed { stroke-dasharray: 5 4; }
"""


@dataclass
class Drawing:
    """A diagram with a title and a description for readers that do not see it."""

    title: str
    description: str
    width: int
    height: int
    parts: list[str] = field(default_factory=list)

    def box(self, x: int, y: int, width: int, height: int, kind: str, *lines: str) -> None:
        """Add a box. Its first line is its title; the others are smaller."""
        self.parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}"/>')
        for index, line in enumerate(lines):
            self.text(x + 12, y + 22 + index * LINE, line, "small" if index else "title")

    def text(self, x: int, y: int, line: str, kind: str = "small") -> None:
        """Add a line of text, from its left end."""
        self.parts.append(f'<text class="{kind}" x="{x}" y="{y}">{escape(line)}</text>')

    def arrow(
        self, *points: tuple[int, int], label: str = "", at: tuple[int, int] = (0, 0), dashed: bool = False
    ) -> None:
        """Add an arrow through points, with a label whose left end is *at*."""
        path = " ".join(f"{x},{y}" for x, y in points)
        self.parts.append(f'<polyline{" class=" + chr(34) + "dashed" + chr(34) if dashed else ""} points="{path}"/>')
        if label:
            self.text(*at, label)

    def svg(self) -> str:
        """Return the file."""
        body = "\n".join(self.parts)
        return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img"
  aria-labelledby="title description">
<title id="title">{escape(self.title)}</title>
<desc id="description">{escape(self.description)}</desc>
<style>
{STYLE}</style>
<defs>
<marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 10 5 0 10z" fill="#4a5163"/>
</marker>
</defs>
<rect class="page" width="{self.width}" height="{self.height}"/>
{body}
</svg>
"""


def cluster() -> Drawing:
    """Draw a cluster with its key stores and keys."""
    it = Drawing(
        "A cluster with its key store and keys",
        "On the left, KMS has a custom key store that is CONNECTED, with two keys and an alias. On the right, "
        "a CloudHSM cluster has an HSM in each of two Availability Zones. KMS logs in to both as kmsuser. "
        "Each key's material is in both HSMs, labelled with the key's ARN. The store keeps the cluster's "
        "trust anchor, customerCA.crt.",
        860,
        430,
    )
    it.box(20, 20, 330, 390, "kms", "KMS", "account 111122223333, us-west-2")
    it.box(
        40,
        80,
        290,
        310,
        "plain",
        "Custom key store",
        "cks-…  CONNECTED",
        "KeyStorePassword of kmsuser",
        "TrustAnchorCertificate",
    )
    it.box(60, 170, 250, 80, "kms", "Key 1234abcd-…", "Origin AWS_CLOUDHSM, Enabled", "policy, tags, grants")
    it.box(60, 290, 250, 80, "kms", "Key 5678efgh-…", "Origin AWS_CLOUDHSM, Enabled", "policy, tags, grants")
    it.box(500, 20, 340, 390, "hsm", "CloudHSM cluster", "cluster-…  ACTIVE, in your VPC")
    it.box(
        520,
        80,
        300,
        140,
        "plain",
        "HSM in us-west-2a",
        "users: admin, kmsuser",
        "key, label arn:…:key/1234abcd-…",
        "key, label arn:…:key/5678efgh-…",
    )
    it.box(
        520,
        250,
        300,
        140,
        "plain",
        "HSM in us-west-2b",
        "users: admin, kmsuser",
        "key, label arn:…:key/1234abcd-…",
        "key, label arn:…:key/5678efgh-…",
    )
    it.arrow((310, 200), (520, 130), label="logs in as kmsuser", at=(358, 135))
    it.arrow((310, 330), (520, 300), label="encrypts in the HSMs", at=(358, 345))
    it.text(532, 208, "The owner's CA signed the cluster's certificate.")
    it.text(532, 378, "A new key needs two HSMs in two zones.")
    return it


def key_life() -> Drawing:
    """Draw the life of a key."""
    it = Drawing(
        "The life of a key",
        "CreateKey makes a key that is Enabled, Creating if it is a replica, or PendingImport if its origin "
        "is EXTERNAL. Importing material enables a key in PendingImport; deleted or expired material returns "
        "it there. DisableKey and EnableKey move it between Enabled and Disabled. A key in a key store is "
        "Unavailable while the store is not connected. ScheduleKeyDeletion makes it PendingDeletion; "
        "CancelKeyDeletion makes it Disabled. After 7 to 30 days it is deleted, and its material is removed "
        "from the HSMs.",
        900,
        420,
    )
    it.box(20, 170, 130, 60, "plain", "CreateKey", "or a fixture")
    it.box(250, 30, 160, 60, "plain", "PendingImport", "Origin EXTERNAL")
    it.box(250, 170, 160, 60, "kms", "Enabled", "the key works")
    it.box(250, 320, 160, 60, "bad", "Unavailable", "store not connected")
    it.box(560, 30, 160, 60, "plain", "Disabled", "no operation uses it")
    it.box(560, 170, 160, 60, "bad", "PendingDeletion", "7 to 30 days")
    it.box(810, 170, 80, 60, "plain", "gone", "HSMs too")
    it.arrow((150, 190), (250, 190))
    it.arrow((85, 170), (85, 60), (250, 60), label="EXTERNAL", at=(95, 52))
    it.arrow((310, 90), (310, 170), label="ImportKeyMaterial", at=(196, 118))
    it.arrow((350, 170), (350, 90), label="expired, deleted", at=(358, 112), dashed=True)
    it.arrow((410, 180), (560, 60), label="DisableKey", at=(430, 88))
    it.arrow((580, 90), (410, 195), label="EnableKey", at=(525, 142))
    it.arrow((410, 215), (560, 215), label="ScheduleKeyDeletion", at=(424, 234))
    it.arrow((650, 170), (650, 90), label="CancelKeyDeletion", at=(658, 135))
    it.arrow((720, 200), (810, 200), label="clock passes", at=(728, 190), dashed=True)
    it.arrow((310, 230), (310, 320), label="store disconnects", at=(196, 280), dashed=True)
    it.arrow((350, 320), (350, 230), label="store connects", at=(358, 295), dashed=True)
    it.text(450, 345, "Dashed: no call changes the key. KMS computes the state")
    it.text(450, 345 + LINE, "from the key's record and the world's clock.")
    return it


def request() -> Drawing:
    """Draw the journey of a request."""
    it = Drawing(
        "The journey of a request",
        "A client's request is recognised by its headers, and its service and operation are found. Requests "
        "for other services go to moto or another endpoint. The signature gives the caller. The body is "
        "validated against AWS's model. Faults may strike. The operation runs in a transaction of the world's "
        "store, and runs again after a conflict. The answer is written in the caller's protocol, and the "
        "journal keeps the call.",
        900,
        400,
    )
    it.box(20, 30, 150, 60, "plain", "Client", "AWS SDK, CLI, Terraform")
    it.box(220, 30, 190, 60, "kms", "1  Protocol", "JSON, CBOR or Query")
    it.box(460, 30, 190, 60, "kms", "2  Operation", "by target or action")
    it.box(700, 30, 180, 60, "kms", "3  Caller", "account and Region")
    it.box(700, 150, 180, 60, "kms", "4  Validation", "AWS's model")
    it.box(460, 150, 190, 60, "bad", "5  Faults", "wait, error, lost connection")
    it.box(220, 150, 190, 60, "hsm", "6  Transaction", "the operation, at one moment")
    it.box(20, 150, 150, 60, "kms", "7  Answer", "or an AWS error")
    it.box(460, 290, 190, 80, "plain", "Other services", "moto, or --others URL")
    it.box(220, 290, 190, 80, "plain", "The world", "store, clock, ids, faults")
    it.box(20, 290, 150, 80, "plain", "8  Journal", "CloudTrail events")
    it.arrow((170, 60), (220, 60))
    it.arrow((410, 60), (460, 60))
    it.arrow((650, 60), (700, 60))
    it.arrow((790, 90), (790, 150))
    it.arrow((700, 180), (650, 180))
    it.arrow((460, 180), (410, 180))
    it.arrow((220, 180), (170, 180))
    it.arrow((95, 150), (95, 90))
    it.arrow((95, 210), (95, 290))
    it.arrow((315, 210), (315, 290), label="get, find, put", at=(323, 240))
    it.arrow((380, 150), (380, 122), (300, 122), (300, 150), label="again after a conflict", at=(222, 114), dashed=True)
    it.arrow((555, 90), (555, 118), (675, 118), (675, 330), (650, 330), label="not ours", at=(683, 260), dashed=True)
    return it


DIAGRAMS = {"cluster.svg": cluster, "key-life.svg": key_life, "request.svg": request}


def stale() -> list[str]:
    """Return the names of the files that are missing or not up to date."""
    return [
        name
        for name, draw in DIAGRAMS.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text() != draw().svg()
    ]


def main(arguments: list[str]) -> int:
    """Draw all diagrams, or check them; the exit status is 1 if the check fails."""
    if arguments == ["--check"]:
        for name in stale():
            print(
                f"docs/diagrams/{name} is not up to date; update it with: python scripts/diagrams.py", file=sys.stderr
            )
        return 1 if stale() else 0
    FOLDER.mkdir(exist_ok=True)
    for name, draw in DIAGRAMS.items():
        (FOLDER / name).write_text(draw().svg())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
