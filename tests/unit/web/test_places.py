"""The account and the Region in which a control route acts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.web.kinds import Routes


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("account=12", "account: invalid account '12': use 12 digits, such as 111122223333"),
        ("region=Oregon", "region: invalid Region 'Oregon': use a name such as us-west-2"),
    ],
)
def test_what_is_no_place(routes: Routes, query: str, sentence: str) -> None:
    """Control routes refuse accounts and Regions that no caller of AWS could have."""
    answer = routes().get(f"/_mockaws/clusters?{query}")
    assert (answer.status_code, answer.get_json(force=True)["detail"]) == (400, sentence)
