"""Access to the control routes, by names as browsers, clients in containers and attackers send them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from mockaws.testing.mock import Mock
from mockaws.web.guard import Guard
from tests.wire import signature

if TYPE_CHECKING:
    from werkzeug.test import Client

    from tests.unit.web.kinds import Routes

LISTENING = Guard(host="192.0.2.7")
REMOTE = Guard(host="0.0.0.0", remote=True)  # noqa: S104 - nothing listens


def status(routes: Routes, guard: Guard, client: str, host: str, origin: str | None = None) -> tuple[int, str]:
    """Return the status and the sentence of an answer to a request for the clock."""
    headers = {"Host": host} if origin is None else {"Host": host, "Origin": origin}
    answer = routes(guard).get("/_mockaws/clock", headers=headers, environ_overrides={"REMOTE_ADDR": client})
    found = answer.get_json(force=True)
    assert found is not None
    if answer.status_code != 200:
        assert answer.content_type == "application/problem+json"
    return answer.status_code, found.get("detail", "")


@pytest.mark.parametrize(
    "host", ["127.0.0.1:4566", "localhost:4566", "localhost", "[::1]:4566", "127.8.9.1", "a.localhost"]
)
@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine(routes: Routes, client: str, host: str) -> None:
    """A client on this machine that uses one of its own names is admitted."""
    assert status(routes, Guard(), client, host)[0] == 200


def test_what_the_server_listens_on_is_its_name(routes: Routes) -> None:
    """A server that listens on one address of this machine is called by it."""
    assert status(routes, LISTENING, "127.0.0.1", "192.0.2.7:4566")[0] == 200
    assert status(routes, Guard(), "127.0.0.1", "192.0.2.7:4566")[0] == 403


@pytest.mark.parametrize(
    "host", ["evil.example:4566", "evil.example", "localhost.evil.example", "1.2.3.4", "[::2]", "[", "x" * 300]
)
def test_a_name_that_leads_here(routes: Routes, host: str) -> None:
    """DNS rebinding: a page's own name leads to this machine, and stands in Host."""
    found, sentence = status(routes, Guard(), "127.0.0.1", host)
    assert found == 403
    assert "use 127.0.0.1, localhost or [::1]" in sentence
    assert "--allow-remote-control" in sentence


@pytest.mark.parametrize("guard", [Guard(), REMOTE])
@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example:8443", "null", "", "http://["])
def test_a_page_of_another_site(routes: Routes, guard: Guard, origin: str) -> None:
    """A browser names the site of a page that sends a request; remote control does not admit it."""
    found, sentence = status(routes, guard, "127.0.0.1", "127.0.0.1:4566", origin)
    assert found == 403
    assert "pages of other sites" in sentence


def test_a_page_of_this_machine(routes: Routes) -> None:
    """A page that this machine serves is admitted."""
    assert status(routes, Guard(), "127.0.0.1", "127.0.0.1:4566", "http://localhost:3000")[0] == 200


def test_another_machine(routes: Routes) -> None:
    """A client outside a container is another machine, and gets a 403 that names the remedy."""
    found, sentence = status(routes, Guard(host="0.0.0.0"), "172.17.0.1", "127.0.0.1:4566")  # noqa: S104
    assert found == 403
    assert "172.17.0.1" in sentence
    assert "container" in sentence
    assert "MOCKAWS_ALLOW_REMOTE_CONTROL=1" in sentence


ADDRESSES_AND_LABELS = [
    "mockaws:4566",
    "MOCKAWS",
    "mockaws.:4566",
    "my_mockaws",
    "127.0.0.1:4566",
    "192.0.2.7",
    "0.0.0.0:4566",
    "[::]:4566",
    "[2001:DB8::7]:4566",
    "[fe80::1%eth0]:4566",
    "[fe80::1%25eth0]",
    "[::ffff:192.0.2.7]",
    "localhost",
    "LOCALHOST.:80",
    "a.localhost:4566",
]
FOREIGN = [
    "evil.example:4566",
    "evil.example",
    "evil.example.:4566",
    "EVIL.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "host.docker.internal:4566",
    "xn--bcher-kva.example",
    "b\u00fccher.example",
    "%6cocalhost",
    "evil.example@localhost",
    "localhost@evil.example",
    "user:password@127.0.0.1",
    "localhost, evil.example",
    "localhost,localhost",
    "localhost evil.example",
    "evil.example#localhost",
    "evil.example/localhost",
    "evil.example\\localhost",
    "evil.example?localhost",
    "localhost..",
    ".localhost",
    ".",
    "",
    ":4566",
    "::1",
    "[127.0.0.1]",
    "[::1",
    "[::1].evil.example",
    "[fe80::1%]evil.example",
    "1.2.3.4.5",
    "localhost:4566:80",
    "localhost:http",
    "x." * 200,
]


