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
    """A clock that is advanced or set goes on standing; resumed, it runs from there."""
    assert change(client, advance="P1DT0.5S")[1]["now"] == "2030-05-02T12:00:00.500Z"
    assert change(client, set=2000000000)[1] == {"now": "2033-05-18T03:33:20.000Z", "frozen": True}
    resumed = change(client, resume=True)[1]
    assert resumed["frozen"] is False
    assert resumed["now"] >= "2033-05-18T03:33:20.000Z"
    assert change(client, freeze=True)[1]["frozen"] is True


def test_back(client: Client) -> None:
    """Going back in time has to be meant."""
    for verb in ("freeze", "set"):
        status, problem = change(client, **{verb: "2030-05-01T11:59:59Z"})
        assert status == 400
        assert "what happened there would be still to come. Say back: true" in problem["detail"]
        assert change(client, **{verb: NOON})[0] == 200
    assert change(client, set="2029-01-01", back=True)[1]["now"] == "2029-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({}, "say one of freeze, set, advance, resume, not nothing"),
        ({"freeze": True, "advance": "P1D"}, "say one of freeze, set, advance, resume, not freeze and advance"),
        ({"wind": "P1D"}, "wind: no such member; there are freeze, set, advance, resume, back"),
        ({"advance": "P1M"}, "advance: P1M is no duration; it is an ISO 8601 duration of weeks, days, hours, minutes"),
        ({"advance": 5}, "advance: 5 is no duration"),
        ({"advance": None}, "advance: None is no duration"),
        (
            {"advance": "P999999999W"},
            "advance: P999999999W is too long; a duration is at most P36525D",
        ),
        ({"advance": "P36525DT0.1S"}, "advance: P36525DT0.1S is too long; a duration is at most P36525D"),
        ({"set": "soon"}, "set: soon is no moment; it is an ISO 8601 date-time such as 2030-05-01T12:00:00Z, or epoch"),
        ({"set": True}, "set: True is no moment"),
        ({"set": [1]}, "set: [1] is no moment"),
        ({"set": 1e300}, "set: the clock goes from 1970-01-01 to 3000-01-01"),
        ({"set": -1, "back": True}, "set: the clock goes from 1970-01-01 to 3000-01-01"),
        ({"freeze": False}, "freeze: False is no moment"),
        ({"resume": False}, "resume is true"),
        ({"resume": True, "back": True}, "back is true or false, beside the moment of freeze or set"),
        ({"set": 0, "back": "yes"}, "back is true or false, beside the moment of freeze or set"),
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
    """Whatever is sent, the answer is a problem and no failure."""
    answer = client.post("/_mockaws/clock", data=body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
