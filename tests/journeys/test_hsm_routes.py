"""The HSMs over HTTP: JSON under /_mockaws/, in the words of AWS's CloudHSM CLI."""

from __future__ import annotations

import base64
import http.client
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from mockaws.records.cloudhsm import UNACTIVATED_USERS, ClusterState
from mockaws.web.routes import ROLE
from tests.journeys.command import ROOT
from tests.samples import ACCOUNT, CLUSTER, SUBNET_A, SUBNET_B, ZONE_A, being, hsm
from tests.unit.services.hsm.inside import ADMIN, ALICE, PASSWORD, key, network, ready

if TYPE_CHECKING:
    from tests.kinds import MakeWorld, Serve

HERE = f"clusters/{CLUSTER}"
ALICE_ROUTE = f"{HERE}/users/crypto-user/alice"
FIRST_HSM = f"{HERE}/hsms/hsm-abcdefghijk"
BOB = {"username": "bob", "role": "crypto-user", "password": "bobsPswd1"}


class Routes:
    """The control routes of a server."""

    def __init__(self, url: str) -> None:
        self.netloc = urlsplit(url).netloc

    def __call__(
        self, method: str, path: str, document: Any = None, body: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """Return the status and the document of an answer."""
        connection = http.client.HTTPConnection(self.netloc)
        sent = json.dumps(document).encode() if document is not None else body
        connection.request(method, f"/_mockaws/{path}", sent, headers)
        response = connection.getresponse()
        answer = json.loads(response.read())
        kind = response.headers["Content-Type"]
        connection.close()
        assert kind == ("application/json" if response.status == 200 else "application/problem+json")
        return response.status, answer

    def good(self, method: str, path: str, document: Any = None, **headers: str) -> Any:
        """Return the document of a good answer."""
        status, answer = self(method, path, document, None, **headers)
        assert status == 200, answer
        return answer

    def problem(self, method: str, path: str, document: Any = None, **more: Any) -> tuple[int, str]:
        """Return the status and the sentence of a refusal, which is a document as RFC 9457 has it."""
        status, answer = self(method, path, document, **more)
        assert answer["status"] == status
        return status, answer["detail"]


def as_user(username: str, role: str, password: str) -> dict[str, str]:
    """Return the headers of a request that a user of the HSMs makes."""
    basic = base64.b64encode(f"{username}:{password}".encode()).decode()
    return {"Authorization": f"Basic {basic}", ROLE: role}


@pytest.fixture
def routes(world: MakeWorld, serve: Serve) -> Routes:
    """Return the routes of a server with a cluster of two HSMs, three users and three keys."""
    keys = (key(1), key(2), key(3, owner="alice"))
    return Routes(serve(world(*network(), ready(), *keys)))


def test_activation(world: MakeWorld, serve: Serve) -> None:
    """An initialized cluster is activated, and then there are users."""
    record = ready(changes=being(ClusterState.INITIALIZED), hsms=(hsm(),), users=UNACTIVATED_USERS)
    routes = Routes(serve(world(*network(), record)))
    assert routes.problem("POST", f"{HERE}/users", BOB)[0] == 400
    answer = routes.good("POST", f"{HERE}/activate", {"password": "adminPswd1"})
    assert answer == {"message": "Cluster activation successful"}
    assert routes.good("GET", HERE)["state"] == "ACTIVE"
    assert routes.good("POST", f"{HERE}/users", BOB) == {"username": "bob", "role": "crypto-user"}


def test_users(routes: Routes) -> None:
    """Users are made, listed, changed, unlocked and deleted."""
    bob = {"username": "bob", "role": "crypto-user"}
    route = f"{HERE}/users/crypto-user/bob"
    assert routes.good("POST", f"{HERE}/users", BOB) == bob
    for _ in range(6):
        status, sentence = routes.problem("POST", f"{HERE}/login", BOB | {"password": "wrongPswd1"})
        assert (status, sentence) == (400, "Incorrect authentication credentials")
    assert routes.good("GET", f"{HERE}/users")["users"][-2] == {
        **bob,
        "locked": "true",
        "mfa": [],
        "quorum": [],
        "cluster-coverage": "full",
    }
    assert routes.good("POST", f"{route}/unlock") == bob
    assert routes.good("POST", f"{HERE}/login", BOB) == bob
    assert routes.problem("DELETE", route)[0] == 400
    assert routes.good("POST", f"{HERE}/logout", bob) == {"message": "Logout successful"}
    assert routes.good("POST", f"{route}/password", {"password": "otherPswd1"}) == bob
    assert routes.good("POST", f"{HERE}/login", BOB | {"password": "otherPswd1"}) == bob
    assert routes.good("POST", f"{HERE}/logout") == {"message": "Logout successful"}
    assert routes.good("DELETE", route) == bob
    assert routes.problem("DELETE", route) == (404, "Specified user does not exist")


def test_keys(routes: Routes) -> None:
    """Keys are listed page by page, filtered and deleted; a filter is repeated where there are several."""
    page = routes.good("GET", f"{HERE}/keys?max-items=2")
    assert (page["total_key_count"], page["returned_key_count"], page["next_token"]) == (3, 2, "2")
    (last,) = routes.good("GET", f"{HERE}/keys?max-items=2&starting-token=2&verbose")["matched_keys"]
    assert last["key-info"]["key-owners"][0]["username"] == "alice"
    one = "filter=attr.label%3Dkey-2&filter=attr.encrypt%3Dtrue"
    assert routes.good("GET", f"{HERE}/keys?{one}")["total_key_count"] == 1
    assert routes.good("DELETE", f"{HERE}/keys?{one}") == {"message": "Key deleted successfully"}
    assert routes.good("GET", f"{HERE}/keys?{one}")["total_key_count"] == 0


def test_credentials_decide(routes: Routes) -> None:
    """A request with credentials has the permissions of that user, and its failed logins are counted."""
    alice, admin = as_user("alice", "crypto-user", ALICE.password), as_user("admin", "admin", ADMIN.password)
    assert routes.good("GET", f"{HERE}/keys", **alice)["total_key_count"] == 1
    assert "An admin must" in routes.problem("POST", f"{HERE}/users", BOB, **alice)[1]
    assert routes.good("POST", f"{HERE}/users", BOB, **admin) == {"username": "bob", "role": "crypto-user"}
    for _ in range(6):
        wrong = routes.problem("DELETE", ALICE_ROUTE, **as_user("admin", "admin", "wrongPswd1"))
        assert wrong == (400, "Incorrect authentication credentials")
    assert "locked out" in routes.problem("DELETE", ALICE_ROUTE, **admin)[1]
    assert routes.good("GET", f"{HERE}/users")["users"][0]["locked"] == "true"


@pytest.mark.parametrize(
    "headers",
    [
        {ROLE: "admin"},
        {"Authorization": "Basic YWRtaW46YWRtaW5Qc3dkMQ=="},
        {"Authorization": "Basic *", ROLE: "admin"},
        {"Authorization": "Bearer token", ROLE: "admin"},
    ],
)
def test_half_of_credentials(routes: Routes, headers: dict[str, str]) -> None:
    """Name, password and role go together."""
    status, sentence = routes.problem("DELETE", ALICE_ROUTE, **headers)
    assert (status, ROLE in sentence) == (400, True)


def test_an_aws_signature_is_no_login(routes: Routes) -> None:
    """A signature of an AWS client is no login."""
    signature = "AWS4-HMAC-SHA256 Credential=111122223333/20171004/us-west-2/kms/aws4_request, Signature=00"
    assert routes.good("GET", f"{HERE}/keys", Authorization=signature)["total_key_count"] == 3


def test_failures(routes: Routes) -> None:
    """Failures show in the cluster until they are repaired."""
    assert routes.good("POST", f"{FIRST_HSM}/fail")["state"] == "DEGRADED"
    assert routes.good("POST", f"{HERE}/hsms/10.0.1.11/recover")["state"] == "ACTIVE"
    failed = routes.good("POST", f"zones/{ZONE_A}/fail")
    assert (failed["availability-zone"], failed["hsms"][0]["state"]) == (ZONE_A, "DEGRADED")
    assert routes.good("POST", f"zones/{ZONE_A}/recover")["hsms"][0]["state"] == "ACTIVE"
    broken = routes.good("POST", f"{HERE}/network/break", {"subnet-id": SUBNET_A})["subnets"]
    assert [(each["subnet-id"], each["state"]) for each in broken] == [(SUBNET_A, "broken")]
    mended = routes.good("POST", f"{HERE}/network/mend")["subnets"]
    assert [each["state"] for each in mended] == ["reachable", "reachable"]
    assert routes.good("POST", f"subnets/{SUBNET_B}/fill")["free-addresses"] == 0
    assert routes.good("POST", f"subnets/{SUBNET_B}/free")["free-addresses"] == 250
    assert routes.good("POST", f"subnets/{SUBNET_B}/remove")["state"] == "removed"
    assert routes.good("POST", f"{HERE}/sessions/exhaust") == {"sessions": "exhausted"}
    assert routes.good("POST", f"{HERE}/sessions/free") == {"sessions": "available"}
    backup = routes.good("POST", f"{HERE}/backups")
    assert routes.good("GET", HERE)["backups"] == [backup]


def test_the_hsms(routes: Routes) -> None:
    """The list of clusters, and the make of the HSMs."""
    assert routes.good("GET", "clusters") == {
        "account": ACCOUNT,
        "region": "us-west-2",
        "clusters": [{"cluster-id": CLUSTER, "state": "ACTIVE"}],
    }
    assert len(routes.good("GET", f"{HERE}/hsm-info")["hsms"]) == 2


def test_accounts_and_regions(routes: Routes) -> None:
    """The query string selects account and Region; clusters of others are missing there."""
    assert routes.good("GET", f"clusters?account={ACCOUNT}&region=us-west-2")["clusters"] != []
    assert routes.good("GET", "clusters?region=eu-central-1")["clusters"] == []
    status, sentence = routes.problem("GET", f"{HERE}?account=444455556666")
    assert (status, "account 444455556666 has none in us-west-2" in sentence) == (404, True)


def test_the_roots(routes: Routes) -> None:
    """The roots of all HSMs can be downloaded, as from AWS and the manufacturer; their keys cannot."""
    for name in ("AWS_CloudHSM_Root-G1.crt", "liquid_security_certificate.crt"):
        connection = http.client.HTTPConnection(routes.netloc)
        connection.request("GET", f"/_mockaws/certificates/{name}")
        assert connection.getresponse().read() == (ROOT / "mockaws/roots" / name).read_bytes()
        connection.close()
        status, sentence = routes.problem("GET", f"certificates/{name.replace('.crt', '.key')}")
        assert (status, name in sentence) == (404, True)


WRONG = [
    ("GET", "clusters/cluster-another", None, 404, f"has {CLUSTER} in us-west-2"),
    ("POST", "clusters/cluster-another/activate", {"password": PASSWORD}, 404, "does not exist"),
    ("POST", f"{HERE}/hsms/hsm-another/fail", None, 404, "it has hsm-abcdefghijk, hsm-zyxwvutsrqp"),
    ("POST", "zones/us-west-2z/fail", None, 404, "us-west-2a, us-west-2b"),
    ("POST", "subnets/subnet-another/fill", None, 404, SUBNET_A),
    ("POST", f"{HERE}/network/break", {"subnet-id": "subnet-another"}, 404, SUBNET_A),
    ("DELETE", f"{HERE}/users/crypto-user/nobody", None, 404, "Specified user does not exist"),
    ("POST", f"{HERE}/activate", None, 400, "password must be given"),
    ("POST", f"{HERE}/activate", {"password": PASSWORD}, 400, "has already been activated"),
    ("POST", f"{HERE}/activate", {"password": 5}, 400, "password must be text, not "),
    ("POST", f"{HERE}/activate", {"password": None}, 400, "password must be text, not "),
    ("POST", f"{HERE}/users", BOB | {"password": "bobsPswd\ud800"}, 400, "password must be text"),
    ("POST", f"{HERE}/activate", {"pasword": PASSWORD}, 400, "pasword: no such member"),
    ("POST", f"{HERE}/activate", [PASSWORD], 400, "no JSON object"),
    ("POST", f"{HERE}/users", BOB | {"mfa": "yes"}, 400, "mfa: no such member"),
    ("POST", f"{HERE}/users", BOB | {"role": ["admin"]}, 400, "role must be text, not a list"),
    ("POST", f"{HERE}/logout", {"username": "alice"}, 400, "must be given together"),
    ("POST", f"{FIRST_HSM}/fail", {"for": "P1D"}, 400, "no such member; there are none"),
    ("GET", f"{HERE}/keys?max-items=ten", None, 400, "'ten'"),
    ("GET", f"{HERE}/keys?max-items=0", None, 400, "'0'"),
    ("GET", f"{HERE}/keys?max-items=-1", None, 400, "up to nine digits, not '-1'"),
    ("GET", f"{HERE}/keys?verbose=loud", None, 400, "'loud'"),
    ("GET", f"{HERE}/keys?starting-token=x", None, 400, "'x'"),
    ("GET", f"{HERE}/keys?starting-token={'9' * 5000}", None, 400, "is not a starting token"),
    ("GET", f"{HERE}/keys?label=x", None, 400, "label: no such parameter; there are account, region, filter"),
    ("GET", f"{HERE}/keys?filter=label", None, 400, "'label' is not a filter"),
    ("DELETE", f"{HERE}/keys", None, 400, "filter must be given"),
    ("GET", f"{HERE}?regoin=us-west-2", None, 400, "regoin: no such parameter"),
    ("POST", f"{FIRST_HSM}/explode", None, 404, ""),
    ("GET", f"{HERE}/activate", None, 405, ""),
]


@pytest.mark.parametrize(("method", "path", "document", "status", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong(routes: Routes, method: str, path: str, document: Any, status: int, told: str) -> None:
    """A mistake is a 4xx that says what is wrong and what would be right, and changes nothing."""
    before = routes.good("GET", HERE)
    found, sentence = routes.problem(method, path, document)
    assert found == status
    assert told in sentence
    assert routes.good("GET", HERE) == before


@pytest.mark.parametrize("body", [b"{", b"\xff", b'"text"', b"null", b"[" * 100_000])
def test_what_is_no_document(routes: Routes, body: bytes) -> None:
    """A body that is no JSON object is refused as such."""
    status, sentence = routes.problem("POST", f"{HERE}/activate", body=body)
    assert (status, "no JSON object" in sentence) == (400, True)