@pytest.mark.parametrize("host", ADDRESSES_AND_LABELS)
def test_remote_control(routes: Routes, host: str) -> None:
    """Other machines use an address, or a name that no site can have."""
    assert status(routes, REMOTE, "172.17.0.1", host)[0] == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("guard", [Guard(), REMOTE])
def test_a_name_that_leads_to_a_server_with_remote_control(routes: Routes, guard: Guard, host: str) -> None:
    """DNS rebinding: remote control does not admit pages of other sites."""
    found, sentence = status(routes, guard, "127.0.0.1", host)
    assert found == 403
    assert "--allowed-hosts" in sentence
    assert "MOCKAWS_ALLOWED_HOSTS=" in sentence


@pytest.mark.parametrize("remote", [True, False])
def test_allowed_hosts(routes: Routes, remote: bool) -> None:
    """An allowed host is one name, or with a leading dot the name and all names below it."""
    guard = Guard(remote=remote, allowed_hosts=("host.docker.internal", ".example.test", "192.0.2.9"))
    for host in ("host.docker.internal:4566", "HOST.docker.internal.", "example.test", "a.b.example.test", "192.0.2.9"):
        assert status(routes, guard, "127.0.0.1", host)[0] == 200, host
        assert status(routes, guard, "127.0.0.1", host, f"http://{host}")[0] == 200, host
    for host in ("docker.internal", "x.host.docker.internal", "badexample.test", "example.test.evil.example"):
        assert status(routes, guard, "127.0.0.1", host)[0] == 403, host
        assert status(routes, guard, "127.0.0.1", "localhost", f"http://{host}")[0] == 403, host


def test_what_a_server_with_remote_control_listens_on(routes: Routes) -> None:
    """The name that --host gives is a name of the server, and of no other."""
    guard = Guard(host="Mockaws.example.test", remote=True)
    assert status(routes, guard, "172.17.0.1", "mockaws.EXAMPLE.test:4566")[0] == 200
    assert status(routes, guard, "172.17.0.1", "other.example.test")[0] == 403
    assert status(routes, Guard(host="2001:DB8::0:7"), "127.0.0.1", "[2001:db8::7]:4566")[0] == 200


@pytest.mark.parametrize("guard", [Guard(), REMOTE])
def test_fetch_metadata(routes: Routes, guard: Guard) -> None:
    """An image or a link on another site's page has no Origin, but Sec-Fetch-Site."""
    client = routes(guard)
    for value, expected in (
        ("cross-site", 403),
        (" Cross-Site", 403),
        ("something-new", 403),
        ("", 403),
        ("same-origin", 200),
        ("same-site", 200),
        ("none", 200),
    ):
        answer = client.get("/_mockaws/clock", headers={"Host": "localhost", "Sec-Fetch-Site": value})
        assert answer.status_code == expected, value
    # A page of this machine that calls the server by another of its names.
    headers = {"Host": "127.0.0.1", "Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"}
    assert client.get("/_mockaws/clock", headers=headers).status_code == 200


def test_over_a_socket() -> None:
    """Odd requests, sent as bytes: several names, none, and the name in the target."""
    with Mock(host="127.0.0.1", allow_remote_control=True) as mock:
        port = int(mock.url.rpartition(":")[2])

        def answer(*lines: str) -> int:
            with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode())
                return int(connection.makefile("rb").readline().split()[1])

        get = "GET /_mockaws/state HTTP/1.1"
        assert answer(get, "Host: localhost") == 200
        assert answer(get, f"Host: evil.example:{port}") == 403
        assert answer(get, "Host: localhost", "Host: evil.example") in {400, 403}
        assert answer(get, "Host: evil.example", "Host: localhost") in {400, 403}
        assert answer(f"GET http://evil.example:{port}/_mockaws/state HTTP/1.1", "Host: evil.example") in {400, 403}
        assert answer("GET /_mockaws/state HTTP/1.0") == 200  # no browser is so old


