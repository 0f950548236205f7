"""Who may use the control routes; the names are what a browser, a client in a container and an attacker send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mockaws.web.guard import Guard

if TYPE_CHECKING:
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
    """Whoever is on this machine, and calls it by one of its own names, is let in."""
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
    assert "say 127.0.0.1, localhost or [::1]" in sentence
    assert "--allow-remote-control" in sentence


@pytest.mark.parametrize("guard", [Guard(), REMOTE])
@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example:8443", "null", "", "http://["])
def test_a_page_of_another_site(routes: Routes, guard: Guard, origin: str) -> None:
    """A browser names the site whose page makes it send a request; remote control is not for those."""
    found, sentence = status(routes, guard, "127.0.0.1", "127.0.0.1:4566", origin)
    assert found == 403
    assert "pages of other sites" in sentence


def test_a_page_of_this_machine(routes: Routes) -> None:
    """What this machine itself serves may ask."""
    assert status(routes, Guard(), "127.0.0.1", "127.0.0.1:4566", "http://localhost:3000")[0] == 200


def test_another_machine(routes: Routes) -> None:
    """To a server in a container everybody outside is another machine, and is told what to do."""
    found, sentence = status(routes, Guard(host="0.0.0.0"), "172.17.0.1", "127.0.0.1:4566")  # noqa: S104
    assert found == 403
    assert "172.17.0.1" in sentence
    assert "container" in sentence
    assert "MOCKAWS_ALLOW_REMOTE_CONTROL=1" in sentence


@pytest.mark.parametrize("host", ["mockaws:4566", "127.0.0.1:4566", "192.0.2.7"])
def test_remote_control(routes: Routes, host: str) -> None:
    """Where it is allowed, other machines are let in, whatever they call the server."""
    assert status(routes, REMOTE, "172.17.0.1", host)[0] == 200


def test_every_route_is_guarded(routes: Routes) -> None:
    """Health, reset, and those under others' names: all or none; what is refused does nothing."""
    client = routes()
    for path in ("/_mockaws/health", "/_localstack/health", "/_mockaws/nothing", "/worlds/x/_mockaws/clock"):
        assert client.get(path, headers={"Origin": "http://evil.example"}).status_code == 403
    client.post("/_mockaws/clock", json={"freeze": 5000000000})
    for path in ("/_mockaws/reset", "/moto-api/reset"):
        assert client.post(path, headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/_mockaws/clock").get_json()["frozen"] is True


def test_who_is_refused_leaves_no_world(routes: Routes) -> None:
    """A named world is made for those who may use it, and not for a page that names one."""
    client = routes(Guard())
    refused = client.get("/worlds/pr-1/_mockaws/clock", headers={"Host": "evil.example"})
    assert refused.status_code == 403
    there = client.get("/_mockaws/worlds").get_json()
    assert there is not None
    assert there["worlds"] == []
