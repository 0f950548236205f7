"""The routes of a world as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.fixtures import library

if TYPE_CHECKING:
    from werkzeug.test import Client

    from tests.unit.web.kinds import Routes

STATE = "/_mockaws/state"


@pytest.fixture
def client(routes: Routes) -> Client:
    """Return a client of an empty world, whose clock stands still."""
    made = routes()
    made.post("/_mockaws/clock", json={"freeze": "2030-01-01T00:00:00.125Z"})
    return made


def test_there_and_back(client: Client) -> None:
    """PUT accepts the answer of GET; the world is then as it was, and a reset returns to that."""
    client.put(STATE, data=library.fixture("one-hsm").read_bytes())
    client.post("/_mockaws/clock", json={"freeze": "2030-01-01T00:00:00.125Z"})
    client.post("/_mockaws/faults", json={"operation": "kms:Encrypt", "drop": True})
    answer = client.get(STATE)
    assert answer.content_type == "application/yaml"
    text = answer.get_data()

    client.put(STATE, json={})
    assert client.get(STATE).get_data() != text
    loaded = client.put(STATE, data=text).get_json()
    assert loaded["status"] == "loaded"
    assert loaded["records"]["Cluster"] == 1
    assert client.get(STATE).get_data() == text

    client.post("/_mockaws/clock", json={"advance": "P1D"})
    client.delete("/_mockaws/faults")
    client.post("/_mockaws/reset")
    assert client.get(STATE).get_data() == text


def test_without_secrets(client: Client) -> None:
    """`secrets=false` leaves out passwords."""
    client.put(STATE, data=library.fixture("disconnected-store").read_bytes())
    assert "leftOut1" not in client.get(STATE).get_data(as_text=True)
    assert "leftOut1" not in client.get(f"{STATE}?secrets=true").get_data(as_text=True)
    assert "leftOut1" in client.get(f"{STATE}?secrets=false").get_data(as_text=True)
    answer = client.get(f"{STATE}?secrets=no")
    sentence = "secrets must be true or false, not 'no'"
    assert (answer.status_code, answer.get_json(force=True)["detail"]) == (400, sentence)


def test_each_world_has_its_own(client: Client) -> None:
    """Loading a world changes no other."""
    client.put(f"/worlds/other{STATE}", json={"region": "eu-central-1"})
    assert "region: eu-central-1" in client.get(f"/worlds/other{STATE}").get_data(as_text=True)
    assert "region: us-west-2" in client.get(STATE).get_data(as_text=True)


def test_a_document_that_names_no_account_gets_that_of_the_world(client: Client) -> None:
    """A fixture without an account gets the account of the world."""
    assert client.put(STATE, json={"account": "111122223333"}).get_json()["account"] == "111122223333"
    assert client.put(STATE, json={"timing": "realistic"}).get_json()["account"] == "111122223333"
    assert client.put(STATE, json={"account": "444455556666"}).get_json()["account"] == "444455556666"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("snapshot: 2", "1: snapshot: 2 is not a readable version; expected 1, the version of this mockaws"),
        ("snapshot: 1\nrecords: {Kye: []}", "2: records.Kye: no such kind of record"),
        ("clusters: 5", "1: clusters: 5 is a number; expected a list"),
        ("a: [", " is not YAML"),
        ("\0", " is not YAML"),
        ("snapshot: 1\nrecords:\n  Key: [{}]", "3: records.Key[0].account: is missing; expected a value"),
        ("clusters: [{trust_anchor_certificate: {file: /etc/passwd}}]", "this fixture was sent to a server"),
    ],
)
def test_mistakes_change_nothing(client: Client, document: str, problem: str) -> None:
    """Problem details use the name that the client gave, and the world is unchanged."""
    before = client.get(STATE).get_data()
    answer = client.put(f"{STATE}?name=world.yaml", data=document.encode())
    found = answer.get_json(force=True)
    assert (answer.status_code, answer.content_type, found["status"]) == (400, "application/problem+json", 400)
    assert problem in found["detail"]
    assert found["detail"].startswith("world.yaml:")
    assert found["problems"][0]["message"]
    assert client.get(STATE).get_data() == before
