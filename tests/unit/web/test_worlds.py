"""The routes of named worlds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from mockaws.fixtures import loader

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import Client

    from tests.unit.web.kinds import Routes

WORLDS = "/_mockaws/worlds"


@pytest.fixture
def client(routes: Routes) -> Client:
    """Return a client of a server with one named world."""
    made = routes()
    assert create(made, name="there", fixture="empty")[0] == 201
    return made


def create(client: Client, **document: Any) -> tuple[int, Any]:
    """Return the status and the document of the answer to a request for a new world."""
    answer = client.post(WORLDS, json=document)
    return answer.status_code, answer.get_json(force=True)


def test_a_world_from_a_document(client: Client) -> None:
    """A fixture can be sent as YAML or as JSON; its faults are at work in the world."""
    values = {"account": "111122223333", "region": "eu-central-1", "faults": [{"status": 503}]}
    for name, document in (
        ("a", values),
        ("b", "account: '111122223333'\nregion: eu-central-1\nfaults: [{status: 503}]"),
    ):
        status, world = create(client, name=name, document=document, seed="s", idle_timeout="P1W")
        assert status == 201
        assert world == {
            "name": name,
            "endpoint": f"http://localhost/worlds/{name}",
            "fixture": "document",
            "account": "111122223333",
            "region": "eu-central-1",
            "idle_timeout": "P7D",
        }
        assert client.get(f"{WORLDS}/{name}").get_json() == world
        (fault,) = client.get(f"/worlds/{name}/_mockaws/faults").get_json()["faults"]
        assert fault["status"] == 503
    assert client.get("/_mockaws/faults").get_json() == {"faults": []}


@pytest.mark.parametrize("fixture", loader.shipped())
def test_every_shipped_fixture(client: Client, fixture: str) -> None:
    """Each fixture that ships makes a world by its name."""
    assert create(client, name="new", fixture=fixture)[0] == 201


def test_the_account_is_for_fixtures_that_name_none(client: Client) -> None:
    """`account` is for fixtures without one, as --account is."""
    assert create(client, name="a", fixture="empty", account="111122223333")[1]["account"] == "111122223333"
    status, problem = create(client, name="b", document={"account": "444455556666"}, account="111122223333")
    assert status == 400
    assert problem["problems"][0]["path"] == "account"


@pytest.mark.parametrize(
    ("document", "status", "sentence"),
    [
        ({}, 400, "name must be given"),
        ({"name": 5}, 400, "name must be text, not a number"),
        ({"name": "a/b"}, 400, "invalid world name 'a/b'"),
        ({"name": "there"}, 409, "there is a world 'there' already; DELETE removes it"),
        (
            {"name": "x", "fixture": "redy-cluster"},
            400,
            "no shipped fixture is called 'redy-cluster': use backup-deleted, certificate-to-sign",
        ),
        (
            {"name": "x", "fixture": "empty", "document": {}},
            400,
            "give either fixture, the name of a shipped one, or document",
        ),
        ({"name": "x", "fixture": "empty", "account": "12"}, 400, "account: invalid account '12': use 12 digits"),
        ({"name": "x", "account": "111122223333"}, 400, "account is for a world with a fixture of its own"),
        ({"name": "x", "seed": "s"}, 400, "seed is for a world with a fixture of its own"),
        ({"name": "x", "idle_timeout": "1h"}, 400, "idle_timeout: invalid duration '1h': use an ISO 8601 duration"),
        ({"name": "x", "idle_timeout": "PT0S"}, 400, "idle_timeout: the world would end before its first use: use"),
        ({"name": "x", "idle": "PT1H"}, 400, "idle: no such member; there are name, fixture, document"),
        ({"name": "x", "document": 5}, 400, "document:1: 5 is a number; expected a mockaws fixture"),
        ({"name": "x", "document": "a: ["}, 400, "document:"),
        ({"name": "x", "document": {"clusters": [{"id": 5}]}}, 400, "document:1: clusters[0].id: 5 is a number"),
        (
            {"name": "x", "document": {"faults": [{"operation": "kms:Encrpyt"}]}},
            400,
            "document:1: faults[0].operation: kms:Encrpyt is no operation",
        ),
    ],
)
def test_mistakes_make_no_world(client: Client, document: dict[str, Any], status: int, sentence: str) -> None:
    """A mistake is answered with what would be right, and creates no world."""
    found, problem = create(client, **document)
    assert (found, problem["status"]) == (status, status)
    assert problem["detail"].startswith(sentence)
    assert [world["name"] for world in client.get(WORLDS).get_json()["worlds"]] == ["there"]


def test_no_file_of_the_server_is_read(client: Client, tmp_path: Path) -> None:
    """A fixture from a client is not a path of the server, and contains none."""
    secret = tmp_path / "secret.yaml"
    secret.write_text("description: for the server alone")
    certificate = {"clusters": [{"trust_anchor_certificate": {"file": str(secret)}}]}
    for document in ({"fixture": str(secret)}, {"document": certificate}):
        status, problem = create(client, name="x", **document)
        assert status == 400
        assert "for the server alone" not in str(problem)
    assert "this fixture was sent to a server" in problem["detail"]


@pytest.mark.parametrize("path", ["/_mockaws/clock", "/moto-api/reset"])
def test_a_control_route_of_a_world_that_cannot_be(client: Client, path: str) -> None:
    """A control route answers problem details for an invalid world name, and an AWS operation an AWS error."""
    answer = client.get(f"/worlds/.x{path}")
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert (problem["title"], problem["status"]) == ("Bad Request", 400)
    assert problem["detail"].startswith("invalid world name '.x'")
    assert client.post("/worlds/.x/").get_json(force=True)["__type"] == "ValidationException"


@pytest.mark.parametrize(
    ("method", "path", "longest"),
    [
        ("POST", WORLDS, 16 * 1024 * 1024),
        ("POST", "/_mockaws/clock", 1024 * 1024),
        ("POST", "/worlds/new/_mockaws/faults", 1024 * 1024),
        ("PUT", "/_mockaws/state", 64 * 1024 * 1024),
        ("GET", "/_mockaws/clock", 1024 * 1024),
    ],
)
def test_a_body_that_is_too_large(client: Client, method: str, path: str, longest: int) -> None:
    """A body that is too large is refused before it is read."""
    answer = client.open(path, method=method, environ_overrides={"CONTENT_LENGTH": str(longest + 1)})
    problem = answer.get_json(force=True)
    assert answer.status_code == problem["status"] == 413
    assert problem["detail"].startswith(f"the body has {longest + 1} bytes, and this route accepts at most {longest}")
    assert client.open(path, method=method, environ_overrides={"CONTENT_LENGTH": "0"}).status_code != 413


def test_worlds_that_are_not_there(client: Client) -> None:
    """Showing or removing a missing world is answered with the existing ones, and creates none."""
    for method in (client.get, client.delete):
        answer = method(f"{WORLDS}/nowhere")
        assert answer.status_code == 404
        assert answer.get_json(force=True)["detail"] == "there is no world 'nowhere'; there are: there"
    assert client.delete(f"{WORLDS}/there").get_json() == {"removed": 1}
    assert (
        client.delete(f"{WORLDS}/there").get_json(force=True)["detail"] == "there is no world 'there'; there are: none"
    )
