"""The account and the Region in which a control route acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.web.kinds import Routes


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("account=12", "account: 12 is none; an AWS account is 12 digits, such as 111122223333"),
        ("region=Oregon", "region: Oregon is none; an AWS Region is such as us-west-2"),
    ],
)
def test_what_is_no_place(routes: Routes, query: str, sentence: str) -> None:
    """What no caller of AWS could name, no control route makes anything in."""
    answer = routes().get(f"/_mockaws/clusters?{query}")
    assert (answer.status_code, answer.get_json(force=True)["detail"]) == (400, sentence)
