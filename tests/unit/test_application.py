"""The application factory for Flask, and worlds that an application creates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import flask
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import mockaws
from mockaws.application import Application, load_fixture
from mockaws.fixtures.mistakes import FixtureError
from mockaws.records.kms import Key
from mockaws.settings import Settings, SettingsError
from mockaws.worlds.named import NoWorldError, WorldTakenError
from tests.samples import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from mockaws.journal.entries import Entry

KEY = f"account: '{ACCOUNT}'\nregion: {REGION}\nkeys: [{{aliases: [alias/payments]}}]\n"


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of the machine out."""
    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(f"MOCKAWS_{name.removeprefix('id_').upper()}", raising=False)


def call(client: FlaskClient, operation: str, path: str = "/", environ: dict[str, Any] | None = None) -> TestResponse:
    """Send a request to KMS that botocore has signed."""
    headers = {"X-Amz-Target": f"TrentService.{operation}", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", f"http://localhost{path}", headers, b"{}")
    SigV4Auth(Credentials(ACCOUNT, "secret"), "kms", REGION).add_auth(request)
    signed: Mapping[str, str] = dict(request.headers.items())
    return client.post(path, data=b"{}", headers=signed, environ_overrides=environ)


def test_a_flask_application() -> None:
    """AWS requests, control routes and worlds answer to the test client of a real Flask application."""
    app = mockaws.create_app(fixture=KEY, quiet=True)
    assert isinstance(app, flask.Flask)
    client = app.test_client()
    assert len(call(client, "ListKeys").get_json(force=True)["Keys"]) == 1
    assert client.post("/_mockaws/worlds", json={"name": "bare", "fixture": "empty"}).status_code == 201
    assert call(client, "ListKeys", "/worlds/bare/").get_json(force=True)["Keys"] == []
    assert client.head("/").data == b""
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/_mockaws/health", "/_mockaws/reset"} <= routes


def test_applications_are_apart() -> None:
    """Each call of the factory makes worlds of its own."""
    one, other = (mockaws.create_app(quiet=True).test_client() for _ in range(2))
    call(one, "CreateKey")
    assert len(call(one, "ListKeys").get_json(force=True)["Keys"]) == 1
    assert call(other, "ListKeys").get_json(force=True)["Keys"] == []


def test_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A keyword has precedence over its variable, and a variable over the default."""
    monkeypatch.setenv("MOCKAWS_ACCOUNT", "111122223333")
    monkeypatch.setenv("MOCKAWS_QUIET", "1")
    monkeypatch.setenv("MOCKAWS_SEED", "s")
    application: Application = mockaws.create_app(account="444455556666").extensions["mockaws"]
    assert application.settings == Settings(account="444455556666", quiet=True, id_seed="s")
    assert application.worlds.default.config.account == "444455556666"


def test_a_fixture_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """MOCKAWS_FIXTURE names the fixture, unless the keyword does."""
    monkeypatch.setenv("MOCKAWS_FIXTURE", "developer-guide")
    for keyword, fixture in ((None, "developer-guide"), ("ready-cluster", "ready-cluster")):
        health = mockaws.create_app(quiet=True, fixture=keyword).test_client().get("/_mockaws/health")
        assert health.get_json()["fixture"] == fixture


def test_mistakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """All mistakes are reported together, each with the name that its user gave it."""
    monkeypatch.setenv("MOCKAWS_PORT", "http")
    monkeypatch.setenv("MOCKAWS_QUEIT", "1")
    with pytest.raises(SettingsError) as refused:
        mockaws.create_app(account="12")
    assert refused.value.mistakes == [
        "MOCKAWS_QUEIT: no such setting; did you mean MOCKAWS_QUIET?",
        "MOCKAWS_PORT=http: a port is a number from 0 to 65535; 0 takes a free one",
        "account='12': an AWS account is 12 digits, such as 111122223333",
    ]
    monkeypatch.undo()
    with pytest.raises(FixtureError, match="alias/aws/"):
        mockaws.create_app(fixture="keys: [{aliases: [alias/aws/mine]}]\n")
    with pytest.raises(TypeError, match="fixtur"):
        mockaws.create_app(fixtur="empty")  # type: ignore[call-arg]


def test_several_processes() -> None:
    """A process that is one of several refuses all requests, so that no client sees half of the worlds."""
    client = mockaws.create_app(quiet=True).test_client()
    for answer in (
        call(client, "ListKeys", environ={"wsgi.multiprocess": True}),
        client.get("/_mockaws/health", environ_overrides={"wsgi.multiprocess": True}),
    ):
        assert answer.status_code == 400
        assert "run one process with threads" in answer.get_json(force=True)["message"]


def test_a_dropped_connection() -> None:
    """A fault that drops the connection is ConnectionAbortedError in the test client."""
    client = mockaws.create_app(fixture="faults: [{operation: 'kms:*', drop: true}]\n", quiet=True).test_client()
    with pytest.raises(ConnectionAbortedError):
        call(client, "ListKeys")


def test_mounted_in_another_application() -> None:
    """Below another application's path all URLs stay there, with any middleware in front."""
    app = flask.Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "a page of its own")
    mounted = mockaws.create_app(quiet=True)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/aws": mounted})  # type: ignore[method-assign]
    client = app.test_client()
    assert client.get("/").text == "a page of its own"
    for path in ("/aws", "/aws/", "/aws/worlds/pr-1", "/aws/worlds/pr-1/"):
        assert call(client, "CreateKey", path).status_code == 200
    worlds = client.get("/aws/_mockaws/worlds").get_json()["worlds"]
    assert [world["endpoint"] for world in worlds] == ["http://localhost/aws/worlds/pr-1"]
    assert len(call(client, "ListKeys", "/aws/worlds/pr-1").get_json(force=True)["Keys"]) == 2


def test_calls(tmp_path: Path) -> None:
    """Calls are written to the file and given to listeners, in worlds that were created later as well."""
    heard: list[Entry] = []
    file = tmp_path / "calls.jsonl"
    app = mockaws.create_app(quiet=True, calls=file, listeners=[heard.append])
    client = app.test_client()
    client.post("/_mockaws/worlds", json={"name": "other", "fixture": "empty"})
    call(client, "ListKeys", "/worlds/other")
    call(client, "ListAliases")
    assert [entry.name for entry in heard] == ["ListKeys", "ListAliases"]
    assert [json.loads(line)["eventName"] for line in file.read_text().splitlines()] == ["ListKeys", "ListAliases"]
    app.extensions["mockaws"].close()


def test_creating_worlds() -> None:
    """A world begins as its own fixture says, or as the default one, and its name must be new and valid."""
    application = Application(Settings(id_seed="s"), fixture=KEY)
    first = application.worlds.default.store.records()
    same = application.create_world("same", idle_timeout=60.0)
    assert (same.fixture, same.idle_timeout) == (None, 60.0)
    assert len(list(same.world.store.records())) == len(list(first))
    own = application.create_world("own", load_fixture("empty", ACCOUNT), id_seed="t")
    assert (own.fixture, own.world.config.account) == ("empty", ACCOUNT)
    assert not any(isinstance(record, Key) for record in own.world.store.records())
    assert len({world.ids.uuid() for world in (application.worlds.default, same.world, own.world)}) == 2
    with pytest.raises(WorldTakenError, match="'own'"):
        application.create_world("own")
    with pytest.raises(NoWorldError, match="'-'"):
        application.create_world("-")
