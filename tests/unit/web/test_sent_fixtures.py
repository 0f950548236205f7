"""A fixture that a client sends to a server reads no file of the server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mockaws import files
from tests.unit.fixtures.test_sent import SENT, naming

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.web.kinds import Routes


@pytest.mark.parametrize("place", range(5))
def test_no_file_is_read(place: int, tmp_path: Path, routes: Routes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the state of a world nor a new world reads a file that the fixture names."""
    secret = tmp_path / "secret"
    secret.write_text("a secret of the server")
    client = routes()
    read: list[Path] = []

    def noted(path: Path, *_: Any, **__: Any) -> bytes:
        read.append(path)
        return b""

    monkeypatch.setattr(files, "read", noted)
    document = naming(str(secret))[place]
    answers = [
        client.put("/_mockaws/state", json=document),
        client.post("/_mockaws/worlds", json={"name": "values", "document": document}),
        client.post("/_mockaws/worlds", json={"name": "text", "document": json.dumps(document) + "\n"}),
    ]
    refused = "scenario" not in document
    for answer in answers:
        text = answer.get_data(as_text=True)
        assert (answer.status_code == 400) is refused, text
        assert (SENT in text) is refused
    assert read == []
