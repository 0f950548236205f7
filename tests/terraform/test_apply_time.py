"""The benchmark of an apply, which compares mockaws with a server that answers instantly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import applying

if TYPE_CHECKING:
    import pytest

    from tests.terraform.tool import terraform


def test_the_instant_server_satisfies_the_provider(
    tool: terraform.Terraform, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both servers let Terraform create keys with aliases, and a second plan is empty. Then the times are compared."""
    assert applying.main(["--rounds", "1", "--keys", "2"]) == 0
    report = capsys.readouterr().out
    assert f"{tool.product} {tool.version}" in report
    assert "apply of 2 keys with aliases: at most 1.05 x" in report
