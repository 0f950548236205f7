"""The routes of faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.unit.web.kinds import Routes

FAULTS = "/_mockaws/faults"


def test_what_is_shown_can_be_added_again(routes: Routes) -> None:
    """A fault is shown as it was given, with its id and counts, without members that have their default."""
    client = routes()
    given: list[dict[str, Any]] = [
        {
            "operation": "kms:*",
            "account": "111122223333",
            "region": "us-west-2",
            "key": "alias/a",
            "nth": 2,
            "drop": True,
        },
        {"operation": "*", "every": 3, "times": 1, "probability": 0.5, "latency": "PT1.5S"},
        {"operation": "sts:*", "error": "ThrottlingException", "message": "no \N{SNOWMAN}\U0001f600"},
        {"operation": "kms:*", "throttle": "documented"},
        {"operation": "kms:*", "throttle": 5},
    ]
    for number, fault in enumerate(given, 1):
        answer = client.post(FAULTS, json=fault)
        assert answer.status_code == 201
        assert answer.get_json() == {"id": f"fault-{number}", **fault, "calls": 0, "struck": 0}
    shown = client.get(FAULTS).get_json()["faults"]
    assert [
        {name: value for name, value in fault.items() if name not in {"id", "calls", "struck"}} for fault in shown
    ] == given


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"5", b"null", b'"x"', b"{", b"\xff", b'{"drop": true, "error": "\\ud800"}', b'{"throttle": NaN}'],
)
def test_what_is_no_fault(routes: Routes, body: bytes) -> None:
    """A body that is no fault is answered with a problem, and adds none."""
    client = routes()
    answer = client.post(FAULTS, data=body)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert client.get(FAULTS).get_json() == {"faults": []}


def test_all_mistakes_at_once(routes: Routes) -> None:
    """The answer lists each mistake of a fault with its place and what would be right."""
    problem = routes().post(FAULTS, json={"operation": "kms:Encrpyt", "nth": 0, "drop": True}).get_json(force=True)
    assert problem["problems"] == [
        {"path": "nth", "message": "0 is too small", "expected": "1 to 1000000000"},
        {
            "path": "operation",
            "message": "kms:Encrpyt is no operation (did you mean kms:Encrypt?)",
            "expected": "kms:Encrypt, kms:Generate*, cloudhsmv2:* or *",
        },
    ]


def test_a_fault_that_is_not_there(routes: Routes) -> None:
    """Removing a missing fault is answered with the existing ones."""
    client = routes()
    assert (
        client.delete(f"{FAULTS}/fault-1").get_json(force=True)["detail"]
        == "there is no fault fault-1; there are no faults"
    )
    client.post(FAULTS, json={"drop": True})
    answer = client.delete(f"{FAULTS}/fault-2")
    assert (answer.status_code, answer.get_json(force=True)["detail"]) == (
        404,
        "there is no fault fault-2; there are fault-1",
    )
    assert client.delete(f"{FAULTS}/fault-1").get_json() == {"removed": 1}
