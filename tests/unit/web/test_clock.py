"""The routes of the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from werkzeug.test import Client

    from tests.unit.web.kinds import Routes

NOON = "2030-05-01T12:00:00Z"


@pytest.fixture
def client(routes: Routes) -> Client:
    """Return a client of a world that stands still."""
    made = routes()
    assert change(made, freeze=NOON) == (200, {"now": "2030-05-01T12:00:00.000Z", "frozen": True})
    return made


def change(client: Client, **document: Any) -> tuple[int, Any]:
    """Return the status and the document of an answer."""
    answer = client.post("/_mockaws/clock", json=document)
    return answer.status_code, answer.get_json(force=True)


def test_advancing_and_running(client: Client) -> None:
    """An advanced or set clock stays frozen; a resumed one runs from there."""
    assert change(client, advance="P1DT0.5S")[1]["now"] == "2030-05-02T12:00:00.500Z"
    assert change(client, set=2000000000)[1] == {"now": "2033-05-18T03:33:20.000Z", "frozen": True}
    resumed = change(client, resume=True)[1]
    assert resumed["frozen"] is False
    assert resumed["now"] >= "2033-05-18T03:33:20.000Z"
    assert change(client, freeze=True)[1]["frozen"] is True


def test_back(client: Client) -> None:
    """Going back in time needs `back`."""
    for verb in ("freeze", "set"):
        status, problem = change(client, **{verb: "2030-05-01T11:59:59Z"})
        assert status == 400
        assert "Add back: true" in problem["detail"]
        assert change(client, **{verb: NOON})[0] == 200
    assert change(client, set="2029-01-01", back=True)[1]["now"] == "2029-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "give one of freeze, set, advance, resume, not none"),
        ({"freeze": True, "advance": "P1D"}, "give one of freeze, set, advance, resume, not freeze and advance"),
        ({"wind": "P1D"}, "wind: no such member; there are freeze, set, advance, resume, back"),
        (
            {"advance": "P1M"},
            "advance: invalid duration 'P1M': use an ISO 8601 duration of weeks, days, hours, minutes",
        ),
        ({"advance": 5}, "advance: invalid duration 5: use an ISO 8601 duration"),
        ({"advance": None}, "advance: invalid duration None: use an ISO 8601 duration"),
        (
            {"advance": "P999999999W"},
            "advance: duration 'P999999999W' is too long: use at most P36525D",
        ),
        ({"advance": "P36525DT0.1S"}, "advance: duration 'P36525DT0.1S' is too long: use at most P36525D"),
        (
            {"set": "soon"},
            "set: invalid moment 'soon': use an ISO 8601 date-time such as 2030-05-01T12:00:00Z, or epoch",
        ),
        ({"set": True}, "set: invalid moment True: use"),
        ({"set": [1]}, "set: invalid moment [1]: use"),
        ({"set": 1e300}, "set: the clock goes from 1970-01-01 to 3000-01-01"),
        ({"set": -1, "back": True}, "set: the clock goes from 1970-01-01 to 3000-01-01"),
        ({"freeze": False}, "freeze: invalid moment False: use"),
        ({"resume": False}, "resume must be true"),
        ({"resume": True, "back": True}, "back: no such member beside resume"),
        ({"set": 0, "back": "yes"}, "back must be true or false, not 'yes'"),
    ],
)
def test_mistakes_move_nothing(client: Client, document: dict[str, Any], sentence: str) -> None:
    """A mistake says what would be right, as problem details, and leaves the clock as it was."""
    status, problem = change(client, **document)
    assert (status, problem["status"], problem["title"]) == (400, 400, "Bad Request")
    assert problem["detail"].startswith(sentence)
    assert client.get("/_mockaws/clock").get_json() == {"now": "2030-05-01T12:00:00.000Z", "frozen": True}


@pytest.mark.parametrize(
    "body", [b"[]", b"freeze", b"\xff", b'{"set": NaN}', b'{"set": Infinity}', b'{"advance": "' + b"9" * 5000]
)
def test_bodies_that_cannot_be_read(client: Client, body: bytes) -> None:
    """A body that is no JSON object is answered with a problem."""
    answer = client.post("/_mockaws/clock", data=body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