def test_every_route_is_guarded(routes: Routes) -> None:
    """All routes are guarded, including those of moto and LocalStack; a refused request changes nothing."""
    client = routes()
    for path in ("/_mockaws/health", "/_localstack/health", "/_mockaws/nothing", "/worlds/x/_mockaws/clock"):
        assert client.get(path, headers={"Origin": "http://evil.example"}).status_code == 403
    client.post("/_mockaws/clock", json={"freeze": 5000000000})
    for path in ("/_mockaws/reset", "/moto-api/reset"):
        assert client.post(path, headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/_mockaws/clock").get_json()["frozen"] is True


def test_who_is_refused_leaves_no_world(routes: Routes) -> None:
    """An admitted client creates a named world; a page of another site does not."""
    client = routes(Guard())
    refused = client.get("/worlds/pr-1/_mockaws/clock", headers={"Host": "evil.example"})
    assert refused.status_code == 403
    assert worlds(client) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {},  # an image on a page, from an address that is no loopback one
    ],
)
@pytest.mark.parametrize("path", ["", "/", "/?Action=GetCallerIdentity", "/bucket/key", "/_mockaws/clock"])
def test_a_page_makes_no_world(routes: Routes, path: str, headers: dict[str, str]) -> None:
    """No request that a page of another site can send without permission creates a world."""
    client = routes(Guard(host="0.0.0.0", remote=True))  # noqa: S104 - nothing listens
    for method in ("GET", "HEAD"):
        client.open(f"/worlds/pr-1{path}", method=method, headers=headers)
    if headers:
        client.post(f"/worlds/pr-1{path}", headers=headers, data="Action=GetCallerIdentity", content_type="text/plain")
    assert worlds(client) == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_an_unsigned_request_that_no_client_sends_makes_no_world(routes: Routes, method: str) -> None:
    """An unsigned POST creates a world, as AWS clients leave out the signature of a POST only."""
    client = routes()
    client.open("/worlds/pr-1/bucket/key", method=method)
    assert worlds(client) == []
    client.post("/worlds/pr-1/", data="Action=AssumeRoleWithWebIdentity&Version=2011-06-15")
    assert worlds(client) == ["pr-1"]


def test_a_page_may_use_a_world_that_is_there(routes: Routes) -> None:
    """A page of another site still gets answers from AWS operations in an existing world."""
    client = routes()
    client.post("/_mockaws/worlds", json={"name": "there"})
    there, other = (
        client.get(f"/worlds/{name}/?Action=GetCallerIdentity&Version=2011-06-15") for name in ("there", "other")
    )
    assert b"there is no world 'other'" in other.data
    assert b"there is no world" not in there.data
    assert worlds(client) == ["there"]


@pytest.mark.parametrize(
    ("origin", "made"),
    [(None, True), ("http://localhost:3000", True), ("http://mockaws:4566", True), ("http://evil.example", False)],
)
def test_clients_make_worlds(routes: Routes, origin: str | None, made: bool) -> None:
    """A signed GET creates a world, also from a page of this machine or of this server."""
    client = routes()
    signed = signature("sts", access_key_id="111122223333", region="us-west-2")
    headers = {"Host": "mockaws:4566", "Authorization": signed} | ({"Origin": origin} if origin else {})
    client.get("/worlds/pr-1/?Action=GetCallerIdentity&Version=2011-06-15", headers=headers)
    assert worlds(client) == (["pr-1"] if made else [])


def test_a_look_makes_no_world(routes: Routes) -> None:
    """GET shows how a missing world would begin; a change creates it, and a mistake does not."""
    client = routes()
    for path in ("health", "clock", "faults", "state", "calls", "clusters", "nothing", "clusters?x=1"):
        client.get(f"/worlds/new/_mockaws/{path}")
    mistakes: list[tuple[str, str, Any]] = [
        ("POST", "clock", {"set": 5}),
        ("POST", "clock", {"set": 1e15}),
        ("POST", "clock", {"advance": "5"}),
        ("POST", "clock?x=1", {"freeze": True}),
        ("POST", "faults", {"drop": 5}),
        ("DELETE", "faults/fault-1", None),
        ("PUT", "state", {"account": 5}),
        ("POST", "clusters/cluster-1a23b4cdefg/activate", {"password": "password1"}),
        ("POST", "clusters?account=5", None),
        ("POST", "zones/nowhere/fail", None),
    ]
    for method, path, document in mistakes:
        answer = client.open(f"/worlds/new/_mockaws/{path}", method=method, json=document)
        assert 400 <= answer.status_code < 500, path
        assert worlds(client) == [], path
    client.post("/worlds/new/_mockaws/clock", json={"freeze": 5000000000})
    assert worlds(client) == ["new"]
    assert client.get("/worlds/new/_mockaws/clock").get_json() == {"now": "2128-06-11T08:53:20.000Z", "frozen": True}


def worlds(client: Client) -> list[str]:
    """Return the names of all worlds."""
    found = client.get("/_mockaws/worlds").get_json()
    assert found is not None
    return [world["name"] for world in found["worlds"]]
