"""The first error in what a command printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.matrix import findings

if TYPE_CHECKING:
    from pathlib import Path

REFUSED = (
    "creating KMS Custom Key Store (demo): operation error KMS: CreateCustomKeyStore, https response error StatusCode: "
    "400, RequestID: c1de2356-9be3-4909-b3ad-194217ab57bc, CloudHsmClusterInvalidConfigurationException: CloudHSM "
    "cluster must contain active HSMs in at least two Availability Zones"
)
FRAMED = f"""data.aws_cloudhsm_v2_cluster.this: Reading...
╷
│ Warning: Something else
│\x20
│ It does not matter.
╵
╷
│ Error: {REFUSED}
│\x20
│   with aws_kms_custom_key_store.this,
│   on main.tf line 23, in resource "aws_kms_custom_key_store" "this":
╵
"""
CONDITION = """
│ Error: Resource postcondition failed
│\x20
│   on main.tf line 11, in data "aws_cloudhsm_v2_cluster" "this":
│   11:       condition     = self.cluster_state == "ACTIVE"
│     ├────────────────
│     │ self.cluster_state is "UNINITIALIZED"
│\x20
│ Cluster cluster-1 is not ACTIVE: initialize and
│ activate it first.
╵
Releasing state lock.
"""
CONDITION_PLAIN = """
Error: Resource precondition failed

  on main.tf line 47, in resource "aws_kms_key" "this":

Key store cks-1 is DISCONNECTED, not CONNECTED:
connect it first.

Error: another one

More of it.
"""
TRACEBACK = """Traceback (most recent call last):
  File "app.py", line 3, in <module>
    kms.describe_key(KeyId="x")
botocore.errorfactory.NotFoundException: An error occurred (NotFoundException) when calling the DescribeKey \
operation: Invalid keyId 'x'
"""


@pytest.mark.parametrize(
    ("output", "error", "code"),
    [
        (FRAMED, REFUSED, "CloudHsmClusterInvalidConfigurationException"),
        (
            CONDITION,
            "Resource postcondition failed: Cluster cluster-1 is not ACTIVE: initialize and activate it first.",
            "",
        ),
        (
            CONDITION_PLAIN,
            "Resource precondition failed: Key store cks-1 is DISCONNECTED, not CONNECTED: connect it first.",
            "",
        ),
        (TRACEBACK, TRACEBACK.splitlines()[-1], "NotFoundException"),
        (
            "\nAn error occurred (ValidationException) when calling the CreateKey operation: 1 error\n",
            "An error occurred (ValidationException) when calling the CreateKey operation: 1 error",
            "ValidationException",
        ),
        (
            "Error: reading X: operation error KMS: DescribeKey, api error ThrottlingException: Rate exceeded",
            "reading X: operation error KMS: DescribeKey, api error ThrottlingException: Rate exceeded",
            "ThrottlingException",
        ),
        ("one\ncc: error: no input\nthree\n", "cc: error: no input", ""),
        ("one\ntwo\n\n", "two", ""),
        ("", "", ""),
    ],
    ids=["terraform", "condition", "condition, no colour", "python", "aws cli", "go", "any", "last line", "silence"],
)
def test_what_is_found(output: str, error: str, code: str) -> None:
    """The line that tells most of why a command failed, and the error that AWS answered where that is known."""
    assert findings.find(output) == (error, code)


def test_the_essence_begins_with_awss_error() -> None:
    """The provider's prefix of a message is long, and different each time."""
    assert findings.shortened(findings.find(FRAMED)) == (
        "CloudHsmClusterInvalidConfigurationException: CloudHSM cluster must contain active HSMs in at least two "
        "Availability Zones"
    )
    assert findings.shortened(findings.find(TRACEBACK)) == "NotFoundException: Invalid keyId 'x'"
    assert findings.shortened(findings.Finding("nothing of AWS")) == "nothing of AWS"


def test_output_as_plain_text(tmp_path: Path) -> None:
    """Colours go, and what XML cannot hold; of a very long output the end is enough."""
    log = tmp_path / "log"
    log.write_bytes(b"\x1b[31mred\x1b[0m \x00\x08\xff\r\nnext\rlast\n")
    assert findings.text(log) == "red \N{REPLACEMENT CHARACTER}\nnext\nlast\n"
    log.write_bytes(b"x" * 3 * 2**20 + b"end")
    assert findings.text(log).endswith("xend")
    assert len(findings.text(log)) == 2**20
